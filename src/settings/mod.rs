//! What a run is to do, resolved and checked: after this step nothing is optional that means "default", and nothing
//! knows the command line.

mod choice;
mod decisions;
mod params;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, bail};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use jiff::{SignedDuration, Timestamp};

use crate::clock::AsOf;
use crate::control::Framework;
use crate::finding::Severity;
use crate::format::Output;
use crate::inventory::expected::Expectation;
use crate::limits::Limits;
pub use choice::{Off, RuleChoice, nearest, require_frameworks, require_rule};
pub use decisions::Decisions;
pub use params::{InForce, Origin, Params, SetParam};

/// What a configuration is called beside the other files that decide on a run.
pub const CONFIGURATION: &str = "the configuration";

/// Everything a report run needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The files and directories to read.
    pub paths: Vec<PathBuf>,
    /// Where to write which format.
    pub outputs: Vec<Output>,
    /// The evaluation time that was asked for.
    pub as_of: AsOf,
    /// The home region, if given.
    pub region: Option<String>,
    /// The user's word that all lists were made with `show_replication=true`.
    pub replication_shown: bool,
    /// Findings from this severity on set bit 1 of the exit status; `None` switches it off.
    pub fail_on: Option<Severity>,
    /// The clock may lag the wall clock by this much before bit 4 is set; with the wall clock, read once.
    pub max_age: Option<(SignedDuration, Timestamp)>,
    /// The rules that run.
    pub rules: RuleChoice,
    /// The parameters that were set.
    pub params: Params,
    /// Names or ids of resources that are shown; all if empty.
    pub resources: Vec<String>,
    /// The frameworks by whose controls the findings are arranged too.
    pub frameworks: Vec<&'static Framework>,
    /// Files that are left out.
    pub exclude: Exclude,
    /// Whether the SHA-256 of every file is taken.
    pub sha256: bool,
    /// How much is read before something is refused.
    pub limits: Limits,
    /// What the configuration decides about findings.
    pub decisions: Decisions,
    /// The resources that are expected to be backed up.
    pub expectation: Option<Arc<Expectation>>,
}

impl Settings {
    /// The files that decide on the run, and what each of them is: no report may take their place.
    pub fn deciding_files(&self) -> impl Iterator<Item = (PathBuf, &'static str)> {
        let configuration = self.decisions.path.iter().map(|path| (path.clone(), CONFIGURATION));
        let expected =
            self.expectation.iter().map(|given| (PathBuf::from(&given.path), "the file of expected resources"));
        let lists = self.decisions.tiers.iter().flat_map(|tier| [&tier.resource_list, &tier.vault_list]);
        let lists = lists.filter(|list| !list.names.is_empty());
        let lists = lists.map(|list| (list.place.clone(), "a list that the configuration refers to"));
        configuration.chain(expected).chain(lists)
    }

    /// Every default, at this evaluation time: no input, no output, all rules.
    #[must_use]
    pub fn at(as_of: AsOf) -> Self {
        Self {
            paths: Vec::new(),
            outputs: Vec::new(),
            as_of,
            region: None,
            replication_shown: false,
            fail_on: None,
            max_age: None,
            rules: RuleChoice::default(),
            params: Params::default(),
            resources: Vec::new(),
            frameworks: Vec::new(),
            exclude: Exclude::default(),
            sha256: false,
            limits: Limits::default(),
            decisions: Decisions::default(),
            expectation: None,
        }
    }
}

/// Patterns of files that are left out.
#[derive(Clone, Debug, Default)]
pub struct Exclude {
    /// The patterns as typed.
    pub patterns: Vec<String>,
    /// The patterns as they match.
    pub globs: GlobSet,
}

impl Exclude {
    /// Compiles the patterns. `*` does not match `/`; a pattern without `/` matches file names anywhere.
    ///
    /// # Errors
    /// A pattern that is no glob.
    pub fn new(patterns: Vec<String>) -> Result<Self> {
        let mut builder = GlobSetBuilder::new();
        for pattern in &patterns {
            let anywhere = if pattern.contains('/') { pattern.clone() } else { format!("**/{pattern}") };
            match GlobBuilder::new(anywhere.trim_start_matches('/')).literal_separator(true).build() {
                Ok(glob) => builder.add(glob),
                Err(error) => bail!("--exclude {pattern}: {}", error.kind()),
            };
        }
        Ok(Self { patterns, globs: builder.build()? })
    }
}
