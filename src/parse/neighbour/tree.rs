//! JSON values as small trees of the keys that anybody asks for.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::inventory::field::{a_kind, kind_name};
use crate::inventory::neighbour::part::Part;
use crate::limits::Limits;
use crate::parse::salvage::plain;
use crate::parse::scalar::{Key, KeysMet, Scalar, Shape, Shaped};

/// A JSON value without the keys that nobody asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    Text(Box<str>),
    /// An array.
    List(Vec<Tree>),
    /// An object.
    Object(Vec<(&'static str, Tree)>),
}

impl Tree {
    /// The value under a key of an object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(entries) => entries.iter().find(|(met, _)| *met == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The id of an object.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self.get("id") {
            Some(Self::Text(id)) if !id.is_empty() => Some(id),
            _ => None,
        }
    }

    /// The elements of an array.
    #[must_use]
    pub fn elements(&self) -> &[Self] {
        match self {
            Self::List(elements) => elements,
            _ => &[],
        }
    }

    /// The value as a whole number, from a number or a string of digits.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        self.as_scalar().as_int()
    }

    /// The value as a boolean, from a boolean or the words exporters write for one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        self.as_scalar().as_bool()
    }

    /// The JSON type in words.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        kind_name(self.as_scalar().kind())
    }

    fn as_scalar(&self) -> Scalar<'_> {
        match self {
            Self::Null => Scalar::Null,
            Self::Bool(value) => Scalar::Bool(*value),
            Self::Int(value) => Scalar::Int(*value),
            Self::Float(value) => Scalar::Float(*value),
            Self::Text(text) => Scalar::Text(Cow::Borrowed(text)),
            Self::List(_) => Scalar::Array,
            Self::Object(_) => Scalar::Object,
        }
    }

    /// The value as a number of objects.
    pub(super) fn count(&self) -> Option<i64> {
        self.as_int().filter(|&count| count >= 0)
    }
}

/// The keys that anybody asks for.
static KEPT: LazyLock<BTreeSet<&'static str>> =
    LazyLock::new(|| Part::ALL.iter().flat_map(|part| part.path().split('/')).chain(OF_ORGANISATION).collect());

/// Keys of the policies of an organisation.
pub(super) const OF_ORGANISATION: [&str; 3] = ["policy_id", "policy_enabled", "policy_trigger"];

/// Reads one object of an answer, or why it cannot be used: a fault in it costs this object and no other, whether anybody
/// asks for the value or not.
pub(super) struct ObjectSeed<'b>(pub(super) &'b Budget);

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_> {
    type Value = Result<Tree, String>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        let mut twice = None;
        self.0.spend(ELEMENT)?;
        let seed = TreeSeed { twice: &mut twice, budget: self.0 };
        let tree = seed.deserialize(&mut serde_json::Deserializer::from_str(raw.get()));
        Ok(match (tree, twice) {
            (Err(_), _) if self.0.is_spent() => return Err(D::Error::custom(SPENT)),
            (Err(error), _) => Err(plain(&error)),
            (Ok(_), Some(key)) => Err(format!("the key {key:?} stands twice in one object")),
            (Ok(tree @ Tree::Object(_)), None) => Ok(tree),
            (Ok(other), None) => Err(format!("an object was expected, {} found", a_kind(other.as_scalar().kind()))),
        })
    }
}

/// What may be kept of an answer: a text may hold very many values for next to nothing.
pub(super) struct Budget {
    most: u64,
    spent: Cell<u64>,
}

/// What an element of a list counts as beside what any value does.
pub(super) const ELEMENT: u64 = Limits::ELEMENT_BYTES - Limits::VALUE_BYTES;
/// An error that nobody sees.
const SPENT: &str = "too many values";

impl Budget {
    pub(super) fn new(most: u64) -> Self {
        Self { most, spent: Cell::new(0) }
    }

    /// How much of it was spent.
    pub(super) fn spent(&self) -> u64 {
        self.spent.get()
    }

    /// Whether more was wanted than there is.
    pub(super) fn is_spent(&self) -> bool {
        self.spent.get() > self.most
    }

    pub(super) fn spend<E: Error>(&self, bytes: u64) -> Result<(), E> {
        self.spent.set(self.spent.get().saturating_add(bytes));
        if self.is_spent() { Err(E::custom(SPENT)) } else { Ok(()) }
    }
}

/// Reads a value; notes a key that stands twice in one object.
pub(super) struct TreeSeed<'t> {
    pub(super) twice: &'t mut Option<String>,
    pub(super) budget: &'t Budget,
}

impl TreeSeed<'_> {
    /// The same for a value inside this one.
    fn inner(&mut self) -> TreeSeed<'_> {
        TreeSeed { twice: self.twice, budget: self.budget }
    }
}

impl<'de> DeserializeSeed<'de> for TreeSeed<'_> {
    type Value = Tree;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.budget.spend(Limits::VALUE_BYTES)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TreeSeed<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Tree::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Tree::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Tree::Int(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        #[allow(clippy::cast_precision_loss, reason = "such a number is far outside any field's range")]
        Ok(i64::try_from(value).map_or(Tree::Float(value as f64), Tree::Int))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Tree::Float(value))
    }
    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Tree::Text(value.into()))
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element_seed(self.inner())? {
            self.budget.spend(ELEMENT)?;
            elements.push(element);
        }
        Ok(Tree::List(elements))
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries: Vec<(&'static str, Tree)> = Vec::new();
        let mut met = KeysMet::default();
        while let Some(Key(key)) = map.next_key()? {
            if !met.note(key.clone()) {
                self.twice.get_or_insert_with(|| key.clone().into_owned());
            }
            match KEPT.get(key.as_ref()) {
                Some(&kept) => entries.push((kept, map.next_value_seed(self.inner())?)),
                None => {
                    map.next_value_seed(Shaped(&mut Unkept(self.twice)))?;
                }
            }
        }
        Ok(Tree::Object(entries))
    }
}

/// A value that nobody asks for, which is judged all the same.
struct Unkept<'t>(&'t mut Option<String>);

impl<'de> Shape<'de> for Unkept<'_> {
    fn duplicate(&mut self, key: &str) {
        self.0.get_or_insert_with(|| key.to_owned());
    }
}
