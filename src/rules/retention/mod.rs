//! Do they live as long as they should, and no longer?

use crate::rule::Rule;

mod child_expires_early;
mod expired_still_listed;
mod expiring_soon;
mod expiry_clustered;
mod expiry_unbounded;
mod last_good_copy_expiring;
mod retention_too_long;
mod retention_too_short;

/// The rules of this family, in the order of reports.
pub(super) const RULES: &[&Rule] = &[
    &retention_too_short::RULE,
    &retention_too_long::RULE,
    &last_good_copy_expiring::RULE,
    &expiring_soon::RULE,
    &expiry_unbounded::RULE,
    &expiry_clustered::RULE,
    &expired_still_listed::RULE,
    &child_expires_early::RULE,
];
