//! What may be read in windows is: as a whole it would come to the same, in more memory.

use super::judged;
use super::lines::{gzip, page, usual, zstd};
use super::program::Scratch;
use cbr_audit::discover::{Access, Source};
use cbr_audit::inventory::file::FileState;
use cbr_audit::limits::Limits;
use cbr_audit::read::{Reading, Step, Windows, read_watched};
use pretty_assertions::assert_eq;
use rayon::ThreadPoolBuilder;
use std::sync::Mutex;

/// How many records a file holds, and the steps in which it is read: files that are done, and bytes.
fn steps(name: &str, bytes: &[u8], windows: Windows, records: u64) -> (u64, Vec<(u64, u64)>) {
    let scratch = Scratch::new();
    let access = Access::File { path: scratch.write("file", bytes), bytes: bytes.len() as u64 };
    let steps = Mutex::new(Vec::new());
    let watcher = |step| {
        if let Step::Read { files, bytes } = step {
            steps.lock().unwrap().push((files, bytes));
        }
    };
    let limits = Limits { records, ..Limits::default() };
    let reading = Reading { windows, limits, ..Reading::default() };
    let inventory = read_watched(&[Source { path: name.to_owned(), access }], reading, Some(&watcher));
    assert_eq!(inventory.files[0].state, FileState::Read, "{name}");
    (inventory.files[0].records, steps.into_inner().unwrap())
}

#[test]
fn usual_texts_are_read_in_windows_also_where_they_hold_as_much_as_they_may() {
    let (lines, list) = (usual().join("\n").into_bytes(), page(0..1000).into_bytes());
    let packed = [("a.jsonl.gz", gzip(&lines)), ("a.json.gz", gzip(&list)), ("a.json.zst", zstd(&list))];
    let array = format!("[{}]", usual().join(",")).into_bytes();
    let answers = format!("[{},{}]", page(0..700), page(700..1000)).into_bytes();
    // Whoever asks until nothing comes saves an empty page, too.
    let asked = [page(0..700), page(0..0), page(700..1000), page(0..0), page(0..0)];
    let asked = format!("[{}]", asked.join(",")).into_bytes();
    let wrapped = [b"{\"status\":200,\"body\":", &*list, b"}"].concat();
    let plain = [
        ("a.jsonl", lines),
        ("a.json", list),
        ("b.json", array),
        ("c.json", wrapped),
        ("d.json", answers),
        ("e.json", asked),
    ];
    for (name, bytes) in plain.into_iter().chain(packed) {
        for windows in [judged::SMALL, Windows { block: 16 << 20, ..judged::SMALL }] {
            let (records, usual) = steps(name, &bytes, windows, u64::MAX);
            let (_, full) = steps(name, &bytes, windows, records);
            for steps in [usual, full] {
                let (last, windows) = steps.split_last().unwrap();
                assert_eq!(*last, (1, 0), "{name} is read as a whole at last: {steps:?}");
                assert!(windows.iter().all(|(files, _)| *files == 0), "{steps:?}");
                assert_eq!(windows.iter().map(|(_, bytes)| *bytes).sum::<u64>(), bytes.len() as u64, "{name}");
            }
        }
    }
}

/// What goes on over so many blocks is nothing usual, and must not be held for nothing.
#[test]
fn what_is_very_long_is_soon_left_to_the_reader_of_whole_files() {
    const BLOCK: usize = 4 << 10;
    let padded =
        |text: &str, at: &str| text.replacen(at, &format!("{at}\"padding\":\"{}\",", "x".repeat(100 * BLOCK)), 1);
    let (list, lines) = (padded(&page(0..1000), "},{"), padded(&usual().join("\n"), "\n{"));
    let windows = Windows { block: BLOCK, ..judged::SMALL };
    let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for (name, text) in [("a.json", list), ("a.jsonl", lines)] {
        let (_, steps) = pool.install(|| steps(name, text.as_bytes(), windows, u64::MAX));
        let held = steps.iter().map(|(_, bytes)| *bytes).sum::<u64>();
        // The most that may be left of a window, the window in which that shows, and the next one.
        assert!(held <= 48 * BLOCK as u64, "{name}: {held} bytes, {steps:?}");
    }
}
