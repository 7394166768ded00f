//! `replication-failed`

use super::destination::{Latest, each_destination};
use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "replication-failed",
    family: Family::Offsite,
    severity: Severity::High,
    title: "A replication to another region failed",
    why: "The copy that a disaster would need does not exist.",
    remedy: "Start the replication after the backup has ended, and check the capacity of the destination vault.",
    logic: "Per backup and destination region, the latest replication record by created_at: fail and skip fail, success passes, one that is not finished is not applicable. High for fail if no good restore point of the resource has a copy in another region, else medium. Records that the answer does not show, or without status, time or region, are not judged.",
    params: &[],
    controls: &[
        "nist-800-53r5:CP-6",
        "nist-800-53r5:CP-9(5)",
        "c5-2020:OPS-09",
        "soc2:A1.2",
        "bsi-gs-2023:CON.3.A12",
        "mlps-gbt22239:8.1.4.9b",
    ],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "a copy that failed",
            r#"{"backup": {"replication_records": [{"status": "fail"}]}}"#,
            &["fail b1 [eu-nl] high"],
        ),
        Case::new(
            "another restore point has a copy",
            r#"{"backups": [
                {"replication_records": [{"status": "fail"}]},
                {"created_at": "-27h", "replication_records": [{}]}
            ]}"#,
            &["fail b1 [eu-nl] medium", "pass b2 [eu-nl]"],
        ),
        Case::new(
            "a failure that was made good",
            r#"{"backup": {"replication_records": [{"status": "fail"}, {"created_at": "-1h"}]}}"#,
            &["pass b1 [eu-nl]"],
        ),
        Case::new(
            "a copy that was skipped",
            r#"{"backup": {"replication_records": [{"status": "skip"}]}}"#,
            &["fail b1 [eu-nl] medium"],
        ),
        Case::new(
            "not finished, and none at all",
            r#"{"$files": {
                "a.json": {"backup": {"replication_records": [{"status": "replicating"}]}},
                "b.json": {"backup": {}}
            }}"#,
            &["not-applicable b1 [eu-nl]", "not-applicable b2"],
        ),
        Case::new(
            "a list that does not show replication",
            r#"{"backups": [{}, {"resource_type": "OS::Cinder::Volume"}, {"resource_type": null}]}"#,
            &["unknown b1 view-omits", "not-applicable b2", "unknown b3 field-null"],
        ),
        Case::new("a list that does", r#"{"backups": [{}]}"#, &["not-applicable b1"]).set(&["replication-shown"]),
        Case::new(
            "no region; no status",
            r#"{"backups": [
                {"replication_records": [{"destination_region": "$absent"}]},
                {"replication_records": [{"status": "$absent"}]}
            ]}"#,
            &["unknown b1 field-absent", "unknown b2 [eu-nl] field-absent"],
        ),
    ],
};

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    each_destination(cx, backup, out, |latest, out| {
        let (subject, key) = (Subject::Backup(backup.ix), Key::Region(latest.region));
        let severity = match latest.status {
            ReplicationStatus::Success => return out.pass_for(subject, key),
            ReplicationStatus::Replicating | ReplicationStatus::WaitingReplicate => {
                return out.not_applicable_for(subject, key);
            }
            ReplicationStatus::Fail if !has_other_copy(cx, backup) => Severity::High,
            ReplicationStatus::Fail | ReplicationStatus::Skip => Severity::Medium,
        };
        let (observed, evidence) = latest.at(ReplicationKey::Status);
        out.fail(subject)
            .key(key)
            .observed(observed, evidence)
            .note(failure(cx, backup, latest))
            .expected(Value::Words("success"))
            .severity(severity);
    });
}

/// The error of the replication record; where it states none, that of the failed task.
fn failure(cx: &Context<'_>, backup: Backup<'_>, latest: &Latest) -> Note {
    let (code, reason) = (latest.record.fail_code, latest.record.fail_reason);
    match cx.inventory.failed_replication_of(backup).filter(|_| code.is_none() && reason.is_none()) {
        Some(task) => Note::Parts(task.spot(Part::ErrorCode), TASK_ERROR),
        None => Note::Failure(code, reason),
    }
}

/// Whether the resource has a good restore point with a copy in another region, be it this one in a further region.
fn has_other_copy(cx: &Context<'_>, backup: Backup<'_>) -> bool {
    cx.summary(backup).copied > 0
}
