//! What a rule is: a value with its texts, parameters, controls, logic and worked cases; and what a rule is given to
//! judge with. Rule files import from here alone.

mod context;
mod unseen;

pub use crate::case::{Case, NOON};
pub use crate::finding::{
    Evidence, Finding, Key, Note, ReplicationKey, SchemaBreak, Severity, Subject, TASK_ERROR, Value, Verdict,
};
pub use crate::inventory::backup::{Backup, Disks, Replications, Role};
pub use crate::inventory::checkpoint::Checkpoints;
pub use crate::inventory::completeness::Completeness;
pub use crate::inventory::expected::{ExpectedIx, ExpectedRow, Retired};
pub use crate::inventory::field::{Field, FieldId, FieldSet, Reason};
pub use crate::inventory::file::FileState;
pub use crate::inventory::id::Id;
pub use crate::inventory::intern::Symbol;
pub use crate::inventory::neighbour::listed::{ListedIx, NamedBy};
pub use crate::inventory::neighbour::part::Part;
pub use crate::inventory::neighbour::task::MadeGood;
pub use crate::inventory::neighbour::{Hiding, Kind, Listing as NeighbourListing, Neighbour, NeighbourIx, Spot, Tree};
pub use crate::inventory::record::{Aside, TIMES, WORDS, pack_time};
pub use crate::inventory::replication::{Replicated, Replication};
pub use crate::inventory::vocabulary::{
    ImageType, MemberStatus, ObjectType, PolicyOperation, ProtectStatus, ProtectType, ReplicationStatus, ResourceType,
    RestoreMode, Status, TaskOperation, TaskStatus, VaultStatus,
};
pub use crate::inventory::{BackupIx, FileIx, Inventory, ListingIx, ResourceIx, VaultIx};
pub use crate::param::{
    MIN_POINTS, Param, ParamUnit, REQUIRE_ENCRYPTION, REQUIRE_OFFSITE, RETENTION_MIN_DAYS, RPO_HOURS,
    RPO_TOLERANCE_HOURS, WARN_DAYS,
};
pub use crate::restore_point::{Cover, Goodness, Offsite, RestorePoint, Summary};
pub use crate::sink::Sink;
pub use context::{Context, Point, Points, ResourcePoints, Values, first_doubt, span_of};

/// The families of the catalogue, in the order of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// Is the evidence itself sound?
    DataQuality,
    /// Are the backups in a healthy state?
    Health,
    /// Do they live as long as they should, and no longer?
    Retention,
    /// Are they encrypted?
    Encryption,
    /// Is there a copy elsewhere?
    Offsite,
    /// Do server backups and their disks belong together?
    Hierarchy,
    /// Is every resource covered recently and often enough?
    Coverage,
    /// Do vaults, policies and tasks do their part?
    Context,
}

impl Family {
    /// The name of the family's folder and heading.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::DataQuality => "data quality",
            Self::Health => "health",
            Self::Retention => "retention",
            Self::Encryption => "encryption",
            Self::Offsite => "off-site",
            Self::Hierarchy => "hierarchy",
            Self::Coverage => "coverage",
            Self::Context => "context",
        }
    }
}

/// A rule of the catalogue.
#[derive(Debug)]
pub struct Rule {
    /// Its id: the name of its file, its key in settings, its value in every output.
    pub id: &'static str,
    /// Its family.
    pub family: Family,
    /// The highest severity it can give.
    pub severity: Severity,
    /// What is wrong where it fails, in a few words.
    pub title: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// What `pass`, `fail`, `unknown` and `not-applicable` mean here.
    pub logic: &'static str,
    /// Its parameters.
    pub params: &'static [Param],
    /// The controls it gives evidence for or against.
    pub controls: &'static [&'static str],
    /// What it runs over, and how it judges.
    pub check: Check,
    /// Worked cases: example, documentation and test at once.
    pub cases: &'static [Case],
}

/// What a rule runs over, and the function that judges one unit.
#[derive(Debug)]
pub enum Check {
    /// Every backup record, disks included.
    EachRecord(fn(&Context<'_>, Backup<'_>, &mut Sink<'_>)),
    /// Every restore point: top-level backups and orphans.
    EachBackup(fn(&Context<'_>, Backup<'_>, &mut Sink<'_>)),
    /// Every backup that is, or claims to be, part of another.
    EachChild(fn(&Context<'_>, Backup<'_>, &mut Sink<'_>)),
    /// Every resource.
    EachResource(fn(&Context<'_>, ResourceIx, &mut Sink<'_>)),
    /// Every vault.
    EachVault(fn(&Context<'_>, VaultIx, &mut Sink<'_>)),
    /// Every vault, policy, task and so on of this kind, from the answers around the backups.
    EachNeighbour(Kind, fn(&Context<'_>, Neighbour<'_>, &mut Sink<'_>)),
    /// Every resource that some inventory names, backed up or not.
    EachListed(fn(&Context<'_>, ListedIx, &mut Sink<'_>)),
    /// Every file of the capture that is judged.
    EachFile(fn(&Context<'_>, FileIx, &mut Sink<'_>)),
    /// Every file, those of older captures too.
    EachFileEver(fn(&Context<'_>, FileIx, &mut Sink<'_>)),
    /// The list answers of every project and directory.
    EachListing(fn(&Context<'_>, ListingIx, &mut Sink<'_>)),
    /// The whole inventory at once, in which the rule finds units of this name.
    Whole(&'static str, fn(&Context<'_>, &mut Sink<'_>)),
}

impl Rule {
    /// Whether the rule judges the input itself: what it finds leaves the answer incomplete. A list around the backups that is cut
    /// short does not, so that it is a failure as any other.
    #[must_use]
    pub fn is_about_input(&self) -> bool {
        matches!(self.check, Check::EachFileEver(_) | Check::EachListing(_))
    }

    /// Whether the rule compares the dump with the expected resources, and has nothing to judge without them.
    #[must_use]
    pub fn is_about_expectation(&self) -> bool {
        ["resource-unexpected", "retired-still-backed-up"].contains(&self.id)
    }

    /// Whether the rule asks for new backups of resources, which nobody owes those that are out of use.
    #[must_use]
    pub fn asks_for_backups(&self) -> bool {
        let of_context = ["resource-unprotected", "protection-broken"].contains(&self.id);
        of_context || self.family == Family::Coverage && !self.is_about_expectation()
    }
}

impl Check {
    /// The unit in which the rule counts.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        match self {
            Self::EachRecord(_) => "record",
            Self::EachBackup(_) => "backup",
            Self::EachChild(_) => "disk backup",
            Self::EachResource(_) => "resource",
            Self::EachVault(_) => "vault",
            Self::EachNeighbour(kind, _) => kind.noun(),
            Self::EachListed(_) => "listed resource",
            Self::EachFile(_) | Self::EachFileEver(_) => "file",
            Self::EachListing(_) => "listing",
            Self::Whole(unit, _) => unit,
        }
    }
}
