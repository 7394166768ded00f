//! `vault-empty`

use super::bound;
use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "vault-empty",
    family: Family::Context,
    severity: Severity::Low,
    title: "A vault protects no resource",
    why: "It is paid for and protects nothing; often the resources that it was made for are protected nowhere.",
    remedy: "Associate the resources it was made for, or delete it.",
    logic: "An empty list of resources fails, one with entries passes; a list that is missing or null is not judged. Vaults for replicas are not applicable: resources are associated where their backups are made. Prowler's check for vaults without resources, proposed and not merged, judges those too.",
    params: &[],
    controls: &["nist-800-53r5:CP-9", "cis-8.1:11.2"],
    check: Check::EachNeighbour(Kind::Vault, check),
    cases: &[
        Case::new(
            "with a resource and without",
            r#"{"vaults": [{"resources": [{}]}, {"resources": []}]}"#,
            &["pass v1", "fail v2 low"],
        ),
        Case::new(
            "resources are not shown, null, no list",
            r#"{"vaults": [{"resources": "$absent"}, {"resources": null}, {"resources": 0}]}"#,
            &["unknown v1 field-absent", "unknown v2 field-null", "unknown v3 type-mismatch"],
        ),
        Case::new(
            "a vault for replicas, and one that does not say what it is for",
            r#"{"vaults": [{"billing": {"protect_type": "replication"}}, {"billing": {"protect_type": "$absent"}}]}"#,
            &["not-applicable v1", "unknown v2 field-absent"],
        ),
    ],
};

fn check(_: &Context<'_>, vault: Neighbour<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Neighbour(vault.ix);
    let spot = vault.spot(Part::Resources);
    let purpose = vault.word(Part::ProtectType, ProtectType::from_word).known();
    match (purpose, vault.elements(Part::Resources).known()) {
        (Ok(ProtectType::Replication), _) => out.not_applicable(subject),
        (Err(reason), _) => bound::leave_open(out, vault, reason, vault.spot(Part::ProtectType)),
        (_, Err(reason)) => bound::leave_open(out, vault, reason, spot),
        (_, Ok(resources)) if resources.is_empty() => {
            let observed = Value::Count(0, "resource");
            out.fail(subject)
                .observed(observed, Evidence::Neighbour(spot))
                .expected(Value::AtLeastCount(1, "resource"));
        }
        (_, Ok(_)) => out.pass(subject),
    }
}
