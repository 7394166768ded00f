//! The resources that an organisation expects to be backed up, and which of them the dump knows.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::neighbour::listed::ListedIx;
use super::vocabulary::ResourceType;
use super::{Inventory, ResourceIx};

index! {
    /// An expected resource, in the order of the file.
    ExpectedIx
}

/// What a file of expected resources says.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    /// The path as given.
    pub path: String,
    /// The name of the file.
    pub file: String,
    /// Its SHA-256.
    pub sha256: String,
    /// Whether it is JSON, so that a row is an element and not a line.
    pub is_json: bool,
    /// The resources.
    pub rows: Vec<ExpectedRow>,
}

/// A resource that is expected to be backed up, or was until it retired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedRow {
    /// Its type.
    pub kind: ResourceType,
    /// Its id.
    pub id: Box<str>,
    /// Its project; any if not said.
    pub project: Option<Box<str>>,
    /// Its name.
    pub name: Option<Box<str>>,
    /// Who answers for it.
    pub owner: Option<Box<str>>,
    /// The number of the tier that applies to it.
    pub tier: Option<usize>,
    /// Since when it is out of use.
    pub retired: Option<Retired>,
    /// Its line, or its position in the list.
    pub place: u32,
}

/// Since when a resource is out of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retired {
    /// It is not said since when.
    Undated,
    /// Since a day, given by its first moment: a backup is in order up to its end.
    Day(Timestamp),
    /// Since a moment: a backup is in order up to and at it.
    Moment(Timestamp),
}

impl ExpectedRow {
    /// Whether it is out of use at a time.
    #[must_use]
    pub fn is_retired_at(&self, time: Timestamp) -> bool {
        match self.retired {
            None => false,
            Some(Retired::Undated) => true,
            Some(Retired::Day(start) | Retired::Moment(start)) => start <= time,
        }
    }
}

/// The expected resources beside those of the dump.
#[derive(Debug, Default)]
pub(super) struct Expected {
    given: Option<Arc<Expectation>>,
    of_resource: HashMap<ResourceIx, ExpectedIx>,
    /// Every row by its number in the list of what some inventory names.
    listed: Vec<ListedIx>,
}

impl Expectation {
    /// A row, with its number.
    pub fn numbered(&self) -> impl Iterator<Item = (ExpectedIx, &ExpectedRow)> {
        ExpectedIx::all(self.rows.len()).zip(&self.rows)
    }

    /// Where a row stands in the file: a JSON pointer, or a line.
    #[must_use]
    pub fn place(&self, row: &ExpectedRow) -> String {
        if self.is_json { format!("/{}", row.place) } else { format!("line {}", row.place) }
    }
}

impl Inventory {
    /// Takes over what is expected: from here on the expected resources are among the listed ones.
    pub fn expect(&mut self, expectation: &Arc<Expectation>) {
        let listed = self.list_expected(expectation);
        let of_resource = self.resources_expected(expectation);
        self.expected = Expected { given: Some(Arc::clone(expectation)), of_resource, listed };
    }

    /// Which resources of the dump are expected, and by which row.
    fn resources_expected(&self, expectation: &Expectation) -> HashMap<ResourceIx, ExpectedIx> {
        let mut by_key: HashMap<_, Vec<_>> = HashMap::new();
        for (ix, row) in expectation.numbered() {
            by_key.entry((row.kind, &*row.id)).or_default().push((ix, row.project.as_deref()));
        }
        let row_of = |resource: ResourceIx| {
            let row = self.resource(resource);
            let project = self.text(row.project);
            let same = by_key.get(&(row.kind, self.text(row.id)))?;
            same.iter().find(|(_, of): &&(_, Option<&str>)| of.is_none_or(|of| of == project)).map(|(ix, _)| *ix)
        };
        self.resources().filter_map(|resource| Some((resource, row_of(resource)?))).collect()
    }

    /// What is expected, if it was said.
    #[must_use]
    pub fn expectation(&self) -> Option<&Expectation> {
        self.expected.given.as_deref()
    }

    /// An expected resource.
    #[must_use]
    pub fn expected(&self, ix: ExpectedIx) -> Option<&ExpectedRow> {
        self.expectation()?.rows.get(ix.index())
    }

    /// What is expected of a resource of the dump.
    #[must_use]
    pub fn expected_of(&self, resource: ResourceIx) -> Option<&ExpectedRow> {
        self.expected.of_resource.get(&resource).and_then(|&ix| self.expected(ix))
    }

    /// Every expected resource with its place among those that some inventory names.
    pub fn expected_resources(&self) -> impl Iterator<Item = (&ExpectedRow, ListedIx)> {
        let rows = self.expectation().map(|expectation| expectation.rows.as_slice()).unwrap_or_default();
        rows.iter().zip(self.expected.listed.iter().copied())
    }
}
