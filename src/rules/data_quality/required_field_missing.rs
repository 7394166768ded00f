//! `required-field-missing`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "required-field-missing",
    family: Family::DataQuality,
    severity: Severity::Medium,
    title: "A field that rules need is missing",
    why: "What is missing cannot be judged: every rule that needs the field reports it as not judged.",
    remedy: "Export with the show answer, and with a tool that keeps every key.",
    logic: "Fails, once per field, where id, status, resource_id, resource_type, created_at, project_id or vault_id is absent, null or of a type that cannot be read. Passes once for a record that has them all.",
    params: &[],
    controls: &["soc2:A1.2", "impl-reg-2024-2690:4.2.2(b)"],
    check: Check::EachRecord(check),
    cases: &[
        Case::new("all there", r#"{"backup": {}}"#, &["pass b1"]),
        Case::new(
            "absent, null, of a type that cannot be read",
            r#"{"backup": {"status": "$absent", "vault_id": null, "created_at": true}}"#,
            &["fail b1 [status] medium", "fail b1 [created_at] medium", "fail b1 [vault_id] medium"],
        ),
        Case::new(
            "a disk counts too",
            r#"{"backup": {"children": [{"resource_id": ""}]}}"#,
            &["pass b1", "fail b1-d1 [resource_id] medium"],
        ),
    ],
};

const REQUIRED: [FieldId; 7] = [
    FieldId::Id,
    FieldId::Status,
    FieldId::ResourceId,
    FieldId::ResourceType,
    FieldId::CreatedAt,
    FieldId::ProjectId,
    FieldId::VaultId,
];

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    if backup.has_values(FieldSet::of(&REQUIRED)) {
        return out.pass(subject);
    }
    let missing = |field: &FieldId| {
        matches!(backup.presence(*field), Field::Absent | Field::Null | Field::Unusable(Reason::TypeMismatch))
    };
    let mut complete = true;
    for field in REQUIRED.into_iter().filter(missing) {
        complete = false;
        let (observed, evidence) = cx.at(backup, field);
        let expected = Value::Words("a value");
        out.fail(subject).key(Key::Field(field)).observed(observed, evidence).expected(expected);
    }
    if complete {
        out.pass(subject);
    }
}
