//! Worked cases of rules, and what makes them run: the document of a case is completed to answers that the service could
//! have given ([`complete`]), written to files, read by the real reader and judged by the rule it belongs to.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files, listings and keys are those of the inventory that they are looked up in"
)]

mod around;
pub mod complete;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};

use crate::accepted::{Accepted, KnownValues};
use crate::clock::AsOf;
use crate::discover::discover;
use crate::expect;
use crate::inventory::Inventory;
use crate::inventory::expected::Expectation;
use crate::inventory::field::FieldId;
use crate::judge;
use crate::parse::time;
use crate::read::{Reading, read};
use crate::report::row::backup_id;
use crate::report::wording;
use crate::rule::{Key, Rule, Subject};
use crate::settings::{Decisions, Params, RuleChoice, Settings};
use crate::sink::Traced;

/// A worked case: a document and what the rule makes of it.
///
/// The records of `json` are completed with ordinary values for every field they do not name; see
/// [`complete`] for which.
#[derive(Debug)]
pub struct Case {
    /// What the case shows.
    pub name: &'static str,
    /// A document, or several by name: `{"a.json": …}` under the key `$files`.
    pub json: &'static str,
    /// The as-of time; empty to infer it from the document, `now` for noon as the wall clock.
    pub as_of: &'static str,
    /// Settings as for `--set`, and the words `region=…`, `allowed-region=…`, `replication-shown`; `known LIST=WORD`
    /// for a value that the configuration knows; `expect …` for a line of the expected resources as CSV, the first one
    /// being the header.
    pub settings: &'static [&'static str],
    /// The verdicts, as `verdict subject [key] severity reason`, passes and not-applicables included, in order.
    pub verdicts: &'static [&'static str],
}

impl Case {
    /// A case at noon with the default settings.
    #[must_use]
    pub const fn new(name: &'static str, json: &'static str, verdicts: &'static [&'static str]) -> Self {
        Self { name, json, as_of: NOON, settings: &[], verdicts }
    }

    /// The case with these settings.
    #[must_use]
    pub const fn set(self, settings: &'static [&'static str]) -> Self {
        Self { settings, ..self }
    }

    /// The case with noon as the wall clock, by `--as-of now`.
    #[must_use]
    pub const fn now(self) -> Self {
        Self { as_of: "now", ..self }
    }

    /// The case with the as-of time inferred from the document.
    #[must_use]
    pub const fn inferred(self) -> Self {
        Self { as_of: "", ..self }
    }
}

/// The as-of time of most cases.
pub const NOON: &str = "2026-03-01T12:00:00Z";

/// The line that stands for all the known keys of a document, of which a case has dozens.
const KNOWN_KEYS: &str = "pass schema";

/// Every verdict of a rule over a case, in the order of subjects and keys: `verdict subject [key] severity reason`, each
/// part where there is one.
///
/// # Errors
/// A case that is not written as it should be.
pub fn verdicts(rule: &Rule, case: &Case) -> Result<Vec<String>> {
    let dump = tempfile::tempdir()?;
    write(dump.path(), &complete::files(case.json)?)?;
    let settings = settings(rule, case, dump.path())?;
    let sources = discover(&settings.paths, &settings.exclude.globs)?;
    let reading = Reading { replication_shown: settings.replication_shown, ..Reading::default() };
    let run = judge(&settings, read(&sources, reading), true);
    let mut trace: Vec<_> = run.evaluation.trace.iter().map(|(_, traced)| *traced).collect();
    trace.sort_unstable();
    let mut lines: Vec<_> = trace.iter().map(|traced| line(&run.inventory, traced)).collect();
    lines.dedup_by(|line, before| line == before && line == KNOWN_KEYS);
    Ok(lines)
}

/// Writes files below a directory, by their paths.
///
/// # Errors
/// A file that cannot be written.
#[allow(clippy::disallowed_methods, reason = "input of a case, not a report")]
pub fn write(root: &Path, files: &[(String, String)]) -> Result<()> {
    for (path, text) in files {
        let path = root.join(path);
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        std::fs::write(path, text)?;
    }
    Ok(())
}

/// What an as-of time of a case means.
fn as_of(text: &str) -> Result<AsOf> {
    let given = |text: &str| time::parse(text).with_context(|| format!("{text:?} is no time"));
    Ok(match text {
        "" => AsOf::FromDump,
        "now" => AsOf::Now(given(NOON)?.time),
        text => AsOf::Given(given(text)?.time),
    })
}

/// The settings of a case: its rule alone, over the dump at `root`.
fn settings(rule: &Rule, case: &Case, root: &Path) -> Result<Settings> {
    let words = || case.settings.iter().copied();
    let given = |name: &'static str| words().filter_map(move |word| word.strip_prefix(name)?.strip_prefix('='));
    let others = ["replication-shown", "region=", "allowed-region=", "known ", EXPECT];
    let is_param = |word: &&str| !others.iter().any(|other| word.starts_with(other));
    let params: Vec<_> = words().filter(is_param).map(str::to_owned).collect();
    Ok(Settings {
        paths: vec![root.to_owned()],
        region: given("region").next().map(str::to_owned),
        replication_shown: words().any(|word| word == "replication-shown"),
        rules: RuleChoice::new(vec![rule.id.to_owned()], Vec::new(), Vec::new())?,
        params: Params::new(&params)?,
        decisions: Decisions {
            accepted: Accepted {
                regions: given("allowed-region").map(str::to_owned).collect(),
                values: known(case),
                ..Accepted::default()
            },
            ..Decisions::default()
        },
        expectation: expectation(case)?.map(Arc::new),
        ..Settings::at(as_of(case.as_of)?)
    })
}

/// The values that the configuration of a case knows.
fn known(case: &Case) -> KnownValues {
    let mut known = KnownValues::default();
    let given = case.settings.iter().filter_map(|word| word.strip_prefix("known ")?.split_once('='));
    given.for_each(|(list, word)| known.add(list, vec![word.to_owned()]));
    known
}

/// What a line of the expected resources begins with among the settings of a case.
const EXPECT: &str = "expect ";

/// The expected resources of a case.
fn expectation(case: &Case) -> Result<Option<Expectation>> {
    let lines: Vec<_> = case.settings.iter().filter_map(|word| word.strip_prefix(EXPECT)).collect();
    let parsed =
        (!lines.is_empty()).then(|| expect::parse("expected.csv", "expected.csv", lines.join("\n").as_bytes(), &[]));
    parsed.transpose()
}

fn line(inventory: &Inventory, traced: &Traced) -> String {
    let key = if traced.subject == Subject::Project(None) { Key::None } else { traced.key };
    let parts = [
        Some(traced.verdict.to_owned()),
        Some(subject(inventory, traced.subject)),
        wording::key(inventory, key).map(|key| format!("[{key}]")),
        traced.severity.map(|severity| severity.word().to_owned()),
        traced.reason.map(str::to_owned),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The short name of a subject: its id, its path, or what it is where it has neither.
#[must_use]
pub fn subject(inventory: &Inventory, subject: Subject) -> String {
    let text = |symbol| inventory.text(symbol).to_owned();
    match subject {
        Subject::Backup(ix) => backup_id(inventory, ix).into_owned(),
        Subject::Resource(ix) => text(inventory.resource(ix).id),
        Subject::Vault(ix) => text(inventory.vault_id(ix)),
        Subject::Checkpoint(ix) => inventory.backup(ix).text(FieldId::CheckpointId).into_owned(),
        Subject::File(ix) => inventory.files[ix.index()].path.clone(),
        Subject::Directory(ix) => inventory.files[ix.index()].directory().to_owned(),
        Subject::Listing(ix) => inventory.listings.rows[ix.index()].project.map_or_else(|| "listing".to_owned(), text),
        Subject::SchemaKey(drift) => wording::schema_path(inventory, drift),
        Subject::Neighbour(ix) => inventory.neighbour(ix).id().to_owned(),
        Subject::Listed(ix) => inventory.listed(ix).id.to_string(),
        Subject::Schema(schema_break) => format!("{schema_break:?}").to_lowercase(),
        Subject::Project(project) => project.map_or_else(|| "schema".to_owned(), text),
    }
}
