//! What goes beyond a limit is refused alike in windows and as a whole, in whatever form it comes.

use super::archives::archives;
use super::judged;
use super::lines::{gzip, page, usual, zstd};
use super::program::Scratch;
use cbr_audit::limits::Limits;
use cbr_audit::read::{Reading, Windows};
use rayon::prelude::*;

/// So many records with one or two disks each.
const RECORDS: usize = 500;

/// The texts, each plain, packed, and with others in archives.
fn forms() -> Vec<(String, Vec<u8>)> {
    let (lines, list) = (usual()[..RECORDS].join("\n").into_bytes(), page(0..RECORDS).into_bytes());
    let mut forms = Vec::new();
    for (name, text) in [("lines.jsonl", &lines), ("list.json", &list)] {
        forms.push((name.to_owned(), text.clone()));
        forms.push((format!("{name}.gz"), gzip(text)));
        forms.push((format!("{name}.zst"), zstd(text)));
    }
    let members = [("a.jsonl", lines), ("b.json", list), ("c.json", page(0..3).into_bytes())];
    forms.extend(archives(&members).into_iter().map(|(name, bytes)| (name.to_owned(), bytes)));
    forms
}

/// Limits around what a text holds: none of it, a little, half, all but one, all.
fn limits(size: u64) -> Vec<Limits> {
    let usual = Limits::default();
    let records = [0, 1, 40, 600, 999, 1000].map(|records| Limits { records, ..usual });
    let texts = [0, 30, 900].map(|string_bytes| Limits { string_bytes, ..usual });
    let sizes = [size / 2, size].map(|file_bytes| Limits { file_bytes, ..usual });
    let unpacked = [size].map(|unpacked_bytes| Limits { unpacked_bytes, ..usual });
    [&records[..], &texts, &sizes, &unpacked].concat()
}

#[test]
fn what_goes_beyond_a_limit_is_refused_alike_in_windows_and_as_a_whole() {
    let size = usual()[..RECORDS].join("\n").len() as u64;
    for (name, bytes) in forms() {
        let scratch = Scratch::new();
        let path = scratch.write("file", &bytes);
        limits(size).into_par_iter().for_each(|limits| {
            let report =
                |windows| judged::report_of(&[(&name, &path)], Reading { windows, limits, ..Reading::default() });
            judged::assert_same(&report(judged::SMALL), &report(Windows::NONE), &format!("{name} within {limits:?}"));
        });
    }
}
