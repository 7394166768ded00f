//! The common form of backup objects, read without a detour: known keys are guessed from those that came before, strings
//! are borrowed, records are used again. Whatever is not of the common form is left to the strict reader.

use std::borrow::Cow;

use super::replication::{REPLICATED_KEYS, Replicated, WireReplication};
use super::scalar::{KeysMet, Scalar};
use super::scan::{Scan, Scanner, Unusual};
use super::wire::{Element, WireRecord};
use crate::inventory::field::{FIELD_COUNT, FieldId, Home};

/// Children of children do not occur; what is nested deeper than this is left to the strict reader.
const DEEPEST: u32 = 16;

/// Reads the backup objects of one text.
#[derive(Debug)]
pub(super) struct Records<'a> {
    pub(super) scan: Scanner<'a>,
    spare: Vec<Box<WireRecord<'a>>>,
    /// For every field, and for the beginning of every object, the field that came next when it was last met.
    next: [u8; FIELD_COUNT + 3],
    /// The same for the keys of replication records.
    next_replicated: [u8; REPLICATED_KEYS + 2],
}

/// Stands for no guess.
const NO_GUESS: u8 = u8::MAX;

impl<'a> Records<'a> {
    pub(super) fn new(scan: Scanner<'a>) -> Self {
        Self {
            scan,
            spare: Vec::new(),
            next: [NO_GUESS; FIELD_COUNT + 3],
            next_replicated: [NO_GUESS; REPLICATED_KEYS + 2],
        }
    }

    /// Reads the object at the position and hands it to `take`.
    pub(super) fn element(&mut self, take: impl FnOnce(&Element<'a>)) -> Scan<()> {
        let element = self.record(0).map(Ok)?;
        take(&element);
        if let Ok(record) = element {
            self.recycle(record);
        }
        Ok(())
    }

    fn recycle(&mut self, mut record: Box<WireRecord<'a>>) {
        for child in record.children.drain(..).flatten() {
            self.recycle(child);
        }
        record.clear();
        self.spare.push(record);
    }

    fn record(&mut self, depth: u32) -> Scan<Box<WireRecord<'a>>> {
        if depth > DEEPEST || self.scan.skip_blanks() != b'{' {
            return Err(Unusual);
        }
        let mut record = self.spare.pop().unwrap_or_else(|| Box::new(WireRecord::empty()));
        self.fields(Home::Record, &mut record, depth)?;
        if record.is_lost() { Err(Unusual) } else { Ok(record) }
    }

    /// Reads the members of the record or of an object inside it.
    fn fields(&mut self, home: Home, record: &mut WireRecord<'a>, depth: u32) -> Scan<()> {
        let mut further = self.scan.opens(b'}');
        let mut before = FIELD_COUNT + home as usize;
        let mut unknown = KeysMet::default();
        while further {
            match self.key(home, before)? {
                Ok(field) => {
                    before = field.index();
                    let value = self.value(field, record, depth)?;
                    record.take(field, value);
                }
                Err(key) => {
                    let value = self.scan.value(depth)?;
                    record.note(home, Cow::Borrowed(key), value, &mut unknown);
                }
            }
            further = self.scan.further(b'}')?;
        }
        Ok(())
    }

    /// Moves past a key and its colon: a field of this object, or a key that is unknown in it.
    #[inline]
    fn key(&mut self, home: Home, before: usize) -> Scan<Result<FieldId, &'a str>> {
        let guess = usize::from(self.next[before]);
        if let Some(keyed) = FieldId::KEYED.get(guess)
            && self.scan.pass_if(keyed)
        {
            return Ok(Ok(FieldId::ALL[guess]));
        }
        self.unguessed(home, before)
    }

    fn unguessed(&mut self, home: Home, before: usize) -> Scan<Result<FieldId, &'a str>> {
        let key = self.scan.key()?;
        self.scan.expect(b':')?;
        let field = FieldId::within(home, key);
        if let Some(field) = field {
            self.next[before] = field as u8;
        }
        Ok(field.ok_or(key))
    }

    fn value(&mut self, field: FieldId, record: &mut WireRecord<'a>, depth: u32) -> Scan<Scalar<'a>> {
        match (field, self.scan.skip_blanks()) {
            (FieldId::ExtendInfo, b'{') => self.fields(Home::ExtendInfo, record, depth).map(|()| Scalar::Object),
            (FieldId::AppConsistency, b'{') => {
                self.fields(Home::AppConsistency, record, depth).map(|()| Scalar::Object)
            }
            (FieldId::Children, b'[') => self.children(record, depth),
            (FieldId::ReplicationRecords, b'[') => self.replications(record, depth),
            (FieldId::OsImagesData, b'[') => self.images(record, depth),
            _ => self.scan.value(depth),
        }
    }

    fn children(&mut self, record: &mut WireRecord<'a>, depth: u32) -> Scan<Scalar<'a>> {
        let mut further = self.scan.opens(b']');
        while further {
            let child = self.record(depth + 1)?;
            record.children.push(Ok(child));
            further = self.scan.further(b']')?;
        }
        Ok(Scalar::Array)
    }

    fn images(&mut self, record: &mut WireRecord<'a>, depth: u32) -> Scan<Scalar<'a>> {
        let mut further = self.scan.opens(b']');
        while further {
            self.scan.value(depth)?;
            record.images = record.images.saturating_add(1);
            further = self.scan.further(b']')?;
        }
        Ok(Scalar::Array)
    }

    fn replications(&mut self, record: &mut WireRecord<'a>, depth: u32) -> Scan<Scalar<'a>> {
        let mut further = self.scan.opens(b']');
        while further {
            if self.scan.skip_blanks() != b'{' {
                return Err(Unusual);
            }
            let mut replication = WireReplication::default();
            self.replication(Home::Replication, record, &mut replication, depth)?;
            record.replications.push(replication);
            further = self.scan.further(b']')?;
        }
        Ok(Scalar::Array)
    }

    /// Reads an element of `replication_records`, or its `extra_info`.
    fn replication(
        &mut self,
        home: Home,
        record: &mut WireRecord<'a>,
        replication: &mut WireReplication<'a>,
        depth: u32,
    ) -> Scan<()> {
        let mut further = self.scan.opens(b'}');
        let mut before = REPLICATED_KEYS + usize::from(home == Home::ReplicationExtra);
        let mut unknown = KeysMet::default();
        let mut met = 0_u32;
        while further {
            let key = self.replicated_key(home, before)?;
            let first = self.scan.skip_blanks();
            let value = if key == Ok(Replicated::ExtraInfo) && first == b'{' {
                self.replication(Home::ReplicationExtra, record, replication, depth)?;
                Scalar::Object
            } else {
                self.scan.value(depth)?
            };
            let is_new = match key {
                Ok(known) => {
                    before = known as usize;
                    met & (1 << before) == 0
                }
                Err(key) => unknown.note(Cow::Borrowed(key)),
            };
            if !is_new {
                return Err(Unusual);
            }
            met |= key.map_or(0, |known| 1 << known as u32);
            replication.note(home, key.map_err(Cow::Borrowed), value, record);
            further = self.scan.further(b'}')?;
        }
        Ok(())
    }

    fn replicated_key(&mut self, home: Home, before: usize) -> Scan<Result<Replicated, &'a str>> {
        let guess = usize::from(self.next_replicated[before]);
        if let Some(keyed) = Replicated::KEYED.get(guess)
            && self.scan.pass_if(keyed)
        {
            return Ok(Ok(Replicated::ALL[guess]));
        }
        let key = self.scan.key()?;
        self.scan.expect(b':')?;
        let known = Replicated::within(home, key);
        if let Some(known) = known {
            self.next_replicated[before] = known as u8;
        }
        Ok(known.ok_or(key))
    }
}
