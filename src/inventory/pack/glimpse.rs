//! Values that the beginning of their text shows at once to be usual ones: no string is made of them.

#![allow(
    clippy::indexing_slicing,
    reason = "a slot is a position that the field table gives, and every table has as many places as it has slots"
)]

use super::Packer;
use crate::inventory::field::{BOOL, FieldId, TEXT};
use crate::inventory::id;
use crate::inventory::shape::Slot;
use crate::parse::{scan, time};

impl Packer<'_> {
    /// Packs a value that the beginning of the text shows at once to be a usual one. Returns its length, or nought.
    #[inline]
    pub(super) fn glimpsed(&mut self, field: FieldId, text: &[u8]) -> usize {
        match field.slot() {
            Slot::Id(slot) => match uuid_at(text) {
                Some(uuid) => {
                    self.open.row.ids[slot] = self.fragment.ids.add_uuid(uuid);
                    38
                }
                None => 0,
            },
            Slot::Label(slot) => match self.recall.label(slot, text) {
                Some((label, length)) => {
                    self.open.facts.set_label(slot, label);
                    length
                }
                None if field.kinds() & TEXT != 0 => self.other_label(slot, text),
                None => 0,
            },
            Slot::SharedHash(slot) if field.kinds() & TEXT != 0 => match self.recall.hash(slot, text) {
                Some((hash, length)) => {
                    self.open.facts.hashes[slot] = hash;
                    length
                }
                None => 0,
            },
            Slot::Hash(slot) if field.kinds() & TEXT != 0 => match scan::quoted(text) {
                Some(quoted) => {
                    self.open.hashes[slot] = self.hash_of(quoted);
                    quoted.len() + 2
                }
                None => 0,
            },
            Slot::Size => match scan::short_number(text) {
                Some((size, length)) => {
                    self.open.facts.size = size;
                    length
                }
                None => 0,
            },
            Slot::Word(slot) => match self.recall.word(slot, text) {
                Some((code, length)) => {
                    self.open.shape.words[slot] = code;
                    length
                }
                None => 0,
            },
            Slot::Time(slot) => match time::usual_at(text) {
                Some((nanoseconds, zone_assumed, length)) => {
                    self.open.times[slot] = nanoseconds;
                    self.fragment.zones_assumed += u64::from(zone_assumed);
                    length
                }
                None => 0,
            },
            Slot::Flag(slot) if field.kinds() & BOOL != 0 => match text {
                [b't', b'r', b'u', b'e', ..] => {
                    self.open.shape.flags |= 1 << slot;
                    4
                }
                [b'f', b'a', b'l', b's', b'e', ..] => 5,
                _ => 0,
            },
            _ => 0,
        }
    }

    /// Packs a label that the record before did not have. An empty one is none, and one with escapes is left to the scanner.
    fn other_label(&mut self, slot: usize, text: &[u8]) -> usize {
        let Some(quoted) = scan::quoted(text).filter(|quoted| !quoted.is_empty()) else { return 0 };
        let labels = &mut self.fragment.labels;
        let new = || std::str::from_utf8(quoted).ok();
        let Some(label) = labels.find(quoted).or_else(|| new().map(|text| labels.intern(text))) else { return 0 };
        self.open.facts.set_label(slot, label);
        self.recall.remember_plain_label(slot, quoted, label);
        quoted.len() + 2
    }
}

/// The UUID in quotes with which the text begins.
fn uuid_at(text: &[u8]) -> Option<u128> {
    match text.first_chunk::<38>()? {
        [b'"', uuid @ .., b'"'] => id::parse_uuid(uuid),
        _ => None,
    }
}
