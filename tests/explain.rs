//! `explain` says what the report says: for every verdict of the samples; and ten verdicts of different kinds read right.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::cli::configured;
use cbr_audit::clock::AsOf;
use cbr_audit::config::Config;
use cbr_audit::discover::discover;
use cbr_audit::explain::{Asked, Topic, explain, verdicts};
use cbr_audit::finding::Subject;
use cbr_audit::judge;
use cbr_audit::read::{Reading, read};
use cbr_audit::report::row::SubjectRow;
use cbr_audit::rules;
use cbr_audit::run::Run;
use cbr_audit::settings::Settings;
use pretty_assertions::assert_eq;
use program::{Scratch, report, root, run, sample};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

const CONFIG: &str = "samples/config/cbr-audit.toml";

/// The text with every run of blanks and line ends as one blank.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn settings(path: &Path, config: bool) -> Settings {
    let config = if config { Config::find(Some(&root().join(CONFIG))).unwrap() } else { Config::default() };
    Settings { paths: vec![path.to_owned()], as_of: AsOf::FromDump, ..configured(config).unwrap() }
}

fn judged(settings: &Settings) -> Run<'_> {
    let sources = discover(&settings.paths, &settings.exclude.globs).unwrap();
    judge(settings, read(&sources, Reading::default()), true)
}

/// The words of the report on one finding, in the order in which an explanation has them.
fn words(finding: &Value) -> String {
    let text = |key: &str| finding[key].as_str().unwrap();
    let key = finding["subject"]["key"].as_str().map(|key| format!(" on {key}")).unwrap_or_default();
    let evidence = &finding["evidence"];
    let (file, pointer) = (evidence["file"].as_str().unwrap(), evidence["pointer"].as_str().unwrap());
    let place = if pointer.is_empty() { file.to_owned() } else { format!("{file}#{pointer}") };
    let (verdict, severity, observed, expected) =
        (text("verdict"), text("severity"), text("observed"), text("expected"));
    let reason = finding["reason"].as_str().map(|reason| format!(" reason {reason}")).unwrap_or_default();
    flat(&format!(
        "verdict {verdict}{key} severity {severity}{reason} … observed {observed} expected {expected} … {place}"
    ))
}

/// Whether the parts between ellipses stand in a text, one behind the other and within one verdict.
fn says(text: &str, words: &str) -> bool {
    let mut parts = words.split(" … ");
    let first = parts.next().unwrap();
    let rest: Vec<_> = parts.collect();
    text.match_indices(first).any(|(at, _)| {
        let after = &text[at + first.len()..];
        let mut left = after.split(" verdict ").next().unwrap();
        rest.iter().all(|part| match left.split_once(part) {
            Some((_, behind)) => {
                left = behind;
                true
            }
            None => false,
        })
    })
}

#[test]
fn every_verdict_of_the_samples_is_explained_in_the_words_of_the_report() {
    let mut compared = 0;
    for (name, config) in
        [("troubled", false), ("troubled", true), ("broken", false), ("healthy", false), ("api-page", false)]
    {
        let path = sample(name);
        let config_path = root().join(CONFIG);
        let arguments = if config { vec!["--config", config_path.to_str().unwrap()] } else { vec!["--no-config"] };
        let (report, _) = report(&path, &arguments);
        let settings = settings(&path, config);
        let run = judged(&settings);
        for finding in report["findings"].as_array().unwrap().iter().filter(|finding| finding["count"].is_null()) {
            let (rule, subject) = (finding["rule"].as_str().unwrap(), finding["subject"]["id"].as_str().unwrap());
            let asked = Asked::find(&run.inventory, Topic::find(rule).unwrap(), subject).unwrap();
            let text = flat(&explain(&run, &asked, true));
            assert!(says(&text, &words(finding)), "{name}: {}\n{text}", words(finding));
            compared += 1;
        }
        counts_agree(&run, &report);
        silent_verdicts_are_explained(&run);
    }
    assert!(compared > 200, "{compared}");
}

/// For every rule a pass and one where it does not apply.
fn silent_verdicts_are_explained(run: &Run<'_>) {
    for rule in rules::RULES.iter().filter(|rule| run.settings.rules.runs(rule)) {
        for word in ["pass", "not-applicable"] {
            let given = verdicts(run, rule).into_iter().find(|given| given.verdict == word);
            let Some(given) = given.filter(|given| given.subject != Subject::Project(None)) else { continue };
            let subject = SubjectRow::new(&run.inventory, given.subject, given.key).id;
            let asked = Asked::find(&run.inventory, Topic::Rule(rule), &subject).unwrap();
            let text = flat(&explain(run, &asked, false));
            assert!(text.contains(&format!("verdict {word}")) && text.contains("Reports count it"), "{text}");
        }
    }
}

/// The verdicts that are explained are as many of each kind as the report counts.
fn counts_agree(run: &Run<'_>, report: &Value) {
    for row in report["rules"].as_array().unwrap() {
        let rule = rules::find(row["id"].as_str().unwrap()).unwrap();
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        verdicts(run, rule).iter().for_each(|given| *counts.entry(given.verdict).or_default() += 1);
        for (word, key) in [
            ("pass", "pass"),
            ("fail", "fail"),
            ("unknown", "unknown"),
            ("waived", "waived"),
            ("not-applicable", "not_applicable"),
        ] {
            let counted = counts.get(word).copied().unwrap_or_default();
            assert_eq!(counted, row[key].as_u64().unwrap_or_default(), "{} {word}", rule.id);
        }
    }
}

/// What `explain` prints on a sample; it ends in 0.
fn explained(arguments: &[&str]) -> String {
    let mut all = vec!["explain"];
    all.extend(arguments);
    let ran = run(all);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{arguments:?}");
    for line in ran.out.lines().filter(|line| arguments.len() > 1 && line.chars().count() > 100) {
        let longest = line.split_whitespace().map(str::len).max().unwrap_or_default();
        assert!(longest > 80, "only what has no break may be longer: {line}");
    }
    ran.out
}

fn contains(text: &str, wanted: &[&str]) {
    let flat = flat(text);
    for wanted in wanted {
        assert!(flat.contains(wanted), "{wanted}\n{text}");
    }
}

#[test]
fn ten_verdicts_of_different_kinds_read_right() {
    let troubled = sample("troubled");
    let troubled = troubled.to_str().unwrap();
    let config = root().join(CONFIG);
    let config = config.to_str().unwrap();
    let on = |rule: &str, subject: &str| explained(&[rule, subject, troubled, "--no-config"]);
    // A resource that fails, by its name.
    contains(
        &on("rpo-breach", "leg-crm-01"),
        &[
            "rpo-breach on resource e2f27ce3-47bb-4189-94e7-3f0bb47573d8 (leg-crm-01): fail, high",
            "Observed: protected_at 2026-10-06T19:01:22.267068Z (25 d 10 h before the as-of time). Expected: at most 1 d 2 h.",
            "The verdict points here.",
            "2026-11-01T06:00:00Z, when the export was made, by capture.json.",
            "rpo-hours 24 default",
            "RPO and tolerance together: at most 1 d 2 h.",
            "Restore points of the resource: 6, good: 6.",
            "reason silent",
        ],
    );
    // A resource that passes.
    contains(
        &on("rpo-breach", "fin-ledger-01"),
        &["(fin-ledger-01): pass", "verdict pass: what was read meets the rule."],
    );
    // A resource that is not judged: the report folds it.
    contains(
        &on("offsite-copy-missing", "log-tms-01"),
        &[
            "unknown, view-omits",
            "copy in another region: unknown, this kind of answer does not show it",
            "in reports counted in one finding",
        ],
    );
    // A resource to which the rule does not apply.
    contains(
        &on("offsite-copy-missing", "log-kiosk-01-volume-0000"),
        &["not-applicable", "It is made of backups only whose parents are not in the dump."],
    );
    // A backup that fails, with the disk that decided.
    contains(
        &on("backup-unencrypted", "823e9e11-29d9-4be4-b9cf-b72c44432ee1"),
        &[
            "fail, high",
            "Disks in it: 2.",
            "observed false (1 of 2 disks)",
            "823e9e11-29d9-4be4-b9cf-b72c44432ee1.json#/backup/children/1/extend_info/encrypted",
        ],
    );
    // A backup whose failure is waived.
    contains(
        &explained(&["backup-unencrypted", "2b9c1da1-26b3-42c5-8a89-5f8beb094ff6", troubled, "--config", config]),
        &["waived", "tier scratch", "waiver until 2027-03-31, by platform team, SEC-1182"],
    );
    // A backup whose waiver has ended.
    contains(
        &explained(&["retention-too-short", "e1bc74bf-7af0-4cd7-b972-380ea06aaf4d", troubled, "--config", config]),
        &["fail, medium", "waiver ended: until 2026-09-30, by application team, CHG-77"],
    );
    // A disk backup, beside the server backup that it is compared with.
    contains(
        &on("child-context-mismatch", "dfbcd35f-b3d0-4723-8305-e6e1dfb99d80"),
        &["fail, medium", "The server backup that it is part of"],
    );
    // A vault.
    contains(
        &on("deletion-pending", "109b1693-734e-40b0-982e-1770ed28bc4c"),
        &["fail, medium", "status deleting", "observed deleting (1 being deleted before the expiry)"],
    );
    // A file.
    contains(
        &on("input-unreadable", "eu-de_logistics/backups-040.json"),
        &["fail, high", "state rejected", "expected a CBR answer"],
    );
    // A listing, by its project.
    contains(
        &on("pagination-incomplete", "4cbbd8b0916d6e711c176faf1e0ba912"),
        &["fail, high", "seen 20 backups", "claimed 57", "observed 20 of 57 backups"],
    );
    // A key of the schema.
    contains(&on("schema-drift", "backup.resource_size"), &["fail, low", "JSON type string", "observed a string"]);
}

/// Every value of its own, each with its place; what stands in lists is counted.
#[test]
fn a_vault_is_told_with_its_values() {
    let troubled = sample("troubled");
    let text = explained(&["vault-empty", "vault-logistics", troubled.to_str().unwrap(), "--no-config"]);
    contains(
        &text,
        &[
            "name: vault-logistics eu-de_logistics/vaults.json#/vaults/0/name",
            "billing/size: 1000 eu-de_logistics/vaults.json#/vaults/0/billing/size",
            "resources: 3 entries eu-de_logistics/vaults.json#/vaults/0/resources 5. Verdict",
        ],
    );
    assert!(!text.contains("/resources/0"), "{text}");
}

#[test]
fn a_resource_left_behind_is_told_with_the_restore_point_that_shows_that_its_vault_goes_on() {
    let scratch = Scratch::new();
    let young = backup(28, "goes-on").replace("\"b28\"", "\"witness\"").replace("\"r1\"", "\"r2\"");
    let list = format!("{{\"count\": 2, \"backups\": [{}, {young}]}}", backup(20, "left-behind"));
    let dump = scratch.write("dump/a.json", list);
    let given = ["protection-stopped", "r1", dump.to_str().unwrap(), "--as-of", "2026-02-28T12:00:00Z", "--no-config"];
    contains(
        &explained(&given),
        &[
            "fail, high",
            "8 d 11 h before the as-of time; its vault goes on: witness of 2026-02-28T01:00:00Z)",
            "goes on a.json#/backups/1/created_at",
        ],
    );
}

#[test]
fn a_resource_that_was_never_backed_up_is_told_with_what_the_dump_could_hold_of_it() {
    let troubled = sample("troubled");
    let on = |name: &str| explained(&["inventory-uncovered", name, troubled.to_str().unwrap(), "--no-config"]);
    contains(
        &on("leg-staging-01"),
        &[
            // What the vault says that names it.
            "resources/*/backup_count: 0 eu-de_legacy/vaults-000000.json#/vaults/3/resources/3/backup_count",
            "Backups of it in the dump: none; in 0 backups of servers.",
            "The backups of its project c83a4bdba612b0673eb033d5fc9244f0 are listed in whole.",
        ],
    );
    contains(&on("fin-test-09"), &["Who names it does not say in which project it is"]);
}

#[test]
fn what_no_backup_is_of_is_told_too() {
    let scratch = Scratch::new();
    scratch.write("backups.json", format!("{{\"backups\": [{}], \"count\": 1}}", backup(1, "n")));
    let task = r#"{"id": "t1", "project_id": "p2", "status": "running", "operation_type": "backup", "started_at": "2026-02-01T00:00:00Z"}"#;
    scratch.write("tasks.json", format!("{{\"operation_logs\": [{task}], \"count\": 1}}"));
    let dump = scratch.path("");
    let text = explained(&["task-stuck", "p2", dump.to_str().unwrap(), "--no-config"]);
    contains(&text, &["project p2"]);
    // A resource that only the list of expected resources names.
    let list = scratch.write("expected.csv", "id,type\nr9,server\n");
    let given = ["r9", dump.to_str().unwrap(), "--expect", list.to_str().unwrap(), "--no-config"];
    let text = explained(&[&["inventory-uncovered"], &given[..]].concat());
    contains(&text, &["Backups of it in the dump: none", "expected.csv"]);
}

#[test]
fn parameters_say_where_they_were_set() {
    let troubled = sample("troubled");
    let config = root().join(CONFIG);
    let text = explained(&[
        "rpo-breach",
        "leg-db-log",
        troubled.to_str().unwrap(),
        "--config",
        config.to_str().unwrap(),
        "--set",
        "rpo-tolerance-hours=3",
    ]);
    contains(
        &text,
        &["rpo-hours 12 tier critical, cbr-audit.toml:21", "rpo-tolerance-hours 3 --set", "silent-days 14 default"],
    );
    let text =
        explained(&["rpo-breach", "fin-ledger-01", troubled.to_str().unwrap(), "--config", config.to_str().unwrap()]);
    contains(&text, &["tier none applies", "rpo-hours 26 cbr-audit.toml:9"]);
    let scratch = Scratch::new();
    let file = scratch.write(
        "policy.toml",
        "[rules.rpo-breach]\nseverity = \"low\"\nenabled = false\nreason = \"not here\"\n\nrpo-hours = 30\n",
    );
    let text = explained(&["rpo-breach", "leg-crm-01", troubled.to_str().unwrap(), "--config", file.to_str().unwrap()]);
    contains(
        &text,
        &[
            "rpo-hours 30 policy.toml:6",
            "sets the severity of failures to low",
            "severity low",
            "switches this rule off, so reports leave it out: not here",
        ],
    );
}

#[test]
fn a_subject_of_another_kind_leads_to_what_is_judged() {
    let troubled = sample("troubled");
    let troubled = troubled.to_str().unwrap();
    let on = |rule: &str, subject: &str| explained(&[rule, subject, troubled, "--no-config"]);
    let backup = "823e9e11-29d9-4be4-b9cf-b72c44432ee1";
    contains(
        &on("rpo-breach", backup),
        &["rpo-breach judges per resource, not backup 823e9e11", "rpo-breach on resource adf3ec12"],
    );
    contains(&on("expiry-unbounded", backup), &["judges per vault", "expiry-unbounded on vault 6befcdde"]);
    contains(
        &on("backup-unencrypted", "leg-erp-01"),
        &["judges per backup, not resource", "11 backups", "11 fail", "fail, high backup 823e9e11"],
    );
    contains(
        &on("backup-unencrypted", "62911762-c342-4637-88db-ad1fc91d2b78"),
        &["backup-unencrypted on backup 823e9e11"],
    );
    contains(&on("child-orphaned", "fin-share-01"), &["It gave no verdict on it"]);
    contains(
        &explained(&["iso27001-2022:A.8.13", "leg-crm-01", troubled, "--no-config"]),
        &["Records cannot prove:", "What its rules say of resource e2f27ce3", "rpo-breach: fail, high"],
    );
}

#[test]
fn rules_controls_and_frameworks_are_explained_by_themselves() {
    assert_eq!(explained(&["rpo-breach"]), run(["rules", "show", "rpo-breach"]).out);
    contains(
        &explained(&["3-2-1-1-0:2-media"]),
        &["Asks: The copies are on two kinds", "Records show: nothing that could test it."],
    );
    contains(&explained(&["iso27001-2022:A.8.13"]), &["Records cannot prove:", "rpo-breach critical"]);
    contains(&explained(&["3-2-1-1-0"]), &["3-2-1-1-0:2-media not testable", "3-2-1-1-0:0-errors 4 rules"]);
    for rule in rules::RULES.iter() {
        rule.controls.iter().for_each(|control| assert!(Topic::find(control).is_ok(), "{control}"));
    }
}

#[test]
fn what_is_not_there_is_refused_with_the_nearest() {
    let troubled = sample("troubled");
    let troubled = troubled.to_str().unwrap();
    let refusals: [(&[&str], &str); 8] = [
        (&["rpo-breech"], "no rule or framework is called \"rpo-breech\", did you mean \"rpo-breach\"?"),
        (&["iso27001-2022:A.8.31"], "did you mean \"iso27001-2022:A.8.13\"?; `cbr-audit explain iso27001-2022` lists"),
        (&["rpo-breach", "leg-crm-02", troubled], "called \"leg-crm-02\", did you mean \"leg-crm-01\"?"),
        (&["rpo-breach", "web-01", troubled], "did you mean \"web-01 <b>prod</b>\"?; rpo-breach judges per resource"),
        (&["rpo-breach", troubled], "name the subject before the dump: cbr-audit explain rpo-breach SUBJECT "),
        (&["rpo-breach", "leg-crm-01"], "name the dump that leg-crm-01 is in"),
        (&["3-2-1-1-0", "leg-crm-01", troubled], "no rule speaks to 3-2-1-1-0"),
        (&["rpo-breach", "leg-crm-01", troubled, "--as-of", "2026-11-01"], "a bare date can mean"),
    ];
    for (arguments, wanted) in refusals {
        let ran = run(["explain"].iter().chain(arguments));
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.contains(wanted), "{wanted}\n{}", ran.err);
    }
}

#[test]
fn the_limit_leaves_out_what_all_shows_and_names_are_inert() {
    let scratch = Scratch::new();
    let backups: Vec<_> = (1..=25).map(|day| backup(day, "a\\u001b[31m\\nb\\u202e")).collect();
    let dump = scratch.write("dump/a.json", format!("{{\"count\": 25, \"backups\": [{}]}}", backups.join(",")));
    let dump = dump.to_str().unwrap();
    let given = ["rpo-breach", "r1", dump, "--as-of", "2026-03-01T12:00:00Z", "--no-config"];
    let text = explained(&given);
    contains(&text, &["… and 5 older ones: --all shows them.", "a\\u{1b}[31m\\u{a}b\\u{202e}"]);
    assert!(!text.chars().any(|char| char != '\n' && char.is_control()));
    let all = explained(&[&given[..], &["--all"]].concat());
    assert!(!all.contains("--all"), "{all}");
    assert_eq!(all.matches("#/backups/").count() - text.matches("#/backups/").count(), 5);
    assert_eq!(text, explained(&[&given[..], &["--threads", "1"]].concat()));
}

#[test]
fn a_verdict_on_a_dump_that_is_not_whole_says_so() {
    let scratch = Scratch::new();
    scratch.write("dump/a.json", format!("{{\"count\": 1, \"backups\": [{}]}}", backup(1, "r")));
    let dump = scratch.path("dump");
    let explained = |topic| explained(&[topic, "r1", dump.to_str().unwrap(), "--as-of", "2026-03-01T12:00:00Z"]);
    let lacking = "The answer is incomplete, and a report on this input sets 4:";
    assert!(!explained("rpo-breach").contains(lacking));
    scratch.write("dump/b.json", "{\"backups\": [");
    for topic in ["rpo-breach", "iso27001-2022:A.8.13"] {
        let (_, end) = flat(&explained(topic)).split_once(lacking).map(|(_, end)| ((), end.to_owned())).unwrap();
        assert_eq!(
            end.trim(),
            "1 file could not be read in whole: export them again, or leave them out with --exclude"
        );
    }
}

/// A backup of February 2026.
fn backup(day: u32, name: &str) -> String {
    format!(
        "{{\"id\": \"b{day}\", \"project_id\": \"p1\", \"vault_id\": \"v1\", \"resource_id\": \"r1\", \"resource_name\": \
         \"{name}\", \"resource_type\": \"OS::Cinder::Volume\", \"status\": \"available\", \"image_type\": \"backup\", \
         \"created_at\": \"2026-02-{day:02}T01:00:00Z\", \"children\": [], \"extend_info\": {{}}}}"
    )
}

#[test]
fn the_example_of_the_readme_is_what_the_program_prints() {
    let readme = program::text_of("README.md");
    let (_, after) = readme.split_once("\ncbr-audit explain rpo-breach leg-scratch-02").unwrap();
    let (_, block) = after.split_once("```text\n").unwrap();
    let (block, _) = block.split_once("\n```").unwrap();
    let troubled = sample("troubled");
    let troubled = troubled.to_str().unwrap();
    let text = explained(&["rpo-breach", "leg-scratch-02", troubled, "--set", "rpo-hours=36", "--no-config"]);
    assert_eq!(format!("{block}\n"), text);
}
