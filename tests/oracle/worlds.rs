//! What cannot be known may be one way or another: a rule is judged in every world that the records leave open.

use crate::resources::{Point, Resource, doubts};
use crate::time::{DAY, Instant};
use crate::verdict::{Reasons, Verdict};

/// A restore point at one of the moments at which it may lie.
#[derive(Clone, Copy)]
pub struct Placed<'a> {
    pub point: &'a Point,
    pub at: Instant,
}

/// Every combination of one choice each.
pub fn combinations<T: Clone>(choices: &[Vec<T>]) -> Vec<Vec<T>> {
    let mut worlds = vec![Vec::new()];
    for choice in choices {
        let extended =
            |world: &Vec<T>| choice.iter().map(|one| [world.clone(), vec![one.clone()]].concat()).collect::<Vec<_>>();
        worlds = worlds.iter().flat_map(extended).collect();
    }
    worlds
}

/// The restore points of a resource, sorted by time: the good ones, and some of the doubtful ones.
pub fn of_points<'a>(resource: &'a Resource, now: Instant) -> Vec<Vec<Placed<'a>>> {
    let (good, doubtful) = (resource.good(), resource.doubtful());
    let known: Vec<Instant> = resource.points.iter().filter_map(|point| point.time).collect();
    let choice = |point: &&'a Point| -> Vec<Option<Placed<'a>>> {
        let moments = moments(point, &known, now).into_iter();
        moments.map(|at| Some(Placed { point, at })).chain([None]).collect()
    };
    let sure = |point: &&'a Point| vec![Some(Placed { point, at: point.time.unwrap() })];
    let choices: Vec<_> = good.iter().map(sure).chain(doubtful.iter().map(choice)).collect();
    let sorted = |world: Vec<Option<Placed<'a>>>| {
        let mut points: Vec<_> = world.into_iter().flatten().collect();
        points.sort_by_key(|placed| placed.at);
        points
    };
    combinations(&choices).into_iter().map(sorted).collect()
}

/// A vague time is the latest possible one.
fn moments(point: &Point, known: &[Instant], now: Instant) -> Vec<Instant> {
    let latest = point.time.unwrap_or(now);
    if !point.time_is_vague {
        return vec![latest];
    }
    let mut moments: Vec<_> = known.iter().map(|at| at + 1).filter(|at| *at < latest).collect();
    moments.extend([latest, now - 1000 * DAY]);
    moments
}

/// One verdict where all worlds agree, else none.
pub fn settle(mut outcomes: Vec<Verdict>, reasons: Reasons) -> Verdict {
    let first = outcomes.pop().unwrap();
    if outcomes.iter().all(|outcome| *outcome == first) { first } else { joined(outcomes, first, reasons) }
}

fn joined(outcomes: Vec<Verdict>, first: Verdict, mut reasons: Reasons) -> Verdict {
    for outcome in outcomes.into_iter().chain([first]) {
        if let Verdict::Unknown(more) = outcome {
            reasons.extend(more);
        }
    }
    Verdict::Unknown(reasons)
}

/// Judges a resource in every world of its points.
pub fn judge(resource: &Resource, now: Instant, verdict: impl Fn(&[Placed]) -> Verdict) -> Verdict {
    let outcomes = of_points(resource, now).iter().map(|world| verdict(world)).collect();
    settle(outcomes, doubts(&resource.doubtful()))
}
