//! The export script against a small server with the manners of the service: a whole dump, or none and a message.
//! Needs `sh`, `curl` 7.76 and `jq`; where one is missing there is nothing to test.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod program;

use pretty_assertions::assert_eq;
use program::{Ran, Scratch, files_below, report, root, sample};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread;

/// What the server does wrong.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// The second page is refused.
    Denied,
    /// One backup is deleted between the pages.
    Shrinks,
    /// The second page is empty although more was promised.
    Stops,
    /// A backup is gone when it is asked for.
    Gone,
    /// The list is a login page.
    Page,
}

/// How many records the server gives at once, whatever is asked for.
const PAGE: usize = 20;

fn serve(fault: Fault) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let backups = records();
    thread::spawn(move || listener.incoming().flatten().for_each(|stream| answer(stream, &backups, fault)));
    format!("http://{address}")
}

fn records() -> Vec<Value> {
    let pages = ["backups-000.json", "backups-020.json"].map(|page| sample("healthy/eu-de_booking").join(page));
    let page = |path: PathBuf| serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap();
    pages.map(page).iter().flat_map(|page| page["backups"].as_array().unwrap().clone()).collect()
}

fn answer(mut stream: TcpStream, backups: &[Value], fault: Fault) {
    let lines: Vec<_> =
        BufReader::new(&stream).lines().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
    let path = lines[0].split(' ').nth(1).unwrap();
    let allowed = lines.iter().any(|line| line == "X-Auth-Token: secret");
    let (status, body) = match path.strip_prefix("/v3/p1/backups") {
        Some(_) if !allowed => (401, json!({"error_code": "APIGW.0301", "error_msg": "no token"}).to_string()),
        Some(query) if query.starts_with('?') => list(query, backups, fault),
        Some(id) => show(id.trim_start_matches('/'), backups, fault),
        None if allowed => around(path),
        None => (401, "{}".to_owned()),
    };
    let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
}

fn list(query: &str, backups: &[Value], fault: Fault) -> (u16, String) {
    assert!(query.contains("show_replication=true") && query.contains("sort="), "{query}");
    let offset = offset_of(query);
    let later = offset > 0;
    let mut page: Vec<_> = backups.iter().skip(offset).take(PAGE).collect();
    match fault {
        Fault::Page => return (200, "<html>Log in</html>".to_owned()),
        Fault::Denied if later => return (403, json!({"error_msg": "denied by policy"}).to_string()),
        Fault::Stops if later => page.clear(),
        _ => {}
    }
    let count = backups.len() - usize::from(fault == Fault::Shrinks && later);
    (200, json!({"backups": page, "count": count, "offset": offset, "limit": PAGE}).to_string())
}

fn offset_of(query: &str) -> usize {
    query.split("offset=").nth(1).map_or(0, |offset| offset.parse().unwrap())
}

/// Three vaults in pages of two, policies without any, servers without a count; no tasks and no disks.
fn around(path: &str) -> (u16, String) {
    let offset = offset_of(path);
    let vault = |number: usize| json!({"id": format!("v{number}"), "project_id": "p1", "locked": true});
    let (list, query) = path.trim_start_matches("/v3/p1/").split_once('?').unwrap();
    assert!(query.starts_with("limit="), "{query}");
    match list {
        "vaults" => {
            let page: Vec<_> = (offset..3).take(2).map(vault).collect();
            (200, json!({"vaults": page, "count": 3}).to_string())
        }
        "policies" => (200, json!({"policies": [], "count": 0}).to_string()),
        "protectables/server/instances" => {
            let page: Vec<_> = (offset..1).map(|_| json!({"id": "r1", "type": "OS::Nova::Server"})).collect();
            (200, json!({"instances": page}).to_string())
        }
        _ => (404, json!({"error_code": "APIGW.0101"}).to_string()),
    }
}

fn show(id: &str, backups: &[Value], fault: Fault) -> (u16, String) {
    let gone = fault == Fault::Gone && backups[3]["id"] == id;
    let file = sample("healthy/eu-de_booking/show").join(format!("{id}.json"));
    match std::fs::read_to_string(file) {
        Ok(text) if !gone => (200, text),
        _ => (404, json!({"error_code": "BackupService.6200"}).to_string()),
    }
}

/// Runs the script; `None` where its tools are missing.
fn export(scratch: &Scratch, fault: Fault, token: &str) -> Option<Ran> {
    for tool in ["sh", "curl", "jq"] {
        let asked: &[&str] = if tool == "curl" { &["--fail-with-body", "--version"] } else { &["--version"] };
        let found = Command::new(tool).args(asked).output();
        if found.is_err() || tool == "curl" && found.is_ok_and(|found| !found.status.success()) {
            eprintln!("not tested: {tool} is missing or too old");
            return None;
        }
    }
    let mut command = Command::new("sh");
    command.arg(root().join("docs/export.sh")).arg(scratch.path("dumps/today"));
    command.env("CBR_ENDPOINT", serve(fault)).env("PROJECT_ID", "p1").env("TOKEN", token).env("REGION", "eu-de");
    let output = command.env("no_proxy", "*").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Some(Ran { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) })
}

#[test]
fn a_whole_export_is_judged_as_complete() {
    let scratch = Scratch::new();
    let Some(ran) = export(&scratch, Fault::None, "secret") else { return };
    assert_eq!(ran.status, 0, "{}", ran.err);
    let dump = scratch.path("dumps/today");
    let (report, status) = report(&dump, &["--skip", "rpo-breach", "--fail-on", "none"]);
    assert_eq!(report["as_of"]["source"], "capture", "{}", report["notes"]);
    assert_eq!(report["inputs"]["files_by_state"]["read"], 2 + records().len());
    assert_eq!((status, &report["incomplete"]), (0, &json!([])));
    let around = json!([
        {"kind": "vault", "count": 3, "complete": true},
        {"kind": "policy", "count": 0, "complete": true},
        {"kind": "protectable", "count": 1, "complete": null},
    ]);
    assert_eq!(report["inputs"]["around"], around);
    assert!(ran.err.contains("this cloud has no list of tasks"), "{}", ran.err);
    let capture: Value = serde_json::from_slice(&std::fs::read(dump.join("capture.json")).unwrap()).unwrap();
    assert_eq!((&capture["region"], &capture["show_replication"]), (&json!("eu-de"), &json!(true)));
}

#[test]
fn a_failed_export_says_so_and_leaves_nothing() {
    let faults = [
        (Fault::None, "wrong", "APIGW.0301"),
        (Fault::Denied, "secret", "denied by policy"),
        (Fault::Shrinks, "secret", "the list changed from 32 to 31 backups"),
        (Fault::Stops, "secret", "ends after 20 of 32 backups"),
        (Fault::Page, "secret", "no JSON object"),
        (Fault::None, "", "TOKEN"),
    ];
    for (fault, token, message) in faults {
        let scratch = Scratch::new();
        let Some(ran) = export(&scratch, fault, token) else { return };
        assert_ne!(ran.status, 0, "{message}");
        assert!(ran.err.contains(message), "{} does not say {message}", ran.err);
        assert_eq!(files_below(&scratch.path("")), Vec::<PathBuf>::new(), "{message}");
    }
}

#[test]
fn a_backup_that_is_deleted_meanwhile_is_named_and_passed_over() {
    let scratch = Scratch::new();
    let Some(ran) = export(&scratch, Fault::Gone, "secret") else { return };
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.err.contains("was deleted since it was listed"), "{}", ran.err);
    assert_eq!(files_below(&scratch.path("dumps/today/show")).len(), records().len() - 1);
}

#[test]
fn an_export_never_overwrites_another() {
    let scratch = Scratch::new();
    scratch.write("dumps/today/capture.json", "{}");
    let Some(ran) = export(&scratch, Fault::None, "secret") else { return };
    assert!(ran.status != 0 && ran.err.contains("exists already"), "{}", ran.err);
    assert_eq!(files_below(&scratch.path("")), [PathBuf::from("dumps/today/capture.json")]);
}
