//! Do vaults, policies and tasks do their part? Judged from the answers around the backups; without them there is nothing
//! to judge.

use crate::rule::Rule;

mod backup_shared;
mod checkpoint_skipped_resource;
mod protection_broken;
mod resource_unprotected;
mod task_failed;
mod task_stuck;
mod vault_not_locked;

/// The rules of this family, in the order of reports.
pub(super) const RULES: &[&Rule] = &[
    &vault_not_locked::RULE,
    &resource_unprotected::RULE,
    &protection_broken::RULE,
    &task_failed::RULE,
    &task_stuck::RULE,
    &checkpoint_skipped_resource::RULE,
    &backup_shared::RULE,
];
