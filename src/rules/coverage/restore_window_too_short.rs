//! `restore-window-too-short`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "restore-window-too-short",
    family: Family::Coverage,
    severity: Severity::Medium,
    title: "The restore points do not reach far enough back",
    why: "Damage that is noticed after weeks needs a restore point from before it.",
    remedy: "Keep some weekly or monthly restore points beside the daily ones.",
    logic: "Without window-days nothing is applicable. Passes where the oldest good restore point is at least as old as the window. Fails where none is although a record of the resource is. A resource that no record shows to be that old may be new: not judged. A restore point in doubt that would be old enough, and an as-of time that is only a lower bound, leave it not judged. A resource without a good restore point is not applicable: that is the business of rpo-breach.",
    params: &[WINDOW_DAYS],
    controls: &["iso27001-2022:A.8.13", "c5-2020:OPS-06", "cis-8.1:3.4"],
    check: Check::EachResource(check),
    cases: &[
        Case::new("no window is set", r#"{"backup": {}}"#, &["not-applicable r1"]),
        Case::new(
            "one from forty days ago",
            r#"{"backups": [{"created_at": "-40d", "expired_at": null}, {}]}"#,
            &["pass r1"],
        )
        .set(&["window-days=30"]),
        Case::new(
            "what is from forty days ago has failed",
            r#"{"backups": [{"created_at": "-40d", "expired_at": null, "status": "error"}, {}]}"#,
            &["fail r1 medium"],
        )
        .set(&["window-days=30"]),
        Case::new("two days where two are enough", r#"{"backup": {"created_at": "-3d"}}"#, &["pass r1"])
            .set(&["window-days=2"]),
        Case::new(
            "one from forty days ago in doubt",
            r#"{"backups": [{"created_at": "-40d", "expired_at": null, "status": "frozen"}, {}]}"#,
            &["unknown r1 value-unrecognised"],
        )
        .set(&["window-days=30"]),
        Case::new("a resource that may be new", r#"{"backup": {}}"#, &["unknown r1 not-in-metadata"])
            .set(&["window-days=30"]),
        Case::new(
            "nothing to restore from; a replica without its source",
            r#"{"backups": [{"status": "error"}, {"resource_id": "r2", "image_type": "replication"}]}"#,
            &["not-applicable r1", "not-applicable r2"],
        )
        .set(&["window-days=30"]),
        Case::new(
            "a clock that is only a lower bound",
            r#"{"backups": [
                {"created_at": "-40d"},
                {"resource_id": "r2", "created_at": "-40d", "status": "error"},
                {"created_at": "-20d"},
                {"resource_id": "r2"}
            ]}"#,
            &["unknown r1 clock-inferred", "unknown r2 clock-inferred"],
        )
        .inferred()
        .set(&["window-days=30"]),
        Case::new(
            "a copy that another backup claims too reaches no further back than its source here",
            r#"{"$files": {
                "a.json": {"backups": [
                    {"replication_records": [{"destination_backup_id": "copy"}]}, {"created_at": "-40d", "status": "error"},
                    {
                        "resource_id": "r2", "created_at": "-40d", "expired_at": "+9d",
                        "replication_records": [{"destination_backup_id": "copy"}]
                    }
                ]},
                "b.json": {"backups": [{"id": "copy", "image_type": "replication"}]}
            }}"#,
            &["fail r1 medium", "pass r2", "not-applicable r1"],
        )
        .set(&["window-days=30"]),
    ],
};

const WINDOW_DAYS: Param = Param::new(
    "window-days",
    ParamUnit::Days,
    0.0,
    "How many days back the restore points of a resource should reach; 0 sets no demand.",
);

fn check(cx: &Context<'_>, resource: ResourceIx, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    let window = cx.span(&WINDOW_DAYS);
    if window.is_zero() || cx.inventory.resource(resource).is_replica {
        return out.not_applicable(subject);
    }
    let is_old = |time: Option<jiff::Timestamp>| time.is_some_and(|time| cx.age(time) >= window);
    let good = cx.good_points(resource);
    let mut old = good.iter().filter(|(_, point)| is_old(point.time)).peekable();
    if old.peek().is_some() {
        return out.pass_now(cx, subject, Key::None, old.any(|(_, point)| point.lasts()));
    }
    let may_be_old = |point: &Point<'_>| {
        let moments = cx.possible_moments(resource, point);
        moments.is_none_or(|moments| moments.into_iter().any(|moment| is_old(Some(moment))))
    };
    let counts = |point: &Point<'_>| good.is_empty() || may_be_old(point);
    let possible: Vec<_> = cx.possible_points(resource).iter().filter(|point| counts(point)).copied().collect();
    if let Some(doubt) = first_doubt(&possible) {
        return cx.leave_open(out, resource, doubt);
    }
    let Some((_, oldest)) = good.last() else { return out.not_applicable(subject) };
    let mut records = cx.inventory.points(resource).filter(|backup| cx.exists(*backup));
    let known_older = records.any(|backup| is_old(cx.moment(backup)));
    let (reading, field) = oldest.stated;
    let finding = match (cx.clock.is_exact(), known_older) {
        (false, _) => out.unknown(subject, Reason::ClockInferred),
        (true, false) => out.unknown(subject, Reason::NotInMetadata),
        (true, true) => out.fail(subject),
    };
    finding.observed_field(reading, field).expected(Value::AtLeast(window));
    if let Some(time) = oldest.time {
        finding.note(Note::Age(cx.age(time)));
    }
}
