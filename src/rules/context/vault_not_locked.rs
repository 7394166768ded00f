//! `vault-not-locked`

use super::bound;
use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "vault-not-locked",
    family: Family::Context,
    severity: Severity::Medium,
    title: "A vault is not locked: its backups can be deleted before they expire",
    why: "Who takes over an account deletes the backups first; a locked vault keeps those made by policy until they expire.",
    remedy: "Enable backup locking on the vault. It cannot be undone, and backups made by hand stay deletable.",
    logic: "Reads locked of every backup vault: true passes, false and null fail. A vault answer without the key is not judged: older clouds do not show it. Replication vaults are not applicable, and a vault that does not say what it is for is not judged. Equals the cloud's own check for locked vaults.",
    params: &[],
    controls: &["nist-800-53r5:CP-9"],
    check: Check::EachNeighbour(Kind::Vault, check),
    cases: &[
        Case::new("locked", r#"{"vaults": [{"locked": true}]}"#, &["pass v1"]),
        Case::new("not locked", r#"{"vaults": [{"locked": false}]}"#, &["fail v1 medium"]),
        Case::new("as text", r#"{"vault": {"locked": "false"}}"#, &["fail v1 medium"]),
        Case::new("null counts as not locked", r#"{"vaults": [{"locked": null}]}"#, &["fail v1 medium"]),
        Case::new("not shown", r#"{"vaults": [{"locked": "$absent"}]}"#, &["unknown v1 field-absent"]),
        Case::new(
            "a vault for replicas",
            r#"{"vaults": [{"locked": false, "billing": {"protect_type": "replication"}}]}"#,
            &["not-applicable v1"],
        ),
        Case::new(
            "a vault that does not say what it is for may be one for replicas",
            r#"{"vaults": [
                {"locked": true, "billing": {"protect_type": "$absent"}},
                {"locked": false, "billing": {"protect_type": null}},
                {"locked": "$absent", "billing": {"protect_type": "mirror"}}
            ]}"#,
            &["unknown v1 field-absent", "unknown v2 field-null", "unknown v3 value-unrecognised"],
        ),
        Case::new(
            "two answers that contradict each other",
            r#"{"$files": {"a.json": {"vault": {"locked": true}}, "b.json": {"vault": {"locked": false}}}}"#,
            &["unknown v1 record-conflict"],
        ),
    ],
};

fn check(_: &Context<'_>, vault: Neighbour<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Neighbour(vault.ix);
    let spot = vault.spot(Part::Locked);
    match (vault.word(Part::ProtectType, ProtectType::from_word).known(), vault.flag(Part::Locked)) {
        (Ok(ProtectType::Replication), _) => out.not_applicable(subject),
        (Err(reason), _) => bound::leave_open(out, vault, reason, vault.spot(Part::ProtectType)),
        (Ok(_), Field::Value(true)) => out.pass(subject),
        (Ok(_), Field::Value(false) | Field::Null) => {
            out.fail(subject).observed_spot(spot).expected(Value::Words("true"));
        }
        (Ok(_), other) => {
            let reason = other.known().err().unwrap_or(Reason::FieldAbsent);
            bound::leave_open(out, vault, reason, spot);
        }
    }
}
