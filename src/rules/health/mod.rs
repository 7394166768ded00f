//! Are the backups in a healthy state?

use crate::rule::Rule;

mod app_consistency_failed;
mod backup_error;
mod backup_stuck;
mod not_restorable_in_place;
mod system_disk_missing;

/// The rules of this family, in the order of reports.
pub(super) const RULES: &[&Rule] = &[
    &backup_error::RULE,
    &backup_stuck::RULE,
    &not_restorable_in_place::RULE,
    &app_consistency_failed::RULE,
    &system_disk_missing::RULE,
];
