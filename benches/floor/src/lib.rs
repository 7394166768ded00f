//! The floor: reads every file of a dump in parallel, parses it into borrowed typed structs and counts four things.
//!
//! It keeps nothing, judges nothing and reports no place, so it bounds from below what an audit of the same dump costs.
//! The two programs differ in the parser alone.

mod answer;
mod args;
mod files;

use std::{
    cell::RefCell,
    error::Error,
    fmt,
    ops::Add,
    path::{Path, PathBuf},
    process::ExitCode,
};

use rayon::{ThreadPoolBuilder, prelude::*};

pub use answer::Answer;
use args::Args;

/// Turns the text of a file into an answer that borrows from it.
pub type Parse = for<'a> fn(&'a str) -> Result<Answer<'a>, Box<dyn Error>>;

/// What every peer of the comparison counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    objects: u64,
    expired: u64,
    unencrypted: u64,
    unreplicated: u64,
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            objects: self.objects + other.objects,
            expired: self.expired + other.expired,
            unencrypted: self.unencrypted + other.unencrypted,
            unreplicated: self.unreplicated + other.unreplicated,
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { objects, expired, unencrypted, unreplicated } = self;
        write!(f, r#"{{"objects":{objects},"expired":{expired},"#)?;
        write!(f, r#""unencrypted":{unencrypted},"unreplicated":{unreplicated}}}"#)
    }
}

/// The whole program, but for the parser.
pub fn main(parse: Parse) -> ExitCode {
    match run(parse) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("floor: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(parse: Parse) -> Result<String, String> {
    let args = Args::from_command_line()?;
    if let Some(threads) = args.threads {
        ThreadPoolBuilder::new().num_threads(threads).build_global().map_err(|error| error.to_string())?;
    }
    answer::AS_OF.get_or_init(|| args.as_of);
    let files = files::below(&args.dump)?;
    if args.read_only {
        let bytes = files.par_iter().map(|file| with_text(file, |text| Ok(text.len()))).sum::<Result<usize, _>>()?;
        return Ok(format!(r#"{{"files":{},"bytes":{bytes}}}"#, files.len()));
    }
    let count = |file: &PathBuf| with_text(file, |text| Ok(parse(text)?.count()));
    let counts = files.par_iter().map(count).try_reduce(Counts::default, |left, right| Ok(left + right))?;
    Ok(counts.to_string())
}

thread_local! {
    /// The bytes of the file at hand: one buffer for each thread, which grows to the largest file.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Reads the file, checks that it is UTF-8 and hands its text on.
fn with_text<T>(file: &Path, use_text: impl FnOnce(&str) -> Result<T, Box<dyn Error>>) -> Result<T, String> {
    BUFFER.with_borrow_mut(|buffer| {
        let result = files::read(file, buffer).and_then(use_text);
        result.map_err(|error| format!("{}: {error}", file.display()))
    })
}
