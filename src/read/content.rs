//! What tells the content of a file from that of every other, so that whole files that stand twice are named.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher};
use std::io::Read;
use std::sync::{Mutex, PoisonError};

use ahash::{AHasher, RandomState};
use rayon::prelude::*;

use super::load;
use crate::directory::Directory;
use crate::discover::{Access, Source};
use crate::unpack::form::Form;

/// Every content is hashed in pieces of this size, however it is read.
const PIECE: usize = 1 << 16;

/// A content that is hashed while it is read. The hash is keyed anew for every run, so that no input can be made to collide.
pub(super) struct Hashing {
    hash: AHasher,
    length: u64,
    /// The beginning of a piece.
    begun: Vec<u8>,
}

impl Hashing {
    pub(super) fn new(hasher: &RandomState) -> Self {
        Self { hash: hasher.build_hasher(), length: 0, begun: Vec::new() }
    }

    /// Adds what comes next.
    pub(super) fn add(&mut self, mut bytes: &[u8]) {
        self.length += bytes.len() as u64;
        if !self.begun.is_empty() {
            let (next, behind) = bytes.split_at(bytes.len().min(PIECE - self.begun.len()));
            self.begun.extend_from_slice(next);
            bytes = behind;
            if self.begun.len() < PIECE {
                return;
            }
            self.hash.write(&self.begun);
            self.begun.clear();
        }
        let pieces = bytes.chunks_exact(PIECE);
        self.begun.extend_from_slice(pieces.remainder());
        pieces.for_each(|piece| self.hash.write(piece));
    }

    /// The length and the hash of the content; none of nothing.
    pub(super) fn end(mut self) -> Option<(u64, u64)> {
        if !self.begun.is_empty() {
            self.hash.write(&self.begun);
        }
        (self.length > 0).then(|| (self.length, self.hash.finish()))
    }
}

/// Which files have to be told from others by their content.
pub(super) struct Twins {
    /// Sizes that several have.
    sizes: HashSet<u64, RandomState>,
    /// Something is packed by its name, so that its content may be that of any.
    any: bool,
    /// How long the contents are that turned out to be packed though no name says so.
    unpacked: Mutex<HashSet<u64>>,
}

impl Twins {
    /// Those that may stand twice among some sources.
    pub(super) fn among(sources: &[Source]) -> Self {
        let mut all: Vec<_> = sources.par_iter().map(Source::bytes).filter(|&size| size > 0).collect();
        all.par_sort_unstable();
        let sizes =
            all.iter().zip(all.iter().skip(1)).filter(|(one, next)| one == next).map(|(&size, _)| size).collect();
        let is_packed =
            |source: &Source| Form::by_name(&source.path).is_some() || matches!(source.access, Access::Stdin);
        Self { sizes, any: sources.par_iter().any(is_packed), unpacked: Mutex::default() }
    }

    /// Notes something that was packed.
    pub(super) fn met(&self, unpacked: Option<(u64, u64)>) {
        if let Some((length, _)) = unpacked.filter(|_| !self.any) {
            self.unpacked.lock().unwrap_or_else(PoisonError::into_inner).insert(length);
        }
    }

    /// Whether a source was not told from others, though it may be one of them after all.
    pub(super) fn missed(&self, source: &Source) -> bool {
        let unpacked = self.unpacked.lock().unwrap_or_else(PoisonError::into_inner);
        unpacked.contains(&source.bytes()) && !self.may_have(source.bytes())
    }

    /// Whether a file of this size may be one of them.
    pub(super) fn may_have(&self, size: u64) -> bool {
        self.any || self.sizes.contains(&size)
    }
}

/// The length and a hash of what a file holds; none if it cannot be read any more.
pub(super) fn of_file(source: &Source, hasher: &RandomState) -> Option<(u64, u64)> {
    let Access::File { path, .. } = &source.access else { return None };
    let (mut file, _) = load::open(path, &Directory::default()).ok()?;
    let mut hashing = Hashing::new(hasher);
    let mut bytes = vec![0; PIECE];
    loop {
        match file.read(&mut bytes).ok()? {
            0 => return hashing.end(),
            read => hashing.add(bytes.get(..read)?),
        }
    }
}

/// The length and a hash of a content; none of nothing.
pub(super) fn of(bytes: &[u8], hasher: &RandomState) -> Option<(u64, u64)> {
    let mut hash = hasher.build_hasher();
    bytes.chunks(PIECE).for_each(|piece| hash.write(piece));
    (!bytes.is_empty()).then(|| (bytes.len() as u64, hash.finish()))
}

#[cfg(test)]
mod tests {
    use super::{Hashing, PIECE, RandomState, of};
    use pretty_assertions::assert_eq;

    #[test]
    fn a_content_has_one_hash_however_it_is_read() {
        let hasher = RandomState::new();
        let bytes: Vec<u8> = (0..3 * PIECE + 7).map(|number| (number % 251) as u8).collect();
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, bytes.len()] {
            let bytes = &bytes[..length];
            for step in [1000, PIECE, PIECE + 1, 2 * PIECE + 5] {
                let mut hashing = Hashing::new(&hasher);
                bytes.chunks(step).for_each(|bytes| hashing.add(bytes));
                assert_eq!(hashing.end(), of(bytes, &hasher), "{length} bytes, {step} at a time");
            }
        }
        assert!(of(&bytes, &hasher) != of(&bytes[1..], &hasher));
    }
}
