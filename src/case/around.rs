//! The answers around the backups in worked cases, completed likewise: a vault that says nothing is a backup vault of the
//! project with room, without a resource; a policy backs up daily, is enabled and bound to the vault `v1`.
//!
//! - Vaults are called `v1`, `v2`, …, policies `policy1`, tasks `task1`, checkpoints `c1`, members `m1`, and resources that can
//!   be protected `r1`, …, numbered within their answer.
//! - `count` of a list is the number of its elements.

use serde_json::{Value, json};

use super::complete::{Object, fill, settle};

/// Completes the objects of an answer around the backups, if it is one.
pub(super) fn complete(answer: &mut Object) {
    for (list, single, complete) in KINDS {
        if let Some(Value::Array(elements)) = answer.get_mut(list) {
            let count = elements.len();
            for (number, object) in (1..).zip(elements.iter_mut().filter_map(Value::as_object_mut)) {
                complete(object, number);
            }
            fill(answer, json!({ "count": count }));
        }
        if let Some(Value::Object(object)) = answer.get_mut(single) {
            complete(object, 1);
        }
    }
}

type Complete = fn(&mut Object, usize);

const KINDS: [(&str, &str, Complete); 6] = [
    ("vaults", "vault", vault),
    ("policies", "policy", policy),
    ("operation_logs", "operation_log", task),
    ("checkpoints", "checkpoint", checkpoint),
    ("instances", "instance", protectable),
    ("members", "member", member),
];

fn complete_object(object: &mut Object, defaults: Value, nested: &[(&str, Value)]) {
    fill(object, defaults);
    for (key, defaults) in nested {
        if let Some(Value::Object(inner)) = object.get_mut(*key) {
            fill(inner, defaults.clone());
            settle(inner);
        }
    }
    settle(object);
}

fn vault(vault: &mut Object, number: usize) {
    if let Some(Value::Array(resources)) = vault.get_mut("resources") {
        for (number, resource) in (1..).zip(resources.iter_mut().filter_map(Value::as_object_mut)) {
            let defaults = json!({
                "id": format!("r{number}"),
                "type": "OS::Nova::Server",
                "name": format!("server-{number}"),
                "size": 40,
                "backup_size": 100,
                "backup_count": 1,
                "protect_status": "available",
                "extra_info": {},
            });
            complete_object(resource, defaults, &[]);
        }
    }
    let defaults = json!({
        "id": format!("v{number}"),
        "name": format!("vault-{number}"),
        "project_id": "p1",
        "created_at": "-90d",
        "locked": true,
        "frozen": false,
        "threshold": 80,
        "auto_expand": false,
        "resources": [],
        "tags": [{"key": "owner", "value": "operations"}],
        "billing": {},
    });
    let billing = json!({
        "protect_type": "backup",
        "object_type": "server",
        "status": "available",
        "frozen_scene": null,
        "size": 100,
        "used": 10240,
    });
    complete_object(vault, defaults, &[("billing", billing)]);
}

fn policy(policy: &mut Object, number: usize) {
    let defaults = json!({
        "id": format!("policy{number}"),
        "name": format!("policy-{number}"),
        "enabled": true,
        "operation_type": "backup",
        "operation_definition": {},
        "trigger": {"properties": {"pattern": ["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=1;BYMINUTE=00"]}},
        "associated_vaults": [{"vault_id": "v1", "destination_vault_id": null}],
    });
    complete_object(policy, defaults, &[("operation_definition", json!({ "retention_duration_days": 30 }))]);
}

fn task(task: &mut Object, number: usize) {
    let defaults = json!({
        "id": format!("task{number}"),
        "project_id": "p1",
        "vault_id": "v1",
        "policy_id": null,
        "operation_type": "backup",
        "status": "success",
        "created_at": "-3h",
        "started_at": "-3h",
        "ended_at": "-2h",
        "updated_at": "-2h",
        "error_info": {},
        "extra_info": {"resource": {"id": "r1", "type": "OS::Nova::Server", "name": "server-1"}},
    });
    complete_object(task, defaults, &[("error_info", json!({ "code": "", "message": "" }))]);
}

fn checkpoint(checkpoint: &mut Object, number: usize) {
    let defaults = json!({
        "id": format!("c{number}"),
        "project_id": "p1",
        "status": "available",
        "created_at": "-3h",
        "vault": {},
    });
    let vault = json!({ "id": "v1", "name": "vault-1", "resources": [], "skipped_resources": [] });
    complete_object(checkpoint, defaults, &[("vault", vault)]);
}

fn protectable(instance: &mut Object, number: usize) {
    let defaults = json!({
        "id": format!("r{number}"),
        "type": "OS::Nova::Server",
        "name": format!("server-{number}"),
        "size": 40,
        "status": "ACTIVE",
        "children": [],
        "protectable": {},
        "detail": {"tenant_id": "p1"},
    });
    let state = json!({ "result": true, "code": "", "reason": "", "vault": null });
    complete_object(instance, defaults, &[("protectable", state)]);
}

fn member(member: &mut Object, number: usize) {
    let defaults = json!({
        "id": format!("m{number}"),
        "backup_id": "b1",
        "dest_project_id": "p2",
        "status": "accepted",
        "created_at": "-3h",
        "updated_at": null,
        "vault_id": null,
        "image_id": null,
    });
    complete_object(member, defaults, &[]);
}
