//! What is read from a pipe takes no more memory the longer it is.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

mod packed;
mod program;

use packed::tar_of;
use program::{Scratch, report};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};

/// How long a backup is.
const LENGTH: usize = 128 << 10;

/// So many of them are 80 MiB.
const MANY: usize = 640;

/// What reading them may take at most.
const MOST: u64 = 76 << 20;

/// A list answer with so many backups, in the last of which this stands too.
fn list(backups: usize, last: &str) -> Vec<u8> {
    let padding = "p".repeat(LENGTH);
    let backup = |number: usize| {
        let own = if number + 1 == backups { last } else { "" };
        format!(r#"{{"id":"b{number}","resource_id":"r1","description":"{padding}"{own},"vault_id":"v1"}}"#)
    };
    let all: Vec<_> = (0..backups).map(backup).collect();
    format!(r#"{{"backups":[{}],"count":{backups}}}"#, all.join(",")).into_bytes()
}

/// The program, reading from a pipe and writing a report to a file.
fn reading(scratch: &Scratch) -> Child {
    let output = format!("json={}", scratch.path("report.json").display());
    let mut command = Command::new(env!("CARGO_BIN_EXE_cbr-audit"));
    command.args(["report", "-", "-q", "--threads", "1", "--no-config", "-o", &output]);
    command.stdin(Stdio::piped()).spawn().unwrap()
}

/// The most memory that a process has had, in bytes.
fn peak(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

/// Feeds the program. Returns the report, and what memory it took until the last bytes came.
fn feed(bytes: &[u8]) -> (Value, u64) {
    let scratch = Scratch::new();
    let mut child = reading(&scratch);
    let mut stdin = child.stdin.take().unwrap();
    // The program waits for the last bytes with everything before them read.
    let (most, last) = bytes.split_at(bytes.len() - 1000);
    stdin.write_all(most).unwrap();
    let peak = peak(&child);
    stdin.write_all(last).unwrap();
    drop(stdin);
    child.wait().unwrap();
    (serde_json::from_slice(&fs::read(scratch.path("report.json")).unwrap()).unwrap(), peak)
}

/// State, records and reason of the only file that is no archive.
fn line(report: &Value) -> (&str, u64, &str) {
    let files = report["inputs"]["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["state"] != "unpacked").unwrap();
    (file["state"].as_str().unwrap(), file["records"].as_u64().unwrap(), file["reason"].as_str().unwrap_or_default())
}

#[test]
fn a_list_from_a_pipe_is_not_held() {
    for headers in ["", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"] {
        let (report, peak) = feed(&[headers.as_bytes(), &list(MANY, "")].concat());
        assert_eq!(line(&report), ("read", MANY as u64, ""));
        assert!(peak < MOST, "{} MiB", peak >> 20);
    }
}

#[test]
fn a_large_member_of_an_archive_from_a_pipe_is_not_held() {
    let (report, peak) = feed(&tar_of(&[("list.json", list(MANY, ""))]));
    assert_eq!(line(&report), ("read", MANY as u64, ""));
    assert!(peak < MOST, "{} MiB", peak >> 20);
}

/// That it cannot be read in windows shows at the very end: all of it is there to be read again.
#[test]
fn an_unusual_list_from_a_pipe_is_read_again() {
    let list = list(200, r#","status":"available","status":"error""#);
    let scratch = Scratch::new();
    scratch.write("list.json", &list);
    let (of_file, _) = report(&scratch.path(""), &["--no-config"]);
    let (piped, _) = feed(&list);
    assert_eq!(line(&piped), line(&of_file));
    assert_eq!((line(&piped).0, line(&piped).1), ("partly-read", 199));
}
