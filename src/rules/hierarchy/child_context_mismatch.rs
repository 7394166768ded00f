//! `child-context-mismatch`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "child-context-mismatch",
    family: Family::Hierarchy,
    severity: Severity::Medium,
    title: "A disk backup disagrees with its server backup",
    why: "A wrong scope means wrong access, billing and roll-up.",
    remedy: "Finish or repeat the migration of the resource, and check for mixed exports.",
    logic: "project_id, vault_id, checkpoint_id, image_type and enterprise_project_id of a disk backup are compared with those of its server backup; 0 and \"0\" are the same. Any difference fails. A missing project, vault, checkpoint or image type is not judged; the enterprise project is compared only where both carry it. Orphans are not applicable.",
    params: &[],
    controls: &["nist-800-53r5:CP-9", "pci-4.0.1:12.5.2"],
    check: Check::EachChild(check),
    cases: &[
        Case::new(
            "the same, but for the way a number is written",
            r#"{"backup": {"enterprise_project_id": "0", "children": [{"enterprise_project_id": 0}]}}"#,
            &["pass b1-d1"],
        ),
        Case::new(
            "a disk in another vault",
            r#"{"backup": {"children": [{"vault_id": "v2"}]}}"#,
            &["fail b1-d1 medium"],
        ),
        Case::new(
            "another enterprise project; one that names none",
            r#"{"backup": {
                "enterprise_project_id": "e1",
                "children": [{"enterprise_project_id": "e2"}, {"enterprise_project_id": "$absent"}]
            }}"#,
            &["fail b1-d1 medium", "pass b1-d2"],
        ),
        Case::new(
            "no vault; no checkpoint",
            r#"{"backup": {"children": [{"vault_id": "$absent"}, {"checkpoint_id": null}]}}"#,
            &["unknown b1-d1 field-absent", "unknown b1-d2 field-null"],
        ),
        Case::new("an orphan", r#"{"backups": [{"parent_id": "gone"}]}"#, &["not-applicable b1"]),
    ],
};

const COMPARED: [FieldId; 4] = [FieldId::ProjectId, FieldId::VaultId, FieldId::CheckpointId, FieldId::ImageType];

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    let Some(parent) = backup.parent() else { return out.not_applicable(subject) };
    if is_plainly_same(backup, parent) {
        return out.pass(subject);
    }
    let compared = COMPARED.map(|field| (field, same(backup, parent, field)));
    let enterprise = FieldId::EnterpriseProjectId;
    let enterprise_same = same(backup, parent, enterprise);
    let enterprise_differs = enterprise_same == Ok(false);
    let unreadable = enterprise_same.err().filter(|reason| !matches!(reason, Reason::FieldAbsent | Reason::FieldNull));
    let differing = compared.iter().filter(|(_, same)| *same == Ok(false)).map(|(field, _)| *field);
    let differing: Vec<_> = differing.chain(enterprise_differs.then_some(enterprise)).collect();
    if let Some(&first) = differing.first() {
        let (observed, evidence) = cx.at(backup, first);
        let note = Note::Fields(differing.iter().copied().collect());
        out.fail(subject).observed(observed, evidence).note(note).expected(cx.at(parent, first).0);
        return;
    }
    let missing = compared.into_iter().find_map(|(field, same)| same.err().map(|reason| (field, reason)));
    match missing.or(unreadable.map(|reason| (enterprise, reason))) {
        None => out.pass(subject),
        Some((field, reason)) => {
            let (observed, evidence) = cx.at(backup, field);
            out.unknown(subject, reason).observed(observed, evidence).expected(cx.at(parent, field).0);
        }
    }
}

/// Whether it is plain that nothing differs or is missing, as with nearly all.
fn is_plainly_same(backup: Backup<'_>, parent: Backup<'_>) -> bool {
    let same = |field| backup.plainly_same(parent, field);
    let enterprise = FieldId::EnterpriseProjectId;
    COMPARED.into_iter().all(same) && (backup.plainly_lacks(enterprise) || same(enterprise))
}

/// Whether both records say the same of a field.
fn same(backup: Backup<'_>, parent: Backup<'_>, field: FieldId) -> Result<bool, Reason> {
    if field == FieldId::ImageType {
        return Ok(backup.image_type().known()? == parent.image_type().known()?);
    }
    backup.states_same(parent, field)
}
