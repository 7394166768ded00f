//! The four times of a reading in 24 bytes: one in full, the others as distances from it in microseconds. What does not
//! fit, because it is finer or farther away, is kept in full beside the rows, so that no precision is lost.

#![allow(
    clippy::indexing_slicing,
    reason = "there are four times, and those of a row that says so stand in full beside it"
)]

use super::field::FieldId;

/// The fields that hold a time.
pub const TIMES: [FieldId; 4] = [FieldId::CreatedAt, FieldId::UpdatedAt, FieldId::ProtectedAt, FieldId::ExpiredAt];

/// Times in nanoseconds since 1970, in the order of [`TIMES`].
pub type Full = [i64; TIMES.len()];

/// Times, packed. Two bytes are left over for their owner.
#[derive(Clone, Copy, Debug, Default)]
pub struct PackedTimes {
    /// The time that the others are counted from, in nanoseconds since 1970; or the number of the times kept in full.
    base: [u32; 2],
    /// Microseconds from the base, counted from the least that fits.
    near: [u32; 2],
    /// The same for the last, whose range is larger.
    last: [u16; 3],
    /// Of no concern here.
    pub spare: u16,
}

/// Stands in `near` for times that are kept in full; no distance is written so.
const IN_FULL: [u32; 2] = [u32::MAX; 2];

const MICROSECOND: i64 = 1000;
/// The least distance of the near times, in microseconds: nine minutes before the base.
const LEAST: i64 = -(1 << 29);
/// The least distance of the last time: four years before the base.
const LEAST_OF_LAST: i64 = -(1 << 47);

impl PackedTimes {
    /// Packs the times that are there; `None` if they do not fit.
    #[must_use]
    pub fn pack(times: Full, is_there: impl Fn(FieldId) -> bool) -> Option<Self> {
        let there = std::array::from_fn::<_, 4, _>(|slot| is_there(TIMES[slot]).then_some(times[slot]));
        let base = there.iter().flatten().next().copied().unwrap_or_default();
        let from_base = |slot: usize, least: i64| -> Option<i64> {
            let distance = there[slot].unwrap_or(base).checked_sub(base)?;
            (distance % MICROSECOND == 0).then_some(distance / MICROSECOND - least)
        };
        let near = |slot| u32::try_from(from_base(slot, LEAST)?).ok();
        let near = [near(1)?, near(2)?];
        let last = u64::try_from(from_base(3, LEAST_OF_LAST)?).ok()?.to_le_bytes();
        let [a, b, c, d, e, f, 0, 0] = last else { return None };
        let last = [[a, b], [c, d], [e, f]].map(u16::from_le_bytes);
        (near != IN_FULL).then_some(Self { base: halves(base), near, last, spare: 0 })
    }

    /// Stands for the times of this number among those kept in full.
    #[must_use]
    pub fn in_full(number: u32) -> Self {
        Self { base: [number, 0], near: IN_FULL, ..Self::default() }
    }

    /// The same for times to which others were added before.
    pub fn shift(&mut self, before: u32) {
        if self.near == IN_FULL {
            self.base[0] += before;
        }
    }

    /// A time, given those that are kept in full.
    #[must_use]
    #[inline]
    pub fn get(&self, slot: usize, full: &[Full]) -> i64 {
        if self.near == IN_FULL {
            return full[self.base[0] as usize][slot];
        }
        let base = i64::from_le_bytes(bytes(self.base));
        let distance = match slot {
            0 => 0,
            3 => {
                let [[a, b], [c, d], [e, f]] = self.last.map(u16::to_le_bytes);
                i64::from_le_bytes([a, b, c, d, e, f, 0, 0]) + LEAST_OF_LAST
            }
            near => i64::from(self.near[near - 1]) + LEAST,
        };
        base + distance * MICROSECOND
    }
}

fn halves(number: i64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
    [[a, b, c, d], [e, f, g, h]].map(u32::from_le_bytes)
}

fn bytes(halves: [u32; 2]) -> [u8; 8] {
    let [[a, b, c, d], [e, f, g, h]] = halves.map(u32::to_le_bytes);
    [a, b, c, d, e, f, g, h]
}

#[cfg(test)]
mod tests {
    use super::{Full, LEAST, LEAST_OF_LAST, MICROSECOND, PackedTimes, TIMES};
    use pretty_assertions::assert_eq;

    const CREATED: i64 = 1_790_000_000_123_456_000;

    fn kept(times: Full) -> Option<Full> {
        let packed = PackedTimes::pack(times, |_| true)?;
        Some(std::array::from_fn(|slot| packed.get(slot, &[])))
    }

    #[test]
    fn what_fits_is_given_back_and_what_does_not_is_refused() {
        let near = |least: i64, above: i64| CREATED + (least + above) * MICROSECOND;
        let fitting = [
            [CREATED; 4],
            [CREATED, CREATED + 900_000_001_000, CREATED - 1000, CREATED + 2_592_000_000_000_000],
            [CREATED, near(LEAST, 0), near(LEAST, i64::from(u32::MAX)), near(LEAST_OF_LAST, 0)],
            [CREATED, CREATED, CREATED, near(LEAST_OF_LAST, (1 << 48) - 1)],
        ];
        for times in fitting {
            assert_eq!(kept(times), Some(times));
        }
        let refused = [
            [CREATED, CREATED + 1, CREATED, CREATED],
            [CREATED, near(LEAST, -1), CREATED, CREATED],
            [CREATED, CREATED, near(LEAST, 1 << 32), CREATED],
            [CREATED, CREATED, CREATED, near(LEAST_OF_LAST, 1 << 48)],
            [CREATED, near(LEAST, i64::from(u32::MAX)), near(LEAST, i64::from(u32::MAX)), CREATED],
            [i64::MIN, CREATED, CREATED, i64::MAX],
        ];
        for times in refused {
            assert_eq!(kept(times), None);
        }
    }

    #[test]
    fn a_time_that_is_missing_is_in_nobodys_way() {
        let times = [0, CREATED, CREATED + 1000, CREATED];
        let packed = PackedTimes::pack(times, |field| field != TIMES[0]).unwrap();
        assert_eq!([1, 2, 3].map(|slot| packed.get(slot, &[])), [times[1], times[2], times[3]]);
        let nothing = PackedTimes::pack([0; 4], |_| false).unwrap();
        assert_eq!(nothing.get(3, &[]), 0);
    }

    #[test]
    fn times_kept_in_full_are_found_after_a_shift() {
        let mut packed = PackedTimes::in_full(1);
        packed.shift(2);
        assert_eq!(packed.get(3, &[[0; 4], [1; 4], [2; 4], [3; 4]]), 3);
    }
}
