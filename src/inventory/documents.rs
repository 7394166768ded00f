//! What a file, or a part of one, came to: its documents as packed fragments. Made inside the worker that reads it.

use super::capped::Capped;
use super::fragment::Fragment;
use crate::limits::Limits;
use crate::parse::answer::NotJson;
use crate::parse::decode;
use crate::parse::document::{self, Reader, Row, Site, Tally};
use crate::parse::envelope::{self, Envelope, Found};
use crate::parse::extent;
use crate::parse::neighbour;
use crate::parse::sequence::{self, Sequence};

/// The documents of a file, or of a part of one.
#[derive(Debug)]
pub struct Documents {
    /// Every answer in them, in order; rows of single backups as one.
    pub fragments: Vec<Fragment>,
    /// How many they are, and what could not be used.
    pub tally: Tally,
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
                let is_too_much = collector.records > limits.records;
                if is_too_much {
                    Self::refused(limits.too_many_records())
                } else {
                    Self { fragments: collector.fragments, tally }
                }
            }
            Err(reason) => Self::refused(reason),
        }
    }

    /// Reads whole lines of a text that holds a document on each. Their counts stand beside them; the tally is theirs alone.
    #[must_use]
    pub fn lines(text: &str, limits: &Limits, hasher: &ahash::RandomState) -> (Self, Sequence) {
        let mut collector = Collector::new(limits, hasher);
        let mut read = sequence::lines(text, &mut collector);
        (Self { fragments: collector.fragments, tally: std::mem::take(&mut read.tally) }, read)
    }

    /// A file of which nothing can be used.
    #[must_use]
    pub fn refused(reason: String) -> Self {
        Self { fragments: Vec::new(), tally: Tally::refused(reason) }
    }

    /// Whether nothing can be used for this reason.
    #[must_use]
    pub fn is_refused_for(&self, reason: &str) -> bool {
        self.fragments.is_empty() && self.tally.refused.iter().any(|refused| refused.alone() == reason)
    }

    /// A file that is no answer.
    #[must_use]
    pub fn other(what: impl Into<String>, hasher: &ahash::RandomState) -> Self {
        let mut fragment = Fragment::empty(hasher);
        fragment.answer = Some((Site::default(), Envelope::NotBackup(what.into())));
        Self { fragments: vec![fragment], tally: Tally { documents: 1, ..Tally::default() } }
    }
}

/// Whether an answer is one of a row: a single backup in a document of its own, whose place is that of the document.
pub(super) fn is_row(site: &Site, envelope: &Envelope) -> bool {
    site.within.is_empty() && matches!(envelope, Envelope::Show | Envelope::Bare)
}

/// Keeps every answer as a fragment.
struct Collector<'h> {
    fragments: Vec<Fragment>,
    /// What was read last.
    read: Option<Room>,
    /// How many backup objects were kept, those of a file that holds too many too.
    records: u64,
    /// A text is too long somewhere, so that every document is looked at by itself.
    is_long: bool,
    limits: &'h Limits,
    hasher: &'h ahash::RandomState,
}

impl<'h> Collector<'h> {
    fn new(limits: &'h Limits, hasher: &'h ahash::RandomState) -> Self {
        Self { fragments: Vec::new(), read: None, records: 0, is_long: false, limits, hasher }
    }

    /// A fragment for what comes next.
    fn room(&self) -> Room {
        let most = self.limits.records.saturating_sub(self.records);
        Room { fragment: Fragment::empty(self.hasher), most, records: 0 }
    }

    /// Keeps a fragment of so many records, unless the file holds too many anyway.
    fn push(&mut self, fragment: Fragment, records: u64) {
        self.records += records;
        if self.records > self.limits.records {
            self.fragments.clear();
        } else {
            self.fragments.push(fragment);
        }
    }
}

/// The shortest objects of a list, and what stands between them, are longer.
const SHORTEST: u64 = 2;

/// A new fragment of a file, which takes no more records than the file may still hold.
struct Room {
    fragment: Fragment,
    most: u64,
    /// How many there are.
    records: u64,
}

impl Room {
    /// Reads a text as one answer.
    fn answer(&mut self, text: &str) -> Result<Found, NotJson> {
        if self.may_be_over(text) {
            let mut capped = Capped::new(self.fragment.packer(), self.most);
            let found = envelope::read(text, &mut capped);
            self.records = capped.met();
            return found;
        }
        let found = envelope::read(text, &mut self.fragment.packer());
        self.records = self.fragment.rows.len() as u64;
        found
    }

    /// Reads whole lines with a backup on each.
    fn row(&mut self, text: &str, document: u32, until: usize) -> (Row, bool) {
        if self.may_be_over(text) {
            let mut capped = Capped::new(self.fragment.packer(), self.most);
            let row = document::row(text, document, until, &mut capped);
            self.records = capped.met();
            return row;
        }
        let row = document::row(text, document, until, &mut self.fragment.packer());
        self.records = self.fragment.rows.len() as u64;
        row
    }

    fn may_be_over(&self, text: &str) -> bool {
        text.len() as u64 / SHORTEST > self.most
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
            match neighbour::read(text) {
                Ok(answer) => room.fragment.neighbours = answer,
                Err(why) => found.envelope = Envelope::Refused(why),
            }
        }
        self.read = Some(room);
        Ok(found)
    }

    fn keep(&mut self, site: &Site, text: &str, envelope: Envelope) {
        // What was read last stands before an empty text, and is none of it.
        let read = self.read.take().filter(|_| !text.is_empty());
        let Room { mut fragment, records, .. } = read.unwrap_or_else(|| self.room());
        if is_row(site, &envelope) {
            let document = site.document.unwrap_or_default();
            fragment.rows.iter_mut().for_each(|row| row.shift(document));
            let direct = fragment.lost.iter_mut().filter(|lost| lost.enclosing.is_none());
            direct.for_each(|lost| lost.ordinal += document);
        }
        fragment.answer = Some((site.clone(), envelope));
        self.push(fragment, records);
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
        let Room { mut fragment, records, .. } = room;
        fragment.answer = Some((Site { document: Some(document), within: String::new() }, Envelope::Bare));
        self.push(fragment, records);
        row
    }

    fn clear(&mut self) {
        self.fragments.clear();
        self.records = 0;
    }
}
