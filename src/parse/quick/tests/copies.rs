//! Replication records among others that are like each other: what is recognised means the same, and what is odd is left alone.

use super::{quickly, strictly};
use pretty_assertions::assert_eq;

/// What a replication record may look like among others that are like each other.
const COPIES: [&str; 14] = [
    USUAL_COPY,
    r#"{"status":"fail","created_at":"NOW","source_backup_id":"ID","destination_backup_id":"ID-c","destination_region":"eu-nl","extra_info":{"progress":100,"destination_vault_id":"v2"}}"#,
    USUAL_COPY,
    // Values of other kinds, one that is missing, one more, and the same in another order.
    r#"{"status":"success","created_at":null,"source_backup_id":"ID","destination_backup_id":"ID-c","destination_region":"eu-nl","extra_info":{"progress":100,"destination_vault_id":"v2"}}"#,
    r#"{"status":"success","created_at":"NOW","source_backup_id":7,"destination_backup_id":"ID-c","destination_region":"eu-nl","extra_info":{"progress":100,"destination_vault_id":"v2"}}"#,
    r#"{"status":"success","created_at":"NOW","source_backup_id":"ID","destination_backup_id":["ID-c"],"destination_region":"eu-nl","extra_info":{"progress":100,"destination_vault_id":"v2"}}"#,
    r#"{"status":"success","created_at":"NOW","source_backup_id":"ID","destination_region":"eu-nl","extra_info":{"progress":100,"destination_vault_id":"v2"}}"#,
    r#"{"status":"success","created_at":"NOW","source_backup_id":"ID","destination_backup_id":"ID-c","destination_region":"eu-nl","extra_info":{"progress":1001,"destination_vault_id":"v2"}}"#,
    r#"{"status":"success","created_at":"NOW","source_backup_id":"ID","destination_backup_id":"ID-c","destination_region":"eu-nl","extra_info":{"progress":100,"destination_vault_id":"v2"},"zone":"y"}"#,
    r#"{"created_at":"NOW","status":"success","source_backup_id":"ID","destination_backup_id":"ID-c","destination_region":"eu-nl","extra_info":null}"#,
    // Escapes, in what is kept and in what is not.
    r#"{"status":"success","created_at":"NO\u0057","source_backup_id":"\"ID\"","destination_backup_id":"\"ID-c\"","destination_region":"eu-nl","extra_info":{"progress":100,"destination_vault_id":"\"v2"}}"#,
    r#"{ "status":"success","created_at":"NOW","source_backup_id":"ID","destination_backup_id":"ID-c","destination_region":"eu-nl","extra_info":{"progress":100,"destination_vault_id":"v2"}}"#,
    r#"{"status":"success","created_at":"NOW","source_backup_id":"ID","destination_backup_id":"ID-c","destination_region":"eu-nl","extra_info":"{}"}"#,
    "{}",
];

const USUAL_COPY: &str = r#"{"status":"success","created_at":"NOW","source_backup_id":"ID","destination_backup_id":"ID-c","destination_region":"eu-nl","extra_info":{"progress":100,"destination_vault_id":"v2"}}"#;

#[test]
fn replication_records_that_are_not_like_those_before_mean_the_same() {
    let copy = |number: usize| {
        let text = COPIES[if number.is_multiple_of(2) { 0 } else { number / 2 % COPIES.len() }];
        text.replace("ID", &format!("b{number}")).replace("NOW", &format!("2026-02-01T02:00:{number:02}"))
    };
    let record = |number: usize| {
        let copies: Vec<_> = (number..number + number % 3).map(copy).collect();
        format!(
            r#"{{"id":"b{number}","children":[],"replication_records":[{}],"status":"available"}}"#,
            copies.join(",")
        )
    };
    let records: Vec<_> = (0..90).map(record).collect();
    let text = format!(r#"{{"backups":[{}]}}"#, records.join(","));
    let (found, notes) = quickly(&text).expect("usual");
    assert_eq!((found, notes.records), strictly(&text));
}

#[test]
fn what_is_odd_in_a_replication_record_like_those_before_is_left_to_the_strict_reader() {
    let record = |copy: &str| format!(r#"{{"id":"b","replication_records":[{copy}]}}"#);
    for odd in ["\"NOW\\x\"", "\"NOW\n\"", "\"NOW", "01", "{\"a\":1,\"a\":2}"] {
        for key in ["created_at", "source_backup_id", "destination_backup_id"] {
            let (before, behind) = USUAL_COPY.split_once(&format!("\"{key}\":")).expect("the key");
            let odd = format!("{before}\"{key}\":{odd},{}", behind.split_once(',').expect("a value").1);
            let records = [vec![record(USUAL_COPY); 20], vec![record(&odd)]].concat();
            assert!(quickly(&format!(r#"{{"backups":[{}]}}"#, records.join(","))).is_none(), "{odd}");
        }
    }
}
