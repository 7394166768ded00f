//! What rules on single backups need to know of the whole resource, found once: a rule that looked through the resource
//! for every backup would be quadratic.

use jiff::Timestamp;

use super::{Goodness, Offsite, RestorePoints};
use crate::inventory::backup::Replications;
use crate::inventory::vocabulary::RestoreMode;
use crate::inventory::{Inventory, ResourceIx};

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
