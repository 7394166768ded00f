//! Files that change while they are read: what was read of one is no state that it ever had, so none of it is used.

use std::fs::File;
use std::io;

/// What a change of a file would change.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    bytes: u64,
    is_regular: bool,
    state: State,
}

/// Which file it is, and when it was modified and changed, in seconds and nanoseconds.
#[cfg(unix)]
type State = [i128; 6];

/// When it was modified.
#[cfg(not(unix))]
type State = Option<std::time::SystemTime>;

impl Stamp {
    /// The stamp of an open file.
    #[cfg(unix)]
    pub(super) fn of(file: &File) -> io::Result<Self> {
        // Less than what the standard library asks for, which tells where files are many and small.
        let stat = rustix::io::retry_on_intr(|| rustix::fs::fstat(file))?;
        let (modified, changed) = ((stat.st_mtime, stat.st_mtime_nsec), (stat.st_ctime, stat.st_ctime_nsec));
        Ok(Self {
            bytes: u64::try_from(stat.st_size).unwrap_or_default(),
            is_regular: rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file(),
            state: [
                stat.st_dev.into(),
                stat.st_ino.into(),
                modified.0.into(),
                modified.1.into(),
                changed.0.into(),
                changed.1.into(),
            ],
        })
    }

    /// The stamp of an open file.
    #[cfg(not(unix))]
    pub(super) fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self { bytes: metadata.len(), is_regular: metadata.is_file(), state: metadata.modified().ok() })
    }

    /// How many bytes the file has.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether it is a regular file.
    pub(super) fn is_regular(&self) -> bool {
        self.is_regular
    }
}

/// What the ledger says of a file that changed.
pub(super) const CHANGED: &str = "changed while it was read";
