//! The usual form of backup objects, read without a detour: what was met before in the same place is recognised as a
//! whole, values go straight to the receiver. Whatever is not of the usual form is left to the strict reader.

#![allow(
    clippy::indexing_slicing,
    reason = "there is one entry for every field and every object that may begin; a guess was found in the table before"
)]

mod pattern;
mod replication;
mod run;
#[cfg(test)]
mod tests;
mod texts;

use std::borrow::Cow;

use super::answer::ANSWERS;
use super::envelope::Receiver;
use super::replication::REPLICATED_KEYS;
use super::scalar::{KeysMet, Scalar};
use super::scan::{Scan, Scanner, Unusual};
use super::wire::UnknownKey;
use crate::inventory::field::{ARRAY, FIELD_COUNT, FieldId, FieldSet, Home, OBJECT};
use pattern::Patterns;
use run::{BEGINNINGS, Run, Runs, holds_objects, varies};
pub use texts::Singles;
pub(super) use texts::{read, row};

/// Children of children do not occur; what is nested deeper than this is left to the strict reader.
const DEEPEST: u32 = 16;

/// Stands for no guess.
const NO_GUESS: u8 = u8::MAX;

/// Reads the backup objects of one text.
#[derive(Debug)]
pub(super) struct Records<'a> {
    pub(super) scan: Scanner<'a>,
    /// For every field, and for the beginning of every object, the field that came next when it was last met.
    next: [u8; BEGINNINGS],
    /// The same for the keys of replication records.
    next_replicated: [u8; REPLICATED_KEYS + 2],
    runs: Runs<'a>,
    patterns: Patterns<'a>,
    /// How many objects have been read.
    read: u32,
    /// Each stands by itself: what has the key of an answer is an answer.
    is_alone: bool,
}

/// Runs are learnt and looked for from this object on: in a document of few objects they would not pay.
const WORTH_LEARNING: u32 = 8;

/// A record while it is read.
struct Object<'a> {
    /// The record itself or the object inside it in which the next member stands.
    home: Home,
    /// The field before, or which object has just begun.
    before: usize,
    /// The object has just begun.
    is_new: bool,
    /// A run may begin here.
    may_follow: bool,
    is_closed: bool,
    present: FieldSet,
    unknown: KeysMet<'a>,
    /// An object or array stands under one of these.
    holds_unknown: bool,
    learning: Option<Learning>,
    depth: u32,
}

/// The beginning of a run that is to be learnt.
struct Learning {
    from: usize,
    at: usize,
    met: FieldSet,
}

impl Object<'_> {
    fn new(depth: u32) -> Self {
        Self {
            home: Home::Record,
            before: FIELD_COUNT + Home::Record as usize,
            is_new: true,
            may_follow: true,
            is_closed: false,
            present: FieldSet::default(),
            unknown: KeysMet::default(),
            holds_unknown: false,
            learning: None,
            depth,
        }
    }

    /// Where a run begins: what stands in a server backup is seldom what stands in its disks.
    fn place(&self) -> usize {
        self.before + if self.depth == 0 { 0 } else { BEGINNINGS }
    }

    /// Something has come that no run can hold; a new one may begin behind it.
    fn interrupt(&mut self, has_come: bool) {
        if has_come {
            self.learning = None;
            self.may_follow = true;
        }
    }
}

impl<'a> Records<'a> {
    pub(super) fn new(scan: Scanner<'a>) -> Self {
        Self {
            scan,
            next: [NO_GUESS; BEGINNINGS],
            next_replicated: [NO_GUESS; REPLICATED_KEYS + 2],
            runs: Runs::default(),
            patterns: Patterns::default(),
            read: 0,
            is_alone: false,
        }
    }

    /// Reads the object at the position. Returns the fields that it carries.
    pub(super) fn element(&mut self, ordinal: u32, receiver: &mut impl Receiver<'a>) -> Scan<FieldSet> {
        self.record(ordinal, receiver, 0)
    }

    fn record(&mut self, ordinal: u32, receiver: &mut impl Receiver<'a>, depth: u32) -> Scan<FieldSet> {
        if depth > DEEPEST || self.scan.skip_blanks() != b'{' {
            return Err(Unusual);
        }
        receiver.begin(ordinal);
        self.scan.pass();
        let mut object = Object::new(depth);
        while !object.is_closed {
            if !object.may_follow || self.read < WORTH_LEARNING || !self.follow(&mut object, receiver)? {
                self.step(&mut object, receiver)?;
            }
        }
        // It may stand around a backup: the strict reader tells.
        if object.holds_unknown && object.present == FieldSet::default() {
            return Err(Unusual);
        }
        receiver.end();
        self.read = self.read.saturating_add(1);
        Ok(object.present)
    }

    /// Follows a run that was learnt, and takes the value behind it. False if none is known here: then one is learnt.
    #[inline]
    fn follow(&mut self, object: &mut Object<'a>, receiver: &mut impl Receiver<'a>) -> Scan<bool> {
        object.may_follow = false;
        let Some(run) = self.runs.find(object.place(), self.scan.rest(), object.present) else {
            object.learning = Some(Learning { from: object.place(), at: self.scan.at(), met: object.present });
            receiver.watch();
            return Ok(false);
        };
        self.scan.pass_over(run.text.len());
        object.is_new = false;
        object.present = object.present.with(run.present);
        object.home = run.home;
        receiver.apply(run.effect);
        match run.end {
            Some(field) => self.take(field, object, receiver)?,
            None => object.is_closed = true,
        }
        Ok(true)
    }

    /// Moves past one member of the record or of an object inside it, or past the end of such an object.
    fn step(&mut self, object: &mut Object<'a>, receiver: &mut impl Receiver<'a>) -> Scan<()> {
        let first = self.scan.skip_blanks();
        let has_member = match std::mem::replace(&mut object.is_new, false) {
            true if first == b'}' => {
                self.scan.pass();
                false
            }
            true => true,
            false => self.scan.further(b'}')?,
        };
        if !has_member {
            self.close(object, receiver);
            return Ok(());
        }
        match self.key(object.home, object.before)? {
            Ok(field) => self.member(field, object, receiver),
            Err(key) => {
                object.learning = None;
                let is_answer = matches!(object.home, Home::Record) && ANSWERS.contains(&key);
                // The same unknown key in another object of the record is no harm, but rare enough for the strict reader.
                if is_answer || !object.unknown.note(Cow::Borrowed(key)) {
                    return Err(Unusual);
                }
                let kind = self.scan.value(object.depth)?.kind();
                object.holds_unknown |= kind & (OBJECT | ARRAY) != 0;
                receiver.unknown(&UnknownKey { home: object.home, key: Cow::Borrowed(key), kind, ordinal: None });
                Ok(())
            }
        }
    }

    /// The record or an object inside it has ended.
    fn close(&mut self, object: &mut Object<'a>, receiver: &mut impl Receiver<'a>) {
        (object.home, object.before) = match object.home {
            Home::ExtendInfo => (Home::Record, FieldId::ExtendInfo.index()),
            Home::AppConsistency => (Home::ExtendInfo, FieldId::AppConsistency.index()),
            _ => {
                object.is_closed = true;
                return self.learn(None, object, receiver);
            }
        };
    }

    /// Takes the value of a field, or enters the object that it is.
    fn member(&mut self, field: FieldId, object: &mut Object<'a>, receiver: &mut impl Receiver<'a>) -> Scan<()> {
        if object.present.contains(field) {
            return Err(Unusual);
        }
        let first = self.scan.skip_blanks();
        let inner = match (field, first) {
            (FieldId::ExtendInfo, b'{') => Some(Home::ExtendInfo),
            (FieldId::AppConsistency, b'{') => Some(Home::AppConsistency),
            _ => None,
        };
        if let Some(home) = inner {
            self.scan.pass();
            object.present.insert(field);
            (object.home, object.before, object.is_new) = (home, FIELD_COUNT + home as usize, true);
            receiver.value(field, &Scalar::Object);
            return Ok(());
        }
        let is_filled = first == b'[' && !self.scan.is_empty_list();
        if varies(field) && first != b'n' || holds_objects(field) && is_filled {
            self.learn(Some(field), object, receiver);
        }
        self.take(field, object, receiver)
    }

    /// Remembers the run that ends here: at the value of this field, or at the end of the record.
    fn learn(&mut self, end: Option<FieldId>, object: &mut Object<'a>, receiver: &mut impl Receiver<'a>) {
        let Some(learning) = object.learning.take().filter(|_| self.runs.has_room()) else { return };
        let present = object.present.without(learning.met);
        if let Some(effect) = receiver.learn(present) {
            let text = self.scan.since(learning.at);
            self.runs.add(learning.from, Run { text, end, home: object.home, present, effect });
        }
    }

    /// Takes the value of a field, which the scanner stands before.
    #[inline]
    fn take(&mut self, field: FieldId, object: &mut Object<'a>, receiver: &mut impl Receiver<'a>) -> Scan<()> {
        object.present.insert(field);
        object.before = field.index();
        // Where nothing is being learnt, a run may begin behind any value.
        object.may_follow = varies(field) || object.learning.is_none();
        let length = receiver.glimpse(field, self.scan.rest());
        if length > 0 {
            self.scan.pass_over(length);
            return Ok(());
        }
        let value = match (field, self.scan.skip_blanks()) {
            (FieldId::Children, b'[') => self.children(object, receiver)?,
            (FieldId::ReplicationRecords, b'[') => self.replications(object, receiver)?,
            (FieldId::OsImagesData, b'[') => self.images(object, receiver)?,
            // What is no list holds something that is lost, or nothing: the strict reader tells.
            (FieldId::Children | FieldId::ReplicationRecords, b'{' | b'"') => return Err(Unusual),
            _ => self.scan.value(object.depth)?,
        };
        object.may_follow &= value != Scalar::Null || object.learning.is_none();
        receiver.value(field, &value);
        Ok(())
    }

    /// Moves past a key and its colon: a field of this object, or a key that is unknown in it.
    #[inline]
    fn key(&mut self, home: Home, before: usize) -> Scan<Result<FieldId, &'a str>> {
        let guess = usize::from(self.next[before]);
        if let Some(keyed) = FieldId::KEYED.get(guess)
            && self.scan.pass_if(keyed)
        {
            self.scan.skip_blanks();
            return Ok(Ok(FieldId::ALL[guess]));
        }
        let key = self.scan.key()?;
        self.scan.expect(b':')?;
        let field = FieldId::within(home, key);
        if let Some(field) = field {
            self.next[before] = field as u8;
        }
        Ok(field.ok_or(key))
    }

    fn children(&mut self, object: &mut Object<'a>, receiver: &mut impl Receiver<'a>) -> Scan<Scalar<'a>> {
        let mut further = self.scan.opens(b']');
        let mut ordinal = 0;
        while further {
            self.record(ordinal, receiver, object.depth + 1)?;
            ordinal += 1;
            further = self.scan.further(b']')?;
        }
        object.interrupt(ordinal > 0);
        Ok(Scalar::Array)
    }

    fn images(&mut self, object: &mut Object<'a>, receiver: &mut impl Receiver<'a>) -> Scan<Scalar<'a>> {
        let mut further = self.scan.opens(b']');
        object.interrupt(further);
        while further {
            self.scan.value(object.depth)?;
            receiver.image();
            further = self.scan.further(b']')?;
        }
        Ok(Scalar::Array)
    }
}
