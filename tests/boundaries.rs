//! Rules at the very bound of what they allow, and the numbers and words that their findings carry.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use pretty_assertions::assert_eq;
use program::{Scratch, report};
use serde_json::{Value, json};

/// One disk.
fn backup() -> Value {
    json!({
        "id": "a", "project_id": "p1", "vault_id": "v1", "resource_id": "r1", "resource_type": "OS::Cinder::Volume",
        "status": "available", "image_type": "backup", "created_at": "2026-11-01T01:00:00Z",
        "updated_at": "2026-11-01T01:00:00Z", "expired_at": "2027-01-01T00:00:00Z", "children": [],
        "replication_records": [], "extend_info": {"encrypted": true, "auto_trigger": true},
    })
}

fn with(key: &str, value: Value) -> Value {
    let mut backup = backup();
    backup[key] = value;
    json!({ "backup": backup })
}

/// The failures of a rule over one answer: observed, and expected.
fn failures(rule: &str, as_of: &str, answer: &Value) -> Vec<(String, String)> {
    let scratch = Scratch::new();
    let path = scratch.write("a.json", answer.to_string());
    let (report, _) = report(&path, &["--only", rule, "--as-of", as_of]);
    let findings = report["findings"].as_array().unwrap().iter();
    let failed = findings.filter(|finding| finding["verdict"] == "fail" && finding["rule"] == rule);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    failed.map(|finding| (text(&finding["observed"]), text(&finding["expected"]))).collect()
}

const LATER: &str = "2026-12-01T00:00:00Z";

#[test]
fn a_backup_is_stuck_when_it_stays_longer_than_the_limit() {
    let count = |as_of: &str| failures("backup-stuck", as_of, &with("status", json!("protecting"))).len();
    assert_eq!(["2026-11-02T01:00:00Z", "2026-11-02T01:00:01Z"].map(count), [0, 1]);
}

#[test]
fn no_time_is_earlier_than_2010() {
    let count = |created: &str| failures("timestamp-inconsistent", LATER, &with("created_at", json!(created))).len();
    assert_eq!(["2010-01-01T00:00:00Z", "2009-12-31T23:59:59Z"].map(count), [0, 1]);
    // Also where another time is at fault.
    let beside = |created: &str| {
        let mut answer = with("created_at", json!(created));
        answer["backup"]["expired_at"] = json!("never");
        failures("timestamp-inconsistent", LATER, &answer).len()
    };
    assert_eq!(["2010-01-01T00:00:00Z", "2009-12-31T23:59:59Z"].map(beside), [1, 2]);
}

/// Of 365.25 days.
#[test]
fn no_time_is_later_than_fifty_years_from_now() {
    let count = |expired: &str| failures("timestamp-inconsistent", LATER, &with("expired_at", json!(expired))).len();
    assert_eq!(["2076-11-30T12:00:00Z", "2076-11-30T12:00:00.000001Z"].map(count), [0, 1]);
}

#[test]
fn times_of_one_event_may_lie_a_second_apart() {
    let count = |key: &str, time: &str| failures("timestamp-inconsistent", LATER, &with(key, json!(time))).len();
    let protected = ["2026-11-01T01:00:01Z", "2026-11-01T01:00:01.000001Z"];
    assert_eq!(protected.map(|time| count("protected_at", time)), [0, 1]);
    let updated = ["2026-11-01T00:59:59Z", "2026-11-01T00:59:58.999999Z"];
    assert_eq!(updated.map(|time| count("updated_at", time)), [0, 1]);
    let expired = ["2026-11-01T01:00:00.000001Z", "2026-11-01T01:00:00Z"];
    assert_eq!(expired.map(|time| count("expired_at", time)), [0, 1]);
}

#[test]
fn a_replication_begins_when_its_source_is_there() {
    let expected = |created: Value| {
        let record = json!({"id": "x", "status": "success", "destination_region": "eu-nl", "created_at": created});
        let failed = failures("timestamp-inconsistent", LATER, &with("replication_records", json!([record])));
        failed.into_iter().map(|(_, expected)| expected).collect::<Vec<_>>().join("; ")
    };
    // A second earlier may be a matter of rounding.
    assert_eq!(expected(json!("2026-11-01T01:00:00Z")), "");
    assert_eq!(expected(json!("2026-11-01T00:59:59Z")), "");
    assert_eq!(expected(json!("2026-11-01T00:59:58.999999Z")), "not before created_at of the backup");
    assert_eq!(expected(json!(7)), "a readable time");
}

#[test]
fn a_replication_that_does_not_end_is_told_with_how_far_it_has_come() {
    let observed = |progress: Value| {
        let record = json!({"id": "x", "status": "replicating", "created_at": "2026-11-01T02:00:00Z",
            "destination_region": "eu-nl", "extra_info": {"progress": progress}});
        failures("replication-stuck", LATER, &with("replication_records", json!([record]))).remove(0).0
    };
    let without = observed(Value::Null);
    assert!(!without.contains('%'), "{without}");
    assert!(observed(json!(40)).contains("40 % after"), "{}", observed(json!(40)));
    assert!(observed(json!("41")).contains("41 % after"), "{}", observed(json!("41")));
}

/// An older dialect has the error of a replication as a text, of JSON or plain.
#[test]
fn the_error_of_a_replication_is_told_in_whatever_form() {
    let observed = |extra: Value| {
        let record = json!({"id": "x", "status": "fail", "created_at": "2026-11-01T02:00:00Z",
            "destination_region": "eu-nl", "extra_info": extra});
        failures("replication-failed", LATER, &with("replication_records", json!([record]))).remove(0).0
    };
    let told = observed(json!({"fail_code": "E.1", "fail_reason": "no room"}));
    assert!(told.contains("E.1") && told.contains("no room"), "{told}");
    assert_eq!(observed(json!(r#"{"fail_code": "E.1", "fail_reason": "no room", "progress": 7}"#)), told);
    let code = observed(json!({"fail_code": "7", "fail_reason": "no room"}));
    assert_eq!(observed(json!(r#"{"fail_code": "7", "fail_reason": "no room"}"#)), code);
    assert!(observed(json!("no room at all")).contains("no room at all"));
}

#[test]
fn a_list_that_is_short_says_what_it_lists() {
    let vault = json!({"id": "v1", "name": "v", "billing": {"size": 1}, "resources": []});
    let policy = json!({"id": "q1", "name": "q", "enabled": true, "operation_type": "backup", "operation_definition": {}, "trigger": {}});
    for (answer, words) in [
        (json!({"vaults": [vault], "count": 3}), "1 of 3 vaults"),
        (json!({"policies": [policy], "count": 2}), "1 of 2 policies"),
    ] {
        let failed = failures("vault-list-incomplete", LATER, &answer);
        assert_eq!(failed.into_iter().map(|(observed, _)| observed).collect::<Vec<_>>(), [words]);
    }
}

#[test]
fn what_is_too_deep_is_counted() {
    let child = |id: &str, children: Value| json!({"id": id, "children": children});
    let deep = child("b", json!([child("c", json!([])), child("d", json!([]))]));
    for (children, words) in [(json!([deep]), "children of children (2 in all)"), (json!([]), "")] {
        let failed = failures("schema-drift", LATER, &with("children", children));
        let found = failed.iter().filter(|(observed, _)| observed.starts_with("children of children"));
        assert_eq!(found.map(|(observed, _)| observed.as_str()).collect::<Vec<_>>().join("; "), words);
    }
}

/// The severities of the failures of a rule over a list answer.
fn severities(rule: &str, backups: &[Value], set: &[&str]) -> Vec<String> {
    let scratch = Scratch::new();
    let path = scratch.write("a.json", json!({ "backups": backups, "count": backups.len() }).to_string());
    let (report, _) = report(&path, &[&["--only", rule, "--as-of", "2026-11-02T00:00:00Z"], set].concat());
    let findings = report["findings"].as_array().unwrap().iter();
    let failed = findings.filter(|finding| finding["verdict"] == "fail" && finding["rule"] == rule);
    failed.map(|finding| finding["severity"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_common_end_is_near_for_a_week_and_far_after_a_year() {
    let severity = |end: &str| {
        let made = |day: usize| {
            let mut backup = backup();
            backup["id"] = json!(format!("b{day}"));
            backup["created_at"] = json!(format!("2026-10-{:02}T01:00:00Z", 25 + day));
            backup["expired_at"] = json!(end);
            backup
        };
        severities("expiry-clustered", &(0..5).map(made).collect::<Vec<_>>(), &[])
    };
    assert_eq!(severity("2026-11-09T00:00:00Z"), ["critical"]);
    assert_eq!(severity("2026-11-09T00:00:00.000001Z"), ["high"]);
    assert_eq!(severity("2027-11-02T00:00:00Z"), ["high"]);
    assert_eq!(severity("2027-11-02T00:00:00.000001Z"), ["info"]);
}

#[test]
fn where_images_are_needed_another_that_makes_them_is_better() {
    let made = |id: &str, mode: &str| {
        let mut backup = backup();
        backup["id"] = json!(id);
        backup["extend_info"]["supported_restore_mode"] = json!(mode);
        backup
    };
    let severity = |other: &str, need: &str| {
        let set = format!("restore-need={need}");
        severities("not-restorable-in-place", &[made("a", "na"), made("b", other)], &["--set", &set])
    };
    assert_eq!(severity("snapshot", "image"), ["low"]);
    assert_eq!(severity("backup", "image"), ["low"]);
    assert_eq!(severity("snapshot", "in-place"), ["high"]);
    assert_eq!(severity("backup", "in-place"), ["low"]);
}
