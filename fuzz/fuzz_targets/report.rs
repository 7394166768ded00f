//! Any input to every report: the page parses without an error and holds no script, the JSON follows its schema, and nothing
//! unseen reaches a terminal. A byte 0xff parts the input into files.

#![no_main]

use std::sync::LazyLock;

use cbr_audit::format::escape::is_invisible;
use cbr_audit::format::{FORMATS, terminal};
use cbr_audit::judge;
use cbr_audit_fuzz::{SETTINGS, check_run, inventory_of};
use jsonschema::Validator;
use libfuzzer_sys::fuzz_target;
use scraper::{Html, Selector};

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema = serde_json::from_str(include_str!("../../docs/report.schema.json")).expect("JSON");
    jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema")
});

static ACTIVE: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse("script, img, iframe, object, a[href^='http']").expect("a selector"));

const NAMES: [&str; 4] = ["a.json", "b\u{202e}<b>.json", "c/capture.json", "c/d|`.json"];

fuzz_target!(|bytes: &[u8]| {
    let files = NAMES.into_iter().zip(bytes.split(|byte| *byte == 0xff));
    let run = judge(&SETTINGS, inventory_of(files), false);
    check_run(&run);
    for format in FORMATS {
        let mut text = Vec::new();
        format.write(&run, &mut text).expect("memory takes everything");
        let text = String::from_utf8(text).expect("UTF-8");
        match format.name {
            "html" => {
                let page = Html::parse_document(&text);
                assert!(page.errors.is_empty(), "{:?}", page.errors);
                assert!(page.select(&ACTIVE).next().is_none(), "something acts");
            }
            "json" => {
                let report = serde_json::from_str(&text).expect("JSON");
                let error = SCHEMA.iter_errors(&report).next();
                assert!(error.is_none(), "{error:?}");
                assert_eq!(report["findings"].as_array().map(Vec::len), Some(run.findings().count()));
            }
            _ => assert!(!text.is_empty()),
        }
    }
    let mut summary = Vec::new();
    terminal::summary(&run, &mut summary).expect("memory takes everything");
    let summary = String::from_utf8(summary).expect("UTF-8");
    assert!(!summary.chars().any(|char| char != '\n' && is_unseen(char)), "{summary:?}");
});

/// Whether a terminal would act on the character; the colours are the program's own.
fn is_unseen(char: char) -> bool {
    char != '\u{1b}' && is_invisible(char)
}
