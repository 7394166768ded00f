//! The value of each kind of field: every dialect ends here in the same form.

#![allow(
    clippy::indexing_slicing,
    reason = "a slot is a position that the field table gives, and every table has as many places as it has slots; there are two regions"
)]

use jiff::Timestamp;

use super::Packer;
use crate::inventory::field::{Field, FieldId, NULL, Reason, kind_name};
use crate::inventory::intern::Symbol;
use crate::inventory::record::{Aside, pack_time};
use crate::inventory::replication::Replication;
use crate::inventory::shape::{Presence, Slot};
use crate::inventory::vocabulary::{ImageType, ReplicationStatus, ResourceType, RestoreMode, Status};
use crate::parse::replication::WireReplication;
use crate::parse::scalar::Scalar;
use crate::parse::time::{self, Stamp};

impl Packer<'_> {
    /// Packs a value that is there and not null.
    pub(super) fn pack(&mut self, field: FieldId, scalar: &Scalar<'_>) -> Presence {
        match field.slot() {
            Slot::Id(slot) => self.id(field, slot, scalar),
            Slot::Label(slot) => self.label(field, slot, scalar),
            Slot::Time(slot) => self.time(field, slot, scalar),
            Slot::Word(slot) => self.word(field, slot, scalar),
            Slot::Flag(slot) => self.flag(field, slot, scalar),
            Slot::Hash(slot) => match self.hash(field, scalar) {
                Ok(hash) => {
                    self.open.hashes[slot] = hash;
                    Presence::Value
                }
                Err(presence) => presence,
            },
            Slot::SharedHash(slot) => match self.hash(field, scalar) {
                Ok(hash) => {
                    self.open.facts.hashes[slot] = hash;
                    self.recall.remember_hash(slot, scalar, hash);
                    Presence::Value
                }
                Err(presence) => presence,
            },
            Slot::Size => self.size(field, scalar),
            Slot::Presence => self.composite(field, scalar),
        }
    }

    fn unusable(&mut self, field: FieldId, reason: Reason, scalar: &Scalar<'_>) -> Presence {
        let text = match scalar {
            Scalar::Text(text) => shortened(text),
            Scalar::Int(int) => int.to_string(),
            Scalar::Float(float) => float.to_string(),
            Scalar::Bool(bool) => bool.to_string(),
            other => format!("({})", kind_name(other.kind())),
        };
        self.aside(field, Aside::Unusable(reason, text.into()))
    }

    fn aside(&mut self, field: FieldId, aside: Aside) -> Presence {
        self.is_plain = false;
        self.fragment.asides.insert((self.open.number, field), aside);
        Presence::Aside
    }

    /// Ids: strings. An empty id is no id.
    fn id(&mut self, field: FieldId, slot: usize, scalar: &Scalar<'_>) -> Presence {
        match scalar {
            Scalar::Text(text) if text.is_empty() => Presence::Null,
            Scalar::Text(text) => {
                self.open.row.ids[slot] = self.fragment.ids.add(text);
                Presence::Value
            }
            _ => self.unusable(field, Reason::TypeMismatch, scalar),
        }
    }

    /// Ids and names that many records share: strings, and the numbers that some dialects write instead.
    fn label(&mut self, field: FieldId, slot: usize, scalar: &Scalar<'_>) -> Presence {
        let label = match scalar {
            Scalar::Text(text) if text.is_empty() => return Presence::Null,
            Scalar::Text(text) => self.fragment.labels.intern(text),
            Scalar::Int(int) if field == FieldId::EnterpriseProjectId => self.fragment.labels.intern(&int.to_string()),
            _ => return self.unusable(field, Reason::TypeMismatch, scalar),
        };
        self.open.facts.set_label(slot, label);
        self.recall.remember_label(slot, scalar, label);
        Presence::Value
    }

    fn time(&mut self, field: FieldId, slot: usize, scalar: &Scalar<'_>) -> Presence {
        let stamp = match read_time(scalar) {
            Field::Value(stamp) => stamp,
            Field::Unusable(reason) => return self.unusable(field, reason, scalar),
            _ => return Presence::Null,
        };
        self.fragment.zones_assumed += u64::from(stamp.zone_assumed);
        match pack_time(stamp.time) {
            Some(nanoseconds) => {
                self.open.times[slot] = nanoseconds;
                self.open.shape.day_only |= u8::from(stamp.day_only) << slot;
                Presence::Value
            }
            None => self.aside(field, Aside::FarTime(stamp.time, in_utc(scalar, stamp).into())),
        }
    }

    fn word(&mut self, field: FieldId, slot: usize, scalar: &Scalar<'_>) -> Presence {
        let Scalar::Text(text) = scalar else { return self.unusable(field, Reason::TypeMismatch, scalar) };
        match word_code(field, text) {
            Some(code) => {
                self.open.shape.words[slot] = code;
                self.recall.remember_word(slot, scalar, code);
                Presence::Value
            }
            None => self.unusable(field, Reason::ValueUnrecognised, scalar),
        }
    }

    fn flag(&mut self, field: FieldId, slot: usize, scalar: &Scalar<'_>) -> Presence {
        let value = match field {
            FieldId::AppConsistencyErrorCode | FieldId::AppConsistencyErrorMessage => signals_error(scalar),
            _ => scalar.as_bool(),
        };
        match value {
            Some(value) => {
                self.open.shape.flags |= u16::from(value) << slot;
                Presence::Value
            }
            None => self.unusable(field, Reason::TypeMismatch, scalar),
        }
    }

    fn hash(&mut self, field: FieldId, scalar: &Scalar<'_>) -> Result<u32, Presence> {
        match scalar {
            Scalar::Text(text) => Ok(self.hash_of(text.as_bytes())),
            Scalar::Bool(flag) => Ok(self.hash_of(if *flag { b"true" } else { b"false" })),
            Scalar::Int(number) => Ok(self.hash_of(number.to_string().as_bytes())),
            _ => Err(self.unusable(field, Reason::TypeMismatch, scalar)),
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "the low half of the hash is the hash")]
    pub(super) fn hash_of(&self, text: &[u8]) -> u32 {
        self.fragment.hasher.hash_one(text) as u32
    }

    fn size(&mut self, field: FieldId, scalar: &Scalar<'_>) -> Presence {
        match scalar.as_int() {
            Some(size) => match u32::try_from(size) {
                Ok(size) => {
                    self.open.facts.size = size;
                    Presence::Value
                }
                Err(_) => self.aside(field, Aside::FarNumber(size)),
            },
            None => self.unusable(field, Reason::TypeMismatch, scalar),
        }
    }

    /// Objects and arrays, of which only the presence matters here, and fields that nothing compares.
    fn composite(&mut self, field: FieldId, scalar: &Scalar<'_>) -> Presence {
        let expected = field.kinds() | NULL;
        if scalar.kind() & expected == 0 { self.unusable(field, Reason::TypeMismatch, scalar) } else { Presence::Value }
    }

    pub(super) fn read_replication(&mut self, wire: &WireReplication<'_>) -> Replication {
        let status = match &wire.status {
            Scalar::Absent => Field::Absent,
            Scalar::Null => Field::Null,
            Scalar::Text(text) => {
                ReplicationStatus::from_word(text).map_or(Field::Unusable(Reason::ValueUnrecognised), Field::Value)
            }
            _ => Field::Unusable(Reason::TypeMismatch),
        };
        let foreign_status = match &wire.status {
            Scalar::Text(text) if status.value().is_none() => Some(self.fragment.labels.intern(text)),
            _ => None,
        };
        Replication {
            status,
            created_at: read_time(&wire.created_at).map(|stamp| stamp.time),
            source_region: self.region(0, &wire.source_region),
            destination_region: self.region(1, &wire.destination_region),
            destination_project: self.region(2, &wire.destination_project),
            destination_backup_id: stated(&wire.destination_backup_id).map(|text| self.fragment.ids.add(text)),
            fail_code: self.text(&wire.fail_code),
            fail_reason: self.text(&wire.fail_reason),
            progress: wire.progress.as_int().and_then(|percent| i16::try_from(percent).ok()),
            foreign_status,
        }
    }

    /// A region or project, which is mostly that of the record before.
    fn region(&mut self, which: usize, scalar: &Scalar<'_>) -> Field<Symbol> {
        let Self { fragment, regions, .. } = self;
        stated(scalar).map(|text| {
            let last = regions[which].filter(|&last| fragment.labels.text(last) == text);
            *regions[which].insert(last.unwrap_or_else(|| fragment.labels.intern(text)))
        })
    }

    fn text(&mut self, scalar: &Scalar<'_>) -> Option<Symbol> {
        stated(scalar).value().map(|text| self.fragment.labels.intern(text))
    }
}

/// How a far time reads in UTC. The last day of the calendar lies beyond the largest moment and stays as written.
fn in_utc(scalar: &Scalar<'_>, stamp: Stamp) -> String {
    match scalar {
        Scalar::Text(text) if stamp.time == Timestamp::MAX => format!("{}Z", text.trim_end_matches(['Z', 'z'])),
        _ => stamp.time.to_string(),
    }
}

/// Whether an application error code or message says anything; `"0"` and an empty string say nothing.
fn signals_error(scalar: &Scalar<'_>) -> Option<bool> {
    match scalar {
        Scalar::Text(text) => Some(!matches!(text.as_ref(), "" | "0")),
        Scalar::Int(code) => Some(*code != 0),
        _ => None,
    }
}

/// The number of a word in the closed list of its field.
fn word_code(field: FieldId, text: &str) -> Option<u8> {
    match field {
        FieldId::Status => Status::from_word(text).map(|word| word as u8),
        FieldId::ImageType => ImageType::from_word(text).map(|word| word as u8),
        FieldId::ResourceType => ResourceType::from_word(text).map(|word| word as u8),
        FieldId::SupportedRestoreMode => RestoreMode::from_word(text).map(|word| word as u8),
        _ => ["0", "1"].iter().position(|known| *known == text).and_then(|code| u8::try_from(code).ok()),
    }
}

/// A time that may be missing; an empty string is a null time.
fn read_time(scalar: &Scalar<'_>) -> Field<Stamp> {
    match scalar {
        Scalar::Absent => Field::Absent,
        Scalar::Null => Field::Null,
        Scalar::Text(text) if text.is_empty() => Field::Null,
        Scalar::Text(text) => time::parse(text).map_or(Field::Unusable(Reason::TypeMismatch), Field::Value),
        _ => Field::Unusable(Reason::TypeMismatch),
    }
}

/// A text that may be missing; an empty one is null.
fn stated<'s>(scalar: &'s Scalar<'_>) -> Field<&'s str> {
    match scalar {
        Scalar::Absent => Field::Absent,
        Scalar::Null => Field::Null,
        Scalar::Text(text) if text.is_empty() => Field::Null,
        Scalar::Text(text) => Field::Value(text),
        _ => Field::Unusable(Reason::TypeMismatch),
    }
}

/// A text cut to a length that a report can carry.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 200;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}
