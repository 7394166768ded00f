//! The four questions that every reader has first, answered in the user's words and in both units.

use serde::Serialize;

use super::settings::params_in_words;
use super::wording::{counted, number};
use crate::evaluate::rule_at;
use crate::finding::{Finding, Note, Subject, Verdict};
use crate::inventory::backup::Backup;
use crate::inventory::vocabulary::ResourceType;
use crate::run::Run;

/// One of the four questions.
#[derive(Clone, Debug, Serialize)]
pub struct Question {
    /// The user's word.
    pub word: &'static str,
    /// The rule that answers.
    pub rule: &'static str,
    /// What is wrong where it fails.
    pub title: &'static str,
    /// What is counted.
    pub text: String,
    /// The same in the other units; may be empty.
    pub detail: String,
    /// How many failed.
    pub fail: u64,
    /// How many passed.
    pub pass: u64,
    /// How many are not judged.
    pub unknown: u64,
    /// How many were evaluated.
    pub evaluated: u64,
    /// The parameters in force.
    pub params: String,
}

/// The four questions in the user's words.
#[must_use]
pub fn questions(run: &Run<'_>) -> Vec<Question> {
    let asked = [
        ("Expired", "expired-still-listed"),
        ("Unencrypted", "backup-unencrypted"),
        ("Unreplicated", "offsite-copy-missing"),
        ("Orphaned", "child-orphaned"),
    ];
    asked.into_iter().filter_map(|(word, rule)| question(run, word, rule)).collect()
}

fn question(run: &Run<'_>, word: &'static str, id: &'static str) -> Option<Question> {
    let (position, tally) = run.evaluation.tallies.iter().find(|(position, _)| rule_at(*position).id == id)?;
    let rule = rule_at(*position);
    let mut units = Units::default();
    let failures = run.evaluation.findings.stretches(Verdict::Fail).filter(|failures| failures.rule() == *position);
    failures.flat_map(|failures| failures.iter()).for_each(|finding| units.add(run, &finding));
    let (text, detail) = match tally.evaluated() {
        0 => ("nothing to judge".to_owned(), String::new()),
        _ => units.text(rule.check.unit(), tally.pass, tally.fail),
    };
    let text = if tally.waived > 0 && tally.fail == 0 { "none open".to_owned() } else { text };
    let waived = (tally.waived > 0).then(|| format!("{} waived", number(tally.waived)));
    let detail = [Some(detail).filter(|detail| !detail.is_empty()), waived];
    let detail = detail.into_iter().flatten().collect::<Vec<_>>().join("; ");
    Some(Question {
        word,
        rule: rule.id,
        title: rule.title,
        text,
        detail,
        fail: tally.fail,
        pass: tally.pass,
        unknown: tally.unknown,
        evaluated: tally.evaluated(),
        params: params_in_words(run, rule),
    })
}

/// Backups and disks that failures concern.
#[derive(Default)]
struct Units {
    backups: u64,
    disks: u64,
}

impl Units {
    fn add(&mut self, run: &Run<'_>, finding: &Finding) {
        match finding.subject {
            Subject::Backup(ix) => {
                self.backups += 1;
                self.disks += match finding.note {
                    Note::Disks(disks, _) => u64::from(disks),
                    _ => disks_in(run.inventory.backup(ix)),
                };
            }
            Subject::Resource(ix) => {
                for point in run.inventory.points(ix).filter(|point| run.exists(point.ix)) {
                    self.backups += 1;
                    self.disks += disks_in(point);
                }
            }
            _ => {}
        }
    }

    /// The count in the unit of the rule, and in the other units.
    fn text(&self, unit: &str, pass: u64, fail: u64) -> (String, String) {
        let (backups, disks) = (counted(self.backups, "backup"), counted(self.disks, "disk"));
        match unit {
            _ if fail == 0 && pass == 0 => ("none proven".to_owned(), String::new()),
            _ if fail == 0 => ("none".to_owned(), String::new()),
            "resource" => (counted(fail, "resource"), format!("{backups}, {disks}")),
            "backup" => (backups, disks),
            _ => (counted(fail, unit), String::new()),
        }
    }
}

/// How many disks a backup is known to hold.
fn disks_in(backup: Backup<'_>) -> u64 {
    match backup.resource_type().value() {
        Some(ResourceType::Volume) => 1,
        _ => backup.children_len(),
    }
}
