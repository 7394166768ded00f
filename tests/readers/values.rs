//! Keys and values to make records of, usual and unusual ones.

use super::dice::Dice;
use super::node::Node;

/// A record that has every key.
pub(crate) const FULL: &str = r#"{
    "id": "b1", "name": "autobk_1", "description": "a text", "status": "available", "image_type": "backup",
    "resource_type": "OS::Nova::Server", "resource_id": "r1", "resource_name": "web", "resource_size": 40,
    "resource_az": "eu-de-01", "created_at": "2026-02-01T01:00:00.123456", "updated_at": "2026-02-01T02:00:00.000000",
    "protected_at": "2026-02-01T01:30:00.000000", "expired_at": "2026-04-01T01:00:00.000000", "parent_id": null,
    "children": [{"id": "d1", "parent_id": "b1", "resource_type": "OS::Cinder::Volume", "resource_id": "v1",
        "status": "available", "image_type": "backup", "created_at": "2026-02-01T01:00:00.123456", "children": [],
        "vault_id": "v1", "checkpoint_id": "c1", "project_id": "p1", "replication_records": [],
        "extend_info": {"encrypted": true, "bootable": true, "system_disk": true, "snapshot_id": "s1"}}],
    "checkpoint_id": "c1", "vault_id": "v1", "project_id": "p1", "provider_id": "s1", "enterprise_project_id": "0",
    "incremental": false, "version": 3, "scheduled_operation_id": null,
    "extend_info": {"auto_trigger": true, "bootable": false, "contain_system_disk": true, "encrypted": true,
        "system_disk": false, "supported_restore_mode": "backup", "support_lld": true, "snapshot_id": null,
        "os_images_data": [{"image_id": "i1"}, {"image_id": "i2"}],
        "app_consistency": {"app_consistency": "0", "app_consistency_status": "0", "app_consistency_error_code": "0",
            "app_consistency_error_message": ""},
        "is_multi_az": false, "incremental": true, "progress": null, "architecture": "x86_64",
        "encrypted_algorithm": null, "is_dec": false},
    "replication_records": [{"id": "x", "status": "success", "created_at": "2026-02-01T02:00:00.000000",
        "source_region": "eu-de", "source_project_id": "p1", "source_backup_id": "b1", "source_checkpoint_id": "c1",
        "destination_region": "eu-nl", "destination_project_id": "p2", "destination_vault_id": "v2",
        "destination_backup_id": "b9", "destination_checkpoint_id": "c9", "vault_id": "v1",
        "extra_info": {"progress": 100, "auto_trigger": true, "fail_code": "", "fail_reason": "",
            "destination_vault_id": "v2"}}]
}"#;

pub(crate) const TIMES: [&str; 4] = ["created_at", "updated_at", "protected_at", "expired_at"];

/// Keys that no field has everywhere.
pub(crate) const UNKNOWN: [&str; 8] = ["x", "y", "zone", "ü", "", "Id", "id ", "backups"];

/// Keys that some object of a record has.
pub(crate) const KEYS: [&str; 16] = [
    "id",
    "name",
    "status",
    "incremental",
    "encrypted",
    "extend_info",
    "children",
    "app_consistency",
    "progress",
    "replication_records",
    "extra_info",
    "vault_id",
    "destination_vault_id",
    "os_images_data",
    "created_at",
    "version",
];

/// Values that have an inside, in unusual forms.
pub(crate) const PARTS: [(&str, &str); 22] = [
    ("extend_info", r#""""#),
    ("extend_info", "null"),
    ("extend_info", "{}"),
    ("extend_info", r#"[{"encrypted": true}]"#),
    ("extend_info", r#"{"app_consistency": {}}"#),
    ("extend_info", r#"{"app_consistency": null, "encrypted": "True"}"#),
    ("extend_info", r#"{"app_consistency": {"app_consistency": "2", "x": {"y": 1}}, "x": 1}"#),
    ("extend_info", r#"{"app_consistency": {"app_consistency_error_code": 12}, "os_images_data": null}"#),
    ("extend_info", r#"{"os_images_data": [null, 1, {"image_id": "a"}, []], "encrypted": false}"#),
    ("extend_info", r#"{"os_images_data": {}, "progress": 1.5}"#),
    ("extend_info", r#"{"os_images_data": [ ], "snapshot_id": "a"}"#),
    ("replication_records", "null"),
    ("replication_records", "{}"),
    ("replication_records", "[{}]"),
    ("replication_records", r#"[{"status": "fail", "extra_info": "{\"progress\": 7, \"fail_code\": \"E\"}"}, {}]"#),
    ("replication_records", r#"[{"status": "odd", "x": 1, "extra_info": {"x": 1, "extra_info": {"x": 2}}}]"#),
    (
        "replication_records",
        r#"[{"status": 1, "vault_id": 2, "created_at": "never", "source_region": ""}, {"x": null}]"#,
    ),
    ("replication_records", r#"[{"destination_backup_id": "b1", "extra_info": [], "id": null}, [], 1]"#),
    ("children", "{}"),
    ("children", "[{}, {}]"),
    ("children", r#"[{"id": "k", "children": [{"id": "l", "x": 1, "children": [{"id": "m", "children": null}]}]}]"#),
    ("children", r#"[{"id": "k"}, null]"#),
];

const USUAL: [&str; 34] = [
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "40",
    "4294967296",
    "999999999999999999",
    "-0",
    "1.5",
    "40.0",
    "1e2",
    "12345678901234567890",
    r#""""#,
    r#""0""#,
    r#""1""#,
    r#""40""#,
    r#""true""#,
    r#""True""#,
    r#""error""#,
    r#""available""#,
    r#""replication""#,
    r#""OS::Cinder::Volume""#,
    r#""snapshot""#,
    r#""ü€😀""#,
    r#""a\u0062\n\\""#,
    r#""\ud83d\ude00""#,
    r#""2026-02-03""#,
    r#""9999-12-31T23:59:59Z""#,
    r#""2026-02-03T04:05:06+08:00""#,
    "[]",
    "{}",
    r#"[1, {"a": {"b": []}}, "}, {"]"#,
];

const HARMFUL: [&str; 20] = [
    "1e999",
    "-1e999",
    "01",
    "+1",
    "1.",
    ".5",
    "1e",
    "--1",
    "nul",
    "True",
    "'a'",
    "\"\\ud800\"",
    "\"\\x41\"",
    "\"\t\"",
    "[1,]",
    "{\"a\":1,}",
    "[",
    "\"a",
    r#"{"a": 1, "a": 2}"#,
    "NaN",
];

/// A JSON value, or with much harm something that looks like one.
pub(crate) fn value(dice: &mut Dice, harm: usize) -> Node {
    match dice.roll(if harm > 5 { 16 } else { 14 }) {
        0 => Node::Raw(nested([90, 100, 105, 118][dice.roll(if harm > 3 { 4 } else { 2 })])),
        1 if harm > 3 => Node::Raw(nested(110 + dice.roll(20))),
        2 => Node::Raw(format!("\"{}\"", dice.uuid(Some(4)))),
        3 => Node::Raw(format!("\"{}\"", dice.uuid(Some(4)).to_uppercase())),
        4 => Node::Raw(format!("\"{}\"", time(dice, 0))),
        14 | 15 => Node::raw(dice.pick(&HARMFUL)),
        _ => Node::raw(dice.pick(&USUAL)),
    }
}

/// A value nested so deep.
pub(crate) fn nested(levels: usize) -> String {
    let opening = |level: usize| if level.is_multiple_of(3) { "{\"k\":" } else { "[" };
    let closing = |level: usize| if level.is_multiple_of(3) { "}" } else { "]" };
    let open: String = (0..levels).map(opening).collect();
    let close: String = (0..levels).rev().map(closing).collect();
    format!("{open}0{close}")
}

/// A time in one of the forms that are written.
pub(crate) fn time(dice: &mut Dice, offset: usize) -> String {
    let (month, day) = (1 + (dice.roll(3) + offset) % 12, 1 + dice.roll(31));
    let rest = dice.pick(&[
        "T01:02:03.123456",
        "T01:02:03.123456",
        "T01:02:03.123456",
        "T01:02:03.123456",
        "T01:02:03",
        " 01:02:03",
        "T01:02:03Z",
        "T01:02:03.123Z",
        "T01:02:03.123456Z",
        "T23:59:59.999999999",
        "T24:00:00",
        "T01:02:03+02:00",
        "",
    ]);
    format!("2026-{month:02}-{day:02}{rest}")
}

/// A key with its first character written as an escape.
pub(crate) fn escaped(key: &str) -> String {
    match key.chars().next() {
        Some(first) if first.is_ascii_alphanumeric() => format!("\\u{:04x}{}", u32::from(first), &key[1..]),
        _ => key.to_owned(),
    }
}
