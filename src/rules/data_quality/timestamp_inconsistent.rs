//! `timestamp-inconsistent`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "timestamp-inconsistent",
    family: Family::DataQuality,
    severity: Severity::High,
    title: "A time is impossible or unreadable",
    why: "Times carry RPO and retention: a wrong one makes both wrong.",
    remedy: "Check --as-of, query the record again, and compare with the times of the task.",
    logic: "Fails, once per field, for a time that cannot be read or lies outside 2010 to fifty years after the as-of time, for updated_at before created_at, expired_at not after created_at, protected_at after updated_at, a disk made more than the skew before its server backup, and a replication older than its source. With --as-of now, also for a creation, update or protection in the future; a creation in the future is high, all else medium. A record without any time is not applicable.",
    params: &[SKEW_MINUTES, CHILD_SKEW_MINUTES],
    controls: &["nist-800-53r5:CP-9", "c5-2020:OPS-07"],
    check: Check::EachRecord(check),
    cases: &[
        Case::new("a creation in the future", r#"{"backup": {"created_at": "+1h"}}"#, &["fail b1 [created_at] high"])
            .now(),
        Case::new(
            "in order",
            r#"{"backup": {
                "protected_at": "-2.9h",
                "updated_at": "-2h",
                "replication_records": [{"created_at": "-1h"}]
            }}"#,
            &["pass b1"],
        ),
        Case::new(
            "cannot be read; before the service existed",
            r#"{"backups": [
                {"created_at": "yesterday"},
                {"created_at": "1970-01-01T00:00:00Z", "expired_at": null}
            ]}"#,
            &["fail b1 [created_at] medium", "fail b2 [created_at] medium"],
        ),
        Case::new(
            "changed and expired before it was made",
            r#"{"backup": {"updated_at": "-4h", "expired_at": "-5h"}}"#,
            &["fail b1 [updated_at] medium", "fail b1 [expired_at] medium"],
        ),
        Case::new(
            "protected after the last change",
            r#"{"backup": {"updated_at": "-2h", "protected_at": "-1h"}}"#,
            &["fail b1 [protected_at] medium"],
        ),
        Case::new(
            "a disk that is older than its server backup",
            r#"{"backup": {"children": [{"created_at": "-4h"}]}}"#,
            &["pass b1", "fail b1-d1 [created_at] medium"],
        ),
        Case::new(
            "a copy that is older than its source",
            r#"{"backup": {"replication_records": [{"created_at": "-4h"}]}}"#,
            &["fail b1 [replication_records.created_at] medium"],
        ),
        Case::new("no time at all", r#"{"backup": {"created_at": null, "expired_at": null}}"#, &["not-applicable b1"]),
    ],
};

use jiff::{SignedDuration, Timestamp};

const SKEW_MINUTES: Param =
    Param::new("skew-minutes", ParamUnit::Minutes, 10.0, "How far ahead of the as-of time a clock may run.");

const CHILD_SKEW_MINUTES: Param = Param::new(
    "child-skew-minutes",
    ParamUnit::Minutes,
    10.0,
    "How much earlier than its server backup a disk backup may be made.",
);

const TOLERANCE: SignedDuration = SignedDuration::from_secs(1);
const FIFTY_YEARS: SignedDuration = SignedDuration::from_hours(50 * 8766);
/// 2010-01-01, before which the service did not exist.
const EARLIEST_SECOND: i64 = 1_262_304_000;

const NOT_FUTURE: Value = Value::Words("a time that is not in the future");

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    let mut sound = are_plainly_sound(cx, backup) || are_sound(cx, backup, out);
    sound &= replications_plainly_follow(backup) || replications_follow(cx, backup, out);
    let is_dated = |field: &FieldId| backup.presence(*field).optional() != Ok(None);
    match sound {
        true if TIMES.iter().any(is_dated) => out.pass(subject),
        true => out.not_applicable(subject),
        false => {}
    }
}

/// Whether it is plain that every time of a backup is as it should be, as with nearly all.
fn are_plainly_sound(cx: &Context<'_>, backup: Backup<'_>) -> bool {
    const SECOND: i64 = 1_000_000_000;
    let (Some(now), Some(created)) = (pack_time(cx.now()), backup.plain_time(FieldId::CreatedAt)) else { return false };
    let others = [FieldId::UpdatedAt, FieldId::ProtectedAt, FieldId::ExpiredAt].map(|field| backup.plain_time(field));
    let [updated, protected, expired] = others;
    let has_been = |time: i64| (EARLIEST_SECOND * SECOND..=now).contains(&time);
    let latest = now.saturating_add(FIFTY_YEARS.as_secs() * SECOND);
    backup.has_no_oddities(FieldSet::of(&TIMES))
        && has_been(created)
        && updated.is_none_or(|updated| has_been(updated) && created <= updated)
        && protected.is_none_or(|time| has_been(time) && updated.is_none_or(|updated| time <= updated))
        && expired.is_none_or(|expired| created < expired && expired <= latest)
        && backup.parent().is_none_or(|parent| parent.plain_time(FieldId::CreatedAt).is_some_and(|it| it <= created))
}

/// Whether every time of a backup is as it should be; tells those that are not.
fn are_sound(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) -> bool {
    let subject = Subject::Backup(backup.ix);
    let mut sound = true;
    let times = Times::new(backup);
    let limits = Limits::new(cx);
    for field in TIMES {
        if let Some(expected) = fault(&limits, backup, &times, field) {
            sound = false;
            let (observed, evidence) = cx.at(backup, field);
            let future = field == FieldId::CreatedAt && expected == NOT_FUTURE;
            let severity = if future { Severity::High } else { Severity::Medium };
            let finding = out.fail(subject).key(Key::Field(field)).observed(observed, evidence);
            finding.expected(expected).severity(severity);
        }
    }
    sound
}

/// The times of a backup.
struct Times {
    created: Field<Timestamp>,
    updated: Field<Timestamp>,
    protected: Field<Timestamp>,
    expired: Field<Timestamp>,
}

impl Times {
    fn new(backup: Backup<'_>) -> Self {
        let [created, updated, protected, expired] = TIMES.map(|field| backup.time(field));
        Self { created, updated, protected, expired }
    }

    fn of(&self, field: FieldId) -> Field<Timestamp> {
        match field {
            FieldId::CreatedAt => self.created,
            FieldId::UpdatedAt => self.updated,
            FieldId::ProtectedAt => self.protected,
            FieldId::ExpiredAt => self.expired,
            _ => Field::Absent,
        }
    }
}

/// What times are measured against.
struct Limits {
    /// The latest second and nanosecond that is no mistake.
    latest: (i64, i32),
    /// No time but an expiry may be later; nothing is known if the as-of time is that of the dump.
    ahead: Option<Timestamp>,
    child_skew: SignedDuration,
}

impl Limits {
    fn new(cx: &Context<'_>) -> Self {
        let now = cx.now();
        let ahead = || now.saturating_add(cx.span(&SKEW_MINUTES)).unwrap_or(Timestamp::MAX);
        Self {
            latest: (now.as_second().saturating_add(FIFTY_YEARS.as_secs()), now.subsec_nanosecond()),
            ahead: cx.is_now().then(ahead),
            child_skew: cx.span(&CHILD_SKEW_MINUTES),
        }
    }
}

/// What the field should be, if it is not.
fn fault(limits: &Limits, backup: Backup<'_>, times: &Times, field: FieldId) -> Option<Value> {
    let time = match times.of(field) {
        Field::Value(time) => time,
        Field::Unusable(Reason::TypeMismatch) => return Some(Value::Words("a readable time")),
        _ => return None,
    };
    if time.as_second() < EARLIEST_SECOND || (time.as_second(), time.subsec_nanosecond()) > limits.latest {
        return Some(Value::Words("a time between 2010 and fifty years from now"));
    }
    if field != FieldId::ExpiredAt && limits.ahead.is_some_and(|ahead| time > ahead) {
        return Some(NOT_FUTURE);
    }
    match field {
        FieldId::UpdatedAt => before(time, times.created.value(), TOLERANCE, "not before created_at"),
        FieldId::ExpiredAt => {
            times.created.value().filter(|&created| time <= created).map(|_| Value::Words("after created_at"))
        }
        FieldId::ProtectedAt => times
            .updated
            .value()
            .filter(|&updated| time.duration_since(updated) > TOLERANCE)
            .map(|_| Value::Words("not after updated_at")),
        _ => {
            let parent = backup.parent().and_then(|parent| parent.time(FieldId::CreatedAt).value());
            before(time, parent, limits.child_skew, "not earlier than its server backup")
        }
    }
}

fn before(time: Timestamp, other: Option<Timestamp>, tolerance: SignedDuration, words: &'static str) -> Option<Value> {
    other.filter(|other| other.duration_since(time) > tolerance).map(|_| Value::Words(words))
}

/// Whether it is plain that there is no replication that started before its source was made.
fn replications_plainly_follow(backup: Backup<'_>) -> bool {
    let Some(records) = backup.plain_replications() else { return false };
    records.is_empty()
        || backup.plain_time(FieldId::CreatedAt).is_some_and(|created| records.plainly_begun_from(created))
}

/// Whether every replication started after its source was made.
fn replications_follow(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) -> bool {
    let created = backup.time(FieldId::CreatedAt).value();
    let early = cx.inventory.replications_seen(backup).find_map(|(reading, ordinal, record)| match record.created_at {
        Field::Unusable(_) => Some((reading, ordinal, "a readable time")),
        Field::Value(time) if created.is_some_and(|created| created.duration_since(time) > TOLERANCE) => {
            Some((reading, ordinal, "not before created_at of the backup"))
        }
        _ => None,
    });
    let Some((reading, ordinal, expected)) = early else { return true };
    let key = ReplicationKey::CreatedAt;
    out.fail(Subject::Backup(backup.ix))
        .key(Key::ReplicationTime)
        .severity(Severity::Medium)
        .observed(Value::Replication(reading, ordinal, key), Evidence::Replication(reading, ordinal, key))
        .expected(Value::Words(expected));
    false
}
