//! `checkpoint-skipped-resource`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "checkpoint-skipped-resource",
    family: Family::Context,
    severity: Severity::High,
    title: "A run of a vault left resources out",
    why: "A resource that is skipped gets no backup and no failed one either: nothing else in the answers shows it.",
    remedy: "Act on the code and reason of each skipped resource, then back it up.",
    logic: "Per checkpoint, vault.skipped_resources: empty passes, anything in it fails, whether or not a later run took the resource in. An answer without the list, or with null, is not judged. Checkpoints after the as-of time are left out.",
    params: &[],
    controls: &["iso27001-2022:A.8.13", "nist-800-53r5:CP-9", "c5-2020:OPS-07", "soc2:A1.2", "dora:12(2)"],
    check: Check::EachNeighbour(Kind::Checkpoint, check),
    cases: &[
        Case::new("nothing left out", r#"{"checkpoint": {}}"#, &["pass c1"]),
        Case::new(
            "a server left out",
            r#"{"checkpoint": {"vault": {"skipped_resources": [
                {"id": "r2", "type": "OS::Nova::Server", "name": "server-2", "code": "BackupService.6110", "reason": "busy"}
            ]}}}"#,
            &["fail c1 high"],
        ),
        Case::new(
            "no list, a null list, no vault",
            r#"{"checkpoints": [
                {"vault": {"skipped_resources": "$absent"}},
                {"vault": {"skipped_resources": null}},
                {"vault": null},
                {"vault": {"skipped_resources": "none"}}
            ]}"#,
            &[
                "unknown c1 field-absent",
                "unknown c2 field-null",
                "unknown c3 field-absent",
                "unknown c4 type-mismatch",
            ],
        ),
        Case::new("after the as-of time", r#"{"checkpoint": {"created_at": "+1h"}}"#, &[]),
    ],
};

const DETAILS: &[(&str, Part)] =
    &[("first:", Part::SkippedName), ("", Part::SkippedId), ("", Part::SkippedCode), ("", Part::SkippedReason)];

fn check(cx: &Context<'_>, checkpoint: Neighbour<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Neighbour(checkpoint.ix);
    if !cx.had_happened(checkpoint.time(Part::CreatedAt).value()) {
        return;
    }
    let spot = checkpoint.spot(Part::Skipped);
    match checkpoint.elements(Part::Skipped).known() {
        Ok(skipped) if skipped.is_empty() => out.pass(subject),
        Ok(skipped) => {
            out.fail(subject)
                .observed(Value::Count(u64::from(skipped.end), "skipped resource"), Evidence::Neighbour(spot))
                .note(Note::Parts(checkpoint.spot_in(Part::SkippedId, 0), DETAILS))
                .expected(Value::Words("none"));
        }
        Err(reason) => {
            out.unknown(subject, reason).observed(Value::Neighbour(spot), Evidence::Neighbour(spot));
        }
    }
}
