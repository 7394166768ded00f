//! Dumps and configurations in which a text stands in every place that takes one.

use super::program::Scratch;
use serde_json::{Value, json};

/// In how many places of a dump and a configuration each text stands; some texts stand in a few more.
pub(crate) const FIELDS: usize = 69;

/// A dump in which each text stands in every text of a backup, of the answers around it and of an error, in keys, and, as
/// far as a file system allows it, in the name of a directory and a file.
pub(crate) fn dump(texts: &[String]) -> Scratch {
    let scratch = Scratch::new();
    let backups: Vec<_> = texts.iter().enumerate().map(|(number, text)| backup(number, text)).collect();
    for (number, text) in texts.iter().enumerate() {
        // A name holds 255 bytes at most.
        let name: String = text.replace(['/', '\0'], "_").chars().take(60).collect();
        let name = format!("{number:03}{name}");
        scratch.write(&format!("{name}/{name}.json"), json!({"backup": backups[number]}).to_string());
        let error = json!({"error_code": text, "error_msg": text});
        scratch.write(&format!("errors/{number:03}.json"), error.to_string());
        scratch.write(&format!("errors/{number:03}-keys.json"), json!({text.as_str(): 1, "x": text}).to_string());
        scratch.write(&format!("errors/{number:03}-cut.json"), format!("{{\"backups\": [{}, {text}", json!(text)));
    }
    scratch.write("list.json", json!({"backups": backups, "count": texts.len() + 1}).to_string());
    let list = |key: &str, make: fn(usize, &str) -> Value| {
        let objects: Vec<_> = texts.iter().enumerate().map(|(number, text)| make(number, text)).collect();
        json!({key: objects, "count": texts.len()}).to_string()
    };
    scratch.write("vaults.json", list("vaults", vault));
    scratch.write("policies.json", list("policies", policy));
    scratch.write("tasks.json", list("operation_logs", task));
    scratch
}

fn backup(number: usize, text: &str) -> Value {
    let mut backup = json!({
        "id": format!("b{number:03}"), "name": text, "description": text, "image_type": "backup",
        "status": if number.is_multiple_of(3) { text } else { "available" }, "resource_type": "OS::Nova::Server",
        "resource_id": if number.is_multiple_of(5) { format!("{number:03}{text}") } else { format!("r{number:03}") },
        "resource_name": text, "resource_az": text, "created_at": "2026-10-01T01:00:00Z", "expired_at": null,
        "updated_at": if number % 7 == 1 { text } else { "2026-10-01T01:10:00Z" },
        "parent_id": text, "checkpoint_id": text, "vault_id": format!("{number:03}{text}"), "project_id": "p",
        "provider_id": text, "enterprise_project_id": text,
        "replication_records": [{
            "status": if number.is_multiple_of(2) { "fail" } else { text }, "created_at": "2026-10-01T02:00:00Z",
            "destination_region": text, "destination_vault_id": text, "destination_backup_id": text,
            "fail_code": text, "fail_reason": text, "extra_info": {text: text},
        }],
        "extend_info": {
            "encrypted": false, "supported_restore_mode": text, "bootable": text,
            "app_consistency": {"app_consistency": "0", "app_consistency_error_code": text,
                "app_consistency_error_message": text, "app_consistency_status": text},
            format!("{number:03}{text}"): text,
        },
    });
    backup[format!("{number:03}{text}")] = json!(text);
    backup
}

fn vault(number: usize, text: &str) -> Value {
    json!({
        "id": format!("{number:03}{text}"), "name": text, "description": text, "provider_id": text,
        "project_id": "p", "created_at": "2025-02-11T10:21:40.118233", "user_id": text,
        "resources": [{"id": format!("v{number:03}"), "type": "OS::Nova::Server", "name": text,
            "protect_status": text, "backup_count": 0}],
        "tags": [{"key": text, "value": text}],
        "billing": {"cloud_type": text, "consistent_level": text, "protect_type": "backup", "object_type": text,
            "status": text, "spec_code": text, "size": 400, "used": 1},
    })
}

fn policy(number: usize, text: &str) -> Value {
    json!({
        "id": format!("policy{number:03}"), "name": text, "operation_type": "backup", "enabled": false,
        "operation_definition": {"retention_duration_days": 1, "timezone": text},
        "trigger": {"id": text, "name": text, "type": "time", "properties": {"pattern": [text], "start_time": text}},
        "associated_vaults": [{"vault_id": format!("{number:03}{text}"), "destination_vault_id": text}],
    })
}

fn task(number: usize, text: &str) -> Value {
    json!({
        "id": format!("t{number:03}"), "project_id": "p", "provider_id": text, "operation_type": "backup",
        "status": if number.is_multiple_of(2) { "failed" } else { text }, "checkpoint_id": text, "policy_id": text,
        "vault_id": format!("{number:03}{text}"), "vault_name": text, "created_at": "2026-10-30T02:30:25.507712",
        "started_at": "2026-10-30T02:30:25.507712", "ended_at": "2026-10-30T02:37:04.477975",
        "updated_at": "2026-10-30T02:37:04.477975", "error_info": {"code": text, "message": text},
        "extra_info": {
            "common": {"progress": 100, "request_id": text, "task_id": text},
            "resource": {"id": format!("r{number:03}"), "type": "OS::Nova::Server", "name": text},
            "backup": {"backup_id": format!("b{number:03}"), "backup_name": text},
        },
    })
}

/// A configuration in which each text is the name of a tier and every text of a waiver.
pub(crate) fn configuration(texts: &[String]) -> String {
    let mut toml = String::new();
    for (number, text) in texts.iter().enumerate() {
        // A reason of blanks is refused.
        let text = quoted(if text.trim().is_empty() { "blank" } else { text });
        toml.push_str(&format!(
            "[tiers.{text}]\nresources = [\"r{number:03}\"]\nrpo-hours = 12\n\
             [[waivers]]\nrule = \"rpo-breach\"\nsubject = \"r{number:03}\"\nreason = {text}\nowner = {text}\n\
             ticket = {text}\nuntil = 2027-03-31\n"
        ));
    }
    toml
}

/// A TOML string with every character as an escape.
fn quoted(text: &str) -> String {
    let escaped: Vec<_> = text.chars().map(|char| format!("\\U{:08X}", u32::from(char))).collect();
    format!("\"{}\"", escaped.concat())
}
