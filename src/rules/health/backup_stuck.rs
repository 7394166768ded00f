//! `backup-stuck`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "backup-stuck",
    family: Family::Health,
    severity: Severity::High,
    title: "A backup has been in a passing status for too long",
    why: "A task that does not end is an exception; a long deletion is also a loss in progress.",
    remedy: "Look at the task list and open a support case; do not wait for the next night.",
    logic: "For the passing statuses, the time since created_at or updated_at, whichever is later, is compared with a limit. Restoring and deleting states need updated_at, since their beginning is not the birth of the backup. Fails high for deleting and restoring, else medium. Stable statuses are not applicable.",
    params: &[PROTECTING, WAITING_PROTECT, RESTORING, WAITING_RESTORE, DELETING, WAITING_DELETE],
    controls: &["c5-2020:OPS-07", "soc2:A1.2", "nist-800-53r5:CP-9"],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "a backup that is being made",
            r#"{"backups": [{"status": "protecting", "created_at": "-25h"}, {"status": "protecting"}]}"#,
            &["fail b1 medium", "pass b2"],
        ),
        Case::new(
            "a backup that waits",
            r#"{"backups": [
                {"status": "waiting_protect", "created_at": "-13h"},
                {"status": "waiting_delete", "updated_at": "-1h"}
            ]}"#,
            &["fail b1 medium", "pass b2"],
        ),
        Case::new(
            "a deletion or restore that does not end",
            r#"{"backups": [
                {"status": "deleting", "created_at": "-9d", "updated_at": "-25h"},
                {"status": "restoring", "created_at": "-9d", "updated_at": "-13h"}
            ]}"#,
            &["fail b1 high", "fail b2 high"],
        ),
        Case::new(
            "a restore whose beginning is not told",
            r#"{"backup": {"status": "restoring", "created_at": "-9d", "updated_at": null}}"#,
            &["unknown b1 field-null"],
        ),
        Case::new(
            "a status that does not pass",
            r#"{"backups": [{}, {"status": "error"}]}"#,
            &["not-applicable b1", "not-applicable b2"],
        ),
        Case::new(
            "a status that nobody knows",
            r#"{"backup": {"status": "frozen"}}"#,
            &["unknown b1 value-unrecognised"],
        ),
        Case::new(
            "a clock that is only a lower bound",
            r#"{"backups": [{"status": "protecting"}, {"status": "protecting", "created_at": "-29h"}]}"#,
            &["unknown b1 clock-inferred", "fail b2 medium"],
        )
        .inferred(),
    ],
};

const PROTECTING: Param = limit("protecting-hours", 24.0);
const WAITING_PROTECT: Param = limit("waiting-protect-hours", 12.0);
const RESTORING: Param = limit("restoring-hours", 12.0);
const WAITING_RESTORE: Param = limit("waiting-restore-hours", 12.0);
const DELETING: Param = limit("deleting-hours", 24.0);
const WAITING_DELETE: Param = limit("waiting-delete-hours", 24.0);

const fn limit(key: &'static str, hours: f64) -> Param {
    Param::new(key, ParamUnit::Hours, hours, "How long a backup may stay in this status.")
}

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    let (observed, evidence) = cx.at(backup, FieldId::Status);
    match dwell(cx, backup) {
        Ok(None) => out.not_applicable(subject),
        Ok(Some((status, dwell, limit))) if dwell > limit => {
            let severe = matches!(status, Status::Deleting | Status::Restoring);
            out.fail(subject)
                .observed(observed, evidence)
                .note(Note::Dwell(dwell))
                .expected(Value::AtMost(limit))
                .severity(if severe { Severity::High } else { Severity::Medium });
        }
        Ok(Some(_)) => out.pass_now(cx, subject, Key::None, false),
        Err(reason) => {
            let read = [FieldId::Status, FieldId::UpdatedAt, FieldId::CreatedAt];
            let (observed, evidence) = cx.blame(backup, reason, &read);
            out.unknown(subject, reason).observed(observed, evidence);
        }
    }
}

type Dwell = (Status, jiff::SignedDuration, jiff::SignedDuration);

/// How long the backup has been in a passing status, and how long it may be.
fn dwell(cx: &Context<'_>, backup: Backup<'_>) -> Result<Option<Dwell>, Reason> {
    let status = cx.status(backup)?;
    let limit = match status {
        Status::Available | Status::Error => return Ok(None),
        Status::Protecting => PROTECTING,
        Status::WaitingProtect => WAITING_PROTECT,
        Status::Restoring => RESTORING,
        Status::WaitingRestore => WAITING_RESTORE,
        Status::Deleting => DELETING,
        Status::WaitingDelete => WAITING_DELETE,
    };
    let created = backup.time(FieldId::CreatedAt);
    let updated = backup.time(FieldId::UpdatedAt);
    let being_made = matches!(status, Status::Protecting | Status::WaitingProtect);
    let since = match (being_made, updated.optional()?) {
        (true, None) => created.known()?,
        (false, None) => return Err(updated.known().err().unwrap_or(Reason::FieldAbsent)),
        (_, Some(updated)) => created.optional()?.map_or(updated, |created| created.max(updated)),
    };
    Ok(Some((status, cx.age(since), cx.span(&limit))))
}
