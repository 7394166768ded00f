//! Ids of records, kept once: sixteen bytes for a UUID as the services write it, the text for anything else.

#![allow(
    clippy::indexing_slicing,
    reason = "a slot is masked by the length of its table, a power of two; numbers are those of ids that were given; texts have 36 bytes"
)]

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use super::intern::{Interner, Symbol};

/// The number of an id in its [`Ids`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(u32);

/// Set in the number of an id that is no UUID.
const OTHER: u32 = 1 << 31;

/// Ids in order of arrival, without a way to find one: what one file mentions.
#[derive(Debug, Default)]
pub struct IdList {
    uuids: Vec<u128>,
    others: Interner,
    recent: [u32; RECENT],
}

/// How many of the ids that were met last are remembered, since neighbours mention the same.
const RECENT: usize = 32;

impl IdList {
    /// Adds an id, or finds it among those that came just before.
    pub fn add(&mut self, text: &str) -> Id {
        let uuid = text.as_bytes().try_into().ok().and_then(parse_uuid);
        match uuid {
            Some(uuid) => self.add_uuid(uuid),
            None => other(self.others.intern(text)),
        }
    }

    /// Gives back what only adding needs.
    pub(super) fn settle(&mut self) {
        self.uuids.shrink_to_fit();
    }

    /// The same for a UUID.
    pub(super) fn add_uuid(&mut self, uuid: u128) -> Id {
        #[allow(clippy::cast_possible_truncation, reason = "any few bits will do")]
        let recent = &mut self.recent[uuid as usize % RECENT];
        if self.uuids.get(*recent as usize) != Some(&uuid) {
            *recent = u32::try_from(self.uuids.len()).unwrap_or(OTHER - 1);
            self.uuids.push(uuid);
        }
        Id(*recent)
    }
}

/// What a list of ids is renumbered to.
#[derive(Debug)]
pub struct Renumbered {
    uuids: Vec<u32>,
    others: Vec<Id>,
}

impl Renumbered {
    /// The new number.
    #[must_use]
    pub fn of(&self, id: Id) -> Id {
        match id.0 & OTHER {
            0 => self.uuids.get(id.0 as usize).map_or(id, |&number| Id(number)),
            _ => self.others.get((id.0 & !OTHER) as usize).copied().unwrap_or(id),
        }
    }
}

/// So many ids are looked for together where all are: their slots fit into the nearer caches.
const AT_ONCE: usize = 4096;

/// Ids by number and numbers by id.
#[derive(Debug, Default)]
pub struct Ids {
    uuids: Vec<u128>,
    others: Interner,
    /// The number of an id, plus one; nought where there is none.
    table: Vec<u32>,
    hasher: ahash::RandomState,
}

impl Ids {
    /// Takes over the ids of a list.
    pub fn take(&mut self, list: IdList) -> Renumbered {
        let others = self.others.take(&list.others).into_iter().map(other).collect();
        Renumbered { uuids: self.take_uuids(&list.uuids), others }
    }

    fn take_uuids(&mut self, uuids: &[u128]) -> Vec<u32> {
        if (self.uuids.len() + uuids.len()) * 4 >= self.table.len() * 3 {
            self.grow(uuids.len());
        }
        let slots = self.slots(&self.table, uuids);
        uuids.iter().zip(slots).map(|(&uuid, at)| self.number(uuid, at)).collect()
    }

    /// The first slot of a table where each of these may stand.
    fn slots(&self, table: &[u32], uuids: &[u128]) -> Vec<usize> {
        let mask = table.len() - 1;
        let slots: Vec<usize> = uuids.iter().map(|&uuid| slot(self.hasher.hash_one(uuid)) & mask).collect();
        // In a large table nearly every slot has to be fetched from memory: here many at a time, afterwards one after the other.
        std::hint::black_box(slots.iter().fold(0, |all, &at| all ^ table[at]));
        slots
    }

    /// The number of a UUID, given now if it has none yet; the slot is the first where it may stand.
    fn number(&mut self, uuid: u128, mut at: usize) -> u32 {
        let mask = self.table.len() - 1;
        loop {
            match self.table[at] {
                0 => {
                    self.uuids.push(uuid);
                    let number = u32::try_from(self.uuids.len()).unwrap_or(OTHER);
                    self.table[at] = number;
                    return number - 1;
                }
                number if self.uuids[number as usize - 1] == uuid => return number - 1,
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// Makes room for so many more.
    fn grow(&mut self, more: usize) {
        let mut size = (self.table.len() * 2).max(64);
        while (self.uuids.len() + more) * 4 >= size * 3 {
            size *= 2;
        }
        // The old table is of no use for making the new one, and two of them would be a peak.
        self.table = Vec::new();
        #[allow(
            clippy::slow_vector_initialization,
            reason = "memory that is read before it is written costs twice as much"
        )]
        let mut table = Vec::with_capacity(size);
        table.resize(size, 0);
        let mut number = 0;
        for uuids in self.uuids.chunks(AT_ONCE) {
            for mut at in self.slots(&table, uuids) {
                while table[at] != 0 {
                    at = (at + 1) & (size - 1);
                }
                number += 1;
                table[at] = number;
            }
        }
        self.table = table;
    }

    /// Forgets how to find an id, now that all are in.
    pub fn freeze(&mut self) {
        self.table = Vec::new();
    }

    /// The text of an id.
    #[must_use]
    pub fn text(&self, id: Id) -> IdText<'_> {
        match id.0 & OTHER {
            0 => IdText::Uuid(format(self.uuids[id.0 as usize])),
            _ => IdText::Other(self.others.text(Symbol::from_index(id.0 & !OTHER))),
        }
    }
}

/// A value for every id, or none.
#[derive(Debug, Default)]
pub struct IdMap {
    uuids: Vec<u32>,
    others: Vec<u32>,
}

impl IdMap {
    const NONE: u32 = u32::MAX;

    /// No value for any of the ids.
    #[must_use]
    pub fn new(ids: &Ids) -> Self {
        Self { uuids: vec![Self::NONE; ids.uuids.len()], others: vec![Self::NONE; ids.others.len()] }
    }

    fn place(&self, id: Id) -> Option<&u32> {
        match id.0 & OTHER {
            0 => self.uuids.get(id.0 as usize),
            _ => self.others.get((id.0 & !OTHER) as usize),
        }
    }

    /// The value of an id.
    #[must_use]
    pub fn get(&self, id: Id) -> Option<u32> {
        self.place(id).copied().filter(|&value| value != Self::NONE)
    }

    /// Changes every value.
    pub fn change(&mut self, new: impl Fn(u32) -> u32) {
        for value in self.uuids.iter_mut().chain(&mut self.others).filter(|value| **value != Self::NONE) {
            *value = new(*value);
        }
    }

    /// Gives an id a value.
    pub fn set(&mut self, id: Id, value: u32) {
        let place = match id.0 & OTHER {
            0 => self.uuids.get_mut(id.0 as usize),
            _ => self.others.get_mut((id.0 & !OTHER) as usize),
        };
        if let Some(place) = place {
            *place = value;
        }
    }
}

/// The text of an id.
#[derive(Clone, Copy, Debug)]
pub enum IdText<'i> {
    /// A UUID, written out.
    Uuid([u8; 36]),
    /// Anything else.
    Other(&'i str),
}

impl Deref for IdText<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        match self {
            Self::Uuid(text) => std::str::from_utf8(text).unwrap_or_default(),
            Self::Other(text) => text,
        }
    }
}

impl<'i> From<IdText<'i>> for Cow<'i, str> {
    fn from(id: IdText<'i>) -> Self {
        match id {
            IdText::Uuid(_) => Cow::Owned(id.to_string()),
            IdText::Other(text) => Cow::Borrowed(text),
        }
    }
}

impl fmt::Display for IdText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

fn other(symbol: Symbol) -> Id {
    Id(u32::try_from(symbol.index()).unwrap_or(OTHER - 1) | OTHER)
}

/// The part of a hash that chooses the entry.
#[allow(clippy::cast_possible_truncation, reason = "half of the hash is wanted")]
fn slot(hash: u64) -> usize {
    (hash >> 32) as usize
}

/// Where the hyphens of a UUID stand (RFC 9562, section 4).
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The value of a UUID in its usual form: lower case, with hyphens. Any other form is another text.
pub(super) fn parse_uuid(bytes: &[u8; 36]) -> Option<u128> {
    if HYPHENS.iter().any(|&at| bytes[at] != b'-') {
        return None;
    }
    let two = |first: usize, second: usize| -> Option<u64> {
        let four = |at: usize| Some(u64::from(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?)));
        Some(four(first)? << 32 | four(second)?)
    };
    let parts = [two(0, 4)?, two(9, 14)?, two(19, 24)?, two(28, 32)?];
    parts.into_iter().try_fold(0, |value, digits| Some(value << 32 | u128::from(hexadecimal(digits)?)))
}

/// The value of eight lower-case hexadecimal digits, the first one highest, worked out for all of them at once.
fn hexadecimal(digits: u64) -> Option<u32> {
    const ONES: u64 = u64::from_be_bytes([1; 8]);
    let letters = digits >> 6 & ONES;
    let values = (digits & (ONES * 15)) + letters * 9;
    let written = values + ONES * u64::from(b'0') + letters * u64::from(b'a' - b'0' - 10);
    let above_nine = (values + ONES * 6) >> 4 & ONES;
    if written != digits || above_nine != letters || values & (ONES << 4) != 0 {
        return None;
    }
    let pairs = (values | values >> 4) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    u32::try_from((fours | fours >> 16) & 0xffff_ffff).ok()
}

fn format(uuid: u128) -> [u8; 36] {
    let mut text = [b'-'; 36];
    let places = (0..36).filter(|place| !HYPHENS.contains(place));
    for (digit, place) in places.enumerate() {
        #[allow(clippy::cast_possible_truncation, reason = "masked to four bits")]
        let value = (uuid >> (124 - 4 * digit)) as usize & 15;
        text[place] = b"0123456789abcdef"[value];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{IdList, IdMap, Ids, parse_uuid};
    use pretty_assertions::assert_eq;

    const UUID: [u8; 36] = *b"01234567-89ab-cdef-fedc-ba9876543210";

    #[test]
    fn a_uuid_is_its_digits_in_lower_case_with_hyphens_between_them() {
        assert_eq!(parse_uuid(&UUID), Some(0x0123_4567_89ab_cdef_fedc_ba98_7654_3210));
        for at in 0..36 {
            for byte in 0..=255 {
                let mut text = UUID;
                text[at] = byte;
                let is_hyphen = matches!(at, 8 | 13 | 18 | 23);
                let is_right = if is_hyphen { byte == b'-' } else { matches!(byte, b'0'..=b'9' | b'a'..=b'f') };
                let digits = std::str::from_utf8(&text).ok().filter(|_| is_right).map(|text| text.replace('-', ""));
                let value = digits.map(|digits| u128::from_str_radix(&digits, 16).expect("digits"));
                assert_eq!(parse_uuid(&text), value, "{at} {byte}");
            }
        }
    }

    #[test]
    fn every_id_has_the_value_that_it_was_given() {
        let mut list = IdList::default();
        // More than any table begins with, and many that share their last digits.
        let texts: Vec<_> = (0..200_u128)
            .flat_map(|number| {
                [format!("0000{number:04x}-0000-0000-0000-00000000000{:x}", number % 16), format!("b{number}")]
            })
            .collect();
        let local: Vec<_> = texts.iter().map(|text| list.add(text)).collect();
        let mut ids = Ids::default();
        let renumbered = ids.take(list);
        let mut map = IdMap::new(&ids);
        let global: Vec<_> = local.into_iter().map(|id| renumbered.of(id)).collect();
        assert!(global.iter().all(|&id| map.get(id).is_none()));
        (0..).zip(&global).filter(|(number, _)| number % 3 > 0).for_each(|(number, &id)| map.set(id, number));
        map.change(|number| number + 1000);
        for (number, (&id, text)) in (0..).zip(global.iter().zip(&texts)) {
            assert_eq!(map.get(id), (number % 3 > 0).then_some(number + 1000), "{text}");
            assert_eq!(*ids.text(id), **text);
        }
    }

    #[test]
    fn an_id_keeps_its_text_whatever_its_form() {
        let forms = [
            "2c79b8f8-1ed1-4b6e-9b1c-0d1a2f3e4d5c",
            "2C79B8F8-1ED1-4B6E-9B1C-0D1A2F3E4D5C",
            "2c79b8f81ed14b6e9b1c0d1a2f3e4d5c",
            "2c79b8f8-1ed1-4b6e-9b1c-0d1a2f3e4d5g",
            "2c79b8f8-1ed1-4b6e-9b1c0-d1a2f3e4d5c",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "00000000-0000-0000-0000-000000000000",
            "b1",
            "ü",
        ];
        let mut list = IdList::default();
        let local: Vec<_> = forms.iter().chain(&forms).map(|form| list.add(form)).collect();
        let mut ids = Ids::default();
        let renumbered = ids.take(list);
        let global: Vec<_> = local.into_iter().map(|id| renumbered.of(id)).collect();
        let texts: Vec<_> = global.iter().map(|&id| ids.text(id).to_string()).collect();
        assert_eq!(texts[..9], forms);
        assert_eq!(global[..9], global[9..], "the same text is the same id");
        assert_eq!(global.iter().collect::<std::collections::HashSet<_>>().len(), 9, "other texts are other ids");
    }
}
