//! Every finding can be checked by hand: its file and pointer lead to a value, and that value is what it says it is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::report::wording::span;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use pretty_assertions::assert_eq;
use program::{Scratch, multiply, report, sample};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[test]
fn every_pointer_of_the_samples_leads_to_the_stated_value() {
    for name in ["api-page", "healthy", "troubled"] {
        let (report, _) = report(&sample(name), &[]);
        check(&sample(name), &report);
    }
}

/// The documents of a sample as tools save them.
#[test]
fn every_pointer_into_a_wrapped_answer_leads_to_the_stated_value() {
    let scratch = Scratch::new();
    let mut number = 0;
    multiply(&sample("troubled"), &scratch, 1, |_, text| {
        number += 1;
        let Ok(answer) = serde_json::from_str::<Value>(&text) else { return text };
        match number % 8 {
            0 => format!("HTTP/1.1 200 OK\r\nDate: now\r\n\r\n{text}"),
            1 => json!({"statusCode": 200, "body": answer}).to_string(),
            2 => json!({"code": 0, "message": "ok", "data": {"response": answer}}).to_string(),
            3 => json!({"statusCode": 200, "body": text}).to_string(),
            4 => json!([answer]).to_string(),
            5 => json!([{"body": text}]).to_string(),
            6 => format!("HTTP/2 200 \n\n{}", json!({"data": [text]})),
            _ => text,
        }
    });
    let (plain, _) = report(&sample("troubled"), &[]);
    let (report, _) = report(&scratch.path(""), &[]);
    let pointers =
        report["findings"].as_array().unwrap().iter().map(|finding| finding["evidence"]["pointer"].as_str().unwrap());
    assert!(pointers.filter(|pointer| pointer.contains('#')).count() > 20);
    let failures = |report: &Value| {
        report["rules"].as_array().unwrap().iter().map(|rule| rule["fail"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(failures(&report), failures(&plain));
    check(&scratch.path(""), &report);
}

#[test]
fn every_pointer_of_a_large_and_spoiled_dump_leads_to_the_stated_value() {
    let scratch = Scratch::new();
    let mut met = 0;
    multiply(&sample("troubled"), &scratch, 34, |copy, text| {
        let answer = serde_json::from_str::<Value>(&text).ok().filter(|_| copy > 0);
        answer.map_or(text, |mut answer| {
            spoil(&mut answer, &mut met);
            answer.to_string()
        })
    });
    for arguments in [&["--as-of", "2026-11-01T06:00:00Z"][..], &[]] {
        let (report, _) = report(&scratch.path(""), arguments);
        let findings = report["findings"].as_array().unwrap();
        let rules: BTreeSet<_> = findings.iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
        assert!(findings.len() >= 10_000, "only {} findings", findings.len());
        assert!(rules.len() >= 25, "only {rules:?}");
        check(&scratch.path(""), &report);
    }
}

#[test]
fn an_age_is_that_of_the_time_that_stands_before_it() {
    let mut seen = BTreeSet::new();
    for name in ["healthy", "troubled"] {
        let (report, _) = report(&sample(name), &[]);
        let as_of: Timestamp = report["as_of"]["time"].as_str().unwrap().parse().unwrap();
        for finding in report["findings"].as_array().unwrap() {
            let observed = finding["observed"].as_str().unwrap();
            let Some((time, age)) = observed.strip_suffix(" before the as-of time)").and_then(|it| it.split_once(" ("))
            else {
                continue;
            };
            let time: Timestamp = time.parse().unwrap();
            assert_eq!(age, span(as_of.duration_since(time)), "{finding}");
            seen.insert(finding["rule"].as_str().unwrap().to_owned());
        }
        let last = |finding: &&Value| finding["rule"] == "last-good-copy-expiring" && finding["verdict"] == "fail";
        let last = report["findings"].as_array().unwrap().iter().find(last);
        assert!(last.is_none_or(|finding| finding["observed"].as_str().unwrap().contains("good restore point is")));
    }
    assert!(seen.len() >= 3, "only {seen:?}");
}

/// Checks every finding of a report on this directory.
fn check(directory: &Path, report: &Value) {
    let mut documents = BTreeMap::new();
    let mut wrong = Vec::new();
    for finding in report["findings"].as_array().unwrap() {
        let file = finding["evidence"]["file"].as_str().unwrap();
        let document = documents.entry(file).or_insert_with(|| {
            let bytes = fs::read(directory.join(file)).unwrap();
            // What stands before a body ends with a blank line.
            let body = if bytes.starts_with(b"HTTP/") {
                bytes.windows(2).position(|two| matches!(two, b"\n{" | b"\n["))
            } else {
                None
            };
            serde_json::from_slice::<Value>(&bytes[body.unwrap_or_default()..]).ok()
        });
        if let Err(why) = judge(finding, document.as_ref()) {
            wrong.push(format!("{why}: {finding}"));
        }
    }
    let first: Vec<_> = wrong.iter().take(5).collect();
    assert!(wrong.is_empty(), "{} findings do not show what they say: {first:#?}", wrong.len());
}

fn judge(finding: &Value, document: Option<&Value>) -> Result<(), String> {
    let observed = finding["observed"].as_str().unwrap();
    let pointer = finding["evidence"]["pointer"].as_str().unwrap();
    if observed.is_empty() {
        return Err("nothing observed".to_owned());
    }
    let Some(document) = document else {
        let whole = pointer.is_empty() && finding["rule"] == "input-unreadable";
        return if whole { Ok(()) } else { Err("a place in an unreadable file".to_owned()) };
    };
    let value = &at(document, pointer).ok_or("the pointer leads nowhere")?;
    let kind = kind_of(value);
    let said = match value {
        _ if finding["rule"] == "schema-drift" && finding["subject"]["key"] == kind => observed.contains(kind),
        Value::Object(object) => says_something_of_an_object(observed, object, finding),
        Value::Array(elements) => says_something_of_an_array(observed, elements),
        // A checkpoint is judged by how many failed; the place shows one that did.
        Value::String(status) if finding["rule"] == "checkpoint-partial" && finding["verdict"] == "fail" => {
            status == "error" && observed.ends_with(" failed")
        }
        // That there is none is shown by the place that names the resource.
        Value::String(id) if observed == "no backup at all" => finding["subject"]["id"] == *id,
        scalar => texts(scalar).iter().any(|text| observed.contains(text)),
    };
    let shown: String = value.to_string().chars().take(200).collect();
    if said { Ok(()) } else { Err(format!("{shown} is not what was observed")) }
}

/// The value that a pointer leads to; behind a `#` it goes on in the JSON of a text.
fn at(document: &Value, pointer: &str) -> Option<Value> {
    match pointer.split_once('#') {
        Some((text, inside)) => at(&serde_json::from_str(document.pointer(text)?.as_str()?).ok()?, inside),
        None => document.pointer(pointer).cloned(),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The texts that state a scalar: as it stands, and for times in UTC.
fn texts(scalar: &Value) -> Vec<String> {
    let Value::String(text) = scalar else { return vec![scalar.to_string()] };
    if text.is_empty() {
        return vec!["null".to_owned()];
    }
    let zoned = text.parse::<Timestamp>().ok();
    let civil = || text.parse::<DateTime>().ok()?.to_zoned_datetime(TimeZone::UTC).ok();
    let time = zoned.or_else(|| Some(civil()?.timestamp()));
    time.map(|time| time.to_string()).into_iter().chain([text.clone()]).collect()
}

/// An object is the evidence for something absent, for a count, or for a reason.
fn says_something_of_an_object(observed: &str, object: &Map<String, Value>, finding: &Value) -> bool {
    if finding["rule"] == "required-field-missing" {
        return observed == "absent" && !object.contains_key(finding["subject"]["key"].as_str().unwrap());
    }
    let words = [
        "absent",
        "a saved error",
        "backup records do not say",
        "children of children",
        "copies of the record contradict each other",
        "no known answer",
        "no policy names the vault",
        "no successful replication",
        "part of the input is missing",
        "restore point",
        "the as-of time is only a lower bound",
        "the field is null",
        "the record does not carry the field",
        "the value has a type or form that cannot be read",
        "the value is outside the known list",
        "this kind of answer does not show it",
    ];
    words.iter().any(|word| observed.contains(word))
}

/// An array is the evidence for how many there are.
fn says_something_of_an_array(observed: &str, elements: &[Value]) -> bool {
    let count = elements.len();
    let counted = ["disk", "replication record", "resource", "skipped resource", "tag"].iter().any(|noun| {
        let plural = if count == 1 { "" } else { "s" };
        observed.starts_with(&format!("{count} {noun}{plural}"))
    });
    counted || observed.starts_with("no ") && (count == 0 || observed.contains("successful"))
}

/// Spoils every third record and every fifth of the disks.
fn spoil(answer: &mut Value, met: &mut usize) {
    if let Some(record) = answer.get_mut("backup").and_then(Value::as_object_mut) {
        spoil_record(record, met);
    }
    for record in answer.get_mut("backups").and_then(Value::as_array_mut).into_iter().flatten() {
        spoil_record(record.as_object_mut().unwrap(), met);
    }
}

fn spoil_record(record: &mut Map<String, Value>, met: &mut usize) {
    *met += 1;
    if met.is_multiple_of(3) {
        defect(record, *met / 3 % 24);
    }
    for disk in record.get_mut("children").and_then(Value::as_array_mut).into_iter().flatten() {
        *met += 1;
        if met.is_multiple_of(5) {
            defect(disk.as_object_mut().unwrap(), *met / 5 % 24);
        }
    }
}

fn defect(record: &mut Map<String, Value>, number: usize) {
    let id = record["id"].clone();
    let mut set = |key: &str, value: Value| drop(record.insert(key.to_owned(), value));
    match number {
        0 => drop(record.remove("status")),
        1 => set("status", Value::Null),
        2 => set("status", json!(12)),
        3 => set("status", json!("avail\u{202e}able")),
        4 => set("created_at", json!("2026-10-12T21:04:15.387340+02:00")),
        5 => set("created_at", json!("2026-10-12 21:04:15")),
        6 => set("expired_at", json!("soon")),
        7 => set("expired_at", json!("")),
        8 => set("expired_at", json!("9999-12-31T23:59:59.999999")),
        9 => set("expired_at", json!("2026-10-02T03:04:05.006Z")),
        10 => set("protected_at", json!("2026-10-20")),
        11 => set("protected_at", json!(20_261_020)),
        12 => set("updated_at", Value::Null),
        13 => set("image_type", json!("BACKUP ")),
        14 => set("resource_size", json!("forty")),
        15 => set("vault_id", Value::Null),
        16 => set("parent_id", json!("00000000-0000-4000-8000-00000000dead")),
        17 => set("parent_id", id),
        18 => set("children", Value::Null),
        19 => set("replication_records", Value::Null),
        20 => drop(record.remove("extend_info")),
        21 => set("a/b~c", json!({"~1": []})),
        22 => set("project_id", json!("another")),
        _ => {
            if let Some(info) = record.get_mut("extend_info").and_then(Value::as_object_mut) {
                info.insert("encrypted".to_owned(), json!("yes"));
                info.insert("supported_restore_mode".to_owned(), json!("na"));
            }
        }
    }
}
