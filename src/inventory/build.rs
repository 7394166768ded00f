//! Builds the inventory: takes over fragments in path order, merges readings by id, then freezes every index.

use std::collections::HashMap;

use super::field::{FieldId, Home};
use super::file::{File, FileState, kind_of};
use super::fragment::{DriftKey, DriftSeen, Fragment};
use super::hierarchy::{Hierarchy, Link};
use super::intern::{Interner, Symbol};
use super::merge::{self, Table};
use super::pack::renumber;
use super::record::Presence;
use super::{BackupIx, BackupRow, Inventory, capture};
use crate::discover::Source;
use crate::parse::envelope::Envelope;

/// Takes fragments in path order and ends as an [`Inventory`].
#[derive(Debug)]
pub struct Builder {
    inventory: Inventory,
    drift: HashMap<DriftKey, DriftSeen>,
}

/// What reading a source came to, beside its fragment.
#[derive(Clone, Debug, Default)]
pub struct Handled {
    /// The state that holds whatever the content says: skipped.
    pub skipped: Option<String>,
    /// The SHA-256 of the bytes, if asked for.
    pub sha256: Option<String>,
    /// How many bytes were read.
    pub bytes: u64,
}

impl Default for Builder {
    fn default() -> Self {
        let inventory = Inventory {
            files: Vec::new(),
            drift: Vec::new(),
            known_keys: vec![0; FieldId::ALL.len()],
            zones_assumed: 0,
            captures: capture::Captures::default(),
            listings: super::Listings::default(),
            texts: Interner::default(),
            readings: Vec::new(),
            replications: Vec::new(),
            asides: HashMap::new(),
            backups: Vec::new(),
            copies: Vec::new(),
            backup_of_reading: Vec::new(),
            by_id: Vec::new(),
            hierarchy: Hierarchy::default(),
            resources: super::Resources::default(),
        };
        Self { inventory, drift: HashMap::new() }
    }
}

impl Builder {
    /// Takes over what one source came to.
    pub fn take(&mut self, source: &Source, handled: Handled, fragment: Fragment) {
        let first = self.number();
        self.inventory.files.push(ledger_entry(source, handled, &fragment, first));
        let renumbering: Vec<Symbol> = (0..fragment.texts.len())
            .map(|number| Symbol::from_index(u32::try_from(number).unwrap_or(u32::MAX)))
            .map(|symbol| self.inventory.texts.intern(fragment.texts.text(symbol)))
            .collect();
        let replications = u32::try_from(self.inventory.replications.len()).unwrap_or(u32::MAX);
        for mut reading in fragment.readings {
            reading.packed.renumber(reading.presence, &renumbering);
            reading.place.enclosing = reading.place.enclosing.map(|number| number + first);
            reading.replications.0 += replications;
            self.inventory.readings.push(reading);
        }
        for mut replication in fragment.replications {
            renumber(&mut replication, &renumbering);
            self.inventory.replications.push(replication);
        }
        let asides = fragment.asides.into_iter().map(|((number, field), aside)| ((number + first, field), aside));
        self.inventory.asides.extend(asides);
        self.take_drift(fragment.drift, &fragment.known_keys, first);
        self.inventory.zones_assumed += fragment.zones_assumed;
    }

    fn number(&self) -> u32 {
        u32::try_from(self.inventory.readings.len()).unwrap_or(u32::MAX)
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
        inventory.merge_readings();
        inventory.hierarchy = Hierarchy::new(&inventory.links());
        inventory.captures = capture::Captures::new(&inventory.files);
        inventory.index_listings(replication_shown);
        inventory.index_resources();
        inventory.drift = self.drift.into_iter().collect();
        inventory.drift.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.inventory
    }
}

impl Inventory {
    /// The backup with this id.
    #[must_use]
    pub fn by_id(&self, id: Symbol) -> Option<BackupIx> {
        self.by_id.get(id.index()).copied().flatten()
    }

    /// Gives every id its backup, in order of first appearance, and merges the readings of ids that have several.
    fn merge_readings(&mut self) {
        let mut by_id: Vec<Option<BackupIx>> = vec![None; self.texts.len()];
        let mut further: Vec<(BackupIx, u32)> = Vec::new();
        for number in 0..u32::try_from(self.readings.len()).unwrap_or(u32::MAX) {
            let row = &self.readings[number as usize];
            let id = (row.presence.get(FieldId::Id) == Presence::Value).then(|| self.symbol_in(row, FieldId::Id));
            let known = id.and_then(|id| by_id[id.index()]);
            let backup = known.unwrap_or_else(|| {
                self.backups.push(BackupRow { reading: number, copies: None });
                BackupIx(u32::try_from(self.backups.len() - 1).unwrap_or(u32::MAX))
            });
            match (known, id) {
                (Some(known), _) => further.push((known, number)),
                (None, Some(id)) => by_id[id.index()] = Some(backup),
                (None, None) => {}
            }
            self.backup_of_reading.push(backup);
        }
        self.by_id = by_id;
        self.merge_copies(further);
    }

    fn merge_copies(&mut self, mut further: Vec<(BackupIx, u32)>) {
        further.sort_unstable();
        for copies in further.chunk_by(|a, b| a.0 == b.0) {
            let row = &mut self.backups[copies[0].0.index()];
            let numbers = std::iter::once(row.reading).chain(copies.iter().map(|copy| copy.1)).collect();
            row.copies = u32::try_from(self.copies.len()).ok();
            let table = Table { readings: &self.readings, asides: &self.asides };
            self.copies.push(merge::merge(numbers, &table));
        }
    }

    /// What the records say about the parent of every backup.
    fn links(&self) -> Vec<Link> {
        self.backups().map(|ix| self.link(ix)).collect()
    }

    fn link(&self, ix: BackupIx) -> Link {
        let backup = self.backup(ix);
        let enclosing = backup.readings().find_map(|reading| self.reading(reading).place.enclosing);
        let row = self.reading(backup.reading_of(FieldId::ParentId));
        let presence = row.presence.get(FieldId::ParentId);
        let named = (presence == Presence::Value).then(|| self.symbol_in(row, FieldId::ParentId));
        Link {
            nested_in: enclosing.map(|reading| self.backup_of(reading)),
            named: named.and_then(|id| self.by_id(id)),
            names_parent: backup.readings().any(|reading| {
                matches!(self.reading(reading).presence.get(FieldId::ParentId), Presence::Value | Presence::Aside)
            }),
        }
    }
}

fn ledger_entry(source: &Source, handled: Handled, fragment: &Fragment, first: u32) -> File {
    let records = fragment.readings.len() as u64;
    let (state, reason) = match (&fragment.envelope, handled.skipped) {
        (_, Some(why)) => (FileState::Skipped, Some(why)),
        (Envelope::Refused(why), None) => (FileState::Rejected, Some(why.clone())),
        (Envelope::NotBackup(_) | Envelope::Capture(_), None) => (FileState::NotBackup, None),
        _ if fragment.objects_lost == 0 => (FileState::Read, None),
        _ if records == 0 => (FileState::Rejected, Some(lost_reason(fragment))),
        _ => (FileState::PartlyRead, Some(lost_reason(fragment))),
    };
    File {
        path: source.path.clone(),
        directory: source.directory().to_owned(),
        bytes: handled.bytes,
        state,
        kind: if state == FileState::Skipped { "skipped".to_owned() } else { kind_of(&fragment.envelope) },
        reason,
        records,
        sha256: handled.sha256,
        envelope: fragment.envelope.clone(),
        readings: (first, first + u32::try_from(records).unwrap_or(u32::MAX)),
        elements_lost: fragment.elements_lost,
    }
}

/// The objects of a file that were lost, the first ones by name.
fn lost_reason(fragment: &Fragment) -> String {
    const NAMED: usize = 3;
    let named: Vec<_> = fragment
        .lost
        .iter()
        .take(NAMED)
        .map(|lost| format!("{}: {}", fragment.pointer(lost.enclosing, lost.ordinal), lost.reason))
        .collect();
    let total = fragment.objects_lost;
    let objects = if total == 1 { "backup object" } else { "backup objects" };
    let more = if fragment.lost.len() > NAMED { "; …" } else { "" };
    format!("{total} {objects} could not be read: {}{more}", named.join("; "))
}

impl Fragment {
    /// The JSON pointer of an object of this file.
    fn pointer(&self, enclosing: Option<u32>, ordinal: u32) -> String {
        match enclosing {
            Some(number) => {
                let place = self.readings[number as usize].place;
                format!("{}/children/{ordinal}", self.pointer(place.enclosing, place.ordinal))
            }
            None => match self.envelope {
                Envelope::Show => "/backup".to_owned(),
                Envelope::List(_) => format!("/backups/{ordinal}"),
                Envelope::BareList => format!("/{ordinal}"),
                _ => "the document".to_owned(),
            },
        }
    }
}

/// The dotted path of a drifted key.
#[must_use]
pub fn drift_path(key: &DriftKey) -> String {
    let home: Home = key.home;
    format!("{}.{}", home.path(), key.key)
}
