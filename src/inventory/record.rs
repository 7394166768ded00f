//! One backup object as it stands in a file, packed: a row of fixed size, and two numbers that lead to what it has in
//! common with others: its shape, and the facts that all backups of its resource state alike.

use jiff::Timestamp;

use super::field::{FieldId, Reason};
use super::id::Id;
use super::intern::Symbol;
use super::shape::{Facts, Presence, Shape, Slot};

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

/// The fields that hold a time.
pub const TIMES: [FieldId; 4] = [FieldId::CreatedAt, FieldId::UpdatedAt, FieldId::ProtectedAt, FieldId::ExpiredAt];

/// The fields that hold a word of a closed list.
pub const WORDS: [FieldId; 6] = [
    FieldId::Status,
    FieldId::ImageType,
    FieldId::ResourceType,
    FieldId::SupportedRestoreMode,
    FieldId::AppConsistencyFlag,
    FieldId::AppConsistencyStatus,
];

/// Stands for no enclosing reading.
const NONE: u32 = u32::MAX;

/// What a reading has for itself. Values whose presence is not [`Presence::Value`] are meaningless.
#[derive(Clone, Debug)]
pub struct Row {
    /// The times, in nanoseconds since 1970.
    pub times: [i64; TIMES.len()],
    /// Hashes of texts that no rule reads but copies of one record must agree on.
    pub hashes: [u32; 2],
    /// `id`, `checkpoint_id`, `parent_id`
    pub ids: [Id; 3],
    /// Its shape, by number.
    pub shape: u32,
    /// Its facts, by number.
    pub facts: u32,
    /// Its first replication record; they end where those of the next reading begin.
    pub replications: u32,
    enclosing: u32,
    ordinal: u32,
}

impl Row {
    /// An empty row.
    #[must_use]
    pub fn at(place: Place) -> Self {
        Self {
            times: [0; TIMES.len()],
            hashes: [0; 2],
            ids: [Id::default(); 3],
            shape: 0,
            facts: 0,
            replications: 0,
            enclosing: place.enclosing.unwrap_or(NONE),
            ordinal: place.ordinal,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { enclosing: (self.enclosing != NONE).then_some(self.enclosing), ordinal: self.ordinal }
    }

    /// Whether it stands in the `children` of another.
    #[must_use]
    pub fn is_nested(&self) -> bool {
        self.enclosing != NONE
    }

    /// Moves the place: readings before those of its file, and elements of its list before those of its part.
    pub fn shift(&mut self, readings: u32, elements: u32) {
        if self.is_nested() {
            self.enclosing += readings;
        } else {
            self.ordinal += elements;
        }
    }
}

/// A reading: one backup object as it stands in one file, with all that is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'i> {
    /// What it has for itself.
    pub row: &'i Row,
    /// Its shape.
    pub shape: &'i Shape,
    /// What it has in common with other backups of its resource.
    pub facts: &'i Facts,
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
    let (seconds, rest) = (nanoseconds.div_euclid(NANOSECONDS), nanoseconds.rem_euclid(NANOSECONDS));
    Timestamp::new(seconds, i32::try_from(rest).unwrap_or_default()).unwrap_or_default()
}

impl<'i> Reading<'i> {
    /// What the field says, beside its value.
    #[must_use]
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
    pub fn id(self, field: FieldId) -> Option<Id> {
        match field.slot() {
            Slot::Id(slot) if self.presence(field) == Presence::Value => Some(self.row.ids[slot]),
            _ => None,
        }
    }

    /// A text that is the same for many backups.
    #[must_use]
    pub fn label(self, field: FieldId) -> Option<Symbol> {
        match field.slot() {
            Slot::Label(slot) if self.presence(field) == Presence::Value => Some(self.facts.labels[slot]),
            _ => None,
        }
    }

    /// The time of a field.
    #[must_use]
    pub fn time(self, field: FieldId) -> Timestamp {
        match field.slot() {
            Slot::Time(slot) => unpack_time(self.row.times[slot]),
            _ => Timestamp::default(),
        }
    }

    /// Whether the field's time is known to the day only.
    #[must_use]
    pub fn is_day_only(self, field: FieldId) -> bool {
        matches!(field.slot(), Slot::Time(slot) if self.shape.day_only & (1 << slot) != 0)
    }

    /// The number of the field's word in its closed list.
    #[must_use]
    pub fn word(self, field: FieldId) -> u8 {
        match field.slot() {
            Slot::Word(slot) => self.shape.words[slot],
            _ => 0,
        }
    }

    /// The boolean of a field.
    #[must_use]
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
            Slot::Hash(slot) => self.row.hashes[slot] == other.row.hashes[slot],
            Slot::SharedHash(slot) => self.facts.hashes[slot] == other.facts.hashes[slot],
            Slot::Size => self.facts.size == other.facts.size,
            Slot::Presence => true,
        }
    }

    fn same_time(self, other: Self, slot: usize) -> bool {
        const MILLISECOND: i128 = 1_000_000;
        const DAY: i128 = 86_400_000_000_000;
        let (mine, theirs) = (i128::from(self.row.times[slot]), i128::from(other.row.times[slot]));
        let day_only = |reading: Self| reading.shape.day_only & (1 << slot) != 0;
        match (day_only(self), day_only(other)) {
            (false, false) => (mine - theirs).abs() <= MILLISECOND,
            (true, true) => mine == theirs,
            (true, false) => (0..DAY).contains(&(theirs - mine)),
            (false, true) => (0..DAY).contains(&(mine - theirs)),
        }
    }
}
