//! The rules with their counts, and their findings: the first ones of each rule.

use serde::Serialize;

use super::row::Row;
use super::settings::params_in_words;
use super::unjudged::{self, ReasonCount};
use super::{around, expected};
use crate::evaluate::rule_at;
use crate::finding::{Finding, Severity, Verdict};
use crate::rule::Rule;
use crate::run::Run;
use crate::sink::Tally;

/// A rule and its counts.
#[derive(Clone, Debug, Serialize)]
pub struct RuleRow {
    /// Its id.
    pub id: &'static str,
    /// Its family.
    pub family: &'static str,
    /// What is wrong where it fails.
    pub title: &'static str,
    /// The highest severity it can give.
    pub severity: &'static str,
    /// The unit in which it counts.
    pub unit: &'static str,
    /// Units evaluated.
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
    /// The parameters in force.
    pub params: String,
    /// Why there is nothing to judge, where an answer is missing that the rule would judge by.
    pub missing: Option<&'static str>,
}

/// The findings of one rule.
#[derive(Clone, Debug, Serialize)]
pub struct Section<'r> {
    /// The rule.
    pub rule: RuleRow,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// How it judges.
    pub logic: &'static str,
    /// The controls it speaks to.
    pub controls: &'static [&'static str],
    /// The worst severity found.
    pub worst: &'static str,
    /// How many failures are shown or left out here.
    pub failed: u64,
    /// How many units are not judged, shown or left out here.
    pub not_judged: u64,
    /// Why they are not judged.
    pub reasons: Vec<ReasonCount>,
    /// The first failures.
    pub failures: Vec<Row<'r>>,
    /// How many further ones there are.
    pub failures_omitted: usize,
    /// The first ones that could not be judged.
    pub unknowns: Vec<Row<'r>>,
    /// How many further ones there are.
    pub unknowns_omitted: usize,
    /// The first failures that a waiver accepts.
    pub waived: Vec<Row<'r>>,
    /// How many further ones there are.
    pub waived_omitted: usize,
}

/// Every rule that ran, with its counts.
#[must_use]
pub fn rules(run: &Run<'_>) -> Vec<RuleRow> {
    run.evaluation.tallies.iter().map(|&(number, tally)| rule_row(run, rule_at(number), tally)).collect()
}

fn rule_row(run: &Run<'_>, rule: &'static Rule, tally: Tally) -> RuleRow {
    RuleRow {
        id: rule.id,
        family: rule.family.word(),
        title: rule.title,
        severity: run.settings.decisions.severity(rule.id).unwrap_or(rule.severity).word(),
        unit: rule.check.unit(),
        evaluated: tally.evaluated(),
        pass: tally.pass,
        fail: tally.fail,
        unknown: tally.unknown,
        not_applicable: tally.not_applicable,
        waived: tally.waived,
        params: params_in_words(run, rule),
        missing: around::missing(&run.inventory, &rule.check).or_else(|| expected::missing(&run.inventory, rule)),
    }
}

/// The rules with something to show, the worst first, and the first findings of each.
#[must_use]
pub fn sections<'r>(run: &'r Run<'_>, limit: usize) -> Vec<Section<'r>> {
    let mut parts: Vec<Part> = run.evaluation.tallies.iter().map(|_| Part::default()).collect();
    // Findings of one rule follow each other mostly, so that its part is looked for once.
    let mut last = None;
    for finding in run.findings() {
        let position = last.filter(|&(rule, _)| rule == finding.rule).map(|(_, position)| position);
        let of_rule = |(number, _): &(u16, Tally)| *number == finding.rule;
        let Some(position) = position.or_else(|| run.evaluation.tallies.iter().position(of_rule)) else { continue };
        last = Some((finding.rule, position));
        if let Some(part) = parts.get_mut(position) {
            part.add(finding, limit);
        }
    }
    let numbered = run.evaluation.tallies.iter().zip(parts);
    let mut shown: Vec<_> = numbered.filter(|(_, part)| part.failures + part.unknowns + part.waived > 0).collect();
    shown.sort_by_key(|((number, _), part)| (std::cmp::Reverse(part.worst), *number));
    shown.into_iter().map(|(&(number, tally), part)| part.section(run, rule_at(number), tally)).collect()
}

/// The findings of a rule, while they are collected.
#[derive(Default)]
struct Part {
    worst: Option<Severity>,
    failures: usize,
    unknowns: usize,
    waived: usize,
    first: Vec<Finding>,
    first_unknown: Vec<Finding>,
    first_waived: Vec<Finding>,
    reasons: Vec<ReasonCount>,
}

impl Part {
    fn add(&mut self, finding: Finding, limit: usize) {
        let (count, first) = match finding.verdict {
            Verdict::Fail => {
                self.worst = self.worst.max(Some(finding.severity));
                (&mut self.failures, &mut self.first)
            }
            Verdict::Unknown => {
                unjudged::count(&mut self.reasons, &finding);
                (&mut self.unknowns, &mut self.first_unknown)
            }
            Verdict::Waived => (&mut self.waived, &mut self.first_waived),
        };
        *count += 1;
        if first.len() < limit {
            first.push(finding);
        }
    }

    fn section<'r>(self, run: &'r Run<'_>, rule: &'static Rule, tally: Tally) -> Section<'r> {
        let rows = |first: &[Finding]| first.iter().map(|finding| Row::new(run, finding)).collect();
        Section {
            rule: rule_row(run, rule, tally),
            why: rule.why,
            remedy: rule.remedy,
            logic: rule.logic,
            controls: rule.controls,
            worst: self.worst.map_or(if self.unknowns > 0 { "not judged" } else { "waived" }, Severity::word),
            failed: self.failures as u64,
            not_judged: self.reasons.iter().map(|reason| reason.count).sum(),
            reasons: self.reasons,
            failures: rows(&self.first),
            failures_omitted: self.failures - self.first.len(),
            unknowns: rows(&self.first_unknown),
            unknowns_omitted: self.unknowns - self.first_unknown.len(),
            waived: rows(&self.first_waived),
            waived_omitted: self.waived - self.first_waived.len(),
        }
    }
}
