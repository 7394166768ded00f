//! Tags of vaults, by which a tier may say what it means.

use crate::inventory::Inventory;
use crate::inventory::field::Field;
use crate::inventory::neighbour::part::Part;
use crate::inventory::neighbour::{Kind, Neighbour};
use crate::waiver::Pattern;

/// A tag that a vault has to have: `key`, or `key=value`; both may be patterns.
#[derive(Clone, Debug)]
pub struct TagPattern {
    /// As written.
    pub text: String,
    /// The line of the configuration where it stands.
    pub line: usize,
    key: Pattern,
    value: Option<Pattern>,
}

impl TagPattern {
    /// Compiles a tag that stands in this line.
    ///
    /// # Errors
    /// Why the text is no tag.
    pub fn new(text: &str, line: usize) -> Result<Self, String> {
        let (key, value) = text.split_once('=').map_or((text, None), |(key, value)| (key, Some(value)));
        if key.trim().is_empty() {
            return Err("it has no key; write key or key=value".to_owned());
        }
        let value = value.map(|value| Pattern::new(value.trim(), line));
        Ok(Self { text: text.to_owned(), line, key: Pattern::new(key.trim(), line), value })
    }

    /// Whether a tag fits; `None` if a part of it that would have to cannot be read.
    fn fits(&self, vault: Neighbour<'_>, tag: u32) -> Option<bool> {
        let key = vault.text_in(Part::TagKey, tag).value().map(|key| self.key.matches(key));
        let reads = |pattern: &Pattern| match vault.text_in(Part::TagValue, tag) {
            Field::Value(text) => Some(pattern.matches(text)),
            // A tag without a value has an empty one.
            Field::Null => Some(pattern.matches("")),
            Field::Absent | Field::Unusable(_) => None,
        };
        all([key, self.value.as_ref().map_or(Some(true), reads)])
    }
}

/// Whether a vault has one of some tags; `None` if the dump does not tell.
pub(super) fn is_tagged(inventory: &Inventory, vault: &str, tags: &[TagPattern]) -> Option<bool> {
    has_one(inventory.neighbour_with_id(Kind::Vault, vault)?, tags)
}

/// Whether this vault has one of some tags; `None` if its answer does not tell.
fn has_one(vault: Neighbour<'_>, tags: &[TagPattern]) -> Option<bool> {
    let shown = match vault.elements(Part::Tags) {
        Field::Value(tags) => tags,
        Field::Null => 0..0,
        Field::Absent | Field::Unusable(_) => return None,
    };
    any(shown.flat_map(|tag| tags.iter().map(move |pattern| pattern.fits(vault, tag))))
}

/// Kleene's *and*: one *no* decides, otherwise one *cannot tell* remains.
fn all(parts: [Option<bool>; 2]) -> Option<bool> {
    if parts.contains(&Some(false)) { Some(false) } else { parts.iter().all(Option::is_some).then_some(true) }
}

/// Kleene's *or*: one *yes* decides, otherwise one *cannot tell* remains.
pub(super) fn any(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut is_known = true;
    for part in parts {
        match part {
            Some(true) => return Some(true),
            Some(false) => {}
            None => is_known = false,
        }
    }
    is_known.then_some(false)
}

/// Whether any vault of the dump has a tag; `None` if the dump does not tell of each.
pub(super) fn is_known(inventory: &Inventory, tag: &TagPattern) -> Option<bool> {
    let mut vaults = inventory.neighbours_of(Kind::Vault).peekable();
    vaults.peek()?;
    any(vaults.map(|vault| has_one(vault, std::slice::from_ref(tag))))
}
