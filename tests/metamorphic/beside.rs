//! What is put beside a dump, or into it, that tells nothing of its backups: it changes nothing that is said of them.

use super::dump::{Dump, Files, holds, said};
use super::told::{Place, settings, with_settings};
use super::{one_by_one, same_essence, same_in_all};
use cbr_audit::inventory::file::FileState;
use cbr_audit::rule::NOON;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn a_key_that_nobody_knows_is_told_and_changes_nothing_else() {
    holds(|dump, dice| {
        let mut grown = dump.clone();
        let at = usize::try_from(dice.roll(grown.records.len() as u64)).unwrap();
        grown.records[at]["unheard"] = json!([{"of": [null, 1, "x"]}]);
        let (one, mut other) = (said(&dump.files()), said(&grown.files()));
        let is_drift = |line: &String| line.starts_with("schema-drift");
        if other.findings.iter().filter(|line| is_drift(line)).count()
            <= one.findings.iter().filter(|line| is_drift(line)).count()
        {
            return Err("it is not told".to_owned());
        }
        let mut one = one;
        for told in [&mut one, &mut other] {
            told.findings.retain(|line| !is_drift(line));
            told.counts.retain(|line| !is_drift(line));
        }
        same_in_all(&one, &other)
    });
}

#[test]
fn a_second_copy_of_a_file_adds_no_backup() {
    holds(|dump, _| {
        let plain = dump.with(one_by_one(dump));
        let mut twice = plain.clone();
        twice.push(("z-copy.json".to_owned(), plain[0].1.clone()));
        let (mut one, mut other) = (said(&plain), said(&twice));
        if other.ledger.len() != one.ledger.len() + 1 {
            return Err(format!("{:?}", other.ledger));
        }
        // The one rule that looks at copies now has some, and they agree.
        let of_copies = |line: &String| line.starts_with("duplicate-conflict");
        if other.findings.iter().any(of_copies) {
            return Err("the copies contradict each other".to_owned());
        }
        one.counts.retain(|line| !of_copies(line));
        other.counts.retain(|line| !of_copies(line));
        same_essence(&one, &other)
    });
}

#[test]
fn other_files_change_nothing_but_the_ledger() {
    holds(|dump, dice| {
        let plain = dump.files();
        let mut more = plain.clone();
        let texts = ["{\"projects\": []}", "{}", "# Notes\n", "id,name\n", "{\"schema\": \"cbr-audit.report/1\"}"];
        let names = ["projects.json", "empty.json", "notes.md", "inventory.csv", "report.json"];
        let at = usize::try_from(dice.roll(5)).unwrap();
        more.push((names[at].to_owned(), texts[at].as_bytes().to_vec()));
        let (one, other) = (said(&plain), said(&more));
        if other.line(names[at]).state != FileState::NotBackup {
            return Err(format!("{:?}", other.ledger));
        }
        same_essence(&one, &other)
    });
}

#[test]
fn what_is_excluded_is_as_if_it_were_not_there() {
    holds(|dump, _| {
        let plain = dump.files();
        let place = Place::new();
        plain.iter().for_each(|(name, bytes)| {
            place.write(name, bytes);
        });
        place.write("old/list.json", json!({"backups": [{"id": 7, "status": "error"}], "count": 9}).to_string());
        let mut settings = settings(NOON);
        settings.exclude = cbr_audit::settings::Exclude::new(vec!["old/*".to_owned()]).unwrap();
        let excluded = with_settings(place.path(), &settings);
        if excluded.line("old/list.json").state != FileState::Skipped {
            return Err(format!("{:?}", excluded.ledger));
        }
        same_essence(&said(&plain), &excluded)
    });
}

/// A dump in a folder, with a note of when it was made.
fn capture(folder: &str, made: &str, dump: &Dump) -> Files {
    let note = [("capture.json", json!({"captured_at": made}).to_string())];
    let list = [("list.json", dump.page(0, dump.records.len()).to_string())];
    let files = dump.with(note.into_iter().chain(list)).into_iter();
    files.map(|(name, bytes)| (format!("{folder}/{name}"), bytes)).collect()
}

/// When the older capture was made.
const EARLIER: &str = "2026-03-01T11:30:00Z";

/// Whether everything that a record tells, but for its end, had happened when the older capture was made.
fn had_happened(record: &Value) -> bool {
    match record {
        Value::Array(elements) => elements.iter().all(had_happened),
        Value::Object(members) => members.iter().all(|(key, value)| key == "expired_at" || had_happened(value)),
        Value::String(text) => !text.starts_with("20") || text.as_str() < EARLIER,
        _ => true,
    }
}

#[test]
fn an_older_capture_beside_it_changes_nothing() {
    let told_apart = AtomicUsize::new(0);
    holds(|dump, dice| {
        // Of some records one capture or the other knows nothing yet, or any more.
        let (mut older, mut newer) = (dump.clone(), dump.clone());
        let known: Vec<_> = dump.records.iter().map(|_| dice.roll(4)).collect();
        let keep = |records: &mut Vec<_>, gone| {
            let mut known = known.iter();
            records.retain(|_| *known.next().unwrap() != gone);
        };
        keep(&mut older.records, 0);
        keep(&mut newer.records, 1);
        older.records.retain(had_happened);
        older.around.retain(|(_, answer)| had_happened(answer));
        let newer = capture("b", NOON, &newer);
        let both = said(&[capture("a", EARLIER, &older), newer.clone()].concat());
        // What is not of one project for certain is judged together.
        if !both.line("a/list.json").is_older {
            return Ok(());
        }
        told_apart.fetch_add(1, Ordering::Relaxed);
        same_essence(&said(&newer), &both)
    });
    assert!(told_apart.into_inner() > 0);
}
