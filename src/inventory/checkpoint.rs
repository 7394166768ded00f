//! Checkpoints: what one run of a vault backed up together. Indexed when a rule asks, since most runs of the tool never do.

use rayon::prelude::*;

use super::backup::{Backup, Role};
use super::field::FieldId;
use super::id::Id;
use super::{BackupIx, Inventory};

impl Inventory {
    /// The top-level backups that name a checkpoint, those of one checkpoint next to each other and in order.
    #[must_use]
    pub fn by_checkpoint(&self, counts: impl Fn(Backup<'_>) -> bool + Sync) -> Vec<(Id, BackupIx)> {
        let place = |ix: u32| {
            let backup = self.backup(BackupIx(ix));
            let is_named = backup.role() == Role::Top && !backup.in_cycle() && counts(backup);
            let checkpoint = if is_named { backup.id(FieldId::CheckpointId).value() } else { None };
            checkpoint.map(|checkpoint| (checkpoint, backup.ix))
        };
        let backups = u32::try_from(self.len()).unwrap_or(u32::MAX);
        let mut placed: Vec<_> = (0..backups).into_par_iter().filter_map(place).collect();
        placed.par_sort_unstable();
        placed
    }
}
