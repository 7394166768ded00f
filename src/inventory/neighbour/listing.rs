//! The lists that answers around the backups make together, and what they prove.

#![allow(clippy::indexing_slicing, reason = "lists are numbered by where they stand, and each has an answer")]

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{Kind, NeighbourIx};
use crate::inventory::file::Doubts;
use crate::inventory::{AnswerIx, FileIx, Inventory};

/// The list answers of one kind and project in one directory; of protectable resources those of one type, which is asked for
/// by itself.
#[derive(Debug)]
pub struct Listing {
    /// What they list.
    pub kind: Kind,
    /// The type of the protectable resources; none for other kinds, and for answers without any.
    pub(super) of_type: Option<Box<str>>,
    /// The project that they name first; none where they name none, as policies.
    pub(super) project: Option<Box<str>>,
    /// Where they stand.
    pub directory: String,
    /// The answers; there is at least one.
    pub answers: Vec<AnswerIx>,
    /// What they list, each once.
    pub members: Vec<NeighbourIx>,
    /// How many there are in all, by the largest `count`; `None` if an answer states none.
    pub(super) claim: Option<i64>,
    pub(super) lost: bool,
}

impl Listing {
    /// How many there are in all, by the largest `count`; `None` if an answer states none.
    #[must_use]
    pub fn claim(&self) -> Option<i64> {
        self.claim
    }

    /// Whether the answers list all that they speak of, as far as they say so themselves and their files could be read.
    #[must_use]
    pub fn is_complete(&self, doubts: &Doubts<'_>) -> bool {
        let seen = i64::try_from(self.members.len()).unwrap_or(i64::MAX);
        self.claim == Some(seen) && !self.lost && !doubts.are_in(&self.directory)
    }

    /// Takes over the answers of another page.
    fn join(&mut self, page: Self) {
        self.answers.extend(page.answers);
        self.members.extend(page.members);
        self.claim = self.claim.zip(page.claim).map(|(one, other)| one.max(other));
        self.lost |= page.lost;
    }

    /// An empty page tells neither type nor project: it belongs to the list of its directory that claims as many.
    fn is_empty_page(&self) -> bool {
        self.members.is_empty() && !self.lost
    }
}

/// Makes one list of the answers of a kind that belong together; each is a list of its own before. They stand in the order of
/// their first answers.
pub(super) fn joined(pages: Vec<Listing>) -> Vec<Listing> {
    let mut numbers: HashMap<_, usize> = HashMap::new();
    let mut lists: Vec<Listing> = Vec::new();
    for page in pages {
        match numbers.entry((page.of_type.clone(), page.project.clone(), page.directory.clone())) {
            Entry::Occupied(number) => lists[*number.get()].join(page),
            Entry::Vacant(free) => {
                free.insert(lists.len());
                lists.push(page);
            }
        }
    }
    let (empty, mut lists): (Vec<_>, Vec<_>) = lists.into_iter().partition(Listing::is_empty_page);
    let claims = lists.iter().map(|list| (list.directory.clone(), list.claim));
    let numbers: HashMap<_, usize> = if empty.is_empty() {
        HashMap::new()
    } else {
        claims.enumerate().map(|(number, claim)| (claim, number)).rev().collect()
    };
    for page in empty {
        match numbers.get(&(page.directory.clone(), page.claim)) {
            Some(&number) => lists[number].answers.extend(page.answers),
            None => lists.push(page),
        }
    }
    lists.sort_by_key(|list| list.answers[0]);
    for list in &mut lists {
        list.members.sort_unstable();
        list.members.dedup();
    }
    lists
}

impl Inventory {
    /// The lists of one kind, in the order of their first answers.
    #[must_use]
    pub fn neighbour_listings(&self, kind: Kind) -> &[Listing] {
        &self.neighbours.listings[kind as usize]
    }

    /// The lists whose first answer stands in a file, by kind.
    pub fn neighbour_listings_from(&self, file: FileIx) -> impl Iterator<Item = &Listing> {
        let of = |list: &Listing| self.answer(list.answers[0]).file;
        self.neighbours.listings.iter().flat_map(move |lists| {
            let start = lists.partition_point(|list| of(list) < file);
            lists.iter().skip(start).take_while(move |list| of(list) == file)
        })
    }
}
