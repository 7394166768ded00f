//! What of a document could not be used, and where it stands.

use super::answer::NotJson;
use super::unread::{Places, Unread, unread};

/// So much of what could not be used is named one by one.
const NAMED: usize = 20;

/// What of a document could not be used.
#[derive(Debug, Default)]
pub(super) struct Losses {
    /// Where it stands in the document, and why it could not be used; the first ones.
    pub(super) named: Vec<(String, NotJson)>,
    /// How many there are.
    pub(super) all: u64,
}

impl Losses {
    pub(super) fn one(within: &str, why: impl Into<NotJson>) -> Self {
        Self { named: vec![(within.to_owned(), why.into())], all: 1 }
    }

    pub(super) fn add(&mut self, later: Self) {
        let room = NAMED.saturating_sub(self.named.len());
        self.named.extend(later.named.into_iter().take(room));
        self.all += later.all;
    }

    /// Adds the backup objects that stand where nothing was read, and nothing is told either.
    pub(super) fn add_unread(&mut self, text: &str, read: &Places) {
        let told = self.named.iter().map(|(within, _)| within.as_str()).collect();
        if let Some(Unread { first, count }) = unread(text, read, &told) {
            let objects = match count {
                0 => "perhaps backup objects, behind a value that cannot be read,".to_owned(),
                1 => "a backup object".to_owned(),
                several => format!("{several} backup objects, from here on,"),
            };
            let why = format!("{objects} where no answer is read: save the answer of the API by itself");
            self.add(Self::one(&first, why));
        }
    }
}
