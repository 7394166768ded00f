//! Resources that some inventory names, backed up or not: protectable resources, the resources of vaults, and those that
//! an organisation expects to be backed up.

#![allow(clippy::indexing_slicing, reason = "numbers of rows are those of the table that they are looked up in")]

use std::collections::{HashMap, HashSet};

use super::part::Part;
use super::{Neighbour, NeighbourIx, Spot};
use crate::inventory::backup::{Backup, Role};
use crate::inventory::expected::{Expectation, ExpectedIx, ExpectedRow};
use crate::inventory::field::{Field, FieldId, Reason};
use crate::inventory::intern::Symbol;
use crate::inventory::vocabulary::ResourceType;
use crate::inventory::{BackupIx, Inventory, ResourceIx};
use crate::parse::neighbour::{Kind, Tree};

index! {
    /// A resource that some inventory names. Numbered by first appearance.
    ListedIx
}

/// A resource that some inventory names.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its id.
    pub id: Box<str>,
    /// Its type, as written; empty if not said.
    pub kind: Box<str>,
    /// Its name.
    pub name: Option<Box<str>>,
    /// Its project, where the one who names it says so.
    pub project: Option<Symbol>,
    /// The resource, if there are backups of it.
    pub resource: Option<ResourceIx>,
    /// Server backups that contain it, if it is a disk that was never backed up by itself.
    pub in_servers: Vec<BackupIx>,
    /// Listed servers that it is attached to or that were backed up with it, if it is a disk.
    pub servers: Vec<ListedIx>,
    /// Who names it.
    pub named_by: Vec<NamedBy>,
}

/// Who names a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedBy {
    /// A listing of protectable resources.
    Protectable(NeighbourIx),
    /// A vault, in this element of its `resources`.
    Vault(NeighbourIx, u32),
    /// Some answers about a vault, which others contradict that list other resources: here. Whether it stands in the vault is
    /// open; that there is such a resource is not.
    Contested(NeighbourIx, Spot),
    /// The file of expected resources, in this row.
    Expected(ExpectedIx),
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct ListedResources {
    rows: Vec<Listed>,
    by_id: HashMap<(Box<str>, Box<str>), ListedIx>,
    /// The projects of listed servers in vaults whose disks no answer shows.
    unseen: HashSet<Option<Symbol>>,
}

impl ListedResources {
    fn name(&mut self, id: &str, kind: &str, name: Option<&str>, project: Option<Symbol>, by: NamedBy) {
        let next = self.next();
        let ix = *self.by_id.entry((id.into(), kind.into())).or_insert(next);
        if ix == next {
            self.rows.push(Listed::new(id, kind));
        }
        self.rows[ix.index()].add(name, project, by);
    }

    fn next(&self) -> ListedIx {
        ListedIx(u32::try_from(self.rows.len()).unwrap_or(u32::MAX))
    }
}

impl Listed {
    fn new(id: &str, kind: &str) -> Self {
        let (id, kind) = (id.into(), kind.into());
        let (in_servers, servers, named_by) = (Vec::new(), Vec::new(), Vec::new());
        Self { id, kind, name: None, project: None, resource: None, in_servers, servers, named_by }
    }

    fn add(&mut self, name: Option<&str>, project: Option<Symbol>, by: NamedBy) {
        self.name = self.name.take().or_else(|| name.map(Box::from));
        self.project = self.project.or(project);
        self.named_by.push(by);
    }

    /// The row of the file of expected resources that names it.
    #[must_use]
    pub fn expected(&self) -> Option<ExpectedIx> {
        self.named_by.iter().find_map(|by| match by {
            NamedBy::Expected(row) => Some(*row),
            NamedBy::Protectable(_) | NamedBy::Vault(..) | NamedBy::Contested(..) => None,
        })
    }
}

/// Whether two projects may be the same, where either may not be said.
fn may_be(one: Option<Symbol>, other: Option<Symbol>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}

impl Inventory {
    /// Every resource that some inventory names.
    pub fn listed_resources(&self) -> impl Iterator<Item = ListedIx> {
        ListedIx::all(self.neighbours.listed.rows.len())
    }

    /// The one with this number.
    #[must_use]
    pub fn listed(&self, ix: ListedIx) -> &Listed {
        &self.neighbours.listed.rows[ix.index()]
    }

    pub(super) fn list_resources(&self) -> ListedResources {
        let mut listed = ListedResources::default();
        for protectable in self.neighbours_of(Kind::Protectable) {
            let kind = protectable.text(Part::Type).value().unwrap_or_default();
            let name = protectable.text(Part::Name).value();
            listed.name(protectable.id(), kind, name, protectable.project(), NamedBy::Protectable(protectable.ix));
        }
        for vault in self.neighbours_of(Kind::Vault) {
            self.list_resources_of(vault, &mut listed);
        }
        if !listed.rows.is_empty() {
            self.find_backups(&mut listed.rows);
            self.attach_disks(&mut listed);
        }
        listed
    }

    fn list_resources_of(&self, vault: Neighbour<'_>, listed: &mut ListedResources) {
        let told = vault.elements(Part::Resources);
        let contested = match told {
            Field::Unusable(Reason::RecordConflict) => vault.listed_by_each(Part::ResourceId),
            _ => Vec::new(),
        };
        let (by_all, by_some): (Vec<_>, Vec<_>) = contested.into_iter().partition(|(_, by_all)| *by_all);
        let by_all = by_all.into_iter().map(|(spot, _)| spot.ordinal());
        for ordinal in told.value().unwrap_or_default().chain(by_all) {
            let Some(id) = vault.text_in(Part::ResourceId, ordinal).value() else { continue };
            let kind = vault.text_in(Part::ResourceType, ordinal).value().unwrap_or_default();
            let name = vault.text_in(Part::ResourceName, ordinal).value();
            listed.name(id, kind, name, vault.project(), NamedBy::Vault(vault.ix, ordinal));
        }
        for (spot, _) in by_some {
            let text = |part| match self.tree_at(spot.with(part)) {
                Some(Tree::Text(text)) => Some(&**text),
                _ => None,
            };
            let Some(id) = text(Part::ResourceId) else { continue };
            let (kind, name) = (text(Part::ResourceType).unwrap_or_default(), text(Part::ResourceName));
            listed.name(id, kind, name, vault.project(), NamedBy::Contested(vault.ix, spot));
        }
    }

    /// Adds the expected resources to those that some inventory names. Returns where each of them stands.
    pub(in crate::inventory) fn list_expected(&mut self, expectation: &Expectation) -> Vec<ListedIx> {
        let mut listed = std::mem::take(&mut self.neighbours.listed);
        let known = listed.rows.len();
        let projects: Vec<_> =
            expectation.rows.iter().map(|row| Some(self.labels.intern(row.project.as_deref()?))).collect();
        let numbers = expectation.numbered().zip(projects);
        let numbers = numbers.map(|((ix, row), project)| self.list_expected_row(&mut listed, ix, row, project));
        let numbers = numbers.collect();
        if listed.rows.len() > known {
            self.find_backups(&mut listed.rows[known..]);
            self.attach_disks(&mut listed);
        }
        self.neighbours.listed = listed;
        numbers
    }

    /// A listed resource of another project is another one, though type and id be the same.
    fn list_expected_row(
        &self,
        listed: &mut ListedResources,
        ix: ExpectedIx,
        row: &ExpectedRow,
        project: Option<Symbol>,
    ) -> ListedIx {
        let key = (row.id.clone(), Box::from(row.kind.word()));
        let is_same = |known: &&ListedIx| {
            let known = &listed.rows[known.index()];
            let of_backups = known.resource.map(|resource| self.resource(resource).project);
            known.expected().is_none() && may_be(known.project, project) && may_be(of_backups, project)
        };
        let number = listed.by_id.get(&key).filter(is_same).copied().unwrap_or_else(|| {
            let next = listed.next();
            listed.rows.push(Listed::new(&row.id, row.kind.word()));
            next
        });
        listed.rows[number.index()].add(row.name.as_deref(), project, NamedBy::Expected(ix));
        number
    }

    /// Finds the backups of listed resources: those of the resource itself, and for a disk the servers that contain it.
    fn find_backups(&self, rows: &mut [Listed]) {
        let mut own: HashMap<(&str, ResourceType), Vec<ResourceIx>> = HashMap::new();
        for ix in self.resources().filter(|&ix| !self.resource(ix).is_replica) {
            let row = self.resource(ix);
            own.entry((self.text(row.id), row.kind)).or_default().push(ix);
        }
        for row in rows.iter_mut() {
            let same = ResourceType::from_word(&row.kind).and_then(|kind| own.get(&(&*row.id, kind)));
            let mut same = same.into_iter().flatten().copied();
            row.resource = same.find(|&ix| may_be(Some(self.resource(ix).project), row.project));
        }
        let disks: HashSet<Box<str>> =
            rows.iter().filter(|row| row.resource.is_none()).map(|row| row.id.clone()).collect();
        let mut servers: HashMap<Box<str>, Vec<BackupIx>> = HashMap::new();
        for child in self.backups().map(|ix| self.backup(ix)).filter(|backup| backup.role() == Role::Child) {
            let id = child.text(FieldId::ResourceId);
            let is_own = |parent: &Backup<'_>| parent.resource().is_some_and(|ix| !self.resource(ix).is_replica);
            if let Some(parent) = child.parent().filter(|_| disks.contains(&*id)).filter(is_own) {
                servers.entry(id.into()).or_default().push(parent.ix);
            }
        }
        for row in rows.iter_mut().filter(|row| row.resource.is_none()) {
            let containing = servers.get(&row.id).into_iter().flatten().copied();
            let project = |ix: BackupIx| self.backup(ix).symbol(FieldId::ProjectId).value();
            row.in_servers = containing.filter(|&ix| may_be(project(ix), row.project)).collect();
        }
    }

    /// Finds the servers that listed disks belong to: by the list of protectable resources, and by server backups.
    fn attach_disks(&self, listed: &mut ListedResources) {
        let mut servers: HashMap<&str, Vec<ListedIx>> = HashMap::new();
        let mut of_resource: HashMap<ResourceIx, ListedIx> = HashMap::new();
        for (ix, row) in ListedIx::all(listed.rows.len()).zip(&listed.rows) {
            let disks = row.named_by.iter().filter_map(|by| match by {
                NamedBy::Protectable(protectable) => Some(self.neighbour(*protectable)),
                NamedBy::Vault(..) | NamedBy::Contested(..) | NamedBy::Expected(_) => None,
            });
            let mut is_seen = false;
            for protectable in disks {
                let ordinals = protectable.elements(Part::AttachedDisks).value();
                is_seen |= ordinals.is_some();
                let ids = ordinals.unwrap_or_default();
                let ids = ids.filter_map(|ordinal| protectable.text_in(Part::AttachedDiskId, ordinal).value());
                ids.for_each(|id| servers.entry(id).or_default().push(ix));
            }
            let is_server = ResourceType::from_word(&row.kind).is_some_and(ResourceType::is_server);
            let in_vault = |by: &NamedBy| matches!(by, NamedBy::Vault(..) | NamedBy::Contested(..));
            if is_server && !is_seen && row.named_by.iter().any(in_vault) {
                listed.unseen.insert(row.project);
            }
            of_resource.extend(row.resource.map(|resource| (resource, ix)));
        }
        for row in &mut listed.rows {
            row.servers = servers.get(&*row.id).cloned().unwrap_or_default();
            let own = row.resource.map(|resource| self.points(resource).map(|point| point.ix).collect::<Vec<_>>());
            let holding = own.unwrap_or_default().into_iter().chain(row.in_servers.iter().copied());
            let holding = holding.filter_map(|backup| self.backup(backup).resource());
            let others = holding.filter(|&resource| row.resource != Some(resource));
            row.servers.extend(others.filter_map(|resource| of_resource.get(&resource)));
            row.servers.sort_unstable();
            row.servers.dedup();
        }
    }

    /// Whether a server of the project stands in a vault and no answer shows its disks; where the project is not known,
    /// any server counts.
    #[must_use]
    pub fn has_server_with_unseen_disks(&self, project: Option<Symbol>) -> bool {
        let unseen = &self.neighbours.listed.unseen;
        unseen.contains(&None) || project.map_or(!unseen.is_empty(), |project| unseen.contains(&Some(project)))
    }

    /// What those say who name a resource.
    #[must_use]
    pub fn naming(&self, ix: ListedIx) -> Vec<Spot> {
        const OF_VAULT: [Part; 4] = [Part::ResourceId, Part::ResourceType, Part::ProtectStatus, Part::BackupCount];
        let named_by = self.listed(ix).named_by.iter().map(|by| match *by {
            NamedBy::Protectable(protectable) => self.neighbour(protectable).values().collect::<Vec<_>>(),
            NamedBy::Vault(vault, ordinal) => {
                OF_VAULT.iter().map(|&part| self.neighbour(vault).spot_in(part, ordinal)).collect()
            }
            NamedBy::Contested(_, spot) => OF_VAULT.iter().map(|&part| spot.with(part)).collect(),
            NamedBy::Expected(_) => Vec::new(),
        });
        named_by.flatten().collect()
    }

    /// The restore points of a listed resource, good or not.
    #[must_use]
    pub fn points_of_listed(&self, ix: ListedIx) -> Vec<Backup<'_>> {
        let row = self.listed(ix);
        match row.resource {
            Some(resource) => self.points(resource).collect(),
            None => row.in_servers.iter().map(|&ix| self.backup(ix)).collect(),
        }
    }
}
