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

/// What some findings came to in every format, or why it came to nothing.
type Rendered = Vec<Result<Vec<u8>>>;

/// Writes reports of a run, all of them together: pieces are rendered in parallel, a bounded number at a time, while those
/// before are written.
///
/// # Errors
/// The number of the report that cannot be written, and why.
pub fn write(run: &Run<'_>, reports: &mut [Open<'_>]) -> Result<(), (usize, Error)> {
    for (number, (rows, out)) in reports.iter_mut().enumerate() {
        (rows.head)(run, *out).map_err(|error| (number, error))?;
    }
    let formats: Vec<_> = reports.iter().map(|(rows, _)| *rows).collect();
    let shown = run.shown();
    let at_once = 8 * rayon::current_num_threads();
    let mut pieces = run.evaluation.findings.pieces(PIECE).peekable();
    let (mut rendered, mut is_empty) = (Vec::new(), true);
    while pieces.peek().is_some() || !rendered.is_empty() {
        let next: Vec<_> = pieces.by_ref().take(at_once).collect();
        let later = next.into_par_iter().with_max_len(1).map(|piece| -> Rendered {
            let findings = piece.iter().filter(|finding| shown(finding));
            let rows: Vec<_> = findings.map(|finding| Row::new(run, &finding)).collect();
            formats.iter().map(|format| (format.render)(&rows)).collect()
        });
        let write = || rendered.into_iter().try_for_each(|piece| put(piece, reports, &mut is_empty));
        let (written, later) = rayon::join(write, || later.collect());
        written?;
        rendered = later;
    }
    for (number, (rows, out)) in reports.iter_mut().enumerate() {
        (rows.tail)(run, is_empty, *out).map_err(|error| (number, error))?;
    }
    Ok(())
}

/// Writes a piece to every report, given whether it is the first of which anything is shown.
fn put(piece: Rendered, reports: &mut [Open<'_>], is_empty: &mut bool) -> Result<(), (usize, Error)> {
    let was_empty = *is_empty;
    for (number, (text, (rows, out))) in piece.into_iter().zip(reports).enumerate() {
        let text = text.map_err(|error| (number, error))?;
        *is_empty &= text.is_empty();
        let first = text.strip_prefix(rows.between.as_bytes()).filter(|_| was_empty);
        out.write_all(first.unwrap_or(&text)).map_err(|error| (number, error.into()))?;
    }
    Ok(())
}
