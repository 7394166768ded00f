//! Whether a resource that an inventory names has a good restore point.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files, listings and keys are those of the inventory that they are looked up in"
)]

use super::{Goodness, RestorePoints};
use crate::clock::Clock;
use crate::inventory::field::Reason;
use crate::inventory::neighbour::Neighbour;
use crate::inventory::neighbour::listed::{ListedIx, NamedBy};
use crate::inventory::neighbour::part::Part;
use crate::inventory::vocabulary::{ProtectStatus, ProtectType, ResourceType};
use crate::inventory::{BackupIx, FileIx, Inventory};

/// Whether a resource that an inventory names has a good restore point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// It has: this one.
    Covered(BackupIx),
    /// It has none.
    Uncovered,
    /// It cannot be told, because of this backup if there is one.
    Unknown(Reason, Option<BackupIx>),
    /// It needs none here: it is a replica of what stands elsewhere, or it is gone.
    Outside,
}

impl RestorePoints {
    /// Judges a resource that an inventory names by its restore points at the as-of time.
    #[must_use]
    pub fn cover(&self, inventory: &Inventory, clock: &Clock, ix: ListedIx) -> Cover {
        let row = inventory.listed(ix);
        // Nobody owes a backup of what is out of use.
        match row.expected().and_then(|row| inventory.expected(row)) {
            Some(expected) if expected.is_retired_at(clock.time) => return Cover::Outside,
            Some(expected) if expected.retired.is_some() && !clock.is_exact() => {
                return Cover::Unknown(Reason::ClockInferred, None);
            }
            _ => {}
        }
        let points: Vec<_> = match row.resource {
            Some(resource) => self.newest_first(resource).collect(),
            None => row.in_servers.clone(),
        };
        let points: Vec<_> = points.into_iter().filter(|&point| self.existed(point)).collect();
        let good = || points.iter().copied().filter(|&point| self.goodness(point) == Goodness::Good);
        // A later clock could end a restore point that has an end.
        let lasting = good().find(|&point| clock.is_exact() || self.of(inventory, point).lasts());
        let doubt = points.iter().find_map(|&point| match self.goodness(point) {
            Goodness::Unknown(reason) => Some((reason, point)),
            _ => None,
        });
        match (lasting, good().next(), doubt) {
            (Some(point), ..) => Cover::Covered(point),
            (None, Some(point), _) => Cover::Unknown(Reason::ClockInferred, Some(point)),
            (None, None, Some((reason, point))) => Cover::Unknown(reason, Some(point)),
            (None, None, None) => match is_outside(inventory, ix) {
                Ok(true) => Cover::Outside,
                outside => match self.unseen(inventory, ix, points.is_empty()).or(outside.err()) {
                    Some(reason) => Cover::Unknown(reason, None),
                    None => Cover::Uncovered,
                },
            },
        }
    }

    /// Why a resource without a good restore point may have one that the dump does not show.
    fn unseen(&self, inventory: &Inventory, ix: ListedIx, has_none: bool) -> Option<Reason> {
        let row = inventory.listed(ix);
        let Some(kind) = ResourceType::from_word(&row.kind) else {
            return Some(if row.kind.is_empty() { Reason::FieldAbsent } else { Reason::ValueUnrecognised });
        };
        let Some(project) = row.project else { return self.unseen_anywhere(inventory, ix, kind, has_none) };
        if kind == ResourceType::Volume && self.newest_unseen_server(project).is_some() {
            return Some(Reason::ViewOmits);
        }
        let is_complete = inventory.listings.complete_projects.contains(&project);
        (has_none && !is_complete && !is_beside_empty_list(inventory, ix)).then_some(Reason::InputIncomplete)
    }

    /// The same where the project is not said. An expected resource may be in any: then the backups of every project have to
    /// be listed in whole.
    fn unseen_anywhere(
        &self,
        inventory: &Inventory,
        ix: ListedIx,
        kind: ResourceType,
        has_none: bool,
    ) -> Option<Reason> {
        let listings = &inventory.listings;
        let mut unseen = self.unseen_servers.keys();
        if kind == ResourceType::Volume && unseen.any(|project| listings.projects.contains(project)) {
            return Some(Reason::ViewOmits);
        }
        match (has_none, listings.has_all, inventory.listed(ix).expected()) {
            (false, ..) | (true, true, Some(_)) => None,
            (true, false, _) => Some(Reason::InputIncomplete),
            // Another export would change nothing: who names it does not say in which project it is.
            (true, true, None) => Some(Reason::FieldAbsent),
        }
    }
}

/// Whether the lists of backups beside the inventory that names a resource are complete and empty: such a list names no
/// project, so there has to be but one.
fn is_beside_empty_list(inventory: &Inventory, ix: ListedIx) -> bool {
    let of_file = |file: FileIx| inventory.files[file.index()].directory();
    let is_empty = |directory: &str| {
        inventory.listings.empty_directories.contains(directory) && !inventory.is_of_several_projects(directory)
    };
    inventory.listed(ix).named_by.iter().any(|by| {
        let (NamedBy::Protectable(named) | NamedBy::Vault(named, _)) = by else { return false };
        inventory.neighbour(*named).files().any(|file| is_empty(of_file(file)))
    })
}

/// Whether only vaults name the resource, and each as a replica or as gone.
fn is_outside(inventory: &Inventory, ix: ListedIx) -> Result<bool, Reason> {
    let mut answer = Ok(true);
    for by in &inventory.listed(ix).named_by {
        let is_outside = match by {
            NamedBy::Vault(vault, ordinal) => is_replica_or_gone(inventory.neighbour(*vault), *ordinal),
            // Whether it stands in the vault is open, whatever the vault is for.
            NamedBy::Contested(..) => Err(Reason::RecordConflict),
            NamedBy::Protectable(_) | NamedBy::Expected(_) => return Ok(false),
        };
        match is_outside {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(reason) => answer = Err(reason),
        }
    }
    answer
}

fn is_replica_or_gone(vault: Neighbour<'_>, ordinal: u32) -> Result<bool, Reason> {
    // What a vault names counts as being there unless the vault says that it is gone.
    let status = vault.word_in(Part::ProtectStatus, ordinal, ProtectStatus::from_word).value();
    if status == Some(ProtectStatus::Deleted) {
        return Ok(true);
    }
    Ok(vault.word(Part::ProtectType, ProtectType::from_word).known()? == ProtectType::Replication)
}
