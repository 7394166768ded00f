//! A short document completed to answers that the service could have given. A record that says nothing is an available
//! automatic backup of the server `r1`, three hours old at noon, kept for thirty days and encrypted; so a case names
//! only what it is about.
//!
//! - Backups are called `b1`, `b2`, … in the order of the files, their disks `b1-d1`, `b1-d2`, …; resources `r1` and
//!   `d1`, `d2`, …
//! - A disk takes over project, vault, checkpoint, image type and time of the record it stands in.
//! - A replication record is a success to another region whose copy is called `b1-copy`.
//! - `"$absent"` as a value removes the key. In place of a time, `"-30h"` is thirty hours before noon; the units are
//!   `m`, `h` and `d`.
//! - `count` of a list is the number of its elements.
//! - `{"$files": {"a.json": …}}` holds several documents by path; one that is a string is written as it stands.

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{NOON, around};
use crate::parse::time;

pub(super) type Object = Map<String, Value>;

const TIMES: [&str; 7] =
    ["created_at", "updated_at", "protected_at", "expired_at", "captured_at", "started_at", "ended_at"];
const INHERITED: [&str; 6] =
    ["project_id", "vault_id", "checkpoint_id", "image_type", "enterprise_project_id", "created_at"];
const ABSENT: &str = "$absent";

/// The files of a case, completed, by path.
///
/// # Errors
/// Text that is no JSON.
pub fn files(json: &str) -> Result<Vec<(String, String)>> {
    let mut document: Value = serde_json::from_str(json).with_context(|| format!("not JSON: {json}"))?;
    let files = match document.get_mut("$files").map(Value::take) {
        Some(Value::Object(files)) => files.into_iter().collect(),
        _ => vec![("case.json".to_owned(), document)],
    };
    let mut backups = 0;
    Ok(files.into_iter().map(|(path, document)| (path, text(document, &mut backups))).collect())
}

fn text(mut document: Value, backups: &mut usize) -> String {
    match &mut document {
        Value::String(raw) => return std::mem::take(raw),
        Value::Array(elements) => complete_list(elements, backups),
        Value::Object(answer) => complete_answer(answer, backups),
        _ => {}
    }
    document.to_string()
}

fn complete_answer(answer: &mut Object, backups: &mut usize) {
    if let Some(Value::Object(record)) = answer.get_mut("backup") {
        complete_top(record, backups);
    }
    if let Some(Value::Array(elements)) = answer.get_mut("backups") {
        complete_list(elements, backups);
        let count = elements.len();
        fill(answer, json!({ "count": count }));
    }
    around::complete(answer);
    settle(answer);
}

fn complete_list(elements: &mut [Value], backups: &mut usize) {
    elements.iter_mut().filter_map(Value::as_object_mut).for_each(|record| complete_top(record, backups));
}

fn complete_top(record: &mut Object, backups: &mut usize) {
    *backups += 1;
    let defaults = json!({
        "id": format!("b{backups}"),
        "resource_id": "r1",
        "resource_type": "OS::Nova::Server",
        "created_at": "-3h",
        "updated_at": null,
    });
    fill(record, defaults);
    let lasts = moment(record, "created_at").and_then(|created| created.checked_add(days(30)).ok());
    fill(record, json!({ "expired_at": lasts.map_or_else(|| "+30d".to_owned(), |time| time.to_string()) }));
    complete_record(record);
}

fn complete_disk(disk: &mut Object, number: usize, enclosing: &Object) {
    let id = enclosing.get("id").and_then(Value::as_str).unwrap_or_default();
    let inherited = INHERITED.iter().filter_map(|&key| Some((key, enclosing.get(key)?.clone())));
    inherited.for_each(|(key, value)| {
        disk.entry(key).or_insert(value);
    });
    let defaults = json!({
        "id": format!("{id}-d{number}"),
        "parent_id": id,
        "resource_id": format!("d{number}"),
        "resource_type": "OS::Cinder::Volume",
        "created_at": "-3h",
        "expired_at": null,
        "updated_at": null,
    });
    fill(disk, defaults);
    complete_record(disk);
}

/// What tops and disks have in common.
fn complete_record(record: &mut Object) {
    let is_server = record.get("resource_type").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("Server"));
    let defaults = json!({
        "project_id": "p1",
        "vault_id": "v1",
        "checkpoint_id": "c1",
        "image_type": "backup",
        "status": "available",
        "protected_at": null,
        "parent_id": null,
        "children": [],
        "replication_records": [],
        "extend_info": {},
    });
    fill(record, defaults);
    if let Some(Value::Object(info)) = record.get_mut("extend_info") {
        let mode = if is_server { json!("backup") } else { Value::Null };
        fill(info, json!({ "auto_trigger": true, "encrypted": true, "supported_restore_mode": mode }));
        if is_server {
            fill(info, json!({ "contain_system_disk": true }));
        }
    }
    settle(record);
    complete_replications(record);
    complete_disks(record);
}

fn complete_replications(record: &mut Object) {
    let copy = format!("{}-copy", record.get("id").and_then(Value::as_str).unwrap_or_default());
    let created = record.get("created_at").cloned().filter(|time| !time.is_null());
    let Some(Value::Array(elements)) = record.get_mut("replication_records") else { return };
    for replication in elements.iter_mut().filter_map(Value::as_object_mut) {
        let defaults = json!({
            "status": "success",
            "created_at": created.clone().unwrap_or_else(|| json!("-3h")),
            "source_region": "eu-de",
            "destination_region": "eu-nl",
            "destination_backup_id": copy,
        });
        fill(replication, defaults);
        settle(replication);
    }
}

fn complete_disks(record: &mut Object) {
    let Some(mut children) = record.remove("children") else { return };
    let disks = children.as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
    for (number, disk) in (1..).zip(disks.iter_mut().filter_map(Value::as_object_mut)) {
        complete_disk(disk, number, record);
    }
    record.insert("children".to_owned(), children);
}

/// Adds what the object does not name.
pub(super) fn fill(object: &mut Object, defaults: Value) {
    let Value::Object(defaults) = defaults else { return };
    defaults.into_iter().for_each(|(key, value)| {
        object.entry(key).or_insert(value);
    });
}

/// Replaces times told from noon, and takes out what is to be absent, here and in the objects inside.
pub(super) fn settle(object: &mut Object) {
    for key in TIMES {
        if let Some(time) = object.get(key).and_then(Value::as_str).and_then(from_noon) {
            object.insert(key.to_owned(), json!(time.to_string()));
        }
    }
    object.retain(|_, value| value != ABSENT);
    object.values_mut().filter_map(Value::as_object_mut).for_each(|inner| inner.retain(|_, value| value != ABSENT));
}

/// The time under a key, told from noon or in full.
fn moment(object: &Object, key: &str) -> Option<Timestamp> {
    let text = object.get(key)?.as_str()?;
    from_noon(text).or_else(|| Some(time::parse(text)?.time))
}

/// A time such as `-30h`, counted from noon.
fn from_noon(text: &str) -> Option<Timestamp> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    let number: f64 = number.strip_prefix('+').unwrap_or(number).parse().ok()?;
    let noon = time::parse(NOON)?.time;
    noon.checked_add(SignedDuration::try_from_secs_f64(number * seconds).ok()?).ok()
}

fn days(number: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * number)
}
