//! The replication records of all readings: a row each, and what few forms there are of all the rest.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of forms are those of the table of forms, and new ones are made for all of it"
)]

use jiff::Timestamp;

use super::distinct::{Distinct, Hinted};
use super::field::Field;
use super::id::{Id, Renumbered};
use super::intern::Symbol;
use super::record::{pack_time, unpack_time};
use super::tables::append;
use super::vocabulary::ReplicationStatus;

/// One element of `replication_records` (`ReplicationRecordGet` of the API page).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Replication {
    /// `status`
    pub status: Field<ReplicationStatus>,
    /// `created_at`: when the replication started.
    pub created_at: Field<Timestamp>,
    /// `source_region`
    pub source_region: Field<Symbol>,
    /// `destination_region`
    pub destination_region: Field<Symbol>,
    /// `destination_project_id`
    pub destination_project: Field<Symbol>,
    /// `destination_backup_id`: the id of the copy in the other region.
    pub destination_backup_id: Field<Id>,
    /// `extra_info.fail_code`
    pub fail_code: Option<Symbol>,
    /// `extra_info.fail_reason`
    pub fail_reason: Option<Symbol>,
    /// `extra_info.progress`, in percent.
    pub progress: Option<i16>,
    /// `status` as written, where it is none of the known words.
    pub foreign_status: Option<Symbol>,
}

/// What a replication record has for itself; the rest is its form.
#[derive(Clone, Copy, Debug)]
struct Row {
    created_at: i64,
    destination_backup_id: Id,
    form: u32,
}

/// A replication record without its time and its copy, but for a time outside the packed range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Form {
    status: Field<ReplicationStatus>,
    created_at: Field<Option<Timestamp>>,
    source_region: Field<Symbol>,
    destination_region: Field<Symbol>,
    destination_project: Field<Symbol>,
    destination_backup_id: Field<()>,
    fail_code: Option<Symbol>,
    fail_reason: Option<Symbol>,
    progress: Option<i16>,
    foreign_status: Option<Symbol>,
}

impl Hinted for Form {}

impl Form {
    fn renumber(&mut self, labels: &[Symbol]) {
        let new = |symbol: Symbol| labels[symbol.index()];
        self.source_region = self.source_region.map(new);
        self.destination_region = self.destination_region.map(new);
        self.destination_project = self.destination_project.map(new);
        for text in [&mut self.fail_code, &mut self.fail_reason, &mut self.foreign_status] {
            *text = text.map(new);
        }
    }
}

/// Replication records, in order.
#[derive(Debug)]
pub struct ReplicationTable {
    rows: Vec<Row>,
    forms: Distinct<Form>,
}

impl ReplicationTable {
    /// An empty table.
    #[must_use]
    pub fn new(hasher: ahash::RandomState) -> Self {
        Self { rows: Vec::new(), forms: Distinct::new(hasher) }
    }

    /// How many there are.
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    /// Adds a record.
    pub fn push(&mut self, record: &Replication) {
        let packed = record.created_at.value().map(pack_time);
        let form = Form {
            status: record.status,
            created_at: record.created_at.map(|time| Some(time).filter(|_| packed == Some(None))),
            source_region: record.source_region,
            destination_region: record.destination_region,
            destination_project: record.destination_project,
            destination_backup_id: record.destination_backup_id.map(|_| ()),
            fail_code: record.fail_code,
            fail_reason: record.fail_reason,
            progress: record.progress,
            foreign_status: record.foreign_status,
        };
        self.rows.push(Row {
            created_at: packed.flatten().unwrap_or_default(),
            destination_backup_id: record.destination_backup_id.value().unwrap_or_default(),
            form: self.forms.number(&form),
        });
    }

    /// Takes over the records of a later table.
    pub fn take(&mut self, later: &mut Self, labels: &[Symbol], ids: &Renumbered) {
        let number = |mut form: Form| {
            form.renumber(labels);
            self.forms.number(&form)
        };
        let forms: Vec<u32> = later.forms.values.drain(..).map(number).collect();
        let mut rows = std::mem::take(&mut later.rows);
        for row in &mut rows {
            row.destination_backup_id = ids.of(row.destination_backup_id);
            row.form = forms[row.form as usize];
        }
        append(&mut self.rows, rows);
    }

    /// How many forms there are.
    pub(super) fn forms(&self) -> usize {
        self.forms.values.len()
    }

    /// Hands on the labels of a record, if those of its form were not handed on before.
    pub(super) fn labels_once(&self, record: u32, seen: &mut [bool], hand_on: impl FnMut(Symbol)) {
        let number = self.rows[record as usize].form as usize;
        if !std::mem::replace(&mut seen[number], true) {
            let form = &self.forms.values[number];
            let places = [form.source_region, form.destination_region, form.destination_project];
            let texts = [form.fail_code, form.fail_reason, form.foreign_status];
            places.map(Field::value).into_iter().chain(texts).flatten().for_each(hand_on);
        }
    }

    /// Gives the labels other numbers.
    pub(super) fn renumber(&mut self, labels: &[Symbol]) {
        self.forms.values.iter_mut().for_each(|form| form.renumber(labels));
    }

    /// Keeps the records that are marked so, by their number.
    pub(super) fn keep(&mut self, kept: &[bool]) {
        let mut kept = kept.iter();
        self.rows.retain(|_| kept.next() == Some(&true));
    }

    /// Forgets all but the first records.
    pub fn truncate(&mut self, len: u32) {
        self.rows.truncate(len as usize);
    }

    /// Forgets how to find a form, now that all are in.
    pub fn freeze(&mut self) {
        self.forms.freeze();
    }

    /// Records that stand together.
    #[must_use]
    pub fn slice(&self, start: u32, end: u32) -> Replicated<'_> {
        let rows = self.rows.get(start as usize..end as usize).unwrap_or_default();
        Replicated { rows, forms: &self.forms.values }
    }
}

/// The replication records of one reading.
#[derive(Clone, Copy, Debug)]
pub struct Replicated<'i> {
    rows: &'i [Row],
    forms: &'i [Form],
}

impl<'i> Replicated<'i> {
    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.rows.is_empty()
    }

    /// The record at this position.
    #[must_use]
    pub fn get(self, ordinal: u32) -> Option<Replication> {
        self.rows.get(ordinal as usize).map(|row| unpack(row, &self.forms[row.form as usize]))
    }

    /// Whether one of them has a status that is none of the known words.
    #[must_use]
    pub fn has_foreign_status(self) -> bool {
        self.rows.iter().any(|row| self.forms[row.form as usize].foreign_status.is_some())
    }

    /// Whether it is plain that none of them states a start before a moment, in nanoseconds since 1970.
    #[must_use]
    pub fn plainly_begun_from(self, moment: i64) -> bool {
        self.rows.iter().all(|row| match self.forms[row.form as usize].created_at {
            Field::Value(None) => moment <= row.created_at,
            Field::Absent | Field::Null => true,
            Field::Value(Some(_)) | Field::Unusable(_) => false,
        })
    }

    /// Whether one of them may have begun by a moment: none that states when began later.
    #[must_use]
    pub fn any_begun(self, by: Timestamp) -> bool {
        let packed = pack_time(by);
        self.rows.iter().any(|row| {
            let form = &self.forms[row.form as usize];
            match (form.created_at, packed) {
                (Field::Value(None), Some(by)) => row.created_at <= by,
                _ => unpack(row, form).created_at.value().is_none_or(|time| time <= by),
            }
        })
    }

    /// Every record.
    #[must_use]
    pub fn iter(self) -> Unpacked<'i> {
        self.into_iter()
    }
}

impl<'i> IntoIterator for Replicated<'i> {
    type Item = Replication;
    type IntoIter = Unpacked<'i>;

    fn into_iter(self) -> Self::IntoIter {
        Unpacked { rows: self.rows.iter(), forms: self.forms }
    }
}

/// The records of one reading, one by one.
#[derive(Clone, Debug)]
pub struct Unpacked<'i> {
    rows: std::slice::Iter<'i, Row>,
    forms: &'i [Form],
}

impl Iterator for Unpacked<'_> {
    type Item = Replication;

    fn next(&mut self) -> Option<Replication> {
        self.rows.next().map(|row| unpack(row, &self.forms[row.form as usize]))
    }
}

fn unpack(row: &Row, form: &Form) -> Replication {
    Replication {
        status: form.status,
        created_at: form.created_at.map(|far| far.unwrap_or_else(|| unpack_time(row.created_at))),
        source_region: form.source_region,
        destination_region: form.destination_region,
        destination_project: form.destination_project,
        destination_backup_id: form.destination_backup_id.map(|()| row.destination_backup_id),
        fail_code: form.fail_code,
        fail_reason: form.fail_reason,
        progress: form.progress,
        foreign_status: form.foreign_status,
    }
}
