//! Files and places in which nobody expects an answer: under any name an answer is read, and backups where none is read are told.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod program;
mod saved;

use answers::{backup, list};
use pretty_assertions::assert_eq;
use saved::{assert_read, read};
use serde_json::{Value, json};

#[test]
fn under_any_name_an_answer_is_read_and_what_is_packed_otherwise_is_refused() {
    let answer = list(&["b1", "b2"]).to_string();
    let told = |name: &str, bytes: &[u8]| {
        let (file, _) = read(name, bytes);
        (file.state, file.records, file.reason)
    };
    for text in [
        format!("{:600}{answer}", ""),
        format!("ListBackupsResponse {answer}"),
        Value::from(answer.as_str()).to_string(),
        Value::from(format!("{{\"links\":[\"{:600}\"],{}", "", &answer[1..])).to_string(),
        format!("{{\"data\" : {answer}}}"),
    ] {
        for name in ["answer.bak", "answer.log", "answer"] {
            assert_eq!(told(name, text.as_bytes()), ("read".to_owned(), 2, String::new()), "{name}: {text:.80}");
        }
    }
    for text in [format!("# saved today\n{answer}"), format!("show({answer})")] {
        let (state, records, _) = told("answer.js", text.as_bytes());
        assert_eq!((state.as_str(), records), ("rejected", 0), "{text:.80}");
    }
    for (name, start, reason) in [
        ("dump.7z", &b"7z\xbc\xaf\x27\x1c"[..], "a 7z archive: unpack it first"),
        ("dump.rar", b"Rar!\x1a\x07\x01\0", "a RAR archive: unpack it first"),
        ("a.json.lz4", b"\x04\x22\x4d\x18", "an LZ4 file: unpack it first"),
        ("a.json.lz", b"LZIP\x01", "an lzip file: unpack it first"),
        ("a.json.Z", b"\x1f\x9d\x90", "a file of compress: unpack it first"),
        ("a.json.br", b"\x8b\0", "named like a .br file: unpack it first"),
        ("a.tar.lzma", b"\x5d\0\0", "named like a .lzma file: unpack it first"),
    ] {
        let bytes = [start, &[0; 600]].concat();
        assert_eq!(told(name, &bytes), ("rejected".to_owned(), 0, reason.to_owned()));
    }
    assert_eq!(told("disk.img", &[0; 4096]).0, "not-backup");
    // What merely speaks of backups, and what is packed and no answer by its name.
    for (name, text) in
        [("notes.md", "Our \"backups\" are fine.\n"), ("fetch.sh", "jq '.[\"backups\"]'"), ("a.png.br", "\u{1}")]
    {
        assert_eq!(told(name, text.as_bytes()).0, "not-backup", "{name}");
    }
}

/// Nobody can tell what they are, but that they are there.
#[test]
fn backups_where_no_answer_is_read_are_told_wherever_they_stand() {
    let two = || list(&["b1", "b2"]);
    let beside = |key: &str, value: Value| {
        let mut list = list(&["b0"]);
        list[key] = value;
        list
    };
    let texts = [
        (json!({"captured_at": "2026-11-01T06:00:00Z", "answer": two()}), 0, "/answer/backups/0: 2 backup objects"),
        (json!({"projects": [{"id": "p", "backups": [backup("b1")]}]}), 0, "/projects/0/backups/0: a backup object"),
        (json!({"page-0.json": two(), "page-1.json": list(&["b3"])}), 0, "/page-0.json/backups/0: 3 backup objects"),
        (json!({"vaults": [{"id": "v1", "billing": {}, "x": [backup("b1")]}]}), 0, "/vaults/0/x/0: a backup object"),
        (json!({"resources": [backup("b1")], "total_count": 1}), 0, "/resources/0: a backup object"),
        (json!([{"id": "v1", "billing": {}, "tags": [], "x": backup("b1")}]), 0, "/0/x: a backup object"),
        (json!({"body": {"regions": {"eu-de": two()}}}), 0, "/body/regions/eu-de/backups/0: 2 backup objects"),
        (json!({"agents": [], "result": two().to_string()}), 0, "/result#/backups/0: 2 backup objects"),
        (beside("raw", json!(two().to_string())), 1, "/raw#/backups/0: 2 backup objects"),
        (beside("raw", json!(format!("HTTP/1.1 200 OK\r\n\r\n{}", two()))), 1, "/raw#/backups/0: 2 backup objects"),
        (beside("raw", json!(json!(two().to_string()).to_string())), 1, "/raw##/backups/0: 2 backup objects"),
        (json!({"projects": [], "raw": format!("{}\n{}", two(), two())}), 0, "/raw#/backups/0: 4 backup objects"),
        (beside("result", json!({"page/2": two()})), 1, "/result/page~12/backups/0: 2 backup objects"),
        (beside("pages", json!([two(), two()])), 1, "/pages/0/backups/0: 4 backup objects"),
        (
            beside("data", json!({"data": {"data": {"data": {"data": two()}}}})),
            1,
            "/data/data/data/data/data/backups/0",
        ),
        (beside("data", json!([vec![json!(1); 1001], vec![two()]].concat())), 1, "/data/1001/backups/0"),
    ];
    for (text, records, place) in texts {
        assert_read(text.to_string(), "partly-read", records, place);
    }
    // A value that no reader takes is no cover for what stands beside it.
    for value in ["1e400", "\"\\ud800\""] {
        let text = json!({"captured_at": "2026-11-01T06:00:00Z", "n": 1, "answer": two()}).to_string();
        let text = text.replace("\"n\":1", &format!("\"n\":{value}"));
        assert_read(text, "partly-read", 0, "/answer/backups/0: 2 backup objects");
    }
    // What is no backup is not taken for one, nor what the metadata of a backup say of it.
    let task = json!({"id": "t", "vault_id": "v", "checkpoint_id": "c", "extra_info": {"resource": {"id": "r"}}});
    for other in [
        json!({"operation_logs": [task], "count": 1}),
        json!({"backup_id": "b", "volumes": "[]", "backups": backup("b").to_string()}),
    ] {
        assert_eq!(read("a.json", other.to_string()).0.state, "not-backup", "{other}");
    }
}
