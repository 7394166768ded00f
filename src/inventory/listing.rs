//! Listings: the list answers of one project in one directory, what they claim and what was seen, and what follows from
//! them for projects, parents and directories. Whether one is complete is found out beside.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files and readings are those of the inventory, rows those of the list they were put in; a listing has an answer"
)]

use std::collections::{BTreeMap, HashMap, HashSet};

use super::backup::Backup;
use super::completeness::Completeness;
use super::field::{FieldId, Reason};
use super::file::{Doubts, File};
use super::id::Id;
use super::intern::Symbol;
use super::shape::Presence;
use super::{AnswerIx, BackupIx, Inventory, ListingIx};
use crate::parse::envelope::Paging;

/// The list answers of one project in one directory.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The directory.
    pub directory: String,
    /// The project; `None` if no record names one.
    pub project: Option<Symbol>,
    /// The one parent that all its records name, where the list was filtered by `parent_id`.
    pub parent: Option<Id>,
    /// Its answers, in path order.
    pub answers: Vec<AnswerIx>,
    /// How many distinct backups stand directly in its answers, unreadable ones included.
    pub seen: u64,
    /// The largest `count` that its answers claim.
    pub claimed: Option<i64>,
    /// The smallest `count` that its answers claim: with fewer seen, some are missing for certain.
    pub least_claimed: Option<i64>,
    /// Whether it is complete.
    pub completeness: Completeness,
    /// The positions that none of its pages covers, from the first to the last of each hole, where its pages state theirs.
    pub missing: Vec<(i64, i64)>,
}

/// The listings of a dump and what follows from them.
#[derive(Debug, Default)]
pub struct Listings {
    /// The listings, in order of their first answer.
    pub rows: Vec<Listing>,
    /// For every answer, whether an empty `replication_records` in it proves that there are none.
    pub replication_shown: Vec<bool>,
    /// Projects whose top-level backups are all there.
    pub complete_projects: HashSet<Symbol>,
    /// Projects with a list answer that is not one of children alone.
    pub listed_projects: HashSet<Symbol>,
    /// Backups the list of whose children is not complete.
    pub short_parents: HashSet<Id>,
    /// Projects with a listing of anything.
    pub projects: HashSet<Symbol>,
    /// Whether the backups of every project that has lists are all there, and no file of the input leaves a doubt.
    pub has_all: bool,
    /// Directories without a backup in which every list of backups is complete and empty: such a list names no project.
    pub empty_directories: HashSet<String>,
    /// Listings that a newer capture of the same scope supersedes, each with the newer one.
    pub superseded: BTreeMap<ListingIx, ListingIx>,
    /// Backups that the newer capture of their scope no longer lists.
    pub vanished: HashSet<BackupIx>,
}

/// The key under which answers form one listing.
type Key = (String, Option<Symbol>, Option<Id>);

impl Inventory {
    /// Indexes the listings; `assert_shown` is the user's word for all lists.
    pub(super) fn index_listings(&mut self, rows: Vec<Listing>, assert_shown: bool) {
        let mut listings = Listings { rows, ..Listings::default() };
        listings.replication_shown = self.replication_shown(&listings.rows, assert_shown);
        let doubts = Doubts::of(&self.files);
        listings.complete_projects = self.complete_projects(&listings.rows, &doubts);
        listings.projects = listings.rows.iter().filter_map(|row| row.project).collect();
        listings.has_all = listings.has_all_of_its_projects() && !doubts.are_any();
        listings.empty_directories = self.empty_directories(&listings.rows, &doubts);
        let tops = listings.rows.iter().filter(|row| row.parent.is_none());
        listings.listed_projects = tops.filter_map(|row| row.project).collect();
        let short = listings.rows.iter().filter(|row| row.completeness != Completeness::Complete);
        listings.short_parents = short.filter_map(|row| row.parent).collect();
        self.find_overlaps(&mut listings);
        self.listings = listings;
    }

    /// The listings, compared with what they claim. Backups must be merged.
    pub(super) fn reconciled_listings(&self) -> Vec<Listing> {
        let mut rows = self.group_answers();
        rows.iter_mut().for_each(|row| self.reconcile(row));
        rows
    }

    /// The readings that stand directly in an answer.
    pub(super) fn elements(&self, answer: AnswerIx) -> impl Iterator<Item = u32> {
        let (start, end) = self.answers[answer.index()].readings;
        (start..end).filter(|&number| !self.rows[number as usize].is_nested())
    }

    /// The backups that stand directly in some answers, in order and each once.
    pub(super) fn held_by(&self, answers: &[AnswerIx]) -> Vec<BackupIx> {
        let mut held: Vec<_> =
            answers.iter().flat_map(|&answer| self.elements(answer)).map(|number| self.backup_of(number)).collect();
        held.sort_unstable();
        held.dedup();
        held
    }

    fn group_answers(&self) -> Vec<Listing> {
        let mut rows: Vec<Listing> = Vec::new();
        let mut by_key: HashMap<Key, usize> = HashMap::new();
        let is_judged = |&answer: &AnswerIx| self.file_with(answer).older.is_none() && self.paging(answer).is_some();
        let lists = self.answers().filter(is_judged);
        let (empty, filled): (Vec<_>, Vec<_>) = lists.partition(|&answer| self.is_empty_answer(answer));
        for answer in filled {
            let key = self.key(answer);
            let row = *by_key.entry(key.clone()).or_insert_with(|| {
                rows.push(Listing::new(key));
                rows.len() - 1
            });
            rows[row].answers.push(answer);
        }
        let mut by_claim = self.rows_by_claim(&rows);
        for answer in empty {
            let row = *by_claim.entry(self.claim(answer)).or_insert_with(|| {
                rows.push(Listing::new((self.file_with(answer).directory().to_owned(), None, None)));
                rows.len() - 1
            });
            rows[row].answers.push(answer);
        }
        rows
    }

    pub(super) fn is_empty_answer(&self, answer: AnswerIx) -> bool {
        self.elements(answer).next().is_none() && self.answer(answer).elements_lost == 0
    }

    fn key(&self, answer: AnswerIx) -> Key {
        let project = self.elements(answer).find_map(|number| self.reading(number).label(FieldId::ProjectId));
        let mut parents = self.elements(answer).map(|number| self.reading(number).id(FieldId::ParentId));
        let first = parents.next().flatten();
        let continues = self.paging(answer).and_then(|paging| paging.offset).is_some_and(|offset| offset > 0);
        let parent = first.filter(|_| !continues && parents.all(|parent| parent == first));
        (self.file_with(answer).directory().to_owned(), project, parent)
    }

    /// What an answer claims, within its directory.
    fn claim(&self, answer: AnswerIx) -> (&str, Option<i64>) {
        (self.file_with(answer).directory(), self.paging(answer).and_then(|paging| paging.count))
    }

    /// The first listing for every claim: an empty answer belongs to the listing of its directory that claims the same;
    /// else it stands alone.
    fn rows_by_claim(&self, rows: &[Listing]) -> HashMap<(&str, Option<i64>), usize> {
        let mut by_claim = HashMap::new();
        for (position, row) in rows.iter().enumerate() {
            for &answer in &row.answers {
                by_claim.entry(self.claim(answer)).or_insert(position);
            }
        }
        by_claim
    }

    pub(super) fn paging(&self, answer: AnswerIx) -> Option<&Paging> {
        self.answer(answer).paging()
    }

    /// Where an empty list of replication records proves something: the user says so, the capture note says so, or
    /// another record of the listing has entries. What stands in no list is none.
    fn replication_shown(&self, rows: &[Listing], assert_shown: bool) -> Vec<bool> {
        let noted = |answer: AnswerIx| {
            self.captures.nearest(self.file_with(answer).directory(), |note| note.show_replication) == Some(true)
        };
        let mut shown: Vec<_> = self.answers().map(|answer| assert_shown || noted(answer)).collect();
        for row in rows {
            let lists_some = |number: u32| {
                self.reading(number).presence(FieldId::ReplicationRecords) == Presence::Value
                    && !self.replications_of(number).is_empty()
            };
            let has_entries = |answer: &AnswerIx| self.elements(*answer).any(lists_some);
            if row.answers.iter().any(has_entries) {
                row.answers.iter().for_each(|answer| shown[answer.index()] = true);
            }
        }
        shown
    }

    /// Projects with a listing of top-level backups, all of whose listings are complete, in directories without a
    /// rejected file.
    fn complete_projects(&self, rows: &[Listing], doubts: &Doubts<'_>) -> HashSet<Symbol> {
        let stray = rows.iter().filter(|row| row.project.is_none() && row.completeness != Completeness::Complete);
        let bad: HashSet<_> = stray.map(|row| row.directory.as_str()).collect();
        let is_bad = |directory: &str| bad.contains(directory) || doubts.are_in(directory);
        let lists_tops = |row: &&Listing| {
            row.answers.iter().flat_map(|&answer| self.elements(answer)).any(|number| {
                matches!(self.reading(number).presence(FieldId::ParentId), Presence::Absent | Presence::Null)
            })
        };
        let mut complete: HashSet<_> = rows.iter().filter(lists_tops).filter_map(|row| row.project).collect();
        for row in rows {
            if row.completeness != Completeness::Complete || is_bad(&row.directory) {
                row.project.map(|project| complete.remove(&project));
            }
        }
        complete
    }

    /// The directories in which every list of backups is complete and empty, and whose files leave no doubt: what is shown by
    /// itself there is in no such list, so that it is none of all.
    fn empty_directories(&self, rows: &[Listing], doubts: &Doubts<'_>) -> HashSet<String> {
        let is_empty = |row: &&Listing| row.seen == 0 && row.completeness == Completeness::Complete;
        let listed = rows.iter().filter(|row| !is_empty(row)).map(|row| &*row.directory);
        let shown = self.files.iter().filter(|file| file.records > 0 && file.older.is_none()).map(File::directory);
        let others: HashSet<_> = listed.chain(shown).collect();
        let empty = rows.iter().filter(is_empty).map(|row| &row.directory);
        empty.filter(|directory| !others.contains(&***directory) && !doubts.are_in(directory)).cloned().collect()
    }

    /// The backup that a reading belongs to.
    #[must_use]
    pub fn backup_of(&self, reading: u32) -> BackupIx {
        self.merged.backup_of(reading)
    }
}

impl Listings {
    fn has_all_of_its_projects(&self) -> bool {
        !self.projects.is_empty() && self.projects.is_subset(&self.complete_projects)
    }

    /// Whether the list of the children of this backup is known to be incomplete.
    #[must_use]
    pub fn is_short_of_children(&self, backup: Backup<'_>) -> bool {
        !self.short_parents.is_empty()
            && backup.id(FieldId::Id).value().is_some_and(|id| self.short_parents.contains(&id))
    }
}

impl Listing {
    /// Whether backups are missing for certain: fewer were seen than any of its answers claims.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.least_claimed.is_some_and(|least| i128::from(self.seen) < i128::from(least))
    }

    /// Whether backups may be missing: fewer were seen than one of its answers claims. Where others claim less, the list moved
    /// while it was read, and a page may have begun behind backups that no page before it held.
    #[must_use]
    pub fn may_be_short(&self) -> bool {
        self.claimed.is_some_and(|claimed| i128::from(self.seen) < i128::from(claimed))
    }

    /// What tells the listing apart from others of its project: its directory, and the parent or file where the
    /// directory has several.
    #[must_use]
    pub fn place(&self, inventory: &Inventory) -> String {
        match (self.parent, self.project) {
            (Some(parent), _) => format!("{} parent_id={}", self.directory, inventory.id_text(parent)),
            (None, None) => inventory.file_with(self.answers[0]).path.clone(),
            (None, Some(_)) => self.directory.clone(),
        }
    }

    fn new((directory, project, parent): Key) -> Self {
        let completeness = Completeness::Unknown(Reason::FieldAbsent, "");
        Self {
            directory,
            project,
            parent,
            answers: Vec::new(),
            seen: 0,
            claimed: None,
            least_claimed: None,
            completeness,
            missing: Vec::new(),
        }
    }

    /// The positions that none of its pages covers, in words; none where there are none, or where the pages do not tell.
    #[must_use]
    pub fn missing_in_words(&self) -> Option<String> {
        const NAMED: usize = 3;
        if self.missing.is_empty() {
            return None;
        }
        let range = |(first, last): &(i64, i64)| match first == last {
            true => format!("offset {first}"),
            false => format!("offset {first} to {last}"),
        };
        let mut named: Vec<_> = self.missing.iter().take(NAMED).map(range).collect();
        if self.missing.len() > NAMED {
            named.push(format!("and {} more", self.missing.len() - NAMED));
        }
        // Where each page claims what it holds itself, the count is none of all.
        let missing: i128 = self.missing.iter().map(|(first, last)| 1 + i128::from(*last) - i128::from(*first)).sum();
        let count = self.claimed.filter(|&claimed| i128::from(self.seen) + missing <= i128::from(claimed));
        let of = count.map_or_else(String::new, |count| format!(" of count {count}"));
        Some(format!("{} missing{of}", named.join(", ")))
    }
}
