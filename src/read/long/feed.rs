//! The windows of a file: read, and unpacked, by a thread of its own, a bounded number ahead of whoever parses them.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use super::window::Window;
use crate::inventory::build::Handled;
use crate::read::content::Hashing;
use crate::read::steady::{CHANGED, Stamp};
use crate::read::{Reading, contained, load};
use crate::unpack::Packed as Unpacking;

/// So many windows there are: one is filled, one is parsed, one lies between.
const WINDOWS: usize = 3;

/// A file, compressed or not.
#[derive(Clone, Copy)]
pub(super) struct Packed<'f> {
    pub(super) path: &'f Path,
    /// What it is called.
    pub(super) label: &'f str,
    pub(super) size: u64,
}

/// The windows of a file, in order.
pub(super) struct Feed {
    filled: Receiver<Window>,
    empty: Sender<Window>,
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

/// Has the windows of a file taken. Returns what is to be known of the file; nothing if it, or the taking of it, failed.
pub(super) fn with(
    file: Packed<'_>,
    window: usize,
    reading: Reading<'_>,
    hashing: Option<Hashing>,
    take: impl FnOnce(&Feed) -> Option<()>,
) -> Option<Handled> {
    std::thread::scope(|scope| {
        let (send, filled) = sync_channel(1);
        let (empty, empties) = channel();
        (0..WINDOWS).try_for_each(|_| empty.send(Window::new(window))).ok()?;
        let reader = scope.spawn(move || contained(|| file.fill(reading, hashing, &empties, &send)));
        let feed = Feed { filled, empty };
        let taken = take(&feed);
        // Who waits for a window, or to hand one over, does so no longer.
        drop(feed);
        let handled = reader.join().ok()?.ok()?.ok()?;
        taken.map(|()| handled)
    })
}

impl Packed<'_> {
    /// Reads the file window by window.
    ///
    /// # Errors
    /// It cannot be read, changed meanwhile, holds more than one text, or is not wanted any more.
    fn fill(
        self,
        reading: Reading<'_>,
        hashing: Option<Hashing>,
        empty: &Receiver<Window>,
        filled: &SyncSender<Window>,
    ) -> Result<Handled, String> {
        let (mut file, before) = load::open(self.path)?;
        if before.bytes() != self.size {
            return Err(CHANGED.to_owned());
        }
        let mut handled = self.unpack(&mut file, reading, hashing, empty, filled)?;
        let after = Stamp::of(&file).map_err(|error| load::unreadable(&error))?;
        handled.bytes = self.size;
        if after == before { Ok(handled) } else { Err(CHANGED.to_owned()) }
    }

    fn unpack(
        self,
        file: &mut File,
        reading: Reading<'_>,
        mut hashing: Option<Hashing>,
        empty: &Receiver<Window>,
        filled: &SyncSender<Window>,
    ) -> Result<Handled, String> {
        let unwanted = || "not wanted any more".to_owned();
        let mut unpacking = Unpacking::new(file, reading.sha256);
        let note = {
            let consumed = unpacking.count();
            let mut text = unpacking.text(self.label, &reading.limits)?.ok_or_else(unwanted)?;
            let (mut done, mut unpacked) = (0, 0);
            loop {
                let mut window = empty.recv().map_err(|_| unwanted())?;
                window.fill(&mut text.stream).map_err(|error| load::unreadable(&error))?;
                hashing.iter_mut().for_each(|hashing| hashing.add(window.bytes()));
                unpacked += window.bytes().len() as u64;
                if unpacked > reading.limits.file_bytes {
                    return Err(reading.limits.file_too_large());
                }
                window.consumed = consumed.get() - done;
                done += window.consumed;
                let is_last = window.is_last;
                filled.send(window).map_err(|_| unwanted())?;
                if is_last {
                    break text.note.take();
                }
            }
        };
        let sha256 = unpacking.end().map_err(|error: io::Error| load::unreadable(&error))?;
        Ok(Handled { sha256, note, content: hashing.and_then(Hashing::end), ..Handled::default() })
    }
}
