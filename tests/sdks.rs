//! Dumps that SDKs and other programs make of answers: nulls and keys are missing, times are written in other ways, and yet they are judged
//! as what the service wrote.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod program;
mod saved;

use answers::{backup, list};
use pretty_assertions::assert_eq;
use saved::{assert_read, pointers, read};
use serde_json::{Value, json};

#[test]
fn what_the_sdk_for_go_prints_is_read() {
    let body = list(&["b1", "b2"]);
    assert_read(format!("ListBackupsResponse {body}\n"), "read", 2, "");
    assert_read(
        format!("ListBackupsResponse {body}\nShowBackupResponse {}\n", json!({"backup": backup("b3")})),
        "read",
        3,
        "",
    );
    assert_read("ListBackupsResponse {\"backups\": [", "rejected", 0, "cut off at line 1 column 33");
    assert_read("ListBackupsResponse struct{}", "rejected", 0, "not JSON");
}

/// A backup as the service writes it in 2025.
fn on_the_wire(id: &str, kind: &str) -> Value {
    let mut backup = backup(id);
    let provider = match kind {
        "OS::Cinder::Volume" => "d1603440-187d-4516-af25-121250c7cc97",
        _ => "0daac4c5-6707-4851-97ba-169e36266b66",
    };
    let more = json!({
        "resource_type": kind, "resource_name": "web-1", "description": "", "checkpoint_id": "c1",
        "provider_id": provider,
        "created_at": "2026-10-31T01:00:00.951164", "updated_at": "2026-10-31T01:05:00.100200",
        "protected_at": "2026-10-31T01:00:25.000001", "expired_at": "2026-12-01T01:00:00.946521", "resource_az": "az-1", "children": [],
        "replication_records": [], "incremental": true, "version": 3, "scheduled_operation_id": null,
        "extend_info": {
            "auto_trigger": true, "bootable": null, "contain_system_disk": true, "encrypted": true, "support_lld": true,
            "supported_restore_mode": "backup", "system_disk": false, "is_multi_az": false, "os_images_data": null,
            "snapshot_id": null, "progress": null, "architecture": "x86_64", "encrypted_algorithm": null, "is_dec": false,
        },
    });
    backup.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    backup
}

/// A value without nulls and without keys that no SDK knows.
fn without_nulls(value: &Value) -> Value {
    const UNKNOWN: [&str; 5] = ["architecture", "encrypted_algorithm", "is_dec", "progress", "scheduled_operation_id"];
    match value {
        Value::Object(object) => {
            let kept = object.iter().filter(|(key, value)| !value.is_null() && !UNKNOWN.contains(&key.as_str()));
            kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect()
        }
        Value::Array(elements) => elements.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

/// The same with every time written anew.
fn with_times(mut backup: Value, write: fn(&str, &str) -> String) -> Value {
    for key in ["created_at", "updated_at", "protected_at", "expired_at"] {
        let text = backup[key].as_str().unwrap().to_owned();
        backup[key] = json!(write(key, &text));
    }
    backup
}

#[test]
fn dumps_of_sdks_are_judged_like_the_wire() {
    let servers = ["b1", "b2"].map(|id| on_the_wire(id, "OS::Nova::Server"));
    let disk = on_the_wire("b3", "OS::Cinder::Volume");
    let wire = [servers[0].clone(), servers[1].clone(), disk];
    let verdicts = |backups: &[Value]| {
        let (file, report) = read("a.json", json!({"backups": backups, "count": 3, "offset": 0}).to_string());
        assert_eq!((file.state.as_str(), file.records), ("read", 3));
        assert_eq!(pointers(&report, "value-unrecognised"), Vec::<String>::new());
        assert_eq!(pointers(&report, "schema-drift"), Vec::<String>::new());
        let rules = report["rules"].as_array().unwrap().iter();
        let count = |rule: &Value| ["pass", "fail", "unknown"].map(|key| rule[key].as_u64().unwrap());
        // Drift counts the keys that are there.
        let rules = rules.filter(|rule| rule["id"] != "schema-drift");
        rules.map(|rule| (rule["id"].as_str().unwrap().to_owned(), count(rule))).collect::<Vec<_>>()
    };
    let plain = verdicts(&wire);
    let go = |_: &str, text: &str| format!("{}Z", &text[..19]);
    let python = |key: &str, text: &str| match key {
        "protected_at" => text[..10].to_owned(),
        _ => format!("{text}+00:00"),
    };
    let documented = |_: &str, text: &str| format!("{}+00:00", &text[..23]);
    for (dialect, write) in
        [("Go", go as fn(&str, &str) -> String), ("Python", python), ("documents of 2024", documented)]
    {
        let dump: Vec<_> = wire.iter().map(|backup| with_times(without_nulls(backup), write)).collect();
        let told: Vec<_> = verdicts(&dump).into_iter().zip(&plain).filter(|(one, other)| one != *other).collect();
        assert!(told.is_empty(), "{dialect}: {told:?}");
    }
}

#[test]
fn other_spellings_of_keys_are_no_values() {
    // Terraform wraps extend_info in a list; the models of SDKs have names of their own.
    let mut terraform = on_the_wire("b1", "OS::Cinder::Volume");
    terraform["extend_info"] = json!([terraform["extend_info"]]);
    let (file, report) = read("a.json", list(&[]).to_string().replace("[]", &json!([terraform]).to_string()));
    assert_eq!((file.state.as_str(), file.records), ("read", 1));
    let rule = report["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == "backup-unencrypted").unwrap();
    assert_eq!([&rule["pass"], &rule["fail"], &rule["unknown"]], [0, 0, 1]);
    let camel = json!({"backups": [{"id": "b1", "resourceId": "r1", "imageType": "backup", "createdAt": "2026-11-01T01:00:00Z"}]});
    let (file, report) = read("a.json", camel.to_string());
    assert_eq!((file.state.as_str(), file.records), ("read", 1));
    assert!(!pointers(&report, "schema-drift").is_empty() && !pointers(&report, "required-field-missing").is_empty());
    let alone = json!([camel["backups"][0]]);
    assert_read(alone.to_string(), "rejected", 0, "an array without a single backup object or answer");
}
