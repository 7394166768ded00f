//! Objects on the wire into packed readings, whether they come value by value or as whole records.

#![allow(
    clippy::indexing_slicing,
    reason = "there is one entry for every field; numbers of rows, hashes and effects are those of this packer"
)]

mod glimpse;
mod recall;
#[cfg(test)]
mod tests;
mod value;

use super::field::{FieldId, FieldSet, Kinds, NULL};
use super::fragment::{DriftKey, DriftSeen, Fragment, LOST_NAMED, LostRecord};
use super::intern::Symbol;
use super::record::{Place, Row, View};
use super::replication::Replication;
use super::shape::{Facts, Presence, Shape};
use super::times::Full;
use crate::parse::envelope::Receiver;
use crate::parse::replication::WireReplication;
use crate::parse::scalar::Scalar;
use crate::parse::wire::{Element, Lost, UnknownKey, WireRecord};
use recall::Recall;

/// Packs the objects of one document into its fragment.
#[derive(Debug)]
pub struct Packer<'f> {
    fragment: &'f mut Fragment,
    /// The object that is being packed.
    open: Open,
    /// Those in whose `children` it stands, the outermost first.
    around: Vec<Open>,
    /// The replication records of the element that is being packed, by reading.
    replications: Vec<(u32, Replication)>,
    recall: Recall,
    /// The source and the destination region of the last replication record.
    regions: [Option<Symbol>; 3],
    /// What runs of usual values come to.
    effects: Vec<Effect>,
    /// Nothing was met since a run began that another record could not repeat.
    is_plain: bool,
    /// Which kind of answer the objects stand in.
    view: View,
}

/// What a run of values comes to.
#[derive(Debug)]
struct Effect {
    shape: Shape,
    /// None where its values are no facts.
    facts: Option<Facts>,
}

/// An object that is being packed.
#[derive(Debug)]
struct Open {
    number: u32,
    row: Row,
    times: Full,
    hashes: [u32; 2],
    shape: Shape,
    facts: Facts,
}

impl Open {
    fn nothing() -> Self {
        Self::new(NOTHING, Row::default(), View::List)
    }

    fn new(number: u32, row: Row, view: View) -> Self {
        let (shape, facts) = (Shape { view, ..Shape::default() }, Facts::default());
        Self { number, row, times: Full::default(), hashes: [0; 2], shape, facts }
    }
}

impl<'f> Packer<'f> {
    /// A packer into a fragment.
    pub(super) fn new(fragment: &'f mut Fragment) -> Self {
        Self {
            fragment,
            open: Open::nothing(),
            around: Vec::new(),
            replications: Vec::new(),
            recall: Recall::default(),
            regions: [None; 3],
            effects: Vec::new(),
            is_plain: false,
            view: View::List,
        }
    }

    /// How many readings the fragment has.
    pub(super) fn readings(&self) -> u32 {
        u32::try_from(self.fragment.rows.len()).unwrap_or(u32::MAX)
    }
}

/// Stands for no object.
const NOTHING: u32 = u32::MAX;

impl<'a> Receiver<'a> for Packer<'_> {
    fn view(&mut self, is_show: bool) {
        self.view = if is_show { View::Show } else { View::List };
    }

    fn element(&mut self, ordinal: u32, element: &Element<'a>) {
        self.fragment.elements = ordinal.saturating_add(1);
        match element {
            Ok(record) => self.record(ordinal, record),
            Err(lost) => self.lose(None, ordinal, lost),
        }
    }

    fn begin(&mut self, ordinal: u32) {
        let number = self.readings();
        let enclosing = Some(self.open.number).filter(|&number| number != NOTHING);
        if enclosing.is_none() {
            self.fragment.elements = ordinal.saturating_add(1);
        }
        let row = self.fragment.beside.row(number, Place { enclosing, ordinal });
        let open = Open::new(number, row, self.view);
        self.fragment.rows.push(open.row.clone());
        self.fragment.beside.hashes.push([0; 2]);
        self.around.push(std::mem::replace(&mut self.open, open));
    }

    #[inline]
    fn glimpse(&mut self, field: FieldId, text: &'a [u8]) -> usize {
        let length = self.glimpsed(field, text);
        if length > 0 {
            self.fragment.known_keys.insert(field);
            self.open.shape.presence.set(field, Presence::Value);
        }
        length
    }

    fn value(&mut self, field: FieldId, value: &Scalar<'a>) {
        self.note_type(field, value);
        let presence = if *value == Scalar::Null { Presence::Null } else { self.pack(field, value) };
        self.open.shape.presence.set(field, presence);
    }

    fn watch(&mut self) {
        self.is_plain = true;
    }

    fn learn(&mut self, fields: FieldSet) -> Option<u32> {
        if !self.is_plain {
            return None;
        }
        let number = u32::try_from(self.effects.len()).ok()?;
        let Open { shape, facts, .. } = &self.open;
        let facts = Some(facts.only(fields)).filter(|facts| *facts != Facts::default());
        self.effects.push(Effect { shape: shape.only(fields), facts });
        Some(number)
    }

    #[inline]
    fn apply(&mut self, effect: u32) {
        let effect = &self.effects[effect as usize];
        self.open.shape.add(&effect.shape);
        if let Some(facts) = &effect.facts {
            self.open.facts.add(facts);
        }
    }

    fn unknown(&mut self, key: &UnknownKey<'a>) {
        let drifted = DriftKey { home: key.home, key: key.key.as_ref().into(), kind: key.kind };
        self.drifted(drifted, key.ordinal);
    }

    fn image(&mut self) {
        self.open.shape.images = self.open.shape.images.saturating_add(1);
    }

    fn replication(&mut self, replication: &WireReplication<'a>) {
        let replication = self.read_replication(replication);
        self.replications.push((self.open.number, replication));
    }

    fn end(&mut self) {
        let around = self.around.pop().unwrap_or_else(Open::nothing);
        let Open { number, mut row, times, hashes, shape, facts } = std::mem::replace(&mut self.open, around);
        let is_there = |field| shape.presence.get(field) == Presence::Value;
        self.fragment.beside.set_times(&mut row, times, is_there);
        self.fragment.beside.hashes[number as usize] = hashes;
        row.shape = self.fragment.shapes.number(&shape);
        row.facts = self.fragment.facts.number(&facts);
        self.fragment.rows[number as usize] = row;
        if self.around.is_empty() {
            self.end_element(number);
        }
    }

    fn reset(&mut self) {
        *self.fragment = Fragment::empty(&self.fragment.hasher);
        self.open = Open::nothing();
        self.around.clear();
        self.replications.clear();
        self.recall = Recall::default();
        self.regions = [None; 3];
        self.effects.clear();
        self.view = View::List;
    }
}

impl Packer<'_> {
    /// Enters the replication records of an element, in the order of its readings.
    fn end_element(&mut self, first: u32) {
        self.replications.sort_by_key(|(number, _)| *number);
        let mut records = self.replications.drain(..).peekable();
        for (number, row) in (first..).zip(&mut self.fragment.rows[first as usize..]) {
            row.replications = self.fragment.replications.len();
            while let Some((_, record)) = records.next_if(|(of, _)| *of == number) {
                self.fragment.replications.push(&record);
            }
        }
    }

    /// Packs a record and then its children. Recursion is bounded by the reader's nesting limit.
    fn record(&mut self, ordinal: u32, record: &WireRecord<'_>) {
        self.begin(ordinal);
        self.open.shape.images = u16::try_from(record.images).unwrap_or(u16::MAX);
        record.replications.iter().for_each(|replication| self.replication(replication));
        record.present.iter().for_each(|field| self.value(field, record.get(field)));
        record.unknown.iter().for_each(|key| self.unknown(key));
        for (ordinal, child) in (0_u32..).zip(&record.children) {
            match child {
                Ok(child) => self.record(ordinal, child),
                Err(lost) => {
                    self.open.shape.children_lost = self.open.shape.children_lost.saturating_add(1);
                    self.lose(Some(self.open.number), ordinal, lost);
                }
            }
        }
        self.end();
    }

    fn lose(&mut self, enclosing: Option<u32>, ordinal: u32, lost: &Lost) {
        let objects = lost.inside.saturating_add(1);
        self.fragment.objects_lost += u64::from(objects);
        self.fragment.elements_lost += u64::from(enclosing.is_none());
        if self.fragment.lost.len() < LOST_NAMED {
            self.fragment.lost.push(LostRecord { view: self.view, enclosing, ordinal, reason: lost.reason.clone() });
        }
    }

    /// Notes a key with a known type, or one whose type has drifted.
    fn note_type(&mut self, field: FieldId, scalar: &Scalar<'_>) {
        if scalar.kind() & (field.kinds() | NULL) == 0 {
            let kind: Kinds = scalar.kind();
            self.drifted(DriftKey { home: field.home(), key: field.key().into(), kind }, None);
        } else {
            self.fragment.known_keys.insert(field);
        }
    }

    /// Counts a drifted key. The first reading in which it stands is kept, whichever is packed first.
    fn drifted(&mut self, key: DriftKey, ordinal: Option<u32>) {
        self.is_plain = false;
        let reading = self.open.number;
        let seen = self.fragment.drift.entry(key).or_insert(DriftSeen { count: 0, reading, ordinal });
        seen.count += 1;
        if reading < seen.reading {
            (seen.reading, seen.ordinal) = (reading, ordinal);
        }
    }
}
