//! `child-orphaned`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "child-orphaned",
    family: Family::Hierarchy,
    severity: Severity::Medium,
    title: "A disk backup belongs to a server backup that is not there",
    why: "Disk data whose server backup is gone: storage cost, or the only survivor.",
    remedy: "Export the server backup, look for a deletion, and keep the disk backup until that is clarified.",
    logic: "Fails for a backup whose parent_id names nothing in the dump, where the listing of its project is proven complete; where it is not, the parent may merely be missing from the export: not judged. Passes where the parent is loaded.",
    params: &[],
    controls: &["nist-800-53r5:CP-9", "iso27001-2022:A.8.13", "impl-reg-2024-2690:4.2.2(b)"],
    check: Check::EachChild(check),
    cases: &[
        Case::new(
            "a parent that a complete listing lacks",
            r#"{"backups": [{}, {"parent_id": "gone"}]}"#,
            &["fail b2 medium"],
        ),
        Case::new(
            "a listing that is cut short",
            r#"{"count": 3, "backups": [{}, {"parent_id": "gone"}]}"#,
            &["unknown b2 input-incomplete"],
        ),
        Case::new(
            "a listing of disks proves nothing about servers",
            r#"{"backups": [{"parent_id": "gone"}]}"#,
            &["unknown b1 input-incomplete"],
        ),
        Case::new(
            "the parent is there",
            r#"{"backups": [{}, {"parent_id": "b1", "resource_type": "OS::Cinder::Volume"}]}"#,
            &["pass b2"],
        ),
        Case::new(
            "a parent that cannot be read",
            r#"{"backups": [{}, {"parent_id": 7}]}"#,
            &["unknown b2 type-mismatch"],
        ),
    ],
};

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    if backup.parent().is_some() {
        return out.pass(subject);
    }
    let (observed, evidence) = cx.at(backup, FieldId::ParentId);
    let expected = Value::Words("the id of a backup in the dump");
    let project = backup.symbol(FieldId::ProjectId).value();
    let complete = project.is_some_and(|project| cx.inventory.listings.complete_projects.contains(&project));
    let reason = match backup.id(FieldId::ParentId).known() {
        Err(reason) => reason,
        Ok(_) if complete => {
            out.fail(subject).observed(observed, evidence).expected(expected);
            return;
        }
        Ok(_) => Reason::InputIncomplete,
    };
    out.unknown(subject, reason).observed(observed, evidence).expected(expected);
}
