//! `backup-error`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "backup-error",
    family: Family::Health,
    severity: Severity::High,
    title: "A backup is in status error",
    why: "It cannot be restored and retention never removes it; with a newer good restore point it is only clutter.",
    remedy: "Read the error of the task, run the backup again, and delete the failed record by hand. The service keeps at most ten failed automatic backups, for a month: this is a floor, not a rate.",
    logic: "Fails where status is error: high if the resource has no newer good restore point, else medium. Passes for every other known status. A missing or foreign status, or one that changed after the as-of time, is not judged. Where the dump holds the failed task of the backup, its error is shown; it decides nothing.",
    params: &[],
    controls: &[
        "iso27001-2022:A.8.13",
        "nist-800-53r5:CP-9",
        "nist-csf-2.0:PR.DS-11",
        "soc2:A1.2",
        "c5-2020:OPS-07",
        "bsi-gs-2023:CON.3.A5",
        "dora:12(2)",
    ],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "a failure with nothing good after it",
            r#"{"backups": [{"created_at": "-27h"}, {"status": "error"}]}"#,
            &["pass b1", "fail b2 high"],
        ),
        Case::new(
            "a failure with a newer good restore point",
            r#"{"backups": [{"status": "error", "created_at": "-27h"}, {}]}"#,
            &["fail b1 medium", "pass b2"],
        ),
        Case::new(
            "the failed task beside it changes no verdict",
            r#"{"$files": {
                "a.json": {"backup": {"status": "error"}},
                "b.json": {"operation_log": {"status": "failed", "error_info": {"code": "BackupService.0001"}}}
            }}"#,
            &["fail b1 high"],
        ),
        Case::new(
            "a status that is foreign, missing or null",
            r#"{"backups": [{"status": "archived"}, {"status": "$absent"}, {"status": null}]}"#,
            &["unknown b1 value-unrecognised", "unknown b2 field-absent", "unknown b3 field-null"],
        ),
        Case::new(
            "a status that was set after the as-of time",
            r#"{"backup": {"status": "error", "updated_at": "+1h"}}"#,
            &["unknown b1 not-in-metadata"],
        ),
        Case::new(
            "two answers that disagree",
            r#"{"$files": {
                "a.json": {"backup": {"id": "b1"}},
                "b.json": {"backup": {"id": "b1", "status": "error"}}
            }}"#,
            &["unknown b1 record-conflict"],
        ),
    ],
};

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    let (observed, evidence) = cx.at(backup, FieldId::Status);
    match cx.status(backup) {
        Ok(Status::Error) => {
            let severity = if is_superseded(cx, backup) { Severity::Medium } else { Severity::High };
            let expected = Value::Words("available");
            let finding = out.fail(subject).observed(observed, evidence).expected(expected).severity(severity);
            if let Some(task) = cx.inventory.failed_task_of(backup) {
                finding.note(Note::Parts(task.spot(Part::ErrorCode), TASK_ERROR));
            }
        }
        Ok(_) => out.pass(subject),
        Err(reason) => {
            let (observed, evidence) = cx.blame(backup, reason, &[FieldId::Status, FieldId::UpdatedAt]);
            out.unknown(subject, reason).observed(observed, evidence);
        }
    }
}

/// Whether the resource has a good restore point that is newer.
fn is_superseded(cx: &Context<'_>, backup: Backup<'_>) -> bool {
    let time = cx.moment(backup);
    time.is_some() && cx.summary(backup).newest_good > time
}
