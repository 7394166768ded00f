//! Ids of records, kept once: sixteen bytes for a UUID as the services write it, the text for anything else.

mod table;
mod uuid;

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use super::intern::{Interner, Symbol};
use super::tables::TakesIds;
pub use table::Ids;
pub(super) use uuid::parse_uuid;

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

impl TakesIds for IdList {
    fn take(&mut self, list: Self) -> Renumbered {
        let uuids = list.uuids.iter().map(|&uuid| self.add_uuid(uuid).0).collect();
        Renumbered { uuids, others: self.others.take(&list.others).into_iter().map(other).collect() }
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

#[cfg(test)]
mod tests {
    use super::{IdList, IdMap, Ids, TakesIds};
    use pretty_assertions::assert_eq;

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
