//! The findings of a run, packed: what tells one from another in a row of fixed size, what many have in common once. Ten
//! million backups may have millions of findings.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of details and rows are those of the list that they are looked up in; a segment is a part of it and not empty"
)]

use jiff::SignedDuration;

use crate::finding::{Evidence, Finding, Key, Note, Severity, Subject, Value, Verdict};
use crate::inventory::distinct::{Distinct, Hinted};

/// What a finding has for itself.
#[derive(Clone, Copy, Debug)]
struct Row {
    subject: Subject,
    evidence: Evidence,
    /// Its detail, by number.
    detail: u32,
    /// The amount that its note states, see [`Note`]; bytes, so that the row needs no padding.
    amount: [u8; 8],
    rule: u16,
    verdict: Verdict,
    severity: Severity,
}

const _: () = assert!(size_of::<Row>() <= 36, "millions of rows are kept");

/// What many findings have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Detail {
    key: Key,
    reason: Option<&'static str>,
    count: Option<u64>,
    /// The observed value; `None` if it is what stands at the evidence.
    observed: Option<Value>,
    /// The note without its amount.
    note: Note,
    expected: Value,
    waiver: Option<u16>,
}

impl Hinted for Detail {}

/// Rows in blocks of fixed size: a single vector of millions would be moved, and hold twice what it needs, as it grows.
#[derive(Debug, Default)]
struct Blocks(Vec<Vec<Row>>);

/// How many rows stand in one block.
const BLOCK: usize = 4096;

impl Blocks {
    fn push(&mut self, row: Row) {
        match self.0.last_mut() {
            Some(block) if block.len() < BLOCK => block.push(row),
            Some(_) => self.0.push(with_first(row, Vec::with_capacity(BLOCK))),
            None => self.0.push(with_first(row, Vec::new())),
        }
    }

    fn len(&self) -> usize {
        self.0.last().map_or(0, |last| (self.0.len() - 1) * BLOCK + last.len())
    }

    fn at(&self, number: u32) -> &Row {
        &self.0[number as usize / BLOCK][number as usize % BLOCK]
    }

    fn iter(&self) -> impl Iterator<Item = &Row> {
        self.0.iter().flatten()
    }
}

fn with_first(row: Row, mut block: Vec<Row>) -> Vec<Row> {
    block.push(row);
    block
}

/// Findings of one rule.
#[derive(Debug)]
pub struct FindingList {
    rows: Blocks,
    /// The rows by number in their final order, once all are in; nothing where they came in that order.
    order: Vec<u32>,
    details: Distinct<Detail>,
}

impl Default for FindingList {
    fn default() -> Self {
        Self { rows: Blocks::default(), order: Vec::new(), details: Distinct::new(ahash::RandomState::new()) }
    }
}

impl FindingList {
    /// Adds a finding.
    pub fn push(&mut self, finding: &Finding) {
        let (note, amount) = split(finding.note);
        let observed = Some(finding.observed).filter(|observed| stated_at(finding.evidence) != Some(*observed));
        let expected = relative(finding.expected, finding.evidence, u32::wrapping_sub);
        let Finding { key, reason, count, waiver, .. } = *finding;
        self.rows.push(Row {
            subject: finding.subject,
            evidence: finding.evidence,
            detail: self.details.number(&Detail { key, reason, count, observed, note, expected, waiver }),
            amount: amount.to_ne_bytes(),
            rule: finding.rule,
            verdict: finding.verdict,
            severity: finding.severity,
        });
    }

    /// Adds the findings of another list behind those of this one.
    pub fn append(&mut self, later: &Self) {
        let details: Vec<u32> = later.details.values.iter().map(|detail| self.details.number(detail)).collect();
        later.rows.iter().for_each(|row| self.rows.push(Row { detail: details[row.detail as usize], ..*row }));
    }

    fn unpack(&self, row: &Row) -> Finding {
        let detail = &self.details.values[row.detail as usize];
        Finding {
            rule: row.rule,
            verdict: row.verdict,
            severity: row.severity,
            reason: detail.reason,
            count: detail.count,
            subject: row.subject,
            key: detail.key,
            observed: detail.observed.or_else(|| stated_at(row.evidence)).unwrap_or(Value::Words("")),
            note: join(detail.note, i64::from_ne_bytes(row.amount)),
            expected: relative(detail.expected, row.evidence, u32::wrapping_add),
            evidence: row.evidence,
            waiver: detail.waiver,
        }
    }

    /// Brings the findings into their final order, and forgets how to find a detail. The sort is stable.
    fn freeze(&mut self) {
        use rayon::slice::ParallelSliceMut;
        let Self { rows, order, details } = self;
        let key = |number: &u32| {
            let row = rows.at(*number);
            let Detail { key, reason, .. } = details.values[row.detail as usize];
            (row.ranks(), reason, row.subject, key, row.evidence)
        };
        let numbers = 0..u32::try_from(rows.len()).unwrap_or(u32::MAX);
        if !numbers.clone().is_sorted_by(|a, b| key(a) <= key(b)) {
            *order = numbers.collect();
            order.par_sort_by(|a, b| key(a).cmp(&key(b)));
        }
        details.freeze();
    }

    /// The row at a position of the final order.
    fn at(&self, position: usize) -> &Row {
        #[allow(clippy::cast_possible_truncation, reason = "rows are numbered so")]
        self.rows.at(self.order.get(position).copied().unwrap_or(position as u32))
    }

    /// The stretches of the final order whose rows have the same ranks.
    fn ranked(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let mut start = 0;
        std::iter::from_fn(move || {
            let rank = (start < self.rows.len()).then(|| self.at(start).ranks())?;
            let end = (start..self.rows.len()).find(|&position| self.at(position).ranks() != rank);
            let stretch = start..end.unwrap_or(self.rows.len());
            start = stretch.end;
            Some(stretch)
        })
    }
}

impl Row {
    /// Failures before unknowns before what is waived, the worst first.
    fn ranks(&self) -> (Verdict, std::cmp::Reverse<Severity>) {
        (self.verdict, std::cmp::Reverse(self.severity))
    }
}

/// A value with the reading that it names counted from, or to, the one that the evidence is in: what is expected of many
/// findings alike is then the same value.
fn relative(value: Value, evidence: Evidence, shift: impl Fn(u32, u32) -> u32) -> Value {
    let (Evidence::Record(base) | Evidence::Field(base, _) | Evidence::Replication(base, ..)) = evidence else {
        return value;
    };
    match value {
        Value::Field(reading, field) => Value::Field(shift(reading, base), field),
        Value::Replication(reading, ordinal, key) => Value::Replication(shift(reading, base), ordinal, key),
        other => other,
    }
}

/// What stands at a place, as a value.
fn stated_at(evidence: Evidence) -> Option<Value> {
    match evidence {
        Evidence::Field(reading, field) => Some(Value::Field(reading, field)),
        Evidence::Replication(reading, ordinal, key) => Some(Value::Replication(reading, ordinal, key)),
        Evidence::File(file) => Some(Value::FileReason(file)),
        Evidence::Neighbour(spot) => Some(Value::Neighbour(spot)),
        Evidence::Record(_) | Evidence::Answer(_) | Evidence::Count(_) | Evidence::Drift(_) | Evidence::Expected(_) => {
            None
        }
    }
}

/// A note without the amount that differs from finding to finding, and that amount: microseconds, or a reading.
fn split(note: Note) -> (Note, i64) {
    const ZERO: SignedDuration = SignedDuration::ZERO;
    match note {
        Note::Age(span) => (Note::Age(ZERO), micros(span)),
        Note::VaultGoesOn(span, reading, field) => (Note::VaultGoesOn(ZERO, reading, field), micros(span)),
        Note::NewestGood(span) => (Note::NewestGood(ZERO), micros(span)),
        Note::Lifetime(span) => (Note::Lifetime(ZERO), micros(span)),
        Note::Gap(span) => (Note::Gap(ZERO), micros(span)),
        Note::Between(span) => (Note::Between(ZERO), micros(span)),
        Note::Apart(span) => (Note::Apart(ZERO), micros(span)),
        Note::Dwell(span) => (Note::Dwell(ZERO), micros(span)),
        Note::Progress(percent, span) => (Note::Progress(percent, ZERO), micros(span)),
        Note::Elsewhere(reading, field) => (Note::Elsewhere(0, field), i64::from(reading)),
        other => (other, 0),
    }
}

fn join(note: Note, amount: i64) -> Note {
    let span = || SignedDuration::from_micros(amount);
    match note {
        Note::Age(_) => Note::Age(span()),
        Note::VaultGoesOn(_, reading, field) => Note::VaultGoesOn(span(), reading, field),
        Note::NewestGood(_) => Note::NewestGood(span()),
        Note::Lifetime(_) => Note::Lifetime(span()),
        Note::Gap(_) => Note::Gap(span()),
        Note::Between(_) => Note::Between(span()),
        Note::Apart(_) => Note::Apart(span()),
        Note::Dwell(_) => Note::Dwell(span()),
        Note::Progress(percent, _) => Note::Progress(percent, span()),
        Note::Elsewhere(_, field) => Note::Elsewhere(u32::try_from(amount).unwrap_or_default(), field),
        other => other,
    }
}

/// A length of time in whole microseconds, rounded down so that what is negative stays so.
fn micros(span: SignedDuration) -> i64 {
    i64::try_from(span.as_nanos().div_euclid(1000)).unwrap_or(i64::MAX)
}

/// All findings, in their final order: failures before unknowns, the worst first, rules in catalogue order.
#[derive(Debug, Default)]
pub struct Findings {
    lists: Vec<FindingList>,
    /// Which rows of which list come next.
    segments: Vec<(usize, std::ops::Range<usize>)>,
}

impl Findings {
    /// Orders the findings of every rule, given in catalogue order.
    #[must_use]
    pub fn new(mut lists: Vec<FindingList>) -> Self {
        lists.iter_mut().for_each(FindingList::freeze);
        let mut segments = Vec::new();
        for (number, list) in lists.iter().enumerate() {
            segments.extend(list.ranked().map(|stretch| (number, stretch)));
        }
        segments.sort_by_key(|(number, stretch)| (lists[*number].at(stretch.start).ranks(), *number));
        Self { lists, segments }
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.lists.iter().map(|list| list.rows.len()).sum()
    }

    /// Every finding, in order.
    pub fn iter(&self) -> impl Iterator<Item = Finding> {
        self.pieces(usize::MAX).flat_map(|piece| piece.iter())
    }

    /// Every finding with this verdict, in order.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = Finding> {
        self.stretches(verdict).flat_map(Piece::iter)
    }

    /// The findings with this verdict in order, those of one rule and severity together.
    pub fn stretches(&self, verdict: Verdict) -> impl Iterator<Item = Piece<'_>> {
        self.pieces(usize::MAX).filter(move |piece| piece.first().verdict == verdict)
    }

    /// The findings in order, in pieces of at most so many.
    pub fn pieces(&self, most: usize) -> impl Iterator<Item = Piece<'_>> {
        self.segments.iter().flat_map(move |(number, range)| {
            let list = &self.lists[*number];
            let starts = range.clone().step_by(most);
            starts.map(move |start| Piece { list, positions: start..range.end.min(start.saturating_add(most)) })
        })
    }
}

/// Some findings of one rule, verdict and severity that follow each other.
#[derive(Clone, Debug)]
pub struct Piece<'f> {
    list: &'f FindingList,
    positions: std::ops::Range<usize>,
}

impl<'f> Piece<'f> {
    /// The findings.
    pub fn iter(self) -> impl Iterator<Item = Finding> + 'f {
        self.positions.map(move |position| self.list.unpack(self.list.at(position)))
    }

    /// How many they are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.positions.len()
    }

    /// The position of their rule in the catalogue.
    #[must_use]
    pub fn rule(&self) -> u16 {
        self.first().rule
    }

    /// How bad each of them is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.first().severity
    }

    fn first(&self) -> &Row {
        self.list.at(self.positions.start)
    }
}

#[cfg(test)]
mod tests;
