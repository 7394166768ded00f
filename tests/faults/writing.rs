//! Faults while reports are written: each report is the old one or the new one, a run that says it went well has
//! written the new one, and nothing else is left.

use super::program::{Scratch, files_below, sample};
use super::strace::{Ended, Fault, Program, most, sweep, touching};
use super::twin;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

const OLD: &[u8] = b"the report of yesterday\n";

/// What a run is asked to write: its arguments behind the dump, and the files.
struct Job {
    words: Vec<OsString>,
    targets: Vec<&'static str>,
    /// Whether there are reports already.
    over_old: bool,
}

/// A list answer among the samples.
pub(super) const PAGE: &str = "eu-de_logistics/backups-000.json";

/// A small dump with enough in it for reports of some length.
pub(super) fn dump() -> Scratch {
    dump_of("eu-de_logistics")
}

/// The part of the troubled sample below a directory.
pub(super) fn dump_of(directory: &str) -> Scratch {
    let scratch = Scratch::new();
    let troubled = sample("troubled");
    for file in files_below(&troubled).iter().filter(|file| file.starts_with(directory)) {
        scratch.write(&file.display().to_string(), fs::read(troubled.join(file)).unwrap());
    }
    scratch
}

/// A dump of records of which nothing is known: there is much to say of each, so that the reports are on their way to the disk
/// while they are made.
fn telling_dump() -> Scratch {
    let scratch = Scratch::new();
    let record = |number: usize| format!(r#"{{"id":"b{number}","resource_id":"r{}"}}"#, number % 40);
    let list: Vec<_> = (0..1200).map(record).collect();
    scratch.write("backups.json", format!(r#"{{"backups":[{}]}}"#, list.join(",")));
    scratch
}

const ALL: [&str; 4] = ["r.html", "r.md", "r.csv", "r.json"];

/// The arguments of a run that writes these reports.
fn report(dump: &Path, threads: &str, outputs: &[&str]) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["report".into(), dump.into(), "-q".into()];
    words.extend(["--as-of", "2026-11-01T06:00:00Z", "--threads", threads].map(OsString::from));
    words.extend(outputs.iter().flat_map(|output| ["-o".into(), OsString::from(output)]));
    words
}

fn jobs(dump: &Path) -> Vec<Job> {
    let report = |outputs: &[&str]| report(dump, "1", outputs);
    let mut jobs = Vec::new();
    for over_old in [true, false] {
        for target in ALL {
            jobs.push(Job { words: report(&[target]), targets: vec![target], over_old });
        }
        jobs.push(Job { words: report(&ALL), targets: ALL.to_vec(), over_old });
        jobs.push(Job { words: report(&["r.md", "json=-"]), targets: vec!["r.md"], over_old });
        let mut named = report(&["r.html", "r.csv"]);
        named.extend(["--framework", "3-2-1-1-0"].map(OsString::from));
        jobs.push(Job { words: named, targets: vec!["r.html", "r.csv"], over_old });
        let inventory = ["inventory".into(), dump.into(), "--threads".into(), "1".into(), "-o".into(), "i.csv".into()];
        jobs.push(Job { words: inventory.to_vec(), targets: vec!["i.csv"], over_old });
    }
    jobs.push(Job { words: vec!["config".into(), "init".into()], targets: vec!["cbr-audit.toml"], over_old: false });
    jobs
}

const CALLS: [&str; 19] = [
    "openat",
    "write",
    "fsync",
    "fdatasync",
    "renameat",
    "renameat2",
    "linkat",
    "unlink",
    "close",
    "statx",
    "fcntl",
    "lseek",
    "copy_file_range",
    "sendfile",
    "splice",
    "read",
    "mmap",
    "clone3",
    "readlink",
];

const EFFECTS: [(&str, &str); 14] = [
    ("error=ENOSPC", ""),
    ("error=EIO", ""),
    ("error=EIO", "+"),
    ("error=ENOSPC", "+"),
    ("error=EINTR", ""),
    ("error=EACCES", ""),
    ("error=EMFILE", ""),
    ("error=EDQUOT", ""),
    ("error=EDQUOT", "+"),
    ("error=EMFILE", "+"),
    ("error=EROFS", ""),
    ("error=ENOMEM", ""),
    ("error=EPERM", ""),
    ("signal=SIGKILL", ""),
];

type Files = BTreeMap<String, Vec<u8>>;

fn files_in(directory: &Path) -> Files {
    let entry = |file: PathBuf| (file.display().to_string(), fs::read(directory.join(&file)).unwrap());
    files_below(directory).into_iter().map(entry).collect()
}

/// What is wrong with what a run left behind.
fn judged(job: &Job, new: &Files, left: &Files, ended: &Ended, fault: &Fault) -> Result<(), String> {
    let wrong = |what: &str| {
        Err(format!("{what}: {fault:?} {:?} {:?} {:?}: {}", job.words, ended.status, ended.signal, ended.err))
    };
    let mut renewed = 0;
    for target in &job.targets {
        let old = job.over_old.then_some(OLD);
        let is_new = left.get(*target) == new.get(*target);
        match left.get(*target).map(Vec::as_slice) {
            _ if is_new => renewed += 1,
            found if found == old => {}
            found => return wrong(&format!("{target} is torn at {:?} bytes", found.map(<[u8]>::len))),
        }
    }
    let succeeded = ended.status.is_some_and(|status| [0, 1, 3, 4, 5].contains(&status));
    if succeeded && renewed < job.targets.len() {
        return wrong("it says that it went well, and a report is old");
    }
    let says = ended.err.contains("is written") || ended.err.contains("already written");
    // Where nothing can be written, nothing can be said.
    let is_mute = fault.call == "write" && ended.err.is_empty();
    if ended.status == Some(2) && renewed > 0 && !says && !is_mute {
        return wrong("it failed without a word of the reports that are new");
    }
    let strangers = left.keys().filter(|name| !job.targets.contains(&name.as_str())).count();
    // What cannot be removed stays.
    let may_stay = ended.signal.is_some() || fault.call == "unlink";
    if strangers > 0 && !may_stay { wrong("something is left behind") } else { Ok(()) }
}

fn prepare(job: &Job) -> Scratch {
    let scratch = Scratch::new();
    if job.over_old {
        job.targets.iter().for_each(|target| drop(scratch.write(target, OLD)));
    }
    scratch
}

fn program(job: &Job, scratch: &Scratch) -> Program {
    let words = std::iter::once(super::under_test()).chain(job.words.iter().cloned()).collect();
    Program { words, directory: scratch.path("") }
}

/// Every fault at every place where it can come about.
pub(super) fn faults() {
    let dump = dump();
    faults_over(&dump, &jobs(&dump.path("")), "WRITE_FAULTS");
}

/// The same while large reports are written by two threads.
pub(super) fn large() {
    let dump = telling_dump();
    let words = report(&dump.path(""), "2", &ALL);
    let job = |over_old| Job { words: words.clone(), targets: ALL.to_vec(), over_old };
    faults_over(&dump, &[job(true), job(false)], "LARGE_WRITE_FAULTS");
}

fn faults_over(dump: &Scratch, jobs: &[Job], limit: &str) {
    let mut trials = Vec::new();
    for job in jobs {
        let scratch = prepare(job);
        let baseline = program(job, &scratch).calls(&CALLS);
        let new = std::sync::Arc::new(files_in(&scratch.path("")));
        for call in CALLS {
            let touching = touching(&baseline.log, call, &dump.path(""));
            for number in 1..=most(&baseline.log, call) {
                for (effect, forever) in EFFECTS {
                    // A dump that cannot be read leads to another report: that is for the faults while reading.
                    if touching.iter().any(|&met| met == number || (met > number && forever == "+")) {
                        continue;
                    }
                    let when = format!("{number}{forever}");
                    trials.push((job, std::sync::Arc::clone(&new), Fault { call, effect, when, path: None }));
                }
            }
        }
    }
    println!("{} write faults", trials.len());
    sweep(&trials, limit, |_, (job, new, fault)| {
        let scratch = prepare(job);
        let ended = program(job, &scratch).with(fault);
        judged(job, new, &files_in(&scratch.path("")), &ended, fault)?;
        Ok(ended.was_hit())
    });
}

/// The careless writer is found out.
pub(super) fn control() {
    let job = Job { words: Vec::new(), targets: vec!["twin"], over_old: true };
    let new: Files = [("twin".to_owned(), twin::content())].into();
    let (mut torn, mut lies, mut all) = (0, 0, 0);
    for (effect, forever) in EFFECTS {
        for number in 1..=16 {
            let scratch = prepare(&job);
            let target = scratch.path("twin");
            let program = Program { words: twin::program("write", &target), directory: scratch.path("") };
            let fault = Fault { call: "write", effect, when: format!("{number}{forever}"), path: Some(target) };
            let ended = program.with(&fault);
            all += usize::from(ended.was_hit());
            let judged = judged(&job, &new, &files_in(&scratch.path("")), &ended, &fault);
            torn += usize::from(judged.is_err());
            lies += usize::from(judged.is_err() && ended.status == Some(0));
        }
    }
    println!("careless writer: {torn} of {all} wrong, {lies} of them with exit status 0");
    assert!(torn * 2 > all && lies > 0);
}
