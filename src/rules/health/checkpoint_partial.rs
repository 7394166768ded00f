//! `checkpoint-partial`

use std::collections::BTreeMap;

use ahash::AHashMap;
use rayon::prelude::*;

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "checkpoint-partial",
    family: Family::Health,
    severity: Severity::Medium,
    title: "A checkpoint holds some resources and failed for others",
    why: "What was to be backed up together cannot be restored to one common moment: applications that span several resources come back in pieces.",
    remedy: "Back the vault up again, and mend what made the backup of the failed resources fail.",
    logic: "Per checkpoint with backups of more than one resource. Fails where one resource has a usable backup in it and another has only failed ones. Passes where every resource has a usable one and all list answers of the project are complete. A backup of the vault that names no checkpoint, a status, resource or time of creation that is not known, and an incomplete dump leave it not judged. A checkpoint that is still being made, that is being deleted, or that failed as a whole is not applicable, and neither is one with a single resource. Disk backups without their server backup do not count.",
    params: &[],
    controls: &["iso27001-2022:A.8.13", "nist-800-53r5:CP-9", "nist-800-53r5:CP-10"],
    check: Check::Whole("checkpoint", check),
    cases: &[
        Case::new(
            "two resources of one checkpoint, and one that failed in another",
            r#"{"backups": [
                {}, {"resource_id": "r2"},
                {"checkpoint_id": "c2"}, {"checkpoint_id": "c2", "resource_id": "r2", "status": "error"}
            ]}"#,
            &["pass c1", "fail c2 medium"],
        ),
        Case::new(
            "a backup that does not say when it was made",
            r#"{"backups": [{"created_at": null}, {"resource_id": "r2"}]}"#,
            &["unknown c1 field-null"],
        ),
        Case::new(
            "a failed one that does not say when it was made; one resource alone, whatever it says",
            r#"{"backups": [
                {}, {"resource_id": "r2", "status": "error", "created_at": null},
                {"checkpoint_id": "c2"}, {"checkpoint_id": "c2", "status": null}
            ]}"#,
            &["unknown c1 field-null", "not-applicable c2"],
        ),
        Case::new(
            "a failed one that is being made again",
            r#"{"backups": [
                {}, {"resource_id": "r2", "status": "error"}, {"resource_id": "r2", "status": "protecting"}
            ]}"#,
            &["not-applicable c1"],
        ),
        Case::new(
            "a failure that was made good within the checkpoint",
            r#"{"backups": [{}, {"resource_id": "r2", "status": "error"}, {"resource_id": "r2"}]}"#,
            &["pass c1"],
        ),
        Case::new(
            "all failed; one resource alone; one still being made; one being deleted",
            r#"{"backups": [
                {"status": "error"}, {"resource_id": "r2", "status": "error"},
                {"checkpoint_id": "c2"},
                {"checkpoint_id": "c3"}, {"checkpoint_id": "c3", "resource_id": "r2", "status": "protecting"},
                {"checkpoint_id": "c4"}, {"checkpoint_id": "c4", "resource_id": "r2", "status": "deleting"}
            ]}"#,
            &["not-applicable c1", "not-applicable c2", "not-applicable c3", "not-applicable c4"],
        ),
        Case::new(
            "a status and a resource that are not known",
            r#"{"backups": [
                {}, {"resource_id": "r2", "status": "frozen"},
                {"checkpoint_id": "c2"}, {"checkpoint_id": "c2", "resource_id": null, "status": "error"}
            ]}"#,
            &["unknown c1 value-unrecognised", "unknown c2 field-null"],
        ),
        Case::new(
            "a failed backup of the vault that names no checkpoint",
            r#"{"backups": [
                {}, {"resource_id": "r2"}, {"resource_id": "r3", "checkpoint_id": null, "status": "error"},
                {"vault_id": "v2", "checkpoint_id": "c2"}, {"vault_id": "v2", "checkpoint_id": "c2", "resource_id": "r2"}
            ]}"#,
            &["unknown c1 field-null", "pass c2"],
        ),
        Case::new(
            "pages are missing, which hides no failure that is there",
            r#"{"count": 9, "backups": [
                {}, {"resource_id": "r2"},
                {"checkpoint_id": "c2"}, {"checkpoint_id": "c2", "resource_id": "r2", "status": "error"}
            ]}"#,
            &["unknown c1 input-incomplete", "fail c2 medium"],
        ),
        Case::new(
            "made after the as-of time",
            r#"{"backups": [{}, {"resource_id": "r2", "created_at": "+1h", "status": "error"}]}"#,
            &["not-applicable c1"],
        ),
    ],
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let Checkpoints { placed, unplaced } = cx.inventory.by_checkpoint(|backup| cx.exists(backup));
    // By its first backup, so that the order is that of the files; with where it begins, since there may be millions.
    let mut shared: Vec<(BackupIx, u32)> = Vec::new();
    let mut start = 0;
    for checkpoint in placed.chunk_by(|(one, _), (other, _)| one == other) {
        match checkpoint {
            [(_, single)] => out.not_applicable(Subject::Checkpoint(*single)),
            [(_, first), ..] => shared.push((*first, start)),
            [] => {}
        }
        start += u32::try_from(checkpoint.len()).unwrap_or(u32::MAX);
    }
    shared.sort_unstable();
    let unplaced = first_of_vaults(cx, &unplaced);
    for some in shared.chunks(AT_ONCE) {
        let pieces = some.par_chunks(PIECE).with_max_len(1).map(|piece| {
            let mut out = out.part();
            for &(first, start) in piece {
                let behind = placed.get(start as usize..).unwrap_or_default();
                let checkpoint = behind.iter().take_while(|(id, _)| Some(id) == behind.first().map(|(first, _)| first));
                let backups: Vec<_> = checkpoint.map(|(_, ix)| cx.inventory.backup(*ix)).collect();
                judge(cx, Subject::Checkpoint(first), &backups, &unplaced, &mut out);
            }
            out
        });
        let judged: Vec<_> = pieces.collect();
        judged.into_iter().for_each(|piece| out.append(piece));
    }
}

/// So many checkpoints are judged by all threads before their verdicts are taken over.
const AT_ONCE: usize = 256 * PIECE;
/// And so many by one of them at a time.
const PIECE: usize = 256;

/// A backup that may belong to any checkpoint of its vault, and why.
type Unplaced<'i> = AHashMap<Option<Symbol>, (Backup<'i>, Reason)>;

/// The first backup of every vault that names no checkpoint.
fn first_of_vaults<'i>(cx: &Context<'i>, unplaced: &[(BackupIx, Reason)]) -> Unplaced<'i> {
    let mut first = AHashMap::new();
    for &(ix, reason) in unplaced {
        let backup = cx.inventory.backup(ix);
        first.entry(backup.symbol(FieldId::VaultId).value()).or_insert((backup, reason));
    }
    first
}

/// What a checkpoint holds of one resource.
#[derive(Clone, Copy, Default)]
struct Held<'i> {
    is_usable: bool,
    failed: Option<Backup<'i>>,
    /// Whether one is being made or deleted.
    is_moving: bool,
    in_doubt: bool,
}

/// What a checkpoint holds.
#[derive(Default)]
struct Holdings<'i> {
    resources: BTreeMap<ResourceIx, Held<'i>>,
    /// A backup that cannot be judged, and why.
    doubt: Option<(Backup<'i>, Reason)>,
    /// Whether that, or another, may be one of any resource.
    is_stray: bool,
}

impl<'i> Holdings<'i> {
    fn add(&mut self, cx: &Context<'_>, backup: Backup<'i>) {
        let Some(resource) = backup.resource() else {
            let known = IDENTITY.into_iter().try_for_each(|field| backup.presence(field).known());
            self.doubt = self.doubt.or(Some((backup, known.err().unwrap_or(Reason::RecordConflict))));
            self.is_stray = true;
            return;
        };
        let held = self.resources.entry(resource).or_default();
        // What was made nobody knows when may not have been there at the as-of time.
        match backup.time(FieldId::CreatedAt).known().and_then(|_| cx.status(backup)) {
            Err(reason) => {
                held.in_doubt = true;
                self.doubt = self.doubt.or(Some((backup, reason)));
            }
            Ok(Status::Error) => held.failed = held.failed.or(Some(backup)),
            Ok(status) if status.is_usable() => held.is_usable = true,
            Ok(_) => held.is_moving = true,
        }
    }

    /// The first failed backup of every resource that has nothing else for certain.
    fn lost(&self) -> impl Iterator<Item = Backup<'i>> {
        let is_lost = |held: &&Held<'i>| !held.is_usable && !held.is_moving && !held.in_doubt && !self.is_stray;
        let lost = self.resources.values().filter(is_lost);
        lost.filter_map(|held| held.failed)
    }
}

/// What tells resources apart.
const IDENTITY: [FieldId; 3] = [FieldId::ProjectId, FieldId::ResourceId, FieldId::ResourceType];
const READ: [FieldId; 6] = [
    FieldId::Status,
    FieldId::ProjectId,
    FieldId::ResourceId,
    FieldId::ResourceType,
    FieldId::UpdatedAt,
    FieldId::CreatedAt,
];
const EXPECTED: Value = Value::Words("a usable backup of every resource");

fn judge<'i>(cx: &Context<'i>, subject: Subject, backups: &[Backup<'i>], unplaced: &Unplaced<'i>, out: &mut Sink<'_>) {
    let mut holdings = Holdings::default();
    backups.iter().for_each(|&backup| holdings.add(cx, backup));
    let resources = holdings.resources.len() as u64;
    let usable = holdings.resources.values().any(|held| held.is_usable);
    let is_moving = holdings.resources.values().any(|held| held.is_moving);
    match (holdings.lost().next(), holdings.doubt) {
        _ if resources < 2 && !holdings.is_stray => out.not_applicable(subject),
        (Some(backup), _) if usable => {
            let (_, evidence) = cx.at(backup, FieldId::Status);
            let observed = Value::CountOf(holdings.lost().count() as u64, resources, "resources failed");
            out.fail(subject).observed(observed, evidence).expected(EXPECTED);
        }
        (_, Some((backup, reason))) => {
            let (observed, evidence) = cx.blame(backup, reason, &READ);
            out.unknown(subject, reason).observed(observed, evidence).expected(EXPECTED);
        }
        (None, None) if !is_moving => pass(cx, subject, backups, unplaced, out),
        _ => out.not_applicable(subject),
    }
}

/// Passes a checkpoint in which nothing failed, unless a failure of it may stand elsewhere or in what is missing.
fn pass(cx: &Context<'_>, subject: Subject, backups: &[Backup<'_>], unplaced: &Unplaced<'_>, out: &mut Sink<'_>) {
    let vaults = backups.iter().map(|backup| backup.symbol(FieldId::VaultId).value());
    if let Some((backup, reason)) = vaults.chain([None]).find_map(|vault| unplaced.get(&vault)) {
        let (observed, evidence) = cx.at(*backup, FieldId::CheckpointId);
        out.unknown(subject, *reason).observed(observed, evidence).expected(EXPECTED);
        return;
    }
    let complete = &cx.inventory.listings.complete_projects;
    let is_whole = |backup: &Backup<'_>| {
        backup.symbol(FieldId::ProjectId).value().is_some_and(|project| complete.contains(&project))
    };
    if backups.iter().all(is_whole) {
        out.pass(subject);
    } else {
        out.unknown(subject, Reason::InputIncomplete).expected(EXPECTED);
    }
}
