//! Every verdict is counted once, what is folded keeps its number and its reason, and what keeps a unit from being judged is
//! pointed at.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod packed;
mod program;

use cbr_audit::clock::AsOf;
use cbr_audit::discover::discover;
use cbr_audit::evaluate::rule_at;
use cbr_audit::read::read;
use cbr_audit::settings::{Exclude, Settings};
use packed::tar_of;
use pretty_assertions::assert_eq;
use program::{Scratch, report, sample};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// One disk.
fn backup(id: &str) -> Value {
    json!({
        "id": id, "project_id": "p1", "vault_id": "v1", "resource_id": "r1", "resource_type": "OS::Cinder::Volume",
        "status": "available", "image_type": "backup", "created_at": "2026-11-01T01:00:00Z",
        "expired_at": "2027-01-01T00:00:00Z", "children": [], "replication_records": [],
        "extend_info": {"encrypted": true, "auto_trigger": true},
    })
}

#[test]
fn the_counts_of_a_rule_are_those_of_its_verdicts() {
    for name in ["healthy", "troubled", "broken", "api-page"] {
        let sources = discover(&[sample(name)], &Exclude::default().globs).unwrap();
        let settings = Settings::at(AsOf::FromDump);
        let run = cbr_audit::judge(&settings, read(&sources, settings.reading()), true);
        let mut traced: BTreeMap<u16, [u64; 4]> = BTreeMap::new();
        for (rule, verdict) in &run.evaluation.trace {
            let place = ["pass", "fail", "unknown", "not-applicable"].iter().position(|word| *word == verdict.verdict);
            traced.entry(*rule).or_default()[place.unwrap()] += 1;
        }
        for (rule, tally) in &run.evaluation.tallies {
            let counts = [tally.pass, tally.fail, tally.unknown, tally.not_applicable];
            let traced = traced.get(rule).copied().unwrap_or_default();
            assert_eq!(counts, traced, "{name}: {}", rule_at(*rule).id);
            assert_eq!(tally.evaluated(), counts[..3].iter().sum::<u64>());
        }
    }
}

/// More than one thread judges at once.
#[test]
fn what_is_folded_keeps_its_number_and_its_reason() {
    let of = |project: usize| {
        move |number: usize| {
            let mut backup = backup(&format!("b{project}-{number}"));
            backup["project_id"] = json!(format!("p{project}"));
            backup.as_object_mut().unwrap().remove("extend_info");
            backup
        }
    };
    let backups: Vec<_> = (0..1500).map(of(1)).chain((0..1100).map(of(2))).collect();
    let scratch = Scratch::new();
    scratch.write("list.json", json!({"backups": backups, "count": 2600}).to_string());
    let (report, _) = report(&scratch.path(""), &["--only", "expired-still-listed"]);
    let folded = |project: &str, reason: &str, count: u64| json!([project, reason, reason, count]);
    let findings = report["findings"].as_array().unwrap().iter();
    let open = findings.filter(|finding| finding["rule"] == "expired-still-listed");
    let open: Vec<_> = open
        .map(|finding| {
            let subject = &finding["subject"];
            assert_eq!(subject["kind"], "project");
            json!([subject["id"], subject["key"], finding["reason"], finding["count"]])
        })
        .collect();
    assert_eq!(open, [folded("p1", "clock-inferred", 1500), folded("p2", "clock-inferred", 1100)]);
}

/// A file that a directory of this name holds is no member.
#[test]
fn a_directory_that_is_named_like_the_inside_of_an_archive_is_none() {
    let scratch = Scratch::new();
    let text = |id: &str| json!({"backup": backup(id)}).to_string();
    scratch.write("a.tar", tar_of(&[("m.json", text("a").into_bytes())]));
    scratch.write("a.tar!/b.json", text("b"));
    let (report, status) = report(&scratch.path(""), &["--as-of", "2026-11-01T06:00:00Z", "--fail-on", "none"]);
    let files = report["inputs"]["files"].as_array().unwrap().iter();
    let paths: BTreeSet<_> = files.map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(paths, BTreeSet::from(["a.tar", "a.tar!/b.json", "a.tar!/m.json"]));
    assert_eq!((report["inputs"]["records"].as_u64(), status), (Some(2), 0));
}

/// A time in the future is wrong by the wall clock alone: any other as-of time may lie in the past.
#[test]
fn a_record_is_ahead_of_the_wall_clock_alone() {
    let scratch = Scratch::new();
    let mut ahead = backup("a");
    ahead["updated_at"] = json!("2060-01-01T00:00:00Z");
    let list = json!({"backups": [ahead, backup("b")], "count": 2});
    scratch.write("list.json", list.to_string());
    let failed = |as_of: &str| {
        let arguments = ["--only", "timestamp-inconsistent", "--as-of", as_of];
        let (report, _) = report(&scratch.path(""), &arguments);
        let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["verdict"] == "fail");
        findings.map(|finding| finding["subject"]["id"].to_string()).collect::<BTreeSet<_>>()
    };
    assert_eq!(failed("2026-11-02T00:00:00Z"), BTreeSet::new());
    assert_eq!(failed("now"), BTreeSet::from(["\"a\"".to_owned()]));
}

#[test]
fn what_keeps_a_resource_from_being_judged_is_pointed_at() {
    let pointer = |key: &str, value: Value| {
        let mut backup = backup("a");
        backup[key] = value;
        let scratch = Scratch::new();
        let path = scratch.write("a.json", json!({ "backup": backup }).to_string());
        let rules =
            ["--only", "last-good-copy-expiring", "--only", "consecutive-failures", "--only", "only-manual-backups"];
        let (report, _) = report(&path, &[&rules[..], &["--as-of", "2026-11-03T00:00:00Z"]].concat());
        let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["verdict"] == "unknown");
        let mut pointers: Vec<_> = findings.map(|finding| finding["evidence"]["pointer"].clone()).collect();
        assert_eq!(pointers.len(), 3, "{key}");
        pointers.dedup();
        pointers
    };
    // It was changed after the as-of time, so that nobody knows what its status was.
    assert_eq!(pointer("updated_at", json!("2026-11-03T00:00:01Z")), ["/backup/updated_at"]);
    assert_eq!(pointer("status", Value::Null), ["/backup/status"]);
    assert_eq!(pointer("image_type", Value::Null), ["/backup/image_type"]);
}

/// A backup is one, though a rule judges two of its replication records.
#[test]
fn the_population_of_a_control_holds_each_unit_once() {
    let mut copied = backup("a");
    let record = |id: &str| json!({"id": id, "status": "failed", "destination_region": id, "created_at": "2026-11-01T02:00:00Z"});
    copied["replication_records"] = json!([record("x"), record("y")]);
    let scratch = Scratch::new();
    let path = scratch.write("a.json", json!({ "backup": copied }).to_string());
    let arguments = ["--only", "replication-failed", "--framework", "soc2", "--as-of", "2026-11-03T00:00:00Z"];
    let (report, _) = report(&path, &arguments);
    let rule = report["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == "replication-failed").unwrap();
    assert_eq!(rule["evaluated"].as_u64().unwrap() + rule["not_applicable"].as_u64().unwrap(), 2);
    let controls = report["frameworks"][0]["controls"].as_array().unwrap().iter();
    let populations: BTreeSet<_> = controls
        .flat_map(|control| control["population"].as_array().into_iter().flatten())
        .filter(|units| units["unit"] == "backup")
        .map(|units| units["count"].as_u64().unwrap())
        .collect();
    assert_eq!(populations, BTreeSet::from([1]));
}
