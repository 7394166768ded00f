//! Checkpoints: what one run of a vault backed up together. Indexed when a rule asks, since most runs of the tool never do.

use rayon::slice::ParallelSliceMut;

use super::backup::{Backup, Role};
use super::field::FieldId;
use super::id::Id;
use super::{BackupIx, Inventory};

impl Inventory {
    /// The top-level backups that name a checkpoint, those of one checkpoint next to each other and in order.
    #[must_use]
    pub fn by_checkpoint(&self, counts: impl Fn(Backup<'_>) -> bool) -> Vec<(Id, BackupIx)> {
        let tops = self.backups().map(|ix| self.backup(ix)).filter(|backup| backup.role() == Role::Top);
        let named = tops.filter(|backup| !backup.in_cycle() && counts(*backup));
        let mut placed: Vec<_> =
            named.filter_map(|backup| Some((backup.id(FieldId::CheckpointId).value()?, backup.ix))).collect();
        placed.par_sort_unstable();
        placed
    }
}
