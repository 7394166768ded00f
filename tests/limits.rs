//! The limits: each with one less, as many and one more; in every form of input; from the command line and from the
//! configuration; and what exceeds one costs itself and nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod packed;
mod program;

use std::ffi::OsStr;

use cbr_audit::cli::configured;
use cbr_audit::config::{Config, in_force, schema};
use cbr_audit::limits::{LIMITS, Limits};
use packed::{gzip, tar_of, zip_of, zstd};
use pretty_assertions::assert_eq;
use program::{Scratch, report, run};
use serde_json::{Value, json};

fn show(id: &str) -> Vec<u8> {
    json!({"backup": {"id": id, "status": "available", "created_at": "2026-11-01T01:00:00.5"}}).to_string().into_bytes()
}

/// What became of a file beside a good one: the states of all that is in it, and the reasons in a row.
fn read(name: &str, bytes: &[u8], arguments: &[&str]) -> (Vec<String>, String) {
    let scratch = Scratch::new();
    scratch.write(name, bytes);
    // The least that is read.
    scratch.write("zz-good.json", "[]");
    let (report, status) = report(&scratch.path(""), arguments);
    let files = report["inputs"]["files"].as_array().unwrap();
    let text = |file: &Value, key: &str| file[key].as_str().unwrap_or_default().to_owned();
    let good = files.iter().find(|file| file["path"] == "zz-good.json").unwrap();
    assert_eq!(text(good, "state"), "read");
    let others: Vec<_> = files.iter().filter(|file| file["path"] != "zz-good.json").collect();
    let states: Vec<_> = others.iter().map(|file| text(file, "state")).collect();
    let incomplete = states.iter().any(|state| state == "rejected" || state == "partly-read");
    // Without a single record it is 3.
    assert!(!incomplete || status & 4 == 4 || status == 3, "{states:?} end in {status}");
    (states, others.iter().map(|file| text(file, "reason")).collect::<Vec<_>>().join("; "))
}

/// Reads a file with one less than it needs, just as much, and one more.
#[track_caller]
fn assert_limit(option: &str, needs: u64, name: &str, bytes: &[u8]) {
    for (limit, is_read) in [(needs - 1, false), (needs, true), (needs + 1, true)] {
        let (states, reason) = read(name, bytes, &[option, &limit.to_string()]);
        let is_whole = states.iter().all(|state| state == "read" || state == "unpacked");
        assert_eq!(is_whole, is_read, "{option} {limit} of {name}: {states:?} {reason}");
        assert_eq!(reason.contains(&format!("({option})")), !is_read, "{option} {limit} of {name}: {reason}");
    }
}

#[test]
fn a_file_may_be_as_large_as_the_limit() {
    let bytes = show("b1");
    let size = bytes.len() as u64;
    for (name, packed) in [
        ("a.json", bytes.clone()),
        ("a.json.gz", gzip(&bytes)),
        ("a.zst", zstd(&bytes)),
        ("a.tar", tar_of(&[("a.json", bytes.clone())])),
        ("a.zip", zip_of(&[("a.json", bytes.clone())])),
    ] {
        assert_limit("--max-file-size", size, name, &packed);
    }
}

#[test]
fn what_is_packed_may_unpack_to_as_much_as_the_limit() {
    let bytes = show("b1");
    assert_limit("--max-unpacked", bytes.len() as u64, "a.json.gz", &gzip(&bytes));
    let twice = [("a.json", bytes.clone()), ("b.json", show("b2"))];
    assert_limit("--max-unpacked", 2 * bytes.len() as u64, "a.zip", &zip_of(&twice));
}

#[test]
fn what_is_packed_may_grow_as_often_as_the_limit() {
    // Small files may be packed as well as they like: 65 MiB of blanks behind an answer.
    let bytes = [show("b1"), vec![b' '; 65 << 20]].concat();
    let packed = gzip(&bytes);
    let ratio = bytes.len().div_ceil(packed.len()) as u64;
    assert_limit("--max-ratio", ratio, "a.json.gz", &packed);
    let filled = |size: usize| {
        let answer = show("b1");
        gzip(&[answer.clone(), vec![b' '; size - answer.len()]].concat())
    };
    assert_eq!(read("a.json.gz", &filled(64 << 20), &["--max-ratio", "1"]).0, ["read"]);
    assert_eq!(read("a.json.gz", &filled((64 << 20) + 1), &["--max-ratio", "1"]).0, ["rejected"]);
    // Several small ones in an archive may come to more together.
    let member = |name: &str| (name.to_owned(), [show(name), vec![b' '; 40 << 20]].concat());
    let (states, reason) = read("a.zip", &zip_of(&[member("a.json"), member("b.json")]), &["--max-ratio", "1"]);
    assert_eq!(states, ["unpacked", "read", "read"], "{reason}");
}

#[test]
fn an_archive_may_have_as_many_members_as_the_limit() {
    let members: Vec<_> = (0..3).map(|number| (format!("{number}.json"), show(&format!("b{number}")))).collect();
    assert_limit("--max-members", 3, "a.tar", &tar_of(&members));
    assert_limit("--max-members", 3, "a.tar.gz", &gzip(&tar_of(&members)));
    assert_limit("--max-members", 3, "a.zip", &zip_of(&members));
}

#[test]
fn so_many_archives_may_stand_inside_each_other() {
    let tar = tar_of(&[("a.json.gz", gzip(&show("b1")))]);
    assert_limit("--max-nesting", 2, "a.tar", &tar);
    assert_limit("--max-nesting", 3, "a.zip", &zip_of(&[("a.tar", tar)]));
}

#[test]
fn a_file_may_hold_as_many_backup_objects_as_the_limit() {
    // The disks of a server are backup objects too.
    let server = json!({"id": "b1", "children": [{"id": "b2"}, {"id": "b3"}]});
    let list = json!({"backups": [server, {"id": "b4"}]}).to_string();
    let lines: String = (1..=4).map(|number| String::from_utf8(show(&format!("b{number}"))).unwrap() + "\n").collect();
    let wrapped = json!([{"data": {"backups": [server]}}, {"backup": {"id": "b4"}}]).to_string();
    for (name, text) in [("a.json", &list), ("a.ndjson", &lines), ("b.json", &wrapped)] {
        assert_limit("--max-records", 4, name, text.as_bytes());
        assert_limit("--max-records", 4, "a.gz", &gzip(text.as_bytes()));
        assert_limit("--max-records", 4, "a.tar", &tar_of(&[(name, text.clone().into_bytes())]));
    }
}

#[test]
fn a_text_may_be_as_long_as_the_limit() {
    let long = "x".repeat(100);
    let named = |name: &str| json!({"backup": {"id": "b1", "name": name}}).to_string();
    assert_limit("--max-string", 100, "a.json", named(&long).as_bytes());
    // As it is written; in keys, in keys that nobody knows, in texts of JSON, and in other answers.
    assert_limit("--max-string", 102, "a.json", named(&format!("{long}\"")).as_bytes());
    // Quotes that do not end it, as far as one sees; and however short it may be.
    assert_limit("--max-string", 200, "a.json", named(&"\"".repeat(100)).as_bytes());
    for (limit, is_beyond) in [("0", true), ("1", false)] {
        let (_, reason) = read("a.json", br#"{"a": 1}"#, &["--max-string", limit]);
        assert_eq!(reason.contains("(--max-string)"), is_beyond, "{limit}: {reason}");
    }
    assert_limit(
        "--max-string",
        100,
        "a.json",
        json!({"backup": {"id": "b1", "x": [{(long.clone()): 1}]}}).to_string().as_bytes(),
    );
    assert_limit("--max-string", 100, "a.json", format!("[{}]", named(&long)).as_bytes());
    let vault = json!({"id": "v1", "name": long, "billing": {}, "resources": []});
    let (states, reason) = read("a.json", json!({"vaults": [vault]}).to_string().as_bytes(), &["--max-string", "99"]);
    assert_eq!((states[0].as_str(), reason.contains("(--max-string)")), ("rejected", true), "{reason}");
    // Of several documents only those that exceed it.
    let lines = format!("{}\n{}\n{}\n", named("a"), named(&long).replace("b1", "b2"), named("b").replace("b1", "b3"));
    let (states, reason) = read("a.ndjson", lines.as_bytes(), &["--max-string", "99"]);
    assert_eq!(states, ["partly-read"]);
    assert!(
        reason.contains(
            "1 of 3 documents could not be used: line 2: a text at byte 29 of its document is longer than the limit of 99 bytes"
        ),
        "{reason}"
    );
    assert_limit("--max-string", 100, "a.ndjson", lines.as_bytes());
}

#[test]
fn a_document_may_be_as_deep_as_the_limit() {
    let deep = |levels: usize| {
        let arrays = format!("{}1{}", "[".repeat(levels - 2), "]".repeat(levels - 2));
        format!("{{\"backup\": {{\"id\": \"b1\", \"x\": {arrays}}}}}")
    };
    for levels in [2, 3, 60, 126] {
        assert_limit("--max-depth", levels, "a.json", deep(usize::try_from(levels).unwrap()).as_bytes());
    }
    assert_eq!(read("a.json", deep(127).as_bytes(), &[]).0, ["read"]);
    let (states, reason) = read("a.json", deep(140).as_bytes(), &[]);
    assert_eq!(states, ["rejected"]);
    assert!(reason.contains("nested deeper than 127 levels, the most that --max-depth allows"), "{reason}");
    // Brackets in texts are none.
    let text = json!({"backup": {"id": "b1", "name": "[[[[{{{\"[["}}).to_string();
    assert_limit("--max-depth", 2, "a.json", text.as_bytes());
}

#[test]
fn large_lists_that_are_read_in_parts_keep_to_the_limits() {
    let mut text = String::from("{\"backups\": [");
    for number in 0..7000 {
        let name = if number == 6000 { "x".repeat(3000) } else { "y".repeat(2500) };
        text.push_str(&json!({"id": format!("b{number}"), "name": name}).to_string());
        text.push(',');
    }
    text.pop();
    text.push_str("]}");
    assert!(text.len() > 16 << 20);
    for (option, limit) in [("--max-string", "2999"), ("--max-records", "6999"), ("--max-depth", "2")] {
        let (states, reason) = read("a.json", text.as_bytes(), &[option, limit]);
        assert_eq!(states, ["rejected"], "{option}");
        assert!(reason.contains(option), "{reason}");
    }
    let whole = ["--max-string", "3000", "--max-records", "7000", "--max-depth", "3"];
    assert_eq!(read("a.json", text.as_bytes(), &whole).0, ["read"]);
}

#[test]
fn large_texts_with_a_document_on_each_line_keep_to_the_limits() {
    let line = |number: usize| json!({"backup": {"id": format!("b{number}"), "name": "y".repeat(2500)}}).to_string();
    let text: String = (0..7000).map(|number| line(number) + "\n").collect();
    assert!(text.len() > 16 << 20);
    // Less than is in a part of it, and more.
    for limit in ["0", "100", "6999"] {
        let (states, reason) = read("a.jsonl", text.as_bytes(), &["--max-records", limit]);
        assert_eq!(states, ["rejected"], "{limit}: {reason}");
        assert!(reason.contains("--max-records"), "{reason}");
    }
    assert_eq!(read("a.jsonl", text.as_bytes(), &["--max-records", "7000"]).0, ["read"]);
}

#[test]
fn the_population_keeps_to_the_limits() {
    let scratch = Scratch::new();
    let path =
        scratch.write("a.json", json!({"backups": [{"id": "b1", "name": "x".repeat(100)}, {"id": "b2"}]}).to_string());
    for (option, least) in [("--max-string", 100), ("--max-records", 2), ("--max-depth", 3), ("--max-file-size", 140)] {
        let limits = [least - 1, least + 10].map(|limit: u64| limit.to_string());
        let out = limits
            .each_ref()
            .map(|limit| run(["inventory".as_ref(), path.as_os_str(), option.as_ref(), limit.as_ref()]));
        assert_eq!((out[0].status, out[0].out.lines().count()), (3, 1), "{option}");
        assert!(out[0].err.contains(option), "{}", out[0].err);
        assert_eq!((out[1].status, out[1].out.lines().count()), (0, 3), "{option}");
    }
}

fn parse(text: &str) -> anyhow::Result<Limits> {
    Ok(configured(Config::parse("policy.toml", "policy.toml", text)?)?.limits)
}

#[test]
fn the_configuration_sets_every_limit() {
    let text = "[limits]\nmax-file-size = \"1GiB\"\nmax-unpacked = 2_000\nmax-ratio = 3\nmax-members = 4\nmax-nesting = 5\n\
                max-records = 6\nmax-string = \"7KiB\"\nmax-depth = 8\n";
    let limits = Limits {
        file_bytes: 1 << 30,
        unpacked_bytes: 2000,
        ratio: 3,
        members: 4,
        nesting: 5,
        records: 6,
        string_bytes: 7 << 10,
        depth: 8,
        ..Limits::default()
    };
    assert_eq!(parse(text).unwrap(), limits);
    assert_eq!(parse("").unwrap(), Limits::default());
    assert_eq!(text.lines().count() - 1, LIMITS.len());
    // What is shown as in force says the same.
    let shown = in_force(&configured(Config::parse("c", "c", text).unwrap()).unwrap());
    assert_eq!(parse(&shown).unwrap(), limits);
    let usual = in_force(&configured(Config::default()).unwrap());
    assert!(usual.contains("\n[limits]\nmax-file-size = \"8GiB\"\nmax-unpacked = \"256GiB\"\nmax-ratio = 100\n"));
    for (text, start) in [
        (
            "[limits]\nmax-file-siz = 1",
            "policy.toml:2:1: unknown limit \"max-file-siz\", did you mean \"max-file-size\"?",
        ),
        ("[limits]\nmax-file-size = \"8GB\"", "policy.toml:2:17: max-file-size: write a number of bytes"),
        ("[limits]\nmax-ratio = 0", "policy.toml:2:13: max-ratio: write a whole number from 1 on"),
        ("[limits]\nmax-ratio = \"1\"", "policy.toml:2:13: max-ratio: write a whole number from 1 on"),
        ("[limits]\nmax-nesting = 17", "policy.toml:2:15: max-nesting: write a whole number from 0 to 16"),
        ("[limits]\nmax-depth = 128", "policy.toml:2:13: max-depth: write a whole number from 1 to 127"),
        ("[limits]\nmax-members = -1", "policy.toml:2:15: max-members: write a whole number from 0 on"),
        ("[limits]\nmax-members = 1.5", "policy.toml:2:15: max-members: write a whole number"),
        ("limits = 1", "policy.toml:1:10: a table is wanted here"),
    ] {
        let error = parse(text).expect_err(text).to_string();
        assert!(error.starts_with(start), "{text:?}\n {error}");
    }
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let described = schema["properties"]["limits"]["properties"].as_object().unwrap();
    assert_eq!(described.len(), LIMITS.len());
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (limits, is_valid) in [
        (json!({"max-file-size": "8GiB", "max-depth": 127}), true),
        (json!({"max-file-size": 8}), true),
        (json!({"max-file-size": "8GB"}), false),
        (json!({"max-depth": 128}), false),
        (json!({"max-ratio": 0}), false),
        (json!({"max-files": 1}), false),
    ] {
        assert_eq!(validator.is_valid(&json!({"limits": limits})), is_valid, "{limits}");
    }
}

#[test]
fn the_command_line_wins_over_the_configuration() {
    let scratch = Scratch::new();
    let dump = scratch.write("dump/a.json", show("b1"));
    let config = scratch.write("c.toml", "[limits]\nmax-file-size = 10\nmax-ratio = 7\n");
    let told = |more: &[&str]| {
        let given = [
            "report".as_ref(),
            dump.as_os_str(),
            "--config".as_ref(),
            config.as_os_str(),
            "-qo".as_ref(),
            "json=-".as_ref(),
        ];
        let out = run(given.into_iter().chain(more.iter().map(OsStr::new)));
        let report: Value = serde_json::from_str(&out.out).unwrap_or_else(|_| panic!("{}", out.err));
        (report["inputs"]["files"][0]["state"].clone(), report["settings"]["limits"].clone())
    };
    let (state, limits) = told(&[]);
    assert_eq!((state, &limits["max-file-size"], &limits["max-ratio"]), (json!("rejected"), &json!(10), &json!(7)));
    let (state, limits) = told(&["--max-file-size", "8KiB"]);
    assert_eq!((state, &limits["max-file-size"], &limits["max-ratio"]), (json!("read"), &json!(8192), &json!(7)));
    let wrong = run(["report".as_ref(), dump.as_os_str(), "--max-string".as_ref(), "8GB".as_ref()]);
    assert_eq!(wrong.status, 2);
    assert!(
        wrong.err.contains("--max-string 8GB: write a number of bytes, or one with KiB, MiB or GiB"),
        "{}",
        wrong.err
    );
}

#[test]
fn the_population_takes_its_limits_from_the_configuration() {
    let scratch = Scratch::new();
    let dump = scratch.write("dump/a.json", show("b1"));
    let limits = "[limits]\nmax-file-size = 10\n";
    let config = scratch.write("c.toml", limits);
    let wrong = scratch.write("wrong.toml", "[limits]\nmax-fil = 10\n");
    let told = |config: &std::path::Path, more: &[&str]| {
        let given = ["inventory".as_ref(), dump.as_os_str(), "--config".as_ref(), config.as_os_str()];
        run(given.into_iter().chain(more.iter().map(OsStr::new)))
    };
    let refused = told(&config, &[]);
    assert_eq!(refused.status, 3, "{}", refused.err);
    assert!(refused.err.contains("the limit of 10 bytes for one file (--max-file-size)"), "{}", refused.err);
    assert_eq!(told(&config, &["--max-file-size", "8KiB"]).status, 0);
    let misspelt = told(&wrong, &[]);
    assert_eq!(misspelt.status, 2);
    assert!(misspelt.err.contains("wrong.toml:2:1: unknown limit"), "{}", misspelt.err);
    let overwriting = told(&config, &["-o", config.to_str().unwrap()]);
    assert_eq!(overwriting.status, 2);
    assert!(overwriting.err.contains("that would overwrite the configuration"), "{}", overwriting.err);
    assert_eq!(std::fs::read_to_string(&config).unwrap(), limits);
    // In the working directory it is found, unless it is not wanted.
    scratch.write("cbr-audit.toml", limits);
    let here = |more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cbr-audit"));
        command.current_dir(scratch.path("")).args(["inventory", "dump"]).args(more).output().unwrap().status.code()
    };
    assert_eq!([here(&[]), here(&["--no-config"])], [Some(3), Some(0)]);
}

/// In the largest unit that divides it, and nought in none.
#[test]
fn a_limit_is_named_as_it_is_in_force() {
    let scratch = Scratch::new();
    let path = scratch.write("a.json", [b' '; 4096]);
    for (limit, words) in
        [("0", "0 bytes"), ("1", "1 bytes"), ("2KiB", "2 KiB"), ("1025", "1025 bytes"), ("0GiB", "0 bytes")]
    {
        let (report, _) = report(&path, &["--max-file-size", limit]);
        let reason = report["inputs"]["files"][0]["reason"].as_str().unwrap();
        assert!(reason.contains(&format!(" the limit of {words} for one file (--max-file-size)")), "{limit}: {reason}");
    }
}

/// Every limit can be typed, and the help says what it is without.
#[test]
fn the_help_names_every_limit_and_its_default() {
    let help = run(["report", "--help"]).out;
    for limit in LIMITS {
        let option = format!("--{} ", limit.key);
        let about = help.split(&option).nth(1).unwrap_or_else(|| panic!("no {option}"));
        let about: String = about.split("\n  --").next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(about.contains(&format!("[default: {}]", limit.text(&Limits::default()))), "{option}{about:.300}");
    }
}
