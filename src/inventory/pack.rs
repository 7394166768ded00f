//! One record on the wire into one packed reading: every dialect of every field ends here in the same form.

use jiff::Timestamp;

use super::field::{Field, FieldId, Home, Kinds, NULL, Reason, kind_name};
use super::fragment::{DriftKey, DriftSeen, Fragment};
use super::intern::{Interner, Symbol};
use super::record::{Aside, Place, Row, pack_time};
use super::replication::Replication;
use super::shape::{Facts, Presence, Shape, Slot};
use super::vocabulary::{ImageType, ReplicationStatus, ResourceType, RestoreMode, Status};
use crate::parse::replication::WireReplication;
use crate::parse::scalar::Scalar;
use crate::parse::time::{self, Stamp};
use crate::parse::wire::WireRecord;

/// Packs the fields of one record.
pub(super) struct RowPacker<'f, 'r, 'a> {
    pub(super) fragment: &'f mut Fragment,
    pub(super) number: u32,
    pub(super) record: &'r WireRecord<'a>,
    row: Row,
    shape: Shape,
    facts: Facts,
}

impl<'f, 'r, 'a> RowPacker<'f, 'r, 'a> {
    pub(super) fn new(fragment: &'f mut Fragment, number: u32, record: &'r WireRecord<'a>, place: Place) -> Self {
        let lost = record.children.iter().filter(|child| child.is_err()).count();
        let shape = Shape {
            images: u16::try_from(record.images).unwrap_or(u16::MAX),
            children_lost: u16::try_from(lost).unwrap_or(u16::MAX),
            ..Shape::default()
        };
        Self { fragment, number, record, row: Row::at(place), shape, facts: Facts::default() }
    }

    pub(super) fn row(mut self) -> Row {
        self.replications();
        for field in self.record.present.iter() {
            let scalar = self.record.get(field);
            self.note_type(field, scalar);
            let presence = if *scalar == Scalar::Null { Presence::Null } else { self.value(field, scalar) };
            self.shape.presence.set(field, presence);
        }
        self.note_unknown();
        self.row.shape = self.fragment.shapes.number(&self.shape);
        self.row.facts = self.fragment.facts.number(&self.facts);
        self.row
    }

    /// Counts a key with a known type, or notes one whose type has drifted.
    fn note_type(&mut self, field: FieldId, scalar: &Scalar<'_>) {
        if scalar.kind() & (field.kinds() | NULL) == 0 {
            self.drifted(field.home(), field.key(), scalar.kind(), None);
        } else {
            self.fragment.known_keys[field.index()] += 1;
        }
    }

    fn note_unknown(&mut self) {
        for unknown in &self.record.unknown {
            self.drifted(unknown.home, &unknown.key, unknown.kind, unknown.ordinal);
        }
    }

    fn drifted(&mut self, home: Home, key: &str, kind: Kinds, ordinal: Option<u32>) {
        let key = DriftKey { home, key: key.into(), kind };
        let reading = self.number;
        self.fragment.drift.entry(key).or_insert(DriftSeen { count: 0, reading, ordinal }).count += 1;
    }

    /// Packs a value that is there and not null.
    fn value(&mut self, field: FieldId, scalar: &Scalar<'_>) -> Presence {
        match field.slot() {
            Slot::Id(slot) => self.id(field, slot, scalar),
            Slot::Label(slot) => self.label(field, slot, scalar),
            Slot::Time(slot) => self.time(field, slot, scalar),
            Slot::Word(slot) => self.word(field, slot, scalar),
            Slot::Flag(slot) => self.flag(field, slot, scalar),
            Slot::Hash(slot) => self.hash(field, scalar, |packer| &mut packer.row.hashes[slot]),
            Slot::SharedHash(slot) => self.hash(field, scalar, |packer| &mut packer.facts.hashes[slot]),
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
        self.fragment.asides.insert((self.number, field), aside);
        Presence::Aside
    }

    /// Ids: strings. An empty id is no id.
    fn id(&mut self, field: FieldId, slot: usize, scalar: &Scalar<'_>) -> Presence {
        match scalar {
            Scalar::Text(text) if text.is_empty() => Presence::Null,
            Scalar::Text(text) => {
                self.row.ids[slot] = self.fragment.ids.add(text);
                Presence::Value
            }
            _ => self.unusable(field, Reason::TypeMismatch, scalar),
        }
    }

    /// Ids and names that many records share: strings, and the numbers that some dialects write instead.
    fn label(&mut self, field: FieldId, slot: usize, scalar: &Scalar<'_>) -> Presence {
        let label = match scalar {
            Scalar::Text(text) if text.is_empty() => return Presence::Null,
            Scalar::Text(text) => self.fragment.label(slot, text),
            Scalar::Int(int) if field == FieldId::EnterpriseProjectId => self.fragment.label(slot, &int.to_string()),
            _ => return self.unusable(field, Reason::TypeMismatch, scalar),
        };
        self.facts.set_label(slot, label);
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
                self.row.times[slot] = nanoseconds;
                self.shape.day_only |= u8::from(stamp.day_only) << slot;
                Presence::Value
            }
            None => self.aside(field, Aside::FarTime(stamp.time, in_utc(scalar, stamp).into())),
        }
    }

    fn word(&mut self, field: FieldId, slot: usize, scalar: &Scalar<'_>) -> Presence {
        let Scalar::Text(text) = scalar else { return self.unusable(field, Reason::TypeMismatch, scalar) };
        match word_code(field, text) {
            Some(code) => {
                self.shape.words[slot] = code;
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
                self.shape.flags |= u16::from(value) << slot;
                Presence::Value
            }
            None => self.unusable(field, Reason::TypeMismatch, scalar),
        }
    }

    fn hash(&mut self, field: FieldId, scalar: &Scalar<'_>, slot: impl Fn(&mut Self) -> &mut u32) -> Presence {
        let hash = match scalar {
            Scalar::Text(text) => self.fragment.hasher.hash_one(text.as_ref()),
            Scalar::Bool(flag) => self.fragment.hasher.hash_one(if *flag { "true" } else { "false" }),
            Scalar::Int(number) => self.fragment.hasher.hash_one(number.to_string().as_str()),
            _ => return self.unusable(field, Reason::TypeMismatch, scalar),
        };
        #[allow(clippy::cast_possible_truncation, reason = "the low half of the hash is the hash")]
        let hash = hash as u32;
        *slot(self) = hash;
        Presence::Value
    }

    fn size(&mut self, field: FieldId, scalar: &Scalar<'_>) -> Presence {
        match scalar.as_int() {
            Some(size) => match u32::try_from(size) {
                Ok(size) => {
                    self.facts.size = size;
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

    fn replications(&mut self) {
        self.row.replications = self.fragment.replications.len();
        for wire in &self.record.replications {
            let replication = read_replication(wire, self.fragment);
            self.fragment.replications.push(&replication);
        }
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

fn read_replication(wire: &WireReplication<'_>, fragment: &mut Fragment) -> Replication {
    let status = match &wire.status {
        Scalar::Absent => Field::Absent,
        Scalar::Null => Field::Null,
        Scalar::Text(text) => {
            ReplicationStatus::from_word(text).map_or(Field::Unusable(Reason::ValueUnrecognised), Field::Value)
        }
        _ => Field::Unusable(Reason::TypeMismatch),
    };
    let foreign = status == Field::Unusable(Reason::ValueUnrecognised);
    let labels = &mut fragment.labels;
    Replication {
        status,
        created_at: read_time(&wire.created_at).map(|stamp| stamp.time),
        source_region: symbol_of(&wire.source_region, labels),
        destination_region: symbol_of(&wire.destination_region, labels),
        destination_backup_id: stated(&wire.destination_backup_id).map(|text| fragment.ids.add(text)),
        fail_code: symbol_of(&wire.fail_code, labels).value(),
        fail_reason: symbol_of(&wire.fail_reason, labels).value(),
        progress: wire.progress.as_int().and_then(|percent| i16::try_from(percent).ok()),
        foreign_status: if foreign { symbol_of(&wire.status, labels).value() } else { None },
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

fn symbol_of(scalar: &Scalar<'_>, labels: &mut Interner) -> Field<Symbol> {
    stated(scalar).map(|text| labels.intern(text))
}

/// A text cut to a length that a report can carry.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 200;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}
