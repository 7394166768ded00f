//! Which tier applies to which resource: the one that the expected resources name, else the most specific one that claims
//! it, of several such the first.

use crate::expected::row_of;
use crate::facts::Facts;
use crate::policy::{Tier, fits};
use crate::resources::Resource;
use crate::verdict::Truth;
use serde_json::Value;
use std::collections::BTreeSet;

/// What makes a claim specific, the weightiest first: a resource by its id or name, a resource by a pattern, the vault,
/// the enterprise project, the type, the project.
type Claim = [bool; 6];

/// The expected resources may name the tier outright.
pub fn assign(facts: &Facts, resources: &mut [Resource]) {
    for resource in resources {
        if let Some(name) = row_of(facts, resource).and_then(|row| row.tier.as_ref()) {
            resource.tier = facts.settings.policy.tiers.iter().position(|tier| tier.name == *name);
            continue;
        }
        let tiers = facts.settings.policy.tiers.iter().enumerate();
        let claims: Vec<_> = tiers.filter_map(|(nth, tier)| Some((claim(facts, resource, tier)?, nth))).collect();
        let certain: Vec<(Claim, usize)> =
            claims.iter().filter(|((_, holds), _)| *holds).map(|((claim, _), nth)| (*claim, *nth)).collect();
        let best = certain.iter().map(|(claim, _)| *claim).max();
        resource.tier = certain.iter().find(|(claim, _)| Some(*claim) == best).map(|(_, nth)| *nth);
        resource.tier_is_open = claims.iter().any(|((claim, holds), _)| !holds && Some(*claim) >= best);
    }
}

/// How specific a claim is, and whether it holds for certain: tags that the dump does not tell may be any.
fn claim(facts: &Facts, resource: &Resource, tier: &Tier) -> Option<(Claim, bool)> {
    let any_fits = |patterns: &[String], texts: &[String]| {
        patterns.iter().any(|pattern| texts.iter().any(|text| fits(pattern, text)))
    };
    let of_backups =
        |field: &str| -> Vec<String> { certain(facts, resource).filter_map(|id| facts.text(id, field).ok()).collect() };
    let holds = [
        (&tier.resources, resource.names.clone()),
        (&tier.vaults, of_backups("vault_id")),
        (&tier.enterprise_projects, of_backups("enterprise_project_id")),
        (&tier.types, vec![resource.kind.clone()]),
        (&tier.projects, vec![resource.project.clone()]),
    ];
    if !holds.iter().all(|(patterns, texts)| patterns.is_empty() || any_fits(patterns, texts)) {
        return None;
    }
    let is_named = tier.resources.iter().any(|pattern| resource.names.contains(pattern));
    let has = |nth: usize| !holds[nth].0.is_empty();
    let claim = [is_named, has(0), has(1) || !tier.vault_tags.is_empty(), has(2), has(3), has(4)];
    match tagged(facts, resource, tier) {
        Truth::No => None,
        Truth::Yes => Some((claim, true)),
        Truth::Unknown(_) => Some((claim, false)),
    }
}

/// Whether a vault that holds some of the backups has one of the tags.
fn tagged(facts: &Facts, resource: &Resource, tier: &Tier) -> Truth {
    if tier.vault_tags.is_empty() {
        return Truth::Yes;
    }
    let vaults: BTreeSet<_> =
        certain(facts, resource).map(|id| facts.text(id, "vault_id").unwrap_or_default()).collect();
    let mut answer = Truth::No;
    for vault in vaults {
        match facts.dump.vaults.get(&vault).map(|vault| &vault["tags"]) {
            Some(Value::Array(tags)) if tags.iter().any(|tag| has_one(tag, &tier.vault_tags)) => return Truth::Yes,
            // A vault that is shown with null has none.
            Some(Value::Array(_)) => {}
            Some(Value::Null) if facts.dump.vaults[&vault].get("tags").is_some() => {}
            _ => answer = Truth::Unknown(Default::default()),
        }
    }
    answer
}

fn has_one(tag: &Value, wanted: &[String]) -> bool {
    let (key, value) = (tag["key"].as_str().unwrap(), tag["value"].as_str().unwrap_or_default());
    wanted.iter().any(|wanted| match wanted.split_once('=') {
        None => fits(wanted, key),
        Some((of_key, of_value)) => fits(of_key, key) && fits(of_value, value),
    })
}

/// The backups of a resource; a copy that may be of another one says nothing of this one.
fn certain<'r>(facts: &Facts, resource: &'r Resource) -> impl Iterator<Item = &'r String> {
    let backups = resource.points.iter().map(|point| &point.backup);
    backups.filter(|id| !facts.is_disputed(id) || resource.own.contains(id))
}
