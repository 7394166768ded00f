//! One large list answer, read in parts: every thread reads and packs blocks of the file that it need not hold together.
//! A block begins in the middle of something, so a part begins where the first element seems to begin. The parts are
//! joined in order, and one that does not begin exactly where the one before ended is read again from there.

#![allow(clippy::indexing_slicing, reason = "places were found in the bytes that they are looked up in")]

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::path::Path;

use rayon::prelude::*;

use super::buffer::Buffer;
use super::steady::Stamp;
use super::{Reading, Step, Watcher, content, load};
use crate::discover::{Access, Source};
use crate::inventory::build::{Builder, Handled};
use crate::inventory::fragment::Fragment;
use crate::limits::Limits;
use crate::parse::extent;
use crate::parse::long::{self, End, Opening};
use crate::unpack::form::named_as_answer;

/// Files from this size on are read in parts.
pub(super) const WORTH_SPLITTING: u64 = 2 * BLOCK;

/// How much of the file one part reads.
const BLOCK: u64 = 8 << 20;

/// How much more is read at first, for the element that begins in the block and ends behind it.
const MARGIN: u64 = 64 << 10;

/// An element that ends further behind its block is left to the reader of whole files.
const LARGEST_MARGIN: u64 = 4 << 20;

/// What stands behind the elements may be this long.
const LARGEST_REST: u64 = 64 << 20;

/// A part of the list.
struct Part {
    fragment: Fragment,
    /// Where its first element begins in the file.
    begins: u64,
    /// Where the first element behind it begins, or where the list has ended.
    ends: u64,
    /// Whether the list ends with it.
    is_last: bool,
}

/// Reads a file in parts, and with `hashed` tells its content from others, if it is a list answer without anything unusual. Else the builder is left as it was.
pub(super) fn read(
    source: &Source,
    size: u64,
    hashed: bool,
    reading: Reading<'_>,
    hasher: &ahash::RandomState,
    builder: &mut Builder,
    watcher: Watcher<'_>,
) -> bool {
    let Access::File { path, .. } = &source.access else { return false };
    // A part does not tell how deep it stands.
    let is_limited = size > reading.limits.file_bytes || reading.limits.depth < Limits::DEEPEST;
    if !named_as_answer(&source.path) || is_limited {
        return false;
    }
    let mark = builder.mark();
    let file = Large { path, size, hashed, limits: reading.limits, hasher, watcher };
    match file.read(reading, builder) {
        // The reader of whole files says that these are too many, too.
        Ok(Some(_)) if builder.records_since(&mark) > reading.limits.records => {
            builder.back_to(mark);
            false
        }
        Ok(Some((handled, envelope))) => {
            builder.end_list(envelope);
            builder.close(source, handled);
            true
        }
        _ => {
            builder.back_to(mark);
            false
        }
    }
}

/// A large file.
struct Large<'f> {
    path: &'f Path,
    size: u64,
    /// Its content is hashed, too.
    hashed: bool,
    limits: Limits,
    hasher: &'f ahash::RandomState,
    watcher: Watcher<'f>,
}

type Closed = Option<(Handled, crate::parse::envelope::Envelope)>;

impl Large<'_> {
    fn read(&self, reading: Reading<'_>, builder: &mut Builder) -> io::Result<Closed> {
        let before = self.stamp()?;
        let Some((opening, first)) = self.open()? else { return Ok(None) };
        let mut joined = Joined { builder, at: first, is_complete: false };
        let starts: Vec<u64> = (0..self.size).step_by(usize::try_from(BLOCK).unwrap_or(usize::MAX)).collect();
        let mut done: Vec<(u64, Option<Part>)> = Vec::new();
        for starts in starts.chunks(2 * rayon::current_num_threads()) {
            let read = || starts.par_iter().map(|&start| (start, self.told_part(start, first))).collect::<Vec<_>>();
            let (joining, next) = rayon::join(|| joined.take(std::mem::take(&mut done), self), read);
            if !joining || joined.is_complete {
                break;
            }
            done = next;
        }
        if !joined.take(done, self) || !joined.is_complete {
            return Ok(None);
        }
        let closed = self.close(opening, &mut joined, reading)?;
        // What changed meanwhile is left to the reader of whole files, which says so if it changes again.
        let is_steady = before.bytes() == self.size && self.stamp()? == before;
        Ok(closed.filter(|_| is_steady))
    }

    fn stamp(&self) -> io::Result<Stamp> {
        Stamp::of(&File::open(self.path)?)
    }

    /// What stands before the list, and where its first element begins.
    fn open(&self) -> io::Result<Option<(Opening, u64)>> {
        Buffer::with(|buffer| {
            self.fill(buffer, 0, MARGIN)?;
            let bom = buffer.bytes().strip_prefix(b"\xef\xbb\xbf").map_or(0, |_| 3);
            let text = valid_prefix(&buffer.bytes()[bom..]);
            Ok(long::open(text).map(|(opening, at)| (opening, (at + bom) as u64)))
        })
    }

    fn told_part(&self, start: u64, first: u64) -> Option<Part> {
        // A part that ends in a panic is read again with its file, which then goes into the ledger.
        let part = super::contained(|| self.part(start, first)).ok().flatten();
        if let Some(tell) = self.watcher {
            let is_last = start + BLOCK >= self.size;
            tell(Step::Read { files: u64::from(is_last), bytes: BLOCK.min(self.size - start) });
        }
        part
    }

    /// The part that begins in the block at `start`; none if it does not seem to begin anywhere.
    fn part(&self, start: u64, first: u64) -> Option<Part> {
        if start <= first { self.part_from(first, start + BLOCK) } else { self.guessed(start) }
    }

    fn guessed(&self, start: u64) -> Option<Part> {
        Buffer::with(|buffer| {
            self.fill(buffer, start, BLOCK + MARGIN).ok()?;
            let bytes = buffer.bytes();
            let skipped = bytes.iter().take_while(|byte| **byte & 0xc0 == 0x80).count();
            let at = skipped + long::guess(valid_prefix(&bytes[skipped..]))?;
            // What begins behind the block is for the next part.
            if at as u64 >= BLOCK { None } else { self.part_in(buffer, start, at, BLOCK) }
        })
    }

    /// The part that is known to begin at `at`.
    fn part_from(&self, at: u64, end: u64) -> Option<Part> {
        Buffer::with(|buffer| {
            self.fill(buffer, at, end.saturating_sub(at) + MARGIN).ok()?;
            self.part_in(buffer, at, 0, end.saturating_sub(at).max(1))
        })
    }

    /// Reads the elements in bytes that stand at `start` in the file: from the one at `at` to the last one that begins
    /// before `until`.
    fn part_in(&self, buffer: &mut Buffer, start: u64, at: usize, until: u64) -> Option<Part> {
        let until = usize::try_from(until).ok()?;
        let mut margin = MARGIN;
        loop {
            let mut fragment = Fragment::empty(self.hasher);
            let text = valid_prefix(&buffer.bytes()[at..]);
            // The reader of whole files says what is beyond a limit.
            if extent::beyond(text, &self.limits).is_some() {
                return None;
            }
            let (ends, is_last) = match long::elements(text, until - at, &mut fragment.packer()) {
                End::Element(ends) => (ends, false),
                End::List(ends) => (ends, true),
                End::Stuck => {
                    margin *= 4;
                    if margin > LARGEST_MARGIN {
                        return None;
                    }
                    let more = self.fill(buffer, start + buffer.bytes().len() as u64, margin).ok()?;
                    if more == 0 {
                        return None;
                    }
                    continue;
                }
            };
            return Some(Part { fragment, begins: start + at as u64, ends: start + (at + ends) as u64, is_last });
        }
    }

    /// Appends bytes of the file; fewer at its end.
    fn fill(&self, buffer: &mut Buffer, start: u64, length: u64) -> io::Result<u64> {
        let mut file = File::open(self.path)?;
        file.seek(SeekFrom::Start(start))?;
        let there = self.size.saturating_sub(start).min(length);
        buffer.fill(&mut file, usize::try_from(there).unwrap_or_default(), length)
    }

    fn close(&self, opening: Opening, joined: &mut Joined<'_>, reading: Reading) -> io::Result<Closed> {
        let closed = Buffer::with(|buffer| {
            self.fill(buffer, joined.at, LARGEST_REST)?;
            let is_whole = joined.at + buffer.bytes().len() as u64 == self.size;
            let text = std::str::from_utf8(buffer.bytes()).ok().filter(|_| is_whole);
            Ok::<_, io::Error>(text.and_then(|text| long::close(opening, text)))
        });
        let Some(envelope) = closed? else { return Ok(None) };
        let sha256 = if reading.sha256 { Some(load::sha256(&mut File::open(self.path)?)?) } else { None };
        let content = self.hashed.then(|| content::of_stream(&mut File::open(self.path)?, self.hasher)).transpose()?;
        Ok(Some((Handled { sha256, bytes: self.size, content, ..Handled::default() }, envelope)))
    }
}

/// The parts that are joined so far.
struct Joined<'b> {
    builder: &'b mut Builder,
    /// Where the next part must begin.
    at: u64,
    is_complete: bool,
}

impl Joined<'_> {
    /// Takes over parts in order; false if one cannot be read.
    fn take(&mut self, parts: Vec<(u64, Option<Part>)>, file: &Large<'_>) -> bool {
        for (start, part) in parts {
            let end = start + BLOCK;
            if self.is_complete || self.at >= end {
                continue;
            }
            let fitting = part.filter(|part| part.begins == self.at);
            let Some(part) = fitting.or_else(|| file.part_from(self.at, end)) else { return false };
            self.at = part.ends;
            self.is_complete = part.is_last;
            self.builder.part(part.fragment);
        }
        true
    }
}

/// The text at the beginning of bytes that may end within a character.
fn valid_prefix(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}
