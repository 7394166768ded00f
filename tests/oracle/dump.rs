//! Writes a world into a directory: list pages, show answers, lists of disks, and files that are no backup answer.

use crate::prng::Prng;
use crate::time::{self, Dialect, Instant};
use crate::world::{Item, Project};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, PartialEq)]
enum Paging {
    Full,
    LastPageMissing,
    Overlapping,
    ByMarker,
    WithoutCount,
    CountsDiffer,
    CountTooSmall,
    EndsEmpty,
}

/// What stands beside the backups.
pub struct Beside {
    pub vaults: Vec<Value>,
    /// The time that notes beside the answers tell, if there may be some.
    pub noted: Option<Instant>,
}

pub fn write(root: &Path, projects: &[Project], beside: &Beside, rng: &mut Prng) {
    let shares_directory = rng.percent(20);
    for (nth, project) in projects.iter().enumerate() {
        let directory = if shares_directory { root.to_owned() } else { own_directory(root, nth, rng) };
        let mut writer = Writer { directory, project, rng };
        writer.write_lists(shares_directory);
        writer.write_shows();
        writer.write_disk_lists();
        if writer.rng.percent(15) {
            writer.write_broken();
        }
        if let (Some(noted), true) = (beside.noted, writer.rng.percent(20)) {
            let note = json!({ "captured_at": time::write(noted, Dialect::Zulu) });
            writer.save("capture.json", &note.to_string());
        }
    }
    if !beside.vaults.is_empty() {
        let answer = json!({ "vaults": beside.vaults, "count": beside.vaults.len() });
        save(&root.join("around/vaults.json"), &answer.to_string());
    }
    if rng.percent(10) {
        save(&root.join("nothing/list.json"), "{\"backups\": [], \"count\": 0}");
    }
    if rng.percent(20) {
        save(&root.join("README.md"), "# An export\n");
        save(&root.join("vaults.json"), "{\"vaults\": [], \"count\": 0}");
    }
}

fn own_directory(root: &Path, nth: usize, rng: &mut Prng) -> PathBuf {
    match (nth, rng.percent(50)) {
        (0, true) => root.to_owned(),
        (_, true) => root.join(format!("export/part-{nth}")),
        (_, false) => root.join(format!("part-{nth}")),
    }
}

struct Writer<'a> {
    directory: PathBuf,
    project: &'a Project,
    rng: &'a mut Prng,
}

impl Writer<'_> {
    /// Orphans stand first: a page holding nothing but the disks of one parent would be a list of its own.
    fn write_lists(&mut self, shares_directory: bool) {
        let project = self.project;
        let mut elements: Vec<_> =
            project.items.iter().filter_map(|item| item.listed.as_ref()).map(|body| told(body, self.rng)).collect();
        elements.sort_by_key(|element| element["parent_id"].is_null());
        let Some(last) = elements.last() else { return };
        let ends_with_orphan = !last["parent_id"].is_null();
        let paging = self.paging(shares_directory);
        let limit = if ends_with_orphan { 9 } else { usize::try_from(self.rng.between(2, 6)).unwrap() };
        for (nth, page) in pages(&elements, limit, paging).iter().enumerate() {
            let name = format!("{}-list-{nth}.json", project.id);
            self.save(&name, &page.to_string());
        }
    }

    /// An empty last page can be told apart only where a directory holds one project.
    fn paging(&mut self, shares_directory: bool) -> Paging {
        use Paging::*;
        match self.rng.between(1, 20) {
            1..=2 => LastPageMissing,
            3 => Overlapping,
            4 | 5 => ByMarker,
            6 => WithoutCount,
            7 => CountsDiffer,
            8 => CountTooSmall,
            9 | 10 if !shares_directory => EndsEmpty,
            _ => Full,
        }
    }

    fn write_shows(&mut self) {
        let project = self.project;
        let folder = self.rng.pick(&["", "show/"]);
        for (nth, Item { shown, .. }) in project.items.iter().enumerate() {
            if let Some(body) = shown {
                let answer = json!({ "backup": told(body, self.rng) });
                self.save(&format!("{folder}{}-show-{nth}.json", project.id), &format!("{answer:#}"));
            }
        }
    }

    fn write_disk_lists(&mut self) {
        let project = self.project;
        for (nth, disks) in project.disk_lists.iter().enumerate() {
            let elements: Vec<_> = disks.iter().map(|disk| told(disk, self.rng)).collect();
            let answer = json!({ "count": elements.len(), "backups": elements });
            self.save(&format!("disks-{}-{nth}/list.json", project.id), &answer.to_string());
        }
    }

    fn write_broken(&mut self) {
        let text =
            self.rng.pick(&["{\"backups\": [{\"id\":", "{\"error_code\": \"APIGW.0301\", \"error_msg\": \"no\"}"]);
        self.save(&format!("{}-broken.json", self.project.id), text);
    }

    fn save(&self, name: &str, text: &str) {
        save(&self.directory.join(name), text);
    }
}

fn save(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn pages(elements: &[Value], limit: usize, paging: Paging) -> Vec<Value> {
    let total = elements.len();
    let mut pages: Vec<Value> = (0..total).step_by(limit).map(|start| page(elements, start, limit, paging)).collect();
    match paging {
        Paging::LastPageMissing if pages.len() > 1 => drop(pages.pop()),
        Paging::CountsDiffer => pages.last_mut().unwrap()["count"] = json!(total + 1),
        Paging::EndsEmpty => pages.push(json!({ "backups": [], "count": total, "offset": total, "limit": limit })),
        _ => {}
    }
    pages
}

fn page(elements: &[Value], start: usize, limit: usize, paging: Paging) -> Value {
    let end = (start + limit).min(elements.len());
    let first = if paging == Paging::Overlapping { start.saturating_sub(1) } else { start };
    let count = if paging == Paging::CountTooSmall { elements.len() - 1 } else { elements.len() };
    let mut page = json!({ "backups": elements[first..end], "count": count, "offset": first, "limit": limit });
    match paging {
        Paging::ByMarker => page["offset"] = json!(0),
        Paging::WithoutCount => drop(page.as_object_mut().unwrap().remove("count")),
        _ => {}
    }
    page
}

/// One copy of a record: its times in one dialect, the default enterprise project as a number or as text.
fn told(body: &Value, rng: &mut Prng) -> Value {
    let dialect = Dialect::any(rng);
    let mut copy = written(body, dialect);
    if copy["enterprise_project_id"] == "0" && rng.percent(50) {
        copy["enterprise_project_id"] = json!(0);
    }
    copy
}

fn written(value: &Value, dialect: Dialect) -> Value {
    match value {
        Value::Array(list) => list.iter().map(|member| written(member, dialect)).collect(),
        Value::Object(object) => moment(object, dialect).unwrap_or_else(|| {
            Value::Object(object.iter().map(|(key, member)| (key.clone(), written(member, dialect))).collect())
        }),
        other => other.clone(),
    }
}

fn moment(object: &Map<String, Value>, dialect: Dialect) -> Option<Value> {
    let instant = |key| object.get(key).and_then(Value::as_i64);
    instant("$at").map(|at| time::write(at, dialect)).or_else(|| instant("$day").map(time::write_day)).map(Value::from)
}
