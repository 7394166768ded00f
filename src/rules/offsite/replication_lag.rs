//! `replication-lag`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "replication-lag",
    family: Family::Offsite,
    severity: Severity::Medium,
    title: "A restore point has not been replicated in time",
    why: "It widens the loss in a regional disaster, and only there.",
    remedy: "Schedule the replication after the backup window, or more often.",
    logic: "Judges good restore points that can be replicated: ordinary backups of servers or SFS Turbo that contain the system disk. Within the limit since created_at or updated_at they pass. Later, a successful replication to another region passes, records that the answer does not show leave it not judged, and anything else fails. A resource shown to have no replication record at all is not applicable: offsite-copy-missing speaks for it.",
    params: &[LAG_HOURS],
    controls: &["nist-800-53r5:CP-9(5)", "nist-800-53r5:CP-6(2)", "dora:12(6)"],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "one restore point copied, one not, one too young",
            r#"{"backups": [{"created_at": "-51h", "replication_records": [{}]}, {"created_at": "-27h"}, {}]}"#,
            &["pass b1", "fail b2 medium", "pass b3"],
        ),
        Case::new(
            "a copy in the same region is none",
            r#"{"backup": {"created_at": "-27h", "replication_records": [{"destination_region": "eu-de"}]}}"#,
            &["fail b1 medium"],
        ),
        Case::new(
            "a list that does not show replication",
            r#"{"backup": {"created_at": "-27h", "replication_records": null}}"#,
            &["unknown b1 view-omits"],
        ),
        Case::new(
            "a resource that is never replicated",
            r#"{"backup": {"created_at": "-27h"}}"#,
            &["not-applicable b1"],
        ),
        Case::new(
            "a disk; a server without its system disk; a failed backup",
            r#"{"backups": [
                {"resource_type": "OS::Cinder::Volume"},
                {"extend_info": {"contain_system_disk": false}},
                {"status": "error"}
            ]}"#,
            &["not-applicable b1", "not-applicable b2", "not-applicable b3"],
        ),
        Case::new(
            "a foreign status; not said whether the system disk is in it",
            r#"{"backups": [{"status": "frozen"}, {"extend_info": {"contain_system_disk": "$absent"}}]}"#,
            &["unknown b1 value-unrecognised", "unknown b2 field-absent"],
        ),
        Case::new("a clock that is only a lower bound", r#"{"backup": {}}"#, &["unknown b1 clock-inferred"]).inferred(),
    ],
};

const LAG_HOURS: Param = Param::new(
    "replication-lag-hours",
    ParamUnit::Hours,
    24.0,
    "How soon a restore point must have its copy in another region.",
);

/// What the rule reads before it looks at copies.
const READ: [FieldId; 7] = [
    FieldId::Status,
    FieldId::ImageType,
    FieldId::ResourceType,
    FieldId::ContainSystemDisk,
    FieldId::CreatedAt,
    FieldId::Children,
    FieldId::UpdatedAt,
];

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    let age = match eligible(cx, backup) {
        Ok(Some(age)) => age,
        Ok(None) => return out.not_applicable(subject),
        Err(reason) => {
            let (observed, evidence) = cx.blame(backup, reason, &READ);
            out.unknown(subject, reason).observed(observed, evidence);
            return;
        }
    };
    let limit = cx.span(&LAG_HOURS);
    if age <= limit {
        return out.pass_now(cx, subject, Key::None, is_copied_for_good(cx, backup));
    }
    if cx.summary(backup).never_replicated {
        return out.not_applicable(subject);
    }
    match cx.points.offsite(backup.ix) {
        Offsite::Claimed | Offsite::Confirmed => {
            out.pass_now(cx, subject, Key::None, is_copied_for_good(cx, backup));
        }
        Offsite::Unknown(reason) => {
            let (observed, evidence) = cx.at(backup, FieldId::ReplicationRecords);
            out.unknown(subject, reason).observed(observed, evidence);
        }
        Offsite::None => {
            let (observed, evidence) = cx.at(backup, FieldId::CreatedAt);
            let expected = Value::AtMost(limit);
            out.fail(subject).observed(observed, evidence).note(Note::Age(age)).expected(expected);
        }
    }
}

/// Whether there is a copy for which no end is stated.
fn is_copied_for_good(cx: &Context<'_>, backup: Backup<'_>) -> bool {
    let point = cx.point(backup);
    point.offsite >= Offsite::Claimed && point.offsite_lasts
}

/// How long the restore point has been ready to be replicated; nothing where it cannot be.
fn eligible(cx: &Context<'_>, backup: Backup<'_>) -> Result<Option<jiff::SignedDuration>, Reason> {
    if backup.role() == Role::Orphan || backup.image_type().value() == Some(ImageType::Replication) {
        return Ok(None);
    }
    if backup.resource_type().value().is_some_and(|kind| !kind.replicates()) {
        return Ok(None);
    }
    if backup.flag(FieldId::ContainSystemDisk).value() == Some(false) {
        return Ok(None);
    }
    match cx.goodness(backup) {
        Goodness::Bad => return Ok(None),
        Goodness::Unknown(reason) => return Err(reason),
        Goodness::Good => {}
    }
    if cx.status(backup)? != Status::Available {
        return Ok(None);
    }
    backup.resource_type().known()?;
    backup.flag(FieldId::ContainSystemDisk).known()?;
    let created = backup.time(FieldId::CreatedAt).known()?;
    let ready = backup.time(FieldId::UpdatedAt).optional()?.map_or(created, |updated| updated.max(created));
    Ok(Some(cx.age(ready)))
}
