//! One file's backup objects as packed readings with numbers of their own. Made inside the worker, so that the JSON
//! bytes are freed there; the inventory renumbers and takes them over in path order.

use std::collections::HashMap;

use super::field::{FieldId, Home, Kinds};
use super::intern::Interner;
use super::pack::RowPacker;
use super::record::{Aside, Place, Reading, Replication, View};
use crate::parse::decode;
use crate::parse::envelope::{self, Envelope, Receiver};
use crate::parse::wire::{Element, Lost, WireRecord};

/// A key or type that the field table does not know: where it stands and what it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DriftKey {
    /// The object in which the key stands.
    pub home: Home,
    /// The key.
    pub key: Box<str>,
    /// The JSON type of the value.
    pub kind: Kinds,
}

/// How often a drifted key was met, and where first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DriftSeen {
    /// How often.
    pub count: u64,
    /// The first reading.
    pub reading: u32,
    /// The replication record in that reading, for a key of one.
    pub ordinal: Option<u32>,
}

/// A backup object that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostRecord {
    /// The reading in whose `children` it stands.
    pub enclosing: Option<u32>,
    /// Its position in the list it stands in.
    pub ordinal: u32,
    /// Why.
    pub reason: String,
}

/// What one file came to.
#[derive(Debug)]
pub struct Fragment {
    /// Which answer the file is.
    pub envelope: Envelope,
    /// Its backup objects, parents before their children.
    pub readings: Vec<Reading>,
    /// Their replication records.
    pub replications: Vec<Replication>,
    /// Values that do not fit.
    pub asides: HashMap<(u32, FieldId), Aside>,
    /// The texts the readings refer to.
    pub texts: Interner,
    /// Objects that could not be read.
    pub lost: Vec<LostRecord>,
    /// How many objects were lost in all.
    pub objects_lost: u64,
    /// How many of them stood directly in the answer's list.
    pub elements_lost: u64,
    /// Unknown keys and types.
    pub drift: HashMap<DriftKey, DriftSeen>,
    /// How often each known key was met with a known type.
    pub known_keys: Vec<u64>,
    /// How many times were read as UTC because they name no zone.
    pub zones_assumed: u64,
    pub(super) hasher: ahash::RandomState,
    pub(super) view: View,
}

/// How many lost objects of one file are named one by one.
const LOST_NAMED: usize = 20;

impl Fragment {
    /// Reads the bytes of the file at position `source`. Hashes are comparable between fragments of one `hasher`.
    #[must_use]
    pub fn read(bytes: &[u8], source: u32, hasher: &ahash::RandomState) -> Self {
        let mut fragment = Self::empty(hasher);
        let envelope = match decode::document(bytes) {
            Ok(text) => envelope::read(&text, &mut Packer { fragment: &mut fragment, source }),
            Err(reason) => Envelope::Refused(reason),
        };
        fragment.finish(envelope);
        fragment
    }

    /// A file that yields nothing, for this reason.
    #[must_use]
    pub fn without_records(envelope: Envelope, hasher: &ahash::RandomState) -> Self {
        Self { envelope, ..Self::empty(hasher) }
    }

    fn empty(hasher: &ahash::RandomState) -> Self {
        Self {
            envelope: Envelope::NotBackup(String::new()),
            readings: Vec::new(),
            replications: Vec::new(),
            asides: HashMap::new(),
            texts: Interner::default(),
            lost: Vec::new(),
            objects_lost: 0,
            elements_lost: 0,
            drift: HashMap::new(),
            known_keys: vec![0; FieldId::ALL.len()],
            zones_assumed: 0,
            hasher: hasher.clone(),
            view: View::List,
        }
    }

    fn finish(&mut self, envelope: Envelope) {
        let view = if envelope == Envelope::Show { View::Show } else { View::List };
        self.readings.iter_mut().for_each(|reading| reading.view = view);
        self.envelope = envelope;
    }
}

/// Packs the objects of one document into its fragment.
struct Packer<'f> {
    fragment: &'f mut Fragment,
    source: u32,
}

impl<'a> Receiver<'a> for Packer<'_> {
    fn element(&mut self, ordinal: u32, element: Element<'a>) {
        match element {
            Ok(record) => self.pack(&record, Place { source: self.source, enclosing: None, ordinal }),
            Err(lost) => self.lose(None, ordinal, lost),
        }
    }

    fn reset(&mut self) {
        *self.fragment = Fragment::empty(&self.fragment.hasher);
    }
}

impl Packer<'_> {
    fn lose(&mut self, enclosing: Option<u32>, ordinal: u32, lost: Lost) {
        let objects = lost.inside.saturating_add(1);
        self.fragment.objects_lost += u64::from(objects);
        self.fragment.elements_lost += u64::from(enclosing.is_none());
        if self.fragment.lost.len() < LOST_NAMED {
            self.fragment.lost.push(LostRecord { enclosing, ordinal, reason: lost.reason });
        }
    }

    /// Packs a record and then its children. Recursion is bounded by the reader's nesting limit.
    fn pack(&mut self, record: &WireRecord<'_>, place: Place) {
        let number = u32::try_from(self.fragment.readings.len()).unwrap_or(u32::MAX);
        let reading = RowPacker { fragment: self.fragment, number, record }.row(place);
        self.fragment.readings.push(reading);
        for (ordinal, child) in (0_u32..).zip(&record.children) {
            match child {
                Ok(child) => self.pack(child, Place { source: self.source, enclosing: Some(number), ordinal }),
                Err(lost) => {
                    let row = &mut self.fragment.readings[number as usize];
                    row.children_lost = row.children_lost.saturating_add(1);
                    self.lose(Some(number), ordinal, lost.clone());
                }
            }
        }
    }
}
