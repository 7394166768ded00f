//! The control packs: rules and catalogue agree on which controls there are, the counts of a control are those of its
//! rules, and nothing that was not judged supports anything.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::control::{Control, FRAMEWORKS, Framework};
use cbr_audit::rules::RULES;
use pretty_assertions::assert_eq;
use program::{Scratch, report, run, sample};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn controls() -> impl Iterator<Item = (&'static Framework, &'static Control)> {
    FRAMEWORKS.into_iter().flat_map(|framework| framework.controls.iter().map(move |control| (framework, control)))
}

#[test]
fn every_control_that_a_rule_names_is_in_the_catalogue() {
    let known: BTreeSet<_> = controls().map(|(_, control)| control.id).collect();
    let prefixes: BTreeSet<_> = FRAMEWORKS.iter().flat_map(|framework| framework.prefixes).collect();
    for (rule, named) in RULES.iter().flat_map(|rule| rule.controls.iter().map(move |named| (rule, named))) {
        let (prefix, _) = named.split_once(':').unwrap();
        assert!(!prefixes.contains(&prefix) || known.contains(named), "{} names {named}", rule.id);
    }
}

#[test]
fn every_control_has_its_rules_or_says_that_nothing_can_test_it() {
    for (_, control) in controls() {
        let rules: BTreeSet<_> = control.rules().map(|rule| rule.id).collect();
        assert_eq!(control.supports.is_some(), !rules.is_empty(), "{}: {rules:?}", control.id);
        for id in control.given() {
            assert!(rules.contains(id), "{}: there is no rule {id}", control.id);
        }
    }
}

#[test]
fn ids_are_unique_and_belong_to_their_framework() {
    let frameworks: BTreeSet<_> = FRAMEWORKS.iter().map(|framework| framework.id).collect();
    assert_eq!(frameworks.len(), FRAMEWORKS.len());
    let ids: BTreeSet<_> = controls().map(|(_, control)| control.id).collect();
    assert_eq!(ids.len(), controls().count());
    for (framework, control) in controls() {
        let (prefix, label) = control.id.split_once(':').unwrap();
        assert!(framework.prefixes.contains(&prefix), "{} in {}", control.id, framework.id);
        assert_eq!(control.label(), label);
        assert!(!control.id.contains(char::is_whitespace), "{}", control.id);
    }
}

#[test]
fn texts_are_sentences_that_promise_nothing() {
    let remarks = FRAMEWORKS.iter().filter_map(|framework| framework.remark.map(|text| (framework.id, text)));
    let texts = controls().flat_map(|(_, control)| {
        let texts = [Some(control.asks), control.supports, Some(control.cannot_prove)];
        texts.into_iter().flatten().map(|text| (control.id, text))
    });
    for (id, text) in texts.chain(remarks) {
        assert!(text.len() > 10 && text.ends_with('.') && !text.contains("  "), "{id}: {text:?}");
        let lower = text.to_lowercase();
        assert!(!["complies", "compliant", "score", "proves"].iter().any(|word| lower.contains(word)), "{id}: {text}");
    }
}

#[test]
fn the_help_names_every_framework_and_a_wrong_one_is_refused() {
    let help = run(["report", "--help"]).out;
    let words: BTreeSet<_> = help.split(|c: char| c.is_whitespace() || c == ',').collect();
    for framework in FRAMEWORKS {
        let id = framework.id;
        assert!(words.iter().any(|word| word.trim_end_matches('.') == id), "{id} is not in the help");
    }
    let ran = run([Path::new("report"), &sample("healthy"), Path::new("--framework"), Path::new("nist-80053r5")]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("did you mean \"nist-800-53r5\"?"), "{}", ran.err);
}

/// The arguments that ask for every framework.
fn all_frameworks() -> Vec<&'static str> {
    FRAMEWORKS.iter().flat_map(|framework| ["--framework", framework.id]).collect()
}

/// Every control of a report by id.
fn rows(report: &Value) -> BTreeMap<&str, &Value> {
    let frameworks = report["frameworks"].as_array().unwrap();
    let rows = frameworks.iter().flat_map(|framework| framework["controls"].as_array().unwrap());
    rows.map(|row| (row["id"].as_str().unwrap(), row)).collect()
}

#[test]
fn the_counts_of_a_control_are_the_sums_of_its_rules() {
    for name in ["healthy", "troubled", "broken", "api-page"] {
        let (report, _) = report(&sample(name), &all_frameworks());
        let rules = report["rules"].as_array().unwrap();
        assert_eq!(rows(&report).len(), controls().count());
        for (id, row) in rows(&report) {
            let mine = |rule: &&Value| row["rules"].as_array().unwrap().contains(&rule["id"]);
            for key in ["evaluated", "pass", "fail", "unknown", "not_applicable", "waived"] {
                let sum: u64 = rules.iter().filter(mine).map(|rule| rule[key].as_u64().unwrap()).sum();
                assert_eq!(row[key], sum, "{name}: {id}: {key}");
            }
            let shown = row["exceptions"].as_array().unwrap().len() as u64;
            assert_eq!(shown + row["exceptions_omitted"].as_u64().unwrap(), row["fail"], "{name}: {id}");
            let why = format!("{name}: {id}");
            exceptions_represent_every_rule(row["exceptions"].as_array().unwrap(), &failures_of(row, &report), &why);
            assert_eq!(row["standing"], expected_standing(id, row), "{name}: {id}");
        }
    }
}

/// The failures of the rules of a control, in the order of the report.
fn failures_of<'r>(control: &Value, report: &'r Value) -> Vec<&'r Value> {
    let rules = control["rules"].as_array().unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.filter(|finding| finding["verdict"] == "fail" && rules.contains(&finding["rule"])).collect()
}

/// First the worst failure of every rule, then those of resources that are not yet among them, then others; each part has
/// the worst first.
fn exceptions_represent_every_rule(shown: &[Value], failures: &[&Value], why: &str) {
    let mut wanted: Vec<&Value> = Vec::new();
    for failure in failures {
        if wanted.iter().all(|earlier| earlier["rule"] != failure["rule"]) {
            wanted.push(failure);
        }
    }
    let rules = wanted.len();
    for failure in failures {
        let resource = &failure["resource"];
        if !resource.is_null() && wanted.iter().all(|earlier| earlier["resource"] != *resource) {
            wanted.push(failure);
        }
    }
    let rest: Vec<_> = failures.iter().copied().filter(|failure| !wanted.contains(failure)).collect();
    let wanted: Vec<_> = wanted.into_iter().chain(rest).take(shown.len()).collect();
    assert_eq!(shown.iter().collect::<Vec<_>>(), wanted, "{why}");
    assert!(shown.len() >= rules, "{why}: a failing rule is not shown");
    assert!(shown.iter().take(rules).map(|row| rank(&row["severity"])).is_sorted(), "{why}");
}

fn rank(severity: &Value) -> Option<usize> {
    ["critical", "high", "medium", "low", "info"].iter().position(|word| severity == word)
}

/// Where passing is not enough: disk encryption does not make numbers unreadable, scope is a decision, and no failed job
/// is no verified restore.
const ONLY_AGAINST: [&str; 5] =
    ["pci-4.0.1:3.5.1", "pci-4.0.1:12.5.2", "3-2-1-1-0:0-errors", "nist-800-53r5:CP-9(1)", "soc2:A1.3"];

/// The controls that the frameworks hold for backups: none may be missing, tested or not.
#[test]
fn every_control_that_bears_on_backups_has_its_section() {
    let known: BTreeSet<_> = controls().map(|(_, control)| control.id).collect();
    let wanted = [
        ("iso27001-2022:", "A.8.13 A.8.14 A.5.29 A.5.30 A.8.10 A.5.33 A.8.24"),
        (
            "nist-800-53r5:",
            "CP-6 CP-6(1) CP-6(2) CP-6(3) CP-9 CP-9(1) CP-9(2) CP-9(3) CP-9(5) CP-9(6) CP-9(7) CP-9(8) CP-10 CP-10(2) CP-10(4)",
        ),
        ("cis-8.1:", "11.1 11.2 11.3 11.4 11.5 3.4 3.11"),
        ("soc2:", "A1.2 A1.3"),
        ("pci-4.0.1:", "9.4.1.1 9.4.1.2 3.2.1 3.5.1 3.5.1.2 3.5.1.3 10.3.3 10.5.1 12.5.2 12.10.1"),
        ("c5-2020:", "OPS-06 OPS-07 OPS-08 OPS-09"),
        ("dora:", "11(6) 11(8) 12(1)(a) 12(2) 12(3) 12(6) 12(7)"),
        ("nis2:", "21(2)(c)"),
        ("impl-reg-2024-2690:", "4.2.1 4.2.2(a) 4.2.2(b) 4.2.2(c) 4.2.2(d) 4.2.2(e) 4.2.2(f) 4.2.3 4.2.4 4.2.5 4.2.6"),
        ("3-2-1-1-0:", "3-copies 2-media 1-offsite 1-immutable 0-errors"),
    ];
    for (prefix, labels) in wanted {
        for label in labels.split(' ') {
            assert!(known.contains(format!("{prefix}{label}").as_str()), "{prefix}{label}");
        }
    }
}

/// What the counts of a control allow to be said, spelt out once more.
fn expected_standing(id: &str, row: &Value) -> &'static str {
    let count = |key: &str| row[key].as_u64().unwrap();
    let off = !row["rules_off"].as_array().unwrap().is_empty();
    match () {
        () if row["supports"].is_null() => "nothing here can test it",
        () if count("fail") > 0 => "evidence against",
        () if count("evaluated") == 0 => "nothing evaluated",
        () if count("unknown") > 0 || off || ONLY_AGAINST.contains(&id) => "not fully judged",
        () => "supports",
    }
}

#[test]
fn a_rule_that_judges_files_of_older_captures_too_counts_them_among_its_population() {
    let scratch = Scratch::new();
    for (day, id) in [("2026-02-27", "b1"), ("2026-02-28", "b2")] {
        scratch.write(&format!("{day}/capture.json"), format!("{{\"captured_at\": \"{day}T12:00:00Z\"}}"));
        let backup = |id: &str| {
            format!(
                "{{\"id\": \"{id}\", \"project_id\": \"p\", \"resource_id\": \"r\", \"resource_type\": \
                 \"OS::Cinder::Volume\", \"created_at\": \"2026-02-01T00:00:00Z\"}}"
            )
        };
        let list = format!("{{\"count\": 2, \"backups\": [{}, {}]}}", backup("stays"), backup(id));
        scratch.write(&format!("{day}/list.json"), list);
    }
    let (report, _) = report(&scratch.path(""), &["--framework", "soc2"]);
    assert_eq!(report["inputs"]["captures"].as_array().unwrap().len(), 2);
    let unreadable = report["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == "input-unreadable").unwrap();
    let row = rows(&report)["soc2:A1.2"];
    let files = row["population"].as_array().unwrap().iter().find(|units| units["unit"] == "file").unwrap();
    assert_eq!(files["count"], 4);
    assert_eq!(unreadable["evaluated"].as_u64().unwrap() + unreadable["not_applicable"].as_u64().unwrap(), 4);
}

#[test]
fn a_control_whose_rules_judged_nothing_never_passes() {
    let empty = Scratch::new();
    let (nothing, _) = report(&empty.path(""), &all_frameworks());
    let (skipped, _) = report(&sample("healthy"), &[&all_frameworks()[..], &["--only", "schema-drift"]].concat());
    for (id, row) in rows(&nothing).into_iter().chain(rows(&skipped)) {
        let ran = row["rules"].as_array().unwrap().contains(&json!("schema-drift"));
        assert!(ran || row["standing"] == "nothing evaluated" || row["supports"].is_null(), "{id}: {row}");
        assert_ne!(row["standing"], "supports", "{id}");
        assert_ne!(row["mark"], "✓", "{id}");
    }
}

#[test]
fn a_rule_that_was_left_out_leaves_its_controls_open() {
    let (report, _) = report(&sample("healthy"), &["--framework", "cis-8.1", "--skip", "backup-gap"]);
    let row = rows(&report)["cis-8.1:11.2"];
    assert_eq!((&row["fail"], &row["unknown"]), (&json!(0), &json!(0)));
    assert_eq!((&row["standing"], &row["rules_off"]), (&json!("not fully judged"), &json!(["backup-gap"])));
}

#[test]
fn the_boxes_tell_yes_no_and_cannot_tell_apart() {
    let marks = |name: &str, arguments: &[&str]| {
        let (report, _) = report(&sample(name), &[&["--framework", "3-2-1-1-0"], arguments].concat());
        let controls = report["frameworks"][0]["controls"].as_array().unwrap().clone();
        controls.iter().map(|control| control["mark"].as_str().unwrap().to_owned()).collect::<Vec<_>>().concat()
    };
    assert_eq!(marks("healthy", &[]), "✓?✓✓?");
    assert_eq!(marks("troubled", &[]), "✕?✕✕✕");
    assert_eq!(marks("api-page", &[]), "✕?✕??");
    assert_eq!(marks("healthy", &["--only", "expiring-soon"]), "?????");
}

#[test]
fn every_page_says_what_cannot_be_proved() {
    let path = sample("troubled");
    for format in ["html", "md"] {
        let output = format!("{format}=-");
        let all = ["report", path.to_str().unwrap(), "-qo", &output].into_iter().chain(all_frameworks());
        let page = run(all).out.replace("&#39;", "'");
        for (framework, control) in controls() {
            for text in [control.cannot_prove, control.asks].into_iter().chain(control.supports) {
                assert!(page.contains(text), "{format}: {}: {text}", control.id);
            }
            assert!(framework.remark.is_none_or(|remark| page.contains(remark)), "{format}: {}", framework.id);
        }
    }
}

#[test]
fn without_the_option_nothing_of_it_is_there_and_with_it_a_framework_stands_once() {
    let (plain, _) = report(&sample("healthy"), &[]);
    assert!(plain.get("frameworks").is_none());
    let (twice, _) = report(&sample("healthy"), &["--framework", "soc2", "--framework", "soc2"]);
    assert_eq!(twice["frameworks"].as_array().unwrap().len(), 1);
    let summary = run([Path::new("report"), &sample("healthy"), Path::new("--framework"), Path::new("soc2")]).out;
    let lines = summary.lines().filter(|line| line.trim_start().starts_with("soc2 "));
    assert_eq!(lines.count(), 1, "{summary}");
}
