//! Plain answers about disks that are backed up as they should be, and the arguments under which they are read.

#![allow(dead_code, reason = "every test uses some of it")]

use serde_json::{Value, json};

/// At a time at which the backups are fresh, and whatever fails.
pub(crate) const QUIET: [&str; 4] = ["--as-of", "2026-11-01T06:00:00Z", "--fail-on", "none"];

/// A backup of a disk.
pub(crate) fn backup(id: &str) -> Value {
    json!({
        "id": id, "name": "autobk_1", "status": "available", "image_type": "backup",
        "resource_type": "OS::Cinder::Volume", "resource_id": "r1", "resource_size": 40,
        "created_at": "2026-11-01T01:00:00.5", "project_id": "p1", "vault_id": "v1", "parent_id": null,
    })
}

/// A list answer with backups of these ids.
pub(crate) fn list(ids: &[&str]) -> Value {
    let backups: Vec<_> = ids.iter().map(|id| backup(id)).collect();
    json!({"backups": backups, "count": ids.len(), "offset": 0})
}
