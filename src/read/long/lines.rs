//! A text with a document on each line, parsed in blocks of whole lines.

#![allow(clippy::indexing_slicing, reason = "places were found in the bytes that they are looked up in")]

use super::blocks::{each, sizes};
use super::{Manner, Parsed, Part, Text};
use crate::inventory::documents::Documents;
use crate::parse::blank::is_blank;
use crate::parse::sequence::{self, Sequence};
use crate::read::contained;

/// What the lines of a text came to so far.
pub(super) struct Lines<'h> {
    manner: Manner<'h>,
    sequence: Sequence,
    /// A line was met that is no document: the ones behind it stand for themselves.
    is_hurt: bool,
    has_begun: bool,
}

/// Whether a text begins with a line that is a document, behind which others follow.
pub(super) fn begin(text: Text<'_>) -> bool {
    let bytes = without_mark(text.bytes);
    let Some(start) = bytes.iter().position(|byte| !is_blank(*byte)) else { return false };
    let Some(length) = bytes[start..].iter().position(|byte| *byte == b'\n') else { return false };
    let (line, behind) = bytes[start..].split_at(length);
    std::str::from_utf8(line).is_ok_and(sequence::is_one) && behind.iter().any(|byte| !is_blank(*byte))
}

/// The bytes without a byte-order mark.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

impl<'h> Lines<'h> {
    pub(super) fn new(manner: Manner<'h>) -> Self {
        Self { manner, sequence: Sequence::default(), is_hurt: false, has_begun: false }
    }

    /// Parses the whole lines of a window; nothing if a document seems to go on in the next line, or the text is no UTF-8.
    pub(super) fn parse(&mut self, text: Text<'_>) -> Option<Parsed> {
        let bytes = if self.has_begun { text.bytes } else { without_mark(text.bytes) };
        self.has_begun = true;
        let mark = text.bytes.len() - bytes.len();
        let end = if text.is_last {
            bytes.len()
        } else {
            bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
        };
        let whole = &bytes[..end];
        let Manner { hasher, windows, .. } = self.manner;
        let read = |&(start, end): &(usize, usize)| {
            let lines = std::str::from_utf8(&whole[start..end]).ok()?;
            contained(|| Documents::lines(lines, text.limits, hasher)).ok()
        };
        let blocks = blocks(whole, windows.block);
        let parsed = each(&blocks, read);
        let mut parts = Vec::new();
        for (&(start, _), parsed) in blocks.iter().zip(parsed) {
            let (documents, sequence) = parsed?;
            if let (false, Some(broken)) = (self.is_hurt, sequence.first_broken) {
                let rest = std::str::from_utf8(&whole[start + broken..]).ok()?;
                self.is_hurt = sequence::goes_on(rest, !text.is_last) == Some(false);
                if !self.is_hurt {
                    return None;
                }
            }
            self.sequence.count(&sequence);
            parts.push(Part::Lines(documents));
        }
        Some(Parsed { parts, used: mark + end })
    }

    /// Ends the text; nothing if it was none of several documents.
    pub(super) fn end(self) -> Option<()> {
        let several = self.sequence.whole + self.sequence.broken > 1 && self.sequence.are_several(self.manner.named);
        several.then_some(())
    }
}

/// Cuts whole lines into blocks of whole lines.
fn blocks(bytes: &[u8], usual: usize) -> Vec<(usize, usize)> {
    let mut blocks = Vec::new();
    let (mut start, mut end) = (0, 0);
    for size in sizes(bytes.len(), usual, rayon::current_num_threads()) {
        end += size;
        // The line before may have taken all of it.
        if end <= start {
            continue;
        }
        let further = bytes[end..].iter().position(|byte| *byte == b'\n').map_or(bytes.len() - end, |at| at + 1);
        blocks.push((start, end + further));
        start = end + further;
    }
    blocks
}
