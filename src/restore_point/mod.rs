//! The good restore point, written once: for every backup whether it could be restored from at the as-of time, of which
//! moment its data are, how long it lasts, and whether a copy exists in another region. Three-valued throughout.

mod judge;
mod summary;

use std::collections::HashMap;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::clock::Clock;
use crate::inventory::field::{FieldId, Reason};
use crate::inventory::intern::Symbol;
use crate::inventory::{BackupIx, Inventory, ResourceIx};
use judge::Judge;
pub use judge::{moment, status_at};
pub use summary::Summary;

/// Whether a backup is a good restore point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goodness {
    /// It can be restored from.
    Good,
    /// It cannot.
    Bad,
    /// It cannot be told.
    Unknown(Reason),
}

/// Whether a backup has a copy in another region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Offsite {
    /// None.
    None,
    /// It cannot be told.
    Unknown(Reason),
    /// A replication record says so.
    Claimed,
    /// The copy itself is in the dump and good.
    Confirmed,
}

impl Offsite {
    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Unknown(_) => "unknown",
            Self::Claimed => "claimed",
            Self::Confirmed => "confirmed",
        }
    }
}

/// Something to know about a good restore point before relying on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Caveat {
    /// Restore mode `na`: only new resources can be made from it.
    ModeNa = 1,
    /// No restore mode stated.
    ModeNull = 2,
    /// The system disk is not in it.
    NoSystemDisk = 4,
    /// The answer does not show its disks.
    DisksNotShown = 8,
    /// The answer shows that it has no disks.
    NoDisks = 16,
    /// The applications were not brought to a consistent state.
    AppConsistencyFailed = 32,
    /// A restore from it is running or waiting.
    Busy = 64,
    /// Its time is that of the record's creation, not of the protection.
    TimeFromCreation = 128,
}

impl Caveat {
    /// Every caveat with its words.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::ModeNa, "restores to new resources only"),
        (Self::ModeNull, "restore mode not stated"),
        (Self::NoSystemDisk, "without the system disk"),
        (Self::DisksNotShown, "disks not shown"),
        (Self::NoDisks, "no disks in it"),
        (Self::AppConsistencyFailed, "not application-consistent"),
        (Self::Busy, "a restore is running"),
        (Self::TimeFromCreation, "time is that of its creation"),
    ];
}

/// What a backup is worth as a restore point.
#[derive(Clone, Copy, Debug)]
pub struct RestorePoint {
    /// Whether it can be restored from.
    pub goodness: Goodness,
    /// The moment its data are of.
    pub time: Option<Timestamp>,
    /// The reading and field that state that moment.
    pub stated: (u32, FieldId),
    /// When it will be deleted; `None` if no end is stated.
    pub expires: Option<Timestamp>,
    /// Whether a copy exists in another region.
    pub offsite: Offsite,
    /// Whether no end is stated for that copy.
    pub offsite_lasts: bool,
    /// Whether all its disks are encrypted, as far as it is known.
    pub encrypted: Option<bool>,
    caveats: u16,
}

impl RestorePoint {
    /// Whether it can be restored from.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.goodness == Goodness::Good
    }

    /// Whether it may be one to restore from, for all that is known.
    #[must_use]
    pub fn unknown(&self) -> Option<Reason> {
        match self.goodness {
            Goodness::Unknown(reason) => Some(reason),
            _ => None,
        }
    }

    /// Whether it is good now and no passing of time will end it.
    #[must_use]
    pub fn lasts(&self) -> bool {
        self.is_good() && self.expires.is_none()
    }

    /// The words of its caveats.
    pub fn caveats(&self) -> impl Iterator<Item = &'static str> {
        let bits = self.caveats;
        Caveat::ALL.into_iter().filter(move |(caveat, _)| bits & *caveat as u16 != 0).map(|(_, words)| words)
    }
}

/// The restore point of every backup.
#[derive(Debug)]
pub struct RestorePoints {
    points: Vec<RestorePoint>,
    unseen_servers: HashMap<Symbol, (Timestamp, BackupIx)>,
    summaries: Vec<Summary>,
}

impl RestorePoints {
    /// Judges every backup at the as-of time. `region` is the user's word for where the backups are.
    #[must_use]
    pub fn judge(inventory: &Inventory, clock: &Clock, region: Option<&str>) -> Self {
        let all: Vec<_> = inventory.backups().collect();
        let judge = Judge { inventory, now: clock.time, region };
        let mut points: Vec<_> = all.par_iter().map(|&ix| judge.point(inventory.backup(ix))).collect();
        let offsite: Vec<_> = all.par_iter().map(|&ix| judge.offsite(inventory.backup(ix), &points)).collect();
        let lasting: Vec<_> = all.par_iter().map(|&ix| judge.copies_last(inventory.backup(ix), &points)).collect();
        for (point, (offsite, lasts)) in points.iter_mut().zip(offsite.into_iter().zip(lasting)) {
            point.offsite = offsite;
            point.offsite_lasts = lasts;
        }
        let unseen_servers = judge.unseen_servers(&points);
        let mut judged = Self { points, unseen_servers, summaries: Vec::new() };
        let resources: Vec<_> = inventory.resources().collect();
        let summary = |&resource: &ResourceIx| Summary::new(inventory, &judged, clock.time, resource);
        judged.summaries = resources.par_iter().map(summary).collect();
        judged
    }

    /// What is known of a resource as a whole.
    #[must_use]
    pub fn summary(&self, resource: ResourceIx) -> &Summary {
        &self.summaries[resource.index()]
    }

    /// The newest good server backup of a project whose disks the answers do not show, with its moment.
    #[must_use]
    pub fn newest_unseen_server(&self, project: Symbol) -> Option<(Timestamp, BackupIx)> {
        self.unseen_servers.get(&project).copied()
    }

    /// What a backup is worth.
    #[must_use]
    pub fn of(&self, ix: BackupIx) -> &RestorePoint {
        &self.points[ix.index()]
    }
}
