//! `consecutive-failures`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "consecutive-failures",
    family: Family::Health,
    severity: Severity::High,
    title: "The last automatic backups of a resource all failed",
    why: "A single failure may be chance; several in a row mean that something is broken and that nobody has looked.",
    remedy: "Read the errors of the tasks, mend the cause, and run a backup now.",
    logic: "Of the automatic backups of a resource, by created_at, those being made are left out. Fails where the newest ones up to the stated number are all in error. A record whose status, creation or auto_trigger is not known, or that is being deleted, leaves it not judged where it could turn the verdict. Replicas and backups made by hand do not count; without any automatic backup it is not applicable. The service keeps at most ten failed backups, for a month: the count is a floor.",
    params: &[FAILURES_MIN],
    controls: &["nist-800-53r5:CP-9", "c5-2020:OPS-07", "soc2:A1.2", "iso27001-2022:A.8.13"],
    check: Check::EachResource(check),
    cases: &[
        Case::new(
            "two failures after a success",
            r#"{"backups": [
                {"created_at": "-51h"},
                {"created_at": "-27h", "status": "error"},
                {"status": "error"}
            ]}"#,
            &["pass r1"],
        ),
        Case::new(
            "three in a row, with one by hand between and one running",
            r#"{"backups": [
                {"created_at": "-75h"},
                {"created_at": "-51h", "status": "error"},
                {"created_at": "-40h", "extend_info": {"auto_trigger": false}},
                {"created_at": "-27h", "status": "error"},
                {"status": "error"},
                {"created_at": "-1h", "status": "protecting"}
            ]}"#,
            &["fail r1 high"],
        ),
        Case::new(
            "two in a row where two are too many",
            r#"{"backups": [{"created_at": "-27h", "status": "error"}, {"status": "error"}]}"#,
            &["fail r1 high"],
        )
        .set(&["consecutive-failures-min=2"]),
        Case::new(
            "one of the three does not say; one is being deleted",
            r#"{"backups": [
                {"created_at": "-51h", "status": "error"},
                {"created_at": "-27h", "status": "frozen"},
                {"status": "error"},
                {"resource_id": "r2", "created_at": "-51h", "status": "error"},
                {"resource_id": "r2", "created_at": "-27h", "status": "deleting"},
                {"resource_id": "r2", "status": "error"}
            ]}"#,
            &["unknown r1 value-unrecognised", "unknown r2 not-in-metadata"],
        ),
        Case::new(
            "a failure that may have been by hand; a success of no known time",
            r#"{"backups": [
                {"created_at": "-51h", "status": "error", "extend_info": {"auto_trigger": null}},
                {"created_at": "-27h", "status": "error"},
                {"status": "error"},
                {"resource_id": "r2", "created_at": "-51h", "status": "error"},
                {"resource_id": "r2", "created_at": "-27h", "status": "error"},
                {"resource_id": "r2", "status": "error"},
                {"resource_id": "r2", "created_at": "$absent"}
            ]}"#,
            &["unknown r1 field-null", "unknown r2 field-absent"],
        ),
        Case::new(
            "what is in doubt lies before a success",
            r#"{"backups": [
                {"created_at": "-75h", "status": "frozen"},
                {"created_at": "-51h", "status": "error"},
                {"created_at": "-27h"},
                {"status": "error"}
            ]}"#,
            &["pass r1"],
        ),
        Case::new(
            "by hand only; a replica",
            r#"{"backups": [
                {"status": "error", "extend_info": {"auto_trigger": false}},
                {"resource_id": "r2", "image_type": "replication"}
            ]}"#,
            &["not-applicable r1", "not-applicable r2"],
        ),
    ],
};

const FAILURES_MIN: Param = Param::new(
    "consecutive-failures-min",
    ParamUnit::Count,
    3.0,
    "How many failed automatic backups in a row are too many.",
);

fn check(cx: &Context<'_>, resource: ResourceIx, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    if cx.inventory.resource(resource).is_replica {
        return out.not_applicable(subject);
    }
    let own = cx.inventory.points(resource).filter(|backup| cx.exists(*backup) && backup.resource() == Some(resource));
    let mut runs: Vec<_> =
        own.map(|backup| Run::of(cx, backup)).filter(|run| run.may_fail || run.may_succeed).collect();
    runs.sort_by_key(|run| std::cmp::Reverse((run.created.is_none(), run.created)));
    let minimum = cx.count(&FAILURES_MIN).max(1);
    let Some(newest) = runs.first() else { return out.not_applicable(subject) };
    if certain(&runs) >= minimum {
        let (observed, evidence) = cx.at(newest.backup, FieldId::Status);
        let note = Note::Count(certain(&runs), "failed in a row");
        let expected = Value::Words("a success among the newest automatic backups");
        out.fail(subject).observed(observed, evidence).note(note).expected(expected);
        return;
    }
    let counts = runs.iter().any(|run| !run.may_not_count);
    if counts && possible(&runs) < minimum {
        return out.pass(subject);
    }
    match runs.iter().find_map(|run| Some((run.backup, run.doubt?))) {
        Some((backup, reason)) => {
            let read =
                [FieldId::Status, FieldId::CreatedAt, FieldId::AutoTrigger, FieldId::ImageType, FieldId::UpdatedAt];
            let (observed, evidence) = cx.blame(backup, reason, &read);
            out.unknown(subject, reason).observed(observed, evidence);
        }
        None => out.not_applicable(subject),
    }
}

/// How many failures in a row are certain. A run of unknown time stands first: a success there ends the row.
fn certain(runs: &[Run<'_>]) -> u64 {
    let row = runs.iter().take_while(|run| !run.may_succeed);
    row.filter(|run| !run.may_not_count).count() as u64
}

/// How many there are at most.
fn possible(runs: &[Run<'_>]) -> u64 {
    let row = runs.iter().take_while(|run| run.may_fail || run.may_not_count || run.created.is_none());
    row.filter(|run| run.may_fail).count() as u64
}

/// One run of a policy, as far as its record tells how it ended.
struct Run<'i> {
    backup: Backup<'i>,
    created: Option<jiff::Timestamp>,
    may_fail: bool,
    may_succeed: bool,
    may_not_count: bool,
    doubt: Option<Reason>,
}

impl<'i> Run<'i> {
    fn of(cx: &Context<'_>, backup: Backup<'i>) -> Self {
        let status = match cx.status(backup) {
            Ok(Status::Deleting | Status::WaitingDelete) => Err(Reason::NotInMetadata),
            status => status,
        };
        let by_policy = backup.flag(FieldId::AutoTrigger).known();
        let is_copy = backup.image_type().known().map(|kind| kind == ImageType::Replication);
        let created = backup.time(FieldId::CreatedAt).known();
        let being_made = matches!(status, Ok(Status::Protecting | Status::WaitingProtect));
        let counts = by_policy != Ok(false) && is_copy != Ok(true) && !being_made;
        Self {
            backup,
            created: created.ok(),
            may_fail: counts && status.holds_or_open(|status| status == Status::Error),
            may_succeed: counts && status.holds_or_open(|status| status != Status::Error),
            // What was made nobody knows when may have been made after the as-of time.
            may_not_count: by_policy.is_err() || is_copy.is_err() || status.is_err() || created.is_err(),
            doubt: status.err().or(created.err()).or(by_policy.err()).or(is_copy.err()),
        }
    }
}

/// What may be, for all that is known.
trait Open<T> {
    fn holds_or_open(self, holds: impl FnOnce(T) -> bool) -> bool;
}

impl<T> Open<T> for Result<T, Reason> {
    fn holds_or_open(self, holds: impl FnOnce(T) -> bool) -> bool {
        self.map_or(true, holds)
    }
}
