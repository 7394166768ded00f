//! `protection-broken`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "protection-broken",
    family: Family::Context,
    severity: Severity::High,
    title: "A vault no longer protects a resource that stands in it",
    why: "With an error the next run makes no backup; a deleted resource keeps its place, and its last backups are all that is left.",
    remedy: "For error, read the last task of the resource and back it up again. For deleted, keep the backups as long as they are wanted, then take the resource out of the vault; that deletes its backups.",
    logic: "Reads protect_status in the vaults that name a resource: error fails high, deleted fails low; available, protecting and restoring pass. Being removed is not applicable, and so is null in a replication vault, and a resource that no vault names. Another word, or none in a vault that is no replication vault, is not judged, and neither is a resource that only one of several answers about a vault lists.",
    params: &[],
    controls: &["iso27001-2022:A.8.13", "nist-800-53r5:CP-9", "c5-2020:OPS-07", "soc2:A1.2"],
    check: Check::EachListed(check),
    cases: &[
        Case::new(
            "in order",
            r#"{"vaults": [{"resources": [{}, {"protect_status": "protecting"}, {"protect_status": "restoring"}]}]}"#,
            &["pass r1", "pass r2", "pass r3"],
        ),
        Case::new(
            "an error, and a resource that is gone",
            r#"{"vaults": [{"resources": [{"protect_status": "error"}, {"protect_status": "deleted"}]}]}"#,
            &["fail r1 high", "fail r2 low"],
        ),
        Case::new(
            "a vault for replicas says nothing",
            r#"{"vaults": [{"billing": {"protect_type": "replication"}, "resources": [{"protect_status": null}]}]}"#,
            &["not-applicable r1"],
        ),
        Case::new(
            "being taken out, and in no vault",
            r#"{"$files": {
                "a.json": {"vaults": [{"resources": [{"protect_status": "removing"}]}]},
                "b.json": {"instances": [{"id": "r2"}]}
            }}"#,
            &["not-applicable r2", "not-applicable r1"],
        ),
        Case::new(
            "a status that is foreign, missing or null",
            r#"{"vaults": [{"resources": [
                {"protect_status": "lost"}, {"protect_status": "$absent"}, {"protect_status": null}
            ]}]}"#,
            &["unknown r1 value-unrecognised", "unknown r2 field-absent", "unknown r3 field-null"],
        ),
        Case::new(
            "two answers that contradict each other",
            r#"{"$files": {
                "a.json": {"vault": {"resources": [{}]}},
                "b.json": {"vault": {"resources": [{"protect_status": "error"}]}}
            }}"#,
            &["unknown r1 record-conflict"],
        ),
        Case::new(
            "two answers of which one lists a resource more, in another order",
            r#"{"$files": {
                "a.json": {"vault": {"resources": [{"protect_status": "error"}, {"id": "r2"}]}},
                "b.json": {"vault": {"resources": [{"id": "r3"}, {"id": "r2"}, {"id": "r1", "protect_status": "error"}]}}
            }}"#,
            &["fail r1 high", "pass r2", "unknown r3 record-conflict"],
        ),
        Case::new(
            "a status that only one of two answers tells, in another order",
            r#"{"$files": {
                "a.json": {"vault": {"resources": [{"protect_status": "$absent"}, {"id": "r2"}]}},
                "b.json": {"vault": {"resources": [{"id": "r2"}, {"id": "r1", "protect_status": "error"}]}}
            }}"#,
            &["fail r1 high", "pass r2"],
        ),
    ],
};

fn check(cx: &Context<'_>, listed: ListedIx, out: &mut Sink<'_>) {
    let subject = cx.subject_of_listed(listed);
    let verdicts = cx.inventory.listed(listed).named_by.iter().filter_map(|by| match *by {
        NamedBy::Vault(vault, ordinal) => {
            let vault = cx.inventory.neighbour(vault);
            Some((standing(vault, ordinal), vault, vault.spot_in(Part::ProtectStatus, ordinal)))
        }
        NamedBy::Contested(vault, spot) => {
            Some((Standing::Unknown(Reason::RecordConflict), cx.inventory.neighbour(vault), spot))
        }
        NamedBy::Protectable(_) | NamedBy::Expected(_) => None,
    });
    // The worst of several vaults speaks.
    let worst = verdicts.min_by_key(|(standing, ..)| *standing);
    let Some((standing, vault, spot)) = worst else { return out.not_applicable(subject) };
    match standing {
        Standing::Outside => out.not_applicable(subject),
        Standing::Protected => out.pass(subject),
        Standing::Unknown(reason) => {
            out.unknown(subject, reason).observed_spot(spot);
        }
        Standing::Broken | Standing::Gone => {
            let severity = if standing == Standing::Broken { Severity::High } else { Severity::Low };
            out.fail(subject)
                .observed_spot(spot)
                .note(Note::Neighbour("in vault", vault.spot(Part::Name)))
                .expected(Value::Words("available"))
                .severity(severity);
        }
    }
}

/// How a resource stands in a vault, the worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Broken,
    Gone,
    Unknown(Reason),
    Protected,
    Outside,
}

fn standing(vault: Neighbour<'_>, ordinal: u32) -> Standing {
    let is_replication =
        vault.word(Part::ProtectType, ProtectType::from_word).value() == Some(ProtectType::Replication);
    match vault.word_in(Part::ProtectStatus, ordinal, ProtectStatus::from_word) {
        Field::Value(ProtectStatus::Error) => Standing::Broken,
        Field::Value(ProtectStatus::Deleted) => Standing::Gone,
        Field::Value(ProtectStatus::Removing) => Standing::Outside,
        Field::Value(_) => Standing::Protected,
        Field::Null | Field::Absent if is_replication => Standing::Outside,
        other => Standing::Unknown(other.known().err().unwrap_or(Reason::FieldAbsent)),
    }
}
