//! Answers inside other documents, as tools save them: under a key beside which the status and the headers may stand, in an
//! array, or as a text of JSON. Whatever is found is read, and what is not known beside it is told.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::answer::ANSWERS;
use super::document::{Reader, Site};
use super::envelope::{Envelope, Found};
use super::failure::beside;
use super::losses::Losses;
use super::neighbour::{self, is_around, is_form, is_kept};
use super::salvage::Parts;
use super::unread::Places;

/// The keys under which answers are looked for.
pub(super) const WRAPPERS: [&str; 3] = ["body", "data", "response"];

/// So many arrays, keys and texts may stand around an answer.
const LEVELS: u32 = 4;

/// An array whose first elements, so many, are no answers is not looked through any further.
const HOPELESS: u64 = 1000;

/// A key as it stands in a JSON pointer (RFC 6901).
pub(super) fn token(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Whether answers are looked for under a key.
pub(super) fn is_wrapper(key: &str) -> bool {
    WRAPPERS.contains(&key)
}

/// Whether a text begins like an object or array of JSON.
pub(super) fn is_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// What a value came to.
enum Outcome {
    /// Answers in it were kept; beside them these losses.
    Kept(Losses),
    /// Nothing in it could be used, though something should have been an answer.
    Lost(Losses),
    /// It is an array or object without anything in it.
    Empty,
    /// What stands at this place is no known answer, for this reason.
    Unknown(String, String),
    /// It is not even an object or array, but this.
    Scalar(&'static str),
}

/// What the values inside another came to.
#[derive(Default)]
struct Sum {
    kept: bool,
    empty: bool,
    losses: Losses,
    unknown: Losses,
    /// The first object or array that is no known answer: where it stands, and why.
    nearest: Option<(String, String)>,
}

impl Sum {
    fn add(&mut self, within: &str, outcome: Outcome) {
        match outcome {
            Outcome::Kept(losses) => {
                self.kept = true;
                self.losses.add(losses);
            }
            Outcome::Lost(losses) => self.losses.add(losses),
            Outcome::Empty => self.empty = true,
            Outcome::Unknown(place, why) => {
                self.unknown.add(Losses::one(&place, why.clone()));
                self.nearest.get_or_insert((place, why));
            }
            Outcome::Scalar(what) => self.unknown.add(Losses::one(within, what)),
        }
    }

    fn is_hopeless(&self) -> bool {
        !self.kept && self.losses.all == 0 && self.unknown.all >= HOPELESS
    }
}

/// Whether a document is neither about backups nor about what is around them. Backups in it have a look of their own, which
/// tells them from what it merely says of some.
fn is_foreign(envelope: &Envelope) -> bool {
    matches!(envelope, Envelope::NotBackup(_) | Envelope::Capture(_)) && !is_around(envelope)
}

/// The way through a document.
struct Way<'r, R> {
    reader: &'r mut R,
    document: Option<u32>,
    /// How many elements the arrays of backup objects have that were kept.
    objects: u64,
    /// Where something stands that was not looked at, because too much stands around it.
    too_deep: Option<String>,
    /// Where answers with backups were kept.
    read: Places,
    /// Something was passed over in which backups may stand.
    is_partial: bool,
}

/// Keeps what was read last, and the answers inside it. Returns what could not be used.
pub(super) fn settle<R: Reader>(found: Found, text: &str, document: Option<u32>, reader: &mut R) -> Losses {
    let (read, is_partial) = (Places::default(), false);
    let mut way = Way { reader, document, objects: 0, too_deep: None, read, is_partial };
    let outcome = way.settle(found, text, "", 0);
    let Way { too_deep, read, is_partial, .. } = way;
    let mut losses = told(outcome, too_deep);
    if is_partial {
        losses.add_unread(text, &read);
    }
    losses
}

/// What could not be used of a document that came to this.
fn told(outcome: Outcome, too_deep: Option<String>) -> Losses {
    match (outcome, too_deep) {
        (Outcome::Kept(losses) | Outcome::Lost(losses), _) => losses,
        (Outcome::Empty, _) => Losses::default(),
        (Outcome::Scalar(what), _) => Losses::one("", what),
        (Outcome::Unknown(place, why), None) => Losses::one(&place, why),
        (Outcome::Unknown(..), Some(place)) => {
            let why = format!("no answer within {LEVELS} levels of arrays, {}: save it by itself", WRAPPERS.join(", "));
            Losses::one(&place, why)
        }
    }
}

impl<R: Reader> Way<'_, R> {
    fn keep(&mut self, within: &str, text: &str, envelope: Envelope) {
        self.read.add(within, &envelope);
        let site = Site { document: self.document, within: within.to_owned() };
        self.reader.keep(&site, text, envelope);
    }

    /// Keeps what was read last, which stands at this place.
    fn settle(&mut self, found: Found, text: &str, within: &str, level: u32) -> Outcome {
        let (wraps, objects, foreign) = (found.wraps, self.objects, is_foreign(&found.envelope));
        self.is_partial |= match &found.envelope {
            // Every element is read by itself.
            Envelope::Unknown(_) if is_array(text) => false,
            envelope => wraps || !envelope.holds_backups(),
        };
        match &found.envelope {
            _ if found.is_empty && level > 0 => return Outcome::Empty,
            envelope if !envelope.is_answer() => {}
            known => {
                let is_uncounted = match known {
                    Envelope::List(paging) => paging.count.is_none(),
                    known => *known == Envelope::BareList,
                };
                let uncounted = if is_uncounted { found.elements } else { 0 };
                self.objects += uncounted;
                self.keep(within, text, found.envelope);
                let mut sum = if wraps { self.inside(text, within, level, foreign) } else { Sum::default() };
                let error = found.error.map(|error| beside(&error));
                for why in error.into_iter().chain(short(found.count, uncounted)) {
                    sum.losses.add(Losses::one(within, why));
                }
                return Outcome::Kept(sum.losses);
            }
        }
        let mut sum = if wraps { self.inside(text, within, level, foreign) } else { Sum::default() };
        if let Some(why) = short(found.count, self.objects - objects) {
            sum.losses.add(Losses::one(within, why));
        }
        match found.envelope {
            Envelope::Refused(why) => {
                let mut losses = Losses::one(within, why);
                if !sum.kept {
                    return Outcome::Lost(losses);
                }
                losses.add(sum.losses);
                Outcome::Kept(losses)
            }
            _ if sum.kept || sum.losses.all > 0 => outcome(sum, text),
            _ if sum.empty && found.is_success && sum.unknown.all == 0 => {
                self.keep(within, text, Envelope::NotBackup("empty answer".to_owned()));
                Outcome::Kept(Losses::default())
            }
            Envelope::Unknown(why) => match sum.nearest.filter(|_| !is_array(text)) {
                Some((place, why)) => Outcome::Unknown(place, why),
                None => Outcome::Unknown(within.to_owned(), why),
            },
            _ => Outcome::Empty,
        }
    }

    /// Reads the values inside a document that may be answers.
    fn inside(&mut self, text: &str, within: &str, level: u32, foreign: bool) -> Sum {
        let mut sum = Sum::default();
        if level == LEVELS {
            self.is_partial = true;
            self.too_deep.get_or_insert_with(|| within.to_owned());
            return sum;
        }
        match text.trim_start().as_bytes().first() {
            Some(b'{') => {
                let Parts(parts) = serde_json::from_str(text).unwrap_or(Parts(Vec::new()));
                let is_answer = |key: &str| ANSWERS.contains(&key);
                // An answer around the backups is the first of its kind; beside backups there is none.
                let own = match foreign || parts.iter().any(|(key, raw)| is_answer(key) && is_like_json(raw.get())) {
                    true => None,
                    false => parts.iter().position(|(key, _)| is_form(key)),
                };
                for (number, (key, raw)) in parts.into_iter().enumerate() {
                    let place = format!("{within}/{}", token(&key));
                    if is_wrapper(&key) {
                        let outcome = self.value(raw.get(), &place, level + 1);
                        sum.add(&place, outcome);
                    } else if !is_answer(&key) && own != Some(number) && self.holds_answer(raw.get(), foreign) {
                        sum.losses.add(Losses::one(
                            &place,
                            "an answer where none is read: save the answer of the API by itself",
                        ));
                    }
                }
            }
            Some(b'[') => {
                let mut number = 0_u64;
                each(text, |raw| {
                    let place = format!("{within}/{number}");
                    let outcome = self.value(raw, &place, level + 1);
                    sum.add(&place, outcome);
                    number += 1;
                    !sum.is_hopeless()
                });
                self.is_partial |= sum.is_hopeless();
            }
            _ => {
                let outcome = self.value(text.trim(), within, level + 1);
                sum.add(within, outcome);
            }
        }
        sum
    }

    /// Whether a value under some other key is an answer with something in it.
    fn holds_answer(&mut self, raw: &str, foreign: bool) -> bool {
        let found = if is_like_json(raw) { self.reader.read(raw).ok() } else { None };
        found.is_some_and(|found| match &found.envelope {
            envelope if foreign && envelope.holds_backups() => false,
            Envelope::List(_) | Envelope::BareList => found.elements > 0,
            Envelope::Show | Envelope::Bare => true,
            Envelope::NotBackup(what) => is_kept(what) && (!foreign || neighbour::has_objects(raw)),
            _ => false,
        })
    }

    /// Reads a value that may be an answer.
    fn value(&mut self, raw: &str, within: &str, level: u32) -> Outcome {
        let (text, within) = match raw.as_bytes().first() {
            Some(b'{' | b'[') => (Cow::Borrowed(raw), Cow::Borrowed(within)),
            Some(b'"') => match serde_json::from_str::<String>(raw) {
                // JSON in a text has places of its own.
                Ok(text) if is_like_json(&text) => (Cow::Owned(text), Cow::Owned(format!("{within}#"))),
                _ => return Outcome::Scalar("a text, not an answer"),
            },
            _ => return Outcome::Scalar("no object or array, so not an answer"),
        };
        match self.reader.read(&text) {
            Ok(found) => self.settle(found, &text, &within, level),
            Err(why) => Outcome::Lost(Losses::one(&within, why)),
        }
    }
}

fn is_array(text: &str) -> bool {
    text.trim_start().starts_with('[')
}

/// What is missing where an array of backup objects stands beside a count.
fn short(count: Option<u64>, objects: u64) -> Option<String> {
    let count = count.filter(|&count| 0 < objects && objects < count)?;
    let why = format!("{objects} of {count} backup objects, by the count beside them: fetch the missing pages");
    Some(why)
}

/// What a value came to of which the values inside came to this.
fn outcome(mut sum: Sum, text: &str) -> Outcome {
    // In an object what stands under other keys is its own business; in an array every element should be an answer.
    if is_array(text) {
        sum.losses.add(sum.unknown);
    }
    if sum.kept { Outcome::Kept(sum.losses) } else { Outcome::Lost(sum.losses) }
}

/// Calls `take` with every element of an array, as long as it wants more.
fn each(text: &str, take: impl FnMut(&str) -> bool) {
    struct Elements<F>(F);
    impl<'de, F: FnMut(&str) -> bool> Visitor<'de> for Elements<F> {
        type Value = ();
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array")
        }
        fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
            while let Some(raw) = seq.next_element::<&RawValue>()? {
                if !(self.0)(raw.get()) {
                    return Err(A::Error::custom("enough"));
                }
            }
            Ok(())
        }
    }
    // The text was read before: nothing but having enough ends it.
    let _ = serde_json::Deserializer::from_str(text).deserialize_seq(Elements(take));
}
