//! The stages of an audit, each by itself, on a generated dump: `cargo bench --bench stages`. For the whole beside other
//! tools see `benches/compare`.
//!
//! `DUMP=DIR` takes another dump than the 40 000 records that are generated otherwise.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that fails has nothing to tell")]

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use cbr_audit::clock::{AsOf, Clock};
use cbr_audit::discover::{Source, discover};
use cbr_audit::evaluate::{self, Evidence};
use cbr_audit::format::FORMATS;
use cbr_audit::inventory::Inventory;
use cbr_audit::judge;
use cbr_audit::read::{Reading, read};
use cbr_audit::restore_point::RestorePoints;
use cbr_audit::settings::{Exclude, Settings};
use cbr_audit::sink::Watch;
use cbr_audit::tier::Tiers;
use divan::{Bencher, black_box};

fn main() {
    LazyLock::force(&DUMP);
    divan::main();
}

/// Where the dump lies.
static DUMP: LazyLock<PathBuf> = LazyLock::new(|| std::env::var_os("DUMP").map_or_else(generated, PathBuf::from));

static SOURCES: LazyLock<Vec<Source>> =
    LazyLock::new(|| discover(std::slice::from_ref(&*DUMP), &Exclude::default().globs).expect("a dump"));

static INVENTORY: LazyLock<Inventory> = LazyLock::new(|| read(&SOURCES, Reading::default()));

static SETTINGS: LazyLock<Settings> = LazyLock::new(|| Settings {
    paths: vec![DUMP.clone()],
    ..Settings::at(AsOf::Given("2026-11-01T06:00:00Z".parse().expect("a time")))
});

fn generated() -> PathBuf {
    let dump = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("stages-40000");
    if !dump.exists() {
        let mut generate = Command::new(env!("CARGO"));
        generate.args(["run", "--release", "--quiet", "--example", "generate", "--", "--backups", "40000"]);
        let status = generate.args(["--defects", "0.1", "--out"]).arg(&dump).status().expect("the generator");
        assert!(status.success(), "the generator failed");
    }
    dump
}

#[divan::bench]
fn a_find_files(bencher: Bencher<'_, '_>) {
    bencher.bench(|| discover(black_box(&SETTINGS.paths), &SETTINGS.exclude.globs));
}

#[divan::bench]
fn b_read_and_pack(bencher: Bencher<'_, '_>) {
    bencher.bench(|| read(black_box(&SOURCES), Reading::default()));
}

#[divan::bench]
fn c_infer_the_clock(bencher: Bencher<'_, '_>) {
    bencher.bench(|| Clock::find(AsOf::FromDump, black_box(&INVENTORY)));
}

#[divan::bench]
fn d_judge_restore_points(bencher: Bencher<'_, '_>) {
    let clock = Clock::find(SETTINGS.as_of, &INVENTORY);
    bencher.bench(|| RestorePoints::judge(black_box(&INVENTORY), &clock, None));
}

#[divan::bench]
fn e_run_all_rules(bencher: Bencher<'_, '_>) {
    let clock = Clock::find(SETTINGS.as_of, &INVENTORY);
    let points = RestorePoints::judge(&INVENTORY, &clock, None);
    let evidence = Evidence { inventory: &INVENTORY, clock: &clock, points: &points, tiers: &Tiers::default() };
    bencher.bench(|| evaluate::evaluate(black_box(evidence), &SETTINGS, Watch::default()));
}

#[divan::bench(args = ["html", "md", "csv", "json"])]
fn f_write(bencher: Bencher<'_, '_>, name: &str) {
    let format = FORMATS.iter().find(|format| format.name == name).expect("a format");
    let run = judge(&SETTINGS, read(&SOURCES, Reading::default()), false);
    bencher.bench_local(|| format.write(black_box(&run), &mut std::io::sink()));
}
