//! Expected verdicts of the coverage rules, and of the two retention rules that look at a whole resource.

use crate::cadence;
use crate::disks;
use crate::expected;
use crate::facts::{DISK, Facts, Settings};
use crate::health;
use crate::policy::Demands;
use crate::resources::{Point, Resource, doubts};
use crate::stopped;
use crate::time::Instant;
use crate::verdict::{Case, Truth, Verdict, because, union};
use crate::views::Children;
use std::collections::BTreeSet;

pub fn judge(facts: &Facts, resources: &[Resource]) -> Vec<Case> {
    let settings = facts.settings;
    let mut cases = Vec::new();
    for resource in resources {
        let demands = |rule| settings.policy.demands(rule, resource.tier);
        let mut add = |rule, judge: &dyn Fn(&Demands) -> Vec<Verdict>| {
            let options = match expected::spared(facts, resource) {
                Some(verdict) => vec![verdict],
                None => covered(resource, || judge(&demands(rule))),
            };
            cases.push(case(resource, rule, options));
        };
        add("rpo-breach", &|demands| with_clock(settings, rpo_breach(facts, demands, resource)));
        add("backup-gap", &|demands| backup_gap(facts, demands, resource));
        add("too-few-restore-points", &|demands| too_few(settings, demands, resource));
        add("only-manual-backups", &|demands| vec![cadence::only_manual_backups(facts, demands, resource)]);
        add("restore-window-too-short", &|demands| cadence::restore_window_too_short(facts, demands, resource));
        add("full-backup-overdue", &|demands| vec![cadence::full_backup_overdue(facts, demands, resource)]);
        add("protection-stopped", &|demands| stopped::protection_stopped(facts, demands, resource));
        cases.push(case(resource, "disk-set-changed", covered(resource, || disks::disk_set_changed(facts, resource))));
        cases.push(case(resource, "resource-unexpected", vec![expected::resource_unexpected(facts, resource)]));
        let rule = "retired-still-backed-up";
        cases.push(case(resource, rule, expected::retired_still_backed_up(facts, &demands(rule), resource)));
        let demands_of_failures = demands("consecutive-failures");
        let failures = health::consecutive_failures(facts, &demands_of_failures, resource);
        cases.push(case(resource, "consecutive-failures", vec![failures]));
        cases.push(case(resource, "encryption-regressed", disks::encryption_regressed(facts, resource)));
        let mut add = |rule, judge: &dyn Fn(&Demands, &Resource) -> Vec<Verdict>| {
            cases.push(case(resource, rule, resource.judge_without_strays(|resource| judge(&demands(rule), resource))));
        };
        add("expiring-soon", &|demands, resource| expiring_soon(settings, demands, resource));
        add("last-good-copy-expiring", &|demands, resource| vec![last_good_expiring(settings, demands, resource)]);
    }
    cases
}

pub fn case(resource: &Resource, rule: &'static str, options: Vec<Verdict>) -> Case {
    let mut case = Case::new(rule, &resource.id, &resource.project, options);
    case.names.clone_from(&resource.names);
    case
}

pub fn covered(resource: &Resource, judge: impl Fn() -> Vec<Verdict>) -> Vec<Verdict> {
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

fn rpo_breach(facts: &Facts, demands: &Demands, resource: &Resource) -> Vec<Verdict> {
    let is_fresh = |point: &&Point| is_fresh(facts.settings, demands, point);
    let saving: Vec<_> = resource.doubtful().into_iter().filter(is_fresh).collect();
    if resource.good().iter().any(is_fresh) {
        return vec![Verdict::Pass];
    }
    let hidden = if resource.kind == DISK { hidden_server(facts, demands.rpo_limit(), resource) } else { Truth::No };
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
pub fn hidden_server(facts: &Facts, limit: Instant, disk: &Resource) -> Truth {
    let mut answer = Truth::No;
    for id in facts.backups() {
        let is_fresh = facts.time(&id).map_or(true, |at| facts.settings.now - at <= limit);
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

fn is_fresh(settings: &Settings, demands: &Demands, point: &Point) -> bool {
    point.time.is_none_or(|at| settings.now - at <= demands.rpo_limit())
}

/// Tries every way in which the doubtful points may be good or not.
/// A disk that may be in a server backup, good or in doubt, of which no children are told may have one more point.
fn backup_gap(facts: &Facts, demands: &Demands, resource: &Resource) -> Vec<Verdict> {
    let times: BTreeSet<_> = resource.good().into_iter().filter_map(|point| point.time).collect();
    let opens = |at: Instant| {
        let with_it = times.iter().copied().chain([at]).collect();
        gap_between(facts.settings, demands, &with_it) == Verdict::Fail
    };
    let counts = |id: &str| !matches!(facts.good(id), Truth::No) && facts.time(id).map_or(true, opens);
    let options = backup_gap_as_told(facts.settings, demands, resource);
    options.into_iter().flat_map(|option| disks::doubted_by(facts, resource, option, counts)).collect()
}

fn backup_gap_as_told(settings: &Settings, demands: &Demands, resource: &Resource) -> Vec<Verdict> {
    let doubtful = resource.doubtful();
    let mut outcomes: Vec<Verdict> = Vec::new();
    for choice in 0..1_u32 << doubtful.len() {
        let chosen = doubtful.iter().enumerate().filter(|(bit, _)| choice >> bit & 1 == 1).map(|(_, point)| *point);
        let times = resource.good().into_iter().chain(chosen).filter_map(|point| point.time).collect();
        let outcome = gap_between(settings, demands, &times);
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

fn gap_between(settings: &Settings, demands: &Demands, times: &BTreeSet<Instant>) -> Verdict {
    let times: Vec<_> = times.iter().copied().collect();
    let in_window =
        |pair: &&[Instant]| pair[1] > settings.now - demands.days("gap-window-days") && pair[1] <= settings.now;
    let gaps: Vec<_> = times.windows(2).filter(in_window).map(|pair| pair[1] - pair[0]).collect();
    match gaps.iter().max() {
        None => Verdict::NotApplicable,
        Some(gap) if gap * 10 > demands.rpo() * demands.tenths("gap-factor") => Verdict::Fail,
        Some(_) => Verdict::Pass,
    }
}

fn too_few(settings: &Settings, demands: &Demands, resource: &Resource) -> Vec<Verdict> {
    let times: BTreeSet<_> = resource.good().iter().filter_map(|point| point.time).collect();
    if times.len() >= demands.count("min-points") {
        return vec![Verdict::Pass];
    }
    let doubtful = resource.doubtful();
    let possible: BTreeSet<_> = doubtful.iter().filter_map(|point| point.time).chain(times.iter().copied()).collect();
    let untimed = doubtful.iter().filter(|point| point.time.is_none()).count();
    let could_reach = possible.len() + untimed >= demands.count("min-points");
    let oldest = resource.points.iter().filter_map(|point| point.time).min();
    let is_young = oldest.is_some_and(|at| settings.now - at < 2 * demands.rpo());
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
fn expiring_soon(settings: &Settings, demands: &Demands, resource: &Resource) -> Vec<Verdict> {
    let mut options = Vec::new();
    for count in [count_points as fn(&[&Point]) -> usize, count_copies] {
        let option = expiring_soon_counted(settings, demands, resource, count);
        options.extend(option.into_iter().filter(|verdict| !options.contains(verdict)).collect::<Vec<_>>());
    }
    options
}

fn expiring_soon_counted(
    settings: &Settings,
    demands: &Demands,
    resource: &Resource,
    count: fn(&[&Point]) -> usize,
) -> Vec<Verdict> {
    let (good, doubtful) = (resource.good(), resource.doubtful());
    let unknown = Verdict::Unknown(doubts(&doubtful));
    let is_dated = |point: &&Point| point.expiry.as_ref().is_ok_and(Option::is_some);
    if !good.iter().any(is_dated) {
        let may_be_dated = doubtful.iter().any(|point| is_dated(point) || point.expiry.is_err());
        return if may_be_dated { vec![Verdict::NotApplicable, unknown] } else { vec![Verdict::NotApplicable] };
    }
    let outlives = |point: &&&Point| outlives(settings, demands, point);
    let safe: Vec<_> = good.iter().filter(outlives).copied().collect();
    let hoped: Vec<_> = good.iter().chain(&doubtful).filter(outlives).copied().collect();
    if count(&safe) >= demands.count("min-points") {
        vec![Verdict::Pass]
    } else if count(&hoped) >= demands.count("min-points") {
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
fn outlives(settings: &Settings, demands: &Demands, point: &Point) -> bool {
    !matches!(point.expiry, Ok(Some(at)) if at <= settings.now + demands.days("warn-days"))
}

fn last_good_expiring(settings: &Settings, demands: &Demands, resource: &Resource) -> Verdict {
    let saves = |point: &&Point| is_fresh(settings, demands, point) || outlives(settings, demands, point);
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
