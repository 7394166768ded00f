//! `retention-too-long`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "retention-too-long",
    family: Family::Retention,
    severity: Severity::Medium,
    title: "A backup is kept longer than permitted",
    why: "Data that should be gone can still be found, demanded and stolen.",
    remedy: "Delete the backup, or bring its expiry forward, under change control; then lower the retention of the policy.",
    logic: "Off unless a maximum is set: with retention-max-days 0 no maximum is set, and every backup is not applicable. Else the life from created_at to expired_at may not exceed the maximum; without an end date, the age at the as-of time may not. Manual backups count. Where expired_at cannot be read, an age beyond the maximum fails all the same, and a lesser one is not judged. Backups in error, replicas and orphans are not applicable.",
    params: &[RETENTION_MAX_DAYS],
    controls: &["gdpr:5(1)(e)", "pci-4.0.1:3.2.1", "cis-8.1:3.4", "iso27001-2022:A.8.10"],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "no maximum is set",
            r#"{"backups": [{"expired_at": "+9000d"}, {"created_at": "$absent"}]}"#,
            &["not-applicable b1", "not-applicable b2"],
        ),
        Case::new(
            "thirty days, and five hundred",
            r#"{"backups": [{}, {"expired_at": "+500d"}]}"#,
            &["pass b1", "fail b2 medium"],
        )
        .set(&["retention-max-days=400"]),
        Case::new(
            "no end date: still young, too old, too old and made by hand",
            r#"{"backups": [
                {"expired_at": null},
                {"expired_at": null, "created_at": "-401d"},
                {"expired_at": null, "created_at": "-401d", "extend_info": {"auto_trigger": false}}
            ]}"#,
            &["pass b1", "fail b2 medium", "fail b3 medium"],
        )
        .set(&["retention-max-days=400"]),
        Case::new(
            "an end date that is not said: still young, too old",
            r#"{"backups": [
                {"expired_at": "$absent"},
                {"expired_at": "soon"},
                {"expired_at": "$absent", "created_at": "-401d"}
            ]}"#,
            &["unknown b1 field-absent", "unknown b2 type-mismatch", "fail b3 medium"],
        )
        .set(&["retention-max-days=400"]),
        Case::new(
            "no creation to count from, and a status that nobody knows",
            r#"{"backups": [{"created_at": "$absent"}, {"status": "frozen"}]}"#,
            &["unknown b1 field-absent", "unknown b2 value-unrecognised"],
        )
        .set(&["retention-max-days=400"]),
        Case::new(
            "a failed backup, a replica, an orphan",
            r#"{"backups": [
                {"status": "error", "expired_at": "+500d"},
                {"image_type": "replication", "expired_at": "+500d"},
                {"parent_id": "gone", "expired_at": "+500d"}
            ]}"#,
            &["not-applicable b1", "not-applicable b2", "not-applicable b3"],
        )
        .set(&["retention-max-days=400"]),
        Case::new(
            "a clock that is only a lower bound",
            r#"{"backups": [
                {"created_at": "-500d", "expired_at": null},
                {"created_at": "-30d", "expired_at": null},
                {}
            ]}"#,
            &["fail b1 medium", "unknown b2 clock-inferred", "pass b3"],
        )
        .set(&["retention-max-days=400"])
        .inferred(),
    ],
};

const RETENTION_MAX_DAYS: Param = Param::new(
    "retention-max-days",
    ParamUnit::Days,
    0.0,
    "How many days a backup may live at most; 0 means that no maximum is set.",
);

/// What the rule reads, in the order in which it may be kept from judging.
const READ: [FieldId; 5] =
    [FieldId::ImageType, FieldId::Status, FieldId::CreatedAt, FieldId::ExpiredAt, FieldId::UpdatedAt];

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    let maximum = cx.span(&RETENTION_MAX_DAYS);
    if maximum.is_zero() {
        return out.not_applicable(subject);
    }
    match judge(cx, backup, maximum) {
        Ok(State::Outside) => out.not_applicable(subject),
        Ok(State::Permitted) => out.pass(subject),
        Ok(State::StillPermitted) => out.pass_now(cx, subject, Key::None, false),
        Ok(State::TooLong(field, note)) => {
            let (observed, evidence) = cx.at(backup, field);
            out.fail(subject).observed(observed, evidence).note(note).expected(Value::AtMost(maximum));
        }
        Err(reason) => {
            let (observed, evidence) = cx.blame(backup, reason, &READ);
            out.unknown(subject, reason).observed(observed, evidence);
        }
    }
}

enum State {
    Outside,
    Permitted,
    /// Without an end date, and not too old at the as-of time.
    StillPermitted,
    TooLong(FieldId, Note),
}

fn judge(cx: &Context<'_>, backup: Backup<'_>, maximum: jiff::SignedDuration) -> Result<State, Reason> {
    if cx.is_outside_retention(backup) == Ok(true) || cx.status(backup) == Ok(Status::Error) {
        return Ok(State::Outside);
    }
    cx.is_outside_retention(backup)?;
    cx.status(backup)?;
    let created = backup.time(FieldId::CreatedAt).known()?;
    let expires = backup.time(FieldId::ExpiredAt);
    if let Field::Value(expires) = expires {
        let life = expires.duration_since(created);
        let too_long = State::TooLong(FieldId::ExpiredAt, Note::Lifetime(life));
        return Ok(if life > maximum { too_long } else { State::Permitted });
    }
    let age = cx.age(created);
    if age > maximum {
        return Ok(State::TooLong(FieldId::CreatedAt, Note::Age(age)));
    }
    match expires {
        Field::Null => Ok(State::StillPermitted),
        unsaid => Err(unsaid.known().err().unwrap_or(Reason::FieldAbsent)),
    }
}
