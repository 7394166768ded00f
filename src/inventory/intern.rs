//! Text kept once: every id, region and name of the dump gets a dense number.


/// The number of a text in its [`Interner`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(u32);

impl Symbol {
    /// The number, for use as an index.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The symbol with this number.
    #[must_use]
    pub fn from_index(index: u32) -> Self {
        Self(index)
    }
}

/// Texts by number and numbers by text.
///
/// The hash is keyed anew for every run, so that no input can be made to collide; the numbers follow the order of
/// arrival , never the hash.
#[derive(Debug, Default)]
pub struct Interner {
    arena: String,
    ends: Vec<usize>,
    table: Vec<u32>,
    hasher: ahash::RandomState,
}

const EMPTY: u32 = u32::MAX;

impl Interner {
    /// The number of the text, given now if it has none yet.
    pub fn intern(&mut self, text: &str) -> Symbol {
        if self.ends.len() * 4 >= self.table.len() * 3 {
            self.grow();
        }
        let slot = self.slot(text);
        if self.table[slot] == EMPTY {
            self.table[slot] = u32::try_from(self.ends.len()).unwrap_or(EMPTY - 1);
            self.arena.push_str(text);
            self.ends.push(self.arena.len());
        }
        Symbol(self.table[slot])
    }

    /// The number of the text, if it has one.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Symbol> {
        if self.table.is_empty() {
            return None;
        }
        let number = self.table[self.slot(text)];
        (number != EMPTY).then_some(Symbol(number))
    }

    /// The text with this number.
    #[must_use]
    pub fn text(&self, symbol: Symbol) -> &str {
        let index = symbol.index();
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.arena[start..self.ends[index]]
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
    fn slot(&self, text: &str) -> usize {
        let mask = self.table.len() - 1;
        let mut slot = truncate(self.hasher.hash_one(text)) & mask;
        while self.table[slot] != EMPTY && self.text(Symbol(self.table[slot])) != text {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        let size = (self.table.len() * 2).max(64);
        self.table = vec![EMPTY; size];
        for number in 0..self.ends.len() {
            let symbol = Symbol(u32::try_from(number).unwrap_or(EMPTY));
            let mut slot = truncate(self.hasher.hash_one(self.text(symbol))) & (size - 1);
            while self.table[slot] != EMPTY {
                slot = (slot + 1) & (size - 1);
            }
            self.table[slot] = symbol.0;
        }
    }
}

#[allow(clippy::cast_possible_truncation, reason = "only the low bits of a hash are needed")]
fn truncate(hash: u64) -> usize {
    hash as usize
}

