//! Bytes of sources: whole files, and the first bytes of those that are no answers by their name.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::buffer::Buffer;
use super::steady::{CHANGED, Stamp};
use crate::discover::{Access, Source, plain_io};
use crate::parse::decode;

/// A single file may hold this much.
pub(super) const MAX_FILE_BYTES: u64 = 8 << 30;

/// What was loaded of a source.
#[derive(Debug)]
pub enum Loaded<'b> {
    /// The bytes of a file that may be an answer.
    Whole(&'b [u8]),
    /// Only the size of a file that is none.
    Foreign(u64),
}

/// Loads a source; `None` if it is to be left alone.
///
/// # Errors
/// The reason why it cannot be loaded.
pub fn load_source<'b>(source: &Source, buffer: &'b mut Buffer) -> Option<Result<Loaded<'b>, String>> {
    match &source.access {
        Access::Skip(_) => None,
        Access::Unreadable(why) => Some(Err(format!("cannot be read: {why}"))),
        Access::Stdin => Some(load(&mut std::io::stdin().lock(), 0, buffer)),
        Access::File { path, bytes } => {
            Some(open(path).and_then(|mut file| load_steady(&mut file, &source.path, *bytes, buffer)))
        }
    }
}

/// Opens a file. What took its place since it was found is not waited for, and not read unless it is a regular file too.
fn open(path: &Path) -> Result<File, String> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path).map_err(|error| format!("cannot be opened: {}", plain_io(&error)))?;
    match file.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(file),
        Ok(_) => Err("was replaced by something that is no regular file".to_owned()),
        Err(error) => Err(unreadable(&error)),
    }
}

/// Loads a file that stays as it is meanwhile.
fn load_steady<'b>(file: &mut File, path: &str, size: u64, buffer: &'b mut Buffer) -> Result<Loaded<'b>, String> {
    let stamp = |file: &File| Stamp::of(file).map_err(|error| unreadable(&error));
    let before = stamp(file)?;
    if before.bytes() != size {
        return Err("changed since it was found".to_owned());
    }
    let loaded = load_file(file, path, size, buffer)?;
    let is_whole = match &loaded {
        Loaded::Whole(bytes) => bytes.len() as u64 == size,
        Loaded::Foreign(_) => true,
    };
    if is_whole && stamp(file)? == before { Ok(loaded) } else { Err(CHANGED.to_owned()) }
}

/// Loads a file, unless its name and its first bytes say that it is something else.
fn load_file<'b>(file: &mut File, path: &str, size: u64, buffer: &'b mut Buffer) -> Result<Loaded<'b>, String> {
    if size > MAX_FILE_BYTES {
        return Err(too_large());
    }
    if !named_as_answer(path) {
        buffer.fill(file, HEAD, HEAD as u64).map_err(|error| unreadable(&error))?;
        if !starts_as_answer(buffer.bytes()) {
            return Ok(Loaded::Foreign(size));
        }
    }
    load(file, size, buffer)
}

/// How much of a file is looked at whose name tells nothing.
const HEAD: usize = 512;

fn load<'b>(reader: &mut impl Read, size: u64, buffer: &'b mut Buffer) -> Result<Loaded<'b>, String> {
    let expected = usize::try_from(size).unwrap_or_default();
    buffer.fill(reader, expected, MAX_FILE_BYTES + 1).map_err(|error| unreadable(&error))?;
    if buffer.bytes().len() as u64 > MAX_FILE_BYTES {
        return Err(too_large());
    }
    Ok(Loaded::Whole(buffer.bytes()))
}

fn too_large() -> String {
    format!("larger than the limit of {} GiB for one file", MAX_FILE_BYTES >> 30)
}

fn unreadable(error: &std::io::Error) -> String {
    format!("cannot be read: {}", plain_io(error))
}

/// Whether a file name is one under which answers are saved.
pub(super) fn named_as_answer(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    matches!(extension.as_str(), "" | "json" | "jsonl" | "ndjson" | "txt")
}

/// Whether bytes begin like a document, or like a container that would hold one.
fn starts_as_answer(head: &[u8]) -> bool {
    let first = head.iter().copied().find(|byte| !byte.is_ascii_whitespace() && *byte != 0);
    matches!(first, Some(b'{' | b'[')) || decode::has_byte_order_mark(head) || decode::container(head).is_some()
}
