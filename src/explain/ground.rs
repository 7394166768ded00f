//! What a verdict stands on before any value is looked at: the thing itself, the time, the parameters.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files, listings and keys are those of the inventory that they are looked up in"
)]

use super::text::{Text, short};
use crate::accepted::ALLOWED_REGIONS;
use crate::finding::{Evidence, Subject, Value};
use crate::inventory::BackupIx;
use crate::inventory::backup::Role;
use crate::inventory::field::FieldId;
use crate::report::ledger::listing_row;
use crate::report::overview;
use crate::report::place::place;
use crate::report::row::{ResourceKey, SubjectRow, backup_id, resource_of};
use crate::report::tier::name_of;
use crate::report::wording::{bytes, counted, value};
use crate::rule::{Family, Param, RPO_HOURS, RPO_TOLERANCE_HOURS, Rule, Values, span_of};
use crate::run::Run;
use crate::settings::{InForce, Origin};
use crate::tier::Tier;

/// The kind, id and name of a subject in a line.
pub(super) fn title(run: &Run<'_>, subject: Subject) -> String {
    let SubjectRow { kind, id, name, .. } = SubjectRow::new(&run.inventory, subject, crate::finding::Key::None);
    let name = name.map(|name| format!(" ({})", short(&name))).unwrap_or_default();
    let place = match subject {
        Subject::Listing(ix) => format!(" in {}", run.inventory.listings.rows[ix.index()].place(&run.inventory)),
        _ => String::new(),
    };
    if id.is_empty() { format!("{kind}{place}") } else { format!("{kind} {}{name}{place}", short(&id)) }
}

/// The file and pointer of a piece of evidence in one word.
pub(super) fn place_of(run: &Run<'_>, evidence: Evidence) -> String {
    place(&run.inventory, evidence).to_string()
}

/// What is judged, and where it stands.
pub(super) fn judged(run: &Run<'_>, rule: &Rule, subject: Subject, text: &mut Text) {
    text.step("What is judged");
    match subject {
        Subject::Backup(ix) => backup(run, ix, text),
        Subject::Resource(_) => {}
        Subject::Vault(ix) => {
            text.entry("vault", &short(run.inventory.text(run.inventory.vault_id(ix))));
            text.entry("backups", &counted(run.inventory.in_vault(ix).count() as u64, "backup"));
        }
        Subject::Checkpoint(ix) => {
            text.entry("checkpoint", &short(&run.inventory.backup(ix).text(FieldId::CheckpointId)));
            text.entry("vault", &short(&run.inventory.backup(ix).text(FieldId::VaultId)));
        }
        Subject::Directory(ix) => text.entry("directory", run.inventory.files[ix.index()].directory()),
        Subject::File(ix) => {
            let file = &run.inventory.files[ix.index()];
            text.entry("file", &file.path);
            text.entry("size", &bytes(file.bytes));
        }
        Subject::Listing(ix) => {
            let row = listing_row(run, &run.inventory.listings.rows[ix.index()]);
            text.entry("project", &short(&row.project));
            text.entry("directory", &row.directory);
        }
        Subject::Neighbour(_) | Subject::Listed(_) => {
            text.entry("subject", &title(run, subject));
            text.entry("place", &place_of(run, run.inventory.evidence_of(subject)));
        }
        Subject::SchemaKey(_) | Subject::Schema(_) | Subject::Project(_) => text.line(&title(run, subject)),
    }
    if let Some(resource) = resource_of(&run.inventory, subject) {
        let key = ResourceKey::new(&run.inventory, resource);
        let noun = run.inventory.resource(resource).kind.noun();
        let name = key.name.map(|name| format!("{} (", short(&name))).unwrap_or_default();
        let end = if name.is_empty() { "" } else { ")" };
        text.entry("resource", &format!("{name}{}{end}, {noun}, {}", short(&key.id), key.kind));
        text.entry("project", &short(&key.project_id));
        if !run.tiers.is_empty() {
            text.entry("tier", name_of(run, resource).unwrap_or("none applies"));
        }
    }
    text.entry("rule", &format!("{}: {}. Judged per {}.", rule.id, rule.title, rule.check.unit()));
}

fn backup(run: &Run<'_>, ix: BackupIx, text: &mut Text) {
    let backup = run.inventory.backup(ix);
    text.entry("backup", &short(&backup_id(&run.inventory, ix)));
    let part = |parent: BackupIx| format!("part of backup {}", short(&backup_id(&run.inventory, parent)));
    let role = match (backup.role(), backup.parent()) {
        _ if backup.in_cycle() => "part of a parent cycle".to_owned(),
        (Role::Top, _) => "stands by itself".to_owned(),
        (Role::Child, parent) => parent.map(|parent| part(parent.ix)).unwrap_or_default(),
        (Role::Orphan, _) => format!("names the parent {}, which is not there", short(&backup.text(FieldId::ParentId))),
    };
    text.entry("role", &role);
    for (position, reading) in backup.readings().enumerate() {
        let label = if position == 0 { "stands in" } else { "and in" };
        text.entry(label, &place_of(run, Evidence::Record(reading)));
    }
}

/// The as-of time and what it is worth.
pub(super) fn clock(run: &Run<'_>, text: &mut Text) {
    text.step("As of when");
    let view = overview::as_of(run);
    text.line(&format!("{}, {}.", if view.time.is_empty() { "unknown" } else { &view.time }, view.text));
    run.clock.notes.iter().for_each(|note| text.line(note));
    if run.after_as_of > 0 {
        text.line(&format!("Records made after that time, which do not count: {}.", run.after_as_of));
    }
}

/// The parameters in force and what else the user decided.
pub(super) fn parameters(run: &Run<'_>, rule: &'static Rule, subject: Subject, text: &mut Text) {
    text.step("Parameters in force");
    if rule.params.is_empty() {
        text.line("This rule has none.");
    }
    let widest = rule.params.iter().map(|param| param.key.len()).max().unwrap_or_default();
    for param in rule.params {
        let (in_force, from) = in_force(run, rule, subject, param);
        text.line(&format!("{:<widest$}  {:<8}  {from}", param.key, param.unit.text(in_force.value)));
    }
    combined(run, rule, subject, text);
    let settings = run.settings;
    if rule.family == Family::Offsite {
        let region = settings.region.as_deref().unwrap_or("not stated");
        text.line(&format!(
            "Home region (--region): {}. All lists said to show replication (--replication-shown): {}.",
            short(region),
            if settings.replication_shown { "yes" } else { "no" }
        ));
        let allowed = settings.decisions.allowed_regions(tier_of(run, subject)).join(", ");
        let allowed = if allowed.is_empty() { "any" } else { &allowed };
        text.line(&format!("Regions where copies may be ({ALLOWED_REGIONS}): {}.", short(allowed)));
    }
    if let Some(severity) = settings.decisions.severity(rule.id) {
        text.line(&format!(
            "The configuration sets the severity of failures to {}; by itself the rule gives up to {}.",
            severity.word(),
            rule.severity.word()
        ));
    }
    if let Some(off) = settings.rules.off.iter().find(|off| off.rule == rule.id) {
        text.line(&format!(
            "The configuration switches this rule off, so reports leave it out: {}",
            short(&off.reason)
        ));
    }
}

/// The values of the rule's parameters for what is judged.
pub(super) fn values(run: &Run<'_>, rule: &Rule, subject: Subject) -> Values {
    Values::new(rule, rule.params.iter().map(|param| in_force(run, rule, subject, param).0.value).collect())
}

/// What the RPO and its tolerance come to, for rules that have both.
fn combined(run: &Run<'_>, rule: &Rule, subject: Subject, text: &mut Text) {
    let span = |wanted: &Param| {
        let param = rule.params.iter().find(|param| param.key == wanted.key)?;
        Some(span_of(param, in_force(run, rule, subject, param).0.value))
    };
    if let (Some(rpo), Some(tolerance)) = (span(&RPO_HOURS), span(&RPO_TOLERANCE_HOURS)) {
        let limit = value(&run.inventory, Value::AtMost(rpo.saturating_add(tolerance)));
        text.line(&format!("RPO and tolerance together: {limit}."));
    }
}

/// The tier of the resource that is judged.
fn tier_of<'r>(run: &'r Run<'_>, subject: Subject) -> Option<&'r Tier> {
    let number = run.tiers.of(resource_of(&run.inventory, subject)?)?;
    run.settings.decisions.tiers.get(number)
}

/// The value of a parameter for what is judged, and where it was set.
fn in_force(run: &Run<'_>, rule: &Rule, subject: Subject, param: &Param) -> (InForce, String) {
    let decisions = &run.settings.decisions;
    let tier = tier_of(run, subject);
    let params = &run.settings.params;
    let in_force = tier.map_or_else(|| params.in_force(rule, param), |tier| params.in_tier(rule, param, tier));
    let file = decisions.file.as_deref().unwrap_or_default();
    let from = match in_force.origin {
        Origin::Default => "default".to_owned(),
        Origin::CommandLine => "--set".to_owned(),
        Origin::Configuration(line) => format!("{file}:{line}"),
        Origin::Tier(line) => {
            format!("tier {}, {file}:{line}", tier.map(|tier| tier.name.as_str()).unwrap_or_default())
        }
    };
    (in_force, from)
}
