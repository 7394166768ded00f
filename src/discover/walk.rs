//! Everything below one given path: listed by one thread and looked at by all, with what could not be listed.

use std::fs::FileType;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, anyhow};
use globset::GlobSet;
use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use super::{Access, Source, plain_io, printable, printable_bytes, slashed};
use crate::directory::{Condition, Directory, stand_together};

/// Adds what stands below a given path, or the file that it is.
///
/// # Errors
/// It cannot be looked at.
pub(super) fn walk(root: &Path, prefix: &str, exclude: &GlobSet, sources: &mut Vec<Source>) -> Result<()> {
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
    let unlisted = rayon::in_place_scope(|scope| {
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

/// Lists everything below a directory that is none itself, and hands it on, some at a time. Returns what could not be listed, or was
/// another while it was.
fn list(root: &Path, prefix: &str, mut hand_on: impl FnMut(Vec<DirEntry>)) -> Vec<Source> {
    const AT_ONCE: usize = 512;
    // The directories from the root to the one that is being listed.
    let mut above: Vec<PathBuf> = Vec::new();
    let mut entries = Vec::with_capacity(AT_ONCE);
    let (mut unlisted, mut listed) = (Vec::new(), Vec::new());
    for entry in WalkDir::new(root).follow_links(false) {
        match entry {
            // The root is a directory, if only by the link that was given.
            Ok(entry) if entry.file_type().is_dir() || entry.depth() == 0 => {
                above.truncate(entry.depth());
                above.push(entry.path().to_owned());
                listed.push((Condition::of(entry.path(), entry.depth() == 0), entry.into_path()));
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
    let is_another = |(before, path): &(Option<Condition>, PathBuf)| {
        before.is_none() || *before != Condition::of(path, path == root)
    };
    let changed = listed.into_par_iter().filter(is_another).map(|(_, path)| changed(root, prefix, &path));
    for source in changed.collect::<Vec<_>>() {
        if unlisted.iter().all(|unlisted: &Source| unlisted.path != source.path) {
            unlisted.push(source);
        }
    }
    unlisted
}

/// A directory whose files may not all be known, since it changed meanwhile.
fn changed(root: &Path, prefix: &str, directory: &Path) -> Source {
    let access = Access::Unreadable("it changed while it was listed, so that files in it may be missing".to_owned());
    Source { path: below(root, prefix, directory), access }
}

fn look_at_all(root: &Path, prefix: &str, entries: Vec<DirEntry>, exclude: &GlobSet) -> Vec<Source> {
    let together = entries.chunk_by(|one, next| stand_together(one.path(), next.path()));
    let together: Vec<_> = together.map(<[DirEntry]>::len).collect();
    let mut sources = Vec::with_capacity(entries.len());
    let mut entries = entries.into_iter();
    for count in together {
        let first = entries.as_slice().first();
        let directory = first.map(|first| Directory::around(first.path(), count)).unwrap_or_default();
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

/// What an entry is, if it is no regular file.
pub(super) fn irregular(kind: FileType) -> Option<&'static str> {
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
