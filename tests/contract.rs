//! The JSON report keeps the contract that other programs rely on: it fits the published schema, its sums add up, and
//! the CSV holds the same findings.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::format::escape::cell;
use cbr_audit::rules::RULES;
use jsonschema::Validator;
use pretty_assertions::assert_eq;
use program::{Scratch, report, run, sample, text_of};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

const SAMPLES: [&str; 4] = ["api-page", "healthy", "troubled", "broken"];

/// Arguments that bring every optional part of a report about.
const ARGUMENTS: [&[&str]; 12] = [
    &[],
    &["--sha256"],
    &["--resource", "leg-erp-01", "--resource", "fin-share-01"],
    &["--resource", "nothing-of-this-name"],
    &["--as-of", "2026-10-20T03:00:00Z"],
    &["--as-of", "now", "--max-age", "1h"],
    &["--config", "samples/config/cbr-audit.toml"],
    &["--config", "samples/config/cbr-audit.toml", "--expect", "samples/config/expected.csv"],
    &["--only", "rpo-breach", "--set", "rpo-hours=0.5", "--fail-on", "none"],
    &["--framework", "nist-800-53r5", "--framework", "pci-4.0.1", "--framework", "3-2-1-1-0"],
    &["--framework", "nis2", "--skip", "rpo-breach", "--resource", "leg-erp-01"],
    &["--region", "eu-de", "--replication-shown", "--exclude", "show/**", "--skip", "schema-drift"],
];

/// Every report of the samples and of an empty directory, with what made it.
static REPORTS: LazyLock<Vec<(String, Value)>> = LazyLock::new(|| {
    let empty = Scratch::new();
    let places = SAMPLES.map(sample).into_iter().chain([empty.path("")]);
    let mut reports = Vec::new();
    for place in places {
        for arguments in ARGUMENTS {
            let name = format!("{} {}", place.display(), arguments.join(" "));
            reports.push((name, report(&place, arguments).0));
        }
    }
    reports
});

fn schema() -> Value {
    serde_json::from_str(&text_of("docs/report.schema.json")).unwrap()
}

fn validator() -> Validator {
    let schema = schema();
    jsonschema::meta::validate(&schema).expect("the schema is no schema");
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

#[test]
fn every_report_fits_the_schema() {
    let validator = validator();
    for (name, report) in REPORTS.iter() {
        let errors = validator.iter_errors(report);
        let errors: Vec<_> = errors.map(|error| format!("{}: {error:.300}", error.instance_path())).take(5).collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let validator = validator();
    let (good, _) = report(&sample("troubled"), &["--resource", "leg-erp-01"]);
    assert!(validator.is_valid(&good));
    let spoiled: [(&str, &str, Value); 9] = [
        ("", "surprise", json!(1)),
        ("", "schema", json!("cbr-audit.report/2")),
        ("/as_of", "time", json!("yesterday")),
        ("/inputs/files/0", "state", json!("lost")),
        ("/findings/0", "verdict", json!("pass")),
        ("/findings/0", "count", json!(3)),
        ("/findings/0/evidence", "pointer", json!("backups/0")),
        ("/resources/0", "surprise", json!(1)),
        ("/restore_points/0/points/0", "surprise", json!(1)),
    ];
    for (place, key, value) in spoiled {
        let mut bad = good.clone();
        bad.pointer_mut(place).unwrap()[key] = value;
        assert!(!validator.is_valid(&bad), "{place}/{key} may be anything");
    }
}

#[test]
fn the_fixed_keys_are_there_and_required() {
    let (report, _) = report(&sample("troubled"), &[]);
    let required = |name: &str| -> BTreeSet<String> {
        let schema = schema();
        let part = if name.is_empty() { &schema } else { &schema["$defs"][name] };
        serde_json::from_value(part["required"].clone()).unwrap()
    };
    let fixed: [(&str, &str, &[&str]); 5] = [
        ("", "", &["schema", "tool", "as_of", "settings", "inputs", "rules", "resources", "findings", "notes"]),
        ("inputs", "/inputs", &["files_total", "files_by_state", "bytes", "records", "after_as_of", "files"]),
        ("file", "/inputs/files/0", &["path", "bytes", "kind", "state", "records"]),
        (
            "rule",
            "/rules/0",
            &["id", "severity", "title", "evaluated", "pass", "fail", "unknown", "not_applicable", "waived"],
        ),
        (
            "finding",
            "/findings/0",
            &["rule", "verdict", "severity", "subject", "observed", "expected", "evidence", "fingerprint"],
        ),
    ];
    for (name, place, keys) in fixed {
        for key in keys {
            assert!(report.pointer(place).unwrap().get(key).is_some(), "{place}/{key} is gone");
            assert!(required(name).contains(*key), "{place}/{key} is not required");
        }
    }
    assert_eq!(report["schema"], "cbr-audit.report/1");
    assert_eq!(report["tool"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_ledger_adds_up() {
    for (name, report) in REPORTS.iter() {
        let inputs = &report["inputs"];
        let files = inputs["files"].as_array().unwrap();
        let total = |key: &str| files.iter().map(|file| file[key].as_u64().unwrap()).sum::<u64>();
        let mut states: BTreeMap<&str, u64> = BTreeMap::new();
        for file in files {
            *states.entry(file["state"].as_str().unwrap()).or_default() += 1;
        }
        for (state, count) in inputs["files_by_state"].as_object().unwrap() {
            assert_eq!(count.as_u64().unwrap(), states.get(state.as_str()).copied().unwrap_or_default(), "{name}");
        }
        assert_eq!(inputs["files_total"], files.len(), "{name}");
        assert_eq!(inputs["bytes"], total("bytes"), "{name}");
        assert!(total("records") >= inputs["records"].as_u64().unwrap(), "{name}");
        let paths: Vec<_> = files.iter().map(|file| file["path"].as_str().unwrap()).collect();
        assert!(paths.is_sorted(), "{name}");
    }
}

#[test]
fn the_counts_of_a_rule_are_those_of_its_findings() {
    for (name, report) in REPORTS.iter() {
        let narrowed = !report["settings"]["resource"].as_array().unwrap().is_empty();
        let mut found: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for finding in report["findings"].as_array().unwrap() {
            let key = (finding["rule"].as_str().unwrap(), finding["verdict"].as_str().unwrap());
            *found.entry(key).or_default() += finding["count"].as_u64().unwrap_or(1);
        }
        for rule in report["rules"].as_array().unwrap() {
            let count = |key: &str| rule[key].as_u64().unwrap();
            let sum = count("pass") + count("fail") + count("unknown") + count("waived");
            assert_eq!(count("evaluated"), sum, "{name}: {rule}");
            for verdict in ["fail", "unknown", "waived"] {
                let found = found.get(&(rule["id"].as_str().unwrap(), verdict)).copied().unwrap_or_default();
                assert!(found == count(verdict) || narrowed && found < count(verdict), "{name}: {found} in {rule}");
            }
        }
    }
}

#[test]
fn every_rule_of_the_catalogue_ran_or_is_said_to_be_off() {
    for (name, report) in REPORTS.iter() {
        let ran = report["rules"].as_array().unwrap().iter().map(|rule| &rule["id"]);
        let off = report["settings"]["rules_off"].as_array().unwrap();
        let said: BTreeSet<_> = ran.chain(off).map(|id| id.as_str().unwrap()).collect();
        assert_eq!(said, RULES.iter().map(|rule| rule.id).collect(), "{name}");
    }
}

#[test]
fn no_two_findings_share_a_fingerprint() {
    for (name, report) in REPORTS.iter() {
        let mut seen = BTreeMap::new();
        for finding in report["findings"].as_array().unwrap() {
            if let Some(twin) = seen.insert(finding["fingerprint"].as_str().unwrap(), finding) {
                panic!("{name}: {twin:#}\nand\n{finding:#}");
            }
        }
    }
}

/// The columns of the CSV and where the same stands in the JSON.
const COLUMNS: [(&str, &str); 22] = [
    ("rule", "/rule"),
    ("verdict", "/verdict"),
    ("severity", "/severity"),
    ("reason", "/reason"),
    ("count", "/count"),
    ("subject_kind", "/subject/kind"),
    ("subject_id", "/subject/id"),
    ("subject_key", "/subject/key"),
    ("subject_name", "/subject/name"),
    ("project_id", "/resource/project_id"),
    ("resource_type", "/resource/type"),
    ("resource_id", "/resource/id"),
    ("resource_name", "/resource/name"),
    ("vault_id", "/vault_id"),
    ("field", "/field"),
    ("observed", "/observed"),
    ("expected", "/expected"),
    ("evidence_file", "/evidence/file"),
    ("evidence_pointer", "/evidence/pointer"),
    ("fingerprint", "/fingerprint"),
    ("tier", "/tier"),
    ("owner", "/owner"),
];

#[test]
fn csv_and_json_hold_the_same_findings_in_the_same_order() {
    for name in SAMPLES {
        let scratch = Scratch::new();
        let (csv, json) = (scratch.path("findings.csv"), scratch.path("report.json"));
        let path = sample(name);
        run(["report".as_ref(), path.as_os_str(), "-qo".as_ref(), csv.as_os_str(), "-o".as_ref(), json.as_os_str()]);
        let report: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
        let mut reader = csv::Reader::from_path(csv).unwrap();
        assert_eq!(reader.headers().unwrap(), COLUMNS.map(|(name, _)| name).as_slice());
        let rows: Vec<Vec<String>> =
            reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        let findings = report["findings"].as_array().unwrap();
        let expected: Vec<Vec<String>> = findings.iter().map(row_of).collect();
        assert!(name == "healthy" || !rows.is_empty(), "{name}");
        assert_eq!(rows, expected, "{name}");
    }
}

fn row_of(finding: &Value) -> Vec<String> {
    let text = |pointer: &str| match finding.pointer(pointer) {
        None => String::new(),
        Some(Value::String(text)) => cell(text).into_owned(),
        Some(other) => other.to_string(),
    };
    COLUMNS.iter().map(|(_, pointer)| text(pointer)).collect()
}
