//! `vault-list-incomplete`

#![allow(clippy::indexing_slicing, reason = "a listing has an answer")]

use std::cmp::Ordering;

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "vault-list-incomplete",
    family: Family::DataQuality,
    severity: Severity::Low,
    title: "A list of vaults, policies, tasks or the like holds fewer than it claims",
    why: "What is missing is not judged, and whether a policy works on a vault cannot be told where a policy may be missing.",
    remedy: "Repeat the export of that list and fetch pages until their length reaches count.",
    logic: "Per directory, kind of answer around the backups and project that it names, of protectable resources also per type, the distinct objects in its lists are compared with the largest count they state. Fewer fails, as many passes. More, as where lists with several filters, or of several projects that they do not name, stand together, and a missing count are not judged. The first file of the lists stands for them; other files are not applicable. The answer on backups stays complete: rules that need the whole list leave open what they cannot tell.",
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
            "half a list of each of two projects, and a whole one of each",
            r#"{"$files": {
                "a/1.json": {"count": 2, "vaults": [{}]},
                "a/2.json": {"count": 2, "vaults": [{"id": "x", "project_id": "p2"}]},
                "b/1.json": {"count": 1, "operation_logs": [{}]},
                "b/2.json": {"count": 1, "operation_logs": [{"id": "y", "project_id": "p2"}]}
            }}"#,
            &["fail a/1.json low", "fail a/2.json low", "pass b/1.json", "pass b/2.json"],
        ),
        Case::new(
            "pages of a list, of which the last is empty",
            r#"{"$files": {
                "1.json": {"count": 2, "vaults": [{}, {}]},
                "2.json": {"count": 2, "vaults": []}
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
    // A file of many documents may hold the first answers of several lists: the worst of them is told.
    let lists = cx.inventory.neighbour_listings_from(file);
    let Some(listing) = lists.min_by_key(|listing| shortness(listing)) else {
        return out.not_applicable(Subject::File(file));
    };
    judge(listing, Subject::File(file), out);
}

/// Lists that lack something for certain come first, whole ones last.
fn shortness(listing: &NeighbourListing) -> u8 {
    let seen = i64::try_from(listing.members.len()).unwrap_or(i64::MAX);
    match listing.claim().map(|claim| seen.cmp(&claim)) {
        Some(Ordering::Less) => 0,
        None | Some(Ordering::Greater) => 1,
        Some(Ordering::Equal) => 2,
    }
}

fn judge(listing: &NeighbourListing, subject: Subject, out: &mut Sink<'_>) {
    let (seen, answer) = (listing.members.len() as u64, listing.answers[0]);
    let Some(claim) = listing.claim().map(|claim| u64::try_from(claim).unwrap_or_default()) else {
        let (observed, expected) = (Value::Words("no count"), Value::Words("a count"));
        out.unknown(subject, Reason::FieldAbsent).observed(observed, Evidence::Answer(answer)).expected(expected);
        return;
    };
    let observed = Value::CountOf(seen, claim, plural(listing.kind));
    let evidence = Evidence::Count(answer);
    match seen.cmp(&claim) {
        Ordering::Equal => out.pass(subject),
        Ordering::Less => {
            out.fail(subject).observed(observed, evidence).expected(Value::AtLeastCount(claim, listing.kind.noun()));
        }
        Ordering::Greater => {
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
