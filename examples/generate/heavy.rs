//! A neglected tenant: defects that do not hide each other, most of them in every point and every disk.

use crate::{
    Settings,
    defects::{self, Defect},
    point::Point,
    prng::Rng,
    time::HOUR,
};

/// Resources of a million that have stopped, have holes or have hardly begun.
pub const RESOURCES: u64 = 100_000;

/// Points of a million that get a defect of the list; it makes three findings for each backup.
const SHARE: u64 = 720_000;

const DEFECTS: &[Defect] = &[
    defects::not_encrypted,
    defects::short_retention,
    defects::times_reversed,
    defects::copy_failed,
    defects::child_status,
    disks_of_another_vault,
    disks_of_another_server,
    disks_of_another_night,
];

/// Breaks the point in most of the ways at once.
pub fn apply(settings: &Settings, rng: &mut Rng, point: &mut Point) {
    for defect in DEFECTS {
        if rng.chance(SHARE) {
            defect(settings, rng, point);
        }
    }
}

fn disks_of_another_vault(_: &Settings, rng: &mut Rng, point: &mut Point) {
    let vault = rng.uuid();
    point.children.iter_mut().for_each(|child| child.vault = vault);
}

fn disks_of_another_server(_: &Settings, rng: &mut Rng, point: &mut Point) {
    let parent = rng.uuid();
    point.children.iter_mut().for_each(|child| child.parent = parent);
}

fn disks_of_another_night(_: &Settings, rng: &mut Rng, point: &mut Point) {
    let lag = rng.between(3, 20) * HOUR;
    point.children.iter_mut().for_each(|child| child.created -= lag);
}
