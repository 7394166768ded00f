//! Whole texts of the usual form: a document, lines with a backup each, and texts that hold a single one.

use std::borrow::Cow;

use super::Records;
use crate::inventory::field::FieldSet;
use crate::parse::answer::{Top, has_backup_keys, is_tabular};
use crate::parse::document::Row;
use crate::parse::envelope::{Envelope, Found, Receiver};
use crate::parse::long::Form;
use crate::parse::scalar::{KeysMet, Scalar};
use crate::parse::scan::{Scan, Scanner, Unusual};

/// Reads a document as the services and the usual exporters write it.
pub(in crate::parse) fn read<'a>(text: &'a str, receiver: &mut impl Receiver<'a>) -> Scan<Found> {
    let mut records = Records::new(Scanner::new(text, 0));
    let mut top = Top::default();
    let scalar = match records.scan.skip_blanks() {
        b'{' => records.top_object(&mut top, receiver)?,
        b'[' => {
            records.elements(&mut top, receiver, true)?;
            top.backup_like = top.elements;
            Scalar::Array
        }
        _ => return Err(Unusual),
    };
    if !records.scan.is_done() {
        return Err(Unusual);
    }
    if top.looks_like_backup() {
        Records::new(Scanner::new(text, 0)).element(0, receiver)?;
        return Ok(top.bare(receiver));
    }
    Ok(top.classify(&scalar, receiver))
}

/// Reads whole lines that hold a backup each, by itself or as a show answer, from the document with this number on and up
/// to a position. Returns what was read, and whether something unusual ended it: then what the receiver has taken is of
/// no use.
pub(in crate::parse) fn row<'a>(
    text: &'a str,
    document: u32,
    until: usize,
    receiver: &mut impl Receiver<'a>,
) -> (Row, bool) {
    let mut records = Records::new(Scanner::new(text, 0));
    records.is_alone = true;
    let mut row = Row::default();
    while records.scan.at() < until && !records.scan.is_done() {
        if records.line(document.saturating_add(row.documents), receiver).is_err() {
            return (row, true);
        }
        row.documents = row.documents.saturating_add(1);
        row.bytes = records.scan.at();
    }
    (row, false)
}

/// Reads texts that hold a single backup each: what was learnt of one serves those behind it.
#[derive(Debug)]
pub struct Singles<'a>(Records<'a>);

impl<'a> Singles<'a> {
    /// Nothing has been learnt yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Records { is_alone: true, ..Records::new(Scanner::new("", 0)) })
    }

    /// Reads a text that is a show answer or a backup by itself, in the usual form. None if it is anything else: then what
    /// the receiver has taken is of no use.
    pub fn read(&mut self, text: &'a str, receiver: &mut impl Receiver<'a>) -> Option<Envelope> {
        self.0.scan = Scanner::new(text, 0);
        let present = self.0.alone(0, receiver).ok()?;
        let is_bare = present != FieldSet::default();
        if is_tabular(present) || !self.0.scan.is_done() {
            return None;
        }
        Some(if is_bare { Envelope::Bare } else { Envelope::Show })
    }
}

impl Default for Singles<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Records<'a> {
    /// Reads a line that is a backup or a show answer.
    fn line(&mut self, ordinal: u32, receiver: &mut impl Receiver<'a>) -> Scan<()> {
        let start = self.scan.at();
        if is_tabular(self.alone(ordinal, receiver)?) {
            return Err(Unusual);
        }
        let is_one_line = !self.scan.since(start).contains(&b'\n');
        if is_one_line { self.scan.end_of_line() } else { Err(Unusual) }
    }

    fn top_object(&mut self, top: &mut Top<'a>, receiver: &mut impl Receiver<'a>) -> Scan<Scalar<'a>> {
        let mut further = self.scan.opens(b'}');
        let mut met = KeysMet::default();
        while further {
            let key = self.scan.key()?;
            let value = match (key, self.scan.expect(b':')?) {
                ("backups", b'[') => {
                    self.elements(top, receiver, false)?;
                    Scalar::Array
                }
                ("backup", b'{') => {
                    receiver.view(true);
                    self.element(0, receiver)?;
                    Scalar::Object
                }
                ("backup", _) => return Err(Unusual),
                _ => self.scan.value(1)?,
            };
            if !met.note(Cow::Borrowed(key)) {
                return Err(Unusual);
            }
            top.keys.push((Cow::Borrowed(key), value));
            further = self.scan.further(b'}')?;
        }
        Ok(Scalar::Object)
    }

    /// Reads the elements of a list; where no envelope vouches for them, each must look like a backup or be a show answer.
    fn elements(&mut self, top: &mut Top<'a>, receiver: &mut impl Receiver<'a>, is_bare: bool) -> Scan<()> {
        let mut further = self.scan.opens(b']');
        let mut ordinal = 0;
        while further {
            if is_bare {
                let present = self.alone(ordinal, receiver)?;
                top.tabular += u32::from(is_tabular(present));
            } else {
                self.element(ordinal, receiver)?;
            }
            ordinal += 1;
            further = self.scan.further(b']')?;
        }
        top.elements = ordinal;
        Ok(())
    }

    /// Reads an element of a long list.
    pub(in crate::parse) fn listed(&mut self, ordinal: u32, form: Form, receiver: &mut impl Receiver<'a>) -> Scan<()> {
        let present = match form {
            Form::Answer | Form::Answers => return self.element(ordinal, receiver).map(drop),
            Form::Array => self.alone(ordinal, receiver)?,
        };
        if is_tabular(present) { Err(Unusual) } else { Ok(()) }
    }

    /// Reads a show answer, or a backup that no envelope vouches for. Returns the fields that the backup carries; none of a
    /// show answer, which vouches for all.
    fn alone(&mut self, ordinal: u32, receiver: &mut impl Receiver<'a>) -> Scan<FieldSet> {
        let is_show = self.scan.enters_show()?;
        receiver.view(is_show);
        let present = self.element(ordinal, receiver)?;
        match is_show {
            true if self.scan.further(b'}')? => Err(Unusual),
            true => Ok(FieldSet::default()),
            false if has_backup_keys(|field| present.contains(field)) => Ok(present),
            false => Err(Unusual),
        }
    }
}
