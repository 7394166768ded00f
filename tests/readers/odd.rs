//! Values at and beyond the borders of JSON, and what becomes of the record in which one stands.

use super::values::nested;
use Outcome::{Lost, Read, Refused};

/// What is read of a page that holds the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything.
    Read,
    /// All but the record with the value: the text is JSON by its grammar, but the value cannot be taken as it is meant.
    Lost,
    /// Nothing.
    Refused,
}

const NUMBERS: &[(&str, Outcome)] = &[
    ("0", Read),
    ("-0", Read),
    ("-0.0", Read),
    ("0.0e-0", Read),
    ("1E+2", Read),
    ("1e-400", Read),
    ("123456789012345678901234567890", Read),
    ("-9223372036854775808", Read),
    ("18446744073709551615", Read),
    ("18446744073709551616", Read),
    ("0.1234567890123456789012345678901234567890", Read),
    ("1e309", Lost),
    ("-1e309", Lost),
    ("00", Refused),
    ("-", Refused),
    ("-01", Refused),
    ("+0", Refused),
    ("0.", Refused),
    (".0", Refused),
    ("1e", Refused),
    ("1e+", Refused),
    ("1e1.5", Refused),
    ("1.2.3", Refused),
    ("0x1", Refused),
    ("1_000", Refused),
    ("1 2", Refused),
    ("Infinity", Refused),
    ("-Infinity", Refused),
    ("nan", Refused),
    ("\u{ff11}", Refused),
];

const TEXTS: &[(&str, Outcome)] = &[
    (r#""\"\\\/\b\f\n\r\t""#, Read),
    (r#""\u0000""#, Read),
    (r#""\ud834\udd1e""#, Read),
    (r#""\uD834\uDD1E""#, Read),
    ("\"\u{7f}\u{85}\u{2028}\u{feff}\u{10ffff}\"", Read),
    (r#""0123456789abcde\"0123456789abcdef\\""#, Read),
    (r#""\ud834""#, Lost),
    (r#""\udd1e\ud834""#, Lost),
    (r#""\ud834x""#, Lost),
    (r#""\ud834\u0041""#, Lost),
    (r#""\u12""#, Refused),
    (r#""\u+123""#, Refused),
    (r#""\U0041""#, Refused),
    (r#""\a""#, Refused),
    (r#""\""#, Refused),
    ("\"\\\u{e9}\"", Refused),
    ("\"a\nb\"", Refused),
    ("\"\u{1f}\"", Refused),
    ("\"\0\"", Refused),
    ("'a'", Refused),
    ("\"0123456789abcde\u{1}\"", Refused),
    ("\"a", Refused),
    ("a\"", Refused),
];

const OTHERS: &[(&str, Outcome)] = &[
    ("[]", Read),
    ("[ \t\r\n]", Read),
    ("{}", Read),
    ("{ }", Read),
    ("[[],[[]]]", Read),
    (r#"{"":0}"#, Read),
    (r#"{"a":{"a":{"a":0}}}"#, Read),
    (r#"{"\u0061":0,"A":0}"#, Read),
    (r#"[{"a":0},{"a":0}]"#, Read),
    ("null ", Read),
    ("\ttrue\r\n", Read),
    (r#"{"a":0,"\u0061":0}"#, Lost),
    (r#"[{"a":{"b":0,"b":0}}]"#, Lost),
    ("[1,]", Refused),
    ("[,1]", Refused),
    ("[1 2]", Refused),
    ("[1,,2]", Refused),
    ("[", Refused),
    ("]", Refused),
    ("{", Refused),
    ("[}", Refused),
    (r#"{"a":1,}"#, Refused),
    (r#"{"a"}"#, Refused),
    (r#"{"a" 1}"#, Refused),
    (r#"{"a":}"#, Refused),
    ("{a:1}", Refused),
    ("{1:1}", Refused),
    (r#"{"a":1 "b":2}"#, Refused),
    ("{,}", Refused),
    ("True", Refused),
    ("nulll", Refused),
    ("tru", Refused),
    ("undefined", Refused),
    ("/**/1", Refused),
    ("1//", Refused),
    ("\u{b}1", Refused),
    ("\u{a0}1", Refused),
    ("\u{feff}1", Refused),
    ("", Refused),
    (",", Refused),
    ("\0", Refused),
];

/// Every value.
pub(crate) fn values() -> Vec<(String, Outcome)> {
    let all = [NUMBERS, TEXTS, OTHERS].concat();
    let mut all: Vec<_> = all.into_iter().map(|(value, outcome)| (value.to_owned(), outcome)).collect();
    // A record that is nested too deep in its answer is read by itself, and then what is in it.
    for (levels, outcome) in [(98, Read), (101, Read), (102, Read), (127, Read), (128, Lost), (129, Lost), (2000, Lost)]
    {
        all.push((nested(levels), outcome));
    }
    let many: String = (0..100).map(|number| format!("\"k{number}\":{number},")).collect();
    all.push((format!("{{{many}\"k\":0}}"), Read));
    all.push((format!("{{{many}\"k99\":0}}"), Lost));
    all.push((format!("\"{}\"", "x".repeat(100_000)), Read));
    all
}
