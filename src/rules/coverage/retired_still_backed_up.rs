//! `retired-still-backed-up`

use jiff::{SignedDuration, Timestamp};

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "retired-still-backed-up",
    family: Family::Coverage,
    severity: Severity::Low,
    title: "A retired resource is still backed up",
    why: "Either the resource still runs although it counts as gone, or backups are paid for that nobody needs.",
    remedy: "Dissociate the resource from its vault, or correct the expected resources.",
    logic: "Looks at the resources that the expected resources call retired. Fails where a backup, good or not, has data of after the day or moment of retirement; without a date, where one is no older than the RPO plus its tolerance. A backup whose time is not known and could decide leaves it not judged, and so does, of a disk, a server backup of such a time whose children are missing, and an as-of time that is only a lower bound where a later one could turn the verdict. Resources that are not retired, or not yet, are not applicable, and so is a replica without its source.",
    params: &[RPO_HOURS, RPO_TOLERANCE_HOURS],
    controls: &["nist-800-53r5:CP-9", "iso27001-2022:A.8.13"],
    check: Check::EachResource(check),
    cases: &[
        Case::new("retired and left alone", r#"{"backup": {"created_at": "-9d"}}"#, &["pass r1"])
            .set(&["expect type,id,retired", "expect server,r1,yes"]),
        Case::new("retired, and backed up last night", r#"{"backup": {}}"#, &["fail r1 low"])
            .set(&["expect type,id,retired", "expect server,r1,yes"]),
        Case::new(
            "backed up up to the day, and after it",
            r#"{"backups": [
                {"created_at": "2026-02-20T23:30:00Z"},
                {"resource_id": "r2", "created_at": "2026-02-21T00:30:00Z"}
            ]}"#,
            &["pass r1", "fail r2 low"],
        )
        .set(&["expect type,id,retired", "expect server,r1,2026-02-20", "expect server,r2,2026-02-20"]),
        Case::new(
            "backed up at the midnight that ends the day, at the moment itself, and as long ago as the limit",
            r#"{"backups": [
                {"created_at": "2026-02-21T00:00:00Z"},
                {"resource_id": "r2", "created_at": "2026-02-20T10:00:00Z"},
                {"resource_id": "r3", "created_at": "-26h"}
            ]}"#,
            &["fail r1 low", "pass r2", "fail r3 low"],
        )
        .set(&[
            "expect type,id,retired",
            "expect server,r1,2026-02-20",
            "expect server,r2,2026-02-20T10:00:00Z",
            "expect server,r3,yes",
        ]),
        Case::new(
            "in use, retired tomorrow, not expected",
            r#"{"backups": [{}, {"resource_id": "r2"}, {"resource_id": "r3"}]}"#,
            &["not-applicable r1", "not-applicable r2", "not-applicable r3"],
        )
        .set(&["expect type,id,retired", "expect server,r1,no", "expect server,r2,2026-03-02"]),
        Case::new(
            "a backup of unknown time",
            r#"{"backups": [{"created_at": "-9d"}, {"created_at": null}]}"#,
            &["unknown r1 field-null"],
        )
        .set(&["expect type,id,retired", "expect server,r1,2026-02-25"]),
        Case::new(
            "a clock that is only a lower bound",
            r#"{"backups": [{}, {"resource_id": "r2"}, {"resource_id": "r3"}]}"#,
            &["unknown r1 clock-inferred", "unknown r2 clock-inferred", "fail r3 low"],
        )
        .set(&[
            "expect type,id,retired",
            "expect server,r1,yes",
            "expect server,r2,2026-03-02",
            "expect server,r3,2026-02-20",
        ])
        .inferred(),
        Case::new(
            "a disk that may be in a server backup of after the day, whose children are missing; one that cannot",
            r#"{"$files": {
                "a.json": {"backup": {"resource_id": "d1", "resource_type": "OS::Cinder::Volume", "created_at": "-29d"}},
                "b.json": {"backup": {"resource_id": "d2", "resource_type": "OS::Cinder::Volume", "created_at": "-29d"}},
                "c.json": {"backup": {"created_at": "-9d", "children": null}}
            }}"#,
            &["unknown d1 field-null", "pass d2", "not-applicable r1"],
        )
        .set(&["expect type,id,retired", "expect disk,d1,2026-02-10", "expect disk,d2,2026-02-25"]),
        Case::new("nothing is expected", r#"{"backup": {}}"#, &["not-applicable r1"]),
        Case::new(
            "a copy that another backup claims too has no later data than its source here",
            r#"{"$files": {
                "a.json": {"backups": [
                    {"created_at": "-9d", "replication_records": [{"destination_backup_id": "copy"}]},
                    {"resource_id": "r2", "replication_records": [{"destination_backup_id": "copy"}]}
                ]},
                "b.json": {"backups": [{"id": "copy", "image_type": "replication"}]}
            }}"#,
            &["pass r1", "not-applicable r2", "not-applicable r1"],
        )
        .set(&["expect type,id,retired", "expect server,r1,2026-02-25"]),
    ],
};

fn check(cx: &Context<'_>, resource: ResourceIx, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    let retired = cx.inventory.expected_of(resource).map(|row| (row.retired, cx.is_retired(row)));
    let (Some((Some(retired), Ok(true))), false) = (retired, cx.inventory.resource(resource).is_replica) else {
        if let Some((_, Err(reason))) = retired {
            out.unknown(subject, reason);
            return;
        }
        return out.not_applicable(subject);
    };
    let in_order = InOrder::of(cx, retired);
    let backups = || cx.inventory.points(resource).filter(|backup| cx.exists(*backup));
    let newest = backups().filter_map(|backup| Some((cx.moment(backup)?, backup))).max_by_key(|(time, _)| *time);
    match newest.filter(|(time, _)| !in_order.holds(*time)) {
        // A later clock would find the backup older.
        Some(_) if retired == Retired::Undated && !cx.clock.is_exact() => {
            out.unknown(subject, Reason::ClockInferred);
        }
        Some((time, backup)) => {
            let (reading, field) = cx.point(backup).stated;
            let finding = out.fail(subject).expected(in_order.0);
            finding.observed_field(reading, field).note(Note::Age(cx.age(time)));
        }
        None => match backups().find(|backup| may_be_late(cx, resource, *backup, &in_order)) {
            Some(backup) => {
                let unsaid = backup.time(FieldId::CreatedAt).known().err().unwrap_or(Reason::FieldAbsent);
                let reason = if backup.is_claimed_twice() { Reason::RecordConflict } else { unsaid };
                let (observed, evidence) = cx.at(backup, FieldId::CreatedAt);
                out.unknown(subject, reason).observed(observed, evidence);
            }
            None => match cx.bare_server(resource, |time| !in_order.holds(time)) {
                Some(doubt) => cx.leave_open_for_children(out, resource, doubt),
                // A later clock would find every backup as old, or older.
                None => out.pass_now(cx, subject, Key::None, true),
            },
        },
    }
}

/// Whether the data of a backup may be too late, for all that is known of their moment.
fn may_be_late(cx: &Context<'_>, resource: ResourceIx, backup: Backup<'_>, in_order: &InOrder) -> bool {
    let moments = cx.possible_moments(resource, &(backup, cx.point(backup)));
    moments.is_none_or(|moments| moments.iter().any(|&moment| !in_order.holds(moment)))
}

/// Which backups of a retired resource are in order: those before a moment, or up to and at one.
struct InOrder(Value);

impl InOrder {
    fn of(cx: &Context<'_>, retired: Retired) -> Self {
        Self(match retired {
            Retired::Moment(moment) => Value::NotAfter(moment),
            Retired::Day(start) => {
                Value::NotFrom(start.saturating_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX))
            }
            Retired::Undated => Value::NotFrom(cx.now().saturating_sub(cx.rpo_limit()).unwrap_or(Timestamp::MIN)),
        })
    }

    fn holds(&self, time: Timestamp) -> bool {
        match self.0 {
            Value::NotAfter(last) => time <= last,
            Value::NotFrom(end) => time < end,
            _ => true,
        }
    }
}
