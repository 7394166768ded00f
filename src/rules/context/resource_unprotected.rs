//! `resource-unprotected`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "resource-unprotected",
    family: Family::Context,
    severity: Severity::High,
    title: "A resource stands in no vault that works",
    why: "What stands in no vault is never backed up, and nothing in the backups shows that it is missing.",
    remedy: "Associate the resource with a vault that has a backup policy; where its vault is frozen or in error, settle that first.",
    logic: "Judges what a list of protectable resources names. In a backup vault that is available passes; in one of another status fails, as vault-status, and in none fails, as no-vault. A vault that was not exported itself is judged by its status in the list of protectable resources. A disk in no vault of its own whose server stands in one is not applicable, unless the vault excludes it or includes others alone; while a server of the project stands in a vault and no answer shows its disks, such a disk is not judged. Neither is an answer without the vault, or a vault whose status, type, list of resources or list of disks cannot be read. Resources that only vaults name are not applicable. Equals the cloud's own checks for protected servers, disks and file systems.",
    params: &[],
    controls: &[
        "iso27001-2022:A.8.13",
        "nist-800-53r5:CP-9",
        "cis-8.1:11.2",
        "c5-2020:OPS-06",
        "soc2:A1.2",
        "nis2:21(2)(c)",
    ],
    check: Check::EachListed(check),
    cases: &[
        Case::new("in no vault", r#"{"instances": [{}]}"#, &["fail r1 high no-vault"]),
        Case::new(
            "in a vault, by the vault and by the list",
            r#"{"$files": {
                "a.json": {"instances": [{}, {"protectable": {"vault": {"id": "v1"}}}]},
                "b.json": {"vaults": [{"resources": [{}]}]}
            }}"#,
            &["pass r1", "pass r2"],
        ),
        Case::new(
            "in a vault by both of its answers, and by one of them",
            r#"{"$files": {
                "a.json": {"instances": [{}, {}]},
                "b.json": {"vault": {"resources": [{}, {}]}},
                "c.json": {"vault": {"resources": [{"id": "r1"}]}}
            }}"#,
            &["pass r1", "unknown r2 record-conflict"],
        ),
        Case::new(
            "in a vault that only the list shows",
            r#"{"instances": [
                {"protectable": {"vault": {"id": "v9", "billing": {"status": "available"}}}},
                {"protectable": {"vault": {"id": "v8", "billing": {"status": "frozen"}}}},
                {"protectable": {"vault": {"id": "v7"}}},
                {"protectable": {"vault": {}}}
            ]}"#,
            &["pass r1", "fail r2 high vault-status", "unknown r3 field-absent", "unknown r4 field-absent"],
        ),
        Case::new(
            "in a vault that is frozen, or says nothing",
            r#"{"$files": {
                "a.json": {"instances": [{}, {"id": "r2"}]},
                "b.json": {"vaults": [
                    {"resources": [{}], "billing": {"status": "frozen"}},
                    {"resources": [{"id": "r2"}], "billing": {"status": "$absent"}}
                ]}
            }}"#,
            &["fail r1 high vault-status", "unknown r2 field-absent"],
        ),
        Case::new(
            "in a vault for replicas only",
            r#"{"$files": {
                "a.json": {"instances": [{}]},
                "b.json": {"vaults": [{"resources": [{}], "billing": {"protect_type": "replication"}}]}
            }}"#,
            &["fail r1 high no-vault"],
        ),
        Case::new(
            "the answer does not say",
            r#"{"instances": [
                {"protectable": "$absent"},
                {"protectable": {"vault": "$absent"}},
                {"protectable": {"vault": "v1"}}
            ]}"#,
            &["unknown r1 field-absent", "unknown r2 field-absent", "unknown r3 type-mismatch"],
        ),
        Case::new(
            "a disk of a protected server, and one that its vault excludes",
            r#"{"$files": {
                "a.json": {"instances": [{"children": [{"id": "d1"}, {"id": "d2"}]}]},
                "b.json": {"instances": [
                    {"id": "d1", "type": "OS::Cinder::Volume"}, {"id": "d2", "type": "OS::Cinder::Volume"}
                ]},
                "c.json": {"vaults": [{"resources": [{"extra_info": {"exclude_volumes": ["d2"]}}]}]}
            }}"#,
            &["pass r1", "not-applicable d1", "fail d2 high no-vault"],
        ),
        Case::new(
            "a server of which the vault takes some disks along, or nobody knows which",
            r#"{"$files": {
                "a.json": {"instances": [{"children": [{"id": "d1"}, {"id": "d2"}]}, {"children": [{"id": "d3"}]}]},
                "b.json": {"instances": [
                    {"id": "d1", "type": "OS::Cinder::Volume"}, {"id": "d2", "type": "OS::Cinder::Volume"},
                    {"id": "d3", "type": "OS::Cinder::Volume"}
                ]},
                "c.json": {"vaults": [{"resources": [
                    {"extra_info": {"include_volumes": [{"id": "d1"}]}}, {"extra_info": {"include_volumes": "d3"}}
                ]}]}
            }}"#,
            &["pass r1", "pass r2", "not-applicable d1", "fail d2 high no-vault", "unknown d3 type-mismatch"],
        ),
        Case::new(
            "a disk that a protected server was backed up with",
            r#"{"$files": {
                "a.json": {"instances": [{"id": "d1", "type": "OS::Cinder::Volume"}]},
                "b.json": {"vaults": [{"resources": [{}]}]},
                "c.json": {"backup": {"children": [{}]}}
            }}"#,
            &["not-applicable r1", "not-applicable d1"],
        ),
        Case::new(
            "a disk that a protected server may contain",
            r#"{"$files": {
                "a.json": {"instances": [{"id": "d1", "type": "OS::Cinder::Volume"}]},
                "b.json": {"vaults": [{"resources": [{}]}]}
            }}"#,
            &["unknown d1 view-omits", "not-applicable r1"],
        ),
    ],
};

/// How a resource stands towards vaults, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Protected,
    Unknown(Reason, Spot),
    /// In a vault that does not work.
    Idle(Spot),
    /// In none.
    Outside,
}

fn check(cx: &Context<'_>, listed: ListedIx, out: &mut Sink<'_>) {
    let subject = cx.subject_of_listed(listed);
    let row = cx.inventory.listed(listed);
    let Some(protectable) = row.named_by.iter().find_map(|by| match by {
        NamedBy::Protectable(protectable) => Some(cx.inventory.neighbour(*protectable)),
        NamedBy::Vault(..) | NamedBy::Contested(..) | NamedBy::Expected(_) => None,
    }) else {
        return out.not_applicable(subject);
    };
    let spot = protectable.spot(Part::ProtectableVault);
    let (reason, observed) = match standing(cx, listed) {
        Standing::Protected => return out.pass(subject),
        Standing::Unknown(reason, spot) => {
            out.unknown(subject, reason).observed_spot(spot);
            return;
        }
        Standing::Idle(spot) => ("vault-status", spot),
        Standing::Outside => match by_server(cx, listed) {
            ByServer::Covered => return out.not_applicable(subject),
            ByServer::Unknown(reason) => {
                out.unknown(subject, reason).observed_spot(spot);
                return;
            }
            ByServer::Not => ("no-vault", spot),
        },
    };
    let expected = if reason == "no-vault" { "a backup vault" } else { "available" };
    out.fail(subject)
        .observed(Value::Neighbour(observed), Evidence::Neighbour(observed))
        .expected(Value::Words(expected))
        .reason(reason);
}

/// The best of what the list of protectable resources and the vaults say.
fn standing(cx: &Context<'_>, listed: ListedIx) -> Standing {
    let row = cx.inventory.listed(listed);
    let each = row.named_by.iter().map(|by| match by {
        NamedBy::Protectable(protectable) => by_list(cx, cx.inventory.neighbour(*protectable)),
        NamedBy::Vault(vault, _) => in_vault(cx.inventory.neighbour(*vault)),
        NamedBy::Contested(_, spot) => Standing::Unknown(Reason::RecordConflict, *spot),
        NamedBy::Expected(_) => Standing::Outside,
    });
    each.min().unwrap_or(Standing::Outside)
}

fn in_vault(vault: Neighbour<'_>) -> Standing {
    let unknown = |reason, part| Standing::Unknown(reason, vault.spot(part));
    match vault.word(Part::ProtectType, ProtectType::from_word).known() {
        Ok(ProtectType::Replication) => return Standing::Outside,
        Ok(_) => {}
        Err(reason) => return unknown(reason, Part::ProtectType),
    }
    match vault.word(Part::VaultStatus, VaultStatus::from_word).known() {
        Ok(VaultStatus::Available) => Standing::Protected,
        Ok(_) => Standing::Idle(vault.spot(Part::VaultStatus)),
        Err(reason) => unknown(reason, Part::VaultStatus),
    }
}

fn by_list(cx: &Context<'_>, protectable: Neighbour<'_>) -> Standing {
    let unknown = |reason, part| Standing::Unknown(reason, protectable.spot(part));
    match protectable.value(Part::ProtectableVault) {
        Field::Null => return Standing::Outside,
        Field::Value(Tree::Object(_)) => {}
        Field::Value(_) => return unknown(Reason::TypeMismatch, Part::ProtectableVault),
        other => return unknown(other.known().err().unwrap_or(Reason::FieldAbsent), Part::ProtectableVault),
    }
    let id = match protectable.text(Part::ProtectableVaultId).known() {
        Ok(id) => id,
        Err(reason) => return unknown(reason, Part::ProtectableVaultId),
    };
    if let Some(vault) = cx.inventory.neighbour_with_id(Kind::Vault, id) {
        return in_vault(vault);
    }
    match protectable.word(Part::ProtectableVaultStatus, VaultStatus::from_word).known() {
        Ok(VaultStatus::Available) => Standing::Protected,
        Ok(_) => Standing::Idle(protectable.spot(Part::ProtectableVaultStatus)),
        Err(reason) => unknown(reason, Part::ProtectableVaultStatus),
    }
}

/// Whether a disk is backed up with a server.
enum ByServer {
    Covered,
    Unknown(Reason),
    Not,
}

fn by_server(cx: &Context<'_>, listed: ListedIx) -> ByServer {
    let row = cx.inventory.listed(listed);
    match ResourceType::from_word(&row.kind) {
        Some(ResourceType::Volume) => {}
        Some(_) => return ByServer::Not,
        None if row.kind.is_empty() => return ByServer::Unknown(Reason::FieldAbsent),
        None => return ByServer::Unknown(Reason::ValueUnrecognised),
    }
    let mut doubt = None;
    for &server in &row.servers {
        match standing(cx, server) {
            Standing::Protected => match is_taken_along(cx, &row.id, server) {
                Ok(true) => return ByServer::Covered,
                Ok(false) => {}
                Err(reason) => doubt = doubt.or(Some(reason)),
            },
            Standing::Unknown(reason, _) => doubt = doubt.or(Some(reason)),
            _ => {}
        }
    }
    let unseen = row.servers.is_empty() && cx.inventory.has_server_with_unseen_disks(row.project);
    match doubt.or(unseen.then_some(Reason::ViewOmits)) {
        Some(reason) => ByServer::Unknown(reason),
        None => ByServer::Not,
    }
}

/// Whether the vaults of a server take a disk of it along: none excludes it, nor includes others alone.
fn is_taken_along(cx: &Context<'_>, disk: &str, server: ListedIx) -> Result<bool, Reason> {
    let mut is_taken = true;
    for by in &cx.inventory.listed(server).named_by {
        if let NamedBy::Vault(vault, ordinal) = by {
            let vault = cx.inventory.neighbour(*vault);
            let excluded = disks(vault.value_in(Part::ExcludedVolumes, *ordinal))?;
            let included = disks(vault.value_in(Part::IncludedVolumes, *ordinal))?;
            is_taken &= !excluded.contains(&disk) && (included.is_empty() || included.contains(&disk));
        }
    }
    Ok(is_taken)
}

/// The ids of a list of disks: texts, or objects with an id.
fn disks(list: Field<&Tree>) -> Result<Vec<&str>, Reason> {
    match list {
        Field::Value(Tree::List(elements)) => elements
            .iter()
            .map(|element| match element {
                Tree::Text(id) => Ok(&**id),
                other => other.id().ok_or(Reason::TypeMismatch),
            })
            .collect(),
        Field::Value(_) => Err(Reason::TypeMismatch),
        Field::Absent | Field::Null => Ok(Vec::new()),
        Field::Unusable(reason) => Err(reason),
    }
}
