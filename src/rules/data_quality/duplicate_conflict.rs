//! `duplicate-conflict`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "duplicate-conflict",
    family: Family::DataQuality,
    severity: Severity::Medium,
    title: "Copies of one backup contradict each other",
    why: "Two truths about one backup make every later verdict on it arguable.",
    remedy: "Export in one go and check files that were merged by hand; query the id again.",
    logic: "Copies of one id are compared after normalisation. A copy with a later updated_at is a later reading and wins, unless a field that cannot change differs. Children and replication records depend on the kind of answer and never conflict. Every other difference fails. A backup that stands once is not applicable.",
    params: &[],
    controls: &["nist-800-53r5:CP-9", "soc2:A1.2"],
    check: Check::EachRecord(check),
    cases: &[],
};

fn check(_: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    let conflicts = backup.conflicts();
    let Some(field) = conflicts.iter().next() else {
        return if backup.copies() > 1 { out.pass(subject) } else { out.not_applicable(subject) };
    };
    let supplier = backup.reading_of(field);
    let other = backup.readings().find(|&reading| !backup.agrees(supplier, reading, field)).unwrap_or(supplier);
    out.fail(subject)
        .observed_field(supplier, field)
        .note(Note::Elsewhere(other, field))
        .expected(Value::Words("the same in every copy"));
}
