//! Expected verdicts of the rule on resources that are left behind while their vault goes on.

use crate::coverage::hidden_server;
use crate::facts::{DISK, Facts};
use crate::policy::Demands;
use crate::resources::Resource;
use crate::time::Instant;
use crate::verdict::{Reasons, Truth, Verdict, because, union};

pub fn protection_stopped(facts: &Facts, demands: &Demands, resource: &Resource) -> Vec<Verdict> {
    let silence = demands.rpo() * demands.tenths("stopped-factor") / 10;
    let records: Vec<&String> = resource.points.iter().map(|point| &point.backup).collect();
    let mut doubts = Reasons::new();
    for id in records.iter().filter(|id| facts.is_replica(id) != Ok(true)) {
        match (facts.is_replica(id), facts.created(id)) {
            (_, Ok(created)) if facts.settings.now - created > silence => {}
            (Ok(_), Ok(_)) => return vec![Verdict::Pass],
            (replica, created) => {
                doubts.extend(union([&replica.err().unwrap_or_default(), &created.err().unwrap_or_default()]));
            }
        }
    }
    if !doubts.is_empty() {
        return vec![Verdict::Unknown(doubts)];
    }
    let hidden = if resource.kind == DISK { hidden_server(facts, silence, resource) } else { Truth::No };
    match hidden {
        Truth::Yes => vec![Verdict::Unknown(because(["view-omits"]))],
        Truth::No => silent(facts, demands, resource),
        Truth::Unknown(why) => {
            let unknown = Verdict::Unknown(union([&why, &because(["view-omits"])]));
            silent(facts, demands, resource).into_iter().chain([unknown]).collect()
        }
    }
}

/// The newest record tells the vault. Where several are equally new, each may.
fn silent(facts: &Facts, demands: &Demands, resource: &Resource) -> Vec<Verdict> {
    let ids = resource.points.iter().map(|point| &point.backup);
    let records: Vec<(Instant, &String)> =
        ids.filter(|id| facts.is_replica(id) != Ok(true)).map(|id| (facts.created(id).unwrap(), id)).collect();
    let newest = records.iter().map(|(created, _)| *created).max();
    let last = records.iter().filter(|(created, _)| Some(*created) == newest);
    let vaults: Vec<_> = last.map(|(_, id)| facts.text(id, "vault_id")).collect();
    if vaults.is_empty() {
        return vec![Verdict::NotApplicable];
    }
    let verdict = |vault: Result<String, Reasons>| match vault {
        Ok(vault) => others_go_on(facts, demands, resource, &vault),
        Err(reasons) => Verdict::Unknown(reasons),
    };
    vaults.into_iter().map(verdict).collect()
}

/// Whether another resource has a fresh good restore point in the vault.
fn others_go_on(facts: &Facts, demands: &Demands, resource: &Resource, vault: &str) -> Verdict {
    let mut doubts = Reasons::new();
    for id in facts.backups() {
        let is_fresh = facts.time(&id).map_or(true, |at| facts.settings.now - at <= demands.rpo_limit());
        if facts.is_replica(&id) == Ok(true) || resource.own.contains(&id) || !is_fresh {
            continue;
        }
        match (facts.text(&id, "vault_id"), facts.good(&id)) {
            (_, Truth::No) => {}
            (Ok(of), _) if of != vault => {}
            (Ok(_), Truth::Yes) => return Verdict::Fail,
            (of, good) => {
                let good = if let Truth::Unknown(why) = good { why } else { Reasons::new() };
                doubts.extend(union([&of.err().unwrap_or_default(), &good]));
            }
        }
    }
    if doubts.is_empty() { Verdict::NotApplicable } else { Verdict::Unknown(doubts) }
}
