//! What the targets share: bytes to an inventory without touching a disk, and what holds of every inventory and every run.

use std::sync::LazyLock;

use cbr_audit::clock::AsOf;
use cbr_audit::discover::{Access, Source};
use cbr_audit::evaluate::rule_at;
use cbr_audit::finding::Verdict;
use cbr_audit::inventory::Inventory;
use cbr_audit::inventory::build::Builder;
use cbr_audit::inventory::documents::Documents;
use cbr_audit::inventory::file::FileState;
use cbr_audit::inventory::handled::Handled;
use cbr_audit::limits::Limits;
use cbr_audit::parse::time;
use cbr_audit::run::Run;
use cbr_audit::settings::Settings;

/// Always the same, so that a crash can be had again.
pub static HASHER: LazyLock<ahash::RandomState> = LazyLock::new(|| ahash::RandomState::with_seeds(1, 2, 3, 4));

/// Every default, at a time inside the samples.
pub static SETTINGS: LazyLock<Settings> =
    LazyLock::new(|| Settings::at(AsOf::Given(time::parse("2026-11-01T06:00:00Z").expect("a time").time)));

/// Threads, of which the one that feeds the inputs is the only one: what is divided among threads is worked off on the spot, and
/// what an input comes to depends on nothing else.
static POOL: LazyLock<()> = LazyLock::new(|| {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread();
    pool.build_global().expect("the first pool");
});

/// Keeps all work on the thread that feeds the inputs.
pub fn stay_on_this_thread() {
    LazyLock::force(&POOL);
}

/// The inventory of files under these names.
pub fn inventory_of<'f>(files: impl IntoIterator<Item = (&'f str, &'f [u8])>) -> Inventory {
    stay_on_this_thread();
    let mut builder = Builder::new(&HASHER);
    for (path, bytes) in files {
        let source = Source { path: path.to_owned(), access: Access::Stdin };
        builder.documents(Documents::read(bytes, false, &Limits::default(), &HASHER));
        builder.close(&source, Handled::default());
    }
    builder.freeze(false)
}

/// What holds of every inventory: each file has a state, what was not read has a reason, and the records are those of the
/// files.
pub fn check_inventory(inventory: &Inventory) {
    let mut end = 0;
    for file in &inventory.files {
        let has_reason = file.reason.as_deref().is_some_and(|reason| !reason.is_empty());
        assert!(!file.state.is_incomplete() || has_reason, "{file:?}");
        assert!(file.state != FileState::Rejected || file.records == 0, "{file:?}");
        assert_eq!(file.readings.0, end, "{file:?}");
        end = file.readings.1;
        // What belongs to an older capture is counted and not kept.
        let kept = if file.older.is_none() { file.records } else { 0 };
        assert_eq!(u64::from(end - file.readings.0), kept, "{file:?}");
        let points = |reading| !inventory.place_of(reading).pointer.contains(' ');
        assert!((file.readings.0..end).all(points), "{file:?}");
    }
    let records: u64 = inventory.files.iter().map(|file| file.records).sum();
    assert!(inventory.len() as u64 <= records);
    assert_eq!(inventory.is_empty(), records == 0);
}

/// What holds of every run: each failure and each unit that was not judged is a finding or counted in one, and the exit
/// status says what is missing.
pub fn check_run(run: &Run<'_>) {
    check_inventory(&run.inventory);
    for (rule, tally) in &run.evaluation.tallies {
        let told = |verdict: Verdict| -> u64 {
            let of_rule = run.evaluation.findings.iter().filter(|finding| finding.rule == *rule);
            of_rule.filter(|finding| finding.verdict == verdict).map(|finding| finding.count.unwrap_or(1)).sum()
        };
        assert_eq!((tally.fail, tally.unknown), (told(Verdict::Fail), told(Verdict::Unknown)), "{}", rule_at(*rule).id);
    }
    let incomplete = run.inventory.files.iter().any(|file| file.state.is_incomplete());
    let status = run.exit_status();
    assert!(!incomplete || status == 3 || status & 4 != 0, "status {status}");
}
