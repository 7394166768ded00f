//! The file that is being taken over: what its answers came to so far, and its state and reason in the ledger.

use std::borrow::Cow;

use super::AnswerIx;
use super::file::{FileState, kind_of};
use super::fragment::LostRecord;
use super::seen::Seen;
use crate::parse::document::{Refused, Tally};
use crate::parse::envelope::Envelope;
use crate::parse::neighbour::Answer;

/// How many losses of a file are named one by one.
const NAMED: usize = 3;

/// The file that is being taken over.
#[derive(Debug, Default)]
pub(super) struct Open {
    /// Its first reading.
    pub(super) first: u32,
    /// What its documents came to.
    pub(super) tally: Tally,
    /// The list whose parts are being taken over.
    pub(super) list: OpenList,
    /// Objects that could not be read, the first ones, each with its answer.
    pub(super) lost: Vec<(AnswerIx, LostRecord)>,
    pub(super) objects_lost: u64,
    pub(super) elements_lost: u64,
    /// What was met in it beside its records.
    pub(super) seen: Seen,
    /// What its answers around the backups hold.
    pub(super) neighbours: Vec<(AnswerIx, Answer)>,
    /// How many of its answers are in each state.
    states: [u64; FileState::ALL.len()],
    /// What its first answer is called.
    kind: Option<Cow<'static, str>>,
}

/// The list whose parts are being taken over.
#[derive(Debug, Default)]
pub(super) struct OpenList {
    /// Its first reading.
    pub(super) first: u32,
    /// How many elements it has so far.
    pub(super) elements: u32,
    pub(super) elements_lost: u64,
    pub(super) objects_lost: u64,
}

impl Open {
    /// Nothing yet of a file whose first reading this will be.
    pub(super) fn new(first: u32) -> Self {
        Self { first, list: OpenList { first, ..OpenList::default() }, ..Self::default() }
    }

    /// Enters so many answers with so many readings in all, of which so many objects were lost.
    pub(super) fn enter(&mut self, envelope: &Envelope, readings: u32, lost: u64, answers: u64) {
        self.kind.get_or_insert_with(|| kind_of(envelope));
        let state = match envelope {
            Envelope::NotBackup(_) | Envelope::Capture(_) => FileState::NotBackup,
            _ if lost == 0 => FileState::Read,
            _ if readings == 0 => FileState::Rejected,
            _ => FileState::PartlyRead,
        };
        self.states[state as usize] += answers;
    }

    /// Enters another state for an answer around the backups.
    pub(super) fn correct(&mut self, state: FileState) {
        self.states[FileState::NotBackup as usize] -= 1;
        self.states[state as usize] += 1;
    }

    /// The state of the file.
    pub(super) fn state(&self) -> FileState {
        let count = |state: FileState| self.states[state as usize];
        let lost = count(FileState::Rejected) + count(FileState::PartlyRead) + self.tally.refused_in_all;
        let used = count(FileState::Read) + count(FileState::PartlyRead) + count(FileState::NotBackup);
        match (lost, used, count(FileState::Read)) {
            (0, _, 0) => FileState::NotBackup,
            (0, ..) => FileState::Read,
            (_, 0, _) => FileState::Rejected,
            _ => FileState::PartlyRead,
        }
    }

    /// What the file is called.
    pub(super) fn kind(&self) -> Cow<'static, str> {
        match (self.tally.documents, self.parts(), &self.kind) {
            (0 | 1, 1, Some(kind)) => kind.clone(),
            (0 | 1, 0 | 1, _) => "unusable".into(),
            (0 | 1, several, _) => format!("{several} answers in one document").into(),
            (several, ..) => format!("{several} documents").into(),
        }
    }

    /// Why answers of the file could not be used.
    pub(super) fn refused(&self) -> Option<String> {
        let (parts, lost) = (self.parts(), self.tally.refused_in_all);
        let first = self.tally.refused.first()?;
        if parts == 1 {
            return Some(first.alone());
        }
        let (what, told): (_, fn(&Refused) -> String) = match self.tally.documents {
            0 | 1 => ("answers".to_owned(), Refused::alone),
            all if u64::from(all) == parts => ("documents".to_owned(), Refused::among_others),
            // Some hold more than one, or something beside theirs.
            all => (format!("answers in {all} documents"), Refused::among_others),
        };
        let named: Vec<_> = self.tally.refused.iter().take(NAMED).map(told).collect();
        Some(format!("{lost} of {parts} {what} could not be used: {}{}", named.join("; "), more(lost)))
    }

    /// A place in a document, which is named where there are several.
    pub(super) fn among_documents(&self, document: u32, place: String) -> String {
        if self.tally.documents > 1 { format!("document {document}: {place}") } else { place }
    }

    /// How many answers there are, or should be.
    fn parts(&self) -> u64 {
        self.states.iter().sum::<u64>() + self.tally.refused_in_all
    }

    /// The objects of the file that were lost, the first ones by name.
    pub(super) fn lost_objects(&self, place: impl Fn(AnswerIx, &LostRecord) -> String) -> Option<String> {
        let total = self.objects_lost;
        let named = self.lost.iter().take(NAMED);
        let named: Vec<_> = named.map(|(answer, lost)| format!("{}: {}", place(*answer, lost), lost.reason)).collect();
        let objects = if total == 1 { "backup object" } else { "backup objects" };
        let more = more(self.lost.len() as u64);
        (total > 0).then(|| format!("{total} {objects} could not be read: {}{more}", named.join("; ")))
    }
}

fn more(lost: u64) -> &'static str {
    if lost > NAMED as u64 { "; …" } else { "" }
}
