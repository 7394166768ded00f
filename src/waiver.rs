//! Waivers: findings that somebody accepts, for a reason and up to a day. A waived finding stays in every report.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files, listings and keys are those of the inventory that they are looked up in"
)]

use jiff::Timestamp;
use wildmatch::WildMatch;

use crate::finding::{Severity, Subject};
use crate::inventory::build::drift_path;
use crate::inventory::field::FieldId;
use crate::inventory::neighbour::part::Part;
use crate::inventory::{BackupIx, Inventory, ResourceIx};

/// The acceptance of some findings of one rule.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// The rule's id.
    pub rule: &'static str,
    /// What the findings are about.
    pub subject: Pattern,
    /// The project that they are in; any if not given.
    pub project: Option<Pattern>,
    /// Why they are accepted.
    pub reason: String,
    /// Who accepts them.
    pub owner: String,
    /// Where that was decided.
    pub ticket: Option<String>,
    /// Up to when, as written.
    pub until: String,
    /// The moment from which on the waiver no longer holds.
    pub ends: Timestamp,
    /// The line of the configuration where it begins.
    pub line: usize,
}

/// A text in which `*` stands for any letters and `?` for one.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// As written.
    pub text: String,
    /// The line of the configuration where it stands.
    pub line: usize,
    matcher: WildMatch,
}

impl Pattern {
    /// A pattern that stands in this line.
    #[must_use]
    pub fn new(text: &str, line: usize) -> Self {
        Self { text: text.to_owned(), line, matcher: WildMatch::new(text) }
    }

    /// Whether a text fits.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.matcher.matches(text)
    }

    /// Whether it fits one text only, itself.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        !self.text.contains(['*', '?'])
    }
}

impl Waiver {
    /// Whether it holds at a moment.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.ends
    }

    /// Whether a finding about this subject is meant. A backup is also meant by the id or name of its resource.
    #[must_use]
    pub fn is_about(&self, inventory: &Inventory, subject: Subject) -> bool {
        let in_project = |pattern: &Pattern| {
            let project = inventory.project_of(subject);
            project.is_some_and(|project| pattern.matches(inventory.text(project)))
        };
        self.project.as_ref().is_none_or(in_project) && self.names(inventory, subject)
    }

    fn names(&self, inventory: &Inventory, subject: Subject) -> bool {
        let is = |text: &str| self.subject.matches(text);
        let resource = |ix: ResourceIx| {
            let row = inventory.resource(ix);
            is(inventory.text(row.id)) || row.name.is_some_and(|name| is(inventory.text(name)))
        };
        let backup = |ix: BackupIx| {
            let backup = inventory.backup(ix);
            is(&backup.text(FieldId::Id)) || backup.resource().is_some_and(resource)
        };
        match subject {
            Subject::Backup(ix) => backup(ix) || inventory.backup(ix).parent().is_some_and(|parent| backup(parent.ix)),
            Subject::Resource(ix) => resource(ix),
            Subject::Vault(ix) => is(inventory.text(inventory.vault_id(ix))),
            Subject::Checkpoint(ix) => is(&inventory.backup(ix).text(FieldId::CheckpointId)),
            Subject::File(ix) => is(&inventory.files[ix.index()].path),
            Subject::Directory(ix) => is(inventory.files[ix.index()].directory()),
            Subject::Listing(_) | Subject::Project(_) => {
                inventory.project_of(subject).is_some_and(|project| is(inventory.text(project)))
            }
            Subject::Neighbour(ix) => {
                let neighbour = inventory.neighbour(ix);
                is(neighbour.id()) || neighbour.text(Part::Name).value().is_some_and(is)
            }
            Subject::Listed(ix) => {
                let row = inventory.listed(ix);
                is(&row.id) || row.name.as_deref().is_some_and(is)
            }
            Subject::SchemaKey(drift) => is(&drift_path(&inventory.drift[drift as usize].0)),
            Subject::Schema(which) => is(which.path()),
        }
    }
}

/// What the user decided about the failures of one rule.
#[derive(Clone, Debug, Default)]
pub struct Policy<'w> {
    /// How bad each of them is, instead of what the rule says.
    pub severity: Option<Severity>,
    /// The waivers of the rule, by number.
    pub waivers: Vec<(u16, &'w Waiver)>,
    /// The as-of time.
    pub now: Timestamp,
}

impl Policy<'_> {
    /// The number of the waiver that holds for a failure, if any; every waiver that is about it is counted.
    pub fn waives(&self, inventory: &Inventory, subject: Subject, met: &mut [u64]) -> Option<u16> {
        let mut holding = None;
        for ((number, waiver), met) in self.waivers.iter().zip(met) {
            if waiver.is_about(inventory, subject) {
                *met += 1;
                holding = holding.or(waiver.holds(self.now).then_some(*number));
            }
        }
        holding
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn nothing_but_a_star_and_a_question_mark_stands_for_something_else() {
        let fits = |pattern: &str, text: &str| Pattern::new(pattern, 1).matches(text);
        for name in
            ["web [prod]", "[", "]", "[!a]", "db{1,2}", "{", "}", r"a\b", r"\", "[[]]", "a/b", "ä", "-", ",", "?"]
        {
            assert!(fits(name, name), "{name}");
            assert!(fits(&format!("*{name}"), &format!("x/y{name}")), "{name}");
            assert!(!fits(name, &format!("{name}x")), "{name}");
            assert_eq!(Pattern::new(name, 1).is_exact(), !name.contains(['*', '?']), "{name}");
        }
        let others =
            [("web [prod]", "web p"), ("db{1,2}", "db1"), (r"a\b", "ab"), ("[!a]", "b"), (r"\*", "*"), ("a", "A")];
        assert_eq!(others.map(|(pattern, text)| fits(pattern, text)), [false; 6]);
        assert!(fits("db?", "db[") && fits("*", "a/b") && fits("d*[1]", "db[1]"));
        // Two stars are no more than one.
        let stars = [("**/prod", "prod"), ("prod/**", "prod"), ("a/**/b", "a/b"), ("**", ""), ("a**b", "a/b")];
        assert_eq!(stars.map(|(pattern, text)| fits(pattern, text)), [false, false, false, true, true]);
    }

    #[test]
    fn a_question_mark_is_one_letter_of_any_script() {
        let fits = |pattern: &str, text: &str| Pattern::new(pattern, 1).matches(text);
        for text in ["db-1", "db-é", "db-服", "db-😀", "db-?", "db-*"] {
            assert!(fits("db-?", text) && fits("?b-*", text) && fits("*?", text), "{text}");
            assert!(!fits("db-??", text) && !fits("db-", text) && !fits("?db-?", text), "{text}");
        }
    }

    #[test]
    fn a_star_is_any_letters() {
        let fits = |pattern: &str, text: &str| Pattern::new(pattern, 1).matches(text);
        for text in ["abcab", "ab", "aab", "aabab", "abab"] {
            assert!(fits("a*ab", text) == (text != "ab") && fits("*ab", text) && fits("*a*b*", text), "{text}");
        }
        assert!(!fits("a*b*c", "abab") && !fits("*b", "abc") && !fits("a*", "ba") && !fits("", "a") && fits("", ""));
        let many = "a".repeat(2000);
        assert!(!fits(&"*a".repeat(20).replace("**", "*"), &format!("{many}b")));
    }
}
