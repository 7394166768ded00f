//! The windows of a text: read, and unpacked, by a thread of its own, a bounded number ahead of whoever parses them.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use super::window::Window;
use crate::directory::Directory;
use crate::inventory::handled::Handled;
use crate::limits::Limits;
use crate::read::content::Hashing;
use crate::read::steady::{CHANGED, Stamp};
use crate::read::{Reading, contained, load};
use crate::unpack::{Packed as Unpacking, words};

/// So many windows there are: one is filled, one is parsed, one lies between.
const WINDOWS: usize = 3;

/// The windows of a text, in order.
pub(in crate::read) struct Feed {
    filled: Receiver<Window>,
    empty: Sender<Window>,
}

/// Where these windows are filled.
pub(in crate::read) struct Filler {
    empty: Receiver<Window>,
    filled: SyncSender<Window>,
}

/// Windows of this size, and where they are filled.
pub(in crate::read) fn pair(window: usize) -> (Filler, Feed) {
    let (send, filled) = sync_channel(1);
    let (empty, empties) = channel();
    let feed = Feed { filled, empty };
    (0..WINDOWS).for_each(|_| feed.give_back(Window::new(window)));
    (Filler { empty: empties, filled: send }, feed)
}

impl Feed {
    /// The next window; none if it cannot be read.
    pub(super) fn next(&self) -> Option<Window> {
        self.filled.recv().ok()
    }

    /// Hands back a window that is done with.
    pub(super) fn give_back(&self, window: Window) {
        // Nobody wants it where all has been read.
        let _ = self.empty.send(window);
    }
}

impl Filler {
    /// Fills windows with a text, as long as they are wanted; `consumed` tells how many bytes of a file were read since it
    /// was asked last. Returns whether all of the text was wanted.
    ///
    /// # Errors
    /// The text cannot be read, or is larger than the limit.
    pub(in crate::read) fn fill(
        &self,
        text: &mut dyn Read,
        limits: &Limits,
        hashing: &mut Option<Hashing>,
        mut consumed: impl FnMut() -> u64,
    ) -> Result<bool, String> {
        let mut unpacked = 0;
        // Who waits for a window, or to hand one over, does so no longer once the feed is gone.
        while let Ok(mut window) = self.empty.recv() {
            window.fill(text).map_err(|error| words(&error))?;
            hashing.iter_mut().for_each(|hashing| hashing.add(window.bytes()));
            unpacked += window.bytes().len() as u64;
            if unpacked > limits.file_bytes {
                return Err(limits.file_too_large());
            }
            window.consumed = consumed();
            let is_last = window.is_last;
            if self.filled.send(window).is_err() {
                break;
            }
            if is_last {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A file, compressed or not.
#[derive(Clone, Copy)]
pub(super) struct Packed<'f> {
    pub(super) path: &'f Path,
    /// What it is called.
    pub(super) label: &'f str,
    pub(super) size: u64,
    /// Whether others have this size, so that its content has to be known though it is not compressed.
    pub(super) may_be_twin: bool,
}

/// Has the windows of a file taken. Returns what came of it, and what is to be known of the file; nothing if it, or the
/// taking of it, failed.
pub(super) fn with<T>(
    file: Packed<'_>,
    window: usize,
    reading: Reading<'_>,
    hashing: Hashing,
    take: impl FnOnce(&Feed) -> Option<T>,
) -> Option<(T, Handled)> {
    std::thread::scope(|scope| {
        let (filler, feed) = pair(window);
        let reader = scope.spawn(move || contained(|| file.fill(reading, hashing, &filler)));
        let taken = take(&feed);
        drop(feed);
        let handled = reader.join().ok()?.ok()?.ok()?;
        Some((taken?, handled))
    })
}

impl Packed<'_> {
    /// Reads the file window by window.
    ///
    /// # Errors
    /// It cannot be read, changed meanwhile, holds more than one text, or is not wanted any more.
    fn fill(self, reading: Reading<'_>, hashing: Hashing, filler: &Filler) -> Result<Handled, String> {
        let (mut file, before) = load::open(self.path, &Directory::default())?;
        if before.bytes() != self.size {
            return Err(CHANGED.to_owned());
        }
        let mut handled = self.unpack(&mut file, reading, hashing, filler)?;
        let after = Stamp::of(&file).map_err(|error| load::unreadable(&error))?;
        handled.bytes = self.size;
        if after == before { Ok(handled) } else { Err(CHANGED.to_owned()) }
    }

    fn unpack(
        self,
        file: &mut File,
        reading: Reading<'_>,
        hashing: Hashing,
        filler: &Filler,
    ) -> Result<Handled, String> {
        let unwanted = || "not wanted any more".to_owned();
        let mut unpacking = Unpacking::new(file, reading.sha256);
        let mut hashing = Some(hashing);
        let note = {
            let count = unpacking.count();
            let mut text = unpacking.text(self.label, &reading.limits)?.ok_or_else(unwanted)?;
            hashing = hashing.filter(|_| self.may_be_twin || text.is_packed);
            let mut before = 0;
            let consumed = || count.get() - std::mem::replace(&mut before, count.get());
            let is_all = filler.fill(&mut text.stream, &reading.limits, &mut hashing, consumed)?;
            is_all.then(|| text.note.take()).ok_or_else(unwanted)?
        };
        let sha256 = unpacking.end().map_err(|error| load::unreadable(&error))?;
        Ok(Handled { sha256, note, content: hashing.and_then(Hashing::end), ..Handled::default() })
    }
}
