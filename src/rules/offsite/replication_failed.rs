//! `replication-failed`

use super::destination::each_destination;
use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "replication-failed",
    family: Family::Offsite,
    severity: Severity::High,
    title: "A replication to another region failed",
    why: "The copy that a disaster would need does not exist.",
    remedy: "Start the replication after the backup has ended, and check the capacity of the destination vault.",
    logic: "Per backup and destination region, the latest replication record by created_at: fail and skip fail, success passes, one that is not finished is not applicable. High for fail if the resource has no other off-site restore point, else medium. Records that the answer does not show, or without status, time or region, are not judged.",
    params: &[],
    controls: &["nist-800-53r5:CP-6", "nist-800-53r5:CP-9(5)", "c5-2020:OPS-09", "soc2:A1.2", "bsi-gs-2023:CON.3.A12", "mlps-gbt22239:8.1.4.9b"],
    check: Check::EachBackup(check),
    cases: &[],
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
            .note(Note::Failure(latest.record.fail_code, latest.record.fail_reason))
            .expected(Value::Words("success"))
            .severity(severity);
    });
}

/// Whether the resource has another good restore point with a copy in another region.
fn has_other_copy(cx: &Context<'_>, backup: Backup<'_>) -> bool {
    let points = backup.resource().map(|resource| cx.good_points(resource)).unwrap_or_default();
    points.iter().any(|(other, point)| other.ix != backup.ix && point.offsite >= Offsite::Claimed)
}
