//! Expected verdicts of the rules on where copies go, and on whether a copy and its source meet.

use crate::facts::{Facts, SERVER, TURBO};
use crate::load::text;
use crate::offsite::{missing_fields, region_latest};
use crate::quality;
use crate::resources::Resource;
use crate::verdict::{Case, Reasons, Verdict, because, unknown};
use crate::views::Replication;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub fn judge(facts: &Facts, resources: &[Resource]) -> Vec<Case> {
    let mut cases = Vec::new();
    for id in facts.backups() {
        let tier = resources.iter().find(|resource| resource.own.contains(&id)).and_then(|resource| resource.tier);
        cases.extend(destination_not_allowed(facts, facts.settings.policy.allowed(tier), &id));
        cases.extend(replica_unmatched(facts, &id));
    }
    cases
}

fn case(facts: &Facts, rule: &'static str, id: &str, region: Option<&str>, options: Vec<Verdict>) -> Case {
    Case::new(rule, id, &facts.project(id), options).with_key(region.map(str::to_owned))
}

/// The replication records of a backup by destination, and what keeps some from having one.
type Destinations<'a> = (BTreeMap<String, Vec<&'a Value>>, Reasons);

/// `None` where there are no records; an error where an answer may hide them.
fn destinations<'a>(facts: &Facts<'a>, id: &str) -> Result<Option<Destinations<'a>>, Verdict> {
    let is_copy = facts.is_replica(id) == Ok(true);
    let entries = match facts.replication(id) {
        Replication::Hidden if !is_copy && [SERVER, TURBO].contains(&facts.kind(id).as_str()) => {
            return Err(unknown(["view-omits"]));
        }
        Replication::Hidden | Replication::ProvenNone => return Ok(None),
        Replication::Seen(entries) => entries,
    };
    let unplaced = entries.iter().flat_map(|entry| missing_fields(entry, &["destination_region"])).collect();
    let mut placed: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for entry in entries {
        if let Some(region) = text(&entry["destination_region"]) {
            placed.entry(region).or_default().push(entry);
        }
    }
    Ok(Some((placed, unplaced)))
}

fn destination_not_allowed(facts: &Facts, allowed: &[String], id: &str) -> Vec<Case> {
    let one = |region: Option<&str>, verdict| case(facts, "destination-not-allowed", id, region, vec![verdict]);
    if allowed.is_empty() || facts.is_orphan(id) {
        return vec![one(None, Verdict::NotApplicable)];
    }
    let (placed, unplaced) = match destinations(facts, id) {
        Ok(Some(found)) => found,
        Ok(None) => return vec![one(None, Verdict::NotApplicable)],
        Err(verdict) => return vec![one(None, verdict)],
    };
    let mut cases: Vec<_> = placed
        .iter()
        .map(|(region, entries)| {
            // Without a time it may have begun after the evaluation time.
            let untimed: Vec<_> = entries.iter().map(|entry| missing_fields(entry, &["created_at"])).collect();
            let verdict = match (untimed.iter().all(|reasons| !reasons.is_empty()), allowed.contains(region)) {
                (true, _) => Verdict::Unknown(untimed.into_iter().flatten().collect()),
                (false, true) => Verdict::Pass,
                (false, false) => Verdict::Fail,
            };
            one(Some(region), verdict)
        })
        .collect();
    if !unplaced.is_empty() {
        cases.push(one(None, Verdict::Unknown(unplaced)));
    }
    cases
}

fn replica_unmatched(facts: &Facts, id: &str) -> Vec<Case> {
    let one = |region: Option<&str>, options| case(facts, "replica-unmatched", id, region, options);
    match facts.is_replica(id) {
        _ if facts.is_orphan(id) => return vec![one(None, vec![Verdict::NotApplicable])],
        Err(reasons) => return vec![one(None, vec![Verdict::Unknown(reasons)])],
        Ok(true) => return vec![one(None, vec![copy_unmatched(facts, id)])],
        Ok(false) => {}
    }
    let (placed, unplaced) = match destinations(facts, id) {
        Ok(Some(found)) => found,
        Ok(None) => return vec![one(None, vec![Verdict::NotApplicable])],
        Err(verdict) => return vec![one(None, vec![verdict])],
    };
    if !unplaced.is_empty() {
        return vec![one(None, vec![Verdict::Unknown(unplaced)])];
    }
    placed.iter().map(|(region, entries)| one(Some(region), source_unmatched(facts, entries))).collect()
}

/// A source is judged by the copy that its latest success names.
fn source_unmatched(facts: &Facts, entries: &[&Value]) -> Vec<Verdict> {
    let latest = match region_latest(entries) {
        Ok(latest) => latest,
        Err(reasons) => return vec![Verdict::Unknown(reasons)],
    };
    match latest["status"].as_str().unwrap() {
        "success" => {}
        "fail" | "skip" | "replicating" | "waiting_replicate" => return vec![Verdict::NotApplicable],
        _ => return vec![unknown(["value-unrecognised"])],
    }
    let copy = text(&latest["destination_backup_id"]);
    if copy.as_ref().is_some_and(|id| facts.dump.records.contains_key(id) && facts.is_disputed(id)) {
        return vec![unknown(["record-conflict"])];
    }
    let loaded = copy.as_ref().filter(|id| facts.dump.records.contains_key(*id));
    let is_there = loaded.map_or(Ok(false), |id| facts.is_replica(id));
    if is_there == Ok(true) {
        return vec![Verdict::Pass];
    }
    let unnamed = missing_fields(latest, &["destination_backup_id", "destination_project_id"]);
    let Some(project) = text(&latest["destination_project_id"]) else {
        // It may be any project, as far as there are copies at all.
        let has_copies = facts.backups().iter().any(|id| facts.is_replica(id) != Ok(false));
        return if has_copies { vec![Verdict::Unknown(unnamed)] } else { vec![Verdict::NotApplicable] };
    };
    match is_there {
        _ if !quality::is_listed(facts, &project) => vec![Verdict::NotApplicable],
        _ if !unnamed.is_empty() => vec![Verdict::Unknown(unnamed)],
        Err(reasons) => vec![Verdict::Unknown(reasons)],
        Ok(_) if quality::is_complete(facts, &project) => vec![Verdict::Fail],
        Ok(_) => vec![unknown(["input-incomplete"])],
    }
}

/// A copy is judged by whether its source is there, or would have to be.
fn copy_unmatched(facts: &Facts, id: &str) -> Verdict {
    if facts.source(id).is_some() {
        return Verdict::Pass;
    }
    if facts.is_disputed(id) {
        return unknown(["record-conflict"]);
    }
    let project = facts.project(id);
    let siblings = facts.dump.records.keys().filter(|other| facts.project(other) == project);
    let homes: BTreeSet<String> =
        siblings.filter_map(|other| facts.claimants(other)).flatten().map(|of| facts.project(of)).collect();
    let hidden: Reasons = homes.iter().flat_map(|home| what_hides_copies(facts, home)).collect();
    match (homes.is_empty(), hidden.is_empty(), homes.iter().all(|home| quality::is_complete(facts, home))) {
        (true, ..) => Verdict::NotApplicable,
        (_, false, _) => Verdict::Unknown(hidden),
        (_, _, false) => Verdict::Unknown(because(["input-incomplete"])),
        (_, _, true) => Verdict::Fail,
    }
}

/// Why backups of a project may have copies of which their answers do not tell the ids.
fn what_hides_copies(facts: &Facts, project: &str) -> Reasons {
    let of_project = facts.dump.records.keys().filter(|id| facts.project(id) == project);
    let sources = of_project.filter(|id| facts.loaded_parent(id).is_none() && facts.is_replica(id) != Ok(true));
    let replicates = |id: &&String| [SERVER, TURBO].contains(&facts.kind(id).as_str());
    let hides = |id: &String| -> Reasons {
        match facts.replication_ever(id) {
            Replication::Hidden => because(["view-omits"]),
            Replication::ProvenNone => Reasons::new(),
            // What failed or was skipped made no copy.
            Replication::Seen(entries) => {
                let made = entries.iter().filter(|entry| entry["status"] != "fail" && entry["status"] != "skip");
                made.flat_map(|entry| missing_fields(entry, &["destination_backup_id"])).collect()
            }
        }
    };
    sources.filter(replicates).flat_map(hides).collect()
}
