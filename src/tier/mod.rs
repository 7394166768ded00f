//! Tiers: sets of resources with demands of their own.

mod claim;
mod idle;
mod tag;

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::inventory::vocabulary::ResourceType;
use crate::inventory::{BackupIx, Inventory, ResourceIx};
use crate::settings::SetParam;
use crate::waiver::Pattern;

use claim::Claim;
pub use claim::Untold;
pub use idle::Idle;
pub use tag::TagPattern;

/// A set of resources and what is demanded of them. A criterion without entries admits every resource; of the entries of
/// one criterion any will do.
#[derive(Clone, Debug, Default)]
pub struct Tier {
    /// Its name.
    pub name: String,
    /// The line of the configuration where it begins.
    pub line: usize,
    /// Ids or names of resources.
    pub resources: Vec<Pattern>,
    /// Ids or names of further resources, as they stand.
    pub resource_list: NameList,
    /// Vaults that hold some of their backups.
    pub vaults: Vec<Pattern>,
    /// Ids of further vaults, as they stand.
    pub vault_list: NameList,
    /// Tags of vaults that hold some of their backups.
    pub vault_tags: Vec<TagPattern>,
    /// Enterprise projects.
    pub enterprise_projects: Vec<Pattern>,
    /// Types.
    pub types: Vec<ResourceType>,
    /// Projects.
    pub projects: Vec<Pattern>,
    /// Regions where copies may be, where they differ.
    pub allowed_regions: Vec<String>,
    /// The parameters that differ.
    pub params: Vec<SetParam>,
}

/// Names from a file.
#[derive(Clone, Debug, Default)]
pub struct NameList {
    /// The file as the configuration refers to it.
    pub file: String,
    /// Where it is.
    pub place: PathBuf,
    /// The names; none if there is no file.
    pub names: BTreeSet<String>,
}

impl Tier {
    /// Whether the tier has no criterion: it applies where the file of expected resources names it.
    fn is_by_name_only(&self) -> bool {
        let patterns = [&self.resources, &self.vaults, &self.enterprise_projects, &self.projects];
        let lists = [&self.resource_list, &self.vault_list];
        patterns.iter().all(|patterns| patterns.is_empty())
            && lists.iter().all(|list| list.names.is_empty())
            && self.vault_tags.is_empty()
            && self.types.is_empty()
    }
}

/// The number of a tier as it is kept.
fn stored(number: Option<usize>) -> u8 {
    number.and_then(|number| u8::try_from(number + 1).ok()).unwrap_or(0)
}

/// Two tiers that claim resources with equal right.
#[derive(Clone, Copy, Debug)]
pub struct Tie {
    /// The one that stands first and is applied.
    pub applied: usize,
    /// The other.
    pub other: usize,
    /// How many resources.
    pub count: u64,
    /// One of them.
    pub example: ResourceIx,
}

/// Which tier applies to which resource.
#[derive(Clone, Debug, Default)]
pub struct Tiers {
    /// For every resource the number of its tier, counted from one; nought for none. Empty where there is no tier.
    of_resource: Vec<u8>,
    /// How many resources each tier applies to.
    pub sizes: Vec<u64>,
    /// Tiers that claim resources with equal right.
    pub ties: Vec<Tie>,
    /// Tiers that might apply instead, if the dump told this, and to how many resources.
    pub open: Vec<(usize, Untold, u64)>,
}

impl Tiers {
    /// Gives every resource the tier that the file of expected resources names for it, else the one that is most specific
    /// for it, of several such the first. Backups that did not exist at the as-of time say nothing.
    #[must_use]
    pub fn assign(inventory: &Inventory, tiers: &[Tier], existed: impl Fn(BackupIx) -> bool) -> Self {
        let mut assigned = Self { sizes: vec![0; tiers.len()], ..Self::default() };
        if !tiers.is_empty() {
            for ix in inventory.resources() {
                let named = inventory.expected_of(ix).and_then(|row| row.tier);
                if let Some((named, size)) = named.and_then(|named| Some((named, assigned.sizes.get_mut(named)?))) {
                    *size += 1;
                    assigned.of_resource.push(stored(Some(named)));
                    continue;
                }
                let claims = |tier: &Tier| tier.claims(inventory, ix, &existed);
                assigned.add(ix, tiers.iter().map(claims));
            }
        }
        assigned
    }

    fn add(&mut self, ix: ResourceIx, claims: impl Iterator<Item = Claim>) {
        let claims: Vec<_> = claims.enumerate().collect();
        let weight = |claim: Claim| if let Claim::Yes(weight) = claim { Some(weight) } else { None };
        let best = claims.iter().filter_map(|(_, claim)| weight(*claim)).max();
        for &(number, claim) in &claims {
            let Claim::Open(weight, untold) = claim else { continue };
            if Some(weight) < best {
                continue;
            }
            match self.open.iter_mut().find(|open| (open.0, open.1) == (number, untold)) {
                Some((.., count)) => *count += 1,
                None => self.open.push((number, untold, 1)),
            }
        }
        let is_best = |claim: Claim| best.is_some() && weight(claim) == best;
        let mut first = claims.iter().filter(|(_, claim)| is_best(*claim)).map(|(number, _)| *number);
        let applied = first.next();
        if let Some(applied) = applied {
            self.sizes.get_mut(applied).into_iter().for_each(|size| *size += 1);
            for other in first {
                match self.ties.iter_mut().find(|tie| (tie.applied, tie.other) == (applied, other)) {
                    Some(tie) => tie.count += 1,
                    None => self.ties.push(Tie { applied, other, count: 1, example: ix }),
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
