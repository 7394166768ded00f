//! Kills and interrupts at random moments of a run.

use super::program::{Scratch, files_below};
use super::twin;
use std::ffi::OsString;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const OLD: &str = "the report of yesterday\n";
const TARGETS: [&str; 4] = ["r.html", "r.md", "r.csv", "r.json"];

/// A generator of moments; its numbers are the same in every run, the moments are not.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end.max(1)
    }
}

fn ended(words: &[OsString], directory: &Path, signal: &str, after: Duration) -> ExitStatus {
    // A shell that starts something in the background has it ignore interrupts, and so everything that starts from there.
    let mut command = Command::new("env");
    command.arg("--default-signal=INT").args(words);
    command.current_dir(directory).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    std::thread::sleep(after);
    // It may have ended by itself.
    let _ = Command::new("kill").args(["-s", signal, &child.id().to_string()]).stderr(Stdio::null()).status();
    child.wait().unwrap()
}

fn words(dump: &Path) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec![super::under_test(), "report".into(), dump.into()];
    words.extend(["--as-of", "2026-11-01T06:00:00Z", "-q"].map(OsString::from));
    words.extend(TARGETS.iter().flat_map(|target| ["-o".into(), OsString::from(target)]));
    words
}

/// So many signals; returns how many runs were hit, and how many of these had the new reports already.
pub(super) fn signals(signal: &str, number: i32, count: u64) {
    let dump = super::writing::dump();
    let words = words(&dump.path(""));
    let scratch = Scratch::new();
    let started = Instant::now();
    ended(&words, &scratch.path(""), "0", Duration::from_secs(3));
    let started = started.elapsed().min(Duration::from_secs(3));
    let new: Vec<_> = TARGETS.iter().map(|target| fs::read_to_string(scratch.path(target)).unwrap()).collect();
    let length = measured(&words).unwrap_or(started);
    let mut dice = Dice(0x5eed_0000_0000_0000 + u64::from(number.unsigned_abs()));
    let (mut hit, mut renewed, mut left) = (0, 0, 0);
    for _ in 0..count {
        let scratch = Scratch::new();
        TARGETS.iter().for_each(|target| drop(scratch.write(target, OLD)));
        let most = u64::try_from(length.as_micros()).unwrap() * 5 / 4;
        let status = ended(&words, &scratch.path(""), signal, Duration::from_micros(dice.below(most)));
        let was_hit = status.signal() == Some(number);
        hit += u64::from(was_hit);
        let mut fresh = 0;
        for (target, new) in TARGETS.iter().zip(&new) {
            let found = fs::read_to_string(scratch.path(target)).unwrap();
            assert!(found == OLD || found == *new, "{target} is torn: {} bytes", found.len());
            fresh += u64::from(found == *new);
        }
        assert!(was_hit || fresh == 4, "it ended by itself, {status}, with {fresh} new reports");
        let strangers = files_below(&scratch.path("")).len() - TARGETS.len();
        left += u64::from(strangers > 0);
        if signal != "KILL" {
            assert!([0, 4].contains(&fresh), "{fresh} of 4 reports are new");
            assert_eq!(strangers, 0, "something is left behind");
        }
        renewed += u64::from(was_hit && fresh > 0);
    }
    println!(
        "{count} {signal}: {hit} hit, {renewed} of them behind the first rename, {left} with a temporary file left"
    );
    assert!(hit * 3 > count, "too few runs were hit");
}

/// How long a run takes.
fn measured(words: &[OsString]) -> Option<Duration> {
    let times = (0..5).map(|_| {
        let scratch = Scratch::new();
        let started = Instant::now();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir(scratch.path("")).stdout(Stdio::null()).status().unwrap();
        started.elapsed()
    });
    times.min()
}

/// The careless writer is found torn.
pub(super) fn control() {
    let scratch = Scratch::new();
    let target = scratch.path("twin");
    let new = String::from_utf8(twin::content()).unwrap();
    let words = twin::program("slow", &target);
    let length = measured(&words).unwrap();
    let mut dice = Dice(7);
    let torn = (0..60).filter(|_| {
        fs::write(&target, OLD).unwrap();
        let most = u64::try_from(length.as_micros()).unwrap();
        ended(&words, &scratch.path(""), "KILL", Duration::from_micros(dice.below(most)));
        let found = fs::read_to_string(&target).unwrap();
        found != OLD && found != new
    });
    let torn = torn.count();
    println!("careless writer: {torn} of 60 torn");
    assert!(torn >= 6);
}
