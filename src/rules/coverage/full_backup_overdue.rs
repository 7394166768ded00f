//! `full-backup-overdue`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "full-backup-overdue",
    family: Family::Coverage,
    severity: Severity::Info,
    title: "No full backup for a long time",
    why: "Every restore point restores by itself, but the service advises a full backup now and then, since a damaged block lives on in all increments.",
    remedy: "Let the policy make a full backup now and then, or make one by hand.",
    logic: "Looks at the good restore points of the stated days. One that says incremental is false passes; where all say true it fails. A missing or contradictory incremental, and a restore point in doubt that may be full, leave it not judged. A resource without a restore point in these days is not applicable, and so is a replica.",
    params: &[FULL_BACKUP_DAYS],
    controls: &["nist-800-53r5:CP-9"],
    check: Check::EachResource(check),
    cases: &[
        Case::new(
            "one full, one incremental",
            r#"{"backups": [{"created_at": "-20d", "incremental": false}, {"extend_info": {"incremental": true}}]}"#,
            &["pass r1"],
        ),
        Case::new("incremental only", r#"{"backup": {"extend_info": {"incremental": true}}}"#, &["fail r1 info"]),
        Case::new(
            "the last full one is forty days old",
            r#"{"backups": [{"created_at": "-40d", "expired_at": null, "incremental": false}, {"incremental": true}]}"#,
            &["fail r1 info"],
        ),
        Case::new(
            "most answers do not say; one says both",
            r#"{"backups": [{}, {"resource_id": "r2", "incremental": true, "extend_info": {"incremental": false}}]}"#,
            &["unknown r1 field-absent", "unknown r2 record-conflict"],
        ),
        Case::new(
            "a full one in doubt",
            r#"{"backups": [{"incremental": true}, {"incremental": false, "status": "frozen"}]}"#,
            &["unknown r1 value-unrecognised"],
        ),
        Case::new(
            "nothing recent; a replica without its source",
            r#"{"backups": [
                {"created_at": "-40d", "incremental": true},
                {"resource_id": "r2", "image_type": "replication"}
            ]}"#,
            &["not-applicable r1", "not-applicable r2"],
        ),
        Case::new(
            "a clock that is only a lower bound",
            r#"{"backup": {"incremental": false}}"#,
            &["unknown r1 clock-inferred"],
        )
        .inferred(),
    ],
};

const FULL_BACKUP_DAYS: Param =
    Param::new("full-backup-days", ParamUnit::Days, 30.0, "Within how many days a full backup is expected.");

fn check(cx: &Context<'_>, resource: ResourceIx, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    if cx.inventory.resource(resource).is_replica {
        return out.not_applicable(subject);
    }
    let limit = cx.span(&FULL_BACKUP_DAYS);
    let is_recent = |point: &Point<'_>| cx.may_be_recent(resource, point, limit);
    let good: Vec<_> = cx.good_points(resource).iter().filter(|point| is_recent(point)).copied().collect();
    if good.iter().any(|(backup, _)| is_incremental(*backup) == Ok(false)) {
        return out.pass_now(cx, subject, Key::None, false);
    }
    if let Some((backup, reason)) = good.iter().find_map(|(backup, _)| Some((*backup, is_incremental(*backup).err()?)))
    {
        let (observed, evidence) = cx.at(backup, FieldId::Incremental);
        out.unknown(subject, reason).observed(observed, evidence);
        return;
    }
    let counts = |point: &Point<'_>| is_recent(point) && (good.is_empty() || is_incremental(point.0) != Ok(true));
    let possible: Vec<_> = cx.possible_points(resource).iter().filter(|point| counts(point)).copied().collect();
    if let Some(doubt) = first_doubt(&possible) {
        return cx.leave_open(out, resource, doubt);
    }
    let Some((newest, _)) = good.first() else { return out.not_applicable(subject) };
    let (observed, evidence) = cx.at(*newest, FieldId::Incremental);
    let note = Note::Count(good.len() as u64, "recent, all incremental");
    out.fail(subject).observed(observed, evidence).note(note).expected(Value::Words("a recent full backup"));
}

/// Whether a backup is incremental, by the record or its `extend_info`.
fn is_incremental(backup: Backup<'_>) -> Result<bool, Reason> {
    let (own, inner) = (backup.flag(FieldId::Incremental), backup.flag(FieldId::ExtendIncremental));
    match (own.optional()?, inner.optional()?) {
        (Some(own), Some(inner)) if own != inner => Err(Reason::RecordConflict),
        (Some(own), _) => Ok(own),
        (None, _) => inner.known(),
    }
}
