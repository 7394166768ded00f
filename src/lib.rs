//! Offline auditor of saved Cloud Backup and Recovery (CBR) v3 API answers.
//!
//! The data flow one way: [`discover`] lists the files, [`read`] has them parsed ([`parse`]) and packed in parallel and
//! builds the [`inventory`]; the [`clock`] is found; every backup is judged as a restore point ([`restore_point`]); the
//! [`rules`] run over the inventory ([`evaluate`]) and leave findings ([`finding`]); a [`report`] words them; a
//! [`format`](mod@format) writes it down; [`write`] makes it visible. [`audit`] is that flow; [`publish`] its end.

pub mod case;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
pub mod discover;
pub mod evaluate;
pub mod explain;
pub mod finding;
pub mod findings;
pub mod format;
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
pub mod tier;
pub mod unpack;
pub mod waiver;
pub mod write;

use anyhow::{Result, bail};

use clock::Clock;
use discover::{Access, Source};
use evaluate::Evidence;
use explain::{Asked, Topic};
use format::Target;
use inventory::Inventory;
use rayon::prelude::*;
use read::{Reading, Step, Watcher};
use restore_point::RestorePoints;
use run::Run;
use settings::Settings;
use sink::Watch;
use tier::Tiers;
use write::Pending;

/// Judges the input that the settings name and writes the reports they ask for. The watcher is told how far it has come.
///
/// # Errors
/// A path that cannot be looked at, or an output that cannot be written: then no report is left behind.
pub fn audit<'s>(settings: &'s Settings, watcher: Watcher<'_>) -> Result<Run<'s>> {
    let tell = |step| watcher.into_iter().for_each(|tell| tell(step));
    let sources = discover::discover(&settings.paths, &settings.exclude.globs)?;
    let open = || settings.outputs.iter().map(|output| Pending::open(&output.target)).collect::<Result<Vec<_>>>();
    // What cannot be written is known before the long work; what is not open yet cannot be left behind by an interrupt.
    drop(open()?);
    let reading = settings.reading();
    let inventory = read::read_watched(&sources, reading, watcher);
    tell(Step::Judging);
    let run = judge(settings, inventory, false);
    tell(Step::Writing);
    refuse_to_overwrite(&run, &sources)?;
    publish(&run, open()?)?;
    Ok(run)
}

/// Judges the input that the settings name and explains what the topic's rules say of one subject.
///
/// # Errors
/// A path that cannot be looked at, or a subject that the input does not hold.
pub fn explain(settings: &Settings, topic: Topic, subject: &str, all: bool, watcher: Watcher<'_>) -> Result<String> {
    let sources = discover::discover(&settings.paths, &settings.exclude.globs)?;
    let reading = settings.reading();
    let inventory = read::read_watched(&sources, reading, watcher);
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
        }
    }
}

/// An output that is one of the answers would destroy the evidence.
fn refuse_to_overwrite(run: &Run<'_>, sources: &[Source]) -> Result<()> {
    for output in &run.settings.outputs {
        let Target::File(path) = &output.target else { continue };
        let Ok(place) = path.canonicalize() else { continue };
        let is_target = |source: &Source| match &source.access {
            Access::File { path: file, .. } if file.file_name() == place.file_name() => {
                file.canonicalize().is_ok_and(|file| file == place)
            }
            _ => false,
        };
        // An archive has no records of its own; its members have.
        let holds = |source: &Source| {
            let files = run.inventory.files.iter().filter(|file| {
                let inside = file.path.strip_prefix(&*source.path);
                inside.is_some_and(|inside| inside.is_empty() || inside.starts_with("!/"))
            });
            files.map(|file| file.records).sum::<u64>() > 0
        };
        if let Some(source) = sources.iter().find(|source| is_target(source) && holds(source)) {
            bail!("-o {}: that would overwrite {}, an answer of the dump", path.display(), source.path);
        }
    }
    Ok(())
}

/// Judges an inventory. With `trace`, every single verdict is kept.
#[must_use]
pub fn judge(settings: &Settings, inventory: Inventory, trace: bool) -> Run<'_> {
    judge_watching(settings, inventory, if trace { Watch::EVERY } else { Watch::default() })
}

/// Judges an inventory and keeps every single verdict on what is watched.
fn judge_watching<'s>(settings: &'s Settings, inventory: Inventory, watch: Watch<'_>) -> Run<'s> {
    let clock = Clock::find(settings.as_of, &inventory);
    let points = RestorePoints::judge(&inventory, &clock, settings.region.as_deref());
    let tiers = Tiers::assign(&inventory, &settings.decisions.tiers, |backup| points.existed(backup));
    let evidence = Evidence { inventory: &inventory, clock: &clock, points: &points, tiers: &tiers };
    let evaluation = evaluate::evaluate(evidence, settings, watch);
    let mut run = Run { settings, inventory, clock, points, tiers, evaluation, after_as_of: 0 };
    run.after_as_of = run.inventory.backups().filter(|&ix| !run.exists(ix)).count() as u64;
    run
}

/// Writes every report of a run and makes them visible once all are complete: standard output first, since nothing of it
/// can be checked beforehand and a report on disk must not stay where the run failed.
///
/// # Errors
/// An output that cannot be written.
pub fn publish(run: &Run<'_>, mut pending: Vec<Pending>) -> Result<()> {
    let outputs = run.settings.outputs.par_iter().zip(&mut pending);
    outputs.try_for_each(|(output, file)| file.fill(|out| (output.format.write)(run, out)))?;
    pending.sort_by_key(|file| !file.is_stdout());
    pending.into_iter().try_for_each(Pending::publish)
}
