//! Which answer a document is, told by its content and never by its name: a show answer, a list answer, bare backup
//! objects, another CBR answer, a saved error, or nothing known.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess};
use serde_json::value::RawValue;

use super::scalar::{Key, KeysMet, Scalar, Shape, Shaped};
use super::wire::{Element, ElementSeed, Lost, Parts, plain, read_element, salvage};
use crate::inventory::field::{FieldId, kind_name};

/// What a document turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Envelope {
    /// `{"backup": …}`: the answer of *Querying a Specified Backup*.
    Show,
    /// `{"backups": […], "count", "offset", "limit"}`: the answer of *Querying All Backups*.
    List(Paging),
    /// A backup object by itself.
    Bare,
    /// An array of backup objects.
    BareList,
    /// The note that an export script leaves beside a dump.
    Capture(Capture),
    /// Something valid that holds no backup records; the word says what.
    NotBackup(String),
    /// Something that should have been an answer and is not; the text says why.
    Refused(String),
}

/// What a list answer says about its own completeness.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paging {
    /// `count`: how many backups match the query in all.
    pub count: Option<i64>,
    /// `offset`: how many backups stand on earlier pages.
    pub offset: Option<i64>,
    /// `limit`: how many backups a page may hold.
    pub limit: Option<i64>,
}

/// What `capture.json` says about the dump beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capture {
    /// `captured_at`: when the export was made, as written.
    pub captured_at: String,
    /// `region`: where the backups are.
    pub region: Option<String>,
    /// `show_replication`: whether the lists were made with `show_replication=true`.
    pub show_replication: Option<bool>,
}

/// Takes the backup objects of a document as they are read.
pub trait Receiver<'a> {
    /// Takes the object at `ordinal` of its list.
    fn element(&mut self, ordinal: u32, element: Element<'a>);
    /// Forgets everything taken so far: the document is read anew.
    fn reset(&mut self);
}

/// Reads a document and hands its backup objects to `receiver`.
pub fn read<'a>(text: &'a str, receiver: &mut dyn Receiver<'a>) -> Envelope {
    match strictly(text, receiver) {
        Ok(envelope) => envelope,
        Err(_) => {
            receiver.reset();
            leniently(text, receiver)
        }
    }
}

/// What was met at the top of a document.
#[derive(Default)]
struct Top<'a> {
    keys: Vec<(Cow<'a, str>, Scalar<'a>)>,
    duplicate: Option<String>,
    elements: u32,
    backup_like: u32,
    other_backups: bool,
}

struct TopShape<'r, 'a> {
    receiver: &'r mut dyn Receiver<'a>,
    top: Top<'a>,
}

fn strictly<'a>(text: &'a str, receiver: &mut dyn Receiver<'a>) -> Result<Envelope, serde_json::Error> {
    let mut shape = TopShape { receiver, top: Top::default() };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let scalar = deserializer.deserialize_any(Shaped(&mut shape))?;
    deserializer.end()?;
    let top = shape.top;
    if matches!(scalar, Scalar::Object) && top.looks_like_backup() {
        receiver.element(0, read_element(text)?);
        return Ok(Envelope::Bare);
    }
    Ok(top.classify(&scalar, receiver))
}

impl<'de> Shape<'de> for TopShape<'_, 'de> {
    fn duplicate(&mut self, key: &str) {
        self.top.duplicate.get_or_insert_with(|| key.to_owned());
    }

    fn object<A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        let mut met = KeysMet::default();
        while let Some(Key(key)) = map.next_key()? {
            if !met.note(key.clone()) {
                self.duplicate(&key);
            }
            let value = match key.as_ref() {
                "backups" => map.next_value_seed(Shaped(&mut ListShape(self)))?,
                "backup" => map.next_value_seed(ShowSeed(self))?,
                _ => map.next_value_seed(Shaped(&mut Rest(self)))?,
            };
            self.top.keys.push((key, value));
        }
        Ok(())
    }

    fn array<A: SeqAccess<'de>>(&mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(element) = seq.next_element_seed(ElementSeed)? {
            self.bare_element(element);
        }
        Ok(())
    }
}

impl<'a> TopShape<'_, 'a> {
    /// Takes an element of an array that no envelope vouches for.
    fn bare_element(&mut self, element: Element<'a>) {
        let element = match element {
            Ok(record) if !has_backup_keys(|field| *record.get(field) != Scalar::Absent) => {
                Err(Lost { reason: "the object has none of the keys of a backup".to_owned(), inside: 0 })
            }
            other => {
                self.top.backup_like += u32::from(other.is_ok());
                other
            }
        };
        self.receiver.element(self.top.elements, element);
        self.top.elements += 1;
    }
}

struct Rest<'t, 'r, 'a>(&'t mut TopShape<'r, 'a>);

impl<'de> Shape<'de> for Rest<'_, '_, 'de> {
    fn duplicate(&mut self, key: &str) {
        self.0.duplicate(key);
    }
}

struct ListShape<'t, 'r, 'a>(&'t mut TopShape<'r, 'a>);

impl<'de> Shape<'de> for ListShape<'_, '_, 'de> {
    fn duplicate(&mut self, key: &str) {
        self.0.duplicate(key);
    }

    fn array<A: SeqAccess<'de>>(&mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(element) = seq.next_element_seed(ElementSeed)? {
            self.0.receiver.element(self.0.top.elements, element);
            self.0.top.elements += 1;
        }
        Ok(())
    }
}

struct ShowSeed<'t, 'r, 'a>(&'t mut TopShape<'r, 'a>);

impl<'de> DeserializeSeed<'de> for ShowSeed<'_, '_, 'de> {
    type Value = Scalar<'de>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let element = ElementSeed.deserialize(deserializer)?;
        if let Err(Lost { reason, .. }) = &element
            && reason.starts_with("a backup object was expected")
        {
            self.0.top.other_backups = true;
            return Ok(Scalar::Null);
        }
        self.0.receiver.element(0, element);
        Ok(Scalar::Object)
    }
}

/// Reads a document whose text is JSON by its grammar but holds a value that a strict reader refuses: the objects that
/// carry the fault are lost, the others are read.
fn leniently<'a>(text: &'a str, receiver: &mut dyn Receiver<'a>) -> Envelope {
    let raw: &RawValue = match serde_json::from_str(text) {
        Ok(raw) => raw,
        Err(error) => return Envelope::Refused(not_json(text, &error)),
    };
    let mut shape = TopShape { receiver, top: Top::default() };
    if let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
        elements.into_iter().for_each(|element| shape.bare_element(salvage(element)));
        return shape.top.classify(&Scalar::Array, shape.receiver);
    }
    let Ok(Parts(parts)) = serde_json::from_str::<Parts<'a>>(raw.get()) else {
        return Envelope::Refused("a value that is out of range".to_owned());
    };
    for (key, part) in parts {
        shape.lenient_part(key, part);
    }
    if shape.top.looks_like_backup() {
        shape.receiver.element(0, salvage(raw));
        return Envelope::Bare;
    }
    shape.top.classify(&Scalar::Object, shape.receiver)
}

impl<'a> TopShape<'_, 'a> {
    fn lenient_part(&mut self, key: Cow<'a, str>, part: &'a RawValue) {
        if self.top.keys.iter().any(|(met, _)| *met == key) {
            self.duplicate(&key);
        }
        let value = match key.as_ref() {
            "backups" => match serde_json::from_str::<Vec<&RawValue>>(part.get()) {
                Ok(elements) => {
                    for element in elements {
                        self.receiver.element(self.top.elements, salvage(element));
                        self.top.elements += 1;
                    }
                    Scalar::Array
                }
                Err(_) => Scalar::Null,
            },
            "backup" => {
                self.receiver.element(0, salvage(part));
                Scalar::Object
            }
            _ => {
                let mut deserializer = serde_json::Deserializer::from_str(part.get());
                Shaped(&mut Rest(self)).deserialize(&mut deserializer).unwrap_or(Scalar::Null)
            }
        };
        self.top.keys.push((key, value));
    }
}

/// Why a text is no JSON, in the user's terms.
fn not_json(text: &str, error: &serde_json::Error) -> String {
    let start = text.trim_start();
    let place = format!("line {} column {}", error.line(), error.column());
    if start.is_empty() {
        "nothing but blanks".to_owned()
    } else if start.starts_with('<') {
        "an HTML or XML page, not an answer of the API".to_owned()
    } else if error.is_eof() {
        format!("the JSON is cut off at {place}")
    } else if plain(error) == "trailing characters" {
        format!("more than one JSON document, or text behind it, at {place}")
    } else {
        format!("not JSON at {place}: {}", plain(error))
    }
}

/// Whether an object with these fields is a backup and not another CBR object that shares some keys with it.
fn has_backup_keys(has: impl Fn(FieldId) -> bool) -> bool {
    let any = |fields: &[FieldId]| fields.iter().any(|&field| has(field));
    has(FieldId::Id)
        && any(&[FieldId::ResourceId, FieldId::ResourceType])
        && any(&[FieldId::ImageType, FieldId::CheckpointId, FieldId::VaultId, FieldId::ExtendInfo, FieldId::ParentId])
}

impl<'a> Top<'a> {
    fn get(&self, key: &str) -> Option<&Scalar<'a>> {
        self.keys.iter().find(|(met, _)| met == key).map(|(_, value)| value)
    }

    fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    fn text(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(Scalar::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn looks_like_backup(&self) -> bool {
        !self.has("backup") && !self.has("backups") && has_backup_keys(|field| self.has_field(field))
    }

    fn has_field(&self, field: FieldId) -> bool {
        self.keys.iter().any(|(key, _)| FieldId::in_record(key) == Some(field))
    }

    fn classify(&self, scalar: &Scalar<'_>, receiver: &mut dyn Receiver<'a>) -> Envelope {
        let envelope = match scalar {
            Scalar::Object => self.classify_object(),
            Scalar::Array if self.elements == 0 || self.backup_like > 0 => Envelope::BareList,
            Scalar::Array => Envelope::Refused("an array without a single backup object".to_owned()),
            other => Envelope::Refused(format!("a JSON {} by itself, not an answer", kind_name(other.kind()))),
        };
        if matches!(envelope, Envelope::Refused(_) | Envelope::NotBackup(_) | Envelope::Capture(_)) {
            receiver.reset();
        }
        envelope
    }

    fn classify_object(&self) -> Envelope {
        let is_list = matches!(self.get("backups"), Some(Scalar::Array));
        let is_show = matches!(self.get("backup"), Some(Scalar::Object));
        if let Some(key) = &self.duplicate
            && (is_list || is_show || self.has(key))
        {
            return Envelope::Refused(format!("the key {key:?} stands twice in one object outside the records"));
        }
        match (is_show, is_list) {
            (true, true) => Envelope::Refused("both \"backup\" and \"backups\" in one answer".to_owned()),
            (true, false) => Envelope::Show,
            (false, true) => Envelope::List(self.paging()),
            (false, false) => self.classify_other(),
        }
    }

    fn paging(&self) -> Paging {
        let number = |key| self.get(key).and_then(Scalar::as_int).filter(|&number| number >= 0);
        Paging { count: number("count"), offset: number("offset"), limit: number("limit") }
    }

    fn classify_other(&self) -> Envelope {
        if self.keys.is_empty() {
            return Envelope::NotBackup("empty object".to_owned());
        }
        if let Some(error) = self.error_body() {
            return Envelope::Refused(format!("a saved error instead of an answer: {error}"));
        }
        if self.text("schema").is_some_and(|schema| schema.starts_with("cbr-audit.")) {
            return Envelope::NotBackup("report of this tool".to_owned());
        }
        if self.has("captured_at") {
            return Envelope::Capture(self.capture());
        }
        if let Some(answer) = self.other_answer() {
            return Envelope::NotBackup(answer.to_owned());
        }
        Envelope::Refused(self.unknown_shape())
    }

    fn unknown_shape(&self) -> String {
        for key in ["backup", "backups"] {
            if let Some(value) = self.get(key) {
                let wrong = if self.other_backups { "no object" } else { kind_name(value.kind()) };
                let wanted = if key == "backup" { "an object" } else { "an array" };
                return format!("\"{key}\" should be {wanted}, it is {wrong}");
            }
        }
        let mut keys: Vec<_> = self.keys.iter().take(6).map(|(key, _)| format!("{:.40}", key)).collect();
        if self.keys.len() > keys.len() {
            keys.push("…".to_owned());
        }
        format!("no known answer: its keys are {}", keys.join(", "))
    }

    fn capture(&self) -> Capture {
        Capture {
            captured_at: self.text("captured_at").unwrap_or_default().to_owned(),
            region: self.text("region").map(str::to_owned),
            show_replication: self.get("show_replication").and_then(Scalar::as_bool),
        }
    }

    /// The words of a saved error body (CBR, API gateway, IAM, Keystone and Nova styles), if this is one.
    fn error_body(&self) -> Option<String> {
        let styles = [
            (self.has("error_code") || self.has("error_msg"), "error_code", "error_msg"),
            (self.has("code") && self.has("message"), "code", "message"),
        ];
        for (is_style, code, message) in styles {
            if is_style {
                let said = [self.text(code), self.text(message)];
                let said: Vec<_> = said.into_iter().flatten().map(|text| format!("{text:.160}")).collect();
                return Some(said.join(" "));
            }
        }
        let wrapper = ["error", "badRequest", "unauthorized", "forbidden", "itemNotFound", "overLimit", "computeFault"];
        let wrapper = wrapper.into_iter().find(|key| self.has(key));
        let denied = self.has("encoded_authorization_message").then_some("authorization denied");
        wrapper.or(denied).map(str::to_owned)
    }

    /// The name of the CBR answer, other than one about backups, that has these keys.
    fn other_answer(&self) -> Option<&'static str> {
        if self.keys.iter().all(|(key, _)| key.contains('.')) {
            return Some("feature answer");
        }
        if self.has("size") && self.has("used_size") {
            return Some("summary answer");
        }
        if self.has("backup_id") && self.has("volumes") {
            return Some("metadata answer");
        }
        OTHER_ANSWERS.iter().find(|(key, _)| self.has(key)).map(|(_, name)| *name)
    }
}

/// The key that tells each other CBR answer, and what the ledger calls it.
const OTHER_ANSWERS: &[(&str, &str)] = &[
    ("vaults", "vault answer"),
    ("vault", "vault answer"),
    ("policies", "policy answer"),
    ("policy", "policy answer"),
    ("operation_logs", "task answer"),
    ("operation_log", "task answer"),
    ("checkpoint", "checkpoint answer"),
    ("checkpoints", "checkpoint answer"),
    ("instances", "protectable answer"),
    ("instance", "protectable answer"),
    ("members", "member answer"),
    ("member", "member answer"),
    ("replication", "replication answer"),
    ("sync", "synchronisation answer"),
    ("regions", "replication capability answer"),
    ("storage_usage", "storage usage answer"),
    ("agents", "agent answer"),
    ("agent", "agent answer"),
    ("resources", "vault resource answer"),
    ("tags", "tag answer"),
    ("projects", "project answer"),
    ("project_status", "migration answer"),
    ("add_resource_ids", "association answer"),
    ("remove_resource_ids", "association answer"),
    ("migrate_resource_ids", "association answer"),
    ("associate_policy", "association answer"),
    ("dissociate_policy", "association answer"),
    ("organization_policies", "policy answer"),
];
