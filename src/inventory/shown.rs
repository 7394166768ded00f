//! The disks and the replication records of a backup, as far as the answers show them: what is not shown is not nothing.

use super::backup::Backup;
use super::field::{FieldId, Reason};
use super::record::{Reading, View};
use super::replication::{Replicated, Replication};
use super::shape::Presence;
use super::{BackupIx, Inventory};

/// The disk backups that a server backup is composed of, as far as the answers show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disks<'i> {
    /// These; the flag tells that there are more, which could not be read, or may be, since no answer carries the key.
    Seen(&'i [u32], bool),
    /// A show answer shows that there are none.
    NoneShown,
    /// A list answer, which does not show them.
    NotShown,
    /// The key is missing or unusable where it should be; the flag tells a show answer.
    Missing(Reason, bool),
}

/// The replication records of a backup, as far as the answers show them.
#[derive(Clone, Copy, Debug)]
pub enum Replications<'i> {
    /// These, in this reading.
    Seen(u32, Replicated<'i>),
    /// The answer shows that there are none.
    NoneShown,
    /// The answer does not show them, or shows something else, for this reason.
    NotShown(Reason),
}

impl Inventory {
    /// Every replication record of a backup with its reading and its position in it; where answers contradict each other,
    /// those of each.
    pub fn replications_seen<'i>(&'i self, backup: Backup<'i>) -> impl Iterator<Item = (u32, u32, Replication)> + 'i {
        backup.each_with_replications().flat_map(|reading| {
            let records = (0_u32..).zip(self.replications_of(reading));
            records.map(move |(ordinal, record)| (reading, ordinal, record))
        })
    }
}

impl<'i> Backup<'i> {
    /// The disks of a server backup, as far as the answers show them.
    #[must_use]
    pub fn disks(self) -> Disks<'i> {
        let children = self.inventory.hierarchy.children(self.ix);
        let unread = self.any_reading(|reading| reading.shape.children_lost > 0);
        let in_cycle = children.iter().any(|&child| self.inventory.hierarchy.in_cycle(BackupIx(child)));
        let unlisted = self.inventory.listings.is_short_of_children(self);
        let lost = unread || in_cycle || unlisted || self.emptied_later(children);
        if !children.is_empty() {
            let carries = |reading: Reading<'_>| reading.presence(FieldId::Children) == Presence::Value;
            return Disks::Seen(children, lost || !self.any_reading(carries));
        }
        let row = self.supplying(FieldId::Children);
        let is_show = row.view() == View::Show;
        match row.presence(FieldId::Children) {
            _ if lost => Disks::Missing(Reason::InputIncomplete, is_show),
            Presence::Value if is_show => Disks::NoneShown,
            Presence::Value => Disks::NotShown,
            Presence::Absent => Disks::Missing(Reason::FieldAbsent, is_show),
            Presence::Null => Disks::Missing(Reason::FieldNull, is_show),
            Presence::Aside => Disks::Missing(Reason::TypeMismatch, is_show),
        }
    }

    /// Whether the newest show answer shows no disks although another reading nests some.
    fn emptied_later(self, children: &[u32]) -> bool {
        if self.copies() == 1 {
            return false;
        }
        let nests = |reading: &u32| self.inventory.nested_in(*reading) > 0;
        let newest = self.readings().find(|&reading| self.inventory.reading(reading).view() == View::Show);
        !children.is_empty()
            && newest.is_some_and(|newest| !nests(&newest))
            && self.readings().any(|other| nests(&other))
    }

    /// The reading that says most about disks.
    pub(super) fn reading_of_disks(self) -> u32 {
        if self.copies() == 1 {
            return self.first_reading();
        }
        self.readings().max_by_key(|&reading| self.disks_weight(reading)).unwrap_or_default()
    }

    /// The reading that says most about replication: one with records, else one that shows that there are none.
    pub(super) fn reading_of_replications(self) -> u32 {
        if self.copies() == 1 {
            return self.first_reading();
        }
        if let Some(&reading) = self.readings_with_replications().first() {
            return reading;
        }
        let weight = |&reading: &u32| {
            let row = self.inventory.reading(reading);
            (row.view(), row.presence(FieldId::ReplicationRecords) as u8 % 3)
        };
        let best = self.readings().map(|reading| weight(&reading)).max();
        self.readings().find(|reading| Some(weight(reading)) == best).unwrap_or_default()
    }

    /// A show answer says more about disks than a list answer, a value more than none.
    fn disks_weight(self, reading: u32) -> (bool, u8) {
        let row = self.inventory.reading(reading);
        (row.view() == View::Show, row.presence(FieldId::Children) as u8 % 3)
    }

    /// The readings whose replication records count. Nearly every backup has but one, and needs no list of them.
    pub(super) fn each_with_replications(self) -> impl Iterator<Item = u32> + 'i {
        let (only, several) = match self.copies() {
            1 => (Some(self.first_reading()), Vec::new()),
            _ => (None, self.readings_with_replications()),
        };
        only.filter(|&only| !self.inventory.replications_of(only).is_empty()).into_iter().chain(several)
    }

    /// The same as a list: of the newest that have some, the one that holds all that the others
    /// do. Several where none does: then nothing tells which of them is right.
    #[must_use]
    pub fn readings_with_replications(self) -> Vec<u32> {
        const COMPARED: usize = 64;
        let records = |reading| self.inventory.replications_of(reading);
        let holds = |one: u32, other: u32| contains(records(one), records(other));
        let mut readings = self.readings().filter(|&reading| !records(reading).is_empty());
        let Some(newest) = readings.next() else { return Vec::new() };
        let later: Vec<_> = readings.filter(|&reading| self.inventory.are_of_one_moment(newest, reading)).collect();
        if later.len() > COMPARED {
            // So many are not compared with each other: one that holds all holds whichever is the largest before it.
            let larger = |one: u32, other: u32| if !holds(one, other) && holds(other, one) { other } else { one };
            let largest = later.iter().copied().fold(newest, larger);
            let all = [&[newest], &later[..]].concat();
            return if all.iter().all(|&other| holds(largest, other)) { vec![largest] } else { all };
        }
        let mut best = vec![newest];
        for reading in later {
            if best.iter().any(|&known| holds(known, reading)) {
                continue;
            }
            best.retain(|&known| !holds(reading, known));
            best.push(reading);
        }
        best
    }

    /// The replication records, as far as the answers show them.
    #[must_use]
    pub fn replications(self) -> Replications<'i> {
        // Nearly all have but one reading, and there is nothing to weigh.
        match self.only() {
            Some(only) => self.shown_by(only),
            None => self.weighed_replications(),
        }
    }

    /// The replication records, none where none are shown; nothing where several readings have to be weighed.
    #[must_use]
    #[inline]
    pub fn plain_replications(self) -> Option<Replicated<'i>> {
        self.only().map(|only| self.inventory.replications_of(only.number))
    }

    /// The replication records as far as a single reading shows them.
    fn shown_by(self, only: Reading<'i>) -> Replications<'i> {
        let records = self.inventory.replications_of(only.number);
        if !records.is_empty() {
            return Replications::Seen(only.number, records);
        }
        let proves = || only.view() == View::Show || self.inventory.shows_replication(only.number);
        match only.presence(FieldId::ReplicationRecords) {
            Presence::Aside => Replications::NotShown(Reason::TypeMismatch),
            Presence::Value if proves() => Replications::NoneShown,
            _ => Replications::NotShown(Reason::ViewOmits),
        }
    }

    /// What all readings together show of replication.
    fn weighed_replications(self) -> Replications<'i> {
        let mut readings = self.each_with_replications();
        match (readings.next(), readings.next()) {
            (None, _) => {}
            (Some(only), None) => return Replications::Seen(only, self.inventory.replications_of(only)),
            _ => return Replications::NotShown(Reason::RecordConflict),
        }
        let mut none_shown = false;
        let mut hidden = Reason::ViewOmits;
        for reading in self.readings() {
            let row = self.inventory.reading(reading);
            let empty = row.presence(FieldId::ReplicationRecords) == Presence::Value;
            let proves = row.view() == View::Show || self.inventory.shows_replication(reading);
            none_shown |= empty && proves;
            if row.presence(FieldId::ReplicationRecords) == Presence::Aside {
                hidden = Reason::TypeMismatch;
            }
        }
        if none_shown && hidden == Reason::ViewOmits { Replications::NoneShown } else { Replications::NotShown(hidden) }
    }
}

/// Whether some records are among others. Of very long lists, whose comparison would take too long, it is said only of
/// such as are the same in the same order.
fn contains(all: Replicated<'_>, some: Replicated<'_>) -> bool {
    const COMPARED: usize = 1 << 16;
    if all.len().saturating_mul(some.len()) > COMPARED {
        return all.iter().eq(some.iter());
    }
    some.iter().all(|record| all.iter().any(|other| other == record))
}
