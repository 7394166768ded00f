//! `vault-unusable`

use super::bound;
use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "vault-unusable",
    family: Family::Context,
    severity: Severity::High,
    title: "A vault is frozen, locked by the provider, failed or being deleted",
    why: "Such a vault makes no backups, and one that stays frozen, or is deleted, takes its backups along.",
    remedy: "Pay what is due, or ask the provider why the vault is blocked, before its backups are deleted.",
    logic: "Fails where frozen is true or billing.status is lock, frozen, error or deleting; the word is the reason. Passes where the status is available and frozen is false. A foreign status is not judged, and neither is an available vault whose answer does not show frozen: documentation leaves that key out. Vaults for replicas are judged too. The lock of backup locking is another one: vault-not-locked speaks of it.",
    params: &[],
    controls: &["nist-800-53r5:CP-9", "c5-2020:OPS-07", "soc2:A1.2"],
    check: Check::EachNeighbour(Kind::Vault, check),
    cases: &[
        Case::new("available", r#"{"vaults": [{}]}"#, &["pass v1"]),
        Case::new(
            "every other state",
            r#"{"vaults": [
                {"billing": {"status": "lock"}},
                {"billing": {"status": "frozen"}},
                {"billing": {"status": "error"}},
                {"billing": {"status": "deleting"}},
                {"frozen": true}
            ]}"#,
            &[
                "fail v1 high lock",
                "fail v2 high frozen",
                "fail v3 high error",
                "fail v4 high deleting",
                "fail v5 high frozen",
            ],
        ),
        Case::new(
            "a foreign status, with and without being frozen; none",
            r#"{"vaults": [
                {"billing": {"status": "Available"}},
                {"frozen": true, "billing": {"status": "asleep"}},
                {"billing": {"status": "$absent"}}
            ]}"#,
            &["unknown v1 value-unrecognised", "fail v2 high frozen", "unknown v3 field-absent"],
        ),
        Case::new("frozen is not shown", r#"{"vaults": [{"frozen": "$absent"}]}"#, &["unknown v1 field-absent"]),
        Case::new(
            "two answers that contradict each other",
            r#"{"$files": {"a.json": {"vault": {"frozen": true}}, "b.json": {"vault": {"frozen": false}}}}"#,
            &["unknown v1 record-conflict"],
        ),
    ],
};

fn check(_: &Context<'_>, vault: Neighbour<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Neighbour(vault.ix);
    let status = vault.word(Part::VaultStatus, VaultStatus::from_word).known();
    let frozen = vault.flag(Part::Frozen).known();
    match (status, frozen) {
        (Ok(VaultStatus::Available), Ok(false)) => out.pass(subject),
        (Ok(VaultStatus::Available) | Err(_), Ok(true)) => fail(out, vault, "frozen", Part::Frozen),
        (Ok(VaultStatus::Available), Err(reason)) => leave_open(out, vault, reason, Part::Frozen),
        (Err(reason), _) => leave_open(out, vault, reason, Part::VaultStatus),
        (Ok(status), _) => fail(out, vault, status.word(), Part::VaultStatus),
    }
}

fn fail(out: &mut Sink<'_>, vault: Neighbour<'_>, reason: &'static str, part: Part) {
    let spot = vault.spot(part);
    out.fail(Subject::Neighbour(vault.ix))
        .reason(reason)
        .observed(Value::Neighbour(spot), Evidence::Neighbour(spot))
        .expected(Value::Words("an available vault that is not frozen"));
}

fn leave_open(out: &mut Sink<'_>, vault: Neighbour<'_>, reason: Reason, part: Part) {
    bound::leave_open(out, vault, reason, vault.spot(part));
}
