//! What a backup is to others: the server backup around it, its disks, its resource, and the replicas made of it.

use super::backup::{Backup, Role};
use super::{BackupIx, Inventory, ResourceIx};

impl Inventory {
    /// The backups that are part of a part of another.
    pub fn parts_of_parts(&self) -> impl Iterator<Item = Backup<'_>> {
        let above = |ix| self.hierarchy.parent(ix).and_then(|parent| self.hierarchy.parent(parent));
        self.backups().filter(move |&ix| above(ix).is_some()).map(|ix| self.backup(ix))
    }
}

impl<'i> Backup<'i> {
    /// What the backup is in the hierarchy.
    #[must_use]
    #[inline]
    pub fn role(self) -> Role {
        self.inventory.hierarchy.role(self.ix)
    }

    /// Whether the backup is part of a parent cycle.
    #[must_use]
    #[inline]
    pub fn in_cycle(self) -> bool {
        self.inventory.hierarchy.in_cycle(self.ix)
    }

    /// Whether the backup stands for itself: it is part of no other one in the dump, and of no parent cycle.
    #[must_use]
    #[inline]
    pub fn stands_for_itself(self) -> bool {
        self.role() != Role::Child && !self.in_cycle()
    }

    /// The loaded backup that this one is part of.
    #[must_use]
    pub fn parent(self) -> Option<Backup<'i>> {
        self.inventory.hierarchy.parent(self.ix).map(|parent| self.inventory.backup(parent))
    }

    /// Whether it stands in the `children` of another.
    #[must_use]
    pub fn is_nested(self) -> bool {
        self.inventory.hierarchy.nested_in(self.ix).is_some()
    }

    /// The backups that are known to be part of this one.
    pub fn children(self) -> impl Iterator<Item = Backup<'i>> {
        let inventory = self.inventory;
        let members = inventory.hierarchy.children(self.ix).iter();
        members.map(move |&child| inventory.backup(BackupIx(child))).filter(|child| !child.in_cycle())
    }

    /// How many backups are known to be part of this one.
    #[must_use]
    pub fn children_len(self) -> u64 {
        self.inventory.hierarchy.children(self.ix).len() as u64
    }

    /// The resource whose restore point this backup is.
    #[must_use]
    pub fn resource(self) -> Option<ResourceIx> {
        self.inventory.resources.of_backup(self.ix)
    }

    /// The resource that the backup concerns: for a disk backup inside a server backup, the server.
    #[must_use]
    pub fn resource_concerned(self) -> Option<ResourceIx> {
        self.resource().or_else(|| self.parent()?.resource())
    }

    /// Whether several backups name this replica as their copy, so that none of them is its source for certain.
    #[must_use]
    pub fn is_claimed_twice(self) -> bool {
        self.inventory.resources.claimed.contains_key(&self.ix)
    }

    /// Those of the backups that name this replica as their copy, where there are several, that are of a resource.
    pub fn claimed_by(self, resource: ResourceIx) -> impl Iterator<Item = Backup<'i>> {
        let inventory = self.inventory;
        let claiming = inventory.resources.claimed.get(&self.ix).map(Vec::as_slice).unwrap_or_default();
        let behind = |source: &BackupIx| inventory.resources.of_backup(*source).is_none_or(|owner| owner >= resource);
        let first = claiming.partition_point(|source| !behind(source));
        let sources = claiming.iter().skip(first).map(|&source| inventory.backup(source));
        sources.take_while(move |source| source.resource() == Some(resource))
    }

    /// For a replica whose source is loaded: the source.
    #[must_use]
    pub fn source(self) -> Option<Backup<'i>> {
        self.inventory.resources.source_of.get(&self.ix).map(|&source| self.inventory.backup(source))
    }
}
