//! A second opinion: random small dumps are judged by plain loops over their JSON, straight from the specification,
//! and the program must agree finding by finding and count by count. Slow, simple, and without a line of the engine.
//!
//! `ORACLE_SEED=17 cargo test --test oracle` repeats a single dump, `ORACLE_DUMPS=3000` takes more than usual. The dumps
//! of disagreements are left in `ORACLE_KEEP`, or else in the temporary directory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
#![allow(clippy::disallowed_methods, reason = "a dump that is made for a test need not be written atomically")]

#[path = "oracle/cadence.rs"]
mod cadence;
#[path = "oracle/checkpoints.rs"]
mod checkpoints;
#[path = "oracle/clock.rs"]
mod clock;
#[path = "oracle/compare.rs"]
mod compare;
#[path = "oracle/copies.rs"]
mod copies;
#[path = "oracle/coverage.rs"]
mod coverage;
#[path = "oracle/defects.rs"]
mod defects;
#[path = "oracle/disks.rs"]
mod disks;
#[path = "oracle/dump.rs"]
mod dump;
#[path = "oracle/expected.rs"]
mod expected;
#[path = "oracle/facts.rs"]
mod facts;
#[path = "oracle/health.rs"]
mod health;
#[path = "oracle/hierarchy.rs"]
mod hierarchy;
#[path = "oracle/lifecycle.rs"]
mod lifecycle;
#[path = "oracle/load.rs"]
mod load;
#[path = "oracle/offsite.rs"]
mod offsite;
#[path = "oracle/policy.rs"]
mod policy;
#[path = "oracle/prng.rs"]
mod prng;
#[path = "oracle/quality.rs"]
mod quality;
#[path = "oracle/records.rs"]
mod records;
#[path = "oracle/resources.rs"]
mod resources;
#[path = "oracle/stopped.rs"]
mod stopped;
#[path = "oracle/subjects.rs"]
mod subjects;
#[path = "oracle/tiers.rs"]
mod tiers;
#[path = "oracle/time.rs"]
mod time;
#[path = "oracle/vaults.rs"]
mod vaults;
#[path = "oracle/verdict.rs"]
mod verdict;
#[path = "oracle/views.rs"]
mod views;
#[path = "oracle/whim.rs"]
mod whim;
#[path = "oracle/world.rs"]
mod world;
#[path = "oracle/worlds.rs"]
mod worlds;

use dump::Beside;
use facts::{Facts, Settings};
use load::Dump;
use policy::Policy;
use prng::Prng;
use rayon::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use time::{Dialect, Instant};
use verdict::{Case, Verdict};

const DUMPS: u64 = 400;
/// 2026-03-15T12:00:00Z, give or take the seed.
const BASE: Instant = 1_773_576_000 * time::SECOND;

#[test]
fn the_program_agrees_with_a_slow_reading_of_the_specification() {
    let outcomes: Vec<_> = seeds().into_par_iter().map(|seed| Outcome::of(&Trial::new(seed))).collect();
    let disagreements: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.disagreement.as_deref()).collect();
    let shown = disagreements.iter().take(8).copied().collect::<Vec<_>>().join("\n");
    assert!(disagreements.is_empty(), "{} dumps disagree, the first are\n{shown}", disagreements.len());
    if outcomes.len() as u64 >= DUMPS {
        everything_was_met(&outcomes);
    }
}

/// What a dump came to, and what it had in it.
struct Outcome {
    disagreement: Option<String>,
    /// By rule: pass, fail, not judged.
    met: BTreeMap<&'static str, [usize; 3]>,
    timelines: usize,
    in_tiers: usize,
    waived: u64,
}

impl Outcome {
    fn of(trial: &Trial) -> Self {
        let report = trial.report();
        let (expected, mut complaints) = trial.expected(&report);
        complaints.extend(compare::compare(&expected, &trial.settings, &report));
        let disagreement = (!complaints.is_empty()).then(|| {
            let place = trial.keep();
            format!("seed {} ({}):\n  {}", trial.seed, place.display(), complaints.join("\n  "))
        });
        let mut met: BTreeMap<_, [usize; 3]> = BTreeMap::new();
        for case in &expected {
            let tally = met.entry(case.rule).or_default();
            match case.options[..] {
                [Verdict::Pass] => tally[0] += 1,
                [Verdict::Fail] => tally[1] += 1,
                [Verdict::Unknown(_)] => tally[2] += 1,
                _ => {}
            }
        }
        let rows = |list: &str| report[list].as_array().cloned().unwrap_or_default();
        Self {
            disagreement,
            met,
            timelines: rows("resources").len(),
            in_tiers: rows("resources").iter().filter(|row| row["tier"].is_string()).count(),
            waived: rows("rules").iter().filter_map(|rule| rule["waived"].as_u64()).sum(),
        }
    }
}

/// Every rule met every verdict, and tiers and waivers had much to say.
fn everything_was_met(outcomes: &[Outcome]) {
    let mut met: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for (rule, tally) in outcomes.iter().flat_map(|outcome| &outcome.met) {
        met.entry(rule).or_default().iter_mut().zip(tally).for_each(|(all, own)| *all += own);
    }
    println!("rule: pass, fail, unknown = {met:#?}");
    // A missing field is a failure, so nothing is left to be unknown.
    let is_met = |(rule, tally): (&&str, &[usize; 3])| match *rule {
        // Nor does any record hide its project here.
        "required-field-missing" | "scope-mixed" => tally[0] > 0 && tally[1] > 0,
        _ => tally.iter().all(|count| *count > 0),
    };
    assert!(met.iter().all(is_met), "{met:#?}");
    let sum = |count: fn(&Outcome) -> usize| outcomes.iter().map(count).sum::<usize>();
    let (timelines, in_tiers) = (sum(|outcome| outcome.timelines), sum(|outcome| outcome.in_tiers));
    let waived: u64 = outcomes.iter().map(|outcome| outcome.waived).sum();
    println!("{timelines} timelines, {in_tiers} of them in tiers, {waived} findings waived");
    assert!(timelines >= 2000 && in_tiers >= 1000 && waived >= 300, "{timelines}, {in_tiers}, {waived}");
}

#[test]
fn a_wrong_expectation_is_noticed() {
    let trial = Trial::new(1);
    let report = trial.report();
    let (expected, _) = trial.expected(&report);
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
        assert!(!compare::compare(&wrong, &trial.settings, &report).is_empty(), "{is_from:?} as {to:?} went unnoticed");
    }
}

fn seeds() -> Vec<u64> {
    match std::env::var("ORACLE_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => {
            let dumps = std::env::var("ORACLE_DUMPS").map_or(DUMPS, |number| number.parse().unwrap());
            (0..dumps).collect()
        }
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
        let beside =
            Beside { vaults: world::vaults(&mut rng, &projects), noted: (!is_calm).then_some(now + 48 * time::HOUR) };
        dump::write(&folder.path().join("dump"), &projects, &beside, &mut rng);
        let written = Dump::read(&folder.path().join("dump"));
        let mut settings = Settings {
            now: if is_calm { clock::inferred(&written) } else { now },
            clock_is_inferred: is_calm,
            policy: Policy::default(),
            region: (seed % 4 == 1).then(|| "eu-de".to_owned()),
            replication_shown: seed % 6 == 2,
        };
        if seed % 10 != 4 {
            settings.policy = whim::policy(&mut rng, &written, settings.now);
        }
        if !settings.policy.is_empty() {
            fs::write(folder.path().join("policy.toml"), settings.policy.toml()).unwrap();
        }
        if let Some(rows) = &settings.policy.expected {
            fs::write(folder.path().join("expected"), expected::written(rows, seed.is_multiple_of(3))).unwrap();
        }
        Self { seed, folder, settings }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("dump")
    }

    /// The expected verdicts, and where the report puts resources into other tiers than expected. A clock read from the
    /// dump changes more rules than are worth modelling twice.
    fn expected(&self, report: &Value) -> (Vec<Case>, Vec<String>) {
        let dump = Dump::read(&self.path());
        let facts = Facts::new(&dump, &self.settings);
        let resources = resources::resources(&facts);
        let complaints = compare::compare_tiers(&resources, &self.settings, report);
        let mut cases = coverage::judge(&facts, &resources);
        cases.extend(offsite::judge(&facts, &resources));
        cases.extend(lifecycle::judge(&facts, &resources));
        cases.extend(copies::judge(&facts, &resources));
        cases.extend(checkpoints::judge(&facts));
        cases.extend(vaults::judge(&facts));
        cases.extend(hierarchy::judge(&facts));
        cases.extend(quality::judge(&facts));
        cases.iter_mut().for_each(|case| subjects::name(case, &facts, &resources));
        cases.retain(|case| !self.settings.clock_is_inferred || case.rule == "rpo-breach");
        (cases, complaints)
    }

    fn arguments(&self) -> Vec<String> {
        let settings = &self.settings;
        let mut arguments = Vec::new();
        if !settings.clock_is_inferred {
            arguments.extend(["--as-of".to_owned(), time::write(settings.now, Dialect::Zulu)]);
        }
        for policy::Set { rule, key, value } in &settings.policy.typed {
            let name = rule.map_or(String::new(), |rule| format!("{rule}."));
            arguments.extend(["--set".to_owned(), format!("{name}{key}={value}")]);
        }
        if !settings.policy.is_empty() {
            let file = self.folder.path().join("policy.toml");
            arguments.extend(["--config".to_owned(), file.display().to_string()]);
        }
        for region in &settings.policy.allowed_typed {
            arguments.extend(["--allowed-region".to_owned(), region.clone()]);
        }
        if settings.policy.expected.is_some() {
            arguments.extend(["--expect".to_owned(), self.folder.path().join("expected").display().to_string()]);
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
