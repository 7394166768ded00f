//! `findings.csv`: one row per finding, with the fields of the JSON report in flat columns. Streamed.

use std::io::Write;

use anyhow::Result;

use super::escape::cell;
use super::rows::Rows;
use super::{Content, Format};
use crate::report::row::Row;
use crate::run::Run;

/// The format.
pub const FORMAT: Format = Format {
    name: "csv",
    about: "one row per finding, safe to open in a spreadsheet",
    content: Content::Rows(Rows { head, render, between: "", tail: |_, _, _| Ok(()) }),
};

/// The columns, in order.
pub const COLUMNS: [&str; 23] = [
    "rule",
    "verdict",
    "severity",
    "reason",
    "count",
    "subject_kind",
    "subject_id",
    "subject_key",
    "subject_name",
    "project_id",
    "resource_type",
    "resource_id",
    "resource_name",
    "vault_id",
    "field",
    "observed",
    "expected",
    "evidence_file",
    "evidence_document",
    "evidence_pointer",
    "fingerprint",
    "tier",
    "owner",
];

fn head(_: &Run<'_>, out: &mut dyn Write) -> Result<()> {
    let mut header = writer(ROW);
    header.write_record(COLUMNS)?;
    Ok(out.write_all(&header.into_inner()?)?)
}

fn render(rows: &[Row]) -> Result<Vec<u8>> {
    let mut csv = writer(ROW * rows.len());
    let mut record = csv::ByteRecord::with_capacity(ROW, COLUMNS.len());
    for row in rows {
        let count = row.count.map(|count| count.to_string());
        let document = row.evidence.document.map(|document| document.to_string());
        let cells = cells(row, count.as_deref(), document.as_deref());
        record.clear();
        cells.iter().for_each(|text| record.push_field(cell(text).as_bytes()));
        csv.write_byte_record(&record)?;
    }
    Ok(csv.into_inner()?)
}

/// About how many bytes a row has.
const ROW: usize = 512;

fn writer(expected: usize) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::with_capacity(expected))
}

fn cells<'r>(row: &'r Row, count: Option<&'r str>, document: Option<&'r str>) -> [&'r str; 23] {
    let resource = row.resource.as_ref();
    [
        row.rule,
        row.verdict,
        row.severity,
        row.reason.unwrap_or_default(),
        count.unwrap_or_default(),
        row.subject.kind,
        &row.subject.id,
        row.subject.key.as_deref().unwrap_or_default(),
        row.subject.name.as_deref().unwrap_or_default(),
        resource.map_or("", |resource| &resource.project_id),
        resource.map_or("", |resource| resource.kind),
        resource.map_or("", |resource| &resource.id),
        resource.and_then(|resource| resource.name.as_deref()).unwrap_or_default(),
        row.vault_id.as_deref().unwrap_or_default(),
        row.field.as_deref().unwrap_or_default(),
        &row.observed,
        &row.expected,
        &row.evidence.file,
        document.unwrap_or_default(),
        &row.evidence.pointer,
        &row.fingerprint,
        row.tier.as_deref().unwrap_or_default(),
        row.owner.as_deref().unwrap_or_default(),
    ]
}
