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
    /// Which rules speak to it.
    speakers: Speakers,
}

/// Which rules speak to a control, and how far.
#[derive(Clone, Copy, Debug)]
enum Speakers {
    /// Those that name the control.
    Naming,
    /// These.
    These(&'static [&'static str]),
    /// These, and only against it: that all of them pass leaves it open.
    Refuting(&'static [&'static str]),
}

impl Control {
    /// A control that rules name.
    const fn tested(id: &'static str, asks: &'static str, supports: &'static str, cannot_prove: &'static str) -> Self {
        Self { id, asks, supports: Some(supports), cannot_prove, speakers: Speakers::Naming }
    }

    /// A control that nothing here can test.
    const fn untestable(id: &'static str, asks: &'static str, cannot_prove: &'static str) -> Self {
        Self { id, asks, supports: None, cannot_prove, speakers: Speakers::Naming }
    }

    /// The control that these rules speak to.
    const fn by(self, speakers: Speakers) -> Self {
        Self { speakers, ..self }
    }

    /// What stands behind the colon of its id.
    #[must_use]
    pub fn label(&self) -> &'static str {
        self.id.split_once(':').map_or(self.id, |(_, label)| label)
    }

    /// Whether a rule speaks to it.
    #[must_use]
    pub fn draws_on(&self, rule: &Rule) -> bool {
        match self.speakers {
            Speakers::Naming => rule.controls.contains(&self.id),
            Speakers::These(rules) | Speakers::Refuting(rules) => rules.contains(&rule.id),
        }
    }

    /// The rules that speak to it.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        RULES.iter().copied().filter(|rule| self.draws_on(rule))
    }

    /// The rules that it was given, where they do not name it themselves.
    #[must_use]
    pub fn given(&self) -> &'static [&'static str] {
        match self.speakers {
            Speakers::Naming => &[],
            Speakers::These(rules) | Speakers::Refuting(rules) => rules,
        }
    }

    /// Whether the records can only speak against it.
    #[must_use]
    pub fn is_refutable_only(&self) -> bool {
        matches!(self.speakers, Speakers::Refuting(_))
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
