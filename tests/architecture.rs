//! The modules use each other as `docs/architecture.md` says, and every crate has its reason there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use pretty_assertions::assert_eq;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const GIVEN: [&str; 8] = ["clap", "csv", "pretty_assertions", "rayon", "serde", "serde_json", "tera", "walkdir"];

#[test]
fn modules_use_what_the_table_allows() {
    let table = table_of_modules();
    for file in sources(&root().join("src")) {
        let module = module_of(&file);
        let Some(allowed) = table.get(&module) else {
            continue;
        };
        for used in used_by(&fs::read_to_string(&file).unwrap()) {
            let top = used.split("::").next().unwrap();
            let may = top == module || allowed.contains(top) || allowed.contains(&used);
            assert!(may, "{} uses {used}, which docs/architecture.md does not allow", file.display());
        }
    }
}

#[test]
fn the_table_allows_nothing_that_is_not_used() {
    let mut unused = table_of_modules();
    for file in sources(&root().join("src")) {
        let Some(allowed) = unused.get_mut(&module_of(&file)) else {
            continue;
        };
        for used in used_by(&fs::read_to_string(&file).unwrap()) {
            allowed.remove(&used);
            allowed.remove(used.split("::").next().unwrap());
        }
    }
    unused.retain(|_, left| !left.is_empty());
    assert_eq!(unused, BTreeMap::new());
}

#[test]
fn the_table_names_every_module_once() {
    let modules: BTreeSet<_> = sources(&root().join("src")).iter().map(|file| module_of(file)).collect();
    let known: BTreeSet<_> = table_of_modules().into_keys().chain(["lib", "main"].map(str::to_owned)).collect();
    assert_eq!(modules, known);
}

#[test]
fn every_crate_beyond_the_given_has_its_reason() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let mut section = "";
    let mut crates = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        } else if section.ends_with("dependencies]")
            && let Some((name, _)) = line.split_once(" = ")
        {
            crates.insert(name.to_owned());
        }
    }
    let reasons = rows("| crate | why |");
    let explained: BTreeSet<_> = reasons.iter().map(|row| quoted(&row[0])[0].clone()).collect();
    let given: BTreeSet<_> = GIVEN.map(str::to_owned).into();
    assert_eq!(&crates - &given, explained);
    assert!(reasons.iter().all(|row| row[1].len() > 20), "{reasons:?}");
}

/// Every module with what it may use.
fn table_of_modules() -> BTreeMap<String, BTreeSet<String>> {
    let rows = rows("| module | holds | may use |");
    let entries = rows.iter().map(|row| {
        let name = quoted(&row[0]).remove(0);
        (name, quoted(&row[2]).into_iter().collect())
    });
    let table: BTreeMap<_, _> = entries.collect();
    assert_eq!(table.len(), rows.len(), "a module stands twice");
    table
}

/// The rows of the table below this heading.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let (_, below) = text.split_once(heading).expect("the table is gone");
    let lines = below.trim_start().lines().skip(1);
    let rows = lines.take_while(|line| line.starts_with('|'));
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    rows.map(cells).collect()
}

/// What stands between back-quotes.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What code mentions of its own crate: `a::b` where a part of a module is named, else `a`.
fn used_by(source: &str) -> BTreeSet<String> {
    let code = source.split("#[cfg(test)]").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let text = lines.collect::<Vec<_>>().join("\n");
    let name = |part: Option<&str>| {
        let letters = |c: char| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit();
        part.filter(|part| !part.is_empty() && part.chars().all(letters)).map(str::to_owned)
    };
    let mut used = BTreeSet::new();
    for path in text.split("crate::").skip(1) {
        let end = path.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':').unwrap_or(path.len());
        let mut parts = path[..end].split("::");
        match (name(parts.next()), name(parts.next())) {
            (Some(top), Some(part)) => used.insert(format!("{top}::{part}")),
            (Some(top), None) if is_module(&top) => used.insert(top),
            (Some(_), None) => used.insert("lib".to_owned()),
            (None, _) => panic!("use one path per line, not crate::{}", &path[..end]),
        };
    }
    used
}

/// What is no module is a function of `lib.rs`.
fn is_module(name: &str) -> bool {
    let place = root().join("src").join(name);
    place.is_dir() || place.with_extension("rs").is_file()
}

fn module_of(file: &Path) -> String {
    let inside = file.strip_prefix(root().join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str();
    first.to_str().unwrap().trim_end_matches(".rs").to_owned()
}

fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
