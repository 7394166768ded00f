//! `expired-still-listed`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "expired-still-listed",
    family: Family::Retention,
    severity: Severity::Low,
    title: "A backup is past its expiry and still there",
    why: "It costs money and keeps data longer than promised; or purging has stopped, as it does when the policy is disabled.",
    remedy: "Check that the policy is enabled and applied to the resource; delete the backup by hand.",
    logic: "Fails where the as-of time is later than expired_at plus a grace for the purge, and status is available. Within the grace it passes. Backups without an end date, not available, replicas and orphans are not applicable; past the grace, neither are backups with an image registered from them.",
    params: &[PURGE_GRACE_HOURS],
    controls: &["gdpr:5(1)(e)", "iso27001-2022:A.8.10", "pci-4.0.1:3.2.1"],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "four days past its end",
            r#"{"backup": {"created_at": "-34d", "expired_at": "-4d"}}"#,
            &["fail b1 low"],
        ),
        Case::new(
            "two days past its end, and well before it",
            r#"{"backups": [{"created_at": "-32d", "expired_at": "-2d"}, {}]}"#,
            &["pass b1", "pass b2"],
        ),
        Case::new(
            "an image was made of it",
            r#"{"backup": {
                "created_at": "-34d",
                "expired_at": "-4d",
                "extend_info": {"os_images_data": [{"image_id": "i1"}]}
            }}"#,
            &["not-applicable b1"],
        ),
        Case::new(
            "no end date; failed; a replica",
            r#"{"backups": [{"expired_at": null}, {"status": "error"}, {"image_type": "replication"}]}"#,
            &["not-applicable b1", "not-applicable b2", "not-applicable b3"],
        ),
        Case::new(
            "an end that cannot be read, and no status",
            r#"{"backups": [{"expired_at": "soon"}, {"status": "$absent"}]}"#,
            &["unknown b1 type-mismatch", "unknown b2 field-absent"],
        ),
        Case::new("a clock that is only a lower bound", r#"{"backup": {}}"#, &["unknown b1 clock-inferred"]).inferred(),
    ],
};

const PURGE_GRACE_HOURS: Param = Param::new(
    "purge-grace-hours",
    ParamUnit::Hours,
    72.0,
    "How long after its expiry a backup may still be listed: the service purges in batches, every other day.",
);

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    let (observed, evidence) = cx.at(backup, FieldId::ExpiredAt);
    match overdue(cx, backup) {
        Ok(State::Outside) => out.not_applicable(subject),
        Ok(State::InTime) => out.pass_now(cx, subject, Key::None, false),
        Ok(State::Overdue(since)) => {
            let expected = Value::AtMost(cx.span(&PURGE_GRACE_HOURS));
            out.fail(subject).observed(observed, evidence).note(Note::Age(since)).expected(expected);
        }
        Err(reason) => {
            let read = [FieldId::ImageType, FieldId::Status, FieldId::ExpiredAt, FieldId::UpdatedAt];
            let (observed, evidence) = cx.blame(backup, reason, &read);
            out.unknown(subject, reason).observed(observed, evidence);
        }
    }
}

enum State {
    Outside,
    InTime,
    Overdue(jiff::SignedDuration),
}

fn overdue(cx: &Context<'_>, backup: Backup<'_>) -> Result<State, Reason> {
    let expires = backup.time(FieldId::ExpiredAt).optional();
    let available = cx.status(backup).map(|status| status == Status::Available);
    if cx.is_outside_retention(backup) == Ok(true) || expires == Ok(None) || available == Ok(false) {
        return Ok(State::Outside);
    }
    cx.is_outside_retention(backup)?;
    available?;
    let Some(expires) = expires? else { return Ok(State::Outside) };
    let since = cx.age(expires);
    if since <= cx.span(&PURGE_GRACE_HOURS) {
        return Ok(State::InTime);
    }
    backup.presence(FieldId::OsImagesData).optional()?;
    Ok(if backup.images() > 0 { State::Outside } else { State::Overdue(since) })
}
