//! Texts that are read in windows, with a document on each line or compressed: the report is that of the same
//! file read as a whole.

use super::judged;
use super::long::{COMPACT, record};
use super::program::Scratch;
use cbr_audit::read::Windows;
use rayon::ThreadPoolBuilder;
use std::io::Write;

/// So many lines make a text of several windows.
const LINES: usize = 1000;

/// A line in the last window.
const FAR: usize = 980;

pub(super) fn usual() -> Vec<String> {
    (0..LINES).map(|number| record(number, number % 3).written(COMPACT)).collect()
}

/// A list answer with records of these numbers.
pub(super) fn page(numbers: std::ops::Range<usize>) -> String {
    let elements: Vec<_> = numbers.map(|number| record(number, 1).written(COMPACT)).collect();
    format!(r#"{{"backups":[{}],"count":{LINES}}}"#, elements.join(","))
}

/// Fails unless a file leads to the same report in windows and as a whole, by some numbers of threads. Returns the report.
pub(super) fn check(name: &str, bytes: &[u8]) -> String {
    let scratch = Scratch::new();
    let path = scratch.write("file", bytes);
    let whole = judged::report_in(&[(name, &path)], Windows::NONE);
    for threads in [1, 2] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let windows = pool.install(|| judged::report_in(&[(name, &path)], judged::SMALL));
        judged::assert_same(&windows, &whole, &format!("{name} in windows, by {threads} threads"));
    }
    whole
}

/// The same for lines, under a name that promises them and under one that does not.
fn check_lines(lines: &[String]) {
    let text = lines.join("\n");
    assert!(text.len() > 16 * judged::SMALL.block, "the text is long enough to be read in windows");
    check("lines.jsonl", text.as_bytes());
    check("lines.json", text.as_bytes());
}

pub(super) fn spoiled(number: usize, line: &str) -> Vec<String> {
    let mut lines = usual();
    lines[number] = line.to_owned();
    lines
}

#[test]
fn lines_of_backups_read_the_same_in_windows() {
    let report = check("lines.jsonl", usual().join("\n").as_bytes());
    assert!(report.contains(&format!("\"kind\": \"{LINES} documents\"")), "each line is a document");
    check("lines.jsonl", format!("\u{feff}\r\n\r\n{}\r\n \r\n", usual().join("\r\n \t\r\n")).as_bytes());
}

#[test]
fn lines_of_answers_of_every_kind_read_the_same_in_windows() {
    let vaults = r#"{"vaults":[{"id":"v1","name":"n","billing":{"status":"available"}}],"count":1}"#;
    let lines = (0..LINES / 10).flat_map(|number| [page(number * 10..number * 10 + 10), vaults.to_owned()]);
    check_lines(&lines.collect::<Vec<_>>());
    let mut mixed = usual();
    mixed[FAR] = page(900..903);
    mixed[FAR + 1] = format!(r#"{{"backup":{}}}"#, record(950, 2).written(COMPACT));
    mixed[FAR + 2] = r#"{"error_code":"BackupService.0001","error_msg":"no"}"#.to_owned();
    mixed[FAR + 3] = format!("[{},{}]", record(960, 0).written(COMPACT), record(961, 0).written(COMPACT));
    check_lines(&mixed);
}

#[test]
fn a_line_that_is_no_document_costs_itself() {
    for line in ["{\"id\":", "{} {}", "{\"id\":\"x\",\"status\":03}"] {
        check("lines.jsonl", spoiled(FAR, line).join("\n").as_bytes());
    }
    check_lines(&spoiled(0, "{\"id\":"));
    let mut lines = spoiled(3, "{\"id\":");
    lines[FAR] = "[".to_owned();
    lines[FAR + 1] = "]".to_owned();
    check_lines(&lines);
}

#[test]
fn a_record_that_cannot_be_read_costs_itself() {
    check_lines(&spoiled(FAR, r#"{"id":"x","resource_id":"r","vault_id":"v","size":1e999}"#));
    check_lines(&spoiled(FAR, r#"{"id":"x","id":"y","resource_id":"r","vault_id":"v"}"#));
}

#[test]
fn what_is_no_blank_of_json_is_told_in_windows_too() {
    let line = record(FAR, 1).written(COMPACT);
    for odd in ["\u{b}", "\u{c}", "\u{85}", "\u{a0}"] {
        for line in [format!("{line}{odd}"), format!("{odd}{line}"), odd.to_owned()] {
            let report = check("lines.jsonl", spoiled(FAR, &line).join("\n").as_bytes());
            assert!(report.contains("\"state\": \"partly-read\""), "nothing is told of {odd:?}");
        }
        let list = page(0..LINES);
        let report = check("list.json", format!("{list}{odd}").as_bytes());
        assert!(report.contains("\"state\": \"rejected\""), "nothing is told of {odd:?}");
        for text in [format!("{}\n{odd}", usual().join("\n")), format!("{odd}\n{}", usual().join("\n"))] {
            let report = check("lines.json", text.as_bytes());
            assert!(report.contains("\"state\": \"partly-read\""), "nothing is told of {odd:?}");
        }
    }
}

#[test]
fn more_broken_lines_than_whole_ones_are_no_lines() {
    let mut lines = usual();
    let most = lines.iter_mut().enumerate().filter(|(number, _)| number % 5 != 0);
    most.for_each(|(_, line)| line.truncate(line.len() - 1));
    check_lines(&lines);
}

#[test]
fn a_document_over_several_lines_among_others_is_one() {
    check_lines(&spoiled(FAR, &record(FAR, 1).written(COMPACT).replace(",\"", ",\n\"")));
    check_lines(&spoiled(FAR, "{\n\"id\": \"x\"\n} behind"));
    check_lines(&spoiled(LINES - 1, "{\n\"id\": \"x\","));
}

#[test]
fn a_line_may_be_longer_than_a_window() {
    for length in [1, 9, 33].map(|blocks| blocks * judged::SMALL.block) {
        let long = record(FAR, 0).written(COMPACT).replace("autobk_1", &"x".repeat(length));
        check_lines(&spoiled(FAR, &long));
    }
}

#[test]
fn lines_that_are_no_text_are_refused_alike() {
    let text = spoiled(FAR, "{\"id\":\"\u{fffd}\"}").join("\n");
    let at = text.find('\u{fffd}').unwrap();
    let spoiled = [&text.as_bytes()[..at], b"\xff\xfe\xfd", &text.as_bytes()[at + 3..]].concat();
    check("lines.jsonl", &spoiled);
    check("lines.jsonl", &text.as_bytes()[..text.len() - 20]);
}

#[test]
fn documents_that_follow_each_other_anyhow_read_the_same() {
    check("documents.json", usual().join(" ").as_bytes());
    check("documents.json", [usual().join("\n"), usual()[..1].join("")].concat().as_bytes());
    check("one.jsonl", page(0..LINES).as_bytes());
    check("one.jsonl", format!("{}\n\n", page(0..LINES)).as_bytes());
    check("two.jsonl", format!("{}\n{{}}", page(0..LINES)).as_bytes());
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut packed = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    packed.include_checksum(true).unwrap();
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// Backups of which hardly anything repeats, so that even packed they are many bytes.
fn motley() -> Vec<String> {
    let digits = |seed: u64| {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let digit = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b"0123456789abcdef"[(state >> 60) as usize])
        };
        (0..3000).map(digit).collect::<String>()
    };
    let mut lines = usual();
    for (number, line) in lines.iter_mut().enumerate() {
        *line = line.replacen("autobk_1", &digits(number as u64 + 1), 1);
    }
    lines
}

#[test]
fn compressed_texts_read_the_same_in_windows() {
    let lines = motley().join("\n");
    let list = format!(r#"{{"backups":[{}],"count":{LINES}}}"#, motley().join(","));
    for text in [lines.as_bytes(), list.as_bytes()] {
        let (one, other) = text.split_at(text.len() / 3);
        let packed = gzip(text);
        let large = Windows { from_packed: 1 << 20, ..Windows::default() };
        assert!(packed.len() as u64 > large.from_packed, "it is long enough for large windows");
        let scratch = Scratch::new();
        let path = scratch.write("file", &packed);
        let [windows, whole] =
            [large, Windows::NONE].map(|windows| judged::report_in(&[("a.json.gz", &path)], windows));
        judged::assert_same(&windows, &whole, "in large windows");
        check("a.json.gz", &packed);
        check("a.jsonl.gz", &[gzip(one), gzip(other)].concat());
        check("a.json.zst", &zstd(text));
        check("a.json.gz.zst", &zstd(&packed));
        check("a.json.gz", text);
    }
}

#[test]
fn compressed_texts_that_are_cut_off_or_damaged_are_refused_alike() {
    let packed = gzip(motley().join("\n").as_bytes());
    check("a.jsonl.gz", &packed[..packed.len() - 1]);
    check("a.jsonl.gz", &packed[..packed.len() / 2]);
    check("a.jsonl.gz", &[&packed[..], b"behind"].concat());
    let mut damaged = packed;
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x10;
    check("a.jsonl.gz", &damaged);
    let mut damaged = zstd(motley().join("\n").as_bytes());
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    check("a.jsonl.zst", &damaged);
}
