//! What neighbouring objects say of each other: which policies are bound to a vault (a vault answer does not say; only
//! policy answers do), and which backup a member shares.

#![allow(clippy::indexing_slicing, reason = "numbers of files are those of the inventory")]

use std::collections::HashMap;

use super::part::Part;
use super::{Listing, Neighbour, NeighbourIx};
use crate::inventory::field::FieldId;
use crate::inventory::{BackupIx, Inventory};
use crate::parse::neighbour::Kind;

/// A policy that names a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The policy.
    pub policy: NeighbourIx,
    /// Where in its `associated_vaults`.
    pub ordinal: u32,
}

impl Inventory {
    pub(super) fn bind_policies(&self) -> HashMap<Box<str>, Vec<Binding>> {
        let mut bindings: HashMap<Box<str>, Vec<Binding>> = HashMap::new();
        for policy in self.neighbours_of(Kind::Policy) {
            for ordinal in policy.elements(Part::AssociatedVaults).value().unwrap_or_default() {
                if let Some(vault) = policy.text_in(Part::AssociatedVaultId, ordinal).value() {
                    bindings.entry(vault.into()).or_default().push(Binding { policy: policy.ix, ordinal });
                }
            }
        }
        bindings
    }

    /// The policies that name a vault.
    #[must_use]
    pub fn bindings(&self, vault: &str) -> &[Binding] {
        self.neighbours.bindings.get(vault).map_or(&[], Vec::as_slice)
    }

    pub(super) fn find_shared(&self) -> HashMap<NeighbourIx, BackupIx> {
        let mut members: HashMap<&str, Vec<NeighbourIx>> = HashMap::new();
        for member in self.neighbours_of(Kind::Member) {
            if let Some(backup) = member.text(Part::BackupId).value() {
                members.entry(backup).or_default().push(member.ix);
            }
        }
        let mut shared = HashMap::new();
        for ix in self.backups().filter(|_| !members.is_empty()) {
            if let Some(of_backup) = members.get(&*self.backup(ix).text(FieldId::Id)) {
                shared.extend(of_backup.iter().map(|&member| (member, ix)));
            }
        }
        shared
    }

    /// The backup that a member shares, if it is loaded.
    #[must_use]
    pub fn shared_backup(&self, member: NeighbourIx) -> Option<BackupIx> {
        self.neighbours.shared.get(&member).copied()
    }

    /// Whether the policy lists of the dump surely hold every policy of a vault: the complete list of its directory does,
    /// any complete list where all vaults are of one project, and one that names another vault of the project.
    #[must_use]
    pub fn shows_policies_of(&self, vault: Neighbour<'_>) -> bool {
        let mut projects = self.neighbours_of(Kind::Vault).map(Neighbour::project);
        let is_only_project = vault.project().is_some() && projects.all(|project| project == vault.project());
        let speaks = |listing: &Listing| {
            let is_beside = vault.files().any(|file| self.files[file.index()].directory() == listing.directory);
            is_only_project || is_beside || self.names_vault_of_project(listing, vault)
        };
        self.neighbour_listings(Kind::Policy).any(|listing| speaks(listing) && listing.is_complete(&self.files))
    }

    fn names_vault_of_project(&self, listing: &Listing, vault: Neighbour<'_>) -> bool {
        let project_of = |id: &str| self.neighbour_with_id(Kind::Vault, id).and_then(Neighbour::project);
        listing.members.iter().map(|&ix| self.neighbour(ix)).any(|policy| {
            let vaults = policy.elements(Part::AssociatedVaults).value().unwrap_or_default();
            let mut ids = vaults.filter_map(|ordinal| policy.text_in(Part::AssociatedVaultId, ordinal).value());
            vault.project().is_some() && ids.any(|id| project_of(id) == vault.project())
        })
    }
}
