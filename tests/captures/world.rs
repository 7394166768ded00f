//! Backups that come and go, and what captures of them at different times hold.

use serde_json::{Map, Value, json};

/// How captures are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// By notes days apart.
    Noted,
    /// By notes an hour apart; the later one holds all resources of the older one.
    NotedClosely,
    /// By directories that are called by dates, without notes.
    Dated,
    /// By their contents alone.
    Plain,
}

/// A backup in hours before noon: from when to when it is there.
#[derive(Clone, Debug)]
struct Life {
    record: Value,
    project: &'static str,
    made: u64,
    deleted: u64,
}

/// The backups of some projects.
#[derive(Clone, Debug)]
pub(crate) struct World {
    seed: u64,
    lives: Vec<Life>,
}

/// The name of the directory of an older capture.
pub(crate) fn older_name(form: Form, number: usize) -> String {
    match form {
        Form::Dated => format!("2026-02-0{number}"),
        _ => format!("a{number}/dump"),
    }
}

impl World {
    /// The world of a number.
    pub(crate) fn new(seed: u64) -> Self {
        let mut world = Self { seed, lives: Vec::new() };
        for number in 0..12 + world.roll(20) {
            let life = world.life(number);
            world.lives.push(life);
        }
        // Every resource has a backup that stays, so that later captures name it, and one just before the last capture.
        let fixed = [("p1", "r0"), ("p1", "r1"), ("p2", "r0"), ("p2", "r1")];
        for (number, (project, resource)) in (0..).zip(fixed) {
            let made = 150 + number;
            let record = json!({"id": format!("f{number}"), "project_id": project, "resource_id": resource,
                "vault_id": format!("{project}-v{}", resource == "r1"), "created_at": format!("-{made}h")});
            let mut newest = record.clone();
            newest["id"] = json!(format!("l{number}"));
            newest["created_at"] = json!("-1h");
            world.lives.push(Life { record: newest, project, made: 1, deleted: 0 });
            world.lives.push(Life { record, project, made, deleted: 0 });
        }
        world
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % sides
    }

    fn life(&mut self, number: u64) -> Life {
        let project = ["p1", "p2"][usize::try_from(self.roll(2)).unwrap()];
        let second = self.roll(2) == 1;
        // Made at most a week before noon, and never in the same hour as another.
        let made = 2 + number * 4 + self.roll(3);
        let deleted = if self.roll(3) == 0 { made.saturating_sub(20 + self.roll(60)) } else { 0 };
        let status = ["available", "available", "available", "error"][usize::try_from(self.roll(4)).unwrap()];
        let mut record = json!({
            "id": format!("b{number}"), "project_id": project, "resource_id": if second { "r1" } else { "r0" },
            "vault_id": format!("{project}-v{second}"), "status": status, "created_at": format!("-{made}h"),
        });
        match self.roll(6) {
            0 => record["extend_info"] = json!({"encrypted": false}),
            1 => record["colour"] = json!("red"),
            2 => record["expired_at"] = json!(null),
            3 => record["children"] = json!([{"id": format!("b{number}-d"), "resource_id": "d1"}]),
            4 => {
                record["replication_records"] =
                    json!([{"status": "fail"}, {"destination_region": format!("x{number}")}])
            }
            _ => {}
        }
        Life { record, project, made, deleted }
    }

    /// The projects.
    pub(crate) fn projects(&self) -> [&'static str; 2] {
        ["p1", "p2"]
    }

    /// The same with the backups of one project.
    pub(crate) fn of_project(&self, project: &str) -> Self {
        let lives = self.lives.iter().filter(|life| life.project == project).cloned().collect();
        Self { seed: self.seed, lives }
    }

    /// When captures are made, in hours before noon: the newest one first.
    pub(crate) fn moments(&self, form: Form, older: usize) -> Vec<u64> {
        let apart = if form == Form::NotedClosely { 4 } else { 30 };
        (0..=older as u64).map(|number| 1 + number * apart).collect()
    }

    /// The files of a capture that is made so many hours before noon.
    pub(crate) fn capture(&self, at: u64, form: Form, directory: &str) -> Map<String, Value> {
        let mut files = Map::new();
        let there: Vec<_> = self.lives.iter().filter(|life| life.made >= at && life.deleted < at).collect();
        for project in self.projects() {
            let own: Vec<_> = there.iter().filter(|life| life.project == project).collect();
            let size = 2 + usize::try_from(self.seed % 7).unwrap();
            for (page, some) in own.chunks(size).enumerate() {
                let backups: Vec<_> = some.iter().map(|life| listed(&life.record)).collect();
                let answer = json!({"count": own.len(), "offset": page * size, "limit": size, "backups": backups});
                files.insert(format!("{directory}/{project}-{page}.json"), answer);
            }
            let vaults = json!({"vaults": [{"id": format!("{project}-vtrue"), "project_id": project}]});
            files.insert(format!("{directory}/vaults-{project}.json"), vaults);
            if own.is_empty() {
                files.retain(|path, _| !path.contains(project));
            }
        }
        for life in there.iter().step_by(2) {
            let id = life.record["id"].as_str().unwrap();
            files.insert(format!("{directory}/show/{id}.json"), json!({"backup": life.record}));
        }
        if matches!(form, Form::Noted | Form::NotedClosely) {
            let note = json!({"captured_at": format!("-{at}h"), "region": "eu-de"});
            files.insert(format!("{directory}/capture.json"), note);
        }
        files
    }
}

/// As a list shows it: without its disks.
fn listed(record: &Value) -> Value {
    let mut listed = record.clone();
    listed.as_object_mut().unwrap().remove("children");
    listed
}
