//! The answers around the backups: what is missing in one never passes, and what tasks say of a failure is shown.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::case::complete::files;
use cbr_audit::case::{Case, verdicts};
use cbr_audit::rules::{RULES, find};
use pretty_assertions::assert_eq;
use program::{Scratch, run};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;

/// One dump with everything that the rules around the backups judge, each good, bad and in doubt somewhere.
const DUMP: &str = r#"{"$files": {
    "a/backups.json": {"backups": [
        {"id": "b1"}, {"id": "b2", "resource_id": "r2", "status": "error"},
        {"id": "b3", "resource_id": "r3", "status": "frozen"}
    ]},
    "a/vaults.json": {"vaults": [
        {"id": "v1", "resources": [
            {"id": "r1", "backup_count": 1}, {"id": "r2", "protect_status": "error", "backup_count": 4},
            {"id": "r3", "protect_status": "deleted"}
        ]},
        {"id": "v2", "billing": {"protect_type": "replication"}, "resources": [{"id": "r8", "protect_status": null}]},
        {"id": "v3", "billing": {"status": "frozen"}, "resources": [{"id": "r4", "backup_count": 0}]}
    ]},
    "a/protectables.json": {"instances": [
        {"id": "r1", "children": [{"id": "d1"}]}, {"id": "r4"}, {"id": "r5"},
        {"id": "r6", "protectable": {"vault": {"id": "v9", "billing": {"status": "available"}}}},
        {"id": "r7", "protectable": {"vault": {"id": "v9", "billing": {"status": "error"}}}},
        {"id": "d1", "type": "OS::Cinder::Volume"}, {"id": "d2", "type": "OS::Cinder::Volume"}
    ]},
    "a/tasks.json": {"operation_logs": [
        {"id": "t1", "status": "failed", "created_at": "-27h", "started_at": "-27h", "ended_at": "-26h"},
        {"id": "t2"},
        {"id": "t3", "status": "failed", "extra_info": {"resource": {"id": "r2"}, "backup": {"backup_id": "b2"}},
         "error_info": {"code": "BackupService.0001", "message": "no room"}},
        {"id": "t4", "status": "running", "created_at": "-3d", "started_at": "-3d", "ended_at": null},
        {"id": "t5", "status": "waiting", "extra_info": {"resource": {"id": "r3"}}}
    ]},
    "a/checkpoint.json": {"checkpoint": {"id": "c1"}},
    "a/skipped.json": {"checkpoint": {"id": "c2", "vault": {"skipped_resources": [
        {"id": "r5", "type": "OS::Nova::Server", "name": "server-5", "code": "BackupService.6110", "reason": "busy"}
    ]}}},
    "a/members.json": {"members": [{"id": "m1"}, {"id": "m2", "status": "rejected"}]}
}}"#;

const RULE_IDS: [&str; 8] = [
    "resource-unprotected",
    "protection-broken",
    "task-failed",
    "task-stuck",
    "checkpoint-skipped-resource",
    "backup-shared",
    "inventory-uncovered",
    "backup-count-mismatch",
];

type Documents = Vec<(String, Value)>;

fn documents() -> Documents {
    let parsed = |(path, text): (String, String)| (path, serde_json::from_str(&text).unwrap());
    files(DUMP).unwrap().into_iter().map(parsed).collect()
}

/// The verdicts of a rule by subject.
fn judged(rule: &str, documents: &Documents) -> BTreeMap<String, String> {
    // A document that is a string is written as it stands.
    let texts: BTreeMap<_, _> = documents.iter().map(|(path, document)| (path, document.to_string())).collect();
    let json: &'static str = Box::leak(json!({ "$files": texts }).to_string().into_boxed_str());
    let lines = verdicts(find(rule).unwrap(), &Case::new("a dump", json, &[])).unwrap();
    let split = |line: String| {
        let mut words = line.split(' ').map(str::to_owned);
        let verdict = words.next().unwrap();
        (words.next().unwrap(), verdict)
    };
    lines.into_iter().map(split).collect()
}

/// The pointers to all fields of the objects around the backups, those that say which object it is left out.
fn fields(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let inner = format!("{pointer}/{key}");
                let is_identity = ["id", "count"].contains(&key.as_str());
                fields(value, &inner, found);
                if !is_identity && pointer.matches('/').count() > 0 {
                    found.push(inner);
                }
            }
        }
        Value::Array(elements) => {
            elements.iter().enumerate().for_each(|(at, element)| fields(element, &format!("{pointer}/{at}"), found));
        }
        _ => {}
    }
}

fn without(documents: &Documents, file: usize, pointer: &str, nulls: bool) -> Documents {
    let mut changed = documents.clone();
    let (around, key) = pointer.rsplit_once('/').unwrap();
    let object = changed[file].1.pointer_mut(around).unwrap().as_object_mut().unwrap();
    if nulls {
        object.insert(key.to_owned(), Value::Null);
    } else {
        object.remove(key);
    }
    changed
}

#[test]
fn what_is_missing_around_the_backups_never_passes() {
    let whole = documents();
    let before: BTreeMap<_, _> = RULE_IDS.iter().map(|&rule| (rule, judged(rule, &whole))).collect();
    let mut changes = Vec::new();
    for (file, (path, document)) in whole.iter().enumerate().filter(|(_, (path, _))| path != "a/backups.json") {
        let mut pointers = Vec::new();
        fields(document, "", &mut pointers);
        changes.extend(pointers.into_iter().flat_map(|at| [true, false].map(|nulls| (file, path, at.clone(), nulls))));
    }
    assert!(changes.len() > 200, "only {} changes", changes.len());
    let moved: Vec<String> = changes
        .par_iter()
        .flat_map_iter(|(file, path, pointer, nulls)| {
            let changed = without(&whole, *file, pointer, *nulls);
            // Fields of tasks and the like concern few rules.
            let rules = RULE_IDS.into_iter().filter(|rule| concerns(rule, path));
            rules
                .flat_map(|rule| moved_to_pass(rule, &before[rule], &changed))
                .map(|what| format!("{path}#{pointer} {nulls}: {what}"))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(moved, Vec::<String>::new());
}

fn concerns(rule: &str, path: &str) -> bool {
    match path {
        "a/tasks.json" => rule.starts_with("task"),
        "a/members.json" => rule == "backup-shared",
        "a/vaults.json" | "a/protectables.json" => {
            ["resource-unprotected", "protection-broken", "inventory-uncovered"].contains(&rule)
        }
        _ => rule == "checkpoint-skipped-resource",
    }
}

fn moved_to_pass(rule: &str, before: &BTreeMap<String, String>, changed: &Documents) -> Vec<String> {
    let after = judged(rule, changed);
    let moved = after
        .into_iter()
        .filter(|(subject, verdict)| verdict == "pass" && before.get(subject).is_some_and(|was| was != "pass"));
    moved.map(|(subject, _)| format!("{rule} {subject}")).collect()
}

/// The reports of a dump written to a directory, with some threads.
fn report(documents: &Documents, rename: impl Fn(&str) -> String, threads: &str) -> (Value, String) {
    let scratch = Scratch::new();
    for (path, document) in documents {
        scratch.write(&format!("dump/{}", rename(path)), document.to_string());
    }
    let (json, page) = (scratch.path("report.json"), scratch.path("report.md"));
    let output = |path: &std::path::Path| path.display().to_string();
    let arguments = ["report", &output(&scratch.path("dump")), "--no-config", "--as-of", cbr_audit::rule::NOON];
    let more = ["-o", &output(&json), "-o", &output(&page), "--threads", threads];
    run(arguments.into_iter().chain(more));
    (serde_json::from_slice(&fs::read(json).unwrap()).unwrap(), fs::read_to_string(page).unwrap())
}

#[test]
fn threads_and_the_names_of_files_do_not_show() {
    let documents = documents();
    let verdicts = |report: &Value| {
        let row = |row: &Value| format!("{} {} {} {}", row["rule"], row["verdict"], row["subject"], row["observed"]);
        let mut rows: Vec<_> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["subject"]["kind"] != "file")
            .map(row)
            .collect();
        rows.sort();
        rows
    };
    let (one, page) = report(&documents, str::to_owned, "1");
    assert_eq!((one.clone(), page), report(&documents, str::to_owned, "2"));
    let turned = |path: &str| path.chars().rev().collect::<String>().replace('/', "-").replace("nosj.", "") + ".json";
    let (other, _) = report(&documents, turned, "2");
    let without_directory =
        |rows: Vec<String>| rows.into_iter().map(|row| row.replace("\"a\"", "\".\"")).collect::<Vec<_>>();
    assert_eq!(without_directory(verdicts(&one)), without_directory(verdicts(&other)));
    assert_eq!(one["coverage"], other["coverage"]);
}

#[test]
fn the_error_of_a_task_stands_beside_the_failure_and_the_coverage_on_page_one() {
    let (report, page) = report(&documents(), str::to_owned, "1");
    let observed = |rule: &str, subject: &str| {
        let is = |row: &&Value| row["rule"] == rule && row["subject"]["id"] == subject;
        report["findings"].as_array().unwrap().iter().find(is).map(|row| row["observed"].clone()).unwrap()
    };
    assert_eq!(observed("backup-error", "b2"), "error (error BackupService.0001; no room)");
    assert_eq!(observed("task-failed", "t3"), "failed (BackupService.0001; no room)");
    let skipped = observed("checkpoint-skipped-resource", "c2");
    assert_eq!(skipped, "1 skipped resource (first: server-5; r5; BackupService.6110; busy)");
    let coverage = &report["coverage"];
    assert_eq!(
        coverage["listed"],
        coverage["covered"].as_u64().unwrap()
            + coverage["uncovered"].as_u64().unwrap()
            + coverage["not_judged"].as_u64().unwrap()
    );
    let rule =
        report["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == "inventory-uncovered").unwrap().clone();
    let of_rule = json!([rule["evaluated"], rule["pass"], rule["fail"], rule["unknown"]]);
    let of_page = json!([coverage["listed"], coverage["covered"], coverage["uncovered"], coverage["not_judged"]]);
    assert_eq!(of_page, of_rule, "the figures on page one are those of the rule");
    assert!(page.contains(coverage["text"].as_str().unwrap()), "{page}");
}

#[test]
fn without_an_inventory_coverage_is_not_known() {
    let (report, page) = report(&documents()[..1].to_vec(), str::to_owned, "1");
    assert_eq!(report["coverage"]["text"], "not known: the dump holds no inventory");
    assert_eq!(page.matches("the dump holds no inventory").count(), 1);
    assert!(RULES.iter().any(|rule| rule.id == "inventory-uncovered"));
}
