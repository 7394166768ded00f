//! `findings.csv`: one row per finding, with the fields of the JSON report in flat columns. Streamed.

use std::io::Write;

use anyhow::Result;

use super::escape::{begins_harmless, cell, is_plain_without};
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
    let mut header = Vec::new();
    guarded(&COLUMNS, &mut header)?;
    Ok(out.write_all(&header)?)
}

fn render(rows: &[Row]) -> Result<Vec<u8>> {
    let mut text = Vec::with_capacity(ROW * rows.len());
    for row in rows {
        let count = row.count.map(|count| count.to_string());
        let document = row.evidence.document.map(|document| document.to_string());
        let cells = cells(row, count.as_deref(), document.as_deref());
        if !as_they_are(&cells, &mut text) {
            guarded(&cells, &mut text)?;
        }
    }
    Ok(text)
}

/// About how many bytes a row has.
const ROW: usize = 512;

/// Writes a row of cells that need neither a guard nor quotes, as in nearly all rows none does. Returns whether it is one;
/// if not, nothing is written.
fn as_they_are(cells: &[&str], out: &mut Vec<u8>) -> bool {
    let start = out.len();
    if !cells.iter().all(|cell| begins_harmless(cell)) {
        return false;
    }
    for cell in cells {
        out.extend_from_slice(cell.as_bytes());
        out.push(b',');
    }
    // All cells are looked at in one go: there is no comma in them if there are no more than stand behind them.
    let row = out.get(start..).unwrap_or_default();
    let is_row = is_plain_without(row, [b';', b'"']) && memchr::memchr_iter(b',', row).count() == cells.len();
    out.truncate(if is_row { out.len() - 1 } else { start });
    out.extend_from_slice(if is_row { b"\r\n" } else { b"" });
    is_row
}

/// Writes a row of any cells.
fn guarded(cells: &[&str], out: &mut Vec<u8>) -> Result<()> {
    let mut writer = csv::WriterBuilder::new();
    let mut row = writer.terminator(csv::Terminator::CRLF).buffer_capacity(ROW).from_writer(out);
    cells.iter().try_for_each(|text| row.write_field(cell(text).as_bytes()))?;
    row.write_record(None::<&[u8]>)?;
    Ok(row.flush()?)
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
        row.evidence.file,
        document.unwrap_or_default(),
        &row.evidence.pointer,
        &row.fingerprint,
        row.tier.unwrap_or_default(),
        row.owner.unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests {
    use super::{as_they_are, guarded};
    use pretty_assertions::assert_eq;

    #[test]
    fn what_is_written_as_it_is_is_what_the_writer_of_any_cells_writes() {
        let mut as_it_is = 0;
        let cells =
            ["", "a", "/a/0", "9", "a b", "a,b", "a\"b", "a;b", "=a", "-1", " a", "a\n", "gr\u{fc}n", "a\u{202e}", "~"];
        for (one, other) in cells.iter().flat_map(|one| cells.iter().map(move |other| (*one, *other))) {
            for row in [&[one, other][..], &[one, "x", other], &["x", one, "", other, "x"]] {
                let (mut plain, mut any) = (b"before\r\n".to_vec(), b"before\r\n".to_vec());
                guarded(row, &mut any).unwrap();
                if as_they_are(row, &mut plain) {
                    as_it_is += 1;
                    assert_eq!(String::from_utf8(plain), String::from_utf8(any), "{row:?}");
                } else {
                    assert_eq!(plain, b"before\r\n", "{row:?}");
                }
            }
        }
        assert_eq!(as_it_is, 3 * 25);
    }
}
