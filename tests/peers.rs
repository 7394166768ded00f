//! The rules of others beside ours: each row of `docs/peers.md` as a test, with the same judgement or the difference that
//! the page names.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::case;
use cbr_audit::rule::Case;
use cbr_audit::rules::{self, RULES};
use pretty_assertions::assert_eq;
use program::text_of;
use serde_json::{Value, json};
use std::collections::BTreeSet;

// Huawei Cloud Config: cbr-backup-encrypted-check. Cloud Custodian: extend_info.encrypted is false.

#[test]
fn an_unencrypted_backup_fails_and_an_encrypted_one_passes() {
    let disk = |flag: bool| json!({"resource_type": "OS::Cinder::Volume", "extend_info": {"encrypted": flag}});
    let document = json!({"backups": [disk(true), disk(false)]});
    assert_eq!(verdicts("backup-unencrypted", &document), ["pass b1", "fail b2 high"]);
}

#[test]
fn a_server_is_judged_over_its_disks_and_not_by_a_flag_that_is_not_there() {
    let silent = json!({"extend_info": {"encrypted": "$absent"}});
    assert_eq!(verdicts("backup-unencrypted", &json!({"backups": [silent]})), ["unknown b1 view-omits"]);
    let shown = json!({"backup": {"extend_info": {"encrypted": "$absent"}, "children": [{"extend_info": {"encrypted": false}}]}});
    assert_eq!(verdicts("backup-unencrypted", &shown), ["fail b1 high"]);
}

// Huawei Cloud Config: cbr-policy-minimum-frequency-check.

#[test]
fn a_disabled_policy_does_not_run_often_enough() {
    let document = json!({"policies": [{"enabled": false}]});
    assert_eq!(verdicts("policy-too-infrequent", &document), ["fail policy1 medium disabled"]);
}

#[test]
fn tuesday_thursday_and_saturday_leave_a_gap_of_72_hours() {
    let document = policy_with_patterns(&json!(["FREQ=WEEKLY;BYDAY=TU,TH,SA;BYHOUR=22;BYMINUTE=00"]));
    let verdicts = |hours: &'static str| verdicts_with("policy-too-infrequent", &document, hours);
    assert_eq!(verdicts("policy-interval-hours=72"), ["pass policy1"]);
    assert_eq!(verdicts("policy-interval-hours=71"), ["fail policy1 medium"]);
}

#[test]
fn a_daily_run_is_often_enough_for_24_hours_and_not_for_less() {
    let document = json!({"policies": [{}]});
    assert_eq!(verdicts("policy-too-infrequent", &document), ["pass policy1"]);
    let less = verdicts_with("policy-too-infrequent", &document, "policy-interval-hours=23.9");
    assert_eq!(less, ["fail policy1 medium"]);
}

#[test]
fn a_pattern_that_cannot_be_read_is_neither_often_nor_rare() {
    let document = policy_with_patterns(&json!(["FREQ=MONTHLY;BYMONTHDAY=1;BYHOUR=1;BYMINUTE=00"]));
    assert_eq!(verdicts("policy-too-infrequent", &document), ["unknown policy1 value-unrecognised"]);
}

// Huawei Cloud Config: cbr-vault-minimum-retention-check. Prowler: cbr_policy_retention.

#[test]
fn days_are_compared_with_the_minimum() {
    let kept = |days: i64| bound(&json!({"operation_definition": {"retention_duration_days": days}}));
    assert_eq!(verdicts("vault-retention-too-short", &kept(30)), ["pass v1"]);
    assert_eq!(verdicts("vault-retention-too-short", &kept(29)), ["fail v1 medium"]);
    let week = |days| verdicts_with("vault-retention-too-short", &kept(days), "retention-min-days=7");
    assert_eq!(week(7), ["pass v1"]);
    assert_eq!(week(6), ["fail v1 medium"]);
}

#[test]
fn retention_by_number_fails_and_for_ever_passes() {
    let kept =
        |number: i64| bound(&json!({"operation_definition": {"retention_duration_days": -1, "max_backups": number}}));
    assert_eq!(verdicts("vault-retention-too-short", &kept(30)), ["fail v1 medium by-number"]);
    // The cloud's own check fails this one.
    assert_eq!(verdicts("vault-retention-too-short", &kept(-1)), ["pass v1"]);
    assert_eq!(verdicts("vault-retention-too-short", &kept(0)), ["pass v1"]);
}

#[test]
fn days_and_number_at_once_are_not_judged() {
    let both = bound(&json!({"operation_definition": {"retention_duration_days": 30, "max_backups": 10}}));
    assert_eq!(verdicts("vault-retention-too-short", &both), ["unknown v1 not-in-metadata"]);
}

#[test]
fn a_vault_without_an_enabled_policy_is_reported_once() {
    for document in [bound(&json!({"enabled": false})), with_policies(&json!([]), &json!([{}]))] {
        assert_eq!(verdicts("vault-retention-too-short", &document), ["not-applicable v1"]);
        assert!(verdicts("vault-policy-missing", &document)[0].starts_with("fail v1 high"));
    }
}

// Huawei Cloud Config: cbr-vault-locked-enabled. Cloud Custodian: vault_without_worm.

#[test]
fn a_vault_has_to_be_locked() {
    let document = json!({"vaults": [{"locked": true}, {"locked": false}, {"locked": "false"}, {"locked": null}]});
    let expected = ["pass v1", "fail v2 medium", "fail v3 medium", "fail v4 medium"];
    assert_eq!(verdicts("vault-not-locked", &document), expected);
}

#[test]
fn a_lock_that_is_not_shown_is_not_judged() {
    let document =
        json!({"vaults": [{"locked": "$absent"}, {"locked": false, "billing": {"protect_type": "replication"}}]});
    assert_eq!(verdicts("vault-not-locked", &document), ["unknown v1 field-absent", "not-applicable v2"]);
}

// Huawei Cloud Config: cbr-vault-cross-region-replication-enable. Cloud Custodian:
// unassociated_with_specific_replication_policy.

#[test]
fn a_backup_vault_needs_a_replication_policy_and_other_vaults_do_not() {
    let vaults = json!([
        {}, {}, {"billing": {"protect_type": "replication"}}, {"billing": {"protect_type": "hybrid"}}
    ]);
    let document = with_policies(&json!([{"operation_type": "replication"}]), &vaults);
    let expected = ["pass v1", "fail v2 medium", "not-applicable v3", "not-applicable v4"];
    assert_eq!(verdicts("vault-replication-policy-missing", &document), expected);
}

#[test]
fn vaults_of_disks_cannot_be_replicated_and_are_not_asked_to() {
    let document = with_policies(
        &json!([]),
        &json!([{"billing": {"object_type": "disk"}}, {"billing": {"object_type": "turbo"}}]),
    );
    let expected = ["not-applicable v1", "fail v2 medium"];
    assert_eq!(verdicts("vault-replication-policy-missing", &document), expected);
}

#[test]
fn a_replication_policy_has_to_be_enabled() {
    let document = bound(&json!({"operation_type": "replication", "enabled": false}));
    assert_eq!(verdicts("vault-replication-policy-missing", &document), ["fail v1 medium disabled"]);
}

#[test]
fn every_policy_of_a_vault_is_looked_at_and_not_the_first_alone() {
    let document = with_policies(&json!([{}, {"operation_type": "replication"}]), &json!([{}]));
    assert_eq!(verdicts("vault-replication-policy-missing", &document), ["pass v1"]);
}

// Cloud Custodian: unassociated.

#[test]
fn a_vault_that_no_policy_names_has_none() {
    let document = with_policies(&json!([{}]), &json!([{}, {}]));
    assert_eq!(verdicts("vault-policy-missing", &document), ["pass v1", "fail v2 high"]);
}

#[test]
fn a_disabled_policy_and_a_replication_policy_are_no_backup_policy_at_work() {
    assert_eq!(verdicts("vault-policy-missing", &bound(&json!({"enabled": false}))), ["fail v1 high disabled"]);
    let replication = bound(&json!({"operation_type": "replication"}));
    assert_eq!(verdicts("vault-policy-missing", &replication), ["fail v1 high"]);
}

#[test]
fn without_the_whole_list_of_policies_no_vault_is_said_to_have_none() {
    assert_eq!(verdicts("vault-policy-missing", &json!({"vaults": [{}]})), ["not-applicable v1"]);
    let partial = json!({"$files": {"p.json": {"count": 9, "policies": []}, "v.json": {"vaults": [{}]}}});
    assert_eq!(verdicts("vault-policy-missing", &partial), ["unknown v1 input-incomplete"]);
}

// Cloud Custodian: untagged, tag-count, without_specific_tags.

#[test]
fn a_vault_without_tags_fails_and_any_tag_passes() {
    let document = json!({"vaults": [{"tags": []}, {"tags": [{"key": "k", "value": null}]}, {"tags": "$absent"}]});
    assert_eq!(verdicts("vault-untagged", &document), ["fail v1 info", "pass v2", "unknown v3 field-absent"]);
}

// Cloud Custodian: without_replication_record.

#[test]
fn a_backup_shown_without_a_replication_record_has_no_copy() {
    let shown = json!({"backup": {}});
    assert_eq!(verdicts("offsite-copy-missing", &shown), ["fail r1 high"]);
    let failed = json!({"backup": {"replication_records": [{"status": "fail"}]}});
    assert_eq!(verdicts("offsite-copy-missing", &failed), ["fail r1 high"]);
}

#[test]
fn an_empty_list_of_replication_records_in_a_list_answer_proves_nothing() {
    let listed = json!({"backups": [{}]});
    assert_eq!(verdicts("offsite-copy-missing", &listed), ["unknown r1 view-omits"]);
    assert_eq!(verdicts_with("offsite-copy-missing", &listed, "replication-shown"), ["fail r1 high"]);
}

// Huawei Cloud Config: ecs-, evs-, sfsturbo-last-backup-created. Cloud Custodian: last-backup-exceed-safe-time-interval.

#[test]
fn the_last_backup_must_not_be_older_than_the_limit() {
    for kind in ["OS::Nova::Server", "OS::Cinder::Volume", "OS::Sfs::Turbo"] {
        let aged = |age: &str| json!({"backups": [{"resource_type": kind, "created_at": age}]});
        let judged = |age: &str| verdicts_with("rpo-breach", &aged(age), "rpo-tolerance-hours=0");
        assert_eq!(judged("-24h"), ["pass r1"], "{kind}");
        assert_eq!(judged("-1441m"), ["fail r1 high stale"], "{kind}");
    }
}

#[test]
fn a_newest_backup_that_failed_is_not_the_last_one_that_counts() {
    let document = json!({"backups": [{"created_at": "-30h"}, {"created_at": "-1h", "status": "error"}]});
    assert_eq!(verdicts("rpo-breach", &document), ["fail r1 high stale"]);
}

#[test]
fn an_offset_in_a_time_is_taken_for_what_it_says() {
    // Noon is the as-of time: by its digits this backup is 25 hours old, in truth 23.
    let document = json!({"backups": [{"created_at": "2026-02-28T11:00:00-02:00"}]});
    assert_eq!(verdicts_with("rpo-breach", &document, "rpo-tolerance-hours=0"), ["pass r1"]);
}

// Huawei Cloud Config: ecs-, evs-, sfsturbo-protected-by-cbr. Cloud Custodian: cbr-protectable.

#[test]
fn a_resource_has_to_stand_in_a_vault_that_is_available() {
    for kind in ["OS::Nova::Server", "OS::Cinder::Volume", "OS::Sfs::Turbo"] {
        let named = |vault: Value| json!({"type": kind, "protectable": {"vault": vault}});
        let vault = |status: &str| json!({"id": format!("v-{status}"), "billing": {"status": status}});
        let document = json!({"instances": [named(vault("available")), named(vault("frozen")), named(Value::Null)]});
        let expected = ["pass r1", "fail r2 high vault-status", "fail r3 high no-vault"];
        assert_eq!(verdicts("resource-unprotected", &document), expected, "{kind}");
    }
}

#[test]
fn a_vault_for_replicas_protects_nothing_and_a_disk_is_protected_with_its_server() {
    let replicas = json!({"resources": [{}], "billing": {"protect_type": "replication"}});
    let document = json!({"$files": {"a.json": {"instances": [{}]}, "b.json": {"vaults": [replicas]}}});
    assert_eq!(verdicts("resource-unprotected", &document), ["fail r1 high no-vault"]);
    let server =
        json!({"children": [{"id": "d1"}], "protectable": {"vault": {"id": "v1", "billing": {"status": "available"}}}});
    let disk = json!({"id": "d1", "type": "OS::Cinder::Volume"});
    let document = json!({"$files": {"a.json": {"instances": [server]}, "b.json": {"instances": [disk]}}});
    assert_eq!(verdicts("resource-unprotected", &document), ["pass r1", "not-applicable d1"]);
}

// Cloud Custodian: not-protected-by-backup.

#[test]
fn a_disk_or_file_system_without_any_backup_fails() {
    for kind in ["OS::Cinder::Volume", "OS::Sfs::Turbo"] {
        let named = json!({"instances": [{"type": kind}, {"type": kind}]});
        let backed_up = json!({"backups": [{"resource_type": kind}]});
        let document = json!({"$files": {"a.json": named, "b.json": backed_up}});
        assert_eq!(verdicts("inventory-uncovered", &document), ["pass r1", "fail r2 high"], "{kind}");
    }
}

#[test]
fn a_failed_backup_is_no_backup_and_what_is_not_listed_in_whole_may_hold_one() {
    let named = json!({"instances": [{"type": "OS::Sfs::Turbo"}]});
    let over = |backups: Value| {
        let document = json!({"$files": {"a.json": named, "b.json": backups}});
        verdicts("inventory-uncovered", &document)
    };
    let failed = json!({"resource_type": "OS::Sfs::Turbo", "status": "error"});
    assert_eq!(over(json!({"backups": [failed]})), ["fail r1 high"]);
    assert_eq!(over(json!({"backups": [{}], "count": 2})), ["unknown r1 input-incomplete"]);
}

#[test]
fn a_disk_in_a_server_backup_is_backed_up() {
    let named = json!({"instances": [{"id": "d1", "type": "OS::Cinder::Volume"}]});
    let document = json!({"$files": {"a.json": named, "b.json": {"backup": {"children": [{}]}}}});
    assert_eq!(verdicts("inventory-uncovered", &document), ["pass d1"]);
}

// Prowler: cbr_vault_resources.

#[test]
fn a_vault_without_resources_fails_unless_it_is_for_replicas() {
    let replicas = json!({"resources": [], "billing": {"protect_type": "replication"}});
    let document = json!({"vaults": [{"resources": []}, {"resources": [{}]}, replicas]});
    assert_eq!(verdicts("vault-empty", &document), ["fail v1 low", "pass v2", "not-applicable v3"]);
}

// The page.

#[test]
fn the_page_names_rules_that_exist_and_every_rule_tested_here() {
    let page = text_of("docs/peers.md");
    let known: BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let ours: BTreeSet<_> = rows.filter_map(|row| row.split('|').nth(2)).flat_map(quoted).collect();
    let elsewhere = page.split("## What none of them asks by itself").nth(1).map(quoted).unwrap();
    let unknown: Vec<_> = ours.iter().chain(&elsewhere).filter(|id| !known.contains(**id)).collect();
    assert_eq!(unknown, Vec::<&&str>::new());
    let tests = text_of("tests/peers.rs");
    let untested: Vec<_> = ours.iter().filter(|id| !tests.contains(&format!("\"{id}\""))).collect();
    assert_eq!(untested, Vec::<&&str>::new());
}

/// Every check of the others that is known, each with a rule that answers it.
#[test]
fn the_page_has_a_row_for_every_check_and_none_without_a_rule() {
    let page = text_of("docs/peers.md");
    let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let cells = |row: &str, nth: usize| row.split('|').nth(nth).unwrap_or_default().to_owned();
    for check in [
        "cbr-backup-encrypted-check",
        "cbr-policy-minimum-frequency-check",
        "cbr-vault-minimum-retention-check",
        "cbr-vault-locked-enabled",
        "cbr-vault-cross-region-replication-enable",
        "ecs-protected-by-cbr",
        "evs-protected-by-cbr",
        "sfsturbo-protected-by-cbr",
        "ecs-last-backup-created",
        "evs-last-backup-created",
        "sfsturbo-last-backup-created",
        "extend_info.encrypted",
        "without_replication_record",
        "unassociated",
        "unassociated_with_specific_replication_policy",
        "without_specific_tags",
        "untagged",
        "tag-count",
        "vault_without_worm",
        "protectable.vault",
        "not-protected-by-backup",
        "last-backup-exceed-safe-time-interval",
        "cbr_policy_retention",
        "cbr_vault_resources",
    ] {
        let row = rows.iter().find(|row| cells(row, 1).contains(check));
        assert!(row.is_some_and(|row| cells(row, 2).contains('`')), "{check}");
    }
    assert_eq!(rows.iter().find(|row| !cells(row, 2).contains('`')), None, "a row without a rule");
}

/// What stands between backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Answers that hold these policies and these vaults.
fn with_policies(policies: &Value, vaults: &Value) -> Value {
    json!({"$files": {"p.json": {"policies": policies}, "v.json": {"vaults": vaults}}})
}

/// A vault with this policy alone.
fn bound(policy: &Value) -> Value {
    with_policies(&json!([policy]), &json!([{}]))
}

fn policy_with_patterns(patterns: &Value) -> Value {
    json!({"policies": [{"trigger": {"properties": {"pattern": patterns}}}]})
}

/// Every verdict of a rule over a document at noon.
fn verdicts(rule: &str, document: &Value) -> Vec<String> {
    judged(rule, document, &[])
}

/// The same with a setting.
fn verdicts_with(rule: &str, document: &Value, setting: &'static str) -> Vec<String> {
    judged(rule, document, vec![setting].leak())
}

fn judged(rule: &str, document: &Value, settings: &'static [&'static str]) -> Vec<String> {
    let document = document.to_string().leak();
    case::verdicts(rules::find(rule).unwrap(), &Case::new("", document, &[]).set(settings)).unwrap()
}
