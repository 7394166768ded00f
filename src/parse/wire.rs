//! One backup object as it stands on the wire: every field optional and of any type, borrowed from the page, without
//! behaviour. Reading it fails only where the text is not JSON; what is wrong inside is kept for the record's judge.

#![allow(clippy::indexing_slicing, reason = "there is one place for every field")]

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess};

use super::answer::{ANSWERS, has_backup_keys};
use super::replication::{ReplicationsOf, WireReplication};
use super::scalar::{Key, KeysMet, Scalar, Shape, Shaped};
use crate::inventory::field::{ARRAY, FIELD_COUNT, FieldId, FieldSet, Home, Kinds, OBJECT, a_kind};

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
    /// The fields whose keys are there.
    pub present: FieldSet,
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

impl<'a> WireRecord<'a> {
    /// How many backup objects it is with those inside it, without what is lost in it.
    #[must_use]
    pub fn objects(&self) -> u64 {
        self.children.iter().flatten().fold(1, |sum, child| sum + child.objects())
    }

    pub(super) fn empty() -> Self {
        Self {
            fields: [const { Scalar::Absent }; FIELD_COUNT],
            present: FieldSet::default(),
            children: Vec::new(),
            replications: Vec::new(),
            images: 0,
            unknown: Vec::new(),
            duplicate: None,
        }
    }

    /// Whether the object has the keys of a backup, where no envelope vouches for it.
    #[must_use]
    pub fn looks_like_backup(&self) -> bool {
        has_backup_keys(|field| self.present.contains(field))
    }

    /// Whether the object has this key.
    #[must_use]
    pub(super) fn has_key(&self, key: &str) -> bool {
        FieldId::in_record(key).is_some_and(|field| self.present.contains(field))
            || self.unknown.iter().any(|unknown| unknown.home == Home::Record && unknown.key == key)
    }

    /// Whether the object has nothing of a backup, but holds objects or arrays that may be some.
    fn is_around_something(&self) -> bool {
        self.present == FieldSet::default() && self.unknown.iter().any(|unknown| unknown.kind & (OBJECT | ARRAY) != 0)
    }

    /// What stands under the field's key.
    #[must_use]
    pub fn get(&self, field: FieldId) -> &Scalar<'a> {
        &self.fields[field.index()]
    }

    /// Notes the field's value; a second value for the same key costs the record.
    pub(super) fn take(&mut self, field: FieldId, value: Scalar<'a>) {
        if self.present.contains(field) {
            self.duplicate(field.key());
        }
        self.present.insert(field);
        self.fields[field.index()] = value;
    }

    /// The record, or why it is none.
    pub(super) fn finish(self) -> Element<'a> {
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
pub(super) fn objects(elements: &[Element<'_>]) -> u32 {
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
    /// Notes that something else with something in it stands where disks or replication records should stand in a list.
    pub(super) fn note_no_list(&mut self, field: FieldId, what: &str) {
        match field {
            FieldId::Children => {
                let reason = format!("a list of backup objects was expected, {what} found");
                self.children.push(Err(Lost { reason, inside: 0 }));
            }
            FieldId::ReplicationRecords => self.replications.push(WireReplication::default()),
            _ => {}
        }
    }

    pub(super) fn note(&mut self, home: Home, key: Cow<'a, str>, value: Scalar<'a>, unknown: &mut KeysMet<'a>) {
        if let Some(field) = FieldId::within(home, &key) {
            if matches!(&value, Scalar::Text(text) if !text.trim().is_empty()) {
                self.note_no_list(field, "a text");
            }
            self.take(field, value);
            return;
        }
        if !unknown.note(key.clone()) {
            self.duplicate(&key);
        }
        self.unknown.push(UnknownKey { home, key, kind: value.kind(), ordinal: None });
    }
}

impl<'de> WireRecord<'de> {
    /// Walks through an object that stands where a list should stand.
    pub(super) fn no_list<A: MapAccess<'de>>(&mut self, field: FieldId, mut map: A) -> Result<(), A::Error> {
        let (mut met, mut is_empty) = (KeysMet::default(), true);
        while let Some(Key(key)) = map.next_key()? {
            is_empty = false;
            if !met.note(key.clone()) {
                self.duplicate(&key);
            }
            map.next_value_seed(Shaped(&mut Inside(self)))?;
        }
        if !is_empty {
            self.note_no_list(field, "an object");
        }
        Ok(())
    }
}

/// A value inside the record whose structure does not matter.
pub(super) struct Inside<'r, 'a>(pub(super) &'r mut WireRecord<'a>);

impl<'de> Shape<'de> for Inside<'_, 'de> {
    fn duplicate(&mut self, key: &str) {
        self.0.duplicate(key);
    }
}

/// `extend_info` or its `app_consistency`.
pub(super) struct PartOf<'r, 'a>(pub(super) &'r mut WireRecord<'a>, pub(super) Home);

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
pub(super) struct ChildrenOf<'r, 'a>(pub(super) &'r mut WireRecord<'a>);

impl<'de> Shape<'de> for ChildrenOf<'_, 'de> {
    fn duplicate(&mut self, key: &str) {
        self.0.duplicate(key);
    }

    fn object<A: MapAccess<'de>>(&mut self, map: A) -> Result<(), A::Error> {
        self.0.no_list(FieldId::Children, map)
    }

    fn array<A: SeqAccess<'de>>(&mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(element) = seq.next_element_seed(ElementSeed)? {
            self.0.children.push(vouched(element));
        }
        Ok(())
    }
}

/// The element of a list whose key vouches for it: an answer in it is none, nor is what some tool has put around a backup;
/// what they hold was not looked at.
pub(crate) fn vouched(element: Element<'_>) -> Element<'_> {
    let is_answer = |record: &WireRecord<'_>| {
        !record.present.contains(FieldId::Id) && ANSWERS.iter().any(|key| record.has_key(key))
    };
    match element {
        Ok(record) if is_answer(&record) => {
            let reason = "an answer where a backup object was expected: save it by itself".to_owned();
            Err(Lost { reason, inside: objects(&record.children) })
        }
        Ok(record) if record.is_around_something() => {
            let reason = "an object around something else where a backup object was expected: save that by itself";
            Err(Lost { reason: reason.to_owned(), inside: 0 })
        }
        other => other,
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
                let kind = a_kind(other.kind());
                Ok(Err(Lost { reason: format!("a backup object was expected, {kind} found"), inside: 0 }))
            }
        }
    }
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
