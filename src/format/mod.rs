//! The formats: one file each behind one table. A format writes down what the report says; it filters, sorts and counts
//! nothing.

pub mod csv;
pub mod escape;
pub mod html;
pub mod json;
pub mod markdown;
pub mod rows;
pub mod template;
pub mod terminal;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::run::Run;

/// A format of the report.
#[derive(Debug)]
pub struct Format {
    /// Its name, and the extension that chooses it.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// How a report is written.
    pub content: Content,
}

/// What a format is made of.
#[derive(Debug)]
pub enum Content {
    /// A page, which holds the first findings of each rule.
    Page(fn(&Run<'_>, &mut dyn Write) -> Result<()>),
    /// Every finding, one by one.
    Rows(rows::Rows),
}

impl Format {
    /// Writes the report of a run.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn write(&'static self, run: &Run<'_>, out: &mut (dyn Write + Send)) -> Result<()> {
        match &self.content {
            Content::Page(write) => write(run, out),
            Content::Rows(rows) => rows::write(run, &mut [(rows, out)]).map_err(|(_, error)| error),
        }
    }
}

/// Every format.
pub const FORMATS: &[&Format] = &[&html::FORMAT, &markdown::FORMAT, &csv::FORMAT, &json::FORMAT];

/// A report to be written.
#[derive(Clone, Debug)]
pub struct Output {
    /// In which format.
    pub format: &'static Format,
    /// Where to.
    pub target: Target,
}

/// Where a report is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Standard output.
    Stdout,
    /// A file.
    File(PathBuf),
}

impl Output {
    /// Reads `FILE`, `FORMAT=FILE` or `FORMAT=-`.
    ///
    /// # Errors
    /// No known format is named or follows from the name.
    pub fn parse(text: &str) -> Result<Self> {
        let by_name = |name: &str| FORMATS.iter().copied().find(|format| format.name == name);
        if let Some((name, file)) = text.split_once('=')
            && let Some(format) = by_name(name)
        {
            return Ok(Self { format, target: target(file) });
        }
        let extension = PathBuf::from(text).extension().map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref().and_then(by_name) {
            Some(format) => Ok(Self { format, target: target(text) }),
            None => bail!(
                "-o {text}: the format is not clear; name the file *.{} or write FORMAT=FILE, for example -o csv={text}",
                FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().join(", *.")
            ),
        }
    }
}

fn target(file: &str) -> Target {
    if file == "-" { Target::Stdout } else { Target::File(PathBuf::from(file)) }
}
