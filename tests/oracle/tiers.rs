//! Which tier applies to which resource: the most specific one that claims it, of several such the first.

use crate::facts::Facts;
use crate::policy::{Tier, fits};
use crate::resources::Resource;

/// What makes a claim specific, the weightiest first: a resource by its id or name, a resource by a pattern, the vault,
/// the enterprise project, the type, the project.
type Claim = [bool; 6];

pub fn assign(facts: &Facts, resources: &mut [Resource]) {
    for resource in resources {
        let tiers = facts.settings.policy.tiers.iter().enumerate();
        let claims: Vec<(Claim, usize)> =
            tiers.filter_map(|(nth, tier)| Some((claim(facts, resource, tier)?, nth))).collect();
        let best = claims.iter().map(|(claim, _)| *claim).max();
        resource.tier = claims.iter().find(|(claim, _)| Some(*claim) == best).map(|(_, nth)| *nth);
    }
}

fn claim(facts: &Facts, resource: &Resource, tier: &Tier) -> Option<Claim> {
    let any_fits = |patterns: &[String], texts: &[String]| {
        patterns.iter().any(|pattern| texts.iter().any(|text| fits(pattern, text)))
    };
    let of_backups = |field: &str| -> Vec<String> {
        resource.points.iter().filter_map(|point| facts.text(&point.backup, field).ok()).collect()
    };
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
    Some([is_named, has(0), has(1), has(2), has(3), has(4)])
}
