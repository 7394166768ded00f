//! `protection-stopped`

use jiff::{SignedDuration, Timestamp};

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "protection-stopped",
    family: Family::Coverage,
    severity: Severity::High,
    title: "A resource is no longer backed up while its vault goes on",
    why: "The vault and its policy work, but not for this resource: it was taken out of the vault, or it is gone.",
    remedy: "Look whether the resource still exists. If it does, associate it with the vault again and back it up; if not, decide how long its backups are still needed.",
    logic: "Looks at resources without any record, good or not, younger than the RPO times the factor. Fails where the vault of the newest record has a good restore point of another resource within the RPO plus its tolerance. Where that is in doubt, also because such a restore point does not say in which vault it is, where a record does not say when it was made or the newest not in which vault, and for a disk that a young server backup may contain, it is not judged. A resource with a younger record passes; where the whole vault stands still it is not applicable, and so are replicas without their source. Copies made by replication do not count.",
    params: &[RPO_HOURS, RPO_TOLERANCE_HOURS, STOPPED_FACTOR],
    controls: &["iso27001-2022:A.8.13", "nist-800-53r5:CP-9", "c5-2020:OPS-07", "soc2:A1.2", "cis-8.1:11.2"],
    check: Check::EachResource(check),
    cases: &[
        Case::new(
            "four days without a record beside a resource that goes on",
            r#"{"backups": [{"created_at": "-4d"}, {"resource_id": "r2"}]}"#,
            &["fail r1 high", "pass r2"],
        ),
        Case::new(
            "two days are not long enough, and a failed backup is a record too",
            r#"{"backups": [
                {"created_at": "-2d"}, {"resource_id": "r2"},
                {"resource_id": "r3", "created_at": "-4d"}, {"resource_id": "r3", "status": "error"}
            ]}"#,
            &["pass r1", "pass r2", "pass r3"],
        ),
        Case::new(
            "the whole vault stands still, and another vault that goes on says nothing",
            r#"{"backups": [
                {"created_at": "-4d"}, {"resource_id": "r2", "created_at": "-2d"},
                {"resource_id": "r3", "vault_id": "v2"}
            ]}"#,
            &["not-applicable r1", "pass r2", "pass r3"],
        ),
        Case::new(
            "whether the vault goes on is in doubt",
            r#"{"backups": [{"created_at": "-4d"}, {"resource_id": "r2", "status": "frozen"}]}"#,
            &["unknown r1 value-unrecognised", "pass r2"],
        ),
        Case::new(
            "a record of no known time; a record in no known vault",
            r#"{"backups": [
                {"created_at": "-4d"}, {"created_at": null}, {"resource_id": "r2"},
                {"resource_id": "r3", "created_at": "-4d", "vault_id": "$absent"}
            ]}"#,
            &["unknown r1 field-null", "pass r2", "unknown r3 field-absent"],
        ),
        Case::new(
            "what goes on may be in the vault, as it does not say in which it is",
            r#"{"backups": [{"created_at": "-4d"}, {"resource_id": "r2", "vault_id": null}]}"#,
            &["unknown r1 field-null", "pass r2"],
        ),
        Case::new(
            "the resource itself has the newest restore point of the vault, and another one follows it",
            r#"{"backups": [{"created_at": "-15h"}, {"resource_id": "r2", "created_at": "-20h"}]}"#,
            &["fail r1 high", "fail r2 high"],
        )
        .set(&["rpo-hours=12", "rpo-tolerance-hours=12", "stopped-factor=1"]),
        Case::new(
            "a disk that a young server backup may contain",
            r#"{"backups": [{"resource_id": "d1", "resource_type": "OS::Cinder::Volume", "created_at": "-4d"}, {}]}"#,
            &["unknown d1 view-omits", "pass r1"],
        ),
        Case::new(
            "a replica without its source; a young copy of an old backup",
            r#"{"backups": [
                {"resource_id": "r9", "image_type": "replication"},
                {"id": "b2", "created_at": "-4d", "replication_records": [{"created_at": "-4d"}]},
                {"id": "b2-copy", "resource_id": "r1", "image_type": "replication"},
                {"resource_id": "r2"}
            ]}"#,
            &["not-applicable r9", "fail r1 high", "pass r2"],
        ),
        Case::new(
            "a clock that is only a lower bound",
            r#"{"backups": [{"created_at": "-4d"}, {"resource_id": "r2"}]}"#,
            &["fail r1 high", "unknown r2 clock-inferred"],
        )
        .inferred(),
    ],
};

const STOPPED_FACTOR: Param = Param::new(
    "stopped-factor",
    ParamUnit::Factor,
    3.0,
    "After how many times the RPO without any record a resource counts as no longer backed up.",
);

fn check(cx: &Context<'_>, resource: ResourceIx, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    if cx.inventory.resource(resource).is_replica {
        return out.not_applicable(subject);
    }
    let silence = SignedDuration::try_from_secs_f64(cx.span(&RPO_HOURS).as_secs_f64() * cx.number(&STOPPED_FACTOR));
    let limit = silence.unwrap_or(SignedDuration::MAX);
    let records = || cx.inventory.points(resource).filter(|backup| cx.exists(*backup));
    if records().any(|backup| is_young(cx, backup, limit) == Ok(true)) {
        return out.pass_now(cx, subject, Key::None, false);
    }
    let doubt = records().find_map(|backup| Some((backup, is_young(cx, backup, limit).err()?)));
    if let Some((backup, reason)) = doubt {
        let (observed, evidence) = cx.blame(backup, reason, &[FieldId::ImageType, FieldId::CreatedAt]);
        out.unknown(subject, reason).observed(observed, evidence);
        return;
    }
    match cx.recent_unseen_server(resource, limit) {
        Some(server) => {
            let (observed, evidence) = cx.at(server, FieldId::Children);
            out.unknown(subject, Reason::ViewOmits).observed(observed, evidence);
        }
        None => judge_silent(cx, resource, limit, out),
    }
}

fn created(backup: Backup<'_>) -> Result<Timestamp, Reason> {
    backup.time(FieldId::CreatedAt).known()
}

/// Whether a record is young, and no copy made by replication.
fn is_young(cx: &Context<'_>, backup: Backup<'_>, limit: SignedDuration) -> Result<bool, Reason> {
    if is_copy(backup) || created(backup).is_ok_and(|created| cx.age(created) > limit) {
        return Ok(false);
    }
    backup.image_type().known()?;
    created(backup).map(|_| true)
}

fn is_copy(backup: Backup<'_>) -> bool {
    backup.image_type().value() == Some(ImageType::Replication)
}

/// Judges a resource without young records by what its vault did meanwhile.
fn judge_silent(cx: &Context<'_>, resource: ResourceIx, limit: SignedDuration, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    let records = cx.inventory.points(resource).filter(|backup| cx.exists(*backup) && !is_copy(*backup));
    // Of two of one moment the id decides and not the order of the files: they may be in two vaults.
    let newest = records.max_by(|one, other| {
        let by_time = created(*one).ok().cmp(&created(*other).ok());
        by_time.then_with(|| other.text(FieldId::Id).cmp(&one.text(FieldId::Id)))
    });
    let Some(newest) = newest else { return out.not_applicable(subject) };
    let vault = match newest.symbol(FieldId::VaultId).known() {
        Ok(vault) => vault,
        Err(reason) => {
            let (observed, evidence) = cx.at(newest, FieldId::VaultId);
            out.unknown(subject, reason).observed(observed, evidence);
            return;
        }
    };
    let of_vault = cx.inventory.vault(vault).map(|vault| *cx.points.vault(vault)).unwrap_or_default();
    let of_any = cx.points.in_no_vault();
    let is_fresh = |(time, _): &(Timestamp, BackupIx)| cx.age(*time) <= cx.rpo_limit();
    let may_be = [
        of_vault.newest_possible_beside(cx.inventory, resource),
        of_any.newest_possible_beside(cx.inventory, resource),
    ];
    if let Some((_, witness)) = of_vault.newest_good_beside(cx.inventory, resource).filter(is_fresh) {
        let (observed, evidence) = cx.at(newest, FieldId::CreatedAt);
        let finding = out.fail(subject).observed(observed, evidence).expected(Value::AtMost(limit));
        if let Ok(created) = created(newest) {
            let (reading, field) = cx.points.of(cx.inventory, witness).stated;
            finding.note(Note::VaultGoesOn(cx.age(created), reading, field));
        }
    } else if let Some((_, ix)) = may_be.into_iter().flatten().find(is_fresh) {
        let backup = cx.inventory.backup(ix);
        if let Some(reason) = cx.point(backup).unknown() {
            let (observed, evidence) = cx.blame_point(backup, reason);
            out.unknown(subject, reason).observed(observed, evidence);
        }
    } else if let Some((_, ix)) = of_any.newest_good_beside(cx.inventory, resource).filter(is_fresh) {
        let backup = cx.inventory.backup(ix);
        let reason = backup.symbol(FieldId::VaultId).known().err().unwrap_or(Reason::FieldAbsent);
        let (observed, evidence) = cx.at(backup, FieldId::VaultId);
        out.unknown(subject, reason).observed(observed, evidence);
    } else {
        out.not_applicable(subject);
    }
}
