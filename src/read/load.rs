//! Bytes of sources: whole files, what compressed files hold, and the first bytes of those that are no answers by their
//! name.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::Reading;
use super::buffer::Buffer;
use super::steady::{CHANGED, Stamp};
use crate::directory::Directory;
use crate::discover::{Access, Source, plain_io};
use crate::parse::decode;
use crate::unpack::form::{self, Form, HEAD};
use crate::unpack::{Unpacked, hex, unpack};

/// What was loaded of a source.
#[derive(Debug)]
pub enum Loaded<'b> {
    /// The bytes of a file that may be an answer.
    Whole(&'b [u8]),
    /// What a compressed file holds that may be an answer.
    Unpacked(Contained),
    /// Nothing yet of a source that may hold many files: they are to be read one by one.
    Archive,
    /// Only the size of a file that is none.
    Foreign(u64),
}

/// What a compressed file holds.
#[derive(Debug)]
pub struct Contained {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How large the file itself is.
    pub size: u64,
    /// The SHA-256 of the file itself, if asked for.
    pub sha256: Option<String>,
    /// What is remarkable about it.
    pub note: Option<String>,
}

/// Loads a source; `None` if it is to be left alone.
///
/// # Errors
/// The reason why it cannot be loaded.
pub fn load_source<'b>(
    source: &Source,
    directory: &Directory,
    reading: Reading<'_>,
    buffer: &'b mut Buffer,
) -> Option<Result<Loaded<'b>, String>> {
    match &source.access {
        Access::Skip(_) | Access::Member => None,
        Access::Unreadable(why) => Some(Err(format!("cannot be read: {why}"))),
        Access::Stdin => Some(Ok(Loaded::Archive)),
        Access::File { path, bytes } => {
            Some(open(path, directory).and_then(|opened| load_steady(opened, &source.path, *bytes, reading, buffer)))
        }
    }
}

/// Opens a file, and tells what it is like before it is read. What took its place since it was found is not waited for,
/// and not read unless it is a regular file too.
pub(super) fn open(path: &Path, directory: &Directory) -> Result<(File, Stamp), String> {
    let file = directory.open(path).map_err(|error| format!("cannot be opened: {}", plain_io(&error)))?;
    match Stamp::of(&file) {
        Ok(stamp) if stamp.is_regular() => Ok((file, stamp)),
        Ok(_) => Err("was replaced by something that is no regular file".to_owned()),
        Err(error) => Err(unreadable(&error)),
    }
}

/// Loads a file that stays as it is meanwhile.
fn load_steady<'b>(
    (mut file, before): (File, Stamp),
    path: &str,
    size: u64,
    reading: Reading<'_>,
    buffer: &'b mut Buffer,
) -> Result<Loaded<'b>, String> {
    if before.bytes() != size {
        return Err("changed since it was found".to_owned());
    }
    let loaded = load_file(&mut file, path, size, reading, buffer)?;
    let is_whole = match &loaded {
        Loaded::Whole(bytes) => bytes.len() as u64 == size,
        _ => true,
    };
    let after = Stamp::of(&file).map_err(|error| unreadable(&error))?;
    if is_whole && after == before { Ok(loaded) } else { Err(CHANGED.to_owned()) }
}

/// Loads a file, unless its name and its first bytes say that it is something else.
fn load_file<'b>(
    file: &mut File,
    path: &str,
    size: u64,
    reading: Reading<'_>,
    buffer: &'b mut Buffer,
) -> Result<Loaded<'b>, String> {
    let most = reading.limits.file_bytes;
    let is_named = form::named_as_answer(path);
    if size > most || !is_named {
        buffer.fill(file, HEAD, HEAD as u64).map_err(|error| unreadable(&error))?;
        if Form::of(buffer.bytes()).is_some() || Form::by_name(path).is_some() {
            return packed(file, path, size, reading);
        }
        let why = decode::unpack_first(buffer.bytes()).or_else(|| form::misnamed(path, buffer.bytes()));
        if let Some(why) = why.filter(|_| !is_named) {
            return Err(why);
        }
        if !is_named && !form::starts_as_answer(buffer.bytes()) {
            return Ok(Loaded::Foreign(size));
        }
        if size > most {
            return Err(reading.limits.file_too_large());
        }
    }
    // A file that holds more than it did is found out afterwards; but some of which the system knows no size hold something.
    let expected = size.saturating_sub(buffer.bytes().len() as u64);
    let wanted = if size == 0 { most.saturating_add(1) } else { expected };
    let expected = usize::try_from(expected).unwrap_or_default();
    buffer.fill(file, expected, wanted).map_err(|error| unreadable(&error))?;
    match buffer.bytes() {
        bytes if Form::of(bytes).is_some() => packed(file, path, size, reading),
        bytes if bytes.len() as u64 > most => Err(reading.limits.file_too_large()),
        bytes if form::is_apple_double(path, bytes) => Ok(Loaded::Foreign(size)),
        bytes => Ok(Loaded::Whole(bytes)),
    }
}

/// Loads what a compressed file holds.
fn packed<'b>(file: &mut File, path: &str, size: u64, reading: Reading<'_>) -> Result<Loaded<'b>, String> {
    file.rewind().map_err(|error| unreadable(&error))?;
    match unpack(path, file, &reading.limits)? {
        Unpacked::Archive => Ok(Loaded::Archive),
        Unpacked::Foreign => Ok(Loaded::Foreign(size)),
        Unpacked::Document(bytes, note) => {
            file.rewind().map_err(|error| unreadable(&error))?;
            let sha256 = reading.sha256.then(|| sha256(file)).transpose().map_err(|error| unreadable(&error))?;
            Ok(Loaded::Unpacked(Contained { bytes, size, sha256, note }))
        }
    }
}

/// The SHA-256 of everything that a reader yields.
pub(super) fn sha256(reader: &mut impl Read) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut bytes = vec![0; 1 << 16];
    loop {
        match reader.read(&mut bytes)? {
            0 => return Ok(hex(&digest.finalize())),
            read => digest.update(bytes.get(..read).unwrap_or_default()),
        }
    }
}

pub(super) fn unreadable(error: &io::Error) -> String {
    format!("cannot be read: {}", plain_io(error))
}
