//! Do vaults, policies and tasks do their part? Judged from the answers around the backups; without them there is nothing
//! to judge.

use crate::rule::Rule;

mod backup_shared;
mod bound;
mod checkpoint_skipped_resource;
mod immutable_copy_missing;
mod policy_too_infrequent;
mod protection_broken;
mod recurrence;
mod resource_unprotected;
mod task_failed;
mod task_stuck;
mod vault_empty;
mod vault_near_capacity;
mod vault_not_locked;
mod vault_policy_missing;
mod vault_replication_policy_missing;
mod vault_retention_too_short;
mod vault_untagged;
mod vault_unusable;

/// The rules of this family, in the order of reports.
pub(super) const RULES: &[&Rule] = &[
    &vault_policy_missing::RULE,
    &vault_replication_policy_missing::RULE,
    &policy_too_infrequent::RULE,
    &vault_retention_too_short::RULE,
    &vault_unusable::RULE,
    &vault_near_capacity::RULE,
    &vault_not_locked::RULE,
    &immutable_copy_missing::RULE,
    &vault_empty::RULE,
    &vault_untagged::RULE,
    &resource_unprotected::RULE,
    &protection_broken::RULE,
    &task_failed::RULE,
    &task_stuck::RULE,
    &checkpoint_skipped_resource::RULE,
    &backup_shared::RULE,
];
