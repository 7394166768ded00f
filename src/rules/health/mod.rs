//! Are the backups in a healthy state?

use crate::rule::Rule;

mod backup_error;
mod backup_stuck;
mod consecutive_failures;
mod deletion_pending;
mod not_restorable_in_place;
mod restore_in_progress;

/// The rules of this family, in the order of reports.
pub(super) const RULES: &[&Rule] = &[
    &backup_error::RULE,
    &backup_stuck::RULE,
    &not_restorable_in_place::RULE,
    &consecutive_failures::RULE,
    &deletion_pending::RULE,
    &restore_in_progress::RULE,
];
