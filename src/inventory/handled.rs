//! What reading a source came to beside its records, and what an archive holds.

use super::file::FileState;
use crate::unpack::Contents;

/// What reading a source came to, beside its records.
#[derive(Clone, Debug, Default)]
pub struct Handled {
    /// The state that holds whatever the content says: skipped.
    pub skipped: Option<String>,
    /// The SHA-256 of the bytes, if asked for.
    pub sha256: Option<String>,
    /// How many bytes were read.
    pub bytes: u64,
    /// What is remarkable about the file.
    pub note: Option<String>,
    /// What an archive holds, whose members are files of their own.
    pub held: Option<Held>,
    /// What tells the content of a file from that of every other, once it is unpacked: its length and a hash.
    pub content: Option<(u64, u64)>,
}

/// What an archive came to.
#[derive(Clone, Debug)]
pub struct Held {
    /// Whether all of it was seen.
    pub state: FileState,
    /// What it holds, and what is wrong with it.
    pub reason: String,
    /// How many files it holds.
    pub members: u64,
}

impl Held {
    /// What is said of an archive with these contents.
    #[must_use]
    pub fn new(contents: &Contents) -> Self {
        const NAMED: usize = 3;
        let state = match (contents.faults.is_empty(), contents.members) {
            (true, _) => FileState::Unpacked,
            (false, 0) => FileState::Rejected,
            (false, _) => FileState::PartlyRead,
        };
        let more = (contents.faults.len() > NAMED).then(|| "…".to_owned());
        let members = match contents.members {
            0 => "no members".to_owned(),
            1 => "1 member, which has its own line".to_owned(),
            several => format!("{several} members, which have their own lines"),
        };
        let faults = contents.faults.iter().take(NAMED).cloned().chain(more);
        let said: Vec<_> = faults.chain(contents.notes.iter().cloned()).chain([members]).collect();
        Self { state, reason: said.join("; "), members: contents.members }
    }
}
