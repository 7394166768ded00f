//! `replication-stuck`

use super::destination::each_destination;
use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "replication-stuck",
    family: Family::Offsite,
    severity: Severity::Medium,
    title: "A replication does not finish",
    why: "The local copy exists; the one for the disaster does not.",
    remedy: "Check capacity and state of the destination vault and the bandwidth; open a support case.",
    logic: "Per backup and destination region, the latest replication record by created_at: replicating or waiting for longer than the limit fails, within the limit passes, and so does success. An ended failure is not applicable: see replication-failed. Records that the answer does not show, or without status, time or region, are not judged.",
    params: &[STUCK_HOURS, WAITING_HOURS],
    controls: &["nist-800-53r5:CP-9(5)", "nist-800-53r5:CP-6", "c5-2020:OPS-07", "c5-2020:OPS-09", "soc2:A1.2"],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "running for three days, and since yesterday",
            r#"{"backups": [
                {"replication_records": [{"status": "replicating", "created_at": "-3d"}]},
                {"replication_records": [{"status": "replicating", "created_at": "-1d"}]}
            ]}"#,
            &["fail b1 [eu-nl] medium", "pass b2 [eu-nl]"],
        ),
        Case::new(
            "waiting for more than a day",
            r#"{"backup": {"replication_records": [{"status": "waiting_replicate", "created_at": "-25h"}]}}"#,
            &["fail b1 [eu-nl] medium"],
        ),
        Case::new(
            "ended, well or not",
            r#"{"backup": {"replication_records": [{}, {"destination_region": "eu-ch2", "status": "fail"}]}}"#,
            &["pass b1 [eu-nl]", "not-applicable b1 [eu-ch2]"],
        ),
        Case::new(
            "no start, a foreign status",
            r#"{"backups": [
                {"replication_records": [{"status": "replicating", "created_at": null}]},
                {"replication_records": [{"status": "paused"}]}
            ]}"#,
            &["unknown b1 [eu-nl] field-null", "unknown b2 [eu-nl] value-unrecognised"],
        ),
        Case::new("a list that does not show replication", r#"{"backups": [{}]}"#, &["unknown b1 view-omits"]),
        Case::new(
            "a clock that is only a lower bound",
            r#"{"backup": {"replication_records": [{"status": "replicating"}]}}"#,
            &["unknown b1 [eu-nl] clock-inferred"],
        )
        .inferred(),
    ],
};

const STUCK_HOURS: Param =
    Param::new("repl-stuck-hours", ParamUnit::Hours, 48.0, "How long a replication may run, counted from its start.");

const WAITING_HOURS: Param =
    Param::new("repl-waiting-hours", ParamUnit::Hours, 24.0, "How long a replication may wait to run.");

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    each_destination(cx, backup, out, |latest, out| {
        let (subject, key) = (Subject::Backup(backup.ix), Key::Region(latest.region));
        let limit = match latest.status {
            ReplicationStatus::Success => return out.pass_for(subject, key),
            ReplicationStatus::Fail | ReplicationStatus::Skip => return out.not_applicable_for(subject, key),
            ReplicationStatus::Replicating => cx.span(&STUCK_HOURS),
            ReplicationStatus::WaitingReplicate => cx.span(&WAITING_HOURS),
        };
        let age = cx.age(latest.created_at);
        if age <= limit {
            return out.pass_now(cx, subject, key, false);
        }
        let (observed, evidence) = latest.at(ReplicationKey::Status);
        out.fail(subject)
            .key(key)
            .observed(observed, evidence)
            .note(Note::Progress(latest.record.progress, age))
            .expected(Value::AtMost(limit));
    });
}
