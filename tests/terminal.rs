//! What a terminal gets, styles included: a pipe takes out the sequences that a name could bring to one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg(unix)]

mod answers;
mod program;

use answers::list;
use pretty_assertions::assert_eq;
use program::Scratch;
use std::process::Command;

const HOSTILE: &str = "n\u{1b}]0;pwned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{200b}";

/// Standard output and error of a run, with their styles.
fn styled(arguments: &[&str], directory: &Scratch) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cbr-audit"));
    let ran = command.args(arguments).env("CLICOLOR_FORCE", "1").current_dir(directory.path("")).output().unwrap();
    [ran.stdout, ran.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat()
}

/// What is left of a text without the styles of the program that acts on a terminal or is not seen.
fn acts(text: &str) -> Vec<char> {
    let mut styles = text.split('\u{1b}');
    let plain = styles.next().unwrap_or_default().to_owned();
    let rest = styles.map(|piece| {
        let end = piece.find(|char: char| !matches!(char, '[' | ';' | '0'..='9')).unwrap_or(piece.len());
        let is_style = piece.starts_with('[') && piece[end..].starts_with('m');
        if is_style { piece[end + 1..].to_owned() } else { format!("\u{1b}{piece}") }
    });
    let text = std::iter::once(plain).chain(rest).collect::<String>();
    let is_active = |char: &char| *char != '\n' && (char.is_control() || matches!(char, '\u{200b}'..='\u{202e}'));
    text.chars().filter(is_active).collect()
}

#[test]
fn the_harness_finds_what_acts() {
    assert_eq!(acts("\u{1b}[1m\u{1b}[31mred\u{1b}[0m\n"), Vec::<char>::new());
    assert_eq!(acts(HOSTILE), ['\u{1b}', '\u{7}', '\u{1b}', '\u{9b}', '\u{202e}', '\u{200b}']);
}

#[test]
fn names_of_directories_do_nothing_to_a_terminal() {
    let scratch = Scratch::new();
    let mut short = list(&["b1"]);
    short["count"] = 7.into();
    scratch.write(&format!("dump/{HOSTILE}/a.json"), short.to_string());
    let said = styled(&["report", "dump", "--no-config", "-v"], &scratch);
    assert!(said.contains("Incomplete:") && said.contains("offset 1 to 6 missing"), "{said:?}");
    assert_eq!(acts(&said), Vec::<char>::new(), "{said:?}");
}

/// A shell puts the names of files in the place of `*`.
#[test]
fn names_that_look_like_options_do_nothing_to_a_terminal() {
    let scratch = Scratch::new();
    for arguments in [
        vec!["report".to_owned(), format!("--{HOSTILE}")],
        vec!["report".to_owned(), ".".to_owned(), format!("--fail-on={HOSTILE}")],
        vec![HOSTILE.to_owned()],
    ] {
        let said = styled(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), &scratch);
        assert!(said.contains("error") && said.contains("Usage") || said.contains("--help"), "{said:?}");
        assert_eq!(acts(&said), Vec::<char>::new(), "{said:?}");
    }
    // Without such names the styles stay.
    assert!(styled(&["report", "--nothing"], &scratch).contains('\u{1b}'));
}
