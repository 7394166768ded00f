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
