//! Expected verdicts of the coverage rules, and of the two retention rules that look at a whole resource.

use crate::facts::{DISK, Facts, Settings};
use crate::resources::{Point, Resource, doubts};
use crate::time::{DAY, Instant};
use crate::verdict::{Case, Truth, Verdict, because, union};
use crate::views::Children;
use std::collections::BTreeSet;

const WARNING: Instant = 7 * DAY;
const WINDOW: Instant = 7 * DAY;
const MINIMUM: usize = 2;

pub fn judge(facts: &Facts, resources: &[Resource]) -> Vec<Case> {
    let settings = facts.settings;
    let mut cases = Vec::new();
    for resource in resources {
        let mut add = |rule, options| cases.push(case(resource, rule, options));
        add("rpo-breach", covered(resource, || with_clock(settings, rpo_breach(facts, resource))));
        add("backup-gap", covered(resource, || backup_gap(settings, resource)));
        add("too-few-restore-points", covered(resource, || too_few(settings, resource)));
        add("expiring-soon", resource.judge_without_strays(|resource| expiring_soon(settings, resource)));
        add("last-good-copy-expiring", resource.judge_without_strays(|r| vec![last_good_expiring(settings, r)]));
    }
    cases
}

pub fn case(resource: &Resource, rule: &'static str, options: Vec<Verdict>) -> Case {
    Case { rule, id: resource.id.clone(), key: None, project: resource.project.clone(), options }
}

fn covered(resource: &Resource, judge: impl Fn() -> Vec<Verdict>) -> Vec<Verdict> {
    if resource.has_only_strays { vec![Verdict::NotApplicable] } else { judge() }
}

/// A later clock could turn a pass into a failure, never the other way round.
fn with_clock(settings: &Settings, options: Vec<Verdict>) -> Vec<Verdict> {
    let clocked = |verdict| match verdict {
        Verdict::Pass => Verdict::Unknown(because(["clock-inferred"])),
        Verdict::Unknown(reasons) => Verdict::Unknown(union([&reasons, &because(["clock-inferred"])])),
        other => other,
    };
    if settings.clock_is_inferred { options.into_iter().map(clocked).collect() } else { options }
}

fn rpo_breach(facts: &Facts, resource: &Resource) -> Vec<Verdict> {
    let is_fresh = |point: &&Point| is_fresh(facts.settings, point);
    let saving: Vec<_> = resource.doubtful().into_iter().filter(is_fresh).collect();
    if resource.good().iter().any(is_fresh) {
        return vec![Verdict::Pass];
    }
    let hidden = if resource.kind == DISK { hidden_server(facts, resource) } else { Truth::No };
    let mut reasons = doubts(&saving);
    match hidden {
        Truth::No if saving.is_empty() => vec![Verdict::Fail],
        Truth::No => vec![Verdict::Unknown(reasons)],
        Truth::Yes => {
            reasons.insert("view-omits");
            vec![Verdict::Unknown(reasons)]
        }
        Truth::Unknown(why) => {
            let unknown = Verdict::Unknown(union([&reasons, &why, &because(["view-omits"])]));
            if saving.is_empty() { vec![Verdict::Fail, unknown] } else { vec![unknown] }
        }
    }
}

/// Whether a fresh server point of the project may contain the disk unseen. The specification speaks of good points
/// whose disks were not seen; for those that may be good, and for replicas of another project, both readings count.
fn hidden_server(facts: &Facts, disk: &Resource) -> Truth {
    let mut answer = Truth::No;
    for id in facts.backups() {
        let is_fresh = facts.time(&id).map_or(true, |at| facts.settings.now - at <= facts.settings.rpo_limit());
        let is_near = facts.is_server(&id) && is_fresh && facts.project(&id) == disk.project;
        let is_hidden = matches!(facts.children(&id), Children::NotShown | Children::Blank { .. });
        if !is_near || !is_hidden {
            continue;
        }
        match facts.good(&id) {
            Truth::Yes if facts.is_replica(&id) == Ok(false) => return Truth::Yes,
            Truth::Yes => answer = Truth::Unknown(because(["view-omits"])),
            Truth::Unknown(reasons) => answer = Truth::Unknown(reasons),
            Truth::No => {}
        }
    }
    answer
}

fn is_fresh(settings: &Settings, point: &Point) -> bool {
    point.time.is_none_or(|at| settings.now - at <= settings.rpo_limit())
}

/// Tries every way in which the doubtful points may be good or not.
fn backup_gap(settings: &Settings, resource: &Resource) -> Vec<Verdict> {
    let doubtful = resource.doubtful();
    let mut outcomes: Vec<Verdict> = Vec::new();
    for choice in 0..1_u32 << doubtful.len() {
        let chosen = doubtful.iter().enumerate().filter(|(bit, _)| choice >> bit & 1 == 1).map(|(_, point)| *point);
        let times = resource.good().into_iter().chain(chosen).filter_map(|point| point.time).collect();
        let outcome = gap_between(settings, &times);
        if !outcomes.contains(&outcome) {
            outcomes.push(outcome);
        }
    }
    let unknown = Verdict::Unknown(doubts(&doubtful));
    let is_vague = doubtful.iter().any(|point| point.time_is_vague);
    if is_vague {
        outcomes.push(unknown);
        return outcomes;
    }
    match (outcomes.len(), outcomes.contains(&Verdict::Fail)) {
        (1, _) => outcomes,
        (_, true) => vec![unknown],
        (_, false) => vec![Verdict::Pass, Verdict::NotApplicable, unknown],
    }
}

fn gap_between(settings: &Settings, times: &BTreeSet<Instant>) -> Verdict {
    let times: Vec<_> = times.iter().copied().collect();
    let in_window = |pair: &&[Instant]| pair[1] > settings.now - WINDOW && pair[1] <= settings.now;
    let gaps: Vec<_> = times.windows(2).filter(in_window).map(|pair| pair[1] - pair[0]).collect();
    match gaps.iter().max() {
        None => Verdict::NotApplicable,
        Some(gap) if gap * 2 > settings.rpo() * 3 => Verdict::Fail,
        Some(_) => Verdict::Pass,
    }
}

fn too_few(settings: &Settings, resource: &Resource) -> Vec<Verdict> {
    let times: BTreeSet<_> = resource.good().iter().filter_map(|point| point.time).collect();
    if times.len() >= MINIMUM {
        return vec![Verdict::Pass];
    }
    let doubtful = resource.doubtful();
    let possible: BTreeSet<_> = doubtful.iter().filter_map(|point| point.time).chain(times.iter().copied()).collect();
    let untimed = doubtful.iter().filter(|point| point.time.is_none()).count();
    let could_reach = possible.len() + untimed >= MINIMUM;
    let oldest = resource.points.iter().filter_map(|point| point.time).min();
    let is_young = oldest.is_some_and(|at| settings.now - at < 2 * settings.rpo());
    let age_is_vague = resource.points.iter().any(|point| point.time_is_vague);
    let mut reasons = if could_reach { doubts(&doubtful) } else { Default::default() };
    if is_young || age_is_vague {
        reasons.insert("not-in-metadata");
    }
    match (could_reach || is_young, age_is_vague) {
        (true, _) => vec![Verdict::Unknown(reasons)],
        (false, true) => vec![Verdict::Fail, Verdict::Unknown(union([&reasons, &vague_times()]))],
        (false, false) => vec![Verdict::Fail],
    }
}

fn vague_times() -> crate::verdict::Reasons {
    because(["field-absent", "field-null"])
}

/// A source and its replica are one point and two copies: where the difference matters, both counts are allowed.
fn expiring_soon(settings: &Settings, resource: &Resource) -> Vec<Verdict> {
    let mut options = Vec::new();
    for count in [count_points as fn(&[&Point]) -> usize, count_copies] {
        let option = expiring_soon_counted(settings, resource, count);
        options.extend(option.into_iter().filter(|verdict| !options.contains(verdict)).collect::<Vec<_>>());
    }
    options
}

fn expiring_soon_counted(settings: &Settings, resource: &Resource, count: fn(&[&Point]) -> usize) -> Vec<Verdict> {
    let (good, doubtful) = (resource.good(), resource.doubtful());
    let unknown = Verdict::Unknown(doubts(&doubtful));
    let is_dated = |point: &&Point| point.expiry.as_ref().is_ok_and(Option::is_some);
    if !good.iter().any(is_dated) {
        let may_be_dated = doubtful.iter().any(|point| is_dated(point) || point.expiry.is_err());
        return if may_be_dated { vec![Verdict::NotApplicable, unknown] } else { vec![Verdict::NotApplicable] };
    }
    let outlives = |point: &&&Point| outlives(settings, point);
    let safe: Vec<_> = good.iter().filter(outlives).copied().collect();
    let hoped: Vec<_> = good.iter().chain(&doubtful).filter(outlives).copied().collect();
    if count(&safe) >= MINIMUM {
        vec![Verdict::Pass]
    } else if count(&hoped) >= MINIMUM {
        vec![unknown]
    } else {
        vec![Verdict::Fail]
    }
}

fn count_points(points: &[&Point]) -> usize {
    let timed: BTreeSet<_> = points.iter().filter_map(|point| point.time).collect();
    timed.len() + points.iter().filter(|point| point.time.is_none()).count()
}

fn count_copies(points: &[&Point]) -> usize {
    points.len()
}

/// A point without expiry, or with an unreadable one, may live for ever.
fn outlives(settings: &Settings, point: &Point) -> bool {
    !matches!(point.expiry, Ok(Some(at)) if at <= settings.now + WARNING)
}

fn last_good_expiring(settings: &Settings, resource: &Resource) -> Verdict {
    let saves = |point: &&Point| is_fresh(settings, point) || outlives(settings, point);
    let (good, doubtful) = (resource.good(), resource.doubtful());
    let saving: Vec<_> = doubtful.iter().copied().filter(saves).collect();
    match (good.is_empty(), good.iter().any(saves)) {
        (true, _) if doubtful.is_empty() => Verdict::NotApplicable,
        (true, _) => Verdict::Unknown(doubts(&doubtful)),
        (false, true) => Verdict::Pass,
        (false, false) if saving.is_empty() => Verdict::Fail,
        (false, false) => Verdict::Unknown(doubts(&saving)),
    }
}
