//! Faults of the system under a run: calls that fail, kills, files that change. The sweeps need `strace` and some time;
//! `.ci/faults` runs a sample of them, `.ci/faults all` everything.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, clippy::print_stdout)]
#![allow(clippy::exit, reason = "the careless twin ends as a program")]

#[path = "faults/kills.rs"]
mod kills;
mod packed;
mod program;
#[path = "faults/reading.rs"]
mod reading;
#[path = "faults/steady.rs"]
mod steady;
#[path = "faults/strace.rs"]
mod strace;
#[path = "faults/twin.rs"]
mod twin;
#[path = "faults/writing.rs"]
mod writing;

#[test]
#[ignore = "a sweep: .ci/faults"]
fn write_faults() {
    writing::faults();
}

#[test]
#[ignore = "a sweep: .ci/faults"]
fn large_write_faults() {
    writing::large();
}

#[test]
#[ignore = "a sweep: .ci/faults"]
fn write_control() {
    writing::control();
}

#[test]
#[ignore = "a sweep: .ci/faults"]
fn read_faults() {
    reading::faults();
}

#[test]
#[ignore = "a sweep: .ci/faults"]
fn read_control() {
    reading::control();
}

#[test]
#[ignore = "a sweep: .ci/faults"]
fn changes_while_reading() {
    reading::changes();
}

#[test]
#[ignore = "a sweep: .ci/faults"]
fn changes_while_listing() {
    reading::changes_of_directories();
}

/// The program: this build, or the one that the environment names.
fn under_test() -> std::ffi::OsString {
    std::env::var_os("PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_cbr-audit").into())
}

fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).map_or(usual, |number| number.parse().unwrap())
}

#[test]
#[ignore = "a sweep: .ci/faults"]
fn kills_at_random() {
    kills::signals("KILL", 9, number("KILLS", 1000));
}

#[test]
#[ignore = "a sweep: .ci/faults"]
fn interrupts_at_random() {
    kills::signals("INT", 2, number("KILLS", 1000) / 2);
    kills::signals("TERM", 15, number("KILLS", 1000) / 2);
}

#[test]
#[ignore = "a sweep: .ci/faults"]
fn kill_control() {
    kills::control();
}

#[test]
#[ignore = "a twin that the controls run"]
fn twin_at_work() {
    twin::work();
}
