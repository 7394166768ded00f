//! The first screen: the result in words, the four questions, the worst resources, and what would turn unknowns into
//! verdicts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::row::{ResourceKey, resource_of};
use super::settings::params_in_words;
use super::wording::{counted, number};
use crate::clock::ClockSource;
use crate::evaluate::rule_at;
use crate::finding::{Finding, Note, Severity, Subject, Verdict};
use crate::inventory::ResourceIx;
use crate::inventory::backup::Backup;
use crate::inventory::field::Reason;
use crate::inventory::vocabulary::ResourceType;
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

/// One of the four questions.
#[derive(Clone, Debug, Serialize)]
pub struct Question {
    /// The user's word.
    pub word: &'static str,
    /// The rule that answers.
    pub rule: &'static str,
    /// What is wrong where it fails.
    pub title: &'static str,
    /// What is counted.
    pub text: String,
    /// The same in the other units; may be empty.
    pub detail: String,
    /// How many failed.
    pub fail: u64,
    /// How many passed.
    pub pass: u64,
    /// How many are not judged.
    pub unknown: u64,
    /// How many were evaluated.
    pub evaluated: u64,
    /// The parameters in force.
    pub params: String,
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
    pub resource: ResourceKey,
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
    /// The rules concerned.
    pub rules: Vec<&'static str>,
}

/// The result in words.
#[must_use]
pub fn headline(run: &Run<'_>) -> Headline {
    let tallies = &run.evaluation.tallies;
    let failed = tallies.iter().filter(|(_, tally)| tally.fail > 0).count();
    let failures: u64 = tallies.iter().map(|(_, tally)| tally.fail).sum();
    let unknown: u64 = tallies.iter().map(|(_, tally)| tally.unknown).sum();
    let severe = run.failures_from(Severity::High);
    let not_judged = if unknown > 0 { format!(" {} not judged.", verdicts(unknown)) } else { String::new() };
    let (tone, word, text) = if run.inventory.is_empty() {
        ("empty", "Nothing to judge", "No backup record was found: nothing could be judged.".to_owned())
    } else if failures > 0 {
        let severe =
            if severe > 0 { format!(", {} of them high or critical", number(severe as u64)) } else { String::new() };
        let of = tallies.len();
        (
            "fail",
            "Failed",
            format!("{failed} of {of} rules failed: {}{severe}.{not_judged}", counted(failures, "finding")),
        )
    } else if unknown > 0 {
        ("unknown", "Not fully judged", format!("Nothing failed, but not everything could be judged:{not_judged}"))
    } else {
        ("pass", "Passed", "Everything that could be judged is as it should be.".to_owned())
    };
    Headline { tone, word, text, fail: failures, not_judged: unknown }
}

fn verdicts(count: u64) -> String {
    if count == 1 { "1 verdict was".to_owned() } else { format!("{} verdicts were", number(count)) }
}

/// The as-of time.
#[must_use]
pub fn as_of(run: &Run<'_>) -> AsOfView {
    let clock = &run.clock;
    let none = run.inventory.is_empty() && clock.source == ClockSource::Inferred;
    let text = match clock.source {
        ClockSource::Inferred if none => "there is no record to take a time from".to_owned(),
        ClockSource::Given => "given with --as-of".to_owned(),
        ClockSource::Now => "the wall clock, by --as-of now".to_owned(),
        ClockSource::Capture(file) => {
            format!("when the export was made, by {}", run.inventory.files[file.index()].path)
        }
        ClockSource::Inferred => "the newest time in the dump: the true time is this or later, so ages that are \
            too high already stay so, and what a later time could turn is not judged"
            .to_owned(),
    };
    AsOfView {
        time: if none { String::new() } else { clock.time.to_string() },
        source: clock.source.word(),
        exact: clock.is_exact(),
        text,
    }
}

/// The four questions in the user's words.
#[must_use]
pub fn questions(run: &Run<'_>) -> Vec<Question> {
    let asked = [
        ("Expired", "expired-still-listed"),
        ("Unencrypted", "backup-unencrypted"),
        ("Unreplicated", "offsite-copy-missing"),
        ("Orphaned", "child-orphaned"),
    ];
    asked.into_iter().filter_map(|(word, rule)| question(run, word, rule)).collect()
}

fn question(run: &Run<'_>, word: &'static str, id: &'static str) -> Option<Question> {
    let (position, tally) = run.evaluation.tallies.iter().find(|(position, _)| rule_at(*position).id == id)?;
    let rule = rule_at(*position);
    let fails = |finding: &&Finding| finding.rule == *position && finding.verdict == Verdict::Fail;
    let mut units = Units::default();
    run.evaluation.findings.iter().filter(fails).for_each(|finding| units.add(run, finding));
    let (text, detail) = match tally.evaluated() {
        0 => ("nothing to judge".to_owned(), String::new()),
        _ => units.text(rule.check.unit(), tally.fail),
    };
    Some(Question {
        word,
        rule: rule.id,
        title: rule.title,
        text,
        detail,
        fail: tally.fail,
        pass: tally.pass,
        unknown: tally.unknown,
        evaluated: tally.evaluated(),
        params: params_in_words(run, rule),
    })
}

/// Backups and disks that failures concern.
#[derive(Default)]
struct Units {
    backups: u64,
    disks: u64,
}

impl Units {
    fn add(&mut self, run: &Run<'_>, finding: &Finding) {
        match finding.subject {
            Subject::Backup(ix) => {
                self.backups += 1;
                self.disks += match finding.note {
                    Note::Disks(disks, _) => u64::from(disks),
                    _ => disks_in(run.inventory.backup(ix)),
                };
            }
            Subject::Resource(ix) => {
                for point in run.inventory.points(ix).filter(|point| run.exists(point.ix)) {
                    self.backups += 1;
                    self.disks += disks_in(point);
                }
            }
            _ => {}
        }
    }

    /// The count in the unit of the rule, and in the other units.
    fn text(&self, unit: &str, fail: u64) -> (String, String) {
        let (backups, disks) = (counted(self.backups, "backup"), counted(self.disks, "disk"));
        match unit {
            _ if fail == 0 => ("none".to_owned(), String::new()),
            "resource" => (counted(fail, "resource"), format!("{backups}, {disks}")),
            "backup" => (backups, disks),
            _ => (counted(fail, unit), String::new()),
        }
    }
}

/// How many disks a backup is known to hold.
fn disks_in(backup: Backup<'_>) -> u64 {
    match backup.resource_type().value() {
        Some(ResourceType::Volume) => 1,
        _ => backup.children().count() as u64,
    }
}

/// Failures by severity, the worst first.
#[must_use]
pub fn severities(run: &Run<'_>) -> Vec<SeverityCount> {
    let mut counts = [0; Severity::ALL.len()];
    for finding in run.evaluation.findings.iter().filter(|finding| finding.verdict == Verdict::Fail) {
        counts[finding.severity as usize] += 1;
    }
    let count = |severity: Severity| SeverityCount { severity: severity.word(), count: counts[severity as usize] };
    Severity::ALL.into_iter().map(count).collect()
}

/// How many of the worst resources the first screen names.
const WORST: usize = 5;

/// The resources with the worst failures, each with all its rules.
#[must_use]
pub fn worst(run: &Run<'_>) -> Vec<Worst> {
    let mut by_resource: BTreeMap<ResourceIx, Vec<(std::cmp::Reverse<Severity>, u16)>> = BTreeMap::new();
    for finding in run.findings().filter(|finding| finding.verdict == Verdict::Fail) {
        let family = rule_at(finding.rule).family;
        if let Some(resource) = resource_of(&run.inventory, finding.subject).filter(|_| family != Family::DataQuality) {
            by_resource.entry(resource).or_default().push((std::cmp::Reverse(finding.severity), finding.rule));
        }
    }
    let mut ranked: Vec<_> = by_resource.into_iter().collect();
    ranked.iter_mut().for_each(|(_, failures)| failures.sort_unstable());
    ranked.sort_by_key(|(resource, failures)| (weight(failures), *resource));
    ranked.into_iter().take(WORST).map(|(resource, failures)| worst_row(run, resource, &failures)).collect()
}

type Failure = (std::cmp::Reverse<Severity>, u16);

/// The order of the worst: more of the highest severities first, counting each rule once.
fn weight(failures: &[Failure]) -> impl Ord + use<> {
    let rules = |severity| {
        let mut rules: Vec<_> =
            failures.iter().filter(|(other, _)| other.0 == severity).map(|(_, rule)| *rule).collect();
        rules.dedup();
        rules.len()
    };
    let counts: Vec<_> = Severity::ALL.into_iter().map(|severity| std::cmp::Reverse(rules(severity))).collect();
    (counts, std::cmp::Reverse(failures.len()))
}

fn worst_row(run: &Run<'_>, resource: ResourceIx, failures: &[Failure]) -> Worst {
    let mut rules: Vec<&'static str> = Vec::new();
    for (_, rule) in failures {
        let id = rule_at(*rule).id;
        if !rules.contains(&id) {
            rules.push(id);
        }
    }
    Worst {
        resource: ResourceKey::new(&run.inventory, resource),
        noun: run.inventory.resource(resource).kind.noun(),
        severity: failures.first().map_or("", |(severity, _)| severity.0.word()),
        findings: failures.len() as u64,
        rules,
    }
}

/// What would turn how many unknowns into verdicts.
#[must_use]
pub fn unlocks(run: &Run<'_>) -> Vec<Unlock> {
    let mut by_action: BTreeMap<&'static str, (u64, Vec<&'static str>)> = BTreeMap::new();
    for finding in run.evaluation.findings.iter().filter(|finding| finding.verdict == Verdict::Unknown) {
        let rule = rule_at(finding.rule);
        if let Some(action) = finding.reason.and_then(|reason| action(reason, rule.family)) {
            let (count, rules) = by_action.entry(action).or_default();
            *count += finding.count.unwrap_or(1);
            if !rules.contains(&rule.id) {
                rules.push(rule.id);
            }
        }
    }
    let unlock = |(action, (count, rules))| Unlock { action, count, rules };
    let mut unlocks: Vec<_> = by_action.into_iter().map(unlock).collect();
    unlocks.sort_by_key(|unlock| std::cmp::Reverse(unlock.count));
    unlocks
}

/// The flag or export that answers an unknown of this reason and family.
pub(super) fn action(reason: &str, family: Family) -> Option<&'static str> {
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
