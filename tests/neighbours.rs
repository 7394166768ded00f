//! How the answers around the backups are read: in which forms, what of several copies counts, which lists are whole, and
//! what they tell of the time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use cbr_audit::case::{Case, verdicts};
use cbr_audit::rules::find;
use pretty_assertions::assert_eq;
use program::{Scratch, report};
use serde_json::{Value, json};

/// The verdicts of a rule over these files, with nothing filled in but what cases fill in.
fn over(rule: &str, files: &Value) -> Vec<String> {
    let document = json!({ "$files": files }).to_string().leak();
    verdicts(find(rule).unwrap(), &Case::new("", document, &[])).unwrap()
}

#[test]
fn of_two_captures_of_a_vault_the_newer_one_speaks() {
    let vault = |used: u64| json!({"vaults": [{"billing": {"size": 100, "used": used}}]});
    let note = |at: &str| json!({"captured_at": at});
    let captured = |first: &str, second: &str| {
        let files = json!({
            "a/vaults.json": vault(1), "a/capture.json": note(first),
            "b/vaults.json": vault(102_400), "b/capture.json": note(second),
        });
        over("vault-near-capacity", &files)
    };
    assert_eq!(captured("-3h", "-2h"), ["fail v1 high full"]);
    assert_eq!(captured("-2h", "-3h"), ["pass v1"]);
    assert_eq!(captured("-2h", "-2h"), ["unknown v1 record-conflict"]);
    let unnoted = json!({"a/vaults.json": vault(1), "b/vaults.json": vault(102_400)});
    assert_eq!(over("vault-near-capacity", &unnoted), ["unknown v1 record-conflict"], "nothing tells which is newer");
}

#[test]
fn copies_that_list_the_same_in_another_order_agree() {
    let one = json!({"vaults": [{"resources": [{"id": "r1"}, {"id": "r2", "protect_status": "error"}]}]});
    let other = json!({"vaults": [{"resources": [{"id": "r2", "protect_status": "error"}, {"id": "r1"}]}]});
    let files = json!({"a/1.json": one, "b/1.json": other});
    assert_eq!(over("protection-broken", &files), ["pass r1", "fail r2 high"]);
    assert_eq!(over("vault-empty", &files), ["pass v1"]);
    let changed = json!({"vaults": [{"resources": [{"id": "r2"}, {"id": "r1"}]}]});
    let files = json!({"a/1.json": files["a/1.json"], "b/1.json": changed});
    assert_eq!(over("protection-broken", &files), ["pass r1", "unknown r2 record-conflict"]);
    let fewer = json!({"vaults": [{"resources": [{"id": "r1"}]}]});
    let files = json!({"a/1.json": files["a/1.json"], "b/1.json": fewer});
    assert_eq!(over("vault-empty", &files), ["unknown v1 record-conflict"]);
}

/// The as-of time of a dump with this file beside a backup of noon, and what may be said of a note an hour later.
fn inferred_beside(file: &str, answer: &Value) -> (String, Value) {
    let scratch = Scratch::new();
    let backup = json!({"backup": {
        "id": "b1", "project_id": "p1", "vault_id": "v1", "resource_id": "r1", "resource_name": "db-01",
        "resource_type": "OS::Cinder::Volume", "status": "available", "image_type": "backup",
        "created_at": "2026-03-01T12:00:00Z", "children": []
    }});
    scratch.write("dump/backup.json", backup.to_string());
    scratch.write(&format!("dump/{file}"), answer.to_string());
    let report = |dump: &str| program::report(&scratch.path(dump), &[]).0;
    let inferred = report("dump")["as_of"]["time"].as_str().unwrap().to_owned();
    scratch.write("dump/capture.json", json!({"captured_at": "2026-03-01T13:00:00Z"}).to_string());
    (inferred, report("dump")["as_of"]["source"].clone())
}

#[test]
fn what_tasks_members_and_checkpoints_tell_of_time_counts_for_the_clock() {
    let late = "2026-03-02T08:30:00Z";
    let task = json!({"operation_logs": [{"id": "t1", "status": "success", "started_at": "2026-03-02T08:00:00Z", "ended_at": late}]});
    let member = json!({"members": [{"id": "m1", "status": "accepted", "backup_id": "b1", "created_at": late}]});
    let checkpoint = json!({"checkpoint": {"id": "c1", "status": "available", "created_at": late}});
    for (file, answer) in [("tasks.json", task), ("members.json", member), ("checkpoint.json", checkpoint)] {
        let (inferred, source) = inferred_beside(file, &answer);
        assert_eq!(inferred, late, "{file}");
        assert_eq!(source, "inferred", "a note that is earlier than what stands beside it is not believed: {file}");
    }
    let lone = json!({"operation_logs": [{"id": "t1", "status": "success", "ended_at": "2031-01-01T00:00:00Z"}]});
    assert_eq!(inferred_beside("tasks.json", &lone).0, "2026-03-01T12:00:00Z", "a time far from all others");
    let policy = json!({"policies": [{"id": "p", "trigger": {"properties": {"start_time": late}}}]});
    assert_eq!(inferred_beside("policies.json", &policy), ("2026-03-01T12:00:00Z".to_owned(), json!("capture")));
}

#[test]
fn answers_around_no_backups_tell_the_time_too() {
    let scratch = Scratch::new();
    let task = |id: &str, end: &str| json!({"id": id, "status": "failed", "operation_type": "backup", "ended_at": end});
    let tasks = json!({"operation_logs": [task("t1", "2026-03-02T08:00:00Z"), task("t2", "2026-03-02T09:00:00Z")]});
    scratch.write("dump/tasks.json", tasks.to_string());
    let (report, _) = program::report(&scratch.path("dump"), &[]);
    assert_eq!(report["as_of"], json!({"time": "2026-03-02T09:00:00Z", "source": "inferred", "exact": false}));
}

#[test]
fn lists_of_servers_and_of_disks_in_one_directory_are_two_lists() {
    let servers = json!({"instances": [{}, {}], "count": 2});
    let disks = json!({"instances": [{"id": "d1", "type": "OS::Cinder::Volume"}], "count": 1});
    let files = json!({"a/disks.json": disks, "a/servers.json": servers});
    assert_eq!(over("vault-list-incomplete", &files), ["pass a/disks.json", "pass a/servers.json"]);
    let short = json!({"instances": [{"id": "d1", "type": "OS::Cinder::Volume"}], "count": 2});
    let files = json!({"a/disks.json": short, "a/servers.json": servers});
    assert_eq!(over("vault-list-incomplete", &files), ["fail a/disks.json low", "pass a/servers.json"]);
    let last = json!({"instances": [], "count": 2, "offset": 2});
    let files = json!({"a/disks.json": disks, "a/servers-0.json": servers, "a/servers-2.json": last});
    let expected = ["pass a/disks.json", "pass a/servers-0.json", "not-applicable a/servers-2.json"];
    assert_eq!(over("vault-list-incomplete", &files), expected);
    let none = json!({"instances": [], "count": 0});
    let files = json!({"a/disks.json": none, "a/servers.json": servers});
    assert_eq!(over("vault-list-incomplete", &files), ["pass a/disks.json", "pass a/servers.json"]);
}

/// One object of every kind, each failing the rule beside it, and the rule.
fn failing() -> Vec<(&'static str, &'static str, Value)> {
    let vault = json!({
        "id": "v1", "project_id": "p1", "locked": false, "resources": [], "tags": [],
        "billing": {"protect_type": "backup", "object_type": "server", "status": "available", "size": 1, "used": 1}
    });
    let policy = json!({
        "id": "q1", "enabled": false, "operation_type": "backup", "operation_definition": {"retention_duration_days": 7},
        "trigger": {"properties": {"pattern": []}}, "associated_vaults": []
    });
    let task = json!({
        "id": "t1", "status": "failed", "operation_type": "backup", "started_at": "2026-03-01T07:00:00",
        "ended_at": "2026-03-01T08:00:00", "error_info": {"code": "", "message": ""}
    });
    let checkpoint = json!({
        "id": "c1", "status": "available", "created_at": "2026-03-01T06:00:00", "extra_info": null,
        "vault": {"id": "v1", "skipped_resources": [{"id": "r7", "type": "OS::Nova::Server"}]}
    });
    let protectable = json!({"id": "r9", "type": "OS::Nova::Server", "children": [], "protectable": {"vault": null}});
    let member = json!({"id": "m1", "backup_id": "b1", "dest_project_id": "p2", "status": "accepted"});
    vec![
        ("vaults", "vault-not-locked", vault),
        ("policies", "policy-too-infrequent", policy),
        ("operation_logs", "task-failed", task),
        ("checkpoints", "checkpoint-skipped-resource", checkpoint),
        ("instances", "resource-unprotected", protectable),
        ("members", "backup-shared", member),
    ]
}

/// What a rule says of an answer: the verdicts with their places, and the state of the file.
fn said(rule: &str, answer: &Value) -> (Vec<String>, String) {
    let scratch = Scratch::new();
    scratch.write("dump/x.json", answer.to_string());
    let arguments = ["--only", rule, "--as-of", "2026-03-01T12:00:00Z"];
    let (report, _) = program::report(&scratch.path("dump"), &arguments);
    let findings = report["findings"].as_array().unwrap().iter().map(|finding| {
        let text = |pointer: &str| finding.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        format!("{} {} {}", text("/verdict"), text("/subject/id"), text("/evidence/pointer"))
    });
    (findings.collect(), report["inputs"]["files"][0]["state"].as_str().unwrap().to_owned())
}

#[test]
fn objects_that_stand_by_themselves_are_read_like_those_of_an_answer() {
    for (key, rule, object) in failing() {
        let (enveloped, _) = said(rule, &json!({key: [object]}));
        let [finding] = &enveloped[..] else { panic!("{rule}: {enveloped:?}") };
        assert!(finding.starts_with("fail "), "{finding}");
        let bare = finding.replace(&format!(" /{key}/0"), " ");
        assert_eq!(said(rule, &object), (vec![bare], "not-backup".to_owned()), "{rule}");
        let listed = finding.replace(&format!(" /{key}/0"), " /0");
        assert_eq!(said(rule, &json!([object])), (vec![listed.clone()], "not-backup".to_owned()), "{rule}");
        let (verdicts, state) = said(rule, &json!([object, {"id": "x", "colour": "blue"}]));
        assert_eq!(
            (verdicts, state.as_str()),
            (vec![listed], "partly-read"),
            "an object of another kind is told: {rule}"
        );
    }
}

#[test]
fn a_list_without_a_count_is_not_said_to_be_whole() {
    let (_, _, vault) = &failing()[0];
    assert_eq!(said("vault-list-incomplete", &json!([vault])).0, ["unknown x.json "]);
    assert_eq!(said("vault-list-incomplete", vault).0, Vec::<String>::new());
}

#[test]
fn vaults_that_an_answer_by_tag_shows_are_vaults() {
    let (_, rule, vault) = &failing()[0];
    let element = json!({"resource_id": "v1", "resource_name": "n", "tags": [], "resource_detail": {"vault": vault}});
    let (verdicts, state) = said(rule, &json!({"resources": [element], "total_count": 7}));
    assert_eq!(verdicts, ["fail v1 /resources/0/resource_detail/vault/locked"]);
    assert_eq!(state, "not-backup");
    assert_eq!(
        said("vault-list-incomplete", &json!({"resources": [element], "total_count": 7})).0,
        Vec::<String>::new()
    );
    let (verdicts, state) = said(rule, &json!({"resources": [element, {"resource_id": "v2"}], "total_count": 2}));
    assert_eq!((verdicts.len(), state.as_str()), (1, "partly-read"));
    let (verdicts, state) = said(rule, &json!({"resources": [{"resource_id": "v2"}], "total_count": 1}));
    assert_eq!((verdicts.len(), state.as_str()), (0, "not-backup"), "an answer that shows no vault says nothing");
}

#[test]
fn policies_of_an_organisation_act_through_those_of_its_projects() {
    let policy = json!({
        "id": "q1", "domain_id": "d", "operation_type": "backup", "policy_enabled": false, "status": "syncing",
        "policy_operation_definition": {"retention_duration_days": 30}, "policy_trigger": {"properties": {"pattern": []}}
    });
    for answer in [json!({"policies": [policy], "count": 4}), json!({"policy": policy})] {
        let (verdicts, state) = said("policy-too-infrequent", &answer);
        assert_eq!((verdicts.len(), state.as_str()), (0, "not-backup"));
    }
}

#[test]
fn a_vault_of_long_ago_does_not_move_the_clock_back() {
    let vault = json!({"vaults": [{"id": "v1", "created_at": "2025-01-01T00:00:00Z"}]});
    assert_eq!(inferred_beside("vaults.json", &vault), ("2026-03-01T12:00:00Z".to_owned(), json!("capture")));
}

/// Without a note the copies of an object say themselves when they were changed last.
#[test]
fn of_two_copies_of_a_vault_the_one_that_was_changed_later_speaks() {
    let vault =
        |used: u64, updated: &str| json!({"vaults": [{"billing": {"size": 100, "used": used}, "updated_at": updated}]});
    let said = |first: &str, second: &str| {
        over("vault-near-capacity", &json!({"a/1.json": vault(1, first), "b/1.json": vault(102_400, second)}))
    };
    assert_eq!(said("-3h", "-2h"), ["fail v1 high full"]);
    assert_eq!(said("-2h", "-3h"), ["pass v1"]);
    assert_eq!(said("-2h", "-2h"), ["unknown v1 record-conflict"]);
}

/// The policies of a vault are all there where a whole list of policies speaks of its project.
#[test]
fn a_vault_without_a_policy_fails_where_the_list_of_policies_is_that_of_its_project() {
    let vault =
        |id: &str, project: Value| json!({"id": id, "project_id": project, "billing": {"protect_type": "backup"}});
    let policy = |vault: &str| json!({"policies": [{"associated_vaults": [{"vault_id": vault}]}]});
    let said = |vaults: Value, policies: Value| {
        over("vault-policy-missing", &json!({"a/v.json": {"vaults": vaults}, "b/p.json": policies}))
    };
    let (p1, p2) = (json!("p1"), json!("p2"));
    let open = |id: &str| format!("unknown {id} input-incomplete");
    let fail = |id: &str| format!("fail {id} high");
    // All vaults are of one project.
    let one = json!([vault("x", p1.clone()), vault("y", p1.clone())]);
    assert_eq!(said(one, policy("x")), ["pass x".to_owned(), fail("y")]);
    // The list names a vault of one of two projects.
    let two = json!([vault("x", p1.clone()), vault("y", p1.clone()), vault("z", p2.clone())]);
    assert_eq!(said(two.clone(), policy("x")), ["pass x".to_owned(), fail("y"), open("z")]);
    assert_eq!(said(two.clone(), policy("none")), [open("x"), open("y"), open("z")]);
    // A vault that names no project may be of any.
    let unnamed = json!([vault("x", json!("$absent")), vault("y", json!("$absent"))]);
    assert_eq!(said(unnamed, policy("none")), [open("x"), open("y")]);
    // The list beside it speaks of it whatever it names, unless it may be that of another project there.
    let beside = |vaults: Value, elsewhere: Value| {
        let dump =
            json!({"a/v.json": {"vaults": vaults}, "a/p.json": policy("none"), "b/v.json": {"vaults": elsewhere}});
        over("vault-policy-missing", &dump)
    };
    let one = json!([vault("x", p1.clone()), vault("y", p1)]);
    assert_eq!(beside(one, json!([vault("z", p2)])), [fail("x"), fail("y"), open("z")]);
    assert_eq!(beside(two, json!([])), [open("x"), open("y"), open("z")]);
}

/// A disk or its copy in a dump with one task: what is observed.
fn with_task(rule: &str, backup: &Value, task: &Value) -> String {
    let scratch = Scratch::new();
    let mut record = json!({
        "id": "b1", "project_id": "p1", "vault_id": "v1", "resource_id": "r1", "resource_type": "OS::Nova::Server",
        "status": "available", "image_type": "backup", "created_at": "2026-03-01T10:00:00Z", "children": []
    });
    record.as_object_mut().unwrap().extend(backup.as_object().unwrap().clone());
    let mut log = json!({"id": "t1", "project_id": "p1", "status": "failed", "error_info": {"code": "E.7", "message": "no room"}});
    log.as_object_mut().unwrap().extend(task.as_object().unwrap().clone());
    scratch.write("b.json", json!({ "backup": record }).to_string());
    scratch.write("t.json", json!({"operation_logs": [log], "count": 1}).to_string());
    let (report, _) = report(&scratch.path(""), &["--only", rule, "--as-of", "2026-03-01T12:00:00Z"]);
    report["findings"][0]["observed"].as_str().unwrap().to_owned()
}

#[test]
fn the_task_that_was_to_make_a_backup_is_told_beside_its_failure() {
    let observed = |task: Value| with_task("backup-error", &json!({"status": "error"}), &task);
    let told = "error (error E.7; no room)";
    let named = |id: &str| json!({"operation_type": "backup", "extra_info": {"backup": {"backup_id": id}}});
    assert_eq!(observed(named("b1")), told);
    assert_eq!(observed(named("b2")), "error");
    // One that names no backup, and worked on the resource at the time, within five minutes.
    let at_work = |resource: &str, from: &str, to: &str| {
        let info = json!({"resource": {"id": resource}});
        json!({"operation_type": "backup", "extra_info": info, "started_at": from, "ended_at": to})
    };
    let (ten, past) = ("2026-03-01T10:00:00Z", "2026-03-01T10:30:00Z");
    assert_eq!(observed(at_work("r1", ten, past)), told);
    assert_eq!(observed(at_work("r2", ten, past)), "error");
    assert_eq!(observed(at_work("r1", "2026-03-01T10:05:00Z", past)), told);
    assert_eq!(observed(at_work("r1", "2026-03-01T10:05:01Z", past)), "error");
    assert_eq!(observed(at_work("r1", "2026-03-01T09:00:00Z", "2026-03-01T09:55:00Z")), told);
    assert_eq!(observed(at_work("r1", "2026-03-01T09:00:00Z", "2026-03-01T09:54:59Z")), "error");
}

#[test]
fn the_task_that_was_to_copy_a_backup_is_told_beside_its_failure() {
    let observed = |task: Value| {
        let record = json!({"id": "x", "status": "fail", "created_at": "2026-03-01T11:00:00Z", "source_region": "eu-de",
            "destination_region": "eu-nl"});
        with_task("replication-failed", &json!({"replication_records": [record]}), &task)
    };
    let copying = |info: Value| json!({"operation_type": "replication", "extra_info": info});
    let plain = observed(copying(json!({})));
    let told = format!("{plain} (error E.7; no room)");
    assert_eq!(observed(copying(json!({"replication": {"source_backup_id": "b1"}}))), told);
    assert_eq!(observed(copying(json!({"replication": {"source_backup_id": "b2"}}))), plain);
    assert_eq!(observed(copying(json!({"backup": {"backup_id": "b1"}}))), told);
    let both = json!({"backup": {"backup_id": "b2"}, "replication": {"source_backup_id": "b1"}});
    assert_eq!(observed(copying(both)), told);
    let other = json!({"operation_type": "backup", "extra_info": {"backup": {"backup_id": "b1"}}});
    assert_eq!(observed(other), plain);
}

/// A disk may be one of a server in a vault whose disks no answer shows.
#[test]
fn a_disk_in_no_vault_is_open_while_the_disks_of_a_protected_server_are_not_shown() {
    let beside = |server: Value, project: Value| {
        let disk = json!({"id": "d9", "type": "OS::Cinder::Volume", "detail": {"tenant_id": project}});
        let files = json!({
            "a/v.json": {"vaults": [{"resources": [{"id": "r1", "type": "OS::Nova::Server"}]}]},
            "a/s.json": {"instances": [server]},
            "a/d.json": {"instances": [disk]},
        });
        over("resource-unprotected", &files)
    };
    let verdicts = |server: Value| beside(server, json!("p1"));
    // A disk of which no project is known may be of any.
    let hidden = json!({"id": "r1", "type": "OS::Nova::Server", "children": "$absent"});
    assert!(beside(hidden, Value::Null).contains(&"unknown d9 view-omits".to_owned()));
    let seen = json!({"id": "r1", "type": "OS::Nova::Server", "children": []});
    assert!(!beside(seen, Value::Null).contains(&"unknown d9 view-omits".to_owned()));
    let shown = |disks: Value| verdicts(json!({"id": "r1", "type": "OS::Nova::Server", "children": disks}));
    assert!(shown(json!("$absent")).contains(&"unknown d9 view-omits".to_owned()));
    assert!(shown(json!([])).contains(&"fail d9 high no-vault".to_owned()), "{:?}", shown(json!([])));
    assert!(shown(json!([{"id": "d1"}])).contains(&"fail d9 high no-vault".to_owned()));
    assert!(!shown(json!([{"id": "d9"}])).iter().any(|verdict| verdict.starts_with("fail d9")));
}

/// A list is one whatever stands beside it, and of two the first one is read.
#[test]
fn the_first_list_of_a_document_is_what_it_lists() {
    let vault = r#"{"id": "v", "name": "v", "billing": {"protect_type": "backup"}, "resources": []}"#;
    let policy =
        r#"{"id": "q", "operation_type": "backup", "operation_definition": {}, "trigger": {}, "enabled": false}"#;
    let judged = |text: String| {
        let files = json!({ "a.json": text });
        [over("vault-empty", &files), over("policy-too-infrequent", &files)].concat()
    };
    let beside = r#""id": "x", "billing": {"protect_type": "backup"}, "tags": [], "resources": []"#;
    assert_eq!(judged(format!("{{\"vaults\": [{vault}], {beside}}}")), ["fail v low"]);
    assert_eq!(judged(format!("{{\"vaults\": [{vault}], \"policies\": [{policy}]}}")), ["fail v low"]);
    assert_eq!(judged(format!("{{\"policies\": [{policy}], \"vaults\": [{vault}]}}")), ["fail q medium disabled"]);
}

/// A task is a matter of the resource that it worked on, if there are backups of that.
#[test]
fn a_failed_task_belongs_to_its_resource() {
    let resource = |of: &str| {
        let scratch = Scratch::new();
        let backup = json!({"id": "b1", "project_id": "p1", "resource_id": "r1", "resource_type": "OS::Nova::Server",
            "status": "available", "image_type": "backup", "created_at": "2026-03-01T10:00:00Z"});
        let task = json!({"id": "t1", "project_id": "p1", "status": "failed", "operation_type": "backup",
            "started_at": "2026-03-01T11:00:00Z", "ended_at": "2026-03-01T11:30:00Z", "extra_info": {"resource": {"id": of}}});
        scratch.write("b.json", json!({ "backup": backup }).to_string());
        scratch.write("t.json", json!({"operation_logs": [task], "count": 1}).to_string());
        let (report, _) = report(&scratch.path(""), &["--only", "task-failed", "--as-of", "2026-03-01T12:00:00Z"]);
        report["findings"][0]["resource"]["id"].clone()
    };
    assert_eq!(resource("r1"), "r1");
    assert_eq!(resource("r2"), Value::Null);
}

/// A member of a backup that is shared is a matter of the resource of that backup.
#[test]
fn a_shared_backup_is_that_of_its_resource() {
    let resource = |of: &str| {
        let scratch = Scratch::new();
        let backup = json!({"id": "b1", "project_id": "p1", "resource_id": "r1", "resource_type": "OS::Nova::Server",
            "status": "available", "image_type": "backup", "created_at": "2026-03-01T10:00:00Z"});
        let member =
            json!({"id": "m1", "backup_id": of, "dest_project_id": "p9", "status": "accepted", "vault_id": "v9"});
        scratch.write("b.json", json!({ "backup": backup }).to_string());
        scratch.write("m.json", json!({"members": [member], "count": 1}).to_string());
        let (report, _) = report(&scratch.path(""), &["--only", "backup-shared", "--as-of", "2026-03-01T12:00:00Z"]);
        report["findings"][0]["resource"]["id"].clone()
    };
    assert_eq!(resource("b1"), "r1");
    assert_eq!(resource("b2"), Value::Null);
}
