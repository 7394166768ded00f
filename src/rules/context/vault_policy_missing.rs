//! `vault-policy-missing`

use super::bound;
use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "vault-policy-missing",
    family: Family::Context,
    severity: Severity::High,
    title: "No enabled backup policy works on a vault",
    why: "Nothing in the vault is backed up unless somebody does it by hand, and resources added later start unprotected.",
    remedy: "Bind a backup policy to the vault, or enable the one that is bound.",
    logic: "A vault does not name its policies, so the policy answers are searched for it. An enabled one passes; a disabled one alone fails, since a vault takes one backup policy. Where none names the vault, it fails if the policy list of its directory or project is whole, and is not judged otherwise; where answers of several projects stand in one directory, a list of policies in one answer speaks for the one whose vaults it names. Without any policy answer nothing can be said: not applicable, as are vaults for replicas and for on-premises servers. Vaults without resources are judged too. A list that was fetched for one vault looks like the list of all: save it in a directory of its own. A bound policy that is disabled passes Cloud Custodian's unassociated and fails here.",
    params: &[],
    controls: &["nist-800-53r5:CP-9", "cis-8.1:11.2", "iso27001-2022:A.8.13", "dora:12(1)(a)", "soc2:A1.2"],
    check: Check::EachNeighbour(Kind::Vault, check),
    cases: &[
        Case::new(
            "an enabled policy names the vault",
            r#"{"$files": {"p.json": {"policies": [{}]}, "v.json": {"vaults": [{}]}}}"#,
            &["pass v1"],
        ),
        Case::new(
            "one disabled policy, and none at all",
            r#"{"$files": {"p.json": {"policies": [{"enabled": false}]}, "v.json": {"vaults": [{}, {}]}}}"#,
            &["fail v1 high disabled", "fail v2 high"],
        ),
        Case::new(
            "a replication policy makes no backups",
            r#"{"$files": {"p.json": {"policies": [{"operation_type": "replication"}]}, "v.json": {"vault": {}}}}"#,
            &["fail v1 high"],
        ),
        Case::new(
            "the empty list is whole",
            r#"{"$files": {"p.json": {"policies": []}, "v.json": {"vaults": [{}]}}}"#,
            &["fail v1 high"],
        ),
        Case::new(
            "a list that is not whole, and a policy shown by itself",
            r#"{"$files": {
                "a/p.json": {"count": 3, "policies": [{"associated_vaults": null}]},
                "a/v.json": {"vaults": [{}]},
                "b/p.json": {"policy": {"id": "policy2", "associated_vaults": []}},
                "b/v.json": {"vaults": [{"id": "v2", "project_id": "p2"}]}
            }}"#,
            &["unknown v1 input-incomplete", "unknown v2 input-incomplete"],
        ),
        Case::new(
            "a whole list beside the backups of another project",
            r#"{"$files": {
                "a/v.json": {"vaults": [{}]},
                "b/b.json": {"backups": [{"project_id": "p2"}]},
                "b/p.json": {"policies": []}
            }}"#,
            &["unknown v1 input-incomplete"],
        ),
        Case::new(
            "a whole list beside a backup of another project, second in a list or by itself, and beside a task of one",
            r#"{"$files": {
                "a/v.json": {"vaults": [{}]},
                "a/b.json": {"backups": [{}, {"project_id": "p2"}]},
                "a/p.json": {"policies": []},
                "b/v.json": {"vaults": [{"id": "v2"}]},
                "b/b.json": {"backup": {"project_id": "p2"}},
                "b/p.json": {"policies": []},
                "c/v.json": {"vaults": [{"id": "v3"}]},
                "c/t.json": {"operation_logs": [{"project_id": "p2"}]},
                "c/p.json": {"policies": []}
            }}"#,
            &["unknown v1 input-incomplete", "unknown v2 input-incomplete", "unknown v3 input-incomplete"],
        ),
        Case::new(
            "a whole list in the directory of two projects, of which it names one",
            r#"{"$files": {
                "p.json": {"policies": [{}]},
                "v.json": {"vaults": [{}, {}]},
                "w.json": {"vaults": [{"id": "v3", "project_id": "p2"}]}
            }}"#,
            &["pass v1", "fail v2 high", "unknown v3 input-incomplete"],
        ),
        Case::new(
            "half a list of each of two projects, together as many as claimed",
            r#"{"$files": {
                "p.json": {"count": 2, "policies": [{}]},
                "q.json": {"count": 2, "policies": [{"id": "policy2", "associated_vaults": [{"vault_id": "v3"}]}]},
                "v.json": {"vaults": [{}, {}]},
                "w.json": {"vaults": [{"id": "v3", "project_id": "p2"}, {"id": "v4", "project_id": "p2"}]}
            }}"#,
            &["pass v1", "unknown v2 input-incomplete", "pass v3", "unknown v4 input-incomplete"],
        ),
        Case::new(
            "the same, where one half names no vault",
            r#"{"$files": {
                "p.json": {"count": 2, "policies": [{}]},
                "q.json": {"count": 2, "policies": [{"id": "policy2", "associated_vaults": []}]},
                "v.json": {"vaults": [{}, {}, {"id": "v3", "project_id": "p2"}]}
            }}"#,
            &["pass v1", "unknown v2 input-incomplete", "unknown v3 input-incomplete"],
        ),
        Case::new(
            "half a list of each of two projects, in a directory that names neither",
            r#"{"$files": {
                "backups/1.json": {"backups": [{}]},
                "backups/2.json": {"backups": [{"id": "b2", "project_id": "p2"}]},
                "policies/1.json": {"count": 2, "policies": [
                    {"name": "one", "operation_type": "backup", "associated_vaults": [{"vault_id": "v1"}]}
                ]},
                "policies/2.json": {"count": 2, "policies": [
                    {"id": "two", "operation_type": "backup", "associated_vaults": []}
                ]},
                "vaults/1.json": {"vaults": [{}, {"id": "v2"}]},
                "vaults/2.json": {"vaults": [{"id": "v3", "project_id": "p2"}]}
            }}"#,
            &["pass v1", "unknown v2 input-incomplete", "unknown v3 input-incomplete"],
        ),
        Case::new(
            "a whole list in another directory, where all is of one project",
            r#"{"$files": {
                "a/v.json": {"vaults": [{}]},
                "b/b.json": {"backups": [{}]},
                "b/p.json": {"policies": []}
            }}"#,
            &["fail v1 high"],
        ),
        Case::new(
            "a policy that does not say whether it is enabled, what it does, which vaults it names",
            r#"{"$files": {
                "p.json": {"policies": [
                    {"enabled": "$absent"},
                    {"operation_type": "Backup", "associated_vaults": [{"vault_id": "v2"}]},
                    {"associated_vaults": "$absent"}
                ]},
                "v.json": {"vaults": [{}, {}, {}]}
            }}"#,
            &["unknown v1 field-absent", "unknown v2 value-unrecognised", "unknown v3 field-absent"],
        ),
        Case::new(
            "a policy that names one vault, and another without its id",
            r#"{"$files": {
                "p.json": {"policies": [{"associated_vaults": [{"vault_id": "v1"}, {}]}]},
                "v.json": {"vaults": [{}, {}]}
            }}"#,
            &["pass v1", "unknown v2 field-absent"],
        ),
        Case::new(
            "two answers that differ on the vaults of a policy",
            r#"{"$files": {
                "a.json": {"policies": [{"associated_vaults": [{"vault_id": "v1"}]}]},
                "b.json": {"policies": [{"associated_vaults": [{"vault_id": "v2"}]}]},
                "v.json": {"vaults": [{}, {}, {}]}
            }}"#,
            &["unknown v1 record-conflict", "unknown v2 record-conflict", "fail v3 high"],
        ),
        Case::new("no policy answers", r#"{"vaults": [{}]}"#, &["not-applicable v1"]),
        Case::new(
            "a vault for replicas, one for on-premises servers, one that does not say what it is for",
            r#"{"$files": {"p.json": {"policies": []}, "v.json": {"vaults": [
                {"billing": {"protect_type": "replication"}},
                {"billing": {"protect_type": "hybrid"}},
                {"billing": {"protect_type": "$absent"}}
            ]}}}"#,
            &["not-applicable v1", "not-applicable v2", "unknown v3 field-absent"],
        ),
    ],
};

fn check(cx: &Context<'_>, vault: Neighbour<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Neighbour(vault.ix);
    if !bound::shows_policies(cx) {
        return out.not_applicable(subject);
    }
    match bound::is_for_backups(vault) {
        Ok(true) => bound::judge(cx, vault, PolicyOperation::Backup, "an enabled backup policy", out),
        Ok(false) => out.not_applicable(subject),
        Err(reason) => bound::leave_open(out, vault, reason, vault.spot(Part::ProtectType)),
    }
}
