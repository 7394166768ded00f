//! The control packs: what frameworks ask for in our own words, what backup records can say about it, and what they can
//! never prove. Which rules speak to a control stands in the rules.

mod boxes;
mod c5;
mod cis;
mod dora;
mod iso27001;
mod nis2;
mod nist;
mod pci;
mod soc2;

use crate::rule::Rule;
use crate::rules::RULES;

/// A framework whose controls a report can be arranged by.
#[derive(Debug)]
pub struct Framework {
    /// Its id, as `--framework` takes it.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What has to be known before reading, if anything.
    pub remark: Option<&'static str>,
    /// What stands before the colon in the ids of its controls.
    pub prefixes: &'static [&'static str],
    /// Whether its controls are boxes to tick.
    pub boxes: bool,
    /// Its controls.
    pub controls: &'static [Control],
}

/// A control: one thing that a framework asks for.
#[derive(Debug)]
pub struct Control {
    /// Its id, as rules name it.
    pub id: &'static str,
    /// What it asks for.
    pub asks: &'static str,
    /// What the records support or speak against; `None` if nothing here can test it.
    pub supports: Option<&'static str>,
    /// What the records cannot prove.
    pub cannot_prove: &'static str,
    /// The rules that speak to it; `None` if they are those that name it.
    given: Option<&'static [&'static str]>,
    /// Whether the records can only speak against it: that all of its rules pass leaves it open.
    pub refutable_only: bool,
}

impl Control {
    /// A control that rules name.
    const fn tested(id: &'static str, asks: &'static str, supports: &'static str, cannot_prove: &'static str) -> Self {
        Self { id, asks, supports: Some(supports), cannot_prove, given: None, refutable_only: false }
    }

    /// A control that nothing here can test.
    const fn untestable(id: &'static str, asks: &'static str, cannot_prove: &'static str) -> Self {
        Self { id, asks, supports: None, cannot_prove, given: None, refutable_only: false }
    }

    /// The control that these rules speak to, though they do not name it.
    const fn by(self, rules: &'static [&'static str]) -> Self {
        Self { given: Some(rules), ..self }
    }

    /// The control that records can only speak against.
    const fn only_against(self) -> Self {
        Self { refutable_only: true, ..self }
    }

    /// What stands behind the colon of its id.
    #[must_use]
    pub fn label(&self) -> &'static str {
        self.id.split_once(':').map_or(self.id, |(_, label)| label)
    }

    /// Whether a rule speaks to it.
    #[must_use]
    pub fn draws_on(&self, rule: &Rule) -> bool {
        match self.given {
            None => rule.controls.contains(&self.id),
            Some(rules) => rules.contains(&rule.id),
        }
    }

    /// The rules that speak to it.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        RULES.iter().copied().filter(|rule| self.draws_on(rule))
    }

    /// The rules that it was given, where they do not name it themselves.
    #[must_use]
    pub fn given(&self) -> &'static [&'static str] {
        self.given.unwrap_or_default()
    }
}

/// Every framework.
pub const FRAMEWORKS: [&Framework; 9] = [
    &iso27001::FRAMEWORK,
    &nist::FRAMEWORK,
    &cis::FRAMEWORK,
    &soc2::FRAMEWORK,
    &pci::FRAMEWORK,
    &c5::FRAMEWORK,
    &dora::FRAMEWORK,
    &nis2::FRAMEWORK,
    &boxes::FRAMEWORK,
];

/// The framework with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Framework> {
    FRAMEWORKS.into_iter().find(|framework| framework.id == id)
}
