//! `backup-unencrypted`

use super::disk_flags::DiskFlags;
use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "backup-unencrypted",
    family: Family::Encryption,
    severity: Severity::High,
    title: "A backup holds unencrypted disks",
    why: "A backup is a portable copy of all data, and can be shared across projects.",
    remedy: "Move the data to an encrypted disk, take a new backup and retire the old ones: an existing backup cannot be switched. What the provider does to its own storage is not visible here.",
    logic: "A disk is judged by its own flag. A server backup is judged over its disks: one false fails, all true passes, and its own flag against all of them is a conflict. Where the answer does not show the disks, an own flag of false fails and everything else is not judged. Other types are judged by their own flag. Where encryption is not required, nothing is applicable.",
    params: &[REQUIRE_ENCRYPTION],
    controls: &[
        "nist-800-53r5:CP-9(8)",
        "nist-800-53r5:SC-28",
        "cis-8.1:11.3",
        "cis-8.1:3.11",
        "bsi-gs-2023:CON.3.A13",
        "c5-2020:OPS-06",
        "iso27001-2022:A.8.24",
        "gdpr:32(1)(a)",
        "pci-4.0.1:3.5.1",
    ],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "encryption that is not required",
            r#"{"backup": {"extend_info": {"encrypted": false}}}"#,
            &["not-applicable b1"],
        )
        .set(&["require-encryption=false"]),
        Case::new(
            "encrypted disks, and no flag on the server",
            r#"{"backup": {"extend_info": {"encrypted": "$absent"}, "children": [{}, {}]}}"#,
            &["pass b1"],
        ),
        Case::new(
            "one disk is not encrypted",
            r#"{"backup": {"children": [{}, {"extend_info": {"encrypted": false}}]}}"#,
            &["fail b1 high"],
        ),
        Case::new(
            "one disk does not say",
            r#"{"backup": {"children": [{}, {"extend_info": {"encrypted": null}}]}}"#,
            &["unknown b1 field-null"],
        ),
        Case::new(
            "a server whose disks the list does not show",
            r#"{"backups": [{}, {"extend_info": {"encrypted": false}}]}"#,
            &["unknown b1 view-omits", "fail b2 high"],
        ),
        Case::new(
            "a server that contradicts its disks",
            r#"{"backup": {"extend_info": {"encrypted": false}, "children": [{}]}}"#,
            &["unknown b1 record-conflict"],
        ),
        Case::new(
            "a server without disks and without a flag",
            r#"{"backup": {"extend_info": {"encrypted": "$absent"}}}"#,
            &["unknown b1 field-absent"],
        ),
        Case::new(
            "a disk by itself",
            r#"{"backups": [
                {"resource_type": "OS::Cinder::Volume"},
                {"resource_type": "OS::Cinder::Volume", "extend_info": {"encrypted": false}}
            ]}"#,
            &["pass b1", "fail b2 high"],
        ),
        Case::new(
            "a server that says no, and a disk that does not say",
            r#"{"backup": {
                "extend_info": {"encrypted": false}, "children": [{"extend_info": {"encrypted": "$absent"}}]
            }}"#,
            &["unknown b1 field-absent"],
        ),
    ],
};

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    if !cx.is_on(&REQUIRE_ENCRYPTION) {
        return out.not_applicable(subject);
    }
    match judge(backup) {
        Ok(None) => out.pass(subject),
        Ok(Some(plain)) => {
            let (observed, evidence) = cx.at(plain.0, FieldId::Encrypted);
            let finding = out.fail(subject).observed(observed, evidence).expected(Value::Words("true"));
            if let Some((disks, of)) = plain.1 {
                finding.note(Note::Disks(disks, of));
            }
        }
        Err((witness, reason)) => {
            let (observed, evidence) = cx.at(witness, FieldId::Encrypted);
            out.unknown(subject, reason).observed(observed, evidence).expected(Value::Words("true"));
        }
    }
}

/// What is not encrypted: the record that says so, and how many of how many disks.
pub(super) type Plain<'i> = Option<(Backup<'i>, Option<(u32, u32)>)>;

/// What of a backup is not encrypted; nothing if all of it is.
pub(super) fn judge(backup: Backup<'_>) -> Result<Plain<'_>, (Backup<'_>, Reason)> {
    let own = backup.flag(FieldId::Encrypted);
    let kind = backup.resource_type();
    if !matches!(kind, Field::Value(kind) if !kind.is_server()) {
        return server(backup, own, kind);
    }
    match own.known() {
        Ok(true) => Ok(None),
        Ok(false) => Ok(Some((backup, None))),
        Err(reason) => Err((backup, reason)),
    }
}

/// A server backup, or one whose type is not known and which therefore may be one.
fn server<'i>(
    backup: Backup<'i>,
    own: Field<bool>,
    kind: Field<ResourceType>,
) -> Result<Plain<'i>, (Backup<'i>, Reason)> {
    let DiskFlags { disks, plain, first_plain, unsaid, .. } = DiskFlags::of(backup);
    if let Some(first) = first_plain {
        return Ok(Some((first, Some((plain, disks)))));
    }
    if disks == 0 {
        let plain = unseen(backup, own);
        return match (&plain, kind.known()) {
            (Ok(_), _) | (_, Ok(_)) => plain,
            (Err(_), Err(reason)) => Err((backup, reason)),
        };
    }
    if let Some(unsaid) = unsaid {
        return Err(unsaid);
    }
    if own == Field::Value(false) {
        return Err((backup, Reason::RecordConflict));
    }
    if let Disks::Seen(_, true) = backup.disks() {
        return Err((backup, Reason::InputIncomplete));
    }
    own.optional().map_err(|reason| (backup, reason))?;
    kind.known().map(|_| None).map_err(|reason| (backup, reason))
}

/// A server backup none of whose disks is seen.
fn unseen(backup: Backup<'_>, own: Field<bool>) -> Result<Plain<'_>, (Backup<'_>, Reason)> {
    match own {
        Field::Value(false) => Ok(Some((backup, None))),
        Field::Unusable(reason) => Err((backup, reason)),
        Field::Absent | Field::Null if backup.disks() == Disks::NoneShown => Err((backup, Reason::FieldAbsent)),
        _ => Err((backup, Reason::ViewOmits)),
    }
}
