//! What an organisation demands: parameters, tiers with parameters of their own, and waivers.

use crate::expected::Row;
use crate::time::{DAY, HOUR, Instant};
use std::fmt::Write;

/// Every parameter that an expectation depends on, with its default.
const DEFAULTS: [(&str, &str); 30] = [
    ("rpo-hours", "24"),
    ("rpo-tolerance-hours", "2"),
    ("warn-days", "7"),
    ("min-points", "2"),
    ("gap-factor", "1.5"),
    ("gap-window-days", "7"),
    ("retention-min-days", "30"),
    ("retention-tolerance-hours", "1"),
    ("retention-max-days", "0"),
    ("purge-grace-hours", "72"),
    ("child-expiry-tolerance-hours", "1"),
    ("cluster-min", "5"),
    ("require-encryption", "true"),
    ("require-app-consistent", "false"),
    ("require-offsite", "true"),
    ("min-evidence", "claimed"),
    ("replication-lag-hours", "24"),
    ("repl-stuck-hours", "48"),
    ("repl-waiting-hours", "24"),
    ("protecting-hours", "24"),
    ("waiting-protect-hours", "12"),
    ("restoring-hours", "12"),
    ("waiting-restore-hours", "12"),
    ("deleting-hours", "24"),
    ("waiting-delete-hours", "24"),
    ("consecutive-failures-min", "3"),
    ("window-days", "0"),
    ("full-backup-days", "30"),
    ("stopped-factor", "3"),
    ("mixed-hours", "24"),
];

/// A parameter that is set: for one rule, or for every rule that has it.
#[derive(Clone, Debug)]
pub struct Set {
    pub rule: Option<&'static str>,
    pub key: &'static str,
    pub value: &'static str,
}

/// A set of resources, by lists of patterns: of each list that is not empty, one pattern has to fit.
#[derive(Clone, Debug, Default)]
pub struct Tier {
    pub name: String,
    pub resources: Vec<String>,
    pub vaults: Vec<String>,
    /// Tags of vaults, `key` or `key=value`.
    pub vault_tags: Vec<String>,
    pub enterprise_projects: Vec<String>,
    pub types: Vec<String>,
    pub projects: Vec<String>,
    /// Regions where copies may be, if they differ.
    pub allowed: Vec<String>,
    pub sets: Vec<Set>,
}

#[derive(Clone, Debug)]
pub struct Waiver {
    pub rule: &'static str,
    pub subject: String,
    pub project: Option<String>,
    pub reason: String,
    pub until: String,
    /// The moment from which on it no longer holds.
    pub ends: Instant,
}

#[derive(Clone, Debug, Default)]
pub struct Policy {
    pub configured: Vec<Set>,
    /// Given with `--set`.
    pub typed: Vec<Set>,
    /// Regions where copies may be.
    pub allowed: Vec<String>,
    /// The same, given with `--allowed-region`.
    pub allowed_typed: Vec<String>,
    pub tiers: Vec<Tier>,
    pub waivers: Vec<Waiver>,
    /// The resources that are expected to be backed up, if that is said.
    pub expected: Option<Vec<Row>>,
}

/// What one rule demands of one subject.
#[derive(Clone, Copy)]
pub struct Demands<'a> {
    policy: &'a Policy,
    rule: &'static str,
    tier: Option<usize>,
}

impl Policy {
    /// For a resource of this tier, or for what no tier concerns.
    pub fn demands(&self, rule: &'static str, tier: Option<usize>) -> Demands<'_> {
        Demands { policy: self, rule, tier }
    }

    /// Where copies of resources of this tier may be; anywhere if no region is named.
    pub fn allowed(&self, tier: Option<usize>) -> &[String] {
        let of_tier = tier.map_or(&[][..], |tier| &self.tiers[tier].allowed);
        let lists = [&self.allowed_typed[..], of_tier, &self.allowed];
        lists.into_iter().find(|list| !list.is_empty()).unwrap_or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.configured.is_empty() && self.tiers.is_empty() && self.waivers.is_empty() && self.allowed.is_empty()
    }

    /// The configuration file.
    pub fn toml(&self) -> String {
        let mut text = String::new();
        if !self.allowed.is_empty() {
            let _ = writeln!(text, "allowed-regions = {:?}", self.allowed);
        }
        for set in &self.configured {
            let table = set.rule.map_or("parameters".to_owned(), |rule| format!("rules.{rule}"));
            let _ = writeln!(text, "{table}.{} = {}", set.key, bare(set.value));
        }
        for tier in &self.tiers {
            let _ = writeln!(text, "\n[tiers.{}]", tier.name);
            for (key, list) in tier.criteria().iter().filter(|(_, list)| !list.is_empty()) {
                let _ = writeln!(text, "{key} = {list:?}");
            }
            if !tier.allowed.is_empty() {
                let _ = writeln!(text, "allowed-regions = {:?}", tier.allowed);
            }
            for set in &tier.sets {
                let _ = writeln!(text, "{} = {}", set.key, bare(set.value));
            }
        }
        for waiver in &self.waivers {
            let _ = writeln!(text, "\n[[waivers]]\nrule = {:?}\nsubject = {:?}", waiver.rule, waiver.subject);
            if let Some(project) = &waiver.project {
                let _ = writeln!(text, "project = {project:?}");
            }
            let _ = writeln!(text, "reason = {:?}\nowner = \"somebody\"\nuntil = {}", waiver.reason, waiver.until);
        }
        text
    }
}

fn bare(value: &str) -> String {
    let is_bare = value.parse::<f64>().is_ok() || value.parse::<bool>().is_ok();
    if is_bare { value.to_owned() } else { format!("{value:?}") }
}

impl Tier {
    pub fn criteria(&self) -> [(&'static str, &[String]); 6] {
        [
            ("resources", &self.resources),
            ("vaults", &self.vaults),
            ("vault-tags", &self.vault_tags),
            ("enterprise-projects", &self.enterprise_projects),
            ("types", &self.types),
            ("projects", &self.projects),
        ]
    }
}

impl Waiver {
    /// Whether a subject with these ids and names is meant, and whether it holds at a moment.
    pub fn is_about(&self, rule: &str, project: &str, names: &[String]) -> bool {
        let in_project = self.project.as_ref().is_none_or(|pattern| fits(pattern, project));
        self.rule == rule && in_project && names.iter().any(|name| fits(&self.subject, name))
    }

    pub fn holds(&self, now: Instant) -> bool {
        now < self.ends
    }
}

impl Demands<'_> {
    /// What is typed wins, then a tier's own value, then what is configured, then the default. What is set for the rule
    /// wins over what is set for all rules.
    fn value(&self, key: &str) -> &str {
        let set = |sets: &'static str| match sets {
            "typed" => &self.policy.typed,
            _ => &self.policy.configured,
        };
        let of = |sets, rule: Option<&str>| set(sets).iter().find(|set| set.rule == rule && set.key == key);
        let own = |sets| of(sets, Some(self.rule)).or_else(|| of(sets, None));
        let in_tier = || self.tier.and_then(|tier| self.policy.tiers[tier].sets.iter().find(|set| set.key == key));
        let default = DEFAULTS.iter().find(|(name, _)| *name == key).unwrap().1;
        own("typed").or_else(in_tier).or_else(|| own("configured")).map_or(default, |set| set.value)
    }

    pub fn is(&self, key: &str, value: &str) -> bool {
        self.value(key) == value
    }

    pub fn requires(&self, key: &str) -> bool {
        self.is(key, "true")
    }

    pub fn count(&self, key: &str) -> usize {
        self.value(key).parse().unwrap()
    }

    pub fn hours(&self, key: &str) -> Instant {
        self.value(key).parse::<Instant>().unwrap() * HOUR
    }

    pub fn days(&self, key: &str) -> Instant {
        self.value(key).parse::<Instant>().unwrap() * DAY
    }

    /// A number that may have one digit after the point, in tenths.
    pub fn tenths(&self, key: &str) -> Instant {
        let value = self.value(key);
        let (whole, tenths) = value.split_once('.').unwrap_or((value, "0"));
        whole.parse::<Instant>().unwrap() * 10 + tenths.parse::<Instant>().unwrap()
    }

    pub fn rpo(&self) -> Instant {
        self.hours("rpo-hours")
    }

    /// How old the newest restore point may be at most.
    pub fn rpo_limit(&self) -> Instant {
        self.rpo() + self.hours("rpo-tolerance-hours")
    }
}

/// Whether a text fits a pattern, in which `*` stands for any letters and `?` for one.
pub fn fits(pattern: &str, text: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return text.is_empty() };
    let rest = &pattern[first.len_utf8()..];
    let mut letters = text.chars();
    match first {
        '*' => fits(rest, text) || (letters.next().is_some() && fits(pattern, letters.as_str())),
        '?' => letters.next().is_some() && fits(rest, letters.as_str()),
        _ => letters.next() == Some(first) && fits(rest, letters.as_str()),
    }
}
