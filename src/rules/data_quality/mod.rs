//! Is the evidence itself sound?

use crate::rule::Rule;

mod backup_count_mismatch;
mod duplicate_conflict;
mod input_unreadable;
mod pagination_incomplete;
mod required_field_missing;
mod schema_drift;
mod timestamp_inconsistent;
mod value_unrecognised;
mod vault_list_incomplete;

/// The rules of this family, in the order of reports.
pub(super) const RULES: &[&Rule] = &[
    &input_unreadable::RULE,
    &pagination_incomplete::RULE,
    &vault_list_incomplete::RULE,
    &backup_count_mismatch::RULE,
    &duplicate_conflict::RULE,
    &required_field_missing::RULE,
    &timestamp_inconsistent::RULE,
    &value_unrecognised::RULE,
    &schema_drift::RULE,
];
