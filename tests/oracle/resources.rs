//! Resources and their restore points, a disk being covered by its own points and by those of servers that contain it.

use crate::facts::{DISK, Facts};
use crate::tiers;
use crate::time::Instant;
use crate::verdict::{Known, Truth, Verdict};
use std::collections::BTreeMap;

#[derive(Clone)]
pub struct Point {
    pub backup: String,
    pub good: Truth,
    pub time: Option<Instant>,
    pub time_is_vague: bool,
    pub expiry: Known<Option<Instant>>,
    pub is_orphan: bool,
    pub is_replica: bool,
    pub is_stray: bool,
}

#[derive(Clone)]
pub struct Resource {
    pub project: String,
    pub kind: String,
    pub id: String,
    /// Its id and its name.
    pub names: Vec<String>,
    pub points: Vec<Point>,
    /// The backups among them that are its own.
    pub own: Vec<String>,
    pub has_only_strays: bool,
    pub tier: Option<usize>,
    /// Another tier might apply, if the dump told the tags of vaults.
    pub tier_is_open: bool,
}

type Key = (String, String, String);

pub fn resources(facts: &Facts) -> Vec<Resource> {
    let mut points: BTreeMap<Key, Vec<Point>> = BTreeMap::new();
    for id in facts.backups() {
        let owner = facts.source(&id).cloned().unwrap_or_else(|| id.clone());
        points.entry(key(facts, &owner)).or_default().push(point(facts, &id));
    }
    let mut resources: Vec<_> = points.into_iter().map(|(key, own)| resource(facts, key, own)).collect();
    tiers::assign(facts, &mut resources);
    resources
}

fn resource(facts: &Facts, key: Key, own: Vec<Point>) -> Resource {
    let has_only_strays = own.iter().all(|point| point.is_stray);
    let names = own.iter().filter_map(|point| facts.text(&point.backup, "resource_name").ok()).take(1);
    let names = std::iter::once(key.2.clone()).chain(names).collect();
    let mut points = own;
    let own = points.iter().map(|point| point.backup.clone()).collect();
    if key.1 == DISK {
        points.extend(server_points(facts, &key));
    }
    points.extend(disputed_points(facts, &key));
    let (project, kind, id) = key;
    Resource { project, kind, id, names, points, own, has_only_strays, tier: None, tier_is_open: false }
}

fn server_points(facts: &Facts, disk: &Key) -> Vec<Point> {
    let contains = |server: &String| facts.seen_children(server).iter().any(|child| key(facts, child) == *disk);
    let counts = |server: &String| facts.is_server(server) && !facts.is_stray_replica(server);
    facts.backups().iter().filter(|id| counts(id) && contains(id)).map(|id| point(facts, id)).collect()
}

/// Copies that several backups claim, one of this resource among them: each may be a point of the resource, of the moment of
/// that one.
fn disputed_points(facts: &Facts, resource: &Key) -> Vec<Point> {
    let disputed = facts.backups().into_iter().filter(|id| facts.is_disputed(id));
    let as_point = |id: String| {
        let of_resource = facts.claimants(&id)?.iter().filter(|claimant| key(facts, claimant) == *resource);
        let times: Vec<_> = of_resource.map(|claimant| facts.time(claimant)).collect();
        let time_is_vague = times.len() > 1 || times.iter().any(Result::is_err);
        let known: Known<Vec<Instant>> = times.iter().cloned().collect();
        // A copy is no younger than itself.
        let time = known.ok().and_then(|times| times.into_iter().max()).or(facts.created(&id).ok());
        (!times.is_empty()).then(|| Point { time, time_is_vague, is_stray: false, ..point(facts, &id) })
    };
    disputed.filter_map(as_point).collect()
}

fn key(facts: &Facts, id: &str) -> Key {
    let text = |field| facts.text(id, field).unwrap_or_default();
    (text("project_id"), text("resource_type"), text("resource_id"))
}

fn point(facts: &Facts, id: &str) -> Point {
    Point {
        backup: id.to_owned(),
        good: facts.good(id),
        time: facts.time(id).ok(),
        time_is_vague: facts.time_is_vague(id),
        expiry: facts.expiry(id),
        is_orphan: facts.is_orphan(id),
        is_replica: facts.is_replica(id) == Ok(true),
        is_stray: facts.is_stray_replica(id),
    }
}

impl Resource {
    pub fn good(&self) -> Vec<&Point> {
        self.points.iter().filter(|point| point.good == Truth::Yes).collect()
    }

    pub fn doubtful(&self) -> Vec<&Point> {
        self.points.iter().filter(|point| matches!(point.good, Truth::Unknown(_))).collect()
    }

    /// Judges a rule of the families retention and off-site, which do not apply to orphans and unlinked replicas.
    /// Whether an orphan adds to the points of a resource that has others is left open: both readings count.
    pub fn judge_without_strays(&self, judge: impl Fn(&Self) -> Vec<Verdict>) -> Vec<Verdict> {
        if self.has_only_strays || self.points.iter().all(|point| point.is_orphan) {
            return vec![Verdict::NotApplicable];
        }
        let mut options = judge(self);
        if self.points.iter().any(|point| point.is_orphan) {
            let mut narrowed = self.clone();
            narrowed.points.retain(|point| !point.is_orphan);
            options.extend(judge(&narrowed));
            options.push(Verdict::NotApplicable);
        }
        options
    }
}

/// Why a point may or may not be good.
pub fn doubts(points: &[&Point]) -> crate::verdict::Reasons {
    let reasons = |point: &&Point| match &point.good {
        Truth::Unknown(reasons) => reasons.clone(),
        _ => Default::default(),
    };
    points.iter().flat_map(reasons).collect()
}
