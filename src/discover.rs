//! The given paths to a sorted list of sources. Knows no JSON; everything found ends in the list, also what is not to
//! be opened, with the reason.

use std::ffi::OsStr;
use std::fs::FileType;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use globset::GlobSet;
use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

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
        self.path.rsplit_once('/').map_or(".", |(directory, _)| directory)
    }
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
    // The directories from the root to the one that is being listed.
    let mut above: Vec<PathBuf> = Vec::new();
    let mut entries = Vec::new();
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
                sources.push(unreadable(root, prefix, listed, &error));
            }
        }
    }
    // Looking at each takes longer than listing them.
    sources.par_extend(entries.into_par_iter().map(|entry| found(root, prefix, &entry, exclude)));
    Ok(())
}

fn found(root: &Path, prefix: &str, entry: &DirEntry, exclude: &GlobSet) -> Source {
    let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
    let access = match irregular(entry.file_type()) {
        Some(kind) => Access::Skip(format!("not a regular file but {kind}")),
        None if exclude.is_match(relative) => Access::Skip("excluded by --exclude".to_owned()),
        None => match entry.metadata() {
            Ok(metadata) => Access::File { path: entry.path().to_owned(), bytes: metadata.len() },
            Err(error) => return unreadable(root, prefix, None, &error),
        },
    };
    Source { path: join(prefix, relative), access }
}

/// What could not be looked at; an error that names no path came while a directory was `listed`.
fn unreadable(root: &Path, prefix: &str, listed: Option<&PathBuf>, error: &walkdir::Error) -> Source {
    let path = error.path().or(listed.map(PathBuf::as_path)).unwrap_or(root);
    let relative = path.strip_prefix(root).unwrap_or(path);
    let reason = error.io_error().map_or_else(|| "a loop of directories".to_owned(), plain_io);
    Source { path: join(prefix, relative), access: Access::Unreadable(reason) }
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

fn join(prefix: &str, relative: &Path) -> String {
    let relative = printable(relative);
    match (prefix.trim_end_matches('/'), relative.as_str()) {
        ("", "") => ".".to_owned(),
        ("", relative) => relative.to_owned(),
        (prefix, "") => prefix.to_owned(),
        (prefix, relative) => format!("{prefix}/{relative}"),
    }
}

/// A path as text, with `/` between its parts. Bytes that are no UTF-8 are written as `\xNN`, and a backslash in front of an `x`
/// so too, so that two different names never become one.
#[must_use]
pub fn printable(path: &Path) -> String {
    let text = printable_bytes(path.as_os_str().as_encoded_bytes());
    if std::path::MAIN_SEPARATOR == '/' { text } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}

/// A name as text, with `\xNN` for bytes that are no UTF-8, and for a backslash that would look like the beginning of one.
#[must_use]
pub fn printable_bytes(name: &[u8]) -> String {
    let mut text = String::new();
    for chunk in name.utf8_chunks() {
        match chunk.valid() {
            plain if !plain.contains("\\x") => text.push_str(plain),
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
