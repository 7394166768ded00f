//! One vault, policy, task, checkpoint, protectable resource or member as rules see it: its fields, each from the first copy
//! that carries it, and where they stand.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of objects and entries are those of the tables that they are looked up in"
)]

use jiff::Timestamp;

use super::copies::{alike, counterpart};
use super::part::Part;
use super::{Entry, NeighbourIx, Object, Spot, Told};
use crate::inventory::answer::Standing;
use crate::inventory::field::{Field, Reason};
use crate::inventory::intern::Symbol;
use crate::inventory::{FileIx, Inventory};
use crate::parse::neighbour::{Kind, Tree};
use crate::parse::time;

/// A vault, policy, task, checkpoint, protectable resource or member.
#[derive(Clone, Copy, Debug)]
pub struct Neighbour<'i> {
    inventory: &'i Inventory,
    /// Its number.
    pub ix: NeighbourIx,
}

impl<'i> Neighbour<'i> {
    pub(super) fn new(inventory: &'i Inventory, ix: NeighbourIx) -> Self {
        Self { inventory, ix }
    }

    fn entry(self) -> &'i Entry {
        &self.inventory.neighbours.entries[self.ix.index()]
    }

    fn objects(self) -> impl Iterator<Item = (u32, &'i Object)> + Clone {
        let objects = &self.inventory.neighbours.objects;
        self.entry().copies.iter().map(move |&copy| (copy, &objects[copy as usize]))
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.entry().kind
    }

    /// Its id.
    #[must_use]
    pub fn id(self) -> &'i str {
        &self.entry().id
    }

    /// Its project, if it names one.
    #[must_use]
    pub fn project(self) -> Option<Symbol> {
        self.entry().project
    }

    /// The files it stands in.
    pub fn files(self) -> impl Iterator<Item = FileIx> {
        self.objects().map(|(_, object)| self.inventory.answer(object.answer).file)
    }

    /// Where a value stands: in the first copy that carries it, else in the object.
    #[must_use]
    pub fn spot(self, part: Part) -> Spot {
        self.spot_in(part, 0)
    }

    /// Where a value stands in the element of a list.
    #[must_use]
    pub fn spot_in(self, part: Part, ordinal: u32) -> Spot {
        let first = match self.kept(part, ordinal) {
            Some(told) => told.first,
            None => self.carrying(part, ordinal).next().map(|(number, ..)| number),
        };
        Spot::new(first.or(self.entry().copies.first().copied()).unwrap_or_default(), part, ordinal)
    }

    /// A value as it stands; not usable where copies that are equally new contradict each other.
    #[must_use]
    pub fn value(self, part: Part) -> Field<&'i Tree> {
        self.value_in(part, 0)
    }

    /// The same in the element of a list.
    #[must_use]
    pub fn value_in(self, part: Part, ordinal: u32) -> Field<&'i Tree> {
        let Told { first, field } = self.kept(part, ordinal).unwrap_or_else(|| self.told(part, ordinal));
        let tree = |first: u32| at(&self.inventory.neighbours.objects[first as usize].tree, part, ordinal);
        match (field, first.and_then(tree)) {
            (Field::Value(()), Some(value)) => Field::Value(value),
            (Field::Value(()), None) | (Field::Absent, _) => Field::Absent,
            (Field::Null, _) => Field::Null,
            (Field::Unusable(reason), _) => Field::Unusable(reason),
        }
    }

    /// What its copies say of a place, where they are so many that it is kept.
    fn kept(self, part: Part, ordinal: u32) -> Option<Told> {
        let kept = self.entry().told.get(part as usize).filter(|_| ordinal == 0)?;
        Some(*kept.get_or_init(|| self.told(part, ordinal)))
    }

    fn told(self, part: Part, ordinal: u32) -> Told {
        let Some((number, first, value)) = self.carrying(part, ordinal).next() else {
            return Told { first: None, field: Field::Absent };
        };
        let as_new = self.objects().map(|(_, object)| object).filter(|object| object.age == first.age);
        let mut others = as_new.filter_map(|object| counterpart(first, object, part, ordinal));
        let field = match value {
            _ if others.any(|other| !alike(value, other)) => Field::Unusable(Reason::RecordConflict),
            Tree::Null => Field::Null,
            _ => Field::Value(()),
        };
        Told { first: Some(number), field }
    }

    /// The copies that carry something at a place, with what it is.
    fn carrying(self, part: Part, ordinal: u32) -> impl Iterator<Item = (u32, &'i Object, &'i Tree)> {
        self.objects().filter_map(move |(number, object)| Some((number, object, at(&object.tree, part, ordinal)?)))
    }

    /// Whether an element of a list carries this text in any copy, whatever the others say.
    #[must_use]
    pub fn any_copy_lists(self, list: Part, element: Part, text: &str) -> bool {
        self.objects().any(|(_, object)| {
            let count = at(&object.tree, list, 0).map_or(0, |list| list.elements().len());
            let mut found =
                (0..u32::try_from(count).unwrap_or(u32::MAX)).filter_map(|ordinal| at(&object.tree, element, ordinal));
            found.any(|found| matches!(found, Tree::Text(found) if **found == *text))
        })
    }

    /// A text; an empty one counts as none.
    #[must_use]
    pub fn text(self, part: Part) -> Field<&'i str> {
        self.text_in(part, 0)
    }

    /// The same in the element of a list.
    #[must_use]
    pub fn text_in(self, part: Part, ordinal: u32) -> Field<&'i str> {
        match self.value_in(part, ordinal) {
            Field::Value(Tree::Text(text)) if text.is_empty() => Field::Null,
            Field::Value(Tree::Text(text)) => Field::Value(text),
            Field::Value(_) => Field::Unusable(Reason::TypeMismatch),
            other => other.map(|_| ""),
        }
    }

    /// A switch.
    #[must_use]
    pub fn flag(self, part: Part) -> Field<bool> {
        read(self.value(part), Tree::as_bool)
    }

    /// A whole number.
    #[must_use]
    pub fn number(self, part: Part) -> Field<i64> {
        self.number_in(part, 0)
    }

    /// The same in the element of a list.
    #[must_use]
    pub fn number_in(self, part: Part, ordinal: u32) -> Field<i64> {
        read(self.value_in(part, ordinal), Tree::as_int)
    }

    /// A moment.
    #[must_use]
    pub fn time(self, part: Part) -> Field<Timestamp> {
        match self.text(part) {
            Field::Value(text) => {
                time::parse(text).map_or(Field::Unusable(Reason::TypeMismatch), |stamp| Field::Value(stamp.time))
            }
            other => other.map(|_| Timestamp::UNIX_EPOCH),
        }
    }

    /// A word of a closed list.
    #[must_use]
    pub fn word<W>(self, part: Part, from_word: impl Fn(&str) -> Option<W>) -> Field<W> {
        self.word_in(part, 0, from_word)
    }

    /// The same in the element of a list.
    #[must_use]
    pub fn word_in<W>(self, part: Part, ordinal: u32, from_word: impl Fn(&str) -> Option<W>) -> Field<W> {
        match self.text_in(part, ordinal) {
            Field::Value(text) => from_word(text).map_or(Field::Unusable(Reason::ValueUnrecognised), Field::Value),
            Field::Absent => Field::Absent,
            Field::Null => Field::Null,
            Field::Unusable(reason) => Field::Unusable(reason),
        }
    }

    /// Every value of the object that stands by itself, in the order of the table of places.
    pub fn values(self) -> impl Iterator<Item = Spot> {
        let own = Part::ALL.iter().filter(|part| !part.path().is_empty() && !part.path().contains('*'));
        own.map(move |&part| self.spot(part)).filter(move |&spot| self.inventory.tree_at(spot).is_some())
    }

    /// The numbers of the elements of a list.
    #[must_use]
    pub fn elements(self, part: Part) -> Field<std::ops::Range<u32>> {
        match self.value(part) {
            Field::Value(Tree::List(elements)) => Field::Value(0..u32::try_from(elements.len()).unwrap_or(u32::MAX)),
            Field::Value(_) => Field::Unusable(Reason::TypeMismatch),
            other => other.map(|_| 0..0),
        }
    }
}

fn read<'i, T>(field: Field<&'i Tree>, value: impl Fn(&'i Tree) -> Option<T>) -> Field<T> {
    match field {
        Field::Value(tree) => value(tree).map_or(Field::Unusable(Reason::TypeMismatch), Field::Value),
        Field::Absent => Field::Absent,
        Field::Null => Field::Null,
        Field::Unusable(reason) => Field::Unusable(reason),
    }
}

/// What stands at a place of an object.
pub(super) fn at(tree: &Tree, part: Part, ordinal: u32) -> Option<&Tree> {
    part.path().split('/').filter(|key| !key.is_empty()).try_fold(tree, |tree, key| match key {
        "*" => tree.elements().get(ordinal as usize),
        key => tree.get(key),
    })
}

/// When the object was changed last, by itself.
pub(super) fn updated(tree: &Tree) -> Option<Timestamp> {
    match tree.get("updated_at") {
        Some(Tree::Text(text)) => time::parse(text).map(|stamp| stamp.time),
        _ => None,
    }
}

impl Inventory {
    /// Where a value stands; the object around it where it does not carry the value.
    #[must_use]
    pub fn place_of_spot(&self, spot: Spot) -> Standing {
        let object = &self.neighbours.objects[spot.object as usize];
        let answer = self.answer(object.answer);
        let mut pointer = format!("{}{}", answer.within, object.pointer());
        let mut tree = &object.tree;
        for key in spot.part.path().split('/').filter(|key| !key.is_empty()) {
            let inside = if key == "*" { tree.elements().get(spot.ordinal() as usize) } else { tree.get(key) };
            let Some(inside) = inside else { break };
            tree = inside;
            pointer.push('/');
            pointer.push_str(&if key == "*" { spot.ordinal().to_string() } else { key.to_owned() });
        }
        self.standing(answer.file, answer.document, pointer)
    }

    /// What stands at a place; `None` if nothing does.
    #[must_use]
    pub fn tree_at(&self, spot: Spot) -> Option<&Tree> {
        at(&self.neighbours.objects[spot.object as usize].tree, spot.part, spot.ordinal())
    }
}

impl Spot {
    fn new(object: u32, part: Part, ordinal: u32) -> Self {
        let [low, middle, high, _] = ordinal.min(0x00ff_ffff).to_le_bytes();
        Self { object, ordinal: [low, middle, high], part }
    }

    fn ordinal(self) -> u32 {
        let [low, middle, high] = self.ordinal;
        u32::from_le_bytes([low, middle, high, 0])
    }

    /// The place of another value of the same object, or of the same element of its list.
    #[must_use]
    pub fn with(self, part: Part) -> Self {
        Self { part, ..self }
    }

    /// The place within the object.
    #[must_use]
    pub fn part(self) -> Part {
        self.part
    }
}
