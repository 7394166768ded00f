//! Resources with the age of their newest good restore point, and the restore points of chosen resources.

use jiff::SignedDuration;
use serde::Serialize;

use super::row::{ResourceKey, backup_id, resource_of};
use super::wording;
use crate::finding::Verdict;
use crate::inventory::backup::Backup;
use crate::inventory::field::FieldId;
use crate::inventory::vocabulary::RestoreMode;
use crate::inventory::{BackupIx, ResourceIx};
use crate::restore_point::{Goodness, Offsite};
use crate::run::Run;

/// The resources of a page.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceTable {
    /// How many there are.
    pub total: usize,
    /// The first ones: those without a good restore point, then those whose newest one is oldest.
    pub rows: Vec<ResourceLine>,
    /// How many further ones there are.
    pub omitted: usize,
}

/// A resource with what only pages show.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceLine {
    /// The resource.
    #[serde(flatten)]
    pub row: ResourceRow,
    /// The plain word for its type.
    pub noun: &'static str,
    /// How many failures it has.
    pub failures: u64,
}

/// A resource. The keys are those of the JSON report.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceRow {
    /// Its key and name.
    #[serde(flatten)]
    pub key: ResourceKey<'static>,
    /// The tier that applies to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Who answers for it, by the expected resources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Whether the expected resources call it retired at the as-of time.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
    /// The newest good restore point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_good: Option<PointRow>,
    /// A newer one that cannot be judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_possible: Option<PointRow>,
    /// How many restore points there are, good or not.
    pub points: u64,
    /// How many are good.
    pub good_points: u64,
    /// Whether one of the good ones has a copy in another region.
    pub offsite: &'static str,
}

/// A restore point.
#[derive(Clone, Debug, Serialize)]
pub struct PointRow {
    /// The backup.
    pub backup_id: String,
    /// The moment its data are of.
    pub time: Option<String>,
    /// How old it is, in seconds.
    pub age: Option<i64>,
    /// The vault.
    pub vault_id: String,
    /// The restore mode as stated.
    pub restore_mode: Option<&'static str>,
    /// Whether all its disks are encrypted, as far as it is known.
    pub encrypted: Option<bool>,
    /// Whether a copy exists in another region.
    pub offsite: &'static str,
    /// What to know before relying on it.
    pub caveats: Vec<&'static str>,
}

/// The restore points of one resource, newest first.
#[derive(Clone, Debug, Serialize)]
pub struct RestorePointTable {
    /// The resource.
    pub resource: ResourceKey<'static>,
    /// The restore points.
    pub points: Vec<RestorePointRow>,
    /// How many further ones there are.
    pub omitted: usize,
}

/// A restore point with its state.
#[derive(Clone, Debug, Serialize)]
pub struct RestorePointRow {
    /// `good`, `not good` or `not judged`.
    pub state: &'static str,
    /// Why, where it is not good.
    pub why: String,
    /// The restore point.
    #[serde(flatten)]
    pub point: PointRow,
    /// Its age for people.
    pub age_text: String,
}

/// The resources that are shown, the most worrying first.
#[must_use]
pub fn table(run: &Run<'_>, limit: usize) -> ResourceTable {
    let mut failures = vec![0_u64; run.inventory.resources().count()];
    for finding in run.findings_with(Verdict::Fail) {
        let resource = resource_of(&run.inventory, finding.subject);
        resource.and_then(|ix| failures.get_mut(ix.index())).into_iter().for_each(|failures| *failures += 1);
    }
    let mut order: Vec<_> = run.resources().map(|ix| (newest_good(run, ix), ix)).collect();
    order.sort();
    let rows = order.iter().take(limit).map(|(_, ix)| ResourceLine {
        row: row(run, *ix),
        noun: run.inventory.resource(*ix).kind.noun(),
        failures: failures.get(ix.index()).copied().unwrap_or_default(),
    });
    ResourceTable { total: order.len(), rows: rows.collect(), omitted: order.len().saturating_sub(limit) }
}

fn newest_good(run: &Run<'_>, ix: ResourceIx) -> Option<jiff::Timestamp> {
    newest(run, ix, Goodness::is_good).and_then(|backup| run.points.time(&run.inventory, backup))
}

/// The newest restore point of a resource that is wanted.
fn newest(run: &Run<'_>, ix: ResourceIx, wanted: fn(Goodness) -> bool) -> Option<BackupIx> {
    existing(run, ix).find(|backup| wanted(run.points.goodness(*backup)))
}

/// The restore points of a resource that existed at the as-of time, newest first.
fn existing<'r>(run: &'r Run<'_>, ix: ResourceIx) -> impl Iterator<Item = BackupIx> + 'r {
    run.points.newest_first(ix).filter(|&backup| run.exists(backup))
}

/// A resource in words.
#[must_use]
pub fn row(run: &Run<'_>, ix: ResourceIx) -> ResourceRow {
    let goodness = |backup| run.points.goodness(backup);
    let good = newest(run, ix, Goodness::is_good);
    let possible = newest(run, ix, |goodness| matches!(goodness, Goodness::Unknown(_)));
    let time = |backup: Option<BackupIx>| backup.and_then(|backup| run.points.time(&run.inventory, backup));
    let newer = possible.filter(|_| time(possible) > time(good) || good.is_none());
    let expected = run.inventory.expected_of(ix);
    ResourceRow {
        owner: expected.and_then(|row| row.owner.as_deref()).map(str::to_owned),
        retired: expected.is_some_and(|row| row.is_retired_at(run.clock.time)),
        tier: super::tier::name_of(run, ix).map(str::to_owned),
        key: ResourceKey::new(&run.inventory, ix).into_owned(),
        newest_good: good.map(|backup| point_row(run, run.inventory.backup(backup))),
        newest_possible: newer.map(|backup| point_row(run, run.inventory.backup(backup))),
        points: existing(run, ix).count() as u64,
        good_points: existing(run, ix).filter(|&backup| goodness(backup).is_good()).count() as u64,
        offsite: offsite(run, ix).word(),
    }
}

/// The best that is known of the copies of a resource's restore points.
fn offsite(run: &Run<'_>, ix: ResourceIx) -> Offsite {
    let copies =
        existing(run, ix).filter_map(|backup| match (run.points.goodness(backup), run.points.offsite(backup)) {
            (Goodness::Good, offsite) => Some(offsite),
            (Goodness::Bad, _) | (Goodness::Unknown(_), Offsite::None) => None,
            (Goodness::Unknown(reason), _) => Some(Offsite::Unknown(reason)),
        });
    copies.max().unwrap_or(Offsite::None)
}

fn point_row(run: &Run<'_>, backup: Backup<'_>) -> PointRow {
    let point = run.points.of(&run.inventory, backup.ix);
    let age = point.time.map(|time| run.clock.time.duration_since(time));
    PointRow {
        backup_id: backup_id(&run.inventory, backup.ix).into_owned(),
        time: point.time.map(|time| time.to_string()),
        age: age.map(|age| age.as_secs()),
        vault_id: backup.text(FieldId::VaultId).into_owned(),
        restore_mode: backup.restore_mode().value().map(RestoreMode::word),
        encrypted: point.encrypted,
        offsite: point.offsite.word(),
        caveats: point.caveats().collect(),
    }
}

/// How many restore points of one resource are listed.
const LISTED: usize = 200;

/// With a choice of resources: their restore points, newest first.
#[must_use]
pub fn restore_points(run: &Run<'_>) -> Vec<RestorePointTable> {
    if run.settings.resources.is_empty() {
        return Vec::new();
    }
    run.resources().map(|ix| restore_point_table(run, ix)).collect()
}

fn restore_point_table(run: &Run<'_>, ix: ResourceIx) -> RestorePointTable {
    let mut points: Vec<_> = existing(run, ix).collect();
    points.sort_by_key(|&backup| (std::cmp::Reverse(run.points.time(&run.inventory, backup)), backup));
    RestorePointTable {
        resource: ResourceKey::new(&run.inventory, ix).into_owned(),
        omitted: points.len().saturating_sub(LISTED),
        points: points
            .into_iter()
            .take(LISTED)
            .map(|backup| restore_point_row(run, run.inventory.backup(backup)))
            .collect(),
    }
}

/// A restore point with its state.
#[must_use]
pub fn restore_point_row(run: &Run<'_>, backup: Backup<'_>) -> RestorePointRow {
    let (state, why) = match run.points.goodness(backup.ix) {
        Goodness::Good => ("good", String::new()),
        Goodness::Bad => ("not good", why_bad(run, backup)),
        Goodness::Unknown(reason) => ("not judged", reason.meaning().to_owned()),
    };
    let point = point_row(run, backup);
    let age_text = point.age.map_or_else(String::new, |age| wording::span(SignedDuration::from_secs(age)));
    RestorePointRow { state, why, point, age_text }
}

fn why_bad(run: &Run<'_>, backup: Backup<'_>) -> String {
    let expired = backup.time(FieldId::ExpiredAt).value().filter(|expires| *expires <= run.clock.time);
    let status = backup.status().value().filter(|status| !status.is_usable());
    match (status, expired) {
        (Some(status), _) => format!("status {}", status.word()),
        (None, Some(expires)) => format!("expired {expires}"),
        (None, None) if run.points.time(&run.inventory, backup.ix) > Some(run.clock.time) => {
            "its data are of after the as-of time".to_owned()
        }
        (None, None) => "a disk of it is not available".to_owned(),
    }
}
