//! The restore points of a resource as the rules see them, newest first.

use jiff::Timestamp;

use super::ground::place_of;
use super::record::stated;
use super::text::{Text, short};
use super::{POINTED, Scene};
use crate::finding::Evidence;
use crate::inventory::ResourceIx;
use crate::inventory::backup::{Backup, Role};
use crate::inventory::field::FieldId;
use crate::inventory::vocabulary::{ResourceType, Status};
use crate::report::resource::{PointRow, ResourceRow, restore_point_row, row};
use crate::report::row::backup_id;
use crate::report::wording::{counted, span, value};
use crate::restore_point::{Goodness, Offsite};
use crate::rule::{Family, Rule};
use crate::run::Run;

/// The restore points of a resource.
pub(super) fn restore_points(scene: &Scene<'_>, resource: ResourceIx, text: &mut Text) {
    let run = scene.run;
    summary(run, resource, text);
    let newest_first = run.points.newest_first(resource).map(|ix| run.inventory.backup(ix));
    let (there, later): (Vec<_>, Vec<_>) = newest_first.partition(|backup| run.exists(backup.ix));
    let shown = scene.shown(&there);
    for &(position, backup) in &shown {
        let older = there.get(position + 1..).unwrap_or_default();
        point(scene, backup, gap(run, scene.cx.rule, backup, older), text);
    }
    scene.rest(there.len(), shown.len(), text);
    if !later.is_empty() {
        text.line(&format!("Left out: {} made after the as-of time.", counted(later.len() as u64, "record")));
    }
    unseen_server(run, resource, text);
}

/// The resource as a whole, as the resource table of the report has it.
pub(super) fn summary(run: &Run<'_>, resource: ResourceIx, text: &mut Text) {
    let ResourceRow { newest_good, newest_possible, points, good_points, offsite, .. } = row(run, resource);
    let what = |point: &PointRow| {
        let age =
            point.age.map(|age| format!(", {} before the as-of time", span(jiff::SignedDuration::from_secs(age))));
        format!("{}{}", point.time.as_deref().unwrap_or("at an unknown time"), age.unwrap_or_default())
    };
    let newest = newest_good.as_ref().map_or_else(|| "none".to_owned(), what);
    text.line(&format!("Restore points of the resource: {points}, good: {good_points}. Newest good one: {newest}."));
    text.line(&format!("Copy of a good one in another region: {offsite}."));
    if let Some(possible) = &newest_possible {
        text.line(&format!("A newer one cannot be judged: {}.", what(possible)));
    }
    let of = run.inventory.resource(resource);
    if of.is_replica {
        text.line("It is made of replicas only, whose sources are not in the dump.");
    }
    if of.is_orphan {
        text.line("It is made of backups only whose parents are not in the dump.");
    }
}

/// Why a backup is no good restore point, or why that cannot be told and where the value stands that hinders it.
pub(super) fn why(scene: &Scene<'_>, backup: Backup<'_>) -> Option<String> {
    let row = restore_point_row(scene.run, backup);
    let Goodness::Unknown(reason) = scene.run.points.goodness(backup.ix) else {
        return Some(row.why).filter(|why| !why.is_empty());
    };
    Some(match scene.cx.blame_point(backup, reason) {
        (observed, evidence @ Evidence::Field(_, field)) => {
            let observed = value(&scene.run.inventory, observed);
            format!("{}: {} {}, see {}", row.why, field.dotted(), short(&observed), place_of(scene.run, evidence))
        }
        _ => row.why,
    })
}

/// How long after the good restore point before a good one was made; told where the rule compares neighbours.
fn gap(run: &Run<'_>, rule: &Rule, backup: Backup<'_>, older: &[Backup<'_>]) -> Option<String> {
    let is_good = |backup: &Backup<'_>| run.points.of(&run.inventory, backup.ix).is_good();
    let time = |backup: &Backup<'_>| run.points.time(&run.inventory, backup.ix);
    let now = time(&backup).filter(|_| rule.family == Family::Coverage && is_good(&backup))?;
    let before: Timestamp = older.iter().filter(|older| is_good(older)).find_map(time)?;
    Some(format!("{} after the good one before", span(now.duration_since(before))))
}

fn point(scene: &Scene<'_>, backup: Backup<'_>, gap: Option<String>, text: &mut Text) {
    let Scene { run, cx, .. } = scene;
    let rule = cx.rule;
    let row = restore_point_row(run, backup);
    let point = run.points.of(&run.inventory, backup.ix);
    let time = row.point.time.as_deref().unwrap_or("unknown time");
    let age = if row.age_text.is_empty() { String::new() } else { format!("{} old", row.age_text) };
    text.line(&format!("{:<11} {time:<27} {age:<13} {}", row.state, short(&backup_id(&run.inventory, backup.ix))));
    let mut remarks: Vec<String> = Vec::new();
    remarks.extend(why(scene, backup));
    remarks.extend(gap);
    let outside = matches!(rule.family, Family::Retention | Family::Offsite) && backup.role() == Role::Orphan;
    if outside {
        remarks.push("not counted: its parent is not in the dump".to_owned());
    }
    match (rule.family, point.offsite) {
        (Family::Offsite, Offsite::Unknown(reason)) => {
            remarks.push(format!("copy in another region: unknown, {}", reason.meaning()));
        }
        (Family::Offsite, offsite) => remarks.push(format!("copy in another region: {}", offsite.word())),
        (Family::Encryption, _) => {
            let known = point.encrypted.map_or("unknown", |encrypted| if encrypted { "yes" } else { "no" });
            remarks.push(format!("encrypted with all its disks: {known}"));
        }
        _ => {}
    }
    remarks.extend(row.point.caveats.iter().map(|caveat| (*caveat).to_owned()));
    if !remarks.is_empty() {
        text.more(&remarks.join("; "));
    }
    if point.time.is_some() {
        let (reading, field) = point.stated;
        text.more(&format!("time: {}", place_of(run, Evidence::Field(reading, field))));
    }
    let mut also = hindered_by(run, backup);
    also.extend(looked_at(rule));
    also.sort_unstable();
    also.dedup();
    for field in also {
        let reading = backup.reading_of(field);
        let place = place_of(run, Evidence::Field(reading, field));
        text.more(&format!("{}: {} in {place}", field.dotted(), short(&stated(run, reading, field))));
    }
    if point.goodness != Goodness::Good {
        unusable_disks(run, backup, text);
    }
    if scene.points_at(backup) {
        text.more(POINTED);
    }
}

/// The fields of a backup itself that keep it from being good.
fn hindered_by(run: &Run<'_>, backup: Backup<'_>) -> Vec<FieldId> {
    let usable = backup.status().value().is_some_and(Status::is_usable);
    let lasts = backup.time(FieldId::ExpiredAt).optional().is_ok_and(|end| end.is_none_or(|end| end > run.clock.time));
    let hinders = [(FieldId::Status, !usable), (FieldId::ExpiredAt, !lasts)];
    hinders.into_iter().filter(|(_, hinders)| *hinders).map(|(field, _)| field).collect()
}

/// The disks in a backup that keep it from being good.
fn unusable_disks(run: &Run<'_>, backup: Backup<'_>, text: &mut Text) {
    for disk in backup.children().filter(|disk| !disk.status().value().is_some_and(Status::is_usable)) {
        let reading = disk.reading_of(FieldId::Status);
        let place = place_of(run, Evidence::Field(reading, FieldId::Status));
        text.more(&format!("status of a disk in it: {} in {place}", short(&stated(run, reading, FieldId::Status))));
    }
}

/// The fields of restore points that a rule looks at beside status and time.
fn looked_at(rule: &Rule) -> &'static [FieldId] {
    let of_rule = LOOKED_AT.iter().find(|(id, _)| *id == rule.id);
    match (of_rule, rule.family) {
        (Some((_, fields)), _) => fields,
        (None, Family::Retention) => &[FieldId::ExpiredAt],
        (None, Family::Encryption) => &[FieldId::Encrypted, FieldId::Children],
        (None, Family::Offsite) => &[FieldId::ReplicationRecords],
        _ => &[],
    }
}

/// Rules on resources that look at other fields than their family.
const LOOKED_AT: [(&str, &[FieldId]); 5] = [
    ("consecutive-failures", &[FieldId::Status, FieldId::AutoTrigger]),
    ("disk-set-changed", &[FieldId::Children]),
    ("full-backup-overdue", &[FieldId::Incremental, FieldId::ExtendIncremental]),
    ("only-manual-backups", &[FieldId::AutoTrigger]),
    ("single-az-storage", &[FieldId::IsMultiAz]),
];

/// For a disk: the server backup that may contain it.
fn unseen_server(run: &Run<'_>, resource: ResourceIx, text: &mut Text) {
    let of = run.inventory.resource(resource);
    if of.kind != ResourceType::Volume {
        return;
    }
    if let Some((time, server)) = run.points.newest_unseen_server(of.project) {
        text.line(&format!(
            "The newest good server backup of the project whose disks are not shown, and which may contain this disk: {} \
             of {time}.",
            short(&backup_id(&run.inventory, server))
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::LOOKED_AT;

    #[test]
    fn the_rules_named_are_there() {
        assert!(LOOKED_AT.iter().all(|(id, _)| crate::rules::find(id).is_some()));
    }
}
