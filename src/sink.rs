//! Where rules put their verdicts: counts for all, findings for what fails or cannot be judged. Unknowns that are a
//! property of the whole input are folded here, one finding per project and reason.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files, listings and keys are those of the inventory that they are looked up in; a listing has an answer"
)]

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::finding::{Evidence, Finding, Key, Note, Severity, Subject, Value, Verdict};
use crate::findings::FindingList;
use crate::inventory::Inventory;
use crate::inventory::field::{FieldId, Reason};
use crate::inventory::intern::Symbol;
use crate::inventory::neighbour::listed::{ListedIx, NamedBy};
use crate::inventory::neighbour::part::Part;
use crate::rule::Context;
use crate::waiver::Policy;

/// How many verdicts of each kind a rule gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Judged good.
    pub pass: u64,
    /// Judged bad.
    pub fail: u64,
    /// Not judged.
    pub unknown: u64,
    /// Judged bad, and accepted by a waiver.
    pub waived: u64,
    /// Nothing to judge.
    pub not_applicable: u64,
}

impl Tally {
    /// How many units were evaluated.
    #[must_use]
    pub fn evaluated(&self) -> u64 {
        self.pass + self.fail + self.unknown + self.waived
    }

    /// Adds the counts of another.
    pub fn add(&mut self, other: Self) {
        self.pass += other.pass;
        self.fail += other.fail;
        self.unknown += other.unknown;
        self.waived += other.waived;
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

/// Of which subjects every verdict is kept in full.
#[derive(Clone, Copy, Default)]
pub struct Watch<'w>(pub Option<&'w Watched<'w>>);

/// Whether a subject is watched.
pub type Watched<'w> = dyn Fn(&Inventory, Subject) -> bool + Sync + 'w;

impl Watch<'_> {
    /// Of all.
    pub const EVERY: Watch<'static> = Watch(Some(&|_, _| true));
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Watch").field(&self.0.is_some()).finish()
    }
}

/// The verdicts of one rule over some of its units.
#[derive(Debug)]
pub struct Sink<'i> {
    /// The counts.
    pub tally: Tally,
    trace: Vec<Traced>,
    watch: Watch<'i>,
    findings: FindingList,
    /// The finding whose details are being stated; it is packed when the next one comes.
    open: Option<Finding>,
    folded: HashMap<(Option<Symbol>, Reason), Finding>,
    /// How many failures each waiver of the rule is about.
    met: Vec<u64>,
    policy: &'i Policy<'i>,
    inventory: &'i Inventory,
    rule: u16,
    severity: Severity,
    clock_may_turn: bool,
}

impl<'i> Sink<'i> {
    /// A sink for the rule at this position of the catalogue. Where subjects are watched, nothing is folded, and only what
    /// concerns them is kept.
    #[must_use]
    pub fn new(
        inventory: &'i Inventory,
        rule: u16,
        severity: Severity,
        policy: &'i Policy<'i>,
        watch: Watch<'i>,
    ) -> Self {
        Self {
            tally: Tally::default(),
            trace: Vec::new(),
            watch,
            findings: FindingList::default(),
            open: None,
            folded: HashMap::new(),
            met: vec![0; policy.waivers.len()],
            policy,
            inventory,
            rule,
            severity: policy.severity.unwrap_or(severity),
            clock_may_turn: false,
        }
    }

    /// A sink for units of the same rule that are judged apart from these.
    #[must_use]
    pub fn part(&self) -> Self {
        let empty = Self::new(self.inventory, self.rule, self.severity, self.policy, self.watch);
        Self { clock_may_turn: self.clock_may_turn, ..empty }
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
        if !reason.folds() || self.watch.0.is_some() {
            return self.push(subject, Verdict::Unknown, Some(reason));
        }
        self.close();
        let project = self.inventory.project_of(subject);
        let mut finding = self.stated(subject, Verdict::Unknown, Some(reason));
        match self.folded.entry((project, reason)) {
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                known.count = known.count.map(|count| count + 1);
                // What is said of this one is not kept: the first one speaks for all.
                self.open.insert(Finding { count: Some(0), ..finding })
            }
            Entry::Vacant(first) => {
                finding.count = Some(1);
                first.insert(finding)
            }
        }
    }

    fn push(&mut self, subject: Subject, verdict: Verdict, reason: Option<Reason>) -> &mut Finding {
        self.close();
        let finding = self.stated(subject, verdict, reason);
        self.open.insert(finding)
    }

    fn stated(&self, subject: Subject, verdict: Verdict, reason: Option<Reason>) -> Finding {
        let mut finding = blank(self.rule, self.severity);
        finding.verdict = verdict;
        finding.subject = subject;
        finding.evidence = self.inventory.evidence_of(subject);
        if let Some(reason) = reason {
            finding.reason = Some(reason.word());
            finding.observed = Value::Words(reason.meaning());
            finding.expected = Value::Words(reason.wanted());
        }
        finding
    }

    /// Packs the finding whose details were stated last.
    fn close(&mut self) {
        if let Some(mut finding) = self.open.take().filter(|finding| finding.count != Some(0)) {
            if finding.verdict == Verdict::Fail {
                self.apply_policy(&mut finding);
            }
            match self.watch.0 {
                Some(watched) if !watched(self.inventory, finding.subject) => return,
                Some(_) => self.trace.push(Traced {
                    subject: finding.subject,
                    key: finding.key,
                    verdict: finding.verdict.word(),
                    reason: finding.reason,
                    severity: (finding.verdict == Verdict::Fail).then_some(finding.severity),
                }),
                None => {}
            }
            self.findings.push(&finding);
        }
    }

    /// Gives a failure the severity and the verdict that the user decided on.
    fn apply_policy(&mut self, finding: &mut Finding) {
        finding.severity = self.policy.severity.unwrap_or(finding.severity);
        finding.waiver = self.policy.waives(self.inventory, finding.subject, &mut self.met);
        if finding.waiver.is_some() {
            finding.verdict = Verdict::Waived;
            self.tally.fail -= 1;
            self.tally.waived += 1;
        }
    }

    fn note(&mut self, subject: Subject, key: Key, verdict: &'static str) {
        if self.watch.0.is_some_and(|watched| watched(self.inventory, subject)) {
            self.trace.push(Traced { subject, key, verdict, reason: None, severity: None });
        }
    }

    /// Takes over the verdicts of units that come after those of this sink.
    #[allow(
        clippy::iter_over_hash_type,
        reason = "sums do not depend on the order, and the first of each fold is kept"
    )]
    pub fn append(&mut self, mut later: Sink<'_>) {
        self.close();
        later.close();
        self.tally.add(later.tally);
        self.met.iter_mut().zip(&later.met).for_each(|(all, later)| *all += later);
        self.trace.append(&mut later.trace);
        self.findings.append(&later.findings);
        for (fold, finding) in later.folded {
            let add = |known: &mut Finding| {
                known.count = Some(known.count.unwrap_or_default() + finding.count.unwrap_or_default());
            };
            self.folded.entry(fold).and_modify(add).or_insert(finding);
        }
    }

    /// Gives folded findings the project as their subject, now that all are in.
    #[must_use]
    pub fn finish(mut self) -> Finished {
        self.close();
        let mut folded: Vec<_> = std::mem::take(&mut self.folded).into_iter().collect();
        folded.sort_unstable_by_key(|(fold, _)| *fold);
        for ((project, reason), finding) in folded {
            let key = Key::Reason(reason);
            self.findings.push(&Finding { subject: Subject::Project(project), key, ..finding });
        }
        Finished { tally: self.tally, findings: self.findings, trace: self.trace, met: self.met }
    }
}

/// All that a rule came to.
#[derive(Debug)]
pub struct Finished {
    /// The counts.
    pub tally: Tally,
    /// The findings.
    pub findings: FindingList,
    /// Every verdict on what is watched.
    pub trace: Vec<Traced>,
    /// How many failures each waiver of the rule is about.
    pub met: Vec<u64>,
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
        waiver: None,
    }
}

impl Inventory {
    /// The project that a subject belongs to.
    #[must_use]
    pub fn project_of(&self, subject: Subject) -> Option<Symbol> {
        match subject {
            Subject::Backup(ix) | Subject::Checkpoint(ix) => self.backup(ix).symbol(FieldId::ProjectId).value(),
            Subject::Resource(ix) => Some(self.resource(ix).project),
            Subject::Vault(ix) => self.in_vault(ix).find_map(|backup| backup.symbol(FieldId::ProjectId).value()),
            Subject::Listing(ix) => self.listings.rows[ix.index()].project,
            Subject::Project(project) => project,
            Subject::Neighbour(ix) => self.neighbour(ix).project(),
            Subject::Listed(ix) => self.listed(ix).project,
            Subject::File(_) | Subject::Directory(_) | Subject::SchemaKey(_) | Subject::Schema(_) => None,
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
            Subject::Backup(ix) | Subject::Checkpoint(ix) => first(Some(self.backup(ix))),
            Subject::Resource(ix) => first(self.points(ix).next()),
            Subject::Vault(ix) => first(self.in_vault(ix).next()),
            Subject::File(ix) | Subject::Directory(ix) => Evidence::File(ix),
            Subject::Listing(ix) => Evidence::Answer(self.listings.rows[ix.index()].answers[0]),
            Subject::SchemaKey(ix) => Evidence::Drift(ix),
            Subject::Neighbour(ix) => Evidence::Neighbour(self.neighbour(ix).spot(Part::Whole)),
            Subject::Listed(ix) => self.evidence_of_listed(ix),
            Subject::Schema(_) | Subject::Project(_) => Evidence::File(crate::inventory::FileIx(0)),
        }
    }
    /// Where an inventory first names a resource.
    #[must_use]
    pub fn evidence_of_listed(&self, ix: ListedIx) -> Evidence {
        match self.listed(ix).named_by.first() {
            Some(NamedBy::Protectable(protectable)) => {
                Evidence::Neighbour(self.neighbour(*protectable).spot(Part::Whole))
            }
            Some(NamedBy::Vault(vault, ordinal)) => {
                Evidence::Neighbour(self.neighbour(*vault).spot_in(Part::ResourceId, *ordinal))
            }
            Some(NamedBy::Contested(_, spot)) => Evidence::Neighbour(*spot),
            Some(NamedBy::Expected(row)) => Evidence::Expected(*row),
            None => Evidence::File(crate::inventory::FileIx(0)),
        }
    }
}
