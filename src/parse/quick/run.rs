//! Runs: the text between two values that vary. Records of one exporter have the same keys in the same order, and most of
//! their values are the same too. What was read once in one place need not be read again where the same bytes follow the
//! same place: it can only mean the same.

#![allow(
    clippy::indexing_slicing,
    reason = "there is one list for every field and every object that may begin, and its first entry was looked at"
)]

use crate::inventory::field::{FIELD_COUNT, FieldId, FieldSet, Home};
use crate::inventory::shape::Slot;

/// A text that was read before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    /// The text, up to a value or to the end of the record.
    pub(super) text: &'a [u8],
    /// The field whose value follows; none at the end of the record.
    pub(super) end: Option<FieldId>,
    /// The object of the record in which that stands.
    pub(super) home: Home,
    /// The fields whose values stand in the text.
    pub(super) present: FieldSet,
    /// What the receiver calls their values.
    pub(super) effect: u32,
}

impl Run<'_> {
    /// Whether a text begins with this run, and with a value behind it for which runs end.
    #[inline]
    fn begins(&self, text: &[u8]) -> bool {
        text.starts_with(self.text)
            && match (self.end, text.get(self.text.len()..)) {
                (None, _) => true,
                (Some(field), Some([b'[', next, ..])) if holds_objects(field) => *next != b']',
                (Some(_), Some([first, ..])) => *first != b'n',
                _ => false,
            }
    }
}

/// Where something may begin in an object: behind every field, and at the beginning of every object.
pub(super) const BEGINNINGS: usize = FIELD_COUNT + 3;

/// How many different runs are remembered for one place.
const CHOICES: usize = 8;

/// How many runs are learnt in one text. Where there are more, nothing is regular.
const LEARNT: usize = 10_000;

/// The runs of one text, by the place where they begin, outermost or further in, the latest one first.
#[derive(Debug, Default)]
pub(super) struct Runs<'a> {
    from: Vec<Vec<Run<'a>>>,
    learnt: usize,
}

impl<'a> Runs<'a> {
    /// A run that begins here, none of whose fields has been met before.
    #[inline]
    pub(super) fn find(&mut self, from: usize, text: &[u8], met: FieldSet) -> Option<Run<'a>> {
        let known = self.from.get_mut(from)?;
        let position = known.iter().position(|run| run.begins(text))?;
        if position > 0 {
            known.swap(position, 0);
        }
        let run = known[0];
        let is_new = run.end.is_none_or(|field| !met.contains(field)) && !met.meets(run.present);
        is_new.then_some(run)
    }

    /// Whether a further run may be learnt.
    pub(super) fn has_room(&self) -> bool {
        self.learnt < LEARNT
    }

    pub(super) fn add(&mut self, from: usize, run: Run<'a>) {
        self.from.resize_with(2 * BEGINNINGS, Vec::new);
        let known = &mut self.from[from];
        known.truncate(CHOICES - 1);
        known.insert(0, run);
        self.learnt += 1;
    }
}

/// Whether a list of objects may stand under the field, before which a run ends too.
pub(super) fn holds_objects(field: FieldId) -> bool {
    matches!(field, FieldId::Children | FieldId::ReplicationRecords | FieldId::OsImagesData)
}

/// Whether the value of a field differs from record to record, so that a run ends before it.
pub(super) fn varies(field: FieldId) -> bool {
    match field {
        FieldId::ResourceId | FieldId::ResourceName | FieldId::VaultId => true,
        FieldId::Description | FieldId::ResourceAz | FieldId::ScheduledOperationId => true,
        _ => matches!(field.slot(), Slot::Id(_) | Slot::Time(_) | Slot::Hash(_) | Slot::Size),
    }
}
