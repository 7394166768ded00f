//! How resources, vaults and replicas are found: every backup is looked at in parallel, and what it comes to is entered in
//! the order of the backups.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of backups, resources and vaults are those of the tables that they are looked up in"
)]

use ahash::AHashMap;
use rayon::prelude::*;

use super::{NONE, Resource, Resources};
use crate::inventory::backup::{Backup, Replications, Role};
use crate::inventory::field::{FieldId, Reason};
use crate::inventory::group::Grouped;
use crate::inventory::intern::Symbol;
use crate::inventory::replication::{Replicated, Replication};
use crate::inventory::vocabulary::{ImageType, ReplicationStatus, ResourceType};
use crate::inventory::{BackupIx, Inventory, ResourceIx};

/// Project, type and id of a resource, and whether it is made of replicas.
type Key = (Symbol, ResourceType, Symbol, bool);

type Numbers = AHashMap<Key, ResourceIx>;

/// What a backup says of replication, and of its vault.
#[derive(Default)]
struct Said {
    /// The vault that it is a restore point in, if it names one; nothing if it is none.
    vault: Option<Option<Symbol>>,
    /// Its project, and why the answers of it may hide copies.
    hides: Option<(Option<Symbol>, Reason)>,
    /// The loaded replicas that it names as its copies.
    copies: Vec<BackupIx>,
}

/// The resource that a backup belongs to.
struct Owner {
    key: Option<Key>,
    is_orphan: bool,
    /// Whether it may be a replica, of which no source is known.
    is_unlinked: bool,
    /// It does not say of which resource it is: the vault that it names.
    unowned: Option<Option<Symbol>>,
}

impl Inventory {
    /// Indexes resources, vaults and replicas. The hierarchy must be in place.
    pub(in crate::inventory) fn index_resources(&mut self) {
        let mut resources = self.link_replicas_and_vaults();
        let numbers = self.number_resources(&mut resources);
        resources.sort_claimed();
        let pairs = self.point_pairs(&resources, &numbers);
        resources.points = Grouped::new(resources.rows.len(), pairs.iter().copied());
        drop(pairs);
        let own_disk = |((project, kind, id, is_replica), resource): (Key, ResourceIx)| {
            (kind == ResourceType::Volume && !is_replica).then_some(((project, id), resource))
        };
        resources.disks = numbers.into_iter().filter_map(own_disk).collect();
        resources.projects = resources.rows.iter().map(|row| row.project).collect();
        self.index_copies(&mut resources);
        self.resources = resources;
        self.name_resources();
    }

    /// Looks at every backup in parallel, a bounded number at a time, and hands on what it came to in their order.
    fn sweep<T: Send>(&self, look: impl Fn(Backup<'_>) -> T + Sync, mut take: impl FnMut(BackupIx, T) + Send) {
        const AT_ONCE: u32 = 1 << 15;
        let backups = u32::try_from(self.len()).unwrap_or(u32::MAX);
        let mut seen: Vec<(BackupIx, T)> = Vec::new();
        let mut start = 0;
        while start < backups {
            let end = backups.min(start.saturating_add(AT_ONCE));
            let look = |ix| (BackupIx(ix), look(self.backup(BackupIx(ix))));
            let next = || (start..end).into_par_iter().with_max_len(2048).map(look).collect();
            let ((), next) = rayon::join(|| seen.drain(..).for_each(|(ix, one)| take(ix, one)), next);
            (seen, start) = (next, end);
        }
        seen.into_iter().for_each(|(ix, one)| take(ix, one));
    }

    /// Which replica is the copy of which loaded source, and which projects may hide that; which backups are restore points in
    /// which vault, and which in none that they name.
    fn link_replicas_and_vaults(&self) -> Resources {
        let mut resources = Resources::default();
        let mut in_vaults = Vec::new();
        self.sweep(
            |backup| {
                let vault = backup.stands_for_itself().then(|| backup.symbol(FieldId::VaultId).value());
                Said { vault, ..self.said_of_copies(backup) }
            },
            |ix, said| {
                match said.vault {
                    Some(Some(vault)) => in_vaults.push((resources.number_vault(vault), ix.0)),
                    Some(None) => resources.in_no_vault.push(ix),
                    None => {}
                }
                if let Some((project, reason)) = said.hides {
                    // Of several reasons the same one, in whatever order the files lie.
                    let known = resources.hiding_copies.entry(project).or_insert(reason);
                    *known = reason.min(*known);
                }
                said.copies.into_iter().for_each(|replica| resources.claim(replica, ix));
            },
        );
        resources.part_claimed();
        resources.in_vault = Grouped::new(resources.vaults.len(), in_vaults.iter().copied());
        resources
    }

    fn said_of_copies(&self, source: Backup<'_>) -> Said {
        // A disk of a server backup hides no copies, and nearly always names none.
        if source.role() == Role::Child && source.plain_replications().is_some_and(Replicated::is_empty) {
            return Said::default();
        }
        let replications = source.replications();
        let hides = source.hides_copies(replications);
        let hides = hides.map(|reason| (source.symbol(FieldId::ProjectId).value(), reason));
        let named = |records: Replicated<'_>| -> Vec<BackupIx> {
            let loaded = records.iter().filter_map(|record| self.by_id(record.destination_backup_id.value()?));
            loaded.filter(|&copy| copy != source.ix && self.is_replica(copy)).collect()
        };
        let copies = match replications {
            Replications::NoneShown => Vec::new(),
            Replications::Seen(_, records) => named(records),
            // Where readings contradict each other, what each of them names counts.
            Replications::NotShown(_) => {
                let readings = source.each_with_replications();
                readings.flat_map(|reading| named(self.replications_of(reading))).collect()
            }
        };
        Said { vault: None, hides, copies }
    }

    fn is_replica(&self, ix: BackupIx) -> bool {
        self.backup(ix).image_type().value() == Some(ImageType::Replication)
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

    /// Numbers the resources by the first backups of each.
    fn number_resources(&self, resources: &mut Resources) -> Numbers {
        let mut numbers = Numbers::new();
        let source_of = std::mem::take(&mut resources.source_of);
        self.sweep(
            |backup| self.owner(backup, source_of.get(&backup.ix).map(|&source| self.backup(source))),
            |ix, owner| {
                resources.unlinked_replicas |= owner.is_unlinked;
                owner.unowned.into_iter().for_each(|vault| resources.unowned.entry(vault).or_default().push(ix));
                let number = owner.key.map(|key| {
                    let rows = &mut resources.rows;
                    let ix = *numbers.entry(key).or_insert_with(|| {
                        let (project, kind, id, is_replica) = key;
                        rows.push(Resource { project, kind, id, name: None, is_replica, is_orphan: true });
                        ResourceIx(u32::try_from(rows.len() - 1).unwrap_or(u32::MAX))
                    });
                    rows[ix.index()].is_orphan &= owner.is_orphan;
                    ix
                });
                resources.of_backup.push(number.map_or(NONE, |number| number.0));
            },
        );
        resources.source_of = source_of;
        numbers
    }

    fn owner(&self, backup: Backup<'_>, source: Option<Backup<'_>>) -> Owner {
        if !backup.stands_for_itself() {
            return Owner { key: None, is_orphan: false, is_unlinked: false, unowned: None };
        }
        let (role, image) = (backup.role(), backup.image_type().value());
        let is_stray = image == Some(ImageType::Replication) && source.is_none();
        let key = source.unwrap_or(backup).resource_key(is_stray);
        let is_unowned = key.is_none() && role == Role::Top && image != Some(ImageType::Replication);
        Owner {
            key,
            unowned: is_unowned.then(|| backup.symbol(FieldId::VaultId).value()),
            is_orphan: role == Role::Orphan,
            is_unlinked: image != Some(ImageType::Backup) && source.is_none(),
        }
    }

    /// Backups by resource; server backups also by the disks they contain, where a disk is a resource of its own, and a
    /// replica that several backups claim also by the resources of these, as a point that cannot be judged.
    fn point_pairs(&self, resources: &Resources, numbers: &Numbers) -> Vec<(u32, u32)> {
        let mut pairs = Vec::with_capacity(self.len());
        self.sweep(
            |backup| Some((resources.of_backup(backup.ix)?, self.further_resources(backup, resources, numbers))),
            |ix, of| {
                if let Some((own, further)) = of {
                    pairs.push((own.0, ix.0));
                    pairs.extend(further.into_iter().map(|resource| (resource.0, ix.0)));
                }
            },
        );
        pairs
    }

    /// The resources that a backup is a restore point of, beside its own.
    fn further_resources(&self, backup: Backup<'_>, resources: &Resources, numbers: &Numbers) -> Vec<ResourceIx> {
        let Some(own) = resources.of_backup(backup.ix) else { return Vec::new() };
        let claimed_by = resources.claimed.get(&backup.ix);
        if resources.rows[own.index()].is_replica && claimed_by.is_none() {
            return Vec::new();
        }
        let keys = backup.children().filter_map(|child| child.resource_key(false));
        let disks = keys.filter_map(|key| numbers.get(&key).copied());
        let claiming = claimed_by.into_iter().flatten().filter_map(|&source| resources.of_backup(source));
        let mut further: Vec<_> = disks.chain(claiming).filter(|&resource| resource != own).collect();
        further.sort_unstable();
        further.dedup();
        further
    }

    /// Gives each resource the name that its newest own backup carries, the first of several.
    fn name_resources(&mut self) {
        let name = |resource: u32| {
            let named = |backup: Backup<'_>| {
                let name = backup.symbol(FieldId::ResourceName).value()?;
                Some((backup.time(FieldId::CreatedAt).value(), name))
            };
            let newer = |newest: (_, _), next: (_, _)| if next.0 > newest.0 { next } else { newest };
            self.own_points(ResourceIx(resource)).filter_map(named).reduce(newer).map(|(_, name)| name)
        };
        let resources = u32::try_from(self.resources.rows.len()).unwrap_or(u32::MAX);
        let names: Vec<_> = (0..resources).into_par_iter().with_max_len(64).map(name).collect();
        self.resources.rows.iter_mut().zip(names).for_each(|(row, name)| row.name = name);
    }
}

impl Backup<'_> {
    /// Why a backup may have a copy whose id its answers do not tell. What failed or was skipped made none.
    fn hides_copies(self, replications: Replications<'_>) -> Option<Reason> {
        let can_have = || self.resource_type().value().is_none_or(ResourceType::replicates);
        if self.role() == Role::Child || !can_have() || self.image_type().value() == Some(ImageType::Replication) {
            return None;
        }
        match replications {
            Replications::NoneShown => None,
            Replications::NotShown(reason) => Some(reason),
            Replications::Seen(_, records) => {
                let may_have_made = |record: &Replication| {
                    !matches!(record.status.value(), Some(ReplicationStatus::Fail | ReplicationStatus::Skip))
                };
                let made = records.iter().filter(may_have_made);
                made.filter_map(|record| record.destination_backup_id.known().err()).min()
            }
        }
    }

    fn resource_key(self, is_replica: bool) -> Option<Key> {
        let project = self.symbol(FieldId::ProjectId).value()?;
        let id = self.symbol(FieldId::ResourceId).value()?;
        Some((project, self.resource_type().value()?, id, is_replica))
    }
}
