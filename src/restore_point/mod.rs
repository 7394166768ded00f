//! The good restore point, written once: for every backup whether it could be restored from at the as-of time, of which
//! moment its data are, how long it lasts, and whether a copy exists in another region. Three-valued throughout.

#![allow(clippy::indexing_slicing, reason = "there is one entry for every backup, resource and vault of the inventory")]

mod judge;
mod listed;
mod packed;
mod summary;

use ahash::AHashMap;
use jiff::Timestamp;
use rayon::prelude::*;

use crate::clock::Clock;
use crate::inventory::field::{FieldId, Reason};
use crate::inventory::group::Grouped;
use crate::inventory::intern::Symbol;
use crate::inventory::{BackupIx, Inventory, ResourceIx, VaultIx};
use judge::Judge;
pub use judge::status_at;
pub use listed::Cover;
use packed::Packed;
pub use summary::{Summary, VaultSummary};

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

impl Goodness {
    /// Whether it can be restored from.
    #[must_use]
    pub fn is_good(self) -> bool {
        self == Self::Good
    }
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

/// The newest of some server backups by project, with its moment.
type Servers = AHashMap<Symbol, (Timestamp, BackupIx)>;

/// The oldest and the newest of some server backups by project, with their moments.
type Spans = AHashMap<Symbol, [(Timestamp, BackupIx); 2]>;

/// The restore point of every backup.
#[derive(Debug)]
pub struct RestorePoints {
    points: Vec<Packed>,
    unseen_servers: Servers,
    bare_servers: Servers,
    possible_bare_servers: Spans,
    newest_first: Grouped,
    summaries: Vec<Summary>,
    vaults: Vec<VaultSummary>,
    in_no_vault: VaultSummary,
}

impl RestorePoints {
    /// Judges every backup at the as-of time. `region` is the user's word for where the backups are.
    #[must_use]
    pub fn judge(inventory: &Inventory, clock: &Clock, region: Option<&str>) -> Self {
        let backups = u32::try_from(inventory.len()).unwrap_or(u32::MAX);
        let judge = Judge { inventory, now: clock.time, region };
        let all = (0..backups).into_par_iter().with_max_len(4096).map(|ix| inventory.backup(BackupIx(ix)));
        let points: Vec<_> = all.clone().map(|backup| judge.point(backup)).collect();
        let mut judged = Self {
            points,
            unseen_servers: Servers::new(),
            bare_servers: Servers::new(),
            possible_bare_servers: Spans::new(),
            newest_first: Grouped::default(),
            summaries: Vec::new(),
            vaults: Vec::new(),
            in_no_vault: VaultSummary::default(),
        };
        let copied: Vec<_> = all
            .filter_map(|backup| judge.copied(backup, &judged).map(|(offsite, lasts)| (backup.ix, offsite, lasts)))
            .collect();
        for (ix, offsite, lasts) in copied {
            judged.points[ix.index()].set_offsite(offsite, lasts);
        }
        (judged.unseen_servers, judged.bare_servers, judged.possible_bare_servers) = judge.unseen_servers(&judged);
        judged.newest_first =
            inventory.points_sorted_by(|ix| std::cmp::Reverse(judged.points[ix.index()].time(inventory)));
        let resources = u32::try_from(inventory.resources().count()).unwrap_or(u32::MAX);
        let summary = |resource| Summary::new(inventory, &judged, clock.time, ResourceIx(resource));
        judged.summaries = (0..resources).into_par_iter().with_max_len(64).map(summary).collect();
        let vaults: Vec<_> = inventory.vaults().collect();
        let summary = |vault| VaultSummary::new(inventory, &judged, inventory.in_vault(vault));
        judged.vaults = vaults.into_par_iter().with_max_len(1).map(summary).collect();
        judged.in_no_vault = VaultSummary::new(inventory, &judged, inventory.in_no_vault());
        judged
    }

    /// What is known of a resource as a whole.
    #[must_use]
    pub fn summary(&self, resource: ResourceIx) -> &Summary {
        &self.summaries[resource.index()]
    }

    /// What is known of a vault as a whole.
    #[must_use]
    pub fn vault(&self, vault: VaultIx) -> &VaultSummary {
        &self.vaults[vault.index()]
    }

    /// What is known of the restore points of which no answer tells the vault: they may be in any.
    #[must_use]
    pub fn in_no_vault(&self) -> &VaultSummary {
        &self.in_no_vault
    }

    /// The newest good server backup of a project whose disks the answers do not show, with its moment.
    #[must_use]
    pub fn newest_unseen_server(&self, project: Symbol) -> Option<(Timestamp, BackupIx)> {
        self.unseen_servers.get(&project).copied()
    }

    /// The newest server backup of a project, of whatever worth, that carries no usable children, with its moment; the
    /// latest of all times if that is not known.
    #[must_use]
    pub fn newest_bare_server(&self, project: Symbol) -> Option<(Timestamp, BackupIx)> {
        self.bare_servers.get(&project).copied()
    }

    /// The oldest and the newest of these that may be good, with their moments; the earliest and the latest of all times if they
    /// are not known.
    pub fn possible_bare_servers(&self, project: Symbol) -> impl Iterator<Item = (Timestamp, BackupIx)> {
        self.possible_bare_servers.get(&project).copied().into_iter().flatten()
    }

    /// The restore points of a resource, good or not, newest first.
    pub fn newest_first(&self, resource: ResourceIx) -> impl Iterator<Item = BackupIx> + Clone {
        self.newest_first.of(resource.0).iter().copied().map(BackupIx)
    }

    /// Whether a backup can be restored from.
    #[must_use]
    pub fn goodness(&self, ix: BackupIx) -> Goodness {
        self.points[ix.index()].goodness
    }

    /// Whether a backup has a copy in another region.
    #[must_use]
    pub fn offsite(&self, ix: BackupIx) -> Offsite {
        self.points[ix.index()].offsite
    }

    /// The moment that the data of a backup are of.
    #[must_use]
    pub fn time(&self, inventory: &Inventory, ix: BackupIx) -> Option<Timestamp> {
        self.points[ix.index()].time(inventory)
    }

    /// Whether a backup existed at the as-of time, as far as it is known.
    #[must_use]
    pub fn existed(&self, ix: BackupIx) -> bool {
        self.points[ix.index()].existed()
    }

    /// How many backups were made after the as-of time.
    #[must_use]
    pub fn made_later(&self) -> u64 {
        self.points.par_iter().filter(|point| !point.existed()).count() as u64
    }

    /// What a backup is worth.
    #[must_use]
    pub fn of(&self, inventory: &Inventory, ix: BackupIx) -> RestorePoint {
        self.points[ix.index()].unpack(inventory.backup(ix), inventory)
    }
}
