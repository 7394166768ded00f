//! The numbers of all ids: a table that grows with them, each stretch filled by a thread of its own.

#![allow(
    clippy::indexing_slicing,
    reason = "a slot is masked by the length of its table, a power of two; numbers are those of ids that were given"
)]

use rayon::prelude::*;

use super::uuid::format;
use super::{Id, IdList, IdText, OTHER, Renumbered, other};
use crate::inventory::intern::{Interner, Symbol};
use crate::inventory::tables::TakesIds;

/// So many ids are looked for together where all are: their slots fit into the nearer caches.
const AT_ONCE: usize = 4096;

/// A table of so many slots is worth more than one thread.
const LARGE: usize = 1 << 16;

/// Fetches slots of a table from memory, many at a time: in a large table nearly every one has to be, and afterwards it would be one
/// after the other.
fn fetch(table: &[u32], slots: impl Iterator<Item = usize>) {
    std::hint::black_box(slots.fold(0, |all, at| all ^ table[at]));
}

/// Ids by number and numbers by id.
#[derive(Debug, Default)]
pub struct Ids {
    pub(super) uuids: Vec<u128>,
    pub(super) others: Interner,
    /// The number of an id, plus one; nought where there is none.
    table: Vec<u32>,
    hasher: ahash::RandomState,
}

impl TakesIds for Ids {
    fn take(&mut self, list: IdList) -> Renumbered {
        let others = self.others.take(&list.others).into_iter().map(other).collect();
        Renumbered { uuids: self.take_uuids(&list.uuids), others }
    }
}

impl Ids {
    fn take_uuids(&mut self, uuids: &[u128]) -> Vec<u32> {
        if (self.uuids.len() + uuids.len()) * 4 >= self.table.len() * 3 {
            self.grow(uuids.len());
        }
        let mut numbers = Vec::with_capacity(uuids.len());
        for uuids in uuids.chunks(AT_ONCE) {
            let slots = self.slots(uuids);
            numbers.extend(uuids.iter().zip(slots).map(|(&uuid, at)| self.number(uuid, at)));
        }
        numbers
    }

    /// The first slot of the table where each of these may stand.
    fn slots(&self, uuids: &[u128]) -> Vec<usize> {
        let slots: Vec<usize> = uuids.iter().map(|&uuid| self.home(uuid, self.table.len())).collect();
        fetch(&self.table, slots.iter().copied());
        slots
    }

    /// The first slot of a table of this size where an id may stand.
    fn home(&self, uuid: u128, size: usize) -> usize {
        slot(self.hasher.hash_one(uuid)) & (size - 1)
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
        // Each thread fills a stretch of its own.
        let stretch = if size < LARGE { size } else { size / rayon::current_num_threads().next_power_of_two().min(64) };
        let stretches = table.par_chunks_mut(stretch).enumerate().with_max_len(1);
        let left: Vec<_> = stretches.map(|(part, slots)| self.fill(slots, part * stretch, size)).collect();
        for number in left.into_iter().flatten() {
            let mut at = self.home(self.uuids[number as usize - 1], size);
            while table[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            table[at] = number;
        }
        self.table = table;
    }

    /// Fills a stretch of a table of some size with the ids whose first slot lies in it. Returns those that would go beyond it.
    fn fill(&self, slots: &mut [u32], start: usize, size: usize) -> Vec<u32> {
        let mut left = Vec::new();
        let mut mine = Vec::with_capacity(AT_ONCE);
        for (uuids, first) in self.uuids.chunks(AT_ONCE).zip((1_u32..).step_by(AT_ONCE)) {
            let homes = uuids.iter().zip(first..).map(|(&uuid, number)| (self.home(uuid, size), number));
            let within = homes.filter(|(at, _)| (start..start + slots.len()).contains(at));
            mine.clear();
            mine.extend(within.map(|(at, number)| (at - start, number)));
            fetch(slots, mine.iter().map(|(at, _)| *at));
            for &(at, number) in &mine {
                match slots[at..].iter_mut().find(|slot| **slot == 0) {
                    Some(slot) => *slot = number,
                    None => left.push(number),
                }
            }
        }
        left
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

/// The part of a hash that chooses the entry.
#[allow(clippy::cast_possible_truncation, reason = "half of the hash is wanted")]
fn slot(hash: u64) -> usize {
    (hash >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::{Ids, LARGE};
    use crate::inventory::id::IdList;
    use crate::inventory::tables::TakesIds;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_large_table_that_several_threads_fill_finds_every_id_again() {
        let list = |count: u128| {
            let mut list = IdList::default();
            (0..count).for_each(|number| {
                list.add_uuid((number << 64) + number * 7);
            });
            list
        };
        for threads in [1, 3, 64] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| {
                let mut ids = Ids::default();
                // Up to where tables are as full as they get.
                for count in [1, LARGE * 3 / 8 - 1, LARGE * 3 / 4 - 1, LARGE * 3 / 2 - 1] {
                    let renumbered = ids.take(list(count as u128));
                    assert!((0..).zip(&renumbered.uuids).all(|(number, of)| number == *of), "{threads} {count}");
                    assert_eq!(ids.uuids.len(), count);
                }
            });
        }
    }
}
