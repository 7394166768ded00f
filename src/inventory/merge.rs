//! Readings of one id become one backup: the newer reading wins, the richer one field by field, and what truly
//! contradicts is remembered as a conflict.

#![allow(
    clippy::indexing_slicing,
    reason = "there is one entry for every reading, and for every field; a chunk holds at least one copy"
)]

use std::collections::HashMap;

use super::field::{FIELD_COUNT, FieldId, FieldSet};
use super::id::IdMap;
use super::record::{Aside, Reading, View};
use super::shape::{Presence, Slot};
use super::{BackupIx, Inventory};

/// The readings of a backup that has several.
#[derive(Clone, Debug)]
pub(super) struct Copies {
    /// The readings: newest first, then richest first, then in path order.
    pub(super) readings: Vec<u32>,
    /// For every field the reading that supplies it.
    pub(super) supplier: Box<[u32; FIELD_COUNT]>,
    /// The fields on which readings of the same moment contradict each other.
    pub(super) conflicts: FieldSet,
}

/// Which readings are those of which backup. Where no backup has several, their numbers are the same.
#[derive(Debug, Default)]
pub(super) struct Merged {
    len: u32,
    reading_of: Vec<u32>,
    backup_of: Vec<u32>,
    copies: HashMap<u32, Copies, ahash::RandomState>,
    /// A bit for every backup that has several readings; nothing where none has.
    several: Vec<u64>,
}

/// The first reading of every id.
pub(super) struct Firsts {
    by_id: IdMap,
    /// The first reading for every later one of the same id.
    of: HashMap<u32, u32, ahash::RandomState>,
}

impl Merged {
    /// How many backups there are.
    pub(super) fn len(&self) -> usize {
        self.len as usize
    }

    /// How many backups have several readings.
    pub(super) fn with_copies(&self) -> usize {
        self.copies.len()
    }

    /// The reading of a backup that comes first in path order.
    pub(super) fn reading_of(&self, backup: BackupIx) -> u32 {
        self.reading_of.get(backup.index()).copied().unwrap_or(backup.0)
    }

    /// The backup of a reading.
    pub(super) fn backup_of(&self, reading: u32) -> BackupIx {
        BackupIx(self.backup_of.get(reading as usize).copied().unwrap_or(reading))
    }

    /// The readings of a backup, if there are several.
    #[inline]
    pub(super) fn copies(&self, backup: BackupIx) -> Option<&Copies> {
        let bits = *self.several.get(backup.index() / 64)?;
        if bits >> (backup.0 % 64) & 1 == 0 { None } else { self.copies.get(&backup.0) }
    }

    /// Enters the readings of the backups that have several.
    #[allow(clippy::iter_over_hash_type, reason = "bits do not depend on the order in which they are set")]
    fn enter(&mut self, copies: HashMap<u32, Copies, ahash::RandomState>) {
        self.several = if copies.is_empty() { Vec::new() } else { vec![0; self.len().div_ceil(64)] };
        for &backup in copies.keys() {
            self.several[backup as usize / 64] |= 1 << (backup % 64);
        }
        self.copies = copies;
    }

    /// Numbers the backups by their first readings, given the first reading of each later copy.
    fn number(&mut self, readings: u32, firsts: &HashMap<u32, u32, ahash::RandomState>, by_id: &mut IdMap) {
        // What was merged before older captures went is of no use any more.
        *self = Self { len: readings, ..Self::default() };
        if firsts.is_empty() {
            return;
        }
        self.reading_of = (0..readings).filter(|reading| !firsts.contains_key(reading)).collect();
        self.len = u32::try_from(self.reading_of.len()).unwrap_or(u32::MAX);
        self.backup_of = vec![0; readings as usize];
        for (backup, &reading) in (0_u32..).zip(&self.reading_of) {
            self.backup_of[reading as usize] = backup;
        }
        for (reading, first) in (0..readings).filter_map(|reading| Some((reading, *firsts.get(&reading)?))) {
            self.backup_of[reading as usize] = self.backup_of[first as usize];
        }
        by_id.change(|reading| self.backup_of[reading as usize]);
    }
}

impl Inventory {
    /// Finds the first reading of every id, and for each later one which that is.
    pub(super) fn first_readings(&self) -> Firsts {
        let mut firsts = Firsts { by_id: IdMap::new(&self.ids), of: HashMap::default() };
        for number in self.readings() {
            let Some(id) = self.reading(number).id(FieldId::Id) else { continue };
            match firsts.by_id.get(id) {
                Some(first) => {
                    firsts.of.insert(number, first);
                }
                None => firsts.by_id.set(id, number),
            }
        }
        firsts
    }

    /// Gives every id its backup, in order of first appearance, and merges the readings of ids that have several.
    pub(super) fn merge_readings(&mut self, Firsts { mut by_id, of: firsts }: Firsts) {
        let readings = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.merged.number(readings, &firsts, &mut by_id);
        self.by_id = by_id;
        let mut further: Vec<(BackupIx, u32)> = (0..readings)
            .filter(|number| !firsts.is_empty() && firsts.contains_key(number))
            .map(|number| (self.merged.backup_of(number), number))
            .collect();
        further.sort_unstable();
        let copies = further.chunk_by(|a, b| a.0 == b.0).map(|copies| {
            let first = self.merged.reading_of(copies[0].0);
            let numbers = std::iter::once(first).chain(copies.iter().map(|copy| copy.1)).collect();
            (copies[0].0.0, merge(numbers, &Table(self)))
        });
        let copies = copies.collect();
        self.merged.enter(copies);
        if self.merged.copies.is_empty() {
            self.beside.hashes = Vec::new();
        }
    }
}

impl Inventory {
    /// Whether nothing says that one reading of a backup was made later than another.
    pub(super) fn are_of_one_moment(&self, one: u32, other: u32) -> bool {
        Table(self).same_moment(one, other)
    }
}

/// Fields that cannot change during the life of a backup.
const IMMUTABLE: [FieldId; 9] = [
    FieldId::CreatedAt,
    FieldId::ResourceId,
    FieldId::ResourceType,
    FieldId::CheckpointId,
    FieldId::ParentId,
    FieldId::ProjectId,
    FieldId::ImageType,
    FieldId::ResourceSize,
    FieldId::Encrypted,
];

/// Merges the readings of one id.
pub(super) fn merge(mut numbers: Vec<u32>, table: &Table<'_>) -> Copies {
    numbers.sort_by(|&a, &b| table.rank(b).cmp(&table.rank(a)).then(a.cmp(&b)));
    let supplier: Box<[u32; FIELD_COUNT]> =
        Box::new(std::array::from_fn(|slot| table.supplier(&numbers, FieldId::ALL[slot])));
    let conflicts = table.conflicts(&numbers, &supplier);
    Copies { readings: numbers, supplier, conflicts }
}

/// The readings that are merged.
pub(super) struct Table<'t>(&'t Inventory);

/// Newest, then richest: an order of copies.
type Rank = (Option<i128>, View, u32);

impl Table<'_> {
    fn row(&self, number: u32) -> Reading<'_> {
        self.0.reading(number)
    }

    fn updated(&self, number: u32) -> Option<i128> {
        let row = self.row(number);
        match row.presence(FieldId::UpdatedAt) {
            Presence::Value => Some(row.time(FieldId::UpdatedAt).as_nanosecond()),
            _ => None,
        }
    }

    fn aside(&self, number: u32, field: FieldId) -> Option<&Aside> {
        self.0.aside(number, field)
    }

    fn rank(&self, number: u32) -> Rank {
        let row = self.row(number);
        (self.updated(number), row.view(), row.shape.presence.keys())
    }

    /// The first copy that carries the field. The status changes with time: an older reading cannot supply it.
    fn supplier(&self, numbers: &[u32], field: FieldId) -> u32 {
        let newest = numbers.first().copied().unwrap_or_default();
        let carries = |&&number: &&u32| {
            self.row(number).presence(field) != Presence::Absent
                && (field != FieldId::Status || self.same_moment(newest, number))
        };
        numbers.iter().find(carries).or(numbers.first()).copied().unwrap_or_default()
    }

    /// The fields on which a copy contradicts the one that supplies the value: every field where both are of the same
    /// moment, the immutable ones where they are not.
    fn conflicts(&self, numbers: &[u32], supplier: &[u32; FIELD_COUNT]) -> FieldSet {
        let contradicts = |number: u32, field: FieldId| {
            let against = supplier[field.index()];
            number != against
                && self.contradict(against, number, field)
                && (IMMUTABLE.contains(&field) || self.same_moment(against, number))
        };
        let fields = FieldId::ALL.iter().copied();
        fields.filter(|&field| numbers.iter().any(|&number| contradicts(number, field))).collect()
    }

    /// Whether nothing says that one copy was made later than the other.
    fn same_moment(&self, a: u32, b: u32) -> bool {
        let presence = |number| self.row(number).presence(FieldId::UpdatedAt);
        match (presence(a), presence(b)) {
            (Presence::Value, Presence::Value) => self.row(a).agrees(self.row(b), FieldId::UpdatedAt),
            (Presence::Null, Presence::Value) | (Presence::Value, Presence::Null) => false,
            _ => true,
        }
    }

    /// Whether both carry the field and disagree on it. A key that one exporter drops is no contradiction.
    fn contradict(&self, a: u32, b: u32, field: FieldId) -> bool {
        if !is_compared(field) {
            return false;
        }
        let (left, right) = (self.row(a), self.row(b));
        match (left.presence(field), right.presence(field)) {
            (Presence::Absent, _) | (_, Presence::Absent) => false,
            (Presence::Value, Presence::Value) => !left.agrees(right, field),
            (Presence::Aside, Presence::Aside) => self.aside(a, field) != self.aside(b, field),
            (one, other) => one != other,
        }
    }
}

/// Children and replication records depend on the kind of answer and are never contradictions.
fn is_compared(field: FieldId) -> bool {
    field != FieldId::UpdatedAt && field.slot() != Slot::Presence
}
