//! Which answer a document is, told by the keys at its top: about backups, another CBR answer, a saved error, a note of
//! the export, or nothing known.

use std::borrow::Cow;

use super::bare;
use super::envelope::{Capture, Envelope, Paging, Receiver};
use super::neighbour::Kind;
use super::salvage::plain;
use super::scalar::Scalar;
use crate::inventory::field::{FieldId, kind_name};

/// What was met at the top of a document.
#[derive(Default)]
pub(super) struct Top<'a> {
    pub(super) keys: Vec<(Cow<'a, str>, Scalar<'a>)>,
    pub(super) duplicate: Option<String>,
    pub(super) elements: u32,
    pub(super) backup_like: u32,
    pub(super) other_backups: bool,
    /// What the elements of an array are, where one of them belongs to an answer around the backups.
    pub(super) around: Option<Kind>,
}

/// Why a text is no JSON, in the user's terms.
pub(super) fn not_json(text: &str, error: &serde_json::Error) -> String {
    let start = text.trim_start();
    let place = format!("line {} column {}", error.line(), error.column());
    if start.is_empty() {
        "nothing but blanks".to_owned()
    } else if start.starts_with('<') {
        "an HTML or XML page, not an answer of the API".to_owned()
    } else if error.is_eof() {
        format!("the JSON is cut off at {place}")
    } else if plain(error) == "trailing characters" {
        format!("more than one JSON document, or text behind it, at {place}")
    } else {
        format!("not JSON at {place}: {}", plain(error))
    }
}

/// Whether an object with these fields is a backup and not another CBR object that shares some keys with it.
pub(super) fn has_backup_keys(has: impl Fn(FieldId) -> bool) -> bool {
    let any = |fields: &[FieldId]| fields.iter().any(|&field| has(field));
    has(FieldId::Id)
        && any(&[FieldId::ResourceId, FieldId::ResourceType])
        && any(&[FieldId::ImageType, FieldId::CheckpointId, FieldId::VaultId, FieldId::ExtendInfo, FieldId::ParentId])
}

impl<'a> Top<'a> {
    fn get(&self, key: &str) -> Option<&Scalar<'a>> {
        self.keys.iter().find(|(met, _)| met == key).map(|(_, value)| value)
    }

    fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    fn text(&self, key: &str) -> Option<&str> {
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

    /// Which answer the document is.
    pub(super) fn envelope(&self, scalar: &Scalar<'_>) -> Envelope {
        match scalar {
            Scalar::Object => self.classify_object(),
            Scalar::Array if self.elements == 0 || self.backup_like > 0 => Envelope::BareList,
            Scalar::Array => self.around.map_or_else(
                || Envelope::Refused("an array without a single backup object".to_owned()),
                |kind| Envelope::NotBackup(kind.answer()),
            ),
            other => Envelope::Refused(format!("a JSON {} by itself, not an answer", kind_name(other.kind()))),
        }
    }

    /// The same; what was taken of a document that holds no backups is forgotten.
    pub(super) fn classify(&self, scalar: &Scalar<'_>, receiver: &mut dyn Receiver<'a>) -> Envelope {
        let envelope = self.envelope(scalar);
        if matches!(envelope, Envelope::Refused(_) | Envelope::NotBackup(_) | Envelope::Capture(_)) {
            receiver.reset();
        }
        envelope
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
        Paging { count: number("count"), offset: number("offset") }
    }

    fn classify_other(&self) -> Envelope {
        if self.keys.is_empty() {
            return Envelope::NotBackup("empty object".to_owned());
        }
        if let Some(error) = self.error_body() {
            return Envelope::Refused(format!("a saved error instead of an answer: {error}"));
        }
        if self.text("schema").is_some_and(|schema| schema.starts_with("cbr-audit.")) {
            return Envelope::NotBackup("report of this tool".to_owned());
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
        Envelope::Refused(self.unknown_shape())
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
        format!("no known answer: its keys are {}", keys.join(", "))
    }

    fn capture(&self) -> Capture {
        Capture {
            captured_at: self.text("captured_at").unwrap_or_default().to_owned(),
            region: self.text("region").map(str::to_owned),
            show_replication: self.get("show_replication").and_then(Scalar::as_bool),
        }
    }

    /// The words of a saved error body (CBR, API gateway, IAM, Keystone and Nova styles), if this is one.
    fn error_body(&self) -> Option<String> {
        let styles = [
            (self.has("error_code") || self.has("error_msg"), "error_code", "error_msg"),
            (self.has("code") && self.has("message"), "code", "message"),
        ];
        for (is_style, code, message) in styles {
            if is_style {
                let said = [self.text(code), self.text(message)];
                let said: Vec<_> = said.into_iter().flatten().map(|text| format!("{text:.160}")).collect();
                return Some(said.join(" "));
            }
        }
        let wrapper = ["error", "badRequest", "unauthorized", "forbidden", "itemNotFound", "overLimit", "computeFault"];
        let wrapper = wrapper.into_iter().find(|key| self.has(key));
        let denied = self.has("encoded_authorization_message").then_some("authorization denied");
        wrapper.or(denied).map(str::to_owned)
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
            return Some("metadata answer");
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
