//! Records on the wire into packed readings: every dialect of every field ends here in the same form.

use jiff::Timestamp;

use super::field::{BOOL, Field, FieldId, FieldSet, Kinds, NULL, Reason, TEXT, kind_name};
use super::fragment::{DriftKey, DriftSeen, Fragment, LOST_NAMED, LostRecord};
use super::id;
use super::intern::Symbol;
use super::recall::Recall;
use super::record::{Aside, Place, Row, pack_time};
use super::replication::Replication;
use super::shape::{Facts, Presence, Shape, Slot};
use super::vocabulary::{ImageType, ReplicationStatus, ResourceType, RestoreMode, Status};
use crate::parse::envelope::Receiver;
use crate::parse::replication::WireReplication;
use crate::parse::scalar::Scalar;
use crate::parse::time::{self, Stamp};
use crate::parse::wire::{Element, Lost, UnknownKey, WireRecord};

/// Packs the objects of one document into its fragment.
#[derive(Debug)]
pub struct Packer<'f> {
    fragment: &'f mut Fragment,
    /// The object that is being packed.
    open: Open,
    /// Those in whose `children` it stands, the outermost first.
    around: Vec<Open>,
    /// The replication records of the element that is being packed, by reading.
    replications: Vec<(u32, Replication)>,
    recall: Recall,
    /// The source and the destination region of the last replication record.
    regions: [Option<Symbol>; 2],
    /// What runs of usual values come to.
    effects: Vec<Effect>,
    /// Nothing was met since a run began that another record could not repeat.
    is_plain: bool,
}

/// What a run of values comes to, and how often it was met again.
#[derive(Debug)]
struct Effect {
    fields: FieldSet,
    shape: Shape,
    facts: Facts,
    repeated: u64,
}

/// An object that is being packed.
#[derive(Debug)]
struct Open {
    number: u32,
    row: Row,
    shape: Shape,
    facts: Facts,
}

impl Open {
    fn nothing() -> Self {
        Self::new(NOTHING, Place { enclosing: None, ordinal: 0 })
    }

    fn new(number: u32, place: Place) -> Self {
        Self { number, row: Row::at(place), shape: Shape::default(), facts: Facts::default() }
    }
}

impl<'f> Packer<'f> {
    /// A packer into a fragment.
    pub(super) fn new(fragment: &'f mut Fragment) -> Self {
        Self {
            fragment,
            open: Open::nothing(),
            around: Vec::new(),
            replications: Vec::new(),
            recall: Recall::default(),
            regions: [None; 2],
            effects: Vec::new(),
            is_plain: false,
        }
    }
}

impl Drop for Packer<'_> {
    /// Counts the keys of what was repeated.
    fn drop(&mut self) {
        for effect in &self.effects {
            effect.fields.iter().for_each(|field| self.fragment.known_keys[field.index()] += effect.repeated);
        }
    }
}

/// Stands for no object.
const NOTHING: u32 = u32::MAX;

impl<'a> Receiver<'a> for Packer<'_> {
    fn element(&mut self, ordinal: u32, element: &Element<'a>) {
        self.fragment.elements = ordinal.saturating_add(1);
        match element {
            Ok(record) => self.record(ordinal, record),
            Err(lost) => self.lose(None, ordinal, lost),
        }
    }

    fn begin(&mut self, ordinal: u32) {
        let number = u32::try_from(self.fragment.rows.len()).unwrap_or(u32::MAX);
        let enclosing = Some(self.open.number).filter(|&number| number != NOTHING);
        if enclosing.is_none() {
            self.fragment.elements = ordinal.saturating_add(1);
        }
        let open = Open::new(number, Place { enclosing, ordinal });
        self.fragment.rows.push(open.row.clone());
        self.around.push(std::mem::replace(&mut self.open, open));
    }

    #[inline]
    fn glimpse(&mut self, field: FieldId, text: &'a [u8]) -> usize {
        let length = self.glimpsed(field, text);
        if length > 0 {
            self.fragment.known_keys[field.index()] += 1;
            self.open.shape.presence.set(field, Presence::Value);
        }
        length
    }

    fn value(&mut self, field: FieldId, value: &Scalar<'a>) {
        self.note_type(field, value);
        let presence = if *value == Scalar::Null { Presence::Null } else { self.pack(field, value) };
        self.open.shape.presence.set(field, presence);
    }

    fn watch(&mut self) {
        self.is_plain = true;
    }

    fn learn(&mut self, fields: FieldSet) -> Option<u32> {
        if !self.is_plain {
            return None;
        }
        let number = u32::try_from(self.effects.len()).ok()?;
        let Open { shape, facts, .. } = &self.open;
        self.effects.push(Effect { fields, shape: shape.only(fields), facts: facts.only(fields), repeated: 0 });
        Some(number)
    }

    #[inline]
    fn apply(&mut self, effect: u32) {
        let effect = &mut self.effects[effect as usize];
        effect.repeated += 1;
        self.open.shape.add(&effect.shape);
        self.open.facts.add(&effect.facts);
    }

    fn unknown(&mut self, key: &UnknownKey<'a>) {
        let drifted = DriftKey { home: key.home, key: key.key.as_ref().into(), kind: key.kind };
        self.drifted(drifted, key.ordinal);
    }

    fn image(&mut self) {
        self.open.shape.images = self.open.shape.images.saturating_add(1);
    }

    fn replication(&mut self, replication: &WireReplication<'a>) {
        let replication = self.read_replication(replication);
        self.replications.push((self.open.number, replication));
    }

    fn end(&mut self) {
        let around = self.around.pop().unwrap_or_else(Open::nothing);
        let Open { number, mut row, shape, facts } = std::mem::replace(&mut self.open, around);
        row.shape = self.fragment.shapes.number(&shape);
        row.facts = self.fragment.facts.number(&facts);
        self.fragment.rows[number as usize] = row;
        if self.around.is_empty() {
            self.end_element(number);
        }
    }

    fn reset(&mut self) {
        *self.fragment = Fragment::empty(&self.fragment.hasher);
        self.open = Open::nothing();
        self.around.clear();
        self.replications.clear();
        self.recall = Recall::default();
        self.regions = [None; 2];
        self.effects.clear();
    }
}

impl Packer<'_> {
    /// Enters the replication records of an element, in the order of its readings.
    fn end_element(&mut self, first: u32) {
        self.replications.sort_by_key(|(number, _)| *number);
        let mut records = self.replications.drain(..).peekable();
        for (number, row) in (first..).zip(&mut self.fragment.rows[first as usize..]) {
            row.replications = self.fragment.replications.len();
            while let Some((_, record)) = records.next_if(|(of, _)| *of == number) {
                self.fragment.replications.push(&record);
            }
        }
    }

    /// Packs a record and then its children. Recursion is bounded by the reader's nesting limit.
    fn record(&mut self, ordinal: u32, record: &WireRecord<'_>) {
        self.begin(ordinal);
        self.open.shape.images = u16::try_from(record.images).unwrap_or(u16::MAX);
        record.replications.iter().for_each(|replication| self.replication(replication));
        record.present.iter().for_each(|field| self.value(field, record.get(field)));
        record.unknown.iter().for_each(|key| self.unknown(key));
        for (ordinal, child) in (0_u32..).zip(&record.children) {
            match child {
                Ok(child) => self.record(ordinal, child),
                Err(lost) => {
                    self.open.shape.children_lost = self.open.shape.children_lost.saturating_add(1);
                    self.lose(Some(self.open.number), ordinal, lost);
                }
            }
        }
        self.end();
    }

    fn lose(&mut self, enclosing: Option<u32>, ordinal: u32, lost: &Lost) {
        let objects = lost.inside.saturating_add(1);
        self.fragment.objects_lost += u64::from(objects);
        self.fragment.elements_lost += u64::from(enclosing.is_none());
        if self.fragment.lost.len() < LOST_NAMED {
            self.fragment.lost.push(LostRecord { enclosing, ordinal, reason: lost.reason.clone() });
        }
    }

    fn read_replication(&mut self, wire: &WireReplication<'_>) -> Replication {
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
            source_region: self.region(0, &wire.source_region),
            destination_region: self.region(1, &wire.destination_region),
            destination_backup_id: stated(&wire.destination_backup_id).map(|text| self.fragment.ids.add(text)),
            fail_code: self.text(&wire.fail_code),
            fail_reason: self.text(&wire.fail_reason),
            progress: wire.progress.as_int().and_then(|percent| i16::try_from(percent).ok()),
            foreign_status: if foreign { self.text(&wire.status) } else { None },
        }
    }

    /// A region, which is mostly that of the record before.
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

    /// Counts a key with a known type, or notes one whose type has drifted.
    fn note_type(&mut self, field: FieldId, scalar: &Scalar<'_>) {
        if scalar.kind() & (field.kinds() | NULL) == 0 {
            let kind: Kinds = scalar.kind();
            self.drifted(DriftKey { home: field.home(), key: field.key().into(), kind }, None);
        } else {
            self.fragment.known_keys[field.index()] += 1;
        }
    }

    /// Counts a drifted key. The first reading in which it stands is kept, whichever is packed first.
    fn drifted(&mut self, key: DriftKey, ordinal: Option<u32>) {
        self.is_plain = false;
        let reading = self.open.number;
        let seen = self.fragment.drift.entry(key).or_insert(DriftSeen { count: 0, reading, ordinal });
        seen.count += 1;
        if reading < seen.reading {
            (seen.reading, seen.ordinal) = (reading, ordinal);
        }
    }

    /// Packs a value that the beginning of the text shows at once to be a usual one. Returns its length, or nought.
    #[inline]
    fn glimpsed(&mut self, field: FieldId, text: &[u8]) -> usize {
        match field.slot() {
            Slot::Id(slot) => match uuid_at(text) {
                Some(uuid) => {
                    self.open.row.ids[slot] = self.fragment.ids.add_uuid(uuid);
                    38
                }
                None => 0,
            },
            Slot::Label(slot) => match self.recall.label(slot, text) {
                Some((label, length)) => {
                    self.open.facts.set_label(slot, label);
                    length
                }
                None => 0,
            },
            Slot::SharedHash(slot) if field.kinds() & TEXT != 0 => match self.recall.hash(slot, text) {
                Some((hash, length)) => {
                    self.open.facts.hashes[slot] = hash;
                    length
                }
                None => 0,
            },
            Slot::Word(slot) => match self.recall.word(slot, text) {
                Some((code, length)) => {
                    self.open.shape.words[slot] = code;
                    length
                }
                None => 0,
            },
            Slot::Time(slot) => match time::usual_at(text) {
                Some((nanoseconds, zone_assumed, length)) => {
                    self.open.row.times[slot] = nanoseconds;
                    self.fragment.zones_assumed += u64::from(zone_assumed);
                    length
                }
                None => 0,
            },
            Slot::Flag(slot) if field.kinds() & BOOL != 0 => match text {
                [b't', b'r', b'u', b'e', ..] => {
                    self.open.shape.flags |= 1 << slot;
                    4
                }
                [b'f', b'a', b'l', b's', b'e', ..] => 5,
                _ => 0,
            },
            _ => 0,
        }
    }

    /// Packs a value that is there and not null.
    fn pack(&mut self, field: FieldId, scalar: &Scalar<'_>) -> Presence {
        match field.slot() {
            Slot::Id(slot) => self.id(field, slot, scalar),
            Slot::Label(slot) => self.label(field, slot, scalar),
            Slot::Time(slot) => self.time(field, slot, scalar),
            Slot::Word(slot) => self.word(field, slot, scalar),
            Slot::Flag(slot) => self.flag(field, slot, scalar),
            Slot::Hash(slot) => match self.hash(field, scalar) {
                Ok(hash) => {
                    self.open.row.hashes[slot] = hash;
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
                self.open.row.times[slot] = nanoseconds;
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
        let hash = match scalar {
            Scalar::Text(text) => self.fragment.hasher.hash_one(text.as_ref()),
            Scalar::Bool(flag) => self.fragment.hasher.hash_one(if *flag { "true" } else { "false" }),
            Scalar::Int(number) => self.fragment.hasher.hash_one(number.to_string().as_str()),
            _ => return Err(self.unusable(field, Reason::TypeMismatch, scalar)),
        };
        #[allow(clippy::cast_possible_truncation, reason = "the low half of the hash is the hash")]
        Ok(hash as u32)
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
}

/// The UUID in quotes with which the text begins.
fn uuid_at(text: &[u8]) -> Option<u128> {
    match text.first_chunk::<38>()? {
        [b'"', uuid @ .., b'"'] => id::parse_uuid(uuid),
        _ => None,
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
