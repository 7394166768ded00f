//! A waiver means what a report shows: every kind of subject, by its id and by its name.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use pretty_assertions::assert_eq;
use program::{Scratch, report, sample};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The first failure of every rule and kind of subject, and every one about the schema.
fn failures(path: &Path, more: &[&str]) -> Vec<Value> {
    let (report, _) = report(path, more);
    let mut first = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap().iter().filter(|finding| finding["verdict"] == "fail") {
        let kind = match finding["subject"]["kind"].as_str() {
            Some("schema") => finding["subject"].to_string(),
            _ => finding["subject"]["kind"].to_string(),
        };
        let kind = (finding["rule"].to_string(), kind);
        first.entry(kind).or_insert_with(|| finding.clone());
    }
    first.into_values().collect()
}

/// Judges a sample with a waiver for each of these failures, by this key of its subject, and sees that each is waived.
fn assert_waived(path: &Path, more: &[&str], failures: &[Value], key: &str) -> BTreeSet<String> {
    let named: Vec<_> = failures.iter().filter(|finding| finding["subject"][key].is_string()).collect();
    let waiver = |finding: &&Value| {
        let (rule, subject) = (&finding["rule"], finding["subject"][key].as_str().unwrap());
        format!(
            "[[waivers]]\nrule = {rule}\nsubject = {subject:?}\nreason = \"r\"\nowner = \"o\"\nuntil = 2099-01-01\n"
        )
    };
    let scratch = Scratch::new();
    let config = scratch.write("policy.toml", named.iter().map(waiver).collect::<String>());
    let (report, _) = report(path, &[&["--config", config.to_str().unwrap()], more].concat());
    for finding in &named {
        let again = report["findings"].as_array().unwrap().iter();
        let again = again.filter(|again| again["fingerprint"] == finding["fingerprint"]).collect::<Vec<_>>();
        assert!(!again.is_empty() && again.iter().all(|again| again["verdict"] == "waived"), "by {key}: {finding}");
    }
    named.iter().map(|finding| finding["subject"]["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_waiver_means_every_kind_of_subject_by_the_id_and_the_name_that_are_shown() {
    let scratch = Scratch::new();
    let forgotten = "c83a4bdba612b0673eb033d5fc9244f0,server,11111111-2222-4333-8444-555555555555,leg-forgotten-01";
    let expected = scratch.write("expected.csv", format!("project,type,id,name\n{forgotten}\n"));
    let beside = ["--expect", expected.to_str().unwrap()];
    let (mut by_id, mut by_name) = (BTreeSet::new(), BTreeSet::new());
    for (name, more) in [("troubled", &beside[..]), ("broken", &[])] {
        let path = &sample(name);
        let failures = failures(path, more);
        let is_forgotten = |finding: &Value| finding["rule"] == "inventory-uncovered";
        assert_eq!(failures.iter().any(is_forgotten), !more.is_empty(), "{name}");
        by_id.extend(assert_waived(path, more, &failures, "id"));
        by_name.extend(assert_waived(path, more, &failures, "name"));
    }
    let kinds = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>();
    let all = "backup checkpoint file listing member policy resource schema task vault";
    assert_eq!(by_id, kinds(&all.split(' ').collect::<Vec<_>>()));
    assert_eq!(by_name, kinds(&["policy", "resource", "vault"]));
}

#[test]
fn a_waiver_means_a_break_of_the_schema_by_the_path_of_its_key() {
    let scratch = Scratch::new();
    let backup = |id: &str, children: Value| {
        json!({
            "id": id, "resource_type": "OS::Nova::Server", "provider_id": "d1603440-187d-4516-af25-121250c7cc97",
            "created_at": "2026-11-01T01:00:00Z", "children": children,
        })
    };
    let deep = backup("b1", json!([backup("b2", json!([backup("b3", json!([]))]))]));
    let path = scratch.write("a.json", json!({ "backup": deep }).to_string());
    let failures = failures(&path, &["--only", "schema-drift"]);
    let broken: Vec<_> = failures.iter().map(|finding| finding["subject"]["id"].as_str().unwrap()).collect();
    assert_eq!(broken, ["backup.children.children", "backup.provider_id"]);
    assert_waived(&path, &["--only", "schema-drift"], &failures, "id");
}
