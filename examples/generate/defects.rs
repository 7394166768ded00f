//! What goes wrong in real vaults and real exports, one defect per chosen point.

use crate::{
    Settings,
    plan::Kind,
    point::{Damage, Point},
    prng::Rng,
    time::{DAY, HOUR, MINUTE},
};

pub type Defect = fn(&Settings, &mut Rng, &mut Point);

/// Defects that any point can have.
const COMMON: &[Defect] = &[
    status_error,
    stuck,
    not_encrypted,
    encryption_unstated,
    restore_mode_na,
    restore_mode_new,
    no_expiry,
    short_retention,
    expired_but_listed,
    status_foreign,
    field_dropped,
    field_null,
    retyped,
    new_key,
    times_reversed,
    time_unreadable,
    name_hostile,
    own_parent,
    parent_nowhere,
];

/// Defects of a server and of its copy in the other region.
const SERVER: &[Defect] = &[copy_failed, copy_skipped, copy_missing, copy_stuck, copy_status_foreign, freeze_failed];

/// Defects of the nested disks.
const NESTED: &[Defect] = &[child_context, child_status, child_link, children_gone, one_disk_plain];

const FOREIGN: &[&str] = &["Available ", "archived", "AVAILABLE", "frozen"];
const HOSTILE: &[&str] = &[
    "web-01 <b>prod</b>",
    "=SUM(A1:A9)",
    "db-02\\\"; DROP TABLE backups;--",
    "<script>alert(1)</script>",
    "buchhaltung-\u{e4}\u{f6}\u{fc}",
    "\u{5907}\u{4efd}\u{670d}\u{52a1}\u{5668}",
    "app|01\\nrow",
];
const OFTEN_MISSING: &[&str] =
    &["status", "resource_id", "vault_id", "created_at", "expired_at", "image_type", "replication_records"];

/// Breaks the point in one way that fits it.
pub fn apply(settings: &Settings, rng: &mut Rng, point: &mut Point) {
    let mut fitting: Vec<Defect> = COMMON.to_vec();
    if point.kind == Kind::Server {
        fitting.extend_from_slice(SERVER);
        if settings.layout.shows_children() {
            fitting.extend_from_slice(NESTED);
        }
        if settings.layout.shows_twice() {
            fitting.push(copies_disagree);
        }
    }
    rng.pick(&fitting, status_error)(settings, rng, point);
}

fn status_error(_: &Settings, _: &mut Rng, point: &mut Point) {
    point.status = "error";
}

fn stuck(_: &Settings, rng: &mut Rng, point: &mut Point) {
    let states = ["protecting", "waiting_protect", "restoring", "waiting_restore", "deleting", "waiting_delete"];
    point.status = rng.pick(&states, "protecting");
}

pub fn not_encrypted(_: &Settings, _: &mut Rng, point: &mut Point) {
    point.encrypted = Some(false);
    for child in &mut point.children {
        child.encrypted = false;
    }
}

fn encryption_unstated(_: &Settings, _: &mut Rng, point: &mut Point) {
    point.encrypted = None;
}

fn restore_mode_na(_: &Settings, _: &mut Rng, point: &mut Point) {
    point.mode = Some("na");
}

fn restore_mode_new(_: &Settings, rng: &mut Rng, point: &mut Point) {
    point.mode = rng.pick(&[Some("snapshot"), Some("instant"), None], None);
}

fn no_expiry(_: &Settings, _: &mut Rng, point: &mut Point) {
    point.expired = None;
}

pub fn short_retention(_: &Settings, rng: &mut Rng, point: &mut Point) {
    point.expired = Some(point.created + rng.between(3, 15) * DAY - 4_300);
}

fn expired_but_listed(settings: &Settings, rng: &mut Rng, point: &mut Point) {
    let shift = rng.between(35, 45) * DAY;
    point.created -= shift;
    point.updated -= shift;
    point.protected -= shift;
    point.expired = Some((point.created + 30 * DAY - 4_300).min(settings.as_of - 4 * DAY));
    for child in &mut point.children {
        child.created -= shift;
    }
    if let Some(copy) = &mut point.copy {
        copy.created -= shift;
    }
}

fn status_foreign(_: &Settings, rng: &mut Rng, point: &mut Point) {
    point.status = rng.pick(FOREIGN, "archived");
}

fn field_dropped(_: &Settings, rng: &mut Rng, point: &mut Point) {
    point.damage = Some((rng.pick(OFTEN_MISSING, "status"), Damage::Dropped));
}

fn field_null(_: &Settings, rng: &mut Rng, point: &mut Point) {
    point.damage = Some((rng.pick(OFTEN_MISSING, "status"), Damage::Null));
}

fn retyped(_: &Settings, rng: &mut Rng, point: &mut Point) {
    point.damage = Some((rng.pick(&["resource_size", "encrypted", "support_lld"], "resource_size"), Damage::Text));
}

fn new_key(_: &Settings, _: &mut Rng, point: &mut Point) {
    point.unknown_key = true;
}

pub fn times_reversed(_: &Settings, rng: &mut Rng, point: &mut Point) {
    point.updated = point.created - rng.between(1, 48) * HOUR;
}

fn time_unreadable(_: &Settings, rng: &mut Rng, point: &mut Point) {
    let texts = ["2026-13-45T25:61:00.000000", "yesterday", "0000-00-00T00:00:00", "31.10.2026 22:00"];
    point.bad_time = Some(rng.pick(&texts, "yesterday"));
}

fn name_hostile(_: &Settings, rng: &mut Rng, point: &mut Point) {
    point.resource_name = Some(rng.pick(HOSTILE, "?"));
}

fn own_parent(_: &Settings, _: &mut Rng, point: &mut Point) {
    point.parent = Some(point.id);
}

fn parent_nowhere(_: &Settings, rng: &mut Rng, point: &mut Point) {
    point.parent = Some(rng.uuid());
    if point.kind == Kind::Server {
        point.kind = Kind::Volume;
        point.mode = None;
        point.copy = None;
        point.children.clear();
    }
}

pub fn copy_failed(_: &Settings, rng: &mut Rng, point: &mut Point) {
    let reasons = [
        ("BackupService.8302", "The destination vault is full."),
        ("BackupService.0002", "Timed out while copying the data."),
    ];
    if let Some(copy) = &mut point.copy {
        copy.status = "fail";
        copy.progress = u8::try_from(rng.below(100)).unwrap_or(0);
        copy.fail = rng.pick(&reasons, ("", ""));
    }
}

fn copy_skipped(_: &Settings, _: &mut Rng, point: &mut Point) {
    if let Some(copy) = &mut point.copy {
        copy.status = "skip";
        copy.progress = 0;
    }
}

fn copy_missing(_: &Settings, _: &mut Rng, point: &mut Point) {
    point.copy = None;
}

fn copy_stuck(_: &Settings, rng: &mut Rng, point: &mut Point) {
    if let Some(copy) = &mut point.copy {
        copy.status = rng.pick(&["replicating", "waiting_replicate"], "replicating");
        copy.progress = 17;
    }
}

fn copy_status_foreign(_: &Settings, _: &mut Rng, point: &mut Point) {
    if let Some(copy) = &mut point.copy {
        copy.status = "succeeded";
    }
}

fn freeze_failed(_: &Settings, _: &mut Rng, point: &mut Point) {
    point.freeze_error = Some(("40001", "The freeze script ended with status 1."));
}

fn child_context(_: &Settings, rng: &mut Rng, point: &mut Point) {
    if let Some(child) = point.children.first_mut() {
        child.vault = rng.uuid();
    }
}

pub fn child_status(_: &Settings, rng: &mut Rng, point: &mut Point) {
    if let Some(child) = point.children.last_mut() {
        child.status = rng.pick(&["error", "protecting", "deleting"], "error");
    }
}

fn child_link(_: &Settings, rng: &mut Rng, point: &mut Point) {
    if let Some(child) = point.children.last_mut() {
        child.parent = rng.uuid();
    }
}

fn children_gone(_: &Settings, _: &mut Rng, point: &mut Point) {
    point.children.clear();
}

fn one_disk_plain(_: &Settings, _: &mut Rng, point: &mut Point) {
    if let Some(child) = point.children.last_mut() {
        child.encrypted = false;
    }
}

fn copies_disagree(_: &Settings, rng: &mut Rng, point: &mut Point) {
    point.shown_status = Some("error");
    point.updated += rng.between(0, 2) * MINUTE;
}
