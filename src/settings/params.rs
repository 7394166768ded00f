//! The parameters of rules that were set, and which value is in force.

use anyhow::{Result, bail};

use super::choice::{nearest, require_rule};
use crate::param::Param;
use crate::rule::Rule;
use crate::rules::RULES;
use crate::tier::Tier;

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
