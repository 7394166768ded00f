//! Small dumps of every condition that rules look at, put together at random and always the same for the same seed.

use cbr_audit::case::complete;
use serde_json::{Map, Value, json};

/// The files of a dump: a list answer, and show answers for some of its records.
pub(crate) fn files(seed: u64) -> Vec<(String, String)> {
    let mut dice = Dice(seed);
    let records: Vec<_> = (0..2 + dice.roll(4)).map(|number| record(&mut dice, number)).collect();
    let mut files = Map::new();
    let listed: Vec<_> = records.iter().map(without_disks).collect();
    if dice.roll(5) > 0 {
        files.insert("list.json".to_owned(), json!({ "backups": listed }));
    }
    for (number, record) in records.iter().enumerate() {
        if files.is_empty() || dice.roll(2) > 0 {
            files.insert(format!("show-{number}.json"), json!({ "backup": record }));
        }
    }
    complete::files(&json!({ "$files": files }).to_string()).unwrap()
}

/// A record as a list answer shows it.
fn without_disks(record: &Value) -> Value {
    let mut listed = record.clone();
    if listed["children"].is_array() {
        listed["children"] = json!([]);
    }
    listed
}

pub(crate) fn record(dice: &mut Dice, number: u64) -> Value {
    let mut record = Map::new();
    record.insert("id".to_owned(), json!(format!("backup-{number}")));
    for (key, choices) in CHOICES {
        dice.choose(&mut record, key, choices);
    }
    let mut info = Map::new();
    for (key, choices) in INFO {
        dice.choose(&mut info, key, choices);
    }
    record.insert("extend_info".to_owned(), Value::Object(info));
    Value::Object(record)
}

/// What a field may hold, as JSON; nothing takes the ordinary value.
pub(crate) type Choices = (&'static str, &'static [&'static str]);

const CHOICES: [Choices; 12] = [
    (
        "created_at",
        &[r#""-2h""#, r#""-20h""#, r#""-27h""#, r#""-51h""#, r#""-4d""#, r#""-9d""#, r#""-20d""#, r#""+2h""#],
    ),
    ("expired_at", &["", "", "", "null", r#""+2d""#, r#""-1d""#, r#""-5d""#, r#""$absent""#, r#""soon""#]),
    (
        "status",
        &["", "", "", "", r#""error""#, r#""protecting""#, r#""deleting""#, r#""restoring""#, r#""frozen""#, "null"],
    ),
    ("updated_at", &["", "", "", r#""-1h""#, r#""-26h""#, r#""+1h""#]),
    ("protected_at", &["", "", r#""-3h""#, r#""-3d""#, r#""2026-02-28""#]),
    ("image_type", &["", "", "", "", "", r#""replication""#, "null"]),
    ("resource_type", &["", "", "", r#""OS::Cinder::Volume""#, r#""OS::Sfs::Turbo""#, "null"]),
    ("resource_id", &["", "", r#""r2""#, r#""d1""#]),
    ("vault_id", &["", "", "", r#""v2""#]),
    ("parent_id", &["", "", "", "", "", r#""backup-0""#, r#""gone""#]),
    (
        "replication_records",
        &[
            "",
            "",
            "[{}]",
            r#"[{"status": "fail"}]"#,
            r#"[{"status": "fail"}, {"created_at": "-1h"}]"#,
            r#"[{"status": "fail", "created_at": "-1h"}, {}]"#,
            r#"[{"status": "replicating"}]"#,
            r#"[{"destination_region": "eu-de"}]"#,
            r#"[{"source_region": null}, {"destination_region": "eu-ch2", "status": "skip"}]"#,
            r#"[{"destination_backup_id": "backup-1"}]"#,
            r#"[{"destination_backup_id": null}]"#,
            r#"[{"created_at": "+1h"}]"#,
            "null",
            r#""$absent""#,
        ],
    ),
    (
        "children",
        &[
            "",
            "[{}]",
            "[{}]",
            r#"[{}, {"status": "error"}]"#,
            r#"[{"created_at": "-3d"}, {"extend_info": {"encrypted": false}}]"#,
            r#"[{"vault_id": "v2"}, {"parent_id": "gone"}]"#,
            r#"[{"status": "frozen", "created_at": "+1h", "updated_at": "+1h"}]"#,
            "null",
            r#""$absent""#,
        ],
    ),
];

const INFO: [Choices; 8] = [
    ("encrypted", &["", "", "false", "null", r#""$absent""#]),
    ("is_multi_az", &["", "false", "null", r#""$absent""#]),
    ("incremental", &["", "false", "true", "null"]),
    (
        "app_consistency",
        &[
            "",
            "null",
            r#"{"app_consistency_status": "1", "app_consistency_error_code": "0", "app_consistency_error_message": ""}"#,
            r#"{"app_consistency_status": "0", "app_consistency_error_code": "5", "app_consistency_error_message": null}"#,
        ],
    ),
    ("auto_trigger", &["", "", "false", "null"]),
    ("contain_system_disk", &["", "", "false", "null"]),
    ("supported_restore_mode", &["", "", r#""na""#, r#""snapshot""#, "null"]),
    ("os_images_data", &["", "", r#"[{"image_id": "i1"}]"#, "[]"]),
];

/// A small generator of numbers (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    pub(crate) fn choose(&mut self, object: &mut Map<String, Value>, key: &str, choices: &[&str]) {
        let choice = choices[usize::try_from(self.roll(choices.len() as u64)).unwrap()];
        if !choice.is_empty() {
            object.insert(key.to_owned(), serde_json::from_str(choice).unwrap());
        }
    }
}
