//! `inventory.csv`: the population, one row per backup object as it stands in the files. Streamed file by file, without
//! the packed tables: what is written is what was read.

mod cells;
mod lister;

use std::io::Write;

use anyhow::Result;
use rayon::prelude::*;

use crate::directory::Directory;
use crate::discover::Source;
use crate::inventory::file::{FAULT, FileState};
use crate::inventory::handled::Held;
use crate::limits::Limits;
use crate::parse::decode;
use crate::parse::document;
use crate::read::buffer::Buffer;
use crate::read::{Loaded, Reading, contained, load_source, members};
use crate::unpack::{Content, Entry, form};
pub use cells::columns;
use lister::Lister;

/// What became of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Population {
    /// How many rows were written.
    pub rows: u64,
    /// Files that were not read in whole, with the reason.
    pub unread: Vec<(String, FileState, String)>,
}

impl Population {
    /// Whether a fault of the program itself showed.
    #[must_use]
    pub fn has_fault(&self) -> bool {
        self.unread.iter().any(|(_, _, reason)| reason == FAULT)
    }
}

/// Writes the population of all sources.
///
/// # Errors
/// Whatever the writer reports.
pub fn write(sources: &[Source], reading: Reading<'_>, out: &mut dyn Write) -> Result<Population> {
    const AT_ONCE: usize = 64;
    let mut header = csv_writer(Vec::new());
    header.write_record(columns())?;
    out.write_all(&header.into_inner()?)?;
    let mut population = Population::default();
    for batch in sources.chunks(AT_ONCE) {
        let listed: Vec<_> =
            batch.par_iter().with_max_len(1).map(|source| list(source, reading)).collect::<Result<_>>()?;
        for (source, listed) in batch.iter().zip(listed) {
            match listed {
                Some(listed) => population.add(&source.path, listed, out)?,
                None => population.add_archive(source, reading, out)?,
            }
        }
    }
    Ok(population)
}

impl Population {
    fn add(&mut self, path: &str, listed: Listed, out: &mut dyn Write) -> Result<()> {
        out.write_all(&listed.csv)?;
        self.rows += listed.rows;
        self.unread.extend(listed.problem.map(|(state, reason)| (path.to_owned(), state, reason)));
        Ok(())
    }

    /// Adds every file in a source, in the order of the archive, so that none of their rows have to be kept.
    fn add_archive(&mut self, source: &Source, reading: Reading<'_>, out: &mut dyn Write) -> Result<()> {
        let mut added = Ok(());
        members(
            source,
            reading,
            |entry| list_entry(entry, &reading.limits),
            |batch| {
                for (path, listed) in batch {
                    if added.is_ok() {
                        added = listed.and_then(|listed| self.add(&path, listed, out));
                    }
                }
            },
        );
        added
    }
}

#[derive(Default)]
struct Listed {
    csv: Vec<u8>,
    rows: u64,
    problem: Option<(FileState, String)>,
}

impl Listed {
    fn rejected(reason: String) -> Self {
        Self { problem: Some((FileState::Rejected, reason)), ..Self::default() }
    }
}

fn csv_writer<W: Write>(out: W) -> csv::Writer<W> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out)
}

/// The rows of a source; none if it may hold many files, which are still to be read.
fn list(source: &Source, reading: Reading<'_>) -> Result<Option<Listed>> {
    contained(|| list_contained(source, reading)).unwrap_or_else(|reason| Ok(Some(Listed::rejected(reason))))
}

fn list_contained(source: &Source, reading: Reading<'_>) -> Result<Option<Listed>> {
    Buffer::with(|buffer| match load_source(source, &Directory::default(), reading, buffer) {
        None | Some(Ok(Loaded::Foreign(_))) => Ok(Some(Listed::default())),
        Some(Err(reason)) => Ok(Some(Listed::rejected(reason))),
        Some(Ok(Loaded::Archive)) => Ok(None),
        Some(Ok(Loaded::Whole(bytes))) => list_bytes(&source.path, bytes, &reading.limits).map(Some),
        Some(Ok(Loaded::Unpacked(packed))) => list_bytes(&source.path, &packed.bytes, &reading.limits).map(Some),
    })
}

fn list_entry(entry: Entry, limits: &Limits) -> (String, Result<Listed>) {
    let listed = match entry.content {
        Content::Document(bytes) => {
            contained(|| list_bytes(&entry.path, &bytes, limits)).unwrap_or_else(|reason| Ok(Listed::rejected(reason)))
        }
        Content::Foreign | Content::Skipped(_) => Ok(Listed::default()),
        // Only whole texts are asked for.
        Content::Taken(_) => Ok(Listed::rejected(FAULT.to_owned())),
        Content::Refused(reason) => Ok(Listed::rejected(reason)),
        Content::Archive(contents) => {
            let Held { state, reason, .. } = Held::new(&contents);
            let problem = state.is_incomplete().then_some((state, reason));
            Ok(Listed { problem, ..Listed::default() })
        }
    };
    (entry.path, listed)
}

fn list_bytes(path: &str, bytes: &[u8], limits: &Limits) -> Result<Listed> {
    match decode::document(bytes) {
        Ok(text) => list_text(path, &text, limits),
        Err(reason) => Ok(Listed::rejected(reason)),
    }
}

fn list_text(path: &str, text: &str, limits: &Limits) -> Result<Listed> {
    let mut lister = Lister::new(path, limits);
    let tally = document::read(text, form::named_as_lines(path), &mut lister);
    lister.finish(&tally)
}
