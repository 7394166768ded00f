//! `vault-untagged`

use super::bound;
use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "vault-untagged",
    family: Family::Context,
    severity: Severity::Info,
    title: "A vault has no tags",
    why: "Nobody can tell by the vault whom it belongs to, what it is for and who pays for it.",
    remedy: "Tag the vault with its owner and purpose.",
    logic: "Any tag passes, whatever its key; an empty list and null fail. An answer that does not show tags, or none that is an object, is not judged, where Cloud Custodian's untagged takes it as untagged. Vaults for replicas are judged too, so it does not matter whether a vault says what it is for. Which tags are wanted is not asked.",
    params: &[],
    controls: &["soc2:A1.2"],
    check: Check::EachNeighbour(Kind::Vault, check),
    cases: &[
        Case::new(
            "with a tag, without, with null",
            r#"{"vaults": [{"tags": [{"key": "owner"}]}, {"tags": []}, {"tags": null}]}"#,
            &["pass v1", "fail v2 info", "fail v3 info"],
        ),
        Case::new(
            "a vault for replicas, and one that does not say what it is for",
            r#"{"vaults": [
                {"billing": {"protect_type": "replication"}},
                {"tags": [], "billing": {"protect_type": "replication"}},
                {"tags": [], "billing": {"protect_type": "$absent"}}
            ]}"#,
            &["pass v1", "fail v2 info", "fail v3 info"],
        ),
        Case::new(
            "tags are not shown, no list, or a list of none",
            r#"{"vaults": [{"tags": "$absent"}, {"tags": "none"}, {"tags": [null]}, {"tags": [null, {}]}]}"#,
            &["unknown v1 field-absent", "unknown v2 type-mismatch", "unknown v3 type-mismatch", "pass v4"],
        ),
    ],
};

fn check(_: &Context<'_>, vault: Neighbour<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Neighbour(vault.ix);
    let spot = vault.spot(Part::Tags);
    let is_tag = |element: &Tree| matches!(element, Tree::Object(_));
    match vault.value(Part::Tags) {
        Field::Value(Tree::List(tags)) if tags.iter().any(is_tag) => out.pass(subject),
        Field::Value(Tree::List(tags)) if !tags.is_empty() => bound::leave_open(out, vault, Reason::TypeMismatch, spot),
        Field::Value(Tree::List(_)) | Field::Null => {
            let observed = Value::Count(0, "tag");
            out.fail(subject).observed(observed, Evidence::Neighbour(spot)).expected(Value::AtLeastCount(1, "tag"));
        }
        other => {
            // A value is no list here.
            let reason = other.known().err().unwrap_or(Reason::TypeMismatch);
            bound::leave_open(out, vault, reason, spot);
        }
    }
}
