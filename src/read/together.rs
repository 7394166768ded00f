//! Small files that stand one behind the other in a directory: read into one piece of memory and packed into one fragment as
//! far as each holds a single backup, since for a file of its own that work would be many times what is in it.

use std::ops::Range;

use super::buffer::Buffer;
use super::load::{Loaded, load_source};
use super::{Done, Tools, contained, loaded, plain, read_source, whole};
use crate::directory::{Directory, stand_together};
use crate::discover::{Access, Source};
use crate::inventory::handled::Handled;
use crate::inventory::singles::Singles;

/// So many files are read together at most.
pub const FILES: usize = 128;

/// A file with more bytes is read by itself.
const SMALL: u64 = 32 << 10;

/// Parts files into those that are read together.
pub(super) fn groups<'f, 's>(files: &'f [&'s Source], most: usize) -> Vec<&'f [&'s Source]> {
    let small = |source: &'s Source| match &source.access {
        Access::File { path, bytes } if *bytes <= SMALL => Some(path),
        _ => None,
    };
    let belong = |one: &&'s Source, next: &&'s Source| {
        small(one).zip(small(next)).is_some_and(|(one, next)| stand_together(one, next))
    };
    files.chunk_by(belong).flat_map(|group| group.chunks(most.max(1))).collect()
}

/// Reads files together.
pub(super) fn read<'s>(sources: &[&'s Source], tools: Tools<'_>) -> Vec<Done<'s>> {
    let one_by_one = || sources.iter().map(|source| read_source(source, tools)).collect();
    match sources {
        [_] => one_by_one(),
        // What a fault of the program costs is found out by reading each file for itself.
        _ => contained(|| read_contained(sources, tools)).unwrap_or_else(|_| one_by_one()),
    }
}

/// What was loaded of a file.
enum Piece<'s, T> {
    /// Its text, or where that stands.
    Text(&'s Source, Handled, T),
    /// Nothing that is a text as it stands; it has been read.
    Other(Done<'s>),
}

fn read_contained<'s>(sources: &[&'s Source], tools: Tools<'_>) -> Vec<Done<'s>> {
    Buffer::with(|buffer| {
        let directory = match sources {
            [Source { access: Access::File { path, .. }, .. }, ..] => Directory::around(path, sources.len()),
            _ => Directory::default(),
        };
        let pieces: Vec<_> = sources.iter().map(|source| load(source, &directory, tools, buffer)).collect();
        let bytes = |place| buffer.all().get(place).unwrap_or_default();
        let texts = pieces.into_iter().map(|piece| match piece {
            Piece::Other(done) => Piece::Other(done),
            Piece::Text(source, handled, place) => match simdutf8::compat::from_utf8(bytes(place.clone())) {
                Ok(text) => Piece::Text(source, handled, text),
                Err(_) => Piece::Other(plain(source, bytes(place), handled, tools)),
            },
        });
        pack(texts.collect(), tools)
    })
}

/// Loads a file behind those that are in the buffer.
fn load<'s>(
    source: &'s Source,
    directory: &Directory,
    tools: Tools<'_>,
    buffer: &mut Buffer,
) -> Piece<'s, Range<usize>> {
    buffer.begin();
    match load_source(source, directory, tools.reading, buffer) {
        Some(Ok(Loaded::Whole(bytes))) => Piece::Text(source, whole(bytes, tools), buffer.place()),
        other => Piece::Other(loaded(source, other, tools)),
    }
}

/// Packs texts together as far as that goes, and reads the others one by one.
fn pack<'s>(pieces: Vec<Piece<'s, &str>>, tools: Tools<'_>) -> Vec<Done<'s>> {
    let mut done = Vec::new();
    let mut pieces = pieces.into_iter();
    while !pieces.as_slice().is_empty() {
        let texts = pieces.as_slice().iter().map_while(|piece| match piece {
            Piece::Text(_, _, text) => Some(*text),
            Piece::Other(_) => None,
        });
        let singles = Singles::read(&texts.collect::<Vec<_>>(), &tools.reading.limits, tools.hasher);
        let files = pieces.by_ref().take(singles.len()).filter_map(|piece| match piece {
            Piece::Text(source, handled, _) => Some((source, handled)),
            Piece::Other(_) => None,
        });
        let files: Vec<_> = files.collect();
        if !files.is_empty() {
            done.push(Done::Singles(singles, files));
        }
        done.extend(pieces.next().map(|piece| match piece {
            Piece::Text(source, handled, text) => plain(source, text.as_bytes(), handled, tools),
            Piece::Other(done) => done,
        }));
    }
    done
}
