//! `retention-too-short`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "retention-too-short",
    family: Family::Retention,
    severity: Severity::Medium,
    title: "A backup will be deleted too early",
    why: "Damage that is noticed late finds no restore point from before it.",
    remedy: "Raise the retention of the policy; backups that exist keep their old expiry.",
    logic: "The life from created_at to expired_at, plus a tolerance, is compared with the minimum. Manual backups without an end date, backups in error, replicas and orphans are not applicable. Automatic backups without an end date are kept by quantity or for ever, which the record does not say: not judged; where a policy answer shows how the vault keeps its backups, that is noted.",
    params: &[RETENTION_MIN_DAYS, TOLERANCE_HOURS],
    controls: &[
        "iso27001-2022:A.8.13",
        "c5-2020:OPS-06",
        "impl-reg-2024-2690:4.2.2(f)",
        "cis-8.1:3.4",
        "bsi-gs-2023:CON.3.A4",
        "nist-800-53r5:SI-12",
    ],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "thirty days, less the moment between two stamps",
            r#"{"backup": {"created_at": "2026-02-20T08:00:00.004Z", "expired_at": "2026-03-22T08:00:00Z"}}"#,
            &["pass b1"],
        ),
        Case::new("a week", r#"{"backup": {"expired_at": "+7d"}}"#, &["fail b1 medium"]),
        Case::new("a week where a week is enough", r#"{"backup": {"expired_at": "+7d"}}"#, &["pass b1"])
            .set(&["retention-min-days=7"]),
        Case::new(
            "no end date: made by policy, by hand, not said",
            r#"{"backups": [
                {"expired_at": null},
                {"expired_at": null, "extend_info": {"auto_trigger": false}},
                {"expired_at": null, "extend_info": null}
            ]}"#,
            &["unknown b1 not-in-metadata", "not-applicable b2", "unknown b3 field-absent"],
        ),
        Case::new(
            "a failed backup, a replica, an orphan",
            r#"{"backups": [{"status": "error"}, {"image_type": "replication"}, {"parent_id": "gone"}]}"#,
            &["not-applicable b1", "not-applicable b2", "not-applicable b3"],
        ),
        Case::new(
            "no creation to count from",
            r#"{"backup": {"created_at": "$absent"}}"#,
            &["unknown b1 field-absent"],
        ),
    ],
};

const TOLERANCE_HOURS: Param = Param::new(
    "retention-tolerance-hours",
    ParamUnit::Hours,
    1.0,
    "How much shorter is still accepted, since the service stamps the expiry a little before the creation.",
);

/// What the rule reads, in the order in which it may be kept from judging.
const READ: [FieldId; 5] =
    [FieldId::ImageType, FieldId::Status, FieldId::AutoTrigger, FieldId::CreatedAt, FieldId::UpdatedAt];

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    let minimum = cx.span(&RETENTION_MIN_DAYS);
    let (observed, evidence) = cx.at(backup, FieldId::ExpiredAt);
    match lifetime(cx, backup) {
        Ok(None) => out.not_applicable(subject),
        Ok(Some(life)) if life.saturating_add(cx.span(&TOLERANCE_HOURS)) < minimum => {
            let note = Note::Lifetime(life);
            out.fail(subject).observed(observed, evidence).note(note).expected(Value::AtLeast(minimum));
        }
        Ok(Some(_)) => out.pass(subject),
        Err(reason) => {
            let (blamed, place) = cx.blame(backup, reason, &READ);
            let (observed, evidence) = match place {
                Evidence::Record(_) => (observed, evidence),
                _ => (blamed, place),
            };
            out.unknown(subject, reason).observed(observed, evidence).note(kept_by(cx, backup));
        }
    }
}

/// How the policies of the vault keep backups without an end date, if policy answers show it. Backups that exist keep the
/// retention they were made with, so it explains and proves nothing.
fn kept_by(cx: &Context<'_>, backup: Backup<'_>) -> Note {
    let bindings = cx.inventory.bindings(&backup.text(FieldId::VaultId));
    let policies = bindings.iter().map(|binding| cx.inventory.neighbour(binding.policy));
    let mut backing = policies.filter(|policy| {
        policy
            .word(Part::OperationType, PolicyOperation::from_word)
            .value()
            .is_some_and(|it| it == PolicyOperation::Backup)
    });
    match backing.next() {
        Some(policy) if policy.number(Part::MaxBackups).value().is_some_and(|most| most > 0) => {
            Note::Neighbour("a policy of the vault keeps by number: max_backups", policy.spot(Part::MaxBackups))
        }
        Some(policy) if policy.number(Part::RetentionDays).value().is_none_or(|days| days <= 0) => {
            Note::Words("a policy of the vault keeps them for ever")
        }
        _ => Note::None,
    }
}

/// How long the backup lives; nothing where the rule does not apply.
fn lifetime(cx: &Context<'_>, backup: Backup<'_>) -> Result<Option<jiff::SignedDuration>, Reason> {
    let expires = backup.time(FieldId::ExpiredAt);
    let manual = backup.flag(FieldId::AutoTrigger).value() == Some(false);
    let by_itself = cx.is_outside_retention(backup) == Ok(true)
        || cx.status(backup) == Ok(Status::Error)
        || manual && expires.optional() == Ok(None);
    if by_itself {
        return Ok(None);
    }
    cx.is_outside_retention(backup)?;
    cx.status(backup)?;
    let expires = expires.optional()?;
    let Some(expires) = expires else {
        return Err(backup.flag(FieldId::AutoTrigger).known().err().unwrap_or(Reason::NotInMetadata));
    };
    Ok(Some(expires.duration_since(backup.time(FieldId::CreatedAt).known()?)))
}
