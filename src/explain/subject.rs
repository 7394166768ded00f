//! What a verdict can be about: found by the name that a report gives it, and what contains what.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files, listings and keys are those of the inventory that they are looked up in"
)]

use std::collections::HashSet;

use anyhow::{Result, bail};

use crate::evaluate::rule_at;
use crate::finding::{Finding, Key, SchemaBreak, Subject};
use crate::inventory::backup::Role;
use crate::inventory::field::FieldId;
use crate::inventory::intern::Symbol;
use crate::inventory::neighbour::part::Part;
use crate::inventory::{BackupIx, FileIx, Inventory, ListingIx};
use crate::report::row::{backup_id, resource_of};
use crate::report::wording;
use crate::rule::{Check, Rule};
use crate::run::Run;
use crate::settings::nearest;

/// A verdict of a rule.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// What it is about.
    pub subject: Subject,
    /// What tells it apart from others on the same subject.
    pub key: Key,
    /// `fail`, `unknown`, `waived`, `pass` or `not-applicable`.
    pub verdict: &'static str,
    /// What the report says of it; a pass has no such thing.
    pub finding: Option<Finding>,
}

/// Every verdict of a rule: findings in their order, then passes and what is not applicable.
#[must_use]
pub fn verdicts(run: &Run<'_>, rule: &Rule) -> Vec<Given> {
    let is_of = |number: u16| rule_at(number).id == rule.id;
    let findings = run.evaluation.findings.iter().filter(|finding| is_of(finding.rule)).map(|finding| Given {
        subject: finding.subject,
        key: finding.key,
        verdict: finding.verdict.word(),
        finding: Some(finding),
    });
    let silent = run
        .evaluation
        .trace
        .iter()
        .filter(|(number, traced)| is_of(*number) && matches!(traced.verdict, "pass" | "not-applicable"));
    let silent = silent.map(|(_, traced)| Given {
        subject: traced.subject,
        key: traced.key,
        verdict: traced.verdict,
        finding: None,
    });
    findings.chain(silent).collect()
}

/// What a report calls by this name.
///
/// # Errors
/// Nothing, or several resources by that name.
pub(super) fn named(inventory: &Inventory, rules: &[&Rule], name: &str) -> Result<Vec<Subject>> {
    let mut found: Vec<_> = backups(inventory, name).map(Subject::Backup).collect();
    found.extend(resources(inventory, name)?);
    let vaults = inventory.vaults().filter(|&ix| inventory.text(inventory.vault_id(ix)) == name);
    found.extend(vaults.map(Subject::Vault));
    found.extend(checkpoint(inventory, name).map(Subject::Checkpoint));
    let is_called = |text: Option<&str>| text == Some(name);
    let neighbours = inventory.neighbours();
    let neighbours = neighbours.filter(|it| it.id() == name || is_called(it.text(Part::Name).value())).map(|it| it.ix);
    found.extend(neighbours.map(Subject::Neighbour));
    let listed = inventory.listed_resources().filter(|&ix| inventory.listed(ix).resource.is_none());
    let listed = listed.filter(|&ix| {
        let row = inventory.listed(ix);
        &*row.id == name || is_called(row.name.as_deref())
    });
    found.extend(listed.map(Subject::Listed));
    let files = FileIx::all(inventory.files.len()).filter(|ix| inventory.files[ix.index()].path == name);
    found.extend(files.map(Subject::File));
    let directory = FileIx::all(inventory.files.len()).find(|ix| {
        let file = &inventory.files[ix.index()];
        file.records > 0 && file.directory() == name
    });
    found.extend(directory.map(Subject::Directory));
    let rows = &inventory.listings.rows;
    let of_project = |ix: &ListingIx| rows[ix.index()].project.is_some_and(|project| inventory.text(project) == name);
    found.extend(ListingIx::all(rows.len()).filter(of_project).map(Subject::Listing));
    let drifted = (0_u32..).zip(&inventory.drift).map(|(drift, _)| drift);
    let drifted = drifted.filter(|&drift| wording::schema_path(inventory, drift) == name);
    found.extend(drifted.map(Subject::SchemaKey));
    let breaks = [SchemaBreak::Depth, SchemaBreak::Provider].into_iter().filter(|which| which.path() == name);
    found.extend(breaks.map(Subject::Schema));
    found.extend(project(inventory, name).map(|project| Subject::Project(Some(project))));
    if found.is_empty() {
        bail!("{}", unknown(inventory, rules, name));
    }
    Ok(found)
}

fn backups<'i>(inventory: &'i Inventory, name: &'i str) -> impl Iterator<Item = BackupIx> + 'i {
    let is_place = name.contains('#');
    inventory.backups().filter(move |&ix| {
        let id = inventory.backup(ix).text(FieldId::Id);
        if id.is_empty() { is_place && backup_id(inventory, ix) == name } else { id == name }
    })
}

/// The first backup of the checkpoint with this id.
fn checkpoint(inventory: &Inventory, name: &str) -> Option<BackupIx> {
    inventory.backups().find(|&ix| {
        let backup = inventory.backup(ix);
        backup.role() == Role::Top && backup.text(FieldId::CheckpointId) == name
    })
}

/// The project with this id, if anything in the dump is of it.
fn project(inventory: &Inventory, name: &str) -> Option<Symbol> {
    let project = inventory.symbol_of(name)?;
    let is_it = |of: Option<Symbol>| of == Some(project);
    let of_backup = |ix| is_it(inventory.backup(ix).symbol(FieldId::ProjectId).value());
    let met = inventory.backups().any(of_backup)
        || inventory.listings.rows.iter().any(|row| is_it(row.project))
        || inventory.neighbours().any(|neighbour| is_it(neighbour.project()))
        || inventory.listed_resources().any(|ix| is_it(inventory.listed(ix).project));
    met.then_some(project)
}

/// Resources by their id; if there are none, the one by its name.
fn resources(inventory: &Inventory, name: &str) -> Result<Vec<Subject>> {
    let by_id = inventory.resources().filter(|&ix| inventory.text(inventory.resource(ix).id) == name);
    let by_id: Vec<_> = by_id.map(Subject::Resource).collect();
    if !by_id.is_empty() {
        return Ok(by_id);
    }
    let is_called = |called: Option<_>| called.is_some_and(|called| inventory.text(called) == name);
    let by_name: Vec<_> = inventory.resources().filter(|&ix| is_called(inventory.resource(ix).name)).collect();
    if by_name.len() > 1 {
        let ids = by_name.iter().take(5).map(|&ix| inventory.text(inventory.resource(ix).id));
        let ids = ids.collect::<Vec<_>>().join(", ");
        bail!("{} are called {name:?}, name one by its id: {ids}", wording::counted(by_name.len() as u64, "resource"));
    }
    Ok(by_name.into_iter().map(Subject::Resource).collect())
}

/// With how many names a name that is not there is compared.
const COMPARED: usize = 100_000;

fn unknown(inventory: &Inventory, rules: &[&Rule], name: &str) -> String {
    let rows = inventory.resources().map(|ix| inventory.resource(ix));
    let resources = rows.flat_map(|row| [Some(row.id), row.name]).flatten().map(|text| inventory.text(text));
    let vaults = inventory.vaults().map(|ix| inventory.text(inventory.vault_id(ix)));
    let files = inventory.files.iter().map(|file| file.path.as_str());
    let known = resources.chain(vaults).chain(files).map(str::to_owned);
    let around = inventory.neighbours().map(|it| it.id().to_owned());
    let backups = inventory.backups().map(|ix| inventory.backup(ix).text(FieldId::Id).into_owned());
    let known: Vec<_> = known.chain(around).chain(backups).filter(|known| !known.is_empty()).take(COMPARED).collect();
    let like = match known.iter().find(|known| name.chars().count() > 2 && known.contains(name)) {
        Some(longer) => format!(", did you mean {longer:?}?"),
        None => nearest(name, known.iter().map(String::as_str)),
    };
    let unit = match rules {
        [rule] => format!("; {} judges per {}", rule.id, rule.check.unit()),
        _ => String::new(),
    };
    format!(
        "the dump holds no backup, resource, vault, file or project that is called {name:?}{like}{unit}. Name it as \
         subject.id of a report does"
    )
}

/// Whether the rule looks at single backups.
#[must_use]
pub(super) fn judges_backups(rule: &Rule) -> bool {
    matches!(rule.check, Check::EachRecord(_) | Check::EachBackup(_) | Check::EachChild(_))
}

/// What the named things are made of, to find what contains them and what they contain.
#[derive(Debug)]
pub(super) struct Around {
    named: Vec<Subject>,
    backups: HashSet<BackupIx>,
}

impl Around {
    /// What these are made of.
    pub(super) fn new(inventory: &Inventory, named: &[Subject]) -> Self {
        let mut backups = HashSet::new();
        for &subject in named {
            let own = made_of(inventory, subject);
            let disks = own.iter().flat_map(|&ix| inventory.backup(ix).children()).map(|disk| disk.ix);
            backups.extend(disks.chain(own.iter().copied()));
            if let Subject::Backup(ix) = subject {
                backups.extend(inventory.backup(ix).parent().map(|parent| parent.ix));
            }
        }
        Self { named: named.to_vec(), backups }
    }

    /// Whether a verdict on this is about something that contains the named, or that the named contains.
    pub(super) fn meets(&self, inventory: &Inventory, subject: Subject) -> bool {
        self.named.iter().any(|&named| match (named, subject) {
            (Subject::Backup(_), Subject::Resource(resource)) => resource_of(inventory, named) == Some(resource),
            (Subject::Project(project), _) => project.is_some() && inventory.project_of(subject) == project,
            (_, Subject::Backup(ix)) => self.backups.contains(&ix),
            (_, Subject::Checkpoint(ix)) => self.backups.iter().any(|&met| is_beside(inventory, met, ix)),
            (_, Subject::Directory(file)) => self.backups.iter().any(|&met| stands_beside(inventory, met, file)),
            _ => made_of(inventory, subject).iter().any(|ix| self.backups.contains(ix)),
        })
    }
}

/// Whether two backups belong to one checkpoint.
pub(super) fn is_beside(inventory: &Inventory, one: BackupIx, other: BackupIx) -> bool {
    let checkpoint = |ix| inventory.backup(ix).id(FieldId::CheckpointId).value();
    checkpoint(one).is_some() && checkpoint(one) == checkpoint(other)
}

/// Whether a backup stands in the directory of a file.
fn stands_beside(inventory: &Inventory, ix: BackupIx, file: FileIx) -> bool {
    let directory = |file: FileIx| inventory.files[file.index()].directory();
    inventory.backup(ix).readings().any(|reading| directory(inventory.file_of(reading)) == directory(file))
}

/// The backups that something consists of or holds.
fn made_of(inventory: &Inventory, subject: Subject) -> Vec<BackupIx> {
    let in_file = |file: FileIx| {
        let (start, end) = inventory.files[file.index()].readings;
        (start..end).map(|reading| inventory.backup_of(reading))
    };
    match subject {
        Subject::Backup(ix) => vec![ix],
        Subject::Resource(ix) => inventory.points(ix).map(|backup| backup.ix).collect(),
        Subject::Vault(ix) => inventory.in_vault(ix).map(|backup| backup.ix).collect(),
        Subject::Checkpoint(ix) => inventory.backups().filter(|&other| is_beside(inventory, other, ix)).collect(),
        Subject::File(ix) => in_file(ix).collect(),
        Subject::Directory(ix) => inventory.backups().filter(|&backup| stands_beside(inventory, backup, ix)).collect(),
        Subject::Listing(ix) => {
            let answers = inventory.listings.rows[ix.index()].answers.iter();
            let readings = answers.map(|&answer| inventory.answer(answer).readings);
            readings.flat_map(|(start, end)| start..end).map(|reading| inventory.backup_of(reading)).collect()
        }
        Subject::Listed(ix) => inventory.points_of_listed(ix).iter().map(|backup| backup.ix).collect(),
        Subject::Neighbour(_) | Subject::SchemaKey(_) | Subject::Schema(_) | Subject::Project(_) => Vec::new(),
    }
}
