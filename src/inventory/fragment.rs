//! The backup objects of one answer as packed readings with numbers of their own. Made inside the worker, so that the JSON
//! bytes are freed there; the inventory renumbers and takes them over in path order.

use std::collections::HashMap;

use super::distinct::Distinct;
use super::field::{FieldId, FieldSet, Home, Kinds};
use super::id::IdList;
use super::intern::Interner;
use super::pack::Packer;
use super::record::{Aside, Beside, Row, View};
use super::replication::ReplicationTable;
use super::shape::{Facts, Shape};
use super::tables::Tables;
use crate::parse::document::Site;
use crate::parse::envelope::Envelope;
use crate::parse::neighbour::Answer;

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

impl DriftSeen {
    /// The same behind so many readings.
    pub(super) fn behind(self, readings: u32) -> Self {
        Self { reading: self.reading + readings, ..self }
    }
}

/// Counts a drifted key that was met further on.
pub(super) fn note_drift(drift: &mut HashMap<DriftKey, DriftSeen>, key: DriftKey, seen: DriftSeen) {
    drift.entry(key).and_modify(|known| known.count += seen.count).or_insert(seen);
}

/// A backup object that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostRecord {
    /// Which kind of answer it stands in.
    pub view: View,
    /// The reading in whose `children` it stands.
    pub enclosing: Option<u32>,
    /// Its position in the list it stands in.
    pub ordinal: u32,
    /// Why.
    pub reason: String,
}

impl LostRecord {
    /// The same behind so many readings, and behind so many elements of its list.
    pub(super) fn behind(self, readings: u32, elements: u32) -> Self {
        match self.enclosing {
            Some(enclosing) => Self { enclosing: Some(enclosing + readings), ..self },
            None => Self { ordinal: self.ordinal + elements, ..self },
        }
    }
}

/// What one answer, or a part of a list, came to.
#[derive(Debug)]
pub struct Fragment {
    /// Where it stands and what it is; none for a part of a list, which is known when it ends.
    pub answer: Option<(Site, Envelope)>,
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
    pub asides: HashMap<(u32, FieldId), Aside, ahash::RandomState>,
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
    /// The known keys that were met with a known type.
    pub known_keys: FieldSet,
    /// How many times were read as UTC because they name no zone.
    pub zones_assumed: u64,
    /// What an answer around the backups holds.
    pub neighbours: Option<Answer>,
    pub(super) hasher: ahash::RandomState,
}

/// How many lost objects of one file are named one by one.
pub(super) const LOST_NAMED: usize = 20;

impl Fragment {
    /// What packs objects into this fragment.
    pub fn packer(&mut self) -> Packer<'_> {
        Packer::new(self)
    }

    /// Whether nothing was met that has to be taken over: whatever is met of a backup stands in an element, or is one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.elements == 0 && self.neighbours.is_none()
    }

    /// Adds what follows in the same list, or on the next lines. The places of what stands directly there move by so many.
    #[allow(clippy::iter_over_hash_type, reason = "sums and minima do not depend on the order")]
    pub fn join(&mut self, mut later: Self, shift: u32) {
        let first = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.tables().take(&mut later, shift);
        self.elements += later.elements;
        self.objects_lost += later.objects_lost;
        self.elements_lost += later.elements_lost;
        self.zones_assumed += later.zones_assumed;
        let room = LOST_NAMED - self.lost.len();
        self.lost.extend(later.lost.into_iter().take(room).map(|lost| lost.behind(first, shift)));
        later.drift.into_iter().for_each(|(key, seen)| note_drift(&mut self.drift, key, seen.behind(first)));
        self.known_keys = self.known_keys.with(later.known_keys);
    }

    /// Whether it is a row of single backups in documents of their own.
    pub(super) fn is_row(&self) -> bool {
        let is_row = self.answer.as_ref().is_some_and(|(site, envelope)| is_row(site, envelope));
        is_row && !self.rows.is_empty()
    }

    fn tables(&mut self) -> Tables<'_, IdList> {
        let Self { rows, beside, shapes, facts, replications, asides, ids, labels, .. } = self;
        Tables { rows, beside, shapes, facts, replications, asides, ids, labels }
    }

    /// Gives back what only packing needs, where the fragment is kept for a while.
    pub fn settle(&mut self) {
        self.rows.shrink_to_fit();
        self.beside.hashes.shrink_to_fit();
        self.shapes.freeze();
        self.facts.freeze();
        self.replications.freeze();
        self.ids.settle();
        self.labels.freeze();
    }

    /// A fragment without any record.
    #[must_use]
    pub fn empty(hasher: &ahash::RandomState) -> Self {
        Self {
            answer: None,
            rows: Vec::new(),
            beside: Beside::default(),
            shapes: Distinct::new(hasher.clone()),
            facts: Distinct::new(hasher.clone()),
            replications: ReplicationTable::new(hasher.clone()),
            asides: HashMap::default(),
            ids: IdList::default(),
            labels: Interner::default(),
            elements: 0,
            lost: Vec::new(),
            objects_lost: 0,
            elements_lost: 0,
            drift: HashMap::new(),
            known_keys: FieldSet::default(),
            zones_assumed: 0,
            neighbours: None,
            hasher: hasher.clone(),
        }
    }
}

/// Whether an answer is one of a row: a single backup in a document of its own, whose place is that of the document.
pub(super) fn is_row(site: &Site, envelope: &Envelope) -> bool {
    site.within.is_empty() && matches!(envelope, Envelope::Show | Envelope::Bare)
}
