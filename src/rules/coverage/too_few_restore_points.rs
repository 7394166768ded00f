//! `too-few-restore-points`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "too-few-restore-points",
    family: Family::Coverage,
    severity: Severity::Medium,
    title: "A resource has too few restore points",
    why: "One corrupt restore point leaves nothing, and an attack that is noticed late needs depth.",
    remedy: "Keep at least two restore points, better seven.",
    logic: "Counts the different moments of good restore points; a source and its replica are one moment, two copies. At least the minimum passes, fewer fail. A resource whose oldest visible record is younger than twice the RPO may simply be new: not judged. Restore points that cannot be judged and could reach the minimum leave it not judged.",
    params: &[MIN_POINTS, RPO_HOURS],
    controls: &["iso27001-2022:A.8.13", "nist-800-53r5:CP-9"],
    check: Check::EachResource(check),
    cases: &[
        Case::new("two moments", r#"{"backups": [{"created_at": "-27h"}, {}]}"#, &["pass r1"]),
        Case::new(
            "one",
            r#"{"backups": [{"created_at": "-9d"}, {"created_at": "-27h", "status": "error"}]}"#,
            &["fail r1 medium"],
        ),
        Case::new(
            "a source and its replica are one moment",
            r#"{"backups": [
                {"created_at": "-9d", "replication_records": [{}]},
                {"id": "b1-copy", "image_type": "replication"}
            ]}"#,
            &["fail r1 medium"],
        ),
        Case::new(
            "a second one in doubt",
            r#"{"backups": [{"created_at": "-9d"}, {"status": "frozen"}]}"#,
            &["unknown r1 value-unrecognised"],
        ),
        Case::new("a resource that may be new", r#"{"backup": {}}"#, &["unknown r1 not-in-metadata"]),
        Case::new(
            "a resource that may be new as it does not say when its backup was made, and one that cannot be",
            r#"{"backups": [
                {"created_at": null},
                {"resource_id": "r2", "created_at": "$absent", "status": "error"},
                {"resource_id": "r2", "created_at": "-9d"}
            ]}"#,
            &["unknown r1 field-null", "fail r2 medium"],
        ),
        Case::new(
            "a replica without its source",
            r#"{"backup": {"image_type": "replication"}}"#,
            &["not-applicable r1"],
        ),
        Case::new(
            "a clock that is only a lower bound",
            r#"{"backups": [{"created_at": "-27h"}, {}]}"#,
            &["unknown r1 clock-inferred"],
        )
        .inferred(),
        Case::new(
            "a copy that another backup claims too is of no other moment than its source here",
            r#"{"$files": {
                "a.json": {"backups": [
                    {"created_at": "-4d", "replication_records": [{"destination_backup_id": "copy"}]},
                    {"resource_id": "r2", "created_at": "-5d", "replication_records": [{"destination_backup_id": "copy"}]}
                ]},
                "b.json": {"backups": [{"id": "copy", "image_type": "replication"}]}
            }}"#,
            &["fail r1 medium", "fail r2 medium", "not-applicable r1"],
        ),
        Case::new(
            "but where the source itself is gone bad, it may be one more",
            r#"{"$files": {
                "a.json": {"backups": [
                    {"created_at": "-4d"},
                    {
                        "created_at": "-5d", "status": "error",
                        "replication_records": [{"destination_backup_id": "copy"}]
                    },
                    {
                        "resource_id": "r2", "created_at": "-5d", "status": "error",
                        "replication_records": [{"destination_backup_id": "copy"}]
                    }
                ]},
                "b.json": {"backups": [{"id": "copy", "image_type": "replication"}]}
            }}"#,
            &["unknown r1 record-conflict", "fail r2 medium", "not-applicable r1"],
        ),
    ],
};

fn check(cx: &Context<'_>, resource: ResourceIx, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    if cx.inventory.resource(resource).is_replica {
        return out.not_applicable(subject);
    }
    let minimum = cx.count(&MIN_POINTS);
    let good = cx.good_points(resource);
    let mut moments = Moments::default();
    good.iter().for_each(|(_, point)| moments.add(point));
    if moments.count() >= minimum {
        let mut lasting = Moments::default();
        good.iter().filter(|(_, point)| point.lasts()).for_each(|(_, point)| lasting.add(point));
        return out.pass_now(cx, subject, Key::None, lasting.count() >= minimum);
    }
    let found = moments.count();
    let possible = cx.possible_points(resource);
    possible.iter().for_each(|point| moments.add_possible(cx.possible_moments(resource, point)));
    let newest = good.first().map(|(backup, _)| *backup).or_else(|| cx.newest_record(resource));
    let evidence = newest.map_or(Evidence::File(FileIx(0)), |backup| Evidence::Record(backup.first_reading()));
    let observed = Value::Count(found, "good restore point");
    let expected = Value::AtLeastCount(minimum, "good restore point");
    let doubt = possible.iter().find_map(|(_, point)| point.unknown()).filter(|_| moments.count() >= minimum);
    match doubt.or_else(|| may_be_new(cx, resource)) {
        Some(reason) => {
            out.unknown(subject, reason).observed(observed, evidence).expected(expected);
        }
        None => {
            out.fail(subject).observed(observed, evidence).expected(expected);
        }
    }
}

/// The different moments of restore points; those without a known one count singly.
#[derive(Default)]
struct Moments {
    known: std::collections::BTreeSet<jiff::Timestamp>,
    timeless: u64,
}

impl Moments {
    fn add(&mut self, point: &RestorePoint) {
        match point.time {
            Some(time) => {
                self.known.insert(time);
            }
            None => self.timeless += 1,
        }
    }

    /// Adds a restore point of one of these moments, or of any: it is one more unless all of them are known already.
    fn add_possible(&mut self, moments: Option<Vec<jiff::Timestamp>>) {
        match moments.as_deref() {
            Some([moment]) => {
                self.known.insert(*moment);
            }
            Some(moments) if moments.iter().all(|moment| self.known.contains(moment)) => {}
            _ => self.timeless += 1,
        }
    }

    fn count(&self) -> u64 {
        self.known.len() as u64 + self.timeless
    }
}

/// Why a resource may simply be new: its oldest record of any status is younger than twice the RPO, or none says when it
/// was made.
fn may_be_new(cx: &Context<'_>, resource: ResourceIx) -> Option<Reason> {
    let existing = || cx.inventory.points(resource).filter(|backup| cx.exists(*backup));
    match existing().filter_map(|backup| cx.moment(backup)).min() {
        Some(oldest) => (cx.age(oldest) < cx.span(&RPO_HOURS).saturating_mul(2)).then_some(Reason::NotInMetadata),
        None => existing().find_map(|backup| backup.time(FieldId::CreatedAt).known().err()),
    }
}
