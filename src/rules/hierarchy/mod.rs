//! Do server backups and their disks belong together?

use crate::rule::Rule;

mod child_context_mismatch;
mod child_orphaned;
mod child_status_mismatch;
mod children_missing;
mod disk_set_changed;
mod hierarchy_cycle;
mod parent_link_mismatch;

/// The rules of this family, in the order of reports.
pub(super) const RULES: &[&Rule] = &[
    &child_orphaned::RULE,
    &children_missing::RULE,
    &parent_link_mismatch::RULE,
    &hierarchy_cycle::RULE,
    &child_context_mismatch::RULE,
    &child_status_mismatch::RULE,
    &disk_set_changed::RULE,
];
