//! Readings of one id become one backup: the newer reading wins, the richer one field by field, and what truly
//! contradicts is remembered as a conflict.

use super::field::{FIELD_COUNT, FieldId, FieldSet};
use super::record::{Aside, FLAGS, HASHED, Presence, Reading, SYMBOLS, TIMES, View, WORDS};
use std::collections::HashMap;

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
pub(super) struct Table<'t> {
    pub(super) readings: &'t [Reading],
    pub(super) asides: &'t HashMap<(u32, FieldId), Aside>,
}

/// Newest, then richest: an order of copies.
type Rank = (Option<i128>, View, u32);

impl Table<'_> {
    fn row(&self, number: u32) -> &Reading {
        &self.readings[number as usize]
    }

    fn updated(&self, number: u32) -> Option<i128> {
        let row = self.row(number);
        match row.presence.get(FieldId::UpdatedAt) {
            Presence::Value => Some(row.packed.time(FieldId::UpdatedAt).as_nanosecond()),
            _ => None,
        }
    }

    fn rank(&self, number: u32) -> Rank {
        let row = self.row(number);
        (self.updated(number), row.view, row.presence.keys())
    }

    /// The first copy that carries the field. The status changes with time: an older reading cannot supply it.
    fn supplier(&self, numbers: &[u32], field: FieldId) -> u32 {
        let newest = numbers.first().copied().unwrap_or_default();
        let carries = |&&number: &&u32| {
            self.row(number).presence.get(field) != Presence::Absent
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
        let presence = |number| self.row(number).presence.get(FieldId::UpdatedAt);
        match (presence(a), presence(b)) {
            (Presence::Value, Presence::Value) => self.row(a).packed.agrees(&self.row(b).packed, FieldId::UpdatedAt),
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
        match (left.presence.get(field), right.presence.get(field)) {
            (Presence::Absent, _) | (_, Presence::Absent) => false,
            (Presence::Value, Presence::Value) => !left.packed.agrees(&right.packed, field),
            (Presence::Aside, Presence::Aside) => self.asides.get(&(a, field)) != self.asides.get(&(b, field)),
            (one, other) => one != other,
        }
    }
}

/// Children and replication records depend on the kind of answer and are never contradictions.
fn is_compared(field: FieldId) -> bool {
    field == FieldId::ResourceSize
        || field != FieldId::UpdatedAt
            && [&SYMBOLS[..], &TIMES, &WORDS, &FLAGS, &HASHED].iter().any(|fields| fields.contains(&field))
}
