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
    let below = match above {
        "." => Some(directory).filter(|directory| !directory.starts_with('/')),
        _ => directory.strip_prefix(above).filter(|below| below.is_empty() || below.starts_with('/')),
    };
    below.is_some_and(|below| below.split('/').all(|part| part != ".."))
}

/// The notes of a dump, in path order.
#[derive(Debug, Default)]
pub struct Captures {
    /// The notes.
    pub notes: Vec<Note>,
    /// What the notes of a directory say together.
    by_directory: HashMap<String, Note>,
    /// What notes of one directory say differently, so that it counts as said by none of them.
    pub contradictions: Vec<Contradiction>,
}

/// What notes of one directory say differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The directory.
    pub directory: String,
    /// The key of the note.
    pub key: &'static str,
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
        let mut captures = Self { notes, ..Self::default() };
        captures.put_together();
        captures
    }

    /// Finds out what the notes of each directory say together: the last one that states a time, and what all agree on.
    fn put_together(&mut self) {
        let mut told = HashSet::new();
        let mut differ = |directory: &str, key| {
            if told.insert((directory.to_owned(), key)) {
                self.contradictions.push(Contradiction { directory: directory.to_owned(), key });
            }
        };
        for note in &self.notes {
            let Some(known) = self.by_directory.get_mut(&note.directory) else {
                self.by_directory.insert(note.directory.clone(), note.clone());
                continue;
            };
            if note.captured_at.is_some() {
                (known.captured_at, known.zone_assumed) = (note.captured_at, note.zone_assumed);
            }
            if is_denied(&mut known.region, &note.region) {
                differ(&note.directory, "region");
            }
            if is_denied(&mut known.show_replication, &note.show_replication) {
                differ(&note.directory, "show_replication");
            }
        }
        for Contradiction { directory, key } in &self.contradictions {
            match (self.by_directory.get_mut(directory), *key) {
                (Some(known), "region") => known.region = None,
                (Some(known), _) => known.show_replication = None,
                (None, _) => {}
            }
        }
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
            let said = self.by_directory.get(directory).and_then(&says);
            if said.is_some() {
                return said;
            }
            above = match directory.rsplit_once('/') {
                // What is above that is not below anything that was given before it.
                Some((_, "..")) => None,
                Some((parent, _)) => Some(parent),
                None => (!["", ".", ".."].contains(&directory)).then_some("."),
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

/// Whether another note says something else than what is known; what is not known yet it adds.
fn is_denied<T: Clone + PartialEq>(known: &mut Option<T>, said: &Option<T>) -> bool {
    match (&known, said) {
        (Some(known), Some(said)) => known != said,
        (None, Some(said)) => {
            *known = Some(said.clone());
            false
        }
        (_, None) => false,
    }
}

/// Whether a file is named like a note.
fn is_named(entry: &File) -> bool {
    let above = entry.path.strip_suffix("capture.json");
    above.is_some_and(|above| above.is_empty() || above.ends_with('/')) && entry.state != FileState::Skipped
}

fn note(answer: &Answer, files: &[File]) -> Option<Note> {
    let capture = answer.capture()?;
    // What lies beyond all time, as expiries without an end do, is no moment of an export.
    let stamp = time::parse(&capture.captured_at).filter(|stamp| !stamp.day_only && stamp.time < Timestamp::MAX);
    Some(Note {
        file: answer.file,
        directory: files.get(answer.file.index())?.directory().to_owned(),
        captured_at: stamp.map(|stamp| stamp.time),
        zone_assumed: stamp.is_some_and(|stamp| stamp.zone_assumed),
        region: capture.region.clone().filter(|region| !region.is_empty()),
        show_replication: capture.show_replication,
    })
}

#[cfg(test)]
mod tests {
    use super::{Captures, Note, covers};
    use crate::inventory::FileIx;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_note_speaks_for_what_lies_below_it_and_for_nothing_else() {
        for above in [".", "", "d", "d/e", "..", "../d", "/abs", "d/.."] {
            let note = Note {
                file: FileIx(0),
                directory: above.to_owned(),
                captured_at: None,
                zone_assumed: false,
                region: None,
                show_replication: Some(true),
            };
            let mut captures = Captures { notes: vec![note], ..Captures::default() };
            captures.put_together();
            let below = [
                ("d", &[".", "d"][..]),
                ("d/e/f", &[".", "d", "d/e"]),
                ("./d", &["."]),
                ("..", &[".."]),
                ("../d/e", &["..", "../d"]),
                ("../../d", &[]),
                ("/abs/d", &["/abs", ""]),
                ("/d", &[""]),
                ("d/../e", &["d/.."]),
                (".", &["."]),
            ];
            for (directory, by) in below {
                let is_said = captures.nearest(directory, |note| note.show_replication).is_some();
                assert_eq!(is_said, by.contains(&above), "{above} for {directory}");
                // The root of the system is no name of a directory that another could stand in.
                assert!(above.is_empty() || covers(above, directory) == is_said, "{above} for {directory}");
            }
        }
    }

    #[test]
    fn notes_of_one_directory_complete_each_other_and_what_they_deny_is_said_by_none() {
        let note = |file, region: Option<&str>, show_replication| Note {
            file: FileIx(file),
            directory: ".".to_owned(),
            captured_at: None,
            zone_assumed: false,
            region: region.map(str::to_owned),
            show_replication,
        };
        let notes = vec![note(0, Some("r1"), None), note(1, None, Some(true)), note(2, Some("r2"), Some(true))];
        let mut captures = Captures { notes, ..Captures::default() };
        captures.put_together();
        assert_eq!(captures.nearest("a", |note| note.region.as_deref()), None);
        assert_eq!(captures.nearest("a", |note| note.show_replication), Some(true));
        let told: Vec<_> = captures.contradictions.iter().map(|told| (&*told.directory, told.key)).collect();
        assert_eq!(told, [(".", "region")]);
    }
}
