//! `expiry-unbounded`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "expiry-unbounded",
    family: Family::Retention,
    severity: Severity::Low,
    title: "A vault holds restore points without an end date",
    why: "Safe for recovery, bad for data minimisation and cost.",
    remedy: "Give the policy a retention in days, and manual backups a reviewed date of deletion.",
    logic: "Per vault, the good restore points whose expired_at is null are counted: made by hand, they must be removed by hand; made by policy, they are kept by quantity or for ever. Any fails. A record without the key at all is not judged. A vault without a good restore point is not applicable, and one whose restore points are all in doubt is not judged.",
    params: &[],
    controls: &["gdpr:5(1)(e)", "pci-4.0.1:3.2.1", "cis-8.1:3.4"],
    check: Check::EachVault(check),
    cases: &[
        Case::new("every restore point has an end date", r#"{"backups": [{}, {"created_at": "-27h"}]}"#, &["pass v1"]),
        Case::new("one has none", r#"{"backups": [{}, {"expired_at": null}]}"#, &["fail v1 low"]),
        Case::new(
            "one does not carry the key",
            r#"{"backups": [{}, {"expired_at": "$absent"}]}"#,
            &["unknown v1 field-absent"],
        ),
        Case::new(
            "one without end date that may be no restore point",
            r#"{"backups": [{}, {"expired_at": null, "status": "frozen"}]}"#,
            &["unknown v1 value-unrecognised"],
        ),
        Case::new(
            "an end date on what may be no restore point",
            r#"{"backup": {"status": "frozen"}}"#,
            &["unknown v1 value-unrecognised"],
        ),
        Case::new(
            "a vault without a good restore point",
            r#"{"backup": {"expired_at": null, "status": "error"}}"#,
            &["not-applicable v1"],
        ),
    ],
};

fn check(cx: &Context<'_>, vault: VaultIx, out: &mut Sink<'_>) {
    let subject = Subject::Vault(vault);
    let mut census = Census::default();
    let members = cx.inventory.in_vault(vault).filter(|backup| cx.exists(*backup));
    members.filter(|backup| cx.is_outside_retention(*backup) != Ok(true)).for_each(|backup| census.add(cx, backup));
    if let Some(first) = census.undated.first {
        let (observed, evidence) = cx.at(first, FieldId::ExpiredAt);
        let undated = &census.undated;
        out.fail(subject)
            .observed(observed, evidence)
            .note(Note::Undated(undated.by_policy, undated.by_hand, undated.unsaid))
            .expected(Value::Words("an end date on every restore point"));
    } else if let Some((backup, reason)) = census.in_doubt() {
        let (observed, evidence) = cx.at(backup, FieldId::ExpiredAt);
        out.unknown(subject, reason).observed(observed, evidence);
    } else if census.dated {
        out.pass(subject);
    } else {
        out.not_applicable(subject);
    }
}

/// What the restore points of a vault say about their end.
#[derive(Default)]
struct Census<'i> {
    undated: Undated<'i>,
    dated: bool,
    /// One that may be good and without an end date.
    may_be_undated: Option<(Backup<'i>, Reason)>,
    /// One that has an end date and may be good.
    may_be_good: Option<(Backup<'i>, Reason)>,
}

impl<'i> Census<'i> {
    fn add(&mut self, cx: &Context<'_>, backup: Backup<'i>) {
        match (cx.goodness(backup), backup.time(FieldId::ExpiredAt)) {
            (Goodness::Bad, _) => {}
            (Goodness::Good, Field::Value(_)) => self.dated = true,
            (Goodness::Good, Field::Null) => self.undated.add(backup),
            (Goodness::Good, expiry) => {
                self.may_be_undated.get_or_insert((backup, expiry.known().err().unwrap_or(Reason::FieldAbsent)));
            }
            (Goodness::Unknown(reason), Field::Value(_)) => {
                self.may_be_good.get_or_insert((backup, reason));
            }
            (Goodness::Unknown(reason), _) => {
                self.may_be_undated.get_or_insert((backup, reason));
            }
        }
    }

    /// What could turn the verdict: an end date missing after all, or the only restore point being good or not.
    fn in_doubt(&self) -> Option<(Backup<'i>, Reason)> {
        self.may_be_undated.or(self.may_be_good.filter(|_| !self.dated))
    }
}

/// The good restore points of a vault that have no end date.
#[derive(Default)]
struct Undated<'i> {
    first: Option<Backup<'i>>,
    by_policy: u32,
    by_hand: u32,
    unsaid: u32,
}

impl<'i> Undated<'i> {
    fn add(&mut self, backup: Backup<'i>) {
        self.first.get_or_insert(backup);
        match backup.flag(FieldId::AutoTrigger).value() {
            Some(true) => self.by_policy += 1,
            Some(false) => self.by_hand += 1,
            None => self.unsaid += 1,
        }
    }
}
