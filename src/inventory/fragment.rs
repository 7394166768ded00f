//! One file's backup objects as packed readings with numbers of their own. Made inside the worker, so that the JSON
//! bytes are freed there; the inventory renumbers and takes them over in path order.

use std::collections::HashMap;

use super::field::{Field, FieldId, Home, Kinds, NULL, Reason, kind_name};
use super::intern::{Interner, Symbol};
use super::record::{
    Aside, FLAGS, HASHED, Packed, Place, Presence, PresenceBits, Reading, Replication, SYMBOLS, TIMES, View, WORDS,
    pack_time,
};
use super::vocabulary::{ImageType, ReplicationStatus, ResourceType, RestoreMode, Status};
use crate::parse::decode;
use crate::parse::envelope::{self, Envelope, Receiver};
use crate::parse::scalar::Scalar;
use crate::parse::time::{self, Stamp};
use crate::parse::wire::{Element, Lost, WireRecord, WireReplication};

/// A key or type that the field table does not know: where it stands and what it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DriftKey {
    /// The object in which the key stands.
    pub home: Home,
    /// The key.
    pub key: Box<str>,
    /// The JSON type of the value.
    pub kind: Kinds,
}

/// How often a drifted key was met, and where first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DriftSeen {
    /// How often.
    pub count: u64,
    /// The first reading.
    pub reading: u32,
    /// The replication record in that reading, for a key of one.
    pub ordinal: Option<u32>,
}

/// A backup object that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostRecord {
    /// The reading in whose `children` it stands.
    pub enclosing: Option<u32>,
    /// Its position in the list it stands in.
    pub ordinal: u32,
    /// Why.
    pub reason: String,
    /// How many objects are lost with it, itself included.
    pub objects: u32,
}

/// What one file came to.
#[derive(Debug)]
pub struct Fragment {
    /// Which answer the file is.
    pub envelope: Envelope,
    /// Its backup objects, parents before their children.
    pub readings: Vec<Reading>,
    /// Their replication records.
    pub replications: Vec<Replication>,
    /// Values that do not fit.
    pub asides: HashMap<(u32, FieldId), Aside>,
    /// The texts the readings refer to.
    pub texts: Interner,
    /// Objects that could not be read.
    pub lost: Vec<LostRecord>,
    /// How many objects were lost in all.
    pub objects_lost: u64,
    /// How many of them stood directly in the answer's list.
    pub elements_lost: u64,
    /// Unknown keys and types.
    pub drift: HashMap<DriftKey, DriftSeen>,
    /// How often each known key was met with a known type.
    pub known_keys: Vec<u64>,
    /// How many times were read as UTC because they name no zone.
    pub zones_assumed: u64,
    hasher: ahash::RandomState,
    view: View,
}

/// How many lost objects of one file are named one by one.
const LOST_NAMED: usize = 20;

impl Fragment {
    /// Reads the bytes of the file at position `source`. Hashes are comparable between fragments of one `hasher`.
    #[must_use]
    pub fn read(bytes: &[u8], source: u32, hasher: &ahash::RandomState) -> Self {
        let mut fragment = Self::empty(hasher);
        let envelope = match decode::document(bytes) {
            Ok(text) => envelope::read(&text, &mut Packer { fragment: &mut fragment, source }),
            Err(reason) => Envelope::Refused(reason),
        };
        fragment.finish(envelope);
        fragment
    }

    /// A file that yields nothing, for this reason.
    #[must_use]
    pub fn without_records(envelope: Envelope, hasher: &ahash::RandomState) -> Self {
        Self { envelope, ..Self::empty(hasher) }
    }

    fn empty(hasher: &ahash::RandomState) -> Self {
        Self {
            envelope: Envelope::NotBackup(String::new()),
            readings: Vec::new(),
            replications: Vec::new(),
            asides: HashMap::new(),
            texts: Interner::default(),
            lost: Vec::new(),
            objects_lost: 0,
            elements_lost: 0,
            drift: HashMap::new(),
            known_keys: vec![0; FieldId::ALL.len()],
            zones_assumed: 0,
            hasher: hasher.clone(),
            view: View::List,
        }
    }

    fn finish(&mut self, envelope: Envelope) {
        let view = if envelope == Envelope::Show { View::Show } else { View::List };
        self.readings.iter_mut().for_each(|reading| reading.view = view);
        self.envelope = envelope;
    }
}

/// Packs the objects of one document into its fragment.
struct Packer<'f> {
    fragment: &'f mut Fragment,
    source: u32,
}

impl<'a> Receiver<'a> for Packer<'_> {
    fn element(&mut self, ordinal: u32, element: Element<'a>) {
        match element {
            Ok(record) => self.pack(&record, Place { source: self.source, enclosing: None, ordinal }),
            Err(lost) => self.lose(None, ordinal, lost),
        }
    }

    fn reset(&mut self) {
        *self.fragment = Fragment::empty(&self.fragment.hasher);
    }
}

impl Packer<'_> {
    fn lose(&mut self, enclosing: Option<u32>, ordinal: u32, lost: Lost) {
        let objects = lost.inside.saturating_add(1);
        self.fragment.objects_lost += u64::from(objects);
        self.fragment.elements_lost += u64::from(enclosing.is_none());
        if self.fragment.lost.len() < LOST_NAMED {
            self.fragment.lost.push(LostRecord { enclosing, ordinal, reason: lost.reason, objects });
        }
    }

    /// Packs a record and then its children. Recursion is bounded by the reader's nesting limit.
    fn pack(&mut self, record: &WireRecord<'_>, place: Place) {
        let number = u32::try_from(self.fragment.readings.len()).unwrap_or(u32::MAX);
        let reading = RowPacker { fragment: self.fragment, number, record }.row(place);
        self.fragment.readings.push(reading);
        for (ordinal, child) in (0_u32..).zip(&record.children) {
            match child {
                Ok(child) => self.pack(child, Place { source: self.source, enclosing: Some(number), ordinal }),
                Err(lost) => {
                    let row = &mut self.fragment.readings[number as usize];
                    row.children_lost = row.children_lost.saturating_add(1);
                    self.lose(Some(number), ordinal, lost.clone());
                }
            }
        }
    }
}

/// Packs the fields of one record.
struct RowPacker<'f, 'r, 'a> {
    fragment: &'f mut Fragment,
    number: u32,
    record: &'r WireRecord<'a>,
}

impl RowPacker<'_, '_, '_> {
    fn row(mut self, place: Place) -> Reading {
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
            None => self.aside(field, Aside::FarTime(stamp.time)),
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
        let Scalar::Text(text) = scalar else { return self.unusable(field, Reason::TypeMismatch, scalar) };
        #[allow(clippy::cast_possible_truncation, reason = "the low half of the hash is the hash")]
        packed.set_hash(field, self.fragment.hasher.hash_one(text.as_ref()) as u32);
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
