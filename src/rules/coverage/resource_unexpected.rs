//! `resource-unexpected`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "resource-unexpected",
    family: Family::Coverage,
    severity: Severity::Low,
    title: "A resource is backed up that nobody expects",
    why: "What is missing in the list of resources is missing in everything that is made of it: owners, recovery plans, tiers, costs. Data may be kept that should be gone.",
    remedy: "Add the resource to the expected resources with its owner and tier, or stop its backups and let them expire.",
    logic: "Looks at resources with backups of their own. Passes where a row of the expected resources names type, id and project; a row without a project means any. Fails else. Without expected resources it is not applicable, and so is a replica without its source. A disk whose server backup is not in the dump may belong to an expected server and is not judged unless it is named itself.",
    params: &[],
    controls: &["nist-800-53r5:CP-9", "iso27001-2022:A.8.13"],
    check: Check::EachResource(check),
    cases: &[
        Case::new("one expected, one not", r#"{"backups": [{}, {"resource_id": "r2"}]}"#, &["pass r1", "fail r2 low"])
            .set(&["expect type,id", "expect server,r1"]),
        Case::new(
            "another project; another type",
            r#"{"backups": [{}, {"resource_id": "r2", "resource_type": "OS::Sfs::Turbo"}]}"#,
            &["fail r1 low", "fail r2 low"],
        )
        .set(&["expect project,type,id", "expect p2,server,r1", "expect p1,OS::Nova::Server,r2"]),
        Case::new("retired, but known", r#"{"backup": {}}"#, &["pass r1"])
            .set(&["expect type,id,retired", "expect server,r1,yes"]),
        Case::new("nothing is expected", r#"{"backup": {}}"#, &["not-applicable r1"]),
        Case::new(
            "a replica without its source; a disk without its server backup",
            r#"{"backups": [
                {"image_type": "replication"},
                {"resource_id": "d1", "resource_type": "OS::Cinder::Volume", "parent_id": "b9"}
            ]}"#,
            &["not-applicable r1", "unknown d1 input-incomplete"],
        )
        .set(&["expect type,id", "expect server,r9"]),
    ],
};

fn check(cx: &Context<'_>, resource: ResourceIx, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    let row = cx.inventory.resource(resource);
    if cx.inventory.expectation().is_none() || row.is_replica {
        return out.not_applicable(subject);
    }
    if cx.inventory.expected_of(resource).is_some() {
        return out.pass(subject);
    }
    if row.is_orphan {
        out.unknown(subject, Reason::InputIncomplete);
        return;
    }
    let observed = Value::Words("not among the expected resources");
    let finding = out.fail(subject).expected(Value::Words("a row with its type and id"));
    let evidence = finding.evidence;
    finding.observed(observed, evidence);
}
