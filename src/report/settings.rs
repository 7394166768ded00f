//! What changes the answer: rules, parameters, flags. No thread count, no output name, no absolute path.

use std::collections::BTreeMap;

use serde::Serialize;

use super::expected::{self, ExpectRow};
use super::tier::{self, TierRow};
use crate::evaluate::rule_at;
use crate::limits::LIMITS;
use crate::run::Run;
use crate::settings::Settings;

/// The settings in force.
#[derive(Clone, Debug, Serialize)]
pub struct SettingsView {
    /// Rules that were left out.
    pub rules_off: Vec<&'static str>,
    /// Every parameter of every rule that ran.
    pub params: Vec<ParamRow>,
    /// The home region.
    pub region: Option<String>,
    /// The user's word that all lists show replication.
    pub replication_shown: bool,
    /// Patterns of files that were left out.
    pub exclude: Vec<String>,
    /// Resources that are shown, where not all are.
    pub resource: Vec<String>,
    /// The configuration file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// Why the configuration switches rules off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub off: Vec<OffRow>,
    /// Regions where copies may be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_regions: Vec<String>,
    /// Values that are known, though no documented words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known_values: Vec<KnownRow>,
    /// Sets of resources with demands of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<TierRow>,
    /// The file of expected resources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<ExpectRow>,
    /// Severities that replace those of rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub severities: Vec<SeverityRow>,
    /// From which severity on findings set the exit status.
    pub fail_on: &'static str,
    /// How much is read before something is refused, by the name of the option.
    pub limits: BTreeMap<&'static str, u64>,
}

/// A rule that the configuration switches off.
#[derive(Clone, Debug, Serialize)]
pub struct OffRow {
    /// The rule.
    pub rule: &'static str,
    /// Why.
    pub reason: String,
}

/// Values of one field that are known, though no documented words.
#[derive(Clone, Debug, Serialize)]
pub struct KnownRow {
    /// The key of the list in the configuration.
    pub list: &'static str,
    /// The values.
    pub values: Vec<String>,
}

/// A severity that replaces that of a rule.
#[derive(Clone, Debug, Serialize)]
pub struct SeverityRow {
    /// The rule.
    pub rule: &'static str,
    /// The severity.
    pub severity: &'static str,
}

/// A parameter in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParamRow {
    /// The rule.
    pub rule: &'static str,
    /// The parameter.
    pub key: &'static str,
    /// Its value.
    pub value: String,
    /// Whether nothing was set.
    pub default: bool,
}

/// The settings of a run.
#[must_use]
pub fn view(run: &Run<'_>) -> SettingsView {
    let settings = run.settings;
    let ran: Vec<_> = run.evaluation.tallies.iter().map(|(number, _)| rule_at(*number)).collect();
    let off = crate::rules::RULES.iter().filter(|rule| !settings.rules.runs(rule)).map(|rule| rule.id);
    let params = ran.iter().flat_map(|rule| rule.params.iter().map(|param| (*rule, param)));
    SettingsView {
        rules_off: off.collect(),
        params: params.map(|(rule, param)| param_row(run, rule, param)).collect(),
        region: settings.region.clone(),
        replication_shown: settings.replication_shown,
        exclude: settings.exclude.patterns.clone(),
        resource: settings.resources.clone(),
        config: settings.decisions.file.clone(),
        off: off_rows(settings),
        allowed_regions: settings.decisions.accepted.regions.clone(),
        known_values: known_rows(settings),
        tiers: tier::table(run),
        expect: expected::setting(run),
        severities: severity_rows(settings),
        fail_on: settings.fail_on.map_or("none", crate::finding::Severity::word),
        limits: LIMITS.iter().map(|limit| (limit.key, limit.of(&settings.limits))).collect(),
    }
}

fn off_rows(settings: &Settings) -> Vec<OffRow> {
    let off = settings
        .rules
        .off
        .iter()
        .filter(|off| crate::rules::find(off.rule).is_some_and(|rule| !settings.rules.runs(rule)));
    off.map(|off| OffRow { rule: off.rule, reason: off.reason.clone() }).collect()
}

fn known_rows(settings: &Settings) -> Vec<KnownRow> {
    let known = settings.decisions.accepted.values.iter();
    known.map(|(list, values)| KnownRow { list, values: values.to_vec() }).collect()
}

fn severity_rows(settings: &Settings) -> Vec<SeverityRow> {
    let severities = settings.decisions.severities.iter();
    severities.map(|(rule, severity)| SeverityRow { rule, severity: severity.word() }).collect()
}

fn param_row(run: &Run<'_>, rule: &'static crate::rule::Rule, param: &crate::param::Param) -> ParamRow {
    let in_force = run.settings.params.in_force(rule, param);
    ParamRow { rule: rule.id, key: param.key, value: param.unit.text(in_force.value), default: in_force.is_default() }
}

/// The parameters of one rule in a few words: `rpo-hours 24 (default)`.
#[must_use]
pub fn params_in_words(run: &Run<'_>, rule: &'static crate::rule::Rule) -> String {
    let words = rule.params.iter().map(|param| {
        let row = param_row(run, rule, param);
        let source = if row.default { " (default)" } else { " (set)" };
        format!("{} {}{source}{}", row.key, row.value, tier::in_words(run, rule, param))
    });
    words.collect::<Vec<_>>().join(", ")
}
