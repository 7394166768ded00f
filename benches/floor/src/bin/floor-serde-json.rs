//! The floor with `serde_json`, the parser that the audit uses.

use std::process::ExitCode;

fn main() -> ExitCode {
    floor::main(|text| Ok(serde_json::from_str(text)?))
}
