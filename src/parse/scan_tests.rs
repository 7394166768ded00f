//! Values are what the library reads, and the scanner ends right behind them.

use std::borrow::Cow;

use pretty_assertions::assert_eq;
use serde_json::Value;

use super::{DEEPEST, Scanner, quoted, short_number};
use crate::parse::scalar::Scalar;

/// A value as the library reads it.
fn read(text: &str) -> Scalar<'static> {
    match serde_json::from_str(text).expect("JSON") {
        Value::Null => Scalar::Null,
        Value::Bool(value) => Scalar::Bool(value),
        Value::Number(number) => {
            number.as_i64().map_or_else(|| Scalar::Float(number.as_f64().expect("any")), Scalar::Int)
        }
        Value::String(text) => Scalar::Text(Cow::Owned(text)),
        Value::Array(_) => Scalar::Array,
        Value::Object(_) => Scalar::Object,
    }
}

#[test]
fn a_value_is_what_the_library_reads() {
    let many = format!("{{{}}}", (0..40).map(|key| format!("\"{key}\": {key}")).collect::<Vec<_>>().join(", "));
    for text in [
        "null",
        "true",
        "false",
        "0",
        "7",
        "-7",
        "-0",
        "10",
        "100",
        "123456789012345678",
        "-123456789012345678",
        "1234567890123456789",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "1.5",
        "-1.5",
        "0.0",
        "1e2",
        "1E2",
        "1e+2",
        "1e-2",
        "-0.5E-3",
        "12345678901234567890",
        "0e1",
        "\"\"",
        "\"text\"",
        "\"\\\"\"",
        "\"\\\\\"",
        "\"a\\\\\\\"b\"",
        "\"\\u00e4 and \\ud83d\\ude00, longer than sixteen bytes\\n\"",
        "\"ü€😀\"",
        "[]",
        "[ ]",
        "[1]",
        "[1, \"]\", [], {}]",
        "{}",
        "{ }",
        "{\"a\": 1}",
        "{\"a\" : {\"b\": [null , true]} , \"c\": \"}\"}",
        &many,
    ] {
        for behind in ["", ",", " ", "]", "}", "\n"] {
            let whole = format!("{text}{behind}");
            let mut scan = Scanner::new(&whole, 0);
            assert_eq!(scan.value(0), Ok(read(text)), "{whole}");
            assert_eq!(scan.at(), text.len(), "{whole}");
            assert_eq!(scan.is_done(), behind.trim().is_empty(), "{whole}");
        }
        let mut within = Scanner::new(text, 0);
        within.value(0).expect("a value");
        assert_eq!(within.since(0), text.as_bytes());
        assert_eq!(within.rest(), b"");
    }
}

#[test]
fn what_is_no_value_is_left_alone() {
    for text in [
        "",
        "nul",
        "nulL",
        "tru",
        "fals",
        "+1",
        ".5",
        "1.",
        "1e",
        "-",
        "--1",
        "01",
        "-01",
        "00",
        "1e999",
        "1e1e1",
        "1.2.3",
        "\"",
        "\"a",
        "\"a\\",
        "\"a\\\"",
        "\"\\x\"",
        "\"a\tb\"",
        "\"\\ud800\"",
        "[",
        "[1",
        "[1 2]",
        "[1,]",
        "[,1]",
        "{",
        "{1: 2}",
        "{\"a\"}",
        "{\"a\" 1}",
        "{\"a\":}",
        "{\"a\": 1,}",
        "{\"a\": 1 \"b\": 2}",
        "{\"a\": 1, \"a\": 2}",
        "{\"\\u0061\": 1}",
        "]",
        "}",
        "'a'",
    ] {
        assert!(Scanner::new(text, 0).value(0).is_err(), "{text}");
    }
}

/// Some of what is nested deeper, the strict reader refuses.
#[test]
fn what_is_nested_deeply_is_left_to_the_strict_reader() {
    let deepest = DEEPEST as usize;
    let lists = |levels: usize| format!("{}7{}", "[".repeat(levels), "]".repeat(levels));
    let objects = |levels: usize| format!("{}7{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    for (text, is_read) in
        [(lists(deepest), true), (lists(deepest + 1), false), (objects(deepest), true), (objects(deepest + 1), false)]
    {
        assert_eq!(Scanner::new(&text, 0).value(0).is_ok(), is_read);
        assert!(Scanner::new(&text, 0).value(2).is_err());
    }
}

#[test]
fn a_string_ends_at_its_quote_wherever_that_stands() {
    for length in 0..40 {
        let plain = "x".repeat(length);
        for behind in ["", "y", "\", \"and more behind it\""] {
            let text = format!("\"{plain}\"{behind}");
            assert_eq!(quoted(text.as_bytes()), Some(plain.as_bytes()), "{text}");
            let mut scan = Scanner::new(&text, 0);
            assert!(scan.pass_string());
            assert_eq!(scan.at(), length + 2);
            assert_eq!(Scanner::new(&text, 0).key(), Ok(&plain[..]));
        }
        for odd in ["\\n", "\n", "\u{1f}", "\0"] {
            let text = format!("\"{plain}{odd}{plain}\"");
            assert_eq!(quoted(text.as_bytes()), None, "{text:?}");
            let mut scan = Scanner::new(&text, 0);
            assert!(!scan.pass_string());
            assert_eq!(scan.at(), 0);
            assert!(scan.key().is_err(), "{text:?}");
        }
        assert_eq!(quoted(format!("\"{plain}").as_bytes()), None);
        assert_eq!(quoted(plain.as_bytes()), None);
    }
}

#[test]
fn blanks_are_passed_over_and_nothing_else() {
    for blanks in ["", " ", "\n", "\t", "\r", "\n        ", "\r\n\t", "         ", "\n                  \n  "] {
        let text = format!("{blanks}]{blanks}");
        let mut scan = Scanner::new(&text, 0);
        assert_eq!((scan.skip_blanks(), scan.at()), (b']', blanks.len()), "{text:?}");
        scan.pass();
        assert!(scan.is_done());
        assert_eq!(scan.skip_blanks(), 0);
        let list = format!("[{blanks}]");
        assert!(Scanner::new(&list, 0).is_empty_list(), "{list:?}");
        assert!(!Scanner::new(&format!("[{blanks}1]"), 0).is_empty_list());
        let line = format!("{}\n{blanks}7", blanks.replace('\n', " "));
        let mut scan = Scanner::new(&line, 0);
        assert_eq!(scan.end_of_line(), Ok(()));
        assert_eq!(scan.at(), blanks.len() + 1, "{line:?}");
        let last = blanks.replace('\n', " ");
        let mut scan = Scanner::new(&last, 0);
        assert_eq!((scan.end_of_line(), scan.at()), (Ok(()), last.len()));
    }
    for other in ["\u{b}", "\0", "\u{a0}", "x"] {
        assert!(!Scanner::new(other, 0).is_done(), "{other:?}");
        assert!(Scanner::new(&format!(" {other}\n"), 0).end_of_line().is_err(), "{other:?}");
    }
}

#[test]
fn a_short_number_is_one_of_few_digits_with_its_end() {
    for (text, expected) in [
        ("0,", Some((0, 1))),
        ("7}", Some((7, 1))),
        ("40 ", Some((40, 2))),
        ("123456789\n", Some((123_456_789, 9))),
        ("999999999\t", Some((999_999_999, 9))),
        ("5\r", Some((5, 1))),
        ("1234567890,", None),
        ("00,", None),
        ("01,", None),
        ("7", None),
        ("7]", None),
        ("7.5,", None),
        ("7e1,", None),
        ("-7,", None),
        (",", None),
        ("", None),
    ] {
        assert_eq!(short_number(text.as_bytes()), expected, "{text:?}");
    }
}

#[test]
fn a_show_answer_is_entered_up_to_its_backup() {
    for (text, at) in [("{\"backup\":{", 10), (" {\n \"backup\" : {", 15)] {
        let mut scan = Scanner::new(text, 0);
        assert_eq!((scan.enters_show(), scan.at()), (Ok(true), at), "{text}");
    }
    for text in ["{\"backups\":{", "{}", " {\"id\": 1}", "{"] {
        let mut scan = Scanner::new(text, 0);
        assert_eq!((scan.enters_show(), scan.at()), (Ok(false), 0), "{text}");
    }
    for text in ["", "[", "\"backup\": 1", "{\"backup\" {"] {
        assert!(Scanner::new(text, 0).enters_show().is_err(), "{text}");
    }
}
