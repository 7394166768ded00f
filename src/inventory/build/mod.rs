//! Builds the inventory: takes over fragments in path order, merges readings by id, then freezes every index.

#![allow(clippy::indexing_slicing, reason = "readings are those of this builder")]

mod close;

use ahash::AHashMap;

use crate::discover::Source;
use crate::inventory::answer::Answer;
use crate::inventory::distinct::Distinct;
use crate::inventory::documents::{Documents, Piece};
use crate::inventory::field::Home;
use crate::inventory::fragment::{DriftKey, Fragment, LOST_NAMED, is_row};
use crate::inventory::handled::Handled;
use crate::inventory::hierarchy::Hierarchy;
use crate::inventory::id::{IdMap, Ids};
use crate::inventory::intern::Interner;
use crate::inventory::listing::Listing;
use crate::inventory::merge::Merged;
use crate::inventory::open::{Open, OpenList};
use crate::inventory::record::Beside;
use crate::inventory::replication::ReplicationTable;
use crate::inventory::seen::SeenByDirectory;
use crate::inventory::singles::Singles;
use crate::inventory::tables::Tables;
use crate::inventory::{AnswerIx, FileIx, Inventory, capture};
use crate::parse::document::{Site, Tally};
use crate::parse::envelope::Envelope;
use crate::parse::neighbour;

/// Takes fragments in path order and ends as an [`Inventory`].
#[derive(Debug)]
pub struct Builder {
    inventory: Inventory,
    seen: SeenByDirectory,
    open: Open,
    /// The first file with each content.
    contents: AHashMap<(u64, u64), FileIx>,
}

/// What comes of an answer beside its readings.
#[derive(Debug, Default)]
struct Kept {
    elements_lost: u64,
    objects_lost: u64,
    neighbours: Option<neighbour::Answer>,
}

/// A state of the builder that it can return to.
#[derive(Debug)]
pub struct Mark {
    readings: usize,
    answers: usize,
    replications: u32,
    objects_found: u64,
}

impl Builder {
    /// A builder for fragments of this hasher.
    #[must_use]
    pub fn new(hasher: &ahash::RandomState) -> Self {
        let inventory = Inventory {
            files: Vec::new(),
            drift: Vec::new(),
            known_keys: super::field::FieldSet::default(),
            zones_assumed: 0,
            answers: Vec::new(),
            captures: capture::Captures::default(),
            older: Vec::new(),
            listings: super::Listings::default(),
            labels: Interner::default(),
            ids: Ids::default(),
            rows: Vec::new(),
            beside: Beside::default(),
            shapes: Distinct::new(hasher.clone()),
            facts: Distinct::new(hasher.clone()),
            replications: ReplicationTable::new(hasher.clone()),
            asides: Default::default(),
            merged: Merged::default(),
            by_id: IdMap::default(),
            hierarchy: Hierarchy::default(),
            resources: super::Resources::default(),
            neighbours: super::neighbour::Neighbours::default(),
            expected: super::expected::Expected::default(),
            sources: None,
            objects_found: 0,
            files_in: Default::default(),
        };
        Self { inventory, seen: SeenByDirectory::default(), open: Open::default(), contents: AHashMap::new() }
    }

    /// Takes over documents of a source, the next ones in its text.
    pub fn documents(&mut self, documents: Documents) {
        for piece in documents.pieces {
            match piece {
                Piece::Packed(fragment) => self.fragment(*fragment),
                Piece::Empty(site, envelope) => self.entered(site, envelope, self.number(), Kept::default()),
                Piece::Others(what, answers) => self.open.enter(&Envelope::NotBackup(what), 0, 0, answers),
            }
        }
        self.open.tally.add(documents.tally);
    }

    /// Takes over files with a single backup each that stand in one directory, with what reading them came to.
    pub fn singles(&mut self, singles: Singles, sources: Vec<(&Source, Handled)>) {
        let (first, mut start) = (self.number(), self.number());
        let Singles { fragment, files } = singles;
        self.rows(*fragment, 0, self.next_answer(true));
        for ((source, handled), (envelope, end)) in sources.into_iter().zip(files) {
            let readings = (start, first + end);
            self.open.enter(&envelope, readings.1 - readings.0, 0, 1);
            self.open.tally.add(Tally { documents: 1, ..Tally::default() });
            let (file, within) = (self.file(), Box::default());
            let answer = Answer { file, document: 0, is_row: true, within, envelope, readings, elements_lost: 0 };
            self.answer(answer, None);
            self.close_at(readings.1, source, handled);
            start = readings.1;
        }
    }

    /// Takes over an answer.
    fn fragment(&mut self, mut fragment: Fragment) {
        let Some((site, envelope)) = fragment.answer.take() else { return };
        let first = self.number();
        let kept = Kept {
            elements_lost: fragment.elements_lost,
            objects_lost: fragment.objects_lost,
            neighbours: fragment.neighbours.take(),
        };
        let is_row = is_row(&site, &envelope);
        let shift = if is_row { self.open.tally.documents } else { 0 };
        self.rows(fragment, shift, self.next_answer(is_row));
        self.entered(site, envelope, first, kept);
    }

    /// Enters an answer whose readings, from this one on, were taken over.
    fn entered(&mut self, site: Site, envelope: Envelope, first: u32, kept: Kept) {
        let (readings, is_row) = ((first, self.number()), is_row(&site, &envelope));
        // Of backups in documents of their own every one is an answer.
        let direct = self.inventory.rows[first as usize..].iter().filter(|row| is_row && !row.is_nested()).count();
        self.open.enter(&envelope, readings.1 - first, kept.objects_lost, direct.max(1) as u64);
        let document = self.open.tally.documents + site.document.unwrap_or_default();
        let (file, within) = (self.file(), site.within.into());
        let Kept { elements_lost, neighbours, .. } = kept;
        let is_kept = neighbours.is_some() || !matches!(envelope, Envelope::NotBackup(_));
        if is_kept {
            self.answer(Answer { file, document, is_row, within, envelope, readings, elements_lost }, neighbours);
        }
    }

    /// Enters an answer whose readings were taken over.
    fn answer(&mut self, answer: Answer, neighbours: Option<neighbour::Answer>) {
        let ix = self.next_answer(answer.is_row);
        match self.inventory.answers.get_mut(ix.index()) {
            Some(row) => {
                row.readings.1 = answer.readings.1;
                row.elements_lost += answer.elements_lost;
            }
            None => self.inventory.answers.push(answer),
        }
        self.open.neighbours.extend(neighbours.map(|neighbours| (ix, neighbours)));
    }

    /// The number of the answer that is being taken over: that of the row before, if it is one of a row too.
    fn next_answer(&self, is_row: bool) -> AnswerIx {
        let answers = &self.inventory.answers;
        let continues = answers.last().is_some_and(|last| is_row && last.is_row && last.file == self.file());
        AnswerIx(u32::try_from(answers.len() - usize::from(continues)).unwrap_or(u32::MAX))
    }

    /// Takes over a part of the list that is open, the next one in its text.
    pub fn part(&mut self, fragment: Fragment) {
        let (elements, lost) = (fragment.elements, (fragment.elements_lost, fragment.objects_lost));
        self.rows(fragment, self.open.list.elements, self.next_answer(false));
        let list = &mut self.open.list;
        list.elements += elements;
        list.elements_lost += lost.0;
        list.objects_lost += lost.1;
    }

    /// The list whose parts were taken over has ended.
    pub fn end_list(&mut self, site: Site, envelope: Envelope) {
        let readings = (self.open.list.first, self.number());
        let OpenList { elements_lost, objects_lost, .. } = std::mem::take(&mut self.open.list);
        self.open.enter(&envelope, readings.1 - readings.0, objects_lost, 1);
        let (file, document) = (self.file(), self.open.tally.documents);
        let within = site.within.into();
        self.answer(Answer { file, document, is_row: false, within, envelope, readings, elements_lost }, None);
        self.open.list.first = readings.1;
    }

    /// The document has ended whose lists were taken over.
    pub fn end_document(&mut self) {
        self.open.tally.add(Tally { documents: 1, ..Tally::default() });
    }

    /// Takes over the objects of a fragment; the places of those that stand directly in the answer move by so many.
    fn rows(&mut self, mut fragment: Fragment, shift: u32, answer: AnswerIx) {
        let first = self.number();
        self.inventory.objects_found += fragment.rows.len() as u64 + fragment.objects_lost;
        self.inventory.tables().take(&mut fragment, shift);
        self.open.seen.take(fragment.drift, fragment.known_keys, fragment.zones_assumed, first);
        self.open.objects_lost += fragment.objects_lost;
        self.open.elements_lost += fragment.elements_lost;
        let lost = fragment.lost.into_iter().map(|lost| (answer, lost.behind(first, shift)));
        let room = LOST_NAMED - self.open.lost.len();
        self.open.lost.extend(lost.take(room));
    }

    /// The present state, before the first part of a source.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark {
            readings: self.inventory.rows.len(),
            answers: self.inventory.answers.len(),
            replications: self.inventory.replications.len(),
            objects_found: self.inventory.objects_found,
        }
    }

    /// Forgets the parts that were taken over since.
    pub fn back_to(&mut self, mark: Mark) {
        self.inventory.objects_found = mark.objects_found;
        self.inventory.rows.truncate(mark.readings);
        self.inventory.answers.truncate(mark.answers);
        self.inventory.beside.truncate(mark.readings);
        self.inventory.replications.truncate(mark.replications);
        self.inventory.asides.retain(|(reading, _), _| (*reading as usize) < mark.readings);
        self.open = Open::new(self.number());
    }

    /// The file that is being taken over.
    fn file(&self) -> FileIx {
        FileIx(u32::try_from(self.inventory.files.len()).unwrap_or(u32::MAX))
    }

    fn number(&self) -> u32 {
        u32::try_from(self.inventory.rows.len()).unwrap_or(u32::MAX)
    }

    /// Merges, links and indexes everything. `replication_shown` is the user's word that every list shows replication.
    #[must_use]
    pub fn freeze(mut self, replication_shown: bool) -> Inventory {
        let inventory = &mut self.inventory;
        inventory.ids.freeze();
        inventory.shapes.freeze();
        inventory.facts.freeze();
        inventory.replications.freeze();
        let mut rows = inventory.merge_and_list();
        let moves = inventory.part_captures(&rows);
        if moves.is_some() {
            rows = inventory.merge_and_list();
        }
        inventory.hierarchy = inventory.link_hierarchy();
        inventory.index_listings(rows, replication_shown);
        inventory.index_resources();
        inventory.freeze_neighbours();
        self.seen.sum(&inventory.files).hand_to(inventory, &moves.unwrap_or_default());
        self.inventory
    }
}

impl Inventory {
    /// The tables of all readings.
    fn tables(&mut self) -> Tables<'_, Ids> {
        let Self { rows, beside, shapes, facts, replications, asides, ids, labels, .. } = self;
        Tables { rows, beside, shapes, facts, replications, asides, ids, labels }
    }

    /// Merges the readings, and compares the listings with what they claim.
    fn merge_and_list(&mut self) -> Vec<Listing> {
        let (labels, firsts) = rayon::join(|| self.order_of_labels(), || self.first_readings());
        self.number_labels(labels);
        self.merge_readings(firsts);
        self.captures = capture::Captures::new(&self.files, &self.answers);
        self.reconciled_listings()
    }
}

/// The dotted path of a drifted key.
#[must_use]
pub fn drift_path(key: &DriftKey) -> String {
    let home: Home = key.home;
    format!("{}.{}", home.path(), key.key)
}
