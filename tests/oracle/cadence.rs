//! Expected verdicts of the rules on how restore points come about, how far back they reach, and where they lie.

use crate::disks::doubted;
use crate::facts::Facts;
use crate::health::incremental;
use crate::offsite::copied;
use crate::policy::Demands;
use crate::resources::{Point, Resource, doubts};
use crate::verdict::{Known, Reasons, Truth, Verdict, because, union};
use crate::worlds::{self, Placed};

/// One yes is enough to pass; only nos fail.
fn any(flags: &[Known<bool>]) -> Verdict {
    if flags.contains(&Ok(true)) {
        return Verdict::Pass;
    }
    let doubts = union(flags.iter().filter_map(|flag| flag.as_ref().err()));
    match (flags.is_empty(), doubts.is_empty()) {
        (true, _) => Verdict::NotApplicable,
        (_, true) => Verdict::Fail,
        _ => Verdict::Unknown(doubts),
    }
}

pub fn only_manual_backups(facts: &Facts, demands: &Demands, resource: &Resource) -> Verdict {
    let now = facts.settings.now;
    worlds::judge(resource, now, |world| {
        let recent = world.iter().filter(|placed| now - placed.at <= 2 * demands.rpo());
        let flags: Vec<_> = recent.map(|placed| automatic(facts, placed)).collect();
        any(&flags)
    })
}

/// A replica was made as its source was.
fn automatic(facts: &Facts, placed: &Placed) -> Known<bool> {
    let id = &placed.point.backup;
    facts.flag(facts.source(id).unwrap_or(id), "auto_trigger")
}

pub fn full_backup_overdue(facts: &Facts, demands: &Demands, resource: &Resource) -> Verdict {
    let now = facts.settings.now;
    worlds::judge(resource, now, |world| {
        let recent = world.iter().filter(|placed| now - placed.at <= demands.days("full-backup-days"));
        let is_full = |placed: &Placed| incremental(facts, &placed.point.backup).map(|is_incremental| !is_incremental);
        let flags: Vec<_> = recent.map(is_full).collect();
        any(&flags)
    })
}

pub fn restore_window_too_short(facts: &Facts, demands: &Demands, resource: &Resource) -> Vec<Verdict> {
    let window = demands.days("window-days");
    let is_old = |at: &i64| facts.settings.now - at >= window;
    let (good, doubtful) = (resource.good(), resource.doubtful());
    if window == 0 {
        return vec![Verdict::NotApplicable];
    }
    if good.iter().any(|point| point.time.is_some_and(|at| is_old(&at))) {
        return vec![Verdict::Pass];
    }
    let could_save: Vec<_> =
        doubtful.into_iter().filter(|point| point.time_is_vague || point.time.is_some_and(|at| is_old(&at))).collect();
    let reasons = doubts(&could_save);
    let is_known_to_be_old = resource.points.iter().any(|point| point.time.is_some_and(|at| is_old(&at)));
    match (good.is_empty(), could_save.is_empty()) {
        (true, true) if resource.doubtful().is_empty() => vec![Verdict::NotApplicable],
        (true, _) => {
            let all = union([&doubts(&resource.doubtful()), &because(["not-in-metadata"])]);
            vec![Verdict::NotApplicable, Verdict::Unknown(all)]
        }
        (false, false) => {
            let unknown = Verdict::Unknown(union([&reasons, &because(["not-in-metadata"])]));
            // A disk of unknown age in a young server backup hardly makes that one older.
            let is_young = |point: &&Point| point.time.is_some_and(|at| !is_old(&at));
            match is_known_to_be_old && could_save.iter().all(is_young) {
                true => vec![Verdict::Fail, unknown],
                false => vec![unknown],
            }
        }
        (false, true) if is_known_to_be_old => vec![Verdict::Fail],
        (false, true) => vec![Verdict::Unknown(because(["not-in-metadata"]))],
    }
}

/// A point in doubt that may be newer leaves it open. Where several share the newest moment, each may speak for it.
pub fn single_az_storage(facts: &Facts, resource: &Resource) -> Vec<Verdict> {
    let (good, doubtful) = (resource.good(), resource.doubtful());
    let Some(newest) = good.iter().filter_map(|point| point.time).max() else {
        let unknown = Verdict::Unknown(doubts(&doubtful));
        return if doubtful.is_empty() { vec![Verdict::NotApplicable] } else { vec![unknown] };
    };
    let newer: Vec<_> =
        doubtful.iter().copied().filter(|point| point.time.is_none_or(|latest| latest >= newest)).collect();
    let newest_points = good.iter().filter(|point| point.time == Some(newest));
    let mut options: Vec<_> = newest_points
        .flat_map(|point| doubted(facts, resource, in_one_zone(facts, point), |at| at >= newest))
        .collect();
    if !newer.is_empty() {
        let mut reasons = doubts(&newer);
        reasons.extend(options.iter().flat_map(|option| match option {
            Verdict::Unknown(reasons) => reasons.clone(),
            _ => Reasons::new(),
        }));
        let is_tied = newer.iter().all(|point| point.time == Some(newest));
        options.retain(|_| is_tied);
        options.push(Verdict::Unknown(reasons));
    }
    options
}

fn in_one_zone(facts: &Facts, point: &Point) -> Verdict {
    match (facts.flag(&point.backup, "is_multi_az"), copied(facts, point)) {
        (Err(reasons), _) => Verdict::Unknown(reasons),
        (Ok(true), _) | (_, Truth::Yes) => Verdict::Pass,
        (Ok(false), Truth::No) => Verdict::Fail,
        (Ok(false), Truth::Unknown(reasons)) => Verdict::Unknown(reasons),
    }
}
