//! The keys of a configuration, written once: the reader accepts them, and the schema describes them.

use crate::accepted::ALLOWED_REGIONS;

/// A key of a table.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) form: Form,
    /// Whether the table must have it.
    pub(super) needed: bool,
    pub(super) about: &'static str,
}

/// What stands behind a key.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// A text that says something.
    Text,
    /// `true` or `false`.
    Switch,
    /// A whole number.
    Count,
    /// A severity.
    Severity,
    /// A severity, or `none`.
    FailOn,
    /// The id of a rule.
    Rule,
    /// A date or a time with its zone.
    Until,
    /// A text in which `*` and `?` stand for letters.
    Pattern,
    /// Such texts.
    Patterns,
    /// Words as the API writes them.
    Words,
    /// Resource types.
    Types,
    /// Parameters of rules.
    Parameters,
    /// A table for each rule.
    Rules,
    /// A list of words for each closed list of the API.
    KnownValues,
    /// A limit for what is read.
    Limits,
    /// A table for each tier.
    Tiers,
    /// Tables in a row, one for each waiver.
    Waivers,
}

const fn entry(name: &'static str, form: Form, about: &'static str) -> Entry {
    Entry { name, form, needed: false, about }
}

const fn needed(name: &'static str, form: Form, about: &'static str) -> Entry {
    Entry { name, form, needed: true, about }
}

/// The keys at the top.
pub(super) const TOP: &[Entry] = &[
    entry("region", Form::Text, "The region that the backups are in, where records do not say."),
    entry("replication-shown", Form::Switch, "Whether all lists were made with show_replication=true."),
    entry("fail-on", Form::FailOn, "Findings from this severity on set the exit status."),
    entry("waiver-limit", Form::Count, "A waiver that accepts more findings is reported as broad."),
    entry(ALLOWED_REGIONS, Form::Words, "The regions where copies may be; any if not given."),
    entry("expect", Form::Text, "The file of the resources that should be backed up, relative to this one."),
    entry("parameters", Form::Parameters, "Parameters, for every rule that has them."),
    entry("rules", Form::Rules, "What differs for single rules."),
    entry("known-values", Form::KnownValues, "Values that are known, though the API does not document them."),
    entry("limits", Form::Limits, "How much is read before something is refused by itself."),
    entry("tiers", Form::Tiers, "Sets of resources with demands of their own; the most specific one applies."),
    entry("waivers", Form::Waivers, "Findings that somebody accepts; they stay in every report."),
];

/// The keys of a rule, beside its parameters.
pub(super) const OF_RULE: &[Entry] = &[
    entry("enabled", Form::Switch, "Whether the rule runs."),
    entry("reason", Form::Text, "Why it does not run; goes with enabled = false."),
    entry("severity", Form::Severity, "How bad its findings are."),
];

/// By what a tier says which resources it means; it needs one of them at least.
pub(super) const CRITERIA: &[Entry] = &[
    entry("resources", Form::Patterns, "Ids or names of resources."),
    entry(
        "resources-file",
        Form::Text,
        "A file beside this one with an id or name of a resource in each line, as it stands.",
    ),
    entry("vaults", Form::Patterns, "Ids of vaults that hold some of their backups."),
    entry("vaults-file", Form::Text, "A file beside this one with the id of a vault in each line."),
    entry("vault-tags", Form::Patterns, "Tags, key or key=value, of vaults that hold some of their backups."),
    entry("enterprise-projects", Form::Patterns, "Enterprise projects that some of their backups are in."),
    entry("types", Form::Types, "Resource types."),
    entry("projects", Form::Patterns, "Projects."),
];

/// What a tier may demand, beside parameters.
pub(super) const DEMANDS: &[Entry] =
    &[entry(ALLOWED_REGIONS, Form::Words, "The regions where copies of these resources may be.")];

/// The keys of a waiver.
pub(super) const OF_WAIVER: &[Entry] = &[
    needed("rule", Form::Rule, "The rule whose findings are accepted."),
    needed("subject", Form::Pattern, "The id or name of the resource, backup or vault that they are about."),
    entry("project", Form::Pattern, "The project that they are in; any if not given."),
    needed("reason", Form::Text, "Why they are accepted."),
    needed("owner", Form::Text, "Who accepts them."),
    entry("ticket", Form::Text, "Where that was decided."),
    needed("until", Form::Until, "The last day, or the moment, to which the waiver holds."),
];

/// The names of some keys.
pub(super) fn names(entries: &[Entry]) -> impl Iterator<Item = &'static str> {
    entries.iter().map(|entry| entry.name)
}
