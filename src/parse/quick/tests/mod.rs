//! What is usual is read quickly, and means what the strict reader makes of it.

mod copies;

use std::borrow::Cow;
use std::collections::BTreeMap;

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use super::{Singles, read, row};
use crate::inventory::field::{FieldId, FieldSet};
use crate::parse::envelope::{self, Envelope, Found, Receiver};
use crate::parse::replication::WireReplication;
use crate::parse::scalar::Scalar;
use crate::parse::scan::quoted;
use crate::parse::wire::{Element, UnknownKey, WireRecord};

/// A backup object as it was handed over.
#[derive(Clone, Debug, Default, PartialEq)]
struct Noted {
    ordinal: u32,
    is_shown: bool,
    values: BTreeMap<String, String>,
    unknown: Vec<String>,
    images: u32,
    replications: Vec<String>,
    children: Vec<Result<Noted, String>>,
}

impl Noted {
    fn of(ordinal: u32, is_shown: bool, record: &WireRecord<'_>) -> Self {
        let values = record.present.iter().map(|field| (format!("{field:?}"), format!("{:?}", record.get(field))));
        let children = record.children.iter().enumerate();
        Self {
            ordinal,
            is_shown,
            values: values.collect(),
            unknown: record.unknown.iter().map(|unknown| format!("{unknown:?}")).collect(),
            images: record.images,
            replications: record.replications.iter().map(|replication| format!("{replication:?}")).collect(),
            children: children.map(|(ordinal, child)| taken(ordinal as u32, false, child)).collect(),
        }
    }
}

fn taken(ordinal: u32, is_shown: bool, element: &Element<'_>) -> Result<Noted, String> {
    match element {
        Ok(record) => Ok(Noted::of(ordinal, is_shown, record)),
        Err(lost) => Err(format!("{lost:?}")),
    }
}

/// Notes everything that it is handed.
#[derive(Debug, Default)]
struct Notes {
    records: Vec<Result<Noted, String>>,
    open: Vec<Noted>,
    is_shown: bool,
    /// The values since a run began; none once anything else came.
    since: Option<Vec<(FieldId, String)>>,
    effects: Vec<Vec<(FieldId, String)>>,
    /// How many runs were followed.
    followed: usize,
}

impl Notes {
    fn now(&mut self) -> &mut Noted {
        self.open.last_mut().expect("an object is open")
    }

    fn note(&mut self, field: FieldId, value: String) {
        if let Some(since) = &mut self.since {
            since.push((field, value.clone()));
        }
        let before = self.now().values.insert(format!("{field:?}"), value);
        assert_eq!(before, None, "{field:?} comes twice");
    }
}

impl<'a> Receiver<'a> for Notes {
    fn view(&mut self, is_show: bool) {
        self.is_shown = is_show;
    }
    fn element(&mut self, ordinal: u32, element: &Element<'a>) {
        self.records.push(taken(ordinal, self.is_shown, element));
    }
    fn begin(&mut self, ordinal: u32) {
        self.since = None;
        let is_shown = self.is_shown && self.open.is_empty();
        self.open.push(Noted { ordinal, is_shown, ..Noted::default() });
    }
    fn glimpse(&mut self, field: FieldId, text: &'a [u8]) -> usize {
        let Some(quoted) = quoted(text) else { return 0 };
        let text = std::str::from_utf8(quoted).expect("what is read is a text");
        self.note(field, format!("{:?}", Scalar::Text(Cow::Borrowed(text))));
        quoted.len() + 2
    }
    fn value(&mut self, field: FieldId, value: &Scalar<'a>) {
        self.note(field, format!("{value:?}"));
    }
    fn watch(&mut self) {
        self.since = Some(Vec::new());
    }
    fn learn(&mut self, fields: FieldSet) -> Option<u32> {
        let since = self.since.take()?;
        assert_eq!(since.iter().map(|(field, _)| *field).collect::<FieldSet>(), fields);
        self.effects.push(since);
        Some(self.effects.len() as u32 - 1)
    }
    fn apply(&mut self, effect: u32) {
        self.since = None;
        self.followed += 1;
        self.effects[effect as usize].clone().into_iter().for_each(|(field, value)| self.note(field, value));
    }
    fn unknown(&mut self, key: &UnknownKey<'a>) {
        self.since = None;
        self.now().unknown.push(format!("{key:?}"));
    }
    fn image(&mut self) {
        self.since = None;
        self.now().images += 1;
    }
    fn replication(&mut self, replication: &WireReplication<'a>) {
        self.since = None;
        self.now().replications.push(format!("{replication:?}"));
    }
    fn end(&mut self) {
        self.since = None;
        let ended = Ok(self.open.pop().expect("an object is open"));
        match self.open.last_mut() {
            Some(around) => around.children.push(ended),
            None => self.records.push(ended),
        }
    }
    fn reset(&mut self) {
        *self = Self::default();
    }
}

/// A text, read quickly.
fn quickly(text: &str) -> Option<(Found, Notes)> {
    let mut notes = Notes::default();
    Some((read(text, &mut notes).ok()?, notes))
}

/// The same text, of which one character of a key is written as an escape, which the quick reader leaves alone.
fn strictly(text: &str) -> (Found, Vec<Result<Noted, String>>) {
    let at = text.find("\"children\"").or(text.find('"')).expect("a key") + 1;
    let odd = format!("{}\\u{:04x}{}", &text[..at], text.as_bytes()[at], &text[at + 1..]);
    assert!(quickly(&odd).is_none(), "{odd:.200}");
    let mut notes = Notes::default();
    let found = envelope::read(&odd, &mut notes).expect("JSON");
    (found, notes.records)
}

/// A record of the usual kind; what varies from record to record does.
fn record(number: usize) -> Value {
    let descriptions = [Value::Null, json!(""), json!("of \"ü\"\t\\")];
    let images = [json!([{"image_id": "i1"}, {"image_id": "i2"}]), json!([]), json!([])];
    let numbers = [json!(-7), json!(1.5), json!(40.0), json!(1e2), json!(-0.5e-3), json!(u64::MAX)];
    json!({
        "id": format!("b{number}"), "name": format!("autobk_{number}"), "status": "available", "image_type": "backup",
        "description": descriptions[number % 3],
        "resource_type": "OS::Nova::Server", "resource_id": format!("r{}", number % 4), "resource_size": number * 40,
        "resource_az": "eu-de-01", "created_at": format!("2026-02-01T01:00:{number:02}.123456"), "expired_at": null,
        "parent_id": null, "vault_id": "v1", "project_id": "p1", "incremental": number.is_multiple_of(2), "version": 3,
        "children": children(number), "replication_records": replications(number),
        "extend_info": {
            "bootable": false, "encrypted": true, "snapshot_id": null, "progress": 100, "x": {"y": [1, {"z": null}]},
            "os_images_data": images[number % 3],
            "app_consistency": {"app_consistency": "0", "app_consistency_error_message": ""}
        },
        "unheard": numbers[number % 6],
        "odd": {"list": [true, false, null, "}", {}], "empty": []}
    })
}

fn children(number: usize) -> Value {
    let disk = |at: usize| {
        json!({"id": format!("d{number}-{at}"), "parent_id": format!("b{number}"), "status": "available",
            "resource_type": "OS::Cinder::Volume", "resource_id": format!("v{at}"), "image_type": "backup", "children": []})
    };
    Value::Array((0..number % 3).map(disk).collect())
}

fn replications(number: usize) -> Value {
    let copy = |at: usize| {
        json!({"id": "x", "status": "success", "created_at": "2026-02-01T02:00:00.000000", "source_region": "eu-de",
            "destination_region": "eu-nl", "destination_backup_id": format!("b{number}"), "vault_id": null, "zone": at,
            "extra_info": {"progress": 100, "fail_code": "", "destination_vault_id": "v2", "zone": "y"}})
    };
    Value::Array((0..number % 4).map(copy).collect())
}

fn records() -> Vec<Value> {
    (0..30).map(record).collect()
}

/// Documents as services and exporters write them.
fn usual() -> Vec<Value> {
    let list = |rest: Value| {
        let mut list = json!({"backups": records()});
        list.as_object_mut().expect("an object").extend(rest.as_object().cloned().unwrap_or_default());
        list
    };
    vec![
        list(json!({})),
        list(json!({"count": 30, "offset": 0, "limit": 1000})),
        list(json!({"a": {"backups": "x"}, "zone": [1, {"y": false}], "true": true})),
        json!({"backups": []}),
        json!({"backups": [{}], "count": 1}),
        json!({"backup": record(7)}),
        record(8),
        Value::Array(records()),
        records().into_iter().map(|record| json!({"backup": record})).collect(),
        json!([{"backup": record(1)}, record(2), {"backup": record(3)}]),
        json!({"vaults": [{"id": "v1", "billing": {"size": 40}}], "count": 1}),
        json!({"captured_at": "2026-11-01T06:00:00Z", "show_replication": true}),
    ]
}

/// A document in the layouts of exporters.
fn layouts(document: &Value) -> [String; 4] {
    let pretty = serde_json::to_string_pretty(document).expect("JSON");
    let spaced = pretty.replace("\": ", "\" :\t ").replace("\",\n", "\" ,\n");
    [document.to_string(), pretty.replace('\n', "\r\n"), format!("\n {pretty} \n"), spaced]
}

#[test]
fn usual_documents_are_read_quickly_and_mean_the_same() {
    for document in usual() {
        for text in layouts(&document) {
            let (found, notes) = quickly(&text).unwrap_or_else(|| panic!("not quickly: {text:.200}"));
            let (strict_found, strict) = strictly(&text);
            assert_eq!(found, strict_found, "{text:.200}");
            assert_eq!(notes.records, strict, "{text:.200}");
            assert!(notes.open.is_empty());
        }
    }
}

#[test]
fn what_was_met_before_in_the_same_place_is_recognised_as_a_whole() {
    let text = json!({"backups": records()}).to_string();
    let (_, notes) = quickly(&text).expect("usual");
    // Several for each of the records behind the first ones, and for their disks.
    assert!(notes.followed > 100, "{}", notes.followed);
    let few = json!({"backups": records()[..4]}).to_string();
    assert_eq!(quickly(&few).expect("usual").1.followed, 0);
}

#[test]
fn what_is_not_usual_is_left_to_the_strict_reader() {
    let within = |value: &str| format!("{{\"backups\": [{{\"id\": \"b1\", \"x\": {value}}}]}}");
    let deep = within(&format!("{}{}", "[".repeat(120), "]".repeat(120)));
    for text in [
        "",
        "7",
        r#"{"backups": []} {}"#,
        r#"{"backups": [], "count": 1, "count": 1}"#,
        r#"{"backup": []}"#,
        r#"{"backup": null}"#,
        r#"{"backups": [7]}"#,
        r#"{"backups": [null]}"#,
        r#"{"backups": [{"id": "b1", "id": "b1"}]}"#,
        r#"{"backups": [{"id": "b1", "\u0069d": "b1"}]}"#,
        r#"{"backups": [{"id": "b1", "extend_info": {"x": 1, "x": 1}}]}"#,
        r#"{"backups": [{"id": "b1", "replication_records": [7]}]}"#,
        r#"{"backups": [{"id": "b1", "replication_records": [{"status": "a", "status": "a"}]}]}"#,
        r#"{"backups": [{"id": "b1", "replication_records": [{"x": "a", "x": "a"}]}]}"#,
        r#"{"backups": [{"id": "b1", "replication_records": [{"extra_info": {"progress": 1, "progress": 1}}]}]}"#,
        r#"[{"id": "b1"}]"#,
        r#"[{"backup": {"id": "b1"}, "x": 1}]"#,
        &deep,
    ] {
        assert!(quickly(text).is_none(), "{text}");
    }
    let nested = |depth: usize| {
        let inside = (0..depth).fold(String::new(), |inner, _| format!(r#"{{"id": "b", "children": [{inner}]}}"#));
        format!("{{\"backups\": [{inside}]}}")
    };
    assert!(quickly(&nested(super::DEEPEST as usize + 1)).is_some());
    assert!(quickly(&nested(super::DEEPEST as usize + 2)).is_none());
    let bad =
        ["01", "+1", "1.", ".5", "1e", "1e999", "-", "tru", "nul", "\"\t\"", "\"\\x\"", "{\"a\"}", "{\"a\":1,\"a\":1}"];
    for value in bad {
        assert!(quickly(&within(value)).is_none(), "{value}");
    }
}

/// What was met before in the same place is recognised as a whole, and its keys may have been met in another.
#[test]
fn a_key_that_stands_twice_is_noticed_though_the_second_stands_in_a_usual_place() {
    let usual = record(1);
    let keys: Vec<_> = usual.as_object().expect("an object").keys().collect();
    for key in keys {
        let value = &usual[key];
        let twice = usual.to_string().replacen('{', &format!("{{{}:{value},", json!(key)), 1);
        let mut elements: Vec<_> = records().iter().map(Value::to_string).collect();
        elements[20] = twice;
        let text = format!("{{\"backups\":[{}]}}", elements.join(","));
        assert!(quickly(&text).is_none(), "{key}");
    }
}

/// One text behind the other, as lines.
fn lines(documents: &[Value]) -> String {
    documents.iter().map(|document| format!("{document}\n")).collect()
}

#[test]
fn lines_with_a_backup_each_are_read_together() {
    let documents: Vec<_> = records().into_iter().chain([json!({"backup": record(3)})]).collect();
    let text = lines(&documents);
    let mut notes = Notes::default();
    let (read, is_unusual) = row(&text, 5, text.len(), &mut notes);
    assert_eq!((read.bytes, read.documents, is_unusual), (text.len(), 31, false));
    let each = documents.iter().enumerate().map(|(number, document)| {
        let (_, mut record) = strictly(&document.to_string());
        record.pop().expect("a record").map(|record| Noted { ordinal: number as u32 + 5, ..record })
    });
    assert_eq!(notes.records, each.collect::<Vec<_>>());
    // Up to a line that begins behind the position.
    let first = documents[0].to_string().len() + 1;
    let (read, is_unusual) = row(&text, 0, first + 1, &mut Notes::default());
    assert_eq!((read.documents, is_unusual), (2, false));
    let without_end = text.trim_end();
    let (read, is_unusual) = row(without_end, 0, text.len(), &mut Notes::default());
    assert_eq!((read.bytes, read.documents, is_unusual), (without_end.len(), 31, false));
}

#[test]
fn a_line_that_holds_anything_else_ends_the_row() {
    let good = record(1).to_string();
    let others = [
        serde_json::to_string_pretty(&record(2)).expect("JSON"),
        format!("{good}{good}"),
        json!({"backups": []}).to_string(),
        json!({"id": "b1", "resource_id": "r1", "vault_id": "v1", "backups": []}).to_string(),
        json!({"id": "b1"}).to_string(),
        "[]".to_owned(),
    ];
    for other in others {
        let text = format!("{good}\n\n{other}\n{good}\n");
        let (read, is_unusual) = row(&text, 0, text.len(), &mut Notes::default());
        assert_eq!((read.documents, is_unusual), (1, true), "{other}");
        assert!(text[read.bytes..].trim_start().starts_with(&other), "{other}");
    }
}

#[test]
fn texts_of_single_backups_are_read_one_by_one() {
    let mut singles = Singles::new();
    let mut notes = Notes::default();
    let (shown, bare, listed) =
        (json!({"backup": record(1)}).to_string(), record(2).to_string(), json!({"backups": []}).to_string());
    assert_eq!(singles.read(&shown, &mut notes), Some(Envelope::Show));
    assert_eq!(singles.read(&bare, &mut notes), Some(Envelope::Bare));
    assert_eq!(notes.records, [strictly(&shown).1, strictly(&bare).1].concat());
    let behind = format!("{bare} {bare}");
    assert_eq!(singles.read(&behind, &mut Notes::default()), None);
    assert_eq!(singles.read(&listed, &mut Notes::default()), None);
}
