//! What a rule found: indexes and values, no sentences. The report words them, once.

use jiff::{SignedDuration, Timestamp};

use crate::inventory::expected::ExpectedIx;
use crate::inventory::field::{FieldId, FieldSet, Kinds, Reason};
use crate::inventory::intern::Symbol;
use crate::inventory::neighbour::listed::ListedIx;
use crate::inventory::neighbour::part::Part;
use crate::inventory::neighbour::{NeighbourIx, Spot};
use crate::inventory::{AnswerIx, BackupIx, FileIx, ListingIx, ResourceIx, VaultIx};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, clap::ValueEnum)]
pub enum Severity {
    /// Context.
    Info,
    /// Hygiene.
    Low,
    /// A weakness while another good copy remains, or evidence at risk.
    Medium,
    /// A recovery or confidentiality objective fails for a resource.
    High,
    /// Recovery is proven impossible or being destroyed now.
    Critical,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }
}

/// The verdicts that become findings; passes and not-applicables are counted per rule only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// The rule is broken.
    Fail,
    /// It cannot be judged.
    Unknown,
    /// The rule is broken, and a waiver accepts it.
    Waived,
}

impl Verdict {
    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Waived => "waived",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A backup.
    Backup(BackupIx),
    /// A protected resource.
    Resource(ResourceIx),
    /// A vault.
    Vault(VaultIx),
    /// A checkpoint, by the first of its backups.
    Checkpoint(BackupIx),
    /// A file of the input.
    File(FileIx),
    /// A directory of the input, by the first of its answers.
    Directory(FileIx),
    /// The list answers of one project in one directory.
    Listing(ListingIx),
    /// A key of the schema, by its position in the drift table.
    SchemaKey(u32),
    /// A rule of the schema that records break: which, and how.
    Schema(SchemaBreak),
    /// A vault, policy, task, checkpoint, protectable resource or member, from the answers around the backups.
    Neighbour(NeighbourIx),
    /// A resource that some inventory names and that has no backups of its own.
    Listed(ListedIx),
    /// A whole project, for verdicts that are a property of the input.
    Project(Option<Symbol>),
}

/// A break of the schema that is no unknown key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SchemaBreak {
    /// Children of children.
    Depth,
    /// A provider that does not fit the resource type.
    Provider,
}

impl SchemaBreak {
    /// The dotted path of the key concerned.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Depth => "backup.children.children",
            Self::Provider => "backup.provider_id",
        }
    }
}

/// What tells several verdicts of one rule on one subject apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// Nothing: there is one verdict.
    None,
    /// A field.
    Field(FieldId),
    /// A destination region.
    Region(Symbol),
    /// The status of a replication record.
    ReplicationStatus,
    /// The creation time of a replication record.
    ReplicationTime,
    /// The directory of a listing.
    Directory(ListingIx),
    /// A JSON type.
    Kind(Kinds),
    /// The reason of folded unknowns.
    Reason(Reason),
}

/// A key of a replication record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReplicationKey {
    /// `status`
    Status,
    /// `created_at`
    CreatedAt,
    /// `destination_region`
    DestinationRegion,
    /// `destination_project_id`
    DestinationProject,
    /// `destination_backup_id`
    DestinationBackup,
}

impl ReplicationKey {
    /// The key as written.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::CreatedAt => "created_at",
            Self::DestinationRegion => "destination_region",
            Self::DestinationProject => "destination_project_id",
            Self::DestinationBackup => "destination_backup_id",
        }
    }
}

/// Where the deciding value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// A backup object.
    Record(u32),
    /// A field of a backup object; the object itself if it does not carry the field.
    Field(u32, FieldId),
    /// A key of a replication record of a backup object; the replication record if it does not carry the key.
    Replication(u32, u32, ReplicationKey),
    /// A whole file.
    File(FileIx),
    /// A whole answer.
    Answer(AnswerIx),
    /// The `count` of a list answer.
    Count(AnswerIx),
    /// The first place of a drifted key, by its position in the drift table.
    Drift(u32),
    /// A value in an answer around the backups; the object itself if it does not carry the value.
    Neighbour(Spot),
    /// A row of the file of expected resources.
    Expected(ExpectedIx),
}

/// A value as a rule states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// Words that stand in the rule.
    Words(&'static str),
    /// A field of a reading, as it stands there.
    Field(u32, FieldId),
    /// A key of a replication record of a reading, as it stands there.
    Replication(u32, u32, ReplicationKey),
    /// At most this long.
    AtMost(SignedDuration),
    /// At least this long.
    AtLeast(SignedDuration),
    /// At least this many, of what the noun says.
    AtLeastCount(u64, &'static str),
    /// After this moment.
    After(Timestamp),
    /// No backup after this moment.
    NotAfter(Timestamp),
    /// No backup at this moment or after it.
    NotFrom(Timestamp),
    /// This many, of what the noun says.
    Count(u64, &'static str),
    /// This many of that many, of what the words say.
    CountOf(u64, u64, &'static str),
    /// Why the file is what it is.
    FileReason(FileIx),
    /// The JSON types that a drifted key has.
    Kind(Kinds),
    /// A value in an answer around the backups, as it stands there.
    Neighbour(Spot),
    /// A moment.
    At(Timestamp),
    /// Less than so many percent.
    Percent(u64),
}

/// The error of a task, for [`Note::Parts`].
pub const TASK_ERROR: &[(&str, Part)] = &[("error", Part::ErrorCode), ("", Part::ErrorMessage)];

/// What is to be known beside the observed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Note {
    /// Nothing.
    None,
    /// Words that stand in the rule.
    Words(&'static str),
    /// So long before the as-of time.
    Age(SignedDuration),
    /// So long before the as-of time, while its vault has a restore point of the moment that this reading and field state.
    VaultGoesOn(SignedDuration, u32, FieldId),
    /// The newest good restore point is so old.
    NewestGood(SignedDuration),
    /// So long after the creation.
    Lifetime(SignedDuration),
    /// So long after the restore point before.
    Gap(SignedDuration),
    /// So long between two runs.
    Between(SignedDuration),
    /// Other copies of the record differ by so long.
    Apart(SignedDuration),
    /// So long in this status.
    Dwell(SignedDuration),
    /// So many of so many disks.
    Disks(u32, u32),
    /// So many restore points without an end date: made by policy, made by hand, not said.
    Undated(u32, u32, u32),
    /// The known word that the value resembles.
    Resembles(&'static str),
    /// The same field of another reading says otherwise.
    Elsewhere(u32, FieldId),
    /// The fields concerned.
    Fields(FieldSet),
    /// The code and reason of a failed replication.
    Failure(Option<Symbol>, Option<Symbol>),
    /// The progress of a replication in percent, and how long it has been running.
    Progress(Option<i16>, SignedDuration),
    /// So many, of what the words say.
    Count(u64, &'static str),
    /// Words that stand in the rule, and a value in an answer around the backups.
    Neighbour(&'static str, Spot),
    /// Further values of the same object, or of the same element of its list, each behind its words; what is not there
    /// or empty is left out.
    Parts(Spot, &'static [(&'static str, Part)]),
}

/// A verdict that is to be reported.
#[derive(Clone, Copy, Debug)]
pub struct Finding {
    /// The rule, by its position in the catalogue.
    pub rule: u16,
    /// Fail, unknown or waived.
    pub verdict: Verdict,
    /// How bad.
    pub severity: Severity,
    /// Why it cannot be judged, or which kind of failure it is.
    pub reason: Option<&'static str>,
    /// For unknowns that share a project and a reason: how many units they stand for.
    pub count: Option<u64>,
    /// What it is about.
    pub subject: Subject,
    /// What tells it apart from others on the same subject.
    pub key: Key,
    /// The value that decided.
    pub observed: Value,
    /// What is to be known beside it.
    pub note: Note,
    /// What would have passed.
    pub expected: Value,
    /// Where the deciding value stands.
    pub evidence: Evidence,
    /// The waiver that accepts it, by its number.
    pub waiver: Option<u16>,
}

impl Finding {
    /// States the observed value, and that it stands at the given evidence.
    pub fn observed(&mut self, value: Value, evidence: Evidence) -> &mut Self {
        self.observed = value;
        self.evidence = evidence;
        self
    }

    /// States a field of a reading as the observed value.
    pub fn observed_field(&mut self, reading: u32, field: FieldId) -> &mut Self {
        self.observed(Value::Field(reading, field), Evidence::Field(reading, field))
    }

    /// States a value of an answer around the backups as the observed one.
    pub fn observed_spot(&mut self, spot: Spot) -> &mut Self {
        self.observed(Value::Neighbour(spot), Evidence::Neighbour(spot))
    }

    /// States what is to be known beside the observed value.
    pub fn note(&mut self, note: Note) -> &mut Self {
        self.note = note;
        self
    }

    /// States what would have passed.
    pub fn expected(&mut self, value: Value) -> &mut Self {
        self.expected = value;
        self
    }

    /// Lowers or raises the severity from that of the rule.
    pub fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    /// Says which kind of failure it is.
    pub fn reason(&mut self, reason: &'static str) -> &mut Self {
        self.reason = Some(reason);
        self
    }

    /// Tells the finding apart from others of the rule on the same subject.
    pub fn key(&mut self, key: Key) -> &mut Self {
        self.key = key;
        self
    }
}
