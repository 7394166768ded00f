//! Is every resource covered recently and often enough?

use crate::rule::Rule;

mod backup_gap;
mod full_backup_overdue;
mod inventory_uncovered;
mod only_manual_backups;
mod protection_stopped;
mod resource_unexpected;
mod restore_window_too_short;
mod retired_still_backed_up;
mod rpo_breach;
mod too_few_restore_points;

/// The rules of this family, in the order of reports.
pub(super) const RULES: &[&Rule] = &[
    &rpo_breach::RULE,
    &protection_stopped::RULE,
    &backup_gap::RULE,
    &too_few_restore_points::RULE,
    &only_manual_backups::RULE,
    &restore_window_too_short::RULE,
    &full_backup_overdue::RULE,
    &inventory_uncovered::RULE,
    &resource_unexpected::RULE,
    &retired_still_backed_up::RULE,
];
