//! Bad input through the program: everything ends in the right state of the ledger and with the right exit status.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use pretty_assertions::assert_eq;
use program::{Scratch, report, run};
use serde_json::{Value, json};
use std::fs::File;
use std::path::Path;
use std::process::Command;

const QUIET: [&str; 4] = ["--as-of", "2026-11-01T06:00:00Z", "--fail-on", "none"];

/// A backup of a disk with nothing wrong in it.
fn backup(id: &str) -> Value {
    json!({
        "id": id, "name": "autobk_1", "status": "available", "image_type": "backup",
        "resource_type": "OS::Cinder::Volume", "resource_id": "r1", "resource_name": "disk-1", "resource_size": 40,
        "created_at": "2026-11-01T01:00:00.5", "updated_at": "2026-11-01T01:05:00.5", "protected_at": null,
        "expired_at": "2026-12-01T01:00:00.5", "parent_id": null, "children": [], "checkpoint_id": "c1",
        "vault_id": "v1", "project_id": "p1", "replication_records": [],
        "extend_info": {"auto_trigger": true, "encrypted": true, "supported_restore_mode": null},
    })
}

fn show(id: &str) -> String {
    json!({"backup": backup(id)}).to_string()
}

/// A list answer whose second record has the key `spoiled` with this text as its value.
fn list_with(spoiled: &str) -> String {
    let bad = backup("b2").to_string().replacen('{', &format!("{{\"spoiled\":{spoiled},"), 1);
    format!("{{\"backups\":[{},{bad}],\"count\":2,\"offset\":0,\"limit\":10}}", backup("b1"))
}

/// State, records and reason of a file in the ledger.
fn entry(report: &Value, path: &str) -> (String, u64, String) {
    let files = report["inputs"]["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["path"] == path).unwrap_or_else(|| panic!("no {path} in {files:?}"));
    let text = |key: &str| file[key].as_str().unwrap_or_default().to_owned();
    (text("state"), file["records"].as_u64().unwrap(), text("reason"))
}

/// Beside a good file, the state, the records and a part of the reason must be these; what was lost must show in the
/// exit status, and alone the file must never look like an empty dump that was read well.
fn assert_ends(bytes: &[u8], state: &str, records: u64, reason: &str) {
    let scratch = Scratch::new();
    scratch.write("bad.json", bytes);
    let (alone, status) = report(&scratch.path(""), &QUIET);
    assert_eq!(status == 3, alone["inputs"]["records"] == 0);
    scratch.write("good.json", show("good"));
    let (report, status) = report(&scratch.path(""), &QUIET);
    let (found, read, why) = entry(&report, "bad.json");
    assert_eq!((found.as_str(), read), (state, records), "{why}");
    assert!(why.contains(reason), "{why:?} does not say {reason:?}");
    assert_eq!(status, if state == "read" || state == "not-backup" { 0 } else { 4 }, "{why}");
    assert_eq!(entry(&report, "good.json").0, "read");
}

#[test]
fn text_encodings_are_told_apart() {
    let text = show("b1");
    let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    assert_ends(text.as_bytes(), "read", 1, "");
    assert_ends(format!("\u{feff}{text}").as_bytes(), "read", 1, "");
    assert_ends(&[&[0xff, 0xfe], &utf16(u16::to_le_bytes)[..]].concat(), "read", 1, "");
    assert_ends(&[&[0xfe, 0xff], &utf16(u16::to_be_bytes)[..]].concat(), "read", 1, "");
    assert_ends(&utf16(u16::to_le_bytes), "read", 1, "");
    assert_ends(&[&[0xff, 0xfe], &utf16(u16::to_le_bytes)[1..]].concat(), "rejected", 0, "UTF-16");
    assert_ends(&text.replace("disk-1", "?").into_bytes().map_byte(b'?', 0xe9), "rejected", 0, "not valid UTF-8");
    assert_ends(&[0; 64], "rejected", 0, "");
    assert_ends(format!("{text}\0").as_bytes(), "rejected", 0, "");
    assert_ends(text.replace("disk-1", "disk\0").as_bytes(), "rejected", 0, "");
}

trait MapByte {
    fn map_byte(self, from: u8, to: u8) -> Self;
}

impl MapByte for Vec<u8> {
    fn map_byte(mut self, from: u8, to: u8) -> Self {
        self.iter_mut().filter(|byte| **byte == from).for_each(|byte| *byte = to);
        self
    }
}

#[test]
fn what_is_no_whole_answer_is_rejected_and_says_why() {
    let text = show("b1");
    assert_ends(b"", "rejected", 0, "zero bytes");
    assert_ends(b" \n\t", "rejected", 0, "blanks");
    assert_ends(&text.as_bytes()[..text.len() / 2], "rejected", 0, "cut off");
    assert_ends(format!("{text}{{").as_bytes(), "rejected", 0, "more than one JSON document");
    assert_ends(b"<!doctype html><title>Log in</title>", "rejected", 0, "HTML");
    assert_ends(b"\x1f\x8b\x08\0rest", "rejected", 0, "gzip");
    assert_ends(br#"{"error_code":"APIGW.0301","error_msg":"no token"}"#, "rejected", 0, "APIGW.0301 no token");
    assert_ends(br#"{"backups":{}}"#, "rejected", 0, "should be an array");
    assert_ends(br#"{"backup":[]}"#, "rejected", 0, "should be an object");
    assert_ends(br#"{"colour":"blue"}"#, "rejected", 0, "colour");
    assert_ends(b"17", "rejected", 0, "a JSON number by itself");
    assert_ends(b"{}", "not-backup", 0, "");
    assert_ends(br#"{"vaults":[],"count":0}"#, "not-backup", 0, "");
    assert_ends(br#"{"backups":[],"count":0}"#, "read", 0, "");
}

#[test]
fn a_fault_in_one_record_costs_that_record_only() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for spoiled in ["1e400", "1,\"spoiled\":2,\"id\":\"b3\"", &deep] {
        assert_ends(list_with(spoiled).as_bytes(), "partly-read", 1, "");
    }
    assert_ends(list_with("1e308").as_bytes(), "read", 2, "");
    let lone = format!("{{\"backup\":{}}}", backup("b1").to_string().replacen('{', "{\"size\":1e400,", 1));
    assert_ends(lone.as_bytes(), "rejected", 0, "");
    assert_ends(deep.as_bytes(), "rejected", 0, "");
    assert_ends(format!("{}1", "{\"a\":".repeat(100_000)).as_bytes(), "rejected", 0, "");
    assert_ends(json!({"backups": [7, backup("b1")], "count": 2}).to_string().as_bytes(), "partly-read", 1, "");
}

#[test]
fn a_backup_that_is_its_own_parent_is_a_finding() {
    let scratch = Scratch::new();
    let mut own = backup("b1");
    own["parent_id"] = json!("b1");
    scratch.write("own.json", json!({"backup": own}).to_string());
    let (report, _) = report(&scratch.path(""), &QUIET);
    let cycle = |finding: &&Value| finding["rule"] == "hierarchy-cycle" && finding["verdict"] == "fail";
    assert_eq!(report["findings"].as_array().unwrap().iter().filter(cycle).count(), 1);
}

#[test]
fn a_hundred_thousand_disks_in_one_backup_are_read() {
    let scratch = Scratch::new();
    let mut server = backup("server");
    server["resource_type"] = json!("OS::Nova::Server");
    let disks = (0..100_000).map(|number| {
        let mut disk = backup(&format!("disk-{number}"));
        disk["parent_id"] = json!("server");
        disk
    });
    server["children"] = disks.collect();
    scratch.write("big.json", json!({"backup": server}).to_string());
    let (report, status) = report(&scratch.path(""), &QUIET);
    assert_eq!(report["inputs"]["records"], 100_001);
    assert_eq!(status, 0);
}

#[test]
fn a_path_that_is_missing_or_given_twice_is_wrong_usage() {
    let scratch = Scratch::new();
    let missing = scratch.path("no-such-directory");
    let ran = run(["report".as_ref(), missing.as_os_str()]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("no-such-directory"), "{}", ran.err);
    scratch.write("good.json", show("b1"));
    let whole = scratch.path("");
    assert_eq!(run(["report".as_ref(), whole.as_os_str(), whole.as_os_str()]).status, 2);
}

#[test]
fn an_empty_directory_holds_no_backup_record() {
    let scratch = Scratch::new();
    let (report, status) = report(&scratch.path(""), &[]);
    assert_eq!((status, &report["inputs"]["files_total"]), (3, &json!(0)));
    assert_eq!(report["as_of"]["time"], Value::Null);
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_skipped_and_an_unreadable_one_is_rejected() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};
    let scratch = Scratch::new();
    scratch.write("good.json", show("b1"));
    symlink(scratch.path(""), scratch.path("loop")).unwrap();
    symlink(scratch.path("good.json"), scratch.path("link.json")).unwrap();
    symlink("nowhere", scratch.path("dangling.json")).unwrap();
    assert!(Command::new("mkfifo").arg(scratch.path("pipe.json")).status().unwrap().success());
    let odd = Path::new(std::ffi::OsStr::from_bytes(b"odd\xff\x1b[31m.json")).to_owned();
    File::create(scratch.path("").join(odd)).unwrap();
    let (result, status) = report(&scratch.path(""), &QUIET);
    for name in ["loop", "link.json", "dangling.json", "pipe.json"] {
        let (state, _, reason) = entry(&result, name);
        assert_eq!(state, "skipped", "{name}");
        assert!(reason.contains(if name == "pipe.json" { "FIFO" } else { "symbolic link" }), "{reason}");
    }
    assert_eq!(entry(&result, "odd\\xff\u{1b}[31m.json").0, "rejected");
    assert_eq!((status, &result["inputs"]["records"]), (4, &json!(1)));
    let verbose = run(["report".as_ref(), scratch.path("").as_os_str(), "-v".as_ref()]);
    assert!(
        !verbose.out.contains('\u{1b}') && !verbose.err.contains('\u{1b}'),
        "the terminal gets a control character"
    );

    let closed = scratch.write("closed.json", show("b2"));
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser reads everything.
    if File::open(&closed).is_err() {
        let (report, status) = report(&scratch.path(""), &QUIET);
        assert_eq!((entry(&report, "closed.json").0.as_str(), status), ("rejected", 4));
    }
}
