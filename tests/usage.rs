//! Wrong usage and outputs that cannot be written: the message helps, the status is 2, and nothing is left behind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use pretty_assertions::assert_eq;
use program::{Ran, Scratch, files_below, run, sample};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A run of `report` on the healthy sample that must fail as wrong usage.
fn refused(arguments: &[&str]) -> String {
    let sample = sample("healthy");
    let all = ["report".as_ref(), sample.as_os_str()].into_iter().chain(arguments.iter().map(std::ffi::OsStr::new));
    let ran = run(all);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{arguments:?}");
    ran.err
}

fn write_to(targets: &[PathBuf]) -> Ran {
    let sample = sample("healthy");
    let mut all: Vec<OsString> = vec!["report".into(), sample.into(), "-q".into()];
    all.extend(targets.iter().flat_map(|target| ["-o".into(), target.into()]));
    run(all)
}

#[test]
fn a_bare_date_shows_both_readings() {
    let said = refused(&["--as-of", "2026-11-01"]);
    assert!(said.contains("2026-11-01T00:00:00Z") && said.contains("2026-11-01T23:59:59Z"), "{said}");
    assert!(refused(&["--as-of", "2026-11-01T06:00:00"]).contains("2026-11-01T06:00:00Z"));
    assert!(refused(&["--as-of", "yesterday"]).contains("RFC 3339"));
    // The last moment of all is none at which anything could be judged.
    assert!(refused(&["--as-of", "9999-12-31T23:59:59Z"]).contains("later than any time"));
}

#[test]
fn a_misspelt_name_gets_a_suggestion() {
    assert!(refused(&["--only", "rpo-breech"]).contains("\"rpo-breach\""));
    assert!(refused(&["--skip", "backup-eror"]).contains("\"backup-error\""));
    assert!(refused(&["--set", "rpo-hour=3"]).contains("\"rpo-hours\""));
    assert!(refused(&["--set", "rpo-breech.rpo-hours=3"]).contains("\"rpo-breach\""));
    assert!(refused(&["--set", "rpo-breach.grace=3"]).contains("rpo-breach does not have"));
    assert!(refused(&["--only", "xyzzy"]).contains("rules list"));
}

#[test]
fn a_value_that_cannot_be_meant_is_refused() {
    assert!(refused(&["--set", "rpo-hours"]).contains("KEY=VALUE"));
    for value in ["-1", "soon", "NaN", "inf", ""] {
        assert!(refused(&["--set", &format!("rpo-hours={value}")]).contains("not negative"), "{value}");
    }
    assert!(refused(&["--max-age", "26"]).contains("26h"));
    assert!(refused(&["--max-age=-1h"]).contains("26h"));
    assert!(refused(&["--exclude", "a[", "--exclude", "b"]).contains("a["));
    assert!(refused(&["--only", "rpo-breach", "--skip", "rpo-breach"]).contains("no rule"));
    assert!(refused(&["--fail-on", "bad"]).contains("critical"));
    assert!(refused(&["-o", "report"]).contains("csv=report"));
    assert!(refused(&["-o", "report.pdf"]).contains("*.html"));
}

#[test]
fn two_reports_never_share_a_target() {
    let scratch = Scratch::new();
    let plain = scratch.path("report.html");
    scratch.write("in/report.md", "");
    for twin in [plain.clone(), scratch.path("./report.html"), scratch.path("in/../report.html")] {
        let ran = write_to(&[plain.clone(), twin]);
        assert_eq!(ran.status, 2);
        assert!(ran.err.contains("report.html"), "{}", ran.err);
    }
    assert!(!plain.exists());
    assert!(refused(&["-o", "md=-", "-o", "csv=-"]).contains("standard output"));
}

#[test]
fn a_run_that_fails_leaves_the_old_report_and_no_other_file() {
    let scratch = Scratch::new();
    let old = scratch.write("old.html", "yesterday's");
    let before = files_below(&scratch.path(""));
    let missing = scratch.path("no/such/directory/report.json");
    let ran = write_to(&[old.clone(), scratch.path("new.csv"), missing]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("no/such/directory"), "{}", ran.err);
    std::fs::create_dir(scratch.path("directory.md")).unwrap();
    assert_eq!(write_to(&[old.clone(), scratch.path("directory.md")]).status, 2);
    assert_eq!(files_below(&scratch.path("")), before);
    assert_eq!(std::fs::read_to_string(old).unwrap(), "yesterday's");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_fails_the_run_before_any_report_is_visible() {
    let scratch = Scratch::new();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cbr-audit"));
    command.arg("report").arg(sample("healthy")).arg("-o").arg(scratch.path("report.json")).args(["-o", "csv=-"]);
    let status = command.stdout(full).stderr(std::process::Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(2));
    assert_eq!(files_below(&scratch.path("")), Vec::<PathBuf>::new());
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_nothing() {
    use std::os::unix::process::ExitStatusExt;
    let scratch = Scratch::new();
    // A caller may have the signal ignored, as a script has for its background jobs.
    let mut command = Command::new("env");
    command.args(["--default-signal=INT", env!("CARGO_BIN_EXE_cbr-audit")]);
    command.args(["report", "-", "-o"]).arg(scratch.path("report.html"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    // It waits for its input, which never ends.
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ended = child.wait().unwrap();
    assert!(ended.signal() == Some(2) || ended.code() == Some(130), "{ended}");
    assert_eq!(files_below(&scratch.path("")), Vec::<PathBuf>::new());
}

#[test]
fn reports_inside_the_dump_do_not_change_the_answer() {
    let scratch = Scratch::new();
    for file in files_below(&sample("healthy")) {
        let bytes = std::fs::read(sample("healthy").join(&file)).unwrap();
        scratch.write(&file.display().to_string(), bytes);
    }
    let dump = scratch.path("");
    let mut all: Vec<OsString> = vec!["report".into(), dump.clone().into(), "-q".into()];
    for name in ["report.html", "report.md", "findings.csv", "report.json"] {
        all.extend(["-o".into(), dump.join(name).into()]);
    }
    let files = files_below(&dump).len();
    let report =
        || serde_json::from_slice::<serde_json::Value>(&std::fs::read(dump.join("report.json")).unwrap()).unwrap();
    assert_eq!(run(&all).status, 0);
    let first = report();
    assert_eq!(files_below(&dump).len(), files + 4);
    assert_eq!(run(&all).status, 0);
    let second = report();
    assert_eq!((&first["findings"], &first["resources"]), (&second["findings"], &second["resources"]));
    assert_eq!(second["inputs"]["files_by_state"]["not-backup"], 13);
}

#[test]
fn a_path_that_is_not_there_is_told_in_plain_words() {
    let scratch = Scratch::new();
    let missing = scratch.path("missing").display().to_string();
    for command in ["report", "inventory"] {
        let ran = run([command, &missing]);
        assert_eq!(ran.status, 2);
        let expected = format!("cbr-audit: cannot look at {missing}: no such file or directory: check the path");
        assert!(ran.err.starts_with(&expected), "{}", ran.err);
        assert!(!ran.err.contains("os error"), "{}", ran.err);
    }
}

#[test]
fn an_example_configuration_never_takes_the_place_of_another() {
    let scratch = Scratch::new();
    let init = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cbr-audit"));
        let ended = command.args(["config", "init"]).current_dir(scratch.path("")).output().unwrap();
        let said = [ended.stdout, ended.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (ended.status.code(), said)
    };
    let written = "cbr-audit.toml is written: every line is a comment, take away what you want to say.\n";
    assert_eq!(init(), (Some(0), [written.to_owned(), String::new()]));
    assert_eq!(std::fs::read_to_string(scratch.path("cbr-audit.toml")).unwrap(), cbr_audit::config::EXAMPLE);
    scratch.write("cbr-audit.toml", "region = \"eu-de\"\n");
    let alone = "cbr-audit: cbr-audit.toml is there already and was left alone: `cbr-audit config check` reads it\n";
    assert_eq!(init(), (Some(2), [String::new(), alone.to_owned()]));
    assert_eq!(std::fs::read_to_string(scratch.path("cbr-audit.toml")).unwrap(), "region = \"eu-de\"\n");
}

/// With a report on standard output, that is for the report alone.
#[test]
fn the_summary_keeps_out_of_the_way_of_a_report() {
    let scratch = Scratch::new();
    let healthy = sample("healthy");
    let told = |more: &[&str]| {
        let ran = run(["report".as_ref(), healthy.as_os_str()].into_iter().chain(more.iter().map(OsStr::new)));
        [ran.out, ran.err].map(|text| text.contains("Findings"))
    };
    assert_eq!(told(&[]), [true, false]);
    assert_eq!(told(&["-o", scratch.path("report.json").to_str().unwrap()]), [true, false]);
    assert_eq!(told(&["-o", "json=-"]), [false, true]);
    assert_eq!(told(&["-q"]), [false, false]);
    let both = ["-o", "csv=-", "-o", scratch.path("second.json").to_str().unwrap()].map(str::to_owned);
    assert_eq!(told(&both.each_ref().map(String::as_str)), [false, true]);
}

/// As many as are asked for, while a run waits for its input.
#[cfg(target_os = "linux")]
#[test]
fn a_run_takes_as_many_threads_as_it_is_given() {
    for command in ["report", "inventory"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cbr-audit"));
        child.args([command, "-", "--threads", "40"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = child.spawn().unwrap();
        let tasks = PathBuf::from(format!("/proc/{}/task", child.id()));
        let begun = Instant::now();
        while std::fs::read_dir(&tasks).unwrap().count() <= 40 {
            assert!(begun.elapsed() < Duration::from_secs(20), "{command} takes no 40 threads");
            std::thread::sleep(Duration::from_millis(20));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

/// The library of threads would take its own variables at their word, and hang.
#[cfg(target_os = "linux")]
#[test]
fn the_environment_does_not_choose_the_number_of_threads() {
    let processors = std::thread::available_parallelism().unwrap().get();
    for variable in ["RAYON_NUM_THREADS", "RAYON_RS_NUM_CPUS"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cbr-audit"));
        child.args(["report", "-"]).env(variable, (processors + 200).to_string());
        let mut child = child.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let tasks = PathBuf::from(format!("/proc/{}/task", child.id()));
        let running = || std::fs::read_dir(&tasks).unwrap().count();
        let begun = Instant::now();
        while running() <= processors {
            assert!(begun.elapsed() < Duration::from_secs(20), "{variable}: no threads");
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(500));
        let running = running();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(running < processors + 100, "{variable}: {running} threads for {processors} processors");
    }
}

/// A run that takes more than a moment, on a terminal.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_shows_the_progress_of_a_long_run_unless_it_is_to_be_quiet() {
    let shown = |seconds: u32, more: &str| {
        let [program, sample] = [PathBuf::from(env!("CARGO_BIN_EXE_cbr-audit")), sample("api-page/backup.json")];
        let line = format!("(sleep {seconds}; cat '{}') | '{}' report - {more}", sample.display(), program.display());
        let ended = Command::new("script").args(["-qec", &line, "/dev/null"]).stdin(Stdio::null()).output().unwrap();
        String::from_utf8(ended.stdout).unwrap()
    };
    // A busy machine may take long to start the program, for which the run is then a short one.
    let is_shown = |usual: &String| usual.contains("1 of 1 files") && usual.contains("Findings");
    assert!([2, 5, 20].into_iter().any(|seconds| is_shown(&shown(seconds, ""))), "{:?}", shown(2, ""));
    assert_eq!(shown(2, "-q"), "");
}
