//! Objects of the answers around the backups that stand without an answer around them, as SDKs and `jq` leave them: which
//! kind one is by its keys.

use super::neighbour::Kind;

/// What tells the objects of a kind: keys that all of them have, and keys of which each has one at least.
type Marks = (Kind, &'static [&'static str], &'static [&'static str]);

const MARKS: [Marks; 6] = [
    (Kind::Vault, &["billing"], &["resources", "tags", "locked", "project_id"]),
    (Kind::Policy, &["operation_definition"], &["trigger", "associated_vaults", "enabled"]),
    (Kind::Task, &["operation_type", "status"], &["started_at", "ended_at", "error_info"]),
    (Kind::Checkpoint, &["status", "vault"], &["extra_info", "created_at"]),
    (Kind::Protectable, &["protectable"], &["type", "children"]),
    (Kind::Member, &["backup_id", "dest_project_id"], &["status"]),
];

/// What an object with these keys is, if it is one of those.
pub(super) fn kind(has: impl Fn(&str) -> bool) -> Option<Kind> {
    let fits = |(_, all, some): &&Marks| all.iter().all(|key| has(key)) && some.iter().any(|key| has(key));
    MARKS.iter().find(fits).filter(|_| has("id")).map(|(kind, ..)| *kind)
}
