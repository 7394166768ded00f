//! Expected verdicts of the rules on server backups and the disk backups they contain.

use crate::facts::Facts;
use crate::load::text;
use crate::quality;
use crate::verdict::{Case, Reasons, Verdict, because, union, unknown};
use crate::views::Children;

const CONTEXT: [&str; 4] = ["project_id", "vault_id", "checkpoint_id", "image_type"];

pub fn judge(facts: &Facts) -> Vec<Case> {
    let mut cases = Vec::new();
    for id in facts.dump.records.keys().filter(|id| facts.existed(id) && !facts.cycle.contains(*id)) {
        if facts.parent(id).is_some() {
            cases.push(case(facts, id, "child-orphaned", child_orphaned(facts, id)));
        }
        if let Some(parent) = facts.loaded_parent(id) {
            let mut options = vec![context_mismatch(facts, id, &parent)];
            options.extend(stray_exemption(facts, &parent));
            cases.push(case(facts, id, "child-context-mismatch", options));
            cases.push(case(facts, id, "parent-link-mismatch", vec![link_mismatch(facts, id, &parent)]));
        }
    }
    for id in facts.backups() {
        for (rule, mut options) in [
            ("children-missing", vec![children_missing(facts, &id)]),
            ("child-status-mismatch", status_mismatch(facts, &id)),
        ] {
            options.extend(stray_exemption(facts, &id));
            cases.push(case(facts, &id, rule, options));
        }
    }
    cases
}

fn case(facts: &Facts, id: &str, rule: &'static str, options: Vec<Verdict>) -> Case {
    Case::new(rule, id, &facts.project(id), options)
}

/// Unlinked replicas are judged for data quality, health and encryption only; whether their hierarchy counts is open.
fn stray_exemption(facts: &Facts, id: &str) -> Option<Verdict> {
    facts.is_stray_replica(id).then_some(Verdict::NotApplicable)
}

fn child_orphaned(facts: &Facts, id: &str) -> Vec<Verdict> {
    if facts.record(id).is_nested() {
        return vec![Verdict::Pass, Verdict::NotApplicable];
    }
    if !facts.is_orphan(id) {
        return vec![Verdict::Pass];
    }
    match quality::is_complete(facts, &facts.project(id)) {
        true => vec![Verdict::Fail],
        false => vec![unknown(["input-incomplete"])],
    }
}

/// What stands inside a backup has to name it; and only servers are made of others.
fn link_mismatch(facts: &Facts, child: &str, parent: &str) -> Verdict {
    let named = if facts.record(child).is_nested() { facts.text(child, "parent_id") } else { Ok(parent.to_owned()) };
    let kind = facts.text(parent, "resource_type");
    match (named, kind) {
        (Ok(named), _) if named != parent => Verdict::Fail,
        (_, Ok(_)) if !facts.is_server(parent) => Verdict::Fail,
        (Ok(_), Ok(_)) => Verdict::Pass,
        (named, kind) => Verdict::Unknown(union([&named.err().unwrap_or_default(), &kind.err().unwrap_or_default()])),
    }
}

/// The enterprise project counts only where both carry it.
fn context_mismatch(facts: &Facts, child: &str, parent: &str) -> Verdict {
    let mut doubts = Reasons::new();
    for field in CONTEXT {
        match (facts.word(child, field), facts.word(parent, field)) {
            (Ok(own), Ok(parents)) if own != parents => return Verdict::Fail,
            (Ok(_), Ok(_)) => {}
            (own, parents) => {
                doubts.extend(union([&own.err().unwrap_or_default(), &parents.err().unwrap_or_default()]))
            }
        }
    }
    let enterprise = |id: &str| facts.record(id).field(&["enterprise_project_id"]).ok().and_then(text);
    match (enterprise(child), enterprise(parent)) {
        (Some(own), Some(parents)) if own != parents => Verdict::Fail,
        _ if doubts.is_empty() => Verdict::Pass,
        _ => Verdict::Unknown(doubts),
    }
}

fn children_missing(facts: &Facts, id: &str) -> Verdict {
    if !facts.is_server(id) {
        return Verdict::NotApplicable;
    }
    match facts.status(id) {
        Err(reasons) => return Verdict::Unknown(reasons),
        Ok(status) if status != "available" => return Verdict::NotApplicable,
        Ok(_) => {}
    }
    match facts.children(id) {
        Children::Seen(_) => Verdict::Pass,
        Children::ProvenNone => Verdict::Fail,
        Children::NotShown => unknown(["view-omits"]),
        Children::Blank { in_show: true, reasons } if reasons.contains("field-null") => Verdict::Unknown(reasons),
        Children::Blank { in_show: true, .. } => Verdict::Fail,
        Children::Blank { in_show: false, reasons } => Verdict::Unknown(union([&reasons, &because(["view-omits"])])),
    }
}

/// An available server whose disks are not seen is either outside the rule or not judged: both readings count.
fn status_mismatch(facts: &Facts, id: &str) -> Vec<Verdict> {
    if !facts.is_server(id) {
        return vec![Verdict::NotApplicable];
    }
    let status = facts.status(id);
    if status.as_ref().is_ok_and(|status| status != "available") {
        return vec![Verdict::NotApplicable];
    }
    let mut doubts = status.err().unwrap_or_default();
    let children = match facts.children(id) {
        Children::Seen(children) => children,
        _ => {
            doubts.extend(["view-omits", "field-absent", "field-null"]);
            return vec![Verdict::NotApplicable, Verdict::Unknown(doubts)];
        }
    };
    let is_usable = |status: &String| ["available", "restoring", "waiting_restore"].contains(&status.as_str());
    let states: Vec<_> = children.iter().map(|child| facts.status(child)).collect();
    if doubts.is_empty() && states.iter().flatten().any(|status| !is_usable(status)) {
        return vec![Verdict::Fail];
    }
    let is_harmless = states.iter().all(|status| status.as_ref().is_ok_and(is_usable));
    doubts.extend(states.into_iter().filter_map(Result::err).flatten());
    match (doubts.is_empty(), is_harmless) {
        (true, _) => vec![Verdict::Pass],
        (false, true) => vec![Verdict::Unknown(doubts), Verdict::NotApplicable],
        (false, false) => vec![Verdict::Unknown(doubts)],
    }
}
