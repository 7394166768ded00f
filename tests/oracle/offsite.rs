//! Expected verdicts of the replication rules.

use crate::cadence::single_az_storage;
use crate::coverage::case;
use crate::facts::{Facts, SERVER, TURBO};
use crate::load::text;
use crate::policy::Demands;
use crate::resources::{Point, Resource};
use crate::time::{self, Instant};
use crate::verdict::{Case, Known, Reasons, Truth, Verdict, because, union, unknown};
use crate::views::Replication;
use serde_json::Value;
use std::collections::BTreeSet;

const KNOWN: [&str; 5] = ["replicating", "success", "fail", "skip", "waiting_replicate"];

pub fn judge(facts: &Facts, resources: &[Resource]) -> Vec<Case> {
    let mut cases = Vec::new();
    let policy = &facts.settings.policy;
    for resource in resources {
        let demands = policy.demands("offsite-copy-missing", resource.tier);
        let options = resource.judge_without_strays(|resource| offsite_copy_missing(facts, &demands, resource));
        cases.push(case(resource, "offsite-copy-missing", options));
        let options = resource.judge_without_strays(|resource| single_az_storage(facts, resource));
        cases.push(case(resource, "single-az-storage", options));
    }
    for id in facts.backups() {
        let verdict = replication_lag(facts, resources, &id);
        cases.push(backup_case(facts, &id, "replication-lag", None, verdict));
        cases.extend(each_region(facts, &id, "replication-failed", &region_failed));
        let tier = resources.iter().find(|resource| resource.own.contains(&id)).and_then(|resource| resource.tier);
        let demands = policy.demands("replication-stuck", tier);
        let is_stuck = |entries: &[&Value]| region_stuck(facts, &demands, entries);
        cases.extend(each_region(facts, &id, "replication-stuck", &is_stuck));
    }
    cases
}

fn backup_case(facts: &Facts, id: &str, rule: &'static str, key: Option<String>, verdict: Verdict) -> Case {
    Case::new(rule, id, &facts.project(id), vec![verdict]).with_key(key)
}

/// Only the copy itself confirms a copy. Where records are hidden, an unlinked replica may or may not be meant as one.
fn offsite_copy_missing(facts: &Facts, demands: &Demands, resource: &Resource) -> Vec<Verdict> {
    if !demands.requires("require-offsite") {
        return vec![Verdict::NotApplicable];
    }
    if demands.is("min-evidence", "claimed") {
        return vec![offsite_copy_claimed(facts, resource)];
    }
    let (mut doubts, mut may_hide) = (Reasons::new(), false);
    for point in &resource.points {
        let copied = match copied(facts, point) {
            Truth::Yes if !point.is_replica => confirmed(facts, &point.backup),
            copied => copied,
        };
        may_hide |= point.good != Truth::No && matches!(facts.replication(&point.backup), Replication::Hidden);
        match (&point.good, copied) {
            (Truth::No, _) | (_, Truth::No) => {}
            (Truth::Yes, Truth::Yes) => return vec![Verdict::Pass],
            (good, copied) => doubts.extend(union([&reasons(good), &reasons(&copied)])),
        }
    }
    match doubts.is_empty() {
        true => vec![Verdict::Fail],
        false if may_hide && !facts.has_stray_replicas() => vec![Verdict::Fail, Verdict::Unknown(doubts)],
        false => vec![Verdict::Unknown(doubts)],
    }
}

/// Whether a copy that a backup claims to have is loaded and good.
fn confirmed(facts: &Facts, source: &str) -> Truth {
    let replicas = facts.dump.records.keys().filter(|id| facts.source(id).is_some_and(|of| of == source));
    let mut doubts = Reasons::new();
    for replica in replicas.filter(|id| facts.existed(id)) {
        match (lies_elsewhere(facts, source, replica), facts.good(replica)) {
            (Truth::Yes, Truth::Yes) => return Truth::Yes,
            (Truth::No, _) | (_, Truth::No) => {}
            (elsewhere, good) => doubts.extend(union([&reasons(&elsewhere), &reasons(&good)])),
        }
    }
    if doubts.is_empty() { Truth::No } else { Truth::Unknown(doubts) }
}

/// Whether a point has a copy elsewhere, or is one.
pub fn copied(facts: &Facts, point: &Point) -> Truth {
    match facts.source(&point.backup) {
        None if facts.is_disputed(&point.backup) => Truth::Unknown(because(["record-conflict"])),
        Some(source) => lies_elsewhere(facts, source, &point.backup),
        None => copied_elsewhere(facts, &point.backup),
    }
}

/// The regions of a replica and its source stand in the record that links them.
fn lies_elsewhere(facts: &Facts, source: &str, replica: &str) -> Truth {
    let Replication::Seen(entries) = facts.replication(source) else { return Truth::Yes };
    let links = |entry: &&Value| text(&entry["destination_backup_id"]).as_deref() == Some(replica);
    let answers: Vec<_> = entries.into_iter().filter(links).map(|entry| entry_claims_copy(facts, entry)).collect();
    answers.into_iter().next().unwrap_or(Truth::Yes)
}

fn offsite_copy_claimed(facts: &Facts, resource: &Resource) -> Verdict {
    let mut doubts = Reasons::new();
    for point in &resource.points {
        let copied = copied(facts, point);
        match (&point.good, copied) {
            (Truth::No, _) | (_, Truth::No) => {}
            (Truth::Yes, Truth::Yes) => return Verdict::Pass,
            (good, copied) => doubts.extend(union([&reasons(good), &reasons(&copied)])),
        }
    }
    if doubts.is_empty() { Verdict::Fail } else { Verdict::Unknown(doubts) }
}

fn reasons(truth: &Truth) -> Reasons {
    match truth {
        Truth::Unknown(reasons) => reasons.clone(),
        _ => Reasons::new(),
    }
}

/// Whether a replication record claims a finished copy in another region.
fn copied_elsewhere(facts: &Facts, id: &str) -> Truth {
    let entries = match facts.replication(id) {
        Replication::Hidden => return Truth::Unknown(because(["view-omits"])),
        Replication::ProvenNone => return Truth::No,
        Replication::Seen(entries) => entries,
    };
    let answers: Vec<_> = entries.into_iter().map(|entry| entry_claims_copy(facts, entry)).collect();
    if answers.contains(&Truth::Yes) {
        return Truth::Yes;
    }
    let doubts: Reasons = answers.iter().flat_map(reasons).collect();
    if doubts.is_empty() { Truth::No } else { Truth::Unknown(doubts) }
}

fn entry_claims_copy(facts: &Facts, entry: &Value) -> Truth {
    let missing = missing_fields(entry, &["status", "created_at", "destination_region"]);
    if !missing.is_empty() {
        return Truth::Unknown(missing);
    }
    let status = text(&entry["status"]).unwrap();
    if !KNOWN.contains(&status.as_str()) {
        return Truth::Unknown(because(["value-unrecognised"]));
    }
    let home = text(&entry["source_region"]).or_else(|| facts.settings.region.clone());
    match home {
        _ if status != "success" => Truth::No,
        None => Truth::Unknown(missing_fields(entry, &["source_region"])),
        home if text(&entry["destination_region"]) == home => Truth::No,
        Some(_) => borne_out(facts, entry),
    }
}

/// A copy that is loaded has the last word on what the record claims of it; where the record does not name it, it may be
/// any that no record leads to.
fn borne_out(facts: &Facts, entry: &Value) -> Truth {
    let Some(copy) = text(&entry["destination_backup_id"]) else {
        let unnamed = missing_fields(entry, &["destination_backup_id"]);
        return if facts.has_unlinked_copies() { Truth::Unknown(unnamed) } else { Truth::Yes };
    };
    if !facts.dump.records.contains_key(&copy) {
        return Truth::Yes;
    }
    match facts.is_replica(&copy) {
        Err(reasons) => Truth::Unknown(reasons),
        Ok(_) => facts.good(&copy),
    }
}

pub fn missing_fields(entry: &Value, fields: &[&str]) -> Reasons {
    let reason = |field: &&str| match entry.get(*field) {
        None => Some("field-absent"),
        Some(Value::Null) => Some("field-null"),
        Some(_) => None,
    };
    fields.iter().filter_map(reason).collect()
}

fn replication_lag(facts: &Facts, resources: &[Resource], id: &str) -> Verdict {
    let can_replicate = [SERVER, TURBO].contains(&facts.kind(id).as_str());
    let system_disk = facts.flag(id, "contain_system_disk");
    let is_source = !facts.is_orphan(id) && facts.is_replica(id) != Ok(true);
    if !can_replicate || system_disk == Ok(false) || !is_source {
        return Verdict::NotApplicable;
    }
    let unsaid = system_disk.err().unwrap_or_default();
    match facts.good(id) {
        Truth::No => return Verdict::NotApplicable,
        Truth::Unknown(reasons) => return Verdict::Unknown(union([&reasons, &unsaid])),
        Truth::Yes if facts.status(id).as_deref() != Ok("available") => return Verdict::NotApplicable,
        Truth::Yes if !unsaid.is_empty() => return Verdict::Unknown(unsaid),
        Truth::Yes => {}
    }
    let created = facts.created(id).unwrap();
    let since = facts.instant(id, "updated_at").map_or(created, |updated| updated.max(created));
    // A disk that is backed up by itself also has the server's points, so the kind tells whose backup this is.
    let resource = resources
        .iter()
        .filter(|resource| resource.kind == facts.kind(id))
        .find(|resource| resource.points.iter().any(|point| point.backup == id))
        .unwrap();
    let never_replicates = |backup: &str| matches!(facts.replication(backup), Replication::ProvenNone);
    let demands = facts.settings.policy.demands("replication-lag", resource.tier);
    if facts.settings.now - since <= demands.hours("replication-lag-hours") {
        Verdict::Pass
    } else if resource.points.iter().all(|point| never_replicates(&point.backup)) {
        Verdict::NotApplicable
    } else {
        match copied_elsewhere(facts, id) {
            Truth::Yes => Verdict::Pass,
            Truth::No => Verdict::Fail,
            Truth::Unknown(reasons) => Verdict::Unknown(reasons),
        }
    }
}

/// The verdicts on a backup for each region that it was to be copied to.
fn each_region(facts: &Facts, id: &str, rule: &'static str, judge: &dyn Fn(&[&Value]) -> Verdict) -> Vec<Case> {
    let one = |key, verdict| backup_case(facts, id, rule, key, verdict);
    if facts.is_orphan(id) || facts.is_replica(id) == Ok(true) {
        return vec![one(None, Verdict::NotApplicable)];
    }
    let shows_records = [SERVER, TURBO].contains(&facts.kind(id).as_str());
    let entries = match facts.replication(id) {
        Replication::Hidden if shows_records => return vec![one(None, unknown(["view-omits"]))],
        Replication::Hidden | Replication::ProvenNone => {
            return vec![one(None, Verdict::NotApplicable)];
        }
        Replication::Seen(entries) => entries,
    };
    let unplaced: Reasons = entries.iter().flat_map(|entry| missing_fields(entry, &["destination_region"])).collect();
    if !unplaced.is_empty() {
        return vec![one(None, Verdict::Unknown(unplaced))];
    }
    let regions: BTreeSet<_> = entries.iter().filter_map(|entry| text(&entry["destination_region"])).collect();
    let verdict = |region: &String| {
        let matching: Vec<_> = entries
            .iter()
            .copied()
            .filter(|entry| text(&entry["destination_region"]).as_ref() == Some(region))
            .collect();
        one(Some(region.clone()), judge(&matching))
    };
    regions.iter().map(verdict).collect()
}

/// The latest record of a region, or what hides which one it is.
pub fn region_latest<'a>(entries: &[&'a Value]) -> Known<&'a Value> {
    let missing: Reasons = entries.iter().flat_map(|entry| missing_fields(entry, &["status", "created_at"])).collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let started = |entry: &&&Value| -> Instant { time::read(entry["created_at"].as_str().unwrap()).unwrap().at };
    Ok(entries.iter().max_by_key(started).unwrap())
}

fn region_failed(entries: &[&Value]) -> Verdict {
    let latest = match region_latest(entries) {
        Ok(latest) => latest,
        Err(reasons) => return Verdict::Unknown(reasons),
    };
    match latest["status"].as_str().unwrap() {
        "fail" | "skip" => Verdict::Fail,
        "success" => Verdict::Pass,
        "replicating" | "waiting_replicate" => Verdict::NotApplicable,
        _ => unknown(["value-unrecognised"]),
    }
}

/// An attempt that has not ended may go on for some time, counted from its beginning.
fn region_stuck(facts: &Facts, demands: &Demands, entries: &[&Value]) -> Verdict {
    let latest = match region_latest(entries) {
        Ok(latest) => latest,
        Err(reasons) => return Verdict::Unknown(reasons),
    };
    let limit = match latest["status"].as_str().unwrap() {
        "success" => return Verdict::Pass,
        "fail" | "skip" => return Verdict::NotApplicable,
        "replicating" => demands.hours("repl-stuck-hours"),
        "waiting_replicate" => demands.hours("repl-waiting-hours"),
        _ => return unknown(["value-unrecognised"]),
    };
    let begun = time::read(latest["created_at"].as_str().unwrap()).unwrap().at;
    if facts.settings.now - begun > limit { Verdict::Fail } else { Verdict::Pass }
}
