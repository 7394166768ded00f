//! Text kept once: every id, region and name of the dump gets a dense number.

use std::num::NonZeroU32;

/// The number of a text in its [`Interner`], plus one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(NonZeroU32);

impl Default for Symbol {
    fn default() -> Self {
        Self::from_index(0)
    }
}

impl Symbol {
    /// The number, for use as an index.
    #[must_use]
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }

    /// The symbol with this number.
    #[must_use]
    pub fn from_index(index: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(index))
    }
}

/// Texts by number and numbers by text.
///
/// The hash is keyed anew for every run, so that no input can be made to collide; the numbers follow the order of
/// arrival, never the hash.
#[derive(Debug, Default)]
pub struct Interner {
    arena: String,
    ends: Vec<usize>,
    table: Vec<Slot>,
    hasher: ahash::RandomState,
}

/// A slot of the table: the number of a text, and part of its hash, which spares most comparisons.
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

#[allow(
    clippy::indexing_slicing,
    reason = "a slot is masked by the length of the table, a power of two; texts are numbered below `ends`, which lie in `arena`"
)]
impl Interner {
    /// The number of the text, given now if it has none yet.
    pub fn intern(&mut self, text: &str) -> Symbol {
        if self.ends.len() * 4 >= self.table.len() * 3 {
            self.grow();
        }
        let hash = self.hasher.hash_one(text.as_bytes());
        let slot = self.slot(text.as_bytes(), hash);
        if self.table[slot].is_empty() {
            self.table[slot] = Slot { number: self.next(), hash: low(hash) };
            self.arena.push_str(text);
            self.ends.push(self.arena.len());
        }
        Symbol::from_index(self.table[slot].number)
    }

    /// The number that the next new text gets.
    fn next(&self) -> u32 {
        u32::try_from(self.ends.len()).unwrap_or(EMPTY.number - 1)
    }

    /// The text with this number.
    #[must_use]
    pub fn text(&self, symbol: Symbol) -> &str {
        let index = symbol.index();
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.arena[start..self.ends[index]]
    }

    /// The number of the text, if it has one.
    #[must_use]
    pub fn find(&self, text: &[u8]) -> Option<Symbol> {
        if self.table.is_empty() {
            return None;
        }
        let slot = self.table[self.slot(text, self.hasher.hash_one(text))];
        (!slot.is_empty()).then(|| Symbol::from_index(slot.number))
    }

    /// Every text, in the order of the numbers.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.arena[start..end])
    }

    /// How many texts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no text yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The slot that holds the text, or the empty one where it belongs.
    fn slot(&self, text: &[u8], hash: u64) -> usize {
        let mask = self.table.len() - 1;
        let mut at = high(hash) & mask;
        loop {
            let slot = self.table[at];
            if slot.is_empty()
                || slot.hash == low(hash) && self.text(Symbol::from_index(slot.number)).as_bytes() == text
            {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let size = (self.table.len() * 2).max(64);
        let mut table = vec![EMPTY; size];
        for number in 0..self.next() {
            let hash = self.hasher.hash_one(self.text(Symbol::from_index(number)).as_bytes());
            let mut at = high(hash) & (size - 1);
            while !table[at].is_empty() {
                at = (at + 1) & (size - 1);
            }
            table[at] = Slot { number, hash: low(hash) };
        }
        self.table = table;
    }
}

/// The part of a hash that is kept.
#[allow(clippy::cast_possible_truncation, reason = "half of the hash is wanted")]
fn low(hash: u64) -> u32 {
    hash as u32
}

/// The part of a hash that chooses the slot.
#[allow(clippy::cast_possible_truncation, reason = "half of the hash is wanted")]
fn high(hash: u64) -> usize {
    (hash >> 32) as usize
}
