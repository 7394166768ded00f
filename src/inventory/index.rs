//! Numbers by what they stand for, found by its hash: one open table of small slots, since there may be millions.

#![allow(clippy::indexing_slicing, reason = "a slot is masked by the length of the table, a power of two")]

/// Numbers by the hashes of what they stand for. What that is knows the owner.
#[derive(Debug, Default)]
pub(super) struct Index {
    slots: Vec<Slot>,
    len: usize,
}

/// A number, and part of its hash, which spares most comparisons.
#[derive(Clone, Copy, Debug)]
struct Slot {
    number: u32,
    hash: u32,
}

const EMPTY: Slot = Slot { number: u32::MAX, hash: 0 };

impl Slot {
    fn is_empty(self) -> bool {
        self.number == EMPTY.number
    }
}

impl Index {
    /// The number with this hash of which `is_it` holds.
    #[inline]
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let mut at = self.first(hash);
        loop {
            let slot = self.slots[at];
            if slot.is_empty() {
                return None;
            }
            if slot.hash == low(hash) && is_it(slot.number) {
                return Some(slot.number);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// Enters a number that is not there yet, given the hashes of all that are.
    pub(super) fn enter(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        if self.len * 4 >= self.slots.len() * 3 {
            let larger = vec![EMPTY; (self.slots.len() * 2).max(64)];
            for slot in std::mem::replace(&mut self.slots, larger).into_iter().filter(|slot| !slot.is_empty()) {
                self.put(hash_of(slot.number), slot.number);
            }
        }
        self.put(hash, number);
        self.len += 1;
    }

    /// The numbers that some hashes most likely belong to. Of a large table nearly every slot has to be fetched from memory,
    /// and so has what the numbers stand for: whoever looks at all of these first has many of them fetched at a time.
    pub(super) fn likely(&self, hashes: &[u64]) -> impl Iterator<Item = u32> {
        let slots = hashes.iter().map(|&hash| (hash, self.slots.get(self.first(hash))));
        slots
            .filter_map(|(hash, slot)| slot.filter(|slot| slot.hash == low(hash) && !slot.is_empty()))
            .map(|slot| slot.number)
    }

    fn put(&mut self, hash: u64, number: u32) {
        let mut at = self.first(hash);
        while !self.slots[at].is_empty() {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = Slot { number, hash: low(hash) };
    }

    /// The slot where a hash stands if none before it does.
    #[allow(clippy::cast_possible_truncation, reason = "half of the hash is wanted")]
    fn first(&self, hash: u64) -> usize {
        (hash >> 32) as usize & self.slots.len().wrapping_sub(1)
    }
}

/// The part of a hash that is kept.
#[allow(clippy::cast_possible_truncation, reason = "half of the hash is wanted")]
fn low(hash: u64) -> u32 {
    hash as u32
}

#[cfg(test)]
mod tests {
    use super::Index;
    use pretty_assertions::assert_eq;

    /// Hashes of which many collide, in whole or in one half.
    fn hash_of(number: u32) -> u64 {
        u64::from(number % 7) << 32 | u64::from(number % 5)
    }

    #[test]
    fn numbers_are_found_whatever_their_hashes() {
        let mut index = Index::default();
        assert_eq!(index.find(0, |_| true), None);
        assert_eq!(index.likely(&[0, 1]).count(), 0);
        for number in 0..500 {
            assert_eq!(index.find(hash_of(number), |other| other == number), None);
            index.enter(hash_of(number), number, hash_of);
        }
        for number in 0..500 {
            assert_eq!(index.find(hash_of(number), |other| other == number), Some(number));
        }
        assert_eq!(index.find(hash_of(3), |other| other == 500), None);
        assert_eq!(index.likely(&[hash_of(0), u64::MAX]).collect::<Vec<_>>(), [0]);
    }
}
