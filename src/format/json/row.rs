//! A finding of the JSON report. There may be millions, so that they are written without a serializer, byte by byte as the
//! serializer of the document would write them, two levels deep.

use anyhow::Result;

use super::plain::{key, number, optional, text};
use crate::report::place::Place;
use crate::report::row::{ResourceKey, Row, SubjectRow};
use crate::report::waiver::Acceptance;

const END: &str = "\n   }";

/// Writes a finding behind a comma.
pub(super) fn write(row: &Row, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(b",\n  ");
    text(key!("{", "   ", "rule"), row.rule, out)?;
    text(key!(finding "verdict"), row.verdict, out)?;
    text(key!(finding "severity"), row.severity, out)?;
    optional(key!(finding "reason"), row.reason, out)?;
    number(key!(finding "count"), row.count, out)?;
    out.extend_from_slice(key!(finding "subject").as_bytes());
    subject(&row.subject, out)?;
    if let Some(key) = &row.resource {
        out.extend_from_slice(key!(finding "resource").as_bytes());
        resource(key, out)?;
    }
    optional(key!(finding "tier"), row.tier, out)?;
    optional(key!(finding "owner"), row.owner, out)?;
    optional(key!(finding "vault_id"), row.vault_id.as_deref(), out)?;
    optional(key!(finding "field"), row.field.as_deref(), out)?;
    text(key!(finding "observed"), &row.observed, out)?;
    text(key!(finding "expected"), &row.expected, out)?;
    out.extend_from_slice(key!(finding "evidence").as_bytes());
    evidence(&row.evidence, out)?;
    if let Some(accepted) = &row.waiver {
        out.extend_from_slice(key!(finding "waiver").as_bytes());
        waiver(accepted, out)?;
    }
    text(key!(finding "fingerprint"), &row.fingerprint, out)?;
    out.extend_from_slice(b"\n  }");
    Ok(())
}

fn subject(subject: &SubjectRow, out: &mut Vec<u8>) -> Result<()> {
    text(key!(first "kind"), subject.kind, out)?;
    text(key!(inner "id"), &subject.id, out)?;
    optional(key!(inner "key"), subject.key.as_deref(), out)?;
    optional(key!(inner "name"), subject.name.as_deref(), out)?;
    out.extend_from_slice(END.as_bytes());
    Ok(())
}

fn resource(resource: &ResourceKey, out: &mut Vec<u8>) -> Result<()> {
    text(key!(first "project_id"), &resource.project_id, out)?;
    text(key!(inner "type"), resource.kind, out)?;
    text(key!(inner "id"), &resource.id, out)?;
    match &resource.name {
        Some(name) => text(key!(inner "name"), name, out)?,
        None => out.extend_from_slice(concat!(key!(inner "name"), "null").as_bytes()),
    }
    out.extend_from_slice(END.as_bytes());
    Ok(())
}

fn evidence(place: &Place, out: &mut Vec<u8>) -> Result<()> {
    text(key!(first "file"), place.file, out)?;
    number(key!(inner "document"), place.document.map(u64::from), out)?;
    text(key!(inner "pointer"), &place.pointer, out)?;
    out.extend_from_slice(END.as_bytes());
    Ok(())
}

fn waiver(accepted: &Acceptance, out: &mut Vec<u8>) -> Result<()> {
    text(key!(first "reason"), accepted.reason, out)?;
    text(key!(inner "owner"), accepted.owner, out)?;
    optional(key!(inner "ticket"), accepted.ticket, out)?;
    text(key!(inner "until"), accepted.until, out)?;
    out.extend_from_slice(END.as_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::element;
    use super::*;
    use pretty_assertions::assert_eq;
    use std::borrow::Cow;

    const TEXTS: [&str; 6] =
        ["", "plain text", "a \"quoted\" \\ text", "line\nend\t", "grün 日本 \u{202e}x", "\u{7f}\u{0}"];

    /// A row with every field, or with none that may be left out, whose texts begin with the given one.
    fn row(number: usize, is_full: bool) -> Row<'static> {
        let text = |further: usize| TEXTS[(number + further) % TEXTS.len()];
        let some = |further| is_full.then(|| text(further));
        Row {
            rule: "rpo-breach",
            verdict: "fail",
            severity: "high",
            reason: is_full.then_some("field-absent"),
            count: is_full.then_some(12),
            subject: SubjectRow {
                kind: "backup",
                id: text(0).into(),
                key: some(1).map(Cow::from),
                name: some(2).map(Cow::from),
            },
            resource: (is_full || number.is_multiple_of(2)).then(|| ResourceKey {
                project_id: text(3).into(),
                kind: "OS::Nova::Server",
                id: text(4).into(),
                name: some(5).map(Cow::from),
            }),
            tier: some(1),
            owner: some(2),
            vault_id: some(3).map(Cow::from),
            field: some(4).map(str::to_owned),
            observed: text(5).into(),
            expected: text(1).into(),
            evidence: Place { file: text(2), document: is_full.then_some(7), pointer: text(3).to_owned() },
            waiver: is_full.then(|| Acceptance { reason: text(4), owner: text(5), ticket: some(0), until: text(1) }),
            fingerprint: "00ff".to_owned(),
        }
    }

    #[test]
    fn rows_are_written_as_the_serializer_of_the_document_writes_them() {
        for number in 0..TEXTS.len() {
            for is_full in [false, true] {
                let row = row(number, is_full);
                let mut written = Vec::new();
                write(&row, &mut written).unwrap();
                let mut expected = Vec::new();
                element(&row, 2, &mut expected).unwrap();
                assert_eq!(String::from_utf8(written).unwrap(), String::from_utf8(expected).unwrap());
            }
        }
    }
}
