//! `hierarchy-cycle`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "hierarchy-cycle",
    family: Family::Hierarchy,
    severity: Severity::Medium,
    title: "Backups are each other's parents",
    why: "That cannot occur in a genuine answer: the dump was edited or merged.",
    remedy: "Go back to the raw export.",
    logic: "Nesting and parent_id form a graph; a backup that can reach itself in it fails. Every other backup that has a parent or children passes; one that stands alone is not applicable. Members of a cycle are left out of every rule but this one and those on data quality.",
    params: &[],
    controls: &["soc2:A1.2"],
    check: Check::EachRecord(check),
    cases: &[
        Case::new("a server and its disk", r#"{"backup": {"children": [{}]}}"#, &["pass b1", "pass b1-d1"]),
        Case::new("its own parent", r#"{"backups": [{"parent_id": "b1"}]}"#, &["fail b1 medium"]),
        Case::new(
            "each other's parent",
            r#"{"backups": [{"parent_id": "b2"}, {"parent_id": "b1"}]}"#,
            &["fail b1 medium", "fail b2 medium"],
        ),
        Case::new("a backup by itself", r#"{"backups": [{}]}"#, &["not-applicable b1"]),
    ],
};

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    if backup.in_cycle() {
        let (observed, evidence) = cx.at(backup, FieldId::ParentId);
        out.fail(subject)
            .observed(observed, evidence)
            .expected(Value::Words("a parent that is not its own descendant"));
    } else if backup.role() == Role::Child || backup.children().next().is_some() {
        out.pass(subject);
    } else {
        out.not_applicable(subject);
    }
}
