//! What the documents of a text came to: how many they are, and what of them could not be used.

use super::answer::NotJson;
use super::losses::Losses;

/// An answer, or what should have been one, that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The line in which its document begins, counted from one.
    line: u64,
    /// Where it stands in its document; empty where it is the document.
    within: String,
    why: NotJson,
}

impl Refused {
    /// Why, and where in its document.
    #[must_use]
    pub fn alone(&self) -> String {
        if self.within.is_empty() { self.why.to_string() } else { format!("{}: {}", self.within, self.why) }
    }

    /// Why, and where among other documents.
    #[must_use]
    pub fn among_others(&self) -> String {
        let is_placed = self.within.is_empty() && self.why.has_place();
        if is_placed { self.alone() } else { format!("line {}: {}", self.line, self.alone()) }
    }
}

/// What the documents of a text came to, beside what their reader kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many documents there are, lines that could not be read included.
    pub documents: u32,
    /// How many lines were passed.
    pub lines: u64,
    /// What could not be used, the first ones.
    pub refused: Vec<Refused>,
    /// How many could not be used in all.
    pub refused_in_all: u64,
}

/// So much of what could not be used is named one by one.
const NAMED: usize = 20;

impl Tally {
    /// A text that is no document and of which nothing can be used.
    #[must_use]
    pub fn refused(why: impl Into<NotJson>) -> Self {
        let refused = Refused { line: 1, within: String::new(), why: why.into() };
        Self { documents: 1, lines: 0, refused: vec![refused], refused_in_all: 1 }
    }

    pub(super) fn refuse(&mut self, line: u64, why: NotJson) {
        self.lose(line, Losses { named: vec![(String::new(), why)], all: 1 });
    }

    /// Enters what of a document could not be used.
    pub(super) fn lose(&mut self, line: u64, losses: Losses) {
        self.refused_in_all += losses.all;
        let room = NAMED.saturating_sub(self.refused.len());
        let named = losses.named.into_iter().take(room);
        self.refused.extend(named.map(|(within, why)| Refused { line, within, why }));
    }

    /// The same of a text that begins at a line and a column of another.
    pub(super) fn from(mut self, place: (u64, usize)) -> Self {
        let moved = |Refused { line, within, why }| {
            let why = if within.is_empty() { why.from(place) } else { why };
            Refused { line: line + place.0 - 1, within, why }
        };
        self.refused = self.refused.into_iter().map(moved).collect();
        self
    }

    /// The same of an answer with the HTTP status of an error.
    pub(super) fn with_error_status(mut self, status: u16) -> Self {
        let said = format!("HTTP status {status}");
        let told = |refused: Refused| Refused { why: refused.why.behind(&said), ..refused };
        self.refused = self.refused.into_iter().map(told).collect();
        if self.refused_in_all == 0 {
            self.refuse(1, format!("the answer has the HTTP status {status} of an error").into());
        }
        self
    }

    /// Adds a document of its own that begins at a line and a column.
    pub(super) fn append(&mut self, later: Self, place: (u64, usize)) {
        let room = NAMED.saturating_sub(self.refused.len());
        self.documents = self.documents.saturating_add(later.documents);
        self.refused_in_all += later.refused_in_all;
        self.refused.extend(later.from(place).refused.into_iter().take(room));
    }

    /// Adds what the next part of the text came to.
    pub fn add(&mut self, later: Self) {
        let (lines, own) = (self.lines, later.lines);
        self.append(later, (lines + 1, 1));
        self.lines += own;
    }
}
