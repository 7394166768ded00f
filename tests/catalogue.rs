//! What holds for the whole catalogue: every worked case comes out as written, every rule is documented in full, and
//! the table, the files and the command line agree on which rules there are.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use cbr_audit::case;
use cbr_audit::rule::Rule;
use cbr_audit::rules::RULES;
use pretty_assertions::{StrComparison, assert_eq};

#[test]
fn every_case_comes_out_as_written() {
    let mut wrong = Vec::new();
    for rule in RULES.iter() {
        for case in rule.cases {
            let got = case::verdicts(rule, case).unwrap_or_else(|error| vec![format!("{error:#}")]);
            if got != case.verdicts {
                let difference = StrComparison::new(&case.verdicts.join("\n"), &got.join("\n")).to_string();
                wrong.push(format!("{}: {}\n{difference}", rule.id, case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases come out otherwise:\n\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_cases_of_every_rule_show_it_passing_and_failing_and_a_third_verdict() {
    for rule in RULES.iter() {
        let shown: BTreeSet<_> = shown(rule).into_iter().map(|verdict| verdict.split(' ').next().unwrap()).collect();
        assert!(shown.contains("pass"), "{}: no case passes", rule.id);
        assert!(shown.contains("fail"), "{}: no case fails", rule.id);
        let is_whole = matches!(rule.id, "schema-drift" | "required-field-missing");
        assert!(shown.len() > 2 || is_whole, "{}: every case passes or fails", rule.id);
    }
}

#[test]
fn the_cases_of_every_rule_reach_its_severity_and_none_goes_beyond() {
    for rule in RULES.iter() {
        let fails = shown(rule).into_iter().filter(|verdict| verdict.starts_with("fail "));
        let words: BTreeSet<_> = fails.flat_map(|verdict| verdict.split(' ')).collect();
        let given = cbr_audit::rule::Severity::ALL.into_iter().find(|severity| words.contains(severity.word()));
        assert_eq!(given, Some(rule.severity), "{}: the worst severity of its cases", rule.id);
    }
}

#[test]
fn every_rule_that_ages_shows_what_an_inferred_clock_does() {
    for rule in RULES.iter() {
        let ages = source(rule).contains("pass_now") || source(rule).contains("Reason::ClockInferred");
        let shows = shown(rule).iter().any(|verdict| verdict.ends_with("clock-inferred"));
        assert_eq!(ages, shows, "{}: passes that need the true time, and a case that shows it", rule.id);
    }
}

#[test]
fn case_names_are_statements_of_their_own() {
    for rule in RULES.iter() {
        let names: BTreeSet<_> = rule.cases.iter().map(|case| case.name).collect();
        assert_eq!(names.len(), rule.cases.len(), "{}: two cases of one name", rule.id);
        assert!(names.iter().all(|name| !name.is_empty() && !name.ends_with('.')), "{}: {names:?}", rule.id);
    }
}

#[test]
fn ids_are_unique_and_in_kebab_case() {
    let ids: BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), RULES.len());
    for id in ids {
        let parts: Vec<_> = id.split('-').collect();
        assert!(
            parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase())),
            "{id}"
        );
    }
}

#[test]
fn every_file_of_a_family_is_the_rule_of_its_name() {
    let mut files: BTreeSet<_> = rule_files().into_iter().map(|(path, _)| path).collect();
    for rule in RULES.iter() {
        assert!(files.remove(&file(rule)), "{}: {} is missing", rule.id, file(rule).display());
    }
    assert_eq!(files, BTreeSet::new(), "files whose rule is not in the list");
}

#[test]
fn every_text_is_there_and_ends_as_it_should() {
    for rule in RULES.iter() {
        let sentences = [("why", rule.why), ("remedy", rule.remedy), ("logic", rule.logic)];
        for (name, text) in sentences {
            assert!(text.len() > 2 && text.ends_with('.'), "{}: {name} should end with a full stop: {text:?}", rule.id);
        }
        assert!(!rule.title.is_empty() && !rule.title.ends_with('.'), "{}: title {:?}", rule.id, rule.title);
        assert!(!rule.controls.is_empty(), "{}: no controls", rule.id);
        assert!(rule.controls.iter().all(|control| control.contains(':')), "{}: {:?}", rule.id, rule.controls);
    }
}

/// Only texts of the dump are cut, which the JSON report holds in whole: not what a page says of a rule.
#[test]
fn no_page_cuts_what_a_rule_says() {
    for rule in RULES.iter() {
        for text in [rule.title, rule.why, rule.remedy, rule.logic] {
            let mut page = Vec::new();
            cbr_audit::format::escape::html(text, &mut page).unwrap();
            assert!(!String::from_utf8(page).unwrap().contains("in the JSON report"), "{} is cut", rule.id);
        }
    }
}

#[test]
fn every_parameter_is_documented_and_used() {
    for rule in RULES.iter() {
        for param in rule.params {
            assert!(
                param.about.len() > 2 && param.about.ends_with('.'),
                "{}: {}: {:?}",
                rule.id,
                param.key,
                param.about
            );
            assert_eq!(param.unit.parse(&param.unit.text(param.default)), Ok(param.default), "{}", param.key);
        }
        let source = source(rule);
        for name in param_names(&source) {
            let uses =
                source.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| *word == name);
            let declared = usize::from(source.contains(&format!("const {name}:")));
            let through_rpo = name.starts_with("RPO_") && source.contains("rpo_limit()");
            assert!(uses.count() > 1 + declared || through_rpo, "{}: {name} is declared and not used", rule.id);
        }
    }
}

#[test]
fn parameters_of_one_name_have_one_meaning() {
    let mut known = BTreeMap::new();
    for (rule, param) in RULES.iter().flat_map(|rule| rule.params.iter().map(move |param| (rule, param))) {
        let meaning = (param.unit, param.default, param.about);
        let first = known.entry(param.key).or_insert(meaning);
        assert_eq!(*first, meaning, "{}: {}", rule.id, param.key);
    }
}

#[test]
fn the_document_of_the_rules_is_the_one_that_is_printed() {
    let printed = printed(&["rules", "document"]);
    let kept = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md")).unwrap();
    assert!(kept == printed, "run: cargo run --release -- rules document > docs/rules.md");
}

#[test]
fn the_command_line_lists_and_shows_every_rule() {
    let list = printed(&["rules", "list"]);
    for rule in RULES.iter() {
        assert!(
            list.lines().any(|line| line.contains(rule.id) && line.contains(rule.title)),
            "{}: not listed",
            rule.id
        );
        let shown = printed(&["rules", "show", rule.id]);
        let texts = [rule.id, rule.title, rule.why, rule.remedy, rule.logic, rule.severity.word()];
        let params = rule.params.iter().flat_map(|param| [param.key, param.about]);
        let cases = rule.cases.iter().map(|case| case.name);
        for text in texts.into_iter().chain(params).chain(cases).chain(rule.controls.iter().copied()) {
            assert!(shown.contains(text), "rules show {} lacks {text:?}:\n{shown}", rule.id);
        }
    }
}

/// Every verdict that the cases of a rule show.
fn shown(rule: &'static Rule) -> Vec<&'static str> {
    rule.cases.iter().flat_map(|case| case.verdicts.iter().copied()).collect()
}

fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cbr-audit")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn rules_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/rules")
}

/// The file of a rule: its id with underscores, in the folder of its family.
fn file(rule: &Rule) -> PathBuf {
    let family = match rule.family.word() {
        "off-site" => "offsite".to_owned(),
        words => words.replace(' ', "_"),
    };
    rules_folder().join(family).join(rule.id.replace('-', "_")).with_extension("rs")
}

fn source(rule: &Rule) -> String {
    fs::read_to_string(file(rule)).unwrap()
}

/// The files below the families that hold a rule.
fn rule_files() -> Vec<(PathBuf, String)> {
    let families = fs::read_dir(rules_folder()).unwrap().map(|entry| entry.unwrap().path());
    let files = families.filter(|path| path.is_dir()).flat_map(|folder| fs::read_dir(folder).unwrap());
    let read = files.map(|entry| entry.unwrap().path()).map(|path| (path.clone(), fs::read_to_string(path).unwrap()));
    read.filter(|(_, source)| source.contains("const RULE: Rule")).collect()
}

/// The names of the parameters that a rule declares.
fn param_names(source: &str) -> Vec<&str> {
    let list = source.split_once("params: &[").unwrap().1.split_once(']').unwrap().0;
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
}
