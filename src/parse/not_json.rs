//! Why a text is no JSON, in words and with its place.

use std::borrow::Cow;
use std::fmt;

use super::blank::are_blanks;
use super::salvage::plain;

/// Why a text is no JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotJson {
    what: Cow<'static, str>,
    /// Line and column, counted from one.
    place: Option<(u64, usize)>,
    why: String,
}

impl NotJson {
    /// The error of a text in the user's terms.
    pub(super) fn new(text: &str, error: &serde_json::Error) -> Self {
        let start = text.trim_start();
        let place = Some((error.line() as u64, error.column()));
        let at = |what| Self { what: Cow::Borrowed(what), place, why: String::new() };
        if are_blanks(text) {
            "nothing but blanks".into()
        } else if start.starts_with('<') {
            "an HTML or XML page, not an answer of the API".into()
        } else if error.is_eof() {
            at("the JSON is cut off")
        } else if plain(error) == "trailing characters" {
            at("more than one JSON document, or text behind it,")
        } else {
            Self { why: format!(": {}", plain(error)), ..at("not JSON") }
        }
    }

    /// The same with something to say before it.
    pub(super) fn behind(mut self, said: &str) -> Self {
        self.what = format!("{said}: {}", self.what).into();
        self
    }

    /// Something that should not be at a line and a column.
    pub(super) fn at(what: &'static str, place: (u64, usize)) -> Self {
        Self { place: Some(place), ..what.into() }
    }

    /// The same in a text of which this one begins at a line and a column.
    pub(super) fn from(mut self, (line, column): (u64, usize)) -> Self {
        self.place = self.place.map(|(own, at)| (own + line - 1, if own == 1 { at + column - 1 } else { at }));
        self
    }

    /// The same with something more to say.
    pub(super) fn and(mut self, more: &str) -> Self {
        self.why.push_str(more);
        self
    }

    /// Whether it names the line.
    pub(super) fn has_place(&self) -> bool {
        self.place.is_some()
    }
}

impl<T: Into<Cow<'static, str>>> From<T> for NotJson {
    fn from(what: T) -> Self {
        Self { what: what.into(), place: None, why: String::new() }
    }
}

impl fmt::Display for NotJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((line, column)) => write!(f, "{} at line {line} column {column}{}", self.what, self.why),
            None => write!(f, "{}{}", self.what, self.why),
        }
    }
}
