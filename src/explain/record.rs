//! A backup as it was read: the fields that rules of a family look at, disks, replication records, worth.

use std::collections::BTreeMap;

use super::Scene;
use super::ground::place_of;
use super::points;
use super::subject::Given;
use super::text::{Text, short};
use crate::finding::{Evidence, Key, Note, ReplicationKey, Value};
use crate::inventory::backup::{Backup, Disks, Replications};
use crate::inventory::field::{Field, FieldId, FieldSet};
use crate::inventory::shape::{Presence, Slot};
use crate::report::resource::restore_point_row;
use crate::report::row::backup_id;
use crate::report::wording;
use crate::rule::{Family, Rule};
use crate::run::Run;

/// The fields that a restore point is judged by.
const ALWAYS: [FieldId; 7] = [
    FieldId::Status,
    FieldId::ImageType,
    FieldId::ResourceType,
    FieldId::CreatedAt,
    FieldId::UpdatedAt,
    FieldId::ProtectedAt,
    FieldId::ExpiredAt,
];

/// What else rules of a family look at.
fn fields_of(family: Family) -> &'static [FieldId] {
    match family {
        Family::DataQuality => &[
            FieldId::Id,
            FieldId::ProjectId,
            FieldId::VaultId,
            FieldId::ResourceId,
            FieldId::ParentId,
            FieldId::CheckpointId,
            FieldId::Children,
            FieldId::SupportedRestoreMode,
        ],
        Family::Health => &[
            FieldId::SupportedRestoreMode,
            FieldId::ContainSystemDisk,
            FieldId::OsImagesData,
            FieldId::AppConsistency,
            FieldId::AppConsistencyFlag,
            FieldId::AppConsistencyStatus,
            FieldId::AppConsistencyErrorCode,
            FieldId::AppConsistencyErrorMessage,
        ],
        Family::Context => &[FieldId::AutoTrigger, FieldId::VaultId],
        Family::Retention => &[FieldId::AutoTrigger, FieldId::ParentId],
        Family::Encryption => &[FieldId::Encrypted, FieldId::EncryptedAlgorithm, FieldId::Children],
        Family::Offsite => &[FieldId::ReplicationRecords, FieldId::IsMultiAz, FieldId::VaultId],
        Family::Hierarchy => &[
            FieldId::ParentId,
            FieldId::Children,
            FieldId::ResourceId,
            FieldId::VaultId,
            FieldId::ProjectId,
            FieldId::CheckpointId,
            FieldId::EnterpriseProjectId,
        ],
        Family::Coverage => &[FieldId::AutoTrigger, FieldId::Incremental],
    }
}

/// What was read of a backup.
pub(super) fn read(scene: &Scene<'_>, backup: Backup<'_>, given: &[&Given], text: &mut Text) {
    let Scene { run, limit, cx, .. } = *scene;
    let rule = cx.rule;
    let mut wanted: FieldSet = ALWAYS.iter().chain(fields_of(rule.family)).copied().collect();
    given.iter().flat_map(|given| decisive(given)).for_each(|field| wanted.insert(field));
    fields(run, backup, wanted, text);
    spans(run, backup, text);
    conflicts(run, backup, text);
    if let Some(parent) = backup.parent().filter(|_| rule.family == Family::Hierarchy) {
        let id = backup_id(&run.inventory, parent.ix);
        text.line(&format!("The server backup that it is part of, {}:", short(&id)));
        fields(run, parent, wanted, text);
    }
    if matches!(rule.family, Family::Encryption | Family::Health | Family::Hierarchy | Family::Retention) {
        disks(run, rule, backup, limit, text);
    }
    let decides = |given: &&Given| given.finding.is_some_and(|f| matches!(f.evidence, Evidence::Replication(..)));
    if rule.family == Family::Offsite || given.iter().any(decides) {
        replications(run, backup, limit, text);
    }
    if !backup.in_cycle() && rule.family != Family::DataQuality {
        worth(scene, backup, text);
    }
}

/// The fields that a verdict names.
fn decisive(given: &Given) -> impl Iterator<Item = FieldId> {
    let key = match given.key {
        Key::Field(field) => Some(field),
        _ => None,
    };
    let evidence = given.finding.and_then(|finding| match finding.evidence {
        Evidence::Field(_, field) => Some(field),
        _ => None,
    });
    key.into_iter().chain(evidence)
}

/// The fields by the answer that supplies them.
fn fields(run: &Run<'_>, backup: Backup<'_>, wanted: FieldSet, text: &mut Text) {
    let mut by_reading: BTreeMap<u32, Vec<FieldId>> = BTreeMap::new();
    let mut absent = Vec::new();
    for field in wanted.iter() {
        match backup.presence(field) {
            Field::Absent => absent.push(field.dotted()),
            _ => by_reading.entry(backup.reading_of(field)).or_default().push(field),
        }
    }
    for (reading, fields) in by_reading {
        text.line(&format!("Read in {}:", place_of(run, Evidence::Record(reading))));
        let widest = fields.iter().map(|field| field.dotted().len()).max().unwrap_or_default();
        for field in fields {
            let value = stated(run, reading, field);
            let doubt = match backup.presence(field) {
                Field::Unusable(reason) => format!(" (cannot be used: {})", reason.meaning()),
                _ => String::new(),
            };
            text.more(&format!("{:<widest$}  {}{doubt}", field.dotted(), short(&value)));
        }
    }
    if !absent.is_empty() {
        text.line(&format!("Not in the record: {}.", absent.join(", ")));
    }
}

/// A field as it stands in a reading, also where only part of it is kept.
pub(super) fn stated(run: &Run<'_>, reading: u32, field: FieldId) -> String {
    let row = run.inventory.reading(reading);
    match (row.presence(field), field.slot()) {
        (Presence::Value, Slot::Hash(_) | Slot::SharedHash(_)) => "present (no rule reads its value)".to_owned(),
        (Presence::Value, _)
            if matches!(field, FieldId::AppConsistencyErrorCode | FieldId::AppConsistencyErrorMessage) =>
        {
            if row.flag(field) { "states an error".to_owned() } else { "states no error".to_owned() }
        }
        _ => wording::value(&run.inventory, Value::Field(reading, field)).into_owned(),
    }
}

/// How far the times of a backup lie apart.
fn spans(run: &Run<'_>, backup: Backup<'_>, text: &mut Text) {
    let inventory = &run.inventory;
    let time = |field| backup.time(field).value();
    let age = |time: jiff::Timestamp| wording::note(inventory, Note::Age(run.clock.time.duration_since(time)));
    let created = time(FieldId::CreatedAt);
    let mut parts = Vec::new();
    parts.extend(
        created.filter(|created| *created <= run.clock.time).map(|created| format!("created {}", age(created))),
    );
    let updated = time(FieldId::UpdatedAt).filter(|updated| *updated <= run.clock.time);
    parts.extend(updated.map(|updated| format!("updated {}", age(updated))));
    if let (Some(created), Some(end)) = (created, time(FieldId::ExpiredAt)) {
        let life = wording::note(inventory, Note::Lifetime(end.duration_since(created)));
        let left = match end.duration_since(run.clock.time) {
            left if left.is_negative() => age(end),
            left => format!("{} after the as-of time", wording::span(left)).into(),
        };
        parts.push(format!("expires {life} and {left}"));
    }
    if !parts.is_empty() {
        text.line(&format!("That is: {}.", parts.join("; ")));
    }
}

/// The fields on which copies of the record contradict each other, copy by copy.
fn conflicts(run: &Run<'_>, backup: Backup<'_>, text: &mut Text) {
    for field in backup.conflicts().iter() {
        text.line(&format!("The copies of the record contradict each other on {}:", field.dotted()));
        for reading in backup.readings() {
            let value = wording::value(&run.inventory, Value::Field(reading, field));
            text.more(&format!("{} in {}", short(&value), place_of(run, Evidence::Field(reading, field))));
        }
    }
}

/// The disks of a server backup.
fn disks(run: &Run<'_>, rule: &Rule, backup: Backup<'_>, limit: usize, text: &mut Text) {
    if !backup.resource_type().value().is_some_and(|kind| kind.is_server()) {
        return;
    }
    match backup.disks() {
        Disks::Seen(disks, partly) => {
            let more = if partly { ", and there may be more that could not be read" } else { "" };
            text.line(&format!("Disks in it: {}{more}.", disks.len()));
        }
        Disks::NoneShown => text.line("Disks in it: a show answer shows that there are none."),
        Disks::NotShown => text.line("Disks in it: not shown; a list answer does not show them."),
        Disks::Missing(reason, _) => text.line(&format!("Disks in it: not known, {}.", reason.meaning())),
    }
    for disk in backup.children().take(limit) {
        text.more(&format!("disk backup {}", short(&backup_id(&run.inventory, disk.ix))));
        for field in disk_fields(rule.family) {
            let reading = disk.reading_of(*field);
            let value = wording::value(&run.inventory, Value::Field(reading, *field));
            let place = place_of(run, Evidence::Field(reading, *field));
            text.more(&format!("  {} {} in {place}", field.key(), short(&value)));
        }
    }
    let left = backup.children().count().saturating_sub(limit);
    if left > 0 {
        text.more(&format!("… and {left} more: --all shows them."));
    }
}

/// What rules of a family look at in the disks of a server backup.
fn disk_fields(family: Family) -> &'static [FieldId] {
    match family {
        Family::Encryption => &[FieldId::Encrypted],
        Family::Retention => &[FieldId::ExpiredAt],
        Family::Hierarchy => &[FieldId::Status, FieldId::ParentId],
        _ => &[FieldId::Status],
    }
}

/// The replication records of a backup.
fn replications(run: &Run<'_>, backup: Backup<'_>, limit: usize, text: &mut Text) {
    let inventory = &run.inventory;
    let (reading, records) = match backup.replications() {
        Replications::Seen(reading, records) => (reading, records),
        Replications::NoneShown => return text.line("Replication records: the answer shows that there are none."),
        Replications::NotShown(reason) => {
            return text.line(&format!("Replication records: not known, {}.", reason.meaning()));
        }
    };
    text.line(&format!("Replication records: {}.", records.len()));
    for (ordinal, record) in (0_u32..).zip(records.iter()).take(limit) {
        let key = |key| wording::value(inventory, Value::Replication(reading, ordinal, key));
        let region = |field: Field<_>| match field {
            Field::Value(region) => inventory.text(region).to_owned(),
            _ => "a region not named".to_owned(),
        };
        text.more(&format!(
            "status {}, begun {}{}, from {} to {}",
            short(&key(ReplicationKey::Status)),
            short(&key(ReplicationKey::CreatedAt)),
            lag(backup, record.created_at),
            short(&region(record.source_region)),
            short(&region(record.destination_region)),
        ));
        let place = place_of(run, Evidence::Replication(reading, ordinal, ReplicationKey::Status));
        text.more(&format!("  {place}"));
        if let Some(copy) = record.destination_backup_id.value() {
            let state = match inventory.by_id(copy) {
                Some(copy) => format!("in the dump, {}", restore_point_row(run, inventory.backup(copy)).state),
                None => "not in the dump".to_owned(),
            };
            text.more(&format!("  its copy {} is {state}", short(&inventory.id_text(copy))));
        }
    }
    if records.len() > limit {
        text.more(&format!("… and {} more: --all shows them.", records.len() - limit));
    }
}

/// How long after the creation of a backup its replication began.
fn lag(backup: Backup<'_>, begun: Field<jiff::Timestamp>) -> String {
    match (backup.time(FieldId::CreatedAt).value(), begun.value()) {
        (Some(created), Some(begun)) => {
            format!(" ({} after its creation)", wording::span(begun.duration_since(created)))
        }
        _ => String::new(),
    }
}

/// What the backup is worth as a restore point, and what its resource has besides.
fn worth(scene: &Scene<'_>, backup: Backup<'_>, text: &mut Text) {
    let run = scene.run;
    if !run.exists(backup.ix) {
        return text.line("It was made after the as-of time, so it is no restore point yet.");
    }
    let row = restore_point_row(run, backup);
    let why = points::why(scene, backup).map(|why| format!(" ({why})")).unwrap_or_default();
    let offsite = row.point.offsite;
    text.line(&format!("As a restore point: {}{why}; copy in another region: {offsite}.", row.state));
    if let Some(resource) = backup.resource() {
        points::summary(run, resource, text);
    }
}
