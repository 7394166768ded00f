//! The notes that export scripts leave beside a dump (`capture.json`), and which directories each speaks for.

#![allow(clippy::indexing_slicing, reason = "positions are those of the notes")]

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::FileIx;
use super::answer::Answer;
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
    /// That time names no zone and was read as UTC.
    pub zone_assumed: bool,
    /// The region the dump comes from.
    pub region: Option<String>,
    /// Whether the lists were made with `show_replication=true`.
    pub show_replication: Option<bool>,
}

/// Captures further apart than this are captures of different moments, by their notes.
pub const SPAN: SignedDuration = SignedDuration::from_hours(6);

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
    /// Collects the notes, without those of older captures. A file named `capture.json` that cannot be read counts as a note without a time.
    #[must_use]
    pub fn new(files: &[File], answers: &[Answer]) -> Self {
        let is_judged = |file: FileIx| files[file.index()].older.is_none();
        let judged = answers.iter().filter(|answer| is_judged(answer.file));
        let mut notes: Vec<_> = judged.filter_map(|answer| note(answer, files)).collect();
        let noted: HashSet<_> = notes.iter().map(|note| note.file).collect();
        let unusable =
            FileIx::all(files.len()).zip(files).filter(|(file, entry)| is_named(entry) && !noted.contains(file));
        let unusable = unusable.filter(|(file, _)| is_judged(*file));
        notes.extend(unusable.map(|(file, entry)| Note::unusable(file, entry)));
        notes.sort_by_key(|note| note.file);
        let by_directory =
            notes.iter().enumerate().map(|(position, note)| (note.directory.clone(), position)).collect();
        Self { notes, by_directory }
    }

    /// The directory of the note that stands nearest above a directory and states a time.
    #[must_use]
    pub fn noted_above(&self, directory: &str) -> Option<&str> {
        self.nearest(directory, |note| note.captured_at.map(|_| note.directory.as_str()))
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

impl Note {
    /// The note that a file should be.
    fn unusable(file: FileIx, entry: &File) -> Self {
        Self {
            file,
            directory: entry.directory().to_owned(),
            captured_at: None,
            zone_assumed: false,
            region: None,
            show_replication: None,
        }
    }
}

/// Whether a file is named like a note.
fn is_named(entry: &File) -> bool {
    let above = entry.path.strip_suffix("capture.json");
    above.is_some_and(|above| above.is_empty() || above.ends_with('/')) && entry.state != FileState::Skipped
}

fn note(answer: &Answer, files: &[File]) -> Option<Note> {
    let capture = answer.capture()?;
    let stamp = time::parse(&capture.captured_at).filter(|stamp| !stamp.day_only);
    Some(Note {
        file: answer.file,
        directory: files.get(answer.file.index())?.directory().to_owned(),
        captured_at: stamp.map(|stamp| stamp.time),
        zone_assumed: stamp.is_some_and(|stamp| stamp.zone_assumed),
        region: capture.region.clone().filter(|region| !region.is_empty()),
        show_replication: capture.show_replication,
    })
}
