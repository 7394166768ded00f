//! What could not be judged: by reason, with the flag or export that would settle it, where there is one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::overview::action;
use crate::evaluate::rule_at;
use crate::finding::{Finding, Verdict};
use crate::inventory::field::Reason;
use crate::run::Run;

/// How many units are not judged for a reason.
#[derive(Clone, Debug, Serialize)]
pub struct ReasonCount {
    /// The word of the reason.
    pub reason: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// How many units.
    pub count: u64,
}

/// What is not judged for one reason.
#[derive(Clone, Debug, Serialize)]
pub struct Unjudged {
    /// The reason and how many units it concerns.
    #[serde(flatten)]
    pub reason: ReasonCount,
    /// The flag or export that would settle it, where there is one.
    pub action: Option<&'static str>,
    /// The rules concerned.
    pub rules: Vec<&'static str>,
}

/// Adds an unknown to the counts by reason.
pub fn count(counts: &mut Vec<ReasonCount>, finding: &Finding) {
    let reason = finding.reason.unwrap_or_default();
    let units = finding.count.unwrap_or(1);
    match counts.iter_mut().find(|known| known.reason == reason) {
        Some(known) => known.count += units,
        None => counts.push(ReasonCount { reason, meaning: meaning(reason), count: units }),
    }
}

/// What the word of a reason means.
#[must_use]
pub fn meaning(word: &str) -> &'static str {
    Reason::ALL.into_iter().find(|reason| reason.word() == word).map_or("", Reason::meaning)
}

/// Everything that is not judged: first what a flag or an export would settle, the most frequent first.
#[must_use]
pub fn table(run: &Run<'_>) -> Vec<Unjudged> {
    let mut groups: BTreeMap<_, (Vec<ReasonCount>, Vec<&'static str>)> = BTreeMap::new();
    for finding in run.evaluation.findings.with(Verdict::Unknown) {
        let rule = rule_at(finding.rule);
        let reason = finding.reason.unwrap_or_default();
        let (counts, rules) = groups.entry((reason, action(reason, rule.family))).or_default();
        count(counts, &finding);
        if !rules.contains(&rule.id) {
            rules.push(rule.id);
        }
    }
    let row = |((_, action), (counts, rules)): (_, (Vec<ReasonCount>, _))| {
        counts.into_iter().next().map(|reason| Unjudged { reason, action, rules })
    };
    let mut rows: Vec<_> = groups.into_iter().filter_map(row).collect();
    rows.sort_by_key(|row| (row.action.is_none(), std::cmp::Reverse(row.reason.count)));
    rows
}
