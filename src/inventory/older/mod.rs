//! Captures of one scope at different times in one tree: the newest is judged, the older are kept for comparison. They are
//! told apart only where the tree says so clearly; what is not clear is left as it is, and noted where lists overlap.

mod order;
mod root;
mod shelve;
mod unit;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Inventory;
use super::completeness::Completeness;
use super::file::File;
use super::listing::Listing;
use order::Pair;
use root::Root;
pub(super) use shelve::Moves;
use unit::Unit;

/// When a capture was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// The time.
    pub time: Timestamp,
    /// Whether a capture note says so; else it is the newest time in the lists, and the capture was made then or later.
    pub noted: bool,
}

/// A capture of a scope of which there are several.
#[derive(Clone, Debug)]
pub struct Captured {
    /// Where it stands.
    pub directory: String,
    /// When it was made.
    pub moment: Moment,
    /// How many files of the ledger belong to it.
    pub files: u64,
    /// How many different backups they hold, disks included.
    pub backups: u64,
}

/// A capture in whose place a later one is judged.
#[derive(Clone, Debug)]
pub struct OlderCapture {
    /// The capture.
    pub of: Captured,
    /// The one that is judged in its place.
    pub newer: Captured,
    /// How many backup objects its files hold.
    pub records: u64,
    /// How many of them the capture that is judged does not hold.
    pub gone: u64,
    /// How many backups that one holds beside them.
    pub added: u64,
    /// How many resources this one lists and that one does not.
    pub resources_gone: u64,
    /// How many resources this one lists.
    pub resources: u64,
    /// Its lists of backups.
    pub listings: Vec<PastListing>,
}

/// What is kept of a listing of an older capture.
#[derive(Clone, Debug)]
pub struct PastListing {
    /// The directory.
    pub directory: String,
    /// The project; empty if no record names one.
    pub project: String,
    /// How many different backups stand in its answers.
    pub seen: u64,
    /// The largest `count` that its answers claim.
    pub claimed: Option<i64>,
    /// Whether it is complete.
    pub completeness: Completeness,
}

impl OlderCapture {
    /// Whether the newer one holds so much less that it may be a part of what there was: a filtered list, or one that ended
    /// too early and says nothing of it.
    #[must_use]
    pub fn is_much_larger(&self) -> bool {
        const ENOUGH: u64 = 4;
        const ORDER: u64 = 10;
        let has_fewer = self.of.backups >= 2 * ORDER && self.newer.backups * ORDER <= self.of.backups;
        has_fewer || self.resources >= ENOUGH && 2 * self.resources_gone > self.resources
    }

    fn new((root, one): (&Root, &Unit), (newest, other): (&Root, &Unit)) -> Self {
        let (gone, added) = unit::differences(&one.backups, &other.backups);
        Self {
            of: Captured { files: 0, ..one.captured(root) },
            newer: other.captured(newest),
            records: 0,
            gone,
            added,
            resources_gone: one.resources_beside(other),
            resources: one.resources_beside(&Unit::default()),
            listings: Vec::new(),
        }
    }
}

impl Inventory {
    /// Finds the captures in whose place a later one is judged, marks their files and takes their readings out of the
    /// tables. Readings must be merged and the listings, which these are, compared with what they claim. Returns the
    /// new numbers of readings if there are such captures: then the tables have to be indexed again.
    pub(super) fn part_captures(&mut self, rows: &[Listing]) -> Option<Moves> {
        let candidates = self.overlapping_captures(rows);
        if candidates.is_empty() {
            return None;
        }
        let roots = candidates.iter().flat_map(|pair| [&pair.older, &pair.newer]);
        let units = self.units(roots.cloned().collect(), rows);
        let superseded = order::superseded(&candidates, &units);
        if superseded.is_empty() {
            return None;
        }
        self.mark(&superseded);
        self.older = self.described(&superseded, &units, rows);
        Some(self.shelve())
    }

    /// Marks the files of superseded captures, each with the number of its capture.
    fn mark(&mut self, superseded: &BTreeMap<Root, Root>) {
        let numbers: BTreeMap<&Root, u32> = superseded.keys().zip(0..).collect();
        let mut last = (String::new(), None);
        for (position, file) in self.files.iter_mut().enumerate() {
            if position == 0 || last.0 != file.directory() {
                last = (file.directory().to_owned(), root::owner(&self.captures, file.directory(), &numbers));
            }
            file.older = last.1;
        }
        for position in (0..self.files.len()).rev() {
            self.files[position].older = self.files[position].older.or_else(|| self.older_inside(position));
        }
    }

    /// The older capture that all files in an archive belong to; they stand behind it.
    fn older_inside(&self, archive: usize) -> Option<u32> {
        let path = &*self.files[archive].path;
        let is_inside = |file: &&File| file.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('!'));
        let mut inside = self.files[archive + 1..].iter().take_while(is_inside).map(|file| file.older);
        let first = inside.next()??;
        inside.all(|older| older.is_some()).then_some(first)
    }

    /// What is told of the superseded captures.
    fn described(
        &self,
        superseded: &BTreeMap<Root, Root>,
        units: &BTreeMap<Root, Unit>,
        rows: &[Listing],
    ) -> Vec<OlderCapture> {
        let nothing = Unit::default();
        let unit = |root: &Root| units.get(root).unwrap_or(&nothing);
        let judged = root::judged_instead(superseded);
        let mut described: Vec<_> =
            judged.iter().map(|(root, newest)| OlderCapture::new((root, unit(root)), (newest, unit(newest)))).collect();
        for file in &self.files {
            if let Some(capture) = file.older.and_then(|older| described.get_mut(older as usize)) {
                capture.of.files += 1;
                capture.records += file.records;
            }
        }
        for row in rows {
            let older = row.answers.first().and_then(|&answer| self.file_with(answer).older);
            if let Some(capture) = older.and_then(|older| described.get_mut(older as usize)) {
                capture.listings.push(self.past(row));
            }
        }
        described
    }

    fn past(&self, row: &Listing) -> PastListing {
        PastListing {
            directory: row.directory.clone(),
            project: row.project.map(|project| self.text(project).to_owned()).unwrap_or_default(),
            seen: row.seen,
            claimed: row.claimed,
            completeness: row.completeness,
        }
    }

    /// Pairs of captures of which the first may be an older one of the scope of the second: they share a backup, and the
    /// second is the newest that the first shares one with.
    fn overlapping_captures(&self, rows: &[Listing]) -> Vec<Pair> {
        let leaves = unit::leaves(self, rows);
        let mut newest: Vec<Option<usize>> = vec![None; if leaves.len() > 1 { self.len() } else { 0 }];
        for (number, leaf) in leaves.iter().enumerate().filter(|_| leaves.len() > 1) {
            for &backup in &leaf.holds {
                let best = &mut newest[backup.index()];
                if best.is_none_or(|best| leaves[best].moment < leaf.moment) {
                    *best = Some(number);
                }
            }
        }
        let mut pairs: Vec<_> = leaves
            .iter()
            .filter(|_| leaves.len() > 1)
            .filter_map(|leaf| {
                let newer = leaf.holds.iter().filter_map(|backup| newest[backup.index()]);
                let newer = &leaves[newer.max_by_key(|&newer| (leaves[newer].moment, newer))?];
                (leaf.moment < newer.moment).then(|| Pair::of(&leaf.root, &newer.root)).flatten()
            })
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }
}
