//! The summary on the terminal, worked out anew from the findings of the JSON report: the headline, the counts, the worst
//! resources, and what would judge what was not judged.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::clock::AsOf;
use cbr_audit::rule::Family;
use cbr_audit::rules::RULES;
use cbr_audit::settings::Settings;
use pretty_assertions::assert_eq;
use program::{Scratch, report, run, sample};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "info"];

/// The samples, one of them with waivers and a list of what there should be, and one in the singular.
fn dumps(scratch: &Scratch) -> Vec<(PathBuf, Vec<String>)> {
    let waiver = |rule: &str| {
        format!("[[waivers]]\nrule = {rule:?}\nsubject = \"*\"\nreason = \"r\"\nowner = \"o\"\nuntil = 2099-01-01\n")
    };
    let config = scratch.write("policy.toml", waiver("backup-unencrypted") + &waiver("rpo-breach"));
    let forgotten = "c83a4bdba612b0673eb033d5fc9244f0,server,11111111-2222-4333-8444-555555555555,leg-forgotten-01";
    let expected = scratch.write("expected.csv", format!("project,type,id,name\n{forgotten}\n"));
    let given = |arguments: &[&str]| arguments.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let beside = given(&["--config", config.to_str().unwrap(), "--expect", expected.to_str().unwrap()]);
    let one = |rule: &str| given(&["--only", rule]);
    let mut dumps: Vec<_> = ["healthy", "troubled", "broken", "api-page"].map(|name| (sample(name), Vec::new())).into();
    dumps.push((sample("troubled"), beside));
    dumps.push((sample("api-page"), one("offsite-copy-missing")));
    dumps.push((sample("api-page"), one("encryption-mixed-in-server")));
    dumps.push((sample("api-page"), one("rpo-breach")));
    dumps.push((sample("api-page"), given(&["--only", "expiring-soon", "--as-of", "2019-05-11T00:00:00Z"])));
    dumps.push((scratch.write("empty/a.json", "[]"), Vec::new()));
    dumps
}

fn count(report: &Value, verdict: &str) -> u64 {
    report["rules"].as_array().unwrap().iter().map(|rule| rule[verdict].as_u64().unwrap()).sum()
}

fn failures(report: &Value) -> impl Iterator<Item = &Value> {
    report["findings"].as_array().unwrap().iter().filter(|finding| finding["verdict"] == "fail")
}

fn with_severity(report: &Value, severity: &str) -> usize {
    failures(report).filter(|finding| finding["severity"] == severity).count()
}

fn findings(number: u64) -> String {
    if number == 1 { "1 finding".to_owned() } else { format!("{number} findings") }
}

/// The sentences of a run that had something to judge.
fn headline(report: &Value) -> String {
    let rules = report["rules"].as_array().unwrap();
    let (failed, open, waived) = (count(report, "fail"), count(report, "unknown"), count(report, "waived"));
    let open_in_words = match open {
        0 => String::new(),
        1 => " 1 verdict was not judged.".to_owned(),
        _ => format!(" {open} verdicts were not judged."),
    };
    let waived = match waived {
        0 => String::new(),
        1 => " 1 finding is waived.".to_owned(),
        _ => format!(" {waived} findings are waived."),
    };
    if failed > 0 {
        let severe = with_severity(report, "critical") + with_severity(report, "high");
        let severe = if severe > 0 { format!(", {severe} of them high or critical") } else { String::new() };
        let rules_failed = rules.iter().filter(|rule| rule["fail"] != 0).count();
        let of = rules.len();
        return format!("{rules_failed} of {of} rules failed: {}{severe}.{open_in_words}{waived}", findings(failed));
    }
    if open > 0 {
        return format!("Nothing failed, but not everything could be judged:{open_in_words}{waived}");
    }
    if report["inputs"]["records"] == 0 {
        return "No backup record was found: nothing could be judged.".to_owned();
    }
    format!("Everything that could be judged is as it should be.{waived}")
}

/// How the second line begins.
fn as_of(report: &Value) -> String {
    match (report["as_of"]["source"].as_str().unwrap(), report["as_of"]["time"].as_str()) {
        ("inferred", None) => "As of unknown, there is no record to take a time from.".to_owned(),
        ("inferred", Some(time)) => format!("As of {time}, the newest believable time in the dump: "),
        ("capture", Some(time)) => format!("As of {time}, when the export was made, by capture.json."),
        ("as-of", Some(time)) => format!("As of {time}, given with --as-of."),
        other => panic!("{other:?}"),
    }
}

fn family(finding: &Value) -> Family {
    RULES.iter().find(|rule| rule.id == finding["rule"]).unwrap().family
}

/// The failures of each resource that is backed up, or should be, by its name.
fn by_resource(report: &Value) -> BTreeMap<(String, String), Vec<&Value>> {
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for finding in failures(report).filter(|finding| family(finding) != Family::DataQuality) {
        let of = if finding["rule"] == "inventory-uncovered" { &finding["subject"] } else { &finding["resource"] };
        if let Some(id) = of["id"].as_str() {
            let name = of["name"].as_str().unwrap_or(id);
            all.entry((id.to_owned(), name.to_owned())).or_default().push(finding);
        }
    }
    all
}

/// What makes one resource worse than another: the rules of each severity, then all its failures.
fn rank(failures: &[&Value]) -> (Vec<Reverse<usize>>, Reverse<usize>) {
    let rules = |severity: &str| {
        let mut rules: Vec<_> =
            failures.iter().filter(|finding| finding["severity"] == severity).map(|finding| &finding["rule"]).collect();
        rules.sort_by_key(|rule| rule.to_string());
        rules.dedup();
        Reverse(rules.len())
    };
    (SEVERITIES.map(rules).into(), Reverse(failures.len()))
}

fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest - 1).chain(['…']).collect()
}

/// The line of a resource: its worst severity, its failures, and their rules, the worst first.
fn line(name: &str, failures: &[&Value]) -> String {
    let place = |finding: &&Value| SEVERITIES.iter().position(|severity| finding["severity"] == *severity).unwrap();
    let number = |finding: &&Value| RULES.iter().position(|rule| rule.id == finding["rule"]).unwrap();
    let mut sorted = failures.to_vec();
    sorted.sort_by_key(|finding| (place(finding), number(finding)));
    let mut rules: Vec<_> = sorted.iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    rules.dedup();
    let (severity, all) = (sorted[0]["severity"].as_str().unwrap(), findings(failures.len() as u64));
    format!("  {severity:<9}{:<29}{all}: {}", cut(name, 28), cut(&rules.join(", "), 72))
}

/// What would turn which unknowns into verdicts.
fn unlocks(report: &Value) -> BTreeMap<&'static str, u64> {
    let mut all = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap().iter().filter(|finding| finding["verdict"] == "unknown") {
        let remedy = match (finding["reason"].as_str().unwrap(), family(finding)) {
            ("clock-inferred", _) => "--as-of TIME, or a capture.json beside the dump",
            ("view-omits", Family::Offsite) => {
                "--replication-shown if the lists were made with show_replication=true; else list again with it"
            }
            ("view-omits", _) => "the show answers of server backups, saved beside the lists",
            ("input-incomplete", _) => "the missing pages or files, exported again",
            _ => continue,
        };
        *all.entry(remedy).or_default() += finding["count"].as_u64().unwrap_or(1);
    }
    all
}

fn summary(path: &Path, arguments: &[String]) -> Vec<String> {
    let all = ["report".as_ref(), path.as_os_str()].into_iter().chain(arguments.iter().map(AsRef::as_ref));
    run(all).out.lines().map(str::to_owned).collect()
}

/// The lines behind a heading, up to the next empty one.
fn below<'s>(summary: &'s [String], heading: &str) -> Vec<&'s str> {
    let begin = summary.iter().position(|line| line == heading).map_or(summary.len(), |at| at + 1);
    summary[begin..].iter().map(String::as_str).take_while(|line| !line.is_empty()).collect()
}

#[test]
fn the_summary_says_what_the_findings_say() {
    let scratch = Scratch::new();
    for (path, arguments) in dumps(&scratch) {
        let said = summary(&path, &arguments);
        let (report, _) = report(&path, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let what = format!("{} {arguments:?}", path.display());
        assert_eq!(said[0], headline(&report), "{what}");
        assert!(said[1].starts_with(&as_of(&report)), "{what}: {}", said[1]);
        let counts = SEVERITIES.map(|severity| format!("{} {severity}", with_severity(&report, severity))).join(" · ");
        assert!(said.contains(&format!("  Findings     {counts}")), "{what}: no {counts}");

        let resources = by_resource(&report);
        let mut ranks: Vec<_> = resources.values().map(|failures| rank(failures)).collect();
        ranks.sort();
        ranks.truncate(5);
        let lines = below(&said, "Worst resources");
        let ranked: Vec<_> = resources.iter().map(|((_, name), of)| (line(name, of), rank(of))).collect();
        let shown = lines.iter().map(|line| &ranked.iter().find(|(other, _)| other == line).expect(line).1);
        assert_eq!(shown.collect::<Vec<_>>(), ranks.iter().collect::<Vec<_>>(), "{what}");

        let mut remedies: Vec<_> = unlocks(&report).into_iter().collect();
        remedies.sort_by_key(|(_, count)| Reverse(*count));
        let remedies: Vec<_> = remedies.iter().map(|(remedy, count)| format!("  {count:>8}  {remedy}")).collect();
        assert_eq!(below(&said, "Not judged, and what would judge it"), remedies, "{what}");
    }
}

/// The lines on records and lists in the part about the input.
#[test]
fn the_summary_says_what_was_read() {
    let scratch = Scratch::new();
    for (path, arguments) in dumps(&scratch) {
        let said = summary(&path, &arguments);
        let (report, _) = report(&path, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let begin = said.iter().position(|line| line.starts_with("Input ")).unwrap();
        let numbers = said[begin + 1].split(['(', ' ', ';']).filter_map(|word| word.parse::<u64>().ok());
        let numbers: Vec<_> = numbers.take(3).collect();
        assert_eq!(numbers[0], report["inputs"]["records"], "{}", said[begin + 1]);
        assert_eq!(numbers[0], numbers[1] + numbers[2], "{}", said[begin + 1]);
        let listings = report["inputs"]["listings"].as_array().unwrap();
        for listing in listings.iter().filter(|listing| listing["state"] != "complete").take(1) {
            let words = ["directory", "state"].map(|key| listing[key].as_str().unwrap()).join(": ");
            assert!(said[begin + 2].contains(&format!("; {words}")), "{} {words}", said[begin + 2]);
        }
    }
}

/// Of two resources that fail the same rules, the one with more failures; and one with a worse failure before both.
/// A long answer pushes the rules of all four questions to the right, not only its own.
#[test]
fn the_rules_of_the_four_questions_stand_below_each_other() {
    let ran = run([OsStr::new("report"), sample("troubled").as_os_str()]);
    let rules = ["expired-still-listed", "backup-unencrypted", "offsite-copy-missing", "child-orphaned"];
    let columns: BTreeSet<_> = rules.map(|rule| ran.out.lines().find_map(|line| line.find(rule)).expect(rule)).into();
    assert_eq!(columns.len(), 1, "{}", ran.out);
}

#[test]
fn the_worst_resources_are_in_order() {
    let scratch = Scratch::new();
    let backup = |id: &str, resource: &str, encrypted: bool| {
        json!({
            "id": id, "project_id": "p1", "resource_id": resource, "resource_name": resource, "status": "available",
            "resource_type": "OS::Cinder::Volume", "image_type": "backup", "created_at": "2026-11-01T01:00:00Z",
            "extend_info": {"encrypted": encrypted},
        })
    };
    let all = [("a", "one"), ("b", "three"), ("c", "three"), ("d", "three"), ("e", "two"), ("f", "two")];
    let backups: Vec<_> = all.iter().map(|(id, resource)| backup(id, resource, false)).collect();
    let path = scratch.write("list.json", json!({"backups": backups, "count": 6}).to_string());
    let said = summary(&path, &["--only".to_owned(), "backup-unencrypted".to_owned()]);
    let names = below(&said, "Worst resources").into_iter().map(|line| line.split_whitespace().nth(1).unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["three", "two", "one"]);
}

/// What was made later is as if it were not there, but for the sentence that says so.
#[test]
fn backups_after_the_as_of_time_change_no_answer() {
    let scratch = Scratch::new();
    let backup = |id: &str, resource: &str, created: &str| {
        json!({
            "id": id, "project_id": "p1", "resource_id": resource, "resource_name": resource, "status": "available",
            "resource_type": "OS::Cinder::Volume", "image_type": "backup", "created_at": created,
            "expired_at": "2026-11-02T00:00:00Z", "extend_info": {"encrypted": false},
        })
    };
    let then = [backup("a", "r1", "2026-10-30T01:00:00Z"), backup("b", "r1", "2026-10-31T01:00:00Z")];
    let later = [backup("c", "r1", "2026-11-05T01:00:00Z"), backup("d", "r2", "2026-11-05T01:00:00Z")];
    scratch.write("then/list.json", json!({"backups": then, "count": 2}).to_string());
    let all = [&then[..], &later[..]].concat();
    scratch.write("all/list.json", json!({"backups": all, "count": 4}).to_string());
    let expected = scratch.write("expected.csv", "project,type,id\np1,disk,r1\np1,disk,r2\n");
    for resource in [&[][..], &["--resource", "r1"]] {
        let given = ["--as-of", "2026-11-03T00:00:00Z", "--expect", expected.to_str().unwrap()];
        let arguments = [&given[..], resource].concat();
        let words: Vec<_> = arguments.iter().map(|&text| text.to_owned()).collect();
        let answers = ["then", "all"].map(|name| {
            let (mut report, _) = report(&scratch.path(name), &arguments);
            let mut said = summary(&scratch.path(name), &words);
            said.retain(|line| !line.starts_with("Seen from a later export"));
            said.truncate(said.iter().position(|line| line.starts_with("Input ")).unwrap());
            let parts = ["resources", "coverage", "restore_points"].map(|part| report[part].take());
            (said, parts)
        });
        assert_eq!(answers[0], answers[1], "{resource:?}");
    }
}

/// As many days after a time as may be is not too many.
#[test]
fn a_dump_that_is_older_than_it_may_be_is_no_complete_answer() {
    let settings = |max_age: &str, now: &str| Settings {
        paths: vec![sample("healthy")],
        max_age: Some((max_age.parse().unwrap(), now.parse().unwrap())),
        ..Settings::at(AsOf::FromDump)
    };
    for (max_age, now, words) in [
        ("PT24H", "2026-11-02T05:59:59Z", None),
        ("PT24H", "2026-11-02T06:00:00Z", None),
        ("PT24H", "2026-11-02T06:00:01Z", Some("lags the clock by 1 d, more than --max-age 1 d")),
        ("PT24H", "2026-11-05T06:00:00Z", Some("lags the clock by 4 d, more than --max-age 1 d")),
        ("PT24H", "2025-11-05T06:00:00Z", None),
    ] {
        let settings = settings(max_age, now);
        let run = cbr_audit::audit(&settings, None).unwrap();
        let causes: Vec<_> = run.incomplete().into_iter().map(|incomplete| incomplete.cause).collect();
        assert_eq!(causes.len(), usize::from(words.is_some()), "{now}: {causes:?}");
        assert!(words.is_none_or(|words| causes[0].ends_with(words)), "{now}: {causes:?}");
        assert_eq!(run.exit_status(), if words.is_some() { 4 } else { 0 }, "{now}");
    }
}

/// With more files than are named, those that were not read whole come first, and copies of others last.
#[test]
fn what_was_not_read_is_named_before_what_was_left_alone() {
    let scratch = Scratch::new();
    let answer = std::fs::read(sample("api-page/backup.json")).unwrap();
    for name in ["a.json", "b.json"] {
        scratch.write(&format!("dump/{name}"), &answer);
    }
    for number in 0..300 {
        scratch.write(&format!("dump/c{number:03}/left-out.txt"), "x");
    }
    scratch.write("dump/z.json", "{");
    let dump = scratch.path("dump");
    let arguments = ["report", dump.to_str().unwrap(), "-qo", "md=-", "--exclude", "left-out.txt"];
    let page = run(arguments).out;
    let ledger = page.lines().filter(|line| line.starts_with("| <code>"));
    let state = |line: &str| line.split(" | ").nth(1).map(str::to_owned);
    let states: Vec<_> = ledger.filter_map(state).filter(|word| word == "rejected" || word == "skipped").collect();
    assert_eq!((states[0].as_str(), states[1].as_str()), ("rejected", "skipped"), "{states:?}");
    std::fs::remove_file(scratch.path("dump/z.json")).unwrap();
    (0..300).for_each(|number| std::fs::remove_dir_all(scratch.path(&format!("dump/c{number:03}"))).unwrap());
    scratch.write("dump/c/left-out.txt", "x");
    let page = run(arguments).out;
    let at = |cells: &str| page.find(cells).unwrap_or_else(|| panic!("no {cells} in {page}"));
    assert!(at("<code>c/left-out.txt</code> | skipped") < at("<code>b.json</code> | read"));
}

#[test]
fn a_report_on_chosen_resources_says_how_much_of_the_whole_it_shows() {
    let path = sample("troubled");
    let (whole, _) = report(&path, &[]);
    let all = whole["findings"].as_array().unwrap().len();
    for name in ["leg-erp-01", "nothing-of-this-name"] {
        let (chosen, _) = report(&path, &["--resource", name]);
        let shown = chosen["findings"].as_array().unwrap();
        let notes = chosen["notes"].as_array().unwrap();
        let begin = format!("Narrowed to the chosen resources: {} of {all} findings are shown.", shown.len());
        assert!(notes.iter().any(|note| note.as_str().unwrap().starts_with(&begin)), "{begin} {notes:?}");
        // Whatever is about it, and what is about its project as a whole.
        let project = "c83a4bdba612b0673eb033d5fc9244f0";
        let is_wanted = |finding: &&Value| {
            let is_whole = finding["subject"]["kind"] == "project" && finding["subject"]["id"] == project;
            name == "leg-erp-01" && (finding["resource"]["name"] == name || is_whole)
        };
        let wanted: Vec<_> = whole["findings"].as_array().unwrap().iter().filter(is_wanted).collect();
        assert_eq!(shown.iter().collect::<Vec<_>>(), wanted, "{name}");
        assert_eq!(chosen["rules"], whole["rules"], "{name}");
    }
}

/// Also one that nothing backs up.
#[test]
fn a_report_on_a_resource_without_backups_shows_that_it_has_none() {
    let scratch = Scratch::new();
    let rows = "project,type,id,name\np1,server,11111111-2222-4333-8444-555555555555,forgotten\np1,server,22222222-2222-4333-8444-555555555555,other\n";
    let expected = scratch.write("expected.csv", rows);
    let shown = |name: &str| {
        let arguments = ["--resource", name, "--expect", expected.to_str().unwrap(), "--only", "inventory-uncovered"];
        let (report, _) = report(&sample("healthy"), &arguments);
        let findings = report["findings"].as_array().unwrap().iter();
        let uncovered = findings.filter(|finding| finding["rule"] == "inventory-uncovered");
        uncovered.map(|finding| finding["subject"]["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(shown("forgotten"), ["forgotten"]);
    assert_eq!(shown("11111111-2222-4333-8444-555555555555"), ["forgotten"]);
    assert_eq!(shown("nobody"), Vec::<String>::new());
}
