//! Which answer a document is, told by the keys at its top: about backups, another CBR answer, a saved error, a note of
//! the export, or nothing known.

use std::borrow::Cow;

use super::bare;
use super::envelope::{Capture, Envelope, Found, Paging, Receiver};
use super::failure;
use super::neighbour::{Kind, is_around, is_form};
use super::nested;
pub use super::not_json::NotJson;
use super::scalar::Scalar;
use super::unread;
use crate::inventory::field::{FieldId, FieldSet, kind_name};

/// What was met at the top of a document.
#[derive(Default)]
pub(super) struct Top<'a> {
    pub(super) keys: Vec<(Cow<'a, str>, Scalar<'a>)>,
    pub(super) duplicate: Option<String>,
    pub(super) elements: u32,
    pub(super) backup_like: u32,
    /// How many of those are rows of a table that a client made of backups.
    pub(super) tabular: u32,
    /// How many of them stand in show answers of their own.
    pub(super) shown: u32,
    /// An element of an array has the keys of an answer, not of a backup.
    pub(super) has_answer: bool,
    pub(super) other_backups: bool,
    /// What the elements of an array are, where one of them belongs to an answer around the backups.
    pub(super) around: Option<Kind>,
}

/// Whether an object with these fields is a backup and not another CBR object that shares some keys with it.
pub(super) fn has_backup_keys(has: impl Fn(FieldId) -> bool) -> bool {
    let any = |fields: &[FieldId]| fields.iter().any(|&field| has(field));
    has(FieldId::Id)
        && any(&[FieldId::ResourceId, FieldId::ResourceType])
        && any(&[FieldId::ImageType, FieldId::CheckpointId, FieldId::VaultId, FieldId::ExtendInfo, FieldId::ParentId])
}

/// The columns into which the OpenStack client turns a backup (`openstack cbr backup list -f json`).
const TABLE: FieldSet = FieldSet::of(&[
    FieldId::Id,
    FieldId::Name,
    FieldId::CheckpointId,
    FieldId::CreatedAt,
    FieldId::Description,
    FieldId::ExpiredAt,
    FieldId::ImageType,
    FieldId::ParentId,
    FieldId::ProjectId,
    FieldId::ProtectedAt,
    FieldId::ResourceAz,
    FieldId::ResourceId,
    FieldId::ResourceName,
    FieldId::ResourceSize,
    FieldId::ResourceType,
    FieldId::Status,
    FieldId::UpdatedAt,
    FieldId::VaultId,
    FieldId::ProviderId,
]);

/// Whether an object with these fields is a row of such a table: it has all of its columns and nothing that an answer has
/// beside them.
pub(super) fn is_tabular(present: FieldSet) -> bool {
    present == TABLE
}

/// Why such a table is refused.
const TABULAR: &str = "a table of the OpenStack client, which drops extend_info, children and replication_records: \
                       encryption, disks and copies cannot be judged without them; save the answers of the API instead, as \
                       docs/export.sh does";

/// The answer of *Querying the Backup Metadata*, in which the record of the backup stands as a text.
pub(super) const METADATA: &str = "metadata answer";

/// What the ledger calls a report that this program wrote.
pub(super) const OWN_REPORT: &str = "report of this tool";

/// The keys that tell an answer about backups.
pub(super) const ANSWERS: [&str; 2] = ["backups", "backup"];

impl<'a> Top<'a> {
    pub(super) fn get(&self, key: &str) -> Option<&Scalar<'a>> {
        self.keys.iter().find(|(met, _)| met == key).map(|(_, value)| value)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(Scalar::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn looks_like_backup(&self) -> bool {
        !self.has("backup") && !self.has("backups") && has_backup_keys(|field| self.has_field(field))
    }

    fn has_field(&self, field: FieldId) -> bool {
        self.keys.iter().any(|(key, _)| FieldId::in_record(key) == Some(field))
    }

    /// The backup that the document is by itself, unless a client made a row of it.
    pub(super) fn bare(&self, receiver: &mut dyn Receiver<'a>) -> Found {
        let fields = self.keys.iter().filter_map(|(key, _)| FieldId::in_record(key));
        if !is_tabular(fields.collect()) {
            return Envelope::Bare.into();
        }
        receiver.reset();
        Envelope::Refused(TABULAR.to_owned()).into()
    }

    /// Whether the elements of an array are answers, to be read one by one.
    fn holds_answers(&self) -> bool {
        self.has_answer || self.shown > 0 && self.backup_like < self.elements
    }

    /// Which answer the document is.
    pub(super) fn envelope(&self, scalar: &Scalar<'_>) -> Envelope {
        match scalar {
            Scalar::Object => self.classify_object(),
            Scalar::Array if self.tabular > 0 => Envelope::Refused(TABULAR.to_owned()),
            Scalar::Array if !self.holds_answers() && (self.elements == 0 || self.backup_like > 0) => {
                Envelope::BareList
            }
            Scalar::Array => self.around.filter(|_| !self.holds_answers()).map_or_else(
                || Envelope::Unknown("an array without a single backup object or answer".to_owned()),
                |kind| Envelope::NotBackup(kind.answer()),
            ),
            other => Envelope::Unknown(format!("a JSON {} by itself, not an answer", kind_name(other.kind()))),
        }
    }

    /// The same, and what else there is to look for; what was taken of a document that holds no backups is forgotten.
    pub(super) fn classify(&self, scalar: &Scalar<'_>, receiver: &mut dyn Receiver<'a>) -> Found {
        let envelope = self.envelope(scalar);
        if !envelope.holds_backups() {
            receiver.reset();
        }
        let is_empty = match &envelope {
            Envelope::BareList => self.elements == 0,
            Envelope::NotBackup(_) => *scalar == Scalar::Object && self.keys.is_empty(),
            _ => false,
        };
        let (wraps, elements) = (self.wraps(scalar, &envelope), u64::from(self.elements));
        let error = if envelope.holds_backups() { self.error_body() } else { None };
        Found { wraps, is_empty, is_success: self.has_succeeded(), count: self.count(), elements, error, envelope }
    }

    /// Whether answers may stand inside the document.
    pub(super) fn wraps(&self, scalar: &Scalar<'_>, envelope: &Envelope) -> bool {
        let is_container = |value: &Scalar<'_>| matches!(value, Scalar::Object | Scalar::Array);
        let holds = |value: &Scalar<'_>| match value {
            value if is_container(value) => true,
            Scalar::Text(text) => nested::is_like_json(text) || unread::may_hold(text),
            _ => false,
        };
        match scalar {
            Scalar::Object => match envelope {
                Envelope::NotBackup(what) if what == OWN_REPORT => false,
                Envelope::NotBackup(_) | Envelope::Capture(_) => {
                    let own = self.keys.iter().position(|(key, _)| is_form(key)).filter(|_| is_around(envelope));
                    let is_bare = own.is_none() && is_around(envelope);
                    self.keys.iter().enumerate().any(|(number, (key, value))| match nested::is_wrapper(key) {
                        true => holds(value),
                        false => !is_bare && own != Some(number) && !ANSWERS.contains(&&**key) && is_container(value),
                    })
                }
                _ => self.keys.iter().any(|(key, value)| match nested::is_wrapper(key) {
                    true => holds(value),
                    false => !ANSWERS.contains(&&**key) && holds(value),
                }),
            },
            Scalar::Array => matches!(envelope, Envelope::Unknown(_)),
            other => holds(other),
        }
    }

    /// How many objects the document says there are.
    fn count(&self) -> Option<u64> {
        let count = ["count", "total_count", "total"].into_iter().find_map(|key| self.get(key)?.as_int());
        count.and_then(|count| u64::try_from(count).ok())
    }

    /// The status of the answer that is wrapped in the document, if it says one.
    pub(super) fn http_status(&self) -> Option<i64> {
        let status = ["statusCode", "status_code", "status"].into_iter().filter_map(|key| self.get(key)?.as_int());
        status.filter(|status| (100..600).contains(status)).max()
    }

    /// Whether the document says that the answer in it is a good one.
    fn has_succeeded(&self) -> bool {
        self.http_status().is_some_and(|status| (200..300).contains(&status))
            || self.get("code").is_some_and(|code| self.has("message") && failure::is_success(code))
    }

    fn classify_object(&self) -> Envelope {
        let is_list = matches!(self.get("backups"), Some(Scalar::Array));
        let is_show = matches!(self.get("backup"), Some(Scalar::Object));
        if let Some(key) = &self.duplicate
            && (is_list || is_show || self.has(key))
        {
            return Envelope::Refused(format!("the key {key:?} stands twice in one object outside the records"));
        }
        match (is_show, is_list) {
            _ if (is_show || is_list) && has_backup_keys(|field| self.has_field(field)) => {
                Envelope::Refused("a backup object and an answer in one".to_owned())
            }
            (true, true) => Envelope::Refused("both \"backup\" and \"backups\" in one answer".to_owned()),
            (true, false) => Envelope::Show,
            (false, true) => Envelope::List(self.paging()),
            (false, false) => self.classify_other(),
        }
    }

    fn paging(&self) -> Paging {
        let number = |key| self.get(key).and_then(Scalar::as_int).filter(|&number| number >= 0);
        let (count, stated) = (number("count"), self.get("count"));
        let has_odd_count = count.is_none() && stated.is_some_and(|stated| *stated != Scalar::Null);
        Paging { count, has_odd_count, offset: number("offset") }
    }

    fn classify_other(&self) -> Envelope {
        if self.keys.is_empty() {
            return Envelope::NotBackup("empty object".to_owned());
        }
        if let Some(error) = self.error_body() {
            return Envelope::Refused(failure::told(&error));
        }
        if self.text("schema").is_some_and(|schema| schema.starts_with("cbr-audit.")) {
            return Envelope::NotBackup(OWN_REPORT.to_owned());
        }
        if self.has("captured_at") {
            return Envelope::Capture(self.capture());
        }
        let misshapen =
            self.has("backup") || matches!(self.get("backups"), Some(value) if !matches!(value, Scalar::Text(_)));
        if misshapen {
            return Envelope::Refused(self.unknown_shape());
        }
        if let Some(kind) = bare::kind(|key| self.has(key)) {
            return Envelope::NotBackup(kind.answer());
        }
        if let Some(answer) = self.other_answer() {
            return Envelope::NotBackup(answer.to_owned());
        }
        let is_void = |(key, value): &(Cow<'_, str>, Scalar<'_>)| nested::is_wrapper(key) && failure::is_void(value);
        if matches!(self.http_status(), Some(204 | 205)) && self.keys.iter().any(is_void) {
            return Envelope::NotBackup("empty answer".to_owned());
        }
        Envelope::Unknown(self.unknown_shape())
    }

    fn unknown_shape(&self) -> String {
        for key in ["backup", "backups"] {
            if let Some(value) = self.get(key) {
                let wrong = if self.other_backups { "no object" } else { kind_name(value.kind()) };
                let wanted = if key == "backup" { "an object" } else { "an array" };
                return format!("\"{key}\" should be {wanted}, it is {wrong}");
            }
        }
        let mut keys: Vec<_> = self.keys.iter().take(6).map(|(key, _)| format!("{:.40}", key)).collect();
        if self.keys.len() > keys.len() {
            keys.push("…".to_owned());
        }
        format!("no known answer: its keys are {}; save the answer of the API by itself", keys.join(", "))
    }

    fn capture(&self) -> Capture {
        Capture {
            captured_at: self.text("captured_at").unwrap_or_default().to_owned(),
            region: self.text("region").map(str::to_owned),
            show_replication: self.get("show_replication").and_then(Scalar::as_bool),
        }
    }

    /// The name of the CBR answer, other than one about backups, that has these keys.
    fn other_answer(&self) -> Option<&'static str> {
        if self.has("resources") && self.has("total_count") {
            return Some("vault answer");
        }
        if self.keys.iter().all(|(key, _)| key.contains('.')) {
            return Some("feature answer");
        }
        if self.has("size") && self.has("used_size") {
            return Some("summary answer");
        }
        if self.has("backup_id") && self.has("volumes") {
            return Some(METADATA);
        }
        OTHER_ANSWERS.iter().find(|(key, _)| self.has(key)).map(|(_, name)| *name)
    }
}

/// The key that tells each other CBR answer, and what the ledger calls it.
const OTHER_ANSWERS: &[(&str, &str)] = &[
    ("vaults", "vault answer"),
    ("vault", "vault answer"),
    ("policies", "policy answer"),
    ("policy", "policy answer"),
    ("operation_logs", "task answer"),
    ("operation_log", "task answer"),
    ("checkpoint", "checkpoint answer"),
    ("checkpoints", "checkpoint answer"),
    ("instances", "protectable answer"),
    ("instance", "protectable answer"),
    ("members", "member answer"),
    ("member", "member answer"),
    ("replication", "replication answer"),
    ("sync", "synchronisation answer"),
    ("regions", "replication capability answer"),
    ("storage_usage", "storage usage answer"),
    ("agents", "agent answer"),
    ("agent", "agent answer"),
    ("resources", "vault resource answer"),
    ("tags", "tag answer"),
    ("projects", "project answer"),
    ("project_status", "migration answer"),
    ("add_resource_ids", "association answer"),
    ("remove_resource_ids", "association answer"),
    ("migrate_resource_ids", "association answer"),
    ("associate_policy", "association answer"),
    ("dissociate_policy", "association answer"),
    ("organization_policies", "policy answer"),
];
