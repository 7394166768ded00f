//! Makes a whole random world: projects with servers, disks, file systems, orphans, cycles and replicas, and decides
//! which answers show each backup, and how much of it.

use crate::facts::{BARE_METAL, DISK, SERVER, TURBO};
use crate::prng::Prng;
use crate::records::{Maker, Protected, at};
use crate::time::{HOUR, Instant, MINUTE};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One backup as a list answer and as a show answer would tell it.
pub struct Item {
    pub listed: Option<Value>,
    pub shown: Option<Value>,
}

pub struct Project {
    pub id: String,
    pub items: Vec<Item>,
    /// Lists of the disks of one server backup each.
    pub disk_lists: Vec<Vec<Value>>,
}

/// How the answers of a project tell of replication: in a list, and in a show answer.
#[derive(Clone, Copy, PartialEq)]
enum ReplicationView {
    Shown,
    EmptyInLists,
    Absent,
    Null,
}

pub fn projects(maker: &mut Maker) -> Vec<Project> {
    let mut replicas = Vec::new();
    let count = maker.rng.between(1, 2);
    let mut projects: Vec<_> = (1..=count).map(|n| project(maker, &format!("p-{n}"), &mut replicas)).collect();
    if maker.rng.percent(40) {
        replicas.extend((0..maker.rng.between(1, 2)).map(|_| stray_replica(maker)));
    }
    if !replicas.is_empty() {
        let items = replicas.into_iter().map(|replica| Item { listed: Some(replica), shown: None }).collect();
        projects.push(Project { id: "p-away".to_owned(), items, disk_lists: Vec::new() });
    }
    projects
}

/// What the answers about vaults tell of those that hold the backups: some of them, and not always their tags.
pub fn vaults(rng: &mut Prng, projects: &[Project]) -> Vec<Value> {
    let items = projects.iter().flat_map(|project| &project.items);
    let bodies = items.flat_map(|item| [&item.listed, &item.shown]).flatten();
    let ids: BTreeSet<_> = bodies.filter_map(|body| body["vault_id"].as_str()).collect();
    let told: Vec<_> = ids.into_iter().filter(|_| rng.percent(80)).collect();
    told.into_iter().map(|id| vault(rng, id)).collect()
}

fn vault(rng: &mut Prng, id: &str) -> Value {
    let mut vault = json!({ "id": id, "name": "vault", "resources": [] });
    let mut tag = || {
        let (key, value) = rng.pick(&[("env", "prod"), ("env", "test"), ("team", "red"), ("team", "blue")]);
        json!({ "key": key, "value": if rng.percent(20) { Value::Null } else { json!(value) } })
    };
    let (one, other) = (tag(), tag());
    match rng.between(1, 10) {
        1 => {}
        2 => vault["tags"] = Value::Null,
        3 => vault["tags"] = json!([]),
        4..=6 => vault["tags"] = json!([one, other]),
        _ => vault["tags"] = json!([one]),
    }
    vault
}

/// How the backups of one resource change over time; the first one is the newest.
struct Story {
    /// Up to here its disks were not as encrypted as before.
    encryption_changes: usize,
    /// Up to here the last disk is missing.
    disk_is_left_out: usize,
    newest_fail: usize,
    hands_and_policy: bool,
}

impl Story {
    fn any(maker: &mut Maker) -> Self {
        let mut maybe = |chance| if maker.rng.percent(chance) { maker.rng.pick(&[1_usize, 1, 2, 3]) } else { 0 };
        let (encryption_changes, disk_is_left_out, newest_fail) = (maybe(25), maybe(25), maybe(12));
        Self { encryption_changes, disk_is_left_out, newest_fail, hands_and_policy: maker.rng.percent(25) }
    }

    /// The resource as it was at its nth backup.
    fn then(&self, thing: &Protected, nth: usize) -> Protected {
        let mut then = thing.clone();
        if nth < self.encryption_changes {
            then.encrypted = !then.encrypted;
            then.disks.iter_mut().for_each(|disk| disk.encrypted = !disk.encrypted);
        }
        if nth < self.disk_is_left_out && then.disks.len() > 1 {
            then.disks.pop();
        }
        then
    }

    fn tell(&self, maker: &mut Maker, backup: &mut Value, nth: usize) {
        if nth < self.newest_fail {
            backup["status"] = json!("error");
        }
        if self.hands_and_policy {
            backup["extend_info"]["auto_trigger"] = json!(maker.rng.percent(50));
        }
    }
}

fn project(maker: &mut Maker, id: &str, replicas: &mut Vec<Value>) -> Project {
    use ReplicationView::*;
    let view = maker.rng.pick(&[Shown, Shown, Shown, EmptyInLists, Absent, Null]);
    let mut project = Project { id: id.to_owned(), items: Vec::new(), disk_lists: Vec::new() };
    for thing in protected(maker, id) {
        let story = Story::any(maker);
        for (nth, created) in maker.schedule().into_iter().enumerate() {
            let mut backup = maker.backup(&story.then(&thing, nth), created);
            story.tell(maker, &mut backup, nth);
            if [SERVER, TURBO].contains(&thing.kind) && maker.rng.percent(55) {
                replicate(maker, &mut backup, created, replicas);
            }
            maker.maybe_spoil(&mut backup);
            show(maker, &mut project, backup, view);
        }
        if !maker.is_calm && maker.rng.percent(12) {
            let created = maker.now + maker.rng.between(1, 40) * HOUR;
            let future = maker.backup(&thing, created);
            show(maker, &mut project, future, Shown);
        }
    }
    add_oddities(maker, &mut project);
    project
}

/// Some disks of servers are also backed up on their own.
fn protected(maker: &mut Maker, project: &str) -> Vec<Protected> {
    let mut things = Vec::new();
    for _ in 0..maker.rng.between(1, 2) {
        let kind = maker.rng.pick(&[SERVER, SERVER, SERVER, SERVER, SERVER, SERVER, BARE_METAL]);
        let mut server = maker.protected(kind, project);
        server.disks = (0..maker.rng.between(1, 3)).map(|_| maker.protected(DISK, project)).collect();
        if maker.rng.percent(50) {
            things.push(server.disks[0].clone());
        }
        things.push(server);
    }
    for kind in [DISK, TURBO] {
        if maker.rng.percent(60) {
            things.push(maker.protected(kind, project));
        }
    }
    things
}

fn replicate(maker: &mut Maker, backup: &mut Value, created: Instant, replicas: &mut Vec<Value>) {
    let (mut records, mut copies) = maker.replication(backup, created);
    if maker.rng.percent(80) {
        claim_another(maker, backup, &mut records, &mut copies, replicas);
    }
    backup["replication_records"] = json!(records);
    for id in copies {
        if maker.rng.percent(40) {
            let mut replica = replica_of(maker, backup, created + HOUR);
            replica["id"] = json!(id);
            replicas.push(replica);
        }
    }
}

/// Has a record name a copy that a backup of another resource names too. Which of their names the copy bears would only be
/// a riddle.
fn claim_another(
    maker: &mut Maker,
    backup: &Value,
    records: &mut [Value],
    copies: &mut Vec<String>,
    replicas: &mut [Value],
) {
    let is_other = |replica: &&mut Value| {
        replica["resource_type"] == backup["resource_type"]
            && replica["resource_id"] != backup["resource_id"]
            && replica["created_at"]["$at"].as_i64() > backup["created_at"]["$at"].as_i64()
            && !maker.claimed.contains(&replica["id"].to_string())
    };
    let made = copies.last().map(|id| json!(id));
    let made = records.iter_mut().find(|record| Some(&record["destination_backup_id"]) == made.as_ref());
    if let (Some(record), Some(other)) = (made, replicas.iter_mut().rev().find(is_other)) {
        maker.claimed.insert(other["id"].to_string());
        other.as_object_mut().unwrap().remove("resource_name");
        record["destination_backup_id"] = other["id"].clone();
        copies.pop();
    }
}

/// Lists never show the disks of a replica.
fn replica_of(maker: &mut Maker, source: &Value, created: Instant) -> Value {
    let mut replica = source.clone();
    replica["image_type"] = json!("replication");
    replica["project_id"] = json!("p-away");
    replica["vault_id"] = json!("vault-p-away");
    replica["checkpoint_id"] = json!(source["checkpoint_id"].as_str().map(|of| format!("{of}-away")));
    replica["created_at"] = at(created);
    replica["updated_at"] = at(created + 9 * MINUTE);
    replica["protected_at"] = Value::Null;
    replica["expired_at"] = maker.rng.pick(&[Value::Null, at(maker.now + 900 * HOUR)]);
    replica["children"] = json!([]);
    replica["replication_records"] = json!([]);
    replica
}

fn stray_replica(maker: &mut Maker) -> Value {
    let kind = maker.rng.pick(&[SERVER, TURBO]);
    let thing = maker.protected(kind, "p-away");
    let created = maker.schedule()[0];
    let backup = maker.backup(&thing, created);
    let mut replica = replica_of(maker, &backup, created);
    replica["id"] = json!(maker.id("bak"));
    replica["status"] = json!(maker.rng.pick(&["available", "available", "error", "protecting"]));
    replica
}

fn add_oddities(maker: &mut Maker, project: &mut Project) {
    for _ in 0..maker.rng.between(-1, 2) {
        let mut orphan = lone_disk(maker, &project.id);
        orphan["parent_id"] = json!(maker.id("lost"));
        maker.maybe_spoil(&mut orphan);
        let is_listed = maker.rng.percent(80);
        let (listed, shown) = if is_listed { (Some(orphan), None) } else { (None, Some(orphan)) };
        project.items.push(Item { listed, shown });
    }
    if maker.rng.percent(8) {
        let (mut first, mut second) = (lone_disk(maker, &project.id), lone_disk(maker, &project.id));
        first["parent_id"] = second["id"].clone();
        second["parent_id"] = first["id"].clone();
        project.items.extend([first, second].map(|disk| Item { listed: Some(disk), shown: None }));
    }
}

fn lone_disk(maker: &mut Maker, project: &str) -> Value {
    let disk = maker.protected(DISK, project);
    let created = maker.schedule()[0];
    maker.backup(&disk, created)
}

fn show(maker: &mut Maker, project: &mut Project, backup: Value, view: ReplicationView) {
    let is_server = backup["children"].as_array().is_some_and(|disks| !disks.is_empty());
    if is_server && maker.rng.percent(6) {
        project.disk_lists.push(backup["children"].as_array().unwrap().clone());
        let listed = for_list(without_children(backup, "empty"), view);
        return project.items.push(Item { listed: Some(listed), shown: None });
    }
    let nests_in_list = is_server && maker.rng.percent(6);
    let (is_listed, is_shown) = maker.rng.pick(&[(true, false), (true, true), (true, true), (false, true)]);
    let shown = is_shown.then(|| for_show(maker, backup.clone(), view, is_server && !nests_in_list));
    let children = if nests_in_list { "full" } else { list_children(&mut maker.rng, is_server) };
    let mut listed = is_listed.then(|| for_list(without_children(backup, children), view));
    if let (Some(listed), Some(shown)) = (&mut listed, &shown) {
        maybe_contradict(maker, listed, shown);
    }
    project.items.push(Item { listed, shown });
}

fn list_children(rng: &mut Prng, is_server: bool) -> &'static str {
    match rng.between(1, 20) {
        1 if is_server => "absent",
        2 if is_server => "null",
        _ => "empty",
    }
}

fn for_list(mut backup: Value, view: ReplicationView) -> Value {
    if view == ReplicationView::EmptyInLists {
        backup["replication_records"] = json!([]);
    }
    without_replication(backup, view)
}

fn for_show(maker: &mut Maker, backup: Value, view: ReplicationView, may_lose_children: bool) -> Value {
    let children = match maker.rng.between(1, 25) {
        1 | 2 if may_lose_children => "empty",
        3 if may_lose_children => "absent",
        4 if may_lose_children => "null",
        _ => "full",
    };
    without_replication(without_children(backup, children), view)
}

fn without_replication(mut backup: Value, view: ReplicationView) -> Value {
    match view {
        ReplicationView::Shown | ReplicationView::EmptyInLists => {}
        ReplicationView::Null => backup["replication_records"] = Value::Null,
        ReplicationView::Absent => drop(backup.as_object_mut().unwrap().remove("replication_records")),
    }
    backup
}

fn without_children(mut backup: Value, shape: &str) -> Value {
    match shape {
        "empty" => backup["children"] = json!([]),
        "null" => backup["children"] = Value::Null,
        "absent" => drop(backup.as_object_mut().unwrap().remove("children")),
        _ => {}
    }
    backup
}

/// A list saved a little earlier, which the show answer supersedes; or one that contradicts it outright.
fn maybe_contradict(maker: &mut Maker, listed: &mut Value, shown: &Value) {
    let updated = shown["updated_at"]["$at"].as_i64();
    let is_settled = shown["status"] == "available" && updated.is_some_and(|updated| updated < maker.now);
    match (maker.rng.between(1, 20), updated) {
        (1, Some(updated)) if is_settled => {
            listed["status"] = json!("protecting");
            listed["updated_at"] = at(updated - 2 * MINUTE);
        }
        (2, _) if is_settled => listed["status"] = json!("error"),
        (3, Some(updated)) if is_settled => listed["updated_at"] = at(updated - 30 * HOUR),
        _ => {}
    }
}
