//! `disk-set-changed`

use std::collections::BTreeSet;

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "disk-set-changed",
    family: Family::Hierarchy,
    severity: Severity::High,
    title: "A disk is no longer part of the server backup",
    why: "Everyone believes that the whole server is covered; a restore leaves that disk untouched or lost.",
    remedy: "Include the disk in the backup of the server again, or back it up by itself.",
    logic: "For a server, the disks in the newest good restore point are compared with those in the one before. A disk that is gone fails: high if it has no good restore point of its own, else medium. Added disks pass. Disks that no show answer nests, a disk without resource_id, and restore points that cannot be judged and could take the place of one of the two leave it not judged. Other types, fewer than two restore points and an earlier one shown without disks are not applicable.",
    params: &[],
    controls: &["nist-800-53r5:CP-9", "cis-8.1:11.2", "impl-reg-2024-2690:4.2.2(b)", "hipaa:164.308(a)(7)(ii)(A)"],
    check: Check::EachResource(check),
    cases: &[
        Case::new(
            "the same two disks, and one more",
            r#"{"$files": {
                "a.json": {"backup": {"created_at": "-27h", "children": [{}, {}]}},
                "b.json": {"backup": {"children": [{}, {}, {}]}}
            }}"#,
            &["pass r1"],
        ),
        Case::new(
            "one disk fewer, with nothing of its own",
            r#"{"$files": {
                "a.json": {"backup": {"created_at": "-27h", "children": [{}, {}]}},
                "b.json": {"backup": {"children": [{}]}}
            }}"#,
            &["fail r1 high"],
        ),
        Case::new(
            "one disk fewer, which has a backup of its own",
            r#"{"$files": {
                "a.json": {"backup": {"created_at": "-27h", "children": [{}, {}]}},
                "b.json": {"backup": {"children": [{}]}},
                "c.json": {"backup": {"resource_id": "d2", "resource_type": "OS::Cinder::Volume"}}
            }}"#,
            &["fail r1 medium", "not-applicable d2"],
        ),
        Case::new(
            "lists do not show disks",
            r#"{"backups": [{"created_at": "-27h"}, {}]}"#,
            &["unknown r1 view-omits"],
        ),
        Case::new(
            "a newer backup whose disks the list does not show",
            r#"{"$files": {
                "a.json": {"backup": {"created_at": "-27h", "children": [{}, {}]}},
                "b.json": {"backups": [{}]}
            }}"#,
            &["unknown r1 view-omits"],
        ),
        Case::new(
            "a disk that does not say which it is",
            r#"{"$files": {
                "a.json": {"backup": {"created_at": "-27h", "children": [{}, {}]}},
                "b.json": {"backup": {"children": [{}, {"resource_id": null}]}}
            }}"#,
            &["unknown r1 field-null"],
        ),
        Case::new(
            "a backup between that is in doubt",
            r#"{"$files": {
                "a.json": {"backup": {"created_at": "-51h", "children": [{}]}},
                "b.json": {"backup": {"created_at": "-27h", "status": "frozen", "children": [{}, {}]}},
                "c.json": {"backup": {"children": [{}]}}
            }}"#,
            &["unknown r1 value-unrecognised"],
        ),
        Case::new(
            "one restore point; one before without disks",
            r#"{"$files": {
                "a.json": {"backup": {"children": [{}]}},
                "b.json": {"backup": {"resource_id": "r2", "created_at": "-27h"}},
                "c.json": {"backup": {"resource_id": "r2", "children": [{}]}}
            }}"#,
            &["not-applicable r1", "not-applicable r2"],
        ),
        Case::new(
            "a clock that is only a lower bound",
            r#"{"$files": {
                "a.json": {"backup": {"created_at": "-27h", "children": [{}]}},
                "b.json": {"backup": {"children": [{}]}}
            }}"#,
            &["unknown r1 clock-inferred"],
        )
        .inferred(),
    ],
};

fn check(cx: &Context<'_>, resource: ResourceIx, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    let row = cx.inventory.resource(resource);
    if row.is_replica || !row.kind.is_server() {
        return out.not_applicable(subject);
    }
    let good = cx.good_points(resource);
    let good: Vec<_> = good.iter().filter(|(backup, _)| !is_replica(*backup)).copied().collect();
    // Another one of the same moment as the newest is not the one before.
    let newest = good.first().and_then(|(_, point)| point.time);
    let before = good.iter().map(|(_, point)| point.time).find(|time| *time < newest).flatten();
    let counts = |point: &RestorePoint| point.time.is_none_or(|time| before.is_none_or(|before| time >= before));
    let doubtful = cx.possible_points(resource);
    let doubtful: Vec<_> =
        doubtful.iter().filter(|(backup, point)| !is_replica(*backup) && counts(point)).copied().collect();
    if good.len() + doubtful.len() < 2 {
        return out.not_applicable(subject);
    }
    if let Some(doubt) = first_doubt(&doubtful) {
        return cx.leave_open(out, resource, doubt);
    }
    let previous = good.iter().find(|(_, point)| point.time < newest);
    let (Some((newest, new)), Some((previous, old))) = (good.first(), previous) else {
        return out.not_applicable(subject);
    };
    match compare(*newest, *previous) {
        Change::NothingBefore => out.not_applicable(subject),
        Change::Kept => out.pass_now(cx, subject, Key::None, new.lasts() && old.lasts()),
        Change::Dropped(dropped) => {
            let covered = dropped.iter().all(|disk| has_own_point(cx, row.project, *disk));
            let (observed, evidence) = cx.at(*newest, FieldId::Children);
            out.fail(subject)
                .observed(observed, evidence)
                .note(Note::Count(dropped.len() as u64, "of the disks in the restore point before are gone"))
                .expected(Value::Words("every disk of the restore point before"))
                .severity(if covered { Severity::Medium } else { Severity::High });
        }
        Change::Open(backup, reason) => {
            let (observed, evidence) = cx.at(backup, FieldId::Children);
            out.unknown(subject, reason).observed(observed, evidence);
        }
    }
}

fn is_replica(backup: Backup<'_>) -> bool {
    backup.image_type().value() == Some(ImageType::Replication)
}

enum Change<'i> {
    NothingBefore,
    Kept,
    Dropped(Vec<Symbol>),
    Open(Backup<'i>, Reason),
}

fn compare<'i>(newest: Backup<'i>, previous: Backup<'i>) -> Change<'i> {
    let (before, unclear) = match set(previous) {
        Ok(Set { disks, unclear: None }) if disks.is_empty() => return Change::NothingBefore,
        Ok(before) => (before.disks, before.unclear),
        Err(reason) => return Change::Open(previous, reason),
    };
    let now = match set(newest) {
        Ok(Set { disks, unclear: None }) => disks,
        Ok(Set { unclear: Some(reason), .. }) | Err(reason) => return Change::Open(newest, reason),
    };
    let dropped: Vec<_> = before.difference(&now).copied().collect();
    match unclear {
        _ if !dropped.is_empty() => Change::Dropped(dropped),
        Some(reason) => Change::Open(previous, reason),
        None => Change::Kept,
    }
}

/// The disks of a server backup, and why there may be others.
struct Set {
    disks: BTreeSet<Symbol>,
    unclear: Option<Reason>,
}

fn set(backup: Backup<'_>) -> Result<Set, Reason> {
    let partly = match backup.disks() {
        Disks::Seen(_, partly) => partly,
        Disks::NoneShown => return Ok(Set { disks: BTreeSet::new(), unclear: None }),
        Disks::NotShown | Disks::Missing(Reason::FieldAbsent, false) => return Err(Reason::ViewOmits),
        Disks::Missing(reason, _) => return Err(reason),
    };
    if !backup.children().any(|disk| disk.is_nested()) {
        return Err(Reason::ViewOmits);
    }
    let named: Vec<_> = backup.children().map(|disk| disk.symbol(FieldId::ResourceId).known()).collect();
    let unnamed = named.iter().find_map(|name| name.err());
    let disks = named.into_iter().filter_map(Result::ok).collect();
    Ok(Set { disks, unclear: unnamed.or(partly.then_some(Reason::InputIncomplete)) })
}

/// Whether a disk has a good restore point that is not part of a server backup.
fn has_own_point(cx: &Context<'_>, project: Symbol, disk: Symbol) -> bool {
    let Some(resource) = cx.inventory.disk(project, disk) else { return false };
    cx.good_points(resource).iter().any(|(backup, _)| backup.resource() == Some(resource))
}
