//! What is missing never passes: at a fixed as-of time, outside the data-quality family, removing or nulling any one
//! field of any record moves no verdict to pass. Left out are the identity fields and the fields whose absence has a
//! meaning of its own.
//!
//! Two exceptions are by nature. A contradiction, between copies of a record or between a server's own flag and its
//! disks, is not judged, and is gone once one of the two sides says nothing. And a record that was made after the as-of
//! time has no verdicts that could move; once it does not say when it was made, it is looked at.
//!
//! Every so many fields are tried; `MISSING_STRIDE=1` tries all, and `MISSING_DUMPS` sets the number of random dumps.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "missing/around.rs"]
mod around;
#[path = "missing/dump.rs"]
mod dump;
#[path = "missing/random.rs"]
mod random;

use cbr_audit::clock::AsOf;
use cbr_audit::parse::time;
use cbr_audit::rule::NOON;
use dump::{Change, Dump, Verdicts};
use rayon::prelude::*;

/// How many random dumps are tried, and every how many of their fields.
const DUMPS: usize = 60;
const RANDOM_STRIDE: usize = 7;
/// About how many fields of one project of a sample are tried.
const TRIED: usize = 60;

#[test]
fn in_the_healthy_sample() {
    ["eu-de_booking", "eu-de_office"].into_iter().for_each(|project| check_sample("healthy", project));
}

#[test]
fn in_the_troubled_sample() {
    ["eu-de_finance", "eu-de_legacy", "eu-de_logistics"]
        .into_iter()
        .for_each(|project| check_sample("troubled", project));
}

#[test]
fn in_the_answer_of_the_api_reference() {
    check_sample("api-page", "");
}

#[test]
fn in_random_dumps() {
    check_random(random::files);
}

#[test]
fn in_random_answers_around_the_backups() {
    check_random(around::files);
}

fn check_random(files: fn(u64) -> Vec<(String, String)>) {
    let seeds = 1..=number("MISSING_DUMPS").unwrap_or(DUMPS) as u64;
    let stride = number("MISSING_STRIDE").unwrap_or(RANDOM_STRIDE);
    let noon = time::parse(NOON).unwrap().time;
    let moved = seeds.into_par_iter().flat_map(|seed| {
        let dump = Dump::new(&format!("random dump {seed}"), files(seed), AsOf::Given(noon));
        moved_by_each_change(&dump, stride)
    });
    assert_none(moved.collect());
}

fn check_sample(sample: &str, project: &str) {
    let dump = Dump::sample(sample, project);
    let stride = number("MISSING_STRIDE").unwrap_or_else(|| dump.changes().len().div_ceil(TRIED).max(1));
    assert_none(moved_by_each_change(&dump, stride));
}

/// A number that the environment sets.
fn number(variable: &str) -> Option<usize> {
    std::env::var(variable).ok()?.parse().ok()
}

/// The verdicts that some change moves to pass, in words.
fn moved_by_each_change(dump: &Dump, stride: usize) -> Vec<String> {
    let before = dump.verdicts(None);
    let changes: Vec<_> = dump.changes().into_iter().step_by(stride).collect();
    let moved = changes.par_iter().flat_map_iter(|change| moved_to_pass(dump, &before, change));
    moved.collect()
}

fn moved_to_pass(dump: &Dump, before: &Verdicts, change: &Change) -> Vec<String> {
    let passes = dump.verdicts(Some(change)).into_iter().filter(|(_, verdict)| verdict == "pass");
    let known = passes.filter_map(|(unit, _)| Some((before.get(&unit)?, unit)));
    let moved = known.filter(|(was, _)| !matches!(was.as_str(), "pass" | "unknown record-conflict"));
    moved.map(|(was, unit)| format!("{} from {was} to pass: {change} in {}", unit.join(" "), dump.name)).collect()
}

fn assert_none(mut moved: Vec<String>) {
    moved.sort_unstable();
    assert!(moved.is_empty(), "{} verdicts moved to pass:\n{}", moved.len(), moved.join("\n"));
}
