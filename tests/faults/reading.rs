//! Faults while a dump is read: what was hit is named in the ledger and the run says that it is incomplete, or nothing is
//! different at all.

use super::program::{Scratch, files_below};
use super::strace::{Ended, Fault, Program, most_at, sweep};
use super::twin;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

const CALLS: [&str; 10] =
    ["openat", "read", "pread64", "statx", "newfstatat", "fstat", "getdents64", "close", "lseek", "fcntl"];

const EFFECTS: [(&str, &str); 8] = [
    ("error=EIO", ""),
    ("error=EIO", "+"),
    ("error=EACCES", ""),
    ("error=EINTR", ""),
    ("error=EMFILE", ""),
    ("error=ENOENT", ""),
    ("error=ESTALE", ""),
    ("error=ENOMEM", "+"),
];

fn program(dump: &Path, threads: &str) -> Program {
    let mut words: Vec<OsString> = vec![super::under_test(), "report".into(), dump.into()];
    words.extend(["--as-of", "2026-11-01T06:00:00Z", "--threads", threads, "-qo", "json=-"].map(OsString::from));
    Program { words, directory: dump.to_owned() }
}

fn ledger(report: &Value) -> BTreeMap<String, (String, Value)> {
    let files = report["inputs"]["files"].as_array().unwrap();
    let entry = |file: &Value| {
        let text = |key: &str| file[key].as_str().unwrap_or_default().to_owned();
        (text("path"), (text("state"), file.clone()))
    };
    files.iter().map(entry).collect()
}

/// What is wrong with a run whose fault hit something at or below `place` in the dump.
fn judged(fine: &Value, report: Option<&Value>, ended: &Ended, place: &str, status: i32) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("{what}: {:?} {:?}: {}", ended.status, ended.signal, ended.err));
    let Some(report) = report else {
        // Without a root there is no run. The standard library panics where a directory cannot be closed.
        let refused = (ended.status == Some(2) && place.is_empty())
            || (ended.status == Some(70) && ended.err.contains("closedir"));
        return if refused { Ok(()) } else { wrong("no report") };
    };
    if report == fine && ended.status == Some(status) {
        return Ok(());
    }
    let (was, is) = (ledger(fine), ledger(report));
    let at = |path: &str| place.is_empty() || path == place || path.starts_with(&format!("{place}/"));
    let is_named =
        is.iter().any(|(path, (state, _))| state == "rejected" && (at(path) || (place.is_empty() && path == ".")));
    if !is_named {
        return wrong("nothing that was hit is named");
    }
    let others = |of: &BTreeMap<String, (String, Value)>| -> Vec<_> {
        of.iter().filter(|(path, _)| !at(path)).map(|(path, (_, file))| (path.clone(), file.clone())).collect()
    };
    if others(&was) != others(&is) {
        return wrong("files are different that were not hit");
    }
    match ended.status {
        Some(4 | 5) => Ok(()),
        Some(3) if report["inputs"]["records"] == 0 => Ok(()),
        _ => wrong("the status does not say that the answer is incomplete"),
    }
}

/// Every file and directory of a dump.
fn places(dump: &Path) -> Vec<PathBuf> {
    let mut places = files_below(dump);
    let above: Vec<PathBuf> = places.iter().flat_map(|file| file.ancestors().skip(1)).map(PathBuf::from).collect();
    places.extend(above);
    places.sort();
    places.dedup();
    places
}

/// Every fault at every file and directory.
pub(super) fn faults() {
    let dump = super::writing::dump_of("");
    let root = dump.path("");
    let mut trials = Vec::new();
    let fine = program(&root, "1").calls(&["openat"]);
    let report: Value = serde_json::from_slice(&fine.out).unwrap();
    let logs = ["1", "2"].map(|threads| (threads, program(&root, threads).calls(&CALLS).log));
    for place in places(&root) {
        let path = root.join(&place);
        for (threads, log) in &logs {
            for call in CALLS {
                for number in 1..=most_at(log, call, &path) {
                    for (effect, forever) in EFFECTS {
                        // The C library takes this for a directory that was removed, and so for an empty one.
                        if (call, effect) == ("getdents64", "error=ENOENT") {
                            continue;
                        }
                        let fault =
                            Fault { call, effect, when: format!("{number}{forever}"), path: Some(path.clone()) };
                        trials.push((place.display().to_string(), *threads, fault));
                    }
                }
            }
        }
    }
    println!("{} read faults", trials.len());
    sweep(&trials, "READ_FAULTS", |_, (place, threads, fault)| {
        let ended = program(&root, threads).with(fault);
        let met = serde_json::from_slice(&ended.out).ok();
        judged(&report, met.as_ref(), &ended, place, fine.status.unwrap())
            .map_err(|why| format!("{place} {fault:?}: {why}"))?;
        Ok(ended.was_hit())
    });
}

/// The careless reader is found out.
pub(super) fn control() {
    let dump = super::writing::dump();
    let root = dump.path("");
    let program = Program { words: twin::program("read", &root), directory: root.clone() };
    let fine = program.calls(&["openat"]);
    let report = twin::report(&fine.out).unwrap();
    let (mut all, mut silent) = (0, 0);
    for file in files_below(&root) {
        for effect in ["error=EIO", "error=EACCES"] {
            let path = Some(root.join(&file));
            let fault = Fault { call: "openat", effect, when: "1+".to_owned(), path };
            let ended = program.with(&fault);
            all += usize::from(ended.was_hit());
            let met = twin::report(&ended.out);
            let place = file.display().to_string();
            silent += usize::from(judged(&report, met.as_ref(), &ended, &place, 0).is_err());
        }
    }
    println!("careless reader: {silent} of {all} wrong");
    assert!(all > 0 && silent == all);
}

/// What happens to a file while the program is reading it.
pub(super) fn changes() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 6] = [
        ("shrinks", |path| std::fs::File::options().write(true).open(path).unwrap().set_len(100).unwrap()),
        ("is emptied", |path| drop(std::fs::File::create(path).unwrap())),
        ("grows", |path| {
            use std::io::Write;
            std::fs::File::options().append(true).open(path).unwrap().write_all(b" \n").unwrap();
        }),
        ("is written anew", |path| std::fs::write(path, std::fs::read(path).unwrap()).unwrap()),
        ("vanishes", |path| std::fs::remove_file(path).unwrap()),
        ("is replaced", |path| {
            std::fs::remove_file(path).unwrap();
            std::fs::write(path, "{}").unwrap();
        }),
    ];
    for (what, change) in changes {
        for (call, when) in [("openat", "delay_enter"), ("read", "delay_enter"), ("read", "delay_exit")] {
            changed(what, change, call, when);
        }
    }
}

/// What happens to a directory while it is being listed.
pub(super) fn changes_of_directories() {
    type Change = fn(&Path);
    let comes: Change = |directory| std::fs::write(directory.join("comes.json"), "{}").unwrap();
    let goes: Change = |directory| std::fs::remove_file(directory.join("list.json")).unwrap();
    let vanishes: Change = |directory| std::fs::remove_dir_all(directory).unwrap();
    let is_replaced: Change = |directory| {
        let aside = directory.with_extension("aside");
        std::fs::rename(directory, &aside).unwrap();
        std::os::unix::fs::symlink(&aside, directory).unwrap();
    };
    for (what, change, call, when) in [
        ("in which a file comes", comes, "getdents64", "1"),
        ("in which a file comes", comes, "getdents64", "2"),
        ("from which a file goes", goes, "getdents64", "2"),
        ("that vanishes", vanishes, "openat", "1"),
        ("that vanishes", vanishes, "getdents64", "1"),
        ("that is replaced by a link", is_replaced, "openat", "1"),
        ("that is replaced by a link", is_replaced, "getdents64", "1"),
    ] {
        let dump = Scratch::new();
        let text = std::fs::read_to_string(super::program::sample("troubled").join(super::writing::PAGE)).unwrap();
        dump.write("sub/list.json", text);
        let (root, directory) = (dump.path(""), dump.path("sub"));
        let fault = Fault { call, effect: "delay_enter=900000", when: when.to_owned(), path: Some(directory.clone()) };
        let ended = while_it_waits(&root, &fault, || change(&directory));
        let report: Value = serde_json::from_slice(&ended.out).unwrap();
        let told = ledger(&report).get("sub").map(|(state, _)| state.clone());
        assert_eq!(told.as_deref(), Some("rejected"), "a directory {what} at {call} {when}: {}", ended.log);
        assert!(matches!(ended.status, Some(3..=5)), "a directory {what} at {call} {when}: {:?}", ended.status);
    }
}

/// Runs the program with a delay, during which something happens.
fn while_it_waits(root: &Path, delay: &Fault, happens: impl FnOnce()) -> Ended {
    std::thread::scope(|scope| {
        let ended = scope.spawn(|| program(root, "1").with(delay));
        std::thread::sleep(std::time::Duration::from_millis(500));
        happens();
        ended.join().unwrap()
    })
}

fn changed(what: &str, change: fn(&Path), call: &'static str, delay: &'static str) {
    let dump = Scratch::new();
    let text = std::fs::read_to_string(super::program::sample("troubled").join(super::writing::PAGE)).unwrap();
    let path = dump.write("list.json", text);
    let fine = program(&dump.path(""), "1").calls(&["openat"]);
    let report: Value = serde_json::from_slice(&fine.out).unwrap();
    let effect = if delay == "delay_enter" { "delay_enter=900000" } else { "delay_exit=900000" };
    let fault = Fault { call, effect, when: "1".to_owned(), path: Some(path.clone()) };
    let ended = while_it_waits(&dump.path(""), &fault, || change(&path));
    let met: Option<Value> = serde_json::from_slice(&ended.out).ok();
    let judged = judged(&report, met.as_ref(), &ended, "list.json", fine.status.unwrap());
    assert_eq!(judged, Ok(()), "a file that {what} at {call}, {delay}");
    let is_other = matches!(what, "shrinks" | "is emptied" | "grows");
    assert!(!is_other || met != Some(report), "a file that {what} at {call}, {delay}, is not noticed");
}
