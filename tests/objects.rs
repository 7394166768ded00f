//! How many backup objects a file or an archive may hold for its size, at the very limit.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod packed;
mod program;

use cbr_audit::discover::{Access, Source};
use cbr_audit::inventory::file::FileState::{self, Read, Rejected, Unpacked};
use cbr_audit::limits::Limits;
use cbr_audit::read::{self, Reading};
use packed::{gzip, tar_of, zip_of, zstd};
use pretty_assertions::assert_eq;
use program::Scratch;

/// A list of so many copies of one backup.
fn list(many: u64) -> Vec<u8> {
    let copies = vec![r#"{"id":1}"#; usize::try_from(many).unwrap()];
    format!(r#"{{"backups":[{}]}}"#, copies.join(",")).into_bytes()
}

/// The states of all that is in a file, the file itself first, and the reasons in a row.
fn states(name: &str, bytes: &[u8], limits: Limits) -> (Vec<FileState>, String) {
    let scratch = Scratch::new();
    let access = Access::File { path: scratch.write(name, bytes), bytes: bytes.len() as u64 };
    let source = Source { path: name.to_owned(), access };
    let inventory = read::read(&[source], Reading { limits, ..Reading::default() });
    let reasons: Vec<_> = inventory.files.iter().filter_map(|file| file.reason.clone()).collect();
    (inventory.files.iter().map(|file| file.state).collect(), reasons.join("; "))
}

/// So many there may be in what is packed as well as one likes.
const FREE: u64 = Limits::RATIO_FROM / Limits::RECORD_BYTES;

#[test]
fn small_files_may_hold_as_many_as_what_they_may_unpack_to_without_a_ratio() {
    for (many, state) in [(FREE, Read), (FREE + 1, Rejected)] {
        let list = list(many);
        for (name, bytes) in [("a.json", list.clone()), ("a.json.gz", gzip(&list)), ("a.zst", zstd(&list))] {
            let (states, reason) = states(name, &bytes, Limits::default());
            assert_eq!(states, [state], "{many} in {name}: {reason}");
            let limit = format!("more than {FREE} backup objects, the limit for {} bytes", bytes.len());
            assert_eq!(reason.contains(&limit), state == Rejected, "{reason}");
        }
    }
}

#[test]
fn larger_files_may_hold_one_for_every_kibibyte_that_they_may_unpack_to() {
    let limits = Limits { ratio: 120, ..Limits::default() };
    let list = list(80_000);
    let most = list.len() as u64 * limits.ratio / Limits::RECORD_BYTES;
    assert!((FREE..80_000).contains(&FREE) && most > 80_000, "{most}");
    assert_eq!(states("a.json", &list, limits).0, [Read]);
    // As many as the ratio allows, and no more.
    let ratio = (80_000 * Limits::RECORD_BYTES).div_ceil(list.len() as u64);
    assert_eq!(states("a.json", &list, Limits { ratio, ..limits }).0, [Read]);
    let (states, reason) = states("a.json", &list, Limits { ratio: ratio - 1, ..limits });
    assert_eq!((&states[..], reason.contains("(--max-ratio)")), (&[Rejected][..], true), "{reason}");
}

#[test]
fn an_archive_may_hold_no_more_in_all_its_members() {
    for (last, state) in [(FREE - 60_000, Read), (FREE - 59_999, Rejected)] {
        // What does not fit costs itself alone, and those behind it are read.
        let members = [("a.json", list(60_000)), ("b.json", list(last)), ("c.json", list(1)), ("d.json", list(0))];
        let behind = if state == Read { Rejected } else { Read };
        for (name, bytes) in [("a.tar.gz", gzip(&tar_of(&members))), ("a.zip", zip_of(&members))] {
            let (states, reason) = states(name, &bytes, Limits::default());
            assert_eq!(states, [Unpacked, Read, state, behind, Read], "{last} in {name}: {reason}");
        }
    }
}

#[test]
fn the_limit_of_one_file_comes_first_where_it_is_lower() {
    let limits = Limits { records: 9, ..Limits::default() };
    let (states, reason) = states("a.json", &list(10), limits);
    assert_eq!((&states[..], reason.contains("(--max-records)")), (&[Rejected][..], true), "{reason}");
}
