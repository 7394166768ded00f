//! Checkpoints: what one run of a vault backed up together. Indexed when a rule asks, since most runs of the tool never do.

use rayon::iter::Either;
use rayon::prelude::*;

use super::backup::{Backup, Role};
use super::field::{FieldId, Reason};
use super::id::Id;
use super::{BackupIx, Inventory};

/// Top-level backups by what they say of their checkpoint.
#[derive(Debug, Default)]
pub struct Checkpoints {
    /// Those that name one, those of one checkpoint next to each other and in order.
    pub placed: Vec<(Id, BackupIx)>,
    /// Those that name none, and why none is known, in order.
    pub unplaced: Vec<(BackupIx, Reason)>,
}

impl Inventory {
    /// The top-level backups that count, by checkpoint.
    #[must_use]
    pub fn by_checkpoint(&self, counts: impl Fn(Backup<'_>) -> bool + Sync) -> Checkpoints {
        let place = |ix: u32| {
            let backup = self.backup(BackupIx(ix));
            if backup.role() != Role::Top || !counts(backup) {
                return None;
            }
            match backup.id(FieldId::CheckpointId).value() {
                Some(checkpoint) => (!backup.in_cycle()).then_some(Either::Left((checkpoint, backup.ix))),
                None => {
                    let reason = backup.presence(FieldId::CheckpointId).known().err()?;
                    Some(Either::Right((backup.ix, reason)))
                }
            }
        };
        let backups = u32::try_from(self.len()).unwrap_or(u32::MAX);
        let (mut placed, unplaced): (Vec<_>, _) =
            (0..backups).into_par_iter().with_max_len(4096).filter_map(place).partition_map(|placed| placed);
        placed.par_sort_unstable();
        Checkpoints { placed, unplaced }
    }
}
