//! `task-failed`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "task-failed",
    family: Family::Context,
    severity: Severity::High,
    title: "A task failed, and no later one made it good",
    why: "A backup, replication or restore that was wanted did not happen, and its error says why.",
    remedy: "Act on the error code and message, and start the task again; the console keeps tasks for 30 days.",
    logic: "Fails where status is failed or timeout and no later task of the same resource and operation succeeded: medium for a backup whose resource has a good restore point that is newer than the task, else high. A later success passes, and so does status success. Running, waiting and skipped tasks are not applicable, tasks after the as-of time are left out. A missing or foreign status or operation is not judged, and neither is a failure that a later task may have made good which does not say whether or when it succeeded, what it did or on what; nor one that does not say on what it worked, where a later task of its operation succeeded. A task list that is cut short can hide a later success.",
    params: &[],
    controls: &["iso27001-2022:A.8.13", "nist-800-53r5:CP-9", "c5-2020:OPS-07", "soc2:A1.2"],
    check: Check::EachNeighbour(Kind::Task, check),
    cases: &[
        Case::new("done", r#"{"operation_logs": [{}]}"#, &["pass task1"]),
        Case::new(
            "failed, and given up",
            r#"{"operation_logs": [
                {"status": "failed", "error_info": {"code": "BackupService.0001", "message": "no room"}},
                {"status": "timeout", "operation_type": "restore"}
            ]}"#,
            &["fail task1 high", "fail task2 high"],
        ),
        Case::new(
            "made good later",
            r#"{"operation_logs": [
                {"status": "failed", "created_at": "-27h", "started_at": "-27h", "ended_at": "-26h"},
                {}
            ]}"#,
            &["pass task1", "pass task2"],
        ),
        Case::new(
            "a success before, of another operation and of another resource",
            r#"{"operation_logs": [
                {"status": "failed"},
                {"created_at": "-27h", "started_at": "-27h", "ended_at": "-26h"},
                {"operation_type": "restore", "created_at": "-1h", "started_at": "-1h", "ended_at": "-1h"},
                {"extra_info": {"resource": {"id": "r2"}}, "created_at": "-1h", "started_at": "-1h", "ended_at": "-1h"}
            ]}"#,
            &["fail task1 high", "pass task2", "pass task3", "pass task4"],
        ),
        Case::new(
            "a newer restore point is good",
            r#"{"$files": {
                "a.json": {"operation_log": {"status": "failed"}},
                "b.json": {"backup": {"created_at": "-1h"}}
            }}"#,
            &["fail task1 medium"],
        ),
        Case::new(
            "not ended, or not done on purpose",
            r#"{"operation_logs": [{"status": "running"}, {"status": "waiting"}, {"status": "skipped"}]}"#,
            &["not-applicable task1", "not-applicable task2", "not-applicable task3"],
        ),
        Case::new(
            "after the as-of time; ended after it",
            r#"{"operation_logs": [
                {"status": "failed", "created_at": "+1h", "started_at": "+1h", "ended_at": "+2h"},
                {"status": "failed", "ended_at": "+1h"},
                {"ended_at": "+1h"}
            ]}"#,
            &["not-applicable task2", "not-applicable task3"],
        ),
        Case::new(
            "a status that is foreign or missing, an operation that is null",
            r#"{"operation_logs": [
                {"status": "broken", "extra_info": {}},
                {"status": "$absent", "extra_info": {}},
                {"status": "failed", "operation_type": null}
            ]}"#,
            &["unknown task1 value-unrecognised", "unknown task2 field-absent", "unknown task3 field-null"],
        ),
        Case::new(
            "a later success that does not say when it ended",
            r#"{"operation_logs": [
                {"status": "failed", "created_at": "-27h", "started_at": "-27h", "ended_at": "-26h"},
                {"ended_at": null, "updated_at": null}
            ]}"#,
            &["unknown task1 field-null", "pass task2"],
        ),
        Case::new(
            "a later task that may have made it good",
            r#"{"operation_logs": [
                {"status": "failed", "created_at": "-27h", "started_at": "-27h", "ended_at": "-26h"},
                {"status": null}
            ]}"#,
            &["unknown task1 field-null", "unknown task2 field-null"],
        ),
        Case::new(
            "a later success that does not say on what",
            r#"{"operation_logs": [
                {"status": "failed", "created_at": "-27h", "started_at": "-27h", "ended_at": "-26h"},
                {"extra_info": {}},
                {"status": "failed", "operation_type": "restore", "created_at": "-27h", "started_at": "-27h", "ended_at": "-26h"}
            ]}"#,
            &["unknown task1 field-absent", "pass task2", "fail task3 high"],
        ),
        Case::new(
            "a later success that does not say what it did",
            r#"{"operation_logs": [
                {"status": "failed", "created_at": "-27h", "started_at": "-27h", "ended_at": "-26h"},
                {"operation_type": null},
                {"status": "failed", "extra_info": {"resource": {"id": "r2"}}, "created_at": "-27h", "started_at": "-27h", "ended_at": "-26h"}
            ]}"#,
            &["unknown task1 field-null", "pass task2", "fail task3 high"],
        ),
        Case::new(
            "a failure that does not say on what, before and behind a success of its operation",
            r#"{"operation_logs": [
                {"status": "failed", "extra_info": {}, "created_at": "-27h", "started_at": "-27h", "ended_at": "-26h"},
                {},
                {"status": "failed", "extra_info": {}, "created_at": "-1h", "started_at": "-1h", "ended_at": "-1h"}
            ]}"#,
            &["unknown task1 field-absent", "pass task2", "fail task3 high"],
        ),
        Case::new(
            "the deletion of another vault, and of the same",
            r#"{"operation_logs": [
                {"status": "failed", "operation_type": "vault_delete", "vault_id": "v1", "extra_info": {}, "created_at": "-27h", "started_at": "-27h", "ended_at": "-26h"},
                {"status": "failed", "operation_type": "vault_delete", "vault_id": "v2", "extra_info": {}, "created_at": "-27h", "started_at": "-27h", "ended_at": "-26h"},
                {"operation_type": "vault_delete", "vault_id": "v2", "extra_info": {}}
            ]}"#,
            &["fail task1 high", "pass task2", "pass task3"],
        ),
    ],
};

const DETAILS: &[(&str, Part)] = &[("", Part::ErrorCode), ("", Part::ErrorMessage), ("policy", Part::PolicyId)];

fn check(cx: &Context<'_>, task: Neighbour<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Neighbour(task.ix);
    if !cx.had_happened(task.began()) {
        return;
    }
    let (status, spot) = (task.word(Part::Status, TaskStatus::from_word), task.spot(Part::Status));
    match status.known() {
        Ok(TaskStatus::Success) if cx.had_happened(task.ended()) => return out.pass(subject),
        Ok(TaskStatus::Failed | TaskStatus::Timeout) if cx.had_happened(task.ended()) => {}
        Ok(_) => return out.not_applicable(subject),
        Err(reason) => {
            out.unknown(subject, reason).observed_spot(spot);
            return;
        }
    }
    let operation = match task.word(Part::OperationType, TaskOperation::from_word).known() {
        Ok(operation) => operation,
        Err(reason) => {
            let spot = task.spot(Part::OperationType);
            out.unknown(subject, reason).observed_spot(spot);
            return;
        }
    };
    let until = cx.clock.is_exact().then(|| cx.now());
    match cx.inventory.was_made_good(task, operation, until) {
        MadeGood::Yes => out.pass(subject),
        MadeGood::Perhaps(doubt) => {
            let spot = cx.inventory.neighbour(doubt.task).spot(doubt.part);
            out.unknown(subject, doubt.reason).observed_spot(spot);
        }
        MadeGood::No => {
            let severity = if is_superseded(cx, task, operation) { Severity::Medium } else { Severity::High };
            out.fail(subject)
                .observed_spot(spot)
                .note(Note::Parts(task.spot(Part::ErrorCode), DETAILS))
                .expected(Value::Words("success"))
                .severity(severity);
        }
    }
}

/// Whether a backup failed whose resource has a good restore point that is newer.
fn is_superseded(cx: &Context<'_>, task: Neighbour<'_>, operation: TaskOperation) -> bool {
    let resource = cx.inventory.resource_of_task(task).filter(|_| operation == TaskOperation::Backup);
    let newest = resource.and_then(|resource| cx.points.summary(resource).newest_good);
    newest.zip(task.began()).is_some_and(|(newest, began)| newest > began)
}
