//! The waivers with what they came to, and what is wrong with them.

use serde::Serialize;

use super::wording::counted;
use crate::evaluate::rule_at;
use crate::run::Run;
use crate::waiver::Waiver;

/// A waiver as pages and the JSON report show it.
#[derive(Clone, Debug, Serialize)]
pub struct WaiverRow {
    /// The rule's id.
    pub rule: &'static str,
    /// The pattern of what the findings are about.
    pub subject: String,
    /// The pattern of their project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Why they are accepted.
    pub reason: String,
    /// Who accepts them.
    pub owner: String,
    /// Where that was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// Up to when.
    pub until: String,
    /// `holds`, `broad`, `unused` or `expired`.
    pub state: &'static str,
    /// How many failures it is about.
    pub findings: u64,
}

/// What a finding says of the waiver that accepts it.
#[derive(Clone, Debug, Serialize)]
pub struct Acceptance<'w> {
    /// Why it is accepted.
    pub reason: &'w str,
    /// Who accepts it.
    pub owner: &'w str,
    /// Where that was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<&'w str>,
    /// Up to when.
    pub until: &'w str,
}

impl<'w> Acceptance<'w> {
    /// What a waiver says.
    #[must_use]
    pub fn of(waiver: &'w Waiver) -> Self {
        let Waiver { reason, owner, ticket, until, .. } = waiver;
        Self { reason, owner, ticket: ticket.as_deref(), until }
    }
}

/// Every waiver of the run.
#[must_use]
pub fn table(run: &Run<'_>) -> Vec<WaiverRow> {
    let waivers = run.settings.decisions.waivers.iter().zip(&run.evaluation.waived);
    waivers.map(|(waiver, &findings)| row(run, waiver, findings)).collect()
}

fn row(run: &Run<'_>, waiver: &Waiver, findings: u64) -> WaiverRow {
    let state = match findings {
        _ if !waiver.holds(run.clock.time) => "expired",
        0 => "unused",
        many if many > run.settings.decisions.waiver_limit => "broad",
        _ => "holds",
    };
    let Waiver { reason, owner, ticket, until, .. } = waiver.clone();
    let subject = waiver.subject.text.clone();
    let project = waiver.project.as_ref().map(|project| project.text.clone());
    WaiverRow { rule: waiver.rule, subject, project, reason, owner, ticket, until, state, findings }
}

/// What is wrong with waivers, in words: where each stands, and what to do.
#[must_use]
pub fn problems(run: &Run<'_>) -> Vec<String> {
    let waivers = table(run).into_iter().zip(&run.settings.decisions.waivers);
    waivers.filter_map(|(row, waiver)| problem(run, &row, waiver.line)).collect()
}

fn problem(run: &Run<'_>, row: &WaiverRow, line: usize) -> Option<String> {
    let WaiverRow { rule, subject, owner, until, .. } = row;
    let place = run.settings.decisions.place(line);
    let which = format!("{place}: the waiver of {rule} for {subject} (owner: {owner})");
    let count = counted(row.findings, "finding");
    let ran = run.evaluation.tallies.iter().any(|(number, _)| rule_at(*number).id == *rule);
    Some(match row.state {
        "expired" if !ran => format!("{which} held until {until}, and is about a rule that did not run: take it out."),
        "expired" if row.findings > 0 => {
            let verb = if row.findings == 1 { "counts" } else { "count" };
            format!("{which} held until {until}: {count} {verb} again. Mend them, or decide anew.")
        }
        "expired" => format!("{which} held until {until} and is about nothing in this dump: take it out."),
        "unused" if !ran => format!("{which} is about a rule that did not run."),
        "unused" => format!("{which} is about nothing that failed in this dump: correct it, or take it out."),
        "broad" => {
            let limit = run.settings.decisions.waiver_limit;
            format!("{which} accepts {count}, more than the limit of {limit}: narrow it.")
        }
        _ => return None,
    })
}
