//! What the answers around the backups say: vaults, policies, tasks, checkpoints, protectable resources and members, each
//! once however often it stands in the files, and what their lists prove.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of objects and entries are those of the tables that they are looked up in; there is one list for every kind"
)]

mod copies;
mod link;
pub mod listed;
mod listing;
pub mod part;
pub mod task;
mod view;

use std::collections::HashMap;
use std::sync::OnceLock;

use jiff::Timestamp;

use super::field::Field;
use super::intern::Symbol;
use super::{AnswerIx, BackupIx, Inventory};
use crate::parse::neighbour::{Answer, Form, NO_ID};
use part::Part;

pub use crate::parse::neighbour::{Kind, Tree};
pub use link::{Binding, Hiding};
pub use listing::Listing;
pub use view::Neighbour;

index! {
    /// A vault, policy, task, checkpoint, protectable resource or member. Numbered by first appearance.
    NeighbourIx
}

/// An object as it stands in a file.
#[derive(Debug)]
struct Object {
    answer: AnswerIx,
    form: &'static Form,
    ordinal: u32,
    age: Age,
    tree: Tree,
    elements: copies::Elements,
}

/// How new an object is: when it was changed by its own word, and when its answer was saved by the note beside it.
type Age = (Option<Timestamp>, Option<Timestamp>);

/// All objects of one kind and id.
#[derive(Debug)]
struct Entry {
    kind: Kind,
    id: Box<str>,
    project: Option<Symbol>,
    /// Its objects: the newest first, else in path order.
    copies: Vec<u32>,
    /// What these say of every place, once it was asked for; nothing where they are few.
    told: Vec<OnceLock<Told>>,
}

/// What the copies of an object say of a place in it.
#[derive(Clone, Copy, Debug)]
struct Told {
    /// The first one that carries something there, and the number of the element in its list.
    first: Option<(u32, u32)>,
    /// What they come to together.
    field: Field<()>,
}

/// So many copies are asked anew for each value.
const FEW_COPIES: usize = 8;

/// A value within an object: where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spot {
    object: u32,
    /// Three bytes, so that a finding needs no padding for them.
    ordinal: [u8; 3],
    part: Part,
}

/// The entries of one kind.
#[derive(Debug, Default)]
struct OfKind {
    members: Vec<NeighbourIx>,
    by_id: HashMap<Box<str>, NeighbourIx>,
}

/// The objects of the answers around the backups.
#[derive(Debug, Default)]
pub struct Neighbours {
    objects: Vec<Object>,
    entries: Vec<Entry>,
    /// The entries of each kind, in the order of [`Kind::ALL`].
    of_kind: [OfKind; Kind::ALL.len()],
    /// The lists of each kind.
    listings: [Vec<Listing>; Kind::ALL.len()],
    /// Which policies name which vaults.
    bindings: link::Bindings,
    /// Found when it is first asked for, as it depends on what became of the files.
    shown: OnceLock<link::Shown>,
    listed: listed::ListedResources,
    tasks: task::Tasks,
    /// The loaded backups that members share.
    shared: HashMap<NeighbourIx, BackupIx>,
}

impl Neighbours {
    /// Takes over an answer of a file. Returns what could not be used: where it stands in the list, and why.
    pub(super) fn take(&mut self, ix: AnswerIx, directory: &str, answer: Answer) -> Vec<(u32, String)> {
        let Answer { form, count, objects, .. } = answer;
        let mut lost = Vec::new();
        let mut members = Vec::new();
        for (ordinal, object) in (0..).zip(objects) {
            match object.and_then(identified) {
                Ok((id, tree)) => {
                    let age = (view::updated(&tree), None);
                    let elements = copies::Elements::default();
                    members.push(self.enter(id, Object { answer: ix, form, ordinal, age, tree, elements }));
                }
                Err(why) => lost.push((ordinal, why)),
            }
        }
        if form.is_list && form.inside.is_empty() {
            self.list(form.kind, directory, ix, count, members, !lost.is_empty());
        }
        lost
    }

    fn enter(&mut self, id: Box<str>, object: Object) -> NeighbourIx {
        let number = u32::try_from(self.objects.len()).unwrap_or(u32::MAX);
        let next = NeighbourIx(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        let kind = object.form.kind;
        let of_kind = &mut self.of_kind[kind as usize];
        let ix = *of_kind.by_id.entry(id.clone()).or_insert(next);
        if ix == next {
            of_kind.members.push(ix);
            self.entries.push(Entry { kind, id, project: None, copies: Vec::new(), told: Vec::new() });
        }
        self.entries[ix.index()].copies.push(number);
        self.objects.push(object);
        ix
    }

    fn list(
        &mut self,
        kind: Kind,
        directory: &str,
        answer: AnswerIx,
        count: Option<i64>,
        members: Vec<NeighbourIx>,
        lost: bool,
    ) {
        let tree = |member: &NeighbourIx| {
            let copy = self.entries[member.index()].copies.last();
            copy.map(|&copy| &self.objects[copy as usize].tree)
        };
        let first = members.first().filter(|_| kind == Kind::Protectable).and_then(tree);
        let of_type = match first.and_then(|tree| tree.get("type")) {
            Some(Tree::Text(word)) => Some(word.clone()),
            _ => None,
        };
        let project = members.iter().filter_map(tree).find_map(project_in).map(Box::from);
        let (directory, answers) = (directory.to_owned(), vec![answer]);
        self.listings[kind as usize].push(Listing {
            kind,
            of_type,
            project,
            directory,
            answers,
            members,
            claim: count,
            lost,
        });
    }

    /// The same without the objects and lists of some answers. A directory goes as a whole or not at all.
    pub(super) fn without(self, goes: impl Fn(AnswerIx) -> bool) -> Self {
        let mut left = Self::default();
        let mut new: Vec<Option<NeighbourIx>> = vec![None; self.entries.len()];
        let mut entry_of = vec![0; self.objects.len()];
        for (entry, number) in self.entries.iter().zip(0..) {
            entry.copies.iter().for_each(|&copy| entry_of[copy as usize] = number);
        }
        for (object, entry) in self.objects.into_iter().zip(entry_of) {
            if !goes(object.answer) {
                new[entry] = Some(left.enter(self.entries[entry].id.clone(), object));
            }
        }
        let stay = |list: &Listing| list.answers.first().is_none_or(|&answer| !goes(answer));
        left.listings = self.listings.map(|lists| {
            let mut lists: Vec<_> = lists.into_iter().filter(stay).collect();
            for list in &mut lists {
                list.members = list.members.iter().filter_map(|member| new[member.index()]).collect();
            }
            lists
        });
        left
    }

    /// The projects that the objects of some answers name, the answers in order.
    pub(super) fn projects_in<'n>(&'n self, answers: &'n [AnswerIx]) -> impl Iterator<Item = &'n str> {
        let of = move |&answer: &AnswerIx| {
            let start = self.objects.partition_point(|object| object.answer < answer);
            self.objects.iter().skip(start).take_while(move |object| object.answer == answer)
        };
        answers.iter().flat_map(of).filter_map(|object| project_in(&object.tree))
    }

    /// Orders the copies of each object, and links what belongs together.
    fn freeze(&mut self, captured: impl Fn(AnswerIx) -> Option<Timestamp>, intern: &mut impl FnMut(&str) -> Symbol) {
        for object in &mut self.objects {
            object.age.1 = captured(object.answer);
        }
        let objects = &self.objects;
        for entry in &mut self.entries {
            entry.copies.sort_by_key(|&copy| std::cmp::Reverse(objects[copy as usize].age));
            let project = entry.copies.iter().find_map(|&copy| project_in(&objects[copy as usize].tree));
            entry.project = project.map(&mut *intern);
            let kept = if entry.copies.len() > FEW_COPIES { Part::ALL } else { &[] };
            entry.told = kept.iter().map(|_| OnceLock::new()).collect();
        }
        for lists in &mut self.listings {
            *lists = listing::joined(std::mem::take(lists));
        }
    }
}

/// The project that an object names; a protectable resource calls it the tenant, as other services do.
fn project_in(tree: &Tree) -> Option<&str> {
    let own = tree.get("project_id");
    match own.or_else(|| tree.get("detail")?.get("tenant_id")) {
        Some(Tree::Text(project)) if !project.is_empty() => Some(project),
        _ => None,
    }
}

/// An object with its id.
fn identified(tree: Tree) -> Result<(Box<str>, Tree), String> {
    match tree.id().map(Box::from) {
        Some(id) => Ok((id, tree)),
        None => Err(NO_ID.to_owned()),
    }
}

impl Object {
    fn pointer(&self) -> String {
        self.form.pointer(self.ordinal)
    }
}

impl Inventory {
    pub(super) fn freeze_neighbours(&mut self) {
        let mut neighbours = std::mem::take(&mut self.neighbours);
        let (captures, files, answers) = (&self.captures, &self.files, &self.answers);
        let captured = |answer: AnswerIx| {
            let directory = files[answers[answer.index()].file.index()].directory();
            captures.nearest(directory, |note| note.captured_at)
        };
        neighbours.freeze(captured, &mut |text| self.labels.intern(text));
        self.neighbours = neighbours;
        self.neighbours.bindings = self.bind_policies();
        self.neighbours.listed = self.list_resources();
        self.neighbours.tasks = self.index_tasks();
        self.neighbours.shared = self.find_shared();
    }

    /// Every vault, policy and so on.
    pub fn neighbours(&self) -> impl Iterator<Item = Neighbour<'_>> {
        NeighbourIx::all(self.neighbours.entries.len()).map(|ix| self.neighbour(ix))
    }

    /// All of one kind.
    pub fn neighbours_of(&self, kind: Kind) -> impl Iterator<Item = Neighbour<'_>> {
        self.neighbours.of_kind[kind as usize].members.iter().map(|&ix| self.neighbour(ix))
    }

    /// The vault, policy and so on with this number.
    #[must_use]
    pub fn neighbour(&self, ix: NeighbourIx) -> Neighbour<'_> {
        Neighbour::new(self, ix)
    }

    /// The object of a kind with this id.
    #[must_use]
    pub fn neighbour_with_id(&self, kind: Kind, id: &str) -> Option<Neighbour<'_>> {
        self.neighbours.of_kind[kind as usize].by_id.get(id).map(|&ix| self.neighbour(ix))
    }
}
