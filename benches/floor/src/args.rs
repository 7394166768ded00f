//! The command line.

use std::{env, path::PathBuf};

const USAGE: &str = "usage: floor-… DUMP --as-of 2026-11-01T06:00:00Z [--threads N] [--read-only]";

/// What is to be done.
#[derive(Default)]
pub struct Args {
    pub dump: PathBuf,
    /// To the second and without a zone: the form in which it is compared.
    pub as_of: String,
    pub threads: Option<usize>,
    /// Read and check for UTF-8, but parse nothing.
    pub read_only: bool,
}

impl Args {
    pub fn from_command_line() -> Result<Self, String> {
        let mut args = Self::default();
        let mut words = env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value; {USAGE}"));
            match word.as_str() {
                "--as-of" => args.as_of = value()?,
                "--threads" => args.threads = Some(value()?.parse().map_err(|_| "--threads needs a number")?),
                "--read-only" => args.read_only = true,
                flag if flag.starts_with('-') => return Err(format!("unknown flag {flag}; {USAGE}")),
                _ => args.dump = word.into(),
            }
        }
        if args.dump.as_os_str().is_empty() || args.as_of.len() != 20 || !args.as_of.ends_with('Z') {
            return Err(USAGE.to_owned());
        }
        args.as_of.pop();
        Ok(args)
    }
}
