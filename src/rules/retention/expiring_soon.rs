//! `expiring-soon`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "expiring-soon",
    family: Family::Retention,
    severity: Severity::Info,
    title: "Few restore points outlive the warning time",
    why: "Rolling retention makes this normal; before a change freeze it is worth knowing.",
    remedy: "None, or extend the expiry before the freeze.",
    logic: "Fails where fewer good restore points than the minimum outlive the as-of time plus the warning time. Those without an end date outlive it. A resource none of whose good restore points has an end date is not applicable.",
    params: &[WARN_DAYS, MIN_POINTS],
    controls: &["iso27001-2022:A.8.13"],
    check: Check::EachResource(check),
    cases: &[
        Case::new("two restore points outlive the week", r#"{"backups": [{"created_at": "-27h"}, {}]}"#, &["pass r1"]),
        Case::new("one does", r#"{"backups": [{"created_at": "-27h", "expired_at": "+2d"}, {}]}"#, &["fail r1 info"]),
        Case::new(
            "a second one in doubt",
            r#"{"backups": [{"created_at": "-27h", "status": "frozen"}, {}]}"#,
            &["unknown r1 value-unrecognised"],
        ),
        Case::new(
            "an end date that cannot be read, with and without another restore point",
            r#"{"backups": [
                {"created_at": "-27h", "expired_at": "soon"},
                {"expired_at": null},
                {"resource_id": "r2", "expired_at": "soon"}
            ]}"#,
            &["unknown r1 type-mismatch", "unknown r2 type-mismatch"],
        ),
        Case::new("no end date on any", r#"{"backup": {"expired_at": null}}"#, &["not-applicable r1"]),
        Case::new(
            "a clock that is only a lower bound",
            r#"{"backups": [{"created_at": "-27h"}, {}]}"#,
            &["unknown r1 clock-inferred"],
        )
        .inferred(),
    ],
};

fn check(cx: &Context<'_>, resource: ResourceIx, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    if cx.is_outside_retention_as_resource(resource) {
        return out.not_applicable(subject);
    }
    let (good, possible) = cx.retained_points(resource);
    let dated = |points: &[Point<'_>]| points.iter().any(|(_, point)| point.expires.is_some());
    if !dated(&good) {
        // An end date that cannot be read is one, as far as anybody knows.
        let is_endless = |backup: Backup<'_>| backup.time(FieldId::ExpiredAt).optional() == Ok(None);
        let dated: Vec<_> = possible.iter().filter(|(backup, _)| !is_endless(*backup)).copied().collect();
        return match first_doubt(&dated) {
            Some(doubt) if (good.len() as u64) < cx.count(&MIN_POINTS) => cx.leave_open(out, resource, doubt),
            _ => out.not_applicable(subject),
        };
    }
    let horizon = cx.now().saturating_add(cx.span(&WARN_DAYS)).unwrap_or(jiff::Timestamp::MAX);
    let outlives = |point: &RestorePoint| point.expires.is_none_or(|expires| expires > horizon);
    let minimum = cx.count(&MIN_POINTS);
    let outliving = good.iter().filter(|(_, point)| outlives(point)).count() as u64;
    let lasting = good.iter().filter(|(_, point)| point.expires.is_none()).count() as u64;
    if outliving >= minimum {
        return out.pass_now(cx, subject, Key::None, lasting >= minimum);
    }
    let hopeful: Vec<_> = possible.iter().filter(|(_, point)| outlives(point)).copied().collect();
    if outliving + hopeful.len() as u64 >= minimum
        && let Some(doubt) = first_doubt(&hopeful)
    {
        return cx.leave_open(out, resource, doubt);
    }
    let next = good.iter().filter(|(_, point)| point.expires.is_some()).max_by_key(|(_, point)| point.expires);
    let finding = out.fail(subject).expected(Value::AtLeastCount(minimum, "outliving restore point"));
    if let Some((backup, _)) = next {
        let (observed, evidence) = cx.at(*backup, FieldId::ExpiredAt);
        finding
            .observed(observed, evidence)
            .note(Note::Count(outliving, "outlive the warning time; this is the last to expire"));
    }
}
