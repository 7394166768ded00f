//! `destination-not-allowed`

use super::destination::{at, by_region, records};
use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "destination-not-allowed",
    family: Family::Offsite,
    severity: Severity::High,
    title: "A replication goes to a region that is not allowed",
    why: "Where data may be is decided by law, contract or policy, and a copy in another region is there too.",
    remedy: "Delete the copy in that region, and point the replication policy at an allowed one.",
    logic: "Per backup and destination region, its replication records against the allowed regions (--allowed-region, or allowed-regions in the configuration, of a tier or of all): another region fails, an allowed one passes. High, or medium where every such record says fail or skip, so that no copy came to be. Records without a region or a time, and records that the answer does not show, are not judged. Where no region is named as allowed, and for backups without replication records or whose parent is not in the dump, nothing applies.",
    params: &[],
    controls: &["c5-2020:OPS-09", "iso27001-2022:A.8.14", "nist-800-53r5:CP-6"],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "one copy where it may be, one where it may not",
            r#"{"backup": {"replication_records": [{}, {"destination_region": "us-east"}]}}"#,
            &["pass b1 [eu-nl]", "fail b1 [us-east] high"],
        )
        .set(&["allowed-region=eu-nl", "allowed-region=eu-de"]),
        Case::new(
            "a copy that is being made; one that never came to be; one whose status is not said",
            r#"{"backups": [
                {"replication_records": [{"status": "replicating"}]},
                {"replication_records": [{"status": "fail"}, {"status": "skip"}]},
                {"replication_records": [{"status": "fail"}, {"status": null}]}
            ]}"#,
            &["fail b1 [eu-nl] high", "fail b2 [eu-nl] medium", "fail b3 [eu-nl] high"],
        )
        .set(&["allowed-region=eu-de"]),
        Case::new(
            "a record without a region beside one that fails; a record without a time",
            r#"{"backups": [
                {"replication_records": [{"destination_region": "$absent"}, {}]},
                {"replication_records": [{"created_at": null}]}
            ]}"#,
            &["unknown b1 field-absent", "fail b1 [eu-nl] high", "unknown b2 [eu-nl] field-null"],
        )
        .set(&["allowed-region=eu-de"]),
        Case::new(
            "a list that does not show replication; a disk, which cannot be replicated",
            r#"{"backups": [{}, {"resource_type": "OS::Cinder::Volume"}]}"#,
            &["unknown b1 view-omits", "not-applicable b2"],
        )
        .set(&["allowed-region=eu-de"]),
        Case::new(
            "no replication, and one that began after the as-of time",
            r#"{"$files": {
                "a.json": {"backup": {}},
                "b.json": {"backup": {"replication_records": [{"created_at": "+1h"}]}}
            }}"#,
            &["not-applicable b1", "not-applicable b2"],
        )
        .set(&["allowed-region=eu-de"]),
        Case::new(
            "a backup whose parent is not in the dump",
            r#"{"backups": [{"parent_id": "gone", "replication_records": [{}]}]}"#,
            &["not-applicable b1"],
        )
        .set(&["allowed-region=eu-de"]),
        Case::new(
            "no region is named as allowed",
            r#"{"backup": {"replication_records": [{}]}}"#,
            &["not-applicable b1"],
        ),
    ],
};

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    let allowed = cx.values.allowed_regions.as_ref().filter(|_| backup.role() != Role::Orphan);
    let Some(allowed) = allowed else { return out.not_applicable(subject) };
    match records(cx, backup) {
        Ok(None) => out.not_applicable(subject),
        Ok(Some((reading, records))) => {
            let (regions, nameless) = by_region(cx, records);
            if let Some((ordinal, reason)) = nameless {
                let (observed, evidence) = at(reading, ordinal, ReplicationKey::DestinationRegion);
                out.unknown(subject, reason).observed(observed, evidence).expected(EXPECTED);
            }
            for (region, records) in regions {
                judge(subject, allowed.contains(&region), region, &Records { reading, records }, out);
            }
        }
        Err(reason) => {
            let (observed, evidence) = cx.at(backup, FieldId::ReplicationRecords);
            out.unknown(subject, reason).observed(observed, evidence);
        }
    }
}

/// The replication records of a backup for one region, with their places.
struct Records {
    reading: u32,
    records: Vec<(u32, Replication)>,
}

const EXPECTED: Value = Value::Words("an allowed region");

fn judge(subject: Subject, is_allowed: bool, region: Symbol, found: &Records, out: &mut Sink<'_>) {
    let key = Key::Region(region);
    // A record of unknown time may have been made after the as-of time.
    let timed = found.records.iter().any(|(_, record)| record.created_at.value().is_some());
    if let (false, Some((ordinal, record))) = (timed, found.records.first()) {
        let reason = record.created_at.known().err().unwrap_or(Reason::FieldAbsent);
        let (observed, evidence) = at(found.reading, *ordinal, ReplicationKey::CreatedAt);
        out.unknown(subject, reason).key(key).observed(observed, evidence);
        return;
    }
    if is_allowed {
        return out.pass_for(subject, key);
    }
    let ended =
        |record: &Replication| matches!(record.status.value(), Some(ReplicationStatus::Fail | ReplicationStatus::Skip));
    let copy = found.records.iter().find(|(_, record)| !ended(record));
    let severity = if copy.is_some() { Severity::High } else { Severity::Medium };
    let ordinal = copy.or(found.records.first()).map_or(0, |(ordinal, _)| *ordinal);
    let (observed, evidence) = at(found.reading, ordinal, ReplicationKey::DestinationRegion);
    out.fail(subject).key(key).observed(observed, evidence).expected(EXPECTED).severity(severity);
}
