//! A second opinion: random small dumps are judged by plain loops over their JSON, straight from the specification,
//! and the program must agree finding by finding and count by count. Slow, simple, and without a line of the engine.
//!
//! `ORACLE_SEED=17 cargo test --test oracle` repeats a single dump. The dumps of disagreements are left in
//! `ORACLE_KEEP`, or else in the temporary directory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
#![allow(clippy::disallowed_methods, reason = "a dump that is made for a test need not be written atomically")]

#[path = "oracle/clock.rs"]
mod clock;
#[path = "oracle/compare.rs"]
mod compare;
#[path = "oracle/coverage.rs"]
mod coverage;
#[path = "oracle/defects.rs"]
mod defects;
#[path = "oracle/dump.rs"]
mod dump;
#[path = "oracle/facts.rs"]
mod facts;
#[path = "oracle/hierarchy.rs"]
mod hierarchy;
#[path = "oracle/lifecycle.rs"]
mod lifecycle;
#[path = "oracle/load.rs"]
mod load;
#[path = "oracle/offsite.rs"]
mod offsite;
#[path = "oracle/prng.rs"]
mod prng;
#[path = "oracle/quality.rs"]
mod quality;
#[path = "oracle/records.rs"]
mod records;
#[path = "oracle/resources.rs"]
mod resources;
#[path = "oracle/time.rs"]
mod time;
#[path = "oracle/verdict.rs"]
mod verdict;
#[path = "oracle/views.rs"]
mod views;
#[path = "oracle/world.rs"]
mod world;

use facts::{Facts, Settings};
use load::Dump;
use prng::Prng;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use time::{Dialect, Instant};
use verdict::{Case, Verdict};

const DUMPS: u64 = 150;
/// 2026-03-15T12:00:00Z, give or take the seed.
const BASE: Instant = 1_773_576_000 * time::SECOND;

#[test]
fn the_program_agrees_with_a_slow_reading_of_the_specification() {
    let mut disagreements = Vec::new();
    for seed in seeds() {
        let trial = Trial::new(seed);
        let complaints = compare::compare(&trial.expected(), &trial.report());
        if !complaints.is_empty() {
            let place = trial.keep();
            disagreements.push(format!("seed {seed} ({}):\n  {}", place.display(), complaints.join("\n  ")));
        }
    }
    let shown = disagreements.iter().take(8).cloned().collect::<Vec<_>>().join("\n");
    assert!(disagreements.is_empty(), "{} dumps disagree, the first are\n{shown}", disagreements.len());
}

#[test]
fn a_wrong_expectation_is_noticed() {
    let trial = Trial::new(1);
    let (expected, report) = (trial.expected(), trial.report());
    // Where one unit of a rule may be judged either way, a flip of another can hide behind it.
    let open: BTreeSet<&str> = expected.iter().filter(|case| case.options.len() > 1).map(|case| case.rule).collect();
    for (is_from, to) in [
        (Verdict::Fail, Verdict::Pass),
        (Verdict::Pass, Verdict::Fail),
        (Verdict::NotApplicable, Verdict::Fail),
        (Verdict::Pass, Verdict::NotApplicable),
        (Verdict::Fail, verdict::unknown(["view-omits"])),
    ] {
        let mut wrong = expected.clone();
        let case =
            wrong.iter_mut().find(|case| case.options == [is_from.clone()] && !open.contains(case.rule)).unwrap();
        case.options = vec![to.clone()];
        assert!(!compare::compare(&wrong, &report).is_empty(), "{is_from:?} as {to:?} went unnoticed");
    }
}

#[test]
fn every_rule_meets_every_verdict() {
    let mut met: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for seed in 0..DUMPS {
        for case in Trial::new(seed).expected() {
            let tally = met.entry(case.rule).or_default();
            match case.options[..] {
                [Verdict::Pass] => tally[0] += 1,
                [Verdict::Fail] => tally[1] += 1,
                [Verdict::Unknown(_)] => tally[2] += 1,
                _ => {}
            }
        }
    }
    println!("rule: pass, fail, unknown = {met:#?}");
    // A missing field is a failure, so nothing is left to be unknown.
    let is_met = |(rule, tally): (&&str, &[usize; 3])| match *rule {
        "required-field-missing" => tally[0] > 0 && tally[1] > 0,
        _ => tally.iter().all(|count| *count > 0),
    };
    assert!(met.iter().all(is_met), "{met:#?}");
}

fn seeds() -> Vec<u64> {
    match std::env::var("ORACLE_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => (0..DUMPS).collect(),
    }
}

/// One dump on disk, with the settings under which it is judged.
struct Trial {
    seed: u64,
    folder: TempDir,
    settings: Settings,
}

impl Trial {
    fn new(seed: u64) -> Self {
        let is_calm = seed % 10 == 7;
        let mut rng = Prng::new(seed ^ 0xabcd);
        let now = BASE + rng.between(0, 86_400) * time::SECOND;
        let mut maker = records::Maker::new(seed, now, is_calm);
        let projects = world::projects(&mut maker);
        let folder = TempDir::new().unwrap();
        dump::write(&folder.path().join("dump"), &projects, &mut rng);
        let settings = Settings {
            now: if is_calm { clock::inferred(&Dump::read(&folder.path().join("dump"))) } else { now },
            clock_is_inferred: is_calm,
            rpo_hours: if seed % 5 == 3 { 48 } else { 24 },
            region: (seed % 4 == 1).then(|| "eu-de".to_owned()),
            replication_shown: seed % 6 == 2,
        };
        Self { seed, folder, settings }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("dump")
    }

    /// A clock read from the dump changes more rules than are worth modelling twice.
    fn expected(&self) -> Vec<Case> {
        let dump = Dump::read(&self.path());
        let facts = Facts::new(&dump, &self.settings);
        let resources = resources::resources(&facts);
        let mut cases = coverage::judge(&facts, &resources);
        cases.extend(offsite::judge(&facts, &resources));
        cases.extend(lifecycle::judge(&facts));
        cases.extend(hierarchy::judge(&facts));
        cases.extend(quality::judge(&facts));
        cases.retain(|case| !self.settings.clock_is_inferred || case.rule == "rpo-breach");
        cases
    }

    fn arguments(&self) -> Vec<String> {
        let settings = &self.settings;
        let mut arguments = Vec::new();
        if !settings.clock_is_inferred {
            arguments.extend(["--as-of".to_owned(), time::write(settings.now, Dialect::Zulu)]);
        }
        if settings.rpo_hours != 24 {
            arguments.extend(["--set".to_owned(), format!("rpo-hours={}", settings.rpo_hours)]);
        }
        if let Some(region) = &settings.region {
            arguments.extend(["--region".to_owned(), region.clone()]);
        }
        if settings.replication_shown {
            arguments.push("--replication-shown".to_owned());
        }
        arguments
    }

    fn report(&self) -> Value {
        let target = self.folder.path().join("report.json");
        let mut command = Command::new(env!("CARGO_BIN_EXE_cbr-audit"));
        command.arg("report").arg(self.path()).arg("-o").arg(format!("json={}", target.display()));
        let output = command.args(self.arguments()).output().unwrap();
        let written = fs::read_to_string(&target);
        let said = String::from_utf8_lossy(&output.stderr);
        let text = written.unwrap_or_else(|_| panic!("seed {}: {}, no report: {said}", self.seed, output.status));
        serde_json::from_str(&text).unwrap()
    }

    /// Leaves the dump and its report behind, with the arguments that repeat the run.
    fn keep(&self) -> PathBuf {
        let home =
            std::env::var("ORACLE_KEEP").map_or_else(|_| std::env::temp_dir().join("cbr-audit-oracle"), PathBuf::from);
        let place = home.join(format!("seed-{}", self.seed));
        copy_tree(self.folder.path(), &place);
        fs::write(place.join("arguments.txt"), self.arguments().join(" ")).unwrap();
        place
    }
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()) {
        let copy = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy_tree(&entry, &copy);
        } else {
            fs::copy(&entry, &copy).unwrap();
        }
    }
}
