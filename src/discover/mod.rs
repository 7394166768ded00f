//! The given paths to a sorted list of sources. Knows no JSON; everything found ends in the list, also what is not to
//! be opened, with the reason.

mod walk;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use globset::GlobSet;
use rayon::prelude::*;

/// One entry of the input: a file to be read, or something that is not.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as reports print it: relative to the given path, `/` between parts.
    pub path: String,
    /// What to do with it.
    pub access: Access,
}

/// What to do with a source.
#[derive(Clone, Debug)]
pub enum Access {
    /// Read this file.
    File {
        /// Where it is.
        path: PathBuf,
        /// How many bytes it had when it was found.
        bytes: u64,
    },
    /// Read standard input.
    Stdin,
    /// It stands in an archive, which is read as a whole.
    Member,
    /// Leave it, for this reason: it is excluded or no regular file.
    Skip(String),
    /// It could not even be looked at, for this reason.
    Unreadable(String),
}

impl Source {
    /// Whether this is the file at a place without links in its path.
    #[must_use]
    pub fn is_at(&self, place: &Path) -> bool {
        match &self.access {
            // Few files have the name: only those are looked up.
            Access::File { path, .. } => {
                let ends_in = |name: &OsStr| path.as_os_str().as_encoded_bytes().ends_with(name.as_encoded_bytes());
                place.file_name().is_some_and(ends_in) && path.canonicalize().is_ok_and(|path| path == place)
            }
            _ => false,
        }
    }

    /// How many bytes there are to be read, as far as it is known.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self.access {
            Access::File { bytes, .. } => bytes,
            _ => 0,
        }
    }

    /// The directory part of the path, `.` at the root.
    #[must_use]
    pub fn directory(&self) -> &str {
        directory_of(&self.path)
    }
}

/// The directory part of a path as reports print it, `.` at the root.
#[must_use]
pub fn directory_of(path: &str) -> &str {
    memchr::memrchr(b'/', path.as_bytes()).and_then(|end| path.get(..end)).unwrap_or(".")
}

/// Walks the given paths and returns every file below them, sorted by path.
///
/// # Errors
/// A given path that does not exist or cannot be looked at: a mistake in the call, not in the data.
pub fn discover(paths: &[PathBuf], exclude: &GlobSet) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    refuse_overlap(paths)?;
    for path in paths {
        if path.as_os_str() == "-" {
            sources.push(Source { path: "-".to_owned(), access: Access::Stdin });
            continue;
        }
        let prefix = if paths.len() > 1 { printable(path) } else { String::new() };
        walk::walk(path, &prefix, exclude, &mut sources)?;
    }
    sources.par_sort_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
    refuse_twins(&sources)?;
    Ok(sources)
}

/// A given path that lies inside another would be counted twice.
fn refuse_overlap(paths: &[PathBuf]) -> Result<()> {
    let places: Vec<_> = paths.iter().filter_map(|path| Some((path.canonicalize().ok()?, path))).collect();
    for (position, (place, path)) in places.iter().enumerate() {
        let around =
            places.iter().enumerate().find(|(other, (above, _))| *other != position && place.starts_with(above));
        if let Some((_, (_, above))) = around {
            let (path, above) = (printable(path), printable(above));
            bail!("{path} is reached twice, as it lies inside {above}: give each PATH once, and none inside another");
        }
    }
    Ok(())
}

/// Two given paths that reach the same file would count it twice.
fn refuse_twins(sources: &[Source]) -> Result<()> {
    for (one, next) in sources.iter().zip(sources.iter().skip(1)) {
        if one.path == next.path {
            bail!("{} is reached twice: give each PATH once, and none that lies inside another", one.path);
        }
    }
    Ok(())
}

/// What a file holds that was found and not named by hand. A FIFO is not waited for, and what has no end is not read.
///
/// # Errors
/// It cannot be read, is no file, or holds more than `most` bytes.
pub fn found(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let kind = path.metadata()?.file_type();
    if let Some(kind) = walk::irregular(kind).filter(|_| !kind.is_dir()) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("not a regular file but {kind}")));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("more than {} MiB", most >> 20)));
    }
    Ok(bytes)
}

/// An I/O error without the number of the operating system.
#[must_use]
pub fn plain_io(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// A path as text, with `/` between its parts. Bytes that are no UTF-8 are written as `\xNN`, and a backslash in front of an `x`
/// so too, so that two different names never become one.
#[must_use]
pub fn printable(path: &Path) -> String {
    slashed(printable_bytes(path.as_os_str().as_encoded_bytes()))
}

/// A path as text whose parts are separated by `/`.
fn slashed(text: String) -> String {
    if std::path::MAIN_SEPARATOR == '/' { text } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}

/// A name as text, with `\xNN` for bytes that are no UTF-8, and for a backslash that would look like the beginning of one.
#[must_use]
pub fn printable_bytes(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        match chunk.valid() {
            plain if memchr::memchr(b'\\', plain.as_bytes()).is_none() => text.push_str(plain),
            other => text.push_str(&other.replace("\\x", "\\x5cx")),
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::printable_bytes;
    use pretty_assertions::assert_eq;

    #[test]
    fn two_names_never_become_one() {
        let names: [&[u8]; 6] = [b"\xff", br"\xff", br"\x5cxff", br"\\xff", b"\\\xff", br"C:\dir"];
        let printed = names.map(printable_bytes);
        assert_eq!(printed, [r"\xff", r"\x5cxff", r"\x5cx5cxff", r"\\x5cxff", r"\\xff", r"C:\dir"]);
    }
}
