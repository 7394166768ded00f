//! Files of several documents: JSON Lines, and documents that follow each other. What is broken costs a line, or what
//! follows, and is named; what is one broken document is not taken for several.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod program;

use answers::{QUIET, backup, list};
use pretty_assertions::assert_eq;
use program::{Scratch, report, run};
use serde_json::{Value, json};

fn show(id: &str) -> Value {
    json!({ "backup": backup(id) })
}

/// State, kind, records and reason of a file with these bytes, and the report.
fn read(name: &str, bytes: impl AsRef<[u8]>) -> ((String, String, u64, String), Value) {
    let scratch = Scratch::new();
    let (report, _) = report(&scratch.write(name, bytes), &QUIET);
    let files = report["inputs"]["files"].as_array().unwrap();
    assert_eq!(files.len(), 1);
    let text = |key: &str| files[0][key].as_str().unwrap_or_default().to_owned();
    ((text("state"), text("kind"), files[0]["records"].as_u64().unwrap(), text("reason")), report)
}

fn assert_read(name: &str, text: &str, state: &str, records: u64, reason: &str) {
    let ((found, _, count, why), _) = read(name, text);
    assert_eq!((found.as_str(), count), (state, records), "{why:?} of {text:.200}");
    assert!(why.contains(reason), "{why:?} does not say {reason:?}");
}

/// Lines of these texts.
fn lines(texts: &[String]) -> String {
    texts.iter().map(|text| format!("{text}\n")).collect()
}

#[test]
fn files_with_byte_order_marks_may_stand_one_behind_the_other() {
    let backups = ["b1", "b2", "b3"].map(|id| format!("\u{feff}{}", show(id)));
    for (name, between) in [("a.json", "\r\n"), ("a.json", ""), ("a.json", "\n\n"), ("a.jsonl", "\n")] {
        let text = backups.join(between);
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [text.as_bytes(), &utf16] {
            let ((state, kind, records, reason), _) = read(name, bytes);
            assert_eq!((&*state, &*kind, records, &*reason), ("read", "3 documents", 3, ""), "{name} {between:?}");
        }
    }
}

#[test]
fn documents_of_every_kind_are_read_whatever_the_name() {
    let documents = [
        backup("b1").to_string(),
        show("b2").to_string(),
        list(&["b3", "b4"]).to_string(),
        json!([backup("b5"), backup("b6")]).to_string(),
        json!({"vaults": [], "count": 0}).to_string(),
        json!({"captured_at": "2026-11-01T06:00:00Z"}).to_string(),
        "{}".to_owned(),
        backup("b7").to_string(),
    ];
    let text = lines(&documents);
    let forms = [
        text.clone(),
        text.trim_end().to_owned(),
        text.replace('\n', "\r\n"),
        text.replace('\n', "\n\n  \n"),
        format!("\u{feff}{text}"),
    ];
    for name in ["a.json", "a.ndjson", "a.jsonl", "a", "a.txt", "a.log"] {
        for form in &forms {
            let ((state, kind, records, reason), _) = read(name, form);
            assert_eq!((state.as_str(), kind.as_str(), records, reason.as_str()), ("read", "8 documents", 7, ""));
        }
    }
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read("a.json", utf16).0.2, 7);
}

#[test]
fn objects_follow_each_other_with_or_without_blanks() {
    let objects = [show("b1"), list(&["b2", "b3"]), backup("b4")];
    let minified: Vec<_> = objects.iter().map(Value::to_string).collect();
    let pretty: Vec<_> = objects.iter().map(|object| serde_json::to_string_pretty(object).unwrap()).collect();
    for text in [minified.concat(), minified.join(" "), pretty.concat(), pretty.join("\n"), pretty.join("\n\n\n")] {
        assert_read("a.json", &text, "read", 4, "");
    }
    // What one command writes behind the other: minified lines, then an indented note.
    let note = serde_json::to_string_pretty(&json!({"captured_at": "2026-11-01T06:00:00Z"})).unwrap();
    assert_read("a.json", &format!("{}\n{note}\n{}\n", minified.join("\n"), minified[0]), "read", 5, "");
    assert_read("a.json", &format!("{}{note}\n{}", minified.concat(), minified[0]), "read", 5, "");
    // Arrays on lines of their own.
    let array = serde_json::to_string_pretty(&json!([backup("b1"), backup("b2")])).unwrap();
    assert_read("a.json", &format!("{array}\n{array}"), "read", 4, "");
}

#[test]
fn a_broken_line_costs_that_line() {
    let whole: Vec<_> = (0..9).map(|number| backup(&format!("b{number}")).to_string()).collect();
    for (at, broken, reason) in [
        (0, r#"{"id": "#.to_owned(), "the JSON is cut off at line 1 column 7"),
        (0, "garbage".to_owned(), "no JSON object or array at line 1 column 1"),
        (4, whole[4][..60].to_owned(), "the JSON is cut off at line 5 column 60"),
        (4, format!("{}}}", whole[4]), "text behind the document at line 5 column"),
        (4, format!("{}{}", whole[4], whole[4]), "text behind the document at line 5 column"),
        (4, "5".to_owned(), "no JSON object or array at line 5 column 1"),
        (8, "[1,".to_owned(), "the JSON is cut off at line 9 column 3"),
        (8, "\u{0}\u{0}\u{0}".to_owned(), "no JSON object or array at line 9"),
        (3, r#"{"error_code": "APIGW.0301", "error_msg": "no"}"#.to_owned(), "line 4: a saved error"),
        (3, "  {\"id\": x}".to_owned(), "not JSON at line 4 column 10: expected value"),
    ] {
        let mut texts = whole.clone();
        texts[at] = broken;
        for text in [lines(&texts), lines(&texts).trim_end().to_owned()] {
            assert_read("a.json", &text, "partly-read", 8, &format!("1 of 9 documents could not be used: {reason}"));
        }
    }
}

#[test]
fn a_name_that_promises_lines_is_trusted_with_two() {
    let text = format!("{{\"id\": \n{}\n", backup("b1"));
    assert_read("a.json", &text, "rejected", 0, "cut off");
    for name in ["a.ndjson", "a.jsonl", "A.NDJSON"] {
        assert_read(name, &text, "partly-read", 1, "1 of 2 documents");
    }
    assert_read("a.ndjson", &format!("{}\n", backup("b1")), "read", 1, "");
    assert_read("a.ndjson", "{\"id\": \nno\n", "rejected", 0, "not JSON");
}

#[test]
fn a_broken_document_among_others_ends_the_reading() {
    let page = serde_json::to_string_pretty(&list(&["b1", "b2"])).unwrap();
    let cut = &page[..page.len() - 30];
    let line = 2 * page.lines().count() + cut.lines().count();
    assert_read(
        "a.json",
        &format!("{page}\n{page}\n{cut}"),
        "partly-read",
        4,
        &format!("1 of 3 documents could not be used: the JSON is cut off at line {line}"),
    );
    assert_read("a.json", &format!("{page}{page}x{page}"), "partly-read", 4, "nothing behind it was read");
    assert_read("a.json", &format!("{page}\n{cut}\n"), "rejected", 0, "more than one JSON document, or text behind it");
}

#[test]
fn one_document_with_a_fault_is_not_taken_for_several() {
    for text in [
        "[1]x",
        r#"{"a":true}}"#,
        "[][]",
        "[1][2][3]",
        "{}}",
        r#"{"a": true} "x""#,
        r#"{"a":"b"}/**/"#,
        r#"{"a":"b"}#{}"#,
        "1 2",
        "{}\n1\n2\n",
        "",
        "\n \n",
    ] {
        assert_read("a.json", text, "rejected", 0, "");
    }
    // Every beginning of a document, in the usual styles.
    let page = list(&["b1", "b2", "b3"]);
    let elements: Vec<_> = ["b1", "b2", "b3"].iter().map(|id| backup(id).to_string()).collect();
    let styles = [
        page.to_string(),
        serde_json::to_string_pretty(&page).unwrap(),
        format!("{{\"backups\": [\n{}\n]}}", elements.join(",\n")),
        format!("[\n{}\n]", elements.join("\n,\n")),
    ];
    for style in styles {
        for length in (1..style.len()).filter(|length| length % 7 == 0 || style.as_bytes()[length - 1] == b'\n') {
            assert_read("a.json", &style[..length], "rejected", 0, "");
        }
    }
}

#[test]
fn evidence_names_the_document_in_every_form() {
    let mut bad = backup("b2");
    bad["status"] = json!("error");
    let mut in_list = list(&["b3", "b4"]);
    in_list["backups"][1]["status"] = json!("error");
    let text = lines(&[backup("b1").to_string(), show("b0").to_string(), bad.to_string(), in_list.to_string()]);
    let (_, whole) = read("a.ndjson", &text);
    let failed = whole["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == "backup-error");
    let places: Vec<_> = failed.map(|finding| finding["evidence"].clone()).collect();
    assert_eq!(
        places,
        [
            json!({"file": "a.ndjson", "document": 2, "pointer": "/status"}),
            json!({"file": "a.ndjson", "document": 3, "pointer": "/backups/1/status"}),
        ]
    );
    let scratch = Scratch::new();
    let path = scratch.write("a.ndjson", &text);
    let formatted = |format: &str| {
        let output = format!("{format}=-");
        let arguments = ["report", "-qo", &output, "--fail-on", "none", "--as-of", "2026-11-01T06:00:00Z"];
        run(arguments.iter().map(std::ffi::OsStr::new).chain([path.as_os_str()])).out
    };
    assert!(formatted("md").contains("a.ndjson[3]#/backups/1/status"));
    assert!(formatted("csv").contains("a.ndjson,3,/backups/1/status"));
    assert!(formatted("html").contains("<bdi>a.ndjson</bdi>[3]<wbr>#<bdi>/backups/1/status</bdi>"));
    let explained = run(["explain".as_ref(), "backup-error".as_ref(), "b4".as_ref(), path.as_os_str()]).out;
    assert!(explained.contains("a.ndjson[3]#/backups/1/status"), "{explained}");
    let population = run(["inventory".as_ref(), path.as_os_str()]).out;
    let rows: Vec<_> = population.lines().skip(1).map(|row| row.split(',').take(4).collect::<Vec<_>>()).collect();
    let expected = [
        ["a.ndjson", "0", "", "b1"],
        ["a.ndjson", "1", "/backup", "b0"],
        ["a.ndjson", "2", "", "b2"],
        ["a.ndjson", "3", "/backups/0", "b3"],
        ["a.ndjson", "3", "/backups/1", "b4"],
    ];
    assert_eq!(rows, expected);
}

#[test]
fn lists_in_documents_are_pages_of_one_listing() {
    let page = |ids: &[&str], offset: u64| {
        let mut page = list(ids);
        page["count"] = json!(4);
        page["offset"] = json!(offset);
        page
    };
    let first = page(&["b1", "b2"], 0).to_string();
    let verdict = |text: &str| {
        let (_, report) = read("a.json", text);
        let rule = report["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == "pagination-incomplete");
        let rule = rule.unwrap().clone();
        (rule["pass"].as_u64().unwrap(), rule["fail"].as_u64().unwrap(), report)
    };
    let (pass, fail, _) = verdict(&lines(&[first.clone(), page(&["b3", "b4"], 2).to_string()]));
    assert_eq!((pass, fail), (1, 0));
    let (pass, fail, report) = verdict(&lines(&["{}".to_owned(), first, page(&["b3"], 2).to_string()]));
    assert_eq!((pass, fail), (0, 1));
    let findings = report["findings"].as_array().unwrap().iter();
    let places: Vec<_> = findings.filter(|finding| finding["rule"] == "pagination-incomplete").collect();
    assert_eq!(places[0]["evidence"], json!({"file": "a.json", "document": 1, "pointer": "/count"}));
}

/// What other programs take for blanks, and JSON does not.
const NO_BLANKS: [&str; 7] = ["\u{b}", "\u{c}", "\u{85}", "\u{a0}", "\u{2028}", "\u{3000}", "\u{b}\u{c} \u{a0}"];

#[test]
fn what_is_no_blank_of_json_is_told_wherever_it_stands() {
    let ok = "HTTP/1.1 200 OK\r\n\r\n";
    let [one, two, three] = ["b1", "b2", "b3"].map(|id| backup(id).to_string());
    let pretty = ["b1", "b2"].map(|id| serde_json::to_string_pretty(&show(id)).unwrap()).join("\n");
    for odd in NO_BLANKS {
        let partly = [
            (format!("{one}\n{two}{odd}\n{three}\n"), 2, "text behind the document at line 2 column"),
            (format!("{one}\n{two}\n{three}{odd}"), 2, "text behind the document at line 3 column"),
            (format!("{one}\n{odd}{two}\n{three}\n"), 2, "no JSON object or array at line 2 column 1"),
            (format!("{one}\n{two}\n{odd}"), 2, "no JSON object or array at line 3 column 1"),
            (format!("{one}\n{two}\n{odd}\n{three}\n"), 3, "no JSON object or array at line 3 column 1"),
            (format!("{pretty}{odd}"), 2, "no JSON object or array at line"),
            (format!("{pretty}\n{odd}\n{three}"), 2, "nothing behind it was read"),
            (format!("{one} {two} {three}{odd}"), 3, "no JSON object or array at line 1 column"),
            (format!("{ok}{one}\n{two}{odd}\n{three}\n"), 2, "text behind the document at line 4 column"),
            (format!("{ok}{one}HTTP/1.1 204 No Content\r\n\r\n{odd}"), 1, "1 of 2 documents could not be used"),
        ];
        for (text, records, reason) in partly {
            for name in ["a.json", "a.jsonl"] {
                assert_read(name, &text, "partly-read", records, reason);
            }
        }
        assert_read("a.json", &format!("{one}{odd}"), "rejected", 0, "or text behind it, at line 1 column");
        assert_read("a.jsonl", &format!("{one}{odd}"), "partly-read", 1, "no JSON object or array at line 1 column");
        let headed = format!("{ok}{one}{ok}{two}{odd}");
        assert_read("a.json", &headed, "partly-read", 1, "1 of 2 documents could not be used");
        assert_read("a.jsonl", &headed, "partly-read", 2, "1 of 3 documents could not be used");
        assert_read("a.json", odd, "rejected", 0, "not JSON at line 1 column 1");
        assert_read("a.json", &format!("HTTP/1.1 204 No Content\r\n\r\n{odd}"), "rejected", 0, "not JSON");
    }
}
