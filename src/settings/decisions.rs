//! What a configuration decides about findings.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::accepted::Accepted;
use crate::finding::Severity;
use crate::rule::Rule;
use crate::tier::Tier;
use crate::waiver::{Policy, Waiver};

/// What a configuration decides about findings.
#[derive(Clone, Debug)]
pub struct Decisions {
    /// The name of its file; `None` if there is none.
    pub file: Option<String>,
    /// Where that file is.
    pub path: Option<PathBuf>,
    /// Whether nobody named that file and it stands in the input: then it may have come with the dump.
    pub came_along: bool,
    /// Severities that replace those of rules.
    pub severities: Vec<(&'static str, Severity)>,
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
    /// How many findings one waiver may accept before it is called broad.
    pub waiver_limit: u64,
    /// Sets of resources with demands of their own.
    pub tiers: Vec<Tier>,
    /// Regions and values that are accepted.
    pub accepted: Accepted,
}

impl Default for Decisions {
    fn default() -> Self {
        Self {
            file: None,
            path: None,
            came_along: false,
            severities: Vec::new(),
            waivers: Vec::new(),
            waiver_limit: 100,
            tiers: Vec::new(),
            accepted: Accepted::default(),
        }
    }
}

impl Decisions {
    /// A line of the configuration as messages name it.
    #[must_use]
    pub fn place(&self, line: usize) -> String {
        format!("{}:{line}", self.file.as_deref().unwrap_or_default())
    }

    /// The severity that replaces that of a rule.
    #[must_use]
    pub fn severity(&self, rule: &str) -> Option<Severity> {
        self.severities.iter().find(|(of, _)| *of == rule).map(|(_, severity)| *severity)
    }

    /// The name of the tier with this number.
    #[must_use]
    pub fn tier_name(&self, number: usize) -> &str {
        self.tiers.get(number).map_or("", |tier| &tier.name)
    }

    /// The regions where copies of the resources of a tier may be: what is typed, else the tier's own, else those of every
    /// resource; empty if nothing is decided.
    #[must_use]
    pub fn allowed_regions<'a>(&'a self, tier: Option<&'a Tier>) -> &'a [String] {
        let own = tier.map(|tier| tier.allowed_regions.as_slice()).filter(|regions| !regions.is_empty());
        own.filter(|_| !self.accepted.regions_are_typed).unwrap_or(&self.accepted.regions)
    }

    /// What concerns one rule, at the as-of time.
    #[must_use]
    pub fn of(&self, rule: &Rule, now: Timestamp) -> Policy<'_> {
        let waivers = (0..).zip(&self.waivers).filter(|(_, waiver)| waiver.rule == rule.id);
        Policy { severity: self.severity(rule.id), waivers: waivers.collect(), now }
    }
}
