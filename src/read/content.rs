//! What tells the content of a file from that of every other, so that whole files that stand twice are named.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Read};

use crate::discover::Source;

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

/// Sizes that several sources have: only there a large file is hashed, since that takes reading it once more.
pub(super) struct Twins(HashSet<u64>);

impl Twins {
    pub(super) fn of(sources: &[Source]) -> Self {
        let mut met = HashSet::new();
        Self(sources.iter().map(Source::bytes).filter(|&size| size > 0 && !met.insert(size)).collect())
    }

    pub(super) fn has(&self, size: u64) -> bool {
        self.0.contains(&size)
    }
}
