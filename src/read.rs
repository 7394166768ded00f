//! Sources to an inventory: files are read and packed in parallel, in batches bounded by bytes, and taken over in path
//! order while the next batch is read. The bytes of a file are freed where it was read.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::discover::{Access, Source, plain_io};
use crate::inventory::Inventory;
use crate::inventory::build::{Builder, Handled};
use crate::inventory::fragment::Fragment;
use crate::parse::decode;
use crate::parse::envelope::Envelope;

/// What is to be known while reading.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// Take the SHA-256 of every file.
    pub sha256: bool,
    /// The user's word that all lists were made with `show_replication=true`.
    pub replication_shown: bool,
}

/// Files of one batch together hold about this much.
const BATCH_BYTES: u64 = 64 << 20;
/// And there are at most so many of them.
const BATCH_FILES: usize = 4096;
/// A single file may hold this much.
const MAX_FILE_BYTES: u64 = 8 << 30;

/// Reads every source and builds the inventory.
#[must_use]
pub fn read(sources: &[Source], reading: Reading) -> Inventory {
    let hasher = ahash::RandomState::new();
    let mut builder = Builder::default();
    let mut done: Vec<(&Source, Handled, Fragment)> = Vec::new();
    for batch in batches(sources) {
        let ((), next) = rayon::join(
            || {
                std::mem::take(&mut done).into_iter().for_each(|(source, handled, fragment)| {
                    builder.take(source, handled, fragment);
                })
            },
            || read_batch(batch, reading, &hasher),
        );
        done = next;
    }
    done.into_iter().for_each(|(source, handled, fragment)| builder.take(source, handled, fragment));
    builder.freeze(reading.replication_shown)
}

fn read_batch<'s>(
    batch: Vec<(u32, &'s Source)>,
    reading: Reading,
    hasher: &ahash::RandomState,
) -> Vec<(&'s Source, Handled, Fragment)> {
    batch
        .into_par_iter()
        .map(|(number, source)| {
            let (handled, fragment) = read_source(number, source, reading, hasher);
            (source, handled, fragment)
        })
        .collect()
}

/// Cuts the sources into batches of bounded size.
fn batches(sources: &[Source]) -> impl Iterator<Item = Vec<(u32, &Source)>> {
    let mut rest = (0_u32..).zip(sources).peekable();
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let mut batch = Vec::new();
        while let Some((_, source)) = rest.peek() {
            bytes += size(source);
            if !batch.is_empty() && (bytes > BATCH_BYTES || batch.len() >= BATCH_FILES) {
                break;
            }
            batch.extend(rest.next());
        }
        (!batch.is_empty()).then_some(batch)
    })
}

fn size(source: &Source) -> u64 {
    match &source.access {
        Access::File(path) => path.metadata().map_or(0, |metadata| metadata.len()),
        _ => 0,
    }
}

fn read_source(number: u32, source: &Source, reading: Reading, hasher: &ahash::RandomState) -> (Handled, Fragment) {
    let refused = |why: String| Fragment::without_records(Envelope::Refused(why), hasher);
    let loaded = match (&source.access, load_source(source)) {
        (Access::Skip(why), _) => {
            let handled = Handled { skipped: Some(why.clone()), ..Handled::default() };
            return (handled, Fragment::without_records(Envelope::NotBackup(String::new()), hasher));
        }
        (_, loaded) => loaded.unwrap_or_else(|| Err("cannot be read".to_owned())),
    };
    match loaded {
        Err(why) => (Handled::default(), refused(why)),
        Ok(Loaded::Foreign(bytes)) => {
            let handled = Handled { bytes, ..Handled::default() };
            let what = "not JSON by name or content".to_owned();
            (handled, Fragment::without_records(Envelope::NotBackup(what), hasher))
        }
        Ok(Loaded::Whole(bytes)) => {
            let sha256 = reading.sha256.then(|| hex(&Sha256::digest(&bytes)));
            let handled = Handled { skipped: None, sha256, bytes: bytes.len() as u64 };
            (handled, Fragment::read(&bytes, number, hasher))
        }
    }
}

/// What was loaded of a source.
#[derive(Debug)]
pub enum Loaded {
    /// The bytes of a file that may be an answer.
    Whole(Vec<u8>),
    /// Only the size of a file that is none.
    Foreign(u64),
}

/// Loads a source; `None` if it is to be left alone.
///
/// # Errors
/// The reason why it cannot be loaded.
pub fn load_source(source: &Source) -> Option<Result<Loaded, String>> {
    match &source.access {
        Access::Skip(_) => None,
        Access::Unreadable(why) => Some(Err(format!("cannot be read: {why}"))),
        Access::Stdin => Some(load(&mut std::io::stdin().lock())),
        Access::File(path) => Some(open(path).and_then(|mut file| load_file(&mut file, &source.path))),
    }
}

fn open(path: &Path) -> Result<File, String> {
    File::open(path).map_err(|error| format!("cannot be opened: {}", plain_io(&error)))
}

/// Loads a file, unless its name and its first bytes say that it is something else.
fn load_file(file: &mut File, path: &str) -> Result<Loaded, String> {
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    if size > MAX_FILE_BYTES {
        return Err(format!("larger than the limit of {} GiB for one file", MAX_FILE_BYTES >> 30));
    }
    if named_as_answer(path) {
        return load(file);
    }
    let mut head = [0; 512];
    let mut filled = 0;
    while filled < head.len() {
        match file.read(&mut head[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) => return Err(format!("cannot be read: {}", plain_io(&error))),
        }
    }
    if starts_as_answer(&head[..filled]) { load(&mut head[..filled].chain(file)) } else { Ok(Loaded::Foreign(size)) }
}

fn load(reader: &mut impl Read) -> Result<Loaded, String> {
    let mut bytes = Vec::new();
    match reader.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes) {
        Ok(read) if read as u64 > MAX_FILE_BYTES => {
            Err(format!("larger than the limit of {} GiB for one file", MAX_FILE_BYTES >> 30))
        }
        Ok(_) => Ok(Loaded::Whole(bytes)),
        Err(error) => Err(format!("cannot be read: {}", plain_io(&error))),
    }
}

/// Whether a file name is one under which answers are saved.
fn named_as_answer(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    matches!(extension.as_str(), "" | "json" | "jsonl" | "ndjson" | "txt")
}

/// Whether bytes begin like a document, or like a container that would hold one.
fn starts_as_answer(head: &[u8]) -> bool {
    let first = head.iter().copied().find(|byte| !byte.is_ascii_whitespace() && *byte != 0);
    matches!(first, Some(b'{' | b'[')) || decode::has_byte_order_mark(head) || decode::container(head).is_some()
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
