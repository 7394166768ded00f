//! Builds the inventory: takes over fragments in path order, merges readings by id, then freezes every index.

use std::collections::HashMap;

use super::field::{FieldId, Home};
use super::file::{File, FileState, kind_of};
use super::fragment::{DriftKey, DriftSeen, Fragment, LOST_NAMED, LostRecord};
use super::hierarchy::Hierarchy;
use super::id::{IdMap, Ids};
use super::intern::{Interner, Symbol};
use super::merge::Merged;
use super::record::Beside;
use super::replication::ReplicationTable;
use super::shape::Distinct;
use super::{FileIx, Inventory, capture};
use crate::discover::Source;
use crate::parse::envelope::Envelope;
use crate::parse::neighbour::Answer;
use crate::unpack::Contents;

/// Takes fragments in path order and ends as an [`Inventory`].
#[derive(Debug)]
pub struct Builder {
    inventory: Inventory,
    drift: HashMap<DriftKey, DriftSeen>,
    open: Open,
}

/// The file that is being taken over.
#[derive(Debug, Default)]
struct Open {
    /// Its first reading.
    first: u32,
    /// How many elements its list has so far.
    elements: u32,
    lost: Vec<LostRecord>,
    objects_lost: u64,
    elements_lost: u64,
    neighbours: Option<Answer>,
}

/// What reading a source came to, beside its records.
#[derive(Clone, Debug, Default)]
pub struct Handled {
    /// The state that holds whatever the content says: skipped.
    pub skipped: Option<String>,
    /// The SHA-256 of the bytes, if asked for.
    pub sha256: Option<String>,
    /// How many bytes were read.
    pub bytes: u64,
    /// What is remarkable about the file.
    pub note: Option<String>,
    /// What an archive holds, whose members are files of their own.
    pub held: Option<Held>,
}

/// What an archive came to.
#[derive(Clone, Debug)]
pub struct Held {
    /// Whether all of it was seen.
    pub state: FileState,
    /// What it holds, and what is wrong with it.
    pub reason: String,
}

impl Held {
    /// What is said of an archive with these contents.
    #[must_use]
    pub fn new(contents: &Contents) -> Self {
        const NAMED: usize = 3;
        let state = match (contents.faults.is_empty(), contents.members) {
            (true, _) => FileState::Unpacked,
            (false, 0) => FileState::Rejected,
            (false, _) => FileState::PartlyRead,
        };
        let more = (contents.faults.len() > NAMED).then(|| "…".to_owned());
        let members = match contents.members {
            0 => "no members".to_owned(),
            1 => "1 member, which has its own line".to_owned(),
            several => format!("{several} members, which have their own lines"),
        };
        let faults = contents.faults.iter().take(NAMED).cloned().chain(more);
        let said: Vec<_> = faults.chain(contents.notes.iter().cloned()).chain([members]).collect();
        Self { state, reason: said.join("; ") }
    }
}

/// A state of the builder that it can return to.
#[derive(Debug)]
pub struct Mark {
    readings: usize,
    replications: u32,
    drift: HashMap<DriftKey, DriftSeen>,
    known_keys: Vec<u64>,
    zones_assumed: u64,
}

impl Builder {
    /// A builder for fragments of this hasher.
    #[must_use]
    pub fn new(hasher: &ahash::RandomState) -> Self {
        let inventory = Inventory {
            files: Vec::new(),
            drift: Vec::new(),
            known_keys: vec![0; FieldId::ALL.len()],
            zones_assumed: 0,
            captures: capture::Captures::default(),
            listings: super::Listings::default(),
            labels: Interner::default(),
            ids: Ids::default(),
            rows: Vec::new(),
            beside: Beside::default(),
            shapes: Distinct::new(hasher.clone()),
            facts: Distinct::new(hasher.clone()),
            replications: ReplicationTable::new(hasher.clone()),
            asides: HashMap::default(),
            merged: Merged::default(),
            by_id: IdMap::default(),
            hierarchy: Hierarchy::default(),
            resources: super::Resources::default(),
            neighbours: super::neighbour::Neighbours::default(),
            expected: super::expected::Expected::default(),
        };
        Self { inventory, drift: HashMap::new(), open: Open::default() }
    }

    /// Takes over what one source came to.
    pub fn take(&mut self, source: &Source, handled: Handled, envelope: Envelope, fragment: Fragment) {
        self.part(fragment);
        self.close(source, handled, envelope);
    }

    /// Takes over a part of a source, the next one in its text.
    pub fn part(&mut self, mut fragment: Fragment) {
        let first = self.number();
        let inventory = &mut self.inventory;
        let labels: Vec<Symbol> = fragment.labels.texts().map(|text| inventory.labels.intern(text)).collect();
        let ids = inventory.ids.take(fragment.ids);
        let shapes: Vec<u32> = fragment.shapes.values.iter().map(|shape| inventory.shapes.number(shape)).collect();
        let facts = fragment.facts.values.iter().map(|facts| inventory.facts.number(&facts.renumbered(&labels)));
        let facts: Vec<u32> = facts.collect();
        let replications = inventory.replications.len();
        inventory.beside.take(fragment.beside, &mut fragment.rows, first);
        inventory.rows.extend(fragment.rows.into_iter().map(|mut row| {
            row.shift(self.open.elements);
            row.ids = row.ids.map(|id| ids.of(id));
            row.shape = shapes[row.shape as usize];
            row.facts = facts[row.facts as usize];
            row.replications += replications;
            row
        }));
        inventory.replications.take(fragment.replications, &labels, &ids);
        let asides = fragment.asides.into_iter().map(|((number, field), aside)| ((number + first, field), aside));
        inventory.asides.extend(asides);
        inventory.zones_assumed += fragment.zones_assumed;
        self.take_drift(fragment.drift, &fragment.known_keys, first);
        self.open.neighbours = fragment.neighbours.or(self.open.neighbours.take());
        self.open.objects_lost += fragment.objects_lost;
        self.open.elements_lost += fragment.elements_lost;
        let elements = self.open.elements;
        let lost = fragment.lost.into_iter().map(|lost| match lost.enclosing {
            Some(enclosing) => LostRecord { enclosing: Some(enclosing + first), ..lost },
            None => LostRecord { ordinal: lost.ordinal + elements, ..lost },
        });
        let room = LOST_NAMED - self.open.lost.len();
        self.open.lost.extend(lost.take(room));
        self.open.elements += fragment.elements;
    }

    /// The present state, before the first part of a source.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark {
            readings: self.inventory.rows.len(),
            replications: self.inventory.replications.len(),
            drift: self.drift.clone(),
            known_keys: self.inventory.known_keys.clone(),
            zones_assumed: self.inventory.zones_assumed,
        }
    }

    /// Forgets the parts that were taken over since.
    pub fn back_to(&mut self, mark: Mark) {
        self.inventory.rows.truncate(mark.readings);
        self.inventory.beside.truncate(mark.readings);
        self.inventory.replications.truncate(mark.replications);
        self.inventory.asides.retain(|(reading, _), _| (*reading as usize) < mark.readings);
        self.inventory.known_keys = mark.known_keys;
        self.inventory.zones_assumed = mark.zones_assumed;
        self.drift = mark.drift;
        self.open = Open { first: self.number(), ..Open::default() };
    }

    /// Enters the source whose parts were taken over into the ledger.
    pub fn close(&mut self, source: &Source, handled: Handled, envelope: Envelope) {
        let (first, end) = (self.open.first, self.number());
        let mut open = std::mem::take(&mut self.open);
        self.open.first = end;
        let records = u64::from(end - first);
        let around = open.neighbours.take().map(|answer| self.take_neighbours(source, answer));
        let (state, reason) = match (&envelope, handled.skipped) {
            (_, Some(why)) => (FileState::Skipped, Some(why)),
            _ if let Some(held) = handled.held => (held.state, Some(held.reason)),
            (Envelope::Refused(why), None) => (FileState::Rejected, Some(why.clone())),
            (Envelope::NotBackup(_) | Envelope::Capture(_), None) => around.unwrap_or((FileState::NotBackup, None)),
            _ if open.objects_lost == 0 => (FileState::Read, None),
            _ if records == 0 => (FileState::Rejected, Some(self.lost_reason(&open, &envelope))),
            _ => (FileState::PartlyRead, Some(self.lost_reason(&open, &envelope))),
        };
        self.inventory.files.push(File {
            path: source.path.clone(),
            directory: source.directory().to_owned(),
            bytes: handled.bytes,
            state,
            kind: if state == FileState::Skipped { "skipped".to_owned() } else { kind_of(&envelope) },
            reason: joined(reason, handled.note),
            records,
            sha256: handled.sha256,
            envelope,
            readings: (first, end),
            elements_lost: open.elements_lost,
        });
    }

    /// Takes over an answer around the backups. Returns the state of its file, and what could not be used.
    fn take_neighbours(&mut self, source: &Source, answer: Answer) -> (FileState, Option<String>) {
        let file = FileIx(u32::try_from(self.inventory.files.len()).unwrap_or(u32::MAX));
        let (form, objects) = (answer.form, answer.objects.len());
        let lost = self.inventory.neighbours.take(file, source.directory(), answer);
        let Some((ordinal, why)) = lost.first() else { return (FileState::NotBackup, None) };
        let place = form.pointer(*ordinal);
        let reason = format!("{} of {objects} objects could not be used: {place}: {why}", lost.len());
        let state = if lost.len() < objects { FileState::PartlyRead } else { FileState::Rejected };
        (state, Some(reason))
    }

    /// The objects of a file that were lost, the first ones by name.
    fn lost_reason(&self, open: &Open, envelope: &Envelope) -> String {
        const NAMED: usize = 3;
        let named = open.lost.iter().take(NAMED).map(|lost| {
            format!("{}: {}", self.inventory.place_in(envelope, lost.enclosing, lost.ordinal), lost.reason)
        });
        let named: Vec<_> = named.collect();
        let total = open.objects_lost;
        let objects = if total == 1 { "backup object" } else { "backup objects" };
        let more = if open.lost.len() > NAMED { "; …" } else { "" };
        format!("{total} {objects} could not be read: {}{more}", named.join("; "))
    }

    fn number(&self) -> u32 {
        u32::try_from(self.inventory.rows.len()).unwrap_or(u32::MAX)
    }

    #[allow(clippy::iter_over_hash_type, reason = "sums and minima do not depend on the order")]
    fn take_drift(&mut self, drift: HashMap<DriftKey, DriftSeen>, known_keys: &[u64], first: u32) {
        for (key, seen) in drift {
            let seen = DriftSeen { reading: seen.reading + first, ..seen };
            self.drift.entry(key).and_modify(|known| known.count += seen.count).or_insert(seen);
        }
        for (total, count) in self.inventory.known_keys.iter_mut().zip(known_keys) {
            *total += count;
        }
    }

    /// Merges, links and indexes everything. `replication_shown` is the user's word that every list shows replication.
    #[must_use]
    pub fn freeze(mut self, replication_shown: bool) -> Inventory {
        let inventory = &mut self.inventory;
        inventory.ids.freeze();
        inventory.order_labels();
        inventory.shapes.freeze();
        inventory.facts.freeze();
        inventory.replications.freeze();
        inventory.merge_readings();
        inventory.hierarchy = inventory.link_hierarchy();
        inventory.captures = capture::Captures::new(&inventory.files);
        inventory.index_listings(replication_shown);
        inventory.index_resources();
        inventory.freeze_neighbours();
        inventory.drift = self.drift.into_iter().collect();
        inventory.drift.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.inventory
    }
}

/// Two remarks as one.
fn joined(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("{one}; {other}")),
        (one, other) => one.or(other),
    }
}

impl Inventory {
    /// Numbers the labels by first appearance: reading by reading, and within one in a fixed order of its fields, so that
    /// nothing depends on the order in which a text states them.
    fn order_labels(&mut self) {
        let mut order =
            LabelOrder { new: vec![None; self.labels.len()], texts: Interner::default(), labels: &self.labels };
        let mut seen_forms = vec![false; self.replications.forms()];
        let mut seen_facts = vec![false; self.facts.values.len()];
        for (number, row) in self.rows.iter().enumerate() {
            let end = self.rows.get(number + 1).map_or(self.replications.len(), |next| next.replications);
            for form in row.replications..end {
                self.replications.labels_once(form, &mut seen_forms, |label| order.next(label));
            }
            if !std::mem::replace(&mut seen_facts[row.facts as usize], true) {
                self.facts.values[row.facts as usize].labels_in_order().for_each(|label| order.next(label));
            }
        }
        let LabelOrder { new, texts, .. } = order;
        let new: Vec<Symbol> = new.into_iter().map(Option::unwrap_or_default).collect();
        self.facts.values.iter_mut().for_each(|facts| *facts = facts.renumbered(&new));
        self.replications.renumber(&new);
        self.labels = texts;
    }

    /// The JSON pointer of an object of the file that is being taken over.
    fn place_in(&self, envelope: &Envelope, enclosing: Option<u32>, ordinal: u32) -> String {
        match enclosing {
            Some(number) => {
                let place = self.rows[number as usize].place(number, &self.beside);
                format!("{}/children/{ordinal}", self.place_in(envelope, place.enclosing, place.ordinal))
            }
            None => match envelope {
                Envelope::Show => "/backup".to_owned(),
                Envelope::List(_) => format!("/backups/{ordinal}"),
                Envelope::BareList => format!("/{ordinal}"),
                _ => "the document".to_owned(),
            },
        }
    }
}

/// Labels that are numbered anew.
struct LabelOrder<'l> {
    new: Vec<Option<Symbol>>,
    texts: Interner,
    labels: &'l Interner,
}

impl LabelOrder<'_> {
    fn next(&mut self, label: Symbol) {
        let new = &mut self.new[label.index()];
        if new.is_none() {
            *new = Some(self.texts.intern(self.labels.text(label)));
        }
    }
}

/// The dotted path of a drifted key.
#[must_use]
pub fn drift_path(key: &DriftKey) -> String {
    let home: Home = key.home;
    format!("{}.{}", home.path(), key.key)
}
