//! JSON values as the reader sees them: scalars borrowed from the page, and the walk through everything it does not
//! keep. The walk checks what is skipped as strictly as what is read, so that no verdict on a file depends on which
//! fields the rules use.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::inventory::field::{ARRAY, BOOL, Kinds, NULL, NUMBER, OBJECT, TEXT};

/// A JSON value without its inner structure.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Scalar<'a> {
    /// The key was not there.
    #[default]
    Absent,
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    Text(Cow<'a, str>),
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Scalar<'_> {
    /// The JSON type; no bit if the key was not there.
    #[must_use]
    pub fn kind(&self) -> Kinds {
        match self {
            Self::Absent => 0,
            Self::Null => NULL,
            Self::Bool(_) => BOOL,
            Self::Int(_) | Self::Float(_) => NUMBER,
            Self::Text(_) => TEXT,
            Self::Array => ARRAY,
            Self::Object => OBJECT,
        }
    }

    /// The value as a whole number, from a number or a string of digits.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(*int),
            #[allow(clippy::cast_possible_truncation, reason = "whole and within the exact range of both types")]
            Self::Float(float) if float.fract() == 0.0 && float.abs() < 9e15 => Some(*float as i64),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The value as a boolean, from a boolean or the words exporters write for one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(bool) => Some(*bool),
            Self::Text(text) => match text.as_ref() {
                "true" | "True" => Some(true),
                "false" | "False" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A key of an object, borrowed where it has no escapes.
pub struct Key<'a>(pub Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(key)))
            }
            fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// The keys of one object that have been met, to notice a second one.
#[derive(Default)]
pub struct KeysMet<'a> {
    few: Vec<Cow<'a, str>>,
    many: Option<HashSet<Cow<'a, str>>>,
}

impl<'a> KeysMet<'a> {
    /// Above this many keys a linear look-up would be slower than a hash.
    const FEW: usize = 16;

    /// Notes the key; false if it has been met before.
    pub fn note(&mut self, key: Cow<'a, str>) -> bool {
        if let Some(many) = &mut self.many {
            return many.insert(key);
        }
        if self.few.contains(&key) {
            return false;
        }
        self.few.push(key);
        if self.few.len() > Self::FEW {
            self.many = Some(self.few.drain(..).collect());
        }
        true
    }
}

/// Something that takes the inside of a JSON value. What it does not take is walked through and checked.
pub trait Shape<'de> {
    /// Notes that a key stands twice in one object.
    fn duplicate(&mut self, key: &str);

    /// Takes an object.
    ///
    /// # Errors
    /// Whatever is not JSON.
    fn object<A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error>
    where
        Self: Sized,
    {
        let mut met = KeysMet::default();
        while let Some(Key(key)) = map.next_key()? {
            if !met.note(key.clone()) {
                self.duplicate(&key);
            }
            map.next_value_seed(Shaped(&mut Walk(self)))?;
        }
        Ok(())
    }

    /// Takes an array.
    ///
    /// # Errors
    /// Whatever is not JSON.
    fn array<A: SeqAccess<'de>>(&mut self, mut seq: A) -> Result<(), A::Error>
    where
        Self: Sized,
    {
        while seq.next_element_seed(Shaped(&mut Walk(self)))?.is_some() {}
        Ok(())
    }
}

/// Walks through a value, keeping nothing, and hands duplicate keys to the shape outside.
struct Walk<'s>(&'s mut dyn DuplicateSink);

/// The one part of a [`Shape`] that a walk needs; object-safe, so that nesting does not multiply types.
trait DuplicateSink {
    fn note(&mut self, key: &str);
}

impl<'de, S: Shape<'de>> DuplicateSink for S {
    fn note(&mut self, key: &str) {
        self.duplicate(key);
    }
}

impl<'de> Shape<'de> for Walk<'_> {
    fn duplicate(&mut self, key: &str) {
        self.0.note(key);
    }
}

/// Reads any JSON value as a [`Scalar`], its inside by a [`Shape`].
pub struct Shaped<'s, S>(pub &'s mut S);

impl<'de, S: Shape<'de>> DeserializeSeed<'de> for Shaped<'_, S> {
    type Value = Scalar<'de>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Shape<'de>> Visitor<'de> for Shaped<'_, S> {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Scalar::Int(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        #[allow(clippy::cast_precision_loss, reason = "such a size is far outside any field's range")]
        Ok(i64::try_from(value).map_or(Scalar::Float(value as f64), Scalar::Int))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Float(value))
    }
    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(value)))
    }
    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(value.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        self.0.array(seq)?;
        Ok(Scalar::Array)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        self.0.object(map)?;
        Ok(Scalar::Object)
    }
}

#[cfg(test)]
mod tests {
    use super::Scalar;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_whole_number_is_one_in_whatever_form() {
        let text = |text: &'static str| Scalar::Text(text.into());
        for (scalar, number) in [
            (Scalar::Int(-7), Some(-7)),
            (Scalar::Float(40.0), Some(40)),
            (Scalar::Float(-8.9e15), Some(-8_900_000_000_000_000)),
            (Scalar::Float(1.5), None),
            (Scalar::Float(9e15), None),
            (Scalar::Float(-1e300), None),
            (Scalar::Float(f64::INFINITY), None),
            (text("40"), Some(40)),
            (text(" -40 "), Some(-40)),
            (text("40.0"), None),
            (text("x"), None),
            (Scalar::Bool(true), None),
            (Scalar::Null, None),
            (Scalar::Absent, None),
            (Scalar::Array, None),
            (Scalar::Object, None),
        ] {
            assert_eq!(scalar.as_int(), number, "{scalar:?}");
        }
    }

    #[test]
    fn a_boolean_is_one_in_whatever_form() {
        for (scalar, value) in [
            (Scalar::Bool(true), Some(true)),
            (Scalar::Bool(false), Some(false)),
            (Scalar::Text("true".into()), Some(true)),
            (Scalar::Text("True".into()), Some(true)),
            (Scalar::Text("false".into()), Some(false)),
            (Scalar::Text("False".into()), Some(false)),
            (Scalar::Text("TRUE".into()), None),
            (Scalar::Text("".into()), None),
            (Scalar::Int(1), None),
            (Scalar::Null, None),
        ] {
            assert_eq!(scalar.as_bool(), value, "{scalar:?}");
        }
    }
}
