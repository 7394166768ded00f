//! What a file, or a part of one, came to: its documents as packed fragments. Made inside the worker that reads it.

use super::fragment::{Fragment, is_row};
use super::room::Room;
use crate::limits::Limits;
use crate::parse::answer::NotJson;
use crate::parse::decode;
use crate::parse::document::{self, Reader, Row, Site, Tally};
use crate::parse::envelope::{Envelope, Found};
use crate::parse::extent;
use crate::parse::neighbour;
use crate::parse::sequence::{self, Sequence};

/// The documents of a file, or of a part of one.
#[derive(Debug)]
pub struct Documents {
    /// Every answer in them, in order; rows of single backups as one.
    pub pieces: Vec<Piece>,
    /// How many they are, and what could not be used.
    pub tally: Tally,
    /// How many backup objects were met: more than are kept where that is more than the limit.
    pub records: u64,
    /// What is kept around the backups counts as so many bytes.
    pub around: u64,
}

/// What an answer came to.
#[derive(Debug)]
pub enum Piece {
    /// It holds something.
    Packed(Box<Fragment>),
    /// It holds nothing: a text can be made of little else.
    Empty(Site, Envelope),
    /// So many are no answers with backups, and nothing is kept of them but what they are.
    Others(String, u64),
}

impl Piece {
    /// The fragment of an answer, or less where there is nothing in it.
    fn new(site: Site, envelope: Envelope, mut fragment: Fragment) -> Self {
        match envelope {
            Envelope::NotBackup(what) if fragment.is_empty() => Self::Others(what, 1),
            envelope if fragment.is_empty() => Self::Empty(site, envelope),
            envelope => {
                fragment.answer = Some((site, envelope));
                Self::Packed(Box::new(fragment))
            }
        }
    }
}

impl Documents {
    /// Reads the bytes of a file; `named` tells that its name promises a document on each line. Hashes are comparable
    /// between fragments of one `hasher`.
    #[must_use]
    pub fn read(bytes: &[u8], named: bool, limits: &Limits, hasher: &ahash::RandomState) -> Self {
        match decode::document(bytes) {
            Ok(text) => {
                let mut collector = Collector::new(limits, hasher);
                let tally = document::read(&text, named, &mut collector);
                let read = collector.end(tally);
                if read.records > limits.records { Self::refused(limits.too_many_records()) } else { read }
            }
            Err(reason) => Self::refused(reason),
        }
    }

    /// Reads whole lines of a text that holds a document on each. Their counts stand beside them; the tally is theirs alone.
    #[must_use]
    pub fn lines(text: &str, limits: &Limits, hasher: &ahash::RandomState) -> (Self, Sequence) {
        let mut collector = Collector::new(limits, hasher);
        let mut read = sequence::lines(text, &mut collector);
        (collector.end(std::mem::take(&mut read.tally)), read)
    }

    /// Gives back what only reading needs, where they are kept for a while.
    pub fn settle(&mut self) {
        for piece in &mut self.pieces {
            if let Piece::Packed(fragment) = piece {
                fragment.settle();
            }
        }
    }

    /// Adds the lines that follow, where they hold nothing but a row of single backups, as those before end with one; else
    /// gives them back.
    ///
    /// # Errors
    /// They are anything else.
    pub fn join(&mut self, later: Self) -> Result<(), Self> {
        let Some(Piece::Packed(row)) = self.pieces.last_mut() else { return Err(later) };
        match <[Piece; 1]>::try_from(later.pieces) {
            Ok([Piece::Packed(next)]) if row.is_row() && next.is_row() => row.join(*next, self.tally.documents),
            Ok(pieces) => return Err(Self { pieces: pieces.into(), ..later }),
            Err(pieces) => return Err(Self { pieces, ..later }),
        }
        self.tally.add(later.tally);
        self.records += later.records;
        self.around += later.around;
        Ok(())
    }

    /// A file of which nothing can be used.
    #[must_use]
    pub fn refused(reason: String) -> Self {
        Self { pieces: Vec::new(), tally: Tally::refused(reason), records: 0, around: 0 }
    }

    /// The only answer in them, if it holds something and nothing else was met.
    #[must_use]
    pub fn only(self) -> Option<(Site, Envelope)> {
        let Ok([Piece::Packed(fragment)]) = <[Piece; 1]>::try_from(self.pieces) else { return None };
        fragment.answer.filter(|_| self.tally.refused_in_all == 0)
    }

    /// Whether nothing can be used for this reason.
    #[must_use]
    pub fn is_refused_for(&self, reason: &str) -> bool {
        self.tally.refused.iter().any(|refused| refused.alone() == reason)
    }

    /// A file that is no answer.
    #[must_use]
    pub fn other(what: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Others(what.into(), 1)], tally: Tally::default(), records: 0, around: 0 }
    }
}

/// Among so many of the last pieces one of the same kind is looked for.
const NEAR: usize = 4;

/// Keeps every answer.
struct Collector<'h> {
    pieces: Vec<Piece>,
    /// What was read last.
    read: Option<Room>,
    /// How many backup objects were met.
    records: u64,
    /// What is kept around the backups counts as so many bytes.
    around: u64,
    /// A text is too long somewhere, so that every document is looked at by itself.
    is_long: bool,
    limits: &'h Limits,
    hasher: &'h ahash::RandomState,
}

impl<'h> Collector<'h> {
    fn new(limits: &'h Limits, hasher: &'h ahash::RandomState) -> Self {
        Self { pieces: Vec::new(), read: None, records: 0, around: 0, is_long: false, limits, hasher }
    }

    fn end(self, tally: Tally) -> Documents {
        Documents { pieces: self.pieces, tally, records: self.records, around: self.around }
    }

    /// Room for what comes next.
    fn room(&self) -> Room {
        Room::new(self.limits.records.saturating_sub(self.records), self.hasher)
    }

    /// Keeps what an answer with so many records came to, unless the file holds too many anyway.
    fn push(&mut self, piece: Piece, records: u64) {
        self.records += records;
        if self.records > self.limits.records {
            self.pieces.clear();
            return;
        }
        let alike = self.pieces.iter_mut().rev().take(NEAR).find_map(|near| match (near, &piece) {
            (Piece::Others(near, count), Piece::Others(what, _)) if near == what => Some(count),
            _ => None,
        });
        match alike {
            Some(count) => *count += 1,
            None => self.pieces.push(piece),
        }
    }
}

impl Reader for Collector<'_> {
    fn read(&mut self, text: &str) -> Result<Found, NotJson> {
        let mut room = self.room();
        let mut found = room.answer(text)?;
        if let Some(why) = extent::beyond(text, self.limits) {
            self.read = None;
            return Ok(Envelope::Refused(why).into());
        }
        if matches!(&found.envelope, Envelope::NotBackup(what) if neighbour::is_kept(what)) {
            let around_bytes = self.limits.around_bytes.saturating_sub(self.around);
            match neighbour::read(text, &Limits { around_bytes, ..*self.limits }) {
                Ok(answer) => room.neighbours(answer),
                Err(why) => found.envelope = Envelope::Refused(why),
            }
        }
        self.read = Some(room);
        Ok(found)
    }

    fn keep(&mut self, site: &Site, text: &str, envelope: Envelope) {
        // What was read last stands before an empty text, and is none of it.
        let read = self.read.take().filter(|_| !text.is_empty());
        let (mut fragment, records) = read.unwrap_or_else(|| self.room()).end();
        self.around += fragment.neighbours.as_ref().map_or(0, |answer| answer.weight);
        if is_row(site, &envelope) {
            let document = site.document.unwrap_or_default();
            fragment.rows.iter_mut().for_each(|row| row.shift(document));
            let direct = fragment.lost.iter_mut().filter(|lost| lost.enclosing.is_none());
            direct.for_each(|lost| lost.ordinal += document);
        }
        self.push(Piece::new(site.clone(), envelope, fragment), records);
    }

    fn row(&mut self, text: &str, document: u32) -> Row {
        if self.is_long {
            return Row::default();
        }
        let mut room = self.room();
        let (mut row, is_stuck) = room.row(text, document, text.len());
        if row.documents == 0 {
            return row;
        }
        self.is_long = text.get(..row.bytes).is_some_and(|rows| extent::beyond(rows, self.limits).is_some());
        if self.is_long {
            return Row::default();
        }
        if is_stuck {
            // What was taken of the line behind is of no use: only the lines before are read again.
            room = self.room();
            (row, _) = room.row(text, document, row.bytes);
        }
        let (fragment, records) = room.end();
        let site = Site { document: Some(document), within: String::new() };
        self.push(Piece::new(site, Envelope::Bare, fragment), records);
        row
    }

    fn clear(&mut self) {
        self.pieces.clear();
        (self.records, self.around) = (0, 0);
    }
}

#[cfg(test)]
#[path = "documents_tests.rs"]
mod tests;
