//! What findings give back is what was put in, in the one order, however many they are.

use jiff::SignedDuration;
use pretty_assertions::assert_eq;

use super::{BLOCK, FindingList, Findings};
use crate::finding::{Evidence, Finding, Key, Note, ReplicationKey, Severity, Subject, Value, Verdict};
use crate::inventory::field::FieldId;
use crate::inventory::{BackupIx, FileIx};

/// A finding unlike all others, and of every kind if there are many.
fn finding(rule: u16, number: u32) -> Finding {
    let span = SignedDuration::from_micros(-7 + i64::from(number));
    let field = FieldId::ALL[number as usize % FieldId::ALL.len()];
    let (observed, evidence) = match number % 7 {
        0 => (Value::Field(number, field), Evidence::Field(number, field)),
        1 => (Value::Field(number + 1, field), Evidence::Field(number, field)),
        2 => (Value::Words("none"), Evidence::Record(number)),
        3 => (Value::FileReason(FileIx(number)), Evidence::File(FileIx(number))),
        4 => (Value::Words(""), Evidence::File(FileIx(number))),
        _ => {
            let key = ReplicationKey::Status;
            (Value::Replication(number, 2, key), Evidence::Replication(number, 2, key))
        }
    };
    let note = match number % 12 {
        0 => Note::Age(span),
        1 => Note::VaultGoesOn(span, number, field),
        2 => Note::NewestGood(span),
        3 => Note::Lifetime(span),
        4 => Note::Gap(span),
        5 => Note::Between(span),
        6 => Note::Apart(span),
        7 => Note::Dwell(span),
        8 => Note::Progress(Some(40), span),
        9 => Note::Elsewhere(number, field),
        10 => Note::Disks(number, 3),
        _ => Note::None,
    };
    Finding {
        rule,
        verdict: [Verdict::Fail, Verdict::Unknown, Verdict::Waived][number as usize % 3],
        severity: Severity::ALL[number as usize % 5],
        reason: [None, Some("absent"), Some("null")][number as usize / 3 % 3],
        count: number.is_multiple_of(4).then_some(u64::from(number)),
        subject: Subject::Backup(BackupIx(number / 2)),
        key: Key::Field(field),
        observed,
        note,
        expected: [
            Value::Field(number + 5, field),
            Value::Replication(0, 1, ReplicationKey::Status),
            Value::Words("one"),
        ][number as usize / 5 % 3],
        evidence,
        waiver: (number % 3 == 2).then_some(4),
    }
}

/// Findings of a rule, some of them added in lists of their own.
fn list_of(findings: &[Finding]) -> FindingList {
    let mut all = FindingList::default();
    for part in findings.chunks(1500) {
        let (one, by_one) = part.split_at(part.len() / 2);
        let mut further = FindingList::default();
        one.iter().for_each(|finding| further.push(finding));
        all.append(&further);
        by_one.iter().for_each(|finding| all.push(finding));
    }
    all
}

fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings
        .sort_by_key(|f| (f.verdict, std::cmp::Reverse(f.severity), f.rule, f.reason, f.subject, f.key, f.evidence));
    findings
}

fn words(findings: impl IntoIterator<Item = Finding>) -> Vec<String> {
    findings.into_iter().map(|finding| format!("{finding:?}")).collect()
}

#[test]
fn what_was_put_in_comes_back_in_order() {
    let block = u32::try_from(BLOCK).unwrap();
    for many in [0, 1, 2, 40, block - 1, block, block + 1, 2 * block, 2 * block + 1, 10_000] {
        let of_rule = |rule| (0..many).map(move |number| finding(rule, number)).collect::<Vec<_>>();
        let mut falling = sorted(of_rule(0));
        falling.reverse();
        let mixed = (0..many).map(|number| finding(1, number * 7919 % 100_003)).collect::<Vec<_>>();
        let rising = sorted(of_rule(2));
        let lists = [&falling, &mixed, &rising].map(|findings| list_of(findings));
        let findings = Findings::new(lists.into());
        assert_eq!(findings.total(), 3 * many as usize);
        let told = words(findings.iter());
        assert!(told == words(sorted([falling, mixed, rising].concat())), "of {many}");
        for most in [1, 7, 4096] {
            let pieces: Vec<Vec<Finding>> = findings.pieces(most).map(|piece| piece.iter().collect()).collect();
            assert!(pieces.iter().all(|piece| piece.len() <= most && !piece.is_empty()), "{most} of {many}");
            assert!(words(pieces.concat()) == told, "{most} of {many}");
        }
    }
}
