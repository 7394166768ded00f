//! Formats that hold every finding: the rows are made once for all of them, in pieces, and written as they come.

use std::io::Write;

use anyhow::{Error, Result};
use rayon::prelude::*;

use crate::report::row::Row;
use crate::run::Run;

/// A format that holds every finding.
#[derive(Debug)]
pub struct Rows {
    /// Writes what stands before the findings.
    pub head: fn(&Run<'_>, &mut dyn Write) -> Result<()>,
    /// Renders some findings that follow each other, each behind [`Rows::between`].
    pub render: fn(&[Row]) -> Result<Vec<u8>>,
    /// What stands before every finding but the first.
    pub between: &'static str,
    /// Writes what stands behind the findings, given whether there is none.
    pub tail: fn(&Run<'_>, bool, &mut dyn Write) -> Result<()>,
}

/// A report that is being written.
pub type Open<'o> = (&'static Rows, &'o mut (dyn Write + Send));

/// How many rows are made at once by one thread.
const PIECE: usize = 256;

/// Writes reports of a run, all of them together: pieces are rendered in parallel, a bounded number at a time.
///
/// # Errors
/// The number of the report that cannot be written, and why.
pub fn write(run: &Run<'_>, reports: &mut [Open<'_>]) -> Result<(), (usize, Error)> {
    for (number, (rows, out)) in reports.iter_mut().enumerate() {
        (rows.head)(run, *out).map_err(|error| (number, error))?;
    }
    let formats: Vec<_> = reports.iter().map(|(rows, _)| *rows).collect();
    let shown = run.shown();
    let mut is_empty = true;
    let mut pieces = run.evaluation.findings.pieces(PIECE).peekable();
    while pieces.peek().is_some() {
        let some: Vec<_> = pieces.by_ref().take(8 * rayon::current_num_threads()).collect();
        let rendered = some.into_par_iter().map(|piece| {
            let findings = piece.iter().filter(|finding| shown(finding));
            let rows: Vec<_> = findings.map(|finding| Row::new(run, &finding)).collect();
            formats.iter().map(|format| (format.render)(&rows)).collect::<Vec<_>>()
        });
        for piece in rendered.collect::<Vec<_>>() {
            let was_empty = is_empty;
            for (number, (text, (rows, out))) in piece.into_iter().zip(reports.iter_mut()).enumerate() {
                let text = text.map_err(|error| (number, error))?;
                is_empty &= text.is_empty();
                let first = text.strip_prefix(rows.between.as_bytes()).filter(|_| was_empty);
                out.write_all(first.unwrap_or(&text)).map_err(|error| (number, error.into()))?;
            }
        }
    }
    for (number, (rows, out)) in reports.iter_mut().enumerate() {
        (rows.tail)(run, is_empty, *out).map_err(|error| (number, error))?;
    }
    Ok(())
}
