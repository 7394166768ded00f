//! Patterns: replication records of one exporter differ in their ids and times alone. What was read once need not be read again
//! where the same bytes stand between these.

use crate::parse::replication::{Replicated, WireReplication};
use crate::parse::scan::Scanner;

/// A string that differs from record to record.
#[derive(Clone, Copy, Debug)]
pub(super) enum Varying {
    /// It is not kept.
    Idle,
    CreatedAt,
    DestinationBackupId,
}

impl Varying {
    /// What a string under this key is, if it varies.
    pub(super) fn under(key: Replicated) -> Option<Self> {
        match key {
            Replicated::CreatedAt => Some(Self::CreatedAt),
            Replicated::DestinationBackupId => Some(Self::DestinationBackupId),
            key => key.is_idle().then_some(Self::Idle),
        }
    }
}

/// A record that was read before.
#[derive(Debug)]
struct Pattern<'a> {
    /// Each text up to a string that varies, and what that is.
    parts: Vec<(&'a [u8], Varying)>,
    /// The text from the last of these to the end of the record.
    tail: &'a [u8],
    /// What it said.
    replication: WireReplication<'a>,
}

impl<'a> Pattern<'a> {
    /// What the record at the position says, and where it ends, if it is like this one.
    fn read(&self, mut scan: Scanner<'a>) -> Option<(WireReplication<'a>, Scanner<'a>)> {
        let (mut created_at, mut destination_backup_id) = (None, None);
        for (text, varying) in &self.parts {
            let slot = match varying {
                Varying::Idle => {
                    if scan.pass_text(text) && scan.is_at_string() && scan.pass_string() {
                        continue;
                    }
                    return None;
                }
                Varying::CreatedAt => &mut created_at,
                Varying::DestinationBackupId => &mut destination_backup_id,
            };
            if !scan.pass_text(text) || !scan.is_at_string() {
                return None;
            }
            *slot = Some(scan.value(0).ok()?);
        }
        let replication = self.replication.clone();
        scan.pass_text(self.tail).then(|| {
            let created_at = created_at.unwrap_or(replication.created_at);
            let destination_backup_id = destination_backup_id.unwrap_or(replication.destination_backup_id);
            (WireReplication { created_at, destination_backup_id, ..replication }, scan)
        })
    }
}

/// How many patterns are remembered.
const CHOICES: usize = 8;

/// How many are learnt in one text. Where there are more, nothing is regular.
const LEARNT: usize = 100;

/// The patterns of one text, the latest one first.
#[derive(Debug, Default)]
pub(super) struct Patterns<'a> {
    known: Vec<Pattern<'a>>,
    learnt: usize,
}

impl<'a> Patterns<'a> {
    /// What the record at the position says, if it is like one that was read before; then the position is behind it.
    pub(super) fn read(&mut self, scan: &mut Scanner<'a>) -> Option<WireReplication<'a>> {
        let read = |(position, pattern): (usize, &Pattern<'a>)| Some((position, pattern.read(scan.clone())?));
        let (position, (replication, behind)) = self.known.iter().enumerate().find_map(read)?;
        self.known.swap(0, position);
        *scan = behind;
        Some(replication)
    }

    /// Whether a further one may be learnt.
    pub(super) fn has_room(&self) -> bool {
        self.learnt < LEARNT
    }

    /// Remembers a record that ends at the position.
    pub(super) fn learn(&mut self, learning: Learning<'a>, scan: &Scanner<'a>, replication: &WireReplication<'a>) {
        let Learning { parts, at, is_regular } = learning;
        if is_regular {
            let pattern = Pattern { parts, tail: scan.since(at), replication: replication.clone() };
            self.known.truncate(CHOICES - 1);
            self.known.insert(0, pattern);
            self.learnt += 1;
        }
    }
}

/// A record that is being learnt.
#[derive(Debug)]
pub(super) struct Learning<'a> {
    parts: Vec<(&'a [u8], Varying)>,
    /// Where the text that is to come begins.
    at: usize,
    /// Nothing was met that has to be told of every record.
    is_regular: bool,
}

impl<'a> Learning<'a> {
    /// A record that begins at the position.
    pub(super) fn new(scan: &Scanner<'a>) -> Self {
        Self { parts: Vec::new(), at: scan.at(), is_regular: true }
    }

    /// A string that varies begins at the position.
    pub(super) fn varies(&mut self, varying: Varying, scan: &Scanner<'a>) {
        self.parts.push((scan.since(self.at), varying));
    }

    /// It has ended there.
    pub(super) fn goes_on(&mut self, scan: &Scanner<'a>) {
        self.at = scan.at();
    }

    /// Something has to be told that no pattern can tell.
    pub(super) fn spoil(&mut self) {
        self.is_regular = false;
    }
}
