//! `immutable-copy-missing`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "immutable-copy-missing",
    family: Family::Context,
    severity: Severity::Medium,
    title: "Every restore point of a resource can be deleted before it expires",
    why: "Ransomware and stolen credentials go for the backups first; only a restore point that nobody can delete is safe from them.",
    remedy: "Keep the backups of the resource in a locked vault and have them made by a policy: those made by hand stay deletable.",
    logic: "A good restore point counts as immutable if it was made by policy (auto_trigger true) and its vault is locked. One such passes. If every good restore point was made by hand or lies in a vault that is not locked, the resource fails. A restore point that does not say how it was made, one in doubt that may be immutable, and a vault that no answer shows or whose answer does not say leave it not judged. Without any vault answer in the input nothing is applicable, nor are resources without a good restore point, replicas and orphans.",
    params: &[],
    controls: &["3-2-1-1-0:1-immutable", "nist-800-53r5:CP-9"],
    check: Check::EachResource(check),
    cases: &[
        Case::new(
            "made by policy, in a locked vault",
            r#"{"$files": {"b.json": {"backup": {}}, "v.json": {"vaults": [{"locked": true}]}}}"#,
            &["pass r1"],
        ),
        Case::new(
            "in a vault that is not locked",
            r#"{"$files": {"b.json": {"backup": {}}, "v.json": {"vaults": [{"locked": false}]}}}"#,
            &["fail r1 medium"],
        ),
        Case::new(
            "made by hand, in a locked vault",
            r#"{"$files": {"b.json": {"backup": {"extend_info": {"auto_trigger": false}}}, "v.json": {"vaults": [{}]}}}"#,
            &["fail r1 medium"],
        ),
        Case::new(
            "the older of two restore points is immutable",
            r#"{"$files": {
                "b.json": {"backups": [{"created_at": "-27h"}, {"extend_info": {"auto_trigger": false}}]},
                "v.json": {"vaults": [{}]}
            }}"#,
            &["pass r1"],
        ),
        Case::new(
            "made it is not said how",
            r#"{"$files": {"b.json": {"backup": {"extend_info": {"auto_trigger": "$absent"}}}, "v.json": {"vaults": [{}]}}}"#,
            &["unknown r1 field-absent"],
        ),
        Case::new(
            "a vault that the answers do not show",
            r#"{"$files": {"b.json": {"backup": {}}, "v.json": {"vaults": [{"id": "other"}]}}}"#,
            &["unknown r1 input-incomplete"],
        ),
        Case::new(
            "a vault that does not say",
            r#"{"$files": {"b.json": {"backup": {}}, "v.json": {"vaults": [{"locked": "$absent"}]}}}"#,
            &["unknown r1 field-absent"],
        ),
        Case::new("no vault answer at all", r#"{"backup": {}}"#, &["not-applicable r1"]),
        Case::new(
            "nothing to restore from",
            r#"{"$files": {"b.json": {"backup": {"status": "error"}}, "v.json": {"vaults": [{}]}}}"#,
            &["not-applicable r1"],
        ),
        Case::new(
            "a clock that is only a lower bound",
            r#"{"$files": {"b.json": {"backup": {}}, "v.json": {"vaults": [{}]}}}"#,
            &["unknown r1 clock-inferred"],
        )
        .inferred(),
        Case::new(
            "one in doubt that was made by hand cannot be immutable",
            r#"{"$files": {
                "a.json": {"vaults": [{"locked": true}]},
                "b.json": {"backups": [
                    {"extend_info": {"auto_trigger": false}}, {"status": null, "extend_info": {"auto_trigger": false}}
                ]}
            }}"#,
            &["fail r1 medium"],
        ),
    ],
};

fn check(cx: &Context<'_>, resource: ResourceIx, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    let is_shown = cx.inventory.neighbours_of(Kind::Vault).next().is_some();
    if !is_shown || cx.is_outside_retention_as_resource(resource) {
        return out.not_applicable(subject);
    }
    let (good, possible) = cx.retained_points(resource);
    // One that could be deleted saves nothing; only where there is no other does it matter whether it is good.
    let saves = |backup| good.is_empty() || is_immutable(cx, backup) != Ok(false);
    let possible: Vec<_> = possible.iter().filter(|(backup, _)| saves(*backup)).copied().collect();
    let immune = |&(backup, point): &Point<'_>| (is_immutable(cx, backup) == Ok(true)).then_some(point);
    let mut immutable = good.iter().filter_map(immune).peekable();
    if immutable.peek().is_some() {
        return out.pass_now(cx, subject, Key::None, immutable.any(|point| point.lasts()));
    }
    let mut open = good.iter().filter_map(|&(backup, _)| Some((backup, is_immutable(cx, backup).err()?)));
    if let Some((backup, reason)) = open.next() {
        let (observed, evidence) = why_open(cx, backup);
        out.unknown(subject, reason).observed(observed, evidence);
    } else if let Some(doubt) = first_doubt(&possible) {
        cx.leave_open(out, resource, doubt);
    } else if let Some(&(backup, _)) = good.first() {
        let (observed, evidence) = why_open(cx, backup);
        let expected = Value::Words("a restore point made by policy in a locked vault");
        let good = Note::Count(good.len() as u64, "good restore points in all");
        out.fail(subject).observed(observed, evidence).note(good).expected(expected);
    } else {
        out.not_applicable(subject);
    }
}

/// Whether nobody can delete the backup before it expires.
fn is_immutable(cx: &Context<'_>, backup: Backup<'_>) -> Result<bool, Reason> {
    let by_policy = backup.flag(FieldId::AutoTrigger).known();
    let locked = vault_of(cx, backup).ok_or(Reason::InputIncomplete).and_then(|vault| match vault.flag(Part::Locked) {
        Field::Null => Ok(false),
        locked => locked.known(),
    });
    match (by_policy, locked) {
        (Ok(false), _) | (_, Ok(false)) => Ok(false),
        (by_policy, locked) => Ok(by_policy? && locked?),
    }
}

fn vault_of<'i>(cx: &Context<'i>, backup: Backup<'_>) -> Option<Neighbour<'i>> {
    cx.inventory.neighbour_with_id(Kind::Vault, &backup.text(FieldId::VaultId))
}

/// The value that keeps a backup from being immutable, or from being known to be.
fn why_open(cx: &Context<'_>, backup: Backup<'_>) -> (Value, Evidence) {
    match vault_of(cx, backup) {
        Some(vault) if backup.flag(FieldId::AutoTrigger).value() == Some(true) => {
            let spot = vault.spot(Part::Locked);
            (Value::Neighbour(spot), Evidence::Neighbour(spot))
        }
        None if backup.flag(FieldId::AutoTrigger).value() == Some(true) => cx.at(backup, FieldId::VaultId),
        _ => cx.at(backup, FieldId::AutoTrigger),
    }
}
