//! Very long texts of a dump, as rows state them. An id or a name stands in every finding on it, so that a single one of a megabyte
//! would make a report of gigabytes.

use std::borrow::Cow;

use super::row::{ResourceKey, Row, SubjectRow};
use super::wording;

/// A longer id or name, in bytes, is no genuine one: the API allows 255 characters at most.
const LONGEST_NAME: usize = 1024;

/// A longer value is not stated in whole.
const LONGEST_VALUE: usize = 4096;

/// How many characters are stated of what is longer.
const STATED: usize = 300;

impl Row<'_> {
    /// The same without very long texts. The evidence leads to each of them in whole.
    #[must_use]
    pub(super) fn bounded(mut self) -> Self {
        self.subject.bound();
        self.resource.iter_mut().for_each(ResourceKey::bound);
        self.vault_id.iter_mut().for_each(|id| bound(id, LONGEST_NAME));
        bound(&mut self.observed, LONGEST_VALUE);
        bound(&mut self.expected, LONGEST_VALUE);
        self
    }
}

impl SubjectRow<'_> {
    fn bound(&mut self) {
        let texts = [Some(&mut self.id), self.key.as_mut(), self.name.as_mut()];
        texts.into_iter().flatten().for_each(|text| bound(text, LONGEST_NAME));
    }
}

impl ResourceKey<'_> {
    fn bound(&mut self) {
        let texts = [Some(&mut self.project_id), Some(&mut self.id), self.name.as_mut()];
        texts.into_iter().flatten().for_each(|text| bound(text, LONGEST_NAME));
    }
}

/// Leaves the beginning of a text that is longer than so many bytes, and says how long it is.
fn bound(text: &mut Cow<'_, str>, longest: usize) {
    if text.len() > longest {
        let end = text.char_indices().nth(STATED).map_or(text.len(), |(end, _)| end);
        let beginning = text.get(..end).unwrap_or_default();
        *text = format!("{beginning}… ({} in all)", wording::bytes(text.len() as u64)).into();
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_NAME, bound};
    use pretty_assertions::assert_eq;
    use std::borrow::Cow;

    #[test]
    fn what_is_very_long_is_stated_by_its_beginning() {
        let stated = |text: &str| {
            let mut text = Cow::Borrowed(text);
            bound(&mut text, LONGEST_NAME);
            text.into_owned()
        };
        let longest = "n".repeat(LONGEST_NAME);
        assert_eq!(stated(&longest), longest);
        let umlauts = "ü".repeat(LONGEST_NAME);
        assert_eq!(stated(&umlauts), format!("{}… (2.0 kB in all)", "ü".repeat(300)));
        assert_eq!(stated(&"n".repeat(5 << 20)), format!("{}… (5.2 MB in all)", "n".repeat(300)));
    }
}
