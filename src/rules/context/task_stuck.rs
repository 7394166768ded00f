//! `task-stuck`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "task-stuck",
    family: Family::Context,
    severity: Severity::Medium,
    title: "A task has been running or waiting for too long",
    why: "A task that does not end blocks the next one of its resource: a schedule skips a run while the one before still works.",
    remedy: "Look at the progress of the task in the console; open a support case where it does not move.",
    logic: "Running tasks are measured from started_at, waiting ones from created_at; where that time is missing the other one stands in for it, which can fail and not pass. Longer than the limit fails, within it passes. Ended tasks are not applicable, tasks after the as-of time are left out. A missing or foreign status, or no time at all, is not judged.",
    params: &[RUNNING, WAITING],
    controls: &["c5-2020:OPS-07", "soc2:A1.2", "nist-800-53r5:CP-9"],
    check: Check::EachNeighbour(Kind::Task, check),
    cases: &[
        Case::new(
            "running for two days, and since this morning",
            r#"{"operation_logs": [
                {"status": "running", "started_at": "-2d", "created_at": "-2d"},
                {"status": "running"}
            ]}"#,
            &["fail task1 medium", "pass task2"],
        ),
        Case::new(
            "waiting since yesterday",
            r#"{"operation_log": {"status": "waiting", "started_at": null, "created_at": "-13h"}}"#,
            &["fail task1 medium"],
        ),
        Case::new(
            "ended, well or not",
            r#"{"operation_logs": [{}, {"status": "failed"}, {"status": "skipped"}, {"status": "timeout"}]}"#,
            &["not-applicable task1", "not-applicable task2", "not-applicable task3", "not-applicable task4"],
        ),
        Case::new(
            "no time, no status",
            r#"{"operation_logs": [
                {"status": "running", "started_at": null, "created_at": null},
                {"status": "$absent"}
            ]}"#,
            &["unknown task1 field-null", "unknown task2 field-absent"],
        ),
        Case::new(
            "without the time that counts, too long and not by the other one",
            r#"{"operation_logs": [
                {"status": "running", "started_at": null, "created_at": "-2d"},
                {"status": "running", "started_at": null},
                {"status": "waiting", "created_at": "$absent"}
            ]}"#,
            &["fail task1 medium", "unknown task2 field-null", "unknown task3 field-absent"],
        ),
        Case::new(
            "after the as-of time",
            r#"{"operation_log": {"status": "running", "started_at": "+1h", "created_at": "+1h"}}"#,
            &[],
        ),
        Case::new(
            "a clock that is only a lower bound",
            r#"{"$files": {"a.json": {"operation_log": {"status": "running"}}, "b.json": {"backup": {}}}}"#,
            &["unknown task1 clock-inferred"],
        )
        .inferred(),
    ],
};

const RUNNING: Param =
    Param::new("task-running-hours", ParamUnit::Hours, 24.0, "How long a task may run, counted from its start.");

const WAITING: Param = Param::new("task-waiting-hours", ParamUnit::Hours, 12.0, "How long a task may wait to run.");

fn check(cx: &Context<'_>, task: Neighbour<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Neighbour(task.ix);
    if !cx.had_happened(task.began()) {
        return;
    }
    let ([first, second], limit) = match task.word(Part::Status, TaskStatus::from_word).known() {
        Ok(TaskStatus::Running) => ([Part::StartedAt, Part::CreatedAt], cx.span(&RUNNING)),
        Ok(TaskStatus::Waiting) => ([Part::CreatedAt, Part::StartedAt], cx.span(&WAITING)),
        Ok(_) => return out.not_applicable(subject),
        Err(reason) => {
            let spot = task.spot(Part::Status);
            out.unknown(subject, reason).observed_spot(spot);
            return;
        }
    };
    let stated = task.time(first).known();
    let since = stated.ok().or_else(|| task.time(second).value());
    match (since.filter(|&since| cx.age(since) > limit), stated) {
        (Some(since), _) => {
            let spot = task.spot(Part::Status);
            out.fail(subject).observed_spot(spot).note(Note::Dwell(cx.age(since))).expected(Value::AtMost(limit));
        }
        (None, Ok(_)) => out.pass_now(cx, subject, Key::None, false),
        (None, Err(reason)) => {
            out.unknown(subject, reason).observed_spot(task.spot(first));
        }
    }
}
