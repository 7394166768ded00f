//! What was met in the files beside their records: keys that the field table does not know, those that it knows, and
//! times without a zone. Kept by directory until it is known which of them are judged.

use std::collections::HashMap;

use super::Inventory;
use super::field::FieldSet;
use super::file::File;
use super::fragment::{DriftKey, DriftSeen, note_drift};
use super::older::Moves;

/// What was met in some files.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Unknown keys and types.
    drift: HashMap<DriftKey, DriftSeen>,
    /// The known keys that were met with a known type.
    known: FieldSet,
    /// How many times were read as UTC because they name no zone.
    zones_assumed: u64,
}

impl Seen {
    /// Adds what was met in a part of a file, whose first reading has this number.
    #[allow(clippy::iter_over_hash_type, reason = "sums and minima do not depend on the order")]
    pub(super) fn take(
        &mut self,
        drift: HashMap<DriftKey, DriftSeen>,
        known_keys: FieldSet,
        zones_assumed: u64,
        first: u32,
    ) {
        drift.into_iter().for_each(|(key, seen)| note_drift(&mut self.drift, key, seen.behind(first)));
        self.known = self.known.with(known_keys);
        self.zones_assumed += zones_assumed;
    }

    /// Adds what was met in later files.
    #[allow(clippy::iter_over_hash_type, reason = "sums do not depend on the order")]
    fn add(&mut self, later: Self) {
        later.drift.into_iter().for_each(|(key, seen)| note_drift(&mut self.drift, key, seen));
        self.known = self.known.with(later.known);
        self.zones_assumed += later.zones_assumed;
    }

    /// Enters it into the inventory, in a stable order and with the new numbers of readings.
    pub(super) fn hand_to(self, inventory: &mut Inventory, moves: &Moves) {
        inventory.zones_assumed = self.zones_assumed;
        inventory.known_keys = self.known;
        let moved = |seen: DriftSeen| DriftSeen { reading: moves.of(seen.reading).unwrap_or(seen.reading), ..seen };
        inventory.drift = self.drift.into_iter().map(|(key, seen)| (key, moved(seen))).collect();
        inventory.drift.sort_by(|(a, _), (b, _)| a.cmp(b));
    }
}

/// The same for every stretch of files that stand in one directory.
#[derive(Debug, Default)]
pub(super) struct SeenByDirectory {
    stretches: Vec<Stretch>,
    directory: String,
}

#[derive(Debug)]
struct Stretch {
    /// Its first file.
    file: usize,
    seen: Seen,
}

impl SeenByDirectory {
    /// Adds what was met in the file with this number, the next one in path order.
    pub(super) fn add(&mut self, directory: &str, seen: Seen, file: usize) {
        match self.stretches.last_mut() {
            Some(last) if self.directory == directory => last.seen.add(seen),
            _ => {
                directory.clone_into(&mut self.directory);
                self.stretches.push(Stretch { file, seen });
            }
        }
    }

    /// All together, without what was met in older captures.
    pub(super) fn sum(self, files: &[File]) -> Seen {
        let mut sum = Seen::default();
        let judged = self.stretches.into_iter().filter(|stretch| files[stretch.file].older.is_none());
        judged.for_each(|stretch| sum.add(stretch.seen));
        sum
    }
}
