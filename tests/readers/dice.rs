//! Numbers at random, always the same for the same seed (SplitMix64).

pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        usize::try_from(self.next() % sides as u64).unwrap()
    }

    /// Whether one throw in so many came up.
    pub(crate) fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    pub(crate) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())].clone()
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            list.swap(end, self.roll(end + 1));
        }
    }

    /// An id as the services write it; few different ones where `few` says so.
    pub(crate) fn uuid(&mut self, few: Option<usize>) -> String {
        let number = match few {
            Some(few) => (self.roll(few) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15),
            None => self.next(),
        };
        let [high, low] = [number >> 32, number & 0xffff_ffff];
        format!("{high:08x}-{:04x}-4{:03x}-8{:03x}-{low:08x}{:04x}", low >> 16, low & 0xfff, high & 0xfff, high >> 16)
    }
}
