//! Whether a listing holds all that its pages claim: by their counts, and by their offsets where they state them.

#![allow(clippy::indexing_slicing, reason = "the pages at an offset are one at least")]

use std::collections::BTreeMap;

use super::field::Reason;
use super::listing::Listing;
use super::{AnswerIx, Inventory};

/// Whether a listing holds all that it claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// As many backups as claimed, without holes.
    Complete,
    /// Fewer backups than claimed.
    Short,
    /// A hole or overlap between pages.
    Broken,
    /// Not to be told, for this reason.
    Unknown(Reason, &'static str),
}

impl Inventory {
    /// Counts what a listing holds and compares it with what it claims.
    pub(super) fn reconcile(&self, listing: &mut Listing) {
        let held = self.held_by(&listing.answers);
        let lost: u64 = listing.answers.iter().map(|&answer| self.answer(answer).elements_lost).sum();
        listing.seen = held.len() as u64 + lost;
        let counts: Vec<_> =
            listing.answers.iter().map(|&answer| self.paging(answer).and_then(|paging| paging.count)).collect();
        listing.claimed = counts.iter().copied().flatten().max();
        listing.least_claimed = counts.iter().copied().flatten().min();
        listing.completeness = self.completeness(listing, &counts);
        if matches!(listing.completeness, Completeness::Short | Completeness::Broken) {
            listing.missing = self.holes(listing, listing.claimed);
        }
    }

    /// Whether a listing holds what it claims; a hole between pages shows by their offsets, whatever they claim.
    fn completeness(&self, listing: &Listing, counts: &[Option<i64>]) -> Completeness {
        match self.compared(listing, counts) {
            Completeness::Unknown(..) if !self.holes(listing, None).is_empty() => Completeness::Broken,
            completeness => completeness,
        }
    }

    fn compared(&self, listing: &Listing, counts: &[Option<i64>]) -> Completeness {
        let has_odd_count = |&answer: &AnswerIx| self.paging(answer).is_some_and(|paging| paging.has_odd_count);
        if listing.answers.iter().any(has_odd_count) {
            return Completeness::Unknown(Reason::TypeMismatch, "an answer carries a count that is no whole number");
        }
        let Some(claimed) = listing.claimed.filter(|_| counts.iter().all(Option::is_some)) else {
            return Completeness::Unknown(Reason::FieldAbsent, "an answer carries no count");
        };
        if counts.iter().any(|&count| count != Some(claimed)) {
            return Completeness::Unknown(Reason::RecordConflict, "the answers claim different counts");
        }
        let order = self.page_order(listing);
        if let Some(Completeness::Unknown(reason, why)) = order {
            return Completeness::Unknown(reason, why);
        }
        match i128::from(listing.seen).cmp(&i128::from(claimed)) {
            std::cmp::Ordering::Less => Completeness::Short,
            std::cmp::Ordering::Greater => Completeness::Unknown(
                Reason::InputIncomplete,
                "more backups than claimed: the list moved while it was read",
            ),
            std::cmp::Ordering::Equal => order.unwrap_or(Completeness::Complete),
        }
    }

    /// Whether the pages follow each other, from the first on; not where all say nought, as with paging by marker.
    fn page_order(&self, listing: &Listing) -> Option<Completeness> {
        let mut pages: BTreeMap<i64, Vec<AnswerIx>> = BTreeMap::new();
        for &answer in &listing.answers {
            pages.entry(self.paging(answer)?.offset?).or_default().push(answer);
        }
        if pages.keys().all(|&offset| offset == 0) {
            return None;
        }
        let claimed = listing.claimed.unwrap_or_default();
        pages.retain(|&offset, page| offset < claimed || !page.iter().all(|&answer| self.is_empty_answer(answer)));
        let mut expected = 0;
        let mut broken = false;
        for (&offset, page) in &pages {
            let first = self.held_by(&page[..1]);
            if page[1..].iter().any(|&answer| self.held_by(&[answer]) != first) {
                let why = "two answers at the same offset hold different backups: judge one capture at a time";
                return Some(Completeness::Unknown(Reason::RecordConflict, why));
            }
            broken |= offset != expected;
            let lost = self.answer(page[0]).elements_lost;
            expected = offset.saturating_add_unsigned(first.len() as u64 + lost);
        }
        broken.then_some(Completeness::Broken)
    }

    /// The positions that no page covers, up to the end if it is given; none where the pages do not tell, as with paging by
    /// marker, which repeats nought.
    fn holes(&self, listing: &Listing, end: Option<i64>) -> Vec<(i64, i64)> {
        let pages = listing.answers.iter().map(|&answer| {
            let held = self.held_by(&[answer]).len() as u64 + self.answer(answer).elements_lost;
            self.paging(answer).and_then(|paging| paging.offset).map(|offset| (offset, held))
        });
        let Some(mut pages) = pages.collect::<Option<Vec<_>>>() else { return Vec::new() };
        pages.sort_unstable();
        let is_by_marker = pages.len() > 1 && pages.iter().all(|(offset, _)| *offset == 0);
        // An empty page covers nothing.
        pages.retain(|(_, held)| *held > 0);
        let mut expected = 0;
        let mut holes = Vec::new();
        for (offset, held) in pages.into_iter().chain(end.map(|end| (end, 0))).filter(|_| !is_by_marker) {
            if offset > expected {
                holes.push((expected, offset - 1));
            }
            expected = expected.max(offset.saturating_add_unsigned(held));
        }
        holes
    }
}
