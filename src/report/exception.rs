//! Which failures a control shows: the worst of every rule first, so that none of them hides behind many of another; then one
//! of every resource that is not yet among them; then others. Each part has the worst first, and what waivers accept is last.

use std::collections::{BTreeMap, BTreeSet};

use super::row::{Row, resource_of};
use crate::control::Control;
use crate::evaluate::rule_at;
use crate::finding::{Finding, Verdict};
use crate::inventory::ResourceIx;
use crate::run::Run;

/// The failures of one control.
#[derive(Debug, Default)]
pub(super) struct Exceptions<'r> {
    /// Those that are shown.
    pub(super) shown: Vec<Row<'r>>,
    /// How many further ones there are.
    pub(super) omitted: usize,
}

/// A finding with its position among all.
type Numbered = (usize, Finding);

/// The failures of a control as they are sorted out.
#[derive(Default)]
struct Choice {
    all: usize,
    of_rules: Vec<Numbered>,
    of_resources: Vec<Finding>,
    rest: Vec<Finding>,
    waived: Vec<Finding>,
    resources: BTreeSet<ResourceIx>,
}

/// The failures that each control shows: at most so many, but one of every rule that fails; none if none are wanted.
pub(super) fn exceptions<'r>(run: &'r Run<'_>, controls: &[&'static Control], limit: usize) -> Vec<Exceptions<'r>> {
    if limit == 0 {
        return controls.iter().map(|_| Exceptions::default()).collect();
    }
    let drawing = |number: u16| {
        let numbered = controls.iter().enumerate();
        numbered.filter(move |(_, control)| control.draws_on(rule_at(number))).map(|(position, _)| position)
    };
    let by_rule: BTreeMap<u16, Vec<usize>> =
        run.evaluation.tallies.iter().map(|&(number, _)| (number, drawing(number).collect())).collect();
    let mut choices: Vec<Choice> = controls.iter().map(|_| Choice::default()).collect();
    let mut each = |take: &dyn Fn(&mut Choice, Numbered)| {
        let failures = run.findings().enumerate().filter(|(_, finding)| finding.verdict != Verdict::Unknown);
        for (number, finding) in failures {
            for &position in by_rule.get(&finding.rule).into_iter().flatten() {
                choices.get_mut(position).into_iter().for_each(|choice| take(choice, (number, finding)));
            }
        }
    };
    each(&|choice, failure| choice.take_of_rule(run, failure));
    each(&|choice, failure| choice.take(run, failure, limit));
    choices.into_iter().map(|choice| choice.shown(run, limit)).collect()
}

impl Choice {
    /// Takes the first failure of every rule.
    fn take_of_rule(&mut self, run: &Run<'_>, (number, finding): Numbered) {
        let is_new = self.of_rules.iter().all(|(_, other)| other.rule != finding.rule);
        if finding.verdict == Verdict::Fail && is_new {
            self.resources.extend(resource_of(&run.inventory, finding.subject));
            self.of_rules.push((number, finding));
        }
    }

    /// Takes another failure, in the part that it belongs to.
    fn take(&mut self, run: &Run<'_>, (number, finding): Numbered, limit: usize) {
        self.all += 1;
        if self.of_rules.iter().any(|(taken, _)| *taken == number) {
            return;
        }
        let has_room = self.of_resources.len() < limit;
        let is_new = |resource: ResourceIx| has_room && self.resources.insert(resource);
        let part = match finding.verdict {
            Verdict::Waived => &mut self.waived,
            _ if resource_of(&run.inventory, finding.subject).is_some_and(is_new) => &mut self.of_resources,
            _ => &mut self.rest,
        };
        if part.len() < limit {
            part.push(finding);
        }
    }

    fn shown<'r>(self, run: &'r Run<'_>, limit: usize) -> Exceptions<'r> {
        let Self { all, of_rules, of_resources, rest, waived, .. } = self;
        let limit = limit.max(of_rules.len());
        let of_rules = of_rules.into_iter().map(|(_, finding)| finding);
        let chosen = of_rules.chain(of_resources).chain(rest).chain(waived).take(limit);
        let shown: Vec<_> = chosen.map(|finding| Row::new(run, &finding)).collect();
        Exceptions { omitted: all - shown.len(), shown }
    }
}
