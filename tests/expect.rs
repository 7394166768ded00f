//! Expected resources: what a file may say, what is refused and where, and what the report makes of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::clock::AsOf;
use cbr_audit::expect::parse;
use cbr_audit::finding::Subject;
use cbr_audit::inventory::Inventory;
use cbr_audit::inventory::expected::{Expectation, Retired};
use cbr_audit::inventory::neighbour::listed::NamedBy;
use cbr_audit::report::place::{Place, place};
use cbr_audit::settings::{Exclude, Settings};
use pretty_assertions::assert_eq;
use program::{Scratch, report, run, sample};
use serde_json::{Value, json};

const HEADER: &str = "project,type,id,name,tier,owner,retired\n";

fn read(text: impl AsRef<[u8]>) -> Expectation {
    parse("e.csv", "e.csv", text.as_ref(), &["gold", "silver"]).unwrap()
}

fn refusal(text: impl AsRef<[u8]>) -> String {
    parse("e.csv", "e.csv", text.as_ref(), &["gold", "silver"]).expect_err("understood").to_string()
}

#[test]
fn a_row_says_what_its_columns_say() {
    let given =
        read(format!("{HEADER}p1, server ,r1,web-01,silver,\"ops, night\",2026-10-07\n,OS::Cinder::Volume,d1,,,,\n"));
    let row = &given.rows[0];
    assert_eq!((row.project.as_deref(), row.kind.word(), &*row.id), (Some("p1"), "OS::Nova::Server", "r1"));
    assert_eq!((row.name.as_deref(), row.owner.as_deref(), row.tier), (Some("web-01"), Some("ops, night"), Some(1)));
    assert_eq!(row.retired, Some(Retired::Day("2026-10-07T00:00:00Z".parse().unwrap())));
    let row = &given.rows[1];
    assert_eq!(
        (row.project.as_deref(), row.kind.noun(), row.tier, row.retired, row.place),
        (None, "disk", None, None, 3)
    );
}

#[test]
fn columns_may_stand_in_any_order_and_most_may_be_left_out() {
    let given = read("id,type\nr1,server\n");
    assert_eq!((given.rows.len(), &*given.rows[0].id), (1, "r1"));
}

#[test]
fn json_says_the_same_as_csv() {
    let csv = read(format!("{HEADER}p1,server,r1,web-01,gold,ops,yes\n,disk,d1,,,,2026-10-07T12:00:00+02:00\n"));
    let json = read(
        r#"[{"project": "p1", "type": "server", "id": "r1", "name": "web-01", "tier": "gold", "owner": "ops", "retired": true},
            {"type": "disk", "id": "d1", "owner": null, "retired": "2026-10-07T12:00:00+02:00"}]"#,
    );
    assert!(json.is_json && !csv.is_json);
    for (one, other) in csv.rows.iter().zip(&json.rows) {
        let place = one.place;
        assert_eq!(*one, cbr_audit::inventory::expected::ExpectedRow { place, ..other.clone() });
    }
    assert_eq!(json.place(&json.rows[1]), "/1");
    assert_eq!(csv.place(&csv.rows[1]), "line 3");
}

#[test]
fn every_word_for_retired_is_understood() {
    for (word, retired) in
        [("true", true), ("YES", true), ("1", true), ("False", false), ("no", false), ("0", false), ("", false)]
    {
        let given = read(format!("type,id,retired\nserver,r1,{word}\n"));
        assert_eq!(given.rows[0].retired.is_some(), retired, "{word}");
    }
}

#[test]
fn marks_quotes_line_ends_and_formulas_are_read_as_they_are_meant() {
    let given = read(
        "\u{feff}type,id,name,owner\r\nserver,r1,\"a \"\"b\"\"\r\nc\",=SUM(A1)\r\n\r\n,,,\r\nserver,r2,@x,\"-1\"\r\n",
    );
    assert_eq!(given.rows[0].name.as_deref(), Some("a \"b\"\r\nc"));
    assert_eq!(given.rows[0].owner.as_deref(), Some("=SUM(A1)"));
    assert_eq!((given.rows[1].name.as_deref(), given.rows[1].place), (Some("@x"), 6));
    let utf16: Vec<u8> = "\u{feff}type,id\nserver,r1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(utf16).rows.len(), 1);
    assert_eq!(read("type,id\rserver,r1\rserver,r2").rows[1].place, 3);
}

#[test]
fn what_is_not_understood_is_refused_with_its_place() {
    let below = |rows: &str| format!("{HEADER}{rows}");
    let wrong = [
        (below(",server,,x,,,\n"), "e.csv:2:1: the row has no id"),
        (below(",,r1,,,,\n"), "e.csv:2:1: the row has no type"),
        (below(",servr,r1,,,,\n"), "e.csv:2:2: \"servr\" is no resource type, did you mean \"server\"?"),
        (below(",os::nova::server,r1,,,,\n"), "e.csv:2:2: \"os::nova::server\" is no resource type"),
        (
            below(",server,r1,,glod,,\n"),
            "e.csv:2:13: no tier is called \"glod\", did you mean \"gold\"?; the configuration has gold, silver",
        ),
        (below(",server,r1,,,,soon\n"), "e.csv:2:15: retired is \"soon\": write true, false, a date"),
        (below(",server,r1,,,,2026-10-07T12:00:00\n"), "e.csv:2:15: retired is"),
        (below(",server,r1\n"), "e.csv:2:1: 3 cells below a header of 7"),
        (below(",server,r1,,,,,\n"), "e.csv:2:1: 8 cells below a header of 7"),
        (below(",server,r1,\"x,,,\n,server,r2,,,,\n"), "e.csv:2:12: the quote that begins here is never closed"),
        (below(",server,r1,\"x\"y,,,\n"), "e.csv:2:15: text behind the closing quote"),
        (below(",server,r1,,,,\n,server,r1,,,,\n"), "e.csv:3:1: the same as line 2: keep one of them"),
        (below(",server,r1,,,,\n,server,r1,,,,yes\n"), "e.csv:3:1: the same resource, but not the same row, as line 2"),
        (below("p1,server,r1,,,,\n,server,r1,,,,\n"), "e.csv:3:1: the same resource, but not the same row, as line 2"),
        ("type,id,typ\n".to_owned(), "e.csv:1:9: unknown column \"typ\", did you mean \"type\"?"),
        ("type,idd\n".to_owned(), "e.csv:1:6: unknown column \"idd\", did you mean \"id\"?; there are project, "),
        ("type,id,id\n".to_owned(), "e.csv:1:9: the column \"id\" stands twice"),
        ("type,name\n".to_owned(), "e.csv:1:1: the header has no column id"),
        ("type;id\nserver;r1\n".to_owned(), "e.csv:1:1: the cells are not separated by commas"),
        ("type,id\n".to_owned(), "e.csv: no resource is named here"),
        ("[]".to_owned(), "e.csv: no resource is named here"),
        (String::new(), "e.csv: the file is empty"),
        ("{\"type\": \"server\"}".to_owned(), "e.csv:1:1: write a list of objects"),
        ("[{\"type\": \"server\",\n \"id\": }]".to_owned(), "e.csv:2:8: not JSON: expected value"),
        ("[\n {\"type\": \"server\", \"id\": 1}]".to_owned(), "e.csv:2:2: /0/id: write a text in quotes, not 1\n"),
        ("[1]".to_owned(), "e.csv:1:2: /0 is no object"),
        (
            "[{\"type\": \"server\", \"id\": \"a\", \"id\": \"b\"}]".to_owned(),
            "e.csv:1:2: /0: the key \"id\" stands twice",
        ),
        ("[{\"type\": \"server\", \"id\": \"a\", \"own\": \"b\"}]".to_owned(), "e.csv:1:2: /0: unknown key \"own\""),
        ("[{\"type\": \"server\", \"id\": \"a\", \"retired\": 2}]".to_owned(), "e.csv:1:2: retired is \"2\""),
    ];
    for (text, start) in wrong {
        let error = refusal(&text);
        assert!(error.starts_with(start), "{text:?}\n {error}\n {start}");
    }
    assert!(refusal(b"type,id\nserver,\xff\n").contains("not valid UTF-8"));
    assert!(refusal(b"PK\x03\x04").contains("unpack it first"));
}

#[test]
fn the_same_id_in_two_projects_is_two_resources() {
    assert_eq!(read(format!("{HEADER}p1,server,r1,,,,\np2,server,r1,,,,\n,disk,r1,,,,\n")).rows.len(), 3);
}

#[test]
fn every_bad_row_is_told_up_to_twenty() {
    let rows = |count: usize| format!("type,id\n{}", "server,\n".repeat(count));
    assert_eq!(refusal(rows(20)).lines().count(), 20);
    let error = refusal(rows(25));
    let lines: Vec<_> = error.lines().collect();
    assert_eq!(
        (lines.len(), lines[19].starts_with("e.csv:21:1: "), lines[20]),
        (21, true, "e.csv: 5 more faults are not named here")
    );
}

#[test]
fn a_hundred_thousand_rows_are_read_in_no_time() {
    let rows: String = (0..100_000).map(|number| format!("p1,server,id-{number},name,gold,owner,\n")).collect();
    let start = std::time::Instant::now();
    assert_eq!(read(format!("{HEADER}{rows}")).rows.len(), 100_000);
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

/// A dump of two servers and what a file of expected resources makes of it.
fn judged(expected: &str, arguments: &[&str]) -> (Value, i32) {
    let scratch = Scratch::new();
    dump(&scratch);
    let file = scratch.write("expected.csv", expected);
    let mut all = vec!["--as-of", "2026-03-01T12:00:00Z", "--expect", file.to_str().unwrap()];
    all.extend(arguments);
    report(&scratch.path("dump"), &all)
}

fn dump(scratch: &Scratch) {
    let backup = |id: &str, resource: &str, created: &str| {
        json!({
            "id": id, "project_id": "p1", "vault_id": "v1", "resource_id": resource, "resource_name": resource,
            "resource_type": "OS::Nova::Server", "image_type": "backup", "status": "available", "created_at": created,
            "expired_at": "2026-04-01T00:00:00Z", "children": [], "replication_records": [], "extend_info": {"auto_trigger": true},
        })
    };
    let backups = [backup("b1", "r1", "2026-03-01T09:00:00Z"), backup("b2", "r2", "2026-02-10T09:00:00Z")];
    scratch.write("dump/backups.json", json!({"backups": backups, "count": 2}).to_string());
}

fn verdicts(report: &Value, rule: &str) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == rule);
    findings
        .map(|finding| {
            format!("{} {}", finding["verdict"].as_str().unwrap(), finding["subject"]["id"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn the_report_counts_what_was_expected_and_what_is_there() {
    let (report, _) = judged("type,id,retired\nserver,r1,\nserver,r9,\nserver,r8,\ndisk,d1,2026-01-01\n", &[]);
    let expected = &report["expected"];
    let counts = ["expected", "backed_up", "never", "retired", "unexpected"].map(|key| expected[key].as_u64().unwrap());
    assert_eq!(counts, [4, 1, 2, 1, 1]);
    assert_eq!(expected["file"], "expected.csv");
    assert_eq!(report["settings"]["expect"]["rows"], 4);
    assert_eq!(verdicts(&report, "resource-unexpected"), ["fail r2"]);
}

#[test]
fn never_is_said_only_where_the_backups_are_listed_in_whole() {
    let scratch = Scratch::new();
    dump(&scratch);
    let file = scratch.write("expected.csv", "project,type,id\np1,server,r1\np1,server,r9\np9,server,r8\n");
    let arguments = ["--as-of", "2026-03-01T12:00:00Z", "--expect", file.to_str().unwrap()];
    let (report, _) = report(&scratch.path("dump"), &arguments);
    let counts = ["expected", "backed_up", "never", "open", "retired"];
    assert_eq!(counts.map(|key| report["expected"][key].as_u64().unwrap()), [3, 1, 1, 1, 0]);
    let text = report["expected"]["text"].as_str().unwrap();
    let wanted = "1 never backed up, 1 without any backup in a dump that may not hold every one, 0 retired";
    assert!(text.contains(wanted), "{text}");
    assert_eq!(verdicts(&report, "inventory-uncovered"), ["fail r9", "unknown r8"]);
}

#[test]
fn the_same_id_in_two_projects_has_two_fingerprints() {
    let (report, _) =
        judged("project,type,id\np2,server,r9\np3,server,r9\np2,disk,r9\n", &["--only", "inventory-uncovered"]);
    let findings = report["findings"].as_array().unwrap();
    let prints: std::collections::BTreeSet<_> =
        findings.iter().map(|finding| finding["fingerprint"].as_str()).collect();
    assert_eq!((findings.len(), prints.len()), (3, 3), "{findings:?}");
}

#[test]
fn owners_and_tiers_stand_with_the_findings_of_every_format() {
    let scratch = Scratch::new();
    dump(&scratch);
    let file =
        scratch.write("expected.csv", "type,id,name,tier,owner\nserver,r2,,gold,sales\nserver,r9,crm,gold,sales\n");
    let policy = scratch.write("policy.toml", "[tiers.gold]\nresources = [\"x\"]\n");
    let dump = scratch.path("dump");
    let out = |format: &str| {
        let output = format!("{format}=-");
        let arguments = ["report", dump.to_str().unwrap(), "-qo", &output, "--as-of", "2026-03-01T12:00:00Z"];
        let more = ["--expect", file.to_str().unwrap(), "--config", policy.to_str().unwrap()];
        run(arguments.iter().chain(&more)).out
    };
    let report: Value = serde_json::from_str(&out("json")).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let of = |id: &'static str| {
        let own: Vec<_> = findings.clone().filter(|finding| finding["subject"]["id"] == id).cloned().collect();
        own.iter().map(|finding| (finding["tier"].clone(), finding["owner"].clone())).collect::<Vec<_>>()
    };
    for id in ["r2", "r9"] {
        assert!(!of(id).is_empty() && of(id).iter().all(|pair| *pair == (json!("gold"), json!("sales"))), "{id}");
    }
    assert!(of("r1").iter().all(|pair| *pair == (Value::Null, Value::Null)));
    let csv = out("csv");
    let rows: Vec<_> = csv.lines().filter(|line| line.contains(",r9,")).collect();
    assert!(csv.lines().next().unwrap().ends_with(",fingerprint,tier,owner"), "{csv}");
    assert!(!rows.is_empty() && rows.iter().all(|row| row.ends_with(",gold,sales")), "{rows:?}");
    for page in [out("html"), out("md")] {
        assert!(page.contains("owner <bdi>sales</bdi>") || page.contains("owner <code>sales</code>"), "{page}");
        assert!(page.contains("crm"), "a resource without any backup is called by its name");
    }
}

#[test]
fn without_expected_resources_the_report_says_so() {
    let scratch = Scratch::new();
    dump(&scratch);
    let (report, _) = report(&scratch.path("dump"), &[]);
    assert_eq!(report.get("expected"), None);
    let rules = report["rules"].as_array().unwrap();
    let rule = rules.iter().find(|rule| rule["id"] == "resource-unexpected").unwrap();
    assert_eq!((&rule["evaluated"], &rule["not_applicable"]), (&json!(0), &json!(2)));
    assert_eq!(rule["missing"], "no expected resources given (--expect)");
}

#[test]
fn a_retired_resource_owes_no_backups() {
    let stale = |expected: &str| verdicts(&judged(expected, &[]).0, "rpo-breach");
    assert_eq!(stale("type,id\nserver,r2\n"), ["fail r2"]);
    assert_eq!(stale("type,id,retired\nserver,r2,2026-02-11\n"), Vec::<String>::new());
    assert_eq!(stale("type,id,retired\nserver,r2,2026-03-02\n"), ["fail r2"]);
}

#[test]
fn what_retired_and_is_backed_up_all_the_same_is_told_with_its_owner() {
    let (report, _) = judged("type,id,owner,retired\nserver,r1,=ops,yes\n", &[]);
    assert_eq!(verdicts(&report, "retired-still-backed-up"), ["fail r1"]);
    let findings = report["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["rule"] == "retired-still-backed-up").unwrap();
    assert_eq!((&finding["owner"], &finding["evidence"]["pointer"]), (&json!("=ops"), &json!("/backups/0/created_at")));
    let row = report["resources"].as_array().unwrap().iter().find(|row| row["id"] == "r1").unwrap();
    assert_eq!((&row["owner"], &row["retired"]), (&json!("=ops"), &json!(true)));
}

#[test]
fn the_tier_of_a_row_beats_every_criterion() {
    let scratch = Scratch::new();
    dump(&scratch);
    scratch.write("expected.csv", "type,id,tier\nserver,r1,quiet\n");
    let config =
        "expect = \"expected.csv\"\n[tiers.loud]\nresources = [\"r1\"]\nrpo-hours = 1\n[tiers.quiet]\nrpo-hours = 9\n";
    let config = scratch.write("cbr-audit.toml", config);
    let (report, _) =
        report(&scratch.path("dump"), &["--as-of", "2026-03-01T12:00:00Z", "--config", config.to_str().unwrap()]);
    let tiers = report["resources"].as_array().unwrap().iter().map(|row| row["tier"].as_str());
    assert_eq!(tiers.collect::<Vec<_>>(), [Some("quiet"), None]);
    assert_eq!(verdicts(&report, "rpo-breach"), ["fail r2"]);
}

#[test]
fn a_tier_without_criterion_needs_the_key() {
    let scratch = Scratch::new();
    let config = scratch.write("c.toml", "[tiers.quiet]\nrpo-hours = 9\n");
    let ran = run(["config".into(), "check".into(), config]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("say which resources the tier means"), "{}", ran.err);
}

#[test]
fn a_configuration_is_checked_with_its_expected_resources() {
    let scratch = Scratch::new();
    let config = scratch.write("c.toml", "expect = \"e.csv\"\n");
    let check = || run(["config".into(), "check".into(), config.clone()]);
    assert!(check().err.contains("cannot read the expected resources"));
    scratch.write("e.csv", "type,id,tier\nserver,r1,gold\nserver,,\n");
    let ran = check();
    assert_eq!((ran.status, ran.err.lines().count()), (2, 2));
    assert!(ran.err.contains("e.csv:2:11: no tier is called \"gold\"; the configuration has no tier"), "{}", ran.err);
    scratch.write("e.csv", "type,id\nserver,r1\n");
    assert!(check().out.contains("expected resources: 1"));
    let shown = run(["config".as_ref(), "show".as_ref(), "--config".as_ref(), config.as_os_str()]);
    assert!(shown.out.contains("\nexpect = \"") && shown.out.contains("e.csv\"\n"), "{}", shown.out);
}

#[test]
fn a_file_that_is_not_understood_leaves_no_report() {
    let scratch = Scratch::new();
    dump(&scratch);
    let file = scratch.write("expected.csv", "type,id\nserver\n");
    let out = scratch.path("report.html");
    let ran = run([
        "report".as_ref(),
        scratch.path("dump").as_os_str(),
        "-o".as_ref(),
        out.as_os_str(),
        "--expect".as_ref(),
        file.as_os_str(),
    ]);
    assert_eq!((ran.status, out.exists()), (2, false));
    assert!(ran.err.contains("expected.csv:2:1: 1 cell below a header of 2"), "{}", ran.err);
}

#[test]
fn a_file_inside_the_dump_is_no_answer() {
    let scratch = Scratch::new();
    dump(&scratch);
    let file =
        scratch.write("dump/expected.json", r#"[{"type": "server", "id": "r1"}, {"type": "server", "id": "r2"}]"#);
    let (report, _) = report(&scratch.path("dump"), &["--expect", file.to_str().unwrap()]);
    let files = report["inputs"]["files"].as_array().unwrap();
    let states = files.iter().map(|file| file["state"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!((states, &report["inputs"]["records"]), (vec!["read", "skipped"], &json!(2)));
}

#[test]
fn no_report_takes_the_place_of_a_file_that_decides() {
    let scratch = Scratch::new();
    dump(&scratch);
    scratch.write("expected.csv", "type,id\nserver,r1\n");
    scratch.write("names", "r1\n");
    scratch.write("policy.toml", "expect = \"expected.csv\"\n[tiers.gold]\nresources-file = \"names\"\n");
    let (dump, policy) = (scratch.path("dump"), scratch.path("policy.toml"));
    for (name, what) in [
        ("expected.csv", "the file of expected resources"),
        ("policy.toml", "the configuration"),
        ("names", "a list that the configuration refers to"),
    ] {
        let output = format!("csv={}", scratch.path(name).display());
        let arguments = ["report", dump.to_str().unwrap(), "--config", policy.to_str().unwrap(), "-qo", &output];
        let before = std::fs::read(scratch.path(name)).unwrap();
        let ran = run(arguments);
        assert!(ran.err.contains(&format!("that would overwrite {what}")), "{}", ran.err);
        assert_eq!((ran.status, std::fs::read(scratch.path(name)).unwrap()), (2, before), "{name}");
    }
}

#[test]
fn the_sample_finds_the_never_the_unexpected_and_the_retired() {
    let (config, expected) = (sample("config/cbr-audit.toml"), sample("config/expected.csv"));
    let arguments = ["--config", config.to_str().unwrap(), "--expect", expected.to_str().unwrap()];
    let (report, _) = report(&sample("troubled"), &arguments);
    let counts = ["expected", "backed_up", "never", "retired", "unexpected"];
    assert_eq!(counts.map(|key| report["expected"][key].as_u64().unwrap()), [15, 12, 1, 2, 2]);
    assert_eq!(verdicts(&report, "retired-still-backed-up"), ["fail e0074e89-548a-4e0c-b6c8-639f5832342d"]);
    assert!(
        !verdicts(&report, "rpo-breach")
            .iter()
            .any(|verdict| verdict.ends_with("e2f27ce3-47bb-4189-94e7-3f0bb47573d8"))
    );
}

/// An inventory that knows what is expected.
fn expecting(files: &[(&str, Value)], expected: &str) -> Inventory {
    let scratch = Scratch::new();
    for (path, content) in files {
        scratch.write(path, content.to_string());
    }
    let settings = Settings::at(AsOf::FromDump);
    let sources = cbr_audit::discover::discover(&[scratch.path("")], &Exclude::default().globs).unwrap();
    let reading = settings.reading();
    let mut inventory = cbr_audit::read::read(&sources, reading);
    inventory.expect(&std::sync::Arc::new(read(expected)));
    inventory
}

#[test]
fn expected_resources_are_among_those_that_some_inventory_names() {
    let disk = json!({"id": "b1-d1", "project_id": "p1", "parent_id": "b1", "resource_id": "d1", "resource_type": "OS::Cinder::Volume"});
    let server = json!({"id": "b1", "project_id": "p1", "resource_id": "r1", "resource_type": "OS::Nova::Server", "children": [disk]});
    let vault = json!({"id": "v1", "project_id": "p1", "resources": [{"id": "r2", "type": "OS::Nova::Server"}]});
    let files = [("b.json", json!({ "backup": server })), ("v.json", json!({ "vault": vault }))];
    let expected = "project,type,id\n,server,r1\np1,server,r2\np2,server,r2\np1,disk,d1\np2,disk,d1\n";
    let inventory = expecting(&files, expected);
    let stand = inventory.listed_resources().map(|ix| {
        let row = inventory.listed(ix);
        let Place { file, pointer, .. } = place(&inventory, inventory.evidence_of(Subject::Listed(ix)));
        let by = row.named_by.iter().map(|by| if matches!(by, NamedBy::Expected(_)) { "row" } else { "vault" });
        let (own, within) = (row.resource.is_some(), row.in_servers.len());
        format!("{} {} own {own} within {within}: {file}#{pointer}", row.id, by.collect::<Vec<_>>().join("+"))
    });
    let stand: Vec<_> = stand.collect();
    let wanted = [
        "r2 vault+row own false within 0: v.json#/vault/resources/0/id",
        "r1 row own true within 0: e.csv#line 2",
        "r2 row own false within 0: e.csv#line 4",
        "d1 row own false within 1: e.csv#line 5",
        "d1 row own false within 0: e.csv#line 6",
    ];
    assert_eq!(stand, wanted);
}

#[test]
fn what_was_never_backed_up_is_found_with_its_row() {
    let (report, status) = judged("project,type,id,owner,retired\np1,server,r9,ops,\np1,server,r8,,yes\n", &[]);
    assert_eq!((verdicts(&report, "inventory-uncovered"), status & 1), (vec!["fail r9".to_owned()], 1));
    let findings = report["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["rule"] == "inventory-uncovered").unwrap();
    assert_eq!(finding["evidence"], json!({"file": "expected.csv", "pointer": "line 2"}));
    assert_eq!(finding["owner"], "ops");
    let basis = json!([{"kind": "expected", "count": 2, "complete": true}]);
    assert_eq!((&report["coverage"]["basis"], &report["coverage"]["uncovered"]), (&basis, &json!(1)));
}

#[test]
fn what_was_never_backed_up_stands_among_the_worst_resources() {
    let scratch = Scratch::new();
    let file = scratch.write("expected.csv", "type,id,name\nserver,never-1,pay-01\nserver,never-2,\n");
    let healthy = sample("healthy");
    let ran = run(["report".as_ref(), healthy.as_os_str(), "--expect".as_ref(), file.as_os_str()]);
    let (_, worst) = ran.out.split_once("Worst resources\n").unwrap();
    let first: Vec<_> =
        worst.lines().take(2).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        first,
        ["high pay-01 1 finding: inventory-uncovered", "high never-2 1 finding: inventory-uncovered"],
        "{}",
        ran.out
    );
}
