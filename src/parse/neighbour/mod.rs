//! The answers around the backups: vaults, policies, tasks, checkpoints, protectable resources and members. They are few
//! beside the backups, so each object is kept as a small tree of the keys that anybody asks for.

mod form;
mod tree;

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::answer::NotJson;
use super::salvage::plain;
use super::scalar::Key;
use crate::limits::Limits;
use form::{FORMS, TAGGED, bare_form};
pub use form::{Form, Kind, is_kept};
pub(super) use form::{is_around, is_form};
pub use tree::Tree;
use tree::{Budget, ELEMENT, OF_ORGANISATION, ObjectSeed, TreeSeed};

/// An answer around the backups.
#[derive(Clone, Debug)]
pub struct Answer {
    /// How it looks.
    pub form: &'static Form,
    /// `count`: how many objects it says there are in all.
    pub count: Option<i64>,
    /// Its objects in order; one that cannot be used with the reason.
    pub objects: Vec<Result<Tree, String>>,
    /// What is kept of it counts as so many bytes.
    pub weight: u64,
}

impl Answer {
    /// What of its objects cannot be used: where each stands in its list, and why.
    pub fn unusable(&self) -> impl Iterator<Item = (u32, &str)> {
        (0..).zip(&self.objects).filter_map(|(ordinal, object)| match object {
            Ok(tree) => tree.id().is_none().then_some((ordinal, NO_ID)),
            Err(why) => Some((ordinal, &**why)),
        })
    }
}

/// What is said of an object without an id.
pub const NO_ID: &str = "the object has no id";

/// Why a document cannot be read.
enum Unread {
    /// It holds more than may be kept.
    TooMuch,
    Because(String),
}

/// Reads an answer around the backups, or objects of one that stand by themselves; `None` if the document holds nothing that
/// is kept.
///
/// # Errors
/// Why the document cannot be read.
pub fn read(text: &str, limits: &Limits) -> Result<Option<Answer>, String> {
    read_within(text, limits.around_bytes).map_err(|unread| match unread {
        Unread::TooMuch => limits.too_much_around(),
        Unread::Because(why) => why,
    })
}

/// Whether a text is an answer around the backups with an object in it, and not merely has the key of one.
pub(super) fn has_objects(text: &str) -> bool {
    const ENOUGH: u64 = 16 << 20;
    match read_within(text, ENOUGH) {
        Ok(Some(answer)) => answer.unusable().count() < answer.objects.len(),
        // Whoever reads all of it will say so.
        Err(Unread::TooMuch) => true,
        Ok(None) | Err(Unread::Because(_)) => false,
    }
}

fn read_within(text: &str, most: u64) -> Result<Option<Answer>, Unread> {
    let budget = Budget::new(most);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = deserializer.deserialize_any(TopVisitor(&budget)).and_then(|answer| deserializer.end().map(|()| answer));
    let answer = read.map_err(|error| match error.classify() {
        _ if budget.is_spent() => Unread::TooMuch,
        Category::Data => Unread::Because(format!("no known answer: {}", plain(&error))),
        _ => Unread::Because(NotJson::new(text, &error).to_string()),
    })?;
    // A vault by itself has resources too, and a checkpoint a vault.
    let answer = match answer {
        Some(answer) if answer.form.is_list && !is_tagged(&answer) => Some(answer),
        other => {
            let alone = Budget::new(most);
            match by_itself(text, &alone) {
                _ if alone.is_spent() => return Err(Unread::TooMuch),
                Some(answer) => Some(answer),
                None => other.filter(|answer| answer.objects.iter().any(Result::is_ok) || !is_tagged(answer)),
            }
        }
    };
    let answer = answer.map(|mut answer| {
        if answer.form.kind == Kind::Vault {
            answer.objects = answer.objects.into_iter().map(|vault| vault.and_then(with_resources)).collect();
        }
        answer
    });
    // The policies of an organisation stand under the same key, in another form that names no vault.
    Ok(answer.filter(|answer| answer.form.kind != Kind::Policy || !answer.objects.iter().any(is_of_organisation)))
}

/// A vault, if what it protects can be read: without that it would seem to protect nothing.
fn with_resources(vault: Tree) -> Result<Tree, String> {
    let is_list = match vault.get("resources") {
        Some(Tree::List(resources)) => resources.iter().all(|resource| matches!(resource, Tree::Object(_))),
        Some(Tree::Object(resource)) => resource.is_empty(),
        Some(Tree::Text(text)) => text.trim().is_empty(),
        // What holds nothing hides nothing.
        Some(Tree::Null | Tree::Bool(_) | Tree::Int(_) | Tree::Float(_)) | None => true,
    };
    if !is_list {
        return Err("its resources are no list of objects".to_owned());
    }
    let resources = vault.get("resources").map_or(&[][..], Tree::elements);
    match resources.iter().filter(|resource| resource.id().is_none()).count() {
        0 => Ok(vault),
        nameless => Err(format!("{nameless} of its {} resources have no id", resources.len())),
    }
}

fn is_tagged(answer: &Answer) -> bool {
    *answer.form == TAGGED
}

/// Reads an object that stands by itself.
fn by_itself(text: &str, budget: &Budget) -> Option<Answer> {
    let object = ObjectSeed(budget).deserialize(&mut serde_json::Deserializer::from_str(text)).ok()?;
    let form = bare_form(object.as_ref().ok()?, false)?;
    Some(Answer { form, count: None, objects: vec![object], weight: budget.spent() })
}

/// What an organisation makes for its projects acts through the policies that it puts there, which say so themselves.
fn is_of_organisation(object: &Result<Tree, String>) -> bool {
    object.as_ref().is_ok_and(|tree| OF_ORGANISATION.iter().any(|key| tree.get(key).is_some()))
}

struct TopVisitor<'b>(&'b Budget);

impl<'de> Visitor<'de> for TopVisitor<'_> {
    type Value = Option<Answer>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut objects = Vec::new();
        while let Some(object) = seq.next_element_seed(ObjectSeed(self.0))? {
            objects.push(object);
        }
        let form = objects.iter().flatten().find_map(|object| bare_form(object, true));
        let Some(form) = form else { return Ok(None) };
        let is_other = |object: &Tree| bare_form(object, true) != Some(form);
        let why = || format!("the object has none of the keys of a {}", form.kind.noun());
        let objects =
            objects.into_iter().map(|object| object.and_then(|it| if is_other(&it) { Err(why()) } else { Ok(it) }));
        Ok(Some(Answer { form, count: None, objects: objects.collect(), weight: self.0.spent() }))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut answer: Option<Answer> = None;
        let mut count = None;
        while let Some(Key(key)) = map.next_key()? {
            match (key.as_ref(), FORMS.iter().find(|form| form.key == key)) {
                ("count", _) => count = number(map.next_value()?, self.0),
                (_, Some(form)) if answer.is_none() => {
                    let objects = map.next_value_seed(ObjectsSeed { form, budget: self.0 })?;
                    answer = Some(Answer { form, count: None, objects, weight: self.0.spent() });
                }
                _ => {
                    map.next_value::<&RawValue>()?;
                }
            }
        }
        Ok(answer.map(|answer| Answer { count, ..answer }))
    }
}

/// A number of objects, if the text is one.
fn number(raw: &RawValue, budget: &Budget) -> Option<i64> {
    let seed = TreeSeed { twice: &mut None, budget };
    seed.deserialize(&mut serde_json::Deserializer::from_str(raw.get())).ok()?.count()
}

/// Reads what stands under the key of an answer: one object or many.
struct ObjectsSeed<'b> {
    form: &'static Form,
    budget: &'b Budget,
}

impl<'de> DeserializeSeed<'de> for ObjectsSeed<'_> {
    type Value = Vec<Result<Tree, String>>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.form.is_list {
            deserializer.deserialize_any(self)
        } else {
            Ok(vec![ObjectSeed(self.budget).deserialize(deserializer)?])
        }
    }
}

impl<'de> Visitor<'de> for ObjectsSeed<'_> {
    type Value = Vec<Result<Tree, String>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array under {:?}", self.form.key)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut objects = Vec::new();
        if self.form.inside.is_empty() {
            while let Some(object) = seq.next_element_seed(ObjectSeed(self.budget))? {
                objects.push(object);
            }
            return Ok(objects);
        }
        while let Some(element) = seq.next_element::<&RawValue>()? {
            self.budget.spend(ELEMENT)?;
            objects.push(tagged(element, self.budget));
        }
        Ok(objects)
    }
}

/// What an answer by tag says of a vault.
#[derive(serde::Deserialize)]
struct Tagged<'a> {
    #[serde(borrow)]
    resource_detail: Detail<'a>,
}

#[derive(serde::Deserialize)]
struct Detail<'a> {
    #[serde(borrow)]
    vault: &'a RawValue,
}

/// The vault in an element of an answer by tag.
fn tagged(element: &RawValue, budget: &Budget) -> Result<Tree, String> {
    let tagged: Tagged<'_> = serde_json::from_str(element.get())
        .map_err(|error| format!("no resource_detail with a vault: {}", plain(&error)))?;
    let mut deserializer = serde_json::Deserializer::from_str(tagged.resource_detail.vault.get());
    ObjectSeed(budget).deserialize(&mut deserializer).unwrap_or_else(|error| Err(plain(&error)))
}
