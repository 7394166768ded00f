//! `last-good-copy-expiring`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "last-good-copy-expiring",
    family: Family::Retention,
    severity: Severity::High,
    title: "Backups have stopped and the last good one is about to expire",
    why: "A dated, foreseeable total loss.",
    remedy: "Run a backup now, and extend the expiry of the restore points that are left.",
    logic: "Fails where the newest good restore point is older than the RPO and every good restore point expires within the warning time. One without an end date passes. Restore points that cannot be judged and could save it leave it not judged. Without any good restore point there is nothing left to lose: not applicable, see rpo-breach.",
    params: &[RPO_HOURS, RPO_TOLERANCE_HOURS, WARN_DAYS],
    controls: &[
        "iso27001-2022:A.8.13",
        "nist-800-53r5:CP-9",
        "nist-800-53r5:CP-10",
        "hipaa:164.308(a)(7)(ii)(A)",
        "soc2:A1.2",
    ],
    check: Check::EachResource(check),
    cases: &[
        Case::new(
            "backups have stopped, the last one goes",
            r#"{"backup": {"created_at": "-9d", "expired_at": "+2d"}}"#,
            &["fail r1 high"],
        ),
        Case::new(
            "the last one stays for a while",
            r#"{"backup": {"created_at": "-9d", "expired_at": "+20d"}}"#,
            &["pass r1"],
        ),
        Case::new(
            "backups go on",
            r#"{"backups": [{"created_at": "-9d", "expired_at": "+2d"}, {"expired_at": "+4d"}]}"#,
            &["pass r1"],
        ),
        Case::new(
            "a restore point in doubt could save it",
            r#"{"backups": [{"created_at": "-9d", "expired_at": "+2d"}, {"status": "frozen"}]}"#,
            &["unknown r1 value-unrecognised"],
        ),
        Case::new("nothing is left to lose", r#"{"backup": {"status": "error"}}"#, &["not-applicable r1"]),
        Case::new(
            "an orphan, whose server may end any day, saves nothing",
            r#"{"backups": [{"created_at": "-9d", "expired_at": "+2d"}, {"parent_id": "gone", "expired_at": null}]}"#,
            &["fail r1 high"],
        ),
        Case::new(
            "a clock that is only a lower bound, against none",
            r#"{"backups": [{}, {"resource_id": "r2", "expired_at": null}]}"#,
            &["unknown r1 clock-inferred", "pass r2"],
        )
        .inferred(),
        Case::new(
            "a replica and an orphan",
            r#"{"backups": [{"image_type": "replication"}, {"parent_id": "gone", "resource_id": "r2"}]}"#,
            &["not-applicable r1", "not-applicable r2"],
        ),
        Case::new(
            "a copy that another backup claims too, and that is too old in either case",
            r#"{"$files": {
                "a.json": {"backups": [
                    {
                        "created_at": "-4d", "expired_at": "+2d",
                        "replication_records": [{"destination_backup_id": "copy"}]
                    },
                    {
                        "resource_id": "r2", "created_at": "-4d", "expired_at": "+2d",
                        "replication_records": [{"destination_backup_id": "copy"}]
                    }
                ]},
                "b.json": {"backups": [{"id": "copy", "image_type": "replication", "expired_at": "+3d"}]}
            }}"#,
            &["fail r1 high", "fail r2 high", "not-applicable r1"],
        ),
    ],
};

fn check(cx: &Context<'_>, resource: ResourceIx, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    if cx.is_outside_retention_as_resource(resource) {
        return out.not_applicable(subject);
    }
    let (good, possible) = cx.retained_points(resource);
    let Some(&(newest, point)) = good.first() else {
        return match first_doubt(&possible) {
            Some(doubt) => cx.leave_open(out, resource, doubt),
            None => out.not_applicable(subject),
        };
    };
    if good.iter().any(|(_, point)| point.expires.is_none()) {
        return out.pass(subject);
    }
    let horizon = cx.now().saturating_add(cx.span(&WARN_DAYS)).unwrap_or(jiff::Timestamp::MAX);
    let outlives = |(_, point): &Point<'_>| point.expires.is_none_or(|expires| expires > horizon);
    let saves = |point: &Point<'_>| outlives(point) || cx.may_be_recent(resource, point, cx.rpo_limit());
    if good.iter().any(saves) {
        return out.pass_now(cx, subject, Key::None, false);
    }
    let saving: Vec<_> = possible.iter().filter(|point| saves(point)).copied().collect();
    if let Some(doubt) = first_doubt(&saving) {
        return cx.leave_open(out, resource, doubt);
    }
    let last = good.iter().max_by_key(|(_, point)| point.expires).map_or(newest, |(backup, _)| *backup);
    let (observed, evidence) = cx.at(last, FieldId::ExpiredAt);
    out.fail(subject)
        .observed(observed, evidence)
        .note(point.time.map_or(Note::None, |time| Note::NewestGood(cx.age(time))))
        .expected(Value::After(horizon));
}
