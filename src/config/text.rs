//! A configuration in words: an example to start from, and what is in force.

use std::fmt::Write;

use crate::accepted::ALLOWED_REGIONS;
use crate::format::escape::{is_invisible, visible};
use crate::limits::LIMITS;
use crate::rule::Rule;
use crate::rules::RULES;
use crate::settings::Settings;
use crate::waiver::Pattern;

/// A configuration to start from: everything is a comment.
pub const EXAMPLE: &str = r#"# What this organisation expects of its backups. Every line is optional; `cbr-audit config check` checks it.
# What is typed on the command line wins over this file, tiers included.

# region = "eu-de"              # where the backups are, where records do not say
# replication-shown = true      # all lists were made with show_replication=true
# fail-on = "high"              # findings from this severity on set the exit status
# waiver-limit = 100            # a waiver that accepts more findings is reported as broad
# allowed-regions = ["eu-de", "eu-nl"]  # where copies may be; any region if not given
# expect = "expected.csv"       # the resources that should be backed up; the path is relative to this file

[parameters]                    # for every rule that has them; `cbr-audit rules show RULE` lists them
# rpo-hours = 24
# retention-min-days = 30

# [rules.rpo-breach]            # for one rule
# rpo-hours = 168
# severity = "medium"

# [rules.expiry-unbounded]
# enabled = false
# reason = "retention is kept by hand, see the operations manual"

# [known-values]                # words that are known here, though the API does not document them
# status = ["archived"]         # or image-type, resource-type, restore-mode, replication-status

# [limits]                      # what exceeds one is refused by itself, and the answer is incomplete
# max-file-size = "8GiB"        # or max-unpacked, max-ratio, max-members, max-nesting, max-records, max-string, max-depth

# [tiers.gold]                  # resources with demands of their own; the most specific tier wins
# resources = ["db-*", "web-01"]    # ids or names; or vaults, vault-tags (key or key=value),
#                                   # enterprise-projects, types, projects
#                                   # or resources-file, vaults-file: a name in each line of a file beside this one
# rpo-hours = 4
# require-offsite = true

# [[waivers]]                   # a finding that somebody accepts; it stays in every report, marked as waived
# rule = "backup-unencrypted"
# subject = "build-*"           # id or name of the resource, backup or vault; * stands for any letters
# project = "*"                 # optional
# reason = "build machines hold no customer data"
# owner = "platform team"
# ticket = "SEC-1234"           # optional
# until = 2027-03-31            # the last day on which it holds
"#;

/// What a configuration that is understood comes to, in a line.
#[must_use]
pub fn checked(settings: &Settings) -> String {
    let set = |rule: &&&Rule| rule.params.iter().any(|param| !settings.params.in_force(rule, param).is_default());
    let decisions = &settings.decisions;
    format!(
        "{}: understood. Rules with parameters set: {}, with a severity of their own: {}, off: {}; tiers: {}; waivers: {}{}.\n",
        visible(decisions.file.as_deref().unwrap_or_default()),
        RULES.iter().filter(set).count(),
        decisions.severities.len(),
        settings.rules.off.len(),
        decisions.tiers.len(),
        decisions.waivers.len(),
        settings
            .expectation
            .as_ref()
            .map_or(String::new(), |given| format!("; expected resources: {}", given.rows.len())),
    )
}

/// What is in force, in the form of a configuration.
#[must_use]
pub fn in_force(settings: &Settings) -> String {
    let mut text = String::new();
    let file = settings.decisions.file.as_deref().unwrap_or("no configuration file: every default");
    let _ = writeln!(text, "# {}", visible(file));
    let _ = writeln!(
        text,
        "# The command line wins over all of this; for its resources a tier wins over [rules.…] and [parameters]."
    );
    if let Some(region) = &settings.region {
        let _ = writeln!(text, "region = {}", quoted(region));
    }
    let _ = writeln!(text, "replication-shown = {}", settings.replication_shown);
    let _ = writeln!(text, "fail-on = {:?}", settings.fail_on.map_or("none", crate::finding::Severity::word));
    let _ = writeln!(text, "waiver-limit = {}", settings.decisions.waiver_limit);
    let accepted = &settings.decisions.accepted;
    if !accepted.regions.is_empty() {
        let _ = writeln!(text, "{ALLOWED_REGIONS} = {}", list(&accepted.regions));
    }
    if let Some(expectation) = &settings.expectation {
        let _ = writeln!(text, "expect = {}", quoted(&expectation.path));
    }
    for (number, (key, words)) in accepted.values.iter().enumerate() {
        let _ = writeln!(text, "{}{key} = {}", if number == 0 { "\n[known-values]\n" } else { "" }, list(words));
    }
    text += &limits(settings);
    for rule in RULES.iter() {
        let off = settings.rules.off.iter().find(|off| off.rule == rule.id);
        let severity = settings.decisions.severity(rule.id);
        if rule.params.is_empty() && off.is_none() && severity.is_none() {
            continue;
        }
        let _ = writeln!(text, "\n[rules.{}]", rule.id);
        if let Some(off) = off {
            let _ = writeln!(text, "enabled = false\nreason = {}", quoted(&off.reason));
        }
        if let Some(severity) = severity {
            let _ = writeln!(text, "severity = {:?}", severity.word());
        }
        for param in rule.params {
            let in_force = settings.params.in_force(rule, param);
            let value = param.unit.text(in_force.value);
            let value = bare(&value);
            let origin = if in_force.is_default() { "   # default" } else { "" };
            let _ = writeln!(text, "{} = {value}{origin}", param.key);
        }
    }
    text + &tiers(settings) + &waivers(settings)
}

fn limits(settings: &Settings) -> String {
    let mut text = "\n[limits]\n".to_owned();
    for limit in LIMITS {
        let _ = writeln!(text, "{} = {}", limit.key, bare(&limit.text(&settings.limits)));
    }
    text
}

/// A text as TOML writes it: the escapes of JSON are among those of TOML. What would not be seen is written as one, too.
fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for char in serde_json::Value::from(text).to_string().chars() {
        let _ = match u32::from(char) {
            _ if !is_invisible(char) => quoted.write_char(char),
            code @ ..0x1_0000 => write!(quoted, "\\u{code:04x}"),
            code => write!(quoted, "\\U{code:08x}"),
        };
    }
    quoted
}

/// A list of texts.
fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

fn tiers(settings: &Settings) -> String {
    let mut text = String::new();
    for tier in &settings.decisions.tiers {
        let _ = writeln!(text, "\n[tiers.{}]", quoted(&tier.name));
        let types: Vec<_> = tier.types.iter().map(|kind| kind.word().to_owned()).collect();
        let words = |patterns: &[Pattern]| patterns.iter().map(|pattern| pattern.text.clone()).collect::<Vec<_>>();
        let criteria = [
            ("resources", words(&tier.resources)),
            ("vaults", words(&tier.vaults)),
            ("vault-tags", tier.vault_tags.iter().map(|tag| tag.text.clone()).collect()),
            ("enterprise-projects", words(&tier.enterprise_projects)),
            ("types", types),
            ("projects", words(&tier.projects)),
            (ALLOWED_REGIONS, tier.allowed_regions.clone()),
        ];
        for (key, texts) in criteria.into_iter().filter(|(_, texts)| !texts.is_empty()) {
            let _ = writeln!(text, "{key} = {}", list(&texts));
        }
        for (key, list) in [("resources-file", &tier.resource_list), ("vaults-file", &tier.vault_list)] {
            if !list.names.is_empty() {
                let _ = writeln!(text, "{key} = {}   # {} in it", quoted(&list.file), list.names.len());
            }
        }
        for set in &tier.params {
            let _ = writeln!(text, "{} = {}", set.param.key, bare(&set.param.unit.text(set.value)));
        }
    }
    text
}

/// A value of a parameter: a number or a switch as it is, a word in quotes.
fn bare(value: &str) -> String {
    let is_bare = value.parse::<f64>().is_ok() || value == "true" || value == "false";
    if is_bare { value.to_owned() } else { quoted(value) }
}

fn waivers(settings: &Settings) -> String {
    let mut text = String::new();
    for waiver in &settings.decisions.waivers {
        let _ = writeln!(text, "\n[[waivers]]");
        let project = waiver.project.as_ref().map(|project| project.text.as_str());
        let entries = [
            ("rule", Some(waiver.rule)),
            ("subject", Some(waiver.subject.text.as_str())),
            ("project", project),
            ("reason", Some(&waiver.reason)),
            ("owner", Some(&waiver.owner)),
            ("ticket", waiver.ticket.as_deref()),
            ("until", Some(&waiver.until)),
        ];
        for (key, value) in entries.into_iter().filter_map(|(key, value)| Some((key, value?))) {
            let _ = writeln!(text, "{key} = {}", quoted(value));
        }
    }
    text
}
