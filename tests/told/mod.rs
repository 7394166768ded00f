//! What the program says of a dump, without starting it: the ledger, the totals and the findings.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "every test file uses a part of it, and a failure here is a failure of the test"
)]

use cbr_audit::clock::AsOf;
use cbr_audit::discover::discover;
use cbr_audit::inventory::Inventory;
use cbr_audit::inventory::file::FileState;
use cbr_audit::judge;
use cbr_audit::parse::time;
use cbr_audit::read::read;
use cbr_audit::report::row::Row;
use cbr_audit::report::section;
use cbr_audit::run::Run;
use cbr_audit::settings::Settings;
use std::fs;
use std::path::Path;

/// The as-of time of everything told.
pub(crate) const AS_OF: &str = "2026-11-01T06:00:00Z";

/// One file in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) path: String,
    pub(crate) state: FileState,
    pub(crate) records: u64,
    pub(crate) reason: String,
    /// It belongs to an older capture, which is not judged.
    pub(crate) is_older: bool,
}

/// What is said of a dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// Every file, in path order.
    pub(crate) ledger: Vec<Line>,
    /// How many distinct backups there are.
    pub(crate) backups: usize,
    /// How many objects around the backups there are.
    pub(crate) around: usize,
    /// The findings in words, without the places where the evidence stands, sorted.
    pub(crate) findings: Vec<String>,
    /// For every rule, how many units came to which verdict.
    pub(crate) counts: Vec<String>,
    /// The exit status, with every failure counted.
    pub(crate) status: u8,
}

impl Told {
    /// How many objects of backups were read in all files.
    pub(crate) fn records(&self) -> u64 {
        self.ledger.iter().map(|line| line.records).sum()
    }

    /// The one line of this path.
    pub(crate) fn line(&self, path: &str) -> &Line {
        let lines: Vec<_> = self.ledger.iter().filter(|line| line.path == path).collect();
        let [line] = lines[..] else { panic!("{path} has {} lines in {:?}", lines.len(), self.ledger) };
        line
    }

    /// How many files are in a state.
    pub(crate) fn files_in(&self, state: FileState) -> usize {
        self.ledger.iter().filter(|line| line.state == state).count()
    }
}

/// What is said of a file or directory.
pub(crate) fn told(path: &Path) -> Told {
    with_settings(path, &settings(AS_OF))
}

/// Every default, at an as-of time.
pub(crate) fn settings(as_of: &str) -> Settings {
    Settings::at(AsOf::Given(time::parse(as_of).unwrap().time))
}

/// The same under other settings.
pub(crate) fn with_settings(path: &Path, settings: &Settings) -> Told {
    let sources = discover(&[path.to_owned()], &settings.exclude.globs).unwrap();
    let inventory = read(&sources, settings.reading());
    of_run(&judge(settings, inventory, false))
}

/// What a run says.
pub(crate) fn of_run(run: &Run<'_>) -> Told {
    Told {
        ledger: ledger(&run.inventory),
        backups: run.inventory.len(),
        around: run.inventory.neighbours().count(),
        findings: findings(run),
        counts: section::rules(run).into_iter().map(counts).collect(),
        status: run.exit_status(),
    }
}

fn ledger(inventory: &Inventory) -> Vec<Line> {
    let line = |file: &cbr_audit::inventory::file::File| Line {
        path: file.path.clone(),
        state: file.state,
        records: file.records,
        reason: file.reason.clone().unwrap_or_default(),
        is_older: file.older.is_some(),
    };
    inventory.files.iter().map(line).collect()
}

fn findings(run: &Run<'_>) -> Vec<String> {
    let worded = |finding| {
        let Row {
            rule, verdict, severity, reason, count, subject, resource, vault_id, field, observed, expected, ..
        } = Row::new(run, &finding);
        format!(
            "{rule} {verdict} {severity} {reason:?} {count:?} {subject:?} {resource:?} | {vault_id:?} \
             {field:?} {observed:?} {expected:?}"
        )
    };
    let mut findings: Vec<_> = run.findings().map(worded).collect();
    findings.sort();
    findings
}

fn counts(rule: section::RuleRow) -> String {
    format!(
        "{}: {} pass, {} fail, {} unknown, {} waived, {} not applicable",
        rule.id, rule.pass, rule.fail, rule.unknown, rule.waived, rule.not_applicable
    )
}

/// A number that the environment sets.
pub(crate) fn number(variable: &str, default: usize) -> usize {
    std::env::var(variable).ok().map_or(default, |text| text.parse().expect(variable))
}

/// A directory of its own, with files in it.
#[derive(Debug)]
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    /// A directory in memory where there is one.
    pub(crate) fn new() -> Self {
        let memory = Path::new("/dev/shm");
        Self(if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file and the directories above it.
    pub(crate) fn write(&self, inside: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.0.path().join(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }
}

/// What is said of files under these names.
pub(crate) fn told_of<N: AsRef<str>, B: AsRef<[u8]>>(files: &[(N, B)]) -> Told {
    let place = Place::new();
    files.iter().for_each(|(name, bytes)| {
        place.write(name.as_ref(), bytes);
    });
    told(place.path())
}
