//! Which rules run, and which frameworks are shown.

use anyhow::{Result, bail};

use crate::control::{self, FRAMEWORKS, Framework};
use crate::rule::Rule;
use crate::rules::RULES;

/// Which rules run.
#[derive(Clone, Debug, Default)]
pub struct RuleChoice {
    /// Only these, if any.
    pub only: Vec<String>,
    /// Not these.
    pub skip: Vec<String>,
    /// Nor these, which the configuration switches off, unless they are asked for.
    pub off: Vec<Off>,
}

/// A rule that does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Off {
    /// Its id.
    pub rule: &'static str,
    /// Why not.
    pub reason: String,
}

impl RuleChoice {
    /// Checks the ids.
    ///
    /// # Errors
    /// An id that no rule has, or rules that are both asked for and skipped.
    pub fn new(only: Vec<String>, skip: Vec<String>, off: Vec<Off>) -> Result<Self> {
        for id in only.iter().chain(&skip) {
            require_rule(id)?;
        }
        let choice = Self { only, skip, off };
        if !RULES.iter().any(|rule| choice.runs(rule)) {
            bail!("--only, --skip and the configuration leave no rule to run");
        }
        Ok(choice)
    }

    /// Whether a rule runs.
    #[must_use]
    pub fn runs(&self, rule: &Rule) -> bool {
        let named = |ids: &[String]| ids.iter().any(|id| id == rule.id);
        let is_off = self.off.iter().any(|off| off.rule == rule.id);
        let chosen = if self.only.is_empty() { !is_off } else { named(&self.only) };
        chosen && !named(&self.skip)
    }
}

/// The rule with this id.
///
/// # Errors
/// No rule has it; the message suggests the nearest.
pub fn require_rule(id: &str) -> Result<&'static Rule> {
    match crate::rules::find(id) {
        Some(rule) => Ok(rule),
        None => bail!(
            "no rule is called {id:?}{}; see `cbr-audit rules list`",
            nearest(id, RULES.iter().map(|rule| rule.id))
        ),
    }
}

/// The frameworks with these ids, each once.
///
/// # Errors
/// An id that no framework has; the message suggests the nearest.
pub fn require_frameworks(ids: &[String]) -> Result<Vec<&'static Framework>> {
    let mut wanted: Vec<&'static Framework> = Vec::new();
    for id in ids {
        let known = || FRAMEWORKS.iter().map(|framework| framework.id);
        match control::find(id) {
            Some(framework) if wanted.iter().any(|other| other.id == framework.id) => {}
            Some(framework) => wanted.push(framework),
            None => bail!(
                "no framework is called {id:?}{}; there are {}",
                nearest(id, known()),
                known().collect::<Vec<_>>().join(", ")
            ),
        }
    }
    Ok(wanted)
}

/// A suggestion of the known name that is most like the given one.
#[must_use]
pub fn nearest<'n>(given: &str, known: impl Iterator<Item = &'n str>) -> String {
    let close = known.map(|name| (strsim::damerau_levenshtein(given, name), name));
    match close.min().filter(|(distance, name)| *distance <= (name.chars().count() / 3).max(1)) {
        Some((_, name)) => format!(", did you mean {name:?}?"),
        None => String::new(),
    }
}
