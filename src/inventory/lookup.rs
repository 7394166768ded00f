//! What a single reading says, whichever way it is packed.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of readings and files are those of the tables that they are looked up in"
)]

use std::borrow::Cow;

use jiff::Timestamp;

use super::Inventory;
use super::field::{Field, FieldId, Reason};
use super::record::{Aside, Reading};
use super::replication::Replicated;
use super::shape::{Presence, Slot};

impl Inventory {
    /// What one reading says of a field.
    #[inline]
    pub(super) fn field_in<'i, T>(
        &'i self,
        row: Reading<'i>,
        field: FieldId,
        value: impl FnOnce(Reading<'i>) -> Option<T>,
    ) -> Field<T> {
        match row.presence(field) {
            Presence::Absent => Field::Absent,
            Presence::Null => Field::Null,
            Presence::Value => value(row).map_or(Field::Unusable(Reason::ValueUnrecognised), Field::Value),
            Presence::Aside => Field::Unusable(self.oddity(row.number, field)),
        }
    }

    /// Why a value that is kept aside is of no use. Few are, so that this does not stand in the way of the others.
    #[cold]
    fn oddity(&self, number: u32, field: FieldId) -> Reason {
        match self.aside(number, field) {
            Some(Aside::Unusable(reason, _)) => *reason,
            _ => Reason::TypeMismatch,
        }
    }

    /// The replication records of one reading.
    #[must_use]
    pub fn replications_of(&self, reading: u32) -> Replicated<'_> {
        let start = self.rows[reading as usize].replications;
        let end = self.rows.get(reading as usize + 1).map_or(self.replications.len(), |next| next.replications);
        self.replications.slice(start, end)
    }

    /// What a reading holds that does not fit its packed form.
    #[must_use]
    pub fn aside(&self, number: u32, field: FieldId) -> Option<&Aside> {
        match self.reading(number).presence(field) {
            Presence::Aside => self.asides.get(&(number, field)),
            _ => None,
        }
    }

    /// The time that a reading holds for a field.
    #[must_use]
    #[inline]
    pub fn time_in(&self, number: u32, field: FieldId) -> Option<Timestamp> {
        let row = self.reading(number);
        match row.presence(field) {
            Presence::Value => Some(row.time(field)),
            _ => match self.aside(number, field) {
                Some(Aside::FarTime(time, _)) => Some(*time),
                _ => None,
            },
        }
    }

    /// The text that a reading holds for a field.
    #[must_use]
    pub fn text_in(&self, number: u32, field: FieldId) -> Option<Cow<'_, str>> {
        let row = self.reading(number);
        match field.slot() {
            Slot::Id(_) => row.id(field).map(|id| self.id_text(id).into()),
            _ => row.label(field).map(|label| Cow::Borrowed(self.text(label))),
        }
    }

    /// Whether an empty `replication_records` in the answer of this reading proves that there are none.
    pub(super) fn shows_replication(&self, reading: u32) -> bool {
        self.listings.replication_shown[self.answer_of(reading).index()]
    }
}
