//! `vault-list-incomplete`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "vault-list-incomplete",
    family: Family::DataQuality,
    severity: Severity::Low,
    title: "A list of vaults, policies, tasks or the like holds fewer than it claims",
    why: "What is missing is not judged, and whether a policy works on a vault cannot be told where a policy may be missing.",
    remedy: "Repeat the export of that list and fetch pages until their length reaches count.",
    logic: "Per directory and kind of answer around the backups, of protectable resources also per type, the distinct objects in its lists are compared with the largest count they state. Fewer fails, as many passes. More, as where lists of several projects or filters stand together, and a missing count are not judged. The first file of the lists stands for them; other files are not applicable. The answer on backups stays complete: rules that need the whole list leave open what they cannot tell.",
    params: &[],
    controls: &["soc2:A1.2", "impl-reg-2024-2690:4.2.2(b)"],
    check: Check::EachFile(check),
    cases: &[
        Case::new("as many as claimed", r#"{"vaults": [{}, {}]}"#, &["pass case.json"]),
        Case::new("fewer than claimed", r#"{"count": 4, "vaults": [{}, {}, {}]}"#, &["fail case.json low"]),
        Case::new(
            "two pages of one list",
            r#"{"$files": {
                "1.json": {"count": 2, "policies": [{"id": "x"}]},
                "2.json": {"count": 2, "policies": [{"id": "y"}]}
            }}"#,
            &["pass 1.json", "not-applicable 2.json"],
        ),
        Case::new(
            "more than claimed, no claim",
            r#"{"$files": {
                "a/1.json": {"count": 1, "operation_logs": [{}, {}]},
                "b/1.json": {"count": "$absent", "members": [{}]}
            }}"#,
            &["unknown a/1.json input-incomplete", "unknown b/1.json field-absent"],
        ),
        Case::new("a show answer claims nothing", r#"{"vault": {}}"#, &["not-applicable case.json"]),
    ],
};

fn check(cx: &Context<'_>, file: FileIx, out: &mut Sink<'_>) {
    let subject = Subject::File(file);
    let mut listings = Kind::ALL.into_iter().flat_map(|kind| cx.inventory.neighbour_listings(kind));
    let Some(listing) = listings.find(|listing| listing.files.first() == Some(&file)) else {
        return out.not_applicable(subject);
    };
    let seen = listing.members.len() as u64;
    let Some(claim) = listing.claim().map(|claim| u64::try_from(claim).unwrap_or_default()) else {
        let (observed, expected) = (Value::Words("no count"), Value::Words("a count"));
        out.unknown(subject, Reason::FieldAbsent).observed(observed, Evidence::File(file)).expected(expected);
        return;
    };
    let observed = Value::CountOf(seen, claim, plural(listing.kind));
    let evidence = Evidence::Count(file);
    match seen.cmp(&claim) {
        std::cmp::Ordering::Equal => out.pass(subject),
        std::cmp::Ordering::Less => {
            out.fail(subject).observed(observed, evidence).expected(Value::AtLeastCount(claim, listing.kind.noun()));
        }
        std::cmp::Ordering::Greater => {
            let expected = Value::Words("as many as count says");
            out.unknown(subject, Reason::InputIncomplete).observed(observed, evidence).expected(expected);
        }
    }
}

fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Vault => "vaults",
        Kind::Policy => "policies",
        Kind::Task => "tasks",
        Kind::Checkpoint => "checkpoints",
        Kind::Protectable => "protectable resources",
        Kind::Member => "sharing members",
    }
}
