//! `deletion-pending`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "deletion-pending",
    family: Family::Health,
    severity: Severity::Critical,
    title: "Backups are being deleted before their expiry",
    why: "Retention waits for the expiry; whoever deletes earlier takes away the means to recover. Such backups stay listed for minutes or hours only.",
    remedy: "Ask who deletes and why. If nobody knows, treat it as an incident: withdraw the credentials, pull the audit traces, and protect what is left.",
    logic: "Per vault, the backups in status deleting or waiting_delete that have no end date or one after the as-of time are counted. Any fails: critical from the stated number on, else medium. Deletions past the expiry are the ordinary purge. A missing or foreign status, one that changed after the as-of time, and an expiry that is missing or cannot be read on a backup being deleted leave it not judged. So does an end date beyond an as-of time that is only a lower bound.",
    params: &[PENDING_MIN],
    controls: &["mitre:T1490", "mitre:T1485", "iso27001-2022:A.8.13", "c5-2020:OPS-06", "bsi-gs-2023:CON.3.A14"],
    check: Check::EachVault(check),
    cases: &[
        Case::new(
            "nothing is being deleted, or only what has expired",
            r#"{"backups": [{}, {"status": "deleting", "created_at": "-32d", "expired_at": "-2d"}]}"#,
            &["pass v1"],
        ),
        Case::new(
            "one deleted early; one without end date",
            r#"{"backups": [
                {"status": "deleting"},
                {"vault_id": "v2", "status": "waiting_delete", "expired_at": null}
            ]}"#,
            &["fail v1 medium", "fail v2 medium"],
        ),
        Case::new(
            "five at once",
            r#"{"backups": [
                {"status": "deleting"}, {"status": "deleting"}, {"status": "deleting"},
                {"status": "waiting_delete"}, {"status": "waiting_delete"}
            ]}"#,
            &["fail v1 critical"],
        ),
        Case::new(
            "two where two are many",
            r#"{"backups": [{"status": "deleting"}, {"status": "deleting"}]}"#,
            &["fail v1 critical"],
        )
        .set(&["deletion-pending-min=2"]),
        Case::new(
            "a status that nobody knows; an end that cannot be read; none stated",
            r#"{"backups": [
                {"status": "frozen"},
                {"vault_id": "v2", "status": "deleting", "expired_at": "soon"},
                {"vault_id": "v3", "status": "deleting", "expired_at": "$absent"}
            ]}"#,
            &["unknown v1 value-unrecognised", "unknown v2 type-mismatch", "unknown v3 field-absent"],
        ),
        Case::new(
            "a status that was set after the as-of time",
            r#"{"backup": {"status": "deleting", "updated_at": "+1h"}}"#,
            &["unknown v1 not-in-metadata"],
        ),
        Case::new(
            "a clock that is only a lower bound: the end may have come",
            r#"{"backups": [
                {"status": "deleting"},
                {"vault_id": "v2", "status": "deleting", "expired_at": null}
            ]}"#,
            &["unknown v1 clock-inferred", "fail v2 medium"],
        )
        .inferred(),
    ],
};

const PENDING_MIN: Param = Param::new(
    "deletion-pending-min",
    ParamUnit::Count,
    5.0,
    "From how many early deletions in one vault on the finding is critical.",
);

fn check(cx: &Context<'_>, vault: VaultIx, out: &mut Sink<'_>) {
    let subject = Subject::Vault(vault);
    let (mut first, mut doubt, mut early) = (None, None, 0);
    for backup in cx.inventory.in_vault(vault).filter(|backup| cx.exists(*backup)) {
        match is_early(cx, backup) {
            Ok(true) => {
                first.get_or_insert(backup);
                early += 1;
            }
            Ok(false) => {}
            Err(reason) => {
                doubt.get_or_insert((backup, reason));
            }
        }
    }
    if let Some(first) = first {
        let severity = if early >= cx.count(&PENDING_MIN) { Severity::Critical } else { Severity::Medium };
        let (observed, evidence) = cx.at(first, FieldId::Status);
        let note = Note::Count(early, "being deleted before the expiry");
        let expected = Value::Words("no deletion before the expiry");
        out.fail(subject).observed(observed, evidence).note(note).expected(expected).severity(severity);
    } else if let Some((backup, reason)) = doubt {
        let read = [FieldId::Status, FieldId::ExpiredAt, FieldId::UpdatedAt];
        let (observed, evidence) = cx.blame(backup, reason, &read);
        out.unknown(subject, reason).observed(observed, evidence);
    } else {
        out.pass(subject);
    }
}

/// Whether the backup is being deleted before its end.
fn is_early(cx: &Context<'_>, backup: Backup<'_>) -> Result<bool, Reason> {
    let expiry = backup.time(FieldId::ExpiredAt);
    if expiry.value().is_some_and(|expires| expires <= cx.now()) {
        return Ok(false);
    }
    if !matches!(cx.status(backup)?, Status::Deleting | Status::WaitingDelete) {
        return Ok(false);
    }
    match expiry {
        Field::Null => Ok(true),
        // Where the as-of time is only a lower bound, the end may have come.
        Field::Value(_) if !cx.clock.is_exact() => Err(Reason::ClockInferred),
        expiry => expiry.known().map(|_| true),
    }
}
