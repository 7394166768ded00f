//! Where evidence stands: a file, a document of it where it holds several, and a JSON pointer.

#![allow(clippy::indexing_slicing, reason = "numbers of drifted keys are those of the inventory")]

use std::fmt;

use serde::Serialize;

use crate::finding::{Evidence, ReplicationKey};
use crate::inventory::answer::Standing;
use crate::inventory::expected::ExpectedIx;
use crate::inventory::field::Field;
use crate::inventory::shape::Presence;
use crate::inventory::{FileIx, Inventory};

/// A file and a place in it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Place<'i> {
    /// The file, relative to the given path.
    pub file: &'i str,
    /// The document, counted from nought, in a file that holds several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<u32>,
    /// A JSON pointer (RFC 6901), or the line in a CSV file.
    pub pointer: String,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.in_full();
        f.write_str(if self.pointer.is_empty() { text.trim_end_matches('#') } else { &text })
    }
}

impl<'i> Place<'i> {
    /// Where something stands, in words.
    #[must_use]
    pub fn of(inventory: &'i Inventory, standing: Standing) -> Self {
        let Standing { file, document, pointer } = standing;
        Self { file: path(inventory, file), document, pointer }
    }

    /// All of it as one text, with a `#` before the pointer even if that is empty.
    #[must_use]
    pub fn in_full(&self) -> String {
        let Self { file, document, pointer } = self;
        format!("{file}{}#{pointer}", document.map(|document| format!("[{document}]")).unwrap_or_default())
    }

    /// The same, further in.
    fn inside(mut self, tail: &str) -> Self {
        self.pointer.push_str(tail);
        self
    }
}

fn path(inventory: &Inventory, file: FileIx) -> &str {
    inventory.files.get(file.index()).map(|file| file.path.as_str()).unwrap_or_default()
}

/// Where a piece of evidence stands. What is absent points at the object around it.
#[must_use]
pub fn place(inventory: &Inventory, evidence: Evidence) -> Place<'_> {
    let of = |reading| Place::of(inventory, inventory.place_of(reading));
    match evidence {
        Evidence::Record(reading) => of(reading),
        Evidence::Field(reading, field) => match inventory.reading(reading).presence(field) {
            Presence::Absent => of(reading),
            _ => of(reading).inside(field.home().pointer()).inside("/").inside(field.key()),
        },
        Evidence::Replication(reading, ordinal, key) => {
            let record = inventory.replications_of(reading).get(ordinal);
            let absent = record.is_none_or(|record| match key {
                ReplicationKey::Status => record.status == Field::Absent,
                ReplicationKey::CreatedAt => record.created_at == Field::Absent,
                ReplicationKey::DestinationRegion => record.destination_region == Field::Absent,
                ReplicationKey::DestinationProject => record.destination_project == Field::Absent,
                ReplicationKey::DestinationBackup => record.destination_backup_id == Field::Absent,
            });
            let tail = if absent { String::new() } else { format!("/{}", key.key()) };
            of(reading).inside(&format!("/replication_records/{ordinal}{tail}"))
        }
        Evidence::File(file) => Place { file: path(inventory, file), ..Place::default() },
        Evidence::Answer(answer) => Place::of(inventory, inventory.standing_of(answer)),
        Evidence::Count(answer) => Place::of(inventory, inventory.standing_of(answer)).inside("/count"),
        Evidence::Drift(drift) => drift_place(inventory, drift),
        Evidence::Neighbour(spot) => Place::of(inventory, inventory.place_of_spot(spot)),
        Evidence::Expected(ix) => expected_place(inventory, ix).unwrap_or_default(),
    }
}

/// The file of expected resources and a row of it: a JSON pointer, or `line 12`.
fn expected_place(inventory: &Inventory, ix: ExpectedIx) -> Option<Place<'_>> {
    let expectation = inventory.expectation()?;
    let pointer = expectation.place(inventory.expected(ix)?);
    Some(Place { file: &expectation.file, document: None, pointer })
}

fn drift_place(inventory: &Inventory, drift: u32) -> Place<'_> {
    let (key, seen) = &inventory.drift[drift as usize];
    let list = seen.ordinal.map(|ordinal| format!("/replication_records/{ordinal}")).unwrap_or_default();
    let token = key.key.replace('~', "~0").replace('/', "~1");
    let tail = format!("{list}{}/{token}", key.home.pointer());
    Place::of(inventory, inventory.place_of(seen.reading)).inside(&tail)
}
