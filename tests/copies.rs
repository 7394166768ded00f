//! Copies of one record: where they contradict each other, and where they say the same in other words.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod told;

use cbr_audit::discover::discover;
use cbr_audit::judge;
use cbr_audit::read::read;
use cbr_audit::report::row::Row;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use told::{AS_OF, Place, settings};

/// A record that has every field.
const BACKUP: &str = r#"{
        "id": "b", "name": "n", "description": "d", "status": "available", "image_type": "backup",
        "resource_type": "OS::Nova::Server", "resource_id": "r", "resource_name": "web", "resource_size": 40,
        "resource_az": "az", "created_at": "2026-10-28T22:00:00Z", "updated_at": "2026-10-28T23:00:00Z",
        "protected_at": "2026-10-28T22:30:00Z", "expired_at": "2026-11-28T22:00:00Z", "parent_id": "x",
        "checkpoint_id": "c", "vault_id": "v", "project_id": "p", "provider_id": "s", "enterprise_project_id": "0",
        "incremental": false, "version": 3, "scheduled_operation_id": "o", "children": [], "replication_records": [],
        "extend_info": {
            "auto_trigger": true, "bootable": false, "contain_system_disk": true, "encrypted": true, "system_disk": false,
            "supported_restore_mode": "backup", "support_lld": true, "snapshot_id": "s", "is_multi_az": false,
            "incremental": true, "architecture": "x86_64", "is_dec": false, "os_images_data": [], "progress": 1,
            "encrypted_algorithm": "a",
            "app_consistency": {"app_consistency": "0", "app_consistency_status": "0", "app_consistency_error_code": "0",
                "app_consistency_error_message": ""}
        }
}"#;

fn backup() -> Value {
    serde_json::from_str(BACKUP).unwrap()
}

/// The fields of which copies must agree, with another value.
const OTHERS: &str = r#"{
        "/name": "m", "/description": "e", "/status": "error", "/image_type": "replication",
        "/resource_type": "OS::Cinder::Volume", "/resource_id": "q", "/resource_name": "db", "/resource_size": 41,
        "/resource_az": "other", "/created_at": "2026-10-28T22:00:01Z", "/protected_at": "2026-10-28T22:30:01Z",
        "/expired_at": "2026-11-29T22:00:00Z", "/parent_id": "y", "/checkpoint_id": "d", "/vault_id": "w",
        "/project_id": "o", "/provider_id": "t", "/enterprise_project_id": "1", "/incremental": true, "/version": 4,
        "/scheduled_operation_id": "p", "/extend_info/auto_trigger": false, "/extend_info/bootable": true,
        "/extend_info/contain_system_disk": false, "/extend_info/encrypted": false, "/extend_info/system_disk": true,
        "/extend_info/supported_restore_mode": "na", "/extend_info/support_lld": false, "/extend_info/snapshot_id": "t",
        "/extend_info/is_multi_az": true, "/extend_info/incremental": false, "/extend_info/architecture": "arm",
        "/extend_info/is_dec": true, "/extend_info/app_consistency/app_consistency": "1",
        "/extend_info/app_consistency/app_consistency_status": "1",
        "/extend_info/app_consistency/app_consistency_error_code": "7",
        "/extend_info/app_consistency/app_consistency_error_message": "x"
}"#;

fn compared() -> Vec<(&'static str, Value)> {
    let pairs: Value = serde_json::from_str(OTHERS).unwrap();
    pairs.as_object().unwrap().iter().map(|(pointer, other)| (&*pointer.clone().leak(), other.clone())).collect()
}

/// What cannot change as long as a backup lives.
const LASTING: [&str; 9] = [
    "/created_at",
    "/resource_id",
    "/resource_type",
    "/checkpoint_id",
    "/parent_id",
    "/project_id",
    "/image_type",
    "/resource_size",
    "/extend_info/encrypted",
];

fn with(pointer: &str, value: &Value) -> Value {
    let mut backup = backup();
    *backup.pointer_mut(pointer).unwrap() = value.clone();
    backup
}

fn without(pointer: &str) -> Value {
    let mut backup = backup();
    let (object, key) = pointer.rsplit_once('/').unwrap();
    backup.pointer_mut(object).unwrap().as_object_mut().unwrap().remove(key);
    backup
}

/// Where the first contradiction of two copies stands, if there is one.
fn contradiction(one: &Value, other: &Value) -> Option<String> {
    let place = Place::new();
    for (file, copy) in [("a.json", one), ("b.json", other)] {
        place.write(file, json!({"backups": [copy], "count": 1}).to_string());
    }
    let settings = settings(AS_OF);
    let sources = discover(&[place.path().to_owned()], &settings.exclude.globs).unwrap();
    let run = judge(&settings, read(&sources, settings.reading()), false);
    assert_eq!(run.inventory.len(), 1);
    let rows: Vec<_> = run.findings().map(|finding| Row::new(&run, &finding)).collect();
    rows.into_iter()
        .find(|row| row.rule == "duplicate-conflict")
        .map(|row| format!("/{}", row.field.unwrap().replace('.', "/")))
}

/// In whatever order they lie.
fn both(one: &Value, other: &Value) -> Option<String> {
    let found = contradiction(one, other);
    assert_eq!(contradiction(other, one), found, "{one} {other}");
    found
}

#[test]
fn copies_of_one_moment_have_to_agree_on_every_field() {
    assert_eq!(contradiction(&backup(), &backup()), None);
    for (pointer, other) in compared() {
        let at = Some(pointer.to_owned());
        assert_eq!(both(&backup(), &with(pointer, &other)), at);
        assert_eq!(both(&backup(), &with(pointer, &Value::Null)), at, "a value and null");
        assert_eq!(both(&backup(), &without(pointer)), None, "{pointer}: what one exporter drops");
        assert_eq!(both(&with(pointer, &json!([])), &with(pointer, &other)), at, "one of no use");
        assert_eq!(both(&with(pointer, &json!([])), &with(pointer, &json!({}))), at, "two of no use");
        assert_eq!(both(&with(pointer, &json!([])), &with(pointer, &json!([]))), None, "{pointer}: the same of no use");
    }
}

#[test]
fn copies_of_different_moments_have_to_agree_on_what_cannot_change() {
    for (pointer, other) in compared() {
        let mut later = with(pointer, &other);
        later["updated_at"] = json!("2026-10-29T23:00:00Z");
        let expected = LASTING.contains(&pointer).then(|| pointer.to_owned());
        assert_eq!(both(&backup(), &later), expected, "{pointer}");
    }
}

/// They depend on the kind of answer, or nothing asks for them.
#[test]
fn what_is_not_compared_may_differ() {
    for pointer in ["/children", "/replication_records", "/extend_info/os_images_data", "/extend_info/progress"] {
        assert_eq!(both(&backup(), &with(pointer, &Value::Null)), None, "{pointer}");
    }
    assert_eq!(both(&with("/updated_at", &json!("x")), &with("/updated_at", &json!("y"))), None);
    assert_eq!(both(&backup(), &with("/updated_at", &json!("y"))), None);
    assert_eq!(both(&backup(), &with("/extend_info/encrypted_algorithm", &json!("b"))), None);
}

#[test]
fn times_are_compared_as_moments() {
    let at = |time: &str| with("/created_at", &json!(time));
    for (one, other, agree) in [
        ("2026-10-28T22:00:00Z", "2026-10-28T22:00:00", true),
        ("2026-10-28T22:00:00Z", "2026-10-29T06:00:00+08:00", true),
        ("2026-10-28T22:00:00.001Z", "2026-10-28T22:00:00Z", true),
        ("2026-10-28T22:00:00.001001Z", "2026-10-28T22:00:00Z", false),
        ("2026-10-28", "2026-10-28T00:00:00Z", true),
        ("2026-10-28", "2026-10-28T23:59:59.999Z", true),
        ("2026-10-28", "2026-10-29T00:00:00Z", false),
        ("2026-10-28", "2026-10-27T23:59:59.999Z", false),
        ("2026-10-28", "2026-10-28", true),
        ("2026-10-28", "2026-10-29", false),
        ("2600-01-01T00:00:00Z", "2600-01-01T00:00:00Z", true),
        ("2600-01-01T00:00:00Z", "2600-01-02T00:00:00Z", false),
        ("2600-01-01T00:00:00Z", "2026-10-28T22:00:00Z", false),
    ] {
        let expected = (!agree).then(|| "/created_at".to_owned());
        assert_eq!(both(&at(one), &at(other)), expected, "{one} {other}");
    }
}
