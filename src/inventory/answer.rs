//! The answers of a dump: in which document of which file each stands, and what it says of its own completeness. A file
//! mostly holds one.

use super::file::{File, FileState};
use super::record::View;
use super::{AnswerIx, FileIx, Inventory};
use crate::parse::envelope::{Capture, Envelope, Paging};

/// An answer as it stands in a file, or a row of single backups in documents of their own that are kept as one.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The file.
    pub file: FileIx,
    /// Its document in the file, counted from nought.
    pub document: u32,
    /// It is a row of single backups: each stands in the document that its ordinal says.
    pub is_row: bool,
    /// The JSON pointer of what stands around it in its document; empty where it is the document.
    pub within: Box<str>,
    /// Which answer it is.
    pub envelope: Envelope,
    /// Its readings in the table of all: start and end.
    pub readings: (u32, u32),
    /// How many elements of its list could not be read.
    pub elements_lost: u64,
}

impl Answer {
    /// What a list answer says about its completeness.
    #[must_use]
    pub fn paging(&self) -> Option<&Paging> {
        match &self.envelope {
            Envelope::List(paging) => Some(paging),
            _ => None,
        }
    }

    /// What the export script noted, if this is its note.
    #[must_use]
    pub fn capture(&self) -> Option<&Capture> {
        match &self.envelope {
            Envelope::Capture(capture) => Some(capture),
            _ => None,
        }
    }

    /// The document of an object that stands directly in it.
    pub(super) fn document_of(&self, ordinal: u32) -> u32 {
        if self.is_row { ordinal } else { self.document }
    }

    /// The pointer of an object that stands directly in it.
    pub(super) fn element_pointer(&self, ordinal: u32, view: View) -> String {
        let ordinal = || ordinal.to_string();
        // One text, with room for what is inside: there may be millions of them.
        let pointer = |parts: &[&str]| {
            let mut pointer = String::with_capacity(self.within.len() + 64);
            pointer.push_str(&self.within);
            parts.iter().for_each(|part| pointer.push_str(part));
            pointer
        };
        match (&self.envelope, view) {
            (Envelope::List(_), _) => pointer(&["/backups/", &ordinal()]),
            (Envelope::BareList, View::Show) => pointer(&["/", &ordinal(), "/backup"]),
            (Envelope::BareList, _) => pointer(&["/", &ordinal()]),
            (_, View::Show) => pointer(&["/backup"]),
            _ => pointer(&[]),
        }
    }
}

/// Where something stands in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The file.
    pub file: FileIx,
    /// The document, counted from nought, in a file that holds several.
    pub document: Option<u32>,
    /// The JSON pointer within the document.
    pub pointer: String,
}

impl Inventory {
    /// The answer with this number.
    #[must_use]
    pub fn answer(&self, ix: AnswerIx) -> &Answer {
        &self.answers[ix.index()]
    }

    /// Every answer, in path order.
    pub fn answers(&self) -> impl Iterator<Item = AnswerIx> + use<> {
        AnswerIx::all(self.answers.len())
    }

    /// The answers in a file.
    pub fn answers_in(&self, file: FileIx) -> impl Iterator<Item = AnswerIx> + use<> {
        let place = |is_before: fn(FileIx, FileIx) -> bool| {
            let answer = self.answers.partition_point(|answer| is_before(answer.file, file));
            u32::try_from(answer).unwrap_or(u32::MAX)
        };
        (place(|answer, file| answer < file)..place(|answer, file| answer <= file)).map(AnswerIx)
    }

    /// The answer that a reading stands in.
    #[must_use]
    pub fn answer_of(&self, reading: u32) -> AnswerIx {
        let answer = self.answers.partition_point(|answer| answer.readings.1 <= reading);
        AnswerIx(u32::try_from(answer).unwrap_or(u32::MAX))
    }

    /// The file that an answer stands in.
    #[must_use]
    pub fn file_with(&self, ix: AnswerIx) -> &File {
        &self.files[self.answer(ix).file.index()]
    }

    /// Where an answer stands; the pointer is that of the value that it is.
    #[must_use]
    pub fn standing_of(&self, ix: AnswerIx) -> Standing {
        let answer = self.answer(ix);
        self.standing(answer.file, answer.document, answer.within.to_string())
    }

    /// A place in a document of a file.
    #[must_use]
    pub(super) fn standing(&self, file: FileIx, document: u32, pointer: String) -> Standing {
        let several = self.files.get(file.index()).is_some_and(|file| file.documents > 1);
        Standing { file, document: several.then_some(document), pointer }
    }

    /// Where a reading stands.
    #[must_use]
    pub fn place_of(&self, reading: u32) -> Standing {
        let answer = &self.answers[self.answer_of(reading).index()];
        let (ordinal, pointer) = self.place_in(answer, reading);
        self.standing(answer.file, answer.document_of(ordinal), pointer)
    }

    /// The position of the outermost object around a reading, or of itself, in its answer, and the pointer of the reading.
    pub(super) fn place_in(&self, answer: &Answer, reading: u32) -> (u32, String) {
        let place = self.rows[reading as usize].place(reading, &self.beside);
        match place.enclosing {
            Some(enclosing) => {
                let (outermost, mut pointer) = self.place_in(answer, enclosing);
                pointer.push_str("/children/");
                pointer.push_str(&place.ordinal.to_string());
                (outermost, pointer)
            }
            None => (place.ordinal, answer.element_pointer(place.ordinal, self.reading(reading).view())),
        }
    }

    /// How many files are in each state.
    #[must_use]
    pub fn files_in(&self, state: FileState) -> usize {
        self.files_in[state as usize]
    }
}
