//! What is written goes to the disk while more is being made: at the end little is left to wait for.

use std::fs::File;
use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

/// So much is written before the disk is asked for it.
const STEP: u64 = 4 << 20;

/// A file whose content is on its way to the disk.
#[derive(Debug)]
pub(super) struct Early<'f> {
    file: &'f mut File,
    /// How much was written since the disk was asked last.
    written: u64,
    /// Who asks the disk, once there is enough to ask for.
    asking: Option<Asking>,
}

/// A thread that waits for the disk.
#[derive(Debug)]
struct Asking {
    ask: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl<'f> Early<'f> {
    pub(super) fn new(file: &'f mut File) -> Self {
        Self { file, written: 0, asking: None }
    }

    /// Asks the disk for what is written. Where nobody can be found to ask, the end alone waits for it: what is written is
    /// written, and must not look as if it were not.
    fn ask(&mut self) {
        if self.asking.is_none() {
            self.asking = Asking::begin(self.file).ok();
        }
        // Where the disk is still at it, or has failed, which the end tells, it is not asked again.
        let _ = self.asking.as_ref().map(|asking| asking.ask.try_send(()));
    }

    /// All of it is on the disk.
    ///
    /// # Errors
    /// What the disk reports, now or before: it tells of a fault only once, and maybe to the thread that asks.
    pub(super) fn end(mut self) -> io::Result<()> {
        let asked = self.asking.take().map_or(Ok(()), Asking::end);
        asked.and(self.file.sync_all())
    }
}

impl Write for Early<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.written += written as u64;
        if self.written >= STEP {
            self.written = 0;
            self.ask();
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Asking {
    fn begin(file: &File) -> io::Result<Self> {
        let file = file.try_clone()?;
        let (ask, asked) = sync_channel(1);
        let wait = move || asked.iter().try_for_each(|()| file.sync_data());
        let thread = std::thread::Builder::new().name("disk".to_owned()).spawn(wait)?;
        Ok(Self { ask, thread })
    }

    fn end(self) -> io::Result<()> {
        drop(self.ask);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that waits for the disk ended")))
    }
}

#[cfg(test)]
mod tests {
    use super::{Early, STEP};
    use pretty_assertions::assert_eq;
    use std::io::{Read, Seek, Write};

    #[test]
    fn whatever_is_written_is_there() {
        let mut file = tempfile::tempfile().unwrap();
        let piece = vec![b'x'; usize::try_from(STEP).unwrap() / 3 + 1];
        let mut early = Early::new(&mut file);
        (0..10).for_each(|_| early.write_all(&piece).unwrap());
        assert!(early.asking.is_some());
        early.end().unwrap();
        file.rewind().unwrap();
        let mut all = Vec::new();
        file.read_to_end(&mut all).unwrap();
        assert_eq!(all.len(), 10 * piece.len());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_disk_that_cannot_do_it_is_an_error_at_the_end() {
        // What is no file on a disk takes everything and confirms nothing.
        let mut nowhere = std::fs::File::options().write(true).open("/dev/null").unwrap();
        let mut early = Early::new(&mut nowhere);
        early.write_all(&vec![b'x'; usize::try_from(STEP).unwrap()]).unwrap();
        assert!(early.asking.is_some());
        assert_eq!(early.end().unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
    }
}
