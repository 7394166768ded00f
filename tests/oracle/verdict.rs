//! What is expected of the program: one case per rule and unit, with every verdict the specification allows for it.

use std::collections::BTreeSet;

pub type Reasons = BTreeSet<&'static str>;

/// A fact of the input, or the reasons why it cannot be known.
pub type Known<T> = Result<T, Reasons>;

#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Pass,
    Fail,
    NotApplicable,
    /// Not judged, for any one of these reasons.
    Unknown(Reasons),
}

/// Three-valued logic: "exists" lets yes win, "all" lets no win.
#[derive(Clone, Debug, PartialEq)]
pub enum Truth {
    Yes,
    No,
    Unknown(Reasons),
}

#[derive(Clone, Debug)]
pub struct Case {
    pub rule: &'static str,
    pub id: String,
    pub key: Option<String>,
    pub project: String,
    /// More than one only where the specification leaves room.
    pub options: Vec<Verdict>,
    /// The ids and names by which a waiver may mean the subject.
    pub names: Vec<String>,
}

impl Case {
    pub fn new(rule: &'static str, id: &str, project: &str, mut options: Vec<Verdict>) -> Self {
        options.dedup();
        let (id, project) = (id.to_owned(), project.to_owned());
        Self { rule, names: vec![id.clone()], id, key: None, project, options }
    }

    pub fn with_key(self, key: Option<String>) -> Self {
        Self { key, ..self }
    }
}

/// Reasons that are a property of the whole input: reported once per rule, reason and project, with a count.
pub const FOLDED: [&str; 4] = ["clock-inferred", "view-omits", "no-baseline", "not-in-metadata"];

/// For verdicts whose reason the specification does not name.
pub const ANY_REASON: [&str; 8] = [
    "field-absent",
    "field-null",
    "type-mismatch",
    "value-unrecognised",
    "view-omits",
    "input-incomplete",
    "record-conflict",
    "not-in-metadata",
];

pub fn because<const N: usize>(reasons: [&'static str; N]) -> Reasons {
    Reasons::from(reasons)
}

pub fn unknown<const N: usize>(reasons: [&'static str; N]) -> Verdict {
    Verdict::Unknown(because(reasons))
}

pub fn union<'a>(sets: impl IntoIterator<Item = &'a Reasons>) -> Reasons {
    sets.into_iter().flatten().copied().collect()
}
