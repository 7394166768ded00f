//! A JSON list of objects.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{COLUMNS, Cell, Faults, Place, Raw, unknown};

/// The objects of a text.
pub(super) fn rows(text: &str, faults: &mut Faults) -> Vec<Raw> {
    let start = Place { line: 1, column: 1 };
    let elements: Vec<&RawValue> = match serde_json::from_str(text) {
        Ok(elements) => elements,
        Err(error) if error.is_data() => {
            faults.add(start, "write a list of objects: [{\"type\": …, \"id\": …}, …]");
            return Vec::new();
        }
        Err(error) => {
            let at = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            let place = Place { line: at(error.line()), column: at(error.column()) };
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or_default();
            faults.add(place, format!("not JSON: {what}"));
            return Vec::new();
        }
    };
    let mut places = Places { text, at: 0, place: start };
    let rows = (0..).zip(elements).filter_map(|(number, element)| {
        let place = places.of(element.get());
        object(number, element, place, faults)
    });
    rows.collect()
}

/// Where pieces of the text stand, asked for in their order.
struct Places<'t> {
    text: &'t str,
    at: usize,
    place: Place,
}

impl Places<'_> {
    fn of(&mut self, piece: &str) -> Place {
        let at = (piece.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        for char in self.text.get(self.at..at).unwrap_or_default().chars() {
            match char {
                '\n' => self.place = Place { line: self.place.line.saturating_add(1), column: 1 },
                _ => self.place.column = self.place.column.saturating_add(1),
            }
        }
        self.at = at;
        self.place
    }
}

fn object(number: u32, element: &RawValue, place: Place, faults: &mut Faults) -> Option<Raw> {
    let Ok(Entries(entries)) = serde_json::from_str(element.get()) else {
        faults.add(place, format!("/{number} is no object: write {{\"type\": …, \"id\": …}}"));
        return None;
    };
    let mut cells = [const { None }; COLUMNS.len()];
    let mut seen = [false; COLUMNS.len()];
    for (key, value) in entries {
        let known = COLUMNS.iter().zip(&mut cells).zip(&mut seen).find(|((column, _), _)| **column == key);
        let Some(((_, cell), seen)) = known else {
            faults.add(place, format!("/{number}: {}", unknown(&key, "key")));
            continue;
        };
        if std::mem::replace(seen, true) {
            faults.add(place, format!("/{number}: the key {key:?} stands twice: keep one"));
        }
        match text_of(&key, &value) {
            Ok(text) => *cell = text.map(|text| Cell { text, place }),
            Err(wanted) => faults.add(place, format!("/{number}/{key}: write {wanted}, not {value}")),
        }
    }
    Some(Raw { number, place, cells })
}

/// The text that a value means; none if it is null.
fn text_of(key: &str, value: &Value) -> Result<Option<String>, &'static str> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Bool(_) | Value::Number(_) if key == "retired" => Ok(Some(value.to_string())),
        _ if key == "retired" => Err("true, false or a date in quotes"),
        _ => Err("a text in quotes"),
    }
}

/// The entries of an object in their order, doubles included.
struct Entries(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Entries;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Entries, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Object)
    }
}
