//! What a rule is given to judge with: the inventory, the as-of time, restore points, and its parameters.

#![allow(clippy::indexing_slicing, reason = "there is a value for every parameter of a rule")]

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::accepted::KnownValues;
use crate::clock::{Clock, ClockSource};
use crate::restore_point::{RestorePoints, status_at};

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
    /// Regions where copies may be, if that is decided.
    pub allowed_regions: Option<Vec<Symbol>>,
}

impl Values {
    /// The parameters of a rule with these values.
    #[must_use]
    pub fn new(rule: &Rule, numbers: Vec<f64>) -> Self {
        let spans = rule.params.iter().zip(&numbers).map(|(param, &number)| span_of(param, number)).collect();
        Self { numbers, spans, allowed_regions: None }
    }

    /// The same with these regions where copies may be.
    #[must_use]
    pub fn allowing(self, allowed_regions: Option<Vec<Symbol>>) -> Self {
        Self { allowed_regions, ..self }
    }
}

/// The length of time that a number means for a parameter.
#[must_use]
pub fn span_of(param: &Param, number: f64) -> SignedDuration {
    SignedDuration::try_from_secs_f64(number * param.unit.seconds()).unwrap_or(SignedDuration::MAX)
}

/// The restore points of one resource that are good, and those that may be for all that is known, newest first: looked up
/// once for all rules.
#[derive(Clone, Debug)]
pub struct ResourcePoints<'i> {
    /// The resource.
    pub resource: ResourceIx,
    good: Points<'i>,
    possible: Points<'i>,
}

impl<'i> ResourcePoints<'i> {
    /// Looks them up.
    #[must_use]
    pub fn new(inventory: &'i Inventory, points: &RestorePoints, resource: ResourceIx) -> Self {
        let mut found = Self { resource, good: Vec::new(), possible: Vec::new() };
        for ix in points.newest_first(resource).filter(|&ix| points.existed(ix)) {
            let list = match points.goodness(ix) {
                Goodness::Good => &mut found.good,
                Goodness::Unknown(_) => &mut found.possible,
                Goodness::Bad => continue,
            };
            list.push((inventory.backup(ix), points.of(inventory, ix)));
        }
        found
    }
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
    /// Values that the user knows, though no documented words.
    pub known_values: &'i KnownValues,
    /// The rule itself.
    pub rule: &'i Rule,
    /// The restore points of the resource that is being judged, if they are at hand.
    pub at_hand: Option<&'i ResourcePoints<'i>>,
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

    fn position(&self, &Param { key, .. }: &Param) -> Option<usize> {
        let by = |same: fn(&str, &str) -> bool| self.rule.params.iter().position(|param| same(param.key, key));
        // Nearly always it is the very same text, which need not be compared.
        by(|one, other| std::ptr::eq(one, other)).or_else(|| by(|one, other| one == other))
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

    /// The moment that the data of a backup are of.
    #[must_use]
    pub fn moment(&self, backup: Backup<'_>) -> Option<Timestamp> {
        self.points.time(self.inventory, backup.ix)
    }

    /// Whether a backup can be restored from.
    #[must_use]
    pub fn goodness(&self, backup: Backup<'_>) -> Goodness {
        self.points.goodness(backup.ix)
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
    pub fn good_points(&self, resource: ResourceIx) -> Cow<'i, [Point<'i>]> {
        match self.points_of(resource) {
            Cow::Borrowed(points) => Cow::Borrowed(points.good.as_slice()),
            Cow::Owned(points) => Cow::Owned(points.good),
        }
    }

    /// The restore points of a resource that may be good for all that is known, newest first.
    #[must_use]
    pub fn possible_points(&self, resource: ResourceIx) -> Cow<'i, [Point<'i>]> {
        match self.points_of(resource) {
            Cow::Borrowed(points) => Cow::Borrowed(points.possible.as_slice()),
            Cow::Owned(points) => Cow::Owned(points.possible),
        }
    }

    /// The good and the possible restore points that the rules on retention and off-site copies count: without orphans,
    /// which live as long as a server backup that is not there.
    #[must_use]
    pub fn retained_points(&self, resource: ResourceIx) -> (Cow<'i, [Point<'i>]>, Cow<'i, [Point<'i>]>) {
        let counts = |(backup, _): &Point<'_>| backup.role() != Role::Orphan;
        let retained = |points: Cow<'i, [Point<'i>]>| match points.iter().all(counts) {
            true => points,
            false => points.iter().filter(|point| counts(point)).copied().collect(),
        };
        (retained(self.good_points(resource)), retained(self.possible_points(resource)))
    }

    /// The moments of which the data of a restore point of a resource may be one; `None` where nothing tells. A copy that
    /// several backups claim is as old as one of them: as a restore point of this resource, as one of those of this resource.
    #[must_use]
    pub fn possible_moments(&self, resource: ResourceIx, (backup, point): &Point<'_>) -> Option<Vec<Timestamp>> {
        if point.time.is_some() {
            return point.time.map(|time| vec![time]);
        }
        let moments: Option<Vec<_>> = backup.claimed_by(resource).map(|source| self.point(source).time).collect();
        moments.filter(|moments| !moments.is_empty())
    }

    /// The latest moment that the data of a restore point of a resource may be of; `None` where nothing tells. A copy is no
    /// younger than itself.
    #[must_use]
    pub fn latest_moment(&self, resource: ResourceIx, point: &Point<'_>) -> Option<Timestamp> {
        let (backup, RestorePoint { time, .. }) = point;
        if time.is_some() {
            return *time;
        }
        let latest = self.possible_moments(resource, point).and_then(|moments| moments.into_iter().max());
        let copied = backup.time(FieldId::CreatedAt).value().filter(|_| backup.is_claimed_twice());
        latest.into_iter().chain(copied).min()
    }

    /// Whether the data of a restore point of a resource may be no older than a limit.
    #[must_use]
    pub fn may_be_recent(&self, resource: ResourceIx, point: &Point<'_>, limit: SignedDuration) -> bool {
        self.latest_moment(resource, point).is_none_or(|time| self.age(time) <= limit)
    }

    fn points_of(&self, resource: ResourceIx) -> Cow<'i, ResourcePoints<'i>> {
        match self.at_hand.filter(|points| points.resource == resource) {
            Some(points) => Cow::Borrowed(points),
            None => Cow::Owned(ResourcePoints::new(self.inventory, self.points, resource)),
        }
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
