//! The program: parses arguments, calls the library, prints errors, chooses the exit status.

use std::io::{self, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use cbr_audit::cli::{
    Cli, Command, ConfigCommand, ExplainArgs, InventoryArgs, ReportArgs, RulesCommand, Talk, configured,
};
use cbr_audit::config::{self, Config};
use cbr_audit::discover::{discover, plain_io};
use cbr_audit::format::escape::{is_invisible, visible};
use cbr_audit::format::{Target, terminal};
use cbr_audit::progress::Progress;
use cbr_audit::read::Reading;
use cbr_audit::report::ledger::reason;
use cbr_audit::run::{OWN_FAULT, Run};
use cbr_audit::settings::{CONFIGURATION, Exclude, require_rule};
use cbr_audit::write::{Pending, create, publish};
use cbr_audit::{audit, catalogue, interrupt, population, refuse_to_overwrite, refuse_to_replace, sums};
use clap::{CommandFactory, Parser};

/// The run failed.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    // What panicked has said so; its temporary files are gone.
    std::panic::catch_unwind(status).unwrap_or(ExitCode::from(OWN_FAULT))
}

fn status() -> ExitCode {
    let status = match Cli::try_parse() {
        Ok(cli) => interrupt::watch().context("cannot watch for signals").and_then(|()| obey(cli.command)),
        Err(stopped) => said(&stopped),
    };
    ExitCode::from(status.unwrap_or_else(|error| {
        for line in plain(&error).split('\n') {
            let _ = writeln!(io::stderr(), "cbr-audit: {}", visible(line));
        }
        if sums::are_broken(&error) { OWN_FAULT } else { FAILED }
    }))
}

/// An error with its causes, in which those of the system come without their numbers.
fn plain(error: &anyhow::Error) -> String {
    let words = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().map_or_else(|| cause.to_string(), plain_io)
    };
    error.chain().map(words).collect::<Vec<_>>().join(": ")
}

/// Prints help, the version, or what is wrong with the arguments. These may be names of files in a dump, as a shell puts them
/// in the place of `*`.
fn said(stopped: &clap::Error) -> Result<u8> {
    if stopped.use_stderr() && std::env::args_os().any(|argument| argument.to_string_lossy().contains(is_invisible)) {
        let text = stopped.render().to_string();
        text.lines().for_each(|line| drop(writeln!(io::stderr(), "{}", visible(line))));
    } else {
        unless_closed(stopped.print().and_then(|()| io::stdout().flush()))?;
    }
    Ok(u8::try_from(stopped.exit_code()).unwrap_or(FAILED))
}

fn obey(command: Command) -> Result<u8> {
    match command {
        Command::Report(arguments) => report(&arguments),
        Command::Inventory(arguments) => inventory(&arguments),
        Command::Explain(arguments) => explain(&arguments),
        Command::Rules { what } => rules(what),
        Command::Config { what } => config(what),
        Command::Completions { shell } => completions(shell),
    }
}

fn report(arguments: &ReportArgs) -> Result<u8> {
    let settings = arguments.settings()?;
    use_threads(arguments.threads())?;
    let progress = Progress::new(arguments.talk() == Talk::Quiet);
    let note = |step| progress.iter().for_each(|progress| progress.note(step));
    let run = audit(&settings, Some(&note));
    progress.iter().for_each(Progress::clear);
    let run = run?;
    let to_stdout = settings.outputs.iter().any(|output| output.target == Target::Stdout);
    match arguments.talk() {
        Talk::Quiet => {}
        talk => {
            if talk == Talk::Verbose {
                name_unread(&run).ok();
            }
            let summary = |out: &mut dyn Write| terminal::summary(&run, out).and_then(|()| out.flush());
            let written = if to_stdout { summary(&mut anstream::stderr()) } else { summary(&mut anstream::stdout()) };
            let lost = if settings.outputs.is_empty() { "the summary is lost" } else { "the reports are written" };
            unless_closed(written).context(lost)?;
        }
    }
    let status = run.exit_status();
    // The process ends: to give back millions of pieces of memory one by one would be time for nothing.
    std::mem::forget(run);
    Ok(status)
}

/// Names every file that was not read in whole, or is the copy of another.
fn name_unread(run: &Run<'_>) -> io::Result<()> {
    let mut err = io::stderr().lock();
    for file in run.inventory.files.iter().filter(|file| file.state.word() != "read" || file.same_as.is_some()) {
        writeln!(err, "{}: {}: {}", file.state.word(), visible(&file.path), visible(&reason(&run.inventory, file)))?;
    }
    Ok(())
}

fn inventory(arguments: &InventoryArgs) -> Result<u8> {
    use_threads(arguments.threads)?;
    let exclude = Exclude::new(arguments.exclude.clone())?;
    let (limits, config) = arguments.limits()?;
    let reading = Reading { limits, exclude: Some(&exclude.globs), ..Reading::default() };
    let sources = discover(&arguments.paths, &exclude.globs)?;
    let target = arguments.output.clone().map_or(Target::Stdout, Target::File);
    refuse_to_replace(&target, config.map(|path| (path, CONFIGURATION)))?;
    refuse_to_overwrite(&target, &arguments.paths, &sources)?;
    let mut pending = Pending::open(&target)?;
    let mut population = population::Population::default();
    pending.fill(|out| {
        population = population::write(&sources, reading, out)?;
        Ok(())
    })?;
    publish(vec![pending])?;
    let mut err = io::stderr().lock();
    for (path, state, reason) in &population.unread {
        let _ = writeln!(err, "{}: {}: {}", state.word(), visible(path), visible(reason));
    }
    if population.has_fault() {
        return Ok(OWN_FAULT);
    }
    Ok(match (population.rows, population.unread.is_empty()) {
        (0, _) => 3,
        (_, true) => 0,
        (_, false) => 4,
    })
}

fn explain(arguments: &ExplainArgs) -> Result<u8> {
    let topic = arguments.topic()?;
    let text = match &arguments.subject {
        None => topic.text(),
        Some(subject) => {
            let settings = arguments.settings(topic)?;
            use_threads(arguments.judging.threads)?;
            let progress = Progress::new(false);
            let note = |step| progress.iter().for_each(|progress| progress.note(step));
            let text = cbr_audit::explain(&settings, topic, subject, arguments.all, Some(&note));
            progress.iter().for_each(Progress::clear);
            text?
        }
    };
    unless_closed(io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()))?;
    Ok(0)
}

fn rules(what: Option<RulesCommand>) -> Result<u8> {
    let text = match what {
        None | Some(RulesCommand::List) => catalogue::list(),
        Some(RulesCommand::Document) => catalogue::document(),
        Some(RulesCommand::Show { id }) => catalogue::show(require_rule(&id)?),
    };
    unless_closed(io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()))?;
    Ok(0)
}

fn config(what: ConfigCommand) -> Result<u8> {
    let mut lost = "";
    let text = match what {
        ConfigCommand::Init => {
            create(Path::new(config::FILE_NAME), config::EXAMPLE).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => {
                    anyhow!(
                        "{} is there already and was left alone: `cbr-audit config check` reads it",
                        config::FILE_NAME
                    )
                }
                _ => anyhow!("cannot write {}: {}", config::FILE_NAME, plain_io(&error)),
            })?;
            lost = "cbr-audit.toml is written";
            format!("{} is written: every line is a comment, take away what you want to say.\n", config::FILE_NAME)
        }
        ConfigCommand::Check(file) => {
            let file = file.named().unwrap_or_else(|| config::FILE_NAME.into());
            let settings = configured(Config::find(Some(&file))?)?;
            config::checked(&settings)
        }
        ConfigCommand::Schema => config::schema(),
        ConfigCommand::Show(file) => config::in_force(&configured(Config::find(file.named().as_deref())?)?),
    };
    let printed = unless_closed(io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()));
    if lost.is_empty() {
        printed?
    } else {
        printed.context(lost)?
    }
    Ok(0)
}

fn completions(shell: clap_complete::Shell) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "cbr-audit", &mut script);
    unless_closed(io::stdout().write_all(&script).and_then(|()| io::stdout().flush()))?;
    Ok(0)
}

/// A reader that has seen enough is no error.
fn unless_closed(written: io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot write standard output"),
        _ => Ok(()),
    }
}

/// Starts as many threads as are asked for, else one for each processor. Left to itself, the pool would start as many as some
/// variable in the environment says, without a limit.
fn use_threads(threads: Option<u16>) -> Result<()> {
    let asked = threads.filter(|&threads| threads > 0).map(usize::from);
    let threads = asked.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, NonZero::get));
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().context("cannot start threads")
}
