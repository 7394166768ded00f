//! Resources and vaults: what was backed up, which restore points each has, and which replica belongs to which source.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of backups, resources and vaults are those of the tables that they are looked up in"
)]

mod index;

use std::collections::{BTreeMap, BTreeSet};

use ahash::{AHashMap, AHashSet};

use super::backup::Backup;
use super::field::{FieldId, Reason};
use super::group::Grouped;
use super::intern::Symbol;
use super::vocabulary::{ImageType, ResourceType};
use super::{BackupIx, Inventory, ResourceIx, VaultIx};

/// A protected resource: what top-level backups of one project, type and id have in common.
#[derive(Clone, Debug)]
pub struct Resource {
    /// `project_id`
    pub project: Symbol,
    /// `resource_type`
    pub kind: ResourceType,
    /// `resource_id`
    pub id: Symbol,
    /// `resource_name` of the newest backup that carries one.
    pub name: Option<Symbol>,
    /// Made of replicas only, whose sources are not loaded.
    pub is_replica: bool,
    /// Made of backups only whose parents are not loaded.
    pub is_orphan: bool,
}

/// The resources and vaults of all backups.
#[derive(Debug, Default)]
pub(super) struct Resources {
    pub(super) rows: Vec<Resource>,
    /// The resource of every backup; [`NONE`] for none.
    pub(super) of_backup: Vec<u32>,
    /// Restore points: the resource's own, and for a disk the server backups that contain it.
    pub(super) points: Grouped,
    pub(super) source_of: AHashMap<BackupIx, BackupIx>,
    /// Replicas that several backups name as their copy, with these by their resources: none of them is its source for certain.
    pub(super) claimed: BTreeMap<BackupIx, Vec<BackupIx>>,
    /// The projects of all rows.
    pub(super) projects: AHashSet<Symbol>,
    /// Projects with replicas, and the projects where the sources of these are.
    pub(super) replicated_from: AHashMap<Symbol, BTreeSet<Symbol>>,
    /// Projects whose answers may hide what some of their backups were replicated to.
    pub(super) hiding_copies: AHashMap<Option<Symbol>, Reason>,
    /// Disks that are resources of their own, by project and id.
    pub(super) disks: AHashMap<(Symbol, Symbol), ResourceIx>,
    pub(super) vaults: Vec<Symbol>,
    pub(super) by_vault_id: AHashMap<Symbol, u32>,
    pub(super) in_vault: Grouped,
    /// Restore points that name no vault, or not readably.
    pub(super) in_no_vault: Vec<BackupIx>,
    pub(super) unlinked_replicas: bool,
    /// Top-level backups that do not say of which resource they are, by the vault that they name, if they name one.
    pub(super) unowned: AHashMap<Option<Symbol>, Vec<BackupIx>>,
}

/// Stands for no resource.
const NONE: u32 = u32::MAX;

impl Resources {
    /// The resource of a backup.
    pub(super) fn of_backup(&self, ix: BackupIx) -> Option<ResourceIx> {
        Some(self.of_backup[ix.index()]).filter(|&resource| resource != NONE).map(ResourceIx)
    }

    /// The number of a vault, given now if it has none yet.
    fn number_vault(&mut self, vault: Symbol) -> u32 {
        *self.by_vault_id.entry(vault).or_insert_with(|| {
            self.vaults.push(vault);
            u32::try_from(self.vaults.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// Notes that a backup names a replica as its copy.
    fn claim(&mut self, replica: BackupIx, by: BackupIx) {
        let first = *self.source_of.entry(replica).or_insert(by);
        if first != by {
            self.claimed.entry(replica).or_insert_with(|| vec![first]).push(by);
        }
    }

    /// Takes the replicas that several backups claim from the first of these: which one that is, is chance.
    fn part_claimed(&mut self) {
        for (replica, by) in &mut self.claimed {
            by.dedup();
            self.source_of.remove(replica);
        }
    }

    /// Sorts those that claim a replica, who may be many: each resource asks for its own.
    fn sort_claimed(&mut self) {
        for by in self.claimed.values_mut() {
            by.sort_by_key(|source| self.of_backup[source.index()]);
        }
    }
}

impl Inventory {
    /// Every resource.
    pub fn resources(&self) -> impl Iterator<Item = ResourceIx> {
        ResourceIx::all(self.resources.rows.len())
    }

    /// The resource with this number.
    #[must_use]
    pub fn resource(&self, ix: ResourceIx) -> &Resource {
        &self.resources.rows[ix.index()]
    }

    /// The disk of this project and id, if it was backed up by itself.
    #[must_use]
    pub fn disk(&self, project: Symbol, id: Symbol) -> Option<ResourceIx> {
        self.resources.disks.get(&(project, id)).copied()
    }

    /// The restore points of a resource, good or not: its own backups and, for a disk, server backups that contain it.
    pub fn points(&self, ix: ResourceIx) -> impl Iterator<Item = Backup<'_>> + Clone {
        self.resources.points.of(ix.0).iter().map(|&point| self.backup(BackupIx(point)))
    }

    /// The same without copies that several backups claim: those may be of another resource.
    pub fn certain_points(&self, ix: ResourceIx) -> impl Iterator<Item = Backup<'_>> + Clone {
        self.points(ix).filter(move |backup| !backup.is_claimed_twice() || backup.resource() == Some(ix))
    }

    /// Whether there are top-level backups of a project.
    #[must_use]
    pub fn has_backups_of(&self, project: Symbol) -> bool {
        self.resources.projects.contains(&project)
    }

    /// The backups that make it a resource, which server backups that contain a disk do not.
    pub fn own_points(&self, ix: ResourceIx) -> impl Iterator<Item = Backup<'_>> + Clone {
        self.points(ix).filter(move |backup| backup.resource() == Some(ix))
    }

    /// The restore points of every resource in the order of a key; of equal ones those that are no copies first, and then
    /// by id, so that the order of the files shows nowhere.
    #[must_use]
    pub fn points_sorted_by<K: Ord>(&self, key: impl Fn(BackupIx) -> K + Sync) -> Grouped {
        let second = |&point: &u32| {
            let backup = self.backup(BackupIx(point));
            (backup.image_type().value() == Some(ImageType::Replication), backup.text(FieldId::Id))
        };
        self.resources.points.sorted_by(|&point| key(BackupIx(point)), second)
    }

    /// Every vault that a backup names.
    pub fn vaults(&self) -> impl Iterator<Item = VaultIx> {
        VaultIx::all(self.resources.vaults.len())
    }

    /// The id of a vault.
    #[must_use]
    pub fn vault_id(&self, ix: VaultIx) -> Symbol {
        self.resources.vaults[ix.index()]
    }

    /// The vault with this id.
    #[must_use]
    pub fn vault(&self, id: Symbol) -> Option<VaultIx> {
        self.resources.by_vault_id.get(&id).copied().map(VaultIx)
    }

    /// The restore points that name no vault, or not readably.
    pub fn in_no_vault(&self) -> impl Iterator<Item = Backup<'_>> + Clone {
        self.resources.in_no_vault.iter().map(|&ix| self.backup(ix))
    }

    /// The top-level backups of a vault.
    pub fn in_vault(&self, ix: VaultIx) -> impl Iterator<Item = Backup<'_>> + Clone {
        self.resources.in_vault.of(ix.0).iter().map(|&member| self.backup(BackupIx(member)))
    }

    /// The top-level backups that are, or may be, in a vault and do not say of which resource they are, or of which project
    /// or type that is. Copies that replication made are left out.
    pub fn unowned_in(&self, vault: Option<Symbol>) -> impl Iterator<Item = Backup<'_>> {
        let unowned = &self.resources.unowned;
        let named = vault.and_then(|vault| unowned.get(&Some(vault)));
        let all = [named, unowned.get(&None)].into_iter().flatten().flatten();
        all.map(|&ix| self.backup(ix))
    }

    /// The projects where the loaded sources of the replicas of a project are.
    pub fn replicated_from(&self, project: Symbol) -> impl Iterator<Item = Symbol> {
        self.resources.replicated_from.get(&project).into_iter().flatten().copied()
    }

    /// Why the answers of a project, or of backups that name no project, may hide what they were replicated to.
    #[must_use]
    pub fn hides_copies(&self, project: Symbol) -> Option<Reason> {
        let hiding = &self.resources.hiding_copies;
        [Some(project), None].iter().filter_map(|project| hiding.get(project)).min().copied()
    }

    /// Whether any replica is loaded, or what may be one.
    #[must_use]
    pub fn has_replicas(&self) -> bool {
        let resources = &self.resources;
        resources.unlinked_replicas || !resources.source_of.is_empty() || !resources.claimed.is_empty()
    }

    /// Whether replicas are loaded, or what may be some, that no replication record leads to.
    #[must_use]
    pub fn has_unlinked_replicas(&self) -> bool {
        self.resources.unlinked_replicas
    }
}
