//! `backup-shared`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "backup-shared",
    family: Family::Context,
    severity: Severity::Medium,
    title: "A backup can be read by another project",
    why: "Who accepts a shared backup can make a server of it, and has all its data.",
    remedy: "Check that the receiving project is meant to have the data; else stop sharing the backup with it.",
    logic: "Per sharing member: pending and accepted fail, rejected passes. A missing or foreign status is not judged. Members since after the as-of time are left out. Backups whose members were not exported are not looked at.",
    params: &[],
    controls: &["iso27001-2022:A.8.13", "c5-2020:OPS-06"],
    check: Check::EachNeighbour(Kind::Member, check),
    cases: &[
        Case::new(
            "offered, accepted, refused",
            r#"{"members": [{"status": "pending"}, {}, {"status": "rejected"}]}"#,
            &["fail m1 medium", "fail m2 medium", "pass m3"],
        ),
        Case::new(
            "beside the backup that is shared",
            r#"{"$files": {"a.json": {"member": {}}, "b.json": {"backup": {}}}}"#,
            &["fail m1 medium"],
        ),
        Case::new(
            "a status that is foreign, missing or null",
            r#"{"members": [{"status": "asked"}, {"status": "$absent"}, {"status": null}]}"#,
            &["unknown m1 value-unrecognised", "unknown m2 field-absent", "unknown m3 field-null"],
        ),
        Case::new("after the as-of time", r#"{"member": {"created_at": "+1h"}}"#, &[]),
    ],
};

const DETAILS: &[(&str, Part)] = &[("backup", Part::BackupId), ("with project", Part::DestProjectId)];

fn check(cx: &Context<'_>, member: Neighbour<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Neighbour(member.ix);
    if !cx.had_happened(member.time(Part::CreatedAt).value()) {
        return;
    }
    let spot = member.spot(Part::Status);
    match member.word(Part::Status, MemberStatus::from_word).known() {
        Ok(MemberStatus::Rejected) => out.pass(subject),
        Ok(MemberStatus::Pending | MemberStatus::Accepted) => {
            out.fail(subject)
                .observed(Value::Neighbour(spot), Evidence::Neighbour(spot))
                .note(Note::Parts(spot, DETAILS))
                .expected(Value::Words("rejected, or no member at all"));
        }
        Err(reason) => {
            out.unknown(subject, reason).observed(Value::Neighbour(spot), Evidence::Neighbour(spot));
        }
    }
}
