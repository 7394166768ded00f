//! Files that change between being found and being read, and while they are read; and work that panics.

use super::packed::tar_of;
use super::program::{Scratch, sample};
use cbr_audit::discover::discover;
use cbr_audit::inventory::Inventory;
use cbr_audit::inventory::file::{FAULT, FileState};
use cbr_audit::read::{Reading, Step, Windows, contained, read, read_watched};
use pretty_assertions::assert_eq;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::sync::Once;

fn page() -> String {
    fs::read_to_string(sample("troubled").join(super::writing::PAGE)).unwrap()
}

/// What happens to a file.
type Change = fn(&Path);

/// The one entry of the ledger: its state and its reason.
fn entry(inventory: &Inventory) -> (FileState, &str) {
    let [file] = &*inventory.files else { panic!("one file was found") };
    assert_eq!(file.path, "list.json");
    (file.state, file.reason.as_deref().unwrap_or_default())
}

#[test]
fn what_changes_between_finding_and_reading_is_rejected() {
    let changes: [(&str, Change); 5] = [
        ("changed since it was found", |path| File::options().write(true).open(path).unwrap().set_len(10).unwrap()),
        ("changed since it was found", |path| fs::write(path, page() + " ").unwrap()),
        ("cannot be opened: no such file", |path| fs::remove_file(path).unwrap()),
        ("no regular file", |path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
        ("no regular file", |path| {
            fs::remove_file(path).unwrap();
            // Nobody writes to it: to open it in the usual way would wait for ever.
            assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
        }),
    ];
    for (why, change) in changes {
        let scratch = Scratch::new();
        let path = scratch.write("list.json", page());
        let sources = discover(&[scratch.path("")], &globset::GlobSet::empty()).unwrap();
        change(&path);
        let inventory = read(&sources, Reading::default());
        let (state, reason) = entry(&inventory);
        assert!(state == FileState::Rejected && reason.contains(why), "{state:?} {reason}");
    }
}

#[test]
fn a_long_list_that_changes_while_it_is_read_is_rejected() {
    let changes: [Change; 3] = [
        |path| File::options().write(true).open(path).unwrap().set_len(20 << 20).unwrap(),
        |path| {
            use std::io::Write;
            File::options().append(true).open(path).unwrap().write_all(b"\n").unwrap();
        },
        |path| {
            // The same bytes, and still nobody can say what was read.
            use std::os::unix::fs::FileExt;
            File::options().write(true).open(path).unwrap().write_all_at(b"{", 0).unwrap();
        },
    ];
    let one = r#"{"id": "ID", "name": "n", "status": "available", "resource_type": "OS::Nova::Server", "resource_id": "r",
        "created_at": "2026-10-01T01:00:00Z", "vault_id": "v", "project_id": "p", "padding": "PADDING"}"#;
    let one = one.replace("PADDING", &"x".repeat(1000));
    let elements: Vec<_> = (0..26_000).map(|number| one.replace("ID", &format!("b{number:06}"))).collect();
    let text = format!("{{\"backups\": [{}], \"count\": 26000}}", elements.join(","));
    assert!(text.len() > 20 << 20);
    for change in changes {
        let scratch = Scratch::new();
        let path = scratch.write("list.json", &text);
        let sources = discover(&[scratch.path("")], &globset::GlobSet::empty()).unwrap();
        let once = Once::new();
        // So small that most of the file is not read when the first window has been parsed.
        let windows = Windows { block: 64 << 10, ..Windows::default() };
        let inventory = read_watched(
            &sources,
            Reading { windows, ..Reading::default() },
            Some(&|step| {
                if matches!(step, Step::Read { .. }) {
                    once.call_once(|| change(&path));
                }
            }),
        );
        assert!(once.is_completed());
        let (state, reason) = entry(&inventory);
        // It stays as it is behind the change: what is read anew then is whole.
        let is_same = state == FileState::Read && inventory.files[0].records == 26_000;
        assert!(state == FileState::Rejected || is_same, "{state:?} {reason}");
        assert!(is_same == (fs::metadata(&path).unwrap().len() == text.len() as u64), "{state:?} {reason}");
    }
}

/// Also where every member could be read to its end.
#[test]
fn of_an_archive_that_changes_nothing_is_used() {
    use std::io::Write;
    let scratch = Scratch::new();
    scratch.write("a.tar", tar_of(&[("a.json", b"{}".to_vec())]));
    let path = scratch.write("d.tar", tar_of(&[("a.json", page().into_bytes()), ("b.json", b"{}".to_vec())]));
    let sources = discover(&[scratch.path("")], &globset::GlobSet::empty()).unwrap();
    let before = read(&sources, Reading::default());
    assert!(before.files.len() == 5 && !before.is_empty());
    let once = Once::new();
    // Both are known for archives when the first of them has been read.
    let change = || File::options().append(true).open(&path).unwrap().write_all(&[0; 512]).unwrap();
    let watcher = |step| {
        if matches!(step, Step::Read { .. }) {
            once.call_once(change);
        }
    };
    let inventory = read_watched(&sources, Reading::default(), Some(&watcher));
    let [_, _, file] = &*inventory.files else { panic!("{} files are told", inventory.files.len()) };
    let told = (&*file.path, file.state, file.reason.as_deref(), inventory.len());
    assert_eq!(told, ("d.tar", FileState::Rejected, Some("changed while it was read"), 0));
}

#[test]
fn a_panic_costs_its_file_and_is_named() {
    assert_eq!(contained(|| 1), Ok(1));
    let lost: Result<(), String> = contained(|| panic!("on purpose"));
    assert_eq!(lost, Err(FAULT.to_owned()));
}
