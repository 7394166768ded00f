//! `single-az-storage`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "single-az-storage",
    family: Family::Offsite,
    severity: Severity::Low,
    title: "The newest restore point lies in one availability zone, without a copy elsewhere",
    why: "The loss of one zone can take the resource and its backups together; regional storage is still durable otherwise.",
    remedy: "Use a vault with multi-zone storage, which can be chosen at its creation only, or replicate the backups.",
    logic: "Reads is_multi_az of the newest good restore point: true passes. False passes where that restore point has a copy in another region, fails where it has none, and is not judged where that cannot be told. A missing is_multi_az is not judged; resource_az speaks of the resource, not of its backups, and is never used. A restore point in doubt that may be newer leaves it not judged, and so does, of a disk, a newer server backup whose children are missing. Resources without restore points, replicas and orphans are not applicable.",
    params: &[],
    controls: &["iso27001-2022:A.8.14", "nist-800-53r5:CP-6(1)"],
    check: Check::EachResource(check),
    cases: &[
        Case::new("several zones", r#"{"backup": {"extend_info": {"is_multi_az": true}}}"#, &["pass r1"]),
        Case::new("one zone and no copy", r#"{"backup": {"extend_info": {"is_multi_az": false}}}"#, &["fail r1 low"]),
        Case::new(
            "one zone and a copy in another region",
            r#"{"backup": {"extend_info": {"is_multi_az": false}, "replication_records": [{}]}}"#,
            &["pass r1"],
        ),
        Case::new(
            "one zone and copies that the list may not show",
            r#"{"backups": [{"extend_info": {"is_multi_az": false}}]}"#,
            &["unknown r1 view-omits"],
        ),
        Case::new(
            "the zone of the resource says nothing",
            r#"{"backup": {"resource_az": "eu-de-01"}}"#,
            &["unknown r1 field-absent"],
        ),
        Case::new(
            "a newer restore point in doubt",
            r#"{"backups": [{"created_at": "-27h", "extend_info": {"is_multi_az": true}}, {"status": "frozen"}]}"#,
            &["unknown r1 value-unrecognised"],
        ),
        Case::new(
            "a disk that may be in a newer server backup, whose children are missing; one that cannot",
            r#"{"$files": {
                "a.json": {"backup": {
                    "resource_id": "d1", "resource_type": "OS::Cinder::Volume", "created_at": "-27h", "extend_info": {"is_multi_az": true}
                }},
                "b.json": {"backup": {"created_at": "-9h", "children": null, "extend_info": {"is_multi_az": false}}},
                "c.json": {"backup": {
                    "resource_id": "d2", "resource_type": "OS::Cinder::Volume", "created_at": "-8h", "extend_info": {"is_multi_az": true}
                }}
            }}"#,
            &["unknown d1 field-null", "unknown r1 field-null", "pass d2"],
        ),
        Case::new(
            "nothing to restore from; a replica without its source",
            r#"{"backups": [{"status": "error"}, {"resource_id": "r2", "image_type": "replication"}]}"#,
            &["not-applicable r1", "not-applicable r2"],
        ),
        Case::new(
            "a clock that is only a lower bound",
            r#"{"backup": {"extend_info": {"is_multi_az": true}}}"#,
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
    let newest = good.first().and_then(|(_, point)| point.time);
    let may_be_newer = |point: &Point<'_>| cx.latest_moment(resource, point).is_none_or(|time| Some(time) >= newest);
    let newer: Vec<_> = possible.iter().filter(|point| may_be_newer(point)).copied().collect();
    if let Some(doubt) = first_doubt(&newer) {
        return cx.leave_open(out, resource, doubt);
    }
    let Some((backup, point)) = good.first() else { return out.not_applicable(subject) };
    let (observed, evidence) = cx.at(*backup, FieldId::IsMultiAz);
    let lasts = match (backup.flag(FieldId::IsMultiAz).known(), point.offsite) {
        (Ok(true), _) => point.lasts(),
        (Ok(false), Offsite::Claimed | Offsite::Confirmed) => point.lasts() && point.offsite_lasts,
        (Ok(false), Offsite::None) => {
            let expected = Value::Words("several zones, or a copy in another region");
            out.fail(subject).observed(observed, evidence).expected(expected);
            return;
        }
        (Err(reason), _) | (_, Offsite::Unknown(reason)) => {
            out.unknown(subject, reason).observed(observed, evidence);
            return;
        }
    };
    match cx.bare_server(resource, |time| Some(time) >= newest) {
        Some(doubt) => cx.leave_open_for_children(out, resource, doubt),
        None => out.pass_now(cx, subject, Key::None, lasts),
    }
}
