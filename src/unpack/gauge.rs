//! How much has been unpacked, and whether that is too much.

use std::cell::Cell;
use std::rc::Rc;

use crate::limits::Limits;

/// Measures what comes out of something packed against what went in.
#[derive(Debug)]
pub(super) struct Gauge {
    limits: Limits,
    packed: Rc<Cell<u64>>,
    unpacked: Cell<u64>,
    /// Up to here the ratio does not count.
    free: u64,
    /// The gauge of everything around it.
    around: Option<Rc<Self>>,
}

impl Gauge {
    /// A gauge for everything in a file of which so much has been read.
    pub(super) fn whole(limits: Limits, packed: Rc<Cell<u64>>) -> Rc<Self> {
        let free = Limits::RATIO_FROM_IN_ALL;
        Rc::new(Self { limits, packed, unpacked: Cell::new(0), free, around: None })
    }

    /// A gauge for one file of which so much has been read.
    pub(super) fn inside(whole: &Rc<Self>, packed: Rc<Cell<u64>>) -> Rc<Self> {
        let (limits, free) = (whole.limits, Limits::RATIO_FROM);
        Rc::new(Self { limits, packed, unpacked: Cell::new(0), free, around: Some(Rc::clone(whole)) })
    }

    /// Takes note of further unpacked bytes.
    ///
    /// # Errors
    /// The limit that they exceed.
    pub(super) fn add(&self, bytes: u64) -> Result<(), String> {
        let unpacked = self.unpacked.get().saturating_add(bytes);
        self.unpacked.set(unpacked);
        if unpacked > self.limits.unpacked_bytes {
            return Err(self.limits.unpacks_too_far());
        }
        self.allows(unpacked, self.packed.get())?;
        self.around.as_ref().map_or(Ok(()), |around| around.add(bytes))
    }

    /// Whether so much may come out of so much.
    pub(super) fn allows(&self, unpacked: u64, packed: u64) -> Result<(), String> {
        let most = packed.saturating_mul(self.limits.ratio).max(self.free);
        if unpacked > most { Err(self.limits.packed_too_well()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Gauge;
    use crate::limits::Limits;
    use pretty_assertions::assert_eq;
    use std::cell::Cell;
    use std::rc::Rc;

    const FREE: u64 = 64 << 20;

    #[test]
    fn an_archive_may_hold_four_times_what_a_file_may_before_its_size_counts() {
        let limits = Limits { ratio: 10, ..Limits::default() };
        let packed = |bytes| Rc::new(Cell::new(bytes));
        let too_well = Err(limits.packed_too_well());
        let whole = Gauge::whole(limits, packed(1));
        let one = Gauge::inside(&whole, packed(1));
        assert_eq!([one.add(FREE), one.add(1)], [Ok(()), too_well.clone()]);
        let files = [FREE, FREE, FREE, 1].map(|bytes| Gauge::inside(&whole, packed(1)).add(bytes));
        assert_eq!(files, [Ok(()), Ok(()), Ok(()), too_well.clone()]);
        // Of what is large the size counts.
        let whole = Gauge::whole(limits, packed(FREE));
        let one = Gauge::inside(&whole, packed(FREE / 4));
        assert_eq!([one.add(FREE * 5 / 2), one.add(1)], [Ok(()), too_well.clone()]);
        let files = [FREE * 15 / 2, 1].map(|bytes| Gauge::inside(&whole, packed(FREE)).add(bytes));
        assert_eq!(files, [Ok(()), too_well]);
    }

    #[test]
    fn all_that_is_unpacked_counts_whatever_its_size() {
        let limits = Limits { unpacked_bytes: 100, ..Limits::default() };
        let whole = Gauge::whole(limits, Rc::new(Cell::new(1000)));
        let files = [60, 40, 1].map(|bytes| Gauge::inside(&whole, Rc::new(Cell::new(1000))).add(bytes));
        assert_eq!(files, [Ok(()), Ok(()), Err(limits.unpacks_too_far())]);
    }
}
