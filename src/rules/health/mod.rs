//! Are the backups in a healthy state?

use crate::rule::Rule;

mod app_consistency_failed;
mod backup_error;
mod backup_stuck;
mod checkpoint_partial;
mod consecutive_failures;
mod deletion_pending;
mod not_restorable_in_place;
mod restore_in_progress;
mod system_disk_missing;

/// The rules of this family, in the order of reports.
pub(super) const RULES: &[&Rule] = &[
    &backup_error::RULE,
    &backup_stuck::RULE,
    &not_restorable_in_place::RULE,
    &app_consistency_failed::RULE,
    &system_disk_missing::RULE,
    &consecutive_failures::RULE,
    &checkpoint_partial::RULE,
    &deletion_pending::RULE,
    &restore_in_progress::RULE,
];
