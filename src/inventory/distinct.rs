//! Values that many have alike, kept once.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of values are those of the table, and there are as many recent ones as hints"
)]

use std::hash::Hash;

use super::index::Index;

/// Something of a value that tells it from most of its neighbours at once.
pub trait Hinted {
    /// Any number that depends on the value alone; always the same where only the last value is worth remembering.
    fn hint(&self) -> usize {
        0
    }
}

/// How many values are remembered.
const RECENT: usize = 32;

/// Values that are kept once, numbered by first appearance.
#[derive(Debug)]
pub struct Distinct<T> {
    /// The values.
    pub values: Vec<T>,
    /// The numbers that were given last, by a hint of their values: neighbours mostly have the same values.
    recent: [u32; RECENT],
    index: Index,
    hasher: ahash::RandomState,
}

impl<T> Distinct<T> {
    /// None yet. The hash must be keyed anew for every run, so that no input can be made to collide.
    #[must_use]
    pub fn new(hasher: ahash::RandomState) -> Self {
        Self { values: Vec::new(), recent: [0; RECENT], index: Index::default(), hasher }
    }

    /// Forgets how to find a value, now that all are in.
    pub fn freeze(&mut self) {
        self.index = Index::default();
        self.values.shrink_to_fit();
    }
}

impl<T: Copy + Eq + Hash + Hinted> Distinct<T> {
    /// The number of the value, given now if it has none yet.
    pub fn number(&mut self, value: &T) -> u32 {
        let recent = &mut self.recent[value.hint() % RECENT];
        if self.values.get(*recent as usize) == Some(value) {
            return *recent;
        }
        *recent = Self::entered(&mut self.values, &mut self.index, &self.hasher, value, self.hasher.hash_one(value));
        *recent
    }

    /// The numbers of some values.
    pub fn numbers(&mut self, values: &[T]) -> Vec<u32> {
        let Self { values: known, index, hasher, .. } = self;
        let hashes: Vec<u64> = values.iter().map(|value| hasher.hash_one(value)).collect();
        std::hint::black_box(index.likely(&hashes).fold(0, |all, number| all ^ known[number as usize].hint()));
        values.iter().zip(hashes).map(|(value, hash)| Self::entered(known, index, hasher, value, hash)).collect()
    }

    fn entered(values: &mut Vec<T>, index: &mut Index, hasher: &ahash::RandomState, value: &T, hash: u64) -> u32 {
        index.find(hash, |number| values[number as usize] == *value).unwrap_or_else(|| {
            let number = u32::try_from(values.len()).unwrap_or(u32::MAX);
            values.push(*value);
            index.enter(hash, number, |number| hasher.hash_one(values[number as usize]));
            number
        })
    }
}
