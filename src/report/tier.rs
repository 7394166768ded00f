//! The tiers with what they demand and how many resources they apply to.

#![allow(clippy::indexing_slicing, reason = "numbers of tiers are those of the decisions")]

use serde::Serialize;

use super::wording::number;
use crate::accepted::ALLOWED_REGIONS;
use crate::inventory::ResourceIx;
use crate::param::Param;
use crate::rule::Rule;
use crate::run::Run;
use crate::settings::SetParam;
use crate::tier::{Idle, Tie, Tier};

/// A tier as pages and the JSON report show it.
#[derive(Clone, Debug, Serialize)]
pub struct TierRow {
    /// Its name.
    pub name: String,
    /// How many resources it applies to.
    pub resources: u64,
    /// The parameters that differ.
    pub params: Vec<TierParam>,
}

/// A parameter of a tier.
#[derive(Clone, Debug, Serialize)]
pub struct TierParam {
    /// The parameter.
    pub key: &'static str,
    /// Its value.
    pub value: String,
    /// What is typed instead, and so applies in place of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overruled: Option<String>,
}

/// Every tier.
#[must_use]
pub fn table(run: &Run<'_>) -> Vec<TierRow> {
    let tiers = run.settings.decisions.tiers.iter().zip(&run.tiers.sizes);
    let row =
        |(tier, &resources): (&Tier, &u64)| TierRow { name: tier.name.clone(), resources, params: params(run, tier) };
    tiers.map(row).collect()
}

fn params(run: &Run<'_>, tier: &Tier) -> Vec<TierParam> {
    let params = tier.params.iter().map(|set| TierParam {
        key: set.param.key,
        value: set.param.unit.text(set.value),
        overruled: overruled(run, set),
    });
    let accepted = &run.settings.decisions.accepted;
    let typed = || accepted.regions.iter().map(|region| format!("--allowed-region {region}")).collect::<Vec<_>>();
    let regions = (!tier.allowed_regions.is_empty()).then(|| TierParam {
        key: ALLOWED_REGIONS,
        value: tier.allowed_regions.join(", "),
        overruled: accepted.regions_are_typed.then(|| typed().join(", ")),
    });
    params.chain(regions).collect()
}

/// What is typed in place of a parameter of a tier, as typed: for every rule, or for some alone.
fn overruled(run: &Run<'_>, of_tier: &SetParam) -> Option<String> {
    let typed = run.settings.params.typed(of_tier.param.key).map(|set| {
        let rule = set.rule.map(|rule| format!("{rule}.")).unwrap_or_default();
        format!("--set {rule}{}={}", set.param.key, set.param.unit.text(set.value))
    });
    let typed: Vec<_> = typed.collect();
    (!typed.is_empty()).then(|| typed.join(", "))
}

/// The name of a resource's tier.
#[must_use]
pub fn name_of<'r>(run: &'r Run<'_>, ix: ResourceIx) -> Option<&'r str> {
    run.tiers.of(ix).and_then(|number| name(run, number))
}

/// The name of the tier with this number.
#[must_use]
pub fn name<'r>(run: &'r Run<'_>, number: usize) -> Option<&'r str> {
    run.settings.decisions.tiers.get(number).map(|tier| tier.name.as_str())
}

/// The values of a rule's parameter in tiers where it differs: `gold 4`.
#[must_use]
pub fn in_words(run: &Run<'_>, rule: &Rule, param: &Param) -> String {
    let params = &run.settings.params;
    let every = params.in_force(rule, param).value;
    let tiers = run.settings.decisions.tiers.iter().map(|tier| (tier, params.in_tier(rule, param, tier).value));
    let differ = tiers.filter(|(_, value)| (value - every).abs() > 0.0);
    let words: Vec<_> = differ.map(|(tier, value)| format!("{} {}", tier.name, param.unit.text(value))).collect();
    if words.is_empty() { String::new() } else { format!(" (tiers: {})", words.join(", ")) }
}

/// What is wrong with tiers, in words: where each stands, and what to do.
#[must_use]
pub fn problems(run: &Run<'_>) -> Vec<String> {
    let decisions = &run.settings.decisions;
    let at = |line: usize| decisions.place(line);
    let tiers = || decisions.tiers.iter().zip(&run.tiers.sizes);
    let idle = tiers().filter(|&(_, &size)| size == 0).map(|(tier, _)| {
        let Tier { name, line, .. } = tier;
        format!("{}: the tier {name} applies to no resource of this dump: correct it, or take it out.", at(*line))
    });
    let unmet = tiers().flat_map(|(tier, _)| {
        tier.idle(&run.inventory).into_iter().map(move |Idle { criterion, text, line }| {
            let name = &tier.name;
            format!(
                "{}: {text:?} of {criterion} of the tier {name} fits nothing in this dump: correct it, or take it out.",
                at(line)
            )
        })
    });
    let ties = run.tiers.ties.iter().map(|tie| format!("{}: {}.", tie_at(run, tie), tied(run, tie)));
    idle.chain(unmet).chain(ties).collect()
}

/// Where two tiers that tie stand.
#[must_use]
pub fn tie_at(run: &Run<'_>, tie: &Tie) -> String {
    let decisions = &run.settings.decisions;
    let line = |position: usize| decisions.tiers[position].line;
    format!("{} and {}", decisions.place(line(tie.applied)), line(tie.other))
}

/// What two tiers that tie come to, and what to do.
#[must_use]
pub fn tied(run: &Run<'_>, tie: &Tie) -> String {
    let name = |position: usize| run.settings.decisions.tier_name(position);
    let (applied, other) = (name(tie.applied), name(tie.other));
    let row = run.inventory.resource(tie.example);
    let example = run.inventory.text(row.name.unwrap_or(row.id));
    let resources = if tie.count == 1 {
        format!("the resource {example}")
    } else {
        format!("{} resources, {example} among them", number(tie.count))
    };
    format!(
        "the tiers {applied} and {other} are equally specific for {resources}: {applied} is applied, as it stands first; give \
         one of them a criterion more, or name the resource in the one that is meant"
    )
}
