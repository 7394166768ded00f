//! One restore point as it will be written: the healthy values first, defects change them afterwards.

use crate::{
    Settings,
    plan::{Kind, Project, Resource, Vault},
    prng::{Rng, Uuid},
    time::{DAY, MINUTE, SECOND},
};

/// A field that a defect leaves out, sets to null or gives another type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    Dropped,
    Null,
    Text,
}

/// The nested backup of one disk of a server.
#[derive(Clone, Debug)]
pub struct Child {
    pub id: Uuid,
    pub snapshot: Uuid,
    pub created: i64,
    pub status: &'static str,
    pub encrypted: bool,
    pub parent: Uuid,
    pub vault: Uuid,
}

/// The copy to the other region.
#[derive(Clone, Debug)]
pub struct Copy {
    pub id: Uuid,
    pub backup: Uuid,
    pub checkpoint: Uuid,
    pub created: i64,
    pub status: &'static str,
    pub progress: u8,
    pub fail: (&'static str, &'static str),
}

#[derive(Clone, Debug)]
pub struct Point {
    pub id: Uuid,
    pub checkpoint: Uuid,
    pub tag: u16,
    pub kind: Kind,
    pub resource_name: Option<&'static str>,
    pub created: i64,
    pub updated: i64,
    pub protected: i64,
    pub expired: Option<i64>,
    pub bad_time: Option<&'static str>,
    pub status: &'static str,
    /// The status in the show answer, where it differs from that of the list answer.
    pub shown_status: Option<&'static str>,
    pub mode: Option<&'static str>,
    pub freeze_error: Option<(&'static str, &'static str)>,
    pub encrypted: Option<bool>,
    pub parent: Option<Uuid>,
    pub copy: Option<Copy>,
    pub children: Vec<Child>,
    pub damage: Option<(&'static str, Damage)>,
    pub unknown_key: bool,
    pub provider: &'static str,
    pub first: bool,
}

impl Point {
    pub fn healthy(settings: &Settings, project: &Project, index: usize, night: u32) -> Option<Self> {
        let resource = project.resources.get(index)?;
        let vault = project.vaults.get(resource.vault)?;
        let run = &mut Rng::keyed(settings.seed, &[2, project.number, resource.vault as u64, u64::from(night)]);
        let rng = &mut Rng::keyed(settings.seed, &[3, project.number, index as u64, u64::from(night)]);
        let id = rng.uuid();
        let place = i64::try_from(index % 40).unwrap_or(0);
        let started = settings.as_of - vault.lead - i64::from(night) * DAY + run.between(0, 90 * SECOND);
        let created = started - place * 1_700_000 - rng.between(0, SECOND);
        let updated = created + rng.between(2 * MINUTE, 20 * MINUTE);
        let disk = resource.kind == Kind::Volume;
        Some(Self {
            id,
            checkpoint: run.uuid(),
            tag: u16::try_from(run.below(0x1_0000)).unwrap_or(0),
            kind: resource.kind,
            resource_name: None,
            created,
            updated,
            protected: created + rng.between(20 * SECOND, 40 * SECOND),
            expired: Some(created + vault.retention_days * DAY - rng.between(3_900, 4_900)),
            bad_time: None,
            status: "available",
            shown_status: None,
            mode: (!disk).then_some("backup"),
            freeze_error: None,
            encrypted: Some(true),
            parent: None,
            copy: (resource.kind == Kind::Server).then(|| copy(rng, updated)),
            children: children(rng, resource, vault, id, created),
            damage: None,
            unknown_key: false,
            provider: provider(resource.kind),
            first: resource.is_first(night),
        })
    }
}

const fn provider(kind: Kind) -> &'static str {
    match kind {
        Kind::Server => "0daac4c5-6707-4851-97ba-169e36266b66",
        Kind::Volume => "d1603440-187d-4516-af25-121250c7cc97",
        Kind::Turbo => "3f3c3220-245c-4805-b811-758870015881",
    }
}

fn copy(rng: &mut Rng, updated: i64) -> Copy {
    Copy {
        id: rng.uuid(),
        backup: rng.uuid(),
        checkpoint: rng.uuid(),
        created: updated + rng.between(5 * MINUTE, 60 * MINUTE),
        status: "success",
        progress: 100,
        fail: ("", ""),
    }
}

fn children(rng: &mut Rng, resource: &Resource, vault: &Vault, parent: Uuid, created: i64) -> Vec<Child> {
    let child = |_| Child {
        id: rng.uuid(),
        snapshot: rng.uuid(),
        created: created + rng.between(35 * SECOND, 60 * SECOND),
        status: "available",
        encrypted: true,
        parent,
        vault: vault.id,
    };
    resource.disks.iter().map(child).collect()
}
