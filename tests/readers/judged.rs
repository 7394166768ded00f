//! What the program says about documents, without starting it.

use cbr_audit::clock::AsOf;
use cbr_audit::discover::{Access, Source};
use cbr_audit::format::json::FORMAT;
use cbr_audit::judge;
use cbr_audit::parse::time;
use cbr_audit::read::{Reading, Windows, read};
use cbr_audit::settings::Settings;
use std::path::Path;

/// Windows so small that a short text takes many of them.
pub(crate) const SMALL: Windows = Windows { from: 0, from_packed: 0, block: 128 << 10 };

/// The JSON report of files, each under the name it is to have.
pub(crate) fn report(files: &[(&str, &Path)]) -> String {
    report_in(files, Windows::default())
}

/// The same of files that are read in these windows.
pub(crate) fn report_in(files: &[(&str, &Path)], windows: Windows) -> String {
    report_of(files, Reading { windows, ..Reading::default() })
}

/// The same of files that are read like this.
pub(crate) fn report_of(files: &[(&str, &Path)], reading: Reading<'_>) -> String {
    let source = |(name, path): &(&str, &Path)| Source {
        path: (*name).to_owned(),
        access: Access::File { path: path.to_path_buf(), bytes: path.metadata().unwrap().len() },
    };
    let sources: Vec<_> = files.iter().map(source).collect();
    let settings = Settings::at(AsOf::Given(time::parse("2026-03-01T12:00:00Z").unwrap().time));
    let mut run = judge(&settings, read(&sources, reading), false);
    // In some forms two documents come to the same bytes.
    run.inventory.files.iter_mut().for_each(|file| file.same_as = None);
    let mut report = Vec::new();
    FORMAT.write(&run, &mut report).unwrap();
    String::from_utf8(report).unwrap()
}

/// Fails unless the reports are the same, and says where they part.
pub(crate) fn assert_same(one: &str, other: &str, what: &str) {
    let first = one.lines().zip(other.lines()).enumerate().find(|(_, (a, b))| a != b);
    assert!(one == other, "{what}: the reports differ, first at {first:?}");
}
