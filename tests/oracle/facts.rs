//! What is known of one backup at the evaluation time: its kin, its state, its time, and whether it is good.

use crate::load::{Dump, Record, text};
use crate::policy::Policy;
use crate::time::{self, Instant};
use crate::verdict::{Known, Reasons, Truth, because, union};
use crate::views::{Children, copies_of};
use std::collections::{BTreeMap, BTreeSet};

pub const SERVER: &str = "OS::Nova::Server";
pub const BARE_METAL: &str = "OS::Ironic::BareMetalServer";
pub const DISK: &str = "OS::Cinder::Volume";
pub const TURBO: &str = "OS::Sfs::Turbo";

const STATUSES: [&str; 8] = [
    "available",
    "protecting",
    "deleting",
    "restoring",
    "error",
    "waiting_protect",
    "waiting_delete",
    "waiting_restore",
];
const USABLE: [&str; 3] = ["available", "restoring", "waiting_restore"];

pub struct Settings {
    pub now: Instant,
    pub clock_is_inferred: bool,
    pub policy: Policy,
    pub region: Option<String>,
    pub replication_shown: bool,
}

pub struct Facts<'a> {
    pub dump: &'a Dump,
    pub settings: &'a Settings,
    pub cycle: BTreeSet<String>,
    children: BTreeMap<String, BTreeSet<String>>,
    sources: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Facts<'a> {
    pub fn new(dump: &'a Dump, settings: &'a Settings) -> Self {
        let mut facts =
            Self { dump, settings, cycle: BTreeSet::new(), children: BTreeMap::new(), sources: BTreeMap::new() };
        for (id, record) in &dump.records {
            if let Some(parent) = parent_of(record) {
                facts.children.entry(parent).or_default().insert(id.clone());
            }
            for entry in copies_of(record, "replication_records") {
                if let Some(replica) = text(&entry["destination_backup_id"]) {
                    facts.sources.entry(replica).or_default().insert(id.clone());
                }
            }
        }
        facts.cycle = dump.records.keys().filter(|id| facts.is_own_ancestor(id)).cloned().collect();
        facts
    }

    pub fn record(&self, id: &str) -> &'a Record {
        &self.dump.records[id]
    }

    pub fn parent(&self, id: &str) -> Option<String> {
        parent_of(self.record(id))
    }

    pub fn loaded_parent(&self, id: &str) -> Option<String> {
        self.parent(id).filter(|parent| self.dump.records.contains_key(parent))
    }

    pub fn is_orphan(&self, id: &str) -> bool {
        self.parent(id).is_some() && self.loaded_parent(id).is_none()
    }

    /// A record made after the evaluation time did not exist then.
    pub fn existed(&self, id: &str) -> bool {
        self.created(id).map_or(true, |created| created <= self.settings.now)
    }

    /// Top-level points and orphans.
    pub fn backups(&self) -> Vec<String> {
        let is_unit = |id: &&String| {
            self.existed(id) && !self.cycle.contains(*id) && (self.parent(id).is_none() || self.is_orphan(id))
        };
        self.dump.records.keys().filter(is_unit).cloned().collect()
    }

    pub fn text(&self, id: &str, field: &str) -> Known<String> {
        self.record(id).text(&[field])
    }

    pub fn flag(&self, id: &str, field: &str) -> Known<bool> {
        self.record(id).flag(&["extend_info", field])
    }

    pub fn kind(&self, id: &str) -> String {
        self.text(id, "resource_type").unwrap_or_default()
    }

    pub fn project(&self, id: &str) -> String {
        self.text(id, "project_id").unwrap_or_default()
    }

    pub fn is_server(&self, id: &str) -> bool {
        [SERVER, BARE_METAL].contains(&self.kind(id).as_str())
    }

    pub fn status(&self, id: &str) -> Known<String> {
        let status = enumerated(self.text(id, "status"), &STATUSES);
        if !self.is_updated_later(id) {
            return status;
        }
        Err(union([&because(["not-in-metadata"]), &status.err().unwrap_or_default()]))
    }

    pub fn is_updated_later(&self, id: &str) -> bool {
        self.instant(id, "updated_at").is_ok_and(|updated| updated > self.settings.now)
    }

    pub fn is_replica(&self, id: &str) -> Known<bool> {
        self.word(id, "image_type").map(|kind| kind == "replication")
    }

    /// A text; for `image_type` one of the known words.
    pub fn word(&self, id: &str, field: &str) -> Known<String> {
        let text = self.text(id, field);
        match field {
            "image_type" => enumerated(text, &["backup", "replication"]),
            _ => text,
        }
    }

    pub fn source(&self, id: &str) -> Option<&String> {
        self.claimants(id).filter(|claimants| claimants.len() == 1)?.first()
    }

    /// The backups that name this replica as their copy.
    pub fn claimants(&self, id: &str) -> Option<&BTreeSet<String>> {
        self.sources.get(id).filter(|_| self.is_replica(id) == Ok(true))
    }

    /// Whether several backups do, so that it is certainly the copy of none of them.
    pub fn is_disputed(&self, id: &str) -> bool {
        self.claimants(id).is_some_and(|claimants| claimants.len() > 1)
    }

    pub fn is_stray_replica(&self, id: &str) -> bool {
        self.is_replica(id) == Ok(true) && self.source(id).is_none()
    }

    pub fn has_stray_replicas(&self) -> bool {
        self.backups().iter().any(|id| self.is_stray_replica(id))
    }

    /// Whether there are copies, or what may be some, that no replication record leads to.
    pub fn has_unlinked_copies(&self) -> bool {
        let is_unlinked = |id: &&String| self.is_replica(id) != Ok(false) && self.source(id).is_none();
        let tops = self.dump.records.keys().filter(|id| self.loaded_parent(id).is_none());
        tops.into_iter().any(|id| is_unlinked(&id))
    }

    pub fn created(&self, id: &str) -> Known<Instant> {
        self.instant(id, "created_at")
    }

    pub fn instant(&self, id: &str, field: &str) -> Known<Instant> {
        let text = self.text(id, field)?;
        time::read(&text).map(|reading| reading.at).ok_or(because(["type-mismatch", "value-unrecognised"]))
    }

    /// No expiry is a fact of its own; an unreadable one is not.
    pub fn expiry(&self, id: &str) -> Known<Option<Instant>> {
        match self.text(id, "expired_at") {
            Err(reasons) if !reasons.contains("record-conflict") => Ok(None),
            _ => self.instant(id, "expired_at").map(Some),
        }
    }

    /// Only null says that there is no expiry.
    pub fn stated_expiry(&self, id: &str) -> Known<Option<Instant>> {
        match self.text(id, "expired_at") {
            Err(reasons) if reasons == because(["field-absent"]) => Err(reasons),
            _ => self.expiry(id),
        }
    }

    pub fn has_expired(&self, id: &str) -> bool {
        self.expiry(id).is_ok_and(|expiry| expiry.is_some_and(|at| at <= self.settings.now))
    }

    /// Restore-point time: a replica is as old as its source, a server as its oldest part.
    pub fn time(&self, id: &str) -> Known<Instant> {
        if let Some(source) = self.source(id) {
            return self.time(source);
        }
        if self.is_disputed(id) {
            return Err(because(["record-conflict"]));
        }
        let own = self.own_time(id)?;
        let parts = self.seen_children(id);
        Ok(parts.iter().filter_map(|child| self.own_time(child).ok()).fold(own, Instant::min))
    }

    fn own_time(&self, id: &str) -> Known<Instant> {
        let protected = self.text(id, "protected_at").ok().and_then(|text| time::read(&text));
        let precise = protected.filter(|reading| reading.has_time_of_day);
        precise.map_or_else(|| self.created(id), |reading| Ok(reading.at))
    }

    /// Whether a part of the server has no time, so that the time above may be too late.
    pub fn time_is_vague(&self, id: &str) -> bool {
        self.time(id).is_err() || self.seen_children(id).iter().any(|child| self.own_time(child).is_err())
    }

    pub fn seen_children(&self, id: &str) -> Vec<String> {
        self.children.get(id).into_iter().flatten().cloned().collect()
    }

    /// Good restore point at the evaluation time.
    pub fn good(&self, id: &str) -> Truth {
        if self.has_expired(id) {
            return Truth::No;
        }
        if self.is_updated_later(id) {
            return Truth::Unknown(self.status(id).unwrap_err());
        }
        let children = self.seen_children(id);
        let in_bad_state = |id: &str| self.status(id).is_ok_and(|status| !USABLE.contains(&status.as_str()));
        let is_future = self.time(id).is_ok_and(|at| at > self.settings.now);
        if is_future || in_bad_state(id) || children.iter().any(|child| in_bad_state(child)) {
            return Truth::No;
        }
        let mut doubts = Reasons::new();
        doubts.extend(self.status(id).err().unwrap_or_default());
        doubts.extend(self.expiry(id).err().unwrap_or_default());
        doubts.extend(self.time(id).err().unwrap_or_default());
        doubts.extend(self.created(id).err().unwrap_or_default());
        doubts.extend(self.is_replica(id).err().unwrap_or_default());
        for child in &children {
            doubts.extend(self.status(child).err().unwrap_or_default());
            doubts.extend(self.created(child).err().unwrap_or_default());
        }
        if let (true, Children::Blank { reasons, .. }) = (self.is_server(id), self.children(id)) {
            doubts.extend(reasons);
            doubts.insert("view-omits");
        }
        if doubts.is_empty() { Truth::Yes } else { Truth::Unknown(doubts) }
    }

    fn is_own_ancestor(&self, id: &str) -> bool {
        let mut visited = BTreeSet::new();
        let mut above = self.loaded_parent(id);
        while let Some(parent) = above {
            if parent == id {
                return true;
            }
            above = if visited.insert(parent.clone()) { self.loaded_parent(&parent) } else { None };
        }
        false
    }
}

fn parent_of(record: &Record) -> Option<String> {
    record
        .copies
        .iter()
        .find_map(|copy| copy.nested_in.clone())
        .or_else(|| record.copies.iter().find_map(|copy| text(&copy.body["parent_id"])))
}

fn enumerated(value: Known<String>, known: &[&str]) -> Known<String> {
    let value = value?;
    if known.contains(&value.as_str()) { Ok(value) } else { Err(because(["value-unrecognised"])) }
}
