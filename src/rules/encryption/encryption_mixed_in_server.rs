//! `encryption-mixed-in-server`

use super::disk_flags::DiskFlags;
use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "encryption-mixed-in-server",
    family: Family::Encryption,
    severity: Severity::Medium,
    title: "A server backup is encrypted in part",
    why: "One plain disk exposes data of the server.",
    remedy: "Encrypt the remaining disks and take a new backup.",
    logic: "Fails where some disks of a server backup are encrypted and some are not. Disks that are not shown or do not say are not judged unless it fails already, and neither is a server whose own flag contradicts its disks; one without a flag of its own contradicts nothing. Other types, and servers shown without disks, are not applicable.",
    params: &[],
    controls: &["nist-800-53r5:CP-9(8)", "cis-8.1:11.3", "bsi-gs-2023:CON.3.A13", "iso27001-2022:A.8.24"],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "all disks are encrypted, or none is",
            r#"{"$files": {
                "a.json": {"backup": {"children": [{}, {}]}},
                "b.json": {"backup": {
                    "extend_info": {"encrypted": false},
                    "children": [{"extend_info": {"encrypted": false}}]
                }}
            }}"#,
            &["pass b1", "pass b2"],
        ),
        Case::new(
            "one of two disks is not encrypted",
            r#"{"backup": {
                "extend_info": {"encrypted": "$absent"},
                "children": [{}, {"extend_info": {"encrypted": false}}]
            }}"#,
            &["fail b1 medium"],
        ),
        Case::new(
            "already mixed, whatever a third disk says",
            r#"{"backup": {"children": [
                {"extend_info": {"encrypted": null}},
                {"extend_info": {"encrypted": false}},
                {}
            ]}}"#,
            &["fail b1 medium"],
        ),
        Case::new(
            "a server that contradicts its disks",
            r#"{"$files": {
                "a.json": {"backup": {"extend_info": {"encrypted": false}, "children": [{}, {}]}},
                "b.json": {"backup": {"children": [{"extend_info": {"encrypted": false}}]}}
            }}"#,
            &["unknown b1 record-conflict", "unknown b2 record-conflict"],
        ),
        Case::new(
            "a disk that does not say; a server that does not",
            r#"{"$files": {
                "a.json": {"backup": {"children": [{}, {"extend_info": {"encrypted": null}}]}},
                "b.json": {"backup": {"extend_info": {"encrypted": "$absent"}, "children": [{}, {}]}},
                "c.json": {"backup": {"children": null}}
            }}"#,
            &["unknown b1 field-null", "pass b2", "unknown b3 field-null"],
        ),
        Case::new(
            "a server whose disks the list does not show, and a type that is not said",
            r#"{"backups": [{}, {"resource_type": null}]}"#,
            &["unknown b1 view-omits", "unknown b2 field-null"],
        ),
        Case::new(
            "a disk by itself, and what is shown without disks",
            r#"{"$files": {
                "a.json": {"backup": {"resource_type": "OS::Cinder::Volume"}},
                "b.json": {"backup": {}},
                "c.json": {"backup": {"resource_type": null}}
            }}"#,
            &["not-applicable b1", "not-applicable b2", "not-applicable b3"],
        ),
    ],
};

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    match judge(backup) {
        Ok(State::NoDisks) => out.not_applicable(subject),
        Ok(State::Alike) => out.pass(subject),
        Ok(State::Mixed(plain, count, of)) => {
            let (observed, evidence) = cx.at(plain, FieldId::Encrypted);
            let expected = Value::Words("the same for all disks");
            out.fail(subject).observed(observed, evidence).note(Note::Disks(count, of)).expected(expected);
        }
        Err((witness, field, reason)) => {
            let (observed, evidence) = cx.at(witness, field);
            out.unknown(subject, reason).observed(observed, evidence);
        }
    }
}

enum State<'i> {
    NoDisks,
    Alike,
    /// A disk that is not encrypted, and how many of how many are not.
    Mixed(Backup<'i>, u32, u32),
}

/// The record and field that keep the rule from judging, and why.
type Doubt<'i> = (Backup<'i>, FieldId, Reason);

fn judge(backup: Backup<'_>) -> Result<State<'_>, Doubt<'_>> {
    let kind = backup.resource_type().known();
    if kind.is_ok_and(|kind| !kind.is_server()) {
        return Ok(State::NoDisks);
    }
    let state = match backup.disks() {
        Disks::Seen(_, partly) => of_disks(backup, partly),
        Disks::NoneShown => Ok(State::NoDisks),
        Disks::NotShown => Err((backup, FieldId::Children, Reason::ViewOmits)),
        Disks::Missing(reason, _) => Err((backup, FieldId::Children, reason)),
    };
    match kind {
        // Without disks the rule does not apply, whatever the type is.
        Err(reason) if !matches!(state, Ok(State::Mixed(..) | State::NoDisks)) => {
            Err((backup, FieldId::ResourceType, reason))
        }
        _ => state,
    }
}

/// The flags of the disks that are seen, against each other and against that of the server.
fn of_disks(backup: Backup<'_>, partly: bool) -> Result<State<'_>, Doubt<'_>> {
    let own = backup.flag(FieldId::Encrypted);
    let DiskFlags { disks, encrypted, plain, first_plain, unsaid } = DiskFlags::of(backup);
    if let Some(first) = first_plain.filter(|_| encrypted > 0) {
        return Ok(State::Mixed(first, plain, disks));
    }
    if let Some((disk, reason)) = unsaid {
        return Err((disk, FieldId::Encrypted, reason));
    }
    if partly {
        return Err((backup, FieldId::Children, Reason::InputIncomplete));
    }
    // Server records often carry no flag of their own: there is nothing to contradict then.
    match own.optional().map_err(|reason| (backup, FieldId::Encrypted, reason))? {
        Some(own) if own != (plain == 0) => Err((backup, FieldId::Encrypted, Reason::RecordConflict)),
        _ => Ok(State::Alike),
    }
}
