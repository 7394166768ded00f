//! The mistakes that an auditor of backups is most likely to make, one test each: every one of them is plausible, and
//! every one would be a wrong verdict. `vectors/list-answer.json` is made for these tests, with the times of the example
//! on the API reference page *Querying All Backups*.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::Command;

use cbr_audit::case;
use cbr_audit::clock::{AsOf, Clock, ClockSource};
use cbr_audit::discover::discover;
use cbr_audit::inventory::Inventory;
use cbr_audit::inventory::file::FileState;
use cbr_audit::read::{Reading, read};
use cbr_audit::restore_point::{RestorePoint, RestorePoints};
use cbr_audit::rule::Case;
use cbr_audit::rules;
use cbr_audit::settings::Exclude;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

const LIST_ANSWER: &str = include_str!("vectors/list-answer.json");
const SHOW_ANSWER: &str = include_str!("../samples/api-page/backup.json");

const LISTED_SERVER: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const LISTED_DISK: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const SHOWN_SERVER: &str = "6df2b54c-dd62-4059-a07c-1b8f24f2725d";

#[test]
fn a_list_answer_without_disks_is_no_server_without_disks() {
    let list = raw(LIST_ANSWER);
    let expected = [format!("unknown {LISTED_SERVER} view-omits"), format!("not-applicable {LISTED_DISK}")];
    assert_eq!(verdicts("children-missing", &list), expected);
}

#[test]
fn thirty_days_less_four_milliseconds_are_thirty_days() {
    let expected = [format!("pass {LISTED_SERVER}"), format!("pass {LISTED_DISK}")];
    assert_eq!(verdicts("retention-too-short", &raw(LIST_ANSWER)), expected);
}

#[test]
fn the_clock_of_a_dump_without_a_note_is_its_newest_time_that_is_no_expiry() {
    let clock = Clock::find(AsOf::FromDump, &inventory(LIST_ANSWER));
    assert_eq!(clock.time.to_string(), "2020-02-21T07:09:37.767084Z");
    assert_eq!(clock.source, ClockSource::Inferred);
}

#[test]
fn a_server_that_is_silent_on_encryption_is_judged_by_its_disk() {
    assert_eq!(verdicts("backup-unencrypted", &raw(SHOW_ANSWER)), [format!("pass {SHOWN_SERVER}")]);
}

#[test]
fn not_being_application_consistent_is_no_error_of_application_consistency() {
    let inventory = inventory(SHOW_ANSWER);
    let clock = Clock::find(AsOf::FromDump, &inventory);
    let points = RestorePoints::judge(&inventory, &clock, None);
    let points: Vec<_> = inventory.backups().map(|ix| points.of(&inventory, ix)).collect();
    let caveats: Vec<_> = points.iter().flat_map(RestorePoint::caveats).collect();
    assert!(!caveats.contains(&"not application-consistent"), "{caveats:?}");
}

#[test]
fn an_enterprise_project_is_the_same_as_number_and_as_text() {
    let document = json!({"backup": {"enterprise_project_id": 0, "children": [{"enterprise_project_id": "0"}]}});
    assert_eq!(verdicts("child-context-mismatch", &document), ["pass b1-d1"]);
}

#[test]
fn a_failed_backup_does_not_count_as_the_newest_restore_point() {
    let with_older = |older: &str| json!({"backups": [{"created_at": older}, {"status": "error"}]});
    assert_eq!(verdicts("rpo-breach", &with_older("-20h")), ["pass r1"]);
    assert_eq!(verdicts("rpo-breach", &with_older("-30h")), ["fail r1 high stale"]);
}

#[test]
fn a_replica_is_as_old_as_its_source() {
    let source = json!({"created_at": "-30h", "replication_records": [{}]});
    let replica = json!({"id": "b1-copy", "image_type": "replication", "created_at": "-1h"});
    assert_eq!(verdicts("rpo-breach", &json!({"backups": [source]})), ["fail r1 high stale"]);
    assert_eq!(verdicts("rpo-breach", &json!({"backups": [source, replica]})), ["fail r1 high stale"]);
}

#[test]
fn a_history_thinned_to_weeks_has_no_gaps() {
    let ages = ["-28d", "-21d", "-14d", "-7.1d", "-6.1d", "-5.1d", "-4.1d", "-3.1d", "-2.1d", "-1.1d", "-0.1d"];
    let history: Vec<_> = ages.map(|age| json!({"created_at": age})).into();
    assert_eq!(verdicts("backup-gap", &json!({"backups": history})), ["pass r1"]);
}

#[test]
fn no_replication_record_anywhere_in_a_list_proves_nothing() {
    let document = json!({"backups": [{}, {"resource_id": "r2"}]});
    assert_eq!(verdicts("offsite-copy-missing", &document), ["unknown r1 view-omits", "unknown r2 view-omits"]);
}

#[test]
fn one_replication_record_in_a_list_proves_that_the_others_have_none() {
    let document = json!({"backups": [{"replication_records": [{}]}, {"resource_id": "r2"}]});
    assert_eq!(verdicts("offsite-copy-missing", &document), ["pass r1", "fail r2 high"]);
}

#[test]
fn a_full_page_is_complete_only_if_the_count_says_so() {
    let page = |count: u64| json!({"count": count, "limit": 1000, "backups": vec![json!({}); 1000]});
    assert_eq!(verdicts("pagination-incomplete", &page(1000)), ["pass p1 [.]"]);
    assert_eq!(verdicts("pagination-incomplete", &page(1663)), ["fail p1 [.] high"]);
}

#[test]
fn many_lists_of_one_backup_each_are_not_known_to_be_complete() {
    let files: serde_json::Map<_, _> =
        (10..30).map(|page| (format!("{page}.json"), json!({"backups": [{}]}))).collect();
    assert_eq!(verdicts("pagination-incomplete", &json!({"$files": files})), ["unknown p1 [.] input-incomplete"]);
}

#[test]
fn backups_that_are_their_own_ancestors_are_reported_and_end_nothing() {
    let document = json!({"backups": [{"parent_id": "b1"}, {"parent_id": "b3"}, {"parent_id": "b2"}, {}]});
    let expected = ["fail b1 medium", "fail b2 medium", "fail b3 medium", "not-applicable b4"];
    assert_eq!(verdicts("hierarchy-cycle", &document), expected);
    assert_eq!(verdicts("backup-error", &document), ["pass b4"]);
}

#[test]
fn nesting_without_end_ends_and_is_said() {
    let (open, close) = (r#"{"id": "b", "children": ["#.repeat(10_000), "]}".repeat(10_000));
    let inventory = inventory(&format!(r#"{{"backup": {open}{close}}}"#));
    assert_eq!(inventory.files[0].state, FileState::PartlyRead);
    assert!(inventory.files[0].reason.as_ref().unwrap().contains("nested deeper"), "{:?}", inventory.files[0].reason);
}

#[test]
fn a_status_that_nobody_knows_is_never_taken_for_available() {
    for status in ["Available ", "archived"] {
        let document = json!({"backup": {"status": status}});
        assert_eq!(verdicts("value-unrecognised", &document), ["fail b1 [status] medium"]);
        assert_eq!(verdicts("rpo-breach", &document), ["unknown r1 value-unrecognised"]);
    }
}

#[test]
fn two_truths_of_one_moment_are_a_conflict_and_none_of_them_is_believed() {
    let page = |status: &str| json!({"backups": [{"id": "b1", "status": status, "updated_at": "-1h"}]});
    let document = json!({"$files": {"1.json": page("available"), "2.json": page("error")}});
    assert_eq!(verdicts("duplicate-conflict", &document), ["fail b1 medium"]);
    assert_eq!(verdicts("backup-error", &document), ["unknown b1 record-conflict"]);
    assert_eq!(verdicts("rpo-breach", &document), ["unknown r1 record-conflict"]);
}

#[test]
fn automatic_backups_without_an_end_date_are_not_known_to_be_kept() {
    let document = json!({"backups": [{"expired_at": null}, {"expired_at": "$absent"}]});
    let expected = ["unknown b1 not-in-metadata", "unknown b2 not-in-metadata"];
    assert_eq!(verdicts("retention-too-short", &document), expected);
}

#[test]
fn a_retention_without_end_is_never_too_short() {
    let by_hand = json!({"expired_at": null, "extend_info": {"auto_trigger": false}});
    let document = json!({"backups": [by_hand, {"expired_at": -1}, {"expired_at": ""}]});
    let expected = ["not-applicable b1", "unknown b2 type-mismatch", "unknown b3 not-in-metadata"];
    assert_eq!(verdicts("retention-too-short", &document), expected);
}

#[test]
fn a_time_without_a_zone_equals_the_same_time_in_utc() {
    let show = |created: &str| json!({"backup": {"id": "b1", "created_at": created, "expired_at": null}});
    let files = json!({"1.json": show("2026-02-28T22:00:00.5"), "2.json": show("2026-02-28T22:00:00.500000+00:00")});
    assert_eq!(verdicts("duplicate-conflict", &json!({"$files": files})), ["pass b1"]);
}

#[test]
fn a_saved_error_is_no_empty_dump() {
    let error = r#"{"error_code": "BackupService.6300", "error_msg": "no such vault"}"#;
    assert_eq!(verdicts("input-unreadable", &raw(error)), ["fail answer.json high"]);
    let folder = tempfile::tempdir().unwrap();
    case::write(folder.path(), &[("answer.json".to_owned(), error.to_owned())]).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_cbr-audit")).arg("report").arg(folder.path()).output().unwrap();
    assert!(output.status.code().is_some_and(|code| code != 0), "{output:?}");
}

/// Every verdict of a rule over a document at noon.
fn verdicts(rule: &str, document: &Value) -> Vec<String> {
    let document = document.to_string().leak();
    case::verdicts(rules::find(rule).unwrap(), &Case::new("", document, &[])).unwrap()
}

/// A document whose one file is written as it stands.
fn raw(text: &str) -> Value {
    json!({"$files": {"answer.json": text}})
}

fn inventory(text: &str) -> Inventory {
    let folder = tempfile::tempdir().unwrap();
    case::write(folder.path(), &[("answer.json".to_owned(), text.to_owned())]).unwrap();
    let sources = discover(&[folder.path().to_owned()], &Exclude::default().globs).unwrap();
    read(&sources, Reading::default())
}
