//! Parts of a dump: each is judged as by itself, and what is lost or taken away is missed.

use super::dump::{Dump, Files, holds, said};
use super::told::Told;
use super::{essence, same};
use cbr_audit::inventory::file::FileState;
use cbr_audit::rule::NOON;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn two_projects_are_judged_as_each_by_itself() {
    holds(|dump, dice| {
        let one = dump.in_project("one");
        let mut other = dump.in_project("other");
        let kept = 1 + usize::try_from(dice.roll(other.records.len() as u64)).unwrap();
        other.records.truncate(kept);
        let in_folder = |folder: &str, files: Files| -> Files {
            files.into_iter().map(|(name, bytes)| (format!("{folder}/{name}"), bytes)).collect()
        };
        let (one, other) = (in_folder("one", one.files()), in_folder("other", other.files()));
        let both = said(&[one.clone(), other.clone()].concat());
        // What is about the schema is about the dump as a whole; and whether a copy can be looked for depends on whether the
        // dump holds any backups of its region, in whatever project.
        let own = |told: &Told| {
            let findings = essence(told).findings.into_iter();
            let of_all = |finding: &String| {
                let of_copies = ["replica-unmatched", "offsite-copy-missing", "replication-lag", "single-az-storage"];
                finding.contains("kind: \"schema\"") || of_copies.iter().any(|rule| finding.starts_with(rule))
            };
            findings.filter(|finding| !of_all(finding)).collect::<Vec<_>>()
        };
        let mut parts = [own(&said(&one)), own(&said(&other))].concat();
        parts.sort();
        same(&parts, &own(&both), Clone::clone)
    });
}

#[test]
fn a_record_that_cannot_be_read_costs_itself_and_nothing_else() {
    holds(|dump, dice| {
        let at = usize::try_from(dice.roll(dump.records.len() as u64)).unwrap();
        let inside = dump.records[at]["children"].as_array().map_or(0, Vec::len);
        let mut marked = dump.clone();
        marked.records[at]["resource_size"] = json!("MARK");
        let spoiled = marked.page(0, dump.records.len()).to_string().replace("\"MARK\"", "1e999");
        let mut without = dump.clone();
        without.records.remove(at);
        let without = json!({"backups": without.records, "count": dump.records.len(), "offset": 0}).to_string();
        let (one, other) = (said(&dump.with([("list.json", spoiled)])), said(&dump.with([("list.json", without)])));
        let line = one.line("list.json");
        let state = if dump.records.len() == 1 { FileState::Rejected } else { FileState::PartlyRead };
        if line.state != state || !line.reason.contains(&format!("/backups/{at}: number out of range")) {
            return Err(format!("{line:?}"));
        }
        let objects = if inside == 0 { "1 backup object " } else { &format!("{} backup objects ", 1 + inside) };
        if !line.reason.starts_with(objects) {
            return Err(format!("{line:?} with {inside} inside"));
        }
        if (one.backups, one.around) != (other.backups, other.around) {
            return Err(format!("{} backups, {} without the record", one.backups, other.backups));
        }
        // What is said of other records is the same; whether a parent is missing cannot be told where one was lost.
        let of_backups = |told: &Told| -> Vec<String> {
            let own = told.findings.iter().filter(|finding| finding.contains("kind: \"backup\""));
            own.filter(|finding| !finding.starts_with("child-orphaned")).cloned().collect()
        };
        same(&of_backups(&other), &of_backups(&one), Clone::clone)
    });
}

/// Rules that look for a good restore point: fewer of them never make one good that was not.
const BY_RESTORE_POINTS: [&str; 4] =
    ["rpo-breach", "too-few-restore-points", "restore-window-too-short", "offsite-copy-missing"];

#[test]
fn fewer_restore_points_turn_no_failure_into_a_pass() {
    // The rules that say so of the resource of a record, or of several at once.
    let rules = |dump: &Dump, page: Value, record: &Value, verdicts: &[&str]| -> BTreeSet<&str> {
        let told = said(&dump.with([("list.json", page.to_string())]));
        let resource = format!("kind: {}, id: {}, ", record["resource_type"], record["resource_id"]);
        let says = |rule: &&&str| {
            let starts: Vec<_> = verdicts.iter().map(|verdict| format!("{rule} {verdict} ")).collect();
            let own = |finding: &String| finding.contains(&resource) || finding.contains("kind: \"project\"");
            told.findings.iter().any(|finding| starts.iter().any(|start| finding.starts_with(start)) && own(finding))
        };
        BY_RESTORE_POINTS.iter().filter(says).copied().collect()
    };
    holds(|dump, dice| {
        let at = usize::try_from(dice.roll(dump.records.len() as u64)).unwrap();
        let mut fewer = dump.clone();
        let removed = fewer.records.remove(at);
        // A resource without any record left that stands by itself and existed is told by other rules.
        let is_of_the_same = |record: &Value| {
            let same = ["resource_id", "resource_type", "image_type"].iter().all(|key| record[key] == removed[key]);
            let existed = record["created_at"].as_str().is_some_and(|created| created < NOON);
            same && existed && record["parent_id"].is_null()
        };
        // A replica, a record that names copies, and a part of another backup tell of other records what they are.
        let tells_of_others = removed["image_type"] != "backup"
            || !removed["parent_id"].is_null()
            || removed["replication_records"].as_array().is_some_and(|all| !all.is_empty());
        if tells_of_others || !fewer.records.iter().any(is_of_the_same) {
            return Ok(());
        }
        let before = rules(dump, dump.page(0, dump.records.len()), &removed, &["fail"]);
        let after = rules(dump, fewer.page(0, fewer.records.len()), &removed, &["fail", "unknown"]);
        let healed: Vec<_> = before.difference(&after).collect();
        if healed.is_empty() { Ok(()) } else { Err(format!("no failure any more: {healed:?}")) }
    });
}
