//! One backup object as it stands on the wire: every field optional and of any type, borrowed from the page, without
//! behaviour. Reading it fails only where the text is not JSON; what is wrong inside is kept for the record's judge.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::scalar::{Key, KeysMet, Scalar, Shape, Shaped};
use crate::inventory::field::{FIELD_COUNT, FieldId, Home, Kinds};

/// A key that the field table does not know.
#[derive(Clone, Debug, PartialEq)]
pub struct UnknownKey<'a> {
    /// The object in which it stands.
    pub home: Home,
    /// The key.
    pub key: Cow<'a, str>,
    /// The JSON type of its value.
    pub kind: Kinds,
    /// For a key of a replication record, the position of that record.
    pub ordinal: Option<u32>,
}

/// An element of a list of backups: a record, or the reason why it is none.
pub type Element<'a> = Result<Box<WireRecord<'a>>, Lost>;

/// Why a backup object was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The reason, naming the key or the type.
    pub reason: String,
    /// How many backup objects inside it are lost with it.
    pub inside: u32,
}

/// A backup object.
#[derive(Debug, PartialEq)]
pub struct WireRecord<'a> {
    fields: [Scalar<'a>; FIELD_COUNT],
    /// The elements of `children`.
    pub children: Vec<Element<'a>>,
    /// The elements of `replication_records`.
    pub replications: Vec<WireReplication<'a>>,
    /// How many images are registered from the backup (`os_images_data`).
    pub images: u32,
    /// Keys that the field table does not know.
    pub unknown: Vec<UnknownKey<'a>>,
    duplicate: Option<String>,
}

/// An element of `replication_records`.
#[derive(Debug, Default, PartialEq)]
pub struct WireReplication<'a> {
    /// `status`
    pub status: Scalar<'a>,
    /// `created_at`
    pub created_at: Scalar<'a>,
    /// `source_region`
    pub source_region: Scalar<'a>,
    /// `destination_region`
    pub destination_region: Scalar<'a>,
    /// `destination_backup_id`
    pub destination_backup_id: Scalar<'a>,
    /// `extra_info.fail_code`
    pub fail_code: Scalar<'a>,
    /// `extra_info.fail_reason`, or `extra_info` itself where an older dialect has a string.
    pub fail_reason: Scalar<'a>,
    /// `extra_info.progress`
    pub progress: Scalar<'a>,
}

impl<'a> WireRecord<'a> {
    fn empty() -> Self {
        Self {
            fields: [const { Scalar::Absent }; FIELD_COUNT],
            children: Vec::new(),
            replications: Vec::new(),
            images: 0,
            unknown: Vec::new(),
            duplicate: None,
        }
    }

    /// What stands under the field's key.
    #[must_use]
    pub fn get(&self, field: FieldId) -> &Scalar<'a> {
        &self.fields[field.index()]
    }

    fn set(&mut self, field: FieldId, value: Scalar<'a>) {
        self.fields[field.index()] = value;
    }

    /// Notes the field's value; a second value for the same key costs the record.
    fn take(&mut self, field: FieldId, value: Scalar<'a>) {
        if *self.get(field) != Scalar::Absent {
            self.duplicate(field.key());
        }
        self.set(field, value);
    }

    /// The record, or why it is none.
    fn finish(self) -> Element<'a> {
        match &self.duplicate {
            None => Ok(Box::new(self)),
            Some(key) => {
                let reason = format!("the key {key:?} stands twice in one object");
                Err(Lost { reason, inside: objects(&self.children) })
            }
        }
    }
}

/// How many backup objects stand in a list, those inside them included.
fn objects(elements: &[Element<'_>]) -> u32 {
    elements.iter().fold(0, |sum, element| {
        let inside = element.as_ref().map_or_else(|lost| lost.inside, |record| objects(&record.children));
        sum.saturating_add(inside).saturating_add(1)
    })
}

impl<'de> Shape<'de> for WireRecord<'de> {
    fn duplicate(&mut self, key: &str) {
        self.duplicate.get_or_insert_with(|| key.to_owned());
    }

    fn object<A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        let mut unknown = KeysMet::default();
        while let Some(Key(key)) = map.next_key()? {
            let value = match FieldId::in_record(&key) {
                Some(FieldId::Children) => map.next_value_seed(Shaped(&mut ChildrenOf(self)))?,
                Some(FieldId::ReplicationRecords) => map.next_value_seed(Shaped(&mut ReplicationsOf(self)))?,
                Some(FieldId::ExtendInfo) => map.next_value_seed(Shaped(&mut PartOf(self, Home::ExtendInfo)))?,
                _ => map.next_value_seed(Shaped(&mut Inside(self)))?,
            };
            self.note(Home::Record, key, value, &mut unknown);
        }
        Ok(())
    }
}

impl<'a> WireRecord<'a> {
    fn note(&mut self, home: Home, key: Cow<'a, str>, value: Scalar<'a>, unknown: &mut KeysMet<'a>) {
        let field = match home {
            Home::Record => FieldId::in_record(&key),
            Home::ExtendInfo => FieldId::in_extend_info(&key),
            _ => FieldId::in_app_consistency(&key),
        };
        if let Some(field) = field {
            self.take(field, value);
            return;
        }
        if !unknown.note(key.clone()) {
            self.duplicate(&key);
        }
        self.unknown.push(UnknownKey { home, key, kind: value.kind(), ordinal: None });
    }
}

/// A value inside the record whose structure does not matter.
struct Inside<'r, 'a>(&'r mut WireRecord<'a>);

impl<'de> Shape<'de> for Inside<'_, 'de> {
    fn duplicate(&mut self, key: &str) {
        self.0.duplicate(key);
    }
}

/// `extend_info` or its `app_consistency`.
struct PartOf<'r, 'a>(&'r mut WireRecord<'a>, Home);

impl<'de> Shape<'de> for PartOf<'_, 'de> {
    fn duplicate(&mut self, key: &str) {
        self.0.duplicate(key);
    }

    fn object<A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        let mut unknown = KeysMet::default();
        while let Some(Key(key)) = map.next_key()? {
            let value = match (self.1, key.as_ref()) {
                (Home::ExtendInfo, "app_consistency") => {
                    map.next_value_seed(Shaped(&mut PartOf(self.0, Home::AppConsistency)))?
                }
                (Home::ExtendInfo, "os_images_data") => map.next_value_seed(Shaped(&mut ImagesOf(self.0)))?,
                _ => map.next_value_seed(Shaped(&mut Inside(self.0)))?,
            };
            self.0.note(self.1, key, value, &mut unknown);
        }
        Ok(())
    }
}

/// The elements of `os_images_data`, which are counted.
struct ImagesOf<'r, 'a>(&'r mut WireRecord<'a>);

impl<'de> Shape<'de> for ImagesOf<'_, 'de> {
    fn duplicate(&mut self, key: &str) {
        self.0.duplicate(key);
    }

    fn array<A: SeqAccess<'de>>(&mut self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Shaped(&mut Inside(self.0)))?.is_some() {
            self.0.images = self.0.images.saturating_add(1);
        }
        Ok(())
    }
}

/// The elements of `children`.
struct ChildrenOf<'r, 'a>(&'r mut WireRecord<'a>);

impl<'de> Shape<'de> for ChildrenOf<'_, 'de> {
    fn duplicate(&mut self, key: &str) {
        self.0.duplicate(key);
    }

    fn array<A: SeqAccess<'de>>(&mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(element) = seq.next_element_seed(ElementSeed)? {
            self.0.children.push(element);
        }
        Ok(())
    }
}

/// The elements of `replication_records`.
struct ReplicationsOf<'r, 'a>(&'r mut WireRecord<'a>);

impl<'de> Shape<'de> for ReplicationsOf<'_, 'de> {
    fn duplicate(&mut self, key: &str) {
        self.0.duplicate(key);
    }

    fn array<A: SeqAccess<'de>>(&mut self, mut seq: A) -> Result<(), A::Error> {
        loop {
            let mut shape =
                ReplicationShape { record: self.0, replication: WireReplication::default(), home: Home::Replication };
            if seq.next_element_seed(Shaped(&mut shape))?.is_none() {
                return Ok(());
            }
            let replication = shape.replication;
            self.0.replications.push(replication);
        }
    }
}

/// One element of `replication_records`, or its `extra_info`.
struct ReplicationShape<'r, 'a> {
    record: &'r mut WireRecord<'a>,
    replication: WireReplication<'a>,
    home: Home,
}

impl<'de> Shape<'de> for ReplicationShape<'_, 'de> {
    fn duplicate(&mut self, key: &str) {
        self.record.duplicate(key);
    }

    fn object<A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        let mut met = KeysMet::default();
        while let Some(Key(key)) = map.next_key()? {
            let value = if self.home == Home::Replication && key == "extra_info" {
                self.home = Home::ReplicationExtra;
                let extra = map.next_value_seed(Shaped(self))?;
                self.home = Home::Replication;
                extra
            } else {
                map.next_value_seed(Shaped(&mut Inside(self.record)))?
            };
            if !met.note(key.clone()) {
                self.duplicate(&key);
            }
            self.note(key, value);
        }
        Ok(())
    }
}

impl<'a> ReplicationShape<'_, 'a> {
    fn note(&mut self, key: Cow<'a, str>, value: Scalar<'a>) {
        let slot = match (self.home, key.as_ref()) {
            (Home::Replication, "status") => &mut self.replication.status,
            (Home::Replication, "created_at") => &mut self.replication.created_at,
            (Home::Replication, "source_region") => &mut self.replication.source_region,
            (Home::Replication, "destination_region") => &mut self.replication.destination_region,
            (Home::Replication, "destination_backup_id") => &mut self.replication.destination_backup_id,
            (Home::Replication, "extra_info") => return self.note_extra(value),
            (Home::ReplicationExtra, "progress") => &mut self.replication.progress,
            (Home::ReplicationExtra, "fail_code") => &mut self.replication.fail_code,
            (Home::ReplicationExtra, "fail_reason") => &mut self.replication.fail_reason,
            (home, other) if is_other_replication_key(home, other) => return,
            (home, _) => {
                let ordinal = u32::try_from(self.record.replications.len()).ok();
                self.record.unknown.push(UnknownKey { home, key, kind: value.kind(), ordinal });
                return;
            }
        };
        *slot = value;
    }

    /// `extra_info` is an object today; the older page documents a string, which is kept as the reason.
    fn note_extra(&mut self, value: Scalar<'a>) {
        if let Scalar::Text(text) = value
            && !text.is_empty()
        {
            let extra = ExtraInfo::in_text(&text);
            self.replication.progress = extra.progress;
            self.replication.fail_code = extra.fail_code;
            self.replication.fail_reason = match extra.fail_reason {
                Scalar::Absent => Scalar::Text(text),
                reason => reason,
            };
        }
    }
}

/// Documented keys of a replication record that no rule reads.
fn is_other_replication_key(home: Home, key: &str) -> bool {
    match home {
        Home::Replication => matches!(
            key,
            "id" | "source_project_id"
                | "source_backup_id"
                | "source_checkpoint_id"
                | "destination_project_id"
                | "destination_vault_id"
                | "destination_checkpoint_id"
                | "vault_id"
        ),
        // `destinatio_vault_id` is how older definitions spell it.
        _ => matches!(key, "auto_trigger" | "destination_vault_id" | "destinatio_vault_id"),
    }
}

/// What an `extra_info` that is JSON inside a string says.
struct ExtraInfo {
    progress: Scalar<'static>,
    fail_code: Scalar<'static>,
    fail_reason: Scalar<'static>,
}

impl ExtraInfo {
    fn in_text(text: &str) -> Self {
        let object: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        let word = |key: &str| match object.get(key) {
            Some(serde_json::Value::String(word)) => Scalar::Text(Cow::Owned(word.clone())),
            Some(number) if number.is_i64() => number.as_i64().map_or(Scalar::Absent, Scalar::Int),
            _ => Scalar::Absent,
        };
        Self { progress: word("progress"), fail_code: word("fail_code"), fail_reason: word("fail_reason") }
    }
}

/// Reads one element of a list of backups.
pub struct ElementSeed;

impl<'de> DeserializeSeed<'de> for ElementSeed {
    type Value = Element<'de>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let mut record = WireRecord::empty();
        match deserializer.deserialize_any(Shaped(&mut record))? {
            Scalar::Object => Ok(record.finish()),
            other => {
                let kind = crate::inventory::field::kind_name(other.kind());
                Ok(Err(Lost { reason: format!("a backup object was expected, a {kind} found"), inside: 0 }))
            }
        }
    }
}

/// Reads a backup object that the strict reader refused, part by part, so that only the objects that carry the fault
/// are lost: a number out of range in one disk costs that disk.
pub fn salvage<'a>(raw: &'a RawValue) -> Element<'a> {
    salvage_to(raw, MAX_SALVAGE_DEPTH)
}

/// Children of children do not occur; a salvage that deep is not worth the stack.
const MAX_SALVAGE_DEPTH: u32 = 8;

fn salvage_to<'a>(raw: &'a RawValue, depth: u32) -> Element<'a> {
    let lost = |error: serde_json::Error| Lost { reason: plain(&error), inside: 0 };
    let error = match read_element(raw.get()) {
        Ok(element) => return element,
        Err(error) => error,
    };
    let Ok(Parts(parts)) = serde_json::from_str::<Parts<'_>>(raw.get()) else { return Err(lost(error)) };
    let mut record = WireRecord::empty();
    let mut unknown = KeysMet::default();
    for (key, part) in parts {
        if key == "children"
            && depth > 0
            && let Ok(children) = serde_json::from_str::<Vec<&'a RawValue>>(part.get())
        {
            record.take(FieldId::Children, Scalar::Array);
            record.children = children.into_iter().map(|child| salvage_to(child, depth - 1)).collect();
            continue;
        }
        read_part(&mut record, key, part, &mut unknown).map_err(lost)?;
    }
    record.finish()
}

fn read_part<'a>(
    record: &mut WireRecord<'a>,
    key: Cow<'a, str>,
    part: &'a RawValue,
    unknown: &mut KeysMet<'a>,
) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(part.get());
    let value = match FieldId::in_record(&key) {
        Some(FieldId::ReplicationRecords) => Shaped(&mut ReplicationsOf(record)).deserialize(&mut deserializer)?,
        Some(FieldId::ExtendInfo) => Shaped(&mut PartOf(record, Home::ExtendInfo)).deserialize(&mut deserializer)?,
        _ => Shaped(&mut Inside(record)).deserialize(&mut deserializer)?,
    };
    record.note(Home::Record, key, value, unknown);
    Ok(())
}

/// The text of a JSON error without its line and column, which would be those inside the record.
pub(super) fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or(&text);
    if reason == "recursion limit exceeded" {
        return "nested deeper than 127 levels".to_owned();
    }
    reason.to_owned()
}

/// Reads a whole text as one element.
///
/// # Errors
/// Whatever makes the text no JSON, or JSON that a strict reader refuses.
pub fn read_element(text: &str) -> Result<Element<'_>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let element = ElementSeed.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(element)
}

/// The keys and raw values of an object, in order.
pub struct Parts<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Parts<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PartsVisitor;
        impl<'de> Visitor<'de> for PartsVisitor {
            type Value = Parts<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut parts = Vec::new();
                while let Some(Key(key)) = map.next_key()? {
                    parts.push((key, map.next_value()?));
                }
                Ok(Parts(parts))
            }
        }
        deserializer.deserialize_map(PartsVisitor)
    }
}
