//! One record on the wire into one packed reading: every dialect of every field ends here in the same form.

use jiff::Timestamp;

use super::field::{Field, FieldId, Home, Kinds, NULL, Reason, kind_name};
use super::fragment::{DriftKey, DriftSeen, Fragment};
use super::intern::{Interner, Symbol};
use super::record::{
    Aside, FLAGS, HASHED, Packed, Place, Presence, PresenceBits, Reading, Replication, SYMBOLS, TIMES, WORDS, pack_time,
};
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
}

impl RowPacker<'_, '_, '_> {
    pub(super) fn row(mut self, place: Place) -> Reading {
        let mut row = Reading {
            place,
            view: self.fragment.view,
            presence: PresenceBits::default(),
            packed: Packed::default(),
            replications: self.replications(),
            images: u16::try_from(self.record.images).unwrap_or(u16::MAX),
            children_lost: 0,
        };
        for &field in FieldId::ALL {
            let scalar = self.record.get(field);
            if *scalar == Scalar::Absent {
                continue;
            }
            self.note_type(field, scalar);
            let presence = if *scalar == Scalar::Null { Presence::Null } else { self.value(field, scalar, &mut row) };
            row.presence.set(field, presence);
        }
        self.note_unknown();
        row
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
    fn value(&mut self, field: FieldId, scalar: &Scalar<'_>, row: &mut Reading) -> Presence {
        if SYMBOLS.contains(&field) {
            self.symbol(field, scalar, &mut row.packed)
        } else if TIMES.contains(&field) {
            self.time(field, scalar, &mut row.packed)
        } else if WORDS.contains(&field) {
            self.word(field, scalar, &mut row.packed)
        } else if FLAGS.contains(&field) {
            self.flag(field, scalar, &mut row.packed)
        } else if HASHED.contains(&field) {
            self.hash(field, scalar, &mut row.packed)
        } else if field == FieldId::ResourceSize {
            self.size(scalar, &mut row.packed)
        } else {
            self.composite(field, scalar)
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

    /// Ids and names: strings, and the numbers that some dialects write instead. An empty id is no id.
    fn symbol(&mut self, field: FieldId, scalar: &Scalar<'_>, packed: &mut Packed) -> Presence {
        let number;
        let text = match scalar {
            Scalar::Text(text) if text.is_empty() => return Presence::Null,
            Scalar::Text(text) => text.as_ref(),
            Scalar::Int(int) if field == FieldId::EnterpriseProjectId => {
                number = int.to_string();
                &number
            }
            _ => return self.unusable(field, Reason::TypeMismatch, scalar),
        };
        let symbol = self.fragment.texts.intern(text);
        packed.set_symbol(field, u32::try_from(symbol.index()).unwrap_or(u32::MAX));
        Presence::Value
    }

    fn time(&mut self, field: FieldId, scalar: &Scalar<'_>, packed: &mut Packed) -> Presence {
        let stamp = match read_time(scalar) {
            Field::Value(stamp) => stamp,
            Field::Unusable(reason) => return self.unusable(field, reason, scalar),
            _ => return Presence::Null,
        };
        self.fragment.zones_assumed += u64::from(stamp.zone_assumed);
        match pack_time(stamp.time) {
            Some(nanoseconds) => {
                packed.set_time(field, nanoseconds, stamp.day_only);
                Presence::Value
            }
            None => self.aside(field, Aside::FarTime(stamp.time, in_utc(scalar, stamp).into())),
        }
    }

    fn word(&mut self, field: FieldId, scalar: &Scalar<'_>, packed: &mut Packed) -> Presence {
        let Scalar::Text(text) = scalar else { return self.unusable(field, Reason::TypeMismatch, scalar) };
        match word_code(field, text) {
            Some(code) => {
                packed.set_word(field, code);
                Presence::Value
            }
            None => self.unusable(field, Reason::ValueUnrecognised, scalar),
        }
    }

    fn flag(&mut self, field: FieldId, scalar: &Scalar<'_>, packed: &mut Packed) -> Presence {
        let value = match field {
            FieldId::AppConsistencyErrorCode | FieldId::AppConsistencyErrorMessage => signals_error(scalar),
            _ => scalar.as_bool(),
        };
        match value {
            Some(value) => {
                packed.set_flag(field, value);
                Presence::Value
            }
            None => self.unusable(field, Reason::TypeMismatch, scalar),
        }
    }

    fn hash(&mut self, field: FieldId, scalar: &Scalar<'_>, packed: &mut Packed) -> Presence {
        let hash = match scalar {
            Scalar::Text(text) => self.fragment.hasher.hash_one(text.as_ref()),
            Scalar::Bool(flag) => self.fragment.hasher.hash_one(if *flag { "true" } else { "false" }),
            Scalar::Int(number) => self.fragment.hasher.hash_one(number.to_string().as_str()),
            _ => return self.unusable(field, Reason::TypeMismatch, scalar),
        };
        #[allow(clippy::cast_possible_truncation, reason = "the low half of the hash is the hash")]
        packed.set_hash(field, hash as u32);
        Presence::Value
    }

    fn size(&mut self, scalar: &Scalar<'_>, packed: &mut Packed) -> Presence {
        let field = FieldId::ResourceSize;
        match scalar.as_int() {
            Some(size) => match u32::try_from(size) {
                Ok(size) => {
                    packed.set_size(size);
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

    fn replications(&mut self) -> (u32, u32) {
        let start = u32::try_from(self.fragment.replications.len()).unwrap_or(u32::MAX);
        for replication in &self.record.replications {
            let packed = pack_replication(replication, &mut self.fragment.texts);
            self.fragment.replications.push(packed);
        }
        (start, u32::try_from(self.record.replications.len()).unwrap_or(u32::MAX))
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

fn pack_replication(wire: &WireReplication<'_>, texts: &mut Interner) -> Replication {
    let status = match &wire.status {
        Scalar::Absent => Field::Absent,
        Scalar::Null => Field::Null,
        Scalar::Text(text) => {
            ReplicationStatus::from_word(text).map_or(Field::Unusable(Reason::ValueUnrecognised), Field::Value)
        }
        _ => Field::Unusable(Reason::TypeMismatch),
    };
    let foreign = status == Field::Unusable(Reason::ValueUnrecognised);
    Replication {
        status,
        created_at: read_time(&wire.created_at).map(|stamp| stamp.time),
        source_region: symbol_of(&wire.source_region, texts),
        destination_region: symbol_of(&wire.destination_region, texts),
        destination_backup_id: symbol_of(&wire.destination_backup_id, texts),
        fail_code: symbol_of(&wire.fail_code, texts).value(),
        fail_reason: symbol_of(&wire.fail_reason, texts).value(),
        progress: wire.progress.as_int().and_then(|percent| i16::try_from(percent).ok()),
        foreign_status: if foreign { symbol_of(&wire.status, texts).value() } else { None },
    }
}

fn symbol_of(scalar: &Scalar<'_>, texts: &mut Interner) -> Field<Symbol> {
    match scalar {
        Scalar::Absent => Field::Absent,
        Scalar::Null => Field::Null,
        Scalar::Text(text) if text.is_empty() => Field::Null,
        Scalar::Text(text) => Field::Value(texts.intern(text)),
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

/// Renumbers the texts of a replication record.
pub(super) fn renumber(replication: &mut Replication, map: &[Symbol]) {
    let new = |symbol: Symbol| map[symbol.index()];
    replication.source_region = replication.source_region.map(new);
    replication.destination_region = replication.destination_region.map(new);
    replication.destination_backup_id = replication.destination_backup_id.map(new);
    for text in [&mut replication.fail_code, &mut replication.fail_reason, &mut replication.foreign_status] {
        *text = text.map(new);
    }
}
