//! The reader against plain `serde_json`: what the one refuses, the other does not take in silence, and of what both take
//! there are as many records.

#![no_main]

use std::collections::{HashMap, HashSet};
use std::fmt;

use cbr_audit::inventory::file::FileState;
use cbr_audit_fuzz::{check_inventory, inventory_of};
use libfuzzer_sys::fuzz_target;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// Whether a key stands twice in one object anywhere.
struct Twice(bool);

impl<'de> Deserialize<'de> for Twice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Seen)
    }
}

struct Seen;

impl<'de> Visitor<'de> for Seen {
    type Value = Twice;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Twice, E> {
        Ok(Twice(false))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Twice, E> {
        Ok(Twice(false))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Twice, E> {
        Ok(Twice(false))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Twice, E> {
        Ok(Twice(false))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Twice, E> {
        Ok(Twice(false))
    }
    fn visit_str<E>(self, _: &str) -> Result<Twice, E> {
        Ok(Twice(false))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Twice, A::Error> {
        let mut twice = false;
        while let Some(Twice(inside)) = seq.next_element()? {
            twice |= inside;
        }
        Ok(Twice(twice))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Twice, A::Error> {
        let mut met = HashSet::new();
        let mut twice = false;
        while let Some((key, Twice(inside))) = map.next_entry::<String, Twice>()? {
            twice |= inside | !met.insert(key);
        }
        Ok(Twice(twice))
    }
}

/// The backup objects of a list, those inside them included.
fn objects(list: &Value) -> u64 {
    let own = |element: &Value| if element.is_object() { 1 + objects(&element["children"]) } else { 0 };
    list.as_array().into_iter().flatten().map(own).sum()
}

/// Elements of lists of backups that are no objects, and what stands where such a list should stand.
fn others(list: &Value) -> u64 {
    let own = |element: &Value| if element.is_object() { others_inside(element) } else { 1 };
    list.as_array().into_iter().flatten().map(own).sum()
}

/// The same of the children of a backup.
fn others_inside(backup: &Value) -> u64 {
    match &backup["children"] {
        Value::Object(object) => u64::from(!object.is_empty()),
        Value::String(text) => u64::from(!text.trim().is_empty()),
        list => others(list),
    }
}

/// Whether a text is JSON by its grammar, one document or several, and what the other reader refuses is a value outside the
/// backups or nesting that is not too deep within a backup: then nothing is lost.
fn is_fault_elsewhere(text: &str) -> bool {
    let documents: Result<Vec<_>, _> = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>().collect();
    documents.is_ok_and(|documents| documents.into_iter().all(is_sound_in_its_backups))
}

/// The same of one document, which the other reader may also take.
fn is_sound_in_its_backups(document: &RawValue) -> bool {
    if serde_json::from_str::<Value>(document.get()).is_ok() {
        return true;
    }
    let Ok(members) = serde_json::from_str::<HashMap<String, &RawValue>>(document.get()) else { return false };
    let is_sound = |raw: &&RawValue| match serde_json::from_str::<Value>(raw.get()) {
        Ok(_) => true,
        Err(error) => error.to_string().contains("recursion limit"),
    };
    ["backups", "backup"].iter().filter_map(|key| members.get(*key)).all(is_sound)
}

/// How many records there are in an answer about backups.
fn expected(value: &Value) -> Option<u64> {
    let (list, show) = (&value["backups"], &value["backup"]);
    match (list.is_array(), show.is_object()) {
        (true, false) => Some(objects(list)),
        (false, true) => Some(1 + objects(&show["children"])),
        _ => None,
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // Byte-order marks and UTF-16 are no business of the other reader.
    if text.contains('\u{feff}') || matches!(bytes, [b'{' | b'[', 0, ..] | [0, b'{' | b'[', ..]) {
        return;
    }
    let inventory = inventory_of([("a.json", bytes)]);
    check_inventory(&inventory);
    // What stands before a body, and answers inside others, are no business of it either.
    let is_behind = text.starts_with("HTTP/") || text.contains("Response {");
    if is_behind || ["body", "data", "response"].iter().any(|key| text.contains(&format!("\"{key}\""))) {
        return;
    }
    let [file] = &inventory.files[..] else { panic!("one file has {} lines", inventory.files.len()) };
    let values: Result<Vec<_>, _> = serde_json::Deserializer::from_str(text).into_iter::<Value>().collect();
    let Ok(values) = values else {
        let own = file.kind == "report of this tool";
        assert!(own || file.state.is_incomplete() || is_fault_elsewhere(text), "taken in silence: {file:?}");
        return;
    };
    if let [_] = values[..] {
        // A text in the document may begin like JSON and be none.
        let reason = file.reason.as_deref().unwrap_or_default().replace("#: not JSON", "");
        assert!(!reason.contains("not JSON"), "{file:?}");
    }
    let twice = serde_json::Deserializer::from_str(text).into_iter::<Twice>().flatten().any(|twice| twice.0);
    let Some(expected) = values.iter().map(expected).sum::<Option<u64>>() else { return };
    let odd: u64 = values.iter().map(|value| others(&value["backups"]) + others_inside(&value["backup"])).sum();
    if file.state == FileState::Read {
        assert!(!twice, "a key stands twice: {file:?}");
        assert_eq!((file.records, 0), (expected, odd), "{file:?}");
    } else if !values.is_empty() {
        assert!(file.state.is_incomplete(), "{file:?}");
        // What is told may also stand beside the backups: another answer, an error, a number that says that there are more.
        assert!(file.records <= expected || odd > 0 || twice, "{file:?} of {expected}");
    }
});
