//! Reads a dump back from disk: every copy of every backup record, every list answer, every rejected input.

use crate::time::{self, Instant, MILLISECOND};
use crate::verdict::{Known, Reasons, because};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A directory, a project and, for lists of the disks of one server backup, their parent.
pub type Group = (String, String, Option<String>);

pub struct Copy {
    pub body: Value,
    pub directory: String,
    pub is_show: bool,
    pub nested_in: Option<String>,
    pub group: Option<Group>,
}

pub struct Record {
    pub copies: Vec<Copy>,
}

pub struct Page {
    pub directory: String,
    pub group: Option<Group>,
    pub count: Option<i64>,
    pub offset: Option<i64>,
    pub ids: Vec<String>,
    pub has_top_level: bool,
}

#[derive(Default)]
pub struct Dump {
    pub records: BTreeMap<String, Record>,
    pub pages: Vec<Page>,
    pub directories_with_rejects: BTreeSet<String>,
    /// Directories with a note of when the export was made.
    pub captures: BTreeSet<String>,
    /// The answers about vaults, by id.
    pub vaults: BTreeMap<String, Value>,
}

impl Dump {
    pub fn read(root: &Path) -> Self {
        let mut dump = Self::default();
        dump.read_directory(root, ".");
        dump
    }

    fn read_directory(&mut self, path: &Path, name: &str) {
        let mut entries: Vec<_> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for entry in entries {
            let own = entry.file_name().unwrap().to_str().unwrap().to_owned();
            if entry.is_dir() {
                let below = if name == "." { own } else { format!("{name}/{own}") };
                self.read_directory(&entry, &below);
            } else if own == "capture.json" {
                self.captures.insert(name.to_owned());
            } else if own.ends_with(".json") {
                self.read_file(&fs::read_to_string(&entry).unwrap(), name);
            }
        }
    }

    fn read_file(&mut self, content: &str, directory: &str) {
        let answer: Value = serde_json::from_str(content).unwrap_or(Value::Null);
        if let Some(backup) = answer.get("backup") {
            self.add(backup, directory, true, None, None);
        } else if let Some(Value::Array(backups)) = answer.get("backups") {
            self.add_page(&answer, backups, directory);
        } else if let Some(vaults) = answer.get("vaults") {
            let vaults = vaults.as_array().unwrap().iter();
            self.vaults.extend(vaults.map(|vault| (text(&vault["id"]).unwrap(), vault.clone())));
        } else {
            self.directories_with_rejects.insert(directory.to_owned());
        }
    }

    fn add_page(&mut self, answer: &Value, backups: &[Value], directory: &str) {
        let parents: BTreeSet<Option<String>> = backups.iter().map(|b| text(&b["parent_id"])).collect();
        let shared_parent = if parents.len() == 1 { parents.first().cloned().flatten() } else { None };
        let group =
            backups.first().map(|first| (directory.to_owned(), text(&first["project_id"]).unwrap(), shared_parent));
        for backup in backups {
            self.add(backup, directory, false, None, group.clone());
        }
        self.pages.push(Page {
            directory: directory.to_owned(),
            group,
            count: answer["count"].as_i64(),
            offset: answer["offset"].as_i64(),
            ids: backups.iter().map(|b| text(&b["id"]).unwrap()).collect(),
            has_top_level: parents.contains(&None),
        });
    }

    fn add(&mut self, body: &Value, directory: &str, is_show: bool, nested_in: Option<&str>, group: Option<Group>) {
        let id = text(&body["id"]).unwrap();
        for child in body["children"].as_array().into_iter().flatten() {
            self.add(child, directory, is_show, Some(&id), None);
        }
        let (directory, nested_in) = (directory.to_owned(), nested_in.map(str::to_owned));
        let copy = Copy { body: body.clone(), directory, is_show, nested_in, group };
        self.records.entry(id).or_insert_with(|| Record { copies: Vec::new() }).copies.push(copy);
    }
}

impl Record {
    /// The value of a field in the newest reading: copies that differ without a newer one contradict each other.
    pub fn field(&self, path: &[&str]) -> Known<&Value> {
        let newest = self.copies.iter().filter_map(Copy::updated_at).max();
        let mut values: Vec<&Value> = Vec::new();
        let mut reasons = Reasons::new();
        for copy in self.copies.iter().filter(|copy| copy.updated_at() == newest) {
            match lookup(&copy.body, path) {
                None => drop(reasons.insert("field-absent")),
                Some(value) if is_null(value) => drop(reasons.insert("field-null")),
                Some(value) if values.iter().any(|other| same(other, value)) => {}
                Some(value) => values.push(value),
            }
        }
        match values.as_slice() {
            [] => Err(reasons),
            [value] => Ok(value),
            _ => Err(because(["record-conflict"])),
        }
    }

    /// The value as it stands, where an empty text is a value.
    pub fn raw(&self, path: &[&str]) -> Known<&Value> {
        let (last, above) = path.split_last().unwrap();
        let newest = self.copies.iter().filter_map(Copy::updated_at).max();
        let mut reasons = Reasons::new();
        for copy in self.copies.iter().filter(|copy| copy.updated_at() == newest) {
            match lookup(&copy.body, above) {
                Some(Value::Null) => drop(reasons.insert("field-null")),
                Some(object) => match object.get(last) {
                    Some(Value::Null) => drop(reasons.insert("field-null")),
                    Some(value) => return Ok(value),
                    None => drop(reasons.insert("field-absent")),
                },
                None => drop(reasons.insert("field-absent")),
            }
        }
        Err(reasons)
    }

    pub fn text(&self, path: &[&str]) -> Known<String> {
        self.field(path).map(|value| text(value).unwrap())
    }

    pub fn flag(&self, path: &[&str]) -> Known<bool> {
        self.field(path).map(|value| value.as_bool().unwrap())
    }

    pub fn is_nested(&self) -> bool {
        self.copies.iter().any(|copy| copy.nested_in.is_some())
    }
}

impl Copy {
    pub fn updated_at(&self) -> Option<Instant> {
        time::read(self.body.get("updated_at")?.as_str()?).map(|reading| reading.at)
    }
}

/// Text of a scalar: ids and enterprise projects come as numbers and as strings.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn lookup<'a>(body: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(body, |value, key| value.get(key))
}

/// An empty string is a null time, and no other field here is ever written as one.
fn is_null(value: &Value) -> bool {
    value.is_null() || value == ""
}

fn same(left: &Value, right: &Value) -> bool {
    let times = (left.as_str().and_then(time::read), right.as_str().and_then(time::read));
    match times {
        (Some(left), Some(right)) => (left.at - right.at).abs() <= MILLISECOND,
        _ => text(left) == text(right) && left.as_bool() == right.as_bool(),
    }
}
