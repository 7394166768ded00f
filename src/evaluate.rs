//! Rules over the inventory, in parallel, and one total order of what they found. Which rules run and with which
//! parameters is decided here, once.

use rayon::prelude::*;

use crate::clock::Clock;
use crate::finding::{Finding, Verdict};
use crate::inventory::backup::{Backup, Role};
use crate::inventory::{FileIx, Inventory, ListingIx, ResourceIx, VaultIx};
use crate::restore_point::RestorePoints;
use crate::rule::{Check, Context, Rule};
use crate::rules::RULES;
use crate::settings::{Params, RuleChoice};
use crate::sink::{Sink, Tally, Traced};

/// What the rules found.
#[derive(Debug)]
pub struct Evaluation {
    /// The counts of every rule that ran, by its position in the catalogue.
    pub tallies: Vec<(u16, Tally)>,
    /// The findings, in their final order: failures before unknowns, the worst first, rules in catalogue order.
    pub findings: Vec<Finding>,
    /// Every verdict of every rule in full, if wanted.
    pub trace: Vec<(u16, Traced)>,
}

/// What is evaluated.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'i> {
    /// The inventory.
    pub inventory: &'i Inventory,
    /// The as-of time.
    pub clock: &'i Clock,
    /// The restore points at that time.
    pub points: &'i RestorePoints,
}

/// Runs the chosen rules. With `trace`, every single verdict is kept and nothing is folded.
#[must_use]
pub fn evaluate(evidence: Evidence<'_>, choice: &RuleChoice, params: &Params, trace: bool) -> Evaluation {
    let mut evaluation = Evaluation { tallies: Vec::new(), findings: Vec::new(), trace: Vec::new() };
    for (number, rule) in (0_u16..).zip(RULES.iter().copied()).filter(|(_, rule)| choice.runs(rule)) {
        let values: Vec<_> = rule.params.iter().map(|param| params.in_force(rule, param).value).collect();
        let Evidence { inventory, clock, points } = evidence;
        let context = Context { inventory, clock, points, values: &values, rule };
        let (tally, findings, traced) = run(&context, number, trace).finish();
        evaluation.tallies.push((number, tally));
        evaluation.findings.extend(findings);
        evaluation.trace.extend(traced.into_iter().flatten().map(|traced| (number, traced)));
    }
    evaluation.findings.par_sort_by_key(order);
    evaluation
}

/// The one order of findings: nothing in it depends on threads.
fn order(finding: &Finding) -> impl Ord + use<> {
    (
        finding.verdict != Verdict::Fail,
        std::cmp::Reverse(finding.severity),
        finding.rule,
        finding.reason,
        finding.subject,
        finding.key,
        finding.evidence,
    )
}

fn run<'i>(cx: &Context<'i>, number: u16, trace: bool) -> Sink<'i> {
    let inventory = cx.inventory;
    match cx.rule.check {
        Check::EachRecord(check) => over_backups(cx, number, trace, is_record, check),
        Check::EachBackup(check) => over_backups(cx, number, trace, is_restore_point, check),
        Check::EachChild(check) => over_backups(cx, number, trace, is_part, check),
        Check::EachResource(check) => over(cx, number, trace, inventory.resources().count(), |unit, out| {
            let resource = ResourceIx(unit);
            over_group(cx, inventory.points(resource), out, |out| check(cx, resource, out));
        }),
        Check::EachVault(check) => over(cx, number, trace, inventory.vaults().count(), |unit, out| {
            let vault = VaultIx(unit);
            over_group(cx, inventory.in_vault(vault), out, |out| check(cx, vault, out));
        }),
        Check::EachFile(check) => {
            over(cx, number, trace, inventory.files.len(), |unit, out| check(cx, FileIx(unit), out))
        }
        Check::EachListing(check) => {
            over(cx, number, trace, inventory.listings.rows.len(), |unit, out| check(cx, ListingIx(unit), out))
        }
        Check::Whole(check) => over(cx, number, trace, 1, |_, out| check(cx, out)),
    }
}

fn is_record(cx: &Context<'_>, backup: Backup<'_>) -> bool {
    cx.is_now() || cx.exists(backup)
}

fn is_restore_point(cx: &Context<'_>, backup: Backup<'_>) -> bool {
    backup.role() != Role::Child && !backup.in_cycle() && cx.exists(backup)
}

fn is_part(cx: &Context<'_>, backup: Backup<'_>) -> bool {
    backup.role() != Role::Top && !backup.in_cycle() && cx.exists(backup)
}

type Applies = fn(&Context<'_>, Backup<'_>) -> bool;
type Judge = fn(&Context<'_>, Backup<'_>, &mut Sink<'_>);

fn over_backups<'i>(cx: &Context<'i>, number: u16, trace: bool, applies: Applies, check: Judge) -> Sink<'i> {
    over(cx, number, trace, cx.inventory.len(), |unit, out| {
        let backup = cx.inventory.backup(crate::inventory::BackupIx(unit));
        if applies(cx, backup) {
            check(cx, backup, out);
        }
    })
}

/// Judges a resource or vault, unless all its backups were made after the as-of time: then it did not exist. Where that
/// time is inferred and some of them lie after it, a later clock would count them, so only failures hold.
fn over_group<'i>(
    cx: &Context<'i>,
    mut backups: impl Iterator<Item = Backup<'i>> + Clone,
    out: &mut Sink<'i>,
    judge: impl FnOnce(&mut Sink<'i>),
) {
    if backups.clone().any(|backup| cx.exists(backup)) {
        out.clock_may_turn(!cx.clock.is_exact() && backups.any(|backup| !cx.exists(backup)));
        judge(out);
        out.clock_may_turn(false);
    }
}

/// Judges every unit, in chunks of fixed size so that the result cannot depend on the number of threads.
fn over<'i>(
    cx: &Context<'i>,
    number: u16,
    trace: bool,
    units: usize,
    judge: impl Fn(u32, &mut Sink<'i>) + Sync,
) -> Sink<'i> {
    const CHUNK: usize = 4096;
    let sink = || Sink::new(cx.inventory, number, cx.rule.severity, trace);
    let starts: Vec<usize> = (0..units).step_by(CHUNK).collect();
    let chunks: Vec<_> = starts
        .into_par_iter()
        .map(|start| {
            let mut out = sink();
            let end = (start + CHUNK).min(units);
            (start..end).for_each(|unit| judge(u32::try_from(unit).unwrap_or(u32::MAX), &mut out));
            out
        })
        .collect();
    chunks.into_iter().fold(sink(), |mut all, chunk| {
        all.append(chunk);
        all
    })
}

/// The rule at a position of the catalogue.
#[must_use]
pub fn rule_at(number: u16) -> &'static Rule {
    RULES[usize::from(number)]
}
