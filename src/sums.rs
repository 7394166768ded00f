//! The sums that hold of every run. One that does not is a fault of the program itself: then no report is written, since
//! nobody could trust its numbers.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use crate::evaluate::rule_at;
use crate::finding::Verdict;
use crate::findings::Piece;
use crate::inventory::file::{File, FileState};
use crate::inventory::{BackupIx, Inventory};
use crate::report::overview::severities;
use crate::run::Run;

/// A sum that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What is summed up.
    what: String,
    /// What should be equal.
    sums: (u64, u64),
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { what, sums: (one, other) } = self;
        write!(f, "a fault of cbr-audit itself, please report it: {what}, {one} and {other}; no report was written")
    }
}

impl std::error::Error for Broken {}

/// Whether a run ended since a sum did not hold.
#[must_use]
pub fn are_broken(error: &anyhow::Error) -> bool {
    error.is::<Broken>()
}

/// Compares two ways to the same number.
fn equal(what: impl Into<String>, one: u64, other: u64) -> Result<(), Broken> {
    if one == other { Ok(()) } else { Err(Broken { what: what.into(), sums: (one, other) }) }
}

/// Checks every sum of a run.
///
/// # Errors
/// The first one that does not hold.
pub fn check(run: &Run<'_>) -> Result<(), Broken> {
    files(&run.inventory)?;
    records(&run.inventory)?;
    findings(run)
}

/// Every source and every member of an archive is a file of the ledger, in one state.
fn files(inventory: &Inventory) -> Result<(), Broken> {
    let files = &inventory.files;
    let mut states = FileState::ALL.map(|state| (state, 0));
    let of = |file: &File| file.state as usize;
    files.iter().for_each(|file| states.get_mut(of(file)).into_iter().for_each(|(_, files)| *files += 1));
    for (state, files) in states {
        let counted = inventory.files_in(state) as u64;
        equal(format!("{}: the files in this state differ from their count", state.word()), files, counted)?;
    }
    let sources = files.iter().filter(|file| !file.is_member).count() as u64;
    equal("the files that were found differ from those in the ledger", inventory.sources.unwrap_or(sources), sources)?;
    let archives: HashSet<&str> = files.iter().filter(|file| file.members.is_some()).map(|file| &*file.path).collect();
    let in_archive = |path: &str| {
        path.match_indices("!/").filter_map(|(at, _)| path.get(..at)).any(|archive| archives.contains(archive))
    };
    let members = files.iter().filter(|file| file.is_member && in_archive(&file.path)).count() as u64;
    equal("the members of archives differ from those in the ledger", stated(inventory), members)
}

/// How many members the archives have by their own account.
fn stated(inventory: &Inventory) -> u64 {
    inventory.files.iter().filter_map(|file| file.members).sum()
}

/// Every backup object is judged, a copy, in an older capture, or lost.
fn records(inventory: &Inventory) -> Result<(), Broken> {
    let objects = inventory.objects();
    let sum = objects.records + objects.copies + objects.older + objects.lost;
    equal("the backup objects that were met differ from those that are accounted for", objects.found, sum)?;
    let judged: u64 = inventory.files.iter().filter(|file| file.older.is_none()).map(|file| file.records).sum();
    equal("the backup objects of the files differ from those in the tables", judged, objects.records + objects.copies)?;
    let backups = (0..u32::try_from(inventory.len()).unwrap_or(u32::MAX)).into_par_iter().map(BackupIx);
    let copies: u64 = backups.map(|ix| inventory.backup(ix).copies() as u64).sum();
    equal("the copies of all backups differ from the backup objects", copies, judged)
}

/// Every failure and every unit that is not judged is a finding, and every failure has a severity.
fn findings(run: &Run<'_>) -> Result<(), Broken> {
    let tallies = &run.evaluation.tallies;
    let places: HashMap<u16, usize> = tallies.iter().zip(0..).map(|((rule, _), place)| (*rule, place)).collect();
    let pieces: Vec<_> = run.evaluation.findings.pieces(4096).collect();
    let mut told: Vec<[u64; 3]> = vec![[0; 3]; tallies.len()];
    for (rule, sums) in pieces.into_par_iter().with_max_len(1).map(told_by).collect::<Vec<_>>() {
        let place = rule.and_then(|rule| places.get(&rule)).and_then(|&place| told.get_mut(place));
        place.into_iter().for_each(|told| told.iter_mut().zip(sums).for_each(|(told, sum)| *told += sum));
    }
    for ((rule, tally), told) in tallies.iter().zip(&told) {
        for (word, counted, told) in [
            ("failures", tally.fail, told[0]),
            ("verdicts left open", tally.unknown, told[1]),
            ("waived", tally.waived, told[2]),
        ] {
            equal(format!("{}: {word} differ from its findings", rule_at(*rule).id), counted, told)?;
        }
    }
    let failures = tallies.iter().map(|(_, tally)| tally.fail).sum();
    let by_severity = severities(run).iter().map(|severity| severity.count as u64).sum();
    equal("the failures of all rules differ from those of all severities", failures, by_severity)
}

/// How many units some findings of one rule tell as failed, left open and waived, and which rule that is.
fn told_by(piece: Piece<'_>) -> (Option<u16>, [u64; 3]) {
    let (mut rule, mut sums) = (None, [0; 3]);
    for finding in piece.iter() {
        let [failed, open, waived] = &mut sums;
        let sum = match finding.verdict {
            Verdict::Fail => failed,
            Verdict::Unknown => open,
            Verdict::Waived => waived,
        };
        *sum += finding.count.unwrap_or(1);
        rule = Some(finding.rule);
    }
    (rule, sums)
}
