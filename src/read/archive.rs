//! Sources that hold many files, or may hold anything: their members are unpacked by one thread and read by all, in batches
//! bounded by bytes; large texts in them window by window.

use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use rayon::prelude::*;

use super::allowance::{Consumed, Counted};
use super::content::Hashing;
use super::kept::Kept;
use super::long::{self, Feed, Manner, Windows};
use super::steady::{CHANGED, Stamp};
use super::{Reading, contained, load};
use crate::directory::Directory;
use crate::discover::{Access, Source};
use crate::limits::Limits;
use crate::unpack::{Content, Entry, Taker, Walk, to_end, words};

/// Members of one batch together hold about this much.
const BATCH_BYTES: usize = 32 << 20;
/// And there are at most so many of them.
const BATCH_MEMBERS: usize = 4096;

/// What comes of a source, in the order in which it stands there; an archive comes behind its members.
pub(super) enum Part {
    /// Files, and how many bytes of the source were read since the part before.
    Entries(Vec<Entry>, u64),
    /// The text of the file with this path, which may be large; the file itself comes behind it.
    Text(String, Feed),
}

/// Has every file in a source read, none of them in windows, and what became of them taken batch by batch.
pub fn members<T: Send>(
    source: &Source,
    reading: Reading<'_>,
    read: impl Fn(Entry) -> T + Sync,
    mut take: impl FnMut(Vec<T>),
) {
    let reading = Reading { windows: Windows::NONE, ..reading };
    each(source, reading, &ahash::RandomState::new(), None, |part| match part {
        Part::Entries(batch, _) => take(batch.into_par_iter().with_max_len(1).map(&read).collect()),
        Part::Text(..) => {}
    });
}

/// Has what is in a source taken part by part. What is kept of standard input can be read once more.
pub(super) fn each(
    source: &Source,
    reading: Reading<'_>,
    hasher: &ahash::RandomState,
    kept: Option<&mut Kept>,
    take: impl FnMut(Part),
) {
    // One batch is unpacked while the one before is read, and no further one waits.
    let (send, received) = sync_channel(0);
    let window = reading.windows.size(rayon::current_num_threads());
    let unpacking = Unpacking {
        source,
        reading,
        hasher,
        window,
        send,
        batch: Vec::new(),
        bytes: 0,
        consumed: Arc::default(),
        own: None,
    };
    std::thread::scope(|scope| {
        scope.spawn(move || unpacking.run(kept));
        received.into_iter().for_each(take);
    });
}

/// A source that is being unpacked.
struct Unpacking<'s> {
    source: &'s Source,
    reading: Reading<'s>,
    hasher: &'s ahash::RandomState,
    /// How large a window is.
    window: usize,
    send: SyncSender<Part>,
    batch: Vec<Entry>,
    /// How much the documents of the batch hold.
    bytes: usize,
    /// How much of standard input was read.
    consumed: Arc<Consumed>,
    /// What became of the source itself, which is known when all of it has been read.
    own: Option<Entry>,
}

impl Unpacking<'_> {
    fn run(mut self, kept: Option<&mut Kept>) {
        let walked = contained(|| self.walk(kept)).and_then(|walked| walked);
        let own = match walked {
            Ok(()) => self.own.take(),
            Err(why) => {
                let (path, bytes) = (self.source.path.clone(), self.source.bytes());
                Some(Entry { path, bytes, sha256: None, note: None, content: Content::Refused(why) })
            }
        };
        self.batch.extend(own);
        self.hand_over();
    }

    /// Walks through the source.
    ///
    /// # Errors
    /// The reason why the source as a whole is worth nothing.
    fn walk(&mut self, kept: Option<&mut Kept>) -> Result<(), String> {
        let (source, Reading { limits, sha256, exclude, .. }) = (self.source, self.reading);
        let consumed = Arc::clone(&self.consumed);
        let mut walk = Walk { limits, sha256, exclude, taker: self };
        match &source.access {
            Access::Stdin => {
                let stdin = io::stdin().lock();
                // What is read once more counts once more.
                let stream: Box<dyn Read> = match kept {
                    Some(kept) => kept.stream(stdin).map_err(|error| load::unreadable(&error))?,
                    None => Box::new(stdin),
                };
                walk.stream(&source.path, &mut Counted::new(stream, consumed));
            }
            Access::File { path, bytes } => {
                let (mut file, before) = load::open(path, &Directory::default())?;
                walk.file(&source.path, &mut file, *bytes);
                let after = Stamp::of(&file).map_err(|error| load::unreadable(&error))?;
                if before.bytes() != *bytes || after != before {
                    return Err(CHANGED.to_owned());
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn hand_over(&mut self) {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        // Nobody takes it any more only where the run is at its end.
        let consumed = self.consumed.since();
        let _ = self.send.send(Part::Entries(batch, consumed));
    }
}

impl Taker for Unpacking<'_> {
    fn entry(&mut self, entry: Entry) {
        if entry.path == self.source.path {
            self.own = Some(entry);
            return;
        }
        if let Content::Document(document) = &entry.content {
            self.bytes += document.len();
        }
        self.batch.push(entry);
        if self.bytes >= BATCH_BYTES || self.batch.len() >= BATCH_MEMBERS {
            self.hand_over();
        }
    }

    fn text(&mut self, path: &str, text: &mut dyn Read, size: Option<u64>, limits: &Limits) -> Result<Content, String> {
        let (from, beginning) = (self.reading.windows.from, self.reading.windows.beginning());
        let large = from.max(beginning);
        if size.is_some_and(|size| size < large) || !long::may_read(path, &self.reading) {
            return to_end(text, size, limits).map(Content::Document);
        }
        // Where nobody says how long it is, it is large once so much of it is there.
        let enough = if size.is_some() { beginning } else { large };
        let mut begun = Vec::new();
        text.take(enough).read_to_end(&mut begun).map_err(|error| words(&error))?;
        let goes_on = begun.len() as u64 == enough;
        let in_windows = goes_on && long::may_begin(&begun, Manner::new(path, &self.reading, self.hasher), limits);
        let mut text = Cursor::new(begun).chain(text);
        if !in_windows {
            return to_end(&mut text, size, limits).map(Content::Document);
        }
        self.hand_over();
        let (filler, feed) = long::pair(self.window);
        let _ = self.send.send(Part::Text(path.to_owned(), feed));
        let mut hashing = Some(Hashing::new(self.hasher));
        let is_all = filler.fill(&mut text, limits, &mut hashing, || self.consumed.since())?;
        Ok(Content::Taken(hashing.filter(|_| is_all).and_then(Hashing::end)))
    }
}
