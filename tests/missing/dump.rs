//! A dump in memory, the changes that take something out of it, and the verdicts over it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use cbr_audit::case;
use cbr_audit::clock::AsOf;
use cbr_audit::discover::{Access, Source, discover};
use cbr_audit::inventory::Inventory;
use cbr_audit::inventory::build::Builder;
use cbr_audit::inventory::documents::Documents;
use cbr_audit::inventory::handled::Handled;
use cbr_audit::judge;
use cbr_audit::limits::Limits;
use cbr_audit::report::wording;
use cbr_audit::rule::{Family, Subject};
use cbr_audit::rules::RULES;
use cbr_audit::settings::{Exclude, Settings};
use cbr_audit::sink::Traced;
use serde_json::Value;

/// Fields of a record that are not taken out: they say which record it is, or their absence has a meaning of its own.
const KEPT: [&str; 11] = [
    "/id",
    "/project_id",
    "/vault_id",
    "/resource_type",
    "/resource_id",
    "/updated_at",
    "/protected_at",
    "/expired_at",
    "/parent_id",
    "/enterprise_project_id",
    // A policy that does not limit the number of backups does not say so.
    "/operation_definition/max_backups",
];

/// Which resources a vault holds: what it does not list is another resource.
fn is_list_of_resources(pointer: &str) -> bool {
    let Some(rest) = pointer.strip_prefix("/resources") else { return false };
    rest.is_empty() || rest.ends_with("/id") || rest.ends_with("/type")
}

/// Rule, subject and key, and what the verdict on them is.
pub(crate) type Verdicts = BTreeMap<[String; 3], String>;

/// Files as they would stand in a directory.
pub(crate) struct Dump {
    /// What the dump is called.
    pub(crate) name: String,
    files: Vec<(String, String)>,
    as_of: AsOf,
}

/// One field taken out of one record, in all its copies.
pub(crate) struct Change {
    id: String,
    pointer: String,
    nulls: bool,
}

impl Dump {
    pub(crate) fn new(name: &str, files: Vec<(String, String)>, as_of: AsOf) -> Self {
        Self { name: name.to_owned(), files, as_of }
    }

    /// One project of a sample, with the capture note beside it.
    pub(crate) fn sample(sample: &str, project: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(sample);
        let sources = discover(&[root], &Exclude::default().globs).unwrap();
        let files = sources.into_iter().filter(|source| !source.path.contains('/') || source.path.starts_with(project));
        let read = |source: Source| match source.access {
            Access::File { path, .. } => Some((source.path, std::fs::read_to_string(path).unwrap())),
            _ => None,
        };
        Self::new(&format!("{sample} {project}"), files.filter_map(read).collect(), AsOf::FromDump).at_its_time()
    }

    /// The dump with its own as-of time given, so that no change moves it.
    fn at_its_time(mut self) -> Self {
        let settings = self.settings();
        self.as_of = AsOf::Given(judge(&settings, inventory(&self.files), false).clock.time);
        self
    }

    /// Everything that can be taken out.
    pub(crate) fn changes(&self) -> Vec<Change> {
        let mut fields = BTreeSet::new();
        for (_, text) in &self.files {
            if let Ok(mut document) = serde_json::from_str::<Value>(text) {
                each_record(&mut document, &mut |record| {
                    if let Some(id) = record.get("id").and_then(Value::as_str) {
                        fields.extend(pointers(record, "").into_iter().map(|pointer| (id.to_owned(), pointer)));
                    }
                });
            }
        }
        let kept = |pointer: &str| KEPT.contains(&pointer) || is_list_of_resources(pointer);
        let both = |(id, pointer): (String, String)| {
            [false, true].map(|nulls| Change { id: id.clone(), pointer: pointer.clone(), nulls })
        };
        fields.into_iter().filter(|(_, pointer)| !kept(pointer)).flat_map(both).collect()
    }

    /// Every verdict over the dump, or over what a change leaves of it, outside the data-quality family.
    pub(crate) fn verdicts(&self, change: Option<&Change>) -> Verdicts {
        let settings = self.settings();
        let changed: Vec<_> = self.files.iter().map(|(path, text)| (path.clone(), changed(text, change))).collect();
        let run = judge(&settings, inventory(&changed), true);
        let named = |(rule, traced): &(u16, Traced)| {
            let rule = RULES[usize::from(*rule)];
            let key = wording::key(&run.inventory, traced.key).unwrap_or_default();
            let unit = [rule.id.to_owned(), subject(&run.inventory, traced.subject), key.into_owned()];
            let verdict = [Some(traced.verdict), traced.reason].into_iter().flatten().collect::<Vec<_>>().join(" ");
            (rule.family != Family::DataQuality).then_some((unit, verdict))
        };
        run.evaluation.trace.iter().filter_map(named).collect()
    }

    fn settings(&self) -> Settings {
        Settings::at(self.as_of)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.nulls { "null" } else { "absent" };
        write!(f, "{} of {} {how}", self.pointer, self.id)
    }
}

impl Change {
    fn apply(&self, record: &mut Value) {
        let (home, key) = self.pointer.rsplit_once('/').unwrap();
        let Some(Value::Object(object)) = record.pointer_mut(home) else { return };
        if self.nulls && object.contains_key(key) {
            object.insert(key.to_owned(), Value::Null);
        } else {
            object.remove(key);
        }
    }
}

fn changed(text: &str, change: Option<&Change>) -> String {
    let Some(change) = change.filter(|change| text.contains(&change.id)) else { return text.to_owned() };
    let Ok(mut document) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    each_record(&mut document, &mut |record| {
        if record.get("id").and_then(Value::as_str) == Some(change.id.as_str()) {
            change.apply(record);
        }
    });
    document.to_string()
}

/// The keys under which backups stand, and the objects of the answers around them.
const HOMES: [&str; 15] = [
    "backup",
    "backups",
    "children",
    "vault",
    "vaults",
    "policy",
    "policies",
    "operation_log",
    "operation_logs",
    "checkpoint",
    "checkpoints",
    "instance",
    "instances",
    "member",
    "members",
];

/// Every backup of a document at any depth, and every object of an answer around the backups.
fn each_record(document: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    let is_record = document.get("resource_type").is_some() || document.get("id").is_some();
    if is_record {
        visit(document);
    }
    match document {
        Value::Array(elements) => elements.iter_mut().for_each(|element| each_record(element, visit)),
        Value::Object(object) => HOMES.into_iter().for_each(|key| {
            object.get_mut(key).into_iter().for_each(|inner| each_record(inner, visit));
        }),
        _ => {}
    }
}

/// The pointers of a record's fields, those of the objects inside included; its disks are records of their own.
fn pointers(value: &Value, home: &str) -> Vec<String> {
    let inner = |pointer: String, value: &Value| {
        let deeper = if pointer == "/children" { Vec::new() } else { pointers(value, &pointer) };
        [vec![pointer], deeper].concat()
    };
    match value {
        Value::Object(object) => object.iter().flat_map(|(key, value)| inner(format!("{home}/{key}"), value)).collect(),
        Value::Array(elements) => {
            (0..).zip(elements).flat_map(|(number, element)| pointers(element, &format!("{home}/{number}"))).collect()
        }
        _ => Vec::new(),
    }
}

fn inventory(files: &[(String, String)]) -> Inventory {
    let hasher = ahash::RandomState::with_seeds(1, 2, 3, 4);
    let mut builder = Builder::new(&hasher);
    for (path, text) in files {
        let source = Source { path: path.clone(), access: Access::Stdin };
        builder.documents(Documents::read(text.as_bytes(), false, &Limits::default(), &hasher));
        builder.close(&source, Handled::default());
    }
    builder.freeze(false)
}

/// A resource by its whole key, anything else by its short name.
fn subject(inventory: &Inventory, subject: Subject) -> String {
    let name = case::subject(inventory, subject);
    if let Subject::Listed(ix) = subject {
        return format!("{} {name}", inventory.listed(ix).kind);
    }
    let Subject::Resource(ix) = subject else { return name };
    let row = inventory.resource(ix);
    let replica = if row.is_replica { " as replica" } else { "" };
    format!("{} {} {name}{replica}", inventory.text(row.project), row.kind.word())
}
