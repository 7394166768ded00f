//! Tiers of a configuration: what they demand of which resources, which of them wins, and what leaves it open.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::config::Config;
use pretty_assertions::assert_eq;
use program::{Scratch, report};
use serde_json::{Value, json};

const AS_OF: [&str; 2] = ["--as-of", "2026-03-02T12:00:00Z"];

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
        let idle = report["notes"].to_string().contains("policy.toml:1: the tier gold applies to no resource");
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
    let error = Config::parse("policy.toml", "policy.toml", "[tiers.gold]\nvault-tags = [\"=prod\"]")
        .expect_err("no key")
        .to_string();
    assert!(error.starts_with("policy.toml:2:15: \"=prod\" is no tag"), "{error}");
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
        json!([tagged, {"id": "v2", "tags": [{"key": null, "value": "prod"}]}]),
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

/// A resource that may have any name may be in a tier that goes by names.
#[test]
fn names_that_the_dump_does_not_tell_leave_the_answer_incomplete() {
    let judged = |name: &Value, tiers: &str| {
        let scratch = Scratch::new();
        let backup = json!({
            "id": "b1", "project_id": "p1", "vault_id": "v1", "resource_id": "r1", "resource_name": name,
            "resource_type": "OS::Cinder::Volume", "status": "available", "image_type": "backup",
            "created_at": "2026-03-01T12:00:00Z", "updated_at": null, "expired_at": null, "parent_id": null, "children": []
        });
        scratch.write("dump/list.json", json!({"backups": [backup], "count": 1}).to_string());
        let file = scratch.write("policy.toml", tiers);
        let arguments = ["--config", file.to_str().unwrap(), "--only", "rpo-breach", "--fail-on", "none"];
        let (report, status) = report(&scratch.path("dump"), &[&arguments, &AS_OF[..]].concat());
        (report["resources"][0]["tier"].clone(), report["incomplete"].clone(), status)
    };
    let gold = "[tiers.gold]\nresources = [\"db-*\"]\nrpo-hours = 4\n";
    let (tier, incomplete, status) = judged(&Value::Null, gold);
    assert_eq!((tier, status), (Value::Null, 4));
    let cause = "the tier gold goes by names of resources, which the dump does not tell for 1 resource";
    assert_eq!(incomplete[0]["cause"], cause);
    for (name, more, tier) in [
        (json!("db-1"), "", json!("gold")),
        (json!("web-1"), "", Value::Null),
        (Value::Null, "types = [\"OS::Nova::Server\"]\n", Value::Null),
        (Value::Null, "[tiers.silver]\nresources = [\"r1\"]\nrpo-hours = 48\n", json!("silver")),
    ] {
        assert_eq!(judged(&name, &format!("{gold}{more}")), (tier, json!([]), 0), "{name} {more}");
    }
}

/// A resource whose backups may be in any vault or enterprise project may be in a tier that goes by these.
#[test]
fn where_the_dump_does_not_tell_what_a_tier_goes_by_the_answer_is_incomplete() {
    let judged = |backup: (&str, Value), vault: Value, tier: &str| {
        let scratch = Scratch::new();
        let mut record = json!({
            "id": "b1", "project_id": "p1", "vault_id": "v1", "resource_id": "r1", "resource_name": "db-1",
            "resource_type": "OS::Cinder::Volume", "status": "available", "image_type": "backup",
            "created_at": "2026-03-01T12:00:00Z", "updated_at": null, "expired_at": null, "parent_id": null, "children": []
        });
        record[backup.0] = backup.1;
        scratch.write("dump/list.json", json!({"backups": [record], "count": 1}).to_string());
        let vault =
            json!({"id": "v1", "project_id": "p1", "name": "v", "resources": [], "enterprise_project_id": vault});
        scratch.write("dump/vaults.json", json!({"vaults": [vault], "count": 1}).to_string());
        let file = scratch.write("policy.toml", format!("[tiers.gold]\n{tier}\nrpo-hours = 4\n"));
        let arguments = ["--config", file.to_str().unwrap(), "--only", "rpo-breach", "--fail-on", "none"];
        let (report, status) = report(&scratch.path("dump"), &[&arguments, &AS_OF[..]].concat());
        let is_gold = report["resources"][0]["tier"] == "gold";
        (is_gold, report["incomplete"][0]["cause"].as_str().unwrap_or_default().to_owned(), status)
    };
    let known = |is_gold: bool| (is_gold, String::new(), 0);
    let open =
        |what: &str| (false, format!("the tier gold goes by {what}, which the dump does not tell for 1 resource"), 4);
    let (enterprise, field) = ("enterprise-projects = [\"7*\"]", "enterprise_project_id");
    let projects = "enterprise projects";
    for (backup, vault, tier, expected) in [
        ((field, json!("71")), Value::Null, enterprise, known(true)),
        ((field, json!(71)), Value::Null, enterprise, known(true)),
        ((field, json!("81")), json!("71"), enterprise, known(false)),
        ((field, Value::Null), json!("71"), enterprise, known(true)),
        ((field, Value::Null), json!(71), enterprise, known(true)),
        ((field, Value::Null), json!("81"), enterprise, known(false)),
        ((field, Value::Null), Value::Null, enterprise, open(projects)),
        ((field, json!({"a": 1})), json!("71"), enterprise, open(projects)),
        (("vault_id", Value::Null), json!("71"), enterprise, open(projects)),
        (("vault_id", json!("v1")), Value::Null, "vaults = [\"v1\"]", known(true)),
        (("vault_id", Value::Null), Value::Null, "vaults = [\"v1\"]", open("vaults")),
        (("vault_id", Value::Null), Value::Null, "vaults = [\"v1\"]\ntypes = [\"OS::Nova::Server\"]", known(false)),
    ] {
        let judged = judged(backup.clone(), vault.clone(), tier);
        assert_eq!(judged, expected, "{backup:?} {vault} {tier}");
    }
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
    let note = report["notes"].to_string();
    assert!(
        note.contains("policy.toml:1 and 4: the tiers b and a are equally specific for the resource db-01"),
        "{note}"
    );
    assert!(note.contains("give one of them a criterion more"), "{note}");
    assert!(report["incomplete"].to_string().contains("narrow one of them in policy.toml:1 and 4"));
}

/// Judges one disk, a day old, under a tier and with these arguments: whether it breaches, and the report.
fn breaches(policy: &str, arguments: &[&str]) -> (bool, Value) {
    let scratch = Scratch::new();
    let backup = json!({
        "id": "b1", "project_id": "p1", "vault_id": "v1", "resource_id": "r1", "resource_name": "db-01",
        "resource_type": "OS::Cinder::Volume", "status": "available", "image_type": "backup",
        "created_at": "2026-03-01T12:00:00Z", "updated_at": null, "expired_at": null, "parent_id": null, "children": []
    });
    scratch.write("dump/list.json", json!({"backups": [backup], "count": 1}).to_string());
    let file = scratch.write("policy.toml", policy);
    let usual = ["--config", file.to_str().unwrap(), "--only", "rpo-breach"];
    let (report, _) = report(&scratch.path("dump"), &[&usual[..], &AS_OF[..], arguments].concat());
    (report["rules"][0]["fail"] == 1, report)
}

#[test]
fn what_is_typed_wins_over_tiers_and_single_rules_then_the_tier_the_rule_and_all_rules() {
    let tier = "[tiers.gold]\nresources = [\"db-*\"]\nrpo-hours = 4\n";
    let rule = "[rules.rpo-breach]\nrpo-hours = 4\n";
    let lax_rule = "[rules.rpo-breach]\nrpo-hours = 400\n";
    let lax_all = "[parameters]\nrpo-hours = 400\n";
    let cases: [(String, &[&str], bool); 8] = [
        (tier.to_owned(), &[], true),
        (tier.to_owned(), &["--set", "rpo-hours=48"], false),
        (tier.to_owned(), &["--set", "rpo-breach.rpo-hours=48"], false),
        (tier.to_owned(), &["--set", "backup-gap.rpo-hours=48"], true),
        (rule.to_owned(), &["--set", "rpo-hours=48"], false),
        (rule.to_owned(), &["--set", "rpo-hours=48", "--set", "rpo-breach.rpo-hours=4"], true),
        (format!("{lax_rule}{tier}"), &[], true),
        (format!("{lax_all}{rule}"), &[], true),
    ];
    for (policy, arguments, expected) in cases {
        assert_eq!(breaches(&policy, arguments).0, expected, "{policy}{arguments:?}");
    }
    let (_, report) = breaches(tier, &["--set", "rpo-hours=48"]);
    let told = json!([{"key": "rpo-hours", "value": "4", "overruled": "--set rpo-hours=48"}]);
    assert_eq!(report["settings"]["tiers"][0]["params"], told);
}

#[test]
fn an_explanation_and_a_page_say_where_the_winning_value_was_set() {
    let scratch = Scratch::new();
    let tier = "[tiers.gold]\nprojects = [\"*\"]\nrpo-hours = 4\nallowed-regions = [\"eu-nl\"]\n";
    let file = scratch.write("policy.toml", tier);
    let config = ["--config", file.to_str().unwrap(), "--set", "rpo-hours=36"];
    let sample = program::sample("troubled").display().to_string();
    let ran = program::run(["explain", "rpo-breach", "leg-scratch-02", &sample].iter().chain(&config));
    assert!(ran.out.contains("rpo-hours            36        --set"), "{}", ran.out);
    let typed = ["--allowed-region", "eu-de"];
    let page = program::run(["report", &sample, "-qo", "md=-"].iter().chain(&config).chain(&typed)).out;
    assert!(page.contains("rpo-hours 4 (overruled by <code>&#45;-set rpo-hours=36</code>)"), "{page}");
    assert!(page.contains("allowed-regions eu-nl (overruled by <code>&#45;-allowed-region eu-de</code>)"), "{page}");
}

#[test]
fn an_entry_that_fits_nothing_is_told_with_its_line() {
    let text = "[tiers.gold]\nresources = [\n  \"db-*\",\n  \"typo-*\",\n]\nvaults = [\"v1\", \"v9\"]\n\
                types = [\"OS::Cinder::Volume\", \"OS::Nova::Server\"]\nprojects = [\"p1\", \"p9\"]\n\
                enterprise-projects = [\"e?\", \"f?\"]\nrpo-hours = 400\n";
    let notes = breaching(text).1["notes"].to_string();
    let fits_nothing = "of the tier gold fits nothing in this dump";
    for (line, entry) in [
        (4, "\\\"typo-*\\\" of resources"),
        (6, "\\\"v9\\\" of vaults"),
        (1, "\\\"OS::Nova::Server\\\" of types"),
        (8, "\\\"p9\\\" of projects"),
        (9, "\\\"f?\\\" of enterprise-projects"),
    ] {
        assert!(notes.contains(&format!("policy.toml:{line}: {entry} {fits_nothing}")), "{entry}: {notes}");
    }
    assert_eq!(notes.matches(fits_nothing).count(), 5, "{notes}");
}

#[test]
fn the_vault_of_a_copy_that_two_backups_claim_makes_no_tier_of_either() {
    let source = |id: &str, resource: &str| json!({"id": id, "resource_id": resource, "replication_records": [{"destination_backup_id": "copy"}]});
    let files = json!({"$files": {
        "a.json": {"backups": [source("b1", "r1"), source("b2", "r2")]},
        "b.json": {"backups": [{"id": "copy", "image_type": "replication", "project_id": "p2", "vault_id": "v-away"}]},
    }});
    let scratch = Scratch::new();
    for (path, text) in cbr_audit::case::complete::files(&files.to_string()).unwrap() {
        scratch.write(&format!("dump/{path}"), text);
    }
    let policy = scratch.write("policy.toml", "[tiers.away]\nvaults = [\"v-away\"]\nrpo-hours = 1\n");
    let given = ["--as-of", "2026-03-01T12:00:00Z", "--fail-on", "none", "--config", policy.to_str().unwrap()];
    let (report, _) = report(&scratch.path("dump"), &given);
    let tiers = report["resources"].as_array().unwrap().iter();
    let tiers: Vec<_> = tiers.map(|row| (row["project_id"].as_str().unwrap(), row["tier"].as_str())).collect();
    assert_eq!(tiers, [("p1", None), ("p1", None), ("p2", Some("away"))]);
}
