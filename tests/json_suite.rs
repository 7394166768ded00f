//! A public suite of JSON texts, each at the border of what is JSON, against verdicts that are pinned by file name: each
//! text by itself, and as a value in a backup, whether or not anything reads the field in which it stands.
//!
//! `.ci/json-suite DIRECTORY` runs it; the suite itself is not part of the project. What `cargo test` runs without it are
//! own texts that the same judgement must get right, and wrong verdicts that it must find.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, clippy::print_stdout)]

mod told;

use cbr_audit::inventory::file::FileState;
use pretty_assertions::assert_eq;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use told::{Place, Told, told, told_of};

/// What each file of the suite is by itself, and as a value in a backup.
const VERDICTS: &str = include_str!("json_suite/verdicts.tsv");

/// No text may take longer, by itself and in all places together.
const LONGEST: Duration = Duration::from_secs(20);

/// What becomes of a text.
type Verdict = (String, String);

fn pinned() -> BTreeMap<&'static str, Verdict> {
    let line = |line: &'static str| match line.split('\t').collect::<Vec<_>>()[..] {
        [file, alone, inside] => (file, (alone.to_owned(), inside.to_owned())),
        _ => panic!("{line:?}"),
    };
    VERDICTS.lines().skip(1).map(line).collect()
}

/// A backup with nothing wrong in it, with this text in front of its members.
fn backup(id: &str, first: &[u8]) -> Vec<u8> {
    let info = if first.starts_with(br#""extend_info""#) { "" } else { r#", "extend_info": {"auto_trigger": true}"# };
    let rest = format!(
        r#""id": "{id}", "name": "autobk", "status": "available", "image_type": "backup", "vault_id": "v1",
        "resource_type": "OS::Cinder::Volume", "resource_id": "r1", "project_id": "p1", "parent_id": null,
        "children": []{info}}}"#
    );
    [b"{", first, rest.as_bytes()].concat()
}

/// A page of ten backups, of which the last but one holds the value; so many that also the quick way is taken.
fn page(first: &[u8]) -> Vec<u8> {
    let one = |number: usize| backup(&format!("b{number}"), if number == 8 { first } else { b"" });
    let all: Vec<_> = (0..10).map(one).collect();
    [br#"{"backups": ["#, &all.join(&b","[..])[..], br#"], "count": 10, "offset": 0}"#].concat()
}

/// Where in a backup a value may stand: under keys that rules or reports read, and under keys that nobody reads.
const IN_A_BACKUP: [(&str, &str); 10] = [
    (r#""resource_name": "#, ", "),
    (r#""resource_size": "#, ", "),
    (r#""created_at": "#, ", "),
    (r#""expired_at": "#, ", "),
    (r#""description": "#, ", "),
    (r#""unheard": "#, ", "),
    (r#""unheard": [{"of": "#, "}], "),
    (r#""extend_info": {"encrypted": "#, "}, "),
    (r#""replication_records": [{"status": "#, "}], "),
    (r#""replication_records": [{"unheard": "#, "}], "),
];

fn in_a_backup(text: &[u8]) -> Vec<(String, String)> {
    let outcome = |(before, behind): &(&str, &str)| {
        let first = [before.as_bytes(), text, behind.as_bytes()].concat();
        let told = told_of(&[("page.json", page(&first))]);
        ((*before).to_owned(), inside(&told, 10))
    };
    IN_A_BACKUP.iter().map(outcome).collect()
}

/// What is read of a page of so many backups.
fn inside(told: &Told, whole: u64) -> String {
    let line = told.line("page.json");
    match (line.state, line.records) {
        (FileState::Read, records) if records == whole => "read".to_owned(),
        (FileState::PartlyRead, records) if records == whole - 1 => "lost".to_owned(),
        (FileState::Rejected, 0) if has_place(&line.reason) => "refused".to_owned(),
        _ => format!("{line:?}"),
    }
}

/// Whether a reason says where a text stops being JSON.
fn has_place(reason: &str) -> bool {
    let number_behind =
        |words: &str| reason.split(words).skip(1).any(|rest| rest.starts_with(|char: char| char.is_ascii_digit()));
    number_behind(" at line ") || number_behind(" at byte ")
}

/// Faults of a whole text, which need no place.
const OF_THE_WHOLE: [&str; 3] =
    ["the file is empty (zero bytes)", "nothing but blanks", "an HTML or XML page, not an answer of the API"];

/// What a text is by itself: JSON, whatever it may say, or not.
fn alone(bytes: &[u8]) -> String {
    let told = told_of(&[("alone.json", bytes)]);
    let line = told.line("alone.json");
    let is_fault = has_place(&line.reason) || OF_THE_WHOLE.contains(&line.reason.as_str());
    match line.state {
        FileState::Rejected if is_fault => "not-json".to_owned(),
        FileState::Rejected if !line.reason.is_empty() => "json".to_owned(),
        FileState::NotBackup | FileState::Read => "json".to_owned(),
        _ => format!("{line:?}"),
    }
}

/// What becomes of a text; the same in every place of a backup.
fn verdict(bytes: &[u8]) -> Verdict {
    let begun = Instant::now();
    let outcomes = in_a_backup(bytes);
    let (_, first) = &outcomes[0];
    let others: Vec<_> = outcomes.iter().filter(|(_, outcome)| outcome != first).collect();
    let inside = if others.is_empty() { first.clone() } else { format!("{first}, but {others:?}") };
    let alone = alone(bytes);
    let taken = begun.elapsed();
    if taken > LONGEST { (format!("took {taken:?}"), inside) } else { (alone, inside) }
}

/// The files whose verdict is another than the one that is pinned, and those without one.
fn differences(pinned: &BTreeMap<&str, Verdict>, files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let compared = files.par_iter().filter_map(|(name, bytes)| {
        let found = verdict(bytes);
        match pinned.get(name.as_str()) {
            Some(expected) if *expected == found => None,
            expected => Some(format!("{name}: {found:?}, pinned is {expected:?}")),
        }
    });
    let mut differences: Vec<_> = compared.collect();
    let missing = pinned.keys().filter(|name| !files.contains_key(**name));
    differences.extend(missing.map(|name| format!("{name} is missing")));
    differences
}

fn suite() -> (PathBuf, BTreeMap<String, Vec<u8>>) {
    let directory = PathBuf::from(std::env::var_os("JSON_SUITE").expect("JSON_SUITE names the directory"));
    let mut files = BTreeMap::new();
    for part in ["parsing", "transform"] {
        for entry in std::fs::read_dir(directory.join(part)).unwrap() {
            let entry = entry.unwrap();
            files.insert(format!("{part}/{}", entry.file_name().display()), std::fs::read(entry.path()).unwrap());
        }
    }
    (directory, files)
}

#[test]
#[ignore = "needs the suite: .ci/json-suite DIRECTORY"]
fn every_file_of_the_suite_has_its_verdict() {
    let (_, files) = suite();
    let pinned = pinned();
    assert_eq!(differences(&pinned, &files), Vec::<String>::new());
    let count = |start: &str| files.keys().filter(|name| name.starts_with(start)).count();
    let [good, bad, open] = ["parsing/y_", "parsing/n_", "parsing/i_"].map(count);
    println!("JSON suite: {good} accepted, {bad} rejected, {open} as decided, {} transforms", count("transform/"));
}

#[test]
#[ignore = "needs the suite: .ci/json-suite DIRECTORY"]
fn the_ledger_names_every_file_of_the_suite() {
    let (directory, files) = suite();
    let told = told(&directory.join("parsing"));
    let bad: Vec<_> = files.keys().filter_map(|name| name.strip_prefix("parsing/n_")).collect();
    for name in &bad {
        assert_eq!(told.line(&format!("n_{name}")).state, FileState::Rejected, "{name}");
    }
    assert_eq!((told.records(), told.status), (0, 3));
}

/// The table speaks of every kind of file, and says of none that begins with `y` or `n` what the suite denies.
#[test]
fn the_table_agrees_with_the_names() {
    let pinned = pinned();
    assert_eq!(pinned.len(), 318 + 22);
    for (name, (alone, inside)) in &pinned {
        match name.strip_prefix("parsing/").and_then(|name| name.chars().next()) {
            Some('y') => assert_eq!((alone.as_str(), inside.as_str() == "refused"), ("json", false), "{name}"),
            Some('n') => assert_eq!((alone.as_str(), inside.as_str()), ("not-json", "refused"), "{name}"),
            _ => assert!(["json", "not-json"].contains(&alone.as_str()), "{name}"),
        }
    }
}

#[test]
fn own_texts_are_told_apart() {
    let nested = |levels: usize| ["[".repeat(levels), "]".repeat(levels)].concat().into_bytes();
    let own: [(&[u8], &str, &str); 20] = [
        (b"[]", "json", "read"),
        (br#"{"a": [1, null, "\u20ac"]}"#, "json", "read"),
        (br#"{"members": "m", "count": 1}"#, "json", "read"),
        (br#"{"vault": []}"#, "json", "read"),
        (b" 1e-999 ", "json", "read"),
        (b"1E999", "not-json", "lost"),
        (br#""\udc00""#, "not-json", "lost"),
        (br#"{"\ud800": 1}"#, "not-json", "lost"),
        (br#"{"a": 1, "\u0061": 1}"#, "json", "lost"),
        (&nested(300), "json", "lost"),
        ("\u{feff}[]".as_bytes(), "json", "refused"),
        (b"[\0\"\0a\0\"\0]\0", "json", "refused"),
        (b"[\0\"\0\0\xd8\"\0]\0", "not-json", "refused"),
        (b"[\"\xe9\"]", "not-json", "refused"),
        (b"[1,]", "not-json", "refused"),
        (b"[1", "not-json", "refused"),
        (b"[1]]", "not-json", "refused"),
        (b"01", "not-json", "refused"),
        (b"", "not-json", "refused"),
        (&nested(100_000)[..100_000], "not-json", "refused"),
    ];
    for (text, alone, inside) in own {
        let shown = String::from_utf8_lossy(&text[..text.len().min(40)]);
        assert_eq!(verdict(text), (alone.to_owned(), inside.to_owned()), "{shown}");
    }
}

/// What is not as pinned is found: a wrong verdict, a file without one, a verdict without a file.
#[test]
fn a_wrong_verdict_is_found() {
    let verdict = |alone: &str, inside: &str| (alone.to_owned(), inside.to_owned());
    let pinned = BTreeMap::from([
        ("a", verdict("json", "read")),
        ("b", verdict("json", "lost")),
        ("c", verdict("json", "read")),
    ]);
    let texts: [(&str, &[u8]); 3] = [("a", b"[]"), ("b", b"[]"), ("d", b"[]")];
    let files = texts.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    let found = differences(&pinned, &files);
    assert_eq!(found.len(), 3, "{found:?}");
}

/// In answers around the backups, too, what is no JSON is refused whole, and a value that nobody reads is judged like one
/// that a rule reads.
#[test]
fn answers_around_the_backups_are_judged_alike() {
    let texts: [&[u8]; 8] =
        [b"[]", b"1e999", br#""\udc00""#, br#"{"a": 1, "a": 2}"#, b"[1,]", b"01", b"\"\xe9\"", br#"{"\ud800": 1}"#];
    for text in texts {
        let told = |key: &str| {
            let place = Place::new();
            let vault = |first: &[u8]| [b"{", first, br#""id": "v1", "name": "vault"}"#].concat();
            let odd = [key.as_bytes(), text, b", "].concat();
            let answer = [b"{\"vaults\": [", &vault(b"")[..], b",", &vault(&odd)[..], b"], \"count\": 2}"].concat();
            place.write("page.json", answer);
            let told = told(place.path());
            (told.line("page.json").state, told.around)
        };
        let shown = String::from_utf8_lossy(text);
        assert_eq!(told(r#""description": "#), told(r#""unheard": "#), "{shown}");
        assert_eq!(told(r#""name_": "#), told(r#""billing": "#), "{shown}");
    }
}

#[test]
fn a_path_is_no_place() {
    assert!(!has_place("no known answer: its keys are at line, at byte x"));
    assert!(has_place("not JSON at line 3 column 4: expected value"));
    assert!(Path::new("tests/json_suite/verdicts.tsv").is_file());
}
