//! `findings.csv`: one row per finding, with the fields of the JSON report in flat columns. Streamed.

use std::io::Write;

use anyhow::Result;

use super::Format;
use super::escape::cell;
use crate::report::row::Row;
use crate::run::Run;

/// The format.
pub const FORMAT: Format = Format { name: "csv", about: "one row per finding, safe to open in a spreadsheet", write };

/// The columns, in order.
pub const COLUMNS: [&str; 19] = [
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
    "observed",
    "expected",
    "evidence_file",
    "evidence_pointer",
    "fingerprint",
];

fn write(run: &Run<'_>, out: &mut dyn Write) -> Result<()> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    csv.write_record(COLUMNS)?;
    for finding in run.findings() {
        let row = Row::new(&run.inventory, finding);
        let count = row.count.map(|count| count.to_string());
        csv.write_record(cells(&row, count.as_deref()).map(|text| cell(text).into_owned()))?;
    }
    csv.flush()?;
    Ok(())
}

fn cells<'r>(row: &'r Row, count: Option<&'r str>) -> [&'r str; 19] {
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
        &row.observed,
        &row.expected,
        &row.evidence.file,
        &row.evidence.pointer,
        &row.fingerprint,
    ]
}
