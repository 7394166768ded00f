//! What a rule is: a value with its texts, parameters, controls, logic and worked cases; and what a rule is given to
//! judge with. Rule files import from here alone.

use jiff::{SignedDuration, Timestamp};

use crate::clock::{Clock, ClockSource};
use crate::restore_point::{RestorePoints, status_at};

pub use crate::case::{Case, NOON};
pub use crate::finding::{
    Evidence, Finding, Key, Note, ReplicationKey, SchemaBreak, Severity, Subject, TASK_ERROR, Value, Verdict,
};
pub use crate::inventory::backup::{Backup, Disks, Replications, Role};
pub use crate::inventory::expected::{ExpectedIx, ExpectedRow, Retired};
pub use crate::inventory::field::{Field, FieldId, FieldSet, Reason};
pub use crate::inventory::file::FileState;
pub use crate::inventory::intern::Symbol;
pub use crate::inventory::listing::Completeness;
pub use crate::inventory::neighbour::listed::{ListedIx, NamedBy};
pub use crate::inventory::neighbour::part::Part;
pub use crate::inventory::neighbour::task::MadeGood;
pub use crate::inventory::neighbour::{Kind, Neighbour, NeighbourIx, Spot, Tree};
pub use crate::inventory::record::{TIMES, WORDS};
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

impl Rule {
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
    /// Every file.
    EachFile(fn(&Context<'_>, FileIx, &mut Sink<'_>)),
    /// The list answers of every project and directory.
    EachListing(fn(&Context<'_>, ListingIx, &mut Sink<'_>)),
    /// The whole inventory at once.
    Whole(fn(&Context<'_>, &mut Sink<'_>)),
}

impl Rule {
    /// Whether the rule judges the input itself: what it finds leaves the answer incomplete.
    #[must_use]
    pub fn is_about_input(&self) -> bool {
        matches!(self.check, Check::EachFile(_) | Check::EachListing(_))
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
            Self::EachFile(_) => "file",
            Self::EachListing(_) => "listing",
            Self::Whole(_) => "key and type",
        }
    }
}

/// Restore points with what they are worth.
pub type Points<'i> = Vec<Point<'i>>;

/// A backup with what it is worth as a restore point.
pub type Point<'i> = (Backup<'i>, RestorePoint);

/// The first of some restore points that cannot be judged, and why.
#[must_use]
pub fn first_doubt<'i>(points: &[Point<'i>]) -> Option<(Backup<'i>, Reason)> {
    points.iter().find_map(|(backup, point)| Some((*backup, point.unknown()?)))
}

/// The parameters of a rule, in the order of its declaration.
#[derive(Clone, Debug, Default)]
pub struct Values {
    numbers: Vec<f64>,
    spans: Vec<SignedDuration>,
}

impl Values {
    /// The parameters of a rule with these values.
    #[must_use]
    pub fn new(rule: &Rule, numbers: Vec<f64>) -> Self {
        let spans = rule.params.iter().zip(&numbers).map(|(param, &number)| span_of(param, number)).collect();
        Self { numbers, spans }
    }
}

/// The length of time that a number means for a parameter.
#[must_use]
pub fn span_of(param: &Param, number: f64) -> SignedDuration {
    SignedDuration::try_from_secs_f64(number * param.unit.seconds()).unwrap_or(SignedDuration::MAX)
}

fn is_open(goodness: Goodness) -> bool {
    matches!(goodness, Goodness::Unknown(_))
}

/// What a rule is given to judge with.
#[derive(Clone, Copy, Debug)]
pub struct Context<'i> {
    /// The frozen inventory.
    pub inventory: &'i Inventory,
    /// The as-of time.
    pub clock: &'i Clock,
    /// What every backup is worth as a restore point.
    pub points: &'i RestorePoints,
    /// The rule's parameters.
    pub values: &'i Values,
    /// The rule itself.
    pub rule: &'i Rule,
}

impl<'i> Context<'i> {
    /// The as-of time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.time
    }

    /// The value of a parameter of the rule.
    #[must_use]
    pub fn number(&self, param: &Param) -> f64 {
        self.position(param).map_or(param.default, |position| self.values.numbers[position])
    }

    fn position(&self, param: &Param) -> Option<usize> {
        self.rule.params.iter().position(|declared| declared.key == param.key)
    }

    /// The value of a parameter that counts something.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "settings admit whole counts only")]
    pub fn count(&self, param: &Param) -> u64 {
        self.number(param) as u64
    }

    /// The value of a parameter that is a length of time.
    #[must_use]
    pub fn span(&self, param: &Param) -> SignedDuration {
        self.position(param).map_or_else(|| span_of(param, param.default), |position| self.values.spans[position])
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn is_on(&self, param: &Param) -> bool {
        self.number(param) > 0.5
    }

    /// The chosen word of a parameter that offers a choice.
    #[must_use]
    pub fn choice(&self, param: &Param) -> &'static str {
        match param.unit {
            ParamUnit::Choice(words) => {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index below four")]
                let index = self.number(param) as usize;
                words.get(index).copied().unwrap_or_default()
            }
            _ => "",
        }
    }

    /// The subject for a resource that some inventory names: the resource itself where there are backups of it.
    #[must_use]
    pub fn subject_of_listed(&self, listed: ListedIx) -> Subject {
        self.inventory.listed(listed).resource.map_or(Subject::Listed(listed), Subject::Resource)
    }

    /// Whether an expected resource is out of use at the as-of time.
    ///
    /// # Errors
    /// It retires after an as-of time that is only a lower bound.
    pub fn is_retired(&self, row: &ExpectedRow) -> Result<bool, Reason> {
        let is_retired = row.is_retired_at(self.now());
        let may_turn = row.retired.is_some() && !self.clock.is_exact();
        if may_turn && !is_retired { Err(Reason::ClockInferred) } else { Ok(is_retired) }
    }

    /// Gives the verdict on a resource that is out of use, where the rule asks for new backups: nobody owes them. Returns
    /// whether there is nothing left to judge.
    pub fn spares_retired(&self, subject: Subject, row: Option<&ExpectedRow>, out: &mut Sink<'_>) -> bool {
        let Some(row) = row.filter(|_| self.rule.asks_for_backups()) else { return false };
        match self.is_retired(row) {
            Ok(false) => return false,
            Ok(true) => out.not_applicable(subject),
            Err(reason) => {
                out.unknown(subject, reason);
            }
        }
        true
    }

    /// How long the RPO is, with its tolerance.
    #[must_use]
    pub fn rpo_limit(&self) -> SignedDuration {
        self.span(&RPO_HOURS).saturating_add(self.span(&RPO_TOLERANCE_HOURS))
    }

    /// How long before the as-of time a moment lies.
    #[must_use]
    pub fn age(&self, time: Timestamp) -> SignedDuration {
        self.now().duration_since(time)
    }

    /// What a backup is worth as a restore point.
    #[must_use]
    pub fn point(&self, backup: Backup<'_>) -> RestorePoint {
        self.points.of(self.inventory, backup.ix)
    }

    /// The status of a backup at the as-of time.
    ///
    /// # Errors
    /// The reason why it cannot be told.
    pub fn status(&self, backup: Backup<'_>) -> Result<Status, Reason> {
        status_at(backup, self.now())
    }

    /// Whether a backup existed at the as-of time. With the wall clock as the as-of time, a record of the future is no
    /// later export but an inconsistency, and is looked at all the same.
    #[must_use]
    pub fn exists(&self, backup: Backup<'_>) -> bool {
        self.points.existed(backup.ix)
    }

    /// Whether something of an answer around the backups had happened by the as-of time. Where that is only a lower bound,
    /// what the dump tells of had.
    #[must_use]
    pub fn had_happened(&self, time: Option<Timestamp>) -> bool {
        !self.clock.is_exact() || time.is_none_or(|time| time <= self.now())
    }

    /// Whether the as-of time is the wall clock.
    #[must_use]
    pub fn is_now(&self) -> bool {
        self.clock.source == ClockSource::Now
    }

    /// The good restore points of a resource, newest first.
    #[must_use]
    pub fn good_points(&self, resource: ResourceIx) -> Points<'i> {
        self.points_where(resource, |_, goodness| goodness == Goodness::Good)
    }

    /// The restore points of a resource that may be good for all that is known, newest first.
    #[must_use]
    pub fn possible_points(&self, resource: ResourceIx) -> Points<'i> {
        self.points_where(resource, |_, goodness| is_open(goodness))
    }

    /// The good and the possible restore points that the rules on retention and off-site copies count: without orphans,
    /// which live as long as a server backup that is not there.
    #[must_use]
    pub fn retained_points(&self, resource: ResourceIx) -> (Points<'i>, Points<'i>) {
        let counts = |backup: Backup<'_>| backup.role() != Role::Orphan;
        let good = self.points_where(resource, |backup, goodness| counts(backup) && goodness == Goodness::Good);
        let possible = self.points_where(resource, |backup, goodness| counts(backup) && is_open(goodness));
        (good, possible)
    }

    fn points_where(&self, resource: ResourceIx, wanted: impl Fn(Backup<'_>, Goodness) -> bool) -> Points<'i> {
        let newest_first = self.points.newest_first(resource).map(|ix| self.inventory.backup(ix));
        let wanted =
            newest_first.filter(|backup| self.exists(*backup) && wanted(*backup, self.points.goodness(backup.ix)));
        wanted.map(|backup| (backup, self.point(backup))).collect()
    }

    /// The newest backup of a resource, good or not, by creation.
    #[must_use]
    pub fn newest_record(&self, resource: ResourceIx) -> Option<Backup<'i>> {
        let existing = self.inventory.points(resource).filter(|backup| self.exists(*backup));
        existing.max_by_key(|backup| (backup.time(FieldId::CreatedAt).value(), std::cmp::Reverse(backup.ix)))
    }

    /// Whether the rules on retention and off-site copies leave a backup out: orphans, whose life is that of their server
    /// backup, and replicas, whose life and copies are those of their source.
    ///
    /// # Errors
    /// The reason why it cannot be told whether the backup is a replica.
    pub fn is_outside_retention(&self, backup: Backup<'_>) -> Result<bool, Reason> {
        Ok(backup.role() == Role::Orphan || backup.image_type().known()? == ImageType::Replication)
    }

    /// Whether the rules on retention and off-site copies leave a resource out.
    #[must_use]
    pub fn is_outside_retention_as_resource(&self, resource: ResourceIx) -> bool {
        let row = self.inventory.resource(resource);
        row.is_replica || row.is_orphan
    }

    /// What is known of the resource of a backup as a whole; nothing if it has none.
    #[must_use]
    pub fn summary(&self, backup: Backup<'_>) -> Summary {
        backup.resource().map(|resource| *self.points.summary(resource)).unwrap_or_default()
    }

    /// A good server backup of the project that is no older than the limit and whose disks the answers do not show: any
    /// disk may be in it.
    #[must_use]
    pub fn recent_unseen_server(&self, project: Symbol, limit: SignedDuration) -> Option<Backup<'i>> {
        let (time, server) = self.points.newest_unseen_server(project)?;
        (self.age(time) <= limit).then(|| self.inventory.backup(server))
    }

    /// The field among those that a rule reads which keeps it from judging for this reason, with its evidence; the
    /// record as a whole if none of its own fields does.
    #[must_use]
    pub fn blame(&self, backup: Backup<'_>, reason: Reason, fields: &[FieldId]) -> (Value, Evidence) {
        let blocks = |field: &&FieldId| match (reason, **field) {
            (Reason::NotInMetadata, FieldId::UpdatedAt) => {
                backup.time(FieldId::UpdatedAt).value().is_some_and(|updated| updated > self.now())
            }
            (_, field) => backup.presence(field).known() == Err(reason),
        };
        match fields.iter().find(blocks) {
            Some(&field) => self.at(backup, field),
            None => (Value::Words(reason.meaning()), Evidence::Record(backup.first_reading())),
        }
    }

    /// The same for a backup that cannot be judged as a restore point.
    #[must_use]
    pub fn blame_point(&self, backup: Backup<'_>, reason: Reason) -> (Value, Evidence) {
        const READ: [FieldId; 6] = [
            FieldId::Status,
            FieldId::ImageType,
            FieldId::CreatedAt,
            FieldId::ResourceType,
            FieldId::Children,
            FieldId::UpdatedAt,
        ];
        self.blame(backup, reason, &READ)
    }

    /// Leaves a resource not judged because one of its restore points cannot be.
    pub fn leave_open(&self, out: &mut Sink<'_>, resource: ResourceIx, (backup, reason): (Backup<'_>, Reason)) {
        let (observed, evidence) = self.blame_point(backup, reason);
        out.unknown(Subject::Resource(resource), reason).observed(observed, evidence);
    }

    /// Evidence for a field of a backup, in the copy that supplies it.
    #[must_use]
    pub fn at(&self, backup: Backup<'_>, field: FieldId) -> (Value, Evidence) {
        let reading = backup.reading_of(field);
        (Value::Field(reading, field), Evidence::Field(reading, field))
    }
}
