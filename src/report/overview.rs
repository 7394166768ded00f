//! The first screen: the result in words, the four questions, the worst resources, and what would turn unknowns into
//! verdicts.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files, listings and keys are those of the inventory that they are looked up in"
)]

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use ahash::AHashMap;
use serde::Serialize;

use super::row::{ResourceKey, resource_of};
use super::wording::{counted, number};
use crate::clock::ClockSource;
use crate::evaluate::rule_at;
use crate::finding::{Severity, Subject, Verdict};
use crate::inventory::field::Reason;
use crate::inventory::neighbour::listed::ListedIx;
use crate::inventory::vocabulary::ResourceType;
use crate::inventory::{Inventory, ResourceIx};
use crate::rule::Family;
use crate::run::Run;

/// The result in words.
#[derive(Clone, Debug, Serialize)]
pub struct Headline {
    /// `fail`, `unknown`, `pass` or `empty`.
    pub tone: &'static str,
    /// The result in one or two words.
    pub word: &'static str,
    /// One sentence.
    pub text: String,
    /// How many verdicts are failures.
    pub fail: u64,
    /// How many verdicts could not be given.
    pub not_judged: u64,
}

/// The as-of time and what it is worth.
#[derive(Clone, Debug, Serialize)]
pub struct AsOfView {
    /// The time; empty without any record.
    pub time: String,
    /// Where it comes from, as a word.
    pub source: &'static str,
    /// Whether it is exact.
    pub exact: bool,
    /// Where it comes from and what follows, as a sentence.
    pub text: String,
}

/// How many failures a severity has.
#[derive(Clone, Debug, Serialize)]
pub struct SeverityCount {
    /// The severity.
    pub severity: &'static str,
    /// How many.
    pub count: usize,
}

/// A resource with its failures together.
#[derive(Clone, Debug, Serialize)]
pub struct Worst {
    /// The resource.
    pub resource: ResourceKey<'static>,
    /// The plain word for its type.
    pub noun: &'static str,
    /// Its worst severity.
    pub severity: &'static str,
    /// How many failures it has.
    pub findings: u64,
    /// The rules it fails, the worst first.
    pub rules: Vec<&'static str>,
}

/// What would turn unknowns into verdicts.
#[derive(Clone, Debug, Serialize)]
pub struct Unlock {
    /// The flag or export.
    pub action: &'static str,
    /// How many verdicts it would give.
    pub count: u64,
}

/// The result in words.
#[must_use]
pub fn headline(run: &Run<'_>) -> Headline {
    let tallies = &run.evaluation.tallies;
    let failed = tallies.iter().filter(|(_, tally)| tally.fail > 0).count();
    let failures: u64 = tallies.iter().map(|(_, tally)| tally.fail).sum();
    let unknown: u64 = tallies.iter().map(|(_, tally)| tally.unknown).sum();
    let severe = run.failures_from(Severity::High);
    let waived: u64 = tallies.iter().map(|(_, tally)| tally.waived).sum();
    let accepted = if waived > 0 { format!(" {} waived.", were(waived)) } else { String::new() };
    let not_judged = if unknown > 0 { format!(" {} not judged.", verdicts(unknown)) } else { String::new() };
    let not_judged = not_judged + &accepted;
    let is_empty = run.inventory.is_empty();
    let (tone, word, text) = if failures > 0 {
        let severe =
            if severe > 0 { format!(", {} of them high or critical", number(severe as u64)) } else { String::new() };
        let (of, findings) = (tallies.len(), counted(failures, "finding"));
        let begin = if is_empty { "No backup record was found. In what else was judged " } else { "" };
        ("fail", "Failed", format!("{begin}{failed} of {of} rules failed: {findings}{severe}.{not_judged}"))
    } else if unknown > 0 {
        let begin = if is_empty { "No backup record was found. Nothing else failed" } else { "Nothing failed" };
        ("unknown", "Not fully judged", format!("{begin}, but not everything could be judged:{not_judged}"))
    } else if is_empty {
        ("empty", "No backups", nothing_failed_without_backups(run, &accepted))
    } else {
        ("pass", "Passed", format!("Everything that could be judged is as it should be.{accepted}"))
    };
    Headline { tone, word, text, fail: failures, not_judged: unknown }
}

/// The sentence for an input without backups in which nothing failed.
fn nothing_failed_without_backups(run: &Run<'_>, accepted: &str) -> String {
    match run.inventory.neighbours().next() {
        Some(_) => format!("No backup record was found. What else could be judged is as it should be.{accepted}"),
        None => format!("No backup record was found: nothing could be judged.{accepted}"),
    }
}

fn were(count: u64) -> String {
    format!("{} {}", counted(count, "finding"), if count == 1 { "is" } else { "are" })
}

fn verdicts(count: u64) -> String {
    if count == 1 { "1 verdict was".to_owned() } else { format!("{} verdicts were", number(count)) }
}

/// The as-of time.
#[must_use]
pub fn as_of(run: &Run<'_>) -> AsOfView {
    let clock = &run.clock;
    let none = clock.is_unknown();
    let text = match clock.source {
        ClockSource::Inferred if none => "there is no record to take a time from".to_owned(),
        ClockSource::Given => "given with --as-of".to_owned(),
        ClockSource::Now => "the wall clock, by --as-of now".to_owned(),
        ClockSource::Capture(file) => {
            format!("when the export was made, by {}", run.inventory.files[file.index()].path)
        }
        ClockSource::Inferred => {
            "the newest believable time in the dump: the true time is this or later, so ages that are \
            too high already stay so, and what a later time could turn is not judged"
                .to_owned()
        }
    };
    AsOfView {
        time: if none { String::new() } else { clock.time.to_string() },
        source: clock.source.word(),
        exact: clock.is_exact(),
        text,
    }
}

/// Failures by severity, the worst first.
#[must_use]
pub fn severities(run: &Run<'_>) -> Vec<SeverityCount> {
    let mut counts: Vec<_> = Severity::ALL
        .into_iter()
        .map(|severity| (severity, SeverityCount { severity: severity.word(), count: 0 }))
        .collect();
    for failures in run.evaluation.findings.stretches(Verdict::Fail) {
        let own = counts.iter_mut().find(|(severity, _)| *severity == failures.severity());
        own.into_iter().for_each(|(_, count)| count.count += failures.count());
    }
    counts.into_iter().map(|(_, count)| count).collect()
}

/// How many of the worst resources the first screen names.
const WORST: usize = 5;

/// The resources with the worst failures, each with all its rules.
#[must_use]
pub fn worst(run: &Run<'_>) -> Vec<Worst> {
    let failures = || {
        let failures = run.findings_with(Verdict::Fail);
        let about = failures.filter(|finding| rule_at(finding.rule).family != Family::DataQuality);
        about.filter_map(|finding| Some((Concerned::by(run, finding.subject)?, finding.severity, finding.rule)))
    };
    let mut weights: AHashMap<Concerned, Weight> = AHashMap::new();
    failures().for_each(|(concerned, severity, rule)| weights.entry(concerned).or_default().add(severity, rule));
    let mut ranked: Vec<_> = weights.into_iter().map(|(concerned, weight)| (weight.rank(), concerned)).collect();
    ranked.sort_unstable();
    // There may be millions of failures: only those of the worst are kept.
    let mut worst: Vec<(Concerned, Vec<Failure>)> =
        ranked.into_iter().take(WORST).map(|(_, concerned)| (concerned, Vec::new())).collect();
    for (concerned, severity, rule) in failures() {
        let own = worst.iter_mut().find(|(other, _)| *other == concerned);
        own.into_iter().for_each(|(_, failures)| failures.push((Reverse(severity), rule)));
    }
    worst.iter_mut().for_each(|(_, failures)| failures.sort_unstable());
    worst.into_iter().map(|(concerned, failures)| worst_row(run, concerned, &failures)).collect()
}

/// How bad the failures of a resource are together.
#[derive(Clone, Copy, Default)]
struct Weight {
    /// How many rules failed at each severity, in the order of [`Severity::ALL`].
    rules: [u16; Severity::ALL.len()],
    failures: u32,
    /// What failed last. Findings come by severity and rule, so that the same rule comes in one row.
    last: Option<(Severity, u16)>,
}

impl Weight {
    fn add(&mut self, severity: Severity, rule: u16) {
        self.failures += 1;
        if self.last.replace((severity, rule)) != Some((severity, rule)) {
            let counts = Severity::ALL.into_iter().zip(&mut self.rules);
            counts.filter(|(other, _)| *other == severity).for_each(|(_, count)| *count += 1);
        }
    }

    /// The order of the worst: more of the highest severities first, counting each rule once.
    fn rank(self) -> impl Ord {
        (Reverse(self.rules), Reverse(self.failures))
    }
}

/// A resource that failures are about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Concerned {
    BackedUp(ResourceIx),
    /// Some inventory names it, and there is no backup of it.
    Listed(ListedIx),
}

impl Concerned {
    fn by(run: &Run<'_>, subject: Subject) -> Option<Self> {
        match subject {
            Subject::Listed(listed) => Some(Self::Listed(listed)),
            _ => resource_of(&run.inventory, subject).map(Self::BackedUp),
        }
    }

    fn named(self, inventory: &Inventory) -> (ResourceKey<'_>, &'static str) {
        match self {
            Self::BackedUp(ix) => (ResourceKey::new(inventory, ix), inventory.resource(ix).kind.noun()),
            Self::Listed(ix) => {
                let row = inventory.listed(ix);
                let kind = ResourceType::named(&row.kind);
                let key = ResourceKey {
                    project_id: row.project.map(|project| inventory.text(project)).unwrap_or_default().into(),
                    kind: kind.map_or("", ResourceType::word),
                    id: Cow::Borrowed(&*row.id),
                    name: row.name.as_deref().map(Cow::Borrowed),
                };
                (key, kind.map_or("resource", ResourceType::noun))
            }
        }
    }
}

type Failure = (Reverse<Severity>, u16);

fn worst_row(run: &Run<'_>, resource: Concerned, failures: &[Failure]) -> Worst {
    let mut rules: Vec<&'static str> = Vec::new();
    for (_, rule) in failures {
        let id = rule_at(*rule).id;
        if !rules.contains(&id) {
            rules.push(id);
        }
    }
    let (resource, noun) = resource.named(&run.inventory);
    Worst {
        resource: resource.into_owned(),
        noun,
        severity: failures.first().map_or("", |(severity, _)| severity.0.word()),
        findings: failures.len() as u64,
        rules,
    }
}

/// What would turn how many unknowns into verdicts.
#[must_use]
pub fn unlocks(run: &Run<'_>) -> Vec<Unlock> {
    let mut by_action: BTreeMap<&'static str, u64> = BTreeMap::new();
    for finding in run.evaluation.findings.with(Verdict::Unknown) {
        let family = rule_at(finding.rule).family;
        if let Some(action) = finding.reason.and_then(|reason| action(reason, family)) {
            *by_action.entry(action).or_default() += finding.count.unwrap_or(1);
        }
    }
    let mut unlocks: Vec<_> = by_action.into_iter().map(|(action, count)| Unlock { action, count }).collect();
    unlocks.sort_by_key(|unlock| Reverse(unlock.count));
    unlocks
}

/// The flag or export that answers an unknown of this reason and family.
#[must_use]
pub fn action(reason: &str, family: Family) -> Option<&'static str> {
    let is = |known: Reason| reason == known.word();
    if is(Reason::ClockInferred) {
        Some("--as-of TIME, or a capture.json beside the dump")
    } else if is(Reason::ViewOmits) && family == Family::Offsite {
        Some("--replication-shown if the lists were made with show_replication=true; else list again with it")
    } else if is(Reason::ViewOmits) {
        Some("the show answers of server backups, saved beside the lists")
    } else if is(Reason::InputIncomplete) {
        Some("the missing pages or files, exported again")
    } else {
        None
    }
}
