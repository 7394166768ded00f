//! What there is to back up: projects, their vaults and resources, and on which nights each was backed up.

use crate::{
    Settings,
    prng::{Hex32, Rng, Uuid},
    time::{HOUR, MINUTE},
};

const TEAMS: &[&str] = &[
    "billing",
    "payments",
    "ledger",
    "portal",
    "warehouse",
    "crm",
    "search",
    "analytics",
    "identity",
    "logistics",
    "archive",
    "intranet",
    "mail",
    "lab",
    "media",
    "shop",
];
const ROLES: &[&str] = &["app", "web", "db", "queue", "cache", "batch", "api", "files", "auth", "proxy"];
const ZONES: &[&str] = &["eu-de-01", "eu-de-02", "eu-de-03"];
const SIZES: &[u32] = &[20, 40, 60, 100, 200, 500];
const RETENTIONS: &[i64] = &[30, 30, 30, 35, 60];
const PER_VAULT: usize = 40;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Server,
    Volume,
    Turbo,
}

#[derive(Debug)]
pub struct Vault {
    pub id: Uuid,
    pub copy_id: Uuid,
    /// How long before the as-of time the newest nightly run began.
    pub lead: i64,
    pub retention_days: i64,
}

#[derive(Clone, Copy, Debug)]
pub struct Disk {
    pub id: Uuid,
    pub size: u32,
}

#[derive(Debug)]
pub struct Resource {
    pub kind: Kind,
    pub id: Uuid,
    pub name: String,
    pub zone: &'static str,
    pub size: u32,
    pub disks: Vec<Disk>,
    pub vault: usize,
    /// Nights are counted back from the as-of time: `newest` is the last night with a point.
    newest: u32,
    oldest: u32,
    /// Nights without a point, both ends included.
    hole: Option<(u32, u32)>,
}

impl Resource {
    pub fn has_point(&self, night: u32) -> bool {
        let in_hole = self.hole.is_some_and(|(from, to)| (from..=to).contains(&night));
        (self.newest..self.oldest).contains(&night) && !in_hole
    }

    /// The oldest point: a full copy, where the later ones hold only what changed.
    pub const fn is_first(&self, night: u32) -> bool {
        night + 1 == self.oldest
    }

    fn points(&self) -> u64 {
        (self.newest..self.oldest).filter(|night| self.has_point(*night)).count() as u64
    }
}

#[derive(Debug)]
pub struct Project {
    pub number: u64,
    pub directory: String,
    pub id: Hex32,
    pub copy_id: Hex32,
    pub vaults: Vec<Vault>,
    pub resources: Vec<Resource>,
    /// Nights to walk through, newest (0) first.
    pub nights: u32,
    /// Points over all resources: the `count` of the list answers.
    pub points: u64,
}

impl Project {
    /// A project whose resources hold `budget` backup objects.
    pub fn plan(settings: &Settings, number: u64, budget: u64) -> Self {
        let rng = &mut Rng::keyed(settings.seed, &[1, number]);
        let team = rng.pick(TEAMS, "shared");
        let mut project = Self {
            number,
            directory: format!("{}_{team}-{number:04}", settings.region),
            id: rng.hex32(),
            copy_id: rng.hex32(),
            vaults: Vec::new(),
            resources: Vec::new(),
            nights: 0,
            points: 0,
        };
        let mut left = budget;
        while left > 0 || project.resources.is_empty() {
            if project.resources.len().is_multiple_of(PER_VAULT) {
                project.vaults.push(new_vault(rng));
            }
            let resource = project.new_resource(settings, rng, team, left);
            left = left.saturating_sub(resource.points() * objects_per_point(settings, &resource));
            project.nights = project.nights.max(resource.oldest);
            project.points += resource.points();
            project.resources.push(resource);
        }
        project
    }

    /// The next resource, cut so that it takes no more than the `left` objects where that is possible.
    fn new_resource(&self, settings: &Settings, rng: &mut Rng, team: &str, left: u64) -> Resource {
        let vault = self.vaults.len().saturating_sub(1);
        let retention = self.vaults.last().map_or(30, |vault| vault.retention_days);
        let role = rng.pick(ROLES, "app");
        let kind = draw_kind(settings, rng);
        let mut resource = Resource {
            kind,
            id: rng.uuid(),
            name: format!("{team}-{role}-{:05}", self.resources.len()),
            zone: rng.pick(ZONES, "eu-de-01"),
            size: rng.pick(SIZES, 40),
            disks: Vec::new(),
            vault,
            newest: 0,
            oldest: u32::try_from(retention).unwrap_or(30),
            hole: None,
        };
        if kind == Kind::Server {
            let disks = rng.between(1, 4);
            resource.disks = (0..disks).map(|_| new_disk(rng)).collect();
            resource.size = resource.disks.iter().map(|disk| disk.size).sum();
        }
        if rng.chance(120_000) {
            resource.oldest = u32::try_from(rng.between(9, 29)).unwrap_or(9);
        }
        if rng.chance(settings.defects) {
            disturb(rng, &mut resource);
        }
        fit(settings, &mut resource, left);
        resource
    }
}

fn draw_kind(settings: &Settings, rng: &mut Rng) -> Kind {
    if !rng.chance(settings.standalone) {
        Kind::Server
    } else if rng.chance(650_000) {
        Kind::Volume
    } else {
        Kind::Turbo
    }
}

fn new_disk(rng: &mut Rng) -> Disk {
    Disk { id: rng.uuid(), size: rng.pick(SIZES, 40) }
}

fn new_vault(rng: &mut Rng) -> Vault {
    Vault {
        id: rng.uuid(),
        copy_id: rng.uuid(),
        lead: 3 * HOUR + 15 * MINUTE * rng.between(0, 32),
        retention_days: rng.pick(RETENTIONS, 30),
    }
}

/// What one point of the resource takes of the budget.
fn objects_per_point(settings: &Settings, resource: &Resource) -> u64 {
    let disks = if settings.counts_disks() { resource.disks.len() } else { 0 };
    1 + disks as u64
}

/// A whole resource gone wrong: stopped long ago, a few nights missed, or hardly begun.
fn disturb(rng: &mut Rng, resource: &mut Resource) {
    match rng.below(4) {
        0 => resource.newest = u32::try_from(rng.between(2, 25)).unwrap_or(2),
        1 => {
            let from = u32::try_from(rng.between(1, 5)).unwrap_or(1);
            let nights = u32::try_from(rng.between(0, 4)).unwrap_or(0);
            resource.hole = Some((from, from + nights));
        }
        2 => resource.oldest = 1,
        _ => resource.newest = resource.oldest.saturating_sub(2),
    }
    resource.oldest = resource.oldest.max(resource.newest + 1);
}

/// Shortens the last resource of a project so that the project ends exactly on its budget.
fn fit(settings: &Settings, resource: &mut Resource, left: u64) {
    let each = objects_per_point(settings, resource);
    let rest = left.saturating_sub(resource.points() * each);
    if left >= resource.points() * each && (rest == 0 || rest >= 24) {
        return;
    }
    // One disk: two objects for each point. Three points with two disks turn an odd rest into an even one.
    let odd = resource.kind == Kind::Server && settings.counts_disks() && !left.is_multiple_of(2);
    let disks = if odd && left >= 9 { 2 } else { 1 };
    resource.disks.truncate(disks);
    while resource.kind == Kind::Server && resource.disks.len() < disks {
        let copy = Rng::keyed(settings.seed, &[4, left]).uuid();
        resource.disks.push(Disk { id: copy, size: 40 });
    }
    resource.size = resource.disks.iter().map(|disk| disk.size).sum::<u32>().max(20);
    let each = objects_per_point(settings, resource);
    let limit = if disks == 2 { 3 } else { u64::from(resource.oldest - resource.newest) };
    let mut points = (left / each).min(limit).max(1);
    if left > points * each && left - points * each < 2 * each && points > 3 {
        points -= 1;
    }
    resource.hole = None;
    resource.oldest = resource.newest + u32::try_from(points).unwrap_or(1);
}
