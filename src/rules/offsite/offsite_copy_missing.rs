//! `offsite-copy-missing`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "offsite-copy-missing",
    family: Family::Offsite,
    severity: Severity::High,
    title: "A resource has no copy in another region",
    why: "One regional event, or one compromised vault, ends recovery.",
    remedy: "Add a replication policy to the vault. Backups of single disks cannot be replicated: use server backups or another method for them.",
    logic: "Passes where one good restore point has a successful replication to another region, claimed by its record or confirmed by the copy itself. Fails where all are shown to have none, also where no restore point is good. Replication records that the answers do not show leave it not judged. Replicas without their source and orphans are not applicable, and neither is a resource for which no such copy is required.",
    params: &[REQUIRE_OFFSITE, MIN_EVIDENCE],
    controls: &[
        "nist-800-53r5:CP-6",
        "nist-800-53r5:CP-6(1)",
        "nist-800-53r5:CP-9(3)",
        "cis-8.1:11.4",
        "c5-2020:OPS-09",
        "bsi-gs-2023:CON.3.A12",
        "impl-reg-2024-2690:4.2.2(c)",
        "soc2:A1.2",
        "mlps-gbt22239:8.1.4.9b",
        "iso27001-2022:A.8.13",
    ],
    check: Check::EachResource(check),
    cases: &[
        Case::new(
            "one of two restore points has a copy",
            r#"{"backups": [{"replication_records": [{}]}, {"created_at": "-27h"}]}"#,
            &["pass r1"],
        ),
        Case::new(
            "a copy that failed, and one in the same region",
            r#"{"backups": [
                {"replication_records": [{"status": "fail"}]},
                {"resource_id": "r2", "replication_records": [{"destination_region": "eu-de"}]}
            ]}"#,
            &["fail r1 high", "fail r2 high"],
        ),
        Case::new(
            "none shown, and no restore point at all",
            r#"{"$files": {
                "a.json": {"backup": {}},
                "b.json": {"backup": {"resource_id": "r2", "status": "error"}}
            }}"#,
            &["fail r1 high", "fail r2 high"],
        ),
        Case::new("a list that does not show replication", r#"{"backups": [{}]}"#, &["unknown r1 view-omits"]),
        Case::new(
            "a text instead of replication records, which does not prove that the list shows them",
            r#"{"backups": [{}, {"resource_id": "r2", "replication_records": "[]"}]}"#,
            &["unknown r1 view-omits", "unknown r2 field-absent"],
        ),
        Case::new(
            "the region of the source is not told",
            r#"{"backup": {"replication_records": [{"source_region": null}]}}"#,
            &["unknown r1 field-null"],
        ),
        Case::new(
            "the user tells it",
            r#"{"backup": {"replication_records": [{"source_region": null}]}}"#,
            &["pass r1"],
        )
        .set(&["region=eu-de"]),
        Case::new(
            "the copy itself is wanted, and there; only claimed",
            r#"{"backups": [
                {"replication_records": [{}]},
                {"id": "b1-copy", "image_type": "replication"},
                {"resource_id": "r2", "replication_records": [{}]}
            ]}"#,
            &["pass r1", "fail r2 high"],
        )
        .set(&["min-evidence=confirmed"]),
        Case::new(
            "a copy that is there and failed, or is no known replica",
            r#"{"backups": [
                {"replication_records": [{}]},
                {"id": "b1-copy", "image_type": "replication", "status": "error"},
                {"resource_id": "r2", "replication_records": [{}]},
                {"id": "b3-copy", "resource_id": "r2", "image_type": null}
            ]}"#,
            &["fail r1 high", "unknown r2 field-null"],
        ),
        Case::new(
            "a replica without its source; an orphan",
            r#"{"backups": [{"image_type": "replication"}, {"parent_id": "gone", "resource_id": "r2"}]}"#,
            &["not-applicable r1", "not-applicable r2"],
        ),
        Case::new("no copy required", r#"{"backup": {}}"#, &["not-applicable r1"]).set(&["require-offsite=false"]),
        Case::new(
            "a clock that is only a lower bound, against none",
            r#"{"backups": [
                {"replication_records": [{}]},
                {"resource_id": "r2", "expired_at": null, "replication_records": [{}]}
            ]}"#,
            &["unknown r1 clock-inferred", "pass r2"],
        )
        .inferred(),
    ],
};

const MIN_EVIDENCE: Param = Param::new(
    "min-evidence",
    ParamUnit::Choice(&["claimed", "confirmed"]),
    0.0,
    "What counts as a copy: claimed by the replication record, or confirmed by the copy itself in the dump.",
);

fn check(cx: &Context<'_>, resource: ResourceIx, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    if cx.is_outside_retention_as_resource(resource) || !cx.is_on(&REQUIRE_OFFSITE) {
        return out.not_applicable(subject);
    }
    let wanted = if cx.choice(&MIN_EVIDENCE) == "confirmed" { Offsite::Confirmed } else { Offsite::Claimed };
    let (good, possible) = cx.retained_points(resource);
    let copied: Vec<_> = good.iter().filter(|(_, point)| point.offsite >= wanted).collect();
    if !copied.is_empty() {
        let lasting = copied.iter().any(|(_, point)| point.lasts() && point.offsite_lasts);
        return out.pass_now(cx, subject, Key::None, lasting);
    }
    if let Some((backup, reason)) = doubt(&good, &possible, wanted) {
        let (observed, evidence) = cx.at(backup, FieldId::ReplicationRecords);
        out.unknown(subject, reason).observed(observed, evidence).expected(EXPECTED);
        return;
    }
    let newest = good.first().map(|(backup, _)| *backup).or_else(|| cx.newest_record(resource));
    let finding = out.fail(subject).expected(EXPECTED);
    if let Some(newest) = newest {
        let (_, evidence) = cx.at(newest, FieldId::ReplicationRecords);
        let observed = if good.is_empty() {
            "no good restore point at all"
        } else {
            "no successful replication to another region"
        };
        let evidence = if good.is_empty() { Evidence::Record(newest.first_reading()) } else { evidence };
        finding.observed(Value::Words(observed), evidence);
    }
}

const EXPECTED: Value = Value::Words("one good restore point with a copy in another region");

/// A restore point that could be, or could have, the copy that is wanted, and why that cannot be told.
fn doubt<'i>(good: &[Point<'i>], possible: &[Point<'i>], wanted: Offsite) -> Option<(Backup<'i>, Reason)> {
    let hidden = good.iter().find_map(|(backup, point)| match point.offsite {
        Offsite::Unknown(reason) => Some((*backup, reason)),
        _ => None,
    });
    let uncertain = || {
        possible.iter().find_map(|(backup, point)| match point.offsite {
            offsite if offsite < wanted && !matches!(offsite, Offsite::Unknown(_)) => None,
            _ => point.unknown().map(|reason| (*backup, reason)),
        })
    };
    hidden.or_else(uncertain)
}
