//! `restore-in-progress`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "restore-in-progress",
    family: Family::Health,
    severity: Severity::Info,
    title: "A restore from the backup is running or waiting",
    why: "A restore overwrites live data and cannot be stopped. During an incident it is worth knowing who started it.",
    remedy: "Confirm that the restore is meant, and look up who started it in the audit traces.",
    logic: "Fails where status is restoring or waiting_restore; every other known status passes. A missing or foreign status, or one that changed after the as-of time, is not judged.",
    params: &[],
    controls: &["nist-800-53r5:CP-10", "c5-2020:OPS-07"],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "an available backup, and a failed one",
            r#"{"backups": [{}, {"status": "error"}]}"#,
            &["pass b1", "pass b2"],
        ),
        Case::new(
            "one being restored from, one waiting for it",
            r#"{"backups": [{"status": "restoring"}, {"status": "waiting_restore"}]}"#,
            &["fail b1 info", "fail b2 info"],
        ),
        Case::new(
            "a status that is foreign, missing or null",
            r#"{"backups": [{"status": "Restoring"}, {"status": "$absent"}, {"status": null}]}"#,
            &["unknown b1 value-unrecognised", "unknown b2 field-absent", "unknown b3 field-null"],
        ),
        Case::new(
            "a status that was set after the as-of time",
            r#"{"backup": {"status": "restoring", "updated_at": "+1h"}}"#,
            &["unknown b1 not-in-metadata"],
        ),
    ],
};

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    match cx.status(backup) {
        Ok(Status::Restoring | Status::WaitingRestore) => {
            let (observed, evidence) = cx.at(backup, FieldId::Status);
            out.fail(subject).observed(observed, evidence).expected(Value::Words("no restore under way"));
        }
        Ok(_) => out.pass(subject),
        Err(reason) => {
            let (observed, evidence) = cx.blame(backup, reason, &[FieldId::Status, FieldId::UpdatedAt]);
            out.unknown(subject, reason).observed(observed, evidence);
        }
    }
}
