//! Do vaults, policies and tasks do their part? Judged from the answers around the backups; without them there is nothing
//! to judge.

use crate::rule::Rule;

mod immutable_copy_missing;
mod vault_not_locked;

/// The rules of this family, in the order of reports.
pub(super) const RULES: &[&Rule] = &[&vault_not_locked::RULE, &immutable_copy_missing::RULE];
