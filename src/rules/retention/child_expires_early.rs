//! `child-expires-early`

use jiff::{SignedDuration, Timestamp};

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "child-expires-early",
    family: Family::Retention,
    severity: Severity::Medium,
    title: "A disk of a server backup expires before it",
    why: "From that day on the server backup is listed as good and no longer restores the whole server.",
    remedy: "Extend the expiry of the disk backup to that of the server backup.",
    logic: "For server backups whose disks are seen: a disk with an end date earlier than that of the server backup, less a tolerance, fails, and so does one where the server backup has none. Disks without an end date live as long as the server backup. Disks that are not shown, an expiry that cannot be read, and a server backup that carries no expired_at beside a dated disk leave it not judged. Other types, server backups without disks, replicas and orphans are not applicable.",
    params: &[TOLERANCE_HOURS],
    controls: &["iso27001-2022:A.8.13", "nist-800-53r5:CP-9"],
    check: Check::EachBackup(check),
    cases: &[
        Case::new(
            "no end of its own; the same; half an hour before; later",
            r#"{"backup": {"expired_at": "+30d", "children": [
                {},
                {"expired_at": "+30d"},
                {"expired_at": "+719.5h"},
                {"expired_at": "+40d"}
            ]}}"#,
            &["pass b1"],
        ),
        Case::new("a week", r#"{"backup": {"children": [{}, {"expired_at": "+7d"}]}}"#, &["fail b1 medium"]),
        Case::new(
            "a day where a week is nothing",
            r#"{"backup": {"children": [{"expired_at": "+28d"}]}}"#,
            &["pass b1"],
        )
        .set(&["child-expiry-tolerance-hours=168"]),
        Case::new(
            "the server backup has no end, or does not say",
            r#"{"$files": {
                "a.json": {"backup": {"expired_at": null, "children": [{"expired_at": "+7d"}]}},
                "b.json": {"backup": {"expired_at": "$absent", "children": [{"expired_at": "+7d"}]}}
            }}"#,
            &["fail b1 medium", "unknown b2 field-absent"],
        ),
        Case::new(
            "an end that cannot be read; disks that a list does not show",
            r#"{"$files": {
                "a.json": {"backup": {"children": [{"expired_at": "soon"}]}},
                "b.json": {"backups": [{}]}
            }}"#,
            &["unknown b1 type-mismatch", "unknown b2 view-omits"],
        ),
        Case::new(
            "a disk; an orphan; a replica; no disks",
            r#"{"$files": {
                "a.json": {"backup": {"resource_type": "OS::Cinder::Volume"}},
                "b.json": {"backup": {"parent_id": "gone", "expired_at": "+1d"}},
                "c.json": {"backup": {"image_type": "replication", "children": [{"expired_at": "+1d"}]}},
                "d.json": {"backup": {}}
            }}"#,
            &["not-applicable b1", "not-applicable b2", "not-applicable b3", "not-applicable b4"],
        ),
    ],
};

const TOLERANCE_HOURS: Param = Param::new(
    "child-expiry-tolerance-hours",
    ParamUnit::Hours,
    1.0,
    "How much earlier than its server backup a disk backup may expire.",
);

fn check(cx: &Context<'_>, backup: Backup<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Backup(backup.ix);
    let unseen = match backup.disks() {
        _ if cx.is_outside_retention(backup) == Ok(true) => return out.not_applicable(subject),
        Disks::Seen(_, partly) => partly.then_some(Reason::InputIncomplete),
        _ if backup.resource_type().value().is_some_and(|kind| !kind.is_server()) => {
            return out.not_applicable(subject);
        }
        Disks::NoneShown => return out.not_applicable(subject),
        Disks::NotShown | Disks::Missing(Reason::FieldAbsent, false) => Some(Reason::ViewOmits),
        Disks::Missing(reason, _) => Some(reason),
    };
    let outside = cx.is_outside_retention(backup).err();
    let (end, tolerance) = (backup.time(FieldId::ExpiredAt), cx.span(&TOLERANCE_HOURS));
    let mut doubt = None;
    for disk in backup.children() {
        match is_early(disk, end, tolerance) {
            Ok(true) if outside.is_none() => {
                let (observed, evidence) = cx.at(disk, FieldId::ExpiredAt);
                out.fail(subject).observed(observed, evidence).expected(cx.at(backup, FieldId::ExpiredAt).0);
                return;
            }
            Ok(_) => {}
            Err(reason) => doubt = doubt.or(Some((disk, reason))),
        }
    }
    let (blamed, reason, field) = match (outside, doubt, unseen) {
        (Some(reason), ..) => (backup, reason, FieldId::ImageType),
        (None, Some((disk, reason)), _) => (disk, reason, FieldId::ExpiredAt),
        (None, None, Some(reason)) => (backup, reason, FieldId::Children),
        (None, None, None) => return out.pass(subject),
    };
    let (observed, evidence) = cx.at(blamed, field);
    out.unknown(subject, reason).observed(observed, evidence);
}

/// Whether a disk ends before its server backup, whose end this is.
fn is_early(disk: Backup<'_>, end: Field<Timestamp>, tolerance: SignedDuration) -> Result<bool, Reason> {
    let Some(expires) = disk.time(FieldId::ExpiredAt).optional()? else { return Ok(false) };
    match end {
        Field::Null => Ok(true),
        end => Ok(end.known()?.duration_since(expires) > tolerance),
    }
}
