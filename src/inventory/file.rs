//! The ledger of the input: every file under the given paths, in exactly one state, with the reason.

use std::borrow::Cow;
use std::collections::HashSet;

use super::FileIx;
use crate::discover::directory_of;
use crate::parse::envelope::Envelope;

/// The state in which a file ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileState {
    /// Every backup object in it became a record.
    Read,
    /// Some backup objects in it could not be read.
    PartlyRead,
    /// Nothing in it could be used.
    Rejected,
    /// Something else than an answer about backups.
    NotBackup,
    /// Excluded, or not a regular file.
    Skipped,
    /// An archive, all of whose members are files of the ledger.
    Unpacked,
}

impl FileState {
    /// Every state, in the order of the ledger.
    pub const ALL: [Self; 6] =
        [Self::Read, Self::PartlyRead, Self::Rejected, Self::NotBackup, Self::Skipped, Self::Unpacked];

    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::PartlyRead => "partly-read",
            Self::Rejected => "rejected",
            Self::NotBackup => "not-backup",
            Self::Skipped => "skipped",
            Self::Unpacked => "unpacked",
        }
    }

    /// Whether a file in this state leaves the answer incomplete.
    #[must_use]
    pub fn is_incomplete(self) -> bool {
        matches!(self, Self::PartlyRead | Self::Rejected)
    }
}

/// Why a file is rejected that the program itself failed on. No name and no content of a dump can say so.
pub const FAULT: &str = "a fault of cbr-audit itself ended the reading: please report it";

/// One entry of the ledger.
#[derive(Clone, Debug)]
pub struct File {
    /// The path as reports print it.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// The state it ended in.
    pub state: FileState,
    /// What it is, in words.
    pub kind: Cow<'static, str>,
    /// Why it is not `read`, or what is remarkable.
    pub reason: Option<String>,
    /// How many backup objects became readings.
    pub records: u64,
    /// Its SHA-256, if asked for.
    pub sha256: Option<String>,
    /// How many documents it holds.
    pub documents: u32,
    /// Its readings in the table of all: start and end.
    pub readings: (u32, u32),
    /// How many elements of its lists could not be read.
    pub elements_lost: u64,
    /// The older capture that it belongs to, by number: then it is not judged.
    pub older: Option<u32>,
    /// How many backup objects in it could not be read.
    pub objects_lost: u64,
    /// For an archive: how many files of the ledger it holds directly.
    pub members: Option<u64>,
    /// Whether it stands in an archive.
    pub is_member: bool,
    /// The first file of the ledger with the same content, once it is unpacked.
    pub same_as: Option<FileIx>,
}

impl File {
    /// The directory part of its path; `.` at the root.
    #[must_use]
    pub fn directory(&self) -> &str {
        directory_of(&self.path)
    }

    /// Whether something may be missing from what is judged because of what this file lost.
    #[must_use]
    pub fn leaves_doubt(&self) -> bool {
        self.state.is_incomplete() && self.older.is_none()
    }
}

/// Where something may be missing because of what files lost: asked of many directories, no file is looked at again.
#[derive(Debug)]
pub struct Doubts<'f> {
    directories: HashSet<&'f str>,
    /// The files themselves, as archives in which directories stand.
    archives: HashSet<&'f str>,
}

impl<'f> Doubts<'f> {
    /// What these files leave in doubt.
    #[must_use]
    pub fn of(files: &'f [File]) -> Self {
        let lossy = || files.iter().filter(|file| file.leaves_doubt());
        Self {
            directories: lossy().map(File::directory).collect(),
            archives: lossy().map(|file| &*file.path).collect(),
        }
    }

    /// Whether any of them leaves doubt at all.
    #[must_use]
    pub fn are_any(&self) -> bool {
        !self.archives.is_empty()
    }

    /// Whether something may be missing from a directory because of what one of them lost: it stands there, or it is an
    /// archive and the directory stands in it.
    #[must_use]
    pub fn are_in(&self, directory: &str) -> bool {
        let mut around = directory.match_indices('!').filter_map(|(end, _)| directory.get(..end));
        self.directories.contains(directory) || around.any(|archive| self.archives.contains(archive))
    }
}

/// What an envelope is called in the ledger.
#[must_use]
pub fn kind_of(envelope: &Envelope) -> Cow<'static, str> {
    let known = match envelope {
        Envelope::Show => "show answer",
        Envelope::List(_) => "list answer",
        Envelope::Bare => "backup object",
        Envelope::BareList => "array of backup objects",
        Envelope::Capture(_) => "capture note",
        Envelope::Refused(_) | Envelope::Unknown(_) => "unusable",
        Envelope::NotBackup(what) => return what.clone().into(),
    };
    known.into()
}
