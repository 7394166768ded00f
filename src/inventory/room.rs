//! Room for what is read next: a new fragment that takes no more backup objects than the file may still hold.

use super::capped::Capped;
use super::fragment::Fragment;
use super::pack::Packer;
use crate::parse::answer::NotJson;
use crate::parse::document::{self, Row};
use crate::parse::envelope::{self, Found};
use crate::parse::long::{self, End, Form};
use crate::parse::neighbour::Answer;

/// A new fragment of a file.
pub struct Room {
    fragment: Fragment,
    most: u64,
    /// How many backup objects were met.
    met: u64,
}

impl Room {
    /// Room for so many backup objects.
    #[must_use]
    pub fn new(most: u64, hasher: &ahash::RandomState) -> Self {
        Self { fragment: Fragment::empty(hasher), most, met: 0 }
    }

    /// Reads a text as one answer.
    ///
    /// # Errors
    /// Why it is none.
    pub(super) fn answer(&mut self, text: &str) -> Result<Found, NotJson> {
        self.reading(|capped| envelope::read(text, capped))
    }

    /// Reads whole lines with a backup on each.
    pub(super) fn row(&mut self, text: &str, document: u32, until: usize) -> (Row, bool) {
        self.reading(|capped| document::row(text, document, until, capped))
    }

    /// Reads elements of a list from the beginning of a text on, until one begins at or after a place.
    pub fn elements(&mut self, text: &str, until: usize, form: Form) -> End {
        self.reading(|capped| long::read(text, until, form, capped))
    }

    fn reading<T>(&mut self, read: impl FnOnce(&mut Capped<Packer<'_>>) -> T) -> T {
        let mut capped = Capped::new(self.fragment.packer(), self.most);
        let read = read(&mut capped);
        self.met = capped.met();
        read
    }

    /// Puts beside the backup objects what an answer around them holds.
    pub(super) fn neighbours(&mut self, answer: Option<Answer>) {
        self.fragment.neighbours = answer;
    }

    /// Whether there were more backup objects than there was room for.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.met > self.most
    }

    /// What was read, and how many backup objects were met.
    #[must_use]
    pub fn end(self) -> (Fragment, u64) {
        (self.fragment, self.met)
    }
}
