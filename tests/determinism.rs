//! The same input and settings give the same bytes, whatever the number of threads and the order of the directory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use program::{Scratch, files_below, multiply, run, sample};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

const FORMATS: [&str; 4] = ["html", "md", "csv", "json"];

/// The bytes of every output, the summary and the population included.
fn outputs(paths: &[&Path], arguments: &[&str]) -> BTreeMap<&'static str, String> {
    let scratch = Scratch::new();
    let mut all: Vec<OsString> = vec!["report".into()];
    all.extend(paths.iter().map(|path| path.into()));
    for format in FORMATS {
        let mut output = OsString::from(format!("{format}="));
        output.push(scratch.path(format));
        all.extend(["-o".into(), output]);
    }
    all.extend(["--framework", "nist-800-53r5", "--framework", "3-2-1-1-0"].map(OsString::from));
    all.extend(arguments.iter().map(OsString::from));
    let report = run(&all);
    assert!(report.status != 2, "{}", report.err);
    let mut made: BTreeMap<_, _> =
        FORMATS.map(|format| (format, fs::read_to_string(scratch.path(format)).unwrap())).into();
    assert!(made.values().all(|text| !text.is_empty()), "an output is empty");
    made.insert("summary", report.out);
    let threads = arguments.iter().map(OsStr::new);
    let population =
        run([OsStr::new("inventory")].into_iter().chain(paths.iter().map(|path| path.as_os_str())).chain(threads));
    made.insert("population", population.out);
    made
}

fn assert_same(one: &BTreeMap<&str, String>, other: &BTreeMap<&str, String>, what: &str) {
    for (name, text) in one {
        let first = text.lines().zip(other[name].lines()).find(|(a, b)| a != b);
        assert!(*text == other[name], "{name} differs with {what}, first at {first:?}");
    }
}

/// More records than are judged in one piece, with every kind of file.
fn dump() -> Scratch {
    let scratch = Scratch::new();
    multiply(&sample("troubled"), &scratch, 16, |_, text| text);
    for file in files_below(&sample("broken")) {
        let bytes = fs::read(sample("broken").join(&file)).unwrap();
        scratch.write(&format!("broken/{}", file.display()), bytes);
    }
    scratch
}

#[test]
fn threads_and_the_order_of_the_directory_do_not_show() {
    let dump = dump();
    let one = outputs(&[&dump.path("")], &["--threads", "1"]);
    for threads in ["2", "8"] {
        assert_same(&one, &outputs(&[&dump.path("")], &["--threads", threads]), &format!("{threads} threads"));
    }
    for round in 0..2 {
        let shuffled = shuffled(&dump.path(""), round);
        assert_same(&one, &outputs(&[&shuffled.path("")], &["--threads", "2"]), "another order of the directory");
    }
}

#[test]
fn the_order_of_the_given_paths_does_not_show() {
    let (healthy, troubled) = (sample("healthy"), sample("troubled"));
    let one = outputs(&[&healthy, &troubled], &[]);
    assert_same(&one, &outputs(&[&troubled, &healthy], &[]), "another order of the given paths");
}

/// A copy whose files were made in another order.
fn shuffled(directory: &Path, round: u32) -> Scratch {
    let scratch = Scratch::new();
    let mut files = files_below(directory);
    files.sort_by_key(|file| {
        let mut hasher = DefaultHasher::new();
        (round, file).hash(&mut hasher);
        hasher.finish()
    });
    for file in files {
        scratch.write(&file.display().to_string(), fs::read(directory.join(&file)).unwrap());
    }
    scratch
}
