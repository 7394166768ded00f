//! The floor with `sonic-rs`, a parser that uses vector instructions.

use std::process::ExitCode;

fn main() -> ExitCode {
    floor::main(|text| Ok(sonic_rs::from_str(text)?))
}
