//! The tables of packed readings, those of a fragment or of the whole inventory, and how those of a later fragment are added:
//! what is in both is kept once, and everything gets the numbers that follow.

#![allow(clippy::indexing_slicing, reason = "numbers of shapes and facts are renumbered by tables made of all of them")]

use std::collections::HashMap;

use super::distinct::Distinct;
use super::field::FieldId;
use super::fragment::Fragment;
use super::id::{IdList, Renumbered};
use super::intern::Interner;
use super::record::{Aside, Beside, Row};
use super::replication::ReplicationTable;
use super::shape::{Facts, Shape};

/// The tables of packed readings, to which others are added.
pub(super) struct Tables<'t, I> {
    pub(super) rows: &'t mut Vec<Row>,
    pub(super) beside: &'t mut Beside,
    pub(super) shapes: &'t mut Distinct<Shape>,
    pub(super) facts: &'t mut Distinct<Facts>,
    pub(super) replications: &'t mut ReplicationTable,
    pub(super) asides: &'t mut HashMap<(u32, FieldId), Aside, ahash::RandomState>,
    pub(super) ids: &'t mut I,
    pub(super) labels: &'t mut Interner,
}

/// Ids to which those of a list are added.
pub(super) trait TakesIds {
    /// Adds them. Returns the numbers that they have here.
    fn take(&mut self, list: IdList) -> Renumbered;
}

impl<I: TakesIds> Tables<'_, I> {
    /// Adds the objects of a fragment behind the others; the places of those that stand directly in its list move by so many.
    pub(super) fn take(self, later: &mut Fragment, shift: u32) {
        let first = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let labels = self.labels.take(&later.labels);
        let ids = self.ids.take(std::mem::take(&mut later.ids));
        let shapes = self.shapes.numbers(&later.shapes.values);
        let facts: Vec<_> = later.facts.values.iter().map(|facts| facts.renumbered(&labels)).collect();
        let facts = self.facts.numbers(&facts);
        let replications = self.replications.len();
        let mut rows = std::mem::take(&mut later.rows);
        self.beside.take(std::mem::take(&mut later.beside), &mut rows, first);
        for row in &mut rows {
            row.shift(shift);
            row.ids = row.ids.map(|id| ids.of(id));
            row.shape = shapes[row.shape as usize];
            row.facts = facts[row.facts as usize];
            row.replications += replications;
        }
        append(self.rows, rows);
        self.replications.take(&mut later.replications, &labels, &ids);
        let asides = later.asides.drain().map(|((number, field), aside)| ((number + first, field), aside));
        self.asides.extend(asides);
    }
}

/// Puts what follows behind what is there. The first is kept as it is, which may be all there is.
pub(super) fn append<T>(all: &mut Vec<T>, mut later: Vec<T>) {
    if all.is_empty() {
        *all = later;
    } else {
        all.append(&mut later);
    }
}
