//! The elements of `replication_records` as they stand on the wire, in the older and the current dialect.

#![allow(clippy::indexing_slicing, reason = "there is one entry for every key")]

use std::borrow::Cow;

use serde::de::{MapAccess, SeqAccess};

use super::scalar::{Key, KeysMet, Scalar, Shape, Shaped};
use super::wire::{Inside, UnknownKey, WireRecord};
use crate::inventory::field::{BOOL, FieldId, Home, Kinds, NULL, NUMBER, OBJECT, TEXT};

/// An element of `replication_records`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WireReplication<'a> {
    /// `status`
    pub status: Scalar<'a>,
    /// `created_at`
    pub created_at: Scalar<'a>,
    /// `source_region`
    pub source_region: Scalar<'a>,
    /// `destination_region`
    pub destination_region: Scalar<'a>,
    /// `destination_project_id`
    pub destination_project: Scalar<'a>,
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

    fn object<A: MapAccess<'de>>(&mut self, map: A) -> Result<(), A::Error> {
        self.0.no_list(FieldId::ReplicationRecords, map)
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
            let key = Replicated::within(self.home, &key).ok_or(key);
            let ordinal = self.record.replications.len();
            self.replication.note(self.home, key, value, ordinal, &mut |unknown| self.record.unknown.push(unknown));
        }
        Ok(())
    }
}

impl<'a> WireReplication<'a> {
    /// Notes the value of a key of the record at `ordinal`; what documentation does not know is noted as unknown.
    pub(super) fn note(
        &mut self,
        home: Home,
        key: Result<Replicated, Cow<'a, str>>,
        value: Scalar<'a>,
        ordinal: usize,
        unknown: &mut impl FnMut(UnknownKey<'a>),
    ) {
        if value.kind() & key.as_ref().map_or(0, |key| key.kinds()) == 0 {
            let ordinal = u32::try_from(ordinal).ok();
            let key = match &key {
                Ok(known) => Cow::Borrowed(known.key()),
                Err(key) => key.clone(),
            };
            unknown(UnknownKey { home, key, kind: value.kind(), ordinal });
        }
        let slot = match key {
            Ok(Replicated::Status) => &mut self.status,
            Ok(Replicated::CreatedAt) => &mut self.created_at,
            Ok(Replicated::SourceRegion) => &mut self.source_region,
            Ok(Replicated::DestinationRegion) => &mut self.destination_region,
            Ok(Replicated::DestinationProjectId) => &mut self.destination_project,
            Ok(Replicated::DestinationBackupId) => &mut self.destination_backup_id,
            Ok(Replicated::ExtraInfo) => return self.note_extra(value),
            Ok(Replicated::Progress) => &mut self.progress,
            Ok(Replicated::FailCode) => &mut self.fail_code,
            Ok(Replicated::FailReason) => &mut self.fail_reason,
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
            self.progress = extra.progress;
            self.fail_code = extra.fail_code;
            self.fail_reason = match extra.fail_reason {
                Scalar::Absent => Scalar::Text(text),
                reason => reason,
            };
        }
    }
}

macro_rules! replicated {
    ($( $variant:ident $home:ident $key:literal $kinds:expr, )*) => {
        /// A key of a replication record, or of its `extra_info`, that documentation knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Replicated { $($variant,)* }

        impl Replicated {
            /// Every key.
            pub(super) const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// The keys as programs write them, with quotes and colon.
            pub(super) const KEYED: [&'static str; REPLICATED_KEYS] = [$(concat!("\"", $key, "\":"),)*];

            /// Whether a text under the key is neither kept nor unusual.
            pub(super) fn is_idle(self) -> bool {
                const KINDS: [Kinds; REPLICATED_KEYS] = [$($kinds,)*];
                KINDS[self as usize] & TEXT != 0 && !self.is_kept()
            }

            /// The key as written.
            fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)* }
            }

            /// The JSON types that documentation shows for it.
            fn kinds(self) -> Kinds {
                match self { $(Self::$variant => $kinds,)* }
            }

            /// The key that is written so in a replication record, or in its `extra_info`.
            pub(super) fn within(home: Home, key: &str) -> Option<Self> {
                match (home, key) {
                    $((Home::$home, $key) => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

replicated! {
    Id Replication "id" TEXT | NULL,
    Status Replication "status" TEXT | NULL,
    CreatedAt Replication "created_at" TEXT | NULL,
    SourceRegion Replication "source_region" TEXT | NULL,
    SourceProjectId Replication "source_project_id" TEXT | NULL,
    SourceBackupId Replication "source_backup_id" TEXT | NULL,
    SourceCheckpointId Replication "source_checkpoint_id" TEXT | NULL,
    DestinationRegion Replication "destination_region" TEXT | NULL,
    DestinationProjectId Replication "destination_project_id" TEXT | NULL,
    DestinationVaultId Replication "destination_vault_id" TEXT | NULL,
    DestinationBackupId Replication "destination_backup_id" TEXT | NULL,
    DestinationCheckpointId Replication "destination_checkpoint_id" TEXT | NULL,
    VaultId Replication "vault_id" TEXT | NULL,
    ExtraInfo Replication "extra_info" TEXT | OBJECT | NULL,
    Progress ReplicationExtra "progress" NUMBER | NULL,
    AutoTrigger ReplicationExtra "auto_trigger" BOOL | NULL,
    FailCode ReplicationExtra "fail_code" TEXT | NULL,
    FailReason ReplicationExtra "fail_reason" TEXT | NULL,
    ExtraVaultId ReplicationExtra "destination_vault_id" TEXT | NULL,
    // How older definitions spell it.
    MisspeltVaultId ReplicationExtra "destinatio_vault_id" TEXT | NULL,
}

impl Replicated {
    /// Whether the value is kept.
    fn is_kept(self) -> bool {
        matches!(
            self,
            Self::Status
                | Self::CreatedAt
                | Self::SourceRegion
                | Self::DestinationRegion
                | Self::DestinationProjectId
                | Self::DestinationBackupId
                | Self::ExtraInfo
                | Self::Progress
                | Self::FailCode
                | Self::FailReason
        )
    }
}

/// How many keys documentation knows.
pub(super) const REPLICATED_KEYS: usize = Replicated::ALL.len();

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
