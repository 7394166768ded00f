//! Traps that a reader of dumps has fallen into once: each test is a dump that looked harmless and would have lost a
//! record, passed a failure or ended in the wrong exit status.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use std::fs;
use std::path::Path;

use cbr_audit::case::complete;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

/// Writes a document of worked-case shorthand and returns its dump.
fn dump(document: &Value) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in complete::files(&document.to_string()).unwrap() {
        write(&folder.path().join(path), &text);
    }
    folder
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::File::create(path).and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes())).unwrap();
}

fn noon(dump: &Path, arguments: &[&str]) -> (Value, i32) {
    let mut all = vec!["--as-of", "2026-03-01T12:00:00Z"];
    all.extend(arguments);
    program::report(dump, &all)
}

/// The counts of a rule: evaluated, pass, fail, unknown.
fn counts(report: &Value, rule: &str) -> [u64; 4] {
    let row = report["rules"].as_array().unwrap().iter().find(|row| row["id"] == rule).unwrap();
    ["evaluated", "pass", "fail", "unknown"].map(|key| row[key].as_u64().unwrap())
}

#[test]
fn a_resource_that_was_born_after_the_as_of_time_is_not_judged() {
    let dump = dump(&json!({"backups": [{"resource_id": "r1"}, {"resource_id": "r2", "created_at": "+2d"}]}));
    let (report, _) = noon(dump.path(), &["--only", "rpo-breach", "--only", "offsite-copy-missing"]);
    assert_eq!(counts(&report, "rpo-breach"), [1, 1, 0, 0]);
    assert_eq!(report["inputs"]["after_as_of"], 1);
}

#[test]
fn what_is_wrong_with_the_input_sets_bit_four_and_never_bit_one() {
    let dump = dump(&json!({"backup": {}}));
    write(&dump.path().join("login.json"), "<html></html>");
    let (report, status) = noon(dump.path(), &["--only", "input-unreadable"]);
    assert_eq!((counts(&report, "input-unreadable")[2], status), (1, 4));
}

#[test]
fn an_older_reading_does_not_lend_its_status_to_a_newer_one() {
    let files = |status: &str| {
        json!({"$files": {
            "a.json": {"backup": {"id": "b1", "updated_at": "-2h"}},
            "b.json": {"backup": {"id": "b1", "updated_at": "-1h", "status": status}},
        }})
    };
    let judged = |status: &str| counts(&noon(dump(&files(status)).path(), &[]).0, "backup-error");
    assert_eq!(judged("error"), [1, 0, 1, 0]);
    assert_eq!(judged("$absent"), [1, 0, 0, 1]);
}

#[test]
fn a_contradiction_between_poorer_copies_is_seen_in_whatever_order_they_lie() {
    for (one, other) in [("available", "error"), ("error", "available")] {
        let rich = json!({"backup": {"id": "b1", "status": "$absent", "updated_at": "$absent"}});
        let poor = |status: &str| json!({"backup": {"id": "b1", "status": status, "updated_at": "$absent"}});
        let files = json!({"$files": {"a.json": rich, "b.json": rich, "c.json": poor(one), "d.json": poor(other)}});
        let (report, _) = noon(dump(&files).path(), &[]);
        assert_eq!(counts(&report, "duplicate-conflict"), [1, 0, 1, 0]);
        assert_eq!(counts(&report, "rpo-breach")[1], 0);
    }
}

#[test]
fn a_replica_in_the_same_region_is_no_copy_elsewhere() {
    let source = json!({"backup": {"id": "b1", "replication_records": [
        {"source_region": "here", "destination_region": "here", "destination_backup_id": "copy"},
    ]}});
    let replica = json!({"backup": {"id": "copy", "image_type": "replication"}});
    let files = json!({"$files": {"a.json": source, "b.json": replica}});
    let (report, _) = noon(dump(&files).path(), &[]);
    assert_eq!(counts(&report, "offsite-copy-missing"), [1, 0, 1, 0]);
}

/// What a report says, whichever file says it: counts, findings without their places, and resources.
fn said(report: &Value) -> Vec<String> {
    let without_place = |finding: &Value| {
        let mut finding = finding.clone();
        finding.as_object_mut().unwrap().remove("evidence");
        finding.to_string()
    };
    let each = |key: &str| report[key].as_array().unwrap().clone();
    let mut all: Vec<_> = each("findings").iter().map(without_place).collect();
    all.extend(["rules", "resources"].into_iter().flat_map(each).map(|row| row.to_string()));
    all.sort_unstable();
    all
}

#[test]
fn a_copy_that_two_backups_claim_belongs_to_neither_in_whatever_order_they_lie() {
    let source = |id: &str, resource: &str, created: &str| {
        json!({"backup": {"id": id, "resource_id": resource, "created_at": created, "children": [{}],
            "replication_records": [{"destination_backup_id": "copy", "destination_project_id": "p2"}]}})
    };
    let copy = json!({"backups": [
        {"id": "copy", "project_id": "p2", "image_type": "replication", "resource_id": "r1", "created_at": "-2h",
            "children": [{}]},
    ]});
    let documents = [source("one", "r1", "-90h"), source("other", "r2", "-3h"), copy];
    let mut reports = Vec::new();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let files: serde_json::Map<_, _> =
            order.iter().zip(["a", "b", "c"]).map(|(&at, name)| (name.to_owned(), documents[at].clone())).collect();
        reports.push(noon(dump(&json!({"$files": files})).path(), &[]).0);
    }
    assert!(reports.iter().all(|report| said(report) == said(&reports[0])), "the order of the files shows");
    let verdicts = |rule: &str| {
        let findings = reports[0]["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == rule);
        findings.map(|finding| (finding["subject"]["id"].as_str().unwrap(), finding["reason"].as_str())).collect()
    };
    let conflict = Some("record-conflict");
    let unmatched: Vec<_> = verdicts("replica-unmatched");
    assert_eq!(unmatched, [("one", conflict), ("other", conflict), ("copy", conflict)]);
    assert_eq!(counts(&reports[0], "replica-unmatched"), [3, 0, 0, 3]);
    // The copy could be the one in another region; of r1 it would be as old as its source there, and so too old.
    assert_eq!(verdicts("rpo-breach"), [("r1", Some("stale"))]);
    assert_eq!(counts(&reports[0], "offsite-copy-missing"), [2, 0, 0, 2]);
}

/// What reports say of some documents, in whatever order their files lie.
fn said_in_any_order(documents: &[Value]) -> Value {
    let names = ["a.json", "b.json", "c.json"];
    let in_order = |order: &[usize]| {
        let files: serde_json::Map<_, _> =
            order.iter().zip(names).map(|(&at, name)| (name.to_owned(), documents[at].clone())).collect();
        noon(dump(&json!({ "$files": files })).path(), &[]).0
    };
    let forth: Vec<_> = (0..documents.len()).collect();
    let back: Vec<_> = forth.iter().rev().copied().collect();
    let (one, other) = (in_order(&forth), in_order(&back));
    assert_eq!(said(&one), said(&other), "the order of the files shows");
    one
}

#[test]
fn answers_of_one_moment_that_differ_in_replication_records_are_not_decided_by_their_names() {
    let show = |records: Value| json!({"backup": {"id": "b1", "updated_at": "-2h", "replication_records": records}});
    let (to_nl, to_ch) = (json!({"destination_region": "eu-nl"}), json!({"destination_region": "eu-ch2"}));
    // The answer with more records says more.
    let richer = said_in_any_order(&[show(json!([to_nl])), show(json!([to_nl, to_ch]))]);
    assert_eq!(counts(&richer, "replication-failed"), [2, 2, 0, 0]);
    assert_eq!(counts(&richer, "duplicate-conflict"), [1, 1, 0, 0]);
    // Of two that contradict each other neither is to be believed.
    let failed = json!({"destination_region": "eu-nl", "status": "fail"});
    for (one, other) in [(json!([to_nl]), json!([failed])), (json!([to_nl]), json!([to_ch]))] {
        let report = said_in_any_order(&[show(one), show(other)]);
        assert_eq!(counts(&report, "replication-failed"), [1, 0, 0, 1]);
        assert_eq!(counts(&report, "offsite-copy-missing"), [1, 0, 0, 1]);
        let reasons = report["findings"].as_array().unwrap().iter();
        let reasons: Vec<_> =
            reasons.filter(|row| row["rule"] == "replication-failed").map(|row| &row["reason"]).collect();
        assert_eq!(reasons, ["record-conflict"]);
        // It depends on the kind of answer and is no contradiction of the backup itself.
        assert_eq!(counts(&report, "duplicate-conflict"), [1, 1, 0, 0]);
    }
    // A later answer is believed.
    let later = json!({"backup": {"id": "b1", "updated_at": "-1h", "replication_records": [failed]}});
    assert_eq!(counts(&said_in_any_order(&[show(json!([to_nl])), later]), "replication-failed"), [1, 0, 1, 0]);
}

#[test]
fn a_copy_is_linked_to_its_source_though_two_answers_differ_on_the_replication() {
    let show = |status: &str| {
        json!({"backup": {"id": "b1", "updated_at": "-2h", "created_at": "-90h",
            "replication_records": [{"status": status, "destination_backup_id": "copy"}]}})
    };
    let copy = json!({"backup": {"id": "copy", "image_type": "replication", "created_at": "-1h"}});
    let report = said_in_any_order(&[show("success"), show("replicating"), copy]);
    assert_eq!(report["resources"].as_array().unwrap().len(), 1);
    assert_eq!(counts(&report, "rpo-breach"), [1, 0, 1, 0]);
    assert_eq!(counts(&report, "offsite-copy-missing"), [1, 0, 0, 1]);
}

#[test]
fn of_restore_points_of_one_moment_the_order_of_the_files_decides_nothing() {
    let show =
        |id: &str, created: &str, disks: Value| json!({"backup": {"id": id, "created_at": created, "children": disks}});
    let both = json!([{"id": "x1", "resource_id": "d1"}, {"id": "x2", "resource_id": "d2"}]);
    let newest = [
        show("b1", "-3h", json!([{"id": "y1", "resource_id": "d1"}, {"id": "y2", "resource_id": "d2"}])),
        show("b2", "-27h", both),
        show("b3", "-3h", json!([{"id": "z1", "resource_id": "d1"}])),
    ];
    said_in_any_order(&newest);
    // A source and its copy are of one moment, and the source speaks for both.
    let source = json!({"backup": {"id": "b1", "extend_info": {"is_multi_az": false},
        "replication_records": [{"source_region": "eu-nl", "destination_backup_id": "copy"}]}});
    let copy = json!({"backup": {"id": "copy", "image_type": "replication", "extend_info": {"is_multi_az": true}}});
    assert_eq!(counts(&said_in_any_order(&[source, copy]), "single-az-storage"), [1, 0, 1, 0]);
}

#[test]
fn captures_that_overlap_are_found_though_neither_is_the_newest_list() {
    let list = |ids: &[&str], at: &str| {
        let backups: Vec<_> = ids.iter().map(|id| json!({"id": id, "created_at": at})).collect();
        json!({"backups": backups})
    };
    let files = json!({"$files": {
        "a/l.json": list(&["1", "2"], "-9h"),
        "b/l.json": list(&["2", "3"], "-9h"),
        "c/l.json": list(&["4"], "-1h"),
    }});
    let (report, status) = noon(dump(&files).path(), &["--fail-on", "none"]);
    assert_eq!(status, 4);
    assert!(report["incomplete"].to_string().contains("different times"), "{}", report["incomplete"]);
}

#[test]
fn a_note_sets_no_clock_for_later_records_that_it_does_not_speak_for() {
    let files = json!({"$files": {
        "old/capture.json": {"captured_at": "-40d"},
        "old/l.json": {"backups": [{"id": "1", "created_at": "-41d"}]},
        "new/l.json": {"backups": [{"id": "2", "created_at": "-20d", "status": "error"}]},
    }});
    let (report, status) = program::report(dump(&files).path(), &["--fail-on", "none"]);
    assert_eq!(report["as_of"]["exact"], false);
    assert_eq!(status, 4);
}

#[test]
fn pages_that_claim_different_counts_are_known_to_miss_what_the_smallest_claims() {
    let files = json!({"$files": {
        "a.json": {"count": 10, "backups": [{"id": "1"}]},
        "b.json": {"count": 12, "backups": [{"id": "2"}]},
    }});
    assert_eq!(noon(dump(&files).path(), &["--fail-on", "none"]).1, 4);
}

#[test]
fn an_empty_page_behind_the_end_is_no_hole() {
    let files = json!({"$files": {
        "a.json": {"count": 1, "offset": 0, "backups": [{"id": "1"}]},
        "b.json": {"count": 1, "offset": 1000, "backups": []},
    }});
    assert_eq!(counts(&noon(dump(&files).path(), &[]).0, "pagination-incomplete"), [1, 1, 0, 0]);
}

#[test]
fn the_population_holds_what_the_report_counts() {
    let folder = tempfile::tempdir().unwrap();
    let backup = r#"{"id":"1","resource_id":"r","vault_id":"v","name":"\u009b31m"}"#;
    write(&folder.path().join("a.json"), &format!("[{backup},{{\"foo\":1}},7]"));
    let (report, _) = noon(folder.path(), &[]);
    let listed = program::run(["inventory", folder.path().to_str().unwrap()]);
    assert_eq!(report["inputs"]["records"], 1);
    assert_eq!(listed.out.lines().count(), 2, "{}", listed.out);
    assert!(!listed.out.chars().any(|char| char.is_control() && !matches!(char, '\r' | '\n')));
}

#[test]
fn an_answer_is_not_overwritten_and_an_own_report_is_no_answer() {
    let dump = dump(&json!({"backup": {}}));
    let at = |name: &str| dump.path().join(name).to_str().unwrap().to_owned();
    let over = program::run(["report", dump.path().to_str().unwrap(), "-o", &at("case.json")]);
    assert_eq!(over.status, 2, "{}", over.err);
    let csv = format!("csv={}", at("findings.txt"));
    let runs = [(); 2].map(|()| program::run(["report", dump.path().to_str().unwrap(), "-q", "-o", &csv]).status);
    assert_eq!(runs[0], runs[1]);
}

#[test]
fn of_several_reasons_the_same_is_told_in_whatever_order_the_files_lie() {
    let unnamed = json!({"backup": {"id": "s1", "replication_records": [
        {"source_region": "here", "destination_region": "there", "destination_backup_id": "$absent"},
    ]}});
    let hidden = json!({"backups": [{"id": "s2"}]});
    let source = json!({"backup": {"id": "s3", "replication_records": [
        {"source_region": "here", "destination_region": "there", "destination_backup_id": "copy"},
    ]}});
    let copy = |id: &str| json!({"id": id, "image_type": "replication", "project_id": "p2", "vault_id": "v2"});
    let copies = json!({"backups": [copy("copy"), copy("stray")]});
    let reasons = ["a1", "z1"].map(|first| {
        let files = [(format!("{first}.json"), &unnamed), ("b2.json".to_owned(), &hidden)];
        let others = [("c3.json".to_owned(), &source), ("d4.json".to_owned(), &copies)];
        let files: serde_json::Map<_, _> =
            files.into_iter().chain(others).map(|(name, file)| (name, file.clone())).collect();
        let (report, _) = noon(dump(&json!({"$files": files})).path(), &["--only", "replica-unmatched"]);
        let findings = report["findings"].as_array().unwrap().iter();
        let stray =
            findings.filter(|finding| finding["subject"]["id"] == "stray").map(|finding| finding["reason"].clone());
        stray.collect::<Vec<_>>()
    });
    assert_eq!(reasons[0], reasons[1]);
    assert_eq!(reasons[0], [json!("field-absent")]);
}
