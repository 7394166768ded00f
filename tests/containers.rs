//! Packed dumps: the same answers as unpacked, a line for every member, and no loss without a word.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod packed;
mod program;

use packed::{append, gzip, tar_of, zip_of, zstd};
use pretty_assertions::assert_eq;
use program::{Scratch, files_below, report, run, sample};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

const QUIET: [&str; 4] = ["--as-of", "2026-11-01T06:00:00Z", "--fail-on", "none"];

fn show(id: &str) -> Vec<u8> {
    json!({"backup": {
        "id": id, "name": "autobk_1", "status": "available", "image_type": "backup",
        "resource_type": "OS::Cinder::Volume", "resource_id": "r1", "resource_size": 40,
        "created_at": "2026-11-01T01:00:00.5", "project_id": "p1", "vault_id": "v1", "parent_id": null,
    }})
    .to_string()
    .into_bytes()
}

/// State, records and reason of every file in the ledger.
fn ledger(report: &Value) -> Vec<(String, String, u64, String)> {
    let text = |file: &Value, key: &str| file[key].as_str().unwrap_or_default().to_owned();
    let files = report["inputs"]["files"].as_array().unwrap();
    let line =
        |file| (text(file, "path"), text(file, "state"), file["records"].as_u64().unwrap(), text(file, "reason"));
    files.iter().map(line).collect()
}

/// What becomes of a file with these bytes: the ledger, and the exit status.
fn read(name: &str, bytes: &[u8]) -> (Vec<(String, String, u64, String)>, i32) {
    let scratch = Scratch::new();
    scratch.write(name, bytes);
    let (report, status) = report(&scratch.path(""), &QUIET);
    let ledger = ledger(&report);
    assert_eq!(report["inputs"]["files_total"], ledger.len());
    (ledger, status)
}

/// The one line of these paths; its state must be this one, and its reason say this.
fn assert_line(ledger: &[(String, String, u64, String)], path: &str, state: &str, reason: &str) {
    let lines: Vec<_> = ledger.iter().filter(|line| line.0 == path).collect();
    let [(_, found, _, why)] = lines[..] else { panic!("{path} has {} lines in {ledger:?}", lines.len()) };
    assert_eq!(found, state, "{why}");
    assert!(why.contains(reason), "{why:?} does not say {reason:?}");
}

fn records(ledger: &[(String, String, u64, String)]) -> u64 {
    ledger.iter().map(|line| line.2).sum()
}

#[test]
fn a_dump_gives_the_same_findings_in_every_form() {
    let dump = sample("troubled");
    let mut members: Vec<_> = files_below(&dump)
        .iter()
        .map(|file| (file.display().to_string(), std::fs::read(dump.join(file)).unwrap()))
        .collect();
    let (plain, status) = report(&dump, &[]);
    members.reverse();
    let tar = tar_of(&members);
    let forms = [
        ("d.tar", tar.clone()),
        ("d.tar.gz", gzip(&tar)),
        ("d.tar.zst", zstd(&tar)),
        ("d.zip", zip_of(&members)),
        ("d.bin", gzip(&tar)),
    ];
    for (name, bytes) in forms {
        let scratch = Scratch::new();
        let path = scratch.write(name, &bytes);
        for threads in ["1", "4"] {
            let (packed, packed_status) = report(&path, &["--threads", threads]);
            assert_eq!(packed_status, status, "{name}");
            let renamed = packed.to_string().replace(&format!("{name}!/"), "").replace(&format!("{name}!"), ".");
            let packed: Value = serde_json::from_str(&renamed).unwrap();
            assert_eq!(counts(&packed), counts(&plain), "rules of {name}");
            for key in ["resources", "coverage"] {
                assert_eq!(packed[key], plain[key], "{key} of {name}");
            }
            assert_eq!(packed["inputs"]["records"], plain["inputs"]["records"]);
            assert_eq!(findings(&packed), findings(&plain), "{name}");
            let files = packed["inputs"]["files"].as_array().unwrap();
            assert_eq!(files[0]["state"], "unpacked");
            assert_eq!(files[1..].len(), members.len());
            let from_stdin = on_stdin(&bytes, threads);
            assert_eq!(from_stdin["inputs"]["records"], plain["inputs"]["records"], "{name} on standard input");
            assert_eq!(from_stdin["findings"].as_array().unwrap().len(), plain["findings"].as_array().unwrap().len());
        }
        let rows = |path: &std::path::Path| run(["inventory".as_ref(), path.as_os_str()]).out.lines().count();
        assert_eq!(rows(&path), rows(&dump), "population of {name}");
    }
}

/// The counts of every rule; the archive is one file more that no rule applies to.
fn counts(report: &Value) -> Vec<Value> {
    let mut rules = report["rules"].as_array().unwrap().clone();
    let judges_files = |rule: &Value| rule["id"] == "input-unreadable" || rule["id"] == "vault-list-incomplete";
    for rule in rules.iter_mut().filter(|rule| judges_files(rule)) {
        rule["not_applicable"] = Value::Null;
    }
    rules
}

/// The findings without their fingerprints, which hold the paths of files and directories.
fn findings(report: &Value) -> Vec<Value> {
    let mut findings = report["findings"].as_array().unwrap().clone();
    for finding in &mut findings {
        finding["fingerprint"] = Value::Null;
    }
    findings
}

fn on_stdin(bytes: &[u8], threads: &str) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cbr-audit"));
    command.args(["report", "-", "-qo", "json=-", "--threads", threads]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What turns out to be none of the forms that are read in windows is read again, and may hold as much for its size.
#[test]
fn what_is_read_twice_on_standard_input_may_hold_as_much() {
    let filling = "x".repeat(250);
    let lines = (0..66_000)
        .map(|number| format!("{{\"id\":\"b{number}\",\"resource_id\":\"r\",\"vault_id\":\"{filling}\"}}\n"));
    let text =
        lines.chain(["{\n\"id\":\"last\",\"resource_id\":\"r\",\"vault_id\":\"v\"}\n".to_owned()]).collect::<String>();
    for bytes in [text.clone().into_bytes(), tar_of(&[("lines.json", text.into_bytes())])] {
        assert_eq!(on_stdin(&bytes, "2")["inputs"]["records"], 66_001);
    }
}

#[test]
fn a_compressed_file_is_one_file() {
    let two = [gzip(&show("b1")[..40]), gzip(&show("b1")[40..])].concat();
    for bytes in [gzip(&show("b1")), two.clone(), zstd(&show("b1")), gzip(&gzip(&show("b1")))] {
        let (ledger, status) = read("x.json", &bytes);
        assert_eq!((ledger.len(), records(&ledger), status), (1, 1, 0), "{ledger:?}");
    }
    // The second gzip member is not lost: cut in it, nothing is read.
    let (ledger, status) = read("x.json.gz", &two[..two.len() - 12]);
    assert_line(&ledger, "x.json.gz", "rejected", "the gzip data is cut off");
    assert_eq!(status, 3);
    let unchecked = zstd::encode_all(&show("b1")[..], 3).unwrap();
    assert_line(&read("x.json.zst", &unchecked).0, "x.json.zst", "read", "without a checksum");
}

#[test]
fn damage_to_compressed_files_is_named() {
    let good = gzip(&show("b1"));
    let mut wrong_sum = good.clone();
    let at = good.len() - 8;
    wrong_sum[at] ^= 1;
    let cases = [
        (good[..good.len() - 1].to_vec(), "cut off"),
        (good[..20].to_vec(), "cut off"),
        (wrong_sum, "damaged"),
        ([&good[..], b"the rest of it"].concat(), "stands behind the gzip data"),
        ([&good[..], &[0; 512]].concat(), "stands behind the gzip data"),
        (zstd(&show("b1"))[..60].to_vec(), "cut off"),
        ([&zstd(&show("b1"))[..], b"rest"].concat(), "stands behind the zstd data"),
    ];
    for (bytes, reason) in cases {
        assert_line(&read("x.json", &bytes).0, "x.json", "rejected", reason);
    }
    assert_line(&read("x.json.gz", b"").0, "x.json.gz", "rejected", "named like a gzip file");
    assert_line(&read("x.zip", b"garbage").0, "x.zip", "rejected", "cut off or no zip archive");
}

#[test]
fn a_cut_tar_archive_is_never_whole() {
    let tar = tar_of(&[("a.json", show("b1")), ("b.json", show("b2"))]);
    let (ledger, status) = read("d.tar", &tar);
    assert_eq!((records(&ledger), status), (2, 0));
    let second = 1024;
    for length in 1..tar.len().min(second + 2048) {
        let (ledger, _) = read("d.tar", &tar[..length]);
        assert!(ledger[0].1 == "rejected" || ledger[0].1 == "partly-read", "{length}: {ledger:?}");
        if length > 1800 {
            break;
        }
    }
    // At a boundary between members, and inside one.
    let (ledger, status) = read("d.tar", &tar[..second]);
    assert_line(&ledger, "d.tar", "partly-read", "ends without the blocks that mark its end");
    assert_eq!((records(&ledger), status), (1, 4));
    let (ledger, _) = read("d.tar", &tar[..second + 600]);
    assert_line(&ledger, "d.tar!/b.json", "rejected", "the archive ends after 88 of");
    assert_line(&ledger, "d.tar", "partly-read", "cut off");
    let (ledger, _) = read("d.tar", &[&tar[..], &tar[..]].concat());
    assert_line(&ledger, "d.tar", "partly-read", "behind its end, perhaps a second archive");
    let (ledger, _) = read("d.tar.gz", &gzip(&tar)[..150]);
    assert_line(&ledger, "d.tar.gz", "partly-read", "the gzip data is cut off");
}

/// Long names and further statements stand before the member that they speak of.
#[test]
fn a_header_without_its_member_is_told() {
    let end = |kind: u8, bytes: &[u8]| {
        let mut builder = tar::Builder::new(Vec::new());
        append(&mut builder, "a.json", tar::EntryType::Regular, &show("b1"));
        append(&mut builder, "header", tar::EntryType::new(kind), bytes);
        read("d.tar", &builder.into_inner().unwrap())
    };
    for (kind, bytes) in [(b'L', &b"b.json\0"[..]), (b'K', b"b.json\0"), (b'x', b"15 path=b.json\n")] {
        let (ledger, status) = end(kind, bytes);
        assert_line(&ledger, "d.tar", "partly-read", "behind a header that speaks of one more member");
        assert_eq!((records(&ledger), status), (1, 4));
    }
    // What is said of all members says nothing of one more.
    let (ledger, status) = end(b'g', b"15 path=b.json\n");
    assert_line(&ledger, "d.tar", "unpacked", "1 member");
    assert_eq!((records(&ledger), status), (1, 0));
}

#[test]
fn odd_members_of_a_tar_archive_are_listed() {
    let mut builder = tar::Builder::new(Vec::new());
    packed::append(&mut builder, "a.json", tar::EntryType::Regular, &show("b1"));
    packed::append(&mut builder, "a.json", tar::EntryType::Regular, &show("b2"));
    packed::append(&mut builder, "link.json", tar::EntryType::Symlink, b"");
    packed::append(&mut builder, "pipe.json", tar::EntryType::Fifo, b"");
    packed::append(&mut builder, "sub", tar::EntryType::Directory, b"");
    packed::append(&mut builder, &format!("{}/x.json", "long".repeat(50)), tar::EntryType::Regular, &show("b3"));
    packed::append(&mut builder, "../../etc/up.json", tar::EntryType::Regular, &show("b4"));
    packed::append(&mut builder, "/root.json", tar::EntryType::Regular, &show("b5"));
    packed::append(&mut builder, "notes.md", tar::EntryType::Regular, b"made by hand");
    let (ledger, status) = read("d.tar", &builder.into_inner().unwrap());
    assert_eq!((records(&ledger), status), (5, 0), "{ledger:?}");
    assert_line(&ledger, "d.tar", "unpacked", "1 member has the name of another");
    assert_line(&ledger, "d.tar!/a.json (2)", "read", "");
    assert_line(&ledger, "d.tar!/link.json", "skipped", "a symbolic link");
    assert_line(&ledger, "d.tar!/pipe.json", "skipped", "a FIFO");
    assert_line(&ledger, "d.tar!/../../etc/up.json", "read", "");
    assert_line(&ledger, "d.tar!//root.json", "read", "");
    assert_line(&ledger, "d.tar!/notes.md", "not-backup", "");
}

#[test]
fn an_archive_in_an_archive_is_read_and_a_third_one_refused() {
    let inner = zip_of(&[("a.json", show("b1")), ("b.json.gz", gzip(&show("b2")))]);
    let tar = tar_of(&[("in.zip", inner), ("c.json.gz", gzip(&show("b3")))]);
    let (ledger, status) = read("d.tar.gz", &gzip(&tar));
    assert_eq!((records(&ledger), status), (2, 4), "{ledger:?}");
    assert_line(&ledger, "d.tar.gz!/in.zip", "unpacked", "2 members");
    assert_line(&ledger, "d.tar.gz!/in.zip!/a.json", "read", "");
    assert_line(&ledger, "d.tar.gz!/in.zip!/b.json.gz", "rejected", "--max-nesting");
    let scratch = Scratch::new();
    let path = scratch.write("d.tar.gz", gzip(&tar));
    let (deeper, status) = report(&path, &[&QUIET[..], &["--max-nesting", "3"]].concat());
    assert_eq!((deeper["inputs"]["records"].as_u64(), status), (Some(3), 0));
}

#[test]
fn notes_and_exclusions_reach_into_archives() {
    let note = json!({"captured_at": "2026-11-01T06:00:00Z"}).to_string().into_bytes();
    let tar = tar_of(&[("capture.json", note), ("sub/a.json", show("b1")), ("sub/bad.json", b"{".to_vec())]);
    let scratch = Scratch::new();
    let path = scratch.write("d.tar", tar);
    let (whole, status) = report(&path, &["--fail-on", "none"]);
    assert_eq!((&whole["as_of"]["time"], status), (&json!("2026-11-01T06:00:00Z"), 4));
    for pattern in ["bad.json", "sub/bad.json"] {
        let (report, status) = report(&path, &["--fail-on", "none", "--exclude", pattern]);
        assert_line(&ledger(&report), "d.tar!/sub/bad.json", "skipped", "--exclude");
        assert_eq!(status, 0);
        let population = run(["inventory".as_ref(), path.as_os_str(), "--exclude".as_ref(), pattern.as_ref()]);
        assert_eq!((population.status, population.err.as_str()), (0, ""), "{pattern}");
    }
    assert_eq!(run(["inventory".as_ref(), path.as_os_str()]).status, 4);
}

#[test]
fn hashes_are_those_of_the_files_as_they_stand() {
    use sha2::{Digest, Sha256};
    let hex = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let member = gzip(&show("b2"));
    let members = [("a.json", show("b1")), ("b.json.gz", member.clone())];
    for (name, bytes) in
        [("d.tar.gz", gzip(&tar_of(&members))), ("d.zip", zip_of(&members)), ("x.json.gz", gzip(&show("b1")))]
    {
        let scratch = Scratch::new();
        let path = scratch.write(name, &bytes);
        let (report, _) = report(&path, &[&QUIET[..], &["--sha256"]].concat());
        let hashes: Vec<_> =
            report["inputs"]["files"].as_array().unwrap().iter().map(|file| file["sha256"].clone()).collect();
        let all = [json!(hex(&bytes)), json!(hex(&show("b1"))), json!(hex(&member))];
        assert_eq!(hashes, if name == "x.json.gz" { all[..1].to_vec() } else { all.to_vec() }, "{name}");
    }
}

/// A link stands for the data of another member; where these are not read, neither are they with it.
#[test]
fn a_hard_link_is_a_copy_only_of_what_is_read() {
    let link = |builder: &mut tar::Builder<Vec<u8>>, name: &str, target: &str| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Link);
        header.set_size(0);
        builder.append_link(&mut header, name, target).unwrap();
    };
    let long = format!("{}.json", "x".repeat(150));
    let mut builder = tar::Builder::new(Vec::new());
    append(&mut builder, "./a.json", tar::EntryType::Regular, &show("b1"));
    append(&mut builder, &long, tar::EntryType::Regular, &show("b2"));
    append(&mut builder, "old/h.json", tar::EntryType::Regular, &show("b3"));
    [
        ("b.json", "a.json"),
        ("c.json", &long),
        ("d.json", "elsewhere.json"),
        ("e.json", "d.json"),
        ("f.json", "f.json"),
        ("new/h.json", "old/h.json"),
        ("old/i.json", "./old/h.json"),
    ]
    .iter()
    .for_each(|(name, target)| link(&mut builder, name, target));
    let bytes = builder.into_inner().unwrap();
    let (ledger, status) = read("a.tar", &bytes);
    for name in ["b.json", "c.json", "old/i.json"] {
        assert_line(&ledger, &format!("a.tar!/{name}"), "skipped", "a hard link");
    }
    assert_line(&ledger, "a.tar!/d.json", "rejected", "a hard link to elsewhere.json, which is not read");
    assert_line(&ledger, "a.tar!/e.json", "rejected", "a hard link to d.json, which is not read");
    assert_line(&ledger, "a.tar!/f.json", "rejected", "a hard link to f.json, which is not read");
    // What is in another directory may be of an older capture, and judged apart.
    assert_line(&ledger, "a.tar!/new/h.json", "rejected", "a hard link to old/h.json in another directory");
    assert_eq!((records(&ledger), status), (3, 4));

    let scratch = Scratch::new();
    let (report, _) = report(&scratch.write("a.tar", bytes), &[&QUIET[..], &["--exclude", "a.json"]].concat());
    assert_line(&self::ledger(&report), "a.tar!/b.json", "rejected", "a hard link to a.json, which is not read");
}

#[test]
fn data_in_a_member_of_another_kind_are_lost_and_told() {
    let sparse = "a sparse file, of which only parts are stored";
    for (name, kind, reason) in [
        ("a.json", tar::EntryType::new(b'Z'), "of a kind that is not known"),
        ("a.json", tar::EntryType::new(b'M'), "began in another volume"),
        ("a.json", tar::EntryType::GNUSparse, sparse),
    ] {
        let mut builder = tar::Builder::new(Vec::new());
        append(&mut builder, name, kind, &show("b1"));
        append(&mut builder, "z.json", tar::EntryType::Regular, &show("b2"));
        let (ledger, status) = read("a.tar", &builder.into_inner().unwrap());
        assert_line(&ledger, &format!("a.tar!/{name}"), "rejected", reason);
        assert_eq!((records(&ledger), status), (1, 4), "{reason}");
    }
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_pax_extensions([("GNU.sparse.major", &b"1"[..])]).unwrap();
    append(&mut builder, "a.json", tar::EntryType::Regular, &show("b1"));
    assert_line(&read("a.tar", &builder.into_inner().unwrap()).0, "a.tar!/a.json", "rejected", sparse);

    // A size of its own, which no kind without data may have.
    for kind in [tar::EntryType::Directory, tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Fifo] {
        let (bytes, mut builder) = (show("b1"), tar::Builder::new(Vec::new()));
        builder.append_pax_extensions([("size", bytes.len().to_string().as_bytes())]).unwrap();
        append(&mut builder, "a.json", kind, &bytes);
        append(&mut builder, "z.json", tar::EntryType::Regular, &show("b2"));
        let (ledger, status) = read("a.tar", &builder.into_inner().unwrap());
        assert_eq!((records(&ledger), status), (1, 4), "{kind:?}: {ledger:?}");
        let why = if kind == tar::EntryType::Link { "a hard link to" } else { "holds no data, and yet it holds some" };
        assert_line(&ledger, "a.tar!/a.json", "rejected", why);
    }

    // Old programs tell directories by their names alone.
    let mut bytes = tar_of(&[("a.json/", show("b1"))]);
    let sum = std::str::from_utf8(&bytes[148..155]).map(|digits| u32::from_str_radix(digits, 8).unwrap()).unwrap();
    bytes[148..155].copy_from_slice(format!("{:07o}", sum - u32::from(b'0')).as_bytes());
    bytes[156] = 0;
    assert_line(&read("a.tar", &bytes).0, "a.tar!/a.json/", "rejected", "named like a directory, but it holds data");
}

#[test]
fn a_directory_of_a_zip_archive_holds_nothing() {
    let mut zip = zip_of(&[("a.json/", show("b1")), ("b/", Vec::new()), ("z.json", show("b2"))]);
    // It states that it holds nothing: in its own header, and in the directory.
    let directory = zip.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    zip[22..26].fill(0);
    zip[directory + 24..directory + 28].fill(0);
    let (ledger, status) = read("a.zip", &zip);
    assert_line(&ledger, "a.zip!/a.json/", "rejected", "it holds more than the 0 bytes that it states");
    assert_eq!((records(&ledger), ledger.len(), status), (1, 3, 4));
}

/// A link holds a path, and a device nothing: what holds more is read, whatever its kind is said to be.
#[test]
fn no_kind_of_a_zip_member_hides_what_it_holds() {
    let long = [show("b1"), vec![b' '; 4096]].concat();
    for (kind, bytes, state) in [
        (0o120_777_u32, &long, "read"),
        (0o120_777, &b"elsewhere/b.json".to_vec(), "skipped"),
        (0o020_666, &show("b1"), "read"),
        (0o020_666, &Vec::new(), "skipped"),
        (0o010_666, &show("b1"), "read"),
    ] {
        let mut zip = zip_of(&[("a.json", bytes.clone()), ("z.json", show("b2"))]);
        let directory = zip.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
        zip[directory + 5] = 3;
        zip[directory + 38..directory + 42].copy_from_slice(&(kind << 16).to_le_bytes());
        let (ledger, status) = read("a.zip", &zip);
        assert_line(&ledger, "a.zip!/a.json", state, if state == "read" { "" } else { "not a regular file but" });
        assert_eq!((records(&ledger), status), (1 + u64::from(state == "read"), 0), "{kind:o}");
    }
}
