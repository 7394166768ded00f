//! Where output goes: what is no plain file is refused, what cannot be written fails the run, what is closed is no error,
//! and an interrupt leaves the old report.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

mod program;

use pretty_assertions::assert_eq;
use program::{Scratch, files_below, run, sample};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_cbr-audit"))
}

/// Every subcommand that prints, with its arguments.
fn printing() -> Vec<Vec<OsString>> {
    let healthy: OsString = sample("healthy").into();
    let of = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    let with = |words: &[&str], path: OsString, rest: &[&str]| [of(words), vec![path], of(rest)].concat();
    let mut all = vec![
        with(&["report"], healthy.clone(), &[]),
        with(&["inventory"], healthy.clone(), &[]),
        with(&["config", "check"], sample("config").join("cbr-audit.toml").into(), &[]),
        of(&["rules"]),
        of(&["rules", "document"]),
        of(&["rules", "show", "rpo-breach"]),
        of(&["explain", "rpo-breach"]),
        of(&["config", "show"]),
        of(&["completions", "bash"]),
        of(&["--help"]),
        of(&["--version"]),
        of(&["report", "--help"]),
    ];
    all.extend(["html", "md", "csv", "json"].map(|format| with(&["report", "-qo"], format!("{format}=-").into(), &[])));
    for arguments in all.iter_mut().rev().take(4) {
        arguments.insert(1, healthy.clone());
    }
    all
}

#[test]
fn a_full_disk_behind_standard_output_fails_every_command() {
    let scratch = Scratch::new();
    for arguments in printing() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut command = program();
        let ended = command.args(&arguments).stdout(full).current_dir(scratch.path("")).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains("cannot write standard output") && said.contains("no space left"), "{said}");
    }
}

#[test]
fn a_closed_pipe_is_quiet_and_keeps_the_verdict() {
    let scratch = Scratch::new();
    for arguments in printing() {
        let open = program().args(&arguments).current_dir(scratch.path("")).output().unwrap();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = program().args(&arguments).current_dir(scratch.path("")).stdout(writer).output().unwrap();
        assert_eq!(ended.status.code(), open.status.code(), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&ended.stderr), String::from_utf8_lossy(&open.stderr), "{arguments:?}");
    }
}

#[test]
fn a_target_that_is_no_plain_file_is_refused() {
    let scratch = Scratch::new();
    let victim = scratch.write("victim.json", "precious");
    symlink(&victim, scratch.path("link.json")).unwrap();
    symlink("/dev/stdout", scratch.path("stdout.json")).unwrap();
    symlink("nowhere", scratch.path("dangling.json")).unwrap();
    fs::create_dir(scratch.path("directory.json")).unwrap();
    assert!(Command::new("mkfifo").arg(scratch.path("fifo.json")).status().unwrap().success());
    for (target, why) in [
        ("link.json", "symbolic link"),
        ("stdout.json", "symbolic link"),
        ("dangling.json", "symbolic link"),
        ("directory.json", "no regular file"),
        ("fifo.json", "no regular file"),
        ("/dev/null", "no regular file"),
        ("/dev/full", "no regular file"),
    ] {
        let target = scratch.path("").join(target);
        let named = [OsString::from("json="), target.clone().into()].concat_os();
        for arguments in [
            ["report".into(), sample("healthy").into(), "-o".into(), named],
            ["inventory".into(), sample("healthy").into(), "-o".into(), target.clone().into()],
        ] {
            let ran = run(arguments);
            assert_eq!(ran.status, 2, "{}", target.display());
            assert!(ran.err.contains(why) && ran.err.contains("FORMAT=-"), "{}", ran.err);
        }
    }
    assert_eq!(fs::read_to_string(victim).unwrap(), "precious");
    let partial = |path: &PathBuf| path.to_string_lossy().contains("partial");
    assert!(!files_below(&scratch.path("")).iter().any(partial));
}

trait Concat {
    fn concat_os(self) -> OsString;
}

impl Concat for [OsString; 2] {
    fn concat_os(self) -> OsString {
        let [mut first, second] = self;
        first.push(second);
        first
    }
}

#[test]
fn no_output_takes_the_place_of_an_answer() {
    let scratch = Scratch::new();
    let samples = sample("troubled");
    for file in files_below(&samples) {
        scratch.write(&format!("dump/{}", file.display()), fs::read(samples.join(&file)).unwrap());
    }
    let torn = scratch.write("dump/torn.json", "{\"backups\": [");
    let dump = scratch.path("dump");
    let before: Vec<_> = files_below(&dump).into_iter().map(|file| fs::read(dump.join(file)).unwrap()).collect();
    let answers = files_below(&dump).into_iter().map(|file| dump.join(file));
    // An empty file has nothing to lose.
    let is_full =
        |path: &PathBuf| path.extension().is_some_and(|end| end == "json") && path.metadata().unwrap().len() > 0;
    let answers: Vec<_> = answers.filter(is_full).collect();
    assert!(answers.contains(&torn) && answers.len() > 3);
    for answer in &answers {
        let ran = run(["report".into(), dump.clone(), "-qo".into(), answer.clone()]);
        assert_eq!(ran.status, 2, "{}", ran.err);
        assert!(ran.err.contains("an answer of the dump"), "{}", ran.err);
        let ran = run(["inventory".into(), dump.clone(), "-o".into(), answer.clone()]);
        assert_eq!(ran.status, 2, "{}", ran.err);
    }
    // What is left out is evidence all the same.
    for command in ["report", "inventory"] {
        let ran =
            run([command.as_ref(), dump.as_os_str(), "--exclude=torn.json".as_ref(), "-o".as_ref(), torn.as_os_str()]);
        assert_eq!(ran.status, 2, "{}", ran.err);
        assert!(ran.err.contains("an answer of the dump"), "{}", ran.err);
    }
    // So is what stands behind `<`.
    for arguments in [["report", "-", "-qo"], ["inventory", "-", "-o"]] {
        let mut reading = program();
        reading.args(arguments).arg(&torn).stdin(File::open(&torn).unwrap());
        let ran = reading.output().unwrap();
        assert_eq!(ran.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&ran.stderr).contains("would overwrite standard input"));
    }
    let after: Vec<_> = files_below(&dump).into_iter().map(|file| fs::read(dump.join(file)).unwrap()).collect();
    assert_eq!(after, before);
}

#[test]
fn a_report_stays_as_private_as_the_one_before() {
    let scratch = Scratch::new();
    let target = scratch.write("report.json", "");
    fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).unwrap();
    run(["report".as_ref(), sample("healthy").as_os_str(), "-qo".as_ref(), target.as_os_str()]);
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
}

/// A run that waits for its input, with reports to be written.
fn waiting(targets: &[&Path]) -> Child {
    // A caller may have some of these signals ignored, as a script has for its background jobs.
    let mut command = Command::new("env");
    command.args(["--default-signal=INT,TERM,HUP", env!("CARGO_BIN_EXE_cbr-audit")]);
    command.args(["report", "-", "-q"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    targets.iter().for_each(|target| {
        command.arg("-o").arg(target);
    });
    let child = command.spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    child
}

fn send(signal: &str, child: &Child) {
    assert!(Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn an_interrupt_keeps_the_old_report() {
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        let scratch = Scratch::new();
        let old = scratch.write("report.html", "yesterday's");
        let mut child = waiting(&[&old, &scratch.path("report.json")]);
        send(signal, &child);
        assert_eq!(child.wait().unwrap().signal(), Some(number));
        assert_eq!(files_below(&scratch.path("")), [PathBuf::from("report.html")]);
        assert_eq!(fs::read_to_string(old).unwrap(), "yesterday's");
    }
}

#[test]
fn a_signal_that_the_caller_ignores_stays_ignored() {
    let scratch = Scratch::new();
    let target = scratch.path("report.json");
    let script = "trap '' HUP; \"$0\" report - -qo \"$1\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_cbr-audit")]).arg(&target);
    let mut child = command.process_group(0).stdin(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(Command::new("kill").args(["-HUP", "--", &format!("-{}", child.id())]).status().unwrap().success());
    std::thread::sleep(Duration::from_millis(100));
    child.stdin.take().unwrap().write_all(b"{\"backups\": [], \"count\": 0}").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert!(target.exists());
}

#[test]
fn a_limit_on_file_sizes_is_an_error_and_no_kill() {
    let scratch = Scratch::new();
    let old = scratch.write("report.json", "yesterday's");
    let script = "ulimit -f 1; exec \"$0\" report \"$1\" -qo \"$2\"";
    let mut command = Command::new("bash");
    command.args(["-c", script, env!("CARGO_BIN_EXE_cbr-audit")]).arg(sample("healthy")).arg(&old);
    let ended = command.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(said.contains("file too large"), "{said}");
    assert_eq!(fs::read_to_string(&old).unwrap(), "yesterday's");
    assert_eq!(files_below(&scratch.path("")).len(), 1);
}

#[test]
fn two_runs_to_one_target_leave_one_whole_report() {
    let scratch = Scratch::new();
    let target = scratch.path("report.json");
    let spawn = |name| {
        let mut command = program();
        command.arg("report").arg(sample(name)).arg("-qo").arg(&target).stdout(Stdio::null());
        command.spawn().unwrap()
    };
    for _ in 0..10 {
        let runs = [spawn("healthy"), spawn("troubled"), spawn("healthy"), spawn("troubled")];
        for mut run in runs {
            assert!(run.wait().unwrap().code().is_some_and(|code| code != 2));
        }
        let report: serde_json::Value = serde_json::from_slice(&fs::read(&target).unwrap()).unwrap();
        assert!(report["notes"].is_array());
        assert_eq!(files_below(&scratch.path("")).len(), 1);
    }
}
