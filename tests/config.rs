//! The configuration: what it decides, who wins, what is refused and where, and that a waived finding stays in sight.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::cli::configured;
use cbr_audit::config::{Config, EXAMPLE, in_force};
use pretty_assertions::assert_eq;
use program::{Scratch, report, run, sample};
use serde_json::{Value, json};

/// The error that a configuration is refused with.
fn refusal(text: &str) -> String {
    Config::parse("policy.toml", "policy.toml", text).expect_err(text).to_string()
}

#[test]
fn what_is_not_understood_is_refused_with_its_place() {
    let waiver = |lines: &str| format!("[[waivers]]\n{lines}");
    let whole = "rule = \"rpo-breach\"\nsubject = \"*\"\nreason = \"r\"\nowner = \"o\"\n";
    let wrong = [
        ("regoin = \"x\"", "policy.toml:1:1: unknown key \"regoin\", did you mean \"region\"?"),
        ("region = 1", "policy.toml:1:10: write a text in quotes"),
        ("\nreplication-shown = \"yes\"", "policy.toml:2:21: write true or false"),
        ("fail-on = \"severe\"", "policy.toml:1:11: \"severe\" is no severity"),
        ("waiver-limit = -1", "policy.toml:1:16: write a whole number"),
        ("[parameters]\nrpo-hour = 1", "policy.toml:2:1: unknown parameter \"rpo-hour\", did you mean \"rpo-hours\"?"),
        ("[parameters]\nrpo-hours = -1", "policy.toml:2:13: rpo-hours takes a number that is not negative"),
        ("[parameters]\nrpo-hours = 0x10", "policy.toml:2:13: rpo-hours takes"),
        ("[parameters]\nmin-points = 1.5", "policy.toml:2:14: min-points takes a whole number"),
        ("[rules.rpo-breech]", "policy.toml:1:8: no rule is called \"rpo-breech\", did you mean \"rpo-breach\"?"),
        ("[rules.rpo-breach]\nwarn-days = 1", "policy.toml:2:1: unknown parameter \"warn-days\""),
        ("[rules.rpo-breach]\nenabled = false", "policy.toml:1:8: say why rpo-breach is off"),
        ("[rules.rpo-breach]\nreason = \"x\"", "policy.toml:2:10: a reason goes with enabled = false"),
        ("[rules.rpo-breach]\nenabled = false\nreason = \" \"", "policy.toml:3:10: this may not be empty"),
        ("region = \"a\"\nregion = \"b\"", "policy.toml:2:1: duplicate key"),
        ("region = ", "policy.toml:1:10: "),
        ("ü = 1\nregion = 1", "policy.toml:1:1: "),
    ];
    for (text, start) in wrong {
        let error = refusal(text);
        assert!(error.starts_with(start), "{text:?}\n {error}\n {start}");
    }
    let wrong = [
        (whole.to_owned(), "policy.toml:1:1: this waiver has no until"),
        (whole.replace("owner = \"o\"\n", ""), "policy.toml:1:1: this waiver has no until"),
        (format!("{whole}until = \"soon\""), "policy.toml:6:9: \"soon\" is no time"),
        (format!("{whole}until = 2027-01-01T00:00:00"), "policy.toml:6:9: \"2027-01-01T00:00:00\" is no time"),
        (format!("{whole}util = 2027-01-01"), "policy.toml:6:1: unknown key \"util\", did you mean \"until\"?"),
        (format!("{whole}until = 2027-01-01").replace("\"*\"", "\"[\""), "policy.toml:3:11: \"[\" is no pattern"),
        (format!("{whole}until = 2027-01-01").replace("\"r\"", "\"\""), "policy.toml:4:10: this may not be empty"),
        (format!("{whole}until = 2027-01-01").replace("rpo-breach", "*"), "policy.toml:2:8: no rule is called \"*\""),
    ];
    for (lines, start) in wrong {
        let error = refusal(&waiver(&lines));
        assert!(error.starts_with(start), "{lines}\n {error}\n {start}");
    }
}

#[test]
fn every_waiver_needs_its_five_entries() {
    let lines = ["rule = \"rpo-breach\"", "subject = \"*\"", "reason = \"r\"", "owner = \"o\"", "until = 2027-01-01"];
    for missing in lines {
        let rest: Vec<_> = lines.iter().filter(|line| **line != missing).copied().collect();
        let name = missing.split(' ').next().unwrap();
        let error = refusal(&format!("[[waivers]]\n{}", rest.join("\n")));
        assert_eq!(error, format!("policy.toml:1:1: this waiver has no {name}: every waiver needs one"));
    }
}

#[test]
fn what_is_shown_as_in_force_is_a_configuration_that_says_the_same() {
    let sample = std::fs::read_to_string("samples/config/cbr-audit.toml").unwrap();
    for text in [EXAMPLE, &sample, "", "region = \"a\\\"\\u0007\\u007fü\""] {
        let first = in_force(&configured(Config::parse("c", "c", text).unwrap()).unwrap());
        let again = in_force(&configured(Config::parse("c", "c", &first).expect(&first)).unwrap());
        assert_eq!(again, first.replace("   # default", ""));
    }
}

#[test]
fn the_example_becomes_a_configuration_when_its_comments_are_lines() {
    let lines = EXAMPLE.lines().filter(|line| !line.starts_with("# What"));
    let text = lines.map(|line| line.strip_prefix("# ").unwrap_or(line)).collect::<Vec<_>>().join("\n");
    let config = Config::parse("c", "c", &text).expect(&text);
    assert_eq!((config.waivers.len(), config.off.len(), config.severities.len(), config.tiers.len()), (1, 1, 1, 1));
}

/// A dump with one disk whose two backups are not encrypted, and what a configuration makes of it.
fn judged(config: &str, arguments: &[&str]) -> (Value, i32) {
    let scratch = Scratch::new();
    let backup = |id: &str, created: &str| {
        json!({
            "id": id, "project_id": "p1", "vault_id": "v1", "resource_id": "r1", "resource_name": "db-01",
            "resource_type": "OS::Cinder::Volume", "status": "available", "image_type": "backup",
            "created_at": created, "updated_at": null, "expired_at": "2026-06-01T00:00:00Z", "parent_id": null,
            "checkpoint_id": "c", "children": [], "replication_records": [],
            "extend_info": {"encrypted": false, "auto_trigger": true}
        })
    };
    let backups = [backup("b1", "2026-03-01T01:00:00Z"), backup("b2", "2026-03-02T01:00:00Z")];
    scratch.write("dump/list.json", json!({"backups": backups, "count": 2}).to_string());
    let file = scratch.write("policy.toml", config);
    let config = ["--config", file.to_str().unwrap(), "--only", "backup-unencrypted"];
    report(&scratch.path("dump"), &[&config, arguments].concat())
}

fn waiver(subject: &str, until: &str) -> String {
    format!(
        "[[waivers]]\nrule = \"backup-unencrypted\"\nsubject = \"{subject}\"\nreason = \"why\"\nowner = \"who\"\nuntil = {until}\n"
    )
}

fn verdicts(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["verdict"].as_str().unwrap()).collect()
}

const AS_OF: [&str; 2] = ["--as-of", "2026-03-02T12:00:00Z"];

#[test]
fn a_waiver_means_a_backup_by_its_id_and_by_the_id_or_name_of_its_resource() {
    let cases = [("b1", 1), ("b?", 2), ("r1", 2), ("db-*", 2), ("db-02", 0), ("*", 2), ("B1", 0)];
    for (subject, waived) in cases {
        let (report, status) = judged(&waiver(subject, "2027-01-01"), &AS_OF);
        assert_eq!(verdicts(&report).iter().filter(|verdict| **verdict == "waived").count(), waived, "{subject}");
        assert_eq!(report["findings"].as_array().unwrap().len(), 2, "{subject}: nothing vanishes");
        assert_eq!(report["rules"][0]["waived"], waived, "{subject}");
        assert_eq!(report["rules"][0]["fail"], 2 - waived, "{subject}");
        assert_eq!(report["rules"][0]["evaluated"], 2, "{subject}");
        assert_eq!(status, i32::from(waived < 2), "{subject}: what is waived does not set the status");
    }
}

#[test]
fn a_project_narrows_a_waiver() {
    for (project, waived) in [("p1", 2), ("p*", 2), ("p2", 0)] {
        let text = format!("{}project = \"{project}\"\n", waiver("*", "2027-01-01"));
        assert_eq!(judged(&text, &AS_OF).0["rules"][0]["waived"], waived, "{project}");
    }
}

#[test]
fn a_waiver_ends_at_the_as_of_time_and_not_at_the_wall_clock() {
    let cases = [
        ("2026-03-01", "expired", 0),
        ("2026-03-02", "holds", 2),
        ("2026-03-02T12:00:00Z", "expired", 0),
        ("2026-03-02T12:00:01Z", "holds", 2),
        ("2026-03-02T13:00:00+01:00", "expired", 0),
    ];
    for (until, state, waived) in cases {
        let (report, _) = judged(&waiver("*", until), &AS_OF);
        let waiver = &report["waivers"][0];
        assert_eq!((&waiver["state"], &waiver["findings"]), (&json!(state), &json!(2)), "{until}");
        assert_eq!(report["rules"][0]["waived"], waived, "{until}");
        let told = report["notes"].to_string().contains("count again");
        assert_eq!(told, state == "expired", "{until}");
    }
}

#[test]
fn a_waiver_that_is_too_broad_or_means_nothing_is_told() {
    let (report, _) = judged(&waiver("nothing", "2027-01-01"), &AS_OF);
    assert_eq!(report["waivers"][0]["state"], "unused");
    assert!(report["notes"].to_string().contains("is about nothing that failed"), "{}", report["notes"]);
    let (report, _) = judged(&format!("waiver-limit = 1\n{}", waiver("*", "2027-01-01")), &AS_OF);
    assert_eq!(report["waivers"][0]["state"], "broad");
    assert!(report["notes"].to_string().contains("more than the limit of 1"), "{}", report["notes"]);
}

#[test]
fn of_two_waivers_the_one_that_holds_counts() {
    let text = waiver("*", "2020-01-01") + &waiver("b1", "2027-01-01");
    let (report, _) = judged(&text, &AS_OF);
    assert_eq!(verdicts(&report), ["fail", "waived"]);
    assert_eq!(report["findings"][1]["waiver"], json!({"reason": "why", "owner": "who", "until": "2027-01-01"}));
}

/// The backups of three resources a day old, and which of them breach an RPO under these tiers.
fn breaching(tiers: &str) -> (Vec<String>, Value, i32) {
    let scratch = Scratch::new();
    let backup = |id: &str, name: &str, vault: &str| {
        json!({
            "id": format!("b-{id}"), "project_id": "p1", "vault_id": vault, "resource_id": id, "resource_name": name,
            "resource_type": "OS::Cinder::Volume", "status": "available", "image_type": "backup",
            "created_at": "2026-03-01T12:00:00Z", "updated_at": null, "expired_at": "2026-06-01T00:00:00Z",
            "parent_id": null, "checkpoint_id": "c", "children": [], "replication_records": [],
            "enterprise_project_id": "e1", "extend_info": {"encrypted": true, "auto_trigger": true}
        })
    };
    let backups = [backup("r1", "db-01", "v1"), backup("r2", "db-02", "v2"), backup("r3", "web-01", "v2")];
    scratch.write("dump/list.json", json!({"backups": backups, "count": 3}).to_string());
    let file = scratch.write("policy.toml", tiers);
    let arguments = ["--config", file.to_str().unwrap(), "--only", "rpo-breach"];
    let (report, status) = report(&scratch.path("dump"), &[&arguments, &AS_OF[..]].concat());
    let findings = report["findings"].as_array().unwrap().iter();
    (findings.map(|finding| finding["subject"]["id"].as_str().unwrap().to_owned()).collect(), report, status)
}

#[test]
fn a_tier_judges_its_resources_by_its_own_parameters() {
    let tier = |criterion: &str| format!("[tiers.gold]\n{criterion}\nrpo-hours = 4\n");
    let cases: [(&str, &[&str]); 9] = [
        ("resources = [\"db-*\"]", &["r1", "r2"]),
        ("resources = [\"r3\", \"db-01\"]", &["r1", "r3"]),
        ("vaults = [\"v2\"]", &["r2", "r3"]),
        ("vaults = [\"v2\"]\nresources = [\"db-*\"]", &["r2"]),
        ("types = [\"OS::Cinder::Volume\"]", &["r1", "r2", "r3"]),
        ("types = [\"OS::Nova::Server\"]", &[]),
        ("projects = [\"p?\"]", &["r1", "r2", "r3"]),
        ("enterprise-projects = [\"e1\"]", &["r1", "r2", "r3"]),
        ("enterprise-projects = [\"e2\"]", &[]),
    ];
    for (criterion, failing) in cases {
        let (failed, report, _) = breaching(&tier(criterion));
        assert_eq!(failed, failing, "{criterion}");
        let tier =
            json!([{"name": "gold", "resources": failing.len(), "params": [{"key": "rpo-hours", "value": "4"}]}]);
        assert_eq!(report["settings"]["tiers"], tier, "{criterion}");
        let resources = report["resources"].as_array().unwrap().iter();
        let named: Vec<_> = resources.filter(|row| row["tier"] == "gold").map(|row| row["id"].clone()).collect();
        assert_eq!(named.len(), failing.len(), "{criterion}");
        let idle = report["notes"].to_string().contains("The tier gold applies to no resource");
        assert_eq!(idle, failing.is_empty(), "{criterion}");
    }
}

/// The tiers of one resource in a dump with these vaults, and the report.
fn tier_by_tags(vaults: &Value, tiers: &str) -> (Value, Value, i32) {
    let scratch = Scratch::new();
    let backup = |id: &str, vault: &str| {
        json!({
            "id": id, "project_id": "p1", "vault_id": vault, "resource_id": "r1", "resource_name": "db-01",
            "resource_type": "OS::Cinder::Volume", "status": "available", "image_type": "backup",
            "created_at": "2026-03-01T12:00:00Z", "updated_at": null, "expired_at": null, "parent_id": null, "children": []
        })
    };
    scratch
        .write("dump/list.json", json!({"backups": [backup("b1", "v1"), backup("b2", "v2")], "count": 2}).to_string());
    scratch.write("dump/vaults.json", json!({"vaults": vaults}).to_string());
    let file = scratch.write("policy.toml", tiers);
    let arguments = ["--config", file.to_str().unwrap(), "--only", "rpo-breach"];
    let (report, status) = report(&scratch.path("dump"), &[&arguments, &AS_OF[..]].concat());
    (report["resources"][0]["tier"].clone(), report["incomplete"].clone(), status)
}

#[test]
fn a_tier_may_go_by_the_tags_of_vaults() {
    let tag = |key: &str, value: &str| json!({"key": key, "value": value});
    let vaults = json!([{"id": "v1", "tags": [tag("env", "prod"), tag("team", "")]}, {"id": "v2", "tags": null}]);
    let tier = |tags: &str| tier_by_tags(&vaults, &format!("[tiers.gold]\nvault-tags = [{tags}]\nrpo-hours = 4\n"));
    let meant = ["\"env\"", "\"env=prod\"", "\"env = pro*\"", "\"x\", \"team\"", "\"team=\"", "\"*\""];
    for tags in meant {
        assert_eq!(tier(tags).0, "gold", "{tags}");
    }
    for tags in ["\"env=test\"", "\"prod\"", "\"env=\"", "\"team=?*\""] {
        let (tier, incomplete, _) = tier(tags);
        assert_eq!((tier, incomplete), (Value::Null, json!([])), "{tags}");
    }
    let error = refusal("[tiers.gold]\nvault-tags = [\"env=[\"]");
    assert!(error.starts_with("policy.toml:2:15: \"env=[\" is no tag"), "{error}");
}

#[test]
fn tags_that_the_dump_does_not_tell_leave_the_answer_incomplete() {
    let gold = "[tiers.gold]\nvault-tags = [\"env=prod\"]\nrpo-hours = 4\n";
    let tagged = json!({"id": "v1", "tags": [{"key": "env", "value": "test"}]});
    let untold = [
        json!([]),
        json!([tagged]),
        json!([tagged, {"id": "v2"}]),
        json!([tagged, {"id": "v2", "tags": "none"}]),
        json!([tagged, {"id": "v2", "tags": [{"key": "env"}]}]),
    ];
    for vaults in untold {
        let (tier, incomplete, status) = tier_by_tags(&vaults, gold);
        assert_eq!((tier, status), (Value::Null, 4), "{vaults}");
        let cause = incomplete.to_string();
        assert!(
            cause.contains("the tier gold goes by tags of vaults, which the dump does not tell for 1 resource"),
            "{cause}"
        );
        let named = format!("{gold}[tiers.silver]\nresources = [\"db-01\"]\n");
        let (tier, incomplete, _) = tier_by_tags(&vaults, &named);
        assert_eq!((tier, incomplete), (json!("silver"), json!([])), "a more specific tier settles it");
    }
    let by_the_other = json!([{"id": "v1", "tags": [{"key": "env", "value": "prod"}]}]);
    assert_eq!(tier_by_tags(&by_the_other, gold).0, "gold", "one vault is enough");
}

#[test]
fn a_vault_that_holds_backups_only_later_makes_no_tier() {
    let scratch = Scratch::new();
    let backup = |id: &str, created: &str, vault: &str| {
        json!({
            "id": id, "project_id": "p1", "vault_id": vault, "resource_id": "r1", "resource_name": "db-01",
            "resource_type": "OS::Cinder::Volume", "status": "available", "image_type": "backup",
            "created_at": created, "updated_at": null, "expired_at": null, "parent_id": null, "children": []
        })
    };
    let backups = [backup("b1", "2026-03-01T12:00:00Z", "v1"), backup("b2", "2026-03-03T12:00:00Z", "v2")];
    scratch.write("dump/list.json", json!({"backups": backups, "count": 2}).to_string());
    let file = scratch.write("policy.toml", "[tiers.gold]\nvaults = [\"v2\"]\nrpo-hours = 4\n");
    let tier = |as_of: &str| {
        let arguments = ["--config", file.to_str().unwrap(), "--only", "rpo-breach", "--as-of", as_of];
        report(&scratch.path("dump"), &arguments).0["resources"][0]["tier"].clone()
    };
    assert_eq!(tier("2026-03-02T12:00:00Z"), Value::Null);
    assert_eq!(tier("2026-03-04T12:00:00Z"), "gold");
}

#[test]
fn the_most_specific_tier_wins_wherever_it_stands() {
    let strict = |name: &str, criterion: &str| format!("[tiers.{name}]\n{criterion}\nrpo-hours = 4\n");
    let lax = |name: &str, criterion: &str| format!("[tiers.{name}]\n{criterion}\nrpo-hours = 400\n");
    let order = [
        "resources = [\"db-01\"]",
        "resources = [\"db-0?\"]",
        "vaults = [\"v1\"]",
        "enterprise-projects = [\"*\"]",
        "types = [\"OS::Cinder::Volume\"]",
        "projects = [\"p1\"]",
    ];
    for pair in order.windows(2) {
        for text in [strict("a", pair[0]) + &lax("b", pair[1]), lax("b", pair[1]) + &strict("a", pair[0])] {
            let (failed, report, _) = breaching(&text);
            assert!(failed.contains(&"r1".to_owned()), "{text}: {failed:?}");
            assert!(!report["incomplete"].to_string().contains("tiers"), "{text}");
        }
    }
}

#[test]
fn tiers_that_tie_are_told_and_leave_the_answer_incomplete() {
    let text = "[tiers.b]\nresources = [\"db-*\"]\nrpo-hours = 400\n[tiers.a]\nresources = [\"*-01\"]\nrpo-hours = 4\n";
    let (failed, report, status) = breaching(text);
    assert_eq!(failed, ["r3"], "the tier that stands first is applied");
    assert_eq!(status, 5);
    assert!(report["incomplete"].to_string().contains("equally specific for 1 resource: b and a"));
    assert!(report["notes"].to_string().contains("The tiers b and a are equally specific for one resource"));
}

#[test]
fn a_tier_that_says_too_little_or_too_much_is_refused() {
    let wrong = [
        ("[tiers.gold]\nrpo-hours = 4", "policy.toml:1:8: say which resources the tier means"),
        ("[tiers.gold]\nresources = []", "policy.toml:2:13: write a list of texts"),
        ("[tiers.gold]\nresources = \"db\"", "policy.toml:2:13: write a list of texts"),
        ("[tiers.gold]\nresource = [\"db\"]", "policy.toml:1:8: say which resources the tier means"),
        (
            "[tiers.gold]\nvaults = [\"v\"]\nresource = [\"db\"]",
            "policy.toml:3:1: unknown parameter \"resource\", did you mean \"resources\"?",
        ),
        ("[tiers.gold]\ntypes = [\"server\"]", "policy.toml:2:10: \"server\" is no resource type"),
        ("[tiers.gold]\nvaults = [\"[\"]", "policy.toml:2:11: \"[\" is no pattern"),
    ];
    for (text, start) in wrong {
        let error = refusal(text);
        assert!(error.starts_with(start), "{text:?}\n {error}\n {start}");
    }
}

#[test]
fn a_severity_of_its_own_sets_the_order_and_the_status() {
    let text = "[rules.backup-unencrypted]\nseverity = \"low\"\n";
    let (report, status) = judged(text, &AS_OF);
    assert_eq!(report["findings"][0]["severity"], "low");
    assert_eq!(report["rules"][0]["severity"], "low");
    assert_eq!(status, 0);
    assert_eq!(judged(&format!("fail-on = \"low\"\n{text}"), &AS_OF).1, 1);
    let over = [&AS_OF[..], &["--fail-on", "high"]].concat();
    assert_eq!(judged(&format!("fail-on = \"low\"\n{text}"), &over).1, 0, "the command line wins");
}

#[test]
fn the_command_line_wins_over_the_configuration() {
    let value = |report: &Value, key: &str| {
        let params = report["settings"]["params"].as_array().unwrap();
        params.iter().find(|param| param["key"] == key).unwrap()["value"].clone()
    };
    let config = "[parameters]\nrpo-hours = 48\n[rules.rpo-breach]\nrpo-tolerance-hours = 5\n";
    let only = ["--only", "rpo-breach"];
    let (report, _) = judged(config, &only);
    assert_eq!((value(&report, "rpo-hours"), value(&report, "rpo-tolerance-hours")), (json!("48"), json!("5")));
    let (report, _) = judged(config, &[&only[..], &["--set", "rpo-hours=7"]].concat());
    assert_eq!(value(&report, "rpo-hours"), "7");
    let off = "[rules.rpo-breach]\nenabled = false\nreason = \"later\"\n";
    let (report, _) = judged(off, &only);
    assert_eq!(report["rules"].as_array().unwrap().len(), 2, "what is asked for runs");
    assert_eq!(report["settings"].get("off"), None);
}

#[test]
fn a_rule_that_is_off_is_listed_with_its_reason() {
    let scratch = Scratch::new();
    let file = scratch.write("policy.toml", "[rules.rpo-breach]\nenabled = false\nreason = \"later\"\n");
    let (report, _) = report(&sample("healthy"), &["--config", file.to_str().unwrap()]);
    assert_eq!(report["settings"]["rules_off"], json!(["rpo-breach"]));
    assert_eq!(report["settings"]["off"], json!([{"rule": "rpo-breach", "reason": "later"}]));
    assert_eq!(report["settings"]["config"], "policy.toml");
}

#[test]
fn a_configuration_that_cannot_be_read_stops_the_run() {
    let scratch = Scratch::new();
    let latin = scratch.write("latin.toml", b"region = \"\xfc\"");
    let cases = [
        (scratch.path("missing.toml"), "cannot read the configuration"),
        (scratch.path(""), "cannot read the configuration"),
        (latin, "byte 10 is no UTF-8 text"),
    ];
    for (file, message) in cases {
        let dump = sample("healthy");
        let ran = run([dump.to_str().unwrap(), "--config", file.to_str().unwrap()].iter().fold(
            vec!["report".to_owned()],
            |mut all, one| {
                all.push((*one).to_owned());
                all
            },
        ));
        assert_eq!(ran.status, 2);
        assert!(ran.err.contains(message), "{}", ran.err);
    }
}

#[test]
fn words_of_a_waiver_are_inert_in_every_format() {
    let scratch = Scratch::new();
    let hostile = "<script>alert(1)</script> [x](javascript:1) | =cmd";
    let text = format!(
        "[[waivers]]\nrule = \"backup-unencrypted\"\nsubject = \"*\"\nreason = '{hostile}'\nowner = '{hostile}'\nticket = '{hostile}'\nuntil = 2030-01-01\n\
         [[waivers]]\nrule = \"rpo-breach\"\nsubject = '{hostile}'\nreason = \"r\"\nowner = '{hostile}'\nuntil = 2030-01-01\n"
    );
    let text = text.replace("subject = '<script>alert(1)</script> [x](", "subject = '<script>alert(1)</script> x(");
    let file = scratch.write("policy.toml", text);
    let (html, md) = (scratch.path("r.html"), scratch.path("r.md"));
    let arguments = ["report", "samples/troubled", "--config", file.to_str().unwrap(), "-o", html.to_str().unwrap()];
    let ran = run(arguments.into_iter().chain(["-o", md.to_str().unwrap()]));
    assert!(ran.status < 8, "{}", ran.err);
    let html = std::fs::read_to_string(html).unwrap();
    let md = std::fs::read_to_string(md).unwrap();
    assert!(!html.contains("<script>alert") && html.contains("&lt;script&gt;alert"), "HTML");
    assert!(!md.contains("<script>") && !md.contains("[x](javascript"), "Markdown");
}
