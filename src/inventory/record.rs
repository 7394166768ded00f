//! One backup object as it stands in a file, packed: fixed size, no text of its own, three states for every field.

use jiff::Timestamp;

use super::field::{FIELD_COUNT, Field, FieldId, Reason};
use super::intern::Symbol;
use super::vocabulary::ReplicationStatus;

/// Which kind of answer a backup object stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum View {
    /// Anything but a show answer: what is missing or empty may merely not be shown.
    List,
    /// A show answer, which shows everything.
    Show,
}

/// Where a backup object stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, by its position in the sorted list.
    pub source: u32,
    /// The reading of the object whose `children` it stands in.
    pub enclosing: Option<u32>,
    /// Its position in the list (or in `children`) it stands in.
    pub ordinal: u32,
}

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
    /// Something else: kept aside, see [`Aside`].
    Aside,
}

/// Two bits for every field of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PresenceBits(u128);

const _: () = assert!(FIELD_COUNT * 2 <= 128, "two bits for every field fit");

impl PresenceBits {
    /// The state of the field.
    #[must_use]
    pub fn get(self, field: FieldId) -> Presence {
        match (self.0 >> (field.index() * 2)) & 3 {
            0 => Presence::Absent,
            1 => Presence::Null,
            2 => Presence::Value,
            _ => Presence::Aside,
        }
    }

    /// Sets the state of the field.
    pub fn set(&mut self, field: FieldId, presence: Presence) {
        let shift = field.index() * 2;
        self.0 = (self.0 & !(3 << shift)) | ((presence as u128) << shift);
    }

    /// How many keys are there, `null` or not: the richness of a reading.
    #[must_use]
    pub fn keys(self) -> u32 {
        let either = (self.0 | (self.0 >> 1)) & (u128::MAX / 3);
        either.count_ones()
    }
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

/// The fields that hold a text which is compared or joined on.
pub const SYMBOLS: [FieldId; 9] = [
    FieldId::Id,
    FieldId::ProjectId,
    FieldId::VaultId,
    FieldId::ResourceId,
    FieldId::ResourceName,
    FieldId::CheckpointId,
    FieldId::ParentId,
    FieldId::EnterpriseProjectId,
    FieldId::ProviderId,
];

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

/// The fields that hold a boolean, or of which only a yes or no is kept: whether the application error says anything.
pub const FLAGS: [FieldId; 11] = [
    FieldId::AutoTrigger,
    FieldId::Bootable,
    FieldId::ContainSystemDisk,
    FieldId::Encrypted,
    FieldId::SystemDisk,
    FieldId::IsMultiAz,
    FieldId::Incremental,
    FieldId::ExtendIncremental,
    FieldId::IsDec,
    FieldId::AppConsistencyErrorCode,
    FieldId::AppConsistencyErrorMessage,
];

/// Fields that no rule reads but copies of one record must agree on; a keyed hash of each is kept.
pub const HASHED: [FieldId; 8] = [
    FieldId::Name,
    FieldId::Description,
    FieldId::ResourceAz,
    FieldId::SnapshotId,
    FieldId::ScheduledOperationId,
    FieldId::Version,
    FieldId::SupportLld,
    FieldId::Architecture,
];

/// A reading: one backup object as it stands in one file.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Where it stands.
    pub place: Place,
    /// Which kind of answer it stands in.
    pub view: View,
    /// What each field says.
    pub presence: PresenceBits,
    /// The packed values.
    pub packed: Packed,
    /// Its replication records: start and number in the table of all.
    pub replications: (u32, u32),
    /// How many images are registered from it.
    pub images: u16,
    /// How many of its children could not be read.
    pub children_lost: u16,
}

/// The packed values of a reading; those whose presence is not [`Presence::Value`] are meaningless.
#[derive(Clone, Debug, Default)]
pub struct Packed {
    symbols: [u32; SYMBOLS.len()],
    times: [i64; TIMES.len()],
    words: [u8; WORDS.len()],
    flags: u16,
    day_only: u8,
    hashes: [u32; HASHED.len()],
    size: u32,
}

fn slot(fields: &[FieldId], field: FieldId) -> Option<usize> {
    fields.iter().position(|&member| member == field)
}

/// Nanoseconds since 1970 as packed; `None` outside 1678–2261.
#[must_use]
pub fn pack_time(time: Timestamp) -> Option<i64> {
    i64::try_from(time.as_nanosecond()).ok()
}

impl Packed {
    /// Sets the text of a field.
    pub fn set_symbol(&mut self, field: FieldId, symbol: u32) {
        if let Some(slot) = slot(&SYMBOLS, field) {
            self.symbols[slot] = symbol;
        }
    }

    /// The number of the field's text.
    #[must_use]
    pub fn symbol(&self, field: FieldId) -> u32 {
        slot(&SYMBOLS, field).map_or(0, |slot| self.symbols[slot])
    }

    /// Renumbers every text.
    pub fn renumber(&mut self, presence: PresenceBits, map: &[Symbol]) {
        for (slot, field) in SYMBOLS.into_iter().enumerate() {
            if presence.get(field) == Presence::Value {
                let symbol = map[self.symbols[slot] as usize].index();
                self.symbols[slot] = u32::try_from(symbol).unwrap_or(u32::MAX);
            }
        }
    }

    /// Sets the time of a field.
    pub fn set_time(&mut self, field: FieldId, nanoseconds: i64, day_only: bool) {
        if let Some(slot) = slot(&TIMES, field) {
            self.times[slot] = nanoseconds;
            self.day_only = self.day_only & !(1 << slot) | (u8::from(day_only) << slot);
        }
    }

    /// The time of a field.
    #[must_use]
    pub fn time(&self, field: FieldId) -> Timestamp {
        let nanoseconds = slot(&TIMES, field).map_or(0, |slot| self.times[slot]);
        Timestamp::from_nanosecond(i128::from(nanoseconds)).unwrap_or_default()
    }

    /// Whether the field's time is known to the day only.
    #[must_use]
    pub fn is_day_only(&self, field: FieldId) -> bool {
        slot(&TIMES, field).is_some_and(|slot| self.day_only & (1 << slot) != 0)
    }

    /// Sets the word of a field, by its number in the closed list.
    pub fn set_word(&mut self, field: FieldId, code: u8) {
        if let Some(slot) = slot(&WORDS, field) {
            self.words[slot] = code;
        }
    }

    /// The number of the field's word.
    #[must_use]
    pub fn word(&self, field: FieldId) -> u8 {
        slot(&WORDS, field).map_or(0, |slot| self.words[slot])
    }

    /// Sets the boolean of a field.
    pub fn set_flag(&mut self, field: FieldId, value: bool) {
        if let Some(slot) = slot(&FLAGS, field) {
            self.flags = self.flags & !(1 << slot) | (u16::from(value) << slot);
        }
    }

    /// The boolean of a field.
    #[must_use]
    pub fn flag(&self, field: FieldId) -> bool {
        slot(&FLAGS, field).is_some_and(|slot| self.flags & (1 << slot) != 0)
    }

    /// Sets the hash of a field.
    pub fn set_hash(&mut self, field: FieldId, hash: u32) {
        if let Some(slot) = slot(&HASHED, field) {
            self.hashes[slot] = hash;
        }
    }

    /// Sets the size of the resource in GB.
    pub fn set_size(&mut self, gigabytes: u32) {
        self.size = gigabytes;
    }

    /// The size of the resource in GB.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.size
    }

    /// Whether both hold the same value for the field; times within a millisecond are the same, and a bare date is
    /// the same as every moment of its day.
    #[must_use]
    pub fn agrees(&self, other: &Self, field: FieldId) -> bool {
        if let Some(slot) = slot(&SYMBOLS, field) {
            return self.symbols[slot] == other.symbols[slot];
        }
        if slot(&TIMES, field).is_some() {
            return self.same_time(other, field);
        }
        if let Some(slot) = slot(&WORDS, field) {
            return self.words[slot] == other.words[slot];
        }
        if slot(&FLAGS, field).is_some() {
            return self.flag(field) == other.flag(field);
        }
        if let Some(slot) = slot(&HASHED, field) {
            return self.hashes[slot] == other.hashes[slot];
        }
        field != FieldId::ResourceSize || self.size == other.size
    }

    fn same_time(&self, other: &Self, field: FieldId) -> bool {
        const MILLISECOND: i128 = 1_000_000;
        const DAY: i128 = 86_400_000_000_000;
        let (mine, theirs) = (self.time(field).as_nanosecond(), other.time(field).as_nanosecond());
        match (self.is_day_only(field), other.is_day_only(field)) {
            (false, false) => (mine - theirs).abs() <= MILLISECOND,
            (true, true) => mine == theirs,
            (true, false) => (0..DAY).contains(&(theirs - mine)),
            (false, true) => (0..DAY).contains(&(mine - theirs)),
        }
    }
}

/// One element of `replication_records`, packed (`ReplicationRecordGet` of the API page).
#[derive(Clone, Debug, PartialEq)]
pub struct Replication {
    /// `status`
    pub status: Field<ReplicationStatus>,
    /// `created_at`: when the replication started.
    pub created_at: Field<Timestamp>,
    /// `source_region`
    pub source_region: Field<Symbol>,
    /// `destination_region`
    pub destination_region: Field<Symbol>,
    /// `destination_backup_id`: the id of the copy in the other region.
    pub destination_backup_id: Field<Symbol>,
    /// `extra_info.fail_code`
    pub fail_code: Option<Symbol>,
    /// `extra_info.fail_reason`
    pub fail_reason: Option<Symbol>,
    /// `extra_info.progress`, in percent.
    pub progress: Option<i16>,
    /// `status` as written, where it is none of the known words.
    pub foreign_status: Option<Symbol>,
}
