//! A small seeded generator (splitmix64) and the identifiers drawn from it.
//!
//! Every value is drawn from a generator keyed by what it belongs to (project, resource, night), so that the same
//! backup can be rebuilt in any order, and nothing has to be remembered between two files.

/// A UUID as text.
pub type Uuid = [u8; 36];

/// A project id: 32 hexadecimal digits.
pub type Hex32 = [u8; 32];

const HEX: &[u8; 16] = b"0123456789abcdef";
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator that belongs to one key; different keys give unrelated sequences.
    pub fn keyed(seed: u64, key: &[u64]) -> Self {
        let start =
            key.iter().fold(mix(seed ^ GOLDEN), |state, part| mix(state.rotate_left(23) ^ part.wrapping_mul(GOLDEN)));
        Self(start)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number below `bound` (zero if `bound` is zero).
    pub fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `low` up to, but not including, `high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0);
        low.saturating_add(i64::try_from(self.below(span)).unwrap_or(0))
    }

    /// True in `millionths` of a million cases.
    pub fn chance(&mut self, millionths: u64) -> bool {
        self.below(1_000_000) < millionths
    }

    /// One of the choices; `fallback` only if there are none.
    pub fn pick<T: Copy>(&mut self, choices: &[T], fallback: T) -> T {
        let index = self.below(choices.len() as u64);
        usize::try_from(index).ok().and_then(|index| choices.get(index).copied()).unwrap_or(fallback)
    }

    pub fn hex32(&mut self) -> Hex32 {
        let mut id = [b'0'; 32];
        let (left, right) = id.split_at_mut(16);
        digits(left, self.next());
        digits(right, self.next());
        id
    }

    /// A random (version 4) UUID.
    pub fn uuid(&mut self) -> Uuid {
        let raw = self.hex32();
        let mut id = [b'-'; 36];
        for (to, from) in [(0, 0..8), (9, 8..12), (14, 12..16), (19, 16..20), (24, 20..32)] {
            let end = to + from.len();
            id[to..end].copy_from_slice(&raw[from]);
        }
        id[14] = b'4';
        id[19] = b"89ab"[usize::from(raw[16] & 3)];
        id
    }
}

/// The number as hexadecimal digits that fill `target`.
fn digits(target: &mut [u8], mut number: u64) {
    for digit in target {
        *digit = HEX[(number & 15) as usize];
        number >>= 4;
    }
}

const fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
