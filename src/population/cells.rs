//! The cells of a row: the fields of an object as they stand, and what no field table knows.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::format::escape::{cell, is_invisible, runs_behind};
use crate::inventory::field::{FieldId, Home};
use crate::parse::salvage::Parts;

/// The columns: where the object stands, every field, and what no field table knows.
#[must_use]
pub fn columns() -> Vec<String> {
    let place = ["file", "document", "pointer"].map(str::to_owned);
    place.into_iter().chain(FieldId::ALL.iter().map(|field| field.dotted())).chain(["other_keys".to_owned()]).collect()
}

/// The cells of an object with these keys and values.
pub(super) fn cells([file, document, pointer]: [&str; 3], parts: &[(Cow<'_, str>, &RawValue)]) -> Vec<String> {
    let extend_info = inside(parts, "extend_info");
    let app_consistency = inside(&extend_info, "app_consistency");
    let values = FieldId::ALL.iter().map(|field| {
        let home = match field.home() {
            Home::ExtendInfo => &extend_info,
            Home::AppConsistency => &app_consistency,
            _ => parts,
        };
        home.iter().find(|(key, _)| key == field.key()).map_or_else(String::new, |(_, value)| value_cell(value))
    });
    let place = [cell(file).into_owned(), document.to_owned(), pointer.to_owned()];
    place.into_iter().chain(values).chain([other_keys(parts, &extend_info, &app_consistency)]).collect()
}

/// The keys and values of an object that stands under a key; none if it is no object.
fn inside<'t>(parts: &[(Cow<'_, str>, &'t RawValue)], key: &str) -> Vec<(Cow<'t, str>, &'t RawValue)> {
    let value = parts.iter().find(|(met, _)| met == key).map(|(_, value)| *value);
    value
        .and_then(|value| serde_json::from_str::<Parts<'t>>(value.get()).ok())
        .map(|Parts(parts)| parts)
        .unwrap_or_default()
}

/// A value as a cell: strings decoded, arrays and objects as JSON in one line, everything else as it stands.
fn value_cell(value: &RawValue) -> String {
    let raw = value.get();
    match raw.as_bytes().first() {
        Some(b'"') => {
            serde_json::from_str::<String>(raw).map_or_else(|_| raw.to_owned(), |text| cell(&text).into_owned())
        }
        Some(b'[' | b'{') => compact(raw),
        _ => raw.to_owned(),
    }
}

type Object<'t> = [(Cow<'t, str>, &'t RawValue)];

/// The keys that the field table does not know, as one JSON object of dotted names.
fn other_keys(record: &Object<'_>, extend_info: &Object<'_>, app_consistency: &Object<'_>) -> String {
    let unknown = |object: &Object<'_>, prefix: &str, known: fn(&str) -> Option<FieldId>| {
        let others = object.iter().filter(|(key, _)| known(key).is_none());
        others
            .map(|(key, value)| {
                format!(
                    "{}:{}",
                    compact(&serde_json::json!(format!("{prefix}{key}")).to_string()),
                    compact(value.get())
                )
            })
            .collect::<Vec<_>>()
    };
    let mut pairs = unknown(record, "", FieldId::in_record);
    pairs.extend(unknown(extend_info, "extend_info.", FieldId::in_extend_info));
    pairs.extend(unknown(app_consistency, "extend_info.app_consistency.", FieldId::in_app_consistency));
    if pairs.is_empty() { String::new() } else { format!("{{{}}}", pairs.join(",")) }
}

/// JSON without the blanks between its tokens. Numbers and strings stay as written, but for invisible characters and for
/// a `;` that could begin a formula in the next cell, which become escapes.
fn compact(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let (mut in_string, mut escaped) = (false, false);
    for (at, char) in raw.char_indices() {
        if in_string {
            in_string = escaped || char != '"';
            escaped = char == '\\' && !escaped;
        } else {
            in_string = char == '"';
        }
        let separates = char == ';' && runs_behind(&raw[at + 1..]);
        if in_string && (is_invisible(char) || separates) {
            char.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}")));
        } else if in_string || !char.is_ascii_whitespace() {
            text.push(char);
        }
    }
    text
}
