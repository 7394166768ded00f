//! What rules on single backups need to know of the whole resource, found once: a rule that looked through the resource
//! for every backup would be quadratic.

use jiff::Timestamp;

use super::{Goodness, Offsite, RestorePoints};
use crate::inventory::backup::{Backup, Replications};
use crate::inventory::vocabulary::{ImageType, RestoreMode};
use crate::inventory::{BackupIx, Inventory, ResourceIx};

/// What is known of the restore points of one resource.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    /// The moment of the newest good one.
    pub newest_good: Option<Timestamp>,
    /// The moment of the newest good one that restores in place.
    pub newest_in_place: Option<Timestamp>,
    /// The moment of the newest good one that an image can be made from.
    pub newest_image: Option<Timestamp>,
    /// How many good ones have a copy in another region.
    pub copied: u32,
    /// Every one is shown to have no replication record.
    pub never_replicated: bool,
}

impl Summary {
    pub(super) fn new(inventory: &Inventory, points: &RestorePoints, now: Timestamp, resource: ResourceIx) -> Self {
        let mut summary = Self { never_replicated: true, ..Self::default() };
        let started = |time: Option<Timestamp>| time.is_none_or(|time| time <= now);
        for backup in inventory.points(resource).filter(|backup| points.existed(backup.ix)) {
            summary.never_replicated &= match backup.replications() {
                Replications::NoneShown => true,
                Replications::NotShown(_) => false,
                Replications::Seen(_, records) => !records.iter().any(|record| started(record.created_at.value())),
            };
            if points.goodness(backup.ix) == Goodness::Good {
                let time = points.time(inventory, backup.ix);
                summary.add_good(time, points.offsite(backup.ix), backup.restore_mode().value());
            }
        }
        summary
    }

    fn add_good(&mut self, time: Option<Timestamp>, offsite: Offsite, mode: Option<RestoreMode>) {
        self.newest_good = self.newest_good.max(time);
        if mode == Some(RestoreMode::Backup) {
            self.newest_in_place = self.newest_in_place.max(time);
        }
        if matches!(mode, Some(RestoreMode::Backup | RestoreMode::Snapshot)) {
            self.newest_image = self.newest_image.max(time);
        }
        self.copied += u32::from(offsite >= Offsite::Claimed);
    }
}

/// What is known of the restore points in one vault, without the copies that replication made.
#[derive(Clone, Copy, Debug, Default)]
pub struct VaultSummary {
    /// The good ones.
    good: Newest,
    /// Those that may be good for all that is known; one of no known moment may be the newest of all.
    possible: Newest,
}

/// The newest restore point of some, and the newest of another resource than that one.
#[derive(Clone, Copy, Debug, Default)]
struct Newest {
    first: Option<(Timestamp, BackupIx)>,
    of_another: Option<(Timestamp, BackupIx)>,
}

impl VaultSummary {
    pub(super) fn new<'i>(
        inventory: &'i Inventory,
        points: &RestorePoints,
        backups: impl Iterator<Item = Backup<'i>>,
    ) -> Self {
        let mut summary = Self::default();
        for backup in backups.filter(|backup| points.existed(backup.ix)) {
            if backup.image_type().value() == Some(ImageType::Replication) {
                continue;
            }
            let time = points.time(inventory, backup.ix);
            match (points.goodness(backup.ix), time) {
                (Goodness::Good, Some(time)) => summary.good.add(inventory, (time, backup.ix)),
                (Goodness::Unknown(_), time) => {
                    summary.possible.add(inventory, (time.unwrap_or(Timestamp::MAX), backup.ix));
                }
                (Goodness::Good, None) | (Goodness::Bad, _) => {}
            }
        }
        summary
    }

    /// The newest good one of another resource, with its moment.
    #[must_use]
    pub fn newest_good_beside(&self, inventory: &Inventory, resource: ResourceIx) -> Option<(Timestamp, BackupIx)> {
        self.good.beside(inventory, resource)
    }

    /// The newest one of another resource that may be good for all that is known.
    #[must_use]
    pub fn newest_possible_beside(&self, inventory: &Inventory, resource: ResourceIx) -> Option<(Timestamp, BackupIx)> {
        self.possible.beside(inventory, resource)
    }
}

impl Newest {
    fn add(&mut self, inventory: &Inventory, new: (Timestamp, BackupIx)) {
        let is_of_first = |first: (Timestamp, BackupIx)| is_of_one(inventory, first.1, new.1);
        match self.first {
            None => self.first = Some(new),
            Some(first) if is_of_first(first) => self.first = Some(first.max(new)),
            Some(first) if new > first => *self = Self { first: Some(new), of_another: Some(first) },
            Some(_) => self.of_another = self.of_another.max(Some(new)),
        }
    }

    fn beside(&self, inventory: &Inventory, resource: ResourceIx) -> Option<(Timestamp, BackupIx)> {
        let is_beside = |(_, ix): &(Timestamp, BackupIx)| inventory.backup(*ix).resource() != Some(resource);
        self.first.filter(is_beside).or(self.of_another.filter(is_beside))
    }
}

/// Whether two backups are known to be of one resource.
fn is_of_one(inventory: &Inventory, one: BackupIx, other: BackupIx) -> bool {
    let resource = inventory.backup(one).resource();
    resource.is_some() && resource == inventory.backup(other).resource()
}
