//! Are they encrypted?

use crate::rule::Rule;

mod backup_unencrypted;
mod disk_flags;
mod encryption_mixed_in_server;
mod encryption_regressed;

/// The rules of this family, in the order of reports.
pub(super) const RULES: &[&Rule] =
    &[&backup_unencrypted::RULE, &encryption_mixed_in_server::RULE, &encryption_regressed::RULE];
