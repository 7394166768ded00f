//! One backup object as it stands in a file, packed: a row of fixed size, and two numbers that lead to what it has in
//! common with others: its shape, and the facts that all backups of its resource state alike.

#![allow(
    clippy::indexing_slicing,
    reason = "a slot is a position that the field table gives, and every table has as many places as it has slots"
)]

use std::collections::HashMap;

use jiff::Timestamp;

use super::field::{FieldId, Reason};
use super::id::Id;
use super::intern::Symbol;
use super::shape::{Facts, Presence, Shape, Slot};
use super::tables::append;
pub use super::times::TIMES;
use super::times::{Full, PackedTimes};

/// Which kind of answer a backup object stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum View {
    /// Anything but a show answer: what is missing or empty may merely not be shown.
    #[default]
    List,
    /// A show answer, which shows everything.
    Show,
}

/// Where a backup object stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The reading of the object whose `children` it stands in.
    pub enclosing: Option<u32>,
    /// Its position in the list (or in `children`) it stands in.
    pub ordinal: u32,
}

/// A value that does not fit its packed form.
#[derive(Clone, Debug, PartialEq)]
pub enum Aside {
    /// A time outside the packed range, and how it reads in UTC.
    FarTime(Timestamp, Box<str>),
    /// A whole number outside the packed range.
    FarNumber(i64),
    /// Something unusable, with the reason and its text or type.
    Unusable(Reason, Box<str>),
}

/// The fields that hold a word of a closed list.
pub const WORDS: [FieldId; 6] = [
    FieldId::Status,
    FieldId::ImageType,
    FieldId::ResourceType,
    FieldId::SupportedRestoreMode,
    FieldId::AppConsistencyFlag,
    FieldId::AppConsistencyStatus,
];

/// What a reading has for itself. Values whose presence is not [`Presence::Value`] are meaningless.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The times, and how many readings before this one the enclosing one stands.
    times: PackedTimes,
    /// `id`, `checkpoint_id`, `parent_id`
    pub ids: [Id; 3],
    /// Its shape, by number.
    pub shape: u32,
    /// Its facts, by number.
    pub facts: u32,
    /// Its first replication record; they end where those of the next reading begin.
    pub replications: u32,
    ordinal: u32,
}

const _: () = assert!(size_of::<Row>() == 52, "millions of rows are kept");

/// What is kept beside the rows: what few readings have, and what is soon of no use.
#[derive(Debug, Default)]
pub struct Beside {
    /// For every reading hashes of texts that no rule reads but copies of one record must agree on; none once it is
    /// known that there are no copies.
    pub hashes: Vec<[u32; 2]>,
    /// Times that do not fit into a row.
    times: Vec<Full>,
    /// Enclosing readings that are too far away for a row.
    enclosing: HashMap<u32, u32, ahash::RandomState>,
}

/// Stands in a row for an enclosing reading that is kept beside it.
const FAR: u16 = u16::MAX;

impl Beside {
    /// The row of a reading that stands in this place.
    pub fn row(&mut self, number: u32, place: Place) -> Row {
        let mut row = Row { ordinal: place.ordinal, ..Row::default() };
        if let Some(enclosing) = place.enclosing {
            row.times.spare = u16::try_from(number - enclosing).unwrap_or(FAR);
            if row.times.spare == FAR {
                self.enclosing.insert(number, enclosing);
            }
        }
        row
    }

    /// Gives a row its times, those that are there.
    pub fn set_times(&mut self, row: &mut Row, times: Full, is_there: impl Fn(FieldId) -> bool) {
        let spare = row.times.spare;
        row.times = PackedTimes::pack(times, is_there).unwrap_or_else(|| {
            self.times.push(times);
            PackedTimes::in_full(u32::try_from(self.times.len() - 1).unwrap_or(u32::MAX))
        });
        row.times.spare = spare;
    }

    /// Adds what stands beside the rows of a fragment, which follow so many others, and makes the rows lead to it.
    pub fn take(&mut self, later: Self, rows: &mut [Row], first: u32) {
        let before = u32::try_from(self.times.len()).unwrap_or(u32::MAX);
        rows.iter_mut().for_each(|row| row.times.shift(before));
        append(&mut self.times, later.times);
        append(&mut self.hashes, later.hashes);
        let enclosing = later.enclosing.into_iter().map(|(number, enclosing)| (number + first, enclosing + first));
        self.enclosing.extend(enclosing);
    }

    /// Keeps what belongs to the readings that stay and get these numbers.
    pub fn keep(&mut self, new: impl Fn(u32) -> Option<u32>) {
        let mut number = 0;
        self.hashes.retain(|_| {
            number += 1;
            new(number - 1).is_some()
        });
        let enclosing = std::mem::take(&mut self.enclosing).into_iter();
        self.enclosing = enclosing.filter_map(|(inner, outer)| Some((new(inner)?, new(outer)?))).collect();
    }

    /// Forgets what belongs to readings from this one on.
    pub fn truncate(&mut self, readings: usize) {
        self.hashes.truncate(readings);
        self.enclosing.retain(|&number, _| (number as usize) < readings);
    }
}

impl Row {
    /// Where it stands, given its number.
    #[must_use]
    pub fn place(&self, number: u32, beside: &Beside) -> Place {
        let enclosing = match self.times.spare {
            0 => None,
            FAR => beside.enclosing.get(&number).copied(),
            above => Some(number - u32::from(above)),
        };
        Place { enclosing, ordinal: self.ordinal }
    }

    /// Whether it stands in the `children` of another.
    #[must_use]
    pub fn is_nested(&self) -> bool {
        self.times.spare != 0
    }

    /// Moves the place by the elements of its list that stand before those of its part.
    pub fn shift(&mut self, elements: u32) {
        if !self.is_nested() {
            self.ordinal += elements;
        }
    }
}

/// A reading: one backup object as it stands in one file, with all that is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'i> {
    /// Its number.
    pub number: u32,
    /// What it has for itself.
    pub row: &'i Row,
    /// Its shape.
    pub shape: &'i Shape,
    /// What it has in common with other backups of its resource.
    pub facts: &'i Facts,
    /// What is kept beside its row.
    pub beside: &'i Beside,
}

/// Nanoseconds since 1970 as packed; `None` outside 1678–2261.
#[must_use]
pub fn pack_time(time: Timestamp) -> Option<i64> {
    let nanoseconds = time.as_second().checked_mul(NANOSECONDS)?;
    nanoseconds.checked_add(i64::from(time.subsec_nanosecond()))
}

const NANOSECONDS: i64 = 1_000_000_000;

/// The time that so many nanoseconds since 1970 are.
#[must_use]
pub fn unpack_time(nanoseconds: i64) -> Timestamp {
    let (second, nanosecond) = (nanoseconds.div_euclid(NANOSECONDS), nanoseconds.rem_euclid(NANOSECONDS));
    i32::try_from(nanosecond).ok().and_then(|nanosecond| Timestamp::new(second, nanosecond).ok()).unwrap_or_default()
}

impl<'i> Reading<'i> {
    /// What the field says, beside its value.
    #[must_use]
    #[inline]
    pub fn presence(self, field: FieldId) -> Presence {
        self.shape.presence.get(field)
    }

    /// Which kind of answer it stands in.
    #[must_use]
    pub fn view(self) -> View {
        self.shape.view
    }

    /// An id.
    #[must_use]
    #[inline]
    pub fn id(self, field: FieldId) -> Option<Id> {
        match field.slot() {
            Slot::Id(slot) if self.presence(field) == Presence::Value => Some(self.row.ids[slot]),
            _ => None,
        }
    }

    /// A text that is the same for many backups.
    #[must_use]
    #[inline]
    pub fn label(self, field: FieldId) -> Option<Symbol> {
        match field.slot() {
            Slot::Label(slot) if self.presence(field) == Presence::Value => Some(self.facts.labels[slot]),
            _ => None,
        }
    }

    /// The time of a field.
    #[must_use]
    #[inline]
    pub fn time(self, field: FieldId) -> Timestamp {
        match field.slot() {
            Slot::Time(slot) => unpack_time(self.nanoseconds(slot)),
            _ => Timestamp::default(),
        }
    }

    /// The time of a field in nanoseconds since 1970, if there is one.
    #[must_use]
    #[inline]
    pub fn plain_time(self, field: FieldId) -> Option<i64> {
        match field.slot() {
            Slot::Time(slot) if self.presence(field) == Presence::Value => Some(self.nanoseconds(slot)),
            _ => None,
        }
    }

    /// Whether the field's time is known to the day only.
    #[must_use]
    pub fn is_day_only(self, field: FieldId) -> bool {
        matches!(field.slot(), Slot::Time(slot) if self.shape.day_only & (1 << slot) != 0)
    }

    /// The number of the field's word in its closed list.
    #[must_use]
    #[inline]
    pub fn word(self, field: FieldId) -> u8 {
        match field.slot() {
            Slot::Word(slot) => self.shape.words[slot],
            _ => 0,
        }
    }

    /// The boolean of a field.
    #[must_use]
    #[inline]
    pub fn flag(self, field: FieldId) -> bool {
        matches!(field.slot(), Slot::Flag(slot) if self.shape.flags & (1 << slot) != 0)
    }

    /// The size of the resource in GB.
    #[must_use]
    pub fn size(self) -> u32 {
        self.facts.size
    }

    /// Whether both hold the same value for the field; times within a millisecond are the same, and a bare date is
    /// the same as every moment of its day.
    #[must_use]
    pub fn agrees(self, other: Self, field: FieldId) -> bool {
        match field.slot() {
            Slot::Id(slot) => self.row.ids[slot] == other.row.ids[slot],
            Slot::Label(slot) => self.facts.labels[slot] == other.facts.labels[slot],
            Slot::Time(slot) => self.same_time(other, slot),
            Slot::Word(slot) => self.shape.words[slot] == other.shape.words[slot],
            Slot::Flag(_) => self.flag(field) == other.flag(field),
            Slot::Hash(slot) => self.hash(slot) == other.hash(slot),
            Slot::SharedHash(slot) => self.facts.hashes[slot] == other.facts.hashes[slot],
            Slot::Size => self.facts.size == other.facts.size,
            Slot::Presence => true,
        }
    }

    #[inline]
    fn nanoseconds(self, slot: usize) -> i64 {
        self.row.times.get(slot, &self.beside.times)
    }

    fn hash(self, slot: usize) -> Option<u32> {
        self.beside.hashes.get(self.number as usize).map(|hashes| hashes[slot])
    }

    fn same_time(self, other: Self, slot: usize) -> bool {
        const MILLISECOND: i128 = 1_000_000;
        const DAY: i128 = 86_400_000_000_000;
        let (mine, theirs) = (i128::from(self.nanoseconds(slot)), i128::from(other.nanoseconds(slot)));
        let day_only = |reading: Self| reading.shape.day_only & (1 << slot) != 0;
        match (day_only(self), day_only(other)) {
            (false, false) => (mine - theirs).abs() <= MILLISECOND,
            (true, true) => mine == theirs,
            (true, false) => (0..DAY).contains(&(theirs - mine)),
            (false, true) => (0..DAY).contains(&(mine - theirs)),
        }
    }
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
