//! Which reading of a backup supplies what, and what the unusual values of a record come to.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::case;
use cbr_audit::rule::Case;
use cbr_audit::rules;
use pretty_assertions::assert_eq;
use program::{Scratch, report, run};
use serde_json::{Value, json};

/// Every verdict of a rule over a document at noon, with settings.
fn judged(rule: &str, document: &Value, settings: &[&'static str]) -> Vec<String> {
    let (document, settings) = (document.to_string().leak(), settings.to_vec().leak());
    case::verdicts(rules::find(rule).unwrap(), &Case::new("", document, &[]).set(settings)).unwrap()
}

fn backup(changes: &Value) -> Value {
    let mut backup = json!({
        "id": "a", "project_id": "p1", "vault_id": "v1", "resource_id": "r1", "resource_type": "OS::Cinder::Volume",
        "status": "available", "image_type": "backup", "created_at": "2026-11-01T01:00:00Z", "children": [],
        "updated_at": "2026-11-01T01:00:00Z", "expired_at": "2027-01-01T00:00:00Z", "replication_records": [],
        "extend_info": {"encrypted": true, "auto_trigger": true},
    });
    backup.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    backup
}

fn list(changes: &Value) -> Value {
    json!({"backups": [backup(changes)], "count": 1})
}

/// The findings of a rule over files, each as verdict, what is observed, and where.
fn findings(rule: &str, files: &[(&str, Value)]) -> Vec<[String; 3]> {
    let scratch = Scratch::new();
    files.iter().for_each(|(name, answer)| drop(scratch.write(name, answer.to_string())));
    let (report, _) = report(&scratch.path(""), &["--only", rule, "--as-of", "2026-11-02T00:00:00Z"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = |finding: &Value| {
        let place = format!("{} {}", text(&finding["evidence"]["file"]), text(&finding["evidence"]["pointer"]));
        [text(&finding["verdict"]), text(&finding["observed"]), place]
    };
    report["findings"].as_array().unwrap().iter().map(told).collect()
}

fn observed(rule: &str, changes: &Value) -> Vec<String> {
    findings(rule, &[("a.json", list(changes))]).into_iter().map(|[_, observed, _]| observed).collect()
}

#[test]
fn times_out_of_range_are_told_in_utc() {
    for (written, told) in [
        ("2600-01-01T08:00:00+08:00", "2600-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("1600-01-01T00:00:00", "1600-01-01T00:00:00Z"),
    ] {
        assert_eq!(observed("timestamp-inconsistent", &json!({"expired_at": written})), [told]);
        // They are there all the same.
        assert_eq!(observed("required-field-missing", &json!({"created_at": written})), [""; 0]);
    }
    assert_eq!(observed("required-field-missing", &json!({"created_at": "never"})).len(), 1);
    let copied =
        |created: &str| observed("timestamp-inconsistent", &json!({"replication_records": [{"created_at": created}]}));
    assert_eq!(copied("1600-01-01T08:00:00+08:00"), ["1600-01-01T00:00:00Z"]);
    assert_eq!(copied("2020-01-01T08:00:00+08:00"), ["2020-01-01T00:00:00Z"]);
    assert_eq!(copied("2600-01-01T08:00:00+08:00"), [""; 0]);
}

#[test]
fn a_word_that_resembles_a_documented_one_is_told_with_it() {
    let told = |changes: Value| observed("value-unrecognised", &changes);
    assert_eq!(told(json!({"status": "Available"})), ["Available (the documented word is available)"]);
    assert_eq!(told(json!({"image_type": "BACKUP"})), ["BACKUP (the documented word is backup)"]);
    let server = "OS::Nova::server (the documented word is OS::Nova::Server)";
    assert_eq!(told(json!({"resource_type": "OS::Nova::server"})), [server]);
    let info = json!({"extend_info": {"supported_restore_mode": "NA"}});
    assert_eq!(told(info), ["NA (the documented word is na)"]);
    assert_eq!(
        told(json!({"replication_records": [{"status": "Success"}]})),
        ["Success (the documented word is success)"]
    );
    assert_eq!(told(json!({"status": "frozen"})), ["frozen"]);
    // Where all words are foreign, each is told.
    let consistency = json!({"app_consistency": "x", "app_consistency_status": "x"});
    let info = json!({"supported_restore_mode": "x", "app_consistency": consistency});
    let all = json!({"status": "x", "image_type": "x", "resource_type": "x", "extend_info": info});
    assert_eq!(told(all), ["x"; 6]);
}

/// A show answer shows that there are no replication records; a newer list answer does not.
#[test]
fn what_is_not_shown_is_read_where_it_is_shown() {
    let newer = list(&json!({"updated_at": "2026-11-01T05:00:00Z"}));
    let show = json!({"backup": backup(&json!({}))});
    let found = findings("offsite-copy-missing", &[("a.json", newer.clone()), ("b.json", show)]);
    let words = "no successful replication to another region".to_owned();
    assert_eq!(found, [["fail".to_owned(), words, "b.json /backup/replication_records".to_owned()]]);
    let found = findings("offsite-copy-missing", &[("a.json", newer)]);
    assert_eq!(found[0][0], "unknown");
    assert_eq!(found[0][2], "a.json /backups/0/replication_records");
}

#[test]
fn how_many_backups_have_copies_is_noted() {
    let note = |ids: &[&str]| {
        let scratch = Scratch::new();
        let list =
            |ids: &[&str]| json!({"backups": ids.iter().map(|id| backup(&json!({"id": id}))).collect::<Vec<_>>()});
        scratch.write("a.json", list(&["a", "b", "c"]).to_string());
        scratch.write("b.json", list(ids).to_string());
        let (report, _) = report(&scratch.path(""), &[]);
        let notes = report["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap().to_owned());
        notes.filter(|note| note.contains("merged by id")).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(note(&["d"]), "");
    assert_eq!(note(&["a"]), "1 record stands in several answers and was merged by id.");
    assert_eq!(note(&["a", "c", "d"]), "2 records stand in several answers and were merged by id.");
}

/// The four questions count backups, and the disks in them.
#[test]
fn the_disks_of_a_server_backup_are_counted_in_the_answer_to_a_question() {
    let told = |disks: usize| {
        let disk = |number: usize| backup(&json!({"id": format!("d{number}"), "resource_id": format!("d{number}")}));
        let disks: Vec<_> = (0..disks).map(disk).collect();
        let expired = "2026-10-20T00:00:00Z";
        let server = json!({"resource_type": "OS::Nova::Server", "created_at": "2026-10-01T00:00:00Z",
            "expired_at": expired, "children": disks});
        let scratch = Scratch::new();
        let path = scratch.write("a.json", json!({"backup": backup(&server)}).to_string());
        let ran = run(["report", path.to_str().unwrap(), "--as-of=2026-11-02T00:00:00Z"]);
        let line = ran.out.lines().find(|line| line.contains("Expired")).unwrap().to_owned();
        line.split_whitespace().skip(1).take(4).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(told(1), "1 backup (1 disk)");
    assert_eq!(told(3), "1 backup (3 disks)");
}

#[test]
fn an_empty_id_is_none() {
    let scratch = Scratch::new();
    let empty = json!({"backups": [backup(&json!({"id": ""})), backup(&json!({"id": ""}))], "count": 2});
    let path = scratch.write("a.json", empty.to_string());
    let (report, _) = report(&path, &[]);
    assert_eq!(report["inputs"]["records"], 2, "two backups without an id are two");
    for parent in [json!(""), Value::Null] {
        assert_eq!(findings("child-orphaned", &[("a.json", list(&json!({"parent_id": parent})))]), [[""; 3]; 0]);
        assert_eq!(findings("parent-link-mismatch", &[("a.json", list(&json!({"parent_id": parent})))]), [[""; 3]; 0]);
    }
    let found = findings("child-orphaned", &[("a.json", list(&json!({"parent_id": "gone"})))]);
    assert_eq!(found.len(), 1);
    let checkpoint = |id: Value| observed("required-field-missing", &json!({"checkpoint_id": id}));
    assert_eq!(checkpoint(json!("")), checkpoint(Value::Null));
}

/// Of readings of one moment the one with more keys speaks first, whatever the values are worth.
#[test]
fn the_richer_reading_speaks_first() {
    let plain = |more: &Value| {
        let mut record = backup(&json!({"extend_info": {"encrypted": false}}));
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"backups": [record], "count": 1})
    };
    let place = |one: &Value, other: &Value| {
        findings("backup-unencrypted", &[("a.json", plain(one)), ("b.json", plain(other))])[0][2].clone()
    };
    let [none, one, two] = [json!({}), json!({"version": []}), json!({"version": 3, "name": "n"})];
    let [a, b] = ["a", "b"].map(|file| format!("{file}.json /backups/0/extend_info/encrypted"));
    assert_eq!(place(&none, &none), a);
    assert_eq!(place(&none, &one), b, "a value of no use is a key, too");
    assert_eq!(place(&one, &none), a);
    assert_eq!(place(&one, &two), b);
    assert_eq!(place(&none, &json!({"version": null})), b);
}

#[test]
fn a_bare_date_is_no_moment_of_protection() {
    let verdicts = |protected: &str| {
        judged("rpo-breach", &json!({"backups": [{"created_at": "-3h", "protected_at": protected}]}), &["rpo-hours=10"])
    };
    assert_eq!(verdicts("2026-02-28T06:00:00Z"), ["fail r1 high stale"]);
    assert_eq!(verdicts("2026-02-28"), ["pass r1"]);
    assert_eq!(verdicts("2026-03-01T09:00:00Z"), ["pass r1"]);
}

/// Then nobody knows whether the disks are all of the disks.
#[test]
fn a_newer_show_answer_without_the_disks_of_an_older_one_leaves_them_open() {
    let shown =
        |updated: &str, children: Value| json!({"backup": {"id": "b1", "updated_at": updated, "children": children}});
    let verdicts = |one: Value, other: Value| {
        let files = json!({"a.json": one, "b.json": other});
        judged("child-status-mismatch", &json!({ "$files": files }), &[]).remove(0)
    };
    let disks = || json!([{"id": "d1"}]);
    assert_eq!(verdicts(shown("-1h", json!([])), shown("-2h", disks())), "unknown b1 input-incomplete");
    assert_eq!(verdicts(shown("-1h", disks()), shown("-2h", disks())), "pass b1");
    assert_eq!(verdicts(shown("-1h", disks()), shown("-2h", json!([]))), "pass b1");
    let newer_list = json!({"backups": [{"id": "b1", "updated_at": "-1h", "children": []}]});
    assert_eq!(verdicts(newer_list, shown("-2h", disks())), "pass b1", "a list answer shows no disks");
}

#[test]
fn replicas_in_the_dump_leave_open_what_a_record_without_their_ids_copied() {
    let source = json!({"replication_records": [{"destination_backup_id": null}]});
    let over = |backups: Value| judged("offsite-copy-missing", &json!({ "backups": backups }), &[]).remove(0);
    assert_eq!(over(json!([source])), "pass r1");
    let replica = |image: Value| json!({"image_type": image, "project_id": "p9", "resource_id": "r9"});
    assert_eq!(over(json!([source, replica(json!("replication"))])), "unknown r1 field-null");
    assert_eq!(over(json!([source, replica(Value::Null)])), "unknown r1 field-null");
    assert_eq!(over(json!([source, replica(json!("backup"))])), "pass r1");
    // Without a project nobody knows where the copy should be; without any replica nobody expects it.
    let source = json!({"replication_records": [{"destination_project_id": "$absent"}]});
    let unmatched = |backups: Value| judged("replica-unmatched", &json!({ "backups": backups }), &[]).remove(0);
    assert!(unmatched(json!([source])).starts_with("not-applicable b1"));
    assert!(unmatched(json!([source, replica(json!("replication"))])).starts_with("unknown b1"));
    let linked = json!([
        source,
        {"resource_id": "r2", "replication_records": [{"destination_backup_id": "b3"}]},
        {"resource_id": "r2", "image_type": "replication"}
    ]);
    assert!(unmatched(linked).starts_with("unknown b1"));
}

#[test]
fn the_disks_of_server_backups_are_no_backups_of_the_vault() {
    let server = |number: u32| {
        let end = "2026-04-01T00:00:00Z";
        json!({"created_at": format!("-{}h", number * 24), "expired_at": end,
            "children": [{"expired_at": end}, {"expired_at": end}]})
    };
    let verdicts = |servers: u32| {
        judged("expiry-clustered", &json!({"backups": (1..=servers).map(server).collect::<Vec<_>>()}), &[])
    };
    assert_eq!(verdicts(4), ["pass v1"]);
    assert_eq!(verdicts(5), ["fail v1 high"]);
}

#[test]
fn every_known_key_that_was_met_passes() {
    let passes = |record: Value| {
        let scratch = Scratch::new();
        let path = scratch.write("a.json", json!({"backups": [record]}).to_string());
        report(&path, &["--only", "schema-drift"]).0["rules"][0]["pass"].as_u64().unwrap()
    };
    assert_eq!(passes(json!({"id": "a", "resource_id": "r", "vault_id": "v"})), 3);
    assert_eq!(passes(json!({"id": "a", "status": null, "extend_info": {"encrypted": true, "bootable": false}})), 5);
    assert_eq!(passes(json!({"id": "a", "unheard": 1, "status": 7})), 1);
}

/// Of long lists that differ in their order it is not looked whether they hold the same.
#[test]
fn replication_records_in_another_order_are_the_same_unless_they_are_very_many() {
    let verdict = |number: usize| {
        let copies = |of: &mut dyn Iterator<Item = usize>| -> Vec<Value> {
            of.map(|copy| json!({"destination_backup_id": format!("c{copy}")})).collect()
        };
        let (one, other) = (copies(&mut (0..number)), copies(&mut (0..number).rev()));
        let shown = |copies: Vec<Value>| json!({"backup": {"id": "b1", "replication_records": copies}});
        judged("offsite-copy-missing", &json!({"$files": {"a.json": shown(one), "b.json": shown(other)}}), &[])
            .remove(0)
    };
    assert_eq!(verdict(2), "pass r1");
    assert_eq!(verdict(256), "pass r1");
    assert_eq!(verdict(257), "unknown r1 record-conflict");
}
