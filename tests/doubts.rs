//! What is in doubt keeps a rule from judging where it could change the verdict, and nowhere else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::case;
use cbr_audit::rule::Case;
use cbr_audit::rules;
use pretty_assertions::assert_eq;
use program::{Scratch, report};
use serde_json::{Value, json};

/// Every verdict of a rule over a document at noon, with settings.
fn judged(rule: &str, document: &Value, settings: &[&'static str]) -> Vec<String> {
    let (document, settings) = (document.to_string().leak(), settings.to_vec().leak());
    case::verdicts(rules::find(rule).unwrap(), &Case::new("", document, &[]).set(settings)).unwrap()
}

fn over(rule: &str, backups: &Value, settings: &[&'static str]) -> Vec<String> {
    judged(rule, &json!({ "backups": backups }), settings)
}

#[test]
fn a_full_backup_in_doubt_counts_if_it_is_recent() {
    let verdicts = |created: &str, incremental: bool| {
        let doubtful = json!({"created_at": created, "status": "frozen", "incremental": incremental});
        over("full-backup-overdue", &json!([{"incremental": true}, doubtful]), &[])
    };
    assert_eq!(verdicts("-29d", false), ["unknown r1 value-unrecognised"]);
    assert_eq!(verdicts("-31d", false), ["fail r1 info"]);
    assert_eq!(verdicts("-29d", true), ["fail r1 info"]);
}

#[test]
fn restore_points_in_doubt_count_once_for_each_moment() {
    let doubtful = |created: &str| json!({"created_at": created, "status": "frozen"});
    let good = |created: &str| json!({ "created_at": created });
    let verdicts = |backups: Value| over("too-few-restore-points", &backups, &["min-points=2"]);
    assert_eq!(verdicts(json!([doubtful("-80h"), doubtful("-80h")])), ["fail r1 medium"]);
    assert_eq!(verdicts(json!([doubtful("-80h"), doubtful("-79h")])), ["unknown r1 value-unrecognised"]);
    assert_eq!(verdicts(json!([good("-80h"), doubtful("-80h")])), ["fail r1 medium"]);
    assert_eq!(verdicts(json!([good("-80h"), doubtful("-79h")])), ["unknown r1 value-unrecognised"]);
    assert_eq!(verdicts(json!([good("-80h"), good("-79h")])), ["pass r1"]);
}

#[test]
fn a_restore_point_in_doubt_may_open_a_gap_before_the_first_and_after_the_last_good_one() {
    let verdicts = |doubtful: &str| {
        let backups =
            json!([{"created_at": "-80h"}, {"created_at": "-60h"}, {"created_at": doubtful, "status": "frozen"}]);
        over("backup-gap", &backups, &["rpo-hours=20", "gap-factor=1", "gap-window-days=30"])
    };
    assert_eq!(verdicts("-101h"), ["unknown r1 value-unrecognised"]);
    assert_eq!(verdicts("-100h"), ["pass r1"]);
    assert_eq!(verdicts("-40h"), ["pass r1"]);
    assert_eq!(verdicts("-39h"), ["unknown r1 value-unrecognised"]);
    assert_eq!(verdicts("-70h"), ["pass r1"]);
    // Before the window nothing is asked for.
    let old = json!([{"created_at": "-33d"}, {"created_at": "-60d", "status": "frozen"}]);
    assert_eq!(
        over("backup-gap", &old, &["rpo-hours=20", "gap-factor=1", "gap-window-days=30"]),
        ["not-applicable r1"]
    );
}

/// Nobody knows whether it was there at the true time, so a unit that has one is only certain to fail.
#[test]
fn a_backup_later_than_the_inferred_time_leaves_passes_open() {
    let backup =
        |resource: &str, created: &str| json!({"resource_id": resource, "created_at": created, "expired_at": null});
    let document = json!({"backups": [
        backup("r1", "-30h"), backup("r1", "-2h"), backup("r1", "2031-01-01T00:00:00Z"),
        backup("r2", "-30h"), backup("r2", "-2h"),
    ]});
    let verdicts = |rule: &str, settings: &'static [&'static str]| {
        let case = Case::new("", document.to_string().leak(), &[]).set(settings).inferred();
        case::verdicts(rules::find(rule).unwrap(), &case).unwrap()
    };
    assert_eq!(verdicts("too-few-restore-points", &["min-points=2"]), ["unknown r1 clock-inferred", "pass r2"]);
    assert_eq!(verdicts("resource-unexpected", &[]), ["unknown r1 clock-inferred", "not-applicable r2"]);
    let gap = verdicts("backup-gap", &["rpo-hours=20", "gap-factor=1", "gap-window-days=30"]);
    assert_eq!(gap, ["fail r1 medium", "fail r2 medium"]);
}

#[test]
fn a_server_backup_is_as_encrypted_as_the_disk_that_is_asked_for() {
    let of_disk = |disk: &str, encrypted: bool| json!({"resource_id": disk, "extend_info": {"encrypted": encrypted}});
    let verdicts = |disks: Value| {
        let own = json!({"resource_type": "OS::Cinder::Volume", "resource_id": "d1", "created_at": "-27h"});
        let files = json!({"a.json": {"backups": [own]}, "b.json": {"backup": {"children": disks}}});
        judged("encryption-regressed", &json!({ "$files": files }), &[])
    };
    let kept = json!([of_disk("d2", false), of_disk("d1", true)]);
    assert_eq!(verdicts(kept), ["pass d1", "not-applicable r1"]);
    let lost = json!([of_disk("d2", true), of_disk("d1", false)]);
    assert_eq!(verdicts(lost), ["fail d1 critical", "not-applicable r1"]);
}

/// Another backup of the same moment is none before.
#[test]
fn a_disk_was_encrypted_before_if_an_earlier_backup_says_so() {
    let shown = |created: &str, disk: &str, encrypted: bool| json!({"backup": {"created_at": created, "children": [{"resource_id": disk, "extend_info": {"encrypted": encrypted}}]}});
    let verdict = |before: &str| {
        let (plain, twin) = (shown("-3h", "d1", false), shown("-3h", "d1", true));
        let files = json!({"a.json": shown("-27h", before, true), "b.json": plain, "c.json": twin});
        judged("encryption-regressed", &json!({ "$files": files }), &[]).remove(0)
    };
    assert_eq!(verdict("d1"), "fail r1 critical");
    assert_eq!(verdict("d9"), "fail r1 high");
}

#[test]
fn a_show_answer_without_the_key_of_disks_shows_that_there_are_none() {
    let verdicts = |document: Value| judged("children-missing", &document, &[]);
    assert_eq!(verdicts(json!({"backup": {"children": "$absent"}})), ["fail b1 high"]);
    assert_eq!(verdicts(json!({"backup": {"children": null}})), ["unknown b1 field-null"]);
    assert_eq!(verdicts(json!({"backup": {"children": 7}})), ["unknown b1 type-mismatch"]);
    assert_eq!(verdicts(json!({"backups": [{"children": "$absent"}]})), ["unknown b1 view-omits"]);
    assert_eq!(verdicts(json!({"backups": [{"children": null}]})), ["unknown b1 field-null"]);
}

#[test]
fn a_disk_that_could_not_be_read_leaves_open_what_all_disks_say() {
    let server = |disks: &str| {
        let record = r#""id": "b", "project_id": "p", "resource_id": "r", "resource_type": "OS::Nova::Server""#;
        let text = format!(r#"{{"backup": {{{record}, "status": "available", "children": [{disks}]}}}}"#);
        judged("child-status-mismatch", &json!({"$files": {"a.json": text}}), &[]).remove(0)
    };
    let disk = |id: &str| format!(r#"{{"id": "{id}", "parent_id": "b", "status": "available"}}"#);
    assert_eq!(server(&[disk("c"), disk("d")].join(", ")), "pass b");
    assert_eq!(server(&[disk("c"), r#"{"id": "d", "id": "d"}"#.to_owned()].join(", ")), "unknown b input-incomplete");
}

#[test]
fn the_disks_of_restore_points_that_are_not_compared_do_not_matter() {
    let verdicts = |other: Value| {
        let shown = |created: &str| json!({"backup": {"created_at": created, "children": [{"resource_id": "d1"}]}});
        let files = json!({"a.json": shown("-3h"), "b.json": shown("-27h"), "c.json": {"backup": other}});
        judged("disk-set-changed", &json!({ "$files": files }), &[])
    };
    let doubtful = |created: &str, image: &str| json!({"created_at": created, "image_type": image, "status": "frozen"});
    assert_eq!(verdicts(doubtful("-51h", "backup")), ["pass r1"]);
    assert_eq!(verdicts(doubtful("-26h", "backup")), ["unknown r1 value-unrecognised"]);
}

/// What a record does not say is nothing that its disk could share, whatever stands first in the dump.
#[test]
fn a_disk_is_not_compared_with_what_its_server_does_not_say() {
    let uuid = "00000000-0000-4000-8000-000000000001";
    let disk = json!({"id": "c", "project_id": "x", "vault_id": "x", "checkpoint_id": uuid, "image_type": "backup"});
    let server = json!({"id": "b", "resource_id": "x", "project_id": null, "vault_id": null, "checkpoint_id": null,
        "image_type": null, "children": [disk]});
    let document = json!({"$files": {"a.json": json!({ "backup": server }).to_string()}});
    assert_eq!(judged("child-context-mismatch", &document, &[]), ["unknown c field-null"]);
}

#[test]
fn ends_in_doubt_may_make_a_cluster() {
    // Four ends of two days and one in doubt: it could be the fifth, of a third day.
    let end = |hours: u32, end: Value| json!({"created_at": format!("-{hours}h"), "expired_at": end});
    let dated = |hours: u32| end(hours, json!("2026-04-01T00:00:00Z"));
    let backups = |last: Value| json!([dated(1), dated(2), dated(30), dated(31), last]);
    assert_eq!(over("expiry-clustered", &backups(end(60, json!(7))), &[]), ["unknown v1 type-mismatch"]);
    assert_eq!(over("expiry-clustered", &backups(dated(60)), &[]), ["fail v1 high"]);
    assert_eq!(over("expiry-clustered", &backups(dated(32)), &[]), ["pass v1"]);
}

#[test]
fn a_cluster_may_begin_with_any_end() {
    let made = |day: u32, end: &str| json!({"created_at": format!("2026-02-{day:02}T01:00:00Z"), "expired_at": end});
    let ends = [
        "2026-04-01T00:00:00Z",
        "2026-04-01T13:00:00Z",
        "2026-04-02T01:00:00Z",
        "2026-04-02T06:00:00Z",
        "2026-04-02T12:00:00Z",
    ];
    let verdicts = |days: [u32; 5]| {
        let backups: Vec<_> = days.iter().zip(ends).map(|(&day, end)| made(day, end)).collect();
        over("expiry-clustered", &json!(backups), &["cluster-min=4"])
    };
    assert_eq!(verdicts([20, 20, 21, 22, 21]), ["fail v1 high"]);
    assert_eq!(verdicts([20, 20, 21, 21, 21]), ["pass v1"]);
    // The day of an end that is out of the window counts no more.
    assert_eq!(verdicts([19, 20, 21, 21, 20]), ["pass v1"]);
}

/// The findings of a rule over a dump.
fn findings(rule: &str, files: &[(&str, Value)]) -> Vec<Value> {
    let scratch = Scratch::new();
    files.iter().for_each(|(name, answer)| drop(scratch.write(name, answer.to_string())));
    let (report, _) = report(&scratch.path(""), &["--only", rule, "--as-of", "2026-11-02T00:00:00Z"]);
    report["findings"].as_array().unwrap().clone()
}

fn backup(id: &str, changes: &Value) -> Value {
    let mut backup = json!({
        "id": id, "project_id": "p1", "vault_id": "v1", "resource_id": "r1", "resource_type": "OS::Cinder::Volume",
        "status": "available", "image_type": "backup", "created_at": "2026-11-01T01:00:00Z", "children": [],
        "updated_at": "2026-11-01T01:00:00Z", "expired_at": "2027-01-01T00:00:00Z", "replication_records": [],
        "extend_info": {"encrypted": true, "auto_trigger": true},
    });
    backup.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    backup
}

#[test]
fn of_restore_points_in_doubt_the_one_that_may_have_the_copy_is_named() {
    let copy = json!([{"id": "x", "status": "success", "created_at": "2026-11-01T02:00:00Z", "source_region": "eu-de",
        "destination_region": "eu-nl", "destination_backup_id": "copy"}]);
    let doubtful = |id: &str, copies: &Value| backup(id, &json!({"status": "frozen", "replication_records": copies}));
    let named = |first: Value, second: Value| {
        let backups = json!({"backups": [first, second], "count": 2});
        let found = findings("offsite-copy-missing", &[("a.json", backups), ("capture.json", shown())]);
        let told = |finding: &Value| {
            format!("{} {}", finding["verdict"].as_str().unwrap(), finding["evidence"]["pointer"].as_str().unwrap())
        };
        found.iter().map(told).collect::<Vec<_>>()
    };
    let none = json!([]);
    let at = |number: usize| vec![format!("unknown /backups/{number}/replication_records")];
    assert_eq!(named(doubtful("a", &none), doubtful("b", &copy)), at(1));
    assert_eq!(named(doubtful("a", &copy), doubtful("b", &none)), at(0));
    assert_eq!(named(doubtful("a", &none), doubtful("b", &none)).len(), 1);
    assert!(named(doubtful("a", &none), doubtful("b", &none))[0].starts_with("fail"));
}

fn shown() -> Value {
    json!({"captured_at": "2026-11-02T00:00:00Z", "show_replication": true})
}

#[test]
fn how_the_policies_of_the_vault_keep_backups_is_said_beside_an_end_that_is_not_known() {
    let said = |keeps: Value| {
        let policy = json!({"id": "q1", "name": "q", "enabled": true, "operation_type": "backup", "trigger": {},
            "operation_definition": keeps, "associated_vaults": [{"vault_id": "v1"}]});
        let list = json!({"backups": [backup("a", &json!({"expired_at": null}))], "count": 1});
        let found =
            findings("retention-too-short", &[("a.json", list), ("p.json", json!({"policies": [policy], "count": 1}))]);
        found[0]["observed"].as_str().unwrap().to_owned()
    };
    let by_number = said(json!({"max_backups": 1, "retention_duration_days": -1}));
    assert!(by_number.contains("a policy of the vault keeps by number: max_backups 1"), "{by_number}");
    for most in [0, -1] {
        let for_ever = said(json!({"max_backups": most, "retention_duration_days": -1}));
        assert!(for_ever.contains("a policy of the vault keeps them for ever"), "{for_ever}");
        let for_days = said(json!({"max_backups": most, "retention_duration_days": 1}));
        assert!(!for_days.contains("a policy"), "{for_days}");
    }
    let neither = said(json!({}));
    assert!(neither.contains("a policy of the vault keeps them for ever"), "{neither}");
}

/// A mistyped year leaves nothing to judge, and nothing found is no good answer then.
#[test]
fn an_as_of_time_before_every_record_leaves_the_answer_incomplete() {
    let backup = |id: &str, created: &str| {
        json!({
            "id": id, "status": "available", "image_type": "backup", "resource_type": "OS::Cinder::Volume",
            "resource_id": "r1", "vault_id": "v1", "project_id": "p1", "created_at": created, "parent_id": null,
        })
    };
    let scratch = Scratch::new();
    let two = json!([backup("b1", "2026-10-30T01:00:00.000000"), backup("b2", "2026-10-31T01:00:00.000000")]);
    scratch.write("a.json", json!({"backups": two, "count": 2, "offset": 0}).to_string());
    let judged = |as_of: &str| {
        let (report, status) = report(&scratch.path(""), &["--as-of", as_of, "--only", "child-orphaned"]);
        (report["incomplete"][0]["cause"].as_str().unwrap_or_default().to_owned(), status)
    };
    let cause = "every record was made after the as-of time (2 records)";
    assert_eq!(judged("2025-11-01T06:00:00Z"), (cause.to_owned(), 4));
    assert_eq!(judged("2026-10-30T06:00:00Z"), (String::new(), 0));
    assert_eq!(judged("2026-11-01T06:00:00Z"), (String::new(), 0));
}

/// A list around the backups that is cut short leaves the answer on them complete, and so is a failure as any other.
#[test]
fn a_short_list_of_vaults_counts_from_its_severity_on() {
    let scratch = Scratch::new();
    let backup = json!({"id": "b1", "resource_id": "r1", "vault_id": "v1", "created_at": "2026-10-31T01:00:00.000000"});
    scratch.write("a.json", json!({"backups": [backup], "count": 1}).to_string());
    scratch.write("v.json", json!({"vaults": [{"id": "v1", "billing": {}, "resources": []}], "count": 5}).to_string());
    let status = |fail_on: &str| {
        let only = ["--as-of", "2026-11-01T06:00:00Z", "--only", "vault-list-incomplete", "--fail-on", fail_on];
        report(&scratch.path(""), &only).1
    };
    assert_eq!(["medium", "low", "info", "none"].map(status), [0, 1, 1, 0]);
}

/// The time of an export may be that of the clock on a wall.
#[test]
fn a_note_whose_time_names_no_zone_is_told() {
    let told = |times: &[&str], arguments: &[&str]| {
        let scratch = Scratch::new();
        for (directory, time) in ["a", "b", "c"].iter().zip(times) {
            scratch.write(&format!("{directory}/capture.json"), json!({ "captured_at": time }).to_string());
            let list = json!({"backups": [backup(&format!("{directory}1"), &json!({}))], "count": 1});
            scratch.write(&format!("{directory}/l.json"), list.to_string());
        }
        let (report, _) = report(&scratch.path(""), arguments);
        let notes = report["notes"].as_array().unwrap().iter().filter_map(Value::as_str);
        notes.filter(|note| note.contains("captured_at")).map(str::to_owned).collect::<Vec<_>>()
    };
    let (zone, none) = ("2026-11-01T06:00:00Z", "2026-11-01T06:00:00");
    assert_eq!(told(&[zone, "2026-11-01T07:00:00+01:00"], &[]), Vec::<String>::new());
    assert_eq!(told(&[none], &[]), ["a/capture.json: captured_at names no zone and was read as UTC"]);
    assert_eq!(
        told(&[zone, none, none], &[]),
        ["b/capture.json: captured_at names no zone and was read as UTC, as in 1 other note"]
    );
    assert_eq!(told(&[none], &["--as-of", zone]), Vec::<String>::new());
    // What stands for no end at all is no moment of an export.
    let endless = "a/capture.json: captured_at is no readable time with a clock";
    assert_eq!(told(&["9999-12-31T23:59:59Z"], &[]), [endless]);
}
