//! The text of a configuration with its places, the simple values in it, and what is wrong with it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

use anyhow::{Error, Result, anyhow};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::settings::nearest;

pub(super) type Table<'t> = DeTable<'t>;
pub(super) type Value<'t> = Spanned<DeValue<'t>>;
pub(super) type Key<'t> = Spanned<Cow<'t, str>>;

/// How many faults are named before the rest is only counted.
const NAMED: usize = 20;

/// The document that is read.
pub(super) struct Document<'t> {
    pub(super) path: &'t str,
    pub(super) text: &'t str,
    faults: RefCell<Vec<Error>>,
}

/// What is wrong at a place of the document.
#[derive(Debug)]
struct Fault {
    path: String,
    place: (usize, usize),
    what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, place: (line, column), what } = self;
        write!(f, "{path}:{line}:{column}: {what}")
    }
}

impl std::error::Error for Fault {}

impl<'t> Document<'t> {
    /// A document with the path that errors name.
    pub(super) fn new(path: &'t str, text: &'t str) -> Self {
        Self { path, text, faults: RefCell::default() }
    }

    /// What was read; a fault is kept, so that the rest is read all the same and all faults are told at once.
    pub(super) fn keep<T>(&self, read: Result<T>) -> Option<T> {
        read.map_err(|fault| self.tell(fault)).ok()
    }

    /// Notes a fault, to be told with the others.
    pub(super) fn tell(&self, fault: Error) {
        self.faults.borrow_mut().push(fault);
    }

    /// All faults as one error, in the order of the text, the first ones by name.
    pub(super) fn refuse(&self) -> Result<()> {
        let mut faults = self.faults.take();
        faults.sort_by_key(|fault| fault.downcast_ref::<Fault>().map(|fault| fault.place));
        let mut lines: Vec<_> = faults.iter().take(NAMED).map(ToString::to_string).collect();
        match faults.len() {
            0 => return Ok(()),
            all if all > NAMED => lines.push(format!("{}: {} more faults are not named here", self.path, all - NAMED)),
            _ => {}
        }
        Err(anyhow!("{}", lines.join("\n")))
    }

    /// A list that is not empty.
    pub(super) fn list<'v, 'w>(&self, value: &'v Value<'w>) -> Result<&'v [Value<'w>]> {
        match value.get_ref().as_array() {
            Some(list) if !list.is_empty() => Ok(list),
            _ => Err(self.wrong(value.span(), "write a list of texts in quotes, with one of them at least")),
        }
    }

    pub(super) fn words(&self, value: &Value<'_>) -> Result<Vec<String>> {
        self.list(value)?.iter().map(|word| self.stated(word)).collect()
    }

    pub(super) fn count(&self, value: &Value<'_>) -> Result<u64> {
        let number = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
        number.ok_or_else(|| self.wrong(value.span(), "write a whole number"))
    }

    pub(super) fn switch(&self, value: &Value<'_>) -> Result<bool> {
        value.get_ref().as_bool().ok_or_else(|| self.wrong(value.span(), "write true or false"))
    }

    pub(super) fn text<'v>(&self, value: &'v Value<'_>) -> Result<&'v str> {
        value.get_ref().as_str().ok_or_else(|| self.wrong(value.span(), "write a text in quotes"))
    }

    /// A text that says something.
    pub(super) fn stated(&self, value: &Value<'_>) -> Result<String> {
        let text = self.text(value)?.trim();
        if text.is_empty() { Err(self.wrong(value.span(), "this may not be empty")) } else { Ok(text.to_owned()) }
    }

    pub(super) fn table<'v, 'w>(&self, value: &'v Value<'w>) -> Result<&'v Table<'w>> {
        value.get_ref().as_table().ok_or_else(|| self.wrong(value.span(), "a table is wanted here"))
    }

    pub(super) fn unknown<'n>(&self, key: &Key<'_>, what: &str, known: impl Iterator<Item = &'n str>) -> Error {
        let name = key.get_ref().as_ref();
        self.wrong(key.span(), &format!("unknown {what} {name:?}{}", nearest(name, known)))
    }

    /// An error at a place of the document.
    pub(super) fn wrong(&self, span: Range<usize>, what: &str) -> Error {
        Error::new(Fault { path: self.path.to_owned(), place: self.place(span), what: what.to_owned() })
    }

    /// Line and column of a place.
    pub(super) fn place(&self, span: Range<usize>) -> (usize, usize) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        (line, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
    }
}
