//! Offline auditor of saved Cloud Backup and Recovery (CBR) v3 API answers.
//!
//! The data flow one way: [`discover`] lists the files, [`read`] has them parsed ([`parse`]) and packed in parallel and
//! builds the [`inventory`]; the [`clock`] is found; every backup is judged as a restore point ([`restore_point`]); the
//! [`rules`] run over the inventory ([`evaluate`]) and leave findings ([`finding`]); a [`report`] words them; a
//! [`format`](mod@format) writes it down; [`write`] makes it visible. [`audit`] is that flow; [`publish`] its end.

// An index that could be out of range ends a run; where one is right by how it was made, the module says why.
#![warn(clippy::indexing_slicing)]

pub mod accepted;
pub mod case;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
pub mod directory;
pub mod discover;
pub mod evaluate;
pub mod expect;
pub mod explain;
pub mod finding;
pub mod findings;
pub mod format;
pub mod interrupt;
pub mod inventory;
pub mod limits;
pub mod param;
pub mod parse;
pub mod population;
pub mod progress;
pub mod read;
pub mod report;
pub mod restore_point;
pub mod rule;
pub mod rules;
pub mod run;
pub mod settings;
pub mod sink;
pub mod sums;
pub mod tier;
pub mod unpack;
pub mod waiver;
pub mod write;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use clock::Clock;
use discover::{Access, Source, printable};
use evaluate::Evidence;
use explain::{Asked, Topic};
use format::rows::{self, Rows};
use format::{Content, Target};
use inventory::Inventory;
use inventory::file::{File, FileState};
use rayon::prelude::*;
use read::{Reading, Step, Watcher, Windows};
use restore_point::RestorePoints;
use run::Run;
use settings::Settings;
use sink::Watch;
use tier::Tiers;
use write::{Filling, Pending};

/// Judges the input that the settings name and writes the reports they ask for. The watcher is told how far it has come.
///
/// # Errors
/// A path that cannot be looked at, or an output that cannot be written: then no report is left behind.
pub fn audit<'s>(settings: &'s Settings, watcher: Watcher<'_>) -> Result<Run<'s>> {
    let tell = |step| watcher.into_iter().for_each(|tell| tell(step));
    let mut sources = discover::discover(&settings.paths, &settings.exclude.globs)?;
    settings.outputs.iter().try_for_each(|output| {
        refuse_to_replace(&output.target, settings.deciding_files())?;
        refuse_to_overwrite(&output.target, &settings.paths, &sources)
    })?;
    settings.expectation.iter().for_each(|expectation| set_aside(&mut sources, &expectation.path));
    let open = || settings.outputs.iter().map(|output| Pending::open(&output.target)).collect::<Result<Vec<_>>>();
    // What cannot be written is known before the long work; what is not open yet cannot be left behind by an interrupt.
    drop(open()?);
    let reading = settings.reading();
    let inventory = read::read_watched(&sources, reading, watcher);
    // There may be very many; whichever thread has nothing else to do gives their memory back.
    rayon::spawn(|| drop(sources));
    tell(Step::Judging);
    let run = judge(settings, inventory, false);
    sums::check(&run)?;
    tell(Step::Writing);
    publish(&run, open()?)?;
    Ok(run)
}

/// The file of expected resources is no answer, wherever it lies.
fn set_aside(sources: &mut [Source], path: &str) {
    let Ok(place) = Path::new(path).canonicalize() else { return };
    for source in sources.iter_mut().filter(|source| source.is_at(&place)) {
        source.access = Access::Skip("the expected resources, by --expect or the configuration".to_owned());
    }
}

/// Judges the input that the settings name and explains what the topic's rules say of one subject.
///
/// # Errors
/// A path that cannot be looked at, or a subject that the input does not hold.
pub fn explain(settings: &Settings, topic: Topic, subject: &str, all: bool, watcher: Watcher<'_>) -> Result<String> {
    let mut sources = discover::discover(&settings.paths, &settings.exclude.globs)?;
    settings.expectation.iter().for_each(|expectation| set_aside(&mut sources, &expectation.path));
    let reading = settings.reading();
    let mut inventory = read::read_watched(&sources, reading, watcher);
    expect(settings, &mut inventory);
    let asked = Asked::find(&inventory, topic, subject)?;
    watcher.into_iter().for_each(|tell| tell(Step::Judging));
    let run =
        judge_watching(settings, inventory, Watch(Some(&|inventory, subject| asked.concerns(inventory, subject))));
    Ok(explain::explain(&run, &asked, all))
}

impl Settings {
    /// What reading has to know of them.
    #[must_use]
    pub fn reading(&self) -> Reading<'_> {
        Reading {
            sha256: self.sha256,
            replication_shown: self.replication_shown,
            limits: self.limits,
            exclude: Some(&self.exclude.globs),
            windows: Windows::default(),
            together: read::TOGETHER,
        }
    }
}

/// An output that is one of the files that decide on the run, each with what it is, would change the next one.
///
/// # Errors
/// It is one.
pub fn refuse_to_replace(target: &Target, deciding: impl IntoIterator<Item = (PathBuf, &'static str)>) -> Result<()> {
    let Target::File(path) = target else { return Ok(()) };
    let Ok(place) = path.canonicalize() else { return Ok(()) };
    let is_there = |(file, _): &(PathBuf, _)| file.canonicalize().is_ok_and(|file| file == place);
    match deciding.into_iter().find(is_there) {
        Some((_, what)) => bail!("-o {}: that would overwrite {what}: give another name", printable(path)),
        None => Ok(()),
    }
}

/// An output that is one of the answers below the given paths, excluded or not, would destroy the evidence; an earlier report may
/// be overwritten.
///
/// # Errors
/// It is one.
pub fn refuse_to_overwrite(target: &Target, paths: &[PathBuf], sources: &[Source]) -> Result<()> {
    let Target::File(path) = target else { return Ok(()) };
    let Ok(place) = path.canonicalize() else { return Ok(()) };
    let is_read = sources.iter().any(|source| matches!(source.access, Access::Stdin));
    if is_read && directory::is_standard_input(&place) {
        bail!("-o {}: that would overwrite standard input, which is read", printable(path));
    }
    let found = sources.par_iter().find_first(|source| source.is_at(&place)).cloned();
    let Some(source) = found.or_else(|| left_out(path, &place, paths)) else { return Ok(()) };
    let read = read::read(std::slice::from_ref(&source), Reading::default());
    let is_evidence = |file: &File| match file.state {
        FileState::NotBackup => ["answer", "answers in one document", "documents", "capture note"]
            .iter()
            .any(|kind| file.kind.ends_with(kind)),
        FileState::Skipped | FileState::Unpacked => false,
        FileState::Read | FileState::PartlyRead | FileState::Rejected => file.bytes > 0,
    };
    if read.files.iter().any(is_evidence) {
        bail!("-o {}: that would overwrite {}, an answer of the dump", printable(path), source.path);
    }
    Ok(())
}

/// The file at a place below the given paths that is none of the sources, since it is excluded.
fn left_out(path: &Path, place: &Path, paths: &[PathBuf]) -> Option<Source> {
    let is_below = |above: &PathBuf| above.canonicalize().is_ok_and(|above| place.starts_with(above));
    let bytes = place.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
    let access = Access::File { path: place.to_owned(), bytes };
    paths.iter().any(is_below).then(|| Source { path: printable(path), access })
}

/// Judges an inventory. With `trace`, every single verdict is kept.
#[must_use]
pub fn judge(settings: &Settings, mut inventory: Inventory, trace: bool) -> Run<'_> {
    expect(settings, &mut inventory);
    judge_watching(settings, inventory, if trace { Watch::EVERY } else { Watch::default() })
}

/// Puts the expected resources beside those of the dump.
fn expect(settings: &Settings, inventory: &mut Inventory) {
    settings.expectation.iter().for_each(|expectation| inventory.expect(expectation));
}

/// Judges an inventory, the expected resources in it, and keeps every single verdict on what is watched.
fn judge_watching<'s>(settings: &'s Settings, inventory: Inventory, watch: Watch<'_>) -> Run<'s> {
    let clock = Clock::find(settings.as_of, &inventory);
    let points = RestorePoints::judge(&inventory, &clock, settings.region.as_deref());
    let tiers = Tiers::assign(&inventory, &settings.decisions.tiers, |backup| points.existed(backup));
    let evidence = Evidence { inventory: &inventory, clock: &clock, points: &points, tiers: &tiers };
    let evaluation = evaluate::evaluate(evidence, settings, watch);
    Run::new(settings, inventory, clock, points, tiers, evaluation)
}

/// Writes every report of a run and makes them visible once all are complete.
///
/// # Errors
/// An output that cannot be written.
pub fn publish(run: &Run<'_>, mut pending: Vec<Pending>) -> Result<()> {
    let (mut pages, mut rows) = (Vec::new(), Vec::new());
    for (output, file) in run.settings.outputs.iter().zip(&mut pending) {
        match &output.format.content {
            Content::Page(write) => pages.push((write, file)),
            Content::Rows(format) => rows.push((format, file.begin()?)),
        }
    }
    let (pages, rows) = rayon::join(
        || pages.into_par_iter().try_for_each(|(write, file)| file.fill(|out| write(run, out))),
        || fill_rows(run, rows),
    );
    rows.and(pages)?;
    write::publish(pending)
}

/// Writes the reports that hold every finding.
fn fill_rows(run: &Run<'_>, mut files: Vec<(&'static Rows, Filling<'_>)>) -> Result<()> {
    let written = rows::write(run, &mut files.iter_mut().map(|(rows, file)| (*rows, file.out())).collect::<Vec<_>>());
    let (failed, error) = written.err().unzip();
    // The one that failed tells why; the others are whole or worth nothing.
    let failure = match (failed.filter(|&failed| failed < files.len()), error) {
        (Some(failed), Some(error)) => files.swap_remove(failed).1.end(Err(error)),
        _ => Ok(()),
    };
    // All wait for the disk at once.
    let ended: Vec<_> = files.into_par_iter().map(|(_, file)| file.end(Ok(()))).collect();
    ended.into_iter().fold(failure, Result::and)
}
