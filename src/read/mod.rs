//! Sources to an inventory: files are read and packed in parallel, in batches bounded by bytes, and taken over in path
//! order while the next batch is read. The bytes of a file are freed where it was read.

pub mod buffer;
mod load;
mod split;
mod steady;

use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::discover::{Access, Source};
use crate::inventory::Inventory;
use crate::inventory::build::{Builder, Handled};
use crate::inventory::file::FAULT;
use crate::inventory::fragment::Fragment;
use crate::parse::envelope::Envelope;
use buffer::Buffer;
pub use load::{Loaded, load_source};

/// What is to be known while reading.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// Take the SHA-256 of every file.
    pub sha256: bool,
    /// The user's word that all lists were made with `show_replication=true`.
    pub replication_shown: bool,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So much is to be read.
    Found {
        /// Files.
        files: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// So much more has been read.
    Read {
        /// Files.
        files: u64,
        /// Bytes.
        bytes: u64,
    },
    /// The rules are run.
    Judging,
    /// The reports are written.
    Writing,
}

/// Whoever wants to know how far a run has come.
pub type Watcher<'w> = Option<&'w (dyn Fn(Step) + Sync)>;

/// Files of one batch together hold about this much.
const BATCH_BYTES: u64 = 64 << 20;
/// And there are at most so many of them.
const BATCH_FILES: usize = 4096;

/// What became of one source.
type Read<'s> = (&'s Source, Handled, Envelope, Fragment);

/// Sources that are read together.
enum Batch<'s> {
    /// Files, each of them at once.
    Files(Vec<&'s Source>),
    /// One large file, in parts.
    Large(&'s Source, u64),
}

/// Reads every source and builds the inventory.
#[must_use]
pub fn read(sources: &[Source], reading: Reading) -> Inventory {
    read_watched(sources, reading, None)
}

/// The same, with a word to the watcher after every file and every part of a large one.
#[must_use]
pub fn read_watched(sources: &[Source], reading: Reading, watcher: Watcher<'_>) -> Inventory {
    let hasher = ahash::RandomState::new();
    let mut builder = Builder::new(&hasher);
    let mut done: Vec<Read<'_>> = Vec::new();
    let take = |builder: &mut Builder, done: &mut Vec<Read<'_>>| {
        done.drain(..).for_each(|(source, handled, envelope, fragment)| {
            builder.take(source, handled, envelope, fragment);
        });
    };
    if let Some(tell) = watcher {
        tell(Step::Found { files: sources.len() as u64, bytes: sources.iter().map(Source::bytes).sum() });
    }
    for batch in batches(sources) {
        match batch {
            Batch::Files(files) => {
                let ((), next) =
                    rayon::join(|| take(&mut builder, &mut done), || read_files(files, reading, &hasher, watcher));
                done = next;
            }
            Batch::Large(source, size) => {
                take(&mut builder, &mut done);
                if !split::read(source, size, reading, &hasher, &mut builder, watcher) {
                    done.push(read_source(source, reading, &hasher));
                }
            }
        }
    }
    take(&mut builder, &mut done);
    builder.freeze(reading.replication_shown)
}

fn read_files<'s>(
    files: Vec<&'s Source>,
    reading: Reading,
    hasher: &ahash::RandomState,
    watcher: Watcher<'_>,
) -> Vec<Read<'s>> {
    let read = |source| {
        let read = read_source(source, reading, hasher);
        if let Some(tell) = watcher {
            tell(Step::Read { files: 1, bytes: read.1.bytes });
        }
        read
    };
    files.into_par_iter().map(read).collect()
}

/// Cuts the sources into batches of bounded size.
fn batches(sources: &[Source]) -> impl Iterator<Item = Batch<'_>> {
    let mut rest = sources.iter().map(|source| (source, source.bytes())).peekable();
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let mut files = Vec::new();
        while let Some(&(source, size)) = rest.peek() {
            if size >= split::WORTH_SPLITTING && files.is_empty() {
                rest.next();
                return Some(Batch::Large(source, size));
            }
            bytes += size;
            let is_full = bytes > BATCH_BYTES || files.len() >= BATCH_FILES || size >= split::WORTH_SPLITTING;
            if !files.is_empty() && is_full {
                break;
            }
            files.push(source);
            rest.next();
        }
        (!files.is_empty()).then_some(Batch::Files(files))
    })
}

/// Does work on one file; if it panics, the file is lost to a fault of the program, and no other.
///
/// # Errors
/// It panicked.
pub fn contained<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| FAULT.to_owned())
}

fn read_source<'s>(source: &'s Source, reading: Reading, hasher: &ahash::RandomState) -> Read<'s> {
    contained(|| read_contained(source, reading, hasher))
        .unwrap_or_else(|why| (source, Handled::default(), Envelope::Refused(why), Fragment::empty(hasher)))
}

fn read_contained<'s>(source: &'s Source, reading: Reading, hasher: &ahash::RandomState) -> Read<'s> {
    let nothing = |handled, envelope| (source, handled, envelope, Fragment::empty(hasher));
    if let Access::Skip(why) = &source.access {
        let handled = Handled { skipped: Some(why.clone()), ..Handled::default() };
        return nothing(handled, Envelope::NotBackup(String::new()));
    }
    Buffer::with(|buffer| match load_source(source, buffer).unwrap_or_else(|| Err("cannot be read".to_owned())) {
        Err(why) => nothing(Handled::default(), Envelope::Refused(why)),
        Ok(Loaded::Foreign(bytes)) => {
            let handled = Handled { bytes, ..Handled::default() };
            nothing(handled, Envelope::NotBackup("not JSON by name or content".to_owned()))
        }
        Ok(Loaded::Whole(bytes)) => {
            let sha256 = reading.sha256.then(|| hex(&Sha256::digest(bytes)));
            let handled = Handled { skipped: None, sha256, bytes: bytes.len() as u64 };
            let (envelope, fragment) = Fragment::read(bytes, hasher);
            (source, handled, envelope, fragment)
        }
    })
}

/// Bytes as lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
