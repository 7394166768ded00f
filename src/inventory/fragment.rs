//! One file's backup objects as packed readings with numbers of their own. Made inside the worker, so that the JSON
//! bytes are freed there; the inventory renumbers and takes them over in path order.

use std::collections::HashMap;

use super::field::{FieldId, Home, Kinds};
use super::id::IdList;
use super::intern::Interner;
use super::pack::Packer;
use super::record::{Aside, Beside, Row, View};
use super::replication::ReplicationTable;
use super::shape::{Distinct, Facts, Shape};
use crate::parse::decode;
use crate::parse::envelope::{self, Envelope};
use crate::parse::neighbour::{self, Answer};

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
    /// Its backup objects, parents before their children.
    pub rows: Vec<Row>,
    /// What is kept beside them.
    pub beside: Beside,
    /// The shapes of the rows.
    pub shapes: Distinct<Shape>,
    /// The facts of the rows.
    pub facts: Distinct<Facts>,
    /// Their replication records.
    pub replications: ReplicationTable,
    /// Values that do not fit.
    pub asides: HashMap<(u32, FieldId), Aside>,
    /// The ids the rows refer to.
    pub ids: IdList,
    /// The other texts they refer to.
    pub labels: Interner,
    /// How many elements the list has.
    pub elements: u32,
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
    /// What an answer around the backups holds.
    pub neighbours: Option<Answer>,
    pub(super) hasher: ahash::RandomState,
}

/// How many lost objects of one file are named one by one.
pub(super) const LOST_NAMED: usize = 20;

impl Fragment {
    /// Reads the bytes of a file. Hashes are comparable between fragments of one `hasher`.
    #[must_use]
    pub fn read(bytes: &[u8], hasher: &ahash::RandomState) -> (Envelope, Self) {
        let mut fragment = Self::empty(hasher);
        let envelope = match decode::document(bytes) {
            Ok(text) => fragment.read_text(&text),
            Err(reason) => Envelope::Refused(reason),
        };
        let view = if envelope == Envelope::Show { View::Show } else { View::List };
        fragment.shapes.values.iter_mut().for_each(|shape| shape.view = view);
        (envelope, fragment)
    }

    fn read_text(&mut self, text: &str) -> Envelope {
        let envelope = envelope::read(text, &mut self.packer());
        if matches!(&envelope, Envelope::NotBackup(what) if neighbour::is_kept(what)) {
            match neighbour::read(text) {
                Ok(answer) => self.neighbours = answer,
                Err(why) => return Envelope::Refused(why),
            }
        }
        envelope
    }

    /// What packs objects into this fragment.
    pub fn packer(&mut self) -> Packer<'_> {
        Packer::new(self)
    }

    /// A fragment without any record.
    #[must_use]
    pub fn empty(hasher: &ahash::RandomState) -> Self {
        Self {
            rows: Vec::new(),
            beside: Beside::default(),
            shapes: Distinct::new(hasher.clone()),
            facts: Distinct::new(hasher.clone()),
            replications: ReplicationTable::new(hasher.clone()),
            asides: HashMap::new(),
            ids: IdList::default(),
            labels: Interner::default(),
            elements: 0,
            lost: Vec::new(),
            objects_lost: 0,
            elements_lost: 0,
            drift: HashMap::new(),
            known_keys: vec![0; FieldId::ALL.len()],
            zones_assumed: 0,
            neighbours: None,
            hasher: hasher.clone(),
        }
    }
}
