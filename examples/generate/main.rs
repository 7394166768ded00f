//! Writes a believable dump of saved backup answers, of any size and always the same for the same arguments.
//!
//! Each project gets a directory of its own with list answers, show answers or both. The records have the keys, the
//! nulls and the times without a zone that the service sends today; every name and every id is invented. Records are
//! written one by one, so ten million backups need no more memory than ten thousand.

#![allow(clippy::disallowed_methods, reason = "a generated dump need not be written atomically")]

mod defects;
mod heavy;
mod json;
mod output;
mod plan;
mod point;
mod prng;
mod render;
mod time;

use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
};

use anyhow::{Context as _, Result, bail};
use clap::{Parser, ValueEnum};
use rayon::prelude::*;

use output::Totals;
use plan::Project;

const EXAMPLES: &str = "Examples:
  A healthy dump of about 500 MB, in list answers of 1000 records:
    cargo run --release --example generate -- --backups 400000 --out /tmp/dump --capture

  The same with a defect in one of ten records:
    cargo run --release --example generate -- --backups 400000 --out /tmp/dump --defects 0.1

  A nightly export with a show answer for every server point:
    cargo run --release --example generate -- --backups 20000 --out /tmp/dump --layout mixed --capture

  A hundred thousand small files:
    cargo run --release --example generate -- --backups 300000 --out /tmp/dump --layout single-files

  The same, counted by file:
    cargo run --release --example generate -- --backups 100000 --count-points --out /tmp/dump --layout single-files

  A neglected tenant, with about three findings for each backup:
    cargo run --release --example generate -- --backups 20000 --out /tmp/dump --heavy --capture";

/// Writes a believable dump of saved backup answers, always the same for the same arguments.
#[derive(Debug, Parser)]
#[command(name = "generate", after_help = EXAMPLES)]
struct Cli {
    /// Backups to write, the nested disks of servers included
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    backups: u64,

    /// Let --backups count restore points only: the nested disks of servers come on top
    #[arg(long)]
    count_points: bool,

    /// Directory to write to; it is created, and must be empty if it exists
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Another number gives another dump of the same kind
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Which answers to write
    #[arg(long, value_enum, default_value_t = Layout::List)]
    layout: Layout,

    /// Share of records and of resources with a defect: a number from 0 to 1, `none` or `all`
    #[arg(long, default_value = "none", value_name = "RATE", value_parser = millionths)]
    defects: u64,

    /// Several defects in every record, so that an audit gives about three findings for each
    /// (layout list)
    #[arg(long, conflicts_with = "defects")]
    heavy: bool,

    /// Share of resources that are single disks or file systems, which cannot be copied to another region
    /// [default: 0, with defects 0.15]
    #[arg(long, value_name = "RATE", value_parser = millionths)]
    standalone: Option<u64>,

    /// Records in a list answer
    #[arg(long, default_value_t = 1000, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    page_size: u64,

    /// The moment of the export; the newest backups are some hours older
    #[arg(long, default_value = "2026-11-01T06:00:00Z", value_name = "TIME")]
    as_of: String,

    /// Projects to spread the backups over [default: one for each 40 000 backups, but at least three]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    projects: Option<u64>,

    /// Home region
    #[arg(long, default_value = "eu-de", value_name = "NAME", value_parser = region)]
    region: String,

    /// Region that holds the copies
    #[arg(long, default_value = "eu-nl", value_name = "NAME", value_parser = region)]
    copy_region: String,

    /// Write a capture.json with the as-of time and the region
    #[arg(long)]
    capture: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Layout {
    /// List answers whose server points carry their disks (a compact dump for measurements)
    List,
    /// List answers as the service sends them: no nested disks
    Nightly,
    /// As nightly, with a show answer for every server point
    Mixed,
    /// One show answer per file
    #[value(alias = "show")]
    SingleFiles,
    /// One list answer with everything, of one project
    SinglePage,
}

impl Layout {
    const fn has_list(self) -> bool {
        !matches!(self, Self::SingleFiles)
    }

    const fn has_show(self) -> bool {
        matches!(self, Self::Mixed | Self::SingleFiles)
    }

    /// The list answers carry the nested disks.
    const fn nests_in_list(self) -> bool {
        matches!(self, Self::List | Self::SinglePage)
    }

    /// Nested disks are written somewhere.
    const fn shows_children(self) -> bool {
        !matches!(self, Self::Nightly)
    }

    /// A server point stands in two files.
    const fn shows_twice(self) -> bool {
        matches!(self, Self::Mixed)
    }
}

/// The arguments in the form in which everything else uses them.
struct Settings {
    seed: u64,
    out: PathBuf,
    layout: Layout,
    /// Of a million records.
    defects: u64,
    /// Several defects in every record instead.
    heavy: bool,
    /// The size of the dump counts restore points, not all objects.
    count_points: bool,
    /// Of a million resources.
    standalone: u64,
    page_size: u64,
    as_of: i64,
    region: String,
    copy_region: String,
}

impl Settings {
    /// Nested disks take part of the size of the dump.
    const fn counts_disks(&self) -> bool {
        self.layout.shows_children() && !self.count_points
    }
}

/// A share as millionths.
fn millionths(text: &str) -> Result<u64, String> {
    let share = match text {
        "none" => 0.0,
        "all" => 1.0,
        _ => text.parse::<f64>().map_err(|_| String::from("write a number from 0 to 1, none or all"))?,
    };
    if !(0.0..=1.0).contains(&share) {
        return Err(String::from("write a number from 0 to 1"));
    }
    format!("{:.0}", share * 1_000_000.0).parse().map_err(|_| String::from("not a usable number"))
}

/// A region name is used in file names and, unescaped, in JSON.
fn region(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if text.is_empty() || !text.chars().all(plain) {
        return Err(String::from("use letters, digits, - and _"));
    }
    Ok(text.to_owned())
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    let defects = if cli.heavy { heavy::RESOURCES } else { cli.defects };
    let settings = Settings {
        seed: cli.seed,
        out: cli.out.clone(),
        layout: cli.layout,
        defects,
        heavy: cli.heavy,
        count_points: cli.count_points,
        standalone: cli.standalone.unwrap_or(if defects == 0 { 0 } else { 150_000 }),
        page_size: cli.page_size,
        as_of: time::parse(&cli.as_of).context("--as-of")?,
        region: cli.region.clone(),
        copy_region: cli.copy_region.clone(),
    };
    prepare(&cli)?;
    let totals = generate(&settings, cli.backups, project_count(&cli))?;
    report(&cli, &totals)
}

const fn project_count(cli: &Cli) -> u64 {
    match (cli.layout, cli.projects) {
        (Layout::SinglePage, _) => 1,
        (_, Some(projects)) => projects,
        (_, None) if cli.backups < 600 => 1,
        (_, None) if cli.backups < 120_000 => 3,
        (_, None) => cli.backups / 40_000,
    }
}

/// Writes the projects side by side: none shares a file or a random number with another.
fn generate(settings: &Settings, backups: u64, projects: u64) -> Result<Totals> {
    // The number of backups before this project; what remains of a division goes to the later ones.
    let before = |number: u64| backups / projects * number + backups % projects * number / projects;
    let write = |number: u64| {
        let project = Project::plan(settings, number, before(number + 1) - before(number));
        output::project(settings, &project)
    };
    (0..projects).into_par_iter().map(write).try_reduce(Totals::default, |left, right| Ok(left.plus(&right)))
}

/// Creates the directory and the capture.json.
fn prepare(cli: &Cli) -> Result<()> {
    let out = &cli.out;
    fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    let mut entries = fs::read_dir(out).with_context(|| format!("cannot read {}", out.display()))?;
    if entries.next().is_some() {
        bail!("{} is not empty", out.display());
    }
    if cli.capture {
        let capture = serde_json::json!({
            "captured_at": cli.as_of,
            "region": cli.region,
            "show_replication": true,
        });
        let path = out.join("capture.json");
        fs::write(&path, format!("{capture:#}\n")).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn report(cli: &Cli, totals: &Totals) -> Result<()> {
    writeln!(
        io::stderr().lock(),
        "{}: {} backups ({} restore points, {} with a defect) of {} projects in {} files, {} bytes",
        cli.out.display(),
        totals.objects,
        totals.points,
        totals.defects,
        totals.projects,
        totals.files,
        totals.bytes,
    )
    .context("cannot write to standard error")
}
