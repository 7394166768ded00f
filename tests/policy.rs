//! Policies: the regions and values that one accepts, the schema of the configuration against its reader, and the
//! profiles among the samples.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::config::{Config, schema};
use cbr_audit::rules::RULES;
use jsonschema::Validator;
use pretty_assertions::assert_eq;
use program::{Scratch, report, root, run, sample, text_of};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use toml::de::{DeTable, DeValue};

/// A dump of a server with one copy in each of two regions, and of another with a foreign status.
fn dump() -> Scratch {
    let scratch = Scratch::new();
    let copy = |region: &str| {
        json!({
            "status": "success", "created_at": "2026-03-02T02:00:00Z", "source_region": "eu-de",
            "destination_region": region, "destination_backup_id": region
        })
    };
    let backup = |id: &str, status: &str, copies: &[Value]| {
        json!({
            "id": id, "project_id": "p1", "vault_id": "v1", "resource_id": id, "resource_name": id,
            "resource_type": "OS::Nova::Server", "status": status, "image_type": "backup",
            "created_at": "2026-03-02T01:00:00Z", "updated_at": null, "expired_at": "2026-06-01T00:00:00Z",
            "parent_id": null, "checkpoint_id": "c", "children": [], "replication_records": copies,
            "extend_info": {"encrypted": true, "auto_trigger": true}
        })
    };
    let backups = [backup("r1", "available", &[copy("eu-nl"), copy("us-east")]), backup("r2", "archived", &[])];
    scratch.write("dump/list.json", json!({"backups": backups, "count": 2}).to_string());
    scratch
}

fn judged(config: &str, arguments: &[&str]) -> Value {
    let scratch = dump();
    let file = scratch.write("policy.toml", config);
    let given = ["--config", file.to_str().unwrap(), "--as-of", "2026-03-02T12:00:00Z"];
    report(&scratch.path("dump"), &[&given, arguments].concat()).0
}

fn failing_regions(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.filter(|finding| finding["verdict"] == "fail").filter_map(|row| row["subject"]["key"].as_str()).collect()
}

#[test]
fn the_command_line_wins_over_the_allowed_regions_of_all_and_a_tier_over_both() {
    let only = ["--only", "destination-not-allowed"];
    let list = |regions: &str| format!("allowed-regions = [{regions}]\n");
    let tier = format!("[tiers.far]\nresources = [\"r1\"]\n{}", list("\"us-east\""));
    let both = list("\"eu-nl\", \"us-east\"");
    assert_eq!(failing_regions(&judged(&both, &only)), Vec::<&str>::new());
    assert_eq!(failing_regions(&judged(&list("\"eu-nl\""), &only)), ["us-east"]);
    assert_eq!(failing_regions(&judged(&list("\"nowhere\""), &only)), ["eu-nl", "us-east"]);
    let given = [&only[..], &["--allowed-region", "eu-nl", "--allowed-region", "eu-de"]].concat();
    let report = judged(&both, &given);
    assert_eq!(failing_regions(&report), ["us-east"]);
    assert_eq!(report["settings"]["allowed_regions"], json!(["eu-nl", "eu-de"]));
    let report = judged(&(both + &tier), &only);
    assert_eq!(failing_regions(&report), ["eu-nl"]);
    let demands = json!([{"key": "allowed-regions", "value": "us-east"}]);
    assert_eq!(report["settings"]["tiers"][0]["params"], demands);
}

#[test]
fn nothing_is_judged_where_no_region_is_named() {
    let report = judged("", &["--only", "destination-not-allowed"]);
    assert_eq!((&report["rules"][0]["evaluated"], &report["rules"][0]["not_applicable"]), (&json!(0), &json!(2)));
    assert_eq!(report["settings"].get("allowed_regions"), None);
}

#[test]
fn a_known_value_is_accepted_and_stays_foreign_to_every_other_rule() {
    let known = "[known-values]\nstatus = [\"archived\"]\n";
    let verdicts = |report: &Value, rule: &str| {
        let findings = report["findings"].as_array().unwrap().iter();
        let of_rule = findings.filter(|row| row["rule"] == rule && row["subject"]["id"] == "r2");
        of_rule.map(|row| row["verdict"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (before, after) = (judged("", &[]), judged(known, &[]));
    assert_eq!(verdicts(&before, "value-unrecognised"), ["fail"]);
    assert_eq!(verdicts(&after, "value-unrecognised"), Vec::<String>::new());
    for rule in RULES.iter().filter(|rule| rule.id != "value-unrecognised") {
        assert_eq!(verdicts(&before, rule.id), verdicts(&after, rule.id), "{}", rule.id);
    }
    assert_eq!(verdicts(&after, "rpo-breach"), ["unknown"]);
    assert_eq!(after["settings"]["known_values"], json!([{"list": "status", "values": ["archived"]}]));
}

#[test]
fn pages_and_config_show_tell_what_is_accepted() {
    let scratch = dump();
    let text = "allowed-regions = [\"eu-x\"]\n[known-values]\nstatus = [\"archived\"]\n";
    let file = scratch.write("policy.toml", text);
    let file = file.to_str().unwrap();
    for format in ["html", "md"] {
        let page =
            run(["report", scratch.path("dump").to_str().unwrap(), "--config", file, "-qo", &format!("{format}=-")]);
        assert!(page.out.contains("eu-x") && page.out.contains("archived"), "{format}");
    }
    let shown = run(["config", "show", "--config", file]).out;
    assert!(shown.contains("allowed-regions = [\"eu-x\"]") && shown.contains("status = [\"archived\"]"), "{shown}");
    let again = Config::parse("c", "c", &shown).unwrap();
    assert_eq!(again.accepted.regions, ["eu-x"]);
    assert_eq!(again.accepted.values.iter().collect::<Vec<_>>(), [("status", &["archived".to_owned()][..])]);
}

#[test]
fn a_tier_takes_its_resources_and_vaults_from_files() {
    let judged = |criterion: &str| {
        let scratch = dump();
        scratch.write("lists/names.txt", "\u{feff}# the important ones\r\n\r\n r1 \r\nr9\r\nv*\n");
        scratch.write("lists/vaults.txt", "v1\n");
        let text = format!("[tiers.listed]\n{criterion}\nrpo-hours = 4\n");
        let file = scratch.write("policy.toml", text);
        let given = ["--config", file.to_str().unwrap(), "--as-of", "2026-03-02T12:00:00Z"];
        let shown = run(["config", "show", given[0], given[1]]).out;
        (report(&scratch.path("dump"), &given).0["settings"]["tiers"][0]["resources"].clone(), shown)
    };
    let resources = "resources-file = \"lists/names.txt\"";
    let vaults = "vaults-file = \"lists/vaults.txt\"";
    let (meant, shown) = judged(resources);
    assert_eq!(meant, 1);
    assert!(shown.contains(&format!("{resources}   # 3 in it")), "{shown}");
    assert_eq!(judged(vaults).0, 2);
    assert_eq!(judged(&format!("{resources}\n{vaults}")).0, 1);
    assert_eq!(judged(&format!("{resources}\nresources = [\"r2\"]")).0, 2);
    assert_eq!(judged("vaults-file = \"lists/names.txt\"").0, 0, "a line of a file is no pattern");
}

#[test]
fn a_list_that_is_not_there_or_names_nothing_is_refused_with_its_place() {
    let scratch = Scratch::new();
    scratch.write("empty.txt", "# nothing\n\n");
    for (file, why) in [("gone.txt", "cannot read "), ("empty.txt", "names nothing")] {
        let text = format!("[tiers.listed]\nresources-file = \"{file}\"\n");
        let path = scratch.write("policy.toml", &text);
        let ran = run(["config", "check", path.to_str().unwrap()]);
        assert_eq!(ran.status, 2);
        assert!(ran.err.contains("policy.toml:2:18: ") && ran.err.contains(why), "{}", ran.err);
    }
}

/// A configuration as JSON, dates as texts.
fn as_json(text: &str) -> Value {
    fn value(of: &DeValue<'_>) -> Value {
        match of {
            DeValue::String(text) => json!(text),
            DeValue::Integer(number) => json!(number.as_str().parse::<i64>().unwrap()),
            DeValue::Float(number) => json!(number.as_str().parse::<f64>().unwrap()),
            DeValue::Boolean(flag) => json!(flag),
            DeValue::Datetime(time) => json!(time.to_string()),
            DeValue::Array(list) => list.iter().map(|element| value(element.get_ref())).collect(),
            DeValue::Table(entries) => table(entries),
        }
    }
    fn table(entries: &DeTable<'_>) -> Value {
        entries.iter().map(|(key, entry)| (key.get_ref().to_string(), value(entry.get_ref()))).collect()
    }
    table(DeTable::parse(text).unwrap().get_ref())
}

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    jsonschema::meta::validate(&schema).expect("the schema is no schema");
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn what_is_printed_is_the_schema_and_it_admits_every_sample() {
    assert_eq!(run(["config", "schema"]).out, schema());
    let validator = validator();
    for (name, text) in profiles().chain([("example".to_owned(), program_example())]) {
        let errors: Vec<_> = validator.iter_errors(&as_json(&text)).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
    }
}

/// What `config init` writes, with every comment that is a line made one.
fn program_example() -> String {
    let lines = cbr_audit::config::EXAMPLE.lines().filter(|line| !line.starts_with("# What"));
    lines.map(|line| line.strip_prefix("# ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn schema_and_reader_refuse_the_same() {
    let wrong = [
        "regoin = \"x\"",
        "region = 1",
        "replication-shown = \"yes\"",
        "fail-on = \"severe\"",
        "waiver-limit = -1",
        "allowed-regions = []",
        "allowed-regions = \"eu-de\"",
        "allowed-regions = [\" \"]",
        "[known-values]\nstate = [\"x\"]",
        "[known-values]\nstatus = \"x\"",
        "[parameters]\nrpo-hour = 1",
        "[parameters]\nrpo-hours = -1",
        "[parameters]\nrpo-hours = 1e10",
        "[parameters]\nmin-points = 1.5",
        "[parameters]\nrequire-offsite = 1",
        "[parameters]\nmin-evidence = \"sworn\"",
        "[rules.rpo-breech]\nseverity = \"low\"",
        "[rules.rpo-breach]\nwarn-days = 1",
        "[rules.rpo-breach]\nseverity = \"none\"",
        "[rules.rpo-breach]\nenabled = false",
        "[rules.rpo-breach]\nreason = \"x\"",
        "[tiers.gold]\nrpo-hours = 4",
        "[tiers.gold]\nresources = []",
        "[tiers.gold]\ntypes = [\"sever\"]",
        "[tiers.gold]\nresources = [\"a\"]\nresource = [\"b\"]",
        "[[waivers]]\nrule = \"rpo-breach\"",
        "[waivers]\nrule = \"rpo-breach\"",
    ];
    let validator = validator();
    for text in wrong {
        assert!(Config::parse("c", "c", text).is_err(), "the reader takes {text}");
        assert!(!validator.is_valid(&as_json(text)), "the schema admits {text}");
    }
    let waiver =
        "[[waivers]]\nrule = \"rpo-breach\"\nsubject = \"*\"\nreason = \"r\"\nowner = \"o\"\nuntil = 2027-01-01\n";
    let right = [
        waiver.to_owned(),
        waiver.replace("2027-01-01", "2027-01-01T00:00:00Z"),
        "[rules.rpo-breach]\nenabled = false\nreason = \"x\"\n[rules.backup-gap]\nenabled = true".to_owned(),
        "expect = \"x.csv\"\n[tiers.gold]\nrpo-hours = 4".to_owned(),
        "[tiers.gold]\nvaults = [\"v*\"]\nallowed-regions = [\"eu-de\"]\nmin-points = 3".to_owned(),
        "[parameters]\nmin-evidence = \"confirmed\"\nrpo-hours = 1.5\nrequire-offsite = false".to_owned(),
    ];
    for text in right {
        assert!(Config::parse("c", "c", &text).is_ok(), "the reader refuses {text}");
        assert!(validator.is_valid(&as_json(&text)), "the schema refuses {text}");
    }
    for key in ["rule", "subject", "reason", "owner", "until"] {
        let text: String =
            waiver.lines().filter(|line| !line.starts_with(key)).map(|line| format!("{line}\n")).collect();
        assert!(!validator.is_valid(&as_json(&text)), "the schema admits a waiver without {key}");
    }
}

/// The configurations among the samples.
fn profiles() -> impl Iterator<Item = (String, String)> {
    let files = program::files_below(&root().join("samples/config")).into_iter();
    let files = files.filter(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.map(|file| format!("samples/config/{}", file.display())).map(|name| (name.clone(), text_of(&name)))
}

/// The rules that stay on under a profile.
fn on(profile: &str) -> BTreeSet<&'static str> {
    let config = Config::parse(profile, profile, &text_of(&format!("samples/config/{profile}.toml"))).unwrap();
    let off: BTreeSet<_> = config.off.iter().map(|off| off.rule).collect();
    RULES.iter().map(|rule| rule.id).filter(|id| !off.contains(id)).collect()
}

#[test]
fn every_profile_is_understood_and_named_in_the_readme() {
    let readme = text_of("README.md");
    for (name, _) in profiles() {
        let ran = run(["config", "check", root().join(&name).to_str().unwrap()]);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{name}");
        let file = name.rsplit('/').next().unwrap();
        assert!(readme.contains(&format!("`{file}`")), "{name} is not in the README");
    }
}

#[test]
fn profiles_grow_from_core_to_audit() {
    let (core, standard, all) = (on("core"), on("standard"), RULES.iter().map(|rule| rule.id).collect());
    assert_eq!((core.len(), standard.len()), (26, 53));
    assert!(core.is_subset(&standard));
    assert_eq!(
        on("privacy").difference(&standard).copied().collect::<Vec<_>>(),
        ["backup-shared", "destination-not-allowed"]
    );
    assert_eq!(on("ransomware"), all);
    assert_eq!(on("audit"), all);
}

/// The report on a sample under a profile, and the exit status.
fn under(profile: &str, dump: &str) -> (Value, i32) {
    let file = root().join(format!("samples/config/{profile}.toml"));
    report(&sample(dump), &["--config", file.to_str().unwrap()])
}

fn rule<'r>(report: &'r Value, id: &str) -> &'r Value {
    report["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == id).unwrap()
}

#[test]
fn what_a_profile_switches_does_happen() {
    let (plain, _) = report(&sample("troubled"), &["--no-config"]);
    let (core, _) = under("core", "troubled");
    assert_eq!(core["rules"].as_array().unwrap().len(), 26);
    assert_eq!(rule(&plain, "retention-too-long")["evaluated"], 0);
    let (privacy, _) = under("privacy", "troubled");
    assert!(rule(&privacy, "retention-too-long")["evaluated"].as_u64() > Some(0));
    assert!(rule(&privacy, "destination-not-allowed")["evaluated"].as_u64() > Some(0));
    let (ransomware, _) = under("ransomware", "troubled");
    let failures = |report: &Value, id: &str| rule(report, id)["fail"].as_u64().unwrap();
    for id in ["offsite-copy-missing", "too-few-restore-points"] {
        assert!(failures(&ransomware, id) > failures(&plain, id), "{id}");
    }
    let window = |report: &Value| rule(report, "restore-window-too-short")["evaluated"].as_u64();
    assert!(window(&ransomware) > window(&plain));
    let (audit, status) = under("audit", "broken");
    assert_eq!(status & 1, 1);
    let quality: BTreeSet<_> =
        RULES.iter().filter(|rule| rule.family.word() == "data quality").map(|rule| rule.id).collect();
    let findings = audit["findings"].as_array().unwrap().iter();
    let of_input = findings.filter(|row| row["verdict"] == "fail" && quality.contains(row["rule"].as_str().unwrap()));
    let severities: BTreeSet<_> = of_input.map(|row| row["severity"].as_str().unwrap()).collect();
    assert_eq!(severities, BTreeSet::from(["high"]));
    assert_eq!(under("audit", "healthy").1, 0);
}
