//! What the answers show of a backup's disks and of its replication, and what their silence proves.

use crate::facts::Facts;
use crate::load::{Group, Record, text};
use crate::time;
use crate::verdict::Reasons;
use serde_json::Value;
use std::collections::BTreeSet;

pub enum Children {
    Seen(Vec<String>),
    /// `[]` in a show answer.
    ProvenNone,
    /// `[]` in a list answer.
    NotShown,
    /// The field is absent or null in the answer that counts.
    Blank {
        in_show: bool,
        reasons: Reasons,
    },
}

pub enum Replication<'a> {
    Seen(Vec<&'a Value>),
    ProvenNone,
    Hidden,
}

impl<'a> Facts<'a> {
    pub fn children(&self, id: &str) -> Children {
        let seen = self.seen_children(id);
        if !seen.is_empty() {
            return Children::Seen(seen);
        }
        let copies = &self.record(id).copies;
        let in_show = copies.iter().any(|copy| copy.is_show);
        let deciding: Vec<_> = copies.iter().filter(|copy| copy.is_show == in_show).collect();
        if deciding.iter().any(|copy| copy.body["children"].is_array()) {
            return if in_show { Children::ProvenNone } else { Children::NotShown };
        }
        let reason = |is_null| {
            if is_null { "field-null" } else { "field-absent" }
        };
        let reasons = deciding.iter().map(|copy| reason(copy.body.get("children").is_some())).collect();
        Children::Blank { in_show, reasons }
    }

    /// The replication records that existed at the evaluation time, or what their lack proves.
    pub fn replication(&self, id: &str) -> Replication<'a> {
        let Replication::Seen(entries) = self.replication_ever(id) else { return self.replication_ever(id) };
        let existed = |entry: &&Value| {
            let created = text(&entry["created_at"]).and_then(|text| time::read(&text));
            created.is_none_or(|reading| reading.at <= self.settings.now)
        };
        let existing: Vec<_> = entries.into_iter().filter(existed).collect();
        if existing.is_empty() { Replication::ProvenNone } else { Replication::Seen(existing) }
    }

    /// The replication records of any time.
    pub fn replication_ever(&self, id: &str) -> Replication<'a> {
        let record = self.record(id);
        let entries = copies_of(record, "replication_records");
        if entries.is_empty() {
            let proven = record.copies.iter().any(|copy| {
                copy.body["replication_records"].is_array()
                    && (copy.is_show || self.settings.replication_shown || self.group_shows_replication(&copy.group))
            });
            return if proven { Replication::ProvenNone } else { Replication::Hidden };
        }
        let mut known = BTreeSet::new();
        Replication::Seen(entries.into_iter().filter(|entry| known.insert(text(&entry["id"]))).collect())
    }

    fn group_shows_replication(&self, group: &Option<Group>) -> bool {
        let copies = self.dump.records.values().flat_map(|record| &record.copies);
        group.is_some()
            && copies.into_iter().any(|copy| {
                copy.group == *group && copy.body["replication_records"].as_array().is_some_and(|list| !list.is_empty())
            })
    }
}

/// All members of an array field, over all copies of the record.
pub fn copies_of<'a>(record: &'a Record, field: &str) -> Vec<&'a Value> {
    record.copies.iter().filter_map(|copy| copy.body[field].as_array()).flatten().collect()
}
