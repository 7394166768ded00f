//! The answers around the backups: vaults, policies, tasks, checkpoints, protectable resources and members. They are few
//! beside the backups, so each object is kept as a small tree of the keys that anybody asks for.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::answer::NotJson;
use super::bare;
use super::envelope::Paging;
use super::salvage::plain;
use super::scalar::{Key, KeysMet, Scalar, Shape, Shaped};
use crate::inventory::field::kind_name;
use crate::inventory::neighbour::part::Part;

/// What an answer around the backups is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A vault: *Querying the Vault List*, *Querying a Specified Vault*.
    Vault,
    /// A policy: *Querying the Policy List*, *Querying a Policy*.
    Policy,
    /// A task, in the API an operation log: *Querying Tasks*, *Querying a Single Task*.
    Task,
    /// A checkpoint: *Querying a Checkpoint*, *Creating a Checkpoint*.
    Checkpoint,
    /// A resource that can be protected: *Querying Protectable Resources*.
    Protectable,
    /// A project that a backup is shared with: *Obtaining the Sharing Member List*.
    Member,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Vault, Self::Policy, Self::Task, Self::Checkpoint, Self::Protectable, Self::Member];

    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Vault => "vault",
            Self::Policy => "policy",
            Self::Task => "task",
            Self::Checkpoint => "checkpoint",
            Self::Protectable => "protectable",
            Self::Member => "member",
        }
    }

    /// What the ledger calls an answer about it.
    #[must_use]
    pub fn answer(self) -> String {
        format!("{} answer", self.word())
    }

    /// What one is called among units that rules count.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Protectable => "protectable resource",
            Self::Member => "sharing member",
            other => other.word(),
        }
    }
}

/// How an answer of some kind looks at its top.
#[derive(Debug, PartialEq, Eq)]
pub struct Form {
    /// The key under which its objects stand; none where they stand by themselves.
    pub key: &'static str,
    /// The keys within an element that lead to the object, by slashes.
    pub inside: &'static str,
    /// What it is about.
    pub kind: Kind,
    /// Whether it lists what matches a query; else it shows one object.
    pub is_list: bool,
}

impl Form {
    /// Where the object with this number stands (RFC 6901).
    #[must_use]
    pub fn pointer(&self, ordinal: u32) -> String {
        let ordinal = self.is_list.then(|| ordinal.to_string());
        let parts = [self.key, ordinal.as_deref().unwrap_or_default(), self.inside];
        parts.into_iter().filter(|part| !part.is_empty()).flat_map(|part| ["/", part]).collect()
    }
}

const fn form(key: &'static str, kind: Kind, is_list: bool) -> Form {
    Form { key, inside: "", kind, is_list }
}

/// The vaults that have a tag, each two levels down: no list of all.
const TAGGED: Form = Form { inside: "resource_detail/vault", ..form("resources", Kind::Vault, true) };

/// Every form of an answer.
const FORMS: [Form; 13] = [
    form("vaults", Kind::Vault, true),
    form("vault", Kind::Vault, false),
    form("policies", Kind::Policy, true),
    form("policy", Kind::Policy, false),
    form("operation_logs", Kind::Task, true),
    form("operation_log", Kind::Task, false),
    form("checkpoints", Kind::Checkpoint, true),
    form("checkpoint", Kind::Checkpoint, false),
    form("instances", Kind::Protectable, true),
    form("instance", Kind::Protectable, false),
    form("members", Kind::Member, true),
    form("member", Kind::Member, false),
    TAGGED,
];

/// Objects by themselves, in the order of [`Kind::ALL`]: one, or an array of them.
const BARE: [[Form; 2]; 6] = [
    [form("", Kind::Vault, false), form("", Kind::Vault, true)],
    [form("", Kind::Policy, false), form("", Kind::Policy, true)],
    [form("", Kind::Task, false), form("", Kind::Task, true)],
    [form("", Kind::Checkpoint, false), form("", Kind::Checkpoint, true)],
    [form("", Kind::Protectable, false), form("", Kind::Protectable, true)],
    [form("", Kind::Member, false), form("", Kind::Member, true)],
];

/// An answer around the backups.
#[derive(Clone, Debug)]
pub struct Answer {
    /// How it looks.
    pub form: &'static Form,
    /// What it says of its own completeness.
    pub paging: Paging,
    /// Its objects in order; one that cannot be used with the reason.
    pub objects: Vec<Result<Tree, String>>,
}

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
    fn count(&self) -> Option<i64> {
        self.as_int().filter(|&count| count >= 0)
    }
}

/// The keys that anybody asks for.
static KEPT: LazyLock<BTreeSet<&'static str>> =
    LazyLock::new(|| Part::ALL.iter().flat_map(|part| part.path().split('/')).chain(OF_ORGANISATION).collect());

/// Keys of the policies of an organisation.
const OF_ORGANISATION: [&str; 3] = ["policy_id", "policy_enabled", "policy_trigger"];

/// Whether answers that the ledger calls so are kept.
#[must_use]
pub fn is_kept(answer: &str) -> bool {
    answer.strip_suffix(" answer").is_some_and(|word| Kind::ALL.iter().any(|kind| kind.word() == word))
}

/// Whether a key is that of an answer around the backups.
pub(super) fn is_form(key: &str) -> bool {
    FORMS.iter().any(|form| form.key == key)
}

/// Reads an answer around the backups, or objects of one that stand by themselves; `None` if the document holds nothing that
/// is kept.
///
/// # Errors
/// Why the document cannot be read.
pub fn read(text: &str) -> Result<Option<Answer>, String> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = deserializer.deserialize_any(TopVisitor).and_then(|answer| deserializer.end().map(|()| answer));
    let answer = read.map_err(|error| match error.classify() {
        Category::Data => format!("no known answer: {}", plain(&error)),
        _ => NotJson::new(text, &error).to_string(),
    })?;
    // A vault by itself has resources too, and a checkpoint a vault.
    let answer = match answer {
        Some(answer) if answer.form.is_list && !is_tagged(&answer) => Some(answer),
        other => {
            by_itself(text).or(other.filter(|answer| answer.objects.iter().any(Result::is_ok) || !is_tagged(answer)))
        }
    };
    // The policies of an organisation stand under the same key, in another form that names no vault.
    Ok(answer.filter(|answer| answer.form.kind != Kind::Policy || !answer.objects.iter().any(is_of_organisation)))
}

fn is_tagged(answer: &Answer) -> bool {
    *answer.form == TAGGED
}

/// Reads an object that stands by itself.
fn by_itself(text: &str) -> Option<Answer> {
    let object = ObjectSeed.deserialize(&mut serde_json::Deserializer::from_str(text)).ok()?;
    let form = bare_form(object.as_ref().ok()?, false)?;
    Some(Answer { form, paging: Paging::default(), objects: vec![object] })
}

/// The form of objects that stand by themselves.
fn bare_form(object: &Tree, is_list: bool) -> Option<&'static Form> {
    let kind = bare::kind(|key| object.get(key).is_some())?;
    BARE.iter().flatten().find(|form| form.kind == kind && form.is_list == is_list)
}

/// What an organisation makes for its projects acts through the policies that it puts there, which say so themselves.
fn is_of_organisation(object: &Result<Tree, String>) -> bool {
    object.as_ref().is_ok_and(|tree| OF_ORGANISATION.iter().any(|key| tree.get(key).is_some()))
}

struct TopVisitor;

impl<'de> Visitor<'de> for TopVisitor {
    type Value = Option<Answer>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut objects = Vec::new();
        while let Some(object) = seq.next_element_seed(ObjectSeed)? {
            objects.push(object);
        }
        let form = objects.iter().flatten().find_map(|object| bare_form(object, true));
        let Some(form) = form else { return Ok(None) };
        let is_other = |object: &Tree| bare_form(object, true) != Some(form);
        let why = || format!("the object has none of the keys of a {}", form.kind.noun());
        let objects =
            objects.into_iter().map(|object| object.and_then(|it| if is_other(&it) { Err(why()) } else { Ok(it) }));
        Ok(Some(Answer { form, paging: Paging::default(), objects: objects.collect() }))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut answer: Option<Answer> = None;
        let mut paging = Paging::default();
        while let Some(Key(key)) = map.next_key()? {
            match (key.as_ref(), FORMS.iter().find(|form| form.key == key)) {
                ("count", _) => paging.count = number(map.next_value()?),
                ("offset", _) => paging.offset = number(map.next_value()?),
                (_, Some(form)) if answer.is_none() => {
                    let objects = map.next_value_seed(ObjectsSeed(form))?;
                    answer = Some(Answer { form, paging: Paging::default(), objects });
                }
                _ => {
                    map.next_value::<&RawValue>()?;
                }
            }
        }
        Ok(answer.map(|answer| Answer { paging, ..answer }))
    }
}

/// A number of objects, if the text is one.
fn number(raw: &RawValue) -> Option<i64> {
    TreeSeed(&mut None).deserialize(&mut serde_json::Deserializer::from_str(raw.get())).ok()?.count()
}

/// Reads what stands under the key of an answer: one object or many.
struct ObjectsSeed(&'static Form);

impl<'de> DeserializeSeed<'de> for ObjectsSeed {
    type Value = Vec<Result<Tree, String>>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.0.is_list {
            deserializer.deserialize_any(self)
        } else {
            Ok(vec![ObjectSeed.deserialize(deserializer)?])
        }
    }
}

impl<'de> Visitor<'de> for ObjectsSeed {
    type Value = Vec<Result<Tree, String>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array under {:?}", self.0.key)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut objects = Vec::new();
        if self.0.inside.is_empty() {
            while let Some(object) = seq.next_element_seed(ObjectSeed)? {
                objects.push(object);
            }
            return Ok(objects);
        }
        while let Some(element) = seq.next_element::<&RawValue>()? {
            objects.push(tagged(element));
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
fn tagged(element: &RawValue) -> Result<Tree, String> {
    let tagged: Tagged<'_> = serde_json::from_str(element.get())
        .map_err(|error| format!("no resource_detail with a vault: {}", plain(&error)))?;
    let mut deserializer = serde_json::Deserializer::from_str(tagged.resource_detail.vault.get());
    ObjectSeed.deserialize(&mut deserializer).unwrap_or_else(|error| Err(plain(&error)))
}

/// Reads one object of an answer, or why it cannot be used: a fault in it costs this object and no other, whether anybody
/// asks for the value or not.
struct ObjectSeed;

impl<'de> DeserializeSeed<'de> for ObjectSeed {
    type Value = Result<Tree, String>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        let mut twice = None;
        let tree = TreeSeed(&mut twice).deserialize(&mut serde_json::Deserializer::from_str(raw.get()));
        Ok(match (tree, twice) {
            (Err(error), _) => Err(plain(&error)),
            (Ok(_), Some(key)) => Err(format!("the key {key:?} stands twice in one object")),
            (Ok(tree @ Tree::Object(_)), None) => Ok(tree),
            (Ok(other), None) => Err(format!("an object was expected, a {} found", other.kind_name())),
        })
    }
}

/// Reads a value; notes a key that stands twice in one object.
struct TreeSeed<'t>(&'t mut Option<String>);

impl<'de> DeserializeSeed<'de> for TreeSeed<'_> {
    type Value = Tree;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
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
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element_seed(TreeSeed(self.0))? {
            elements.push(element);
        }
        Ok(Tree::List(elements))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries: Vec<(&'static str, Tree)> = Vec::new();
        let mut met = KeysMet::default();
        while let Some(Key(key)) = map.next_key()? {
            if !met.note(key.clone()) {
                self.0.get_or_insert_with(|| key.clone().into_owned());
            }
            match KEPT.get(key.as_ref()) {
                Some(&kept) => entries.push((kept, map.next_value_seed(TreeSeed(self.0))?)),
                None => {
                    map.next_value_seed(Shaped(&mut Unkept(self.0)))?;
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
