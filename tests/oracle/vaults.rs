//! Expected verdicts of the rules on whole vaults.

use crate::facts::Facts;
use crate::health::deletion_pending;
use crate::policy::Demands;
use crate::time::{DAY, Instant};
use crate::verdict::{Case, Known, Reasons, Verdict};
use std::collections::{BTreeMap, BTreeSet};

pub fn judge(facts: &Facts) -> Vec<Case> {
    let mut vaults: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for id in facts.backups() {
        if let Ok(vault) = facts.text(&id, "vault_id") {
            vaults.entry(vault).or_default().push(id);
        }
    }
    let mut cases = Vec::new();
    for (vault, backups) in &vaults {
        let project = facts.project(&backups[0]);
        let mut add = |rule, options| cases.push(Case::new(rule, vault, &project, options));
        let demands = facts.settings.policy.demands("expiry-clustered", None);
        add("deletion-pending", vec![deletion_pending(facts, backups)]);
        add("expiry-clustered", expiry_clustered(facts, &demands, backups));
    }
    cases
}

/// A backup that has an end date, or may have one. What was made nobody knows when may not have been there yet.
struct Dated {
    end: Option<Instant>,
    created: Option<Instant>,
    is_certain: bool,
}

fn expiry_clustered(facts: &Facts, demands: &Demands, backups: &[String]) -> Vec<Verdict> {
    let mut doubts = Reasons::new();
    let mut dated = Vec::new();
    for id in backups {
        let replica = facts.is_replica(id);
        let end: Known<Option<Instant>> = facts.stated_expiry(id);
        if replica == Ok(true) || facts.is_orphan(id) || end == Ok(None) {
            continue;
        }
        let is_certain = replica.is_ok() && end.is_ok() && facts.created(id).is_ok();
        doubts.extend(replica.err().unwrap_or_default());
        doubts.extend(end.clone().err().unwrap_or_default());
        doubts.extend(facts.created(id).err().unwrap_or_default());
        dated.push(Dated { end: end.ok().flatten(), created: facts.created(id).ok(), is_certain });
    }
    let least = demands.count("cluster-min");
    let ends: BTreeSet<_> = dated.iter().filter_map(|one| one.end).collect();
    let certain = ends.iter().any(|&from| is_cluster(&dated, from, least, false));
    let possible = ends.iter().any(|&from| is_cluster(&dated, from, least, true));
    let has_certain = dated.iter().any(|one| one.is_certain);
    match (has_certain, certain, possible) {
        _ if dated.is_empty() => vec![Verdict::NotApplicable],
        (_, true, _) => vec![Verdict::Fail],
        (_, false, true) => vec![Verdict::Unknown(doubts)],
        (true, ..) if doubts.is_empty() => vec![Verdict::Pass],
        (true, ..) => vec![Verdict::Pass, Verdict::Unknown(doubts)],
        (false, ..) => vec![Verdict::NotApplicable, Verdict::Pass, Verdict::Unknown(doubts)],
    }
}

/// Whether the ends of a day make a cluster: for certain, or if all that is in doubt adds to it.
fn is_cluster(dated: &[Dated], from: Instant, least: usize, may_add: bool) -> bool {
    let is_within = |one: &&Dated| one.end.is_some_and(|end| end >= from && end <= from + DAY);
    let counts = |one: &&Dated| match one.end {
        Some(_) => is_within(one) && (one.is_certain || may_add),
        None => may_add,
    };
    let members: Vec<_> = dated.iter().filter(counts).collect();
    let days: BTreeSet<_> = members.iter().filter_map(|one| one.created).map(|at| at.div_euclid(DAY)).collect();
    let timeless = members.iter().filter(|one| one.created.is_none()).count();
    let others = dated.iter().filter(|one| !counts(one));
    let others = others.filter(|one| one.is_certain || !may_add).count();
    let days = days.len() + timeless;
    members.len() >= least && days >= 3 && members.len() >= others
}
