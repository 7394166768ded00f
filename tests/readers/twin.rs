//! A document twice, byte for byte as long: once as it is, and once so that only the strict reader reads it.

use super::judged;
use super::program::Scratch;

/// The two forms of a document.
#[derive(Debug)]
pub(crate) struct Twin {
    /// Blanks stand before the first key, so that every place is the same as in the other.
    pub(crate) usual: Vec<u8>,
    /// The first character of the first key is written as an escape, which the quick reader leaves alone.
    pub(crate) strict: Vec<u8>,
}

impl Twin {
    /// None if the document has no key that begins with a letter.
    pub(crate) fn new(text: &[u8]) -> Option<Self> {
        let at = text.iter().position(|byte| *byte == b'"')?;
        let (before, key) = text.split_at(at);
        let first = key.get(1).filter(|first| first.is_ascii_alphabetic())?;
        let escape = format!("\"\\u{first:04x}");
        Some(Self { usual: [before, b"     ", key].concat(), strict: [before, escape.as_bytes(), &key[2..]].concat() })
    }

    /// Fails unless both forms lead to the same report.
    ///
    /// Beside each stands a copy that the strict reader reads: a record that one reader takes for another than it is would
    /// contradict its copy.
    pub(crate) fn check(&self, what: &str) {
        let scratch = Scratch::new();
        let [usual, strict] = [scratch.write("usual", &self.usual), scratch.write("strict", &self.strict)];
        let one = judged::report(&[("a.json", &usual), ("b.json", &strict)]);
        let other = judged::report(&[("a.json", &strict), ("b.json", &strict)]);
        judged::assert_same(&one, &other, what);
    }
}
