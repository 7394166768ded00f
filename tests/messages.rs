//! Answers saved together with the headers of HTTP that came before them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod packed;
mod program;
mod saved;

use answers::{QUIET, backup, list};
use packed::{gzip, tar_of};
use pretty_assertions::assert_eq;
use program::{Scratch, report};
use saved::{OK, assert_read, files, read};
use serde_json::json;

#[test]
fn headers_stand_in_front_of_a_body() {
    let body = list(&["b1", "b2"]).to_string();
    let heads = [
        OK.to_owned(),
        OK.replace('\r', ""),
        "HTTP/2 200 \r\nserver: api-gateway\r\nx-request-id: {1}\r\n\r\n".to_owned(),
        format!("HTTP/1.1 301 Moved\r\nLocation: https://x/\r\n\r\nHTTP/1.1 302 Found\r\n\r\n{OK}"),
        format!("HTTP/1.1 200 Connection established\r\n\r\n{OK}"),
        format!("HTTP/1.0 100 Continue\r\n\r\n{OK}"),
        format!("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\n\r\n{OK}"),
        "HTTP/1.1 200 OK\r\n\r\n\r\n".to_owned(),
        "HTTP/3 200\n\n".to_owned(),
        "HTTP/1.1 200 OK\n".to_owned(),
    ];
    for head in &heads {
        let pretty = serde_json::to_string_pretty(&list(&["b1", "b2"])).unwrap();
        for body in [&body, &pretty, &pretty.replace('\n', "\r\n"), &format!("{body}\n")] {
            assert_read(format!("{head}{body}"), "read", 2, "");
            assert_read(format!("\u{feff}{head}{body}"), "read", 2, "");
        }
        let utf16: Vec<u8> = format!("\u{feff}{head}{body}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_read(utf16, "read", 2, "");
    }
    // Whatever the name, and packed.
    let text = format!("{OK}{body}");
    for name in ["a", "a.txt", "a.http", "a.out", "a.log"] {
        assert_eq!(read(name, &text).0.state, "read");
    }
    assert_eq!(read("a.gz", gzip(text.as_bytes())).0.records, 2);
    let scratch = Scratch::new();
    let tar = tar_of(&[("a.json", text.clone().into_bytes()), ("b.http", text.into_bytes())]);
    let (report, _) = report(&scratch.write("a.tar", tar), &QUIET);
    let states: Vec<_> = files(&report).into_iter().map(|file| (file.state, file.records)).collect();
    assert_eq!(states[1..], [("read".to_owned(), 2), ("read".to_owned(), 2)]);
}

#[test]
fn places_behind_headers_count_from_the_start_of_the_file() {
    let cut = r#"{"backups": ["#;
    assert_read(format!("{OK}{cut}"), "rejected", 0, "the JSON is cut off at line 5 column 13");
    assert_read(format!("{OK}\r\n\r\n{cut}"), "rejected", 0, "the JSON is cut off at line 7 column 13");
    let mut latin = format!("{OK}{{\"name\": \"").into_bytes();
    let at = latin.len();
    latin.extend(*b"\xe9\"}");
    assert_read(&latin, "rejected", 0, &format!("not valid UTF-8 at byte {at}"));
    let with_mark: Vec<u8> = b"\xef\xbb\xbf".iter().chain(&latin).copied().collect();
    assert_read(with_mark, "rejected", 0, &format!("not valid UTF-8 at byte {}", at + 3));
    // A broken line among others.
    let lines = format!("{OK}{}\n{{\n{}\n", backup("b1"), backup("b2"));
    assert_read(lines, "partly-read", 2, "1 of 3 documents could not be used: the JSON is cut off at line 6 column 1");
}

#[test]
fn a_status_of_an_error_is_told() {
    let head = |status: &str| format!("HTTP/1.1 {status}\r\nx: y\r\n\r\n");
    let error = r#"{"error_code":"APIGW.0301","error_msg":"no token"}"#;
    assert_read(
        head("401 Unauthorized") + error,
        "rejected",
        0,
        "HTTP status 401: a saved error instead of an answer: APIGW.0301",
    );
    assert_read(head("502 Bad Gateway") + "<html>", "rejected", 0, "HTTP status 502: an HTML or XML page");
    assert_read(head("500 Oops") + "oops", "rejected", 0, "HTTP status 500: not JSON");
    // What an answer of an error holds is read, and the error told.
    let kept = head("500 Oops") + &list(&["b1"]).to_string();
    assert_read(kept, "partly-read", 1, "the answer has the HTTP status 500 of an error");
    assert_read(head("200 OK") + error, "rejected", 0, "a saved error instead of an answer: APIGW.0301");
    assert_read(head("200 OK"), "rejected", 0, "headers without a body (HTTP status 200)");
    assert_read(head("304 Not Modified"), "rejected", 0, "headers without a body (HTTP status 304)");
    assert_read("HTTP/1.1 200 OK", "rejected", 0, "headers without a body (HTTP status 200)");
    let (file, _) = read("a.json", head("204 No Content"));
    assert_eq!((file.state.as_str(), file.kind.as_str()), ("not-backup", "headers, and rightly no body"));
    // No headers: a text that begins like them, or whose lines end as none of HTTP do.
    assert_read(format!("HTTP/1.1 204 OK\rX: y\r\r{}", list(&["b1"])), "rejected", 0, "not JSON");
    assert_read("HTTP/1.1 is a protocol", "rejected", 0, "not JSON");
    assert_read("HTTP/1.1 2000 OK\n\n{}", "rejected", 0, "not JSON");
}

#[test]
fn a_body_that_is_still_packed_says_so() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let body = list(&["b1"]).to_string();
    // The header stays where curl has joined the chunks.
    assert_read(format!("{chunked}{body}"), "read", 1, "");
    assert_read(format!("{chunked}{:x}\r\n{body}\r\n0\r\n\r\n", body.len()), "rejected", 0, "still in chunks");
    let packed = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n";
    assert_read(format!("{packed}{body}"), "read", 1, "");
    let bytes: Vec<u8> = packed.bytes().chain(gzip(body.as_bytes())).collect();
    assert_read(bytes, "rejected", 0, "the body is still packed (gzip)");
}

#[test]
fn several_messages_in_one_file_are_documents() {
    let (one, other) = (list(&["b1"]).to_string(), json!({"backup": backup("b2")}));
    let pretty = serde_json::to_string_pretty(&other).unwrap();
    for between in ["", "\n", "\r\n\r\n"] {
        let (file, report) = read("a.json", format!("{OK}{one}{between}{OK}{pretty}{between}HTTP/2 204 \r\n\r\n"));
        assert_eq!((file.state.as_str(), file.kind.as_str(), file.records), ("read", "3 documents", 2));
        assert!(report["findings"].as_array().unwrap().iter().any(|it| it["evidence"]["document"] == 1), "{report}");
    }
    let error = "HTTP/1.1 503 Busy\r\n\r\n<html>\nbusy\n</html>\n";
    assert_read(
        format!("{error}{OK}{one}"),
        "partly-read",
        1,
        "1 of 2 documents could not be used: line 3: HTTP status 503: an HTML or XML page",
    );
    assert_read(format!("{OK}{one}HTTP/1.1 503 Busy\r\n\r\n"), "partly-read", 1, "line 7: headers without a body");
    assert_read(format!("{OK}{{\"backups\": [\r\n{OK}{one}"), "partly-read", 1, "the JSON is cut off at line 6 column");
    // Inside a text it is none.
    let mut named = list(&["b1"]);
    named["backups"][0]["name"] = json!("HTTP/1.1 500 Oops");
    assert_read(format!("{OK}{named}"), "read", 1, "");
}

#[test]
fn headers_without_a_body_hold_nothing_of_the_answer_before() {
    let empty = "HTTP/1.1 204 No Content\r\n\r\n";
    // The first is no known answer, though an object in it looks like a backup.
    for unknown in [json!({"backup:": backup("b1")}), json!({"other": [backup("b1")]})] {
        assert_read(format!("{OK}{unknown}{empty}"), "partly-read", 0, "1 of 2 documents could not be used");
    }
    assert_read(format!("{OK}{}{empty}", list(&["b1"])), "read", 1, "");
}

#[test]
fn lines_behind_each_of_several_headers_are_documents() {
    let lines = |ids: &[&str]| ids.iter().map(|id| format!("{}\n", backup(id))).collect::<String>();
    let text = format!("{OK}{}{OK}{}{OK}{}", lines(&["b1", "b2"]), list(&["b3"]), lines(&["b4", "b5", "b6"]));
    let (file, report) = read("a.json", text);
    assert_eq!((file.state.as_str(), file.kind.as_str(), file.records), ("read", "6 documents", 6));
    // What stands behind other messages is numbered with them.
    let evidence: Vec<_> = report["findings"].as_array().unwrap().iter().map(|it| &it["evidence"]).collect();
    for document in [0, 1, 2, 3, 5] {
        assert!(evidence.iter().any(|it| it["document"] == document), "{document}: {evidence:?}");
    }
    // A broken line costs itself, and its line is that of the file.
    let broken = format!("{OK}{}{OK}{}{{\n{}", lines(&["b1"]), lines(&["b2", "b3"]), lines(&["b4"]));
    assert_read(
        broken,
        "partly-read",
        4,
        "1 of 5 documents could not be used: the JSON is cut off at line 12 column 1",
    );
    // What is no row of documents costs its message.
    let spoiled = format!("{OK}{}{OK}{{\"backups\": [\n{}", lines(&["b1", "b2"]), lines(&["b3"]));
    assert_read(spoiled, "partly-read", 2, "1 of 3 documents could not be used");
    let (file, _) = read("a.jsonl.json", format!("{OK}{}{OK}{{}} {{}} x", lines(&["b1", "b2"])));
    assert_eq!(file.state, "partly-read");
}
