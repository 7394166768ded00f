//! What neighbouring objects say of each other: which policies are bound to a vault (a vault answer does not say; only
//! policy answers do), and which backup a member shares.

#![allow(clippy::indexing_slicing, reason = "numbers of files are those of the inventory")]

use std::collections::{HashMap, HashSet};

use super::part::Part;
use super::{Listing, Neighbour, NeighbourIx};
use crate::inventory::field::{Field, FieldId};
use crate::inventory::file::Doubts;
use crate::inventory::intern::Symbol;
use crate::inventory::{BackupIx, FileIx, Inventory};
use crate::parse::neighbour::Kind;

/// A policy that names a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The policy.
    pub policy: NeighbourIx,
    /// Where in its `associated_vaults`.
    pub ordinal: u32,
}

/// Which vaults the policies name. There may be many of both, with long lists: each list is gone through once.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    /// The policies that name a vault, by its id.
    of_vault: HashMap<Box<str>, Vec<Binding>>,
    /// The policies of which it is not known which vaults they name, in order.
    hiding: Vec<Hiding>,
    /// The projects of which some vault is named, by the directory of the list of policies.
    projects: HashMap<String, HashSet<Symbol>>,
}

/// A policy that may name more vaults than its answer tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hiding {
    /// The policy.
    pub policy: NeighbourIx,
    /// The first of its `associated_vaults` that has no usable id; `None` if it has no usable list.
    pub ordinal: Option<u32>,
}

/// What the complete lists of policies speak for.
#[derive(Debug)]
pub(super) struct Shown {
    /// Where they stand, but for directories of several projects: a list of policies there is of one of them.
    directories: HashSet<String>,
    /// The projects of the vaults that they name.
    projects: HashSet<Symbol>,
    /// The project of all vaults, of all backups and of all that is around them, if it is one.
    only_project: Option<Symbol>,
    /// By directory the project that all answers there name; none where they are several.
    projects_in: HashMap<String, Option<Symbol>>,
}

impl Inventory {
    pub(super) fn bind_policies(&self) -> Bindings {
        let mut bindings = Bindings::default();
        for policy in self.neighbours_of(Kind::Policy) {
            let vaults = policy.elements(Part::AssociatedVaults);
            // The service writes null for none.
            let mut is_hiding = !matches!(vaults, Field::Value(_) | Field::Null);
            let mut nameless = None;
            for ordinal in vaults.value().unwrap_or_default() {
                match policy.text_in(Part::AssociatedVaultId, ordinal).value() {
                    Some(vault) => {
                        let binding = Binding { policy: policy.ix, ordinal };
                        bindings.of_vault.entry(vault.into()).or_default().push(binding);
                    }
                    None => {
                        nameless.get_or_insert(ordinal);
                        is_hiding = true;
                    }
                }
            }
            if is_hiding {
                bindings.hiding.push(Hiding { policy: policy.ix, ordinal: nameless });
            }
        }
        bindings.projects = self.named_projects(&bindings.of_vault);
        bindings
    }

    /// The projects of the vaults that policies name, by the directories in which these are listed.
    fn named_projects(&self, of_vault: &HashMap<Box<str>, Vec<Binding>>) -> HashMap<String, HashSet<Symbol>> {
        let mut of_policy: HashMap<NeighbourIx, HashSet<Symbol>> = HashMap::new();
        for vault in self.neighbours_of(Kind::Vault) {
            for binding in of_vault.get(vault.id()).into_iter().flatten() {
                of_policy.entry(binding.policy).or_default().extend(vault.project());
            }
        }
        let mut projects: HashMap<String, HashSet<Symbol>> = HashMap::new();
        for listing in self.neighbour_listings(Kind::Policy) {
            let named = listing.members.iter().filter_map(|policy| of_policy.get(policy)).flatten();
            projects.entry(listing.directory.clone()).or_default().extend(named);
        }
        projects
    }

    /// The policies that name a vault.
    #[must_use]
    pub fn bindings(&self, vault: &str) -> &[Binding] {
        self.neighbours.bindings.of_vault.get(vault).map_or(&[], Vec::as_slice)
    }

    /// The policies that may name more vaults than is told.
    #[must_use]
    pub fn hiding_policies(&self) -> &[Hiding] {
        &self.neighbours.bindings.hiding
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

    /// Whether the policy lists of the dump surely hold every policy of a vault: the complete list of its directory does, if
    /// all is of one project there, any complete list where all of the dump is of one project, and one that
    /// names another vault of the project.
    #[must_use]
    pub fn shows_policies_of(&self, vault: Neighbour<'_>) -> bool {
        let shown = self.shown();
        let is_beside = |file: FileIx| shown.directories.contains(self.files[file.index()].directory());
        let project = vault.project();
        (!shown.directories.is_empty() && project.is_some() && project == shown.only_project)
            || vault.files().any(is_beside)
            || project.is_some_and(|project| shown.projects.contains(&project))
    }

    /// Whether backups, or answers around them, of several projects stand in a directory: a list there that names no project
    /// is of one of them.
    #[must_use]
    pub fn is_of_several_projects(&self, directory: &str) -> bool {
        self.shown().projects_in.get(directory).is_some_and(Option::is_none)
    }

    fn shown(&self) -> &Shown {
        self.neighbours.shown.get_or_init(|| self.find_shown())
    }

    fn find_shown(&self) -> Shown {
        let doubts = Doubts::of(&self.files);
        let projects_in = self.projects_by_directory();
        let named = projects_in.values().copied();
        let mut all = self.neighbours_of(Kind::Vault).map(Neighbour::project).chain(named);
        let only_project = all.next().flatten().filter(|first| all.all(|project| project == Some(*first)));
        // Answers of several projects may be of several lists, which are as many as claimed by chance.
        let is_of_one = |directory: &str| only_project.is_some() || matches!(projects_in.get(directory), Some(Some(_)));
        let is_one = |listing: &&Listing| listing.answers.len() == 1 || is_of_one(&listing.directory);
        let complete = self.neighbour_listings(Kind::Policy).iter().filter(|listing| listing.is_complete(&doubts));
        let mut directories: HashSet<String> =
            complete.filter(is_one).map(|listing| listing.directory.clone()).collect();
        let bound = &self.neighbours.bindings.projects;
        // One that names vaults of several projects is that of none.
        let of_one =
            |(directory, projects): &(&String, &HashSet<_>)| directories.contains(*directory) && projects.len() == 1;
        let projects = bound.iter().filter(of_one).flat_map(|(_, projects)| projects).copied().collect();
        directories.retain(|directory| !projects_in.get(directory).is_some_and(Option::is_none));
        Shown { directories, projects, only_project, projects_in }
    }

    fn projects_by_directory(&self) -> HashMap<String, Option<Symbol>> {
        let mut projects: HashMap<&str, Option<Symbol>> = HashMap::new();
        for (directory, project) in self.projects_around().chain(self.projects_of_backups()) {
            let known = projects.entry(directory).or_insert(Some(project));
            *known = known.filter(|known| *known == project);
        }
        projects.into_iter().map(|(directory, project)| (directory.to_owned(), project)).collect()
    }

    /// The projects that answers around the backups name, with their directories.
    fn projects_around(&self) -> impl Iterator<Item = (&str, Symbol)> {
        const NAMING: [Kind; 4] = [Kind::Vault, Kind::Task, Kind::Checkpoint, Kind::Protectable];
        let named = NAMING.into_iter().flat_map(|kind| self.neighbours_of(kind));
        named.filter_map(|neighbour| Some((neighbour, neighbour.project()?))).flat_map(move |(neighbour, project)| {
            let files: Vec<_> = neighbour.files().collect();
            files.into_iter().map(move |file| (self.files[file.index()].directory(), project))
        })
    }

    /// The projects that the backups of each file name, with its directory: in a list those of every element, since lists of
    /// several projects may have been made one, and of what stands in no list too.
    fn projects_of_backups(&self) -> impl Iterator<Item = (&str, Symbol)> {
        self.files.iter().filter(|file| file.older.is_none()).flat_map(|file| {
            let project = |number| self.reading(number).label(FieldId::ProjectId);
            // Neighbours are mostly of one project.
            let mut last = None;
            let other = move |project: &Symbol| last.replace(*project) != Some(*project);
            let projects = (file.readings.0..file.readings.1).filter_map(project).filter(other);
            projects.map(|project| (file.directory(), project))
        })
    }
}
