//! What the README says is so: its script is the one in `docs/`, its commands run, its options and files exist.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use pretty_assertions::assert_eq;
use program::{Scratch, root, run, text_of};
use std::collections::BTreeSet;
use std::process::Command;

/// The code blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let readme = text_of("README.md");
    let parts: Vec<_> = readme.split("\n```").collect();
    let opened = parts.iter().skip(1).step_by(2);
    let wanted = opened.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'));
    wanted.map(|text| format!("{text}\n")).collect()
}

/// The prose and tables.
fn prose() -> String {
    text_of("README.md").split("\n```").step_by(2).collect()
}

#[test]
fn the_export_script_is_the_one_in_docs() {
    let script = text_of("docs/export.sh");
    let embedded: Vec<_> = blocks("sh").into_iter().filter(|block| block.contains("curl")).collect();
    assert_eq!(embedded, [script]);
}

#[test]
fn the_main_job_runs_as_written_and_ends_as_said() {
    let scratch = Scratch::new();
    let commands = blocks("sh").concat();
    let job = commands.lines().find(|line| line.contains("-- report samples/troubled")).unwrap();
    let (_, arguments) = job.split_once(" -- ").unwrap();
    copy("samples/troubled", &scratch);
    let status = Command::new(env!("CARGO_BIN_EXE_cbr-audit"))
        .args(arguments.split(' '))
        .current_dir(scratch.path(""))
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(5));
    assert!(prose().contains("The exit status is **5**"));
    for output in ["report.html", "report.md", "findings.csv", "report.json"] {
        assert!(job.contains(output) && scratch.path(output).exists(), "{output}");
    }
    assert_eq!(run(["report".into(), root().join("samples/healthy"), "-q".into()]).status, 0);
}

fn copy(directory: &str, scratch: &Scratch) {
    for file in program::files_below(&root().join(directory)) {
        let name = format!("{directory}/{}", file.display());
        scratch.write(&name, std::fs::read(root().join(&name)).unwrap());
    }
}

#[test]
fn every_example_of_the_program_is_understood() {
    let scratch = Scratch::new();
    copy("samples/healthy", &scratch);
    std::fs::rename(scratch.path("samples/healthy"), scratch.path("dump")).unwrap();
    let examples = blocks("sh").concat();
    let examples = examples.lines().filter_map(|line| line.strip_prefix("cbr-audit report dump/"));
    let mut tried = 0;
    for example in examples.filter(|example| !example.starts_with("2026")) {
        let words: Vec<_> = example.split_whitespace().map(|word| word.trim_matches('\'')).collect();
        let mut command = Command::new(env!("CARGO_BIN_EXE_cbr-audit"));
        let output = command.args(["report", "dump/"]).args(words).current_dir(scratch.path("")).output().unwrap();
        assert_ne!(output.status.code(), Some(2), "{example}: {}", String::from_utf8_lossy(&output.stderr));
        tried += 1;
    }
    assert!(tried >= 4, "only {tried} examples");
}

#[test]
fn every_option_exists() {
    let helps = ["report", "inventory", "explain"].map(|command| run([command, "--help"]).out).concat();
    let known: BTreeSet<_> = options(&helps).into_iter().chain(["--path", "--version"].map(str::to_owned)).collect();
    let examples = blocks("sh").concat();
    let typed = examples.lines().filter(|line| line.starts_with("cbr-audit "));
    let said = options(&prose()).into_iter().chain(typed.flat_map(options));
    let unknown: Vec<_> = said.filter(|option| !known.contains(option)).collect();
    assert_eq!(unknown, Vec::<String>::new());
}

fn options(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !(c.is_ascii_lowercase() || c == '-'));
    words
        .filter(|word| word.starts_with("--") && word.len() > 3 && !word.starts_with("---"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_exit_statuses_are_those_of_the_help() {
    let help = run(["--help"]).out;
    let (_, table) = help.split_once("Exit status:\n").unwrap();
    let table = table.lines().map_while(|line| line.trim().split_once(' '));
    let readme = prose().replace("`--fail-on`", "--fail-on");
    let mut count = 0;
    for (status, meaning) in table.take_while(|(status, _)| status.parse::<u8>().is_ok()) {
        assert!(readme.contains(&format!("| {status} | {} |", meaning.trim())), "{status} {meaning}");
        count += 1;
    }
    assert_eq!(count, 8);
}

#[test]
fn every_file_it_points_to_exists() {
    for page in ["README.md", "docs/architecture.md", "CHANGELOG.md", "samples/README.md"] {
        let text = text_of(page);
        let home = root().join(page).parent().unwrap().to_owned();
        let links = text.split("](").skip(1).filter_map(|link| link.split(')').next());
        for link in links.filter(|link| !link.contains("://") && !link.starts_with('#')) {
            assert!(home.join(link).exists(), "{page} points to {link}");
        }
    }
}

#[test]
fn the_catalogue_has_as_many_rules_as_the_changes_say() {
    let rules = cbr_audit::rules::RULES.len();
    assert!(text_of("CHANGELOG.md").contains(&format!("against {rules} rules")), "{rules}");
}
