//! `pagination-incomplete`

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files, listings and keys are those of the inventory that they are looked up in; a listing has an answer"
)]

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "pagination-incomplete",
    family: Family::DataQuality,
    severity: Severity::High,
    title: "The listing holds fewer backups than it claims",
    why: "An incomplete population invalidates every conclusion drawn from it: what is missing may be anything.",
    remedy: "Repeat the export and fetch pages until offset and length reach count.",
    logic: "Per project and directory, the distinct backups in its list answers are compared with the count they claim. Fewer, or a hole or overlap between pages, fails; a hole shows by the offsets, also where nothing can be said of the count. More, and counts that differ, are missing or are no whole numbers, cannot be judged. An equal number passes.",
    params: &[ALLOW_PARTIAL],
    controls: &["soc2:A1.2", "c5-2020:OPS-07", "impl-reg-2024-2690:4.2.2(b)"],
    check: Check::EachListing(check),
    cases: &[
        Case::new("as many as claimed", r#"{"backups": [{}, {}]}"#, &["pass p1 [.]"]),
        Case::new("fewer than claimed", r#"{"count": 3, "backups": [{}, {}]}"#, &["fail p1 [.] high"]),
        Case::new(
            "fewer than claimed, which was expected",
            r#"{"count": 3, "backups": [{}, {}]}"#,
            &["unknown p1 [.] input-incomplete"],
        )
        .set(&["allow-partial=true"]),
        Case::new(
            "more than claimed; no claim",
            r#"{"$files": {
                "a/1.json": {"count": 1, "backups": [{}, {}]},
                "b/1.json": {"count": "$absent", "backups": [{}]}
            }}"#,
            &["unknown p1 [a] input-incomplete", "unknown p1 [b] field-absent"],
        ),
        Case::new(
            "pages that follow each other; a hole between pages",
            r#"{"$files": {
                "a/1.json": {"count": 2, "offset": 0, "backups": [{}]},
                "a/2.json": {"count": 2, "offset": 1, "backups": [{}]},
                "b/1.json": {"count": 2, "offset": 0, "backups": [{}]},
                "b/2.json": {"count": 2, "offset": 2, "backups": [{}]}
            }}"#,
            &["pass p1 [a]", "fail p1 [b] high"],
        ),
        Case::new(
            "a hole that shows without a count; the first page is missing, whatever the others claim",
            r#"{"$files": {
                "a/1.json": {"count": "$absent", "offset": 0, "backups": [{}]},
                "a/2.json": {"count": "$absent", "offset": 2, "backups": [{}]},
                "b/1.json": {"count": 1, "offset": 1, "backups": [{}]}
            }}"#,
            &["fail p1 [a] high", "fail p1 [b] high"],
        ),
        Case::new(
            "a count that is no whole number",
            r#"{"count": 1.5, "backups": [{}]}"#,
            &["unknown p1 [.] type-mismatch"],
        ),
        Case::new(
            "claims that differ",
            r#"{"$files": {"1.json": {"count": 2, "backups": [{}]}, "2.json": {"count": 3, "backups": [{}]}}}"#,
            &["unknown p1 [.] record-conflict"],
        ),
        Case::new("a show answer claims nothing", r#"{"backup": {}}"#, &[]),
    ],
};

const ALLOW_PARTIAL: Param = Param::new(
    "allow-partial",
    ParamUnit::Switch,
    0.0,
    "Accept listings that are known to be partial: a shortage is then not judged instead of failing.",
);

fn check(cx: &Context<'_>, listing: ListingIx, out: &mut Sink<'_>) {
    let row = &cx.inventory.listings.rows[listing.index()];
    let (subject, key, answer) = (Subject::Listing(listing), Key::Directory(listing), row.answers[0]);
    let claimed = u64::try_from(row.claimed.unwrap_or_default()).unwrap_or_default();
    let seen = Value::CountOf(row.seen, claimed, "backups");
    match row.completeness {
        Completeness::Complete => out.pass_for(subject, key),
        Completeness::Short if cx.is_on(&ALLOW_PARTIAL) => {
            out.unknown(subject, Reason::InputIncomplete).key(key).observed(seen, Evidence::Count(answer));
        }
        Completeness::Short => {
            let expected = Value::AtLeastCount(claimed, "backup");
            out.fail(subject).key(key).observed(seen, Evidence::Count(answer)).expected(expected);
        }
        Completeness::Broken => {
            let expected = Value::Words("pages that follow each other");
            let observed = Value::Words("offsets with a hole or an overlap");
            out.fail(subject).key(key).observed(observed, Evidence::Answer(answer)).expected(expected);
        }
        Completeness::Unknown(reason, why) => {
            let expected = Value::Words("as many backups as count says");
            out.unknown(subject, reason)
                .key(key)
                .observed(Value::Words(why), Evidence::Answer(answer))
                .expected(expected);
        }
    }
}
