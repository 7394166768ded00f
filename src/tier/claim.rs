//! Whether a tier applies to a resource, and how specifically: each criterion says yes or no, or that the dump does not tell.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{Tier, tag};
use crate::inventory::backup::Backup;
use crate::inventory::field::{Field, FieldId};
use crate::inventory::intern::Symbol;
use crate::inventory::neighbour::part::Part;
use crate::inventory::neighbour::{Kind, Neighbour};
use crate::inventory::{BackupIx, Inventory, ResourceIx};
use crate::waiver::Pattern;

/// What a tier says of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// It is not meant.
    No,
    /// It is meant, and so specifically.
    Yes(u8),
    /// It may be meant so specifically: the dump does not tell this of it.
    Open(u8, Untold),
}

/// What the dump does not tell of a resource, so that nobody knows whether a tier applies to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untold {
    /// Its name.
    Name,
    /// The vaults of its backups.
    Vaults,
    /// The enterprise projects of its backups.
    EnterpriseProjects,
    /// The tags of its vaults.
    Tags,
}

impl Untold {
    /// Everything that may not be told.
    pub const ALL: [Self; 4] = [Self::Name, Self::Vaults, Self::EnterpriseProjects, Self::Tags];
}

/// How the names of a resource fit a tier.
struct Named {
    /// None if the resource has no name that is known.
    fits: Option<bool>,
    /// The tier goes by names.
    is_asked: bool,
    /// A name fits in whole, or may.
    is_exact: bool,
}

impl Tier {
    /// Whether a resource belongs to the tier, and how specific the tier is for it. A resource by its id or name counts for more
    /// than a pattern, a pattern for more than the vault, then enterprise project, type and project.
    pub(super) fn claims(&self, inventory: &Inventory, ix: ResourceIx, existed: &impl Fn(BackupIx) -> bool) -> Claim {
        let (row, named) = (inventory.resource(ix), self.named(inventory, ix));
        let project = inventory.text(row.project);
        let is_of_project = self.projects.is_empty() || self.projects.iter().any(|pattern| pattern.matches(project));
        let is_of_type = self.types.is_empty() || self.types.contains(&row.kind);
        if self.is_by_name_only() || named.fits == Some(false) || !is_of_project || !is_of_type {
            return Claim::No;
        }
        let points = || inventory.certain_points(ix).filter(|backup| existed(backup.ix));
        let criteria = [
            (Untold::Name, named.fits),
            (Untold::Vaults, self.is_in_vault(inventory, points())),
            (Untold::EnterpriseProjects, self.is_in_enterprise_project(inventory, points())),
            (Untold::Tags, self.is_tagged(inventory, points())),
        ];
        let weight = self.weight(&named);
        match criteria.iter().find(|(_, fits)| *fits != Some(true)) {
            _ if criteria.iter().any(|(_, fits)| *fits == Some(false)) => Claim::No,
            Some(&(untold, _)) => Claim::Open(weight, untold),
            None => Claim::Yes(weight),
        }
    }

    fn weight(&self, named: &Named) -> u8 {
        let weights = [
            named.is_exact,
            named.is_asked,
            !self.vaults.is_empty() || !self.vault_list.names.is_empty() || !self.vault_tags.is_empty(),
            !self.enterprise_projects.is_empty(),
            !self.types.is_empty(),
            !self.projects.is_empty(),
        ];
        weights.iter().fold(0, |weight, &holds| weight << 1 | u8::from(holds))
    }

    fn named(&self, inventory: &Inventory, ix: ResourceIx) -> Named {
        let row = inventory.resource(ix);
        let names: Vec<&str> =
            [Some(row.id), row.name].into_iter().flatten().map(|text| inventory.text(text)).collect();
        let fitting = |pattern: &&Pattern| names.iter().any(|name| pattern.matches(name));
        let by_name: Vec<_> = self.resources.iter().filter(fitting).collect();
        let is_listed = names.iter().any(|name| self.resource_list.names.contains(*name));
        let is_asked = !self.resources.is_empty() || !self.resource_list.names.is_empty();
        let fits = match !is_asked || is_listed || !by_name.is_empty() {
            false if row.name.is_none() => None,
            fits => Some(fits),
        };
        let names_one = !self.resource_list.names.is_empty() || self.resources.iter().any(Pattern::is_exact);
        let is_exact = is_listed || by_name.iter().any(|pattern| pattern.is_exact()) || fits.is_none() && names_one;
        Named { fits, is_asked, is_exact }
    }

    /// Whether some vault that holds backups of a resource is among those meant; `None` if a backup does not say where it is.
    fn is_in_vault<'i>(&self, inventory: &Inventory, points: impl Iterator<Item = Backup<'i>>) -> Option<bool> {
        if self.vaults.is_empty() && self.vault_list.names.is_empty() {
            return Some(true);
        }
        let is_meant = |vault: &str| {
            self.vault_list.names.contains(vault) || self.vaults.iter().any(|pattern| pattern.matches(vault))
        };
        tag::any(vaults(points).into_iter().map(|vault| Some(is_meant(inventory.text(vault?)))))
    }

    /// Whether some backup of a resource is in an enterprise project that is meant, which its vault tells where it does not itself.
    /// `None` if neither does.
    fn is_in_enterprise_project<'i>(
        &self,
        inventory: &Inventory,
        points: impl Iterator<Item = Backup<'i>>,
    ) -> Option<bool> {
        if self.enterprise_projects.is_empty() {
            return Some(true);
        }
        let is_meant = |project: &str| {
            !project.is_empty() && self.enterprise_projects.iter().any(|pattern| pattern.matches(project))
        };
        let told = points.map(|backup| match backup.symbol(FieldId::EnterpriseProjectId) {
            Field::Value(project) => (Some(project), None),
            Field::Absent | Field::Null => (None, backup.symbol(FieldId::VaultId).value()),
            Field::Unusable(_) => (None, None),
        });
        let told: BTreeSet<_> = told.collect();
        tag::any(told.into_iter().map(|(own, vault)| match own {
            Some(project) => Some(is_meant(inventory.text(project))),
            None => {
                let vault = inventory.neighbour_with_id(Kind::Vault, inventory.text(vault?))?;
                enterprise_project(vault).map(|project| is_meant(&project))
            }
        }))
    }

    /// Whether some vault that holds backups of a resource has one of the tags; `None` if the dump does not tell.
    fn is_tagged<'i>(&self, inventory: &Inventory, points: impl Iterator<Item = Backup<'i>>) -> Option<bool> {
        if self.vault_tags.is_empty() {
            return Some(true);
        }
        tag::any(
            vaults(points).into_iter().map(|vault| tag::is_tagged(inventory, inventory.text(vault?), &self.vault_tags)),
        )
    }
}

/// The vaults of some backups, each once; `None` is that of those that do not say.
fn vaults<'i>(points: impl Iterator<Item = Backup<'i>>) -> BTreeSet<Option<Symbol>> {
    points.map(|backup| backup.symbol(FieldId::VaultId).value()).collect()
}

/// The enterprise project of a vault, which clouds write as a text or as a number; `None` if its answer does not tell.
pub(super) fn enterprise_project(vault: Neighbour<'_>) -> Option<Cow<'_, str>> {
    let (text, number) = (vault.text(Part::EnterpriseProjectId), vault.number(Part::EnterpriseProjectId));
    text.value().map(Cow::Borrowed).or_else(|| Some(Cow::Owned(number.value()?.to_string())))
}
