//! What stands beside the backups, in whole runs: dumps of vaults, policies and tasks, with backups and without.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::case::complete;
use pretty_assertions::assert_eq;
use program::{Scratch, report, run};
use serde_json::{Value, json};

const NOON: &str = "2026-03-01T12:00:00Z";

/// Writes documents of worked-case shorthand, by path.
fn dump(documents: &Value) -> Scratch {
    let folder = Scratch::new();
    for (path, text) in complete::files(&json!({ "$files": documents }).to_string()).unwrap() {
        folder.write(&path, text);
    }
    folder
}

/// The first line on the terminal, and the exit status.
fn headline(dump: &Scratch) -> (String, i32) {
    let path = dump.path("");
    let ran = run(["report", path.to_str().unwrap(), "--as-of", NOON]);
    (ran.out.lines().next().unwrap_or_default().to_owned(), ran.status)
}

#[test]
fn findings_of_a_dump_without_backups_are_told_and_counted() {
    let dump = dump(&json!({"vaults.json": {"vaults": [{"locked": false, "tags": []}]}}));
    let (line, status) = headline(&dump);
    assert!(line.starts_with("No backup record was found. In what else was judged 3 of "), "{line}");
    assert!(line.ends_with(" rules failed: 3 findings."), "{line}");
    let (json, same) = report(&dump.path(""), &["--as-of", NOON]);
    assert_eq!((status, same), (3, 3));
    assert_eq!(json["findings"].as_array().unwrap().len(), 3);
}

#[test]
fn without_backups_and_findings_it_is_said_what_was_judged() {
    let vault = json!({"vaults": [{"resources": [{}]}]});
    let (line, status) = headline(&dump(&json!({"vaults.json": vault})));
    let open = "No backup record was found. Nothing else failed, but not everything could be judged:";
    assert!(line.starts_with(open) && status == 3, "{line}");
    let (line, status) = headline(&dump(&json!({"member.json": {"members": [{"status": "rejected"}]}})));
    assert_eq!(line, "No backup record was found. What else could be judged is as it should be.");
    assert_eq!(status, 3);
    let (line, status) = headline(&dump(&json!({"backups.json": {"backups": []}})));
    assert_eq!((line.as_str(), status), ("No backup record was found: nothing could be judged.", 3));
}
