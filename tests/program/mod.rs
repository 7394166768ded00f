//! Runs the program as a user does, on samples and on dumps made for a test.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "every test file uses a part of it, and a failure here is a failure of the test"
)]

use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// What became of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs the program with these arguments.
pub(crate) fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cbr-audit"));
    let output = command.args(arguments).output().unwrap();
    Ran {
        status: output.status.code().expect("ended by a signal"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The JSON report of these arguments to `report`, and the exit status.
pub(crate) fn report(path: &Path, arguments: &[&str]) -> (Value, i32) {
    let mut all = vec![OsStr::new("report"), path.as_os_str(), OsStr::new("-qo"), OsStr::new("json=-")];
    all.extend(arguments.iter().map(OsStr::new));
    let ran = run(all);
    let report = serde_json::from_str(&ran.out);
    (report.unwrap_or_else(|error| panic!("{error}: {}", ran.err)), ran.status)
}

/// The place of this project.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A sample.
pub(crate) fn sample(name: &str) -> PathBuf {
    root().join("samples").join(name)
}

/// The text of a file of this project.
pub(crate) fn text_of(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// A directory of its own for a test.
#[derive(Debug)]
pub(crate) struct Scratch(TempDir);

impl Scratch {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.0.path().join(inside)
    }

    /// Writes a file and the directories above it.
    pub(crate) fn write(&self, inside: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }
}

/// Every regular file below a directory, relative to it, sorted.
pub(crate) fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                files.push(path.strip_prefix(directory).unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

/// Writes so many copies of a dump, each with ids of its own, and each file changed as the caller likes.
pub(crate) fn multiply(dump: &Path, scratch: &Scratch, copies: u16, mut change: impl FnMut(u16, String) -> String) {
    for file in files_below(dump) {
        let text = fs::read_to_string(dump.join(&file)).unwrap();
        for copy in 0..copies {
            scratch.write(&format!("copy-{copy:03}/{}", file.display()), change(copy, renamed(&text, copy)));
        }
    }
}

/// The text with the first four digits of every id changed.
fn renamed(text: &str, copy: u16) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let is_id = |token: &[u8]| matches!(token.len(), 32 | 36) && token[0] != b'-';
    let mut start = 0;
    for end in 0..=text.len() {
        let inside = text.as_bytes().get(end).is_some_and(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'));
        if inside {
            continue;
        }
        if let Some(old) = text.get(start..start + 4).filter(|_| is_id(&text.as_bytes()[start..end])) {
            let new = u16::from_str_radix(old, 16).unwrap() ^ copy;
            bytes[start..start + 4].copy_from_slice(format!("{new:04x}").as_bytes());
        }
        start = end + 1;
    }
    String::from_utf8(bytes).unwrap()
}
