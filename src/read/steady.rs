//! Files that change while they are read: what was read of one is no state that it ever had, so none of it is used.

use std::fs::{File, Metadata};
use std::io;
use std::time::SystemTime;

/// What a change of a file would change.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    place: [u64; 4],
}

impl Stamp {
    /// The stamp of an open file.
    pub(super) fn of(file: &File) -> io::Result<Self> {
        file.metadata().map(|metadata| Self::new(&metadata))
    }

    /// The stamp of what was looked at.
    pub(super) fn new(metadata: &Metadata) -> Self {
        Self { bytes: metadata.len(), modified: metadata.modified().ok(), place: place(metadata) }
    }

    /// How many bytes the file has.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Which file it is, and when anything of it changed last.
#[cfg(unix)]
fn place(metadata: &Metadata) -> [u64; 4] {
    use std::os::unix::fs::MetadataExt;
    let [seconds, nanoseconds] = [metadata.ctime(), metadata.ctime_nsec()].map(i64::cast_unsigned);
    [metadata.dev(), metadata.ino(), seconds, nanoseconds]
}

#[cfg(not(unix))]
fn place(_metadata: &Metadata) -> [u64; 4] {
    [0; 4]
}

/// What the ledger says of a file that changed.
pub(super) const CHANGED: &str = "changed while it was read";
