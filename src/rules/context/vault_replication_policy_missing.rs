//! `vault-replication-policy-missing`

use super::bound;
use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "vault-replication-policy-missing",
    family: Family::Context,
    severity: Severity::Medium,
    title: "No enabled replication policy works on a vault",
    why: "Its backups stay in one region unless somebody copies each of them by hand.",
    remedy: "Bind a replication policy to the vault, with a vault for replicas in another region as its destination.",
    logic: "Judges backup vaults of servers and of SFS Turbo as vault-policy-missing does, for replication policies. Vaults of other types are not applicable, as for the cloud's own check of cross-region replication. That check also fails vaults of disks, whose backups the service cannot replicate: they are not applicable here, and offsite-copy-missing speaks of their resources. It takes any policy that is bound: here it has to be enabled. Not applicable also where no copy in another region is required.",
    params: &[REQUIRE_OFFSITE],
    controls: &[
        "nist-800-53r5:CP-6",
        "nist-800-53r5:CP-9(3)",
        "cis-8.1:11.4",
        "c5-2020:OPS-09",
        "impl-reg-2024-2690:4.2.2(c)",
    ],
    check: Check::EachNeighbour(Kind::Vault, check),
    cases: &[
        Case::new(
            "an enabled policy, a disabled one, none",
            r#"{"$files": {
                "p.json": {"policies": [
                    {"operation_type": "replication"},
                    {"operation_type": "replication", "enabled": false, "associated_vaults": [{"vault_id": "v2"}]}
                ]},
                "v.json": {"vaults": [{}, {"billing": {"object_type": "turbo"}}, {}]}
            }}"#,
            &["pass v1", "fail v2 medium disabled", "fail v3 medium"],
        ),
        Case::new(
            "a backup policy replicates nothing",
            r#"{"$files": {"p.json": {"policies": [{}]}, "v.json": {"vaults": [{}]}}}"#,
            &["fail v1 medium"],
        ),
        Case::new(
            "no copy elsewhere is required",
            r#"{"$files": {"p.json": {"policies": []}, "v.json": {"vaults": [{}]}}}"#,
            &["not-applicable v1"],
        )
        .set(&["require-offsite=false"]),
        Case::new(
            "the policy list is not whole",
            r#"{"$files": {"p.json": {"count": 2, "policies": [{}]}, "v.json": {"vaults": [{}]}}}"#,
            &["unknown v1 input-incomplete"],
        ),
        Case::new(
            "disks cannot be replicated, vaults for replicas and without a known use",
            r#"{"$files": {"p.json": {"policies": []}, "v.json": {"vaults": [
                {"billing": {"object_type": "disk"}},
                {"billing": {"protect_type": "replication"}},
                {"billing": {"object_type": "$absent"}},
                {"billing": {"object_type": "tape"}},
                {"billing": {"protect_type": null}}
            ]}}}"#,
            &[
                "not-applicable v1",
                "not-applicable v2",
                "unknown v3 field-absent",
                "unknown v4 value-unrecognised",
                "unknown v5 field-null",
            ],
        ),
        Case::new("no policy answers", r#"{"vaults": [{}]}"#, &["not-applicable v1"]),
    ],
};

fn check(cx: &Context<'_>, vault: Neighbour<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Neighbour(vault.ix);
    if !cx.is_on(&REQUIRE_OFFSITE) || !bound::shows_policies(cx) {
        return out.not_applicable(subject);
    }
    let replicates = vault.word(Part::ObjectType, ObjectType::from_word).known().map(ObjectType::replicates);
    match (bound::is_for_backups(vault), replicates) {
        (Ok(false), _) | (_, Ok(false)) => out.not_applicable(subject),
        (Ok(true), Ok(true)) => {
            bound::judge(cx, vault, PolicyOperation::Replication, "an enabled replication policy", out);
        }
        (Err(reason), _) => bound::leave_open(out, vault, reason, vault.spot(Part::ProtectType)),
        (_, Err(reason)) => bound::leave_open(out, vault, reason, vault.spot(Part::ObjectType)),
    }
}
