//! Captures of one scope at different times in one tree: the newest is judged as if it were alone, and what is not clearly
//! an older capture stays where it was.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "packed/mod.rs"]
mod packed;
mod program;
#[path = "captures/world.rs"]
mod world;

use cbr_audit::case::complete;
use pretty_assertions::assert_eq;
use program::Scratch;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use world::{Form, World};

/// Writes completed documents below a directory.
fn write(scratch: &Scratch, files: &Map<String, Value>) {
    for (path, text) in complete::files(&json!({ "$files": files }).to_string()).unwrap() {
        scratch.write(&path, text);
    }
}

fn tree(files: &Value) -> Scratch {
    let scratch = Scratch::new();
    write(&scratch, files.as_object().unwrap());
    scratch
}

fn report(path: &Path) -> Value {
    program::report(path, &["--fail-on", "none"]).0
}

/// What is judged, without what depends on where it stands: findings, counts, resources, the as-of time.
fn judged(report: &Value, inside: &str) -> Vec<String> {
    let (below, itself) = (format!("\"{inside}/"), format!("\"{inside}\""));
    let unplaced = |value: &Value| value.to_string().replace(&below, "\"").replace(&itself, "\".\"");
    let each = |key: &str| report[key].as_array().unwrap().clone();
    let findings = each("findings").into_iter().map(|mut finding| {
        finding.as_object_mut().unwrap().remove("fingerprint");
        unplaced(&finding)
    });
    // Every file is judged by whether it could be read.
    let rules = each("rules").into_iter().filter(|rule| rule["id"] != "input-unreadable").map(|rule| unplaced(&rule));
    let resources = each("resources").into_iter().map(|resource| unplaced(&resource));
    let inputs = ["records", "after_as_of", "around"].map(|key| report["inputs"][key].to_string());
    let whole = ["as_of", "incomplete", "coverage"].map(|key| unplaced(&report[key]));
    findings.chain(rules).chain(resources).chain(inputs).chain(whole).collect()
}

fn captures(report: &Value) -> Vec<(String, bool)> {
    let rows = report["inputs"]["captures"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| (row["directory"].as_str().unwrap().to_owned(), row["judged"] == true)).collect()
}

/// The tree is judged as the capture in one of its directories alone.
fn assert_judged_alone(scratch: &Scratch, newest: &str, older: usize, what: &str) {
    let (whole, alone) = (report(&scratch.path("")), report(&scratch.path(newest)));
    assert_eq!(captures(&whole).iter().filter(|(_, judged)| !judged).count(), older, "{what}: {:?}", captures(&whole));
    assert_eq!(judged(&whole, newest), judged(&alone, newest), "{what}");
    assert_eq!(captures(&alone), [], "{what}");
}

#[test]
fn the_newest_capture_is_judged_as_if_it_were_alone() {
    for seed in 0..24 {
        let world = World::new(seed);
        for (form, newest, older) in [
            (Form::Noted, "n1", 2),
            (Form::Noted, "2026/02", 2),
            (Form::NotedClosely, "b", 1),
            (Form::Dated, "2026-03-01", 1),
            (Form::Plain, "new", 1),
        ] {
            let scratch = Scratch::new();
            for (number, at) in world.moments(form, older).into_iter().enumerate() {
                let directory = if number == 0 { newest.to_owned() } else { world::older_name(form, number) };
                write(&scratch, &world.capture(at, form, &directory));
            }
            assert_judged_alone(&scratch, newest, older, &format!("seed {seed}, {form:?} in {newest}"));
        }
    }
}

#[test]
fn captures_of_several_projects_in_directories_of_their_own_are_parted_one_by_one() {
    for seed in 0..20 {
        let world = World::new(seed);
        let scratch = Scratch::new();
        for (day, at) in [("new", 1), ("old", 50)] {
            for project in world.projects() {
                write(&scratch, &world.of_project(project).capture(at, Form::Noted, &format!("{day}/{project}")));
            }
        }
        assert_judged_alone(&scratch, "new", world.projects().len(), &format!("seed {seed}"));
    }
}

#[test]
fn captures_in_archives_are_parted_like_directories() {
    let world = World::new(7);
    let scratch = Scratch::new();
    for (name, at) in [("old", 50), ("new", 1)] {
        let files = world.capture(at, Form::Noted, "dump");
        let texts = complete::files(&json!({ "$files": files }).to_string()).unwrap();
        let members: Vec<_> = texts.into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
        scratch.write(&format!("{name}.tar.gz"), packed::gzip(&packed::tar_of(&members)));
    }
    let (whole, alone) = (report(&scratch.path("")), report(&scratch.path("new.tar.gz")));
    assert_eq!(captures(&whole), [("new.tar.gz!/dump".to_owned(), true), ("old.tar.gz!/dump".to_owned(), false)]);
    assert_eq!(judged(&whole, ""), judged(&alone, ""));
}

#[test]
fn the_older_capture_is_named_counted_and_compared() {
    let files = json!({
        "old/capture.json": {"captured_at": "-30h"},
        "old/a.json": {"count": 4, "backups": [
            {"id": "1", "created_at": "-90h"},
            {"id": "2", "created_at": "-60h", "resource_id": "gone"},
            {"id": "3", "created_at": "-33h"},
        ]},
        "old/show/3.json": {"backup": {"id": "3", "created_at": "-33h", "children": [{"id": "3a"}]}},
        "old/login.json": "<html>",
        "new/capture.json": {"captured_at": "-1h"},
        "new/a.json": {"backups": [{"id": "3", "created_at": "-33h"}, {"id": "4", "created_at": "-2h"}]},
        "README.md": "two captures",
    });
    let scratch = tree(&files);
    let (report, status) = program::report(&scratch.path(""), &["--fail-on", "none"]);
    let inputs = &report["inputs"];
    assert_eq!(inputs["records"], 2);
    assert_eq!(
        inputs["captures"],
        json!([
            {"directory": "new", "time": "2026-03-01T11:00:00Z", "source": "capture.json", "judged": true, "files": 2,
                "backups": 2},
            {"directory": "old", "time": "2026-02-28T06:00:00Z", "source": "capture.json", "judged": false, "files": 4,
                "backups": 4, "newer": "new", "records": 5, "gone": 3, "added": 1, "resources_gone": 1,
                "listings": [{"project": "p1", "directory": "old", "seen": 3, "claimed": 4, "state": "backups missing"}]},
        ])
    );
    let older: Vec<_> =
        inputs["files"].as_array().unwrap().iter().filter(|file| file["older_capture"] == "old").collect();
    assert_eq!(older.len(), 4);
    assert_eq!(report["as_of"]["time"], "2026-03-01T11:00:00Z");
    // What could not be read in the older one is still said, and nothing else of it is.
    assert_eq!(status, 4);
    let paths: BTreeSet<_> =
        report["findings"].as_array().unwrap().iter().map(|f| f["evidence"]["file"].as_str().unwrap()).collect();
    assert!(paths.iter().all(|path| path.starts_with("new/") || *path == "old/login.json"), "{paths:?}");
    assert!(report["notes"].to_string().contains("not judged but kept for comparison: old"), "{}", report["notes"]);
    let ran = program::run(["report", scratch.path("").to_str().unwrap(), "-v"]);
    assert!(ran.out.contains("kept for comparison: old"), "{}", ran.out);
    assert!(ran.err.contains("(in an older capture)"), "{}", ran.err);
    for format in ["html", "md"] {
        let page = program::run(["report", scratch.path("").to_str().unwrap(), "-qo", &format!("{format}=-")]).out;
        assert!(page.contains("kept for comparison"), "{page}");
    }
}

/// Trees in which nothing may be set aside: what seems to be an older capture may be a part of the same one.
#[test]
fn what_is_not_clearly_an_older_capture_stays() {
    let list = |ids: &[&str], hours: &[u32], count: usize| {
        let backups = ids.iter().zip(hours).map(|(id, hours)| json!({"id": id, "created_at": format!("-{hours}h")}));
        json!({"count": count, "backups": backups.collect::<Vec<_>>()})
    };
    let with = |mut list: Value, key: &str, value: &str| {
        list["backups"].as_array_mut().unwrap().iter_mut().for_each(|backup| backup[key] = json!(value));
        list
    };
    // The last of them is of a resource that no other is of.
    let with_resource = |ids: &[&str], hours: &[u32]| {
        let mut list = list(ids, hours, ids.len());
        list["backups"].as_array_mut().unwrap().last_mut().unwrap()["resource_id"] = json!("r9");
        list
    };
    let note = |hours: u32| json!({"captured_at": format!("-{hours}h")});
    let full = || list(&["1", "2", "3"], &[90, 60, 30], 3);
    let trees = [
        (
            "disjoint pages",
            json!({"a/capture.json": note(20), "a/l.json": list(&["1", "2"], &[90, 60], 3),
            "b/capture.json": note(1), "b/l.json": list(&["3"], &[30], 3)}),
        ),
        (
            "an older note that is earlier than its lists",
            json!({"a/capture.json": note(50), "a/l.json": full(),
            "b/capture.json": note(1), "b/l.json": list(&["2", "3", "4"], &[60, 30, 9], 3)}),
        ),
        (
            "a newer note that is earlier than its lists",
            json!({"a/capture.json": note(29), "a/l.json": full(),
            "b/capture.json": note(20), "b/l.json": list(&["2", "3", "4"], &[60, 30, 9], 3)}),
        ),
        (
            "pages that moved",
            json!({"a/capture.json": note(20), "a/l.json": list(&["1", "2"], &[90, 60], 4),
            "b/capture.json": note(1), "b/l.json": list(&["2", "3"], &[60, 30], 4)}),
        ),
        (
            "a list of one vault after that of all",
            json!({
            "a/l.json": {"backups": [{"id": "1", "created_at": "-90h"}, {"id": "2", "created_at": "-30h", "vault_id": "w"}]},
            "b/l.json": {"backups": [{"id": "2", "created_at": "-30h", "vault_id": "w"}, {"id": "3", "created_at": "-9h", "vault_id": "w"}]}}),
        ),
        (
            "the same within an hour, with notes",
            json!({
            "a/capture.json": note(2), "b/capture.json": note(1),
            "a/l.json": {"backups": [{"id": "1", "created_at": "-90h"}, {"id": "2", "created_at": "-30h", "vault_id": "w"}]},
            "b/l.json": {"backups": [{"id": "2", "created_at": "-30h", "vault_id": "w"}]}}),
        ),
        (
            "another project",
            json!({"a/capture.json": note(20), "a/l.json": full(),
            "b/capture.json": note(1), "b/l.json": with(full(), "project_id", "p2")}),
        ),
        (
            "a project that only the older one holds",
            json!({"a/capture.json": note(20), "a/l.json": full(),
            "a/show.json": {"backup": {"id": "9", "project_id": "p9"}},
            "b/capture.json": note(1), "b/l.json": full()}),
        ),
        (
            "the same moment",
            json!({"a/capture.json": note(1), "a/l.json": full(),
            "b/capture.json": note(1), "b/l.json": list(&["2", "3"], &[60, 30], 2)}),
        ),
        ("the same backups without notes", json!({"a/l.json": full(), "b/l.json": with(full(), "updated_at", "-3h")})),
        (
            "a note that contradicts what it lies beside",
            json!({"a/capture.json": note(20), "b/capture.json": note(1),
            "a/l.json": with(full(), "updated_at", "-2h"), "b/l.json": with(full(), "updated_at", "-25h")}),
        ),
        (
            "without a note, below the other",
            json!({"l.json": full(), "new/l.json": list(&["2", "3", "4"], &[60, 30, 2], 3)}),
        ),
        (
            "without a note, beside a later note",
            json!({"a/l.json": full(),
            "b/capture.json": note(1), "b/l.json": list(&["2", "3", "4"], &[60, 30, 2], 3)}),
        ),
        (
            "lists that lack what was there before",
            json!({"a/l.json": list(&["1", "3"], &[90, 30], 2),
            "b/l.json": list(&["1", "2", "3", "4"], &[90, 60, 30, 2], 4)}),
        ),
        (
            "lists of which the seemingly older one has newer backups",
            json!({"a/l.json": list(&["1", "2"], &[90, 9], 2),
            "b/l.json": with(list(&["1"], &[90], 1), "updated_at", "-3h")}),
        ),
        (
            "without a note, beside an earlier note, and without one of its resources",
            json!({"a/capture.json": note(20), "a/l.json": with_resource(&["1", "2"], &[90, 60]),
            "b/l.json": list(&["1", "3"], &[90, 3], 2)}),
        ),
        (
            "called by dates, and one of them not whole",
            json!({"2026-02-01/l.json": list(&["1", "2"], &[90, 60], 3), "2026-02-02/l.json": list(&["1", "3"], &[90, 3], 2)}),
        ),
        (
            "called by dates, and the other not whole",
            json!({"2026-02-01/l.json": list(&["1", "2"], &[90, 60], 2), "2026-02-02/l.json": list(&["1", "3"], &[90, 3], 3)}),
        ),
        (
            "called by dates, and beside it what cannot be read",
            json!({"2026-02-01/l.json": list(&["1", "2"], &[90, 60], 2), "2026-02-02/l.json": list(&["1", "3"], &[90, 3], 2),
            "2026-02-02/x.json": "{"}),
        ),
        (
            "no counts",
            json!({"a/l.json": {"count": null, "backups": [{"id": "1", "created_at": "-90h"}, {"id": "2", "created_at": "-60h"}]},
            "b/l.json": {"count": null, "backups": [{"id": "2", "created_at": "-60h"}, {"id": "3", "created_at": "-3h"}]}}),
        ),
    ];
    for (name, files) in trees {
        let report = report(&tree(&files).path(""));
        assert_eq!(captures(&report), [], "{name}");
    }
}

/// Names that are dates say which is older, also where a resource is gone since.
#[test]
fn of_directories_that_are_called_by_dates_the_later_one_counts() {
    let list = |ids: [(&str, u32, &str); 2]| {
        let backup =
            |(id, hours, resource)| json!({"id": id, "created_at": format!("-{hours}h"), "resource_id": resource});
        json!({"count": 2, "backups": ids.map(backup)})
    };
    let older = list([("1", 90, "r1"), ("2", 60, "r2")]);
    let newer = list([("1", 90, "r1"), ("3", 3, "r1")]);
    let dated = tree(&json!({"2026-02-01/l.json": older, "2026-02-02/l.json": newer}));
    let parted = [("2026-02-02".to_owned(), true), ("2026-02-01".to_owned(), false)];
    assert_eq!(captures(&report(&dated.path(""))), parted);
    // Other names say nothing, and then the resource may merely not be listed.
    let plain = tree(&json!({"a/l.json": older, "b/l.json": newer}));
    assert_eq!(captures(&report(&plain.path(""))), []);
}

/// Where the names of the directories say the contrary of their lists, nobody knows which is older.
#[test]
fn names_that_contradict_the_lists_leave_both() {
    let list = |ids: [(&str, u32); 2]| {
        let backup = |(id, hours)| json!({"id": id, "created_at": format!("-{hours}h")});
        json!({"count": 2, "backups": ids.map(backup)})
    };
    let (older, newer) = (list([("1", 90), ("2", 60)]), list([("2", 60), ("3", 3)]));
    let set_aside = |files: Value| captures(&report(&tree(&files).path(""))).len();
    assert_eq!(set_aside(json!({"2026-02-01/l.json": older, "2026-02-02/l.json": newer})), 2);
    assert_eq!(set_aside(json!({"a/l.json": older, "b/l.json": newer})), 2);
    assert_eq!(set_aside(json!({"2026-02-02/l.json": older, "2026-02-01/l.json": newer})), 0);
    // A note is better than a name.
    let noted = json!({
        "2026-02-02/l.json": older, "2026-02-02/capture.json": {"captured_at": "-50h"},
        "2026-02-01/l.json": newer, "2026-02-01/capture.json": {"captured_at": "-1h"},
    });
    assert_eq!(set_aside(noted), 2);
}

#[test]
fn a_chain_of_captures_leads_to_the_newest() {
    let night = |number: i64| {
        let backup = |of: i64| json!({"id": format!("b{of}"), "created_at": format!("-{}h", 20 + 24 * (9 - of))});
        let made = format!("-{}h", 10 + 24 * (9 - number));
        [
            (format!("n{number}/capture.json"), json!({"captured_at": made})),
            (format!("n{number}/l.json"), json!({"backups": [backup(number - 1), backup(number)]})),
        ]
    };
    let files: Map<_, _> = (1..=9).flat_map(night).collect();
    let scratch = tree(&Value::Object(files));
    assert_judged_alone(&scratch, "n9", 8, "nine nights");
    let report = report(&scratch.path(""));
    let rows = report["inputs"]["captures"].as_array().unwrap();
    assert!(rows.iter().skip(1).all(|row| row["newer"] == "n9"), "{rows:#?}");
}

/// Where two later ones speak for a capture, and neither for the other, the newest of them does.
#[test]
fn of_several_later_captures_the_newest_counts() {
    let list = |numbers: &[u32], count: usize| {
        let backup = |number: &u32| json!({"id": format!("b{number}"), "created_at": format!("-{}h", 200 - number)});
        json!({"count": count, "backups": numbers.iter().map(backup).collect::<Vec<_>>()})
    };
    let note = |hours: u32| json!({"captured_at": format!("-{hours}h")});
    let tree = tree(&json!({
        "a/capture.json": note(60), "a/l.json": list(&[1, 2, 3], 3),
        "b/capture.json": note(40), "b/l.json": list(&[1, 2], 4),
        "c/capture.json": note(20), "c/l.json": list(&[2, 3], 4),
    }));
    let report = report(&tree.path(""));
    let rows = report["inputs"]["captures"].as_array().unwrap();
    let older: Vec<_> = rows.iter().filter(|row| row["judged"] == false).collect();
    assert_eq!(older.len(), 1, "{rows:#?}");
    assert_eq!((&older[0]["directory"], &older[0]["newer"]), (&json!("a"), &json!("c")));
}

/// Lists of two projects below one directory may lead to two later captures: the newest of these counts, whatever it is
/// called, and of two of one time the first by name.
#[test]
fn of_later_captures_that_two_projects_lead_to_the_newest_counts() {
    let list = |project: &str, backups: &[(u32, u32)]| {
        let backup = |(number, hours): &(u32, u32)| json!({"id": format!("b{number}"), "created_at": format!("-{hours}h"), "project_id": project});
        json!({"count": backups.len(), "backups": backups.iter().map(backup).collect::<Vec<_>>()})
    };
    for (one, other, counts) in [(40, 20, "2026-02-03"), (20, 40, "2026-02-02"), (20, 20, "2026-02-02")] {
        let tree = tree(&json!({
            "2026-02-01/p/l.json": list("p1", &[(1, 90), (2, 60)]), "2026-02-01/q/l.json": list("p2", &[(11, 90), (12, 60)]),
            "2026-02-02/p/l.json": list("p1", &[(1, 90), (2, 60), (4, one)]), "2026-02-02/q/l.json": list("p2", &[(13, one)]),
            "2026-02-03/p/l.json": list("p1", &[(3, other)]), "2026-02-03/q/l.json": list("p2", &[(11, 90), (12, 60), (14, other)]),
        }));
        let report = report(&tree.path(""));
        let rows = report["inputs"]["captures"].as_array().unwrap();
        let older: Vec<_> = rows.iter().filter(|row| row["judged"] == false).collect();
        assert_eq!(older.len(), 1, "{rows:#?}");
        assert_eq!(
            (&older[0]["directory"], &older[0]["newer"]),
            (&json!("2026-02-01"), &json!(counts)),
            "-{one}h, -{other}h"
        );
    }
}

/// Which backups the tables had before the older capture went must not matter for one that holds each of its backups once.
#[test]
fn a_newer_capture_of_more_backups_is_judged_alone() {
    let list = |numbers: std::ops::Range<u32>| {
        let backup = |number: u32| json!({"id": format!("b{number}"), "created_at": format!("-{}h", 200 - number)});
        json!({"backups": numbers.map(backup).collect::<Vec<_>>()})
    };
    for (old, new) in [(0..2, 0..5), (0..3, 1..9), (4..5, 0..5)] {
        let tree = tree(&json!({
            "a/capture.json": {"captured_at": "-30h"}, "a/l.json": list(old.clone()),
            "b/capture.json": {"captured_at": "-1h"}, "b/l.json": list(new.clone()),
        }));
        assert_judged_alone(&tree, "b", 1, &format!("{old:?} and {new:?}"));
    }
}

/// A list that was filtered is whole by its own count: then it is judged, since it is newer, and the run says what it lacks.
#[test]
fn a_newer_capture_that_holds_much_less_is_told() {
    let list = |numbers: std::ops::Range<u32>, resources: u32| {
        let backup = |number: u32| json!({"id": format!("b{number}"), "created_at": format!("-{}h", 200 - number), "resource_id": format!("r{}", number % resources)});
        json!({"backups": numbers.map(backup).collect::<Vec<_>>()})
    };
    let status = |older: Value, newer: Value| {
        let scratch = tree(&json!({
            "old/capture.json": {"captured_at": "-30h"}, "old/l.json": older,
            "new/capture.json": {"captured_at": "-1h"}, "new/l.json": newer,
        }));
        let (report, status) = program::report(&scratch.path(""), &["--fail-on", "none"]);
        assert_eq!(captures(&report), [("new".to_owned(), true), ("old".to_owned(), false)]);
        (status, report["incomplete"].to_string())
    };
    // As many resources, and backups that ended; a resource of many is gone.
    assert_eq!(status(list(0..40, 8), list(8..40, 8)), (0, "[]".to_owned()));
    assert_eq!(status(list(0..40, 8), list(33..40, 8)), (0, "[]".to_owned()));
    // An order fewer backups; most resources gone.
    let (fewer, why) = status(list(0..40, 2), list(38..40, 2));
    assert_eq!(fewer, 4);
    assert!(
        why.contains("new holds 2 backups, and the older capture old 40, with 0 of 2 resources that only it lists"),
        "{why}"
    );
    let (gone, why) = status(list(0..8, 8), list(5..8, 8));
    assert_eq!(gone, 4);
    assert!(why.contains("with 5 of 8 resources that only it lists: the newer may be filtered"), "{why}");
    assert!(why.contains("cbr-audit report PATH/old"), "{why}");
}
