//! `vault-retention-too-short`

use super::bound::{self, Bound};
use crate::rule::*;
use jiff::SignedDuration;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "vault-retention-too-short",
    family: Family::Context,
    severity: Severity::Medium,
    title: "The backup policy of a vault keeps backups too short",
    why: "Damage that is noticed late finds no restore point from before it.",
    remedy: "Set a retention by days in the policy; backups that exist keep their old expiry.",
    logic: "Looks at the enabled backup policies that name a vault; one that keeps long enough passes. Retention by days is compared with the minimum. Retention by number fails: it promises no days, and a few runs by hand push the old backups out. Both at once cannot be judged unless the days are too few already. Kept for ever, that is -1 days and no number, passes: the cloud's own check for the minimum retention of vaults fails that, as it fails a vault without an enabled policy, of which vault-policy-missing speaks: not applicable here. An absent number means none, absent days are not judged. What long-term rules keep on top does not count. Vaults for replicas and for on-premises servers are not applicable.",
    params: &[RETENTION_MIN_DAYS],
    controls: &[
        "iso27001-2022:A.8.13",
        "c5-2020:OPS-06",
        "impl-reg-2024-2690:4.2.2(f)",
        "cis-8.1:3.4",
        "nist-800-53r5:SI-12",
    ],
    check: Check::EachNeighbour(Kind::Vault, check),
    cases: &[
        Case::new(
            "thirty days, and a week",
            r#"{"$files": {
                "p.json": {"policies": [
                    {},
                    {"operation_definition": {"retention_duration_days": 7, "year_backups": 3}, "associated_vaults": [{"vault_id": "v2"}]}
                ]},
                "v.json": {"vaults": [{}, {}]}
            }}"#,
            &["pass v1", "fail v2 medium"],
        ),
        Case::new(
            "a week where a week is enough",
            r#"{"$files": {
                "p.json": {"policies": [{"operation_definition": {"retention_duration_days": 7}}]},
                "v.json": {"vaults": [{}]}
            }}"#,
            &["pass v1"],
        )
        .set(&["retention-min-days=7"]),
        Case::new(
            "for ever, by number, by both",
            r#"{"$files": {
                "p.json": {"policies": [
                    {"operation_definition": {"retention_duration_days": -1, "max_backups": -1}},
                    {"operation_definition": {"retention_duration_days": -1, "max_backups": 90}, "associated_vaults": [{"vault_id": "v2"}]},
                    {"operation_definition": {"retention_duration_days": 30, "max_backups": 90}, "associated_vaults": [{"vault_id": "v3"}]},
                    {"operation_definition": {"retention_duration_days": 7, "max_backups": 90}, "associated_vaults": [{"vault_id": "v4"}]}
                ]},
                "v.json": {"vaults": [{}, {}, {}, {}]}
            }}"#,
            &["pass v1", "fail v2 medium by-number", "unknown v3 not-in-metadata", "fail v4 medium"],
        ),
        Case::new(
            "days that are not said, days that mean nothing, a number that means nothing",
            r#"{"$files": {
                "p.json": {"policies": [
                    {"operation_definition": {"retention_duration_days": "$absent"}},
                    {"operation_definition": {"retention_duration_days": 0}, "associated_vaults": [{"vault_id": "v2"}]},
                    {"operation_definition": {"max_backups": -5}, "associated_vaults": [{"vault_id": "v3"}]}
                ]},
                "v.json": {"vaults": [{}, {}, {}]}
            }}"#,
            &["unknown v1 field-absent", "unknown v2 value-unrecognised", "unknown v3 value-unrecognised"],
        ),
        Case::new(
            "no policy, a disabled one, a vault for replicas",
            r#"{"$files": {
                "p.json": {"policies": [{"enabled": false, "operation_definition": {"retention_duration_days": 1}}]},
                "v.json": {"vaults": [{}, {}, {"billing": {"protect_type": "replication"}}]}
            }}"#,
            &["not-applicable v1", "not-applicable v2", "not-applicable v3"],
        ),
        Case::new(
            "policies that may be missing, one that may be disabled",
            r#"{"$files": {
                "p.json": {"count": 9, "policies": [{"enabled": "$absent"}]},
                "v.json": {"vaults": [{}, {}]}
            }}"#,
            &["unknown v1 field-absent", "unknown v2 input-incomplete"],
        ),
        Case::new("no policy answers", r#"{"vaults": [{}]}"#, &["not-applicable v1"]),
    ],
};

/// How a policy keeps backups, against the minimum.
enum Kept {
    LongEnough,
    TooShort,
    ByNumber,
    Open(Reason, Part),
}

fn check(cx: &Context<'_>, vault: Neighbour<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Neighbour(vault.ix);
    if !bound::shows_policies(cx) {
        return out.not_applicable(subject);
    }
    match bound::is_for_backups(vault) {
        Ok(true) => judge(cx, vault, out),
        Ok(false) => out.not_applicable(subject),
        Err(reason) => bound::leave_open(out, vault, reason, vault.spot(Part::ProtectType)),
    }
}

fn judge(cx: &Context<'_>, vault: Neighbour<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Neighbour(vault.ix);
    let minimum = cx.span(&RETENTION_MIN_DAYS);
    let Bound { enabled, disabled, open } = Bound::find(cx, vault, PolicyOperation::Backup);
    let kept: Vec<_> = enabled.iter().map(|&policy| (policy, kept(policy, minimum))).collect();
    let unclear = kept.iter().find_map(|(policy, kept)| match kept {
        Kept::Open(reason, part) => Some((*reason, policy.spot(*part))),
        _ => None,
    });
    if kept.iter().any(|(_, kept)| matches!(kept, Kept::LongEnough)) {
        out.pass(subject);
    } else if let Some((reason, spot)) = unclear.or(open) {
        bound::leave_open(out, vault, reason, spot);
    } else if let Some((policy, kept)) = kept.first() {
        fail(out.fail(subject), *policy, kept).expected(Value::AtLeast(minimum));
    } else if disabled.is_some() || cx.inventory.shows_policies_of(vault) {
        out.not_applicable(subject);
    } else {
        let observed = Value::Words("no policy names the vault, and the list of policies may not be whole");
        out.unknown(subject, Reason::InputIncomplete).observed(observed, cx.inventory.evidence_of(subject));
    }
}

fn kept(policy: Neighbour<'_>, minimum: SignedDuration) -> Kept {
    // Absent, -1 and 0 mean that no number limits the backups; what is less means nothing.
    let number = policy.number(Part::MaxBackups).optional().and_then(|number| match number {
        Some(..-1) => Err(Reason::ValueUnrecognised),
        number => Ok(number.filter(|&number| number > 0)),
    });
    match (policy.number(Part::RetentionDays).known(), number) {
        (Ok(days @ 1..), _) if is_shorter(days, minimum) => Kept::TooShort,
        (Ok(1..) | Ok(-1), Err(reason)) => Kept::Open(reason, Part::MaxBackups),
        (Ok(1..), Ok(Some(_))) => Kept::Open(Reason::NotInMetadata, Part::MaxBackups),
        (Ok(1.. | -1), Ok(None)) => Kept::LongEnough,
        (Ok(-1), Ok(Some(_))) => Kept::ByNumber,
        (Ok(_), _) => Kept::Open(Reason::ValueUnrecognised, Part::RetentionDays),
        (Err(reason), _) => Kept::Open(reason, Part::RetentionDays),
    }
}

fn is_shorter(days: i64, minimum: SignedDuration) -> bool {
    SignedDuration::from_hours(days.min(1_000_000) * 24) < minimum
}

fn fail<'f>(finding: &'f mut Finding, policy: Neighbour<'_>, kept: &Kept) -> &'f mut Finding {
    let named = Note::Neighbour("days by the policy", policy.spot(Part::Name));
    let (part, note) = match kept {
        Kept::ByNumber => (Part::MaxBackups, Note::Neighbour("backups by the policy", policy.spot(Part::Name))),
        _ => (Part::RetentionDays, named),
    };
    let spot = policy.spot(part);
    if matches!(kept, Kept::ByNumber) {
        finding.reason("by-number");
    }
    finding.observed_spot(spot).note(note)
}
