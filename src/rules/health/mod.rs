//! Are the backups in a healthy state?

use crate::rule::Rule;

mod backup_error;
mod backup_stuck;
mod not_restorable_in_place;

/// The rules of this family, in the order of reports.
pub(super) const RULES: &[&Rule] = &[&backup_error::RULE, &backup_stuck::RULE, &not_restorable_in_place::RULE];
