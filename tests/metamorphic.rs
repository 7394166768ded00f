//! Relations between dumps: what says the same in another form is judged the same, what is put beside it changes nothing
//! else, and what is taken away is missed.
//!
//! `METAMORPHIC` sets how many dumps each relation is tried on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

#[path = "missing/around.rs"]
mod around;
#[path = "metamorphic/dump.rs"]
mod dump;
#[allow(dead_code, reason = "the tests of the readers use more of it")]
#[path = "readers/node.rs"]
mod node;
mod packed;
#[allow(dead_code, reason = "the tests of what is missing use more of it")]
#[path = "missing/random.rs"]
mod random;
mod told;

use cbr_audit::format::FORMATS;
use cbr_audit::inventory::file::FileState;
use cbr_audit::judge;
use cbr_audit::read::read;
use cbr_audit::rule::NOON;
use dump::{Dump, Files, holds, said};
use node::{Node, STYLES};
use packed::{gzip, tar_of, zip_of, zstd};
use random::Dice;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use told::{Place, Told, settings, with_settings};

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

/// Every text of the dump written in another way: nothing at all changes.
fn written_otherwise(write: impl Fn(&Value, &mut Dice) -> Vec<u8>) {
    holds(|dump, dice| {
        let page = dump.page(0, dump.records.len());
        let mut files = vec![("list.json".to_owned(), write(&page, dice))];
        files.extend(dump.around.iter().map(|(name, answer)| (name.clone(), write(answer, dice))));
        same_in_all(&said(&dump.files()), &said(&files))
    });
}

#[test]
fn layout_does_not_matter() {
    written_otherwise(|document, dice| {
        let style = STYLES[usize::try_from(dice.roll(STYLES.len() as u64)).unwrap()];
        Node::from(document).written(style).into_bytes()
    });
}

#[test]
fn the_order_of_keys_does_not_matter() {
    written_otherwise(|document, dice| {
        let mut node = Node::from(document);
        shuffle_keys(&mut node, dice);
        node.written(STYLES[1]).into_bytes()
    });
}

fn shuffle_keys(node: &mut Node, dice: &mut Dice) {
    match node {
        Node::Raw(_) => {}
        Node::Array(elements) => elements.iter_mut().for_each(|element| shuffle_keys(element, dice)),
        Node::Object(members) => {
            for end in (1..members.len()).rev() {
                members.swap(end, usize::try_from(dice.roll(end as u64 + 1)).unwrap());
            }
            members.iter_mut().for_each(|(_, value)| shuffle_keys(value, dice));
        }
    }
}

#[test]
fn escapes_mean_what_they_stand_for() {
    written_otherwise(|document, dice| escaped(&document.to_string(), dice).into_bytes());
}

/// JSON with every fourth character of its texts written as an escape.
fn escaped(text: &str, dice: &mut Dice) -> String {
    let (mut out, mut inside, mut is_escape) = (String::new(), false, false);
    for char in text.chars() {
        if inside && !is_escape && !matches!(char, '"' | '\\') && dice.roll(4) == 0 {
            char.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
            continue;
        }
        inside ^= char == '"' && !is_escape;
        is_escape = char == '\\' && !is_escape;
        out.push(char);
    }
    out
}

#[test]
fn a_byte_order_mark_does_not_matter() {
    written_otherwise(|document, _| format!("\u{feff}{document}").into_bytes());
}

#[test]
fn utf_16_does_not_matter() {
    written_otherwise(|document, dice| {
        let bytes = if dice.roll(2) == 0 { u16::to_le_bytes } else { u16::to_be_bytes };
        let mark = if dice.roll(2) == 0 { "\u{feff}" } else { "" };
        format!("{mark}{document}").encode_utf16().flat_map(bytes).collect()
    });
}

#[test]
fn ends_of_lines_and_blanks_around_do_not_matter() {
    written_otherwise(|document, dice| {
        let end = ["\r\n", "\n", "\r"][usize::try_from(dice.roll(3)).unwrap()];
        let pretty = serde_json::to_string_pretty(document).unwrap().replace('\n', end);
        format!("{end} \t{pretty}{end}{end}").into_bytes()
    });
}

#[test]
fn compression_does_not_matter() {
    holds(|dump, dice| {
        let plain = dump.files();
        let pack = |bytes: &[u8], dice: &mut Dice| match dice.roll(4) {
            0 => gzip(bytes),
            1 => {
                let (one, other) = bytes.split_at(usize::try_from(dice.roll(bytes.len() as u64 + 1)).unwrap());
                [gzip(one), gzip(other)].concat()
            }
            2 => zstd(bytes),
            _ => gzip(&zstd(bytes)),
        };
        let packed: Files = plain.iter().map(|(name, bytes)| (name.clone(), pack(bytes, dice))).collect();
        same_in_all(&said(&plain), &said(&packed))
    });
}

#[test]
fn archives_do_not_matter() {
    holds(|dump, dice| {
        let plain = dump.files();
        let mut members = plain.clone();
        if dice.roll(2) == 0 {
            members.reverse();
        }
        let packed = match dice.roll(4) {
            0 => ("d.tar", tar_of(&members)),
            1 => ("d.tar.gz", gzip(&tar_of(&members))),
            2 => ("d.tar.zst", zstd(&tar_of(&members))),
            _ => ("d.zip", zip_of(&members)),
        };
        let (one, other) = (said(&plain), said(&[(packed.0.to_owned(), packed.1)]));
        if other.ledger.len() != one.ledger.len() + 1 {
            return Err(format!("{:?}", other.ledger));
        }
        same_essence(&one, &other)
    });
}

#[test]
fn folders_do_not_matter() {
    holds(|dump, dice| {
        let plain = dump.files();
        let folder = ["x", "a/b/c", ".hidden", "ü \u{202e}", "list.json"][usize::try_from(dice.roll(5)).unwrap()];
        let moved: Files = plain.iter().map(|(name, bytes)| (format!("{folder}/{name}"), bytes.clone())).collect();
        same_essence(&said(&plain), &said(&moved))
    });
}

#[test]
fn the_order_of_files_does_not_matter() {
    holds(|dump, dice| {
        let one = dump.with(one_by_one(dump));
        // Other names turn the order over.
        let renamed = |(name, bytes): &(String, Vec<u8>)| (format!("{:03}-{name}", dice.roll(1000)), bytes.clone());
        let names: Files = one.iter().map(renamed).collect();
        same(&verdicts(&said(&one)), &verdicts(&said(&names)), Clone::clone)
    });
}

/// What the relation above found: the vault of the newest record decides, and two records may be of one moment.
#[test]
fn which_of_two_records_of_one_moment_stands_first_decides_nothing() {
    let record = |id: &str, resource: &str, vault: &str, created: &str| {
        json!({
            "id": id, "status": "available", "image_type": "backup", "resource_type": "OS::Cinder::Volume",
            "resource_id": resource, "vault_id": vault, "created_at": created, "project_id": "p1", "parent_id": null,
        })
    };
    let old = "2026-02-09T12:00:00Z";
    let [one, other] = [record("b1", "r1", "v1", old), record("b2", "r1", "v2", old)].map(|record| record.to_string());
    let young = record("b3", "r2", "v1", "2026-03-01T11:00:00Z").to_string();
    let told = |first: &str, second: &str| {
        let files = [("1.json", first), ("2.json", second), ("3.json", &young)];
        verdicts(&said(&files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))))
    };
    let told = [told(&one, &other), told(&other, &one)];
    assert_eq!(told[0], told[1]);
    assert!(told[0].iter().any(|line| line.starts_with("protection-stopped fail")), "{:?}", told[0]);
}

/// Every failure, and how many units came to which verdict. Of several reasons why a unit is not judged, and of several
/// values that show the same failure, the first one in path order is told; so reasons and values are left out.
fn verdicts(told: &Told) -> Vec<String> {
    let Essence { backups, around, findings, counts } = essence(told);
    let failures = findings.into_iter().filter(|finding| finding.contains(" fail "));
    let failures = failures.map(|finding| finding.split(" | ").next().unwrap().to_owned());
    failures.chain(counts).chain([format!("{backups} backups, {around} around")]).collect()
}

/// Every record in a file of its own.
fn one_by_one(dump: &Dump) -> Vec<(String, String)> {
    (0..)
        .zip(&dump.records)
        .map(|(number, record): (usize, _)| (format!("r{number}.json"), record.to_string()))
        .collect()
}

/// The records in pages at random. None where the first of several pages holds children of one backup alone, as the answer
/// of a query for its children does: then it is taken for one.
fn pages(dump: &Dump, dice: &mut Dice, page: impl Fn(usize, usize) -> Value) -> Option<Vec<(String, String)>> {
    let (mut from, mut pages) = (0, Vec::new());
    while from < dump.records.len() {
        let left = dump.records.len() - from;
        let to = from + 1 + usize::try_from(dice.roll(left as u64)).unwrap();
        let parent = &dump.records[from]["parent_id"];
        if from == 0 && parent.is_string() && dump.records[..to].iter().all(|record| record["parent_id"] == *parent) {
            return None;
        }
        pages.push((format!("page-{from:03}.json"), page(from, to).to_string()));
        from = to;
    }
    Some(pages)
}

#[test]
fn pages_may_be_of_any_size() {
    holds(|dump, dice| match pages(dump, dice, |from, to| dump.page(from, to)) {
        Some(pages) => same_essence(
            &said(&dump.with([("list.json", dump.page(0, dump.records.len()).to_string())])),
            &said(&dump.with(pages)),
        ),
        None => Ok(()),
    });
}

/// A document as some tool saves it.
fn as_saved(document: &str, dice: &mut Dice) -> String {
    const HEAD: &str = "HTTP/2 200 \r\ncontent-type: application/json\r\n\r\n";
    let value = || serde_json::from_str::<Value>(document).unwrap();
    match dice.roll(10) {
        0 => format!("{HEAD}{document}"),
        1 => format!("HTTP/1.1 302 Found\r\nlocation: /x\r\n\r\n{HEAD}{document}\n"),
        2 => format!("SomethingResponse {document}\n"),
        3 => json!({"statusCode": 200, "headers": {"a": ["b"]}, "body": value()}).to_string(),
        4 => json!({"code": "0", "message": "success", "data": value()}).to_string(),
        5 => json!({"request": {}, "response": {"status": 200, "body": value()}}).to_string(),
        6 => json!({"status": 200, "body": document}).to_string(),
        7 => json!(document).to_string(),
        8 => json!([{"data": [value()]}]).to_string(),
        _ => format!("{HEAD}{}", json!({"data": document})),
    }
}

#[test]
fn an_answer_may_stand_in_whatever_tools_put_around_it() {
    holds(|dump, dice| {
        let plain = dump.files();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let saved = plain.iter().map(|(name, bytes)| (name.clone(), as_saved(&text(bytes), dice).into_bytes()));
        same_in_all(&said(&plain), &said(&saved.collect::<Vec<_>>()))
    });
}

#[test]
fn pages_may_stand_in_one_file() {
    holds(|dump, dice| {
        let Some(pages) = pages(dump, dice, |from, to| dump.page(from, to)) else { return Ok(()) };
        let texts: Vec<_> = pages.iter().map(|(_, text)| text.clone()).collect();
        let in_one = match dice.roll(4) {
            0 => format!("[{}]", texts.join(",")),
            1 => format!("{{\"data\":[{}]}}", texts.join(",")),
            2 => texts.join("\n"),
            _ => texts.iter().map(|text| format!("HTTP/1.1 200 OK\n\n{text}\n")).collect(),
        };
        same_essence(&said(&dump.with(pages)), &said(&dump.with([("all.json", in_one)])))
    });
}

#[test]
fn a_list_of_objects_and_single_objects_say_the_same() {
    holds(|dump, _| {
        let list = dump.with([("all.json", Value::from(dump.records.clone()).to_string())]);
        same_essence(&said(&list), &said(&dump.with(one_by_one(dump))))
    });
}

#[test]
fn a_key_that_nobody_knows_is_told_and_changes_nothing_else() {
    holds(|dump, dice| {
        let mut grown = dump.clone();
        let at = usize::try_from(dice.roll(grown.records.len() as u64)).unwrap();
        grown.records[at]["unheard"] = json!([{"of": [null, 1, "x"]}]);
        let (one, mut other) = (said(&dump.files()), said(&grown.files()));
        let is_drift = |line: &String| line.starts_with("schema-drift");
        if other.findings.iter().filter(|line| is_drift(line)).count()
            <= one.findings.iter().filter(|line| is_drift(line)).count()
        {
            return Err("it is not told".to_owned());
        }
        let mut one = one;
        for told in [&mut one, &mut other] {
            told.findings.retain(|line| !is_drift(line));
            told.counts.retain(|line| !is_drift(line));
        }
        same_in_all(&one, &other)
    });
}

#[test]
fn a_second_copy_of_a_file_adds_no_backup() {
    holds(|dump, _| {
        let plain = dump.with(one_by_one(dump));
        let mut twice = plain.clone();
        twice.push(("z-copy.json".to_owned(), plain[0].1.clone()));
        let (mut one, mut other) = (said(&plain), said(&twice));
        if other.ledger.len() != one.ledger.len() + 1 {
            return Err(format!("{:?}", other.ledger));
        }
        // The one rule that looks at copies now has some, and they agree.
        let of_copies = |line: &String| line.starts_with("duplicate-conflict");
        if other.findings.iter().any(of_copies) {
            return Err("the copies contradict each other".to_owned());
        }
        one.counts.retain(|line| !of_copies(line));
        other.counts.retain(|line| !of_copies(line));
        same_essence(&one, &other)
    });
}

#[test]
fn other_files_change_nothing_but_the_ledger() {
    holds(|dump, dice| {
        let plain = dump.files();
        let mut more = plain.clone();
        let texts = ["{\"projects\": []}", "{}", "# Notes\n", "id,name\n", "{\"schema\": \"cbr-audit.report/1\"}"];
        let names = ["projects.json", "empty.json", "notes.md", "inventory.csv", "report.json"];
        let at = usize::try_from(dice.roll(5)).unwrap();
        more.push((names[at].to_owned(), texts[at].as_bytes().to_vec()));
        let (one, other) = (said(&plain), said(&more));
        if other.line(names[at]).state != FileState::NotBackup {
            return Err(format!("{:?}", other.ledger));
        }
        same_essence(&one, &other)
    });
}

#[test]
fn what_is_excluded_is_as_if_it_were_not_there() {
    holds(|dump, _| {
        let plain = dump.files();
        let place = Place::new();
        plain.iter().for_each(|(name, bytes)| {
            place.write(name, bytes);
        });
        place.write("old/list.json", json!({"backups": [{"id": 7, "status": "error"}], "count": 9}).to_string());
        let mut settings = settings(NOON);
        settings.exclude = cbr_audit::settings::Exclude::new(vec!["old/*".to_owned()]).unwrap();
        let excluded = with_settings(place.path(), &settings);
        if excluded.line("old/list.json").state != FileState::Skipped {
            return Err(format!("{:?}", excluded.ledger));
        }
        same_essence(&said(&plain), &excluded)
    });
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
fn two_projects_are_judged_as_each_by_itself() {
    holds(|dump, dice| {
        let one = dump.in_project("one");
        let mut other = dump.in_project("other");
        let kept = 1 + usize::try_from(dice.roll(other.records.len() as u64)).unwrap();
        other.records.truncate(kept);
        let in_folder = |folder: &str, files: Files| -> Files {
            files.into_iter().map(|(name, bytes)| (format!("{folder}/{name}"), bytes)).collect()
        };
        let (one, other) = (in_folder("one", one.files()), in_folder("other", other.files()));
        let both = said(&[one.clone(), other.clone()].concat());
        // What is about the schema is about the dump as a whole; and whether a copy can be looked for depends on whether the
        // dump holds any backups of its region, in whatever project.
        let own = |told: &Told| {
            let findings = essence(told).findings.into_iter();
            let of_all = |finding: &String| {
                let of_copies = ["replica-unmatched", "offsite-copy-missing", "replication-lag", "single-az-storage"];
                finding.contains("kind: \"schema\"") || of_copies.iter().any(|rule| finding.starts_with(rule))
            };
            findings.filter(|finding| !of_all(finding)).collect::<Vec<_>>()
        };
        let mut parts = [own(&said(&one)), own(&said(&other))].concat();
        parts.sort();
        same(&parts, &own(&both), Clone::clone)
    });
}

#[test]
fn a_record_that_cannot_be_read_costs_itself_and_nothing_else() {
    holds(|dump, dice| {
        let at = usize::try_from(dice.roll(dump.records.len() as u64)).unwrap();
        let inside = dump.records[at]["children"].as_array().map_or(0, Vec::len);
        let mut marked = dump.clone();
        marked.records[at]["resource_size"] = json!("MARK");
        let spoiled = marked.page(0, dump.records.len()).to_string().replace("\"MARK\"", "1e999");
        let mut without = dump.clone();
        without.records.remove(at);
        let without = json!({"backups": without.records, "count": dump.records.len(), "offset": 0}).to_string();
        let (one, other) = (said(&dump.with([("list.json", spoiled)])), said(&dump.with([("list.json", without)])));
        let line = one.line("list.json");
        let state = if dump.records.len() == 1 { FileState::Rejected } else { FileState::PartlyRead };
        if line.state != state || !line.reason.contains(&format!("/backups/{at}: number out of range")) {
            return Err(format!("{line:?}"));
        }
        let objects = if inside == 0 { "1 backup object " } else { &format!("{} backup objects ", 1 + inside) };
        if !line.reason.starts_with(objects) {
            return Err(format!("{line:?} with {inside} inside"));
        }
        if (one.backups, one.around) != (other.backups, other.around) {
            return Err(format!("{} backups, {} without the record", one.backups, other.backups));
        }
        // What is said of other records is the same; whether a parent is missing cannot be told where one was lost.
        let of_backups = |told: &Told| -> Vec<String> {
            let own = told.findings.iter().filter(|finding| finding.contains("kind: \"backup\""));
            own.filter(|finding| !finding.starts_with("child-orphaned")).cloned().collect()
        };
        same(&of_backups(&other), &of_backups(&one), Clone::clone)
    });
}

/// Rules that look for a good restore point: fewer of them never make one good that was not.
const BY_RESTORE_POINTS: [&str; 4] =
    ["rpo-breach", "too-few-restore-points", "restore-window-too-short", "offsite-copy-missing"];

#[test]
fn fewer_restore_points_turn_no_failure_into_a_pass() {
    // The rules that say so of the resource of a record, or of several at once.
    let rules = |dump: &Dump, page: Value, record: &Value, verdicts: &[&str]| -> BTreeSet<&str> {
        let told = said(&dump.with([("list.json", page.to_string())]));
        let resource = format!("kind: {}, id: {}, ", record["resource_type"], record["resource_id"]);
        let says = |rule: &&&str| {
            let starts: Vec<_> = verdicts.iter().map(|verdict| format!("{rule} {verdict} ")).collect();
            let own = |finding: &String| finding.contains(&resource) || finding.contains("kind: \"project\"");
            told.findings.iter().any(|finding| starts.iter().any(|start| finding.starts_with(start)) && own(finding))
        };
        BY_RESTORE_POINTS.iter().filter(says).copied().collect()
    };
    holds(|dump, dice| {
        let at = usize::try_from(dice.roll(dump.records.len() as u64)).unwrap();
        let mut fewer = dump.clone();
        let removed = fewer.records.remove(at);
        // A resource without any record left that stands by itself and existed is told by other rules.
        let is_of_the_same = |record: &Value| {
            let same = ["resource_id", "resource_type", "image_type"].iter().all(|key| record[key] == removed[key]);
            let existed = record["created_at"].as_str().is_some_and(|created| created < NOON);
            same && existed && record["parent_id"].is_null()
        };
        // A replica, a record that names copies, and a part of another backup tell of other records what they are.
        let tells_of_others = removed["image_type"] != "backup"
            || !removed["parent_id"].is_null()
            || removed["replication_records"].as_array().is_some_and(|all| !all.is_empty());
        if tells_of_others || !fewer.records.iter().any(is_of_the_same) {
            return Ok(());
        }
        let before = rules(dump, dump.page(0, dump.records.len()), &removed, &["fail"]);
        let after = rules(dump, fewer.page(0, fewer.records.len()), &removed, &["fail", "unknown"]);
        let healed: Vec<_> = before.difference(&after).collect();
        if healed.is_empty() { Ok(()) } else { Err(format!("no failure any more: {healed:?}")) }
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
