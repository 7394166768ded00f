//! Where rules put their verdicts: counts for all, findings for what fails or cannot be judged. Unknowns that are a
//! property of the whole input are folded here, one finding per project and reason.

use std::collections::HashMap;

use crate::finding::{Evidence, Finding, Key, Note, Severity, Subject, Value, Verdict};
use crate::inventory::Inventory;
use crate::inventory::field::{FieldId, Reason};
use crate::inventory::intern::Symbol;
use crate::rule::Context;

/// How many verdicts of each kind a rule gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Judged good.
    pub pass: u64,
    /// Judged bad.
    pub fail: u64,
    /// Not judged.
    pub unknown: u64,
    /// Nothing to judge.
    pub not_applicable: u64,
}

impl Tally {
    /// How many units were evaluated.
    #[must_use]
    pub fn evaluated(&self) -> u64 {
        self.pass + self.fail + self.unknown
    }

    /// Adds the counts of another.
    pub fn add(&mut self, other: Self) {
        self.pass += other.pass;
        self.fail += other.fail;
        self.unknown += other.unknown;
        self.not_applicable += other.not_applicable;
    }
}

/// One verdict in full, for tests and explanations that want passes too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Traced {
    /// What it is about.
    pub subject: Subject,
    /// What tells it apart.
    pub key: Key,
    /// `pass`, `fail`, `unknown` or `not-applicable`.
    pub verdict: &'static str,
    /// Why, where it is unknown, or which kind of failure.
    pub reason: Option<&'static str>,
    /// How bad, where it failed.
    pub severity: Option<Severity>,
}

/// The verdicts of one rule over some of its units.
#[derive(Debug)]
pub struct Sink<'i> {
    /// The counts.
    pub tally: Tally,
    /// The findings.
    pub findings: Vec<Finding>,
    /// Every verdict in full, if wanted.
    pub trace: Option<Vec<Traced>>,
    inventory: &'i Inventory,
    rule: u16,
    severity: Severity,
    folded: HashMap<(Option<Symbol>, Reason), usize>,
    spare: Finding,
    clock_may_turn: bool,
}

impl<'i> Sink<'i> {
    /// A sink for the rule at this position of the catalogue.
    #[must_use]
    pub fn new(inventory: &'i Inventory, rule: u16, severity: Severity, trace: bool) -> Self {
        Self {
            tally: Tally::default(),
            findings: Vec::new(),
            trace: trace.then(Vec::new),
            inventory,
            rule,
            severity,
            folded: HashMap::new(),
            spare: blank(rule, severity),
            clock_may_turn: false,
        }
    }

    /// Says whether the unit now judged has backups that a later clock would count, so that only a failure is certain.
    pub fn clock_may_turn(&mut self, may_turn: bool) {
        self.clock_may_turn = may_turn;
    }

    /// The unit is as it should be.
    pub fn pass(&mut self, subject: Subject) {
        self.pass_for(subject, Key::None);
    }

    /// The unit is as it should be, as far as the key goes.
    pub fn pass_for(&mut self, subject: Subject, key: Key) {
        if self.clock_may_turn {
            self.unknown(subject, Reason::ClockInferred).key(key);
            return;
        }
        self.tally.pass += 1;
        self.note(subject, key, "pass");
    }

    /// The unit is as it should be at the as-of time. If that is only a lower bound and a later time could turn the
    /// verdict, it is not judged; `lasting` tells that no later time could.
    pub fn pass_now(&mut self, cx: &Context<'_>, subject: Subject, key: Key, lasting: bool) {
        if lasting || cx.clock.is_exact() {
            self.pass_for(subject, key);
        } else {
            self.unknown(subject, Reason::ClockInferred).key(key);
        }
    }

    /// There is nothing to judge.
    pub fn not_applicable(&mut self, subject: Subject) {
        self.not_applicable_for(subject, Key::None);
    }

    /// There is nothing to judge, as far as the key goes.
    pub fn not_applicable_for(&mut self, subject: Subject, key: Key) {
        if self.clock_may_turn {
            self.unknown(subject, Reason::ClockInferred).key(key);
            return;
        }
        self.tally.not_applicable += 1;
        self.note(subject, key, "not-applicable");
    }

    /// The rule is broken. The caller states what was observed, what was expected and where.
    pub fn fail(&mut self, subject: Subject) -> &mut Finding {
        self.tally.fail += 1;
        self.push(subject, Verdict::Fail, None)
    }

    /// The unit cannot be judged, for this reason.
    pub fn unknown(&mut self, subject: Subject, reason: Reason) -> &mut Finding {
        self.tally.unknown += 1;
        if !reason.folds() || self.trace.is_some() {
            let finding = self.push(subject, Verdict::Unknown, Some(reason));
            return finding.reason(reason.word());
        }
        let project = self.inventory.project_of(subject);
        if let Some(&known) = self.folded.get(&(project, reason)) {
            self.findings[known].count = self.findings[known].count.map(|count| count + 1);
            self.spare = blank(self.rule, self.severity);
            return &mut self.spare;
        }
        self.folded.insert((project, reason), self.findings.len());
        let finding = self.push(subject, Verdict::Unknown, Some(reason));
        finding.count = Some(1);
        finding.reason(reason.word())
    }

    fn push(&mut self, subject: Subject, verdict: Verdict, reason: Option<Reason>) -> &mut Finding {
        let mut finding = blank(self.rule, self.severity);
        finding.verdict = verdict;
        finding.subject = subject;
        finding.evidence = self.inventory.evidence_of(subject);
        if let Some(reason) = reason {
            finding.observed = Value::Words(reason.meaning());
            finding.expected = Value::Words(reason.wanted());
        }
        let position = self.findings.len();
        self.findings.push(finding);
        &mut self.findings[position]
    }

    fn note(&mut self, subject: Subject, key: Key, verdict: &'static str) {
        if let Some(trace) = &mut self.trace {
            trace.push(Traced { subject, key, verdict, reason: None, severity: None });
        }
    }

    /// Takes over the verdicts of units that come after those of this sink.
    pub fn append(&mut self, later: Sink<'_>) {
        self.tally.add(later.tally);
        if let (Some(trace), Some(more)) = (&mut self.trace, later.trace) {
            trace.extend(more);
        }
        let mut folds: HashMap<usize, (Option<Symbol>, Reason)> = HashMap::new();
        folds.extend(later.folded.into_iter().map(|(fold, position)| (position, fold)));
        for (position, finding) in later.findings.into_iter().enumerate() {
            match folds.get(&position) {
                Some(fold) => self.append_folded(*fold, finding),
                None => self.findings.push(finding),
            }
        }
    }

    fn append_folded(&mut self, fold: (Option<Symbol>, Reason), finding: Finding) {
        match self.folded.get(&fold) {
            Some(&known) => {
                let count = &mut self.findings[known].count;
                *count = Some(count.unwrap_or_default() + finding.count.unwrap_or_default());
            }
            None => {
                self.folded.insert(fold, self.findings.len());
                self.findings.push(finding);
            }
        }
    }

    /// Gives folded findings the project as their subject, now that all are in.
    #[must_use]
    pub fn finish(mut self) -> (Tally, Vec<Finding>, Option<Vec<Traced>>) {
        let folded: Vec<_> =
            self.folded.iter().map(|(&(project, reason), &position)| (position, project, reason)).collect();
        for (position, project, reason) in folded {
            self.findings[position].subject = Subject::Project(project);
            self.findings[position].key = Key::Reason(reason);
        }
        if let Some(trace) = &mut self.trace {
            trace.extend(self.findings.iter().map(|finding| Traced {
                subject: finding.subject,
                key: finding.key,
                verdict: finding.verdict.word(),
                reason: finding.reason,
                severity: (finding.verdict == Verdict::Fail).then_some(finding.severity),
            }));
        }
        (self.tally, self.findings, self.trace)
    }
}

fn blank(rule: u16, severity: Severity) -> Finding {
    Finding {
        rule,
        verdict: Verdict::Fail,
        severity,
        reason: None,
        count: None,
        subject: Subject::Project(None),
        key: Key::None,
        observed: Value::Words(""),
        note: Note::None,
        expected: Value::Words(""),
        evidence: Evidence::File(crate::inventory::FileIx(0)),
    }
}

impl Inventory {
    /// The project that a subject belongs to.
    #[must_use]
    pub fn project_of(&self, subject: Subject) -> Option<Symbol> {
        match subject {
            Subject::Backup(ix) => self.backup(ix).symbol(FieldId::ProjectId).value(),
            Subject::Resource(ix) => Some(self.resource(ix).project),
            Subject::Vault(ix) => self.in_vault(ix).find_map(|backup| backup.symbol(FieldId::ProjectId).value()),
            Subject::Listing(ix) => self.listings.rows[ix.index()].project,
            Subject::Project(project) => project,
            Subject::File(_) | Subject::SchemaKey(_) | Subject::Schema(_) => None,
        }
    }

    /// Where a subject stands, for findings that name no single field.
    #[must_use]
    pub fn evidence_of(&self, subject: Subject) -> Evidence {
        let first = |backup: Option<crate::inventory::backup::Backup<'_>>| {
            backup
                .map_or(Evidence::File(crate::inventory::FileIx(0)), |backup| Evidence::Record(backup.first_reading()))
        };
        match subject {
            Subject::Backup(ix) => first(Some(self.backup(ix))),
            Subject::Resource(ix) => first(self.points(ix).next()),
            Subject::Vault(ix) => first(self.in_vault(ix).next()),
            Subject::File(ix) => Evidence::File(ix),
            Subject::Listing(ix) => Evidence::File(self.listings.rows[ix.index()].files[0]),
            Subject::SchemaKey(ix) => Evidence::Drift(ix),
            Subject::Schema(_) | Subject::Project(_) => Evidence::File(crate::inventory::FileIx(0)),
        }
    }
}
