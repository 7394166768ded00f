//! Dumps at random: records of every condition that rules look at, and answers around them, as documents that can be
//! written in any form.

use super::{around, random};
use cbr_audit::case::complete;
use cbr_audit::rule::NOON;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::told::{Place, Told, number, settings, with_settings};

/// How many cases of a relation `cargo test` tries; `METAMORPHIC` sets another number.
const CASES: usize = 16;

/// Files by name.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// A dump before it is written down.
#[derive(Clone, Debug)]
pub(crate) struct Dump {
    /// The records of one list answer, complete.
    pub(crate) records: Vec<Value>,
    /// Answers around them.
    pub(crate) around: Vec<(String, Value)>,
}

/// Numbers from which a dump is made; fewer make a smaller one.
type Seeds = (Vec<u64>, Option<u64>);

impl Dump {
    fn new((records, around): &Seeds) -> Self {
        let record = |(number, seed): (u64, &u64)| random::record(&mut random::Dice(*seed), number);
        let records: Vec<_> = (0..).zip(records).map(record).collect();
        let text = json!({"$files": {"list.json": {"backups": records}}}).to_string();
        let mut list: Value = serde_json::from_str(&complete::files(&text).unwrap()[0].1).unwrap();
        let Value::Array(mut records) = list["backups"].take() else { panic!("{list}") };
        records.iter_mut().for_each(with_resource_of_its_own);
        let around = around.map(around::files).unwrap_or_default();
        let around = around.into_iter().filter(|(path, _)| path != "backups.json");
        let around = around.map(|(path, text)| (path, serde_json::from_str(&text).unwrap()));
        Self { records, around: around.collect() }
    }

    /// The dump as one page, with the answers around it beside it.
    pub(crate) fn files(&self) -> Files {
        self.with([("list.json", self.page(0, self.records.len()).to_string())])
    }

    /// The answers around, beside files that hold the records.
    pub(crate) fn with<N: Into<String>, B: Into<Vec<u8>>>(&self, files: impl IntoIterator<Item = (N, B)>) -> Files {
        let files = files.into_iter().map(|(name, bytes)| (name.into(), bytes.into()));
        let around = self.around.iter().map(|(name, answer)| (name.clone(), answer.to_string().into_bytes()));
        files.chain(around).collect()
    }

    /// The page with the records of this range.
    pub(crate) fn page(&self, from: usize, to: usize) -> Value {
        json!({"backups": self.records[from..to], "count": self.records.len(), "offset": from})
    }

    /// The same dump of another project: no id is that of the first.
    pub(crate) fn in_project(&self, project: &str) -> Self {
        let renamed = |value: &Value| {
            let mut value = value.clone();
            rename(&mut value, project);
            value
        };
        let around = self.around.iter().map(|(name, answer)| (name.clone(), renamed(answer)));
        Self { records: self.records.iter().map(renamed).collect(), around: around.collect() }
    }
}

/// No two resources of different types have one id: those of servers begin with `r`, of disks with `d`, of shares with `t`.
fn with_resource_of_its_own(record: &mut Value) {
    let start = match record["resource_type"].as_str() {
        Some("OS::Nova::Server") => "r",
        Some("OS::Cinder::Volume") => "d",
        Some(_) => "t",
        None => "u",
    };
    if let Some(id) = record["resource_id"].as_str().filter(|id| !id.starts_with(start)) {
        record["resource_id"] = json!(format!("{start}-{id}"));
    }
}

/// Gives every id, in whatever field it stands, another beginning.
fn rename(value: &mut Value, project: &str) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| rename(element, project)),
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(text) if key == "id" || key.ends_with("_id") => *text = format!("{project}-{text}"),
                    other => rename(other, project),
                }
            }
        }
        _ => {}
    }
}

/// Tries a relation on many dumps, each with a number that chooses among its variants, and fails with the smallest dump
/// that was found for which it does not hold.
pub(crate) fn holds(relation: impl Fn(&Dump, &mut random::Dice) -> Result<(), String>) {
    let cases = u32::try_from(number("METAMORPHIC", CASES)).unwrap();
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 300, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let seeds = (vec(any::<u64>(), 1..6), proptest::option::of(any::<u64>()));
    let strategy = (seeds, any::<u64>()).prop_map(|(seeds, choice)| (Dump::new(&seeds), choice));
    let outcome =
        runner.run(&strategy, |(dump, choice)| relation(&dump, &mut random::Dice(choice)).map_err(TestCaseError::fail));
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// What is said of files at noon.
pub(crate) fn said(files: &[(String, Vec<u8>)]) -> Told {
    let place = Place::new();
    files.iter().for_each(|(name, bytes)| {
        place.write(name, bytes);
    });
    with_settings(place.path(), &settings(NOON))
}
