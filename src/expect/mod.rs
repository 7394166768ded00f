//! The file of expected resources: CSV or JSON to checked rows. Nothing in it is passed over: what is not understood is an
//! error with its place.

mod csv;
mod json;
mod row;

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use sha2::{Digest, Sha256};

use crate::discover::{found, plain_io};
use crate::inventory::expected::Expectation;
use crate::parse::decode;
use crate::read::hex;

/// The columns of CSV, and the keys of JSON.
pub const COLUMNS: [&str; 7] = ["project", "type", "id", "name", "tier", "owner", "retired"];

/// How many faults are named before the rest is only counted.
const NAMED: usize = 20;

/// A place in the text: line and column, both counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    line: u32,
    column: u32,
}

/// A value with its place.
#[derive(Clone, Debug)]
struct Cell {
    text: String,
    place: Place,
}

/// A row as it stands in the file: of each column what is stated.
#[derive(Clone, Debug)]
struct Raw {
    /// Its line, or its position in the list.
    number: u32,
    place: Place,
    cells: [Option<Cell>; COLUMNS.len()],
}

/// What is wrong, in the order of the file.
#[derive(Debug, Default)]
struct Faults(Vec<(Place, String)>);

impl Faults {
    fn add(&mut self, place: Place, what: impl Into<String>) {
        self.0.push((place, what.into()));
    }

    /// All faults as one error, the first ones by name.
    fn refuse(mut self, path: &str) -> Result<()> {
        self.0.sort_by_key(|(place, _)| (place.line, place.column));
        let named = self.0.iter().take(NAMED);
        let mut lines: Vec<_> =
            named.map(|(place, what)| format!("{path}:{}:{}: {what}", place.line, place.column)).collect();
        match self.0.len() {
            0 => return Ok(()),
            all if all > NAMED => lines.push(format!("{path}: {} more faults are not named here", all - NAMED)),
            _ => {}
        }
        Err(anyhow!("{}", lines.join("\n")))
    }
}

/// A file that a configuration names has at most so many bytes.
const LARGEST: u64 = 256 << 20;

/// The file cannot be read at all: then it is the place that names it which has to be mended.
#[derive(Debug)]
pub struct Unreadable(String);

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: check the path, and that you may read it", self.0)
    }
}

impl std::error::Error for Unreadable {}

/// Reads the file of expected resources, which was `typed` or which a configuration names. Their tiers are among those of
/// these names.
///
/// # Errors
/// A file that cannot be read, and every row that is not understood, with line, column and what to write instead.
pub fn read(path: &Path, typed: bool, tiers: &[&str]) -> Result<Expectation> {
    let bytes = if typed { std::fs::read(path) } else { found(path, LARGEST) };
    let bytes = bytes.map_err(|error| {
        Unreadable(format!("cannot read the expected resources {}: {}", path.display(), plain_io(&error)))
    })?;
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into());
    parse(&path.display().to_string(), &name, &bytes, tiers)
}

/// Reads expected resources. Errors name `path`, reports name `name`.
///
/// # Errors
/// Whatever is not understood.
pub fn parse(path: &str, name: &str, bytes: &[u8], tiers: &[&str]) -> Result<Expectation> {
    let text = decode::document(bytes).map_err(|why| anyhow!("{path}: {why}"))?;
    let is_json = text.trim_start().starts_with(['[', '{']);
    let mut faults = Faults::default();
    let raw = if is_json { json::rows(&text, &mut faults) } else { csv::rows(&text, &mut faults) };
    let rows = row::checked(&raw, tiers, &mut faults);
    faults.refuse(path)?;
    if rows.is_empty() {
        bail!("{path}: no resource is named here; name one at least, or leave the file away");
    }
    let sha256 = hex(&Sha256::digest(bytes));
    Ok(Expectation { path: path.to_owned(), file: name.to_owned(), sha256, is_json, rows })
}

/// What to say of a column or key that is not known.
fn unknown(name: &str, what: &str) -> String {
    let like = crate::settings::nearest(name, COLUMNS.into_iter());
    format!("unknown {what} {name:?}{like}; there are {}", COLUMNS.join(", "))
}
