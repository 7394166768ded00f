//! Lists in which something else stands than backup objects.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod program;
mod saved;

use answers::{backup, list};
use pretty_assertions::assert_eq;
use program::{Scratch, run};
use saved::assert_read;
use serde_json::{Value, json};

/// What `jq -s '{backups: .}'` makes of show answers: each would be a record without anything in it.
#[test]
fn an_answer_among_backup_objects_is_none_of_them() {
    let show = json!({"backup": backup("b2")});
    let reason = "an answer where a backup object was expected: save it by itself";
    for (document, records) in [
        (json!({"backups": [show], "count": 1}), 0),
        (json!({"backups": [backup("b1"), show], "count": 2}), 1),
        (json!({"backups": [backup("b1"), list(&["b2"])], "count": 2}), 1),
        (json!({"backups": [backup("b1"), show, {"id": "b3", "resource_size": 1e300}], "count": 2}), 2),
        (json!({"backup": {"id": "b1", "children": [show]}}), 1),
        (json!([{"backup": show}, backup("b1"), {"backup": {"id": "b3"}}]), 2),
    ] {
        let state = if records == 0 { "rejected" } else { "partly-read" };
        assert_read(document.to_string(), state, records, reason);
        // The reader that goes on behind a fault tells the same, but for the record that carries the fault.
        let faulty = document.to_string().replace("1e+300", "1e999");
        let fewer = u64::from(faulty.contains("1e999"));
        assert_read(faulty, state, records - fewer, reason);
        let scratch = Scratch::new();
        let path = scratch.write("a.json", document.to_string());
        let listed = run(["inventory", path.to_str().unwrap(), "--no-config"]);
        assert_eq!((listed.out.lines().count() as u64, listed.status), (records + 1, if records == 0 { 3 } else { 4 }));
    }
    // Bare arrays may hold answers, and an object with an id is a backup, whatever stands beside it.
    assert_read(json!([show, {"backup": backup("b3")}]).to_string(), "read", 2, "");
    assert_read(json!({"backups": [{"id": "b1", "backup": {}}], "count": 1}).to_string(), "read", 1, "");
}

/// What tools put around each backup that they hand on: nothing of it says of which backup it is.
#[test]
fn what_stands_around_a_backup_is_none() {
    let reason = "an object around something else where a backup object was expected: save that by itself";
    for (document, records) in [
        (json!({"backups": [{"_id": "b1", "_source": backup("b1")}, {"node": backup("b2")}], "count": 2}), 0),
        (json!({"backups": [backup("b1"), {"value": [backup("b2"), backup("b3")], "Count": 2}], "count": 2}), 1),
        (json!({"backup": {"b1": backup("b1"), "b2": backup("b2")}}), 0),
        (json!({"backup": {"id": "b1", "children": [{"attributes": backup("c1")}]}}), 1),
        (json!({"backups": [{"tags": []}, {"id": "b3", "resource_size": 1e300}], "count": 2}), 1),
    ] {
        let state = if records == 0 { "rejected" } else { "partly-read" };
        assert_read(document.to_string(), state, records, reason);
        // The reader that goes on behind a fault tells the same, but for the record that carries the fault.
        let faulty = document.to_string().replace("1e+300", "1e999");
        let fewer = u64::from(faulty.contains("1e999"));
        let state = if records == fewer { "rejected" } else { state };
        assert_read(faulty, state, records - fewer, reason);
        let scratch = Scratch::new();
        let path = scratch.write("a.json", document.to_string());
        let listed = run(["inventory", path.to_str().unwrap(), "--no-config"]);
        assert_eq!((listed.out.lines().count() as u64, listed.status), (records + 1, if records == 0 { 3 } else { 4 }));
    }
    // What says nothing is a backup of which nothing is known, and one that says something may hold more.
    for document in [json!({}), json!({"x": 1, "y": "{}"}), json!({"id": "b1", "x": {}}), json!({"extend_info": {}})] {
        assert_read(json!({"backups": [document], "count": 1}).to_string(), "read", 1, "");
    }
}

/// What converters make of a list of one: its disk is lost, and that is told.
#[test]
fn disks_that_stand_in_no_list_are_told_as_lost() {
    let disk = json!({"id": "c1", "resource_id": "d1", "resource_type": "OS::Cinder::Volume", "status": "error"});
    let with = |children: Value| {
        let mut backup = backup("b1");
        backup["children"] = children;
        json!({"backups": [backup], "count": 1})
    };
    let object = "/backups/0/children/0: a list of backup objects was expected, an object found";
    let text = "/backups/0/children/0: a list of backup objects was expected, a text found";
    for (children, reason) in
        [(disk.clone(), object), (json!({"0": disk}), object), (json!(json!([disk]).to_string()), text)]
    {
        let document = with(children).to_string();
        assert_read(document.clone(), "partly-read", 1, reason);
        // The same where a fault beside it has the record read part by part.
        let faulty = document.replacen('{', r#"{"n":1e999,"#, 1);
        assert_read(faulty, "partly-read", 1, reason);
        let scratch = Scratch::new();
        let path = scratch.write("a.json", document);
        let listed = run(["inventory", path.to_str().unwrap(), "--no-config"]);
        assert_eq!((listed.out.lines().count(), listed.status), (2, 4));
    }
    for nothing in [json!([]), json!(null), json!({}), json!(""), json!(" "), json!(false), json!(0)] {
        assert_read(with(nothing).to_string(), "read", 1, "");
    }
}

/// A list without replication records says nothing of the other records of its answer, nor does what some tool has made of
/// such a list.
#[test]
fn replication_records_that_stand_in_no_list_do_not_show_what_others_lack() {
    let offsite = |records: Value| {
        let mut backups = [backup("b1"), backup("b2")];
        backups[0]["replication_records"] = json!([]);
        (backups[1]["resource_id"], backups[1]["replication_records"]) = (json!("r2"), records);
        let scratch = Scratch::new();
        let file = scratch.write("a.json", json!({"backups": backups, "count": 2}).to_string());
        let (report, _) = program::report(&file, &answers::QUIET);
        let findings = report["findings"].as_array().unwrap().iter();
        let of_first = |finding: &&Value| {
            let id = finding["subject"]["id"].as_str();
            finding["rule"] == "offsite-copy-missing" && (id == Some("r1") || !finding["count"].is_null())
        };
        findings.filter(of_first).map(|finding| finding["verdict"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let entry = json!({"id": "x", "status": "success", "created_at": "2026-11-01T02:00:00", "source_region": "eu-de",
        "destination_region": "eu-nl", "destination_backup_id": "c"});
    assert_eq!(offsite(json!([entry])), ["fail"]);
    for no_list in [json!("System.Object[]"), json!("[]"), json!({"value": [], "Count": 0}), entry] {
        assert_eq!(offsite(no_list.clone()), ["unknown"], "{no_list}");
    }
}

/// The population looks at backups alone, and yet it is none to rely on where the report says 4 over the same file.
#[test]
fn the_population_tells_what_is_broken_around_the_backups() {
    let vaults = |vaults: Value| json!({"vaults": vaults, "count": 1}).to_string();
    let whole = json!({"id": "v1", "billing": {}});
    for (around, status, told) in [
        (vaults(json!([whole])), 0, ""),
        (vaults(json!([])), 0, ""),
        (
            vaults(json!([whole, {"name": "v2"}])),
            4,
            "partly-read: v.json: 1 of 2 objects could not be used: /vaults/1: the object has no id",
        ),
        (
            vaults(json!([{"id": "v1", "billing": {}, "resources": {"id": "r1"}}])),
            4,
            "rejected: v.json: 1 of 1 objects could not be used: /vaults/0: its resources are no list of objects",
        ),
        (
            vaults(json!([whole, {"id": "v2", "billing": {}, "resources": [7]}])),
            4,
            "partly-read: v.json: 1 of 2 objects could not be used: /vaults/1: its resources are no list of objects",
        ),
        (
            vaults(json!([whole, {"id": "v2", "billing": {}, "resources": [{"id": "r1"}, {"id": null}, {}]}])),
            4,
            "partly-read: v.json: 1 of 2 objects could not be used: /vaults/1: 2 of its 3 resources have no id",
        ),
        (vaults(json!([{"id": "v1", "billing": {}, "resources": {}}])), 0, ""),
        (vaults(json!([5])), 4, "rejected: v.json: 1 of 1 objects could not be used: /vaults/0"),
        (vaults(json!("none")), 4, "rejected: v.json: no known answer"),
        (
            json!({"body": {"policies": [{"id": ""}, {}]}}).to_string(),
            4,
            "2 of 2 objects could not be used: /body/policies/0",
        ),
        (format!("{}\n{}", vaults(json!([whole])), vaults(json!([7]))), 4, "could not be used: document 1: /vaults/0"),
    ] {
        let scratch = Scratch::new();
        scratch.write("b.json", list(&["b1"]).to_string());
        scratch.write("v.json", &around);
        let listed = run(["inventory", scratch.path("").to_str().unwrap(), "--no-config"]);
        assert_eq!((listed.status, listed.out.lines().count()), (status, 2), "{around}: {}", listed.err);
        assert!(listed.err.contains(told) && listed.err.is_empty() == told.is_empty(), "{around}: {}", listed.err);
        let (report, reported) = program::report(&scratch.path(""), &answers::QUIET);
        assert_eq!(reported, status, "{around}");
        let file = &report["inputs"]["files"][1];
        let state = listed.err.split(": ").next().unwrap_or_default();
        assert!(told.is_empty() || file["state"] == state, "{around}: {} is {file}", listed.err);
    }
}
