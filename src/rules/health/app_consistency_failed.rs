//! `app-consistency-failed`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "app-consistency-failed",
    family: Family::Health,
    severity: Severity::Medium,
    title: "A backup is not application-consistent",
    why: "A restore equals the recovery after a power cut: databases may have to repair themselves, or fail to.",
    remedy: "Check the agent and its freeze scripts on the server, then take a new backup.",
    logic: "An error code other than 0, or a message, fails. Where application consistency is required, status 0 fails too. Passes where code and message are there and say nothing, and the status is 1 if that is required. Where neither is stated, the backup is not applicable, or not judged where consistency is required.",
    params: &[REQUIRE_APP_CONSISTENT],
    controls: &["nist-800-53r5:CP-10(2)", "iso27001-2022:A.8.13", "dora:12(7)"],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "no consistency asked for, and no error",
            r#"{"backup": {"extend_info": {"app_consistency": {
                "app_consistency_status": "0", "app_consistency_error_code": "0", "app_consistency_error_message": ""
            }}}}"#,
            &["pass b1"],
        ),
        Case::new(
            "an error code; a message by itself",
            r#"{"backups": [
                {"extend_info": {"app_consistency": {
                    "app_consistency_error_code": "5", "app_consistency_error_message": ""
                }}},
                {"extend_info": {"app_consistency": {
                    "app_consistency_error_code": "0", "app_consistency_error_message": "freeze timed out"
                }}}
            ]}"#,
            &["fail b1 medium", "fail b2 medium"],
        ),
        Case::new(
            "consistency required: reached, and not reached",
            r#"{"backups": [
                {"extend_info": {"app_consistency": {
                    "app_consistency_status": "1",
                    "app_consistency_error_code": "0",
                    "app_consistency_error_message": ""
                }}},
                {"extend_info": {"app_consistency": {
                    "app_consistency_status": "0",
                    "app_consistency_error_code": "0",
                    "app_consistency_error_message": ""
                }}}
            ]}"#,
            &["pass b1", "fail b2 medium"],
        )
        .set(&["require-app-consistent=true"]),
        Case::new(
            "consistency required, and nothing said of it",
            r#"{"backups": [
                {},
                {"extend_info": {"app_consistency": null}},
                {"extend_info": {"app_consistency": {
                    "app_consistency_error_code": "0", "app_consistency_error_message": ""
                }}}
            ]}"#,
            &["unknown b1 field-absent", "unknown b2 field-null", "unknown b3 field-absent"],
        )
        .set(&["require-app-consistent=true"]),
        Case::new(
            "nothing said of consistency, and none required",
            r#"{"backups": [
                {},
                {"extend_info": {"app_consistency": null}},
                {"extend_info": {"app_consistency": {
                    "app_consistency_error_code": null, "app_consistency_error_message": null
                }}}
            ]}"#,
            &["not-applicable b1", "not-applicable b2", "not-applicable b3"],
        ),
        Case::new(
            "an object that cannot be read, or says half",
            r#"{"backups": [
                {"extend_info": {"app_consistency": "0"}},
                {"extend_info": {"app_consistency": {"app_consistency_error_message": ""}}},
                {"extend_info": {"app_consistency": {
                    "app_consistency_error_code": "0", "app_consistency_error_message": null
                }}}
            ]}"#,
            &["unknown b1 type-mismatch", "unknown b2 field-absent", "unknown b3 field-null"],
        ),
    ],
};

const REQUIRE_APP_CONSISTENT: Param = Param::new(
    "require-app-consistent",
    ParamUnit::Switch,
    0.0,
    "Whether every backup must be application-consistent, or only must not have failed to become so.",
);

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    match judge(backup, cx.is_on(&REQUIRE_APP_CONSISTENT)) {
        Ok(State::Silent) => out.not_applicable(subject),
        Ok(State::Sound) => out.pass(subject),
        Ok(State::Failed(field, expected)) => {
            let (observed, evidence) = cx.at(backup, field);
            out.fail(subject).observed(observed, evidence).expected(Value::Words(expected));
        }
        Err((field, reason)) => {
            let (observed, evidence) = cx.at(backup, field);
            out.unknown(subject, reason).observed(observed, evidence);
        }
    }
}

enum State {
    Silent,
    Sound,
    /// This field says so, and this is what it should say.
    Failed(FieldId, &'static str),
}

fn judge(backup: Backup<'_>, required: bool) -> Result<State, (FieldId, Reason)> {
    const ERRORS: [(FieldId, &str); 2] =
        [(FieldId::AppConsistencyErrorCode, "0"), (FieldId::AppConsistencyErrorMessage, "no message")];
    if let Some((field, expected)) = ERRORS.into_iter().find(|(field, _)| backup.flag(*field) == Field::Value(true)) {
        return Ok(State::Failed(field, expected));
    }
    let status = FieldId::AppConsistencyStatus;
    if required && backup.app_consistent() == Field::Value(false) {
        return Ok(State::Failed(status, "1"));
    }
    let object = FieldId::AppConsistency;
    match backup.presence(object) {
        Field::Absent | Field::Null if !required => return Ok(State::Silent),
        presence => presence.known().map_err(|reason| (object, reason))?,
    }
    if !required && ERRORS.iter().all(|(field, _)| matches!(backup.flag(*field), Field::Absent | Field::Null)) {
        return Ok(State::Silent);
    }
    for (field, _) in ERRORS {
        backup.flag(field).known().map_err(|reason| (field, reason))?;
    }
    if required {
        backup.app_consistent().known().map_err(|reason| (status, reason))?;
    }
    Ok(State::Sound)
}
