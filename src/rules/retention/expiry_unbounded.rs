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
    logic: "Per vault, the good restore points whose expired_at is null are counted: made by hand, they must be removed by hand; made by policy, they are kept by quantity or for ever. Any fails. A record without the key at all is not judged. A vault without a good restore point is not applicable.",
    params: &[],
    controls: &["gdpr:5(1)(e)", "pci-4.0.1:3.2.1", "cis-8.1:3.4"],
    check: Check::EachVault(check),
    cases: &[],
};

fn check(cx: &Context<'_>, vault: VaultIx, out: &mut Sink<'_>) {
    let subject = Subject::Vault(vault);
    let mut undated = Undated::default();
    let mut unknown: Option<(Backup<'_>, Reason)> = None;
    let mut dated = false;
    for backup in cx.inventory.in_vault(vault).filter(|backup| cx.exists(*backup)) {
        let outside = cx.is_outside_retention(backup);
        if outside == Ok(true) {
            continue;
        }
        let expiry = backup.time(FieldId::ExpiredAt);
        match (cx.point(backup).goodness, expiry) {
            (Goodness::Bad, _) => {}
            (Goodness::Unknown(_), Field::Value(_)) | (Goodness::Good, Field::Value(_)) => dated = true,
            (Goodness::Unknown(reason), _) => {
                unknown.get_or_insert((backup, reason));
            }
            (Goodness::Good, Field::Null) => undated.add(backup),
            (Goodness::Good, other) => {
                unknown.get_or_insert((backup, other.known().err().unwrap_or(Reason::FieldAbsent)));
            }
        }
    }
    match (undated.first, unknown) {
        (Some(first), _) => {
            let (observed, evidence) = cx.at(first, FieldId::ExpiredAt);
            out.fail(subject)
                .observed(observed, evidence)
                .note(Note::Undated(undated.by_policy, undated.by_hand, undated.unsaid))
                .expected(Value::Words("an end date on every restore point"));
        }
        (None, Some((backup, reason))) => {
            let (observed, evidence) = cx.at(backup, FieldId::ExpiredAt);
            out.unknown(subject, reason).observed(observed, evidence);
        }
        (None, None) if dated => out.pass(subject),
        (None, None) => out.not_applicable(subject),
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
