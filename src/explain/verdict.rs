//! The verdict in the words of the report.

use super::ground::place_of;
use super::subject::Given;
use super::text::{Text, short};
use crate::finding::{Evidence, Finding, Note, Verdict};
use crate::inventory::Inventory;
use crate::inventory::field::Reason;
use crate::report::overview::action;
use crate::report::row::Row;
use crate::report::waiver::Acceptance;
use crate::report::{unjudged, wording};
use crate::rule::Rule;
use crate::run::Run;

/// The verdicts of a rule on one thing.
pub(super) fn verdicts(run: &Run<'_>, rule: &Rule, given: &[&Given], limit: usize, text: &mut Text) {
    text.step(if given.len() == 1 { "Verdict" } else { "Verdicts" });
    text.line(rule.logic);
    for given in given.iter().take(limit) {
        text.gap();
        match given.finding {
            Some(finding) => {
                finding_in_words(rule, &Row::new(run, &finding), text);
                if let Note::VaultGoesOn(_, reading, field) = finding.note {
                    text.entry("goes on", &place_of(run, Evidence::Field(reading, field)));
                }
                ended_waivers(run, rule, &finding, text);
            }
            None => silent(&run.inventory, given, text),
        }
    }
    if given.len() > limit {
        text.gap();
        text.line(&format!("… and {} more: --all shows them.", given.len() - limit));
    }
}

/// A verdict that reports only count.
fn silent(inventory: &Inventory, given: &Given, text: &mut Text) {
    let key = wording::key(inventory, given.key).map(|key| format!(" on {}", short(&key))).unwrap_or_default();
    let meaning = match given.verdict {
        "pass" => "what was read meets the rule",
        _ => "there is nothing here for the rule to judge",
    };
    text.entry("verdict", &format!("{}{key}: {meaning}. Reports count it and do not list it.", given.verdict));
}

fn finding_in_words(rule: &Rule, row: &Row, text: &mut Text) {
    let key = row.subject.key.as_ref().map(|key| format!(" on {}", short(key))).unwrap_or_default();
    text.entry("verdict", &format!("{}{key}", row.verdict));
    text.entry("severity", row.severity);
    if let Some(reason) = row.reason {
        let meaning = unjudged::meaning(reason);
        let meaning = if meaning.is_empty() { String::new() } else { format!(": {meaning}") };
        text.entry("reason", &format!("{reason}{meaning}"));
    }
    text.entry("observed", &short(&row.observed));
    text.entry("expected", &short(&row.expected));
    if let Some(field) = &row.field {
        text.entry("field", field);
    }
    text.entry("evidence", &row.evidence.to_string());
    if let Some(waiver) = &row.waiver {
        text.entry("waiver", &accepted(waiver));
    }
    if Reason::ALL.iter().any(|reason| row.verdict == "unknown" && reason.folds() && row.reason == Some(reason.word()))
    {
        text.entry(
            "in reports",
            "counted in one finding for all of the project, as the reason concerns the whole input",
        );
    }
    if let Some(action) = row.reason.filter(|_| row.verdict == "unknown").and_then(|word| action(word, rule.family)) {
        text.entry("settled by", action);
    }
}

/// Waivers that would accept a failure, had they not ended.
fn ended_waivers(run: &Run<'_>, rule: &Rule, finding: &Finding, text: &mut Text) {
    let of_rule = run.settings.decisions.waivers.iter().filter(|waiver| waiver.rule == rule.id);
    let ended =
        of_rule.filter(|waiver| !waiver.holds(run.clock.time) && waiver.is_about(&run.inventory, finding.subject));
    for waiver in ended.map(Acceptance::of).filter(|_| finding.verdict == Verdict::Fail) {
        text.entry("waiver", &format!("ended: {}", accepted(&waiver)));
    }
}

fn accepted(waiver: &Acceptance) -> String {
    let ticket = waiver.ticket.as_ref().map(|ticket| format!(", {ticket}")).unwrap_or_default();
    format!("until {}, by {}{ticket}: {}", waiver.until, waiver.owner, waiver.reason)
}
