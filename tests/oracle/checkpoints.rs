//! Expected verdicts of the rule on checkpoints: what was backed up together, and whether all of it was.

use crate::facts::Facts;
use crate::quality;
use crate::verdict::{Case, Known, Reasons, Verdict, union};
use std::collections::BTreeMap;

/// The backups of one resource in a checkpoint.
#[derive(Default)]
struct Held {
    usable: usize,
    failed: usize,
    moving: usize,
    doubtful: usize,
}

pub fn judge(facts: &Facts) -> Vec<Case> {
    let mut checkpoints: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut unplaced: Vec<(Known<String>, Reasons)> = Vec::new();
    for id in facts.backups().into_iter().filter(|id| !facts.is_orphan(id)) {
        match facts.text(&id, "checkpoint_id") {
            Ok(checkpoint) => checkpoints.entry(checkpoint).or_default().push(id),
            Err(reasons) => unplaced.push((facts.text(&id, "vault_id"), reasons)),
        }
    }
    let case = |(checkpoint, backups): (&String, &Vec<String>)| {
        let project = facts.project(&backups[0]);
        Case::new("checkpoint-partial", checkpoint, &project, checkpoint_partial(facts, backups, &unplaced))
    };
    checkpoints.iter().map(case).collect()
}

fn checkpoint_partial(facts: &Facts, backups: &[String], unplaced: &[(Known<String>, Reasons)]) -> Vec<Verdict> {
    let (held, doubts) = holdings(facts, backups);
    let is_usable = |held: &&Held| held.usable > 0;
    let is_lost = |held: &&Held| held.failed > 0 && held.usable + held.moving + held.doubtful == 0;
    if held.len() < 2 {
        return vec![Verdict::NotApplicable];
    }
    if held.iter().any(|held| is_usable(&held)) && held.iter().any(|held| is_lost(&held)) {
        return vec![Verdict::Fail];
    }
    if !doubts.is_empty() {
        return vec![Verdict::Unknown(doubts)];
    }
    if held.iter().any(|held| held.moving > 0) || !held.iter().any(|held| is_usable(&held)) {
        return vec![Verdict::NotApplicable];
    }
    passed(facts, backups, unplaced)
}

/// Nothing that is seen failed. What names no checkpoint may belong to this one, if it is of the same vault.
fn passed(facts: &Facts, backups: &[String], unplaced: &[(Known<String>, Reasons)]) -> Vec<Verdict> {
    let mut reasons = Reasons::new();
    if !backups.iter().all(|id| quality::is_complete(facts, &facts.project(id))) {
        reasons.insert("input-incomplete");
    }
    let vaults: Vec<_> = backups.iter().map(|id| facts.text(id, "vault_id")).collect();
    let is_same = |vault: &Known<String>| vault.is_err() || vaults.contains(vault);
    let strays = union(unplaced.iter().filter(|(vault, _)| is_same(vault)).map(|(_, why)| why));
    let distant = union(unplaced.iter().map(|(_, why)| why));
    reasons.extend(strays);
    // A member of unknown vault may be of any.
    let could_be = vaults.iter().any(Result::is_err) && !distant.is_empty();
    match (reasons.is_empty(), could_be) {
        (true, false) => vec![Verdict::Pass],
        (true, true) => vec![Verdict::Pass, Verdict::Unknown(distant)],
        (false, _) => vec![Verdict::Unknown(union([&reasons, &distant]))],
    }
}

fn holdings(facts: &Facts, backups: &[String]) -> (Vec<Held>, Reasons) {
    let mut resources: BTreeMap<Vec<String>, Held> = BTreeMap::new();
    let mut doubts = Reasons::new();
    for id in backups {
        let owner = facts.source(id).unwrap_or(id);
        let key = ["project_id", "resource_type", "resource_id"].map(|field| facts.text(owner, field).unwrap());
        let held = resources.entry(key.into()).or_default();
        let (status, created) = (facts.status(id), facts.created(id));
        match (&status, &created) {
            (Ok(status), Ok(_)) => match status.as_str() {
                "available" | "restoring" | "waiting_restore" => held.usable += 1,
                "error" => held.failed += 1,
                _ => held.moving += 1,
            },
            _ => held.doubtful += 1,
        }
        doubts.extend(union([&status.err().unwrap_or_default(), &created.err().unwrap_or_default()]));
    }
    (resources.into_values().collect(), doubts)
}
