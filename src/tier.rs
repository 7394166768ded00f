//! Tiers: sets of resources with demands of their own.

use crate::inventory::backup::Backup;
use crate::inventory::field::FieldId;
use crate::inventory::vocabulary::ResourceType;
use crate::inventory::{Inventory, ResourceIx};
use crate::settings::SetParam;
use crate::waiver::Pattern;

/// A set of resources and what is demanded of them. A criterion without entries admits every resource; of the entries of
/// one criterion any will do.
#[derive(Clone, Debug, Default)]
pub struct Tier {
    /// Its name.
    pub name: String,
    /// Ids or names of resources.
    pub resources: Vec<Pattern>,
    /// Vaults that hold some of their backups.
    pub vaults: Vec<Pattern>,
    /// Enterprise projects.
    pub enterprise_projects: Vec<Pattern>,
    /// Types.
    pub types: Vec<ResourceType>,
    /// Projects.
    pub projects: Vec<Pattern>,
    /// The parameters that differ.
    pub params: Vec<SetParam>,
}

impl Tier {
    /// Whether the tier has no criterion: it applies where the file of expected resources names it.
    fn is_by_name_only(&self) -> bool {
        let patterns = [&self.resources, &self.vaults, &self.enterprise_projects, &self.projects];
        patterns.iter().all(|patterns| patterns.is_empty()) && self.types.is_empty()
    }

    /// How specific the tier is for a resource; `None` if the resource does not belong to it. A resource by its id or name
    /// counts for more than a pattern, a pattern for more than the vault, then enterprise project, type and project.
    fn claims(&self, inventory: &Inventory, ix: ResourceIx) -> Option<u8> {
        if self.is_by_name_only() {
            return None;
        }
        let row = inventory.resource(ix);
        let names: Vec<&str> =
            [Some(row.id), row.name].into_iter().flatten().map(|text| inventory.text(text)).collect();
        let of_points = |patterns: &[Pattern], field: FieldId| {
            let states = |backup: Backup<'_>| {
                let text = backup.text(field);
                !text.is_empty() && patterns.iter().any(|pattern| pattern.matches(&text))
            };
            patterns.is_empty() || inventory.points(ix).any(states)
        };
        let named = |pattern: &&Pattern| names.iter().any(|name| pattern.matches(name));
        let by_name: Vec<_> = self.resources.iter().filter(named).collect();
        let project = inventory.text(row.project);
        let belongs = (self.resources.is_empty() || !by_name.is_empty())
            && of_points(&self.vaults, FieldId::VaultId)
            && of_points(&self.enterprise_projects, FieldId::EnterpriseProjectId)
            && (self.types.is_empty() || self.types.contains(&row.kind))
            && (self.projects.is_empty() || self.projects.iter().any(|pattern| pattern.matches(project)));
        let weights = [
            by_name.iter().any(|pattern| pattern.is_exact()),
            !by_name.is_empty(),
            !self.vaults.is_empty(),
            !self.enterprise_projects.is_empty(),
            !self.types.is_empty(),
            !self.projects.is_empty(),
        ];
        belongs.then(|| weights.iter().fold(0, |weight, &holds| weight << 1 | u8::from(holds)))
    }
}

/// The number of a tier as it is kept.
fn stored(number: Option<usize>) -> u8 {
    number.and_then(|number| u8::try_from(number + 1).ok()).unwrap_or(0)
}

/// Which tier applies to which resource.
#[derive(Clone, Debug, Default)]
pub struct Tiers {
    /// For every resource the number of its tier, counted from one; nought for none. Empty where there is no tier.
    of_resource: Vec<u8>,
    /// How many resources each tier applies to.
    pub sizes: Vec<u64>,
    /// Tiers that claim resources with equal right, the one that is applied first, and how many resources.
    pub ties: Vec<(usize, usize, u64)>,
}

impl Tiers {
    /// Gives every resource the tier that the file of expected resources names for it, else the one that is most specific
    /// for it, of several such the first.
    #[must_use]
    pub fn assign(inventory: &Inventory, tiers: &[Tier]) -> Self {
        let mut assigned = Self { sizes: vec![0; tiers.len()], ..Self::default() };
        if !tiers.is_empty() {
            inventory.resources().for_each(|ix| assigned.add(inventory, tiers, ix));
        }
        assigned
    }

    fn add(&mut self, inventory: &Inventory, tiers: &[Tier], ix: ResourceIx) {
        if let Some(named) = inventory.expected_of(ix).and_then(|row| row.tier).filter(|&named| named < tiers.len()) {
            self.sizes[named] += 1;
            self.of_resource.push(stored(Some(named)));
            return;
        }
        let claims = tiers.iter().enumerate().filter_map(|(number, tier)| Some((tier.claims(inventory, ix)?, number)));
        let claims: Vec<_> = claims.collect();
        let best = claims.iter().map(|(weight, _)| *weight).max();
        let mut first = claims.iter().filter(|(weight, _)| Some(*weight) == best).map(|(_, number)| *number);
        let applied = first.next();
        if let Some(applied) = applied {
            self.sizes[applied] += 1;
            for other in first {
                match self.ties.iter_mut().find(|(one, two, _)| (*one, *two) == (applied, other)) {
                    Some((_, _, count)) => *count += 1,
                    None => self.ties.push((applied, other, 1)),
                }
            }
        }
        self.of_resource.push(stored(applied));
    }

    /// The number of a resource's tier.
    #[must_use]
    pub fn of(&self, ix: ResourceIx) -> Option<usize> {
        self.of_resource.get(ix.index()).and_then(|number| usize::from(*number).checked_sub(1))
    }

    /// Whether there is no tier.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.of_resource.is_empty()
    }
}
