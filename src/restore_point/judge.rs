//! How a backup is judged as a restore point, and its copies in other regions.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files, listings and keys are those of the inventory that they are looked up in"
)]

use jiff::Timestamp;
use rayon::prelude::*;

use super::packed::{Judged, Packed};
use super::{Caveat, Goodness, Offsite, RestorePoints, Servers, Spans};
use crate::inventory::backup::{Backup, Disks, Replications, Role};
use crate::inventory::field::{Field, FieldId, FieldSet, Reason};
use crate::inventory::intern::Symbol;
use crate::inventory::record::pack_time;
use crate::inventory::replication::Replication;
use crate::inventory::vocabulary::{ImageType, ReplicationStatus, ResourceType, RestoreMode, Status};
use crate::inventory::{BackupIx, Inventory};

pub(super) struct Judge<'i> {
    pub(super) inventory: &'i Inventory,
    pub(super) now: Timestamp,
    pub(super) region: Option<&'i str>,
}

/// A verdict in the making: "no" wins over "cannot tell", which wins over "yes".
struct Doubt {
    bad: bool,
    unknown: Option<Reason>,
}

impl Doubt {
    fn doubt(&mut self, reason: Reason) {
        self.unknown.get_or_insert(reason);
    }

    fn verdict(self) -> Goodness {
        match (self.bad, self.unknown) {
            (true, _) => Goodness::Bad,
            (false, Some(reason)) => Goodness::Unknown(reason),
            (false, None) => Goodness::Good,
        }
    }
}

impl Judge<'_> {
    /// What a backup is worth by itself.
    pub(super) fn point(&self, backup: Backup<'_>) -> Packed {
        let seen = &Seen::new(backup);
        // The data of a replica are of the moment of its source.
        let source = backup.source().map(Seen::new);
        let owner = source.as_ref().unwrap_or(seen);
        let moment = owner.moment().filter(|_| !backup.is_claimed_twice());
        Packed::new(&Judged {
            goodness: self.goodness(seen, owner, moment),
            stated: moment.map(|(_, reading, field)| (reading, field)),
            first_reading: backup.first_reading(),
            encrypted: seen.encrypted(),
            caveats: seen.caveats(),
            existed: seen.created.value().is_none_or(|created| created <= self.now),
        })
    }

    /// By project, the newest good server backup whose disks the answers do not show, the newest of any worth that carries no
    /// usable children, and the oldest and the newest of the latter that may be good.
    pub(super) fn unseen_servers(&self, points: &RestorePoints) -> (Servers, Servers, Spans) {
        let backups = u32::try_from(self.inventory.len()).unwrap_or(u32::MAX);
        let unseen =
            (0..backups).into_par_iter().with_max_len(4096).filter_map(|ix| self.unseen_server(BackupIx(ix), points));
        let (mut good, mut bare, mut possible) = (Servers::new(), Servers::new(), Spans::new());
        for (is_good, project, time, ix) in unseen.collect::<Vec<_>>() {
            let newest = if is_good { &mut good } else { &mut bare };
            let best = newest.entry(project).or_insert((time, ix));
            *best = (*best).max((time, ix));
            if matches!(points.goodness(ix), Goodness::Unknown(_)) {
                let first = points.time(self.inventory, ix).unwrap_or(Timestamp::MIN);
                let [oldest, newest] = possible.entry(project).or_insert([(first, ix), (time, ix)]);
                *oldest = (*oldest).min((first, ix));
                *newest = (*newest).max((time, ix));
            }
        }
        (good, bare, possible)
    }

    /// A server backup by itself whose disks the answers do not show, and whether it is good: then its children are those of
    /// a list, else they are missing or unusable. With its project and its moment.
    fn unseen_server(&self, ix: BackupIx, points: &RestorePoints) -> Option<(bool, Symbol, Timestamp, BackupIx)> {
        let backup = self.inventory.backup(ix);
        let is_server = || backup.resource_type().value().is_some_and(|kind| kind.is_server());
        if backup.role() != Role::Top || !is_server() {
            return None;
        }
        let is_good = points.goodness(ix) == Goodness::Good;
        let is_unseen = match backup.disks() {
            Disks::NotShown => is_good,
            Disks::Missing(..) => !is_good && points.existed(ix),
            Disks::Seen(..) | Disks::NoneShown => false,
        };
        if !is_unseen {
            return None;
        }
        // A server that does not say which one it is contains disks all the same.
        let is_stray = match backup.resource() {
            Some(resource) => self.inventory.resource(resource).is_replica,
            None => backup.image_type().value() == Some(ImageType::Replication),
        };
        let time = points.time(self.inventory, ix).or((!is_good).then_some(Timestamp::MAX))?;
        (!is_stray).then_some((is_good, backup.symbol(FieldId::ProjectId).value()?, time, ix))
    }

    fn goodness(&self, seen: &Seen<'_>, owner: &Seen<'_>, moment: Option<Moment>) -> Goodness {
        let backup = seen.backup;
        let mut doubt = Doubt { bad: false, unknown: None };
        if backup.in_cycle() || backup.is_claimed_twice() {
            doubt.doubt(Reason::RecordConflict);
        }
        self.consider_expiry(backup, &mut doubt);
        self.consider_status(backup, &mut doubt);
        match seen.created.known() {
            Ok(created) => doubt.bad |= created > self.now,
            Err(reason) => doubt.doubt(reason),
        }
        match (moment, owner.created.known()) {
            (Some((time, _, _)), _) => doubt.bad |= time > self.now,
            (None, Err(reason)) => doubt.doubt(reason),
            (None, Ok(_)) => {}
        }
        if let Err(reason) = backup.image_type().known() {
            doubt.doubt(reason);
        }
        match seen.kind.known() {
            Ok(kind) if kind.is_server() && !self.changed_later(backup) => self.consider_disks(seen, &mut doubt),
            Ok(_) => {}
            Err(reason) => doubt.doubt(reason),
        }
        if self.inventory.listings.vanished.contains(&backup.ix) {
            doubt.doubt(Reason::InputIncomplete);
        }
        doubt.verdict()
    }

    fn consider_expiry(&self, backup: Backup<'_>, doubt: &mut Doubt) {
        match backup.time(FieldId::ExpiredAt).optional() {
            Ok(expires) => doubt.bad |= expires.is_some_and(|expires| expires <= self.now),
            Err(reason) => doubt.doubt(reason),
        }
    }

    /// The status counts only if it is that of the as-of time.
    fn consider_status(&self, backup: Backup<'_>, doubt: &mut Doubt) {
        match status_at(backup, self.now) {
            Ok(status) => doubt.bad |= !status.is_usable(),
            Err(reason) => doubt.doubt(reason),
        }
    }

    /// Whether the record was updated after the as-of time, so that neither its state nor that of its disks is known.
    fn changed_later(&self, backup: Backup<'_>) -> bool {
        backup.time(FieldId::UpdatedAt).value().is_some_and(|updated| updated > self.now)
    }

    /// Whether it is plain that a time of a backup does not lie behind the as-of time.
    fn is_plainly_past(&self, backup: Backup<'_>, field: FieldId) -> bool {
        backup.plain_time(field).zip(pack_time(self.now)).is_some_and(|(time, now)| time <= now)
    }

    fn consider_disks(&self, seen: &Seen<'_>, doubt: &mut Doubt) {
        match seen.disks() {
            Disks::Seen(_, partly) => {
                for disk in seen.backup.children() {
                    self.consider_status(disk, doubt);
                    if self.is_plainly_past(disk, FieldId::CreatedAt) {
                        continue;
                    }
                    match disk.time(FieldId::CreatedAt).known() {
                        Ok(created) if created > self.now => doubt.doubt(Reason::NotInMetadata),
                        Ok(_) => {}
                        Err(reason) => doubt.doubt(reason),
                    }
                }
                if partly {
                    doubt.doubt(Reason::InputIncomplete);
                }
            }
            Disks::NoneShown | Disks::NotShown => {}
            Disks::Missing(reason, _) => doubt.doubt(reason),
        }
    }

    /// The copies of a backup in other regions, and whether they last; `None` if there are none.
    pub(super) fn copied(&self, backup: Backup<'_>, points: &RestorePoints) -> Option<(Offsite, bool)> {
        let shown = backup.replications();
        let copied = (self.offsite(backup, shown, points), self.copies_last(shown, points));
        (copied != (Offsite::None, true)).then_some(copied)
    }

    fn offsite(&self, backup: Backup<'_>, shown: Replications<'_>, points: &RestorePoints) -> Offsite {
        if let Some(source) = backup.source() {
            return self.replica(backup, source);
        }
        if backup.is_claimed_twice() {
            return Offsite::Unknown(Reason::RecordConflict);
        }
        match shown {
            Replications::NoneShown => Offsite::None,
            Replications::NotShown(reason) => Offsite::Unknown(reason),
            Replications::Seen(reading, records) => {
                let copies = records.iter().map(|record| self.copy(reading, &record, points));
                copies.max().unwrap_or(Offsite::None)
            }
        }
    }

    /// A replica is itself the copy, if the record that leads to it leaves the region.
    fn replica(&self, replica: Backup<'_>, source: Backup<'_>) -> Offsite {
        let id = replica.id(FieldId::Id).value();
        let (reading, records) = match source.replications() {
            Replications::Seen(reading, records) => (reading, records),
            Replications::NotShown(reason) => return Offsite::Unknown(reason),
            Replications::NoneShown => return Offsite::None,
        };
        let leading = records.iter().filter(|record| record.destination_backup_id.value() == id);
        let copies = leading.map(|record| {
            let destination = record.destination_region.known();
            match destination.and_then(|destination| self.leaves_region(reading, &record, destination)) {
                Ok(true) => Offsite::Confirmed,
                Ok(false) => Offsite::None,
                Err(reason) => Offsite::Unknown(reason),
            }
        });
        copies.max().unwrap_or(Offsite::None)
    }

    /// Whether the copies of a backup in other regions have no end date, as far as they are loaded.
    fn copies_last(&self, shown: Replications<'_>, points: &RestorePoints) -> bool {
        let Replications::Seen(_, records) = shown else { return true };
        let copies = records.iter().filter_map(|record| record.destination_backup_id.value());
        let loaded = copies.filter_map(|copy| self.inventory.by_id(copy));
        let lasts = |copy| points.of(self.inventory, copy).lasts();
        loaded.fold(None, |lasting: Option<bool>, copy| Some(lasting.unwrap_or(false) || lasts(copy))) != Some(false)
    }

    /// What one replication record proves.
    fn copy(&self, reading: u32, record: &Replication, points: &RestorePoints) -> Offsite {
        match self.try_copy(reading, record, points) {
            Ok(offsite) => offsite,
            Err(reason) => Offsite::Unknown(reason),
        }
    }

    fn try_copy(&self, reading: u32, record: &Replication, points: &RestorePoints) -> Result<Offsite, Reason> {
        if record.created_at.known()? > self.now {
            return Ok(Offsite::None);
        }
        let destination = record.destination_region.known()?;
        if record.status.known()? != ReplicationStatus::Success || !self.leaves_region(reading, record, destination)? {
            return Ok(Offsite::None);
        }
        let copy = match record.destination_backup_id.known() {
            Ok(copy) => copy,
            Err(reason) if self.inventory.has_unlinked_replicas() => return Err(reason),
            Err(_) => return Ok(Offsite::Claimed),
        };
        let Some(copy) = self.inventory.by_id(copy) else { return Ok(Offsite::Claimed) };
        if self.inventory.backup(copy).image_type().known()? != ImageType::Replication {
            return Ok(Offsite::Claimed);
        }
        Ok(match points.goodness(copy) {
            Goodness::Good => Offsite::Confirmed,
            Goodness::Bad => Offsite::None,
            Goodness::Unknown(reason) => Offsite::Unknown(reason),
        })
    }

    /// Whether the destination is another region than the source, which the record, the user or the capture note names.
    fn leaves_region(&self, reading: u32, record: &Replication, destination: Symbol) -> Result<bool, Reason> {
        let destination = self.inventory.text(destination);
        let source = match record.source_region.known() {
            Ok(source) => self.inventory.text(source),
            Err(reason) => self.home_region(reading).ok_or(reason)?,
        };
        Ok(destination != source)
    }

    fn home_region(&self, reading: u32) -> Option<&str> {
        let file = &self.inventory.files[self.inventory.file_of(reading).index()];
        self.region.or_else(|| self.inventory.captures.nearest(file.directory(), |note| note.region.as_deref()))
    }
}

const UPDATED: FieldSet = FieldSet::of(&[FieldId::UpdatedAt]);

/// The status at the as-of time; a record updated later does not tell what it was before.
///
/// # Errors
/// The reason why the status at that time cannot be told.
pub fn status_at(backup: Backup<'_>, now: Timestamp) -> Result<Status, Reason> {
    // Nearly always it is plain that the record was not changed since.
    if backup.has_no_oddities(UPDATED)
        && let Some(now) = pack_time(now)
        && backup.plain_time(FieldId::UpdatedAt).is_none_or(|updated| updated <= now)
    {
        return backup.status().known();
    }
    match backup.time(FieldId::UpdatedAt).optional()? {
        Some(updated) if updated > now => Err(Reason::NotInMetadata),
        _ => backup.status().known(),
    }
}

/// A moment, and the reading and field that state it.
pub type Moment = (Timestamp, u32, FieldId);

/// A backup and what is looked at several times to judge it.
struct Seen<'i> {
    backup: Backup<'i>,
    created: Field<Timestamp>,
    kind: Field<ResourceType>,
    /// None where nothing is composed of disks: no server, and no known disk either.
    disks: Option<Disks<'i>>,
    /// When its own data are of.
    own: Option<Moment>,
}

impl<'i> Seen<'i> {
    fn new(backup: Backup<'i>) -> Self {
        let (created, kind) = (backup.time(FieldId::CreatedAt), backup.resource_type());
        let is_composed = kind.value().is_some_and(|kind| kind.is_server()) || backup.children_len() > 0;
        let disks = is_composed.then(|| backup.disks());
        Self { backup, created, kind, disks, own: own_moment(backup) }
    }

    fn is_server(&self) -> bool {
        self.kind.value().is_some_and(|kind| kind.is_server())
    }

    fn disks(&self) -> Disks<'i> {
        self.disks.unwrap_or_else(|| self.backup.disks())
    }

    /// The moment a backup's data are of, and the reading and field that state it: the protection time if it carries a time
    /// of day, else the creation; for a server the earliest over itself and its known disks.
    fn moment(&self) -> Option<Moment> {
        let own = self.own?;
        let disks = self.backup.children().filter(|_| self.is_server()).filter_map(own_moment);
        disks.chain([own]).min_by_key(|moment| moment.0)
    }

    fn caveats(&self) -> u16 {
        let Self { backup, disks, .. } = *self;
        let mut bits = 0;
        let mut note = |caveat: Caveat, holds: bool| bits |= if holds { caveat as u16 } else { 0 };
        let is_server = self.is_server();
        note(Caveat::ModeNa, backup.restore_mode().value() == Some(RestoreMode::Na));
        note(Caveat::ModeNull, is_server && backup.restore_mode().optional() == Ok(None));
        note(Caveat::NoSystemDisk, is_server && backup.flag(FieldId::ContainSystemDisk).value() == Some(false));
        note(Caveat::DisksNotShown, is_server && disks == Some(Disks::NotShown));
        note(Caveat::NoDisks, is_server && disks == Some(Disks::NoneShown));
        note(Caveat::AppConsistencyFailed, backup.app_consistency_failed());
        let status = backup.status().value();
        note(Caveat::Busy, matches!(status, Some(Status::Restoring | Status::WaitingRestore)));
        note(Caveat::TimeFromCreation, self.own.is_some_and(|(_, _, field)| field == FieldId::CreatedAt));
        bits
    }

    /// Whether all its disks are encrypted, as far as it is known.
    fn encrypted(&self) -> Option<bool> {
        let own = self.backup.flag(FieldId::Encrypted);
        // A disk that is not encrypted decides, one that does not say leaves it open.
        let mut all_say_so = true;
        for disk in self.backup.children() {
            match disk.flag(FieldId::Encrypted).value() {
                Some(false) => return Some(false),
                said => all_say_so &= said.is_some(),
            }
        }
        if let Some(Disks::Seen(_, partly)) = self.disks {
            return (!partly && all_say_so && own != Field::Value(false)).then_some(true);
        }
        let is_server = self.kind.value().is_none_or(|kind| kind.is_server());
        own.value().filter(|own| !own || !is_server)
    }
}

fn own_moment(backup: Backup<'_>) -> Option<Moment> {
    let protected = backup.time(FieldId::ProtectedAt).value().filter(|_| !backup.is_day_only(FieldId::ProtectedAt));
    let (time, field) = match protected {
        Some(time) => (time, FieldId::ProtectedAt),
        None => (backup.time(FieldId::CreatedAt).value()?, FieldId::CreatedAt),
    };
    Some((time, backup.reading_of(field), field))
}
