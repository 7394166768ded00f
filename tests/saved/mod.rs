//! A single saved file, and what the ledger says of it.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "every test file uses a part of it, and a failure here is a failure of the test"
)]

use pretty_assertions::assert_eq;
use serde_json::Value;

use crate::answers::QUIET;
use crate::program::{Scratch, report};

pub(crate) const OK: &str =
    "HTTP/1.1 200 OK\r\nDate: Sun, 01 Nov 2026 06:00:00 GMT\r\nContent-Type: application/json\r\n\r\n";

/// State, kind, records and reason of the only file.
#[derive(Debug, PartialEq)]
pub(crate) struct File {
    pub(crate) state: String,
    pub(crate) kind: String,
    pub(crate) records: u64,
    pub(crate) reason: String,
}

pub(crate) fn files(report: &Value) -> Vec<File> {
    let file = |file: &Value| {
        let text = |key: &str| file[key].as_str().unwrap_or_default().to_owned();
        File {
            state: text("state"),
            kind: text("kind"),
            records: file["records"].as_u64().unwrap(),
            reason: text("reason"),
        }
    };
    report["inputs"]["files"].as_array().unwrap().iter().map(file).collect()
}

pub(crate) fn read(name: &str, bytes: impl AsRef<[u8]>) -> (File, Value) {
    let scratch = Scratch::new();
    let (report, _) = report(&scratch.write(name, bytes), &QUIET);
    let mut files = files(&report);
    assert_eq!(files.len(), 1);
    (files.remove(0), report)
}

#[track_caller]
pub(crate) fn assert_read(text: impl AsRef<[u8]>, state: &str, records: u64, reason: &str) {
    let (file, _) = read("a.json", text.as_ref());
    let shown = String::from_utf8_lossy(text.as_ref()).into_owned();
    assert_eq!((file.state.as_str(), file.records), (state, records), "{file:?} of {shown:.300}");
    assert!(file.reason.contains(reason), "{:?} does not say {reason:?}: {shown:.300}", file.reason);
    assert!(!reason.is_empty() || file.reason.is_empty(), "{file:?} of {shown:.300}");
}

/// Where the findings of a rule stand.
pub(crate) fn pointers(report: &Value, rule: &str) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == rule);
    findings.map(|finding| finding["evidence"]["pointer"].as_str().unwrap().to_owned()).collect()
}
