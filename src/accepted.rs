//! Words that an organisation decides on: regions where copies may be, and values that it knows although the API does
//! not document them.

use crate::inventory::Inventory;
use crate::inventory::field::FieldId;
use crate::inventory::intern::Symbol;
use crate::inventory::vocabulary::{ImageType, ReplicationStatus, ResourceType, RestoreMode, Status};

/// The key of the regions where copies may be.
pub const ALLOWED_REGIONS: &str = "allowed-regions";

/// What an organisation accepts.
#[derive(Clone, Debug, Default)]
pub struct Accepted {
    /// Regions where copies may be; nothing is decided if empty.
    pub regions: Vec<String>,
    /// Whether these come from the command line: then they hold for every tier too.
    pub regions_are_typed: bool,
    /// Values that are known, though no documented word.
    pub values: KnownValues,
}

/// A closed list of the API that an organisation may know more words of.
#[derive(Clone, Copy, Debug)]
pub struct WordList {
    /// Its key in a configuration.
    pub key: &'static str,
    /// The field that holds the word; `None` for the status of a replication record.
    pub field: Option<FieldId>,
    /// Whether a word is documented.
    pub documents: fn(&str) -> bool,
}

/// Every closed list.
pub const WORD_LISTS: [WordList; 5] = [
    WordList { key: "status", field: Some(FieldId::Status), documents: |word| Status::from_word(word).is_some() },
    WordList {
        key: "image-type",
        field: Some(FieldId::ImageType),
        documents: |word| ImageType::from_word(word).is_some(),
    },
    WordList {
        key: "resource-type",
        field: Some(FieldId::ResourceType),
        documents: |word| ResourceType::from_word(word).is_some(),
    },
    WordList {
        key: "restore-mode",
        field: Some(FieldId::SupportedRestoreMode),
        documents: |word| RestoreMode::from_word(word).is_some(),
    },
    WordList { key: "replication-status", field: None, documents: |word| ReplicationStatus::from_word(word).is_some() },
];

/// The words of each list that an organisation knows beyond the documented ones, in the order of [`WORD_LISTS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownValues {
    of_list: [Vec<String>; WORD_LISTS.len()],
}

impl KnownValues {
    /// Adds words of the list with this key.
    pub fn add(&mut self, key: &str, words: Vec<String>) {
        if let Some((_, known)) = WORD_LISTS.iter().zip(&mut self.of_list).find(|(list, _)| list.key == key) {
            known.extend(words);
        }
    }

    /// The lists that have words, by their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &[String])> {
        let lists = WORD_LISTS.iter().zip(&self.of_list).map(|(list, words)| (list.key, words.as_slice()));
        lists.filter(|(_, words)| !words.is_empty())
    }

    /// Whether a word of a field is known; without a field, of the status of a replication record.
    #[must_use]
    pub fn knows(&self, field: Option<FieldId>, word: &str) -> bool {
        let lists = WORD_LISTS.iter().zip(&self.of_list);
        lists.filter(|(list, _)| list.field == field).any(|(_, known)| known.iter().any(|known| known == word))
    }
}

/// Regions by their numbers in a dump. What the dump does not name has none, and cannot be met.
#[must_use]
pub fn resolved(inventory: &Inventory, regions: &[String]) -> Option<Vec<Symbol>> {
    let is_decided = !regions.is_empty();
    is_decided.then(|| regions.iter().filter_map(|region| inventory.symbol_of(region)).collect())
}
