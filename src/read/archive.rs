//! Sources that hold many files: their members are unpacked by one thread and read by all, in batches bounded by bytes.

use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};

use rayon::prelude::*;

use super::steady::{CHANGED, Stamp};
use super::{Reading, contained, load};
use crate::discover::{Access, Source};
use crate::unpack::{Content, Entry, Walk};

/// Members of one batch together hold about this much.
const BATCH_BYTES: usize = 32 << 20;
/// And there are at most so many of them.
const BATCH_MEMBERS: usize = 4096;

/// Has every file in a source read, and what became of them taken batch by batch, in the order of the archive; an archive
/// comes behind its members.
pub fn members<T: Send>(
    source: &Source,
    reading: Reading<'_>,
    read: impl Fn(Entry) -> T + Sync,
    mut take: impl FnMut(Vec<T>),
) {
    // One batch is unpacked while the one before is read, and no further one waits.
    let (send, received) = sync_channel::<Vec<Entry>>(0);
    std::thread::scope(|scope| {
        scope.spawn(move || unpack(source, reading, &send));
        for batch in received {
            take(batch.into_par_iter().map(&read).collect());
        }
    });
}

fn unpack(source: &Source, reading: Reading<'_>, send: &SyncSender<Vec<Entry>>) {
    let mut batch = Vec::new();
    let mut bytes = 0;
    // What became of the archive itself is known when all of it has been read.
    let mut own = None;
    let mut emit = |entry: Entry| {
        if entry.path == source.path {
            own = Some(entry);
            return;
        }
        if let Content::Document(document) = &entry.content {
            bytes += document.len();
        }
        batch.push(entry);
        if bytes >= BATCH_BYTES || batch.len() >= BATCH_MEMBERS {
            bytes = 0;
            // Nobody takes it any more only where the run is at its end.
            let _ = send.send(std::mem::take(&mut batch));
        }
    };
    let walked = contained(|| walk(source, reading, &mut emit)).and_then(|walked| walked);
    batch.extend(match walked {
        Ok(()) => own,
        Err(why) => {
            let content = Content::Refused(why);
            Some(Entry { path: source.path.clone(), bytes: source.bytes(), sha256: None, note: None, content })
        }
    });
    let _ = send.send(batch);
}

/// Has every member of a source told.
///
/// # Errors
/// The reason why the source as a whole is worth nothing.
fn walk(source: &Source, reading: Reading<'_>, emit: &mut dyn FnMut(Entry)) -> Result<(), String> {
    let Reading { limits, sha256, exclude, .. } = reading;
    let mut walk = Walk { limits, sha256, exclude, emit };
    match &source.access {
        Access::Stdin => walk.stream(&source.path, &mut io::stdin().lock()),
        Access::File { path, bytes } => {
            let (mut file, before) = load::open(path)?;
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
