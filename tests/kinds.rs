//! What a document is taken for, what of it is lost, and what it never is taken for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod told;

use cbr_audit::inventory::file::FileState;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use told::{Line, told_of};

/// The ledger line of one file.
fn line(text: impl AsRef<[u8]>) -> Line {
    told_of(&[("a.json", text)]).line("a.json").clone()
}

fn backup(id: &str) -> Value {
    json!({
        "id": id, "project_id": "p1", "vault_id": "v1", "resource_id": "r1", "resource_type": "OS::Cinder::Volume",
        "status": "available", "image_type": "backup", "created_at": "2026-10-01T01:00:00Z", "children": [],
        "updated_at": "2026-10-01T01:00:00Z", "expired_at": "2027-01-01T00:00:00Z", "replication_records": [],
        "extend_info": {"encrypted": true},
    })
}

#[test]
fn an_object_is_a_backup_by_three_kinds_of_keys() {
    for (keys, is_backup) in [
        (json!({"id": "a", "resource_id": "r", "vault_id": "v"}), true),
        (json!({"id": "a", "resource_type": "OS::Cinder::Volume", "parent_id": null}), true),
        (json!({"id": "a", "resource_id": "r", "extend_info": {}}), true),
        (json!({"id": "a", "resource_id": "r", "image_type": "backup"}), true),
        (json!({"id": "a", "resource_id": "r", "checkpoint_id": "c"}), true),
        (json!({"id": "a", "resource_id": "r"}), false),
        (json!({"id": "a", "vault_id": "v"}), false),
        (json!({"resource_id": "r", "vault_id": "v"}), false),
        (json!({"id": "a"}), false),
        (json!({"resource_id": "r"}), false),
        (json!({"vault_id": "v"}), false),
    ] {
        let state = if is_backup { FileState::Read } else { FileState::Rejected };
        for text in [
            keys.to_string(),
            json!([keys]).to_string(),
            json!([keys]).to_string().replacen("\"id\"", "\"\\u0069d\"", 1),
        ] {
            let line = line(&text);
            assert_eq!((line.state, line.records), (state, u64::from(is_backup)), "{text}");
        }
    }
}

#[test]
fn an_unknown_answer_is_told_by_its_first_six_keys() {
    let with_keys = |keys: &str| {
        let object: serde_json::Map<_, _> = keys.chars().map(|key| (key.to_string(), json!(1))).collect();
        line(Value::from(object).to_string()).reason
    };
    let reason = |keys: &str| format!("no known answer: its keys are {keys}; save the answer of the API by itself");
    assert_eq!(with_keys("k"), reason("k"));
    assert_eq!(with_keys("klmnop"), reason("k, l, m, n, o, p"));
    assert_eq!(with_keys("klmnopq"), reason("k, l, m, n, o, p, …"));
}

/// Which of the two was meant, nobody knows.
#[test]
fn a_key_that_stands_twice_costs_the_object_around_it_wherever_it_stands() {
    let twice = r#"{"a": 1, "a": 2}"#;
    let inside = |pointer: &str| {
        let mut record = backup("b");
        record["extend_info"] = json!({"app_consistency": {}, "os_images_data": [{"image_id": "i"}]});
        record["replication_records"] = json!([{"status": "success", "extra_info": {"progress": 1}}]);
        let (object, key) = pointer.rsplit_once('/').unwrap();
        record.pointer_mut(object).unwrap().as_object_mut().unwrap().insert(key.to_owned(), json!("@"));
        record.to_string().replace("\"@\"", twice)
    };
    let places = [
        "/x",
        "/status",
        "/extend_info/x",
        "/extend_info/encrypted",
        "/extend_info/app_consistency/x",
        "/extend_info/os_images_data/0/x",
        "/replication_records/0/x",
        "/replication_records/0/status",
        "/replication_records/0/extra_info/x",
    ];
    let nested = format!("{}{twice}{}", r#"{"l": [{"m": "#, "}]}");
    let records = places.map(inside).into_iter().chain([inside("/x").replace(twice, &nested)]);
    // The same key twice in the objects themselves.
    let doubled = [
        (r#""status":"#, r#""status": "x", "status":"#),
        (r#""project_id":"#, r#""project_id": "p1", "project_id":"#),
        (r#""encrypted":"#, r#""encrypted": true, "encrypted":"#),
    ];
    let doubled = doubled.map(|(one, two)| backup("b").to_string().replacen(one, two, 1));
    let replicated = json!({"replication_records": [{"status": "success", "extra_info": {"progress": 1}}]}).to_string();
    let replicated =
        [(r#""status":"#, r#""status": 1, "status":"#), (r#""progress":"#, r#""progress": 1, "progress":"#)]
            .map(|(one, two)| format!("{{\"id\": \"b\", {}", replicated.replacen(one, two, 1).trim_start_matches('{')));
    for record in records.chain(doubled).chain(replicated) {
        for text in [
            format!("{{\"backups\": [{record}, {}]}}", backup("c")),
            format!("{{\"backups\": [{}, {record}]}}", backup("c")),
        ] {
            let line = line(&text);
            assert_eq!((line.state, line.records), (FileState::PartlyRead, 1), "{text}");
            assert!(line.reason.contains("stands twice in one object"), "{}", line.reason);
        }
    }
    for text in [
        format!("{{\"backups\": [{}], \"count\": 1, \"count\": 1}}", backup("c")),
        format!("{{\"backups\": [{}], \"x\": {twice}}}", backup("c")),
        format!("{{\"x\": [{twice}], \"backup\": {}}}", backup("c")),
    ] {
        let line = line(&text);
        assert_eq!((line.state, line.records), (FileState::Rejected, 0), "{text}");
        assert!(line.reason.contains("stands twice in one object outside the records"), "{}", line.reason);
    }
}

/// Of an error around answers both are told: the error, and what of the answers could not be used.
#[test]
fn what_is_lost_inside_an_error_is_told_beside_it() {
    let error = "a saved error instead of an answer: E.1 no";
    let around = |data: Value| line(json!({"error_code": "E.1", "error_msg": "no", "data": data}).to_string());
    let list = json!({"backups": [backup("b")], "count": 1});
    let kept = around(json!([list, 7]));
    assert_eq!((kept.state, kept.records), (FileState::PartlyRead, 1));
    assert!(kept.reason.contains(error) && kept.reason.contains("/data/1: no object or array"), "{}", kept.reason);
    let lost = around(json!([7, {"k": 1}]));
    assert_eq!((lost.state, lost.records), (FileState::Rejected, 0));
    assert_eq!(lost.reason, error);
}

#[test]
fn an_error_inside_a_key_that_errors_do_not_have_is_none() {
    let said = json!({"code": 409, "message": "busy"});
    let only = line(json!({"conflictingRequest": said}).to_string()).reason;
    assert_eq!(only, "a saved error instead of an answer: conflictingRequest: 409 busy");
    for text in
        [json!({"conflictingRequest": said, "k": 1}), json!({"k": {"code": 409}}), json!({"k": {"message": "busy"}})]
    {
        let reason = line(text.to_string()).reason;
        assert!(reason.starts_with("no known answer"), "{reason}");
    }
}

/// Every kind of loss in the second file leads to its own place.
#[test]
fn what_is_lost_is_found_in_its_own_file_and_place() {
    let broken = |id: &str| backup(id).to_string().replacen("{", "{\"x\": {\"a\": 1, \"a\": 2},", 1);
    let with_child = |id: &str, child: &str| {
        backup(id).to_string().replacen(
            "\"children\":[]",
            &format!("\"children\":[{},{child}]", backup(&format!("{id}-1"))),
            1,
        )
    };
    let list = format!("{{\"backups\": [{}, {}, {}]}}", backup("a"), with_child("b", &broken("c")), broken("d"));
    let lines = format!("{}\n{{\"backup\": {}}}\n{}\n", backup("e"), with_child("f", &broken("g")), broken("h"));
    let show = format!("{{\"backup\": {}}}", broken("i"));
    let told =
        told_of(&[("1.json", &list), ("2.json", &list), ("3.ndjson", &lines), ("4.json", &show), ("5.ndjson", &lines)]);
    for file in ["1.json", "2.json"] {
        let line = told.line(file);
        assert_eq!((line.state, line.records), (FileState::PartlyRead, 3), "{file}");
        assert!(line.reason.contains("2 backup objects could not be read: /backups/1/children/1: "), "{}", line.reason);
        assert!(line.reason.contains("; /backups/2: "), "{}", line.reason);
    }
    for file in ["3.ndjson", "5.ndjson"] {
        let line = told.line(file);
        assert_eq!((line.state, line.records), (FileState::PartlyRead, 3), "{file}");
        assert!(line.reason.contains("document 1: /backup/children/1: "), "{}", line.reason);
        assert!(line.reason.contains("document 2: the document: "), "{}", line.reason);
    }
    assert!(told.line("4.json").reason.contains("/backup: "), "{}", told.line("4.json").reason);
}

/// What a record loses with one of its disks is that disk.
#[test]
fn a_record_keeps_what_it_says_where_a_disk_in_it_is_lost() {
    let mut record = backup("b");
    record["extend_info"] = json!({"encrypted": false});
    record["replication_records"] = json!([{"status": "odd"}]);
    let text = json!({"backups": [record]}).to_string().replacen("\"children\":[]", "\"children\":[{\"x\":1e999}]", 1);
    let told = told_of(&[("a.json", text)]);
    assert_eq!((told.line("a.json").state, told.line("a.json").records), (FileState::PartlyRead, 1));
    let has = |start: &str| told.findings.iter().any(|finding| finding.starts_with(start));
    assert!(has("backup-unencrypted fail"), "{:#?}", told.findings);
    assert!(has("value-unrecognised fail"), "{:#?}", told.findings);
    assert!(!has("schema-drift"), "{:#?}", told.findings);
}

/// In a thousand elements that are no answers nothing more is looked for, unless an answer was there that could not be used.
#[test]
fn an_array_is_looked_through_as_long_as_there_is_hope() {
    let list = json!({"backups": [backup("b")], "count": 1});
    let array = |before: &[Value], nothings: usize| {
        let nothings = std::iter::repeat_n(json!(7), nothings);
        let all: Vec<_> = before.iter().cloned().chain(nothings).chain([list.clone()]).collect();
        line(Value::from(all).to_string()).records
    };
    assert_eq!(array(&[], 999), 1);
    assert_eq!(array(&[], 1000), 0);
    assert_eq!(array(std::slice::from_ref(&list), 1000), 2, "the same backup once more");
    assert_eq!(array(&[json!({"error_code": "E.1", "error_msg": "no"})], 1000), 1);
}

#[test]
fn answers_of_other_kinds_are_told_by_the_keys_that_they_have_together() {
    for (answer, is_known) in [
        (json!({"resources": [], "total_count": 0}), true),
        (json!({"size": 1, "used_size": 0}), true),
        (json!({"backup_id": "b", "volumes": []}), true),
        (json!({"size": 1}), false),
        (json!({"used_size": 1}), false),
        (json!({"volumes": []}), false),
        (json!({"backup_id": "b"}), false),
        (json!({"total_count": 7}), false),
    ] {
        let state = line(answer.to_string()).state;
        assert_eq!(state == FileState::NotBackup, is_known, "{answer}");
    }
}

/// Backups that stand in each other are all read, whichever reader reads them.
#[test]
fn backups_inside_backups_are_all_read() {
    for levels in [2, 8, 12, 20] {
        let nested = (1..levels).fold(backup("b0"), |inner, level| {
            let mut around = backup(&format!("b{level}"));
            around["children"] = json!([inner]);
            around
        });
        let text = json!({"backups": [nested]}).to_string();
        for text in [text.replacen("\"status\"", "\"\\u0073tatus\"", 1), text] {
            let line = line(&text);
            assert_eq!((line.state, line.records), (FileState::Read, levels), "{text}");
        }
    }
}
