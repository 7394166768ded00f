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
    key: Pattern,
    value: Option<Pattern>,
}

impl TagPattern {
    /// Compiles a tag.
    ///
    /// # Errors
    /// Why the text is no pattern.
    pub fn new(text: &str) -> Result<Self, String> {
        let (key, value) = text.split_once('=').map_or((text, None), |(key, value)| (key, Some(value)));
        let value = value.map(|value| Pattern::new(value.trim())).transpose()?;
        Ok(Self { text: text.to_owned(), key: Pattern::new(key.trim())?, value })
    }

    /// Whether a tag fits; `None` if a part of it that would have to cannot be read.
    fn fits(&self, vault: Neighbour<'_>, tag: u32) -> Option<bool> {
        let reads = |part, pattern: &Pattern| {
            match vault.text_in(part, tag) {
                Field::Value(text) => Some(pattern.matches(text)),
                // A tag without a value has an empty one.
                Field::Null => Some(pattern.matches("")),
                Field::Absent | Field::Unusable(_) => None,
            }
        };
        let key = reads(Part::TagKey, &self.key);
        let value = self.value.as_ref().map_or(Some(true), |value| reads(Part::TagValue, value));
        all([key, value])
    }
}

/// Whether a vault has one of some tags; `None` if the dump does not tell.
pub(super) fn is_tagged(inventory: &Inventory, vault: &str, tags: &[TagPattern]) -> Option<bool> {
    let vault = inventory.neighbour_with_id(Kind::Vault, vault)?;
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
