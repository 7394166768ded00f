//! One finding spelled out, as every format writes it.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files, listings and keys are those of the inventory that they are looked up in"
)]

use std::borrow::Cow;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::place::{Place, place};
use super::waiver::Acceptance;
use super::{tier, wording};
use crate::evaluate::rule_at;
use crate::finding::{Finding, Key, Subject, Value};
use crate::inventory::expected::ExpectedRow;
use crate::inventory::field::FieldId;
use crate::inventory::neighbour::part::Part;
use crate::inventory::neighbour::{Kind, Neighbour};
use crate::inventory::{Inventory, ResourceIx};
use crate::read::hex;
use crate::run::Run;

/// A finding in words, most of them those of the dump. The keys are those of the JSON report.
#[derive(Clone, Debug, Serialize)]
pub struct Row<'r> {
    /// The rule's id.
    pub rule: &'static str,
    /// `fail`, `unknown` or `waived`.
    pub verdict: &'static str,
    /// How bad.
    pub severity: &'static str,
    /// Why it is not judged, or which kind of failure it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// How many units a folded finding stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// What it is about.
    pub subject: SubjectRow<'r>,
    /// The resource concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceKey<'r>>,
    /// The tier that applies to that resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<&'r str>,
    /// Who answers for that resource, by the expected resources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<&'r str>,
    /// The vault concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_id: Option<Cow<'r, str>>,
    /// The key under which the value that decided stands, or would stand; with dots where it is nested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The value that decided.
    pub observed: Cow<'r, str>,
    /// What would have passed.
    pub expected: Cow<'r, str>,
    /// Where the deciding value stands.
    pub evidence: Place<'r>,
    /// The waiver that accepts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Acceptance<'r>>,
    /// Stable across dumps: a digest of rule, subject and key.
    pub fingerprint: String,
}

/// What a finding is about.
#[derive(Clone, Debug, Serialize)]
pub struct SubjectRow<'r> {
    /// `backup`, `resource`, `vault`, `file`, `listing`, `schema` or `project`.
    pub kind: &'static str,
    /// The id: that of the API, a path, or a dotted key.
    pub id: Cow<'r, str>,
    /// What tells several findings of a rule on one subject apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Cow<'r, str>>,
    /// The name, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Cow<'r, str>>,
}

/// A resource by its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceKey<'r> {
    /// `project_id`
    pub project_id: Cow<'r, str>,
    /// `resource_type`
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// `resource_id`
    pub id: Cow<'r, str>,
    /// `resource_name`; `null` if no record of it carries one.
    pub name: Option<Cow<'r, str>>,
}

impl<'r> Row<'r> {
    /// Spells out a finding.
    #[must_use]
    pub fn new(run: &'r Run<'_>, finding: &Finding) -> Self {
        let inventory = &run.inventory;
        let waiver = finding.waiver.map(|number| &run.settings.decisions.waivers[usize::from(number)]);
        let resource = resource_of(inventory, finding.subject);
        let subject = SubjectRow::new(inventory, finding.subject, finding.key);
        let rule = rule_at(finding.rule).id;
        let row = expected_of(inventory, finding.subject, resource);
        let owner = row.and_then(|row| row.owner.as_deref());
        let tier = resource.and_then(|resource| tier::name_of(run, resource));
        let tier = tier.or_else(|| tier::name(run, row?.tier?));
        let resource = resource.map(|ix| ResourceKey::new(inventory, ix));
        let scope = scope_of(inventory, finding.subject, resource.as_ref());
        Self {
            rule,
            verdict: finding.verdict.word(),
            severity: finding.severity.word(),
            reason: finding.reason,
            count: finding.count,
            fingerprint: fingerprint(rule, &subject, scope),
            vault_id: vault_of(inventory, finding.subject),
            field: field(finding.observed),
            observed: observed(inventory, finding),
            expected: wording::value(inventory, finding.expected),
            evidence: place(inventory, finding.evidence),
            subject,
            resource,
            tier,
            owner,
            waiver: waiver.map(Acceptance::of),
        }
        .bounded()
    }
}

/// The key of an observed value, if it is the value of a key.
fn field(observed: Value) -> Option<String> {
    match observed {
        Value::Field(_, field) => Some(field.dotted()),
        Value::Replication(_, _, key) => Some(format!("replication_records.{}", key.key())),
        Value::Neighbour(spot) => Some(spot.part().dotted()).filter(|path| !path.is_empty()),
        _ => None,
    }
}

fn observed<'i>(inventory: &'i Inventory, finding: &Finding) -> Cow<'i, str> {
    let value = wording::value(inventory, finding.observed);
    let note = wording::note(inventory, finding.note);
    match (value.is_empty(), note.is_empty()) {
        (_, true) => value,
        (true, false) => note,
        (false, false) => format!("{value} ({note})").into(),
    }
}

impl<'r> ResourceKey<'r> {
    /// The key of a resource.
    #[must_use]
    pub fn new(inventory: &'r Inventory, ix: ResourceIx) -> Self {
        let row = inventory.resource(ix);
        Self {
            project_id: inventory.text(row.project).into(),
            kind: row.kind.word(),
            id: inventory.text(row.id).into(),
            name: row.name.map(|name| inventory.text(name).into()),
        }
    }

    /// The same, whatever becomes of the inventory.
    #[must_use]
    pub fn into_owned(self) -> ResourceKey<'static> {
        let owned = |text: Cow<'r, str>| Cow::Owned(text.into_owned());
        let Self { project_id, kind, id, name } = self;
        ResourceKey { project_id: owned(project_id), kind, id: owned(id), name: name.map(owned) }
    }
}

/// The resource that a subject concerns: for a disk backup inside a server backup, the server.
#[must_use]
pub fn resource_of(inventory: &Inventory, subject: Subject) -> Option<ResourceIx> {
    match subject {
        Subject::Resource(ix) => Some(ix),
        Subject::Backup(ix) => inventory.backup(ix).resource_concerned(),
        Subject::Neighbour(ix) => match inventory.neighbour(ix).kind() {
            Kind::Member => inventory.backup(inventory.shared_backup(ix)?).resource_concerned(),
            Kind::Task => inventory.resource_of_task(inventory.neighbour(ix)),
            _ => None,
        },
        _ => None,
    }
}

/// What the expected resources say of the resource concerned.
fn expected_of(inventory: &Inventory, subject: Subject, resource: Option<ResourceIx>) -> Option<&ExpectedRow> {
    match subject {
        Subject::Listed(ix) => inventory.listed(ix).expected().and_then(|row| inventory.expected(row)),
        _ => resource.and_then(|resource| inventory.expected_of(resource)),
    }
}

fn vault_of(inventory: &Inventory, subject: Subject) -> Option<Cow<'_, str>> {
    let text = match subject {
        Subject::Vault(ix) => inventory.text(inventory.vault_id(ix)).into(),
        Subject::Backup(ix) | Subject::Checkpoint(ix) => inventory.backup(ix).text(FieldId::VaultId),
        Subject::Neighbour(ix) => vault_of_neighbour(inventory, inventory.neighbour(ix)),
        _ => Cow::Borrowed(""),
    };
    Some(text).filter(|text| !text.is_empty())
}

fn vault_of_neighbour<'i>(inventory: &'i Inventory, neighbour: Neighbour<'i>) -> Cow<'i, str> {
    match neighbour.kind() {
        Kind::Vault => neighbour.id().into(),
        Kind::Task => neighbour.text(Part::VaultId).value().unwrap_or_default().into(),
        Kind::Checkpoint => neighbour.text(Part::CheckpointVaultId).value().unwrap_or_default().into(),
        Kind::Member => {
            let shared = inventory.shared_backup(neighbour.ix).map(|ix| inventory.backup(ix));
            shared.map(|backup| backup.text(FieldId::VaultId)).unwrap_or_default()
        }
        Kind::Policy | Kind::Protectable => Cow::Borrowed(""),
    }
}

impl<'r> SubjectRow<'r> {
    /// What a verdict with this key is about.
    #[must_use]
    pub fn new(inventory: &'r Inventory, subject: Subject, key: Key) -> Self {
        let text = |symbol| inventory.text(symbol);
        let (kind, id): (_, Cow<'r, str>) = match subject {
            Subject::Backup(ix) => ("backup", backup_id(inventory, ix)),
            Subject::Resource(ix) => ("resource", text(inventory.resource(ix).id).into()),
            Subject::Vault(ix) => ("vault", text(inventory.vault_id(ix)).into()),
            Subject::Checkpoint(ix) => ("checkpoint", inventory.backup(ix).text(FieldId::CheckpointId)),
            Subject::File(ix) => ("file", inventory.files[ix.index()].path.as_str().into()),
            Subject::Directory(ix) => ("directory", inventory.files[ix.index()].directory().into()),
            Subject::Listing(ix) => {
                ("listing", inventory.listings.rows[ix.index()].project.map(text).unwrap_or_default().into())
            }
            Subject::SchemaKey(drift) => ("schema", wording::schema_path(inventory, drift).into()),
            Subject::Schema(which) => ("schema", which.path().into()),
            Subject::Neighbour(ix) => (inventory.neighbour(ix).kind().word(), inventory.neighbour(ix).id().into()),
            Subject::Listed(ix) => ("resource", Cow::Borrowed(&*inventory.listed(ix).id)),
            Subject::Project(project) => ("project", project.map(text).unwrap_or_default().into()),
        };
        let name = match subject {
            Subject::Resource(ix) => inventory.resource(ix).name.map(text),
            Subject::Neighbour(ix) => inventory.neighbour(ix).text(Part::Name).value(),
            Subject::Listed(ix) => inventory.listed(ix).name.as_deref(),
            _ => None,
        };
        Self { kind, id, key: wording::key(inventory, key), name: name.map(Cow::Borrowed) }
    }
}

/// The id of a backup; where the record has none, its place, so that nothing is nameless.
#[must_use]
pub fn backup_id(inventory: &Inventory, ix: crate::inventory::BackupIx) -> Cow<'_, str> {
    let backup = inventory.backup(ix);
    match inventory.text_in(backup.reading_of(FieldId::Id), FieldId::Id) {
        None => Place::of(inventory, inventory.place_of(backup.first_reading())).in_full().into(),
        Some(id) => id,
    }
}

/// Project and type of a resource that is a subject, backed up or not: ids are unique within them. Other subjects have ids
/// of their own.
fn scope_of<'r>(inventory: &'r Inventory, subject: Subject, resource: Option<&'r ResourceKey<'_>>) -> [&'r str; 2] {
    match (subject, resource) {
        (Subject::Resource(_), Some(resource)) => [&resource.project_id, resource.kind],
        (Subject::Listed(ix), _) => {
            let row = inventory.listed(ix);
            [row.project.map(|project| inventory.text(project)).unwrap_or_default(), &row.kind]
        }
        _ => ["", ""],
    }
}

/// Sixteen hexadecimal digits that depend on rule, subject and key alone.
fn fingerprint(rule: &str, subject: &SubjectRow<'_>, scope: [&str; 2]) -> String {
    let mut digest = Sha256::new();
    for part in [rule, subject.kind, scope[0], scope[1], &subject.id, subject.key.as_deref().unwrap_or_default()] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    hex(&digest.finalize()[..8])
}
