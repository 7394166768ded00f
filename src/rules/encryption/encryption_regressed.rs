//! `encryption-regressed`

use super::backup_unencrypted::judge as judge_whole;
use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "encryption-regressed",
    family: Family::Encryption,
    severity: Severity::Critical,
    title: "The newest backup is not encrypted although an older one is",
    why: "Protection went backwards, which usually nobody notices after a rebuild.",
    remedy: "Find the disk that was replaced, encrypt it and take a new backup; rule out that somebody did it on purpose.",
    logic: "The backups of a resource are ordered by the moment of their data. Fails where the newest is not encrypted and an earlier one is; a server backup is encrypted if all its disks are. High; critical if a disk of the same id was encrypted before, since that cannot change. Passes if the newest is encrypted. Not judged if the newest, or an earlier one that would decide, does not say, or if the moment of one is not known, nor where a disk may be in a later server backup that does not say which disks it holds. A resource with a single backup, or none of whose backups was encrypted, is not applicable.",
    params: &[],
    controls: &["nist-800-53r5:CP-9(8)", "iso27001-2022:A.8.24", "mitre:T1486"],
    check: Check::EachResource(check),
    cases: &[
        Case::new(
            "encrypted as before, or since then",
            r#"{"backups": [
                {"resource_type": "OS::Cinder::Volume", "created_at": "-27h"},
                {"resource_type": "OS::Cinder::Volume"},
                {"resource_type": "OS::Cinder::Volume", "resource_id": "r2", "created_at": "-27h",
                 "extend_info": {"encrypted": false}},
                {"resource_type": "OS::Cinder::Volume", "resource_id": "r2"}
            ]}"#,
            &["pass r1", "pass r2"],
        ),
        Case::new(
            "the same disk, no longer encrypted",
            r#"{"backups": [
                {"resource_type": "OS::Cinder::Volume", "created_at": "-27h"},
                {"resource_type": "OS::Cinder::Volume", "extend_info": {"encrypted": false}}
            ]}"#,
            &["fail r1 critical"],
        ),
        Case::new(
            "a server with another disk, and with the same",
            r#"{"$files": {
                "a.json": {"backup": {"created_at": "-27h", "children": [{"resource_id": "old"}]}},
                "b.json": {"backup": {"children": [{"resource_id": "new", "extend_info": {"encrypted": false}}]}},
                "c.json": {"backup": {"resource_id": "r2", "created_at": "-27h", "children": [{"resource_id": "same"}]}},
                "d.json": {"backup": {"resource_id": "r2", "children": [
                    {"resource_id": "same", "extend_info": {"encrypted": false}}
                ]}}
            }}"#,
            &["fail r1 high", "fail r2 critical"],
        ),
        Case::new(
            "the newest does not say, or is a server whose disks the list does not show",
            r#"{"backups": [
                {"resource_type": "OS::Cinder::Volume", "created_at": "-27h"},
                {"resource_type": "OS::Cinder::Volume", "extend_info": {"encrypted": null}},
                {"resource_id": "r2", "created_at": "-27h"},
                {"resource_id": "r2"}
            ]}"#,
            &["unknown r1 field-null", "unknown r2 view-omits"],
        ),
        Case::new(
            "an earlier one that does not say, and those that may be earlier or later",
            r#"{"backups": [
                {"resource_type": "OS::Cinder::Volume", "created_at": "-27h", "extend_info": {"encrypted": null}},
                {"resource_type": "OS::Cinder::Volume", "extend_info": {"encrypted": false}},
                {"resource_type": "OS::Cinder::Volume", "resource_id": "r2"},
                {"resource_type": "OS::Cinder::Volume", "resource_id": "r2", "created_at": "$absent",
                 "extend_info": {"encrypted": false}},
                {"resource_type": "OS::Cinder::Volume", "resource_id": "r3", "created_at": "-27h"},
                {"resource_type": "OS::Cinder::Volume", "resource_id": "r3", "image_type": null}
            ]}"#,
            &["unknown r1 field-null", "unknown r2 field-absent", "unknown r3 field-null"],
        ),
        Case::new(
            "a replica is as new as its source",
            r#"{"backups": [
                {"resource_type": "OS::Sfs::Turbo", "replication_records": [{}]},
                {"resource_type": "OS::Sfs::Turbo", "id": "b1-copy", "image_type": "replication", "created_at": "-1h",
                 "extend_info": {"encrypted": false}},
                {"resource_type": "OS::Sfs::Turbo", "created_at": "-27h"}
            ]}"#,
            &["pass r1"],
        ),
        Case::new(
            "a disk that may be in a later server backup, which does not say which disks it holds; in an earlier one",
            r#"{"$files": {
                "a.json": {"backups": [
                    {"resource_id": "d1", "resource_type": "OS::Cinder::Volume", "created_at": "-27h"},
                    {"resource_id": "d1", "resource_type": "OS::Cinder::Volume", "created_at": "-26h"},
                    {"resource_id": "d2", "resource_type": "OS::Cinder::Volume", "created_at": "-27h"},
                    {"resource_id": "d2", "resource_type": "OS::Cinder::Volume", "created_at": "-1h"}
                ]},
                "b.json": {"backup": {"created_at": "-25h", "children": null}}
            }}"#,
            &["unknown d1 field-null", "pass d2", "not-applicable r1"],
        ),
        Case::new(
            "never encrypted, and a single backup",
            r#"{"backups": [
                {"created_at": "-27h", "extend_info": {"encrypted": false}},
                {"extend_info": {"encrypted": false}},
                {"resource_id": "r2"}
            ]}"#,
            &["not-applicable r1", "not-applicable r2"],
        ),
    ],
};

fn check(cx: &Context<'_>, resource: ResourceIx, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    let points = cx.inventory.certain_points(resource);
    let points = points.filter(|backup| cx.exists(*backup) && backup.source().is_none());
    let history: Vec<_> = points.map(|backup| Moment::new(cx, resource, backup)).collect();
    match judge(&history) {
        State::Outside => out.not_applicable(subject),
        State::Kept => {
            let newest = history.iter().filter_map(|moment| moment.time).max();
            match cx.bare_server(resource, |time| Some(time) >= newest) {
                Some(doubt) => cx.leave_open_for_children(out, resource, doubt),
                None => out.pass(subject),
            }
        }
        State::Regressed(newest, plain) => {
            let (observed, evidence) = cx.at(plain, FieldId::Encrypted);
            let same = is_same_disk(&history, newest);
            let severity = if same { Severity::Critical } else { Severity::High };
            let note = if same { "a disk of the same id was encrypted before" } else { "an older backup is encrypted" };
            let finding = out.fail(subject).observed(observed, evidence).note(Note::Words(note));
            finding.expected(Value::Words("true")).severity(severity);
        }
        State::Open(witness, field, reason) => {
            let (observed, evidence) = cx.at(witness, field);
            out.unknown(subject, reason).observed(observed, evidence);
        }
    }
}

/// A backup of a resource: when, and whether it is encrypted.
struct Moment<'i> {
    backup: Backup<'i>,
    time: Option<jiff::Timestamp>,
    state: Encrypted<'i>,
}

#[derive(Clone, Copy)]
enum Encrypted<'i> {
    Yes,
    /// This record says that it is not.
    No(Backup<'i>),
    /// This record does not say.
    Unsaid(Backup<'i>, Reason),
}

impl<'i> Moment<'i> {
    fn new(cx: &Context<'i>, resource: ResourceIx, backup: Backup<'i>) -> Self {
        let sure = |record: Backup<'_>| record.time(FieldId::CreatedAt).value().is_some();
        let is_sure = backup.image_type().value().is_some() && sure(backup) && backup.children().all(sure);
        let time = cx.moment(backup).filter(|_| is_sure);
        Self { backup, time, state: state(cx, resource, backup) }
    }
}

/// Whether a backup is encrypted as far as the resource is concerned: of a server backup that holds a disk, the disk.
fn state<'i>(cx: &Context<'_>, resource: ResourceIx, backup: Backup<'i>) -> Encrypted<'i> {
    let own = backup.resource() == Some(resource);
    let id = cx.inventory.resource(resource).id;
    let is_it = |disk: &Backup<'_>| disk.symbol(FieldId::ResourceId).value() == Some(id);
    let disk = if own { None } else { backup.children().find(is_it) };
    match disk {
        Some(disk) => match disk.flag(FieldId::Encrypted).known() {
            Ok(true) => Encrypted::Yes,
            Ok(false) => Encrypted::No(disk),
            Err(reason) => Encrypted::Unsaid(disk, reason),
        },
        None => match judge_whole(backup) {
            Ok(None) => Encrypted::Yes,
            Ok(Some((plain, _))) => Encrypted::No(plain),
            Err((witness, reason)) => Encrypted::Unsaid(witness, reason),
        },
    }
}

enum State<'i> {
    Outside,
    Kept,
    /// The newest backup, and the record in it that is not encrypted.
    Regressed(Backup<'i>, Backup<'i>),
    Open(Backup<'i>, FieldId, Reason),
}

fn judge<'i>(history: &[Moment<'i>]) -> State<'i> {
    if history.len() < 2 || history.iter().all(|moment| matches!(moment.state, Encrypted::No(_))) {
        return State::Outside;
    }
    if let Some(timeless) = history.iter().find(|moment| moment.time.is_none()) {
        return unordered(timeless);
    }
    let newest = history.iter().filter_map(|moment| moment.time).max();
    let (last, earlier): (Vec<_>, Vec<_>) = history.iter().partition(|moment| moment.time == newest);
    let plain = |moment: &&Moment<'i>| match moment.state {
        Encrypted::No(plain) => Some((moment.backup, plain)),
        _ => None,
    };
    let open = |moments: &[&Moment<'i>]| moments.iter().find_map(|moment| unsaid(moment));
    match last.iter().find_map(plain) {
        Some((backup, record)) if earlier.iter().any(|moment| matches!(moment.state, Encrypted::Yes)) => {
            State::Regressed(backup, record)
        }
        Some(_) => open(&earlier).unwrap_or(State::Outside),
        None => open(&last).unwrap_or(State::Kept),
    }
}

fn unsaid<'i>(moment: &Moment<'i>) -> Option<State<'i>> {
    match moment.state {
        Encrypted::Unsaid(witness, reason) => Some(State::Open(witness, FieldId::Encrypted, reason)),
        _ => None,
    }
}

/// A backup of which it is not known whether it is the newest: the creation of a replica says nothing of its data.
fn unordered<'i>(moment: &Moment<'i>) -> State<'i> {
    let backup = moment.backup;
    if let Err(reason) = backup.image_type().known() {
        return State::Open(backup, FieldId::ImageType, reason);
    }
    if backup.is_claimed_twice() {
        return State::Open(backup, FieldId::CreatedAt, Reason::RecordConflict);
    }
    let mut records = std::iter::once(backup).chain(backup.children());
    let undated = records.find_map(|record| Some((record, record.time(FieldId::CreatedAt).known().err()?)));
    let (record, reason) = undated.unwrap_or((backup, Reason::FieldAbsent));
    State::Open(record, FieldId::CreatedAt, reason)
}

/// Whether a disk that is not encrypted in the newest backup is so in an earlier one.
fn is_same_disk(history: &[Moment<'_>], newest: Backup<'_>) -> bool {
    let disks_of = |backup: Backup<'_>, encrypted: bool| {
        let is_server = backup.resource_type().value().is_none_or(|kind| kind.is_server());
        let own = (!is_server).then_some(backup);
        let says = own
            .into_iter()
            .chain(backup.children().filter(|_| is_server))
            .filter(|disk| disk.flag(FieldId::Encrypted) == Field::Value(encrypted));
        says.filter_map(|disk| disk.symbol(FieldId::ResourceId).value()).collect::<Vec<_>>()
    };
    let plain = disks_of(newest, false);
    let last = history.iter().filter_map(|moment| moment.time).max();
    let mut earlier = history.iter().filter(|moment| moment.time < last);
    earlier.any(|moment| disks_of(moment.backup, true).iter().any(|disk| plain.contains(disk)))
}
