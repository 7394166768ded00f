//! Expected verdicts of the rules on health: consistency, system disks, failures in a row, restores and deletions.

use crate::facts::Facts;
use crate::policy::Demands;
use crate::resources::Resource;
use crate::time::{DAY, Instant};
use crate::verdict::{Known, Reasons, Verdict, because, union};
use crate::views::Children;
use crate::worlds::{combinations, settle};

/// A text, which says something even if it is empty.
fn stated(facts: &Facts, id: &str, field: &str) -> Known<String> {
    let value = facts.record(id).raw(&["extend_info", "app_consistency", field])?;
    Ok(value.as_str().unwrap().to_owned())
}

pub fn app_consistency_failed(facts: &Facts, demands: &Demands, id: &str) -> Verdict {
    let is_required = demands.requires("require-app-consistent");
    let code = stated(facts, id, "app_consistency_error_code");
    let message = stated(facts, id, "app_consistency_error_message");
    let status = stated(facts, id, "app_consistency_status");
    let failed = code.as_ref().is_ok_and(|code| !code.is_empty() && code != "0")
        || message.as_ref().is_ok_and(|message| !message.is_empty())
        || (is_required && status.as_deref() == Ok("0"));
    if failed {
        return Verdict::Fail;
    }
    if code.is_err() && message.is_err() && !is_required {
        return Verdict::NotApplicable;
    }
    let mut doubts = union([&code.err().unwrap_or_default(), &message.err().unwrap_or_default()]);
    if is_required {
        match status {
            Ok(status) if status == "1" => {}
            Ok(_) => drop(doubts.insert("value-unrecognised")),
            Err(reasons) => doubts.extend(reasons),
        }
    }
    if doubts.is_empty() { Verdict::Pass } else { Verdict::Unknown(doubts) }
}

pub fn system_disk_missing(facts: &Facts, id: &str) -> Verdict {
    if !facts.is_server(id) {
        return Verdict::NotApplicable;
    }
    let flag = facts.flag(id, "contain_system_disk");
    if flag == Ok(false) {
        return Verdict::Fail;
    }
    let mut doubts = flag.err().unwrap_or_default();
    let disks = match facts.children(id) {
        Children::Seen(disks) => disks,
        Children::NotShown => Vec::new(),
        // The server says that its system disk is in there, the answer that nothing is.
        Children::ProvenNone => {
            doubts.insert("record-conflict");
            Vec::new()
        }
        Children::Blank { reasons, .. } => {
            doubts.extend(reasons);
            Vec::new()
        }
    };
    let is_system = |disk: &String| match ["bootable", "system_disk"].map(|field| facts.flag(disk, field)) {
        [Ok(true), _] | [_, Ok(true)] => Ok(true),
        [Ok(false), Ok(false)] => Ok(false),
        flags => Err(union(flags.iter().filter_map(|flag| flag.as_ref().err()))),
    };
    let states: Vec<_> = disks.iter().map(is_system).collect();
    if !states.contains(&Ok(true)) {
        if doubts.is_empty() && !states.is_empty() && states.iter().all(|state| *state == Ok(false)) {
            return Verdict::Fail;
        }
        doubts.extend(states.into_iter().filter_map(Result::err).flatten());
    }
    if doubts.is_empty() { Verdict::Pass } else { Verdict::Unknown(doubts) }
}

pub fn restore_in_progress(facts: &Facts, id: &str) -> Verdict {
    match facts.status(id).as_deref() {
        Ok("restoring" | "waiting_restore") => Verdict::Fail,
        Ok(_) => Verdict::Pass,
        Err(reasons) => Verdict::Unknown(reasons.clone()),
    }
}

/// An automatic backup that is no longer being made, in one of the ways in which it may be.
#[derive(Clone)]
struct Run {
    at: Instant,
    failed: bool,
}

/// Tries every way in which the records may be meant.
pub fn consecutive_failures(facts: &Facts, demands: &Demands, resource: &Resource) -> Verdict {
    let created: Vec<Instant> = resource.own.iter().filter_map(|id| facts.created(id).ok()).collect();
    let (mut choices, mut doubts) = (Vec::new(), Reasons::new());
    for id in &resource.own {
        let (choice, reasons) = runs(facts, id, &created);
        choices.push(choice);
        doubts.extend(reasons);
    }
    let least = demands.count("consecutive-failures-min");
    let judged = |world: Vec<Option<Run>>| {
        let mut runs: Vec<Run> = world.into_iter().flatten().collect();
        runs.sort_by_key(|run| run.at);
        let newest: Vec<_> = runs.iter().rev().take(least).collect();
        match newest.len() {
            0 => Verdict::NotApplicable,
            seen if seen == least && newest.iter().all(|run| run.failed) => Verdict::Fail,
            _ => Verdict::Pass,
        }
    };
    settle(combinations(&choices).into_iter().map(judged).collect(), doubts)
}

fn runs(facts: &Facts, id: &str, known: &[Instant]) -> (Vec<Option<Run>>, Reasons) {
    let (replica, automatic) = (facts.is_replica(id), facts.flag(id, "auto_trigger"));
    let status = facts.status(id);
    let is_made = matches!(status.as_deref(), Ok("protecting" | "waiting_protect"));
    if replica == Ok(true) || automatic == Ok(false) || is_made {
        return (vec![None], Reasons::new());
    }
    let created = facts.created(id);
    let mut doubts = Reasons::new();
    doubts.extend(created.as_ref().err().cloned().unwrap_or_default());
    doubts.extend(replica.err().unwrap_or_default());
    doubts.extend(automatic.err().unwrap_or_default());
    let ends = match status.as_deref() {
        Ok("error") => vec![true],
        Ok("deleting" | "waiting_delete") => {
            doubts.insert("not-in-metadata");
            vec![true, false]
        }
        Ok(_) => vec![false],
        Err(reasons) => {
            doubts.extend(reasons.clone());
            vec![true, false]
        }
    };
    // What is of no known time, or is being deleted, may never have been made at the as-of time.
    let may_not_count = !doubts.is_empty();
    let anywhere = || known.iter().map(|at| at + 1).chain([facts.settings.now - 1000 * DAY]).collect();
    let moments = created.map_or_else(|_| anywhere(), |at| vec![at]);
    let choice = |at: Instant| ends.iter().map(move |&failed| Some(Run { at, failed })).collect::<Vec<_>>();
    let mut choices: Vec<_> = moments.into_iter().flat_map(choice).collect();
    if may_not_count {
        choices.push(None);
    }
    (choices, doubts)
}

/// The backups of a vault that are deleted although their end is still to come.
pub fn deletion_pending(facts: &Facts, backups: &[String]) -> Verdict {
    let mut doubts = Reasons::new();
    for id in backups {
        let status = facts.status(id);
        let is_deleted = match status.as_deref() {
            Ok("deleting" | "waiting_delete") => true,
            Ok(_) => continue,
            Err(_) => false,
        };
        match facts.stated_expiry(id) {
            Ok(Some(end)) if end <= facts.settings.now => continue,
            Ok(_) if is_deleted => return Verdict::Fail,
            Ok(_) => {}
            Err(reasons) => doubts.extend(reasons),
        }
        doubts.extend(status.err().unwrap_or_default());
    }
    if doubts.is_empty() { Verdict::Pass } else { Verdict::Unknown(doubts) }
}

/// Whether a flag stands at the top of the record or among the extended information, or both ways.
pub fn incremental(facts: &Facts, id: &str) -> Known<bool> {
    let places = [&["incremental"][..], &["extend_info", "incremental"][..]].map(|path| facts.record(id).flag(path));
    match places {
        [Ok(one), Ok(other)] if one != other => Err(because(["record-conflict"])),
        [Ok(one), _] | [_, Ok(one)] => Ok(one),
        [Err(one), Err(other)] => Err(union([&one, &other])),
    }
}
