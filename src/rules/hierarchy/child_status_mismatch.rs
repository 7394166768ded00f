//! `child-status-mismatch`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "child-status-mismatch",
    family: Family::Hierarchy,
    severity: Severity::High,
    title: "A server backup is available, one of its disks is not",
    why: "The listing shows a good restore point that will restore incompletely.",
    remedy: "Take a new server backup; do not rely on this one.",
    logic: "For available server backups whose disks are seen: a disk in another status than available, restoring or waiting to restore fails. A disk without a known status is not judged; disks that the answer does not show leave it not judged. Server backups without disks or in another status, and other types, are not applicable.",
    params: &[],
    controls: &["nist-800-53r5:CP-10", "iso27001-2022:A.8.13", "c5-2020:OPS-07"],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "every disk is available, or in use for a restore",
            r#"{"backup": {"children": [{}, {"status": "restoring"}]}}"#,
            &["pass b1"],
        ),
        Case::new("one disk failed", r#"{"backup": {"children": [{}, {"status": "error"}]}}"#, &["fail b1 high"]),
        Case::new(
            "one disk does not say; one says something foreign",
            r#"{"$files": {
                "a.json": {"backup": {"children": [{"status": "$absent"}]}},
                "b.json": {"backup": {"children": [{"status": "frozen"}]}}
            }}"#,
            &["unknown b1 field-absent", "unknown b2 value-unrecognised"],
        ),
        Case::new("a list that does not show disks", r#"{"backups": [{}]}"#, &["unknown b1 view-omits"]),
        Case::new(
            "a server that failed itself; one without disks; a disk",
            r#"{"$files": {
                "a.json": {"backup": {"status": "error", "children": [{"status": "error"}]}},
                "b.json": {"backup": {}},
                "c.json": {"backup": {"resource_type": "OS::Cinder::Volume"}}
            }}"#,
            &["not-applicable b1", "not-applicable b2", "not-applicable b3"],
        ),
    ],
};

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    let unseen = match backup.disks() {
        Disks::Seen(_, partly) => partly.then_some(Reason::InputIncomplete),
        _ if backup.resource_type().value().is_some_and(|kind| !kind.is_server()) => {
            return out.not_applicable(subject);
        }
        Disks::NoneShown => return out.not_applicable(subject),
        Disks::NotShown | Disks::Missing(Reason::FieldAbsent, false) => Some(Reason::ViewOmits),
        Disks::Missing(reason, _) => Some(reason),
    };
    match cx.status(backup) {
        Err(reason) => {
            let (observed, evidence) = cx.blame(backup, reason, &[FieldId::Status, FieldId::UpdatedAt]);
            out.unknown(subject, reason).observed(observed, evidence);
            return;
        }
        Ok(status) if status != Status::Available => return out.not_applicable(subject),
        Ok(_) => {}
    }
    let at = |disk| if cx.exists(disk) { cx.status(disk) } else { Err(Reason::NotInMetadata) };
    let mut doubt = None;
    for disk in backup.children() {
        match at(disk) {
            Ok(status) if status.is_usable() => {}
            Ok(_) => {
                let (observed, evidence) = cx.at(disk, FieldId::Status);
                out.fail(subject).observed(observed, evidence).expected(Value::Words("every disk available"));
                return;
            }
            Err(reason) => doubt = doubt.or(Some((disk, reason))),
        }
    }
    match (doubt, unseen) {
        (Some((disk, reason)), _) => {
            let (observed, evidence) = cx.at(disk, FieldId::Status);
            out.unknown(subject, reason).observed(observed, evidence);
        }
        (None, Some(reason)) => {
            let (observed, evidence) = cx.at(backup, FieldId::Children);
            out.unknown(subject, reason).observed(observed, evidence);
        }
        (None, None) => out.pass(subject),
    }
}
