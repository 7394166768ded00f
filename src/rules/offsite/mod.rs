//! Is there a copy in another region?

use crate::rule::Rule;

mod destination;
mod destination_not_allowed;
mod offsite_copy_missing;
mod replica_unmatched;
mod replication_failed;
mod replication_lag;
mod replication_stuck;
mod single_az_storage;

/// The rules of this family, in the order of reports.
pub(super) const RULES: &[&Rule] = &[
    &replication_failed::RULE,
    &replication_stuck::RULE,
    &replication_lag::RULE,
    &offsite_copy_missing::RULE,
    &replica_unmatched::RULE,
    &single_az_storage::RULE,
    &destination_not_allowed::RULE,
];
