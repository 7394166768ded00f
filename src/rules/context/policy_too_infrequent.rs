//! `policy-too-infrequent`

use super::recurrence::{Gap, Pattern, Runs};
use crate::rule::*;
use jiff::SignedDuration;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "policy-too-infrequent",
    family: Family::Context,
    severity: Severity::Medium,
    title: "A backup policy runs too rarely",
    why: "Between two runs nothing is backed up: what happens there is lost when the resource fails.",
    remedy: "Add runs to the policy, or enable it. A policy that no vault needs can be deleted.",
    logic: "Every backup policy is judged, bound to a vault or not: its patterns together give the runs of a week, and the longest time between two of them, over the end of the week too, must not exceed the limit; an equal one passes. A disabled policy and one without any pattern fail. Runs every so many days or weeks count with that interval. A pattern that is not understood in full, and intervals whose place to each other is not said, can only add runs: what the others reach passes, else it is not judged. Replication policies are not applicable. Equals the cloud's own check for the minimum frequency of policies.",
    params: &[POLICY_INTERVAL_HOURS],
    controls: &["nist-800-53r5:CP-9", "cis-8.1:11.2", "iso27001-2022:A.8.13", "dora:12(1)(a)", "dora:12(6)"],
    check: Check::EachNeighbour(Kind::Policy, check),
    cases: &[
        Case::new("every day", r#"{"policies": [{}]}"#, &["pass policy1"]),
        Case::new(
            "on three days of the week",
            r#"{"policies": [{"trigger": {"properties": {"pattern": ["FREQ=WEEKLY;BYDAY=TU,TH,SA;BYHOUR=22;BYMINUTE=00"]}}}]}"#,
            &["fail policy1 medium"],
        ),
        Case::new(
            "on three days of the week, which is enough",
            r#"{"policies": [{"trigger": {"properties": {"pattern": ["FREQ=WEEKLY;BYDAY=TU,TH,SA;BYHOUR=22;BYMINUTE=00"]}}}]}"#,
            &["pass policy1"],
        )
        .set(&["policy-interval-hours=72"]),
        Case::new(
            "every second day, and twice a day",
            r#"{"policies": [
                {"trigger": {"properties": {"pattern": ["FREQ=DAILY;INTERVAL=2;BYHOUR=3;BYMINUTE=15"]}}},
                {"trigger": {"properties": {"pattern": ["FREQ=DAILY;INTERVAL=1;BYHOUR=3,15;BYMINUTE=15"]}}}
            ]}"#,
            &["fail policy1 medium", "pass policy2"],
        ),
        Case::new(
            "disabled, without a pattern",
            r#"{"policies": [{"enabled": false}, {"trigger": {"properties": {"pattern": []}}}]}"#,
            &["fail policy1 medium disabled", "fail policy2 medium never"],
        ),
        Case::new(
            "patterns that cannot be read, alone and beside one that is enough",
            r#"{"policies": [
                {"trigger": {"properties": {"pattern": ["every night"]}}},
                {"trigger": {"properties": {"pattern": ["every night", "FREQ=DAILY;BYHOUR=3;BYMINUTE=15"]}}}
            ]}"#,
            &["unknown policy1 value-unrecognised", "pass policy2"],
        ),
        Case::new(
            "intervals whose place to each other is not said",
            r#"{"policies": [{"trigger": {"properties": {"pattern": [
                "FREQ=DAILY;INTERVAL=2;BYHOUR=3;BYMINUTE=15", "FREQ=DAILY;INTERVAL=3;BYHOUR=3;BYMINUTE=15"
            ]}}}]}"#,
            &["unknown policy1 value-unrecognised"],
        ),
        Case::new(
            "nothing said on patterns, on being enabled, on what it does",
            r#"{"policies": [{"trigger": "$absent"}, {"enabled": null}, {"operation_type": "$absent"}]}"#,
            &["unknown policy1 field-absent", "unknown policy2 field-null", "unknown policy3 field-absent"],
        ),
        Case::new(
            "too rarely, enabled or not",
            r#"{"policy": {"enabled": "$absent", "trigger": {"properties": {"pattern": ["FREQ=WEEKLY;BYDAY=SU;BYHOUR=22;BYMINUTE=00"]}}}}"#,
            &["fail policy1 medium"],
        ),
        Case::new(
            "a replication policy",
            r#"{"policies": [{"operation_type": "replication", "enabled": false}]}"#,
            &["not-applicable policy1"],
        ),
    ],
};

const POLICY_INTERVAL_HOURS: Param = Param::new(
    "policy-interval-hours",
    ParamUnit::Hours,
    24.0,
    "How long the time between two runs of a backup policy may be.",
);

/// What keeps a rule from judging, and the value that does.
type Doubt = (Reason, Spot);

fn check(cx: &Context<'_>, policy: Neighbour<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Neighbour(policy.ix);
    let operation = match policy.word(Part::OperationType, PolicyOperation::from_word).known() {
        Ok(PolicyOperation::Replication) => return out.not_applicable(subject),
        Ok(PolicyOperation::Backup) => Ok(()),
        Err(reason) => Err((reason, policy.spot(Part::OperationType))),
    };
    let enabled = policy.flag(Part::Enabled).known().map_err(|reason| (reason, policy.spot(Part::Enabled)));
    let schedule = operation.and_then(|()| schedule(policy));
    match (operation.and(enabled), schedule) {
        (Ok(false), _) => {
            let spot = policy.spot(Part::Enabled);
            out.fail(subject).reason("disabled").observed_spot(spot).expected(Value::Words("an enabled policy"));
        }
        (enabled, Ok(schedule)) => judge(cx, policy, enabled.err(), schedule, out),
        (_, Err(doubt)) => leave_open(out, subject, doubt),
    }
}

/// The runs of a policy, as far as its patterns can be read.
struct Schedule {
    gap: Option<Gap>,
    /// The first pattern that cannot be read.
    unread: Option<Doubt>,
    /// Where the patterns stand: the only one, or all.
    spot: Spot,
}

fn schedule(policy: Neighbour<'_>) -> Result<Schedule, Doubt> {
    let all = policy.spot(Part::Patterns);
    let ordinals = policy.elements(Part::Patterns).known().map_err(|reason| (reason, all))?;
    let spot = if ordinals.len() == 1 { policy.spot_in(Part::Pattern, 0) } else { all };
    let (mut unread, mut runs) = (None, Runs::default());
    for ordinal in ordinals {
        let text = policy.text_in(Part::Pattern, ordinal).known();
        match text.and_then(|text| Pattern::parse(text).ok_or(Reason::ValueUnrecognised)) {
            Ok(pattern) => runs.add(&pattern),
            Err(reason) => unread = unread.or(Some((reason, policy.spot_in(Part::Pattern, ordinal)))),
        }
    }
    Ok(Schedule { gap: runs.longest_gap(), unread, spot })
}

fn judge(cx: &Context<'_>, policy: Neighbour<'_>, enabled: Option<Doubt>, runs: Schedule, out: &mut Sink<'_>) {
    let subject = Subject::Neighbour(policy.ix);
    let limit = cx.span(&POLICY_INTERVAL_HOURS);
    let (observed, evidence) = (Value::Neighbour(runs.spot), Evidence::Neighbour(runs.spot));
    let span = |minutes: u32| SignedDuration::from_mins(i64::from(minutes));
    match (runs.gap, runs.unread) {
        (Some(Gap::Exactly(gap) | Gap::AtMost(gap)), _) if span(gap) <= limit => match enabled {
            None => out.pass(subject),
            Some(doubt) => leave_open(out, subject, doubt),
        },
        (_, Some(doubt)) => leave_open(out, subject, doubt),
        (Some(Gap::AtMost(_)), None) => leave_open(out, subject, (Reason::ValueUnrecognised, runs.spot)),
        (Some(Gap::Exactly(gap)), None) => {
            let note = Note::Between(span(gap));
            out.fail(subject).observed(observed, evidence).note(note).expected(Value::AtMost(limit));
        }
        (None, None) => {
            let finding = out.fail(subject).reason("never").observed(observed, evidence);
            finding.note(Note::Words("it never runs by itself")).expected(Value::AtMost(limit));
        }
    }
}

fn leave_open(out: &mut Sink<'_>, subject: Subject, (reason, spot): Doubt) {
    out.unknown(subject, reason).observed_spot(spot);
}
