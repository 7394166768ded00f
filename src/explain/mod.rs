//! Why a verdict came out, step by step: what is judged, as of when, with which parameters, what was found on the way, and
//! the verdict in the words of the report.

mod ground;
mod parts;
mod points;
mod record;
mod subject;
mod text;
mod topic;
mod verdict;

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use crate::control::Framework;
use crate::finding::{Evidence, Subject, Verdict};
use crate::inventory::backup::Backup;
use crate::inventory::{BackupIx, Inventory};
use crate::report::row::Row;
use crate::report::wording::counted;
use crate::rule::{Context, Rule};
use crate::run::{Incomplete, Run};
use subject::{Around, judges_backups, named};
pub use subject::{Given, verdicts};
use text::{Text, short};
pub use topic::Topic;

/// How many restore points, disks, verdicts and the like are shown where not all are wanted.
const SHOWN: usize = 20;

/// What stands below a backup that a verdict points at.
const POINTED: &str = "The verdict points here.";

/// What is asked: a topic, and the thing whose verdicts are to be explained.
#[derive(Debug)]
pub struct Asked {
    topic: Topic,
    name: String,
    named: Vec<Subject>,
    around: Around,
}

impl Asked {
    /// Finds what a report calls by this name.
    ///
    /// # Errors
    /// A name that the dump does not hold, or a framework, which is too much at once.
    pub fn find(inventory: &Inventory, topic: Topic, name: &str) -> Result<Self> {
        if let Topic::Framework(Framework { id, .. }) = topic {
            bail!("{id} is a whole framework: name one of its controls; `cbr-audit explain {id}` lists them");
        }
        let named = named(inventory, &topic.rules(), name)?;
        let around = Around::new(inventory, &named);
        Ok(Self { topic, name: name.to_owned(), named, around })
    }

    /// Whether a verdict on this subject is needed.
    #[must_use]
    pub fn concerns(&self, inventory: &Inventory, subject: Subject) -> bool {
        self.named.contains(&subject) || self.around.meets(inventory, subject)
    }

    /// The verdicts on the named things; where there are none, those on what contains them or what they contain.
    fn choose<'g>(&self, inventory: &Inventory, given: &'g [Given]) -> (BySubject<'g>, bool) {
        let collect = |wanted: &dyn Fn(Subject) -> bool| {
            let mut by_subject = BySubject::new();
            for given in given.iter().filter(|given| wanted(given.subject)) {
                by_subject.entry(given.subject).or_default().push(given);
            }
            by_subject
        };
        let direct = collect(&|subject| self.named.contains(&subject));
        if !direct.is_empty() {
            return (direct, true);
        }
        (collect(&|subject| self.around.meets(inventory, subject)), false)
    }

    fn titles(&self, run: &Run<'_>) -> String {
        let titles: Vec<_> = self.named.iter().map(|subject| ground::title(run, *subject)).collect();
        titles.join(", ")
    }
}

/// The verdicts by what they are about.
type BySubject<'g> = BTreeMap<Subject, Vec<&'g Given>>;

/// What a rule judges one thing with.
struct Scene<'r> {
    run: &'r Run<'r>,
    cx: Context<'r>,
    /// How many things of a kind are shown.
    limit: usize,
    /// The backups that the verdicts point at.
    decisive: Vec<BackupIx>,
}

impl Scene<'_> {
    /// The first of some backups up to the limit, and those further down that a verdict points at.
    fn shown<'b>(&self, backups: &[Backup<'b>]) -> Vec<(usize, Backup<'b>)> {
        let numbered = backups.iter().copied().enumerate();
        numbered.filter(|(position, backup)| *position < self.limit || self.points_at(*backup)).collect()
    }

    fn points_at(&self, backup: Backup<'_>) -> bool {
        self.decisive.contains(&backup.ix) || backup.children().any(|disk| self.decisive.contains(&disk.ix))
    }

    /// Says how many were left out.
    fn rest(&self, all: usize, shown: usize, text: &mut Text) {
        if all > shown {
            text.line(&format!("… and {} older ones: --all shows them.", all - shown));
        }
    }
}

/// The backup in which the value stands that a piece of evidence names.
fn decides(run: &Run<'_>, evidence: Evidence) -> Option<BackupIx> {
    match evidence {
        Evidence::Field(reading, _) | Evidence::Replication(reading, _, _) => Some(run.inventory.backup_of(reading)),
        Evidence::Record(_)
        | Evidence::File(_)
        | Evidence::Answer(_)
        | Evidence::Count(_)
        | Evidence::Drift(_)
        | Evidence::Neighbour(_)
        | Evidence::Expected(_) => None,
    }
}

/// Explains what is asked. The run must have watched what it concerns.
#[must_use]
pub fn explain(run: &Run<'_>, asked: &Asked, all: bool) -> String {
    let limit = if all { usize::MAX } else { SHOWN };
    let text = match asked.topic {
        Topic::Rule(rule) => by_rule(run, rule, asked, limit),
        topic => topic.text() + &by_control(run, &topic.rules(), asked, limit),
    };
    text + &incomplete(run)
}

fn by_rule(run: &Run<'_>, rule: &'static Rule, asked: &Asked, limit: usize) -> String {
    let given = verdicts(run, rule);
    let (by_subject, is_direct) = asked.choose(&run.inventory, &given);
    let mut text = Text::default();
    if !is_direct {
        text.title(&format!("{} judges per {}, not {}.", rule.id, rule.check.unit(), asked.titles(run)));
    }
    if by_subject.is_empty() {
        not_judged(run, rule, &asked.named, &mut text);
    } else if is_direct || by_subject.len() == 1 {
        for (position, (subject, given)) in by_subject.iter().enumerate() {
            if position > 0 || !is_direct {
                text.gap();
            }
            steps(run, rule, *subject, given, limit, &mut text);
        }
    } else {
        overview(run, rule, &asked.name, &by_subject, limit, &mut text);
    }
    text.into_string()
}

/// Every step to the verdicts on one thing.
fn steps(run: &Run<'_>, rule: &'static Rule, subject: Subject, given: &[&Given], limit: usize, text: &mut Text) {
    let title = ground::title(run, subject);
    text.title(&format!("{} on {title}: {}", rule.id, in_brief(given)));
    if let [Some(finding)] = given.iter().map(|given| given.finding).collect::<Vec<_>>().as_slice() {
        let row = Row::new(run, finding);
        let field = row.field.as_ref().map(|field| format!("{field} ")).unwrap_or_default();
        text.title(&format!("Observed: {field}{}. Expected: {}.", short(&row.observed), short(&row.expected)));
    }
    ground::judged(run, rule, subject, text);
    ground::clock(run, text);
    ground::parameters(run, rule, subject, text);
    let values = ground::values(run, rule, subject);
    let cx = Context {
        inventory: &run.inventory,
        clock: &run.clock,
        points: &run.points,
        values: &values,
        known_values: &run.settings.decisions.accepted.values,
        rule,
        at_hand: None,
    };
    let decisive = given.iter().filter_map(|given| given.finding).filter_map(|finding| decides(run, finding.evidence));
    parts::found(&Scene { run, cx, limit, decisive: decisive.collect() }, subject, given, text);
    verdict::verdicts(run, rule, given, limit, text);
}

/// The verdicts in a few words: `fail, high`, or how many of each.
fn in_brief(given: &[&Given]) -> String {
    let words = ["fail", "unknown", "waived", "pass", "not-applicable"];
    let count = |word| given.iter().filter(|given| given.verdict == word).count();
    let counts: Vec<_> = words.into_iter().map(|word| (word, count(word))).filter(|(_, count)| *count > 0).collect();
    match counts.as_slice() {
        [(word, 1)] => {
            let finding = given.iter().find_map(|given| given.finding);
            let detail = finding.and_then(|finding| match finding.verdict {
                Verdict::Fail => Some(finding.severity.word()),
                Verdict::Unknown => finding.reason,
                Verdict::Waived => None,
            });
            [Some(*word), detail].into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
        several => several.iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", "),
    }
}

/// A line for each of several things that a rule judges.
fn overview(run: &Run<'_>, rule: &'static Rule, name: &str, by_subject: &BySubject<'_>, limit: usize, text: &mut Text) {
    let every: Vec<_> = by_subject.values().flatten().copied().collect();
    text.title(&format!(
        "It gives verdicts on {} that belong together with {}: {}. `cbr-audit explain {} ID PATH` explains one of them.",
        counted(by_subject.len() as u64, rule.check.unit()),
        short(name),
        in_brief(&every),
        rule.id
    ));
    text.gap();
    let rank =
        |given: &[&Given]| given.iter().map(|given| given.verdict == "pass" || given.verdict == "not-applicable").min();
    let mut rows: Vec<_> = by_subject.iter().collect();
    rows.sort_by_key(|(subject, given)| (rank(given), **subject));
    for (subject, given) in rows.iter().take(limit) {
        text.line(&format!("{:<15} {}", in_brief(given), ground::title(run, **subject)));
    }
    if rows.len() > limit {
        text.line(&format!("… and {} more: --all shows them.", rows.len() - limit));
    }
}

/// Why a rule gave no verdict.
fn not_judged(run: &Run<'_>, rule: &Rule, named: &[Subject], text: &mut Text) {
    text.title("It gave no verdict on it, nor on anything that contains it or that it contains.");
    for subject in named {
        let Subject::Backup(ix) = *subject else { continue };
        let backup = run.inventory.backup(ix);
        if !run.exists(ix) {
            text.title("The backup was made after the as-of time.");
        } else if backup.in_cycle() {
            text.title("The backup is part of a parent cycle, see hierarchy-cycle.");
        } else if judges_backups(rule) && backup.parent().is_some() {
            text.title("The backup is part of another one.");
        } else if judges_backups(rule) {
            text.title("The backup stands by itself and no disk backup in it is shown.");
        } else if backup.resource().is_none() {
            text.title("The backup belongs to no resource: its project, resource type or resource id cannot be used.");
        }
    }
}

/// What the dump lacks: a verdict is one on what could be read.
fn incomplete(run: &Run<'_>) -> String {
    let mut text = Text::default();
    let causes = run.incomplete();
    if !causes.is_empty() {
        text.gap();
        text.title("The answer is incomplete, and a report on this input sets 4:");
    }
    for Incomplete { cause, remedy } in &causes {
        text.line(&format!("{}: {}", short(cause), short(remedy)));
    }
    text.into_string()
}

/// The verdicts of a control's rules, a few lines each.
fn by_control(run: &Run<'_>, rules: &[&'static Rule], asked: &Asked, limit: usize) -> String {
    let mut text = Text::default();
    text.gap();
    text.title(&format!("What its rules say of {}:", asked.titles(run)));
    let mut silent = Vec::new();
    for rule in rules {
        let given = verdicts(run, rule);
        let (by_subject, _) = asked.choose(&run.inventory, &given);
        if by_subject.is_empty() {
            silent.push(rule.id);
        } else {
            rule_in_brief(run, rule, &asked.name, &by_subject, limit, &mut text);
        }
    }
    if !silent.is_empty() {
        text.gap();
        text.title(&format!("No verdict on it from: {}.", silent.join(", ")));
    }
    text.into_string()
}

fn rule_in_brief(
    run: &Run<'_>,
    rule: &'static Rule,
    name: &str,
    by_subject: &BySubject<'_>,
    limit: usize,
    text: &mut Text,
) {
    let every: Vec<_> = by_subject.values().flatten().copied().collect();
    text.gap();
    let is_off = run.settings.rules.off.iter().any(|off| off.rule == rule.id);
    let off = if is_off { " (the configuration switches it off: reports leave it out)" } else { "" };
    text.title(&format!("{}: {}{off}", rule.id, in_brief(&every)));
    let findings: Vec<_> = every.iter().filter_map(|given| given.finding).collect();
    for finding in findings.iter().take(limit.min(5)) {
        let row = Row::new(run, finding);
        let reason = row.reason.map(|reason| format!(" {reason}")).unwrap_or_default();
        text.line(&format!("{}{reason}, {}: {}", row.verdict, row.severity, ground::title(run, finding.subject)));
        text.more(&format!("observed {}; expected {}", short(&row.observed), short(&row.expected)));
        text.more(&row.evidence.to_string());
    }
    if findings.len() > limit.min(5) {
        text.line(&format!(
            "… and {} more: `cbr-audit explain {} {} PATH`",
            findings.len() - limit.min(5),
            rule.id,
            short(name)
        ));
    }
}
