//! `inventory-uncovered`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "inventory-uncovered",
    family: Family::Coverage,
    severity: Severity::High,
    title: "A resource of the inventory has no good restore point",
    why: "A resource that was never backed up leaves no record: only a list of what there is shows what is missing.",
    remedy: "Associate the resource with a vault and run a backup; where it has failed backups, see their errors.",
    logic: "Per resource that a list of protectable resources, a vault or a row of the expected resources names: a good restore point at the as-of time passes, of its own or, for a disk, of a server backup that contains it. None fails. Not judged: restore points that cannot be judged; a resource without any backup while the backups of its project are not listed in whole, or which project that is is not said; a disk while a good server backup of the project does not show its disks; a resource without a known type; one without a good restore point that only vaults name of which one does not say what it is for. What only replication vaults name, or vaults that call it deleted, and what has no backups here is not applicable. An expected resource without a project may be in any: the backups of every project have to be listed in whole. Lists show the resources of their capture, which may be later than the as-of time.",
    params: &[],
    controls: &[
        "iso27001-2022:A.8.13",
        "nist-800-53r5:CP-9",
        "nist-csf-2.0:PR.DS-11",
        "cis-8.1:11.2",
        "c5-2020:OPS-06",
        "soc2:A1.2",
        "nis2:21(2)(c)",
    ],
    check: Check::EachListed(check),
    cases: &[
        Case::new(
            "backed up, and never backed up",
            r#"{"$files": {"a.json": {"instances": [{}, {}]}, "b.json": {"backups": [{}]}}}"#,
            &["pass r1", "fail r2 high"],
        ),
        Case::new(
            "in a vault by both of its answers, and by one of them",
            r#"{"$files": {
                "a.json": {"vault": {"resources": [{}, {}]}},
                "b.json": {"vault": {"resources": [{"id": "r1"}]}},
                "c.json": {"backups": [{"resource_id": "r9"}]}
            }}"#,
            &["fail r1 high", "unknown r2 record-conflict"],
        ),
        Case::new(
            "only failed backups",
            r#"{"$files": {"a.json": {"instances": [{}]}, "b.json": {"backup": {"status": "error"}}}}"#,
            &["fail r1 high"],
        ),
        Case::new(
            "a restore point in doubt",
            r#"{"$files": {"a.json": {"instances": [{}]}, "b.json": {"backups": [{"status": "frozen"}]}}}"#,
            &["unknown r1 value-unrecognised"],
        ),
        Case::new(
            "the backups are not listed in whole",
            r#"{"$files": {"a.json": {"vaults": [{"resources": [{}]}]}, "b.json": {"backups": [{"resource_id": "r2"}], "count": 2}}}"#,
            &["unknown r1 input-incomplete"],
        ),
        Case::new(
            "in a project that is not said, though all that the dump holds is listed in whole",
            r#"{"$files": {"a.json": {"instances": [{"detail": {}}, {"detail": {}}]}, "b.json": {"backups": [{}]}}}"#,
            &["pass r1", "unknown r2 field-absent"],
        ),
        Case::new(
            "an empty list of backups beside the inventory, and one elsewhere",
            r#"{"$files": {
                "a/instances.json": {"instances": [{}]}, "a/backups.json": {"backups": []},
                "b/instances.json": {"instances": [{"id": "r2"}]}
            }}"#,
            &["fail r1 high", "unknown r2 input-incomplete"],
        ),
        Case::new(
            "an empty list of backups beside inventories of two projects, and one beside a backup that it lacks",
            r#"{"$files": {
                "a/backups.json": {"backups": []},
                "a/vaults.json": {"vaults": [
                    {"resources": [{}]}, {"project_id": "p2", "resources": [{"id": "r2"}]}
                ]},
                "b/backups.json": {"backups": []},
                "b/show.json": {"backup": {"resource_id": "r4"}},
                "b/vaults.json": {"vaults": [{"id": "v3", "resources": [{"id": "r3"}]}]}
            }}"#,
            &["unknown r1 input-incomplete", "unknown r2 input-incomplete", "unknown r3 input-incomplete"],
        ),
        Case::new(
            "a disk that a server backup contains",
            r#"{"$files": {
                "a.json": {"vaults": [{"resources": [{"id": "d1", "type": "OS::Cinder::Volume"}]}]},
                "b.json": {"backup": {"children": [{}]}}
            }}"#,
            &["pass d1"],
        ),
        Case::new(
            "a disk that a server backup may contain, and one without a type",
            r#"{"$files": {
                "a.json": {"vaults": [{"resources": [{"id": "d1", "type": "OS::Cinder::Volume"}, {"type": null}]}]},
                "b.json": {"backups": [{}]}
            }}"#,
            &["unknown d1 view-omits", "unknown r2 field-absent"],
        ),
        Case::new(
            "a replica, and a resource that is gone",
            r#"{"vaults": [
                {"resources": [{}], "billing": {"protect_type": "replication"}},
                {"resources": [{"id": "r2", "protect_status": "deleted"}]}
            ]}"#,
            &["not-applicable r1", "not-applicable r2"],
        ),
        Case::new(
            "in a vault that does not say what it is for, and which may hold replicas",
            r#"{"$files": {
                "a.json": {"vaults": [{"resources": [{}, {}], "billing": {"protect_type": "$absent"}}]},
                "b.json": {"backups": [{}]}
            }}"#,
            &["pass r1", "unknown r2 field-absent"],
        ),
        Case::new(
            "expected: backed up, never, anywhere, retired, in a project that is not listed",
            r#"{"$files": {"a/b.json": {"backups": [{}]}, "c/d.json": {"backups": [{"project_id": "p2", "resource_id": "r7"}]}}}"#,
            &["pass r1", "fail r2 high", "fail r3 high", "not-applicable r4", "unknown r6 input-incomplete"],
        )
        .set(&[
            "expect project,type,id,retired",
            "expect ,server,r1,",
            "expect p1,server,r2,",
            "expect ,server,r3,",
            "expect p1,server,r4,yes",
            "expect p9,server,r6,",
        ]),
        Case::new(
            "a clock that is only a lower bound",
            r#"{"$files": {"a.json": {"instances": [{}]}, "b.json": {"backups": [{}]}}}"#,
            &["unknown r1 clock-inferred"],
        )
        .inferred(),
    ],
};

fn check(cx: &Context<'_>, listed: ListedIx, out: &mut Sink<'_>) {
    let subject = cx.subject_of_listed(listed);
    let row = cx.inventory.listed(listed);
    match cx.points.cover(cx.inventory, cx.clock, listed) {
        // What a later clock could end is not judged above.
        Cover::Covered(_) => out.pass_now(cx, subject, Key::None, true),
        Cover::Outside => out.not_applicable(subject),
        Cover::Unknown(reason, Some(backup)) => {
            let (observed, evidence) = cx.blame_point(cx.inventory.backup(backup), reason);
            out.unknown(subject, reason).observed(observed, evidence);
        }
        Cover::Unknown(reason, None) => {
            let meaning = Value::Words(reason.meaning());
            out.unknown(subject, reason).observed(meaning, cx.inventory.evidence_of_listed(listed));
        }
        Cover::Uncovered => {
            let last = row.resource.and_then(|resource| cx.newest_record(resource));
            let finding = out.fail(subject).expected(Value::AtLeastCount(1, "good restore point"));
            match last {
                Some(last) => {
                    let (observed, evidence) = cx.at(last, FieldId::Status);
                    finding.observed(observed, evidence).note(Note::Words("no good restore point at all"));
                }
                None => {
                    finding.observed(Value::Words("no backup at all"), cx.inventory.evidence_of_listed(listed));
                }
            }
        }
    }
}
