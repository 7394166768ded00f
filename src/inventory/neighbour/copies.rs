//! Copies of an object beside each other: the same element in two lists, wherever it stands, and whether two values mean the
//! same.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use super::Object;
use super::part::Part;
use crate::parse::neighbour::Tree;

/// The numbers of the elements of a list, by what tells them from each other.
type Numbers = HashMap<Box<str>, Vec<u32>>;

/// Where the elements of the lists of an object stand. A list may be very long, so each is gone through once, and only where
/// there are copies to compare.
#[derive(Debug, Default)]
pub(super) struct Elements(OnceLock<HashMap<&'static str, Numbers>>);

impl Elements {
    /// The elements of a list of the object to which these belong.
    fn of(&self, tree: &Tree, list: &str) -> Option<&Numbers> {
        let lists = || Part::ALL.iter().filter_map(|part| part.path().split_once("/*")).map(|(list, _)| list);
        self.0.get_or_init(|| lists().map(|list| (list, numbers(tree, list))).collect()).get(list)
    }
}

fn numbers(tree: &Tree, list: &str) -> Numbers {
    let mut numbers = Numbers::new();
    let elements = follow(tree, list).map_or(&[][..], Tree::elements);
    for (number, element) in (0..).zip(elements) {
        if let Some(name) = identity(element) {
            numbers.entry(name.into()).or_default().push(number);
        }
    }
    numbers
}

/// Where the element of a list of an object stands in the list of another copy: the same one, wherever it stands.
pub(super) fn number_in(first: &Object, other: &Object, part: Part, ordinal: u32) -> Option<u32> {
    let Some(list) = list_of(part) else { return Some(ordinal) };
    let element = follow(&first.tree, list)?.elements().get(ordinal as usize)?;
    let named = identity(element).filter(|_| !std::ptr::eq(first, other));
    let Some(named) = named else { return Some(ordinal) };
    // Of several of one name, the one with as many before it.
    let before = first.elements.of(&first.tree, list)?.get(named)?.binary_search(&ordinal).ok()?;
    other.elements.of(&other.tree, list)?.get(named)?.get(before).copied()
}

/// The list in whose elements a value stands.
pub(super) fn list_of(part: Part) -> Option<&'static str> {
    part.path().split_once("/*").map(|(list, _)| list)
}

/// The list of an object in whose elements a value stands; nothing if the object does not carry it.
pub(super) fn list_around(object: &Object, part: Part) -> Option<&Tree> {
    follow(&object.tree, list_of(part)?)
}

/// What stands behind some keys.
fn follow<'t>(tree: &'t Tree, path: &str) -> Option<&'t Tree> {
    path.split('/').filter(|key| !key.is_empty()).try_fold(tree, |tree, key| tree.get(key))
}

/// What tells an element of a list from the others.
fn identity(element: &Tree) -> Option<&str> {
    ["id", "key", "vault_id"].into_iter().find_map(|key| match element.get(key) {
        Some(Tree::Text(text)) => Some(&**text),
        _ => None,
    })
}

/// Whether two values mean the same: of lists of objects, which objects they are, in any order.
pub(super) fn alike(one: &Tree, other: &Tree) -> bool {
    let members = |tree: &Tree| -> Option<BTreeSet<String>> {
        tree.elements().iter().map(|element| identity(element).map(str::to_owned)).collect()
    };
    match (one, other) {
        (Tree::List(elements), Tree::List(others)) if elements.iter().any(|element| identity(element).is_some()) => {
            one == other || (elements.len() == others.len() && members(one).is_some() && members(one) == members(other))
        }
        _ => {
            let (numbers, flags) = ((one.as_int(), other.as_int()), (one.as_bool(), other.as_bool()));
            one == other
                || matches!(numbers, (Some(one), Some(other)) if one == other)
                || matches!(flags, (Some(one), Some(other)) if one == other)
        }
    }
}
