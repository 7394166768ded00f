//! The catalogue in words: `rules list`, `rules show` and `docs/rules.md` are printed from the table that runs.

use std::fmt::Write;

use crate::param::Param;
use crate::rule::Rule;
use crate::rules::RULES;

/// What holds for every rule that asks for new backups.
const RETIRED: &str = "Not applicable to what the expected resources (`--expect`) call retired.";

/// Every rule, a line each.
#[must_use]
pub fn list() -> String {
    let widest = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    let mut text = String::new();
    let mut family = "";
    for rule in RULES.iter() {
        if rule.family.word() != family {
            family = rule.family.word();
            let _ = writeln!(text, "{}{}", if text.is_empty() { "" } else { "\n" }, heading(family));
        }
        let _ = writeln!(text, "  {:<widest$}  {:<8}  {}", rule.id, rule.severity.word(), rule.title);
    }
    text
}

/// A family's name with a capital.
fn heading(family: &str) -> String {
    let mut letters = family.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The whole catalogue as a Markdown document.
#[must_use]
pub fn document() -> String {
    let mut text = String::from(
        "# Rules\n\nPrinted by `cbr-audit rules document`; a test keeps it true. Every rule can pass, fail, be not judged \
         (`unknown`, with a reason) or not apply. A value that is missing or unreadable never counts as a pass.\n",
    );
    let mut family = "";
    for rule in RULES.iter() {
        if rule.family.word() != family {
            family = rule.family.word();
            let _ = writeln!(text, "\n## {}", heading(family));
        }
        let _ = writeln!(
            text,
            "\n### {}\n\n{}. Up to **{}**, judged per {}.\n",
            rule.id,
            rule.title,
            rule.severity.word(),
            rule.check.unit()
        );
        for (label, words) in [("Logic", rule.logic), ("Why", rule.why), ("Remedy", rule.remedy)] {
            let _ = writeln!(text, "- **{label}:** {words}");
        }
        if rule.asks_for_backups() {
            let _ = writeln!(text, "- {RETIRED}");
        }
        for param in rule.params {
            let _ =
                writeln!(text, "- **`{}`**, {} by default: {}", param.key, param.unit.text(param.default), param.about);
        }
        let _ = writeln!(text, "- **Controls** (evidence for or against, never proof): {}", rule.controls.join(", "));
        for case in rule.cases {
            let _ = writeln!(text, "- *{}*: {}", case.name, case.verdicts.join("; "));
        }
    }
    text
}

/// One rule in full.
#[must_use]
pub fn show(rule: &Rule) -> String {
    let mut text = format!("{} ({}, up to {})\n", rule.id, rule.family.word(), rule.severity.word());
    let _ = writeln!(text, "{}.\n", rule.title);
    for (label, words) in
        [("Judged per", rule.check.unit()), ("Logic", rule.logic), ("Why", rule.why), ("Remedy", rule.remedy)]
    {
        let _ = writeln!(text, "{label}: {words}{}", if label == "Judged per" { "." } else { "" });
    }
    if rule.asks_for_backups() {
        let _ = writeln!(text, "{RETIRED}");
    }
    if !rule.params.is_empty() {
        let _ = writeln!(text, "\nParameters:");
        rule.params.iter().for_each(|param| {
            let _ = writeln!(text, "  {}", param_line(param));
        });
    }
    let _ = writeln!(text, "\nControls (evidence for or against, never proof): {}", rule.controls.join(", "));
    if !rule.cases.is_empty() {
        let _ = writeln!(text, "\nCases:");
        for case in rule.cases {
            let _ = writeln!(text, "  {}: {}", case.name, case.verdicts.join("; "));
        }
    }
    text
}

fn param_line(param: &Param) -> String {
    format!("{} = {}: {}", param.key, param.unit.text(param.default), param.about)
}
