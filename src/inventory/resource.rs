//! Resources and vaults: what was backed up, which restore points each has, and which replica belongs to which source.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of backups, resources and vaults are those of the tables that they are looked up in"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::field::{FieldId, Reason};
use super::group::Grouped;
use super::hierarchy::Role;
use super::intern::Symbol;
use super::replication::Replication;
use super::vocabulary::{ImageType, ReplicationStatus, ResourceType};
use super::{BackupIx, Inventory, ResourceIx, VaultIx};
use crate::inventory::backup::{Backup, Replications};

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

type Key = (Symbol, ResourceType, Symbol, bool);

/// The resources and vaults of all backups.
#[derive(Debug, Default)]
pub(super) struct Resources {
    pub(super) rows: Vec<Resource>,
    /// The resource of every backup; [`NONE`] for none.
    pub(super) of_backup: Vec<u32>,
    /// Restore points: the resource's own, and for a disk the server backups that contain it.
    pub(super) points: Grouped,
    pub(super) source_of: HashMap<BackupIx, BackupIx>,
    /// Replicas that several backups name as their copy, with these: none of them is its source for certain.
    pub(super) claimed: BTreeMap<BackupIx, Vec<BackupIx>>,
    /// The projects of all rows.
    pub(super) projects: HashSet<Symbol>,
    /// Projects with replicas, and the projects where the sources of these are.
    pub(super) replicated_from: HashMap<Symbol, BTreeSet<Symbol>>,
    /// Projects whose answers may hide what some of their backups were replicated to.
    pub(super) hiding_copies: HashMap<Option<Symbol>, Reason>,
    /// Disks that are resources of their own, by project and id.
    pub(super) disks: HashMap<(Symbol, Symbol), ResourceIx>,
    pub(super) vaults: Vec<Symbol>,
    pub(super) by_vault_id: HashMap<Symbol, u32>,
    pub(super) in_vault: Grouped,
    pub(super) unlinked_replicas: bool,
}

/// Stands for no resource.
const NONE: u32 = u32::MAX;

impl Resources {
    /// The resource of a backup.
    pub(super) fn of_backup(&self, ix: BackupIx) -> Option<ResourceIx> {
        Some(self.of_backup[ix.index()]).filter(|&resource| resource != NONE).map(ResourceIx)
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

    /// Whether there are top-level backups of a project.
    #[must_use]
    pub fn has_backups_of(&self, project: Symbol) -> bool {
        self.resources.projects.contains(&project)
    }

    /// The backups that make it a resource, which server backups that contain a disk do not.
    pub fn own_points(&self, ix: ResourceIx) -> impl Iterator<Item = Backup<'_>> + Clone {
        self.points(ix).filter(move |backup| backup.resource() == Some(ix))
    }

    /// The restore points of every resource in the order of a key, equal ones in the order of [`Self::points`].
    #[must_use]
    pub fn points_sorted_by<K: Ord>(&self, key: impl Fn(BackupIx) -> K + Sync) -> Grouped {
        self.resources.points.sorted_by(|&point| key(BackupIx(point)))
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

    /// The top-level backups of a vault.
    pub fn in_vault(&self, ix: VaultIx) -> impl Iterator<Item = Backup<'_>> + Clone {
        self.resources.in_vault.of(ix.0).iter().map(|&member| self.backup(BackupIx(member)))
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

    /// Indexes resources, vaults and replicas. The hierarchy must be in place.
    pub(super) fn index_resources(&mut self) {
        let mut resources = self.link_replicas();
        let mut by_key = HashMap::new();
        let number = |resource: Option<ResourceIx>| resource.map_or(NONE, |resource| resource.0);
        resources.of_backup =
            self.backups().map(|ix| number(self.resource_of(ix, &mut resources, &mut by_key))).collect();
        let pairs = self.point_pairs(&resources, &by_key);
        resources.points = Grouped::new(resources.rows.len(), pairs.iter().copied());
        let own_disk = |((project, kind, id, is_replica), resource): (Key, ResourceIx)| {
            (kind == ResourceType::Volume && !is_replica).then_some(((project, id), resource))
        };
        resources.disks = by_key.into_iter().filter_map(own_disk).collect();
        resources.projects = resources.rows.iter().map(|row| row.project).collect();
        self.index_vaults(&mut resources);
        self.index_copies(&mut resources);
        self.resources = resources;
        self.name_resources();
    }

    /// Which replica is the copy of which loaded source, and which projects may hide that.
    fn link_replicas(&self) -> Resources {
        let mut resources = Resources::default();
        for ix in self.backups() {
            let source = self.backup(ix);
            let replications = source.replications();
            if let Some(reason) = source.hides_copies(replications) {
                // Of several reasons the same one, in whatever order the files lie.
                let known = resources.hiding_copies.entry(source.symbol(FieldId::ProjectId).value()).or_insert(reason);
                *known = reason.min(*known);
            }
            let Replications::Seen(_, records) = replications else { continue };
            for id in records.iter().filter_map(|record| record.destination_backup_id.value()) {
                if let Some(replica) = self.by_id(id)
                    && replica != ix
                    && self.backup(replica).image_type().value() == Some(ImageType::Replication)
                {
                    resources.claim(replica, ix);
                }
            }
        }
        resources.part_claimed();
        resources
    }

    /// Where replicas come from.
    #[allow(clippy::iter_over_hash_type, reason = "sets do not depend on the order")]
    fn index_copies(&self, resources: &mut Resources) {
        let project = |ix: BackupIx| self.backup(ix).symbol(FieldId::ProjectId).value();
        let claimed = resources.claimed.iter().flat_map(|(replica, by)| by.iter().map(move |source| (replica, source)));
        for (&replica, &source) in resources.source_of.iter().chain(claimed) {
            if let (Some(here), Some(there)) = (project(replica), project(source)) {
                resources.replicated_from.entry(here).or_default().insert(there);
            }
        }
    }

    /// The resource of a backup, entered now if it is the first of it.
    fn resource_of(
        &self,
        ix: BackupIx,
        resources: &mut Resources,
        by_key: &mut HashMap<Key, ResourceIx>,
    ) -> Option<ResourceIx> {
        let backup = self.backup(ix);
        if backup.role() == Role::Child || backup.in_cycle() {
            return None;
        }
        let is_replica = backup.image_type().value() == Some(ImageType::Replication);
        let source = resources.source_of.get(&ix).map(|&source| self.backup(source));
        let may_be_replica = backup.image_type().value() != Some(ImageType::Backup);
        resources.unlinked_replicas |= may_be_replica && source.is_none();
        let owner = source.unwrap_or(backup);
        let key = owner.resource_key(is_replica && source.is_none())?;
        let resource = *by_key.entry(key).or_insert_with(|| {
            let ix = ResourceIx(u32::try_from(resources.rows.len()).unwrap_or(u32::MAX));
            let (project, kind, id, is_replica) = key;
            resources.rows.push(Resource { project, kind, id, name: None, is_replica, is_orphan: true });
            ix
        });
        resources.rows[resource.index()].is_orphan &= backup.role() == Role::Orphan;
        Some(resource)
    }

    /// Backups by resource; server backups also by the disks they contain, where a disk is a resource of its own, and a
    /// replica that several backups claim also by the resources of these, as a point that cannot be judged.
    fn point_pairs(&self, resources: &Resources, by_key: &HashMap<Key, ResourceIx>) -> Vec<(u32, u32)> {
        let mut pairs = Vec::new();
        for ix in self.backups() {
            let Some(own) = resources.of_backup(ix) else { continue };
            pairs.push((own.0, ix.0));
            let claimed_by = resources.claimed.get(&ix);
            if resources.rows[own.index()].is_replica && claimed_by.is_none() {
                continue;
            }
            let keys = self.backup(ix).children().filter_map(|child| child.resource_key(false));
            let disks = keys.filter_map(|key| by_key.get(&key).copied());
            let claiming = claimed_by.into_iter().flatten().filter_map(|&source| resources.of_backup(source));
            let mut further: Vec<_> = disks.chain(claiming).filter(|&resource| resource != own).collect();
            further.sort_unstable();
            further.dedup();
            pairs.extend(further.into_iter().map(|resource| (resource.0, ix.0)));
        }
        pairs
    }

    fn index_vaults(&self, resources: &mut Resources) {
        let mut numbers = HashMap::new();
        let mut pairs = Vec::new();
        for ix in self.backups() {
            let backup = self.backup(ix);
            let Some(vault) = backup.symbol(FieldId::VaultId).value() else { continue };
            if backup.role() == Role::Child || backup.in_cycle() {
                continue;
            }
            let number = *numbers.entry(vault).or_insert_with(|| {
                resources.vaults.push(vault);
                u32::try_from(resources.vaults.len() - 1).unwrap_or(u32::MAX)
            });
            pairs.push((number, ix.0));
        }
        resources.in_vault = Grouped::new(resources.vaults.len(), pairs.iter().copied());
        resources.by_vault_id = numbers;
    }

    /// Gives each resource the name that its newest own backup carries.
    fn name_resources(&mut self) {
        let mut newest = vec![None; self.resources.rows.len()];
        for ix in self.backups() {
            let backup = self.backup(ix);
            let (Some(resource), Some(name)) = (backup.resource(), backup.symbol(FieldId::ResourceName).value()) else {
                continue;
            };
            let created = backup.time(FieldId::CreatedAt).value();
            let best = &mut newest[resource.index()];
            if best.is_none_or(|(time, _)| created > time) {
                *best = Some((created, name));
            }
        }
        for (row, newest) in self.resources.rows.iter_mut().zip(newest) {
            row.name = newest.map(|(_, name)| name);
        }
    }
}

impl Backup<'_> {
    /// Why a backup may have a copy whose id its answers do not tell. What failed or was skipped made none.
    fn hides_copies(self, replications: Replications<'_>) -> Option<Reason> {
        let can_have = self.resource_type().value().is_none_or(ResourceType::replicates);
        if self.role() == Role::Child || !can_have || self.image_type().value() == Some(ImageType::Replication) {
            return None;
        }
        match replications {
            Replications::NoneShown => None,
            Replications::NotShown(reason) => Some(reason),
            Replications::Seen(_, records) => {
                let may_have_made = |record: &Replication| {
                    !matches!(record.status.value(), Some(ReplicationStatus::Fail | ReplicationStatus::Skip))
                };
                records
                    .iter()
                    .filter(may_have_made)
                    .filter_map(|record| record.destination_backup_id.known().err())
                    .min()
            }
        }
    }

    fn resource_key(self, is_replica: bool) -> Option<Key> {
        let project = self.symbol(FieldId::ProjectId).value()?;
        let id = self.symbol(FieldId::ResourceId).value()?;
        Some((project, self.resource_type().value()?, id, is_replica))
    }
}
