//! `cbr-audit.toml`: what an organisation decides once, read and checked. Whatever is not understood is an error that
//! names the line.

mod document;
mod keys;
mod list;
mod read;
mod schema;
mod text;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};

use crate::accepted::Accepted;
use crate::discover::{found, plain_io};
use crate::finding::Severity;
use crate::limits::Limits;
use crate::settings::Off;
use crate::settings::SetParam;
use crate::tier::Tier;
use crate::waiver::Waiver;
pub use schema::schema;
pub use text::{EXAMPLE, checked, in_force};

/// The name under which a configuration is looked for in the working directory.
pub const FILE_NAME: &str = "cbr-audit.toml";

/// A configuration that nobody named has at most so many bytes.
const LARGEST: u64 = 16 << 20;

/// What a configuration file says.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The name of the file; `None` if there is none.
    pub file: Option<String>,
    /// Where that file is.
    pub path: Option<PathBuf>,
    /// The home region.
    pub region: Option<String>,
    /// The user's word that all lists were made with `show_replication=true`.
    pub replication_shown: bool,
    /// Findings from this severity on set bit 1 of the exit status; the inner `None` switches it off.
    pub fail_on: Option<Option<Severity>>,
    /// Parameters of rules.
    pub params: Vec<SetParam>,
    /// Rules that do not run, each with the reason.
    pub off: Vec<Off>,
    /// Severities that replace those of rules.
    pub severities: Vec<(&'static str, Severity)>,
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
    /// How many findings one waiver may accept before it is called broad.
    pub waiver_limit: Option<u64>,
    /// Sets of resources with demands of their own.
    pub tiers: Vec<Tier>,
    /// Regions and values that are accepted.
    pub accepted: Accepted,
    /// The file of the resources that are expected to be backed up.
    pub expect: Option<PathBuf>,
    /// Where the configuration names that file.
    pub expect_place: Option<String>,
    /// How much is read before something is refused.
    pub limits: Limits,
}

impl Config {
    /// Reads the file that is given, or the one in the working directory if there is one.
    ///
    /// # Errors
    /// A given file that cannot be read, and whatever in a file is not understood, with file, line and column.
    pub fn find(given: Option<&Path>) -> Result<Self> {
        let path = given.unwrap_or(Path::new(FILE_NAME));
        if given.is_none() && path.symlink_metadata().is_err() {
            return Ok(Self::default());
        }
        // One that nobody named may have come with a dump.
        let bytes = given.map_or_else(|| found(path, LARGEST), std::fs::read).map_err(|error| {
            let remedy = match error.kind() {
                ErrorKind::NotFound => "; `cbr-audit config init` writes one to start from",
                ErrorKind::IsADirectory => "; name the file in it",
                ErrorKind::InvalidInput => "; name the one that is meant with --config, or give --no-config",
                _ => "; check that you may read it",
            };
            anyhow!("cannot read the configuration {}: {}{remedy}", path.display(), plain_io(&error))
        })?;
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into());
        match std::str::from_utf8(&bytes) {
            Ok(text) => Self::parse(&path.display().to_string(), &name, text),
            Err(error) => bail!("{}: byte {} is no UTF-8 text; save it as UTF-8", path.display(), error.valid_up_to()),
        }
    }

    /// Reads a configuration. Errors name `path`, reports name `name`.
    ///
    /// # Errors
    /// Whatever is not understood, with line and column.
    pub fn parse(path: &str, name: &str, text: &str) -> Result<Self> {
        let config = document::Document::new(path, text).config()?;
        Ok(Self { file: Some(name.to_owned()), path: Some(PathBuf::from(path)), ..config })
    }
}
