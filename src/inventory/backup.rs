//! One backup as rules see it: every field with its three states, its disks, its replication records, and where each
//! value stands.

#![allow(clippy::indexing_slicing, reason = "there is one entry for every field, and a backup has a reading")]

use std::borrow::Cow;

use jiff::Timestamp;

use super::field::{Field, FieldId, FieldSet, Reason};
pub use super::hierarchy::Role;
use super::id::Id;
use super::intern::Symbol;
use super::merge::Copies;
use super::record::{Aside, Reading, unpack_time};
use super::shape::{Presence, Slot};
pub use super::shown::{Disks, Replications};
use super::vocabulary::{ImageType, ResourceType, RestoreMode, Status};
use super::{BackupIx, Inventory};

/// A backup in its inventory.
#[derive(Clone, Copy, Debug)]
pub struct Backup<'i> {
    pub(super) inventory: &'i Inventory,
    /// Its number.
    pub ix: BackupIx,
    /// Looked up once for all fields.
    stands: Readings<'i>,
}

/// Where a backup is read from.
#[derive(Clone, Copy, Debug)]
enum Readings<'i> {
    /// It stands in one place.
    One(Reading<'i>),
    /// It stands in several, which were merged.
    Several(&'i Copies),
}

impl Inventory {
    /// The backup with this number.
    #[must_use]
    #[inline]
    pub fn backup(&self, ix: BackupIx) -> Backup<'_> {
        let stands = match self.merged.copies(ix) {
            Some(copies) => Readings::Several(copies),
            None => Readings::One(self.reading(self.merged.reading_of(ix))),
        };
        Backup { inventory: self, ix, stands }
    }
}

impl<'i> Backup<'i> {
    /// The reading that supplies a field.
    #[must_use]
    #[inline]
    pub fn reading_of(self, field: FieldId) -> u32 {
        match field {
            FieldId::Children => return self.reading_of_disks(),
            FieldId::ReplicationRecords => return self.reading_of_replications(),
            _ => {}
        }
        match self.stands {
            Readings::Several(copies) => copies.supplier[field.index()],
            Readings::One(reading) => reading.number,
        }
    }

    #[inline]
    fn several(self) -> Option<&'i Copies> {
        match self.stands {
            Readings::Several(copies) => Some(copies),
            Readings::One(_) => None,
        }
    }

    #[inline]
    pub(super) fn only(self) -> Option<Reading<'i>> {
        match self.stands {
            Readings::One(reading) => Some(reading),
            Readings::Several(_) => None,
        }
    }

    /// The reading that comes first.
    #[must_use]
    #[inline]
    pub fn first_reading(self) -> u32 {
        match self.stands {
            Readings::Several(copies) => copies.readings[0],
            Readings::One(reading) => reading.number,
        }
    }

    /// The reading that supplies a field, looked up.
    #[must_use]
    #[inline]
    pub(super) fn supplying(self, field: FieldId) -> Reading<'i> {
        match self.stands {
            Readings::One(reading) => reading,
            Readings::Several(_) => self.inventory.reading(self.reading_of(field)),
        }
    }

    /// Whether one of its readings is like this.
    #[must_use]
    #[inline]
    pub(super) fn any_reading(self, is: impl Fn(Reading<'i>) -> bool) -> bool {
        match self.stands {
            Readings::One(reading) => is(reading),
            Readings::Several(copies) => copies.readings.iter().any(|&number| is(self.inventory.reading(number))),
        }
    }

    /// Every reading, the newest and richest first.
    pub fn readings(self) -> impl Iterator<Item = u32> + 'i {
        let several = self.several().map(|copies| copies.readings.as_slice()).unwrap_or_default();
        several.iter().copied().chain(self.only().map(|reading| reading.number))
    }

    /// The fields on which copies of the record contradict each other.
    #[must_use]
    pub fn conflicts(self) -> FieldSet {
        self.several().map_or_else(FieldSet::default, |copies| copies.conflicts)
    }

    /// Whether two readings say the same of a field.
    #[must_use]
    pub fn agrees(self, one: u32, other: u32, field: FieldId) -> bool {
        let (left, right) = (self.inventory.reading(one), self.inventory.reading(other));
        let states = (left.presence(field), right.presence(field));
        match states {
            (Presence::Absent, _) | (_, Presence::Absent) => true,
            (Presence::Value, Presence::Value) => left.agrees(right, field),
            (Presence::Aside, Presence::Aside) => {
                self.inventory.aside(one, field) == self.inventory.aside(other, field)
            }
            (one, other) => one == other,
        }
    }

    /// The documented word that a foreign one resembles.
    #[must_use]
    pub fn resembling(self, field: FieldId) -> Option<&'static str> {
        let Some(Aside::Unusable(_, text)) = self.inventory.aside(self.reading_of(field), field) else { return None };
        match field {
            FieldId::Status => Status::resembling(text),
            FieldId::ImageType => ImageType::resembling(text),
            FieldId::ResourceType => ResourceType::resembling(text),
            FieldId::SupportedRestoreMode => RestoreMode::resembling(text),
            _ => None,
        }
    }

    /// How many readings there are.
    #[must_use]
    pub fn copies(self) -> usize {
        self.several().map_or(1, |copies| copies.readings.len())
    }

    /// What the record says of a field, by `value` where it is usable.
    #[inline]
    fn field<T>(self, field: FieldId, value: impl FnOnce(Reading<'i>) -> Option<T>) -> Field<T> {
        match self.stands {
            Readings::One(reading) => self.inventory.field_in(reading, field, value),
            Readings::Several(copies) => self.field_of_copies(copies, field, value),
        }
    }

    /// The same for a record that stands in several places.
    #[cold]
    fn field_of_copies<T>(
        self,
        copies: &Copies,
        field: FieldId,
        value: impl FnOnce(Reading<'i>) -> Option<T>,
    ) -> Field<T> {
        if copies.conflicts.contains(field) {
            return Field::Unusable(Reason::RecordConflict);
        }
        self.inventory.field_in(self.supplying(field), field, value)
    }

    /// What the record says of a field, without its value.
    #[must_use]
    pub fn presence(self, field: FieldId) -> Field<()> {
        match self.supplying(field).presence(field) {
            Presence::Aside => match self.inventory.aside(self.reading_of(field), field) {
                Some(Aside::Unusable(reason, _)) => Field::Unusable(*reason),
                _ => Field::Value(()),
            },
            _ => self.field(field, |_| Some(())),
        }
    }

    /// Whether it is plain that all these fields have usable values; where it is not, look at each.
    #[must_use]
    #[inline]
    pub fn has_values(self, fields: FieldSet) -> bool {
        self.only().is_some_and(|only| only.shape.presence.all_values(fields))
    }

    /// Whether it is plain that none of these fields is unusable; where it is not, look at each.
    #[must_use]
    #[inline]
    pub fn has_no_oddities(self, fields: FieldSet) -> bool {
        self.only().is_some_and(|only| !only.shape.presence.any_aside(fields))
    }

    /// A time in nanoseconds since 1970, where it is plain which one; where it is not, [`Self::time`] tells what there is.
    #[must_use]
    #[inline]
    pub fn plain_time(self, field: FieldId) -> Option<i64> {
        self.only().and_then(|only| only.plain_time(field))
    }

    /// Whether it is plain that a field is missing or `null`.
    #[must_use]
    #[inline]
    pub fn plainly_lacks(self, field: FieldId) -> bool {
        self.only().is_some_and(|only| matches!(only.presence(field), Presence::Absent | Presence::Null))
    }

    /// Whether it is plain that this backup and another say the same of a field. Where it is not, they may nevertheless.
    #[must_use]
    #[inline]
    pub fn plainly_same(self, other: Self, field: FieldId) -> bool {
        let (Some(one), Some(other)) = (self.only(), other.only()) else { return false };
        let have_values = one.presence(field) == Presence::Value && other.presence(field) == Presence::Value;
        have_values && one.agrees(other, field)
    }

    /// A text that many backups share: the project, the vault, the resource.
    #[must_use]
    #[inline]
    pub fn symbol(self, field: FieldId) -> Field<Symbol> {
        self.field(field, |row| row.label(field))
    }

    /// The id of the backup, of its parent or of its checkpoint.
    #[must_use]
    #[inline]
    pub fn id(self, field: FieldId) -> Field<Id> {
        self.field(field, |row| row.id(field))
    }

    /// Whether this backup and another state the same text.
    ///
    /// # Errors
    /// The reason why one of them cannot be told.
    pub fn states_same(self, other: Self, field: FieldId) -> Result<bool, Reason> {
        match field.slot() {
            Slot::Id(_) => Ok(self.id(field).known()? == other.id(field).known()?),
            _ => Ok(self.symbol(field).known()? == other.symbol(field).known()?),
        }
    }

    /// The label of a text as it stands, whatever other answers say.
    #[must_use]
    #[inline]
    pub fn label(self, field: FieldId) -> Option<Symbol> {
        self.supplying(field).label(field)
    }

    /// The text of an id or name, empty if there is none.
    #[must_use]
    pub fn text(self, field: FieldId) -> Cow<'i, str> {
        self.inventory.text_in(self.reading_of(field), field).unwrap_or_default()
    }

    /// A time.
    #[must_use]
    #[inline]
    pub fn time(self, field: FieldId) -> Field<Timestamp> {
        if let Some(plain) = self.plain_time(field) {
            return Field::Value(unpack_time(plain));
        }
        match self.field(field, |row| Some(row.time(field))) {
            Field::Unusable(Reason::TypeMismatch) => self.far_time(field),
            other => other,
        }
    }

    /// A time outside the packed range, which is kept aside.
    fn far_time(self, field: FieldId) -> Field<Timestamp> {
        match self.inventory.aside(self.reading_of(field), field) {
            Some(Aside::FarTime(time, _)) => Field::Value(*time),
            _ => Field::Unusable(Reason::TypeMismatch),
        }
    }

    /// Whether a time is known to the day only.
    #[must_use]
    pub fn is_day_only(self, field: FieldId) -> bool {
        self.supplying(field).is_day_only(field)
    }

    /// A boolean.
    #[must_use]
    #[inline]
    pub fn flag(self, field: FieldId) -> Field<bool> {
        self.field(field, |row| Some(row.flag(field)))
    }

    /// `status`
    #[must_use]
    #[inline]
    pub fn status(self) -> Field<Status> {
        self.field(FieldId::Status, |row| Status::from_code(row.word(FieldId::Status)))
    }

    /// `image_type`
    #[must_use]
    #[inline]
    pub fn image_type(self) -> Field<ImageType> {
        self.field(FieldId::ImageType, |row| ImageType::from_code(row.word(FieldId::ImageType)))
    }

    /// `resource_type`
    #[must_use]
    #[inline]
    pub fn resource_type(self) -> Field<ResourceType> {
        self.field(FieldId::ResourceType, |row| ResourceType::from_code(row.word(FieldId::ResourceType)))
    }

    /// `extend_info.supported_restore_mode`
    #[must_use]
    pub fn restore_mode(self) -> Field<RestoreMode> {
        let field = FieldId::SupportedRestoreMode;
        self.field(field, |row| RestoreMode::from_code(row.word(field)))
    }

    /// How many images are registered from the backup.
    #[must_use]
    pub fn images(self) -> u16 {
        self.readings().map(|reading| self.inventory.reading(reading).shape.images).max().unwrap_or_default()
    }

    /// Whether the record carries an application-consistency error.
    #[must_use]
    pub fn app_consistency_failed(self) -> bool {
        let says = |field| self.flag(field).value() == Some(true);
        says(FieldId::AppConsistencyErrorCode) || says(FieldId::AppConsistencyErrorMessage)
    }

    /// Whether `extend_info.app_consistency` says that the backup is application-consistent.
    #[must_use]
    pub fn app_consistent(self) -> Field<bool> {
        let field = FieldId::AppConsistencyStatus;
        self.field(field, |row| Some(row.word(field) == 1))
    }
}
