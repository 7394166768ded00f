//! Expected verdicts of the rules that look into server backups: ends and encryption of disks, and sets of disks.

use crate::facts::Facts;
use crate::lifecycle::is_encrypted;
use crate::policy::Demands;
use crate::resources::{Point, Resource, doubts};
use crate::time::Instant;
use crate::verdict::{Known, Reasons, Verdict, because, union};
use crate::views::Children;
use crate::worlds::{combinations, settle};
use std::collections::BTreeSet;

/// Why disks that may be there cannot be seen.
fn unseen(children: &Children) -> Reasons {
    match children {
        Children::Blank { reasons, .. } => union([reasons, &because(["view-omits"])]),
        _ => because(["view-omits"]),
    }
}

pub fn child_expires_early(facts: &Facts, demands: &Demands, id: &str) -> Verdict {
    let replica = facts.is_replica(id);
    if !facts.is_server(id) || facts.is_orphan(id) || replica == Ok(true) {
        return Verdict::NotApplicable;
    }
    let disks = match facts.children(id) {
        Children::Seen(disks) => disks,
        Children::ProvenNone => return Verdict::NotApplicable,
        hidden => return Verdict::Unknown(union([&unseen(&hidden), &replica.err().unwrap_or_default()])),
    };
    let tolerance = demands.hours("child-expiry-tolerance-hours");
    let mut doubts = replica.err().unwrap_or_default();
    let mut fails = false;
    for disk in disks {
        match (facts.expiry(&disk), facts.stated_expiry(id)) {
            (Ok(None), _) => {}
            (Ok(Some(_)), Ok(None)) => fails = true,
            (Ok(Some(end)), Ok(Some(servers))) => fails |= end < servers - tolerance,
            (own, servers) => {
                doubts.extend(union([&own.err().unwrap_or_default(), &servers.err().unwrap_or_default()]))
            }
        }
    }
    match (fails, facts.is_replica(id)) {
        (true, Ok(_)) => Verdict::Fail,
        _ if doubts.is_empty() => Verdict::Pass,
        _ => Verdict::Unknown(doubts),
    }
}

pub fn encryption_mixed(facts: &Facts, id: &str) -> Verdict {
    if !facts.is_server(id) {
        return Verdict::NotApplicable;
    }
    let disks = match facts.children(id) {
        Children::Seen(disks) => disks,
        Children::ProvenNone => return Verdict::NotApplicable,
        hidden => return Verdict::Unknown(unseen(&hidden)),
    };
    let flags: Vec<_> = disks.iter().map(|disk| facts.flag(disk, "encrypted")).collect();
    if flags.contains(&Ok(true)) && flags.contains(&Ok(false)) {
        return Verdict::Fail;
    }
    let mut doubts: Reasons = flags.iter().filter_map(|flag| flag.clone().err()).flatten().collect();
    if facts.flag(id, "encrypted").is_ok_and(|own| flags.contains(&Ok(!own))) {
        doubts.insert("record-conflict");
    }
    if doubts.is_empty() { Verdict::Pass } else { Verdict::Unknown(doubts) }
}

/// Whether a backup of some moment is encrypted.
type Flagged = (Instant, bool);

/// Tries every order and every flag that the records leave open. A source and its replicas are one restore point, and a
/// server backup that holds a disk is one of the disk.
pub fn encryption_regressed(facts: &Facts, resource: &Resource) -> Vec<Verdict> {
    let known: Vec<Instant> = resource.points.iter().filter_map(|point| point.time).collect();
    let earliest = known.iter().copied().min().unwrap_or(0);
    let latest = known.iter().copied().max().unwrap_or(0);
    let (mut choices, mut doubts, mut is_vague) = (Vec::new(), Reasons::new(), false);
    let counts = |id: &&String| facts.source(id).is_none() && (!facts.is_disputed(id) || resource.own.contains(id));
    for id in resource.points.iter().map(|point| &point.backup).filter(counts) {
        let is_own = resource.own.contains(id);
        let flag = if is_own { is_encrypted(facts, id) } else { disk_flag(facts, id, resource) };
        let moment = union([&facts.is_replica(id).err().unwrap_or_default(), &vagueness(facts, id)]);
        let flags = flag.clone().map_or(vec![true, false], |flag| vec![flag]);
        let moments = match (facts.time(id), moment.is_empty()) {
            (Ok(at), true) => vec![at],
            _ => vec![earliest - 1, (earliest + latest) / 2, latest + 1],
        };
        is_vague |= !moment.is_empty() || facts.is_stray_replica(id);
        doubts.extend(moment);
        doubts.extend(flag.err().unwrap_or_default());
        choices.push(moments.iter().flat_map(|at| flags.iter().map(|flag| (*at, *flag))).collect::<Vec<Flagged>>());
    }
    let unknown = Verdict::Unknown(doubts.clone());
    let settled = settle(combinations(&choices).into_iter().map(regressed).collect(), doubts);
    let mut accepted = doubted(facts, resource, settled, |at| at >= latest);
    if is_vague {
        accepted.push(unknown);
    }
    accepted
}

/// What may be said of a disk, if a pass is in doubt as soon as the disk may be in a server backup of such a time.
pub fn doubted(facts: &Facts, disk: &Resource, settled: Verdict, at: impl Fn(Instant) -> bool) -> Vec<Verdict> {
    doubted_by(facts, disk, settled, |id| facts.time(id).map_or(true, &at))
}

/// The same for such server backups as count.
pub fn doubted_by(facts: &Facts, disk: &Resource, settled: Verdict, counts: impl Fn(&str) -> bool) -> Vec<Verdict> {
    match bare_server(facts, disk, counts) {
        Some((reasons, false)) if settled == Verdict::Pass => vec![Verdict::Unknown(reasons)],
        Some((reasons, true)) if settled == Verdict::Pass => vec![settled, Verdict::Unknown(reasons)],
        _ => vec![settled],
    }
}

/// Why a disk may be in a server backup of its project that counts, whose children are missing, and whether that may be a
/// replica only.
fn bare_server(facts: &Facts, disk: &Resource, counts: impl Fn(&str) -> bool) -> Option<(Reasons, bool)> {
    let is_disk = disk.own.iter().all(|id| !facts.is_server(id)) && disk.kind == "OS::Cinder::Volume";
    let mut found: Option<(Reasons, bool)> = None;
    for id in facts.backups().into_iter().filter(|id| is_disk && facts.is_server(id)) {
        let Children::Blank { reasons, .. } = facts.children(&id) else { continue };
        if counts(&id) && facts.project(&id) == disk.project {
            let may_be_copy = facts.is_replica(&id) != Ok(false);
            let (before, copy) = found.unwrap_or((Reasons::new(), true));
            found = Some((union([&before, &reasons]), copy && may_be_copy));
        }
    }
    found
}

/// What a server backup says of one of its disks.
fn disk_flag(facts: &Facts, server: &str, disk: &Resource) -> Known<bool> {
    let children = facts.seen_children(server);
    let own = children.iter().find(|child| facts.text(child, "resource_id").as_ref() == Ok(&disk.id));
    facts.flag(own.unwrap(), "encrypted")
}

fn vagueness(facts: &Facts, id: &str) -> Reasons {
    match facts.time(id) {
        Err(reasons) => reasons,
        Ok(_) if facts.time_is_vague(id) => because(["field-absent", "field-null"]),
        Ok(_) => Reasons::new(),
    }
}

fn regressed(mut world: Vec<Flagged>) -> Verdict {
    world.sort_by_key(|(at, _)| *at);
    match world.split_last() {
        Some((_, [])) | None => Verdict::NotApplicable,
        Some(((_, true), _)) => Verdict::Pass,
        Some((_, earlier)) if earlier.iter().any(|(_, was_encrypted)| *was_encrypted) => Verdict::Fail,
        Some(_) => Verdict::NotApplicable,
    }
}

/// A source and its replicas are one restore point. Whether the copy of a lost source speaks for it is left open.
pub fn disk_set_changed(facts: &Facts, resource: &Resource) -> Vec<Verdict> {
    if !facts.is_server(&resource.own[0]) {
        return vec![Verdict::NotApplicable];
    }
    let mut sources = resource.clone();
    sources.points.retain(|point| !point.is_replica);
    vec![newest_two(facts, &sources), newest_two(facts, resource)]
}

/// A point in doubt that may take the place of one of the two leaves it open.
fn newest_two(facts: &Facts, resource: &Resource) -> Verdict {
    let (mut good, doubtful) = (resource.good(), resource.doubtful());
    if good.len() + doubtful.len() < 2 {
        return Verdict::NotApplicable;
    }
    good.sort_by_key(|point| point.time);
    let newest = good.pop();
    let before = good.iter().rev().find(|point| newest.is_some_and(|newest| point.time < newest.time));
    let displaces = |point: &&&Point| before.is_none_or(|before| point.time.is_none() || point.time > before.time);
    let open: Vec<_> = doubtful.iter().filter(displaces).copied().collect();
    if !open.is_empty() {
        return Verdict::Unknown(union([&doubts(&open), &because(["view-omits"])]));
    }
    let (Some(newest), Some(before)) = (newest, before) else { return Verdict::NotApplicable };
    let disks = |point: &Point| -> Known<BTreeSet<String>> {
        match facts.children(&point.backup) {
            Children::Seen(disks) if disks.iter().all(|disk| facts.record(disk).is_nested()) => {
                disks.iter().map(|disk| facts.text(disk, "resource_id")).collect()
            }
            Children::Seen(_) => Err(because(["view-omits"])),
            Children::ProvenNone => Ok(BTreeSet::new()),
            hidden => Err(unseen(&hidden)),
        }
    };
    match (disks(before), disks(newest)) {
        (Ok(before), _) if before.is_empty() => Verdict::NotApplicable,
        (Ok(before), Ok(newest)) if before.is_subset(&newest) => Verdict::Pass,
        (Ok(_), Ok(_)) => Verdict::Fail,
        (before, newest) => {
            Verdict::Unknown(union([&before.err().unwrap_or_default(), &newest.err().unwrap_or_default()]))
        }
    }
}
