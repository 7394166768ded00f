//! Whether one capture is a later one of the scope of another. Where that is not certain, neither takes the place of the
//! other: a page, a filtered list or the backups of another project must never hide what it does not show.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::Moment;
use super::root::{Parting, Root};
use super::unit::{Listed, Resource, Unit};
use crate::inventory::capture::SPAN;

/// Two captures, of which the first may be the older one of the same scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    pub(super) older: Root,
    pub(super) newer: Root,
    /// How the dates stand to each other by which their directories are called.
    dates: Option<Ordering>,
}

impl Pair {
    /// The pair of two captures that share a backup; none if the older one cannot be parted from the newer one, or if it is
    /// not known when it was made.
    pub(super) fn of(older: &Root, newer: &Root) -> Option<Self> {
        let parting = Parting::new(older.directory(), newer.directory());
        let (older, newer) = match (older, newer) {
            (Root::Noted(_), Root::Noted(_)) => (older.clone(), newer.clone()),
            (Root::Noted(_), _) => (older.clone(), parting.second()),
            // Without a note the older one may have been made at any time after its newest backup.
            (_, Root::Noted(_)) => return None,
            _ => (parting.first()?, parting.second()),
        };
        Some(Self { older, newer, dates: parting.dates() })
    }

    /// Whether the second capture takes the place of the first.
    fn holds(&self, units: &BTreeMap<Root, Unit>) -> bool {
        let (Some(older), Some(newer)) = (units.get(&self.older), units.get(&self.newer)) else { return false };
        let (Some(before), Some(after)) = (older.moment, newer.moment) else { return false };
        let overlap = Overlap::new(older, newer);
        if before.time >= after.time
            || !newer.covers_scope_of(older)
            || overlap.shared == 0
            || overlap.is_fresher(older, newer)
            || is_belied(older, before)
            || is_belied(newer, after)
        {
            return false;
        }
        let both_noted = before.noted && after.noted;
        if both_noted {
            if after.time.duration_since(before.time) > SPAN {
                return !(older.is_short && newer.is_short);
            }
        } else if !before.noted && overlap.contradicts_order(older, newer) {
            return false;
        }
        if !both_noted && self.dates == Some(Ordering::Greater) {
            return false;
        }
        let by_name = self.dates == Some(Ordering::Less) && !before.noted && !after.noted;
        let covers = || older.places.is_subset(&newer.places) && (both_noted || !holds_the_newest(older, newer));
        older.is_complete && newer.is_complete && (by_name || covers())
    }
}

/// What two captures have in common.
struct Overlap {
    shared: usize,
}

impl Overlap {
    fn new(older: &Unit, newer: &Unit) -> Self {
        Self { shared: older.listed.iter().filter(|listed| newer.find(listed.backup).is_some()).count() }
    }

    /// Whether the older one shows a later state of some backup than the newer one.
    fn is_fresher(&self, older: &Unit, newer: &Unit) -> bool {
        let pairs = older.listed.iter().filter_map(|listed| Some((listed, newer.find(listed.backup)?)));
        pairs.into_iter().any(|(one, other)| one.updated.is_some() && one.updated > other.updated)
    }

    /// Whether the contents do not fit the order: both hold the same, or the older one lacks some that were there before
    /// its newest one.
    fn contradicts_order(&self, older: &Unit, newer: &Unit) -> bool {
        let Some(last) = older.created.last() else { return true };
        let there_before = newer.created.partition_point(|created| created <= last);
        let is_shared = |listed: &&Listed| newer.find(listed.backup).is_some();
        let shown = older.listed.iter().filter(is_shared).filter(|listed| listed.created.is_some()).count();
        let same = self.shared == older.listed.len() && self.shared == newer.listed.len();
        there_before != shown || same
    }
}

/// Whether the note of a capture is earlier than what it speaks for, and so says nothing.
fn is_belied(unit: &Unit, moment: Moment) -> bool {
    moment.noted && unit.created.last().is_some_and(|created| *created > moment.time)
}

/// Whether the older one holds a backup of a resource that the newer one lacks, although it holds none as new.
fn holds_the_newest(older: &Unit, newer: &Unit) -> bool {
    let mut newest: HashMap<Resource, Option<Timestamp>> = HashMap::new();
    for listed in &newer.listed {
        let best = newest.entry(listed.resource).or_default();
        *best = (*best).max(listed.created);
    }
    let gone = older.listed.iter().filter(|listed| newer.find(listed.backup).is_none());
    gone.into_iter().any(|listed| {
        let known = newest.get(&listed.resource).copied().flatten();
        listed.created.is_none() || listed.created > known
    })
}

/// The captures that others supersede, each with the newest that does.
pub(super) fn superseded(pairs: &[Pair], units: &BTreeMap<Root, Unit>) -> BTreeMap<Root, Root> {
    let mut superseded: BTreeMap<Root, Root> = BTreeMap::new();
    for pair in pairs.iter().filter(|pair| pair.holds(units)) {
        let moment = |root: &Root| units.get(root).and_then(|unit| unit.moment);
        let newest = superseded.entry(pair.older.clone()).or_insert_with(|| pair.newer.clone());
        if moment(newest) < moment(&pair.newer) {
            *newest = pair.newer.clone();
        }
    }
    superseded
}
