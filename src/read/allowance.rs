//! How many backup objects a source may hold for its size, an archive with all that is in it, and how much around them: a text
//! may hold very many for next to nothing, and there is as much to say of each as of any other.

use std::io::{self, Read};
use std::iter::Sum;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::discover::{Access, Source};
use crate::limits::Limits;

/// What was met of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Met {
    /// So many backup objects.
    pub(super) records: u64,
    /// What is kept around them counts as so many bytes.
    pub(super) around: u64,
}

impl Sum for Met {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |all, part| Self {
            records: all.records + part.records,
            around: all.around.saturating_add(part.around),
        })
    }
}

/// What a source may still hold.
pub(super) struct Allowance {
    limits: Limits,
    /// How large it is; of standard input, how much has been read.
    bytes: u64,
    /// It is larger than that once more of it has been read.
    grows: bool,
    /// What was met counts as so many bytes.
    met: u64,
}

impl Allowance {
    /// What a source may hold of which nothing was read yet.
    pub(super) fn of(source: &Source, limits: Limits) -> Self {
        Self { limits, bytes: source.bytes(), grows: matches!(source.access, Access::Stdin), met: 0 }
    }

    /// Takes note that so many more bytes of it were read.
    pub(super) fn read(&mut self, bytes: u64) {
        if self.grows {
            self.bytes += bytes;
        }
    }

    /// Takes note of further backup objects, and of what is kept around them.
    pub(super) fn met(&mut self, Met { records, around }: Met) {
        self.met = self.met.saturating_add(records.saturating_mul(Limits::RECORD_BYTES)).saturating_add(around);
    }

    /// The limits for what comes next.
    pub(super) fn limits(&self) -> Limits {
        self.limits_behind(0)
    }

    /// The limits for what comes next of a file of which so many backup objects were met.
    pub(super) fn limits_behind(&self, records: u64) -> Limits {
        let limits = Limits { records: self.limits.records.saturating_sub(records), ..self.limits };
        limits.within(self.bytes, self.met)
    }
}

/// How much of a stream was read.
#[derive(Debug, Default)]
pub(super) struct Consumed {
    bytes: AtomicU64,
}

impl Consumed {
    /// How much was read since this was asked last.
    pub(super) fn since(&self) -> u64 {
        self.bytes.swap(0, Ordering::Relaxed)
    }
}

/// A stream of which every byte is counted.
pub(super) struct Counted<R> {
    stream: R,
    consumed: Arc<Consumed>,
}

impl<R: Read> Counted<R> {
    pub(super) fn new(stream: R, consumed: Arc<Consumed>) -> Self {
        Self { stream, consumed }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(into)?;
        self.consumed.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::{Allowance, Consumed, Counted, Met};
    use crate::discover::{Access, Source};
    use crate::limits::Limits;
    use pretty_assertions::assert_eq;
    use std::io::Read;
    use std::sync::Arc;

    fn allowance(access: Access, limits: Limits) -> Allowance {
        Allowance::of(&Source { path: "a.tar".to_owned(), access }, limits)
    }

    #[test]
    fn a_source_may_hold_a_backup_object_for_every_kibibyte_that_it_may_unpack_to() {
        let limits = Limits { ratio: 100, ..Limits::default() };
        let of = |bytes| allowance(Access::File { path: "a.tar".into(), bytes }, limits).limits().records;
        // Small ones may be packed as well as they like.
        assert_eq!([of(0), of(64 << 10), of(1 << 20), of(1 << 40)], [65_536, 65_536, 102_400, limits.records]);
    }

    #[test]
    fn what_was_met_before_counts() {
        let limits = Limits { records: 70_000, ..Limits::default() };
        let mut allowance = allowance(Access::File { path: "a.tar".into(), bytes: 1 << 20 }, limits);
        // The limit of one file is the lower one at first.
        let left = |allowance: &Allowance, behind| {
            let limits = allowance.limits_behind(behind);
            (limits.records, limits.records_for.is_some())
        };
        assert_eq!([left(&allowance, 0), left(&allowance, 60_000)], [(70_000, false), (10_000, false)]);
        let met = |records| Met { records, around: 0 };
        allowance.met(met(40_000));
        assert_eq!([left(&allowance, 0), left(&allowance, 20_000)], [(62_400, true), (50_000, false)]);
        allowance.met(met(70_000));
        assert_eq!(left(&allowance, 0), (0, true));
    }

    #[test]
    fn standard_input_may_hold_more_the_more_comes() {
        let consumed = Arc::<Consumed>::default();
        let mut stream = Counted::new(std::io::repeat(b'x').take(2 << 20), Arc::clone(&consumed));
        let mut allowance = allowance(Access::Stdin, Limits::default());
        stream.by_ref().take(1 << 20).read_to_end(&mut Vec::new()).unwrap();
        allowance.read(consumed.since());
        assert_eq!(allowance.limits().records, 102_400);
        stream.read_to_end(&mut Vec::new()).unwrap();
        allowance.read(consumed.since());
        assert_eq!((allowance.limits().records, consumed.since()), (204_800, 0));
    }
}
