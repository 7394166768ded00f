//! `children-missing`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "children-missing",
    family: Family::Hierarchy,
    severity: Severity::High,
    title: "A server backup has no disks in it",
    why: "A server is restored disk by disk: with nothing to map there is nothing to restore.",
    remedy: "Query the id with the show answer; if it is truly empty, take a new backup.",
    logic: "For available server backups: seen disks pass, a show answer without any fails, and a list answer, which does not show disks, is not judged. Other statuses and types are not applicable.",
    params: &[MIN_CHILDREN],
    controls: &["nist-800-53r5:CP-10", "nist-800-53r5:CP-9", "impl-reg-2024-2690:4.2.2(b)"],
    check: Check::EachBackup(check),
    cases: &[
        Case::new("a server with a disk", r#"{"backup": {"children": [{}]}}"#, &["pass b1"]),
        Case::new("a server without any", r#"{"backup": {"children": []}}"#, &["fail b1 high"]),
        Case::new("fewer disks than there must be", r#"{"backup": {"children": [{}]}}"#, &["fail b1 high"])
            .set(&["min-children=2"]),
        Case::new(
            "a list that does not show disks",
            r#"{"backups": [{}, {"children": "$absent"}]}"#,
            &["unknown b1 view-omits", "unknown b2 view-omits"],
        ),
        Case::new(
            "no disks, and perhaps no server; a failed one needs none, whatever it is",
            r#"{"backups": [{"resource_type": "$absent"}, {"resource_type": "$absent", "status": "error"}]}"#,
            &["unknown b1 field-absent", "not-applicable b2"],
        ),
        Case::new(
            "a server that failed; a disk",
            r#"{"$files": {
                "a.json": {"backup": {"status": "error"}},
                "b.json": {"backup": {"resource_type": "OS::Cinder::Volume"}}
            }}"#,
            &["not-applicable b1", "not-applicable b2"],
        ),
        Case::new("no disks, and none are wanted", r#"{"backup": {}}"#, &["pass b1"]).set(&["min-children=0"]),
    ],
};

const MIN_CHILDREN: Param =
    Param::new("min-children", ParamUnit::Count, 1.0, "How many disks a server backup must have at least.");

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    if backup.resource_type().value().is_some_and(|kind| !kind.is_server()) {
        return out.not_applicable(subject);
    }
    let applies = cx.status(backup).and_then(|status| match status {
        Status::Available => backup.resource_type().known().map(|_| status),
        _ => Ok(status),
    });
    let minimum = cx.count(&MIN_CHILDREN);
    let (observed, evidence) = cx.at(backup, FieldId::Children);
    let expected = Value::AtLeastCount(minimum, "disk");
    let reason = match (applies, backup.disks()) {
        (Ok(status), _) if status != Status::Available => return out.not_applicable(subject),
        (Err(reason), _) => reason,
        (Ok(_), Disks::Seen(disks, _)) if disks.len() as u64 >= minimum => return out.pass(subject),
        (Ok(_), Disks::NoneShown) if minimum == 0 => return out.pass(subject),
        (Ok(_), Disks::Seen(_, true)) => Reason::InputIncomplete,
        (Ok(_), Disks::NotShown) => Reason::ViewOmits,
        (Ok(_), Disks::Missing(Reason::FieldAbsent, false)) => Reason::ViewOmits,
        (Ok(_), Disks::Missing(reason, _)) if reason != Reason::FieldAbsent => reason,
        _ => {
            let observed = Value::Count(backup.children().count() as u64, "disk");
            out.fail(subject).observed(observed, evidence).expected(expected);
            return;
        }
    };
    out.unknown(subject, reason).observed(observed, evidence).expected(expected);
}
