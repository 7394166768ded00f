//! Listings of one project that overlap without being equal: captures of the same scope at different times. Points that
//! the newer one lacks may have been deleted since, or not; they are not relied upon.

#![allow(clippy::indexing_slicing, reason = "positions are those of the list that they are looked up in")]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use super::intern::Symbol;
use super::listing::{Listing, Listings};
use super::{BackupIx, Inventory, ListingIx};

/// A listing, what it holds, and when it was captured: by the note beside it, else by the largest time in it.
struct Snapshot {
    listing: ListingIx,
    /// In order, each once.
    holds: Vec<BackupIx>,
    moment: Option<Timestamp>,
}

impl Inventory {
    /// Finds captures of the same scope and notes what the newer of them lack.
    pub(super) fn find_overlaps(&self, listings: &mut Listings) {
        let mut by_project: BTreeMap<Symbol, Vec<ListingIx>> = BTreeMap::new();
        for (listing, row) in ListingIx::all(listings.rows.len()).zip(&listings.rows) {
            if let (Some(project), None) = (row.project, row.parent) {
                by_project.entry(project).or_default().push(listing);
            }
        }
        for of_project in by_project.into_values().filter(|listings| listings.len() > 1) {
            let snapshots: Vec<_> =
                of_project.iter().map(|&listing| self.snapshot(listing, &listings.rows[listing.index()])).collect();
            for (older, newer) in overlapping(&snapshots) {
                listings.supersede(&snapshots[older], &snapshots[newer]);
            }
        }
    }

    fn snapshot(&self, listing: ListingIx, row: &Listing) -> Snapshot {
        let elements = || row.answers.iter().flat_map(|&answer| self.elements(answer));
        let noted = self.captures.nearest(&row.directory, |note| note.captured_at);
        Snapshot {
            listing,
            holds: self.held_by(&row.answers),
            moment: noted.or_else(|| elements().filter_map(|number| self.newest_time(number)).max()),
        }
    }
}

/// Every snapshot with the newest one that shares a backup with it; both ways where they are equally new.
#[allow(clippy::iter_over_hash_type, reason = "maxima and sets do not depend on the order")]
fn overlapping(snapshots: &[Snapshot]) -> BTreeSet<(usize, usize)> {
    let mut newest: HashMap<BackupIx, usize> = HashMap::new();
    for (position, snapshot) in snapshots.iter().enumerate() {
        for &backup in &snapshot.holds {
            let best = newest.entry(backup).or_insert(position);
            if snapshot.moment > snapshots[*best].moment {
                *best = position;
            }
        }
    }
    let mut pairs = BTreeSet::new();
    for (position, snapshot) in snapshots.iter().enumerate() {
        let newer = snapshot.holds.iter().map(|backup| newest[backup]).filter(|&newer| newer != position);
        for newer in newer.collect::<HashSet<_>>() {
            pairs.insert((position, newer));
            if snapshot.moment == snapshots[newer].moment {
                pairs.insert((newer, position));
            }
        }
    }
    pairs.retain(|&(older, newer)| snapshots[older].holds != snapshots[newer].holds);
    pairs
}

impl Listings {
    fn supersede(&mut self, older: &Snapshot, newer: &Snapshot) {
        self.superseded.entry(older.listing).or_insert(newer.listing);
        let remains = |backup: &&BackupIx| newer.holds.binary_search(backup).is_ok();
        self.vanished.extend(older.holds.iter().filter(|backup| !remains(backup)));
    }
}

#[cfg(test)]
mod tests {
    use super::{BackupIx, ListingIx, Listings, Snapshot, overlapping};
    use jiff::Timestamp;
    use pretty_assertions::assert_eq;

    /// Snapshots that hold these backups, captured in these seconds.
    fn snapshots(of: &[(&[u32], i64)]) -> Vec<Snapshot> {
        let snapshot = |(listing, &(holds, second)): (usize, &(&[u32], i64))| Snapshot {
            listing: ListingIx(listing as u32),
            holds: holds.iter().copied().map(BackupIx).collect(),
            moment: (second > 0).then(|| Timestamp::from_second(second).unwrap()),
        };
        of.iter().enumerate().map(snapshot).collect()
    }

    fn pairs(of: &[(&[u32], i64)]) -> Vec<(usize, usize)> {
        overlapping(&snapshots(of)).into_iter().collect()
    }

    #[test]
    fn a_snapshot_is_paired_with_the_newest_that_shares_a_backup_with_it() {
        assert_eq!(pairs(&[(&[1, 2], 5), (&[2, 3], 6)]), [(0, 1)]);
        assert_eq!(pairs(&[(&[1, 2], 6), (&[2, 3], 5)]), [(1, 0)]);
        assert_eq!(pairs(&[(&[1, 2], 5), (&[3, 4], 6)]), []);
        assert_eq!(pairs(&[(&[1, 2], 5), (&[1, 2], 6)]), [], "the same once more");
        assert_eq!(pairs(&[(&[1, 2], 5), (&[2, 3], 5)]), [(0, 1), (1, 0)], "equally new");
        assert_eq!(pairs(&[(&[1, 2], 0), (&[2, 3], 5)]), [(0, 1)], "one of no known time is older");
        assert_eq!(pairs(&[(&[1, 2], 5), (&[2, 3], 7), (&[2, 4], 6)]), [(0, 1), (2, 1)]);
        assert_eq!(pairs(&[(&[1, 2], 5), (&[2], 6), (&[1], 7)]), [(0, 1), (0, 2)]);
    }

    #[test]
    fn what_the_newer_lacks_has_vanished() {
        let of = snapshots(&[(&[1, 2, 5], 5), (&[2, 3], 6)]);
        let mut listings = Listings::default();
        listings.supersede(&of[0], &of[1]);
        let vanished: std::collections::BTreeSet<_> = listings.vanished.iter().copied().collect();
        assert_eq!(vanished.into_iter().collect::<Vec<_>>(), [BackupIx(1), BackupIx(5)]);
        assert_eq!(listings.superseded.get(&ListingIx(0)), Some(&ListingIx(1)));
    }
}
