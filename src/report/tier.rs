//! The tiers with what they demand and how many resources they apply to.

use serde::Serialize;

use super::wording::number;
use crate::accepted::ALLOWED_REGIONS;
use crate::inventory::ResourceIx;
use crate::param::Param;
use crate::rule::Rule;
use crate::run::Run;
use crate::tier::Tier;

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
}

/// Every tier.
#[must_use]
pub fn table(run: &Run<'_>) -> Vec<TierRow> {
    let tiers = run.settings.decisions.tiers.iter().zip(&run.tiers.sizes);
    let row = |(tier, &resources): (&Tier, &u64)| TierRow { name: tier.name.clone(), resources, params: params(tier) };
    tiers.map(row).collect()
}

fn params(tier: &Tier) -> Vec<TierParam> {
    let params = tier.params.iter();
    let params = params.map(|set| TierParam { key: set.param.key, value: set.param.unit.text(set.value) });
    let regions = (!tier.allowed_regions.is_empty())
        .then(|| TierParam { key: ALLOWED_REGIONS, value: tier.allowed_regions.join(", ") });
    params.chain(regions).collect()
}

/// The name of a resource's tier.
#[must_use]
pub fn name_of(run: &Run<'_>, ix: ResourceIx) -> Option<String> {
    run.tiers.of(ix).map(|number| run.settings.decisions.tier_name(number).to_owned())
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

/// What is wrong with tiers, in words.
#[must_use]
pub fn problems(run: &Run<'_>) -> Vec<String> {
    let idle = table(run).into_iter().filter(|row| row.resources == 0);
    let idle = idle.map(|row| format!("The tier {} applies to no resource of this dump.", row.name));
    let name = |position: usize| run.settings.decisions.tier_name(position);
    let ties = run.tiers.ties.iter().map(|&(applied, other, count)| {
        format!(
            "The tiers {} and {} are equally specific for {}: {} is applied, as it stands first.",
            name(applied),
            name(other),
            if count == 1 { "one resource".to_owned() } else { format!("{} resources", number(count)) },
            name(applied)
        )
    });
    idle.chain(ties).collect()
}
