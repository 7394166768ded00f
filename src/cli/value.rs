//! Values of arguments: times, lengths of time, targets that are the same.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use jiff::{SignedDuration, Timestamp};

use crate::clock::AsOf;
use crate::format::{Output, Target};
use crate::parse::time;

/// Refuses two reports to one target.
pub(super) fn refuse_twins(outputs: &[Output]) -> Result<()> {
    for (position, output) in outputs.iter().enumerate() {
        if outputs.iter().take(position).any(|other| place(&other.target) == place(&output.target)) {
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
pub(super) fn parse_as_of(text: &str) -> Result<AsOf> {
    if text == "now" {
        return Ok(AsOf::Now(wall_clock()));
    }
    match time::parse(text) {
        Some(stamp) if stamp.day_only => bail!(
            "--as-of {text}: a bare date can mean the start or the end of that day; write {text}T00:00:00Z or {text}T23:59:59Z"
        ),
        Some(stamp) if stamp.zone_assumed => bail!("--as-of {text}: the zone is missing; for UTC write {text}Z"),
        // What reads the last day of all time as this moment would judge at another one than was asked for.
        Some(stamp) if stamp.time == Timestamp::MAX => {
            bail!(
                "--as-of {text}: later than any time that can be judged at; write for example 2026-11-01T06:00:00Z, or now"
            )
        }
        Some(stamp) => Ok(AsOf::Given(stamp.time)),
        None => bail!("--as-of {text}: not an RFC 3339 time; write for example 2026-11-01T06:00:00Z, or now"),
    }
}

/// Reads a duration such as `26h`, `2d`, `90m` or `45s`.
pub(super) fn parse_duration(text: &str) -> Result<SignedDuration> {
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
pub(super) fn wall_clock() -> Timestamp {
    Timestamp::now()
}
