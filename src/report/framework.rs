//! The findings arranged by the controls of frameworks: evidence for or against each, what is not judged, and what the
//! records cannot prove. No score, and nothing complies.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::mem::{Discriminant, discriminant};

use serde::Serialize;

use super::exception::{Exceptions, exceptions};
use super::row::Row;
use crate::control::{Control, Framework};
use crate::evaluate::{Evidence, population, rule_at};
use crate::rule::{Check, Rule};
use crate::run::Run;
use crate::sink::Tally;

/// What the records say about a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Standing {
    /// Something fails.
    #[serde(rename = "evidence against")]
    Against,
    /// Nothing fails, and something is not judged.
    #[serde(rename = "not fully judged")]
    Open,
    /// Something is judged, and all of it passes.
    #[serde(rename = "supports")]
    Supports,
    /// Its rules judged nothing.
    #[serde(rename = "nothing evaluated")]
    Nothing,
    /// No rule speaks to it.
    #[serde(rename = "nothing here can test it")]
    Untestable,
}

impl Standing {
    /// Every standing, the worst first.
    pub const ALL: [Self; 5] = [Self::Against, Self::Open, Self::Supports, Self::Nothing, Self::Untestable];

    /// It in words, behind a number of controls.
    #[must_use]
    pub fn counted(self) -> &'static str {
        match self {
            Self::Against => "with evidence against",
            Self::Open => "not fully judged",
            Self::Supports => "supported",
            Self::Nothing => "with nothing evaluated",
            Self::Untestable => "that nothing here can test",
        }
    }

    /// Its sign: yes, no, or cannot tell.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Self::Against => "✕",
            Self::Supports => "✓",
            Self::Open | Self::Nothing | Self::Untestable => "?",
        }
    }
}

/// A framework with its controls.
#[derive(Clone, Debug, Serialize)]
pub struct FrameworkView<'r> {
    /// Its id.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What has to be known before reading.
    pub remark: Option<&'static str>,
    /// Whether its controls are boxes to tick, each named by its sign.
    #[serde(skip)]
    pub boxes: bool,
    /// Its controls.
    pub controls: Vec<ControlRow<'r>>,
}

/// A control with what the records say about it. The counts are sums over its rules, each in its own unit.
#[derive(Clone, Debug, Serialize)]
pub struct ControlRow<'r> {
    /// Its id.
    pub id: &'static str,
    /// Its id without the framework.
    pub label: &'static str,
    /// What it asks for.
    pub asks: &'static str,
    /// What the records say about it.
    pub standing: Standing,
    /// Yes, no, or cannot tell, as a sign.
    pub mark: &'static str,
    /// How many units of each kind its rules looked at.
    pub population: Vec<Units>,
    /// Verdicts on units that a rule applies to.
    pub evaluated: u64,
    /// Judged good.
    pub pass: u64,
    /// Judged bad.
    pub fail: u64,
    /// Not judged.
    pub unknown: u64,
    /// Nothing to judge.
    pub not_applicable: u64,
    /// Accepted by a waiver.
    pub waived: u64,
    /// The rules it draws on that ran.
    pub rules: Vec<&'static str>,
    /// The rules it draws on that were left out.
    pub rules_off: Vec<&'static str>,
    /// What the records support or speak against.
    pub supports: Option<&'static str>,
    /// What the records cannot prove.
    pub cannot_prove: &'static str,
    /// The worst failure of every rule, then one of every further resource, then others.
    pub exceptions: Vec<Row<'r>>,
    /// How many further ones there are.
    pub exceptions_omitted: usize,
}

/// How many units of a kind there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Units {
    /// The kind.
    pub unit: &'static str,
    /// How many.
    pub count: u64,
}

/// The frameworks that were asked for, with at most so many exceptions for each control.
#[must_use]
pub fn frameworks<'r>(run: &'r Run<'_>, limit: usize) -> Vec<FrameworkView<'r>> {
    let wanted = &run.settings.frameworks;
    if wanted.is_empty() {
        return Vec::new();
    }
    let known = populations(run);
    let controls: Vec<_> = wanted.iter().flat_map(|framework| framework.controls).collect();
    let exceptions = exceptions(run, &controls, limit);
    let mut rows = controls.iter().zip(exceptions).map(|(control, exceptions)| row(run, control, &known, exceptions));
    let view = |framework: &&Framework| FrameworkView {
        id: framework.id,
        name: framework.name,
        remark: framework.remark,
        boxes: framework.boxes,
        controls: rows.by_ref().take(framework.controls.len()).collect(),
    };
    wanted.iter().map(view).collect()
}

fn row<'r>(
    run: &Run<'_>,
    control: &'static Control,
    known: &Populations,
    exceptions: Exceptions<'r>,
) -> ControlRow<'r> {
    let ran = run.evaluation.tallies.iter().map(|&(number, tally)| (rule_at(number), tally));
    let drawn: Vec<_> = ran.filter(|(rule, _)| control.draws_on(rule)).collect();
    let mut sum = Tally::default();
    drawn.iter().for_each(|(_, tally)| sum.add(*tally));
    let off = control.rules().filter(|rule| !run.settings.rules.runs(rule)).map(|rule| rule.id);
    let rules_off: Vec<_> = off.collect();
    let standing = standing(control, sum, !rules_off.is_empty());
    ControlRow {
        id: control.id,
        label: control.label(),
        asks: control.asks,
        standing,
        mark: standing.mark(),
        population: units(known, &drawn),
        evaluated: sum.evaluated(),
        pass: sum.pass,
        fail: sum.fail,
        unknown: sum.unknown,
        not_applicable: sum.not_applicable,
        waived: sum.waived,
        rules: drawn.iter().map(|(rule, _)| rule.id).collect(),
        rules_off,
        supports: control.supports,
        cannot_prove: control.cannot_prove,
        exceptions: exceptions.shown,
        exceptions_omitted: exceptions.omitted,
    }
}

/// One failure decides, accepted by a waiver or not; otherwise what is not judged, or not run, leaves it open.
fn standing(control: &Control, sum: Tally, some_are_off: bool) -> Standing {
    let open = sum.unknown > 0 || some_are_off || control.refutable_only;
    match sum {
        _ if control.supports.is_none() => Standing::Untestable,
        _ if sum.fail + sum.waived > 0 => Standing::Against,
        _ if sum.evaluated() == 0 => Standing::Nothing,
        _ if open => Standing::Open,
        _ => Standing::Supports,
    }
}

/// How many units rules with such a check look at, where that can be told beforehand.
type Populations = HashMap<(Discriminant<Check>, &'static str), u64>;

fn key(check: &Check) -> (Discriminant<Check>, &'static str) {
    (discriminant(check), check.unit())
}

fn populations(run: &Run<'_>) -> Populations {
    let evidence = Evidence { inventory: &run.inventory, clock: &run.clock, points: &run.points, tiers: &run.tiers };
    let mut known = Populations::new();
    for (number, _) in &run.evaluation.tallies {
        let check = &rule_at(*number).check;
        if let Entry::Vacant(kind) = known.entry(key(check))
            && let Some(count) = population(evidence, check)
        {
            kind.insert(count);
        }
    }
    known
}

/// The units of some rules, each kind once. Where a rule finds its units by itself, they are those that it judged; where
/// one looks at more of a kind than another, those of both are meant.
fn units(known: &Populations, drawn: &[(&'static Rule, Tally)]) -> Vec<Units> {
    let mut kinds: Vec<Units> = Vec::new();
    for (rule, tally) in drawn {
        let unit = rule.check.unit();
        let judged = tally.evaluated() + tally.not_applicable;
        let count = known.get(&key(&rule.check)).copied().unwrap_or(judged);
        match kinds.iter_mut().find(|kind| kind.unit == unit) {
            Some(kind) => kind.count = kind.count.max(count),
            None => kinds.push(Units { unit, count }),
        }
    }
    kinds
}
