//! What few values are spread over many readings, kept once: which fields a record carries and its words and flags (the
//! shape), and what all backups of a resource state alike (the facts).

#![allow(
    clippy::indexing_slicing,
    reason = "a slot is a position that the field table gives, and every table has as many places as it has slots; labels are renumbered by a table of all"
)]

use std::hash::{Hash, Hasher};

use super::distinct::Hinted;
use super::field::{FIELD_COUNT, FieldId, FieldSet};
use super::intern::Symbol;
use super::record::View;

/// What a packed field says, beside its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Presence {
    /// The key is not there.
    Absent,
    /// `null`
    Null,
    /// A usable value, held in the row.
    Value,
    /// Something else: kept aside, see [`Aside`](super::record::Aside).
    Aside,
}

/// Two bits for every field of the table, one in each word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PresenceBits {
    low: u64,
    high: u64,
}

const _: () = assert!(FIELD_COUNT <= 64, "a bit for every field fits");

impl PresenceBits {
    /// The state of the field.
    #[must_use]
    #[inline]
    pub fn get(self, field: FieldId) -> Presence {
        let bit = |word: u64| word >> field.index() & 1;
        match (bit(self.high), bit(self.low)) {
            (0, 0) => Presence::Absent,
            (0, _) => Presence::Null,
            (_, 0) => Presence::Value,
            _ => Presence::Aside,
        }
    }

    /// Sets the state of the field.
    pub fn set(&mut self, field: FieldId, presence: Presence) {
        let bit = 1 << field.index();
        let (high, low) = (presence as u8 & 2 != 0, presence as u8 & 1 != 0);
        self.high = if high { self.high | bit } else { self.high & !bit };
        self.low = if low { self.low | bit } else { self.low & !bit };
    }

    /// Whether all these fields have usable values, held in the row.
    #[must_use]
    #[inline]
    pub fn all_values(self, fields: FieldSet) -> bool {
        self.high & !self.low & fields.bits() == fields.bits()
    }

    /// Whether one of these fields is kept aside.
    #[must_use]
    #[inline]
    pub fn any_aside(self, fields: FieldSet) -> bool {
        self.high & self.low & fields.bits() != 0
    }

    /// How many keys are there, `null` or not: the richness of a reading.
    #[must_use]
    pub fn keys(self) -> u32 {
        (self.low | self.high).count_ones()
    }
}

/// Where the value of a field is packed: at this position of the array of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// An id, in the row.
    Id(usize),
    /// A text that many backups share, in the facts.
    Label(usize),
    /// A time, in the row.
    Time(usize),
    /// A word of a closed list, in the shape.
    Word(usize),
    /// A boolean, or of which only a yes or no is kept: whether the application error says anything. In the shape.
    Flag(usize),
    /// The hash of a text that no rule reads but copies of one record must agree on, in the row.
    Hash(usize),
    /// The same in the facts, where backups of one resource usually agree.
    SharedHash(usize),
    /// The size of the resource, in the facts.
    Size,
    /// Nowhere: only its presence matters.
    Presence,
}

impl FieldId {
    /// Where the value of the field is packed.
    #[must_use]
    pub const fn slot(self) -> Slot {
        match self {
            Self::Id => Slot::Id(0),
            Self::CheckpointId => Slot::Id(1),
            Self::ParentId => Slot::Id(2),
            Self::ProjectId => Slot::Label(0),
            Self::VaultId => Slot::Label(1),
            Self::ResourceId => Slot::Label(2),
            Self::ResourceName => Slot::Label(3),
            Self::EnterpriseProjectId => Slot::Label(4),
            Self::ProviderId => Slot::Label(5),
            Self::CreatedAt => Slot::Time(0),
            Self::UpdatedAt => Slot::Time(1),
            Self::ProtectedAt => Slot::Time(2),
            Self::ExpiredAt => Slot::Time(3),
            Self::Status => Slot::Word(0),
            Self::ImageType => Slot::Word(1),
            Self::ResourceType => Slot::Word(2),
            Self::SupportedRestoreMode => Slot::Word(3),
            Self::AppConsistencyFlag => Slot::Word(4),
            Self::AppConsistencyStatus => Slot::Word(5),
            Self::AutoTrigger => Slot::Flag(0),
            Self::Bootable => Slot::Flag(1),
            Self::ContainSystemDisk => Slot::Flag(2),
            Self::Encrypted => Slot::Flag(3),
            Self::SystemDisk => Slot::Flag(4),
            Self::IsMultiAz => Slot::Flag(5),
            Self::Incremental => Slot::Flag(6),
            Self::ExtendIncremental => Slot::Flag(7),
            Self::IsDec => Slot::Flag(8),
            Self::AppConsistencyErrorCode => Slot::Flag(9),
            Self::AppConsistencyErrorMessage => Slot::Flag(10),
            Self::Name => Slot::Hash(0),
            Self::SnapshotId => Slot::Hash(1),
            Self::Description => Slot::SharedHash(0),
            Self::ResourceAz => Slot::SharedHash(1),
            Self::ScheduledOperationId => Slot::SharedHash(2),
            Self::Version => Slot::SharedHash(3),
            Self::SupportLld => Slot::SharedHash(4),
            Self::Architecture => Slot::SharedHash(5),
            Self::ResourceSize => Slot::Size,
            Self::Children
            | Self::ExtendInfo
            | Self::ReplicationRecords
            | Self::OsImagesData
            | Self::AppConsistency
            | Self::Progress
            | Self::EncryptedAlgorithm => Slot::Presence,
        }
    }
}

/// What a record carries, and those of its values that are one of few.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// What each field says.
    pub presence: PresenceBits,
    /// Words, by their number in the closed list of their field.
    pub words: [u8; 6],
    /// Booleans, one bit each.
    pub flags: u16,
    /// Which times are known to the day only, one bit each.
    pub day_only: u8,
    /// Which kind of answer the record stands in.
    pub view: View,
    /// How many images are registered from it.
    pub images: u16,
    /// How many of its children could not be read.
    pub children_lost: u16,
}

/// What all backups of a resource state alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Project, vault, resource, its name, enterprise project and provider.
    pub labels: [Symbol; 6],
    /// Which of these are there, one bit each.
    pub labelled: u8,
    /// Hashes of texts that no rule reads.
    pub hashes: [u32; 6],
    /// The size of the resource in GB.
    pub size: u32,
}

impl Hash for Shape {
    /// Few large steps instead of many small ones.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.presence.low);
        state.write_u64(self.presence.high);
        let [a, b, c, d, e, f] = self.words;
        state.write_u64(u64::from_le_bytes([a, b, c, d, e, f, self.day_only, self.view as u8]));
        let counts = u64::from(self.images) << 16 | u64::from(self.children_lost);
        state.write_u64(counts << 16 | u64::from(self.flags));
    }
}

impl Hash for Facts {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b, c, d, e, f] = self.labels.map(|label| label.index() as u64);
        let [g, h, i, j, k, l] = self.hashes.map(u64::from);
        for (high, low) in
            [(a, b), (c, d), (e, f), (g, h), (i, j), (k, l), (u64::from(self.labelled), self.size.into())]
        {
            state.write_u64(high << 32 | low);
        }
    }
}

impl Shape {
    /// What it says of these fields, times aside.
    #[must_use]
    pub fn only(&self, fields: FieldSet) -> Self {
        let mut only = Self::default();
        for field in fields.iter() {
            only.presence.set(field, self.presence.get(field));
            match field.slot() {
                Slot::Word(slot) => only.words[slot] = self.words[slot],
                Slot::Flag(slot) => only.flags |= self.flags & 1 << slot,
                _ => {}
            }
        }
        only
    }

    /// Adds what another says of other fields.
    #[inline]
    pub fn add(&mut self, other: &Self) {
        self.presence.low |= other.presence.low;
        self.presence.high |= other.presence.high;
        self.flags |= other.flags;
        for (word, other) in self.words.iter_mut().zip(other.words) {
            *word |= other;
        }
    }
}

impl Facts {
    /// What they say of these fields, the size aside.
    #[must_use]
    pub fn only(&self, fields: FieldSet) -> Self {
        let mut only = Self::default();
        for field in fields.iter() {
            match field.slot() {
                Slot::Label(slot) if self.labelled & (1 << slot) != 0 => only.set_label(slot, self.labels[slot]),
                Slot::SharedHash(slot) => only.hashes[slot] = self.hashes[slot],
                _ => {}
            }
        }
        only
    }

    /// Adds what others say of other fields.
    #[inline]
    pub fn add(&mut self, other: &Self) {
        if other.labelled != 0 {
            for slot in 0..self.labels.len() {
                if other.labelled & (1 << slot) != 0 {
                    self.labels[slot] = other.labels[slot];
                }
            }
            self.labelled |= other.labelled;
        }
        for (hash, other) in self.hashes.iter_mut().zip(other.hashes) {
            *hash |= other;
        }
    }

    /// Sets a label.
    pub fn set_label(&mut self, slot: usize, label: Symbol) {
        self.labels[slot] = label;
        self.labelled |= 1 << slot;
    }

    /// The labels that are there: resource, its name, vault, project, provider, enterprise project.
    pub fn labels_in_order(&self) -> impl Iterator<Item = Symbol> {
        let there = |slot: &usize| self.labelled & (1 << slot) != 0;
        [2, 3, 1, 0, 5, 4].into_iter().filter(there).map(|slot| self.labels[slot])
    }

    /// The same with other numbers for the labels.
    #[must_use]
    pub fn renumbered(&self, labels: &[Symbol]) -> Self {
        let mut facts = *self;
        for (slot, label) in facts.labels.iter_mut().enumerate() {
            if self.labelled & (1 << slot) != 0 {
                *label = labels[label.index()];
            }
        }
        facts
    }
}

impl Hinted for Shape {
    fn hint(&self) -> usize {
        usize::from(self.words[2]) ^ usize::from(self.flags)
    }
}

impl Hinted for Facts {
    /// The resource.
    fn hint(&self) -> usize {
        self.labels[2].index()
    }
}
