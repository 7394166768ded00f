//! One vault, policy, task, checkpoint, protectable resource or member as rules see it: its fields, each from the first copy
//! that carries it, and where they stand.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of objects and entries are those of the tables that they are looked up in"
)]

use std::collections::HashMap;

use jiff::Timestamp;

use super::copies::{alike, list_around, list_of, number_in};
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
            None => self.carrying(part, ordinal).next().map(|(place, ..)| place),
        };
        let home = || (self.home(part).map_or(self.entry().copies[0], |(copy, _)| copy), ordinal);
        let (copy, number) = first.unwrap_or_else(home);
        Spot::new(copy, part, number)
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
        let objects = &self.inventory.neighbours.objects;
        let tree = |(copy, number): (u32, u32)| at(&objects[copy as usize].tree, part, number);
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
        let Some((place, first, value)) = self.carrying(part, ordinal).next() else {
            return Told { first: None, field: Field::Absent };
        };
        let mut as_new = self.carrying(part, ordinal).filter(|(_, object, _)| object.age == first.age);
        let field = match value {
            _ if as_new.any(|(.., other)| !alike(value, other)) => Field::Unusable(Reason::RecordConflict),
            Tree::Null => Field::Null,
            _ => Field::Value(()),
        };
        Told { first: Some(place), field }
    }

    /// The copies that carry something at a place, with what it is, each with the number of the element in its own list.
    fn carrying(self, part: Part, ordinal: u32) -> impl Iterator<Item = ((u32, u32), &'i Object, &'i Tree)> {
        let home = self.home(part);
        self.objects().filter_map(move |(copy, object)| {
            let number = number_in(home?.1, object, part, ordinal)?;
            Some(((copy, number), object, at(&object.tree, part, number)?))
        })
    }

    /// The copy by whose list the elements around a value are numbered: the first that carries it. What stands in no list is
    /// at home in the first copy.
    fn home(self, part: Part) -> Option<(u32, &'i Object)> {
        self.objects().find(|(_, object)| list_of(part).is_none() || list_around(object, part).is_some())
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

    /// What copies that are equally new list, where they contradict each other on it: every element that has an id once, where
    /// it stands first, and whether all of them hold it.
    #[must_use]
    pub fn listed_by_each(self, id: Part) -> Vec<(Spot, bool)> {
        let Some((_, home)) = self.home(id) else { return Vec::new() };
        let listing = |(_, object): &(u32, &'i Object)| object.age == home.age && list_around(object, id).is_some();
        let mut met: HashMap<&str, usize> = HashMap::new();
        let mut elements: Vec<(Spot, u32, u32)> = Vec::new();
        let mut copies = 0;
        for (copy, object) in self.objects().filter(listing) {
            copies += 1;
            let count = list_around(object, id).map_or(0, |list| list.elements().len());
            for ordinal in 0..u32::try_from(count).unwrap_or(u32::MAX) {
                let Some(Tree::Text(name)) = at(&object.tree, id, ordinal) else { continue };
                let number = *met.entry(name).or_insert(elements.len());
                match elements.get_mut(number) {
                    None => elements.push((Spot::new(copy, id, ordinal), copy, 1)),
                    Some((_, last, holding)) if *last != copy => (*last, *holding) = (copy, *holding + 1),
                    Some(_) => {}
                }
            }
        }
        elements.into_iter().map(|(spot, _, holding)| (spot, holding == copies)).collect()
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

    pub(super) fn ordinal(self) -> u32 {
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
