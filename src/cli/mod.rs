//! The command line as typed, and its way into settings. The wall clock is read here and nowhere else.

mod example;
mod meaning;
mod value;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use example::{CONFIG_EXAMPLES, EXIT_STATUS, EXPLAIN_EXAMPLES, INVENTORY_EXAMPLES, REPORT_EXAMPLES, RULES_EXAMPLES};
pub use meaning::configured;

/// More than a machine has processors: a slip of the finger must not start as many threads.
const MOST_THREADS: i64 = 4096;

/// Offline auditor of saved Cloud Backup and Recovery (CBR) v3 API answers.
///
/// Reads directories of saved answers, judges every backup against a catalogue of rules and writes reports. It opens no
/// network connection and changes nothing.
#[derive(Debug, Parser)]
#[command(name = "cbr-audit", version, max_term_width = 100, after_help = EXIT_STATUS)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge a dump and write reports.
    #[command(after_help = REPORT_EXAMPLES)]
    Report(Box<ReportArgs>),
    /// List the population: one CSV row per backup object as it stands in the files.
    #[command(after_help = INVENTORY_EXAMPLES)]
    Inventory(Box<InventoryArgs>),
    /// Tell why a verdict came out, step by step; or what a rule or a control is.
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Box<ExplainArgs>),
    /// Show the catalogue of rules.
    #[command(after_help = RULES_EXAMPLES)]
    Rules {
        /// What to show.
        #[command(subcommand)]
        what: Option<RulesCommand>,
    },
    /// Check, show or begin a configuration.
    #[command(after_help = CONFIG_EXAMPLES)]
    Config {
        /// What to do.
        #[command(subcommand)]
        what: ConfigCommand,
    },
    /// Print a completion script for a shell.
    #[command(
        after_help = "Example:\n  cbr-audit completions bash > ~/.local/share/bash-completion/completions/cbr-audit"
    )]
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// What `config` can do.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Write cbr-audit.toml to start from; one that is there is left alone.
    Init,
    /// Read a configuration and say whether everything in it is understood.
    Check(ConfigFile),
    /// Print what is in force, in the form of a configuration.
    Show(ConfigFile),
    /// Print what a configuration may say as a JSON Schema, for editors and checks.
    Schema,
}

/// Which configuration is meant.
#[derive(Debug, Args)]
pub struct ConfigFile {
    /// The file; cbr-audit.toml in the working directory if not given.
    file: Option<PathBuf>,

    /// The same, as `report` takes it.
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    config: Option<PathBuf>,
}

impl ConfigFile {
    /// The file that is named.
    #[must_use]
    pub fn named(self) -> Option<PathBuf> {
        self.file.or(self.config)
    }
}

/// What `rules` can show.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Every rule, a line each.
    List,
    /// Every rule in full, as a Markdown document.
    Document,
    /// One rule in full.
    Show {
        /// The rule's id.
        id: String,
    },
}

/// The arguments of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Files or directories to read, directories with all below; archives (.tar, .zip) are directories, and compressed
    /// files (.gz, .zst) are unpacked; - for standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Write a report: *.html, *.md, *.csv or *.json, or FORMAT=FILE; FORMAT=- for standard output. Repeatable.
    #[arg(short, long = "output", value_name = "FILE")]
    outputs: Vec<String>,

    /// What changes verdicts.
    #[command(flatten)]
    judging: JudgingArgs,

    /// Set exit status 4 if the as-of time lags the wall clock by more, for example 26h; changes no verdict.
    #[arg(long, value_name = "DURATION")]
    max_age: Option<String>,

    /// Findings from this severity on set exit status 1; high if neither this nor the configuration says otherwise.
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,

    /// Run only this rule. Repeatable.
    #[arg(long, value_name = "RULE")]
    only: Vec<String>,

    /// Do not run this rule. Repeatable.
    #[arg(long, value_name = "RULE")]
    skip: Vec<String>,

    /// Show only this resource, by name or id, with its restore points; judges the whole dump all the same. Repeatable.
    #[arg(long, value_name = "NAME|ID")]
    resource: Vec<String>,

    /// Arrange the findings by the controls of a framework too, as evidence for or against each: iso27001-2022,
    /// nist-800-53r5, cis-8.1, soc2, pci-4.0.1, c5-2020, dora, nis2 or 3-2-1-1-0. Repeatable.
    #[arg(long, value_name = "ID")]
    framework: Vec<String>,

    /// Take the SHA-256 of every file into the JSON report.
    #[arg(long)]
    sha256: bool,

    /// No summary.
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,

    /// Name every file that was not read in whole, on standard error.
    #[arg(short, long)]
    verbose: bool,
}

/// The arguments that change verdicts, or how long they take.
#[derive(Debug, Args)]
pub struct JudgingArgs {
    /// The time at which to judge: an RFC 3339 time, or now. Without it, capture.json in the dump, else inferred from
    /// the dump.
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,

    /// Read this configuration instead of cbr-audit.toml in the working directory.
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<PathBuf>,

    /// Read no configuration.
    #[arg(long)]
    no_config: bool,

    /// Set a parameter of every rule that has it, or of one: rpo-hours=48, rpo-breach.rpo-hours=48; wins over the
    /// configuration, tiers included. Repeatable.
    #[arg(long, value_name = "PARAM=VALUE")]
    set: Vec<String>,

    /// Leave files out whose path below PATH matches; a pattern without / matches names anywhere. Repeatable.
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,

    /// The region that the backups are in, where records do not say.
    #[arg(long, value_name = "NAME")]
    region: Option<String>,

    /// The resources that are expected to be backed up, as CSV or JSON: finds those that were never backed up, those that
    /// nobody expects, and those that are retired.
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,

    /// A region where copies may be, for tiers too; without it, those of the configuration, else any. Repeatable.
    #[arg(long, value_name = "REGION", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    allowed_region: Vec<String>,

    /// Assert that all lists were made with show_replication=true, so that empty replication records mean none.
    #[arg(long)]
    replication_shown: bool,

    /// How many threads to use; as many as there are processors if not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(..=MOST_THREADS))]
    pub threads: Option<u16>,

    /// How much is read before something is refused.
    #[command(flatten)]
    limits: LimitArgs,
}

/// The arguments that limit what is read. What exceeds one is refused by itself, and the answer is incomplete.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Refuse a file, or member of an archive, that is larger when unpacked. [default: 8GiB]
    #[arg(long, value_name = "SIZE")]
    max_file_size: Option<String>,

    /// Refuse a compressed file or archive that unpacks to more in all. [default: 256GiB]
    #[arg(long, value_name = "SIZE")]
    max_unpacked: Option<String>,

    /// Refuse what unpacks to more than so many times its size, once that is more than 64 MiB; a backup
    /// object counts as 1 KiB at least, a value around them as 64 bytes. [default: 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_ratio: Option<u64>,

    /// Read no more members of one archive. [default: 1000000]
    #[arg(long, value_name = "N")]
    max_members: Option<u64>,

    /// Unpack no more archives or compressed files inside each other; a compressed tar counts once. [default: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=16))]
    max_nesting: Option<u64>,

    /// Refuse a file that holds more backup objects. [default: 100000000]
    #[arg(long, value_name = "N")]
    max_records: Option<u64>,

    /// Refuse a document with a text in it that is longer as written. [default: 64MiB]
    #[arg(long, value_name = "SIZE")]
    max_string: Option<String>,

    /// Refuse a document with more objects and arrays inside each other, 127 at most. [default: 127]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=127))]
    max_depth: Option<u64>,
}

/// The arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The id of a rule, of a control such as iso27001-2022:A.8.13, or of a framework.
    #[arg(value_name = "RULE|CONTROL")]
    topic: String,

    /// What a verdict is about, as subject.id of a report names it: the id of a backup, resource, vault or project, or the
    /// path of a file; also the name of a resource.
    pub subject: Option<String>,

    /// Files or directories to read, directories with all below; archives (.tar, .zip) are directories, and compressed
    /// files (.gz, .zst) are unpacked; - for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Show every restore point, disk and verdict, not only the first twenty.
    #[arg(long)]
    pub all: bool,

    /// What changes verdicts.
    #[command(flatten)]
    pub judging: JudgingArgs,
}

/// From which severity on findings set the exit status.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FailOn {
    /// Never.
    None,
    /// From info on.
    Info,
    /// From low on.
    Low,
    /// From medium on.
    Medium,
    /// From high on.
    High,
    /// Critical only.
    Critical,
}

/// The arguments of `inventory`.
#[derive(Debug, Args)]
pub struct InventoryArgs {
    /// Files or directories to read, directories with all below; archives (.tar, .zip) are directories, and compressed
    /// files (.gz, .zst) are unpacked; - for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Write to this file instead of standard output.
    #[arg(short, long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Leave files out whose path below PATH matches. Repeatable.
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,

    /// How many threads to use.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(..=MOST_THREADS))]
    pub threads: Option<u16>,

    /// Take the limits from this configuration instead of cbr-audit.toml in the working directory.
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<PathBuf>,

    /// Read no configuration.
    #[arg(long)]
    no_config: bool,

    /// How much is read before something is refused.
    #[command(flatten)]
    limits: LimitArgs,
}

/// How talkative a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Talk {
    /// Nothing but errors.
    Quiet,
    /// The summary.
    Summary,
    /// The summary, and every file that was not read in whole.
    Verbose,
}
