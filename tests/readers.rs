//! However a document is read, the report is the same: value by value in the usual form, strictly, or in parts.
//!
//! `READERS_DOCUMENTS` sets the number of random documents of each kind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

#[path = "readers/archives.rs"]
mod archives;
#[path = "readers/dice.rs"]
mod dice;
#[path = "readers/judged.rs"]
mod judged;
#[path = "readers/limited.rs"]
mod limited;
#[path = "readers/lines.rs"]
mod lines;
#[path = "readers/long.rs"]
mod long;
#[path = "missing/random.rs"]
mod missing;
#[path = "readers/node.rs"]
mod node;
#[path = "readers/odd.rs"]
mod odd;
mod packed;
mod program;
#[path = "readers/random.rs"]
mod random;
mod table;
#[path = "readers/together.rs"]
mod together;
#[path = "readers/twin.rs"]
mod twin;
#[path = "readers/values.rs"]
mod values;
#[path = "readers/watched.rs"]
mod watched;
#[path = "readers/windows.rs"]
mod windows;
#[path = "readers/wrapped.rs"]
mod wrapped;

use dice::Dice;
use node::{Node, STYLES};
use program::{Scratch, files_below, root};
use random::Templates;
use rayon::prelude::*;
use serde_json::Value;
use std::fs;
use twin::Twin;

/// How many random documents of a kind are tried.
const DOCUMENTS: u64 = 50;

/// The texts of all samples that are JSON in UTF-8.
fn samples() -> Vec<(String, String)> {
    let samples = root().join("samples");
    let text = |file| Some((format!("{file:?}"), fs::read_to_string(samples.join(&file)).ok()?));
    let texts = files_below(&samples).into_iter().filter_map(text);
    texts.filter(|(_, text)| text.trim_start().starts_with('{') && text.contains('"')).collect()
}

/// Each as it is, and written anew in one of the layouts.
#[test]
fn the_samples_read_the_same_by_both_readers() {
    samples().par_iter().for_each(|(name, text)| {
        Twin::new(text.as_bytes()).unwrap().check(name);
        if let Ok(document) = serde_json::from_str::<Value>(text) {
            let style = STYLES[text.len() % STYLES.len()];
            let text = Node::from(&document).written(style);
            Twin::new(text.as_bytes()).unwrap().check(&format!("{name} as {style:?}"));
        }
    });
}

fn templates() -> Templates {
    let made = (0..20).flat_map(missing::files).map(|(_, text)| text);
    Templates::of(samples().into_iter().map(|(_, text)| text).chain(made))
}

/// The seeds of the random documents.
fn seeds() -> impl ParallelIterator<Item = u64> {
    let documents = std::env::var("READERS_DOCUMENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(DOCUMENTS);
    (0..documents).into_par_iter()
}

fn check_random(harm: usize) {
    let templates = templates();
    seeds().for_each(|seed| {
        let text = templates.document(&mut Dice::new(seed * 10 + harm as u64), harm);
        // What begins with no key, only the strict reader would read.
        if let Some(twin) = Twin::new(text.as_bytes()) {
            twin.check(&format!("document {seed} of harm {harm}"));
        }
    });
}

#[test]
fn usual_documents_read_the_same_by_both_readers() {
    check_random(0);
}

#[test]
fn drifting_documents_read_the_same_by_both_readers() {
    check_random(2);
}

#[test]
fn odd_documents_read_the_same_by_both_readers() {
    check_random(4);
}

#[test]
fn faulty_documents_read_the_same_by_both_readers() {
    check_random(6);
}

#[test]
fn texts_at_random_read_the_same_in_windows_of_any_size() {
    let templates = templates();
    seeds().for_each(|seed| {
        let harm = [0, 0, 1, 4, 6][seed as usize % 5];
        windows::check(&templates, &mut Dice::new(seed + 7_000_000), harm, &format!("text {seed} of harm {harm}"));
    });
}

/// A page of records with this text as the value of a key that nobody knows, in one of them.
fn page_with(value: &str) -> String {
    let record = |number: usize| {
        let mut record: Node = (&serde_json::from_str::<Value>(values::FULL).unwrap()).into();
        record.set("id", random::text(&format!("b{number}")));
        record
    };
    let mut records: Vec<_> = (0..20).map(record).collect();
    records[15].set("unheard", Node::raw(value));
    Node::Object(vec![("backups".to_owned(), Node::Array(records))]).written(STYLES[1])
}

/// State and records of the one file of a report.
fn outcome(report: &str) -> (String, u64) {
    let report: Value = serde_json::from_str(report).unwrap();
    let file = &report["inputs"]["files"][0];
    (file["state"].as_str().unwrap().to_owned(), file["records"].as_u64().unwrap())
}

#[test]
fn odd_values_are_accepted_or_refused_alike() {
    let all = odd::values();
    let tried: Vec<_> = all.par_iter().map(|(value, expected)| (value, *expected, both_outcomes(value))).collect();
    for (value, expected, outcomes) in tried {
        let expected = match expected {
            odd::Outcome::Read => ("read".to_owned(), 40),
            odd::Outcome::Lost => ("partly-read".to_owned(), 38),
            odd::Outcome::Refused => ("rejected".to_owned(), 0),
        };
        assert_eq!(outcomes, [expected.clone(), expected], "{value:.80}");
    }
}

fn both_outcomes(value: &str) -> [(String, u64); 2] {
    let twin = Twin::new(page_with(value).as_bytes()).unwrap();
    twin.check(value);
    let scratch = Scratch::new();
    [&twin.usual, &twin.strict].map(|text| outcome(&judged::report(&[("a.json", &scratch.write("a", text))])))
}
