//! `rpo-breach`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "rpo-breach",
    family: Family::Coverage,
    severity: Severity::Critical,
    title: "The newest good restore point is too old",
    why: "The stated limit of data loss is exceeded today.",
    remedy: "Run a backup now. Check that the policy is enabled, the resource still associated with its vault, the vault not full, and read the error of the last task.",
    logic: "Passes where the newest good restore point is no older than the RPO plus its tolerance. Fails else, as stale, or as silent where no record of any status is younger than the silent days: such a resource may have been deleted. Critical where there is no good restore point at all, else high. Restore points that cannot be judged and would be recent enough leave it not judged, and so does, for a disk, a recent server backup of the project whose disks are not shown.",
    params: &[RPO_HOURS, RPO_TOLERANCE_HOURS, SILENT_DAYS],
    controls: &[
        "iso27001-2022:A.8.13",
        "nist-800-53r5:CP-9",
        "nist-800-53r5:CP-10",
        "nist-csf-2.0:PR.DS-11",
        "cis-8.1:11.2",
        "c5-2020:OPS-06",
        "c5-2020:OPS-07",
        "bsi-gs-2023:CON.3.A5",
        "dora:12(1)(a)",
        "dora:12(6)",
        "soc2:A1.2",
        "hipaa:164.308(a)(7)(ii)(A)",
        "nis2:21(2)(c)",
        "mlps-gbt22239:8.1.4.9a",
    ],
    check: Check::EachResource(check),
    cases: &[
        Case::new("three hours old", r#"{"backup": {}}"#, &["pass r1"]),
        Case::new(
            "two days old; nothing for a fortnight",
            r#"{"backups": [{"created_at": "-2d"}, {"resource_id": "r2", "created_at": "-15d"}]}"#,
            &["fail r1 high stale", "fail r2 high silent"],
        ),
        Case::new("nothing to restore from", r#"{"backup": {"status": "error"}}"#, &["fail r1 critical stale"]),
        Case::new(
            "a young restore point in doubt",
            r#"{"backups": [{"created_at": "-2d"}, {"status": "frozen"}]}"#,
            &["unknown r1 value-unrecognised"],
        ),
        Case::new(
            "a disk that a server backup contains",
            r#"{"$files": {
                "a.json": [{"resource_id": "d1", "resource_type": "OS::Cinder::Volume", "created_at": "-2d"}],
                "b.json": {"backup": {"children": [{}]}}
            }}"#,
            &["pass d1", "pass r1"],
        ),
        Case::new(
            "a disk whose own first backup is still to come",
            r#"{"$files": {
                "a.json": [{"resource_id": "d1", "resource_type": "OS::Cinder::Volume", "created_at": "+1h"}],
                "b.json": {"backup": {"children": [{}]}}
            }}"#,
            &["pass r1"],
        ),
        Case::new(
            "a disk that a server backup may contain",
            r#"{"backups": [{"resource_id": "d1", "resource_type": "OS::Cinder::Volume", "created_at": "-2d"}, {}]}"#,
            &["unknown d1 view-omits", "pass r1"],
        ),
        Case::new(
            "a disk that a server backup may contain which does not say of which server it is",
            r#"{"backups": [
                {"resource_id": "d1", "resource_type": "OS::Cinder::Volume", "created_at": "-2d"},
                {"resource_id": null}
            ]}"#,
            &["unknown d1 view-omits"],
        ),
        Case::new(
            "nothing for a fortnight, to the second; a record of unknown age beside an old one",
            r#"{"backups": [
                {"created_at": "-14d"},
                {"resource_id": "r2", "created_at": "-15d"},
                {"resource_id": "r2", "created_at": "$absent", "protected_at": null, "status": "error"},
                {"resource_id": "r3", "created_at": "-15d"},
                {"resource_id": "r3", "created_at": "yesterday", "protected_at": "-16d", "status": "error"}
            ]}"#,
            &["fail r1 high silent", "fail r2 high stale", "fail r3 high silent"],
        ),
        Case::new(
            "a replica is as old as its source",
            r#"{"backups": [
                {"created_at": "-2d", "replication_records": [{}]},
                {"id": "b1-copy", "image_type": "replication"}
            ]}"#,
            &["fail r1 high stale"],
        ),
        Case::new(
            "a copy that two backups claim is as old as one of them: too old in either case, or only in one",
            r#"{"$files": {
                "a.json": {"backups": [
                    {"created_at": "-4d", "replication_records": [{"destination_backup_id": "copy"}]},
                    {"resource_id": "r2", "created_at": "-5d", "replication_records": [{"destination_backup_id": "copy"}]},
                    {"resource_id": "r3", "created_at": "-4d", "replication_records": [{"destination_backup_id": "other"}]},
                    {
                        "resource_id": "r4", "created_at": "-1h", "status": "error",
                        "replication_records": [{"destination_backup_id": "other"}]
                    }
                ]},
                "b.json": {"backups": [
                    {"id": "copy", "image_type": "replication"}, {"id": "other", "image_type": "replication"}
                ]}
            }}"#,
            &[
                "fail r1 high stale",
                "fail r2 high stale",
                "fail r3 high stale",
                "unknown r4 record-conflict",
                "not-applicable r1",
            ],
        ),
        Case::new(
            "a replica without its source",
            r#"{"backup": {"image_type": "replication"}}"#,
            &["not-applicable r1"],
        ),
        Case::new(
            "retired; retired tomorrow",
            r#"{"backups": [{"created_at": "-9d"}, {"resource_id": "r2", "created_at": "-9d"}]}"#,
            &["not-applicable r1", "fail r2 high stale"],
        )
        .set(&["expect type,id,retired", "expect server,r1,2026-02-21", "expect server,r2,2026-03-02"]),
        Case::new("a clock that is only a lower bound", r#"{"backup": {}}"#, &["unknown r1 clock-inferred"]).inferred(),
    ],
};

const SILENT_DAYS: Param = Param::new(
    "silent-days",
    ParamUnit::Days,
    14.0,
    "After how many days without any record, good or not, a resource counts as silent.",
);

fn check(cx: &Context<'_>, resource: ResourceIx, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    if cx.inventory.resource(resource).is_replica {
        return out.not_applicable(subject);
    }
    let limit = cx.rpo_limit();
    let good = cx.good_points(resource);
    let newest = good.iter().find_map(|(backup, point)| Some((*backup, *point, point.time?)));
    if newest.is_some_and(|(_, _, time)| cx.age(time) <= limit) {
        return out.pass_now(cx, subject, Key::None, false);
    }
    if let Some(doubt) = doubt(cx, resource, limit) {
        return cx.leave_open(out, resource, doubt);
    }
    let severity = if newest.is_some() { Severity::High } else { Severity::Critical };
    let reason = if is_silent(cx, resource) { "silent" } else { "stale" };
    let finding = out.fail(subject).expected(Value::AtMost(limit)).severity(severity).reason(reason);
    match newest {
        Some((_, point, time)) => {
            let (reading, field) = point.stated;
            finding.observed_field(reading, field).note(Note::Age(cx.age(time)));
        }
        None => {
            if let Some(last) = cx.newest_record(resource) {
                let (observed, evidence) = cx.at(last, FieldId::Status);
                finding.observed(observed, evidence).note(Note::Words("no good restore point at all"));
            }
        }
    }
}

/// A restore point that could be good and recent enough, and why that cannot be told.
fn doubt<'i>(cx: &Context<'i>, resource: ResourceIx, limit: jiff::SignedDuration) -> Option<(Backup<'i>, Reason)> {
    let possible = cx.possible_points(resource);
    if let Some((backup, point)) = possible.iter().find(|point| cx.may_be_recent(resource, point, limit)) {
        return point.unknown().map(|reason| (*backup, reason));
    }
    cx.recent_unseen_server(resource, limit).map(|server| (server, Reason::ViewOmits))
}

/// Whether there is no record of any status that is young, or that may be as it says neither when it was made nor of when its
/// data are.
fn is_silent(cx: &Context<'_>, resource: ResourceIx) -> bool {
    let mut existing = cx.inventory.points(resource).filter(|backup| cx.exists(*backup)).peekable();
    let is_old = |made| cx.age(made) >= cx.span(&SILENT_DAYS);
    let stated = |backup: Backup<'_>, field| backup.time(field).value();
    let made = |backup| stated(backup, FieldId::CreatedAt).or_else(|| stated(backup, FieldId::ProtectedAt));
    existing.peek().is_some() && existing.all(|backup| made(backup).is_some_and(is_old))
}
