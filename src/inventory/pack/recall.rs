//! The texts that the records before had in the same places, as they stand in JSON. Neighbours mostly have the same, and
//! comparing is less work than reading.

#![allow(
    clippy::indexing_slicing,
    reason = "a slot is a position that the field table gives, and every table has as many places as it has slots"
)]

use std::borrow::Cow;

use crate::inventory::intern::Symbol;
use crate::parse::scalar::Scalar;

/// What the fields with few values had last.
#[derive(Debug, Default)]
pub(super) struct Recall {
    labels: [Last<Symbol>; 6],
    hashes: [Last<u32>; 6],
    words: [Last<u8>; 6],
}

/// A text in quotes and what was made of it.
#[derive(Debug, Default)]
struct Last<T> {
    quoted: Vec<u8>,
    made: Option<T>,
}

impl<T: Copy> Last<T> {
    #[inline]
    fn at(&self, text: &[u8]) -> Option<(T, usize)> {
        self.made.filter(|_| text.starts_with(&self.quoted)).map(|made| (made, self.quoted.len()))
    }

    /// Remembers a text that stands in JSON as it reads, without escapes.
    fn remember(&mut self, scalar: &Scalar<'_>, made: T) {
        match scalar {
            Scalar::Text(Cow::Borrowed(text)) => self.remember_plain(text.as_bytes(), made),
            _ => self.made = None,
        }
    }

    fn remember_plain(&mut self, text: &[u8], made: T) {
        self.quoted.clear();
        self.quoted.push(b'"');
        self.quoted.extend_from_slice(text);
        self.quoted.push(b'"');
        self.made = Some(made);
    }
}

impl Recall {
    /// The label that a field had last, if the text begins with it, and its length.
    #[inline]
    pub(super) fn label(&self, slot: usize, text: &[u8]) -> Option<(Symbol, usize)> {
        self.labels[slot].at(text)
    }

    /// The same for the hash of a text.
    #[inline]
    pub(super) fn hash(&self, slot: usize, text: &[u8]) -> Option<(u32, usize)> {
        self.hashes[slot].at(text)
    }

    /// The same for a word.
    #[inline]
    pub(super) fn word(&self, slot: usize, text: &[u8]) -> Option<(u8, usize)> {
        self.words[slot].at(text)
    }

    pub(super) fn remember_label(&mut self, slot: usize, scalar: &Scalar<'_>, label: Symbol) {
        self.labels[slot].remember(scalar, label);
    }

    /// The same for a text that has no escapes in JSON.
    pub(super) fn remember_plain_label(&mut self, slot: usize, text: &[u8], label: Symbol) {
        self.labels[slot].remember_plain(text, label);
    }

    pub(super) fn remember_hash(&mut self, slot: usize, scalar: &Scalar<'_>, hash: u32) {
        self.hashes[slot].remember(scalar, hash);
    }

    pub(super) fn remember_word(&mut self, slot: usize, scalar: &Scalar<'_>, code: u8) {
        self.words[slot].remember(scalar, code);
    }
}
