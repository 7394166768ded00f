//! Small files that are read together: the report is that of the same files read one by one.

use super::dice::Dice;
use super::judged;
use super::node::{Node, STYLES};
use super::program::Scratch;
use super::random::Templates;
use super::{missing, samples};
use cbr_audit::limits::Limits;
use cbr_audit::read::Reading;
use rayon::ThreadPoolBuilder;
use std::path::{Path, PathBuf};

/// Files with the names they are to have.
struct Files {
    _scratch: Scratch,
    files: Vec<(String, PathBuf)>,
}

impl Files {
    fn new(contents: Vec<(String, Vec<u8>)>) -> Self {
        let scratch = Scratch::new();
        let files = contents.into_iter().enumerate().map(|(number, (name, bytes))| {
            let path = scratch.write(&format!("{number}"), &bytes);
            (name, path)
        });
        Self { files: files.collect(), _scratch: scratch }
    }

    fn named(&self) -> Vec<(&str, &Path)> {
        self.files.iter().map(|(name, path)| (name.as_str(), path.as_path())).collect()
    }

    /// Fails unless the report is the same whatever is read together. Returns it.
    fn check(&self, limits: Limits, what: &str) -> String {
        let report = |together| judged::report_of(&self.named(), Reading { together, limits, ..Reading::default() });
        let one_by_one = report(1);
        for (together, threads) in [(2, 1), (5, 2), (64, 2)] {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let what = format!("{what}, {together} together, by {threads} threads");
            judged::assert_same(&pool.install(|| report(together)), &one_by_one, &what);
        }
        one_by_one
    }
}

fn show(element: Node) -> Node {
    Node::Object(vec![("backup".to_owned(), element)])
}

/// What a file holds that is not one usual backup.
fn other(dice: &mut Dice, text: &str) -> Vec<u8> {
    let utf16 = || text.encode_utf16().flat_map(u16::to_le_bytes);
    match dice.roll(14) {
        0 => Vec::new(),
        1 => text.as_bytes()[..text.len() - 1].to_vec(),
        2 => [b"\xff\xfe".to_vec(), utf16().collect()].concat(),
        3 => utf16().collect(),
        4 => format!("\u{feff}{text}").into_bytes(),
        5 => format!("{text}{text}").into_bytes(),
        6 => format!("{text}\n{{\"captured_at\":\"2026-03-01T00:00:00Z\"}}").into_bytes(),
        7 => format!("HTTP/1.1 200 OK\r\n\r\n{text}").into_bytes(),
        8 => format!("{text}\u{0}").into_bytes(),
        9 => [text.as_bytes(), b"\xff"].concat(),
        10 => br#"{"error_code":"BackupService.0001","error_msg":"no"}"#.to_vec(),
        11 => format!("[{text}]").into_bytes(),
        12 => format!("{text}{}", " ".repeat(40 << 10)).into_bytes(),
        _ => text.replacen('{', r#"{"request_id":"r","#, 1).into_bytes(),
    }
}

/// A dump with a file for each record, every so many of which is something else.
fn dump(templates: &Templates, dice: &mut Dice, harm: usize, odd: usize) -> Files {
    let elements = (0..4).flat_map(|_| templates.elements(dice, harm)).collect::<Vec<_>>();
    let files = elements.into_iter().enumerate().map(|(number, element)| {
        let element = if dice.one_in(5) { element } else { show(element) };
        let text = element.written(dice.pick(&STYLES));
        let bytes = if dice.one_in(odd) { other(dice, &text) } else { text.into_bytes() };
        let ending = dice.pick(&["json", "json", "json", "json", "jsonl", "txt", "dat"]);
        (format!("d{}/{number:04}.{ending}", number / 40), bytes)
    });
    Files::new(files.collect())
}

fn check_random(harm: usize, odd: usize) {
    let made = (0..20).flat_map(missing::files).map(|(_, text)| text);
    let templates = Templates::of(samples().into_iter().map(|(_, text)| text).chain(made));
    for seed in 0..8 {
        let dice = &mut Dice::new(seed * 100 + (harm * 10 + odd) as u64);
        let files = dump(&templates, dice, harm, odd);
        files.check(Limits::default(), &format!("dump {seed} of harm {harm}"));
    }
}

#[test]
fn usual_files_read_the_same_together() {
    check_random(0, 1000);
}

#[test]
fn files_with_others_among_them_read_the_same_together() {
    check_random(0, 8);
    check_random(2, 3);
}

#[test]
fn faulty_files_read_the_same_together() {
    check_random(5, 8);
}

#[test]
fn a_limit_costs_the_same_files_together() {
    let templates = Templates::of(samples().into_iter().map(|(_, text)| text));
    let files = dump(&templates, &mut Dice::new(7), 0, 1000);
    let usual = Limits::default();
    let rejected = |limits| files.check(limits, "limited").matches("\"state\": \"rejected\"").count();
    let none = rejected(usual);
    for limits in [
        Limits { records: 1, ..usual },
        Limits { string_bytes: 35, ..usual },
        Limits { depth: 2, ..usual },
        Limits { file_bytes: 1500, ..usual },
    ] {
        let some = rejected(limits);
        assert!(none < some, "{some} files are rejected with {limits:?}, {none} without");
    }
}
