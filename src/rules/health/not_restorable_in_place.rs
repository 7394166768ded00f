//! `not-restorable-in-place`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "not-restorable-in-place",
    family: Family::Health,
    severity: Severity::High,
    title: "A backup cannot be restored as needed",
    why: "The step that the recovery plan counts on would be refused.",
    remedy: "Take a fresh server backup, or plan to restore to new resources.",
    logic: "The need is in-place for servers and disks and new-resource for all other types, unless set. Mode na fails the needs in-place and image; mode snapshot passes image and is not judged for in-place; mode backup passes. Without a mode, servers are not judged and other types are not applicable. High if the resource has no other good restore point without this flaw within the RPO, else low.",
    params: &[RESTORE_NEED, RPO_HOURS, RPO_TOLERANCE_HOURS],
    controls: &[
        "nist-800-53r5:CP-10",
        "iso27001-2022:A.8.13",
        "hipaa:164.308(a)(7)(ii)(A)",
        "gdpr:32(1)(c)",
        "dora:12(2)",
    ],
    check: Check::EachBackup(check),
    cases: &[
        Case::new("a server that can be restored in place", r#"{"backup": {}}"#, &["pass b1"]),
        Case::new(
            "the only backup cannot be restored in place",
            r#"{"backup": {"extend_info": {"supported_restore_mode": "na"}}}"#,
            &["fail b1 high"],
        ),
        Case::new(
            "another recent backup can",
            r#"{"backups": [{"extend_info": {"supported_restore_mode": "na"}}, {"created_at": "-9h"}]}"#,
            &["fail b1 low", "pass b2"],
        ),
        Case::new(
            "a snapshot makes images; whether it restores in place is not told",
            r#"{"backup": {"extend_info": {"supported_restore_mode": "snapshot"}}}"#,
            &["unknown b1 not-in-metadata"],
        ),
        Case::new(
            "a snapshot where only images are needed",
            r#"{"backup": {"extend_info": {"supported_restore_mode": "snapshot"}}}"#,
            &["pass b1"],
        )
        .set(&["restore-need=image"]),
        Case::new(
            "a file system never restores in place",
            r#"{"backup": {"resource_type": "OS::Sfs::Turbo", "extend_info": {"supported_restore_mode": "na"}}}"#,
            &["pass b1"],
        ),
        Case::new(
            "no mode on a server, and on a disk",
            r#"{"backups": [
                {"extend_info": {"supported_restore_mode": null}},
                {"resource_type": "OS::Cinder::Volume"}
            ]}"#,
            &["unknown b1 field-null", "not-applicable b2"],
        ),
    ],
};

const RESTORE_NEED: Param = Param::new(
    "restore-need",
    ParamUnit::Choice(&["auto", "in-place", "image", "new-resource"]),
    0.0,
    "What backups must allow: in-place, image or new-resource; auto means in-place for servers and disks, else new-resource.",
);

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    let (observed, evidence) = cx.at(backup, FieldId::SupportedRestoreMode);
    match restorable(cx, backup) {
        Ok(None) => out.not_applicable(subject),
        Ok(Some(true)) => out.pass(subject),
        Ok(Some(false)) => {
            let severity = if has_better(cx, backup) { Severity::Low } else { Severity::High };
            let expected = Value::Words("a mode that allows the restore that is needed");
            out.fail(subject).observed(observed, evidence).expected(expected).severity(severity);
        }
        Err(reason) => {
            let read = [FieldId::ResourceType, FieldId::SupportedRestoreMode];
            let (blamed, place) = cx.blame(backup, reason, &read);
            let (observed, evidence) =
                if reason == Reason::NotInMetadata { (observed, evidence) } else { (blamed, place) };
            out.unknown(subject, reason).observed(observed, evidence);
        }
    }
}

/// Whether the mode allows what is needed; nothing where a missing mode means nothing.
fn restorable(cx: &Context<'_>, backup: Backup<'_>) -> Result<Option<bool>, Reason> {
    let kind = backup.resource_type().known()?;
    let need = need(cx, kind);
    let mode = match backup.restore_mode() {
        Field::Absent | Field::Null if !kind.is_server() => return Ok(None),
        mode => mode.known()?,
    };
    match (mode, need) {
        (_, "new-resource") | (RestoreMode::Backup, _) | (RestoreMode::Snapshot, "image") => Ok(Some(true)),
        (RestoreMode::Na, _) => Ok(Some(false)),
        (RestoreMode::Snapshot, _) => Err(Reason::NotInMetadata),
    }
}

/// What a backup of this type must allow.
fn need(cx: &Context<'_>, kind: ResourceType) -> &'static str {
    match cx.choice(&RESTORE_NEED) {
        "auto" if kind.is_server() || kind == ResourceType::Volume => "in-place",
        "auto" => "new-resource",
        need => need,
    }
}

/// Whether the resource has a good restore point within the RPO that does allow what is needed.
fn has_better(cx: &Context<'_>, backup: Backup<'_>) -> bool {
    let summary = cx.summary(backup);
    let newest = match backup.resource_type().value().map(|kind| need(cx, kind)) {
        Some("image") => summary.newest_image,
        _ => summary.newest_in_place,
    };
    newest.is_some_and(|time| cx.age(time) <= cx.rpo_limit())
}
