//! Demands that contradict each other, so that no backup could meet both: in words, with where they were set.

use crate::param::Param;
use crate::rule::Rule;
use crate::rules::RULES;
use crate::run::Run;
use crate::settings::{InForce, Origin};
use crate::tier::Tier;

/// Parameters of which the first may not exceed the second, where that sets a limit at all.
const PAIRS: [(&str, &str); 2] = [("retention-min-days", "retention-max-days"), ("window-days", "retention-max-days")];

type Asked = (&'static Rule, &'static Param);

/// What is contradictory in the demands on all resources, and in those of each tier.
#[must_use]
pub fn problems(run: &Run<'_>) -> Vec<String> {
    let tiers = std::iter::once(None).chain(run.settings.decisions.tiers.iter().map(Some));
    let mut problems: Vec<String> = Vec::new();
    for problem in tiers.flat_map(|tier| PAIRS.iter().flat_map(move |pair| of_pair(run, *pair, tier))) {
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    problems
}

/// The rules that run and ask for a parameter.
fn asking(run: &Run<'_>, key: &'static str) -> Vec<Asked> {
    let running = RULES.iter().copied().filter(|rule| run.settings.rules.runs(rule));
    running.filter_map(|rule| Some((rule, rule.params.iter().find(|param| param.key == key)?))).collect()
}

fn of_pair(run: &Run<'_>, (least, most): (&'static str, &'static str), tier: Option<&Tier>) -> Vec<String> {
    let most = asking(run, most);
    let both = asking(run, least).into_iter().flat_map(|least| most.iter().map(move |&most| (least, most)));
    both.filter_map(|(least, most)| of_rules(run, least, most, tier)).collect()
}

fn of_rules(run: &Run<'_>, least: Asked, most: Asked, tier: Option<&Tier>) -> Option<String> {
    let params = &run.settings.params;
    let in_force = |(rule, param): Asked| match tier {
        Some(tier) => params.in_tier(rule, param, tier),
        None => params.in_force(rule, param),
    };
    let (low, high) = (in_force(least), in_force(most));
    let is_of_tier = [low, high].iter().any(|value| matches!(value.origin, Origin::Tier(_)));
    if high.value <= 0.0 || low.value <= high.value || tier.is_some() != is_of_tier {
        return None;
    }
    let said = |(_, param): Asked, value: InForce| format!("{} {}", param.key, param.unit.text(value.value));
    let name = tier.map(|tier| format!(" of the tier {}", tier.name)).unwrap_or_default();
    Some(format!(
        "{}: {} is more than {} ({}){name}: no backup can meet both; change one of them.",
        place(run, low, high),
        said(least, low),
        said(most, high),
        origin(run, high),
    ))
}

/// Where one of two values was set: that which is set, else the other.
fn place(run: &Run<'_>, low: InForce, high: InForce) -> String {
    origin(run, if low.is_default() { high } else { low })
}

fn origin(run: &Run<'_>, value: InForce) -> String {
    match value.origin {
        Origin::Default => "default".to_owned(),
        Origin::Configuration(line) | Origin::Tier(line) => run.settings.decisions.place(line),
        Origin::CommandLine => "--set".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{PAIRS, RULES};

    #[test]
    fn the_parameters_named_are_there() {
        let is_there = |key: &str| RULES.iter().any(|rule| rule.params.iter().any(|param| param.key == key));
        assert!(PAIRS.iter().all(|(least, most)| is_there(least) && is_there(most)));
    }
}
