//! What tells the content of a file from that of every other, so that whole files that stand twice are named.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Read};

use crate::discover::{Access, Source};
use crate::unpack::form::Form;

/// Every content is hashed in pieces of this size, however it is read.
const PIECE: usize = 1 << 16;

/// The length and a hash of a content; none of nothing.
pub(super) fn of(bytes: &[u8], hasher: &ahash::RandomState) -> Option<(u64, u64)> {
    let mut hash = hasher.build_hasher();
    bytes.chunks(PIECE).for_each(|piece| hash.write(piece));
    (!bytes.is_empty()).then(|| (bytes.len() as u64, hash.finish()))
}

/// The same of what a reader yields.
pub(super) fn of_stream(reader: &mut impl Read, hasher: &ahash::RandomState) -> io::Result<(u64, u64)> {
    let mut hash = hasher.build_hasher();
    let mut piece = Vec::with_capacity(PIECE);
    let mut length = 0;
    loop {
        piece.clear();
        let read = reader.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
        if read == 0 {
            return Ok((length, hash.finish()));
        }
        hash.write(&piece);
        length += read as u64;
    }
}

/// Which plain files may have the content of another: those of a size that another has too, and all where something packed
/// may hold the same. Others need not be hashed.
pub(super) struct Twins {
    sizes: HashSet<u64>,
    has_packed: bool,
}

impl Twins {
    pub(super) fn of(sources: &[Source]) -> Self {
        let mut met = HashSet::new();
        let sizes = sources.iter().map(Source::bytes).filter(|&size| size > 0 && !met.insert(size)).collect();
        let is_packed =
            |source: &Source| matches!(source.access, Access::Stdin) || Form::by_name(&source.path).is_some();
        Self { sizes, has_packed: sources.iter().any(is_packed) }
    }

    /// Whether a file of this size may be one.
    pub(super) fn may_be(&self, size: u64) -> bool {
        self.sizes.contains(&size) || self.has_packed
    }
}
