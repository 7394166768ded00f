//! `system-disk-missing`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "system-disk-missing",
    family: Family::Health,
    severity: Severity::High,
    title: "A server backup lacks the system disk",
    why: "The data are safe, but the server can be neither rebuilt, imaged nor replicated from it.",
    remedy: "Include the system disk in the backup of the server, then take a new backup.",
    logic: "For servers, contain_system_disk false fails: medium. If it is true although every disk shown says that it is neither bootable nor a system disk, the record contradicts itself: high. Where a list does not show the disks, the flag alone decides. A missing flag, or disks that do not say, are not judged. Other types are not applicable.",
    params: &[],
    controls: &["nist-800-53r5:CP-10", "nist-800-53r5:CP-9"],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "a server with its system disk",
            r#"{"backup": {"children": [
                {"extend_info": {"bootable": true, "system_disk": true}},
                {"extend_info": {"bootable": false, "system_disk": false}}
            ]}}"#,
            &["pass b1"],
        ),
        Case::new(
            "a list, which does not show the disks",
            r#"{"backups": [{}, {"extend_info": {"contain_system_disk": false}}]}"#,
            &["pass b1", "fail b2 medium"],
        ),
        Case::new(
            "no disk is the system disk, whatever the server says",
            r#"{"backup": {"children": [{"extend_info": {"bootable": false, "system_disk": false}}]}}"#,
            &["fail b1 high"],
        ),
        Case::new(
            "a disk that does not say what it is",
            r#"{"backup": {"children": [{"extend_info": {"bootable": null, "system_disk": false}}]}}"#,
            &["unknown b1 field-null"],
        ),
        Case::new(
            "no flag, and no disks where they should be",
            r#"{"$files": {
                "a.json": {"backup": {"extend_info": {"contain_system_disk": null}}},
                "b.json": {"backup": {"children": null}},
                "c.json": {"backup": {"children": []}}
            }}"#,
            &["unknown b1 field-null", "unknown b2 field-null", "unknown b3 record-conflict"],
        ),
        Case::new(
            "a disk, a file system, and what does not say its type",
            r#"{"backups": [
                {"resource_type": "OS::Cinder::Volume", "extend_info": {"contain_system_disk": false}},
                {"resource_type": "OS::Sfs::Turbo", "extend_info": {"contain_system_disk": false}},
                {"resource_type": null}
            ]}"#,
            &["not-applicable b1", "not-applicable b2", "unknown b3 field-null"],
        ),
    ],
};

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    let (observed, evidence) = cx.at(backup, FieldId::ContainSystemDisk);
    match judge(backup) {
        Ok(State::Outside) => out.not_applicable(subject),
        Ok(State::Contained) => out.pass(subject),
        Ok(State::Left) => {
            let finding = out.fail(subject).observed(observed, evidence);
            finding.expected(Value::Words("true")).severity(Severity::Medium);
        }
        Ok(State::Contradicted) => {
            let note = Note::Words("although none of its disks is bootable or a system disk");
            out.fail(subject)
                .observed(observed, evidence)
                .note(note)
                .expected(Value::Words("a system disk among them"));
        }
        Err((witness, field, reason)) => {
            let (observed, evidence) = cx.at(witness, field);
            out.unknown(subject, reason).observed(observed, evidence);
        }
    }
}

enum State {
    Outside,
    Contained,
    Left,
    Contradicted,
}

/// The record and field that keep the rule from judging, and why.
type Doubt<'i> = (Backup<'i>, FieldId, Reason);

fn judge(backup: Backup<'_>) -> Result<State, Doubt<'_>> {
    let doubt = |field| move |reason| (backup, field, reason);
    if !backup.resource_type().known().map_err(doubt(FieldId::ResourceType))?.is_server() {
        return Ok(State::Outside);
    }
    if !backup.flag(FieldId::ContainSystemDisk).known().map_err(doubt(FieldId::ContainSystemDisk))? {
        return Ok(State::Left);
    }
    match backup.disks() {
        Disks::Seen(_, partly) => among_disks(backup, partly),
        Disks::NotShown => Ok(State::Contained),
        Disks::NoneShown => Err((backup, FieldId::Children, Reason::RecordConflict)),
        Disks::Missing(reason, _) => Err((backup, FieldId::Children, reason)),
    }
}

/// Whether the system disk is among those that the answers show.
fn among_disks(backup: Backup<'_>, partly: bool) -> Result<State, Doubt<'_>> {
    const SAYS: [FieldId; 2] = [FieldId::SystemDisk, FieldId::Bootable];
    let flags = || backup.children().flat_map(|disk| SAYS.map(|field| (disk, field, disk.flag(field))));
    if flags().any(|(_, _, flag)| flag == Field::Value(true)) {
        return Ok(State::Contained);
    }
    if let Some(doubt) = flags().find_map(|(disk, field, flag)| Some((disk, field, flag.known().err()?))) {
        return Err(doubt);
    }
    if partly { Err((backup, FieldId::Children, Reason::InputIncomplete)) } else { Ok(State::Contradicted) }
}
