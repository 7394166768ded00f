//! Dumps that are cut off at every place and changed at every byte, plain and in every container: what is lost shows in the
//! ledger, always.
//!
//! `DAMAGE` sets how many cases of each sample and container are tried; `DAMAGE=0` tries all of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, clippy::print_stdout)]

mod packed;
mod told;

use cbr_audit::inventory::file::FileState;
use packed::{gzip, tar_of, zip_of, zstd};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::io::Read;
use told::{Line, Told, number, told_of};

/// How many cases of a sample in a container are tried.
const TRIED: usize = 100;

/// What happens to a file.
#[derive(Clone, Copy, Debug)]
enum Damage {
    /// Only so many bytes are left.
    Cut(usize),
    /// The bits of one byte are turned over.
    Flip(usize, u8),
}

/// Which bits are turned over: each by itself, and all.
const MASKS: [u8; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 255];

impl Damage {
    /// Every damage of one file.
    fn all(bytes: &[u8]) -> impl Iterator<Item = Self> {
        let flips = (0..bytes.len()).flat_map(|at| MASKS.map(|mask| Self::Flip(at, mask)));
        (0..bytes.len()).map(Self::Cut).chain(flips)
    }

    fn done_to(self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        match self {
            Self::Cut(length) => bytes.truncate(length),
            Self::Flip(at, mask) => bytes[at] ^= mask,
        }
        bytes
    }
}

fn backup(id: &str) -> Value {
    json!({
        "id": id, "name": "autobk_1", "status": "available", "image_type": "backup", "resource_id": "r1",
        "resource_type": "OS::Nova::Server", "resource_name": "web-1", "resource_size": 40, "project_id": "p1",
        "created_at": "2026-10-30T01:00:00.5", "expired_at": "2026-12-01T01:00:00.5", "vault_id": "v1",
        "parent_id": null, "children": [], "extend_info": {"auto_trigger": true, "encrypted": false},
    })
}

/// A list answer with a disk in one of its backups, and a failed one.
fn list() -> Vec<u8> {
    let [mut server, mut disk, mut failed] = ["b1", "b2", "b3"].map(backup);
    disk["parent_id"] = json!("b1");
    disk["resource_type"] = json!("OS::Cinder::Volume");
    server["children"] = json!([disk]);
    failed["status"] = json!("error");
    json!({"backups": [server, failed], "count": 2, "offset": 0}).to_string().into_bytes()
}

fn show() -> Vec<u8> {
    serde_json::to_vec_pretty(&json!({"backup": backup("b4")})).unwrap()
}

/// An answer around the backups.
fn vaults() -> Vec<u8> {
    let vault = json!({
        "id": "v1", "name": "vault-1", "billing": {"size": 100, "used": 95, "status": "available"},
        "resources": [{"id": "r1", "type": "OS::Nova::Server", "protect_status": "available"}], "tags": [],
    });
    json!({"vaults": [vault], "count": 1}).to_string().into_bytes()
}

/// A file in some form.
struct Sample {
    name: &'static str,
    bytes: Vec<u8>,
    /// Whether the container proves that its content is as it was.
    is_checked: bool,
}

fn sample(name: &'static str, bytes: Vec<u8>, is_checked: bool) -> Sample {
    Sample { name, bytes, is_checked }
}

/// The answers in every form.
fn samples() -> Vec<Sample> {
    let members = [("a.json", list()), ("b.json", show()), ("c.json", vaults())];
    let tar = tar_of(&members);
    vec![
        sample("list.json", list(), false),
        sample("show.json", show(), false),
        sample("vaults.json", vaults(), false),
        sample("list.json.gz", gzip(&list()), true),
        sample("two.json.gz", [gzip(&list()[..200]), gzip(&list()[200..])].concat(), true),
        sample("vaults.json.gz", gzip(&vaults()), true),
        sample("list.json.zst", zstd(&list()), true),
        sample("vaults.json.zst", zstd(&vaults()), true),
        sample("dump.tar.gz", gzip(&tar), true),
        sample("dump.tar.zst", zstd(&tar), true),
        sample("dump.zip", zip_of(&members), true),
        sample("dump.tar", tar, false),
        sample("headers.json", [HEADERS, &list()].concat(), false),
        sample("headers.json.gz", gzip(&[HEADERS, &list(), HEADERS, &show()].concat()), true),
        sample("wrapped.json", wrapped(&list()), false),
        sample("text.json", json!({"statusCode": 200, "body": text(&list())}).to_string().into_bytes(), false),
        sample("array.json", [b"[", &list()[..], b",", &wrapped(&show()), b"]"].concat(), false),
        sample(
            "lines.ndjson",
            [&list()[..], b"\n", &one_line(&show()), b"\n", &one_line(&show_of("b5")), b"\n"].concat(),
            false,
        ),
        sample("lines.ndjson.zst", zstd(&[&list()[..], b"\n", &one_line(&show()), b"\n"].concat()), true),
        sample("one-behind-the-other.json", [list(), show(), show_of("b5")].concat(), false),
    ]
}

const HEADERS: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn one_line(bytes: &[u8]) -> Vec<u8> {
    serde_json::from_slice::<Value>(bytes).unwrap().to_string().into_bytes()
}

fn wrapped(answer: &[u8]) -> Vec<u8> {
    format!("{{\"code\":0,\"message\":\"ok\",\"data\":{}}}", text(answer)).into_bytes()
}

fn show_of(id: &str) -> Vec<u8> {
    json!({"backup": backup(id)}).to_string().into_bytes()
}

/// What the ledger says of every file, but for how many records it has.
fn states(told: &Told) -> Vec<(&str, FileState, &str)> {
    told.ledger.iter().map(|line| (line.path.as_str(), line.state, line.reason.as_str())).collect()
}

/// How many keys are told that nobody knows.
fn drift(told: &Told) -> usize {
    told.findings.iter().filter(|finding| finding.starts_with("schema-drift")).count()
}

/// What is wrong with what is said of a damaged file; nothing if all that is missing was told.
fn complaint(sample: &Sample, damage: Damage, whole: &Told, damaged: &Told) -> Option<String> {
    let is_told = states(damaged) != states(whole);
    // Where nothing proves the bytes, one id may become another: then two records are one backup.
    let totals = |told: &Told| (told.records(), if sample.is_checked { told.backups } else { 0 }, told.around);
    let is_incomplete = damaged.ledger.iter().any(|line| line.state.is_incomplete());
    let says_so = damaged.status == 3 || damaged.status & 4 != 0;
    let what = match damage {
        _ if is_incomplete && !says_so => "the exit status does not say so",
        // Only blanks, or the filling at the end of a tar archive, may be missed without a word; and of several documents
        // nobody knows how many there were.
        Damage::Cut(length) if !is_told && is_needed(&sample.bytes[length..]) && !is_whole(&sample.bytes[..length]) => {
            "it is cut off and nothing is told"
        }
        Damage::Cut(length) if !is_told && is_whole(&sample.bytes[..length]) => return None,
        _ if is_told => return None,
        // The name of a key may be hit where nothing proves the bytes: then it is a key that nobody knows.
        _ if totals(damaged) != totals(whole) && (sample.is_checked || drift(damaged) <= drift(whole)) => {
            "another total and nothing is told"
        }
        _ if sample.is_checked && (&damaged.findings, &damaged.counts) != (&whole.findings, &whole.counts) => {
            "other findings and nothing is told"
        }
        _ => return None,
    };
    Some(format!("{} with {damage:?}: {what}: {:?}, before {:?}", sample.name, totals(damaged), totals(whole)))
}

fn is_needed(rest: &[u8]) -> bool {
    rest.iter().any(|byte| !b" \n\0".contains(byte))
}

/// Whether bytes are whole documents, one behind the other.
fn is_whole(bytes: &[u8]) -> bool {
    let mut documents = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
    documents.by_ref().take(10).all(|document| document.is_ok())
}

/// Tries damages of a sample, and returns how many, how many changed something, and what is wrong.
fn try_damages(sample: &Sample, tell: impl Fn(&str, &[u8]) -> Told + Sync) -> (usize, usize, Vec<String>) {
    let whole = tell(sample.name, &sample.bytes);
    let all: Vec<_> = Damage::all(&sample.bytes).collect();
    let wanted = match number("DAMAGE", TRIED) {
        0 => all.len(),
        some => some.min(all.len()),
    };
    // Evenly spread over cuts and flips, each time at other bits.
    let some: Vec<_> = (0..wanted).map(|step| all[step * all.len() / wanted]).collect();
    let one = |&damage: &Damage| {
        let damaged = tell(sample.name, &damage.done_to(&sample.bytes));
        (damaged != whole, complaint(sample, damage, &whole, &damaged))
    };
    let outcomes: Vec<_> = some.par_iter().map(one).collect();
    let changed = outcomes.iter().filter(|(changed, _)| *changed).count();
    (wanted, changed, outcomes.into_iter().filter_map(|(_, complaint)| complaint).collect())
}

#[test]
fn damage_is_always_told() {
    let (mut tried, mut changed, mut all) = (0, 0, Vec::new());
    for sample in samples() {
        let (some, of_them, mut complaints) = try_damages(&sample, |name, bytes| told_of(&[(name, bytes)]));
        println!("damage of {}: {some} cases, {of_them} told", sample.name);
        complaints.truncate(20);
        all.append(&mut complaints);
        tried += some;
        changed += of_them;
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    println!("damage: {tried} cases, {changed} of which changed what is told, none without a word");
}

/// The samples say something that could be lost.
#[test]
fn the_samples_are_read_in_whole() {
    for sample in samples() {
        let told = told_of(&[(sample.name, &sample.bytes)]);
        let is_around = sample.name.starts_with("vaults");
        assert!(!told.ledger.iter().any(|line| line.state.is_incomplete()), "{:?}", told.ledger);
        assert_eq!((told.around > 0, told.backups > 0), (is_around || sample.name.starts_with("dump"), !is_around));
    }
}

/// A reader as many are: it takes what it gets, and says that it has read the file.
fn careless(name: &str, bytes: &[u8]) -> Told {
    let mut text = Vec::new();
    if name.ends_with("gz") {
        let _ = flate2::read::GzDecoder::new(bytes).read_to_end(&mut text);
    } else if name.ends_with("zst") {
        let _ = zstd::Decoder::new(bytes).and_then(|mut decoder| decoder.read_to_end(&mut text));
    } else {
        text = bytes.to_vec();
    }
    let ids = text.windows(5).filter(|window| window == b"\"id\":").count();
    let line = Line {
        path: name.to_owned(),
        state: FileState::Read,
        records: ids as u64,
        reason: String::new(),
        is_older: false,
    };
    Told { ledger: vec![line], backups: ids, around: 0, findings: Vec::new(), counts: Vec::new(), status: 0 }
}

#[test]
fn a_careless_reader_is_found_out() {
    for sample in samples() {
        let (tried, _, complaints) = try_damages(&sample, careless);
        println!("careless with {}: {} of {tried} found out", sample.name, complaints.len());
        assert!(complaints.len() * 20 > tried, "{}: {} of {tried}", sample.name, complaints.len());
    }
}
