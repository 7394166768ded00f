//! The frozen tables of a dump: files, readings, backups merged by id, their hierarchy, resources, vaults and listings.
//! The one façade that rules and reports look things up in; it knows nothing of rules, and of the clock only what a
//! caller hands in.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of readings, shapes, facts and files are those of the tables that they are looked up in"
)]

macro_rules! index {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            /// The number, for use as an index.
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }

            /// Every number below `len`.
            pub fn all(len: usize) -> impl Iterator<Item = Self> {
                (0..u32::try_from(len).unwrap_or(u32::MAX)).map(Self)
            }
        }
    };
}

pub mod answer;
pub mod backup;
pub mod build;
mod capped;
pub mod capture;
pub mod checkpoint;
pub mod completeness;
pub mod distinct;
pub mod documents;
pub mod expected;
pub mod field;
pub mod file;
pub mod fragment;
pub mod group;
pub mod handled;
mod hierarchy;
pub mod id;
mod index;
pub mod intern;
mod kin;
mod labels;
pub mod listing;
mod lookup;
mod merge;
pub mod neighbour;
pub mod older;
mod open;
mod overlap;
mod pack;
pub mod record;
pub mod replication;
pub mod resource;
pub mod room;
mod seen;
pub mod shape;
mod shown;
pub mod singles;
mod tables;
pub mod times;
pub mod vocabulary;

use std::collections::HashMap;

use distinct::Distinct;
use field::FieldId;
use file::{File, FileState};
use fragment::{DriftKey, DriftSeen};
use hierarchy::Hierarchy;
use id::{Id, IdMap, IdText, Ids};
use intern::{Interner, Symbol};
use listing::Listings;
use merge::Merged;
use record::{Aside, Beside, Reading, Row};
use replication::ReplicationTable;
use resource::Resources;
use shape::{Facts, Shape};

index! {
    /// A backup: one id, however often it stands in the files. Numbered by first appearance in path order.
    BackupIx
}
index! {
    /// A protected resource. Numbered by first appearance.
    ResourceIx
}
index! {
    /// A vault that a record names. Numbered by first appearance.
    VaultIx
}
index! {
    /// A file of the ledger, in path order.
    FileIx
}
index! {
    /// An answer of the ledger's files, in the order in which they stand there.
    AnswerIx
}
index! {
    /// A listing: the list answers of one project in one directory.
    ListingIx
}

/// Everything the files say, merged and indexed.
#[derive(Debug)]
pub struct Inventory {
    /// The ledger, in path order.
    pub files: Vec<File>,
    /// Schema drift, in a stable order.
    pub drift: Vec<(DriftKey, DriftSeen)>,
    /// The known keys that were met with a known type.
    pub known_keys: field::FieldSet,
    /// How many times were read as UTC because they name no zone.
    pub zones_assumed: u64,
    /// Captures in whose place later ones are judged, by their directories.
    pub older: Vec<older::OlderCapture>,
    /// The capture notes.
    pub captures: capture::Captures,
    /// The listings and what they prove.
    pub listings: Listings,
    answers: Vec<answer::Answer>,
    labels: Interner,
    ids: Ids,
    rows: Vec<Row>,
    beside: Beside,
    shapes: Distinct<Shape>,
    facts: Distinct<Facts>,
    replications: ReplicationTable,
    asides: HashMap<(u32, FieldId), Aside, ahash::RandomState>,
    merged: Merged,
    by_id: IdMap,
    hierarchy: Hierarchy,
    resources: Resources,
    neighbours: neighbour::Neighbours,
    expected: expected::Expected,
    /// How many sources were to be read, if that is known.
    pub sources: Option<u64>,
    /// How many backup objects were met in the files.
    objects_found: u64,
    /// How many files are in each state.
    files_in: [usize; FileState::ALL.len()],
}

/// What became of the backup objects in the files. The first is the sum of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Objects {
    /// How many there are in the files, disks included.
    pub found: u64,
    /// How many different backups they are that are judged.
    pub records: u64,
    /// How many are further copies of these.
    pub copies: u64,
    /// How many stand in older captures, which are not judged.
    pub older: u64,
    /// How many could not be read.
    pub lost: u64,
}

impl Inventory {
    /// How many distinct backups there are, children included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.merged.len()
    }

    /// What became of the backup objects in the files.
    #[must_use]
    pub fn objects(&self) -> Objects {
        let older = self.files.iter().filter(|file| file.older.is_some());
        Objects {
            found: self.objects_found,
            records: self.len() as u64,
            copies: (self.rows.len() - self.len()) as u64,
            older: older.map(|file| file.records).sum(),
            lost: self.files.iter().map(|file| file.objects_lost).sum(),
        }
    }

    /// Whether there is no backup at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.merged.len() == 0
    }

    /// How many backups stand in several places.
    #[must_use]
    pub fn backups_with_copies(&self) -> usize {
        self.merged.with_copies()
    }

    /// Every backup.
    pub fn backups(&self) -> impl Iterator<Item = BackupIx> {
        BackupIx::all(self.merged.len())
    }

    /// The text that a symbol stands for.
    #[must_use]
    pub fn text(&self, symbol: Symbol) -> &str {
        self.labels.text(symbol)
    }

    /// The symbol that stands for a text, if the dump has it as a region, a name or the like.
    #[must_use]
    pub fn symbol_of(&self, text: &str) -> Option<Symbol> {
        self.labels.find(text.as_bytes())
    }

    /// The text of an id.
    #[must_use]
    pub fn id_text(&self, id: Id) -> IdText<'_> {
        self.ids.text(id)
    }

    /// A reading, by its number.
    #[must_use]
    #[inline]
    pub fn reading(&self, number: u32) -> Reading<'_> {
        let row = &self.rows[number as usize];
        Reading {
            number,
            row,
            shape: &self.shapes.values[row.shape as usize],
            facts: &self.facts.values[row.facts as usize],
            beside: &self.beside,
        }
    }

    /// Every reading.
    #[must_use]
    pub fn readings(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    /// The file that a reading stands in.
    #[must_use]
    pub fn file_of(&self, reading: u32) -> FileIx {
        let file = self.files.partition_point(|file| file.readings.1 <= reading);
        FileIx(u32::try_from(file).unwrap_or(u32::MAX))
    }

    /// How many objects stand in the `children` of a reading, those that could not be read included.
    #[must_use]
    pub fn nested_in(&self, reading: u32) -> usize {
        let below = (reading + 1..).zip(&self.rows[reading as usize + 1..]);
        let below = below.map(|(number, row)| row.place(number, &self.beside).enclosing);
        let nested = below.take_while(Option::is_some).filter(|&enclosing| enclosing == Some(reading));
        nested.count() + usize::from(self.reading(reading).shape.children_lost)
    }
}
