//! Whether a resource that an inventory names has a good restore point.

use super::{Goodness, RestorePoints};
use crate::clock::Clock;
use crate::inventory::field::Reason;
use crate::inventory::listing::Completeness;
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
            (None, None, None) if is_outside(inventory, ix) => Cover::Outside,
            (None, None, None) => match self.unseen(inventory, ix, points.is_empty()) {
                Some(reason) => Cover::Unknown(reason, None),
                None => Cover::Uncovered,
            },
        }
    }

    /// Why a resource without a good restore point may have one that the dump does not show.
    fn unseen(&self, inventory: &Inventory, ix: ListedIx, has_none: bool) -> Option<Reason> {
        let row = inventory.listed(ix);
        let Some(kind) = ResourceType::from_word(&row.kind) else {
            return Some(if row.kind.is_empty() { Reason::FieldAbsent } else { Reason::ValueUnrecognised });
        };
        let Some(project) = row.project else { return has_none.then_some(Reason::InputIncomplete) };
        if kind == ResourceType::Volume && self.newest_unseen_server(project).is_some() {
            return Some(Reason::ViewOmits);
        }
        let is_complete = inventory.listings.complete_projects.contains(&project);
        (has_none && !is_complete && !is_beside_empty_list(inventory, ix)).then_some(Reason::InputIncomplete)
    }
}

/// Whether the lists of backups beside the inventory that names a resource are complete and empty: such a list names no
/// project.
fn is_beside_empty_list(inventory: &Inventory, ix: ListedIx) -> bool {
    let of_file = |file: FileIx| inventory.files[file.index()].directory.as_str();
    let is_empty = |directory: &str| {
        let mut lists = inventory.listings.rows.iter().filter(|list| list.directory == directory).peekable();
        lists.peek().is_some()
            && lists.all(|list| list.seen == 0 && list.completeness == Completeness::Complete)
            && !inventory.files.iter().any(|file| file.leaves_doubt_in(directory))
    };
    inventory.listed(ix).named_by.iter().any(|by| {
        let (NamedBy::Protectable(named) | NamedBy::Vault(named, _)) = by;
        inventory.neighbour(*named).files().any(|file| is_empty(of_file(file)))
    })
}

/// Whether only vaults name the resource, and each as a replica or as gone.
fn is_outside(inventory: &Inventory, ix: ListedIx) -> bool {
    inventory.listed(ix).named_by.iter().all(|by| match by {
        NamedBy::Protectable(_) => false,
        NamedBy::Vault(vault, ordinal) => is_replica_or_gone(inventory.neighbour(*vault), *ordinal),
    })
}

fn is_replica_or_gone(vault: Neighbour<'_>, ordinal: u32) -> bool {
    vault.word(Part::ProtectType, ProtectType::from_word).value() == Some(ProtectType::Replication)
        || vault.word_in(Part::ProtectStatus, ordinal, ProtectStatus::from_word).value() == Some(ProtectStatus::Deleted)
}
