//! The elements of `replication_records` as they stand on the wire, in the older and the current dialect.

use std::borrow::Cow;

use serde::de::{MapAccess, SeqAccess};

use super::scalar::{Key, KeysMet, Scalar, Shape, Shaped};
use super::wire::{Inside, UnknownKey, WireRecord};
use crate::inventory::field::{BOOL, Home, Kinds, NULL, NUMBER, OBJECT, TEXT};

/// An element of `replication_records`.
#[derive(Debug, Default, PartialEq)]
pub struct WireReplication<'a> {
    /// `status`
    pub status: Scalar<'a>,
    /// `created_at`
    pub created_at: Scalar<'a>,
    /// `source_region`
    pub source_region: Scalar<'a>,
    /// `destination_region`
    pub destination_region: Scalar<'a>,
    /// `destination_backup_id`
    pub destination_backup_id: Scalar<'a>,
    /// `extra_info.fail_code`
    pub fail_code: Scalar<'a>,
    /// `extra_info.fail_reason`, or `extra_info` itself where an older dialect has a string.
    pub fail_reason: Scalar<'a>,
    /// `extra_info.progress`
    pub progress: Scalar<'a>,
}

/// The elements of `replication_records`.
pub(super) struct ReplicationsOf<'r, 'a>(pub(super) &'r mut WireRecord<'a>);

impl<'de> Shape<'de> for ReplicationsOf<'_, 'de> {
    fn duplicate(&mut self, key: &str) {
        self.0.duplicate(key);
    }

    fn array<A: SeqAccess<'de>>(&mut self, mut seq: A) -> Result<(), A::Error> {
        loop {
            let mut shape =
                ReplicationShape { record: self.0, replication: WireReplication::default(), home: Home::Replication };
            if seq.next_element_seed(Shaped(&mut shape))?.is_none() {
                return Ok(());
            }
            let replication = shape.replication;
            self.0.replications.push(replication);
        }
    }
}

/// One element of `replication_records`, or its `extra_info`.
struct ReplicationShape<'r, 'a> {
    record: &'r mut WireRecord<'a>,
    replication: WireReplication<'a>,
    home: Home,
}

impl<'de> Shape<'de> for ReplicationShape<'_, 'de> {
    fn duplicate(&mut self, key: &str) {
        self.record.duplicate(key);
    }

    fn object<A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        let mut met = KeysMet::default();
        while let Some(Key(key)) = map.next_key()? {
            let value = if self.home == Home::Replication && key == "extra_info" {
                self.home = Home::ReplicationExtra;
                let extra = map.next_value_seed(Shaped(self))?;
                self.home = Home::Replication;
                extra
            } else {
                map.next_value_seed(Shaped(&mut Inside(self.record)))?
            };
            if !met.note(key.clone()) {
                self.duplicate(&key);
            }
            self.note(key, value);
        }
        Ok(())
    }
}

impl<'a> ReplicationShape<'_, 'a> {
    fn note(&mut self, key: Cow<'a, str>, value: Scalar<'a>) {
        if value.kind() & documented(self.home, &key) == 0 {
            let ordinal = u32::try_from(self.record.replications.len()).ok();
            let unknown = UnknownKey { home: self.home, key: key.clone(), kind: value.kind(), ordinal };
            self.record.unknown.push(unknown);
        }
        let slot = match (self.home, key.as_ref()) {
            (Home::Replication, "status") => &mut self.replication.status,
            (Home::Replication, "created_at") => &mut self.replication.created_at,
            (Home::Replication, "source_region") => &mut self.replication.source_region,
            (Home::Replication, "destination_region") => &mut self.replication.destination_region,
            (Home::Replication, "destination_backup_id") => &mut self.replication.destination_backup_id,
            (Home::Replication, "extra_info") => return self.note_extra(value),
            (Home::ReplicationExtra, "progress") => &mut self.replication.progress,
            (Home::ReplicationExtra, "fail_code") => &mut self.replication.fail_code,
            (Home::ReplicationExtra, "fail_reason") => &mut self.replication.fail_reason,
            _ => return,
        };
        *slot = value;
    }

    /// `extra_info` is an object today; the older page documents a string, which is kept as the reason.
    fn note_extra(&mut self, value: Scalar<'a>) {
        if let Scalar::Text(text) = value
            && !text.is_empty()
        {
            let extra = ExtraInfo::in_text(&text);
            self.replication.progress = extra.progress;
            self.replication.fail_code = extra.fail_code;
            self.replication.fail_reason = match extra.fail_reason {
                Scalar::Absent => Scalar::Text(text),
                reason => reason,
            };
        }
    }
}

/// The JSON types that documentation shows for a key of a replication record; none for a key that it does not know.
fn documented(home: Home, key: &str) -> Kinds {
    match (home, key) {
        (Home::Replication, "extra_info") => TEXT | OBJECT | NULL,
        (
            Home::Replication,
            "id"
            | "status"
            | "created_at"
            | "source_region"
            | "source_project_id"
            | "source_backup_id"
            | "source_checkpoint_id"
            | "destination_region"
            | "destination_project_id"
            | "destination_vault_id"
            | "destination_backup_id"
            | "destination_checkpoint_id"
            | "vault_id",
        ) => TEXT | NULL,
        (Home::ReplicationExtra, "progress") => NUMBER | NULL,
        (Home::ReplicationExtra, "auto_trigger") => BOOL | NULL,
        // `destinatio_vault_id` is how older definitions spell it.
        (Home::ReplicationExtra, "fail_code" | "fail_reason" | "destination_vault_id" | "destinatio_vault_id") => {
            TEXT | NULL
        }
        _ => 0,
    }
}

/// What an `extra_info` that is JSON inside a string says.
struct ExtraInfo {
    progress: Scalar<'static>,
    fail_code: Scalar<'static>,
    fail_reason: Scalar<'static>,
}

impl ExtraInfo {
    fn in_text(text: &str) -> Self {
        let object: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        let word = |key: &str| match object.get(key) {
            Some(serde_json::Value::String(word)) => Scalar::Text(Cow::Owned(word.clone())),
            Some(number) if number.is_i64() => number.as_i64().map_or(Scalar::Absent, Scalar::Int),
            _ => Scalar::Absent,
        };
        Self { progress: word("progress"), fail_code: word("fail_code"), fail_reason: word("fail_reason") }
    }
}
