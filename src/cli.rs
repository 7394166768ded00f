//! The command line as typed, and its way into settings. The wall clock is read here and nowhere else.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jiff::{SignedDuration, Timestamp};

use crate::clock::AsOf;
use crate::config::Config;
use crate::expect;
use crate::explain::Topic;
use crate::finding::Severity;
use crate::format::{Output, Target};
use crate::parse::time;
use crate::settings::{Decisions, Exclude, Params, RuleChoice, Settings, require_frameworks};

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

const EXIT_STATUS: &str = "\
Exit status:
  0    everything was read, and nothing failed at or above --fail-on
  1    findings at or above --fail-on (default: high)
  2    the run failed: wrong usage, or an output that cannot be written; no report is left behind
  3    no backup record was found in the input
  4    the report is written, but the answer is incomplete; the last line of the summary says why
  5    both 1 and 4
  130  interrupted
Treat every other status as a failure.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge a dump and write reports.
    #[command(after_help = REPORT_EXAMPLES)]
    Report(Box<ReportArgs>),
    /// List the population: one CSV row per backup object as it stands in the files.
    #[command(after_help = INVENTORY_EXAMPLES)]
    Inventory(InventoryArgs),
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

const REPORT_EXAMPLES: &str = "\
Examples:
  cbr-audit report dump/                            the summary on the terminal
  cbr-audit report dump/ -o report.html -o findings.csv
  cbr-audit report dump/ -o md=- --as-of 2026-11-01T06:00:00Z
  cbr-audit report dump/ --set rpo-hours=168 --set rpo-breach.rpo-hours=48 --fail-on medium
  cbr-audit report dump/ --config policy.toml -o report.html
  cbr-audit report dump/ --expect servers.csv       what is never backed up, unexpected or retired?
  cbr-audit report dump/ --resource web-01 --as-of 2026-11-01T03:00:00Z
                                                    what could be restored of web-01 at 3 a.m.?
  cbr-audit report dump/ -o report.html --framework nist-800-53r5 --framework 3-2-1-1-0
  curl … | cbr-audit report -                       an answer from standard input";

const INVENTORY_EXAMPLES: &str = "\
Absent fields are empty, null is the word null, arrays and objects are JSON in one line. Text that a spreadsheet would
run as a formula gets a leading apostrophe.

Examples:
  cbr-audit inventory dump/ -o inventory.csv
  cbr-audit inventory dump/ | wc -l";

const EXPLAIN_EXAMPLES: &str = "\
Give the options of the report whose verdict is to be explained: its as-of time, parameters and configuration.

Examples:
  cbr-audit explain rpo-breach                         what the rule judges, and how
  cbr-audit explain iso27001-2022:A.8.13               what the control asks, and its rules
  cbr-audit explain rpo-breach web-01 dump/            why this verdict on the resource web-01
  cbr-audit explain child-orphaned 0d2f… dump/ --all   on a backup by its id, nothing left out
  cbr-audit explain iso27001-2022:A.8.13 web-01 dump/  what the rules of the control say of it";

const RULES_EXAMPLES: &str = "\
Examples:
  cbr-audit rules list
  cbr-audit rules show rpo-breach";

const CONFIG_EXAMPLES: &str = "\
A configuration says once what the command line would say every time: parameters, severities, rules that are off, and
waivers. `report` reads cbr-audit.toml in the working directory, or what --config names; the command line wins.

Examples:
  cbr-audit config init                     write a cbr-audit.toml to start from
  cbr-audit config check                    is everything in it understood?
  cbr-audit config show                     what is in force, defaults included";

/// What `config` can do.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Write cbr-audit.toml to start from; one that is there is left alone.
    Init,
    /// Read a configuration and say whether everything in it is understood.
    Check {
        /// The file.
        #[arg(default_value = "cbr-audit.toml")]
        file: PathBuf,
    },
    /// Print what is in force, in the form of a configuration.
    Show {
        /// Read this configuration instead of cbr-audit.toml in the working directory.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
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
    /// Files or directories to read, directories with all below; - for standard input.
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

    /// The resources that are expected to be backed up, as CSV or JSON: finds those that were never backed up, those that
    /// nobody expects, and those that are retired.
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,

    /// Set a parameter of every rule that has it, or of one: rpo-hours=48, rpo-breach.rpo-hours=48. Repeatable.
    #[arg(long, value_name = "PARAM=VALUE")]
    set: Vec<String>,

    /// Leave files out whose path below PATH matches; a pattern without / matches names anywhere. Repeatable.
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,

    /// The region that the backups are in, where records do not say.
    #[arg(long, value_name = "NAME")]
    region: Option<String>,

    /// Assert that all lists were made with show_replication=true, so that empty replication records mean none.
    #[arg(long)]
    replication_shown: bool,

    /// How many threads to use; as many as there are processors if not given.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
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

    /// Files or directories to read, directories with all below; - for standard input.
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
    /// Files or directories to read, directories with all below; - for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Write to this file instead of standard output.
    #[arg(short, long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Leave files out whose path below PATH matches. Repeatable.
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,

    /// How many threads to use.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
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

impl ReportArgs {
    /// The settings that the arguments mean.
    ///
    /// # Errors
    /// An argument that cannot be meant.
    pub fn settings(&self) -> Result<Settings> {
        let outputs = self.outputs.iter().map(|output| Output::parse(output)).collect::<Result<Vec<_>>>()?;
        refuse_twins(&outputs)?;
        let judged = self.judging.settings(&self.paths, self.only.clone(), self.skip.clone())?;
        Ok(Settings {
            outputs,
            fail_on: self.fail_on.map_or_else(|| judged.fail_on, FailOn::severity),
            max_age: self.max_age.as_deref().map(parse_duration).transpose()?.map(|limit| (limit, wall_clock())),
            resources: self.resource.clone(),
            frameworks: require_frameworks(&self.framework)?,
            sha256: self.sha256,
            ..judged
        })
    }

    /// How many threads were asked for.
    #[must_use]
    pub fn threads(&self) -> Option<usize> {
        self.judging.threads
    }

    /// How talkative the run is.
    #[must_use]
    pub fn talk(&self) -> Talk {
        match (self.quiet, self.verbose) {
            (true, _) => Talk::Quiet,
            (_, true) => Talk::Verbose,
            _ => Talk::Summary,
        }
    }
}

impl JudgingArgs {
    /// The settings that the arguments mean, for these paths and rules.
    fn settings(&self, paths: &[PathBuf], only: Vec<String>, skip: Vec<String>) -> Result<Settings> {
        let mut config = if self.no_config { Config::default() } else { Config::find(self.config.as_deref())? };
        config.expect = self.expect.clone().or(config.expect);
        let configured = configured(config)?;
        Ok(Settings {
            paths: paths.to_vec(),
            as_of: self.as_of.as_deref().map_or(Ok(AsOf::FromDump), parse_as_of)?,
            region: self.region.clone().or(configured.region),
            replication_shown: self.replication_shown || configured.replication_shown,
            rules: RuleChoice::new(only, skip, configured.rules.off)?,
            params: Params::new(&self.set)?.after(configured.params),
            exclude: Exclude::new(self.exclude.clone())?,
            ..configured
        })
    }
}

impl ExplainArgs {
    /// What is to be explained.
    ///
    /// # Errors
    /// An id that nothing has.
    pub fn topic(&self) -> Result<Topic> {
        Topic::find(&self.topic)
    }

    /// The settings that the arguments mean: the rules of the topic alone run.
    ///
    /// # Errors
    /// An argument that cannot be meant, or a subject without the dump that it is in.
    pub fn settings(&self, topic: Topic) -> Result<Settings> {
        let (id, subject) = (&self.topic, self.subject.as_deref().unwrap_or_default());
        match self.paths.is_empty() {
            true if Path::new(subject).exists() => {
                bail!("name the subject before the dump: cbr-audit explain {id} SUBJECT {subject}")
            }
            true => bail!("name the dump that {subject} is in: cbr-audit explain {id} {subject} PATH"),
            false => {}
        }
        let rules: Vec<_> = topic.rules().iter().map(|rule| rule.id.to_owned()).collect();
        if rules.is_empty() {
            bail!("no rule speaks to {id}, so there is no verdict on {subject} to explain");
        }
        self.judging.settings(&self.paths, rules, Vec::new())
    }
}

/// What is in force with a configuration alone.
///
/// # Errors
/// Whatever in it is not understood, or cannot be meant together.
pub fn configured(config: Config) -> Result<Settings> {
    let settings = Settings::at(AsOf::FromDump);
    let tiers: Vec<_> = config.tiers.iter().map(|tier| tier.name.as_str()).collect();
    let expectation = config.expect.as_ref().map(|file| expect::read(file, &tiers)).transpose()?;
    Ok(Settings {
        expectation: expectation.map(Arc::new),
        region: config.region,
        replication_shown: config.replication_shown,
        fail_on: config.fail_on.unwrap_or(Some(Severity::High)),
        rules: RuleChoice::new(Vec::new(), Vec::new(), config.off)?,
        params: Params::of(config.params),
        decisions: Decisions {
            file: config.file,
            severities: config.severities,
            waivers: config.waivers,
            waiver_limit: config.waiver_limit.unwrap_or(settings.decisions.waiver_limit),
            tiers: config.tiers,
        },
        ..settings
    })
}

impl FailOn {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::None => None,
            Self::Info => Some(Severity::Info),
            Self::Low => Some(Severity::Low),
            Self::Medium => Some(Severity::Medium),
            Self::High => Some(Severity::High),
            Self::Critical => Some(Severity::Critical),
        }
    }
}

fn refuse_twins(outputs: &[Output]) -> Result<()> {
    for (position, output) in outputs.iter().enumerate() {
        if outputs[..position].iter().any(|other| place(&other.target) == place(&output.target)) {
            let name = match &output.target {
                Target::Stdout => "standard output".to_owned(),
                Target::File(path) => path.display().to_string(),
            };
            bail!("two reports would be written to {name}: give each a target of its own");
        }
    }
    Ok(())
}

/// Where a target is, however it is spelt.
fn place(target: &Target) -> PathBuf {
    let Target::File(path) = target else { return PathBuf::from("-") };
    let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (above.canonicalize(), path.file_name()) {
        (Ok(above), Some(name)) => above.join(name),
        _ => path.clone(),
    }
}

/// Reads `--as-of`.
fn parse_as_of(text: &str) -> Result<AsOf> {
    if text == "now" {
        return Ok(AsOf::Now(wall_clock()));
    }
    match time::parse(text) {
        Some(stamp) if stamp.day_only => bail!(
            "--as-of {text}: a bare date can mean the start or the end of that day; write {text}T00:00:00Z or {text}T23:59:59Z"
        ),
        Some(stamp) if stamp.zone_assumed => bail!("--as-of {text}: the zone is missing; for UTC write {text}Z"),
        Some(stamp) => Ok(AsOf::Given(stamp.time)),
        None => bail!("--as-of {text}: not an RFC 3339 time; write for example 2026-11-01T06:00:00Z, or now"),
    }
}

/// Reads a duration such as `26h`, `2d`, `90m` or `45s`.
fn parse_duration(text: &str) -> Result<SignedDuration> {
    let wanted = || format!("--max-age {text}: write a number and a unit, for example 26h, 2d or 90m");
    let (number, unit) = text.split_at(text.len() - text.chars().last().map_or(0, char::len_utf8));
    let seconds = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => bail!(wanted()),
    };
    let number: f64 = number.parse().ok().filter(|number: &f64| *number >= 0.0).with_context(wanted)?;
    SignedDuration::try_from_secs_f64(number * seconds).ok().with_context(wanted)
}

/// The one place where the wall clock is read.
#[allow(clippy::disallowed_methods, reason = "the only use of the wall clock: --as-of now and --max-age")]
fn wall_clock() -> Timestamp {
    Timestamp::now()
}
