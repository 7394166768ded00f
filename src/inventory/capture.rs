//! The notes that export scripts leave beside a dump (`capture.json`), and which directories each speaks for.

#![allow(clippy::indexing_slicing, reason = "positions are those of the notes")]

use std::collections::HashMap;

use jiff::Timestamp;

use super::FileIx;
use super::file::{File, FileState};
use crate::parse::time;

/// A capture note and what it says.
#[derive(Clone, Debug)]
pub struct Note {
    /// The file it stands in.
    pub file: FileIx,
    /// The directory it speaks for, with all below.
    pub directory: String,
    /// When the export was made; `None` if the note does not say so readably.
    pub captured_at: Option<Timestamp>,
    /// The region the dump comes from.
    pub region: Option<String>,
    /// Whether the lists were made with `show_replication=true`.
    pub show_replication: Option<bool>,
}

impl Note {
    /// Whether the note speaks for files in this directory.
    #[must_use]
    pub fn covers(&self, directory: &str) -> bool {
        covers(&self.directory, directory)
    }
}

fn covers(above: &str, directory: &str) -> bool {
    above == "." && !directory.starts_with("../") && !directory.starts_with('/')
        || directory.strip_prefix(above).is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

/// The notes of a dump, in path order.
#[derive(Debug, Default)]
pub struct Captures {
    /// The notes.
    pub notes: Vec<Note>,
    by_directory: HashMap<String, usize>,
}

impl Captures {
    /// Collects the notes. A file named `capture.json` that cannot be read counts as a note without a time.
    #[must_use]
    pub fn new(files: &[File]) -> Self {
        let notes: Vec<_> = FileIx::all(files.len()).zip(files).filter_map(|(file, entry)| note(file, entry)).collect();
        let by_directory =
            notes.iter().enumerate().map(|(position, note)| (note.directory.clone(), position)).collect();
        Self { notes, by_directory }
    }

    /// What the note says that stands nearest above a directory and says it at all.
    #[must_use]
    pub fn nearest<'n, T>(&'n self, directory: &str, says: impl Fn(&'n Note) -> Option<T>) -> Option<T> {
        if self.notes.is_empty() {
            return None;
        }
        let mut above = Some(directory);
        while let Some(directory) = above {
            let said = self.by_directory.get(directory).and_then(|&position| says(&self.notes[position]));
            if said.is_some() {
                return said;
            }
            above = match directory.rsplit_once('/') {
                Some((parent, _)) => Some(parent),
                None => (directory != ".").then_some("."),
            };
        }
        None
    }
}

fn note(file: FileIx, entry: &File) -> Option<Note> {
    let directory = entry.directory.clone();
    let Some(capture) = entry.capture() else {
        let named = entry.path.rsplit('/').next() == Some("capture.json") && entry.state != FileState::Skipped;
        return named.then_some(Note { file, directory, captured_at: None, region: None, show_replication: None });
    };
    let stamp = time::parse(&capture.captured_at).filter(|stamp| !stamp.day_only);
    Some(Note {
        file,
        directory,
        captured_at: stamp.map(|stamp| stamp.time),
        region: capture.region.clone().filter(|region| !region.is_empty()),
        show_replication: capture.show_replication,
    })
}
