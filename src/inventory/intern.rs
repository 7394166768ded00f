//! Text kept once: every id, region and name of the dump gets a dense number.

use std::num::NonZeroU32;

use super::index::Index;

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
    index: Index,
    hasher: ahash::RandomState,
}

#[allow(clippy::indexing_slicing, reason = "texts are numbered below `ends`, which lie in `arena`")]
impl Interner {
    /// The number of the text, given now if it has none yet.
    pub fn intern(&mut self, text: &str) -> Symbol {
        self.number(text, self.hasher.hash_one(text.as_bytes()))
    }

    /// Takes over all texts of another. Returns the numbers that they have here.
    pub fn take(&mut self, other: &Self) -> Vec<Symbol> {
        let hashes: Vec<u64> = other.texts().map(|text| self.hasher.hash_one(text.as_bytes())).collect();
        let first_byte = |number| self.text(Symbol::from_index(number)).as_bytes().first().copied().unwrap_or_default();
        std::hint::black_box(self.index.likely(&hashes).fold(0, |all, number| all ^ first_byte(number)));
        other.texts().zip(hashes).map(|(text, hash)| self.number(text, hash)).collect()
    }

    fn number(&mut self, text: &str, hash: u64) -> Symbol {
        let number = self.found(text.as_bytes(), hash).unwrap_or_else(|| {
            let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX - 1);
            self.arena.push_str(text);
            self.ends.push(self.arena.len());
            let Self { arena, ends, index, hasher } = self;
            index.enter(hash, number, |number| hasher.hash_one(text_at(arena, ends, number as usize).as_bytes()));
            number
        });
        Symbol::from_index(number)
    }

    fn found(&self, text: &[u8], hash: u64) -> Option<u32> {
        self.index.find(hash, |number| self.text(Symbol::from_index(number)).as_bytes() == text)
    }

    /// Forgets how to find a text, now that all are in.
    pub fn freeze(&mut self) {
        self.index = Index::default();
        self.arena.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// The text with this number.
    #[must_use]
    pub fn text(&self, symbol: Symbol) -> &str {
        text_at(&self.arena, &self.ends, symbol.index())
    }

    /// The number of the text, if it has one.
    #[must_use]
    pub fn find(&self, text: &[u8]) -> Option<Symbol> {
        self.found(text, self.hasher.hash_one(text)).map(Symbol::from_index)
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
}

#[allow(clippy::indexing_slicing, reason = "texts are numbered below `ends`, which lie in `arena`")]
#[inline]
fn text_at<'a>(arena: &'a str, ends: &[usize], number: usize) -> &'a str {
    let start = if number == 0 { 0 } else { ends[number - 1] };
    &arena[start..ends[number]]
}
