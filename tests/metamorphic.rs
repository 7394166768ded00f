//! Relations between dumps: what says the same in another form is judged the same, what is put beside it changes nothing
//! else, and what is taken away is missed.
//!
//! `METAMORPHIC` sets how many dumps each relation is tried on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

#[path = "missing/around.rs"]
mod around;
#[path = "metamorphic/arranged.rs"]
mod arranged;
#[path = "metamorphic/beside.rs"]
mod beside;
#[path = "metamorphic/dump.rs"]
mod dump;
#[allow(dead_code, reason = "the tests of the readers use more of it")]
#[path = "readers/node.rs"]
mod node;
mod packed;
#[path = "metamorphic/parts.rs"]
mod parts;
#[allow(dead_code, reason = "the tests of what is missing use more of it")]
#[path = "missing/random.rs"]
mod random;
mod told;
#[path = "metamorphic/written.rs"]
mod written;

use cbr_audit::format::FORMATS;
use cbr_audit::judge;
use cbr_audit::read::read;
use cbr_audit::rule::NOON;
use dump::{Dump, holds, said};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use told::{Place, Told, settings};

type Outcome = Result<(), String>;

/// What is about a file, a directory or a listing depends on how a dump lies on the disk.
const OF_THE_FORM: [&str; 3] = ["kind: \"file\"", "kind: \"directory\"", "kind: \"listing\""];

/// Rules that count files, directories or listings.
const COUNTING_FILES: [&str; 4] =
    ["input-unreadable:", "vault-list-incomplete:", "pagination-incomplete:", "scope-mixed:"];

/// What is said of the backups and the answers around them, whatever files they stand in.
#[derive(Debug, PartialEq)]
struct Essence {
    backups: usize,
    around: usize,
    findings: Vec<String>,
    counts: Vec<String>,
}

fn essence(told: &Told) -> Essence {
    let is_of_form = |finding: &&String| OF_THE_FORM.iter().any(|kind| finding.contains(kind));
    let counts_files = |line: &&String| COUNTING_FILES.iter().any(|rule| line.starts_with(rule));
    Essence {
        backups: told.backups,
        around: told.around,
        findings: told.findings.iter().filter(|finding| !is_of_form(finding)).cloned().collect(),
        counts: told.counts.iter().filter(|line| !counts_files(line)).cloned().collect(),
    }
}

/// Nothing if both are the same; else where they part.
fn same<T: PartialEq>(one: &T, other: &T, lines: impl Fn(&T) -> Vec<String>) -> Outcome {
    if one == other {
        return Ok(());
    }
    let [one, other] = [lines(one), lines(other)].map(|lines| lines.into_iter().collect::<BTreeSet<_>>());
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>().join("\n");
    Err(format!("only before:\n{}\nonly after:\n{}", only(&one, &other), only(&other, &one)))
}

fn same_essence(one: &Told, other: &Told) -> Outcome {
    same(&essence(one), &essence(other), |essence| {
        let totals = format!("{} backups, {} around", essence.backups, essence.around);
        [vec![totals], essence.findings.clone(), essence.counts.clone()].concat()
    })
}

/// The same also file by file.
fn same_in_all(one: &Told, other: &Told) -> Outcome {
    same(one, other, |told| {
        let ledger = told.ledger.iter().map(|line| format!("{line:?}")).collect();
        [vec![told.backups.to_string(), told.status.to_string()], ledger, told.findings.clone(), told.counts.clone()]
            .concat()
    })
}

/// Every record in a file of its own.
fn one_by_one(dump: &Dump) -> Vec<(String, String)> {
    (0..)
        .zip(&dump.records)
        .map(|(number, record): (usize, _)| (format!("r{number}.json"), record.to_string()))
        .collect()
}

/// The full JSON report, byte by byte.
fn report(place: &Place) -> Vec<u8> {
    let settings = settings(NOON);
    let sources = cbr_audit::discover::discover(&[place.path().to_owned()], &settings.exclude.globs).unwrap();
    let run = judge(&settings, read(&sources, settings.reading()), false);
    let json = FORMATS.iter().find(|format| format.name == "json").unwrap();
    let mut report = Vec::new();
    json.write(&run, &mut report).unwrap();
    report
}

#[test]
fn the_number_of_threads_does_not_matter() {
    static POOLS: LazyLock<Vec<rayon::ThreadPool>> = LazyLock::new(|| {
        let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        (1..=16).map(pool).collect()
    });
    holds(|dump, dice| {
        let place = Place::new();
        dump.with(one_by_one(dump)).iter().for_each(|(name, bytes)| {
            place.write(name, bytes);
        });
        let [one, other] = [dice.roll(16), dice.roll(16)].map(|at| &POOLS[usize::try_from(at).unwrap()]);
        let [one, other] = [one, other].map(|pool| pool.install(|| report(&place)));
        if one == other { Ok(()) } else { Err("the reports differ".to_owned()) }
    });
}

#[test]
fn every_format_tells_the_same_findings() {
    holds(|dump, _| {
        let place = Place::new();
        dump.files().iter().for_each(|(name, bytes)| {
            place.write(name, bytes);
        });
        let settings = settings(NOON);
        let sources = cbr_audit::discover::discover(&[place.path().to_owned()], &settings.exclude.globs).unwrap();
        let run = judge(&settings, read(&sources, settings.reading()), false);
        let written = |name: &str| {
            let mut text = Vec::new();
            let format = FORMATS.iter().find(|format| format.name == name).unwrap();
            format.write(&run, &mut text).unwrap();
            text
        };
        let json: Value = serde_json::from_slice(&written("json")).unwrap();
        let findings = json["findings"].as_array().unwrap();
        let mut rows =
            csv::Reader::from_reader(&written("csv")[..]).into_records().map(Result::unwrap).collect::<Vec<_>>();
        rows.retain(|row| !row[0].is_empty());
        let rules = |rule: &str| findings.iter().filter(|finding| finding["rule"] == rule).count();
        let sum: u64 = json["rules"].as_array().unwrap().iter().map(|rule| rule["fail"].as_u64().unwrap()).sum();
        let failures = findings.iter().filter(|finding| finding["verdict"] == "fail").count() as u64;
        if rows.len() != findings.len() || failures != sum {
            return Err(format!("{} rows, {} findings, {failures} failures of {sum}", rows.len(), findings.len()));
        }
        let odd = rows.iter().find(|row| rules(&row[0]) != rows.iter().filter(|other| other[0] == row[0]).count());
        odd.map_or(Ok(()), |row| Err(format!("{row:?}")))
    });
}

/// What holds of every dump: each unit of a rule comes to one verdict, and the records are those of the files.
#[test]
fn what_is_counted_adds_up() {
    holds(|dump, _| {
        let told = said(&dump.files());
        let inside = |record: &Value| record["children"].as_array().map_or(0, Vec::len);
        let objects: usize = dump.records.iter().map(|record| 1 + inside(record)).sum();
        if told.records() != objects as u64 {
            return Err(format!("{} records of {objects}", told.records()));
        }
        Ok(())
    });
}

/// A relation that does not hold is found, and the dump made smaller.
#[test]
fn a_relation_that_does_not_hold_is_found() {
    let found = std::panic::catch_unwind(|| {
        holds(|dump, _| {
            let mut fewer = dump.clone();
            fewer.records.truncate(1);
            same_essence(&said(&dump.files()), &said(&fewer.files()))
        });
    });
    assert!(found.is_err());
}
