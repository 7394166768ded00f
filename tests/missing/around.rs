//! Small dumps of vaults, policies, tasks, checkpoints, protectable resources and members beside backups, put together at
//! random and always the same for the same seed.

use crate::random::{Choices, Dice, record};
use cbr_audit::case::complete;
use serde_json::{Map, Value, json};

/// The files of a dump: backups, and answers around them.
pub(crate) fn files(seed: u64) -> Vec<(String, String)> {
    let mut dice = Dice(seed.wrapping_mul(0x9e37));
    let mut files = Map::new();
    let records: Vec<_> = (0..1 + dice.roll(3)).map(|number| record(&mut dice, number)).collect();
    files.insert("backups.json".to_owned(), json!({ "backups": records }));
    for (file, list, some) in ANSWERS {
        if dice.roll(4) > 0 {
            let objects: Vec<_> = (0..1 + dice.roll(3)).map(|number| object(&mut dice, list, number, some)).collect();
            files.insert((*file).to_owned(), json!({ *list: objects }));
        }
    }
    complete::files(&json!({ "$files": files }).to_string()).unwrap()
}

fn object(dice: &mut Dice, list: &str, number: u64, choices: &[Choices]) -> Value {
    let mut object = Map::new();
    object.insert("billing".to_owned(), json!({}));
    for (path, words) in choices {
        let mut home = &mut object;
        let mut keys: Vec<_> = path.split('/').collect();
        let last = keys.pop().unwrap();
        for key in keys {
            home = home.entry(key).or_insert_with(|| json!({})).as_object_mut().unwrap();
        }
        dice.choose(home, last, words);
    }
    // Resources of protectables are named by the case; every other object by what it is.
    if list != "instances" {
        object.insert("id".to_owned(), json!(format!("{}{}", &list[..1], number + 1)));
    }
    if list == "vaults" && object["billing"]["protect_type"] == "replication" {
        without_protect_status(&mut object);
    }
    Value::Object(object)
}

/// A vault for replicas does not say how it protects its resources.
fn without_protect_status(vault: &mut Map<String, Value>) {
    let resources = vault.get_mut("resources").and_then(Value::as_array_mut);
    for resource in resources.into_iter().flatten().filter_map(Value::as_object_mut) {
        resource.insert("protect_status".to_owned(), Value::Null);
    }
}

/// A file, the list in it, and what its objects may hold.
const ANSWERS: &[(&str, &str, &[Choices])] = &[
    ("instances.json", "instances", PROTECTABLE),
    ("members.json", "members", MEMBER),
    ("checkpoints.json", "checkpoints", CHECKPOINT),
    ("policies.json", "policies", POLICY),
    ("tasks.json", "operation_logs", TASK),
    ("vaults.json", "vaults", VAULT),
];

const VAULT: &[Choices] = &[
    ("locked", &["", "", "false", "null"]),
    ("frozen", &["", "", "", "true"]),
    ("auto_expand", &["", "true"]),
    ("tags", &["", "[]", "null"]),
    ("billing/protect_type", &["", "", "", r#""replication""#, r#""hybrid""#]),
    ("billing/object_type", &["", "", r#""disk""#, r#""turbo""#]),
    ("billing/status", &["", "", "", r#""frozen""#, r#""error""#]),
    ("billing/size", &["", "10"]),
    ("billing/used", &["", "9000", "20000"]),
    (
        "resources",
        &[
            "[{}]",
            "[{}]",
            "[]",
            r#"[{}, {"protect_status": "error"}]"#,
            r#"[{"protect_status": "deleted"}, {"id": "d1", "type": "OS::Cinder::Volume"}]"#,
            r#"[{"protect_status": "removing", "backup_count": 0}, {"protect_status": null}]"#,
            r#"[{"backup_count": 2, "extra_info": {"exclude_volumes": ["d1"]}}]"#,
            r#"[{"extra_info": {"include_volumes": [{"id": "d2"}]}}]"#,
        ],
    ),
];

const POLICY: &[Choices] = &[
    ("enabled", &["", "", "", "false"]),
    ("operation_type", &["", "", r#""replication""#]),
    ("operation_definition/retention_duration_days", &["", "", "7", "-1"]),
    ("operation_definition/max_backups", &["", "", "-1", "20"]),
    ("operation_definition/destination_region", &["", r#""eu-ch2""#]),
    (
        "trigger/properties/pattern",
        &[
            r#"["FREQ=DAILY;INTERVAL=1;BYHOUR=3;BYMINUTE=15"]"#,
            r#"["FREQ=DAILY;INTERVAL=2;BYHOUR=3;BYMINUTE=15"]"#,
            r#"["FREQ=WEEKLY;BYDAY=TU,TH;BYHOUR=22;BYMINUTE=00", "FREQ=DAILY;INTERVAL=1;BYHOUR=3;BYMINUTE=15"]"#,
            "[]",
        ],
    ),
    (
        "associated_vaults",
        &[
            "",
            "",
            "null",
            "[]",
            r#"[{"vault_id": "v2", "destination_vault_id": "v3"}]"#,
            r#"[{"vault_id": "v1"}, {"vault_id": "v2"}]"#,
        ],
    ),
];

const TASK: &[Choices] = &[
    ("status", &["", r#""failed""#, r#""failed""#, r#""timeout""#, r#""running""#, r#""waiting""#, r#""skipped""#]),
    ("operation_type", &["", "", "", r#""replication""#, r#""restore""#]),
    ("created_at", &["", r#""-27h""#, r#""-3d""#, r#""+1h""#]),
    ("started_at", &["", r#""-27h""#, r#""-3d""#, r#""+1h""#, "null"]),
    ("ended_at", &["", r#""-26h""#, "null"]),
    ("updated_at", &["", "null"]),
    (
        "extra_info",
        &[
            "",
            "",
            r#"{"resource": {"id": "r2", "type": "OS::Nova::Server"}}"#,
            r#"{"resource": {"id": "r1", "type": "OS::Nova::Server"}, "backup": {"backup_id": "backup-0"}}"#,
            r#"{"replication": {"source_backup_id": "backup-0"}}"#,
        ],
    ),
];

const CHECKPOINT: &[Choices] = &[
    ("status", &["", "", r#""error""#, r#""protecting""#]),
    ("created_at", &["", "", r#""-27h""#, r#""+1h""#]),
    (
        "vault/skipped_resources",
        &["", "", r#"[{"id": "r2", "type": "OS::Nova::Server", "name": "s2", "code": "1", "reason": "busy"}]"#],
    ),
];

const PROTECTABLE: &[Choices] = &[
    ("type", &["", "", r#""OS::Cinder::Volume""#]),
    ("children", &["", r#"[{"id": "d1"}]"#, r#"[{"id": "r2"}]"#]),
    (
        "protectable/vault",
        &[
            "",
            r#"{"id": "v1"}"#,
            r#"{"id": "v9", "billing": {"status": "available"}}"#,
            r#"{"id": "v8", "billing": {"status": "frozen"}}"#,
        ],
    ),
];

const MEMBER: &[Choices] = &[
    ("status", &["", r#""pending""#, r#""rejected""#]),
    ("backup_id", &["", r#""backup-0""#]),
    ("created_at", &["", r#""+1h""#]),
];
