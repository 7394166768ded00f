//! What an answer around the backups is about, and how it looks at its top.

use super::super::bare;
use super::super::envelope::Envelope;
use super::tree::Tree;

/// What an answer around the backups is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A vault: *Querying the Vault List*, *Querying a Specified Vault*.
    Vault,
    /// A policy: *Querying the Policy List*, *Querying a Policy*.
    Policy,
    /// A task, in the API an operation log: *Querying Tasks*, *Querying a Single Task*.
    Task,
    /// A checkpoint: *Querying a Checkpoint*, *Creating a Checkpoint*.
    Checkpoint,
    /// A resource that can be protected: *Querying Protectable Resources*.
    Protectable,
    /// A project that a backup is shared with: *Obtaining the Sharing Member List*.
    Member,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Vault, Self::Policy, Self::Task, Self::Checkpoint, Self::Protectable, Self::Member];

    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Vault => "vault",
            Self::Policy => "policy",
            Self::Task => "task",
            Self::Checkpoint => "checkpoint",
            Self::Protectable => "protectable",
            Self::Member => "member",
        }
    }

    /// What the ledger calls an answer about it.
    #[must_use]
    pub fn answer(self) -> String {
        format!("{} answer", self.word())
    }

    /// What one is called among units that rules count.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Protectable => "protectable resource",
            Self::Member => "sharing member",
            other => other.word(),
        }
    }
}

/// How an answer of some kind looks at its top.
#[derive(Debug, PartialEq, Eq)]
pub struct Form {
    /// The key under which its objects stand; none where they stand by themselves.
    pub key: &'static str,
    /// The keys within an element that lead to the object, by slashes.
    pub inside: &'static str,
    /// What it is about.
    pub kind: Kind,
    /// Whether it lists what matches a query; else it shows one object.
    pub is_list: bool,
}

impl Form {
    /// Where the object with this number stands (RFC 6901).
    #[must_use]
    pub fn pointer(&self, ordinal: u32) -> String {
        let ordinal = self.is_list.then(|| ordinal.to_string());
        let parts = [self.key, ordinal.as_deref().unwrap_or_default(), self.inside];
        parts.into_iter().filter(|part| !part.is_empty()).flat_map(|part| ["/", part]).collect()
    }
}

const fn form(key: &'static str, kind: Kind, is_list: bool) -> Form {
    Form { key, inside: "", kind, is_list }
}

/// The vaults that have a tag, each two levels down: no list of all.
pub(super) const TAGGED: Form = Form { inside: "resource_detail/vault", ..form("resources", Kind::Vault, true) };

/// Every form of an answer.
pub(super) const FORMS: [Form; 13] = [
    form("vaults", Kind::Vault, true),
    form("vault", Kind::Vault, false),
    form("policies", Kind::Policy, true),
    form("policy", Kind::Policy, false),
    form("operation_logs", Kind::Task, true),
    form("operation_log", Kind::Task, false),
    form("checkpoints", Kind::Checkpoint, true),
    form("checkpoint", Kind::Checkpoint, false),
    form("instances", Kind::Protectable, true),
    form("instance", Kind::Protectable, false),
    form("members", Kind::Member, true),
    form("member", Kind::Member, false),
    TAGGED,
];

/// Objects by themselves, in the order of [`Kind::ALL`]: one, or an array of them.
const BARE: [[Form; 2]; 6] = [
    [form("", Kind::Vault, false), form("", Kind::Vault, true)],
    [form("", Kind::Policy, false), form("", Kind::Policy, true)],
    [form("", Kind::Task, false), form("", Kind::Task, true)],
    [form("", Kind::Checkpoint, false), form("", Kind::Checkpoint, true)],
    [form("", Kind::Protectable, false), form("", Kind::Protectable, true)],
    [form("", Kind::Member, false), form("", Kind::Member, true)],
];

/// Whether answers that the ledger calls so are kept.
#[must_use]
pub fn is_kept(answer: &str) -> bool {
    answer.strip_suffix(" answer").is_some_and(|word| Kind::ALL.iter().any(|kind| kind.word() == word))
}

/// Whether a document is an answer that is kept.
pub(in crate::parse) fn is_around(envelope: &Envelope) -> bool {
    matches!(envelope, Envelope::NotBackup(what) if is_kept(what))
}

/// Whether a key is that of an answer around the backups.
pub(in crate::parse) fn is_form(key: &str) -> bool {
    FORMS.iter().any(|form| form.key == key)
}

/// The form of objects that stand by themselves.
pub(super) fn bare_form(object: &Tree, is_list: bool) -> Option<&'static Form> {
    let kind = bare::kind(|key| object.get(key).is_some())?;
    BARE.iter().flatten().find(|form| form.kind == kind && form.is_list == is_list)
}
