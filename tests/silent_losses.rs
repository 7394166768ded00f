//! The five ways in which usual libraries lose records without an error. Each test shows the loss in the library, and that
//! here nothing is lost or the ledger says what is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

mod packed;
mod told;

use cbr_audit::inventory::file::FileState;
use packed::{gzip, tar_of, zip_of};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::io::{Cursor, Read};
use told::{Place, told, told_of};

fn show(id: &str) -> Vec<u8> {
    json!({"backup": {
        "id": id, "name": "autobk_1", "status": "available", "image_type": "backup", "resource_id": "r1",
        "resource_type": "OS::Cinder::Volume", "created_at": "2026-11-01T01:00:00.5", "project_id": "p1",
        "vault_id": "v1", "parent_id": null,
    }})
    .to_string()
    .into_bytes()
}

/// A list answer cut in two in the middle of its second record.
fn halves() -> [Vec<u8>; 2] {
    let record = |id: &str| serde_json::from_slice::<Value>(&show(id)).unwrap()["backup"].take();
    let list = json!({"backups": [record("b1"), record("b2"), record("b3")], "count": 3}).to_string().into_bytes();
    let middle = list.len() / 2;
    [list[..middle].to_vec(), list[middle..].to_vec()]
}

#[test]
fn the_second_member_of_a_gzip_file() {
    let [first, second] = halves();
    let packed = [gzip(&first), gzip(&second)].concat();
    let mut lost = Vec::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut lost).unwrap();
    assert_eq!(lost, first);

    let told = told_of(&[("list.json.gz", &packed)]);
    assert_eq!((told.line("list.json.gz").state, told.backups), (FileState::Read, 3));
    // Also where the first member is a whole answer by itself.
    let twice = [gzip(&show("b1")), gzip(&show("b2"))].concat();
    let told = told_of(&[("two.json.gz", &twice)]);
    assert!(told.backups == 2 || told.line("two.json.gz").state.is_incomplete(), "{:?}", told.ledger);
}

#[test]
fn what_is_cut_off_a_tar_archive() {
    let tar = tar_of(&[("a.json", show("b1")), ("b.json", show("b2"))]);
    // At the end of the first member, and inside the second one.
    let [at_border, inside] = [1024, 1024 + 512 + 100];
    let listed = |bytes: &[u8]| -> usize {
        let mut archive = tar::Archive::new(bytes);
        let entries: Vec<_> = archive.entries().unwrap().collect();
        entries.into_iter().filter(|entry| entry.is_ok()).count()
    };
    assert_eq!([listed(&tar), listed(&tar[..at_border])], [2, 1]);

    for length in [at_border, inside] {
        let told = told_of(&[("d.tar", &tar[..length])]);
        assert_eq!((told.line("d.tar").state, told.backups), (FileState::PartlyRead, 1), "{:?}", told.ledger);
        assert_eq!(told.status & 4, 4);
    }
    assert_eq!(told_of(&[("d.tar", &tar)]).line("d.tar").state, FileState::Unpacked);
}

#[test]
fn members_of_a_zip_archive_under_one_name() {
    let mut zip = zip_of(&[("a.json", show("b1")), ("b.json", show("b2"))]);
    for at in 0..zip.len() - 6 {
        if zip[at..].starts_with(b"b.json") {
            zip[at] = b'a';
        }
    }
    assert_eq!(zip::ZipArchive::new(Cursor::new(&zip)).unwrap().len(), 1);

    let told = told_of(&[("d.zip", &zip)]);
    assert_eq!(told.backups, 2, "{:?}", told.ledger);
    assert_eq!(told.line("d.zip!/a.json (2)").records, 1);
    assert!(told.line("d.zip").reason.contains("the name of another"), "{:?}", told.ledger);
}

#[test]
fn records_after_a_line_that_is_no_json() {
    let lines = [show("b1"), b"{\"backup\": {\"id\": nonsense}}".to_vec(), show("b2"), show("b3")].join(&b"\n"[..]);
    let whole = |value: &Result<Value, _>| value.is_ok();
    let stream = serde_json::Deserializer::from_slice(&lines).into_iter::<Value>();
    assert_eq!(stream.filter(whole).count(), 1);

    for name in ["list.ndjson", "list.jsonl", "list.json"] {
        let told = told_of(&[(name, &lines)]);
        let line = told.line(name);
        let all_others = (line.state, told.backups) == (FileState::PartlyRead, 3);
        let none = (line.state, told.backups) == (FileState::Rejected, 0);
        assert!(all_others || none, "{:?}", told.ledger);
        assert!(line.reason.contains("line 2"), "{:?}", told.ledger);
        assert!(told.status & 4 == 4 || told.status == 3);
    }
}

#[test]
fn hidden_and_ignored_files() {
    let place = Place::new();
    place.write(".gitignore", "*.json\nsub/\n").write(".ignore", "*").write("a.json", show("b1"));
    place.write(".b.json", show("b2")).write(".hidden/c.json", show("b3")).write("sub/d.json", show("b4"));
    place.write(".git/e.json", show("b5")).write("sub/.json", show("b6"));
    // What a walk would see that leaves out hidden names, as usual walks do.
    let entries = std::fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(entries.filter(|name| !name.to_string_lossy().starts_with('.')).count(), 2);

    let told = told(place.path());
    assert_eq!(told.ledger.len(), 8, "{:?}", told.ledger);
    assert_eq!(told.backups, 6, "{:?}", told.ledger);
    assert_eq!(told.line(".hidden/c.json").state, FileState::Read);
    assert_eq!(told.line(".gitignore").state, FileState::NotBackup);
}
