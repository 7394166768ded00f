//! The latest replication record per destination region, which the rules on single replications share.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::rule::*;

/// The latest replication record of a backup for one destination region.
pub(super) struct Latest {
    pub(super) region: Symbol,
    pub(super) status: ReplicationStatus,
    pub(super) created_at: Timestamp,
    pub(super) record: Replication,
    place: (u32, u32),
}

impl Latest {
    /// A key of the record as observed value, with its evidence.
    pub(super) fn at(&self, key: ReplicationKey) -> (Value, Evidence) {
        let (reading, ordinal) = self.place;
        at(reading, ordinal, key)
    }
}

/// A key of the replication record at this place, as observed value with its evidence.
pub(super) fn at(reading: u32, ordinal: u32, key: ReplicationKey) -> (Value, Evidence) {
    (Value::Replication(reading, ordinal, key), Evidence::Replication(reading, ordinal, key))
}

/// The replication records of each destination region, with their ordinals.
pub(super) type Regions = BTreeMap<Symbol, Vec<(u32, Replication)>>;

/// The records that had begun, by region, and the first of them that names none, with the reason.
pub(super) fn by_region(cx: &Context<'_>, records: Replicated<'_>) -> (Regions, Option<(u32, Reason)>) {
    let mut regions = Regions::new();
    let mut nameless = None;
    for (ordinal, record) in (0_u32..).zip(records) {
        match record.destination_region.known() {
            _ if record.created_at.value().is_some_and(|time| time > cx.now()) => {}
            Ok(region) => regions.entry(region).or_default().push((ordinal, record)),
            Err(reason) => nameless = nameless.or(Some((ordinal, reason))),
        }
    }
    (regions, nameless)
}

/// Judges a backup once for every destination region; what cannot be told apart by region is not judged.
pub(super) fn each_destination(
    cx: &Context<'_>,
    backup: Backup<'_>,
    out: &mut Sink<'_>,
    judge: impl Fn(&Latest, &mut Sink<'_>),
) {
    let subject = Subject::Backup(backup.ix);
    if backup.role() == Role::Orphan {
        return out.not_applicable(subject);
    }
    match records(cx, backup) {
        Ok(None) => out.not_applicable(subject),
        Ok(Some((reading, records))) => judge_regions(cx, subject, reading, records, out, judge),
        Err(reason) => {
            let (observed, evidence) = cx.at(backup, FieldId::ReplicationRecords);
            out.unknown(subject, reason).observed(observed, evidence);
        }
    }
}

pub(super) type Records<'i> = Option<(u32, Replicated<'i>)>;

/// The replication records to judge; nothing where there are none or can be none.
///
/// # Errors
/// The reason why it cannot be told whether there are some.
pub(super) fn records<'i>(cx: &Context<'_>, backup: Backup<'i>) -> Result<Records<'i>, Reason> {
    match backup.replications() {
        Replications::NoneShown => Ok(None),
        Replications::Seen(reading, records) => Ok(records.any_begun(cx.now()).then_some((reading, records))),
        Replications::NotShown(reason @ Reason::RecordConflict) => Err(reason),
        Replications::NotShown(_) if backup.image_type().value() == Some(ImageType::Replication) => Ok(None),
        Replications::NotShown(reason) if backup.resource_type().known()?.replicates() => Err(reason),
        Replications::NotShown(_) => Ok(None),
    }
}

fn judge_regions(
    cx: &Context<'_>,
    subject: Subject,
    reading: u32,
    records: Replicated<'_>,
    out: &mut Sink<'_>,
    judge: impl Fn(&Latest, &mut Sink<'_>),
) {
    let judge = |region, records: &[_], out: &mut Sink<'_>| match latest(region, reading, records) {
        Ok(latest) => judge(&latest, out),
        Err((ordinal, key, reason)) => {
            let (observed, evidence) = at(reading, ordinal, key);
            out.unknown(subject, reason).key(Key::Region(region)).observed(observed, evidence);
        }
    };
    // Nearly always there is one, and it had begun, or there would be nothing to judge.
    if let (1, Some(record)) = (records.len(), records.get(0))
        && let Ok(region) = record.destination_region.known()
    {
        return judge(region, &[(0, record)], out);
    }
    let (regions, nameless) = by_region(cx, records);
    if let Some((ordinal, reason)) = nameless {
        let (observed, evidence) = at(reading, ordinal, ReplicationKey::DestinationRegion);
        out.unknown(subject, reason).observed(observed, evidence);
        return;
    }
    for (region, records) in regions {
        judge(region, &records, out);
    }
}

/// The latest record of a region; an error where one of them lacks its time or status.
fn latest(
    region: Symbol,
    reading: u32,
    records: &[(u32, Replication)],
) -> Result<Latest, (u32, ReplicationKey, Reason)> {
    let mut latest: Option<Latest> = None;
    for &(ordinal, record) in records {
        let created_at = record.created_at.known().map_err(|reason| (ordinal, ReplicationKey::CreatedAt, reason))?;
        let status = record.status.known().map_err(|reason| (ordinal, ReplicationKey::Status, reason))?;
        if latest.as_ref().is_none_or(|known| known.created_at <= created_at) {
            latest = Some(Latest { region, status, created_at, record, place: (reading, ordinal) });
        }
    }
    latest.ok_or((0, ReplicationKey::Status, Reason::FieldAbsent))
}
