//! Compressed files and archives to the plain files that they hold: what each is, told by its content; every member with
//! its state; and every byte that belongs to none. Nothing is written to disk: a name of a member is a label.

pub mod form;
mod gauge;
mod stream;
mod tar;
mod walk;
mod zip;

pub use stream::{Packed, Unpacked, hex, to_end, unpack};
pub use walk::Walk;

use std::io::Read;

use crate::limits::Limits;

/// A file in a container, or the container itself.
#[derive(Debug)]
pub struct Entry {
    /// Where it stands: `archive!/member`.
    pub path: String,
    /// Its size, as it stands there.
    pub bytes: u64,
    /// The SHA-256 of these bytes, if asked for.
    pub sha256: Option<String>,
    /// What is remarkable about it.
    pub note: Option<String>,
    /// What it is.
    pub content: Content,
}

impl Entry {
    /// Its text; nothing of what is none.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        match &self.content {
            Content::Document(text) => text,
            _ => &[],
        }
    }

    /// How many values of JSON its text holds at most.
    #[must_use]
    pub fn values(&self) -> u64 {
        // In so short stretches the count of each fits into a byte, and sixteen are counted at a time.
        let stretches = self.text().chunks(usize::from(u8::MAX));
        let count =
            |stretch: &[u8]| stretch.iter().map(|byte| u8::from(matches!(byte, b',' | b'{' | b'['))).sum::<u8>();
        1 + stretches.map(|stretch| u64::from(count(stretch))).sum::<u64>()
    }

    /// How many objects of JSON its text holds at most, and so how many backup objects.
    #[must_use]
    pub fn braces(&self) -> u64 {
        memchr::memchr_iter(b'{', self.text()).count() as u64
    }
}

/// What an entry is.
#[derive(Debug)]
pub enum Content {
    /// A file that may be an answer, unpacked.
    Document(Vec<u8>),
    /// A file that may be an answer, whose text was taken bit by bit before; its length and a hash, if they are known.
    Taken(Option<(u64, u64)>),
    /// Something else by its name and its first bytes.
    Foreign,
    /// Left alone, for this reason.
    Skipped(String),
    /// It cannot be used, for this reason.
    Refused(String),
    /// An archive, whose members are entries of their own.
    Archive(Contents),
}

/// What an archive came to.
#[derive(Debug, Default)]
pub struct Contents {
    /// What kind of archive it is.
    pub kind: &'static str,
    /// How many members it has.
    pub members: u64,
    /// What is wrong with it, so that there may be members or bytes that nobody saw.
    pub faults: Vec<String>,
    /// What is remarkable.
    pub notes: Vec<String>,
}

/// Whoever takes what a container holds.
pub trait Taker {
    /// Takes an entry.
    fn entry(&mut self, entry: Entry);

    /// Takes the text of the file whose entry comes next; `size` is how long it is said to be. Returns what the entry is to
    /// hold: here all of the text.
    ///
    /// # Errors
    /// The reason why the text cannot be read.
    fn text(
        &mut self,
        _path: &str,
        text: &mut dyn Read,
        size: Option<u64>,
        limits: &Limits,
    ) -> Result<Content, String> {
        to_end(text, size, limits).map(Content::Document)
    }
}

impl<F: FnMut(Entry)> Taker for F {
    fn entry(&mut self, entry: Entry) {
        self(entry);
    }
}

/// A fault in words, on its way through readers that know only of errors.
#[derive(Debug)]
struct Fault(String);

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

fn fault(text: impl Into<String>) -> std::io::Error {
    std::io::Error::other(Fault(text.into()))
}

/// An error of a stream of unpacked bytes, in words.
#[must_use]
pub fn words(error: &std::io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Fault>()) {
        Some(Fault(text)) => text.clone(),
        None => format!("cannot be read: {}", crate::discover::plain_io(error)),
    }
}
