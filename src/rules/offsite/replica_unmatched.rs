//! `replica-unmatched`

use super::destination::{Latest, each_destination};
use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "replica-unmatched",
    family: Family::Offsite,
    severity: Severity::Medium,
    title: "A copy and its source do not meet",
    why: "A replication record that says success is worth nothing if the copy is no longer there; a copy whose source is gone is the only one left.",
    remedy: "Replicate the backup again, and find out who deleted the copy. Keep a copy that is the only survivor until it is known to be superfluous.",
    logic: "Per backup and destination region, the latest replication record if it says success: the copy that it names passes where it is in the dump, and fails, medium, where all list answers of the destination project are complete and do not hold it. Where the destination project has no list answer in the dump, nothing applies; where they are incomplete, or the record does not name the copy or the project, it is not judged. Per replica: with its source in the dump it passes. It fails, info, as the only survivor where all list answers of the projects that other replicas of its project come from are complete and do not hold the source. Where there is no such project, nothing applies; where one is incomplete, does not show all replication records, or has one that may have made a copy without naming it, it is not judged. A replica that several backups name as their copy is not judged, and neither are they. Orphans are not applicable.",
    params: &[],
    controls: &["nist-800-53r5:CP-6", "nist-800-53r5:CP-9(3)", "c5-2020:OPS-09", "soc2:A1.2"],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "a copy that is there, one that is gone, and one whose source is gone",
            r#"{"$files": {
                "here/a.json": {"backups": [
                    {"replication_records": [{"destination_project_id": "p2"}]},
                    {"replication_records": [{"destination_project_id": "p2"}]}
                ]},
                "there/a.json": {"backups": [
                    {"id": "b1-copy", "project_id": "p2", "image_type": "replication"},
                    {"id": "b9-copy", "project_id": "p2", "image_type": "replication"}
                ]}
            }}"#,
            &["pass b1 [eu-nl]", "fail b2 [eu-nl] medium", "pass b1-copy", "fail b9-copy info"],
        ),
        Case::new(
            "a replication that failed names no copy and has made none",
            r#"{"$files": {
                "here/a.json": {"backups": [
                    {"replication_records": [{"destination_project_id": "p2"}]},
                    {"replication_records": [
                        {"destination_project_id": "p2", "status": "fail", "destination_backup_id": null}
                    ]}
                ]},
                "there/a.json": {"backups": [
                    {"id": "b1-copy", "project_id": "p2", "image_type": "replication"},
                    {"id": "b9-copy", "project_id": "p2", "image_type": "replication"}
                ]}
            }}"#,
            &["pass b1 [eu-nl]", "not-applicable b2 [eu-nl]", "pass b1-copy", "fail b9-copy info"],
        ),
        Case::new(
            "the other region is not in the dump, on either side",
            r#"{"$files": {
                "a.json": {"backups": [{"replication_records": [{"destination_project_id": "p2"}]}]},
                "b.json": {"backups": [{"id": "b9-copy", "project_id": "p3", "image_type": "replication"}]}
            }}"#,
            &["not-applicable b1 [eu-nl]", "not-applicable b9-copy"],
        ),
        Case::new(
            "answers of which pages are missing",
            r#"{"$files": {
                "here/a.json": {"count": 9, "backups": [
                    {"replication_records": [{"destination_project_id": "p2"}]},
                    {"replication_records": [{"destination_project_id": "p2"}]}
                ]},
                "there/a.json": {"count": 9, "backups": [
                    {"id": "b1-copy", "project_id": "p2", "image_type": "replication"},
                    {"id": "b9-copy", "project_id": "p2", "image_type": "replication"}
                ]}
            }}"#,
            &[
                "pass b1 [eu-nl]",
                "unknown b2 [eu-nl] input-incomplete",
                "pass b1-copy",
                "unknown b9-copy input-incomplete",
            ],
        ),
        Case::new(
            "records that name no copy or no project, and so may be of any copy",
            r#"{"$files": {
                "here/a.json": {"backups": [
                    {"replication_records": [{}]},
                    {"replication_records": [{}]},
                    {"replication_records": [{"destination_project_id": "p2", "destination_backup_id": null}]}
                ]},
                "there/a.json": {"backups": [
                    {"id": "b1-copy", "project_id": "p2", "image_type": "replication"},
                    {"id": "b9-copy", "project_id": "p2", "image_type": "replication"}
                ]}
            }}"#,
            &[
                "pass b1 [eu-nl]",
                "unknown b2 [eu-nl] field-absent",
                "unknown b3 [eu-nl] field-null",
                "pass b1-copy",
                "unknown b9-copy field-null",
            ],
        ),
        Case::new(
            "a copy that two backups name",
            r#"{"$files": {
                "here/a.json": {"backups": [
                    {"replication_records": [{"destination_project_id": "p2", "destination_backup_id": "copy"}]},
                    {"replication_records": [{"destination_project_id": "p2", "destination_backup_id": "copy"}]}
                ]},
                "there/a.json": {"backups": [{"id": "copy", "project_id": "p2", "image_type": "replication"}]}
            }}"#,
            &[
                "unknown b1 [eu-nl] record-conflict",
                "unknown b2 [eu-nl] record-conflict",
                "unknown copy record-conflict",
            ],
        ),
        Case::new(
            "a copy whose parent is not in the dump, and a part that does not say whether it is one",
            r#"{"backups": [
                {"parent_id": "gone", "image_type": "replication"}, {"parent_id": "gone", "image_type": null}
            ]}"#,
            &["not-applicable b1", "not-applicable b2"],
        ),
        Case::new(
            "no success, and a record of the named id that is no replica",
            r#"{"backups": [
                {"replication_records": [{"status": "fail"}]},
                {"replication_records": [{"destination_project_id": "p1"}]}, {"id": "b2-copy"}
            ]}"#,
            &["not-applicable b1 [eu-nl]", "fail b2 [eu-nl] medium", "not-applicable b2-copy"],
        ),
    ],
};

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    if backup.role() == Role::Orphan {
        return out.not_applicable(subject);
    }
    match backup.image_type().known() {
        Ok(ImageType::Replication) => judge_copy(cx, backup, out),
        Ok(ImageType::Backup) => {
            each_destination(cx, backup, out, |latest, out| judge_source(cx, subject, latest, out))
        }
        Err(reason) => {
            let (observed, evidence) = cx.at(backup, FieldId::ImageType);
            out.unknown(subject, reason).observed(observed, evidence);
        }
    }
}

/// Judges a copy by whether its source is there.
fn judge_copy(cx: &Context<'_>, replica: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(replica.ix);
    if replica.source().is_some() {
        return out.pass(subject);
    }
    if replica.is_claimed_twice() {
        out.unknown(subject, Reason::RecordConflict)
            .observed(Value::Words("several backups name it as their copy"), Evidence::Record(replica.first_reading()))
            .expected(Value::Words("one source"));
        return;
    }
    let project = match replica.symbol(FieldId::ProjectId).known() {
        Ok(project) => project,
        Err(reason) => {
            let (observed, evidence) = cx.at(replica, FieldId::ProjectId);
            out.unknown(subject, reason).observed(observed, evidence);
            return;
        }
    };
    let sources = || cx.inventory.replicated_from(project);
    let is_partial = |project: &Symbol| !cx.inventory.listings.complete_projects.contains(project);
    if sources().next().is_none() {
        out.not_applicable(subject);
    } else if let Some(reason) = sources().filter_map(|project| cx.inventory.hides_copies(project)).min() {
        out.unknown(subject, reason);
    } else if sources().any(|project| is_partial(&project)) {
        out.unknown(subject, Reason::InputIncomplete);
    } else {
        out.fail(subject)
            .observed(Value::Words("the only survivor"), Evidence::Record(replica.first_reading()))
            .expected(Value::Words("its source in the dump"))
            .severity(Severity::Info);
    }
}

/// Judges a replication record by whether the copy that it names is there.
fn judge_source(cx: &Context<'_>, subject: Subject, latest: &Latest, out: &mut Sink<'_>) {
    let key = Key::Region(latest.region);
    if latest.status != ReplicationStatus::Success {
        return out.not_applicable_for(subject, key);
    }
    let listings = &cx.inventory.listings;
    let project = latest.record.destination_project.known();
    let is_there = match project {
        Ok(project) => listings.listed_projects.contains(&project),
        Err(_) => cx.inventory.has_replicas(),
    };
    let copy = latest.record.destination_backup_id.known();
    let loaded = copy.ok().and_then(|id| cx.inventory.by_id(id)).map(|ix| cx.inventory.backup(ix));
    let is_replica = loaded.map_or(Ok(false), is_replica);
    let mut leave_open = |key_of: ReplicationKey, reason: Reason| {
        let (observed, evidence) = latest.at(key_of);
        out.unknown(subject, reason).key(key).observed(observed, evidence).expected(EXPECTED);
    };
    match (copy, project) {
        _ if loaded.is_some_and(Backup::is_claimed_twice) => {
            leave_open(ReplicationKey::DestinationBackup, Reason::RecordConflict);
        }
        _ if is_replica == Ok(true) => out.pass_for(subject, key),
        _ if !is_there => out.not_applicable_for(subject, key),
        (Err(reason), _) => leave_open(ReplicationKey::DestinationBackup, reason),
        (_, Err(reason)) => leave_open(ReplicationKey::DestinationProject, reason),
        (Ok(_), Ok(project)) => match is_replica {
            Err(reason) => leave_open(ReplicationKey::DestinationBackup, reason),
            Ok(_) if !listings.complete_projects.contains(&project) => {
                leave_open(ReplicationKey::DestinationBackup, Reason::InputIncomplete);
            }
            Ok(_) => {
                let (observed, evidence) = latest.at(ReplicationKey::DestinationBackup);
                out.fail(subject).key(key).observed(observed, evidence).expected(EXPECTED);
            }
        },
    }
}

const EXPECTED: Value = Value::Words("the copy in the dump");

/// Whether a backup is a copy.
fn is_replica(backup: Backup<'_>) -> Result<bool, Reason> {
    Ok(backup.image_type().known()? == ImageType::Replication)
}
