//! `expiry-clustered`

use jiff::{SignedDuration, Timestamp};

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "expiry-clustered",
    family: Family::Retention,
    severity: Severity::Critical,
    title: "Backups of many days expire on the same day",
    why: "Rolling retention spreads expiry. One day for all is what a single call on a whole vault leaves behind, made by mistake or by an attacker.",
    remedy: "Look for the call in the audit trace, extend the expiry of what is needed, and lock the vault.",
    logic: "Per vault, fails where within 24 hours at least cluster-min dated backups expire that were made on at least three days (UTC) and are at least half of the dated backups of the vault. Critical if that day is past or within seven days, info if it is further away than cluster-far-days, as after an extension, else high. Replicas and orphans are left out. Records whose kind, creation or expiry is not known leave the vault not judged where they could decide. A vault without a dated backup is not applicable.",
    params: &[CLUSTER_MIN, CLUSTER_FAR_DAYS],
    controls: &["mitre:T1490", "bsi-gs-2023:CON.3.A14", "soc2:A1.2", "nist-800-53r5:CP-9"],
    check: Check::EachVault(check),
    cases: &[
        Case::new(
            "rolling retention",
            r#"{"backups": [
                {"created_at": "-5d"}, {"created_at": "-4d"}, {"created_at": "-3d"}, {"created_at": "-2d"}, {}
            ]}"#,
            &["pass v1"],
        ),
        Case::new(
            "five days with one end: within the week, past, later, far away",
            r#"{"backups": [
                {"created_at": "-5d", "expired_at": "+2d"}, {"created_at": "-4d", "expired_at": "+2d"},
                {"created_at": "-3d", "expired_at": "+2d"}, {"created_at": "-2d", "expired_at": "+2d"},
                {"expired_at": "+2d"},
                {"vault_id": "v2", "created_at": "-5d", "expired_at": "-1h"},
                {"vault_id": "v2", "created_at": "-4d", "expired_at": "-1h"},
                {"vault_id": "v2", "created_at": "-3d", "expired_at": "-1h"},
                {"vault_id": "v2", "created_at": "-2d", "expired_at": "-1h"},
                {"vault_id": "v2", "expired_at": "-1h"},
                {"vault_id": "v3", "created_at": "-5d", "expired_at": "+60d"},
                {"vault_id": "v3", "created_at": "-4d", "expired_at": "+60d"},
                {"vault_id": "v3", "created_at": "-3d", "expired_at": "+60d"},
                {"vault_id": "v3", "created_at": "-2d", "expired_at": "+60d"},
                {"vault_id": "v3", "expired_at": "+60d"},
                {"vault_id": "v4", "created_at": "-5d", "expired_at": "+900d"},
                {"vault_id": "v4", "created_at": "-4d", "expired_at": "+900d"},
                {"vault_id": "v4", "created_at": "-3d", "expired_at": "+900d"},
                {"vault_id": "v4", "created_at": "-2d", "expired_at": "+900d"},
                {"vault_id": "v4", "expired_at": "+900d"}
            ]}"#,
            &["fail v1 critical", "fail v2 critical", "fail v3 high", "fail v4 info"],
        ),
        Case::new(
            "many servers of one night, and a cluster that is less than half of the vault",
            r#"{"backups": [
                {}, {"resource_id": "r2"}, {"resource_id": "r3"}, {"resource_id": "r4"}, {"resource_id": "r5"},
                {"vault_id": "v2", "created_at": "-5d", "expired_at": "+2d"},
                {"vault_id": "v2", "created_at": "-4d", "expired_at": "+2d"},
                {"vault_id": "v2", "created_at": "-3d", "expired_at": "+2d"},
                {"vault_id": "v2", "created_at": "-9d"}, {"vault_id": "v2", "created_at": "-8d"},
                {"vault_id": "v2", "created_at": "-7d"}, {"vault_id": "v2", "created_at": "-6d"}
            ]}"#,
            &["pass v1", "pass v2"],
        )
        .set(&["cluster-min=3"]),
        Case::new(
            "a fifth one whose end, creation or kind is not known",
            r#"{"backups": [
                {"created_at": "-5d", "expired_at": "+2d"}, {"created_at": "-4d", "expired_at": "+2d"},
                {"created_at": "-3d", "expired_at": "+2d"}, {"created_at": "-2d", "expired_at": "+2d"},
                {"expired_at": "$absent"},
                {"vault_id": "v2", "created_at": "-5d", "expired_at": "+2d"},
                {"vault_id": "v2", "created_at": "-4d", "expired_at": "+2d"},
                {"vault_id": "v2", "created_at": "-3d", "expired_at": "+2d"},
                {"vault_id": "v2", "created_at": "-2d", "expired_at": "+2d"},
                {"vault_id": "v2", "created_at": null, "expired_at": "+2d"},
                {"vault_id": "v3", "created_at": "-5d", "expired_at": "+2d"},
                {"vault_id": "v3", "created_at": "-4d", "expired_at": "+2d"},
                {"vault_id": "v3", "created_at": "-3d", "expired_at": "+2d"},
                {"vault_id": "v3", "created_at": "-2d", "expired_at": "+2d"},
                {"vault_id": "v3", "image_type": null, "expired_at": "+2d"}
            ]}"#,
            &["unknown v1 field-absent", "unknown v2 field-null", "unknown v3 field-null"],
        ),
        Case::new(
            "no end dates; replicas and orphans alone",
            r#"{"backups": [
                {"expired_at": null},
                {"vault_id": "v2", "image_type": "replication"},
                {"vault_id": "v2", "parent_id": "gone"}
            ]}"#,
            &["not-applicable v1", "not-applicable v2"],
        ),
    ],
};

const CLUSTER_MIN: Param = Param::new(
    "cluster-min",
    ParamUnit::Count,
    5.0,
    "How many backups of a vault must expire within 24 hours to be a cluster.",
);

const CLUSTER_FAR_DAYS: Param = Param::new(
    "cluster-far-days",
    ParamUnit::Days,
    365.0,
    "From how many days ahead a common expiry looks like an extension and not like a loss.",
);

const DAY: SignedDuration = SignedDuration::from_hours(24);
const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Rolling retention lets backups of two days expire within 24 hours, but not of three.
const MIN_DAYS: usize = 3;

fn check(cx: &Context<'_>, vault: VaultIx, out: &mut Sink<'_>) {
    let subject = Subject::Vault(vault);
    let mut census = Census::new(cx, vault);
    let minimum = usize::try_from(cx.count(&CLUSTER_MIN)).unwrap_or(usize::MAX);
    match census.judge(minimum) {
        State::Clustered(first, count) => {
            let (observed, evidence) = cx.at(cx.inventory.backup(first.ix), FieldId::ExpiredAt);
            let note = Note::Count(count as u64, "backups of different days expire within 24 hours from then");
            let expected = Value::Words("end dates on different days");
            let finding = out.fail(subject).observed(observed, evidence).note(note).expected(expected);
            finding.severity(severity(cx, first.expires));
        }
        State::Open((backup, field, reason)) => {
            let (observed, evidence) = cx.at(backup, field);
            out.unknown(subject, reason).observed(observed, evidence);
        }
        State::Spread => out.pass(subject),
        State::Undated => out.not_applicable(subject),
    }
}

fn severity(cx: &Context<'_>, expires: Timestamp) -> Severity {
    match expires.duration_since(cx.now()) {
        ahead if ahead <= SOON => Severity::Critical,
        ahead if ahead > cx.span(&CLUSTER_FAR_DAYS) => Severity::Info,
        _ => Severity::High,
    }
}

/// A backup that certainly counts.
#[derive(Clone, Copy)]
struct Dated {
    expires: Timestamp,
    /// The day of its creation, in UTC.
    day: i64,
    ix: BackupIx,
}

/// The record and field that keep the rule from judging, and why.
type Doubt<'i> = (Backup<'i>, FieldId, Reason);

/// The dated backups of a vault, by their end, and those that may be one.
struct Census<'i> {
    dated: Vec<Dated>,
    doubts: usize,
    doubt: Option<Doubt<'i>>,
}

enum State<'i> {
    /// From this one on, so many.
    Clustered(Dated, usize),
    Open(Doubt<'i>),
    Spread,
    Undated,
}

impl<'i> Census<'i> {
    fn new(cx: &Context<'i>, vault: VaultIx) -> Self {
        let mut census = Self { dated: Vec::new(), doubts: 0, doubt: None };
        for backup in cx.inventory.in_vault(vault).filter(|backup| cx.exists(*backup)) {
            match dated(cx, backup) {
                Ok(Some(dated)) => census.dated.push(dated),
                Ok(None) => {}
                Err((field, reason)) => {
                    census.doubts += 1;
                    census.doubt.get_or_insert((backup, field, reason));
                }
            }
        }
        census
    }

    fn judge(&mut self, minimum: usize) -> State<'i> {
        let all = self.dated.len() + self.doubts;
        if !self.may_cluster() {
            return State::Spread;
        }
        self.dated.sort_unstable_by_key(|dated| (dated.expires, dated.ix));
        let certain = |count: usize, days: usize| count >= minimum && days >= MIN_DAYS && count * 2 >= all;
        if let Some((first, count)) = self.window(certain) {
            return State::Clustered(first, count);
        }
        let open = |count: usize, days: usize| certain(count + self.doubts, days + self.doubts);
        match self.doubt {
            Some(doubt) if self.dated.is_empty() || self.window(open).is_some() || open(0, 0) => State::Open(doubt),
            _ if self.dated.is_empty() => State::Undated,
            _ => State::Spread,
        }
    }

    /// Whether half of the ends may lie within 24 hours, as far as a look at the middle shows: so many in a row are not
    /// without one of the two in the middle.
    fn may_cluster(&mut self) -> bool {
        let half = self.dated.len() / 2;
        if half == 0 || self.doubts > 0 {
            return true;
        }
        let (before, middle, _) = self.dated.select_nth_unstable_by_key(half, |dated| dated.expires);
        let middle = [before.iter().map(|dated| dated.expires).max().unwrap_or(middle.expires), middle.expires];
        middle.into_iter().any(|middle| {
            let near = self.dated.iter().filter(|dated| dated.expires.duration_since(middle).abs() < DAY).count();
            2 * near >= self.dated.len()
        })
    }

    /// How many ends there are at most within 24 hours.
    fn most_in_a_day(&self) -> usize {
        let mut end = 0;
        let within = self.dated.iter().enumerate().map(|(start, first)| {
            let further = self.dated.iter().skip(end).take_while(|next| next.is_within_a_day_of(first));
            end += further.count();
            end - start
        });
        within.max().unwrap_or_default()
    }

    /// The first 24 hours whose number of ends and of days of creation is wanted.
    fn window(&self, wanted: impl Fn(usize, usize) -> bool) -> Option<(Dated, usize)> {
        // Days need to be counted only where there are enough ends for once, even if each were of a day of its own.
        let most = self.most_in_a_day();
        if !wanted(most, most) {
            return None;
        }
        let mut days = ahash::AHashMap::new();
        let mut end = 0;
        for (start, first) in self.dated.iter().enumerate() {
            while let Some(next) = self.dated.get(end).filter(|next| next.is_within_a_day_of(first)) {
                *days.entry(next.day).or_insert(0_usize) += 1;
                end += 1;
            }
            if wanted(end - start, days.len()) {
                return Some((*first, end - start));
            }
            if let Some(count) = days.get_mut(&first.day) {
                *count -= 1;
                if *count == 0 {
                    days.remove(&first.day);
                }
            }
        }
        None
    }
}

impl Dated {
    fn is_within_a_day_of(&self, earlier: &Self) -> bool {
        self.expires.as_nanosecond() - earlier.expires.as_nanosecond() < DAY.as_nanos()
    }
}

/// When a backup expires and was made; nothing where it does not count.
fn dated(cx: &Context<'_>, backup: Backup<'_>) -> Result<Option<Dated>, (FieldId, Reason)> {
    let expires = backup.time(FieldId::ExpiredAt);
    let is_outside = cx.is_outside_retention(backup);
    if is_outside == Ok(true) || expires == Field::Null {
        return Ok(None);
    }
    is_outside.map_err(|reason| (FieldId::ImageType, reason))?;
    let expires = expires.known().map_err(|reason| (FieldId::ExpiredAt, reason))?;
    let created = backup.time(FieldId::CreatedAt).known().map_err(|reason| (FieldId::CreatedAt, reason))?;
    Ok(Some(Dated { expires, day: created.as_second().div_euclid(86_400), ix: backup.ix }))
}

#[cfg(test)]
mod tests {
    use super::{Census, Dated};
    use crate::inventory::BackupIx;
    use jiff::Timestamp;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn dated(hour: i64) -> Dated {
        Dated { expires: Timestamp::from_second(hour * 3600).unwrap(), day: 0, ix: BackupIx(0) }
    }

    proptest! {
        #[test]
        fn where_half_of_the_ends_lie_within_a_day_the_middle_shows_it(hours in vec(0_i64..150, 0..12)) {
            let mut census = Census { dated: hours.iter().map(|&hour| dated(hour)).collect(), doubts: 0, doubt: None };
            let may_cluster = census.may_cluster();
            census.dated.sort_unstable_by_key(|dated| dated.expires);
            prop_assert!(may_cluster || 2 * census.most_in_a_day() < hours.len());
        }
    }
}
