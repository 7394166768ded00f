//! Which answer a document is, told by its content and never by its name: a show answer, a list answer, bare backup
//! objects, another CBR answer, a saved error, or nothing known.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess};
use serde_json::value::RawValue;

use super::answer::{ANSWERS, NotJson, OWN_REPORT, Top, is_tabular};
use super::bare;
use super::failure;
use super::nested;
use super::quick;
use super::replication::WireReplication;
use super::salvage::{Parts, plain, salvage};
use super::scalar::{Key, KeysMet, Scalar, Shape, Shaped};
use super::scan::Scanner;
use super::wire::{Element, ElementSeed, Lost, UnknownKey, objects, read_element, vouched};
use crate::inventory::field::{FieldId, FieldSet};

/// What a document turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Envelope {
    /// `{"backup": …}`: the answer of *Querying a Specified Backup*.
    Show,
    /// `{"backups": […], "count", "offset", "limit"}`: the answer of *Querying All Backups*.
    List(Paging),
    /// A backup object by itself.
    Bare,
    /// An array of backup objects, or of show answers.
    BareList,
    /// The note that an export script leaves beside a dump.
    Capture(Capture),
    /// Something valid that holds no backup records; the word says what.
    NotBackup(String),
    /// Something that should have been an answer and is not; the text says why.
    Refused(String),
    /// Something that is no known answer; the text says what it is.
    Unknown(String),
}

impl Envelope {
    /// Whether it is an answer or something else that is known.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        !matches!(self, Self::Refused(_) | Self::Unknown(_))
    }

    /// Whether backup objects stand in it.
    #[must_use]
    pub fn holds_backups(&self) -> bool {
        matches!(self, Self::Show | Self::List(_) | Self::Bare | Self::BareList)
    }
}

/// What a document turned out to be, and whether answers may stand inside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// What it is.
    pub envelope: Envelope,
    /// Answers may stand inside it: it has a key that wrappers use, is an array of something, or a text of JSON.
    pub wraps: bool,
    /// It is an array or object without anything in it.
    pub is_empty: bool,
    /// It says that the answer that it wraps is a good one.
    pub is_success: bool,
    /// How many objects it says there are.
    pub count: Option<u64>,
    /// How many elements it has, as an array or as a list answer.
    pub elements: u64,
    /// The words of a saved error that stands beside the backups in it.
    pub error: Option<String>,
}

impl From<Envelope> for Found {
    fn from(envelope: Envelope) -> Self {
        Self { envelope, wraps: false, is_empty: false, is_success: false, count: None, elements: 0, error: None }
    }
}

/// What a list answer says about its own completeness.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paging {
    /// `count`: how many backups match the query in all.
    pub count: Option<i64>,
    /// There is a `count`, and it is no whole number from nought on.
    pub has_odd_count: bool,
    /// `offset`: how many backups stand on earlier pages.
    pub offset: Option<i64>,
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

/// Takes the backup objects of a document as they are read: those of the usual form value by value, from
/// [`begin`](Self::begin) to [`end`](Self::end) with their children in between, and all others at once.
pub trait Receiver<'a> {
    /// Whether the objects that come stand in a show answer; if nothing is said they do not.
    fn view(&mut self, _is_show: bool) {}

    /// Takes the object at `ordinal` of its list, or the reason why it could not be read.
    fn element(&mut self, ordinal: u32, element: &Element<'a>);

    /// An object begins: the one at `ordinal` of the list, or of the `children` of the object that is open.
    fn begin(&mut self, ordinal: u32);

    /// Takes the value of a field if what the text begins with is recognised at once. Returns its length, nought if it is
    /// not recognised.
    fn glimpse(&mut self, field: FieldId, text: &'a [u8]) -> usize;

    /// Takes the value of a field.
    fn value(&mut self, field: FieldId, value: &Scalar<'a>);

    /// From here on, the values that come may be asked for by [`learn`](Self::learn).
    fn watch(&mut self) {}

    /// A name for the values of these fields as they were taken since [`watch`](Self::watch), by which they can be taken
    /// again; none if something else was taken too, or if they mean something else in another record.
    fn learn(&mut self, _fields: FieldSet) -> Option<u32> {
        None
    }

    /// Takes values again.
    fn apply(&mut self, _effect: u32) {}

    /// Takes a key that the field table does not know.
    fn unknown(&mut self, key: &UnknownKey<'a>);

    /// Takes an image that is registered from the backup.
    fn image(&mut self);

    /// Takes an element of `replication_records`.
    fn replication(&mut self, replication: &WireReplication<'a>);

    /// The object that is open has ended.
    fn end(&mut self);

    /// Forgets everything taken so far: the document is read anew.
    fn reset(&mut self);
}

/// How the reports of this tool that are no JSON begin.
const OWN_REPORTS: [&str; 2] = ["rule,verdict,severity,", "# Backup audit"];

/// Reads a document and hands its backup objects to `receiver`.
///
/// # Errors
/// Why the text is not one JSON document.
pub fn read<'a>(text: &'a str, receiver: &mut impl Receiver<'a>) -> Result<Found, NotJson> {
    if OWN_REPORTS.iter().any(|start| text.starts_with(start)) {
        return Ok(Envelope::NotBackup(OWN_REPORT.to_owned()).into());
    }
    if let Ok(found) = quick::read(text, receiver) {
        return Ok(failure::explained(text, found));
    }
    receiver.reset();
    let found = match strictly(text, receiver) {
        Ok(found) => found,
        Err(_) => {
            receiver.reset();
            leniently(text, receiver)?
        }
    };
    Ok(failure::explained(text, found))
}

struct TopShape<'r, 'a> {
    receiver: &'r mut dyn Receiver<'a>,
    top: Top<'a>,
}

fn strictly<'a>(text: &'a str, receiver: &mut dyn Receiver<'a>) -> Result<Found, serde_json::Error> {
    let mut shape = TopShape { receiver, top: Top::default() };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let scalar = deserializer.deserialize_any(Shaped(&mut shape))?;
    deserializer.end()?;
    let top = shape.top;
    if matches!(scalar, Scalar::Object) && top.looks_like_backup() {
        receiver.element(0, &read_element(text)?);
        return Ok(top.bare(receiver));
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
        while let Some(raw) = seq.next_element::<&RawValue>()? {
            let read = |raw: &'de RawValue| read_element(raw.get()).map_err(serde::de::Error::custom);
            match show_alone(raw) {
                Some(backup) => self.shown_element(&vouched(read(backup)?)),
                None => self.bare_element(&read(raw)?),
            }
        }
        Ok(())
    }
}

/// The backup of a show answer that holds nothing else.
pub fn show_alone(raw: &RawValue) -> Option<&RawValue> {
    if !Scanner::new(raw.get(), 0).enters_show().ok()? {
        return None;
    }
    let Parts(parts) = serde_json::from_str(raw.get()).ok()?;
    match parts[..] {
        [(_, backup)] if backup.get().starts_with('{') => Some(backup),
        _ => None,
    }
}

impl<'a> TopShape<'_, 'a> {
    /// Takes the backup of a show answer in an array.
    fn shown_element(&mut self, element: &Element<'a>) {
        self.receiver.view(true);
        self.top.backup_like += 1;
        self.top.shown += 1;
        self.receiver.element(self.top.elements, element);
        self.receiver.view(false);
        self.top.elements += 1;
    }

    /// Takes an element of an array that no envelope vouches for.
    fn bare_element(&mut self, element: &Element<'a>) {
        match element {
            Ok(record) if !record.looks_like_backup() => {
                self.top.around = self.top.around.or_else(|| bare::kind(|key| record.has_key(key)));
                self.top.has_answer |= ANSWERS.iter().chain(&nested::WRAPPERS).any(|key| record.has_key(key));
                let reason = "the object has none of the keys of a backup".to_owned();
                let lost = Lost { reason, inside: objects(&record.children) };
                self.receiver.element(self.top.elements, &Err(lost));
            }
            other => {
                self.top.backup_like += u32::from(other.is_ok());
                self.top.tabular += u32::from(other.as_ref().is_ok_and(|record| is_tabular(record.present)));
                self.receiver.element(self.top.elements, other);
            }
        }
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
            self.0.receiver.element(self.0.top.elements, &vouched(element));
            self.0.top.elements += 1;
        }
        Ok(())
    }
}

struct ShowSeed<'t, 'r, 'a>(&'t mut TopShape<'r, 'a>);

impl<'de> DeserializeSeed<'de> for ShowSeed<'_, '_, 'de> {
    type Value = Scalar<'de>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let element = vouched(ElementSeed.deserialize(deserializer)?);
        if let Err(Lost { reason, .. }) = &element
            && reason.starts_with("a backup object was expected")
        {
            self.0.top.other_backups = true;
            return Ok(Scalar::Null);
        }
        self.0.receiver.view(true);
        self.0.receiver.element(0, &element);
        Ok(Scalar::Object)
    }
}

/// Reads a document whose text is JSON by its grammar but holds a value that a strict reader refuses: the objects that
/// carry the fault are lost, the others are read.
fn leniently<'a>(text: &'a str, receiver: &mut dyn Receiver<'a>) -> Result<Found, NotJson> {
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| NotJson::new(text, &error))?;
    let mut shape = TopShape { receiver, top: Top::default() };
    if let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
        elements.into_iter().for_each(|element| match show_alone(element) {
            Some(backup) => shape.shown_element(&vouched(salvage(backup))),
            None => shape.bare_element(&salvage(element)),
        });
        return Ok(shape.top.classify(&Scalar::Array, shape.receiver));
    }
    let Parts(parts) = match serde_json::from_str::<Parts<'a>>(text) {
        Ok(parts) => parts,
        // The grammar holds: it is a number or a character that does not exist.
        Err(error) => {
            let why = format!("{} at line {} column {}", plain(&error), error.line(), error.column());
            return Ok(Envelope::Refused(why).into());
        }
    };
    let mut met = KeysMet::default();
    for (key, part) in parts {
        if !met.note(key.clone()) {
            shape.duplicate(&key);
        }
        shape.lenient_part(key, part);
    }
    if shape.top.looks_like_backup() {
        shape.receiver.element(0, &salvage(raw));
        return Ok(shape.top.bare(shape.receiver));
    }
    Ok(shape.top.classify(&Scalar::Object, shape.receiver))
}

impl<'a> TopShape<'_, 'a> {
    fn lenient_part(&mut self, key: Cow<'a, str>, part: &'a RawValue) {
        let value = match key.as_ref() {
            "backups" => match serde_json::from_str::<Vec<&RawValue>>(part.get()) {
                Ok(elements) => {
                    for element in elements {
                        self.receiver.element(self.top.elements, &vouched(salvage(element)));
                        self.top.elements += 1;
                    }
                    Scalar::Array
                }
                Err(_) => Scalar::Null,
            },
            "backup" => {
                self.receiver.view(true);
                self.receiver.element(0, &salvage(part));
                Scalar::Object
            }
            _ => {
                let mut deserializer = serde_json::Deserializer::from_str(part.get());
                let scalar = Shaped(&mut Rest(self)).deserialize(&mut deserializer);
                scalar.unwrap_or_else(|_| if nested::is_wrapper(&key) { outline(part) } else { Scalar::Null })
            }
        };
        self.top.keys.push((key, value));
    }
}

/// What a value is, by its first byte.
fn outline(raw: &RawValue) -> Scalar<'static> {
    match raw.get().as_bytes().first() {
        Some(b'{') => Scalar::Object,
        Some(b'[') => Scalar::Array,
        _ => Scalar::Null,
    }
}
