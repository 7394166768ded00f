//! `backup-count-mismatch`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "backup-count-mismatch",
    family: Family::DataQuality,
    severity: Severity::Medium,
    title: "A vault counts more backups of a resource than the dump holds",
    why: "Backups that the dump does not hold were not judged: whatever is said of the resource may be said of a part.",
    remedy: "Export vaults and backups anew, one directly after the other, without filters, and all pages.",
    logic: "Compares backup_count of each resource of a vault with the top-level backups of that resource and vault in the dump, whenever they were made: disks inside server backups do not count, and neither do replicas. As many passes, fewer in the dump fails. A backup of the resource that does not say in which vault it is may be among them: where that could make up the difference, or exceed the count, it is not judged. Nor is it where backups that do not say of which resource they are could make up the difference. More is not judged: then the vault was captured earlier than the backups. Between two captures backups are made and deleted, so a difference of a few may be no more than that. A vault whose project has no backups in the dump is not applicable, and neither is a replication vault. A missing or unreadable count, id or type is not judged.",
    params: &[],
    controls: &["soc2:A1.2", "c5-2020:OPS-07", "impl-reg-2024-2690:4.2.2(b)"],
    check: Check::EachListed(check),
    cases: &[
        Case::new(
            "as many as there are, disks not counted",
            r#"{"$files": {"a.json": {"vaults": [{"resources": [{}]}]}, "b.json": {"backup": {"children": [{}]}}}}"#,
            &["pass r1"],
        ),
        Case::new(
            "fewer, and none of another resource",
            r#"{"$files": {
                "a.json": {"vaults": [{"resources": [{"backup_count": 2}, {}]}]}, "b.json": {"backups": [{}]}
            }}"#,
            &["fail r1 medium", "fail r2 medium"],
        ),
        Case::new(
            "more",
            r#"{"$files": {
                "a.json": {"vaults": [{"resources": [{}]}]}, "b.json": {"backups": [{}, {"created_at": "-1h"}]}
            }}"#,
            &["unknown r1 record-conflict"],
        ),
        Case::new(
            "backups in another vault do not count",
            r#"{"$files": {"a.json": {"vaults": [{"resources": [{}]}]}, "b.json": {"backups": [{"vault_id": "v2"}]}}}"#,
            &["fail r1 medium"],
        ),
        Case::new(
            "a backup that does not say in which vault it is may be among those that are counted",
            r#"{"$files": {
                "a.json": {"vaults": [{"resources": [
                    {"backup_count": 2}, {"backup_count": 1}, {"backup_count": 2}, {"backup_count": 1}
                ]}]},
                "b.json": {"backups": [
                    {}, {"vault_id": null},
                    {"resource_id": "r2"}, {"resource_id": "r2", "vault_id": "$absent"},
                    {"resource_id": "r3", "vault_id": null},
                    {"resource_id": "r4"}, {"resource_id": "r4"}, {"resource_id": "r4", "vault_id": null}
                ]}
            }}"#,
            &["unknown r1 field-null", "unknown r2 field-absent", "fail r3 medium", "unknown r4 record-conflict"],
        ),
        Case::new(
            "a backup that does not say of which resource it is may be among those that are counted",
            r#"{"$files": {
                "a.json": {"vaults": [{"resources": [
                    {"backup_count": 2}, {"backup_count": 1}, {"backup_count": 3}
                ]}]},
                "b.json": {"backups": [
                    {}, {"resource_id": "$absent", "name": "n"},
                    {"resource_id": "r2"}, {"resource_id": "r2", "resource_type": null, "vault_id": "v2"},
                    {"resource_id": "r3"}, {"resource_id": null, "vault_id": "v2"},
                    {"resource_id": null, "project_id": "p2"}, {"resource_id": null, "resource_type": "OS::Cinder::Volume"},
                    {"resource_id": null, "parent_id": "b1"}, {"resource_id": null, "image_type": "replication"}
                ]}
            }}"#,
            &["unknown r1 field-absent", "pass r2", "fail r3 medium"],
        ),
        Case::new(
            "a project without backups, and a vault for replicas",
            r#"{"$files": {
                "a.json": {"vaults": [
                    {"resources": [{}], "billing": {"protect_type": "replication"}},
                    {"resources": [{"id": "r2"}], "project_id": "p2"}
                ]},
                "b.json": {"backups": [{}]}
            }}"#,
            &["not-applicable r1", "not-applicable r2"],
        ),
        Case::new(
            "no count, no number, no type",
            r#"{"$files": {
                "a.json": {"vaults": [{"resources": [
                    {"backup_count": "$absent"}, {"backup_count": "many"}, {"type": null}
                ]}]},
                "b.json": {"backups": [{}]}
            }}"#,
            &["unknown r1 field-absent", "unknown r2 type-mismatch", "unknown r3 field-null"],
        ),
    ],
};

fn check(cx: &Context<'_>, listed: ListedIx, out: &mut Sink<'_>) {
    let subject = cx.subject_of_listed(listed);
    let verdicts = cx.inventory.listed(listed).named_by.iter().filter_map(|by| match *by {
        NamedBy::Vault(vault, ordinal) => {
            let vault = cx.inventory.neighbour(vault);
            Some((compared(cx, listed, vault, ordinal), vault.spot_in(Part::BackupCount, ordinal)))
        }
        NamedBy::Contested(_, spot) => {
            Some((Compared::Unknown(Reason::RecordConflict, spot), spot.with(Part::BackupCount)))
        }
        NamedBy::Protectable(_) | NamedBy::Expected(_) => None,
    });
    // The worst of several vaults speaks.
    let worst = verdicts.min_by_key(|(compared, _)| *compared);
    let Some((compared, spot)) = worst else { return out.not_applicable(subject) };
    match compared {
        Compared::Outside => out.not_applicable(subject),
        Compared::Same => out.pass(subject),
        Compared::Unknown(reason, spot) => {
            out.unknown(subject, reason).observed_spot(spot);
        }
        Compared::Open(reason, backup, field) => {
            let (observed, evidence) = cx.at(cx.inventory.backup(backup), field);
            let note = Note::Neighbour("it may be one of those that the vault counts; backup_count is", spot);
            out.unknown(subject, reason).observed(observed, evidence).note(note);
        }
        Compared::Fewer(held) | Compared::More(held) => {
            let finding = match compared {
                Compared::Fewer(_) => out.fail(subject),
                _ => out.unknown(subject, Reason::RecordConflict),
            };
            finding
                .observed(Value::Count(held, "backup"), Evidence::Neighbour(spot))
                .note(Note::Neighbour("in the dump; backup_count is", spot))
                .expected(Value::Words("as many as the vault counts"));
        }
    }
}

/// What the dump holds beside what a vault counts, the worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Compared {
    Fewer(u64),
    Unknown(Reason, Spot),
    /// This backup does not say in which vault it is, or of which resource.
    Open(Reason, BackupIx, FieldId),
    More(u64),
    Same,
    Outside,
}

fn compared(cx: &Context<'_>, listed: ListedIx, vault: Neighbour<'_>, ordinal: u32) -> Compared {
    let unknown = |reason, part| Compared::Unknown(reason, vault.spot_in(part, ordinal));
    match vault.word(Part::ProtectType, ProtectType::from_word).known() {
        Ok(ProtectType::Replication) => return Compared::Outside,
        Ok(_) => {}
        Err(reason) => return unknown(reason, Part::ProtectType),
    }
    match vault.project() {
        Some(project) if cx.inventory.has_backups_of(project) => {}
        Some(_) => return Compared::Outside,
        None => return unknown(Reason::FieldAbsent, Part::ProjectId),
    }
    if let Err(reason) = vault.word_in(Part::ResourceType, ordinal, ResourceType::from_word).known() {
        return unknown(reason, Part::ResourceType);
    }
    let counted = match vault.number_in(Part::BackupCount, ordinal).known() {
        Ok(counted) => counted,
        Err(reason) => return unknown(reason, Part::BackupCount),
    };
    let Held { sure, mut open } = Held::new(cx, listed, vault.id());
    let least = i128::from(sure);
    if let Ok(lacking) = usize::try_from(i128::from(counted) - least - open.len() as i128) {
        open.extend(unowned(cx, listed, vault.id()).take(lacking));
    }
    let most = least + open.len() as i128;
    match (open.first(), i128::from(counted)) {
        (_, counted) if most < counted => Compared::Fewer(sure),
        (_, counted) if least > counted => Compared::More(sure),
        (Some(&(backup, reason, field)), _) => Compared::Open(reason, backup, field),
        (None, _) => Compared::Same,
    }
}

/// The top-level backups of the resource itself that the dump holds.
struct Held {
    /// How many are in the vault.
    sure: u64,
    /// Those that may be in it, with the field that would tell.
    open: Vec<(BackupIx, Reason, FieldId)>,
}

impl Held {
    fn new(cx: &Context<'_>, listed: ListedIx, vault: &str) -> Self {
        let mut held = Self { sure: 0, open: Vec::new() };
        let Some(resource) = cx.inventory.listed(listed).resource else { return held };
        for point in cx.inventory.points(resource) {
            let is_own = point.role() == Role::Top && point.resource() == Some(resource);
            match point.symbol(FieldId::VaultId).known() {
                _ if !is_own => {}
                Ok(id) => held.sure += u64::from(cx.inventory.text(id) == vault),
                // A copy that replication made is in a vault for copies.
                Err(_) if point.image_type().value() == Some(ImageType::Replication) => {}
                Err(reason) => held.open.push((point.ix, reason, FieldId::VaultId)),
            }
        }
        held
    }
}

/// The top-level backups that may be in the vault and of the resource, and do not say of which they are.
fn unowned<'c>(
    cx: &'c Context<'_>,
    listed: ListedIx,
    vault: &str,
) -> impl Iterator<Item = (BackupIx, Reason, FieldId)> + 'c {
    let listed = cx.inventory.listed(listed);
    cx.inventory.unowned_in(cx.inventory.symbol_of(vault)).filter_map(move |backup| {
        let project = backup.symbol(FieldId::ProjectId).known();
        let kind = backup.resource_type().known();
        let id = backup.symbol(FieldId::ResourceId).known();
        let is_other = project.is_ok_and(|project| listed.project.is_some_and(|other| other != project))
            || kind.is_ok_and(|kind| ResourceType::from_word(&listed.kind) != Some(kind))
            || id.is_ok_and(|id| cx.inventory.text(id) != &*listed.id);
        let fields =
            [(FieldId::ResourceId, id.err()), (FieldId::ResourceType, kind.err()), (FieldId::ProjectId, project.err())];
        let missing = fields.into_iter().find_map(|(field, reason)| Some((backup.ix, reason?, field)));
        missing.filter(|_| !is_other)
    })
}
