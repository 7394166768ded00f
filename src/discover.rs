//! The given paths to a sorted list of sources. Knows no JSON; everything found ends in the list, also what is not to
//! be opened, with the reason.

use std::ffi::OsStr;
use std::fs::FileType;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, anyhow, bail};
use globset::GlobSet;
use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use crate::directory::{Directory, WORTH_IT, stand_together};

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
        walk(path, &prefix, exclude, &mut sources)?;
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

fn walk(root: &Path, prefix: &str, exclude: &GlobSet, sources: &mut Vec<Source>) -> Result<()> {
    let metadata = root.metadata().map_err(|error| {
        anyhow!("cannot look at {}: {}: check the path, and that you may read it", printable(root), plain_io(&error))
    })?;
    if !metadata.is_dir() {
        let name = root.file_name().map(Path::new).unwrap_or(root);
        let path = if prefix.is_empty() { printable(name) } else { prefix.to_owned() };
        let access = match irregular(metadata.file_type()) {
            None => Access::File { path: root.to_owned(), bytes: metadata.len() },
            Some(kind) => Access::Skip(format!("not a regular file but {kind}")),
        };
        sources.push(Source { path, access });
        return Ok(());
    }
    let found = Mutex::new(Vec::new());
    // Looking at each takes longer than listing them: those that are listed are looked at meanwhile.
    let unlisted = rayon::scope(|scope| {
        list(root, prefix, |entries| {
            let found = &found;
            scope.spawn(move |_| {
                let looked_at = look_at_all(root, prefix, entries, exclude);
                found.lock().unwrap_or_else(PoisonError::into_inner).extend(looked_at);
            });
        })
    });
    sources.extend(found.into_inner().unwrap_or_else(PoisonError::into_inner));
    sources.extend(unlisted);
    Ok(())
}

/// Lists everything below a directory that is none itself, and hands it on, some at a time. Returns what could not be listed.
fn list(root: &Path, prefix: &str, mut hand_on: impl FnMut(Vec<DirEntry>)) -> Vec<Source> {
    const AT_ONCE: usize = 512;
    // The directories from the root to the one that is being listed.
    let mut above: Vec<PathBuf> = Vec::new();
    let mut entries = Vec::with_capacity(AT_ONCE);
    let mut unlisted = Vec::new();
    for entry in WalkDir::new(root).follow_links(false) {
        match entry {
            // The root is a directory, if only by the link that was given.
            Ok(entry) if entry.file_type().is_dir() || entry.depth() == 0 => {
                above.truncate(entry.depth());
                above.push(entry.into_path());
            }
            Ok(entry) => entries.push(entry),
            Err(error) => {
                let listed = error.depth().checked_sub(1).and_then(|depth| above.get(depth));
                unlisted.push(unreadable(root, prefix, listed, &error));
            }
        }
        if entries.len() == AT_ONCE {
            hand_on(std::mem::replace(&mut entries, Vec::with_capacity(AT_ONCE)));
        }
    }
    hand_on(entries);
    unlisted
}

fn look_at_all(root: &Path, prefix: &str, entries: Vec<DirEntry>, exclude: &GlobSet) -> Vec<Source> {
    let together = entries.chunk_by(|one, next| stand_together(one.path(), next.path()));
    let together: Vec<_> = together.map(<[DirEntry]>::len).collect();
    let mut sources = Vec::with_capacity(entries.len());
    let mut entries = entries.into_iter();
    for count in together {
        let directory = match entries.as_slice() {
            [first, ..] if count >= WORTH_IT => Directory::around(first.path()),
            _ => Directory::default(),
        };
        let these = entries.by_ref().take(count);
        sources.extend(these.map(|entry| look_at(root, prefix, entry, &directory, exclude)));
    }
    sources
}

fn look_at(root: &Path, prefix: &str, entry: DirEntry, directory: &Directory, exclude: &GlobSet) -> Source {
    let path = below(root, prefix, entry.path());
    let access = match irregular(entry.file_type()) {
        Some(kind) => Access::Skip(format!("not a regular file but {kind}")),
        None if !exclude.is_empty() && exclude.is_match(relative(root, entry.path())) => {
            Access::Skip("excluded by --exclude".to_owned())
        }
        None => match directory.bytes_of(entry.path()) {
            Ok(bytes) => Access::File { path: entry.into_path(), bytes },
            Err(error) => Access::Unreadable(plain_io(&error)),
        },
    };
    Source { path, access }
}

/// A path below a root, without it.
fn relative<'p>(root: &Path, path: &'p Path) -> &'p Path {
    path.strip_prefix(root).unwrap_or(path)
}

/// What could not be looked at; an error that names no path came while a directory was `listed`.
fn unreadable(root: &Path, prefix: &str, listed: Option<&PathBuf>, error: &walkdir::Error) -> Source {
    let path = error.path().or(listed.map(PathBuf::as_path)).unwrap_or(root);
    let reason = error.io_error().map_or_else(|| "a loop of directories".to_owned(), plain_io);
    Source { path: below(root, prefix, path), access: Access::Unreadable(reason) }
}

/// An I/O error without the number of the operating system.
#[must_use]
pub fn plain_io(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// What an entry is, if it is no regular file.
fn irregular(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        return None;
    }
    if kind.is_symlink() {
        return Some("a symbolic link, which is not followed");
    }
    Some(special(kind))
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match (kind.is_fifo(), kind.is_socket(), kind.is_char_device() || kind.is_block_device()) {
        (true, _, _) => "a FIFO",
        (_, true, _) => "a socket",
        (_, _, true) => "a device",
        _ => "something else",
    }
}

#[cfg(not(unix))]
fn special(_kind: FileType) -> &'static str {
    "something else"
}

/// How reports print a path below a root: behind the prefix, or alone without any.
fn below(root: &Path, prefix: &str, path: &Path) -> String {
    let (root, bytes) = (root.as_os_str().as_encoded_bytes(), path.as_os_str().as_encoded_bytes());
    // A walk joins names to the root as it was given, which is far less work to undo than to compare paths part by part.
    let names = bytes.strip_prefix(root).unwrap_or(bytes);
    let separators = names.iter().take_while(|&&byte| std::path::is_separator(char::from(byte))).count();
    let relative = slashed(printable_bytes(names.get(separators..).unwrap_or_default()));
    match (prefix.trim_end_matches('/'), relative.as_str()) {
        ("", "") => ".".to_owned(),
        ("", _) => relative,
        (prefix, "") => prefix.to_owned(),
        (prefix, relative) => format!("{prefix}/{relative}"),
    }
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
