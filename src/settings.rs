//! What a run is to do, resolved and checked: after this step nothing is optional that means "default", and nothing
//! knows the command line.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, bail};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use jiff::{SignedDuration, Timestamp};

use crate::accepted::Accepted;
use crate::clock::AsOf;
use crate::control::{self, FRAMEWORKS, Framework};
use crate::finding::Severity;
use crate::format::Output;
use crate::inventory::expected::Expectation;
use crate::limits::Limits;
use crate::param::Param;
use crate::rule::Rule;
use crate::rules::RULES;
use crate::tier::Tier;
use crate::waiver::{Policy, Waiver};

/// What a configuration is called beside the other files that decide on a run.
pub const CONFIGURATION: &str = "the configuration";

/// Everything a report run needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The files and directories to read.
    pub paths: Vec<PathBuf>,
    /// Where to write which format.
    pub outputs: Vec<Output>,
    /// The evaluation time that was asked for.
    pub as_of: AsOf,
    /// The home region, if given.
    pub region: Option<String>,
    /// The user's word that all lists were made with `show_replication=true`.
    pub replication_shown: bool,
    /// Findings from this severity on set bit 1 of the exit status; `None` switches it off.
    pub fail_on: Option<Severity>,
    /// The clock may lag the wall clock by this much before bit 4 is set; with the wall clock, read once.
    pub max_age: Option<(SignedDuration, Timestamp)>,
    /// The rules that run.
    pub rules: RuleChoice,
    /// The parameters that were set.
    pub params: Params,
    /// Names or ids of resources that are shown; all if empty.
    pub resources: Vec<String>,
    /// The frameworks by whose controls the findings are arranged too.
    pub frameworks: Vec<&'static Framework>,
    /// Files that are left out.
    pub exclude: Exclude,
    /// Whether the SHA-256 of every file is taken.
    pub sha256: bool,
    /// How much is read before something is refused.
    pub limits: Limits,
    /// What the configuration decides about findings.
    pub decisions: Decisions,
    /// The resources that are expected to be backed up.
    pub expectation: Option<Arc<Expectation>>,
}

/// What a configuration decides about findings.
#[derive(Clone, Debug)]
pub struct Decisions {
    /// The name of its file; `None` if there is none.
    pub file: Option<String>,
    /// Where that file is.
    pub path: Option<PathBuf>,
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

impl Settings {
    /// The files that decide on the run, and what each of them is: no report may take their place.
    pub fn deciding_files(&self) -> impl Iterator<Item = (PathBuf, &'static str)> {
        let configuration = self.decisions.path.iter().map(|path| (path.clone(), CONFIGURATION));
        let expected =
            self.expectation.iter().map(|given| (PathBuf::from(&given.path), "the file of expected resources"));
        let lists = self.decisions.tiers.iter().flat_map(|tier| [&tier.resource_list, &tier.vault_list]);
        let lists = lists.filter(|list| !list.names.is_empty());
        let lists = lists.map(|list| (list.place.clone(), "a list that the configuration refers to"));
        configuration.chain(expected).chain(lists)
    }

    /// Every default, at this evaluation time: no input, no output, all rules.
    #[must_use]
    pub fn at(as_of: AsOf) -> Self {
        Self {
            paths: Vec::new(),
            outputs: Vec::new(),
            as_of,
            region: None,
            replication_shown: false,
            fail_on: None,
            max_age: None,
            rules: RuleChoice::default(),
            params: Params::default(),
            resources: Vec::new(),
            frameworks: Vec::new(),
            exclude: Exclude::default(),
            sha256: false,
            limits: Limits::default(),
            decisions: Decisions::default(),
            expectation: None,
        }
    }
}

/// Patterns of files that are left out.
#[derive(Clone, Debug, Default)]
pub struct Exclude {
    /// The patterns as typed.
    pub patterns: Vec<String>,
    /// The patterns as they match.
    pub globs: GlobSet,
}

impl Exclude {
    /// Compiles the patterns. `*` does not match `/`; a pattern without `/` matches file names anywhere.
    ///
    /// # Errors
    /// A pattern that is no glob.
    pub fn new(patterns: Vec<String>) -> Result<Self> {
        let mut builder = GlobSetBuilder::new();
        for pattern in &patterns {
            let anywhere = if pattern.contains('/') { pattern.clone() } else { format!("**/{pattern}") };
            match GlobBuilder::new(anywhere.trim_start_matches('/')).literal_separator(true).build() {
                Ok(glob) => builder.add(glob),
                Err(error) => bail!("--exclude {pattern}: {}", error.kind()),
            };
        }
        Ok(Self { patterns, globs: builder.build()? })
    }
}

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

/// The parameters that were set, by the configuration and with `--set`.
#[derive(Clone, Debug, Default)]
pub struct Params {
    set: Vec<SetParam>,
}

/// A parameter that is set.
#[derive(Clone, Debug)]
pub struct SetParam {
    /// For this rule; for every rule that has it if not given.
    pub rule: Option<&'static str>,
    /// The parameter, as one of the rules that share its name declares it.
    pub param: &'static Param,
    /// Its value.
    pub value: f64,
    /// Where it was set.
    pub origin: Origin,
}

/// Where the value of a parameter comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nothing was set.
    Default,
    /// This line of the configuration.
    Configuration(usize),
    /// This line of the configuration, for a tier.
    Tier(usize),
    /// `--set`
    CommandLine,
}

impl SetParam {
    fn in_force(&self) -> InForce {
        InForce { value: self.value, origin: self.origin }
    }
}

/// The value of a parameter and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InForce {
    /// The value.
    pub value: f64,
    /// Where it was set.
    pub origin: Origin,
}

impl InForce {
    /// Whether nothing was set.
    #[must_use]
    pub fn is_default(self) -> bool {
        self.origin == Origin::Default
    }
}

impl Params {
    /// Reads `KEY=VALUE` and `RULE.KEY=VALUE` settings; a later one for the same name wins.
    ///
    /// # Errors
    /// A setting of another form, an unknown rule or parameter, or a value that the parameter cannot take.
    pub fn new(settings: &[String]) -> Result<Self> {
        let set = settings.iter().map(|setting| parse_setting(setting)).collect::<Result<_>>()?;
        Ok(Self { set })
    }

    /// Parameters that are checked already.
    #[must_use]
    pub fn of(set: Vec<SetParam>) -> Self {
        Self { set }
    }

    /// These, which win over earlier ones of the same name.
    #[must_use]
    pub fn after(self, mut earlier: Self) -> Self {
        earlier.set.extend(self.set);
        earlier
    }

    /// The value of a rule's parameter for the resources of a tier: what is typed, else the tier's own, else that of every
    /// resource.
    #[must_use]
    pub fn in_tier(&self, rule: &Rule, param: &Param, tier: &Tier) -> InForce {
        let every = self.in_force(rule, param);
        let own = tier.params.iter().rev().find(|set| set.param.key == param.key);
        own.filter(|_| every.origin != Origin::CommandLine).map_or(every, SetParam::in_force)
    }

    /// The value of a rule's parameter: what is typed, else what is configured, each for the rule before that for every
    /// rule; else the default.
    #[must_use]
    pub fn in_force(&self, rule: &Rule, param: &Param) -> InForce {
        let last = |is_typed: bool, of: Option<&str>| {
            let means = |set: &&SetParam| {
                set.rule == of && set.param.key == param.key && (set.origin == Origin::CommandLine) == is_typed
            };
            self.set.iter().rev().find(means)
        };
        let by = |is_typed| last(is_typed, Some(rule.id)).or_else(|| last(is_typed, None));
        let default = InForce { value: param.default, origin: Origin::Default };
        by(true).or_else(|| by(false)).map_or(default, SetParam::in_force)
    }

    /// What is typed for a parameter, for one rule or for every rule that has it.
    pub fn typed(&self, key: &str) -> impl Iterator<Item = &SetParam> {
        self.set.iter().filter(move |set| set.origin == Origin::CommandLine && set.param.key == key)
    }
}

fn parse_setting(setting: &str) -> Result<SetParam> {
    let Some((name, text)) = setting.split_once('=') else {
        bail!("--set {setting}: write it as KEY=VALUE or RULE.KEY=VALUE, for example rpo-hours=48");
    };
    let (rule, key) = match name.split_once('.') {
        Some((rule, key)) => (Some(require_rule(rule)?), key),
        None => (None, name),
    };
    let params =
        || RULES.iter().filter(|other| rule.is_none_or(|rule| rule.id == other.id)).flat_map(|rule| rule.params);
    let Some(param) = params().find(|param| param.key == key) else {
        let whose = rule.map_or_else(|| "no rule has".to_owned(), |rule| format!("rule {} does not have", rule.id));
        bail!("--set {setting}: {whose} a parameter {key:?}{}", nearest(key, params().map(|param| param.key)));
    };
    match param.unit.parse(text) {
        Ok(value) => Ok(SetParam { rule: rule.map(|rule| rule.id), param, value, origin: Origin::CommandLine }),
        Err(wanted) => bail!("--set {setting}: {key} takes {wanted}, not {text:?}"),
    }
}
