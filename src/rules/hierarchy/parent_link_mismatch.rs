//! `parent-link-mismatch`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "parent-link-mismatch",
    family: Family::Hierarchy,
    severity: Severity::Medium,
    title: "A nested backup names another parent",
    why: "What is counted for a server may belong to another one.",
    remedy: "Export again; if it persists, open a support case.",
    logic: "For a nested backup, parent_id must be the id of the backup around it. Fails where it is another one, or where the parent is no server backup. A missing parent_id or type is not judged. Orphans are not applicable.",
    params: &[],
    controls: &["nist-800-53r5:CP-9", "soc2:A1.2"],
    check: Check::EachChild(check),
    cases: &[
        Case::new("a disk names the server it stands in", r#"{"backup": {"children": [{}]}}"#, &["pass b1-d1"]),
        Case::new("a disk names another", r#"{"backup": {"children": [{"parent_id": "b9"}]}}"#, &["fail b1-d1 medium"]),
        Case::new(
            "a disk stands in a disk",
            r#"{"backup": {"resource_type": "OS::Cinder::Volume", "children": [{}]}}"#,
            &["fail b1-d1 medium"],
        ),
        Case::new(
            "a disk names none; a parent of unknown type",
            r#"{"$files": {
                "a.json": {"backup": {"children": [{"parent_id": null}]}},
                "b.json": {"backup": {"resource_type": "$absent", "children": [{}]}}
            }}"#,
            &["unknown b1-d1 field-null", "unknown b2-d1 field-absent"],
        ),
        Case::new("an orphan", r#"{"backups": [{"parent_id": "gone"}]}"#, &["not-applicable b1"]),
        Case::new(
            "no parent_id, in a backup that is no server",
            r#"{"backup": {"resource_type": "OS::Cinder::Volume", "children": [{"parent_id": null}]}}"#,
            &["fail b1-d1 medium"],
        ),
    ],
};

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    let Some(parent) = backup.parent() else { return out.not_applicable(subject) };
    let (observed, evidence) = cx.at(backup, FieldId::ParentId);
    match links(backup, parent) {
        Ok(None) => out.pass(subject),
        Ok(Some(Wrong::Parent)) => {
            let expected = cx.at(parent, FieldId::Id).0;
            out.fail(subject).observed(observed, evidence).expected(expected);
        }
        Ok(Some(Wrong::Type)) => {
            let (observed, evidence) = cx.at(parent, FieldId::ResourceType);
            out.fail(subject).observed(observed, evidence).expected(Value::Words("a server as parent"));
        }
        Err(reason) => {
            out.unknown(subject, reason).observed(observed, evidence);
        }
    }
}

enum Wrong {
    Parent,
    Type,
}

fn links(backup: Backup<'_>, parent: Backup<'_>) -> Result<Option<Wrong>, Reason> {
    let names_parent = || Ok(backup.id(FieldId::ParentId).known()? == parent.id(FieldId::Id).known()?);
    let linked = if backup.is_nested() { names_parent() } else { Ok(true) };
    let in_server = parent.resource_type().known().map(ResourceType::is_server);
    match (linked, in_server) {
        (Ok(false), _) => Ok(Some(Wrong::Parent)),
        (_, Ok(false)) => Ok(Some(Wrong::Type)),
        (linked, in_server) => linked.and(in_server).map(|_| None),
    }
}
