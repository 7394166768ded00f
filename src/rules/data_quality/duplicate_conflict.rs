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
    cases: &[
        Case::new("a backup that stands once", r#"{"backups": [{}]}"#, &["not-applicable b1"]),
        Case::new(
            "a list and a show answer that agree",
            r#"{"$files": {"a.json": {"backups": [{}]}, "b.json": {"backup": {"id": "b1", "children": [{}]}}}}"#,
            &["pass b1", "not-applicable b1-d1"],
        ),
        Case::new(
            "two answers that do not",
            r#"{"$files": {"a.json": {"backups": [{}]}, "b.json": {"backup": {"id": "b1", "status": "error"}}}}"#,
            &["fail b1 medium"],
        ),
        Case::new(
            "a later reading",
            r#"{"$files": {
                "a.json": {"backups": [{}]},
                "b.json": {"backup": {"id": "b1", "status": "deleting", "updated_at": "-1h"}}
            }}"#,
            &["pass b1"],
        ),
        Case::new(
            "a later reading of something that cannot change",
            r#"{"$files": {
                "a.json": {"backups": [{"updated_at": "-2h"}]},
                "b.json": {"backup": {"id": "b1", "resource_id": "r2", "updated_at": "-1h"}}
            }}"#,
            &["fail b1 medium"],
        ),
        Case::new(
            "the same moment with and without a zone",
            r#"{"$files": {
                "a.json": {"backups": [{"created_at": "2026-02-28T22:00:00"}]},
                "b.json": {"backup": {"id": "b1", "created_at": "2026-02-28T22:00:00+00:00"}}
            }}"#,
            &["pass b1"],
        ),
    ],
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
