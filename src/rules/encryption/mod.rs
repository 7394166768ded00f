//! Are they encrypted?

use crate::rule::Rule;

mod backup_unencrypted;

/// The rules of this family, in the order of reports.
pub(super) const RULES: &[&Rule] = &[&backup_unencrypted::RULE];
