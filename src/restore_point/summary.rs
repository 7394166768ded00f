//! What rules on single backups need to know of the whole resource, found once: a rule that looked through the resource
//! for every backup would be quadratic.

use jiff::Timestamp;

use super::{Goodness, Offsite, RestorePoints};
use crate::inventory::backup::Replications;
use crate::inventory::vocabulary::{ImageType, RestoreMode};
use crate::inventory::{BackupIx, Inventory, ResourceIx, VaultIx};

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
    /// The newest good one, with its moment.
    pub newest_good: Option<(Timestamp, BackupIx)>,
    /// The newest of those that may be good for all that is known; one of no known moment may be the newest of all.
    pub newest_possible: Option<(Timestamp, BackupIx)>,
}

impl VaultSummary {
    pub(super) fn new(inventory: &Inventory, points: &RestorePoints, vault: VaultIx) -> Self {
        let mut summary = Self::default();
        for backup in inventory.in_vault(vault).filter(|backup| points.existed(backup.ix)) {
            if backup.image_type().value() == Some(ImageType::Replication) {
                continue;
            }
            let time = points.time(inventory, backup.ix);
            match points.goodness(backup.ix) {
                Goodness::Good => summary.newest_good = summary.newest_good.max(time.map(|time| (time, backup.ix))),
                Goodness::Unknown(_) => {
                    let newest = Some((time.unwrap_or(Timestamp::MAX), backup.ix));
                    summary.newest_possible = summary.newest_possible.max(newest);
                }
                Goodness::Bad => {}
            }
        }
        summary
    }
}
