//! The fields of a backup record: one table that names each, says where it stands in the JSON and which JSON types
//! it is known to take. The reader matches keys against it, evidence pointers and drift are worded from it.

#![allow(
    clippy::indexing_slicing,
    reason = "the loop ends at the length, and in a constant an index behind it does not compile"
)]

use std::fmt;

/// A JSON type, as one bit, so that a field can accept several.
pub type Kinds = u8;

/// JSON `null`.
pub const NULL: Kinds = 1;
/// JSON `true` or `false`.
pub const BOOL: Kinds = 2;
/// Any JSON number.
pub const NUMBER: Kinds = 4;
/// A JSON string.
pub const TEXT: Kinds = 8;
/// A JSON array.
pub const ARRAY: Kinds = 16;
/// A JSON object.
pub const OBJECT: Kinds = 32;

/// The name of a single JSON type.
#[must_use]
pub fn kind_name(kind: Kinds) -> &'static str {
    match kind {
        NULL => "null",
        BOOL => "boolean",
        NUMBER => "number",
        TEXT => "string",
        ARRAY => "array",
        OBJECT => "object",
        _ => "value",
    }
}

/// A JSON type in words, with its article.
#[must_use]
pub fn a_kind(kind: Kinds) -> String {
    let name = kind_name(kind);
    let article = if name.starts_with(['a', 'o']) { "an" } else { "a" };
    format!("{article} {name}")
}

/// The object of a backup record in which a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Home {
    /// The record itself.
    Record,
    /// `extend_info` (`BackupExtendInfo` of the API page).
    ExtendInfo,
    /// `extend_info.app_consistency`.
    AppConsistency,
    /// One element of `replication_records` (`ReplicationRecordGet`).
    Replication,
    /// `replication_records[].extra_info` (`ReplicationRecordsExtraInfo`).
    ReplicationExtra,
}

impl Home {
    /// The JSON pointer from the record (or replication record) to this object.
    #[must_use]
    pub fn pointer(self) -> &'static str {
        match self {
            Self::Record | Self::Replication => "",
            Self::ExtendInfo => "/extend_info",
            Self::AppConsistency => "/extend_info/app_consistency",
            Self::ReplicationExtra => "/extra_info",
        }
    }

    /// The dotted path that schema drift is reported under.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Record => "backup",
            Self::ExtendInfo => "backup.extend_info",
            Self::AppConsistency => "backup.extend_info.app_consistency",
            Self::Replication => "backup.replication_records[]",
            Self::ReplicationExtra => "backup.replication_records[].extra_info",
        }
    }
}

macro_rules! fields {
    ($( $home:ident $matcher:ident { $( $variant:ident $key:literal $kinds:expr, )* } )*) => {
        /// A field of a backup record, in the order of the API page.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum FieldId { $($(
            #[doc = concat!("`", $key, "`")]
            $variant,
        )*)* }

        impl FieldId {
            /// Every field, in the order of the table.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)*)*];

            /// The key under which the field stands.
            #[must_use]
            pub fn key(self) -> &'static str {
                match self { $($(Self::$variant => $key,)*)* }
            }

            /// The keys of all fields as programs write them in JSON, with quotes and colon.
            pub const KEYED: [&'static str; FIELD_COUNT] = [$($(concat!("\"", $key, "\":"),)*)*];

            /// The object in which the field stands.
            #[must_use]
            pub fn home(self) -> Home {
                match self { $($(Self::$variant => Home::$home,)*)* }
            }

            /// The JSON types that documentation or recordings show for the field.
            #[must_use]
            pub fn kinds(self) -> Kinds {
                match self { $($(Self::$variant => $kinds,)*)* }
            }

            $(
                #[doc = concat!("The field that `key` names in `", stringify!($home), "`.")]
                #[must_use]
                pub fn $matcher(key: &str) -> Option<Self> {
                    match key { $($key => Some(Self::$variant),)* _ => None }
                }
            )*
        }
    };
}

fields! {
    Record in_record {
        Id "id" TEXT,
        Name "name" TEXT | NULL,
        Description "description" TEXT | NULL,
        Status "status" TEXT,
        ImageType "image_type" TEXT,
        ResourceType "resource_type" TEXT,
        ResourceId "resource_id" TEXT,
        ResourceName "resource_name" TEXT | NULL,
        ResourceSize "resource_size" NUMBER | NULL,
        ResourceAz "resource_az" TEXT | NULL,
        CreatedAt "created_at" TEXT,
        UpdatedAt "updated_at" TEXT | NULL,
        ProtectedAt "protected_at" TEXT | NULL,
        ExpiredAt "expired_at" TEXT | NULL,
        ParentId "parent_id" TEXT | NULL,
        Children "children" ARRAY | NULL,
        CheckpointId "checkpoint_id" TEXT | NULL,
        VaultId "vault_id" TEXT,
        ProjectId "project_id" TEXT,
        ProviderId "provider_id" TEXT | NULL,
        ExtendInfo "extend_info" OBJECT | NULL,
        ReplicationRecords "replication_records" ARRAY | NULL,
        EnterpriseProjectId "enterprise_project_id" TEXT | NUMBER | NULL,
        Incremental "incremental" BOOL | NULL,
        Version "version" NUMBER | NULL,
        ScheduledOperationId "scheduled_operation_id" TEXT | NULL,
    }
    ExtendInfo in_extend_info {
        AutoTrigger "auto_trigger" BOOL | NULL,
        Bootable "bootable" BOOL | NULL,
        ContainSystemDisk "contain_system_disk" BOOL | NULL,
        Encrypted "encrypted" BOOL | NULL,
        SystemDisk "system_disk" BOOL | NULL,
        SupportedRestoreMode "supported_restore_mode" TEXT | NULL,
        SupportLld "support_lld" BOOL | NULL,
        SnapshotId "snapshot_id" TEXT | NULL,
        OsImagesData "os_images_data" ARRAY | NULL,
        AppConsistency "app_consistency" OBJECT | NULL,
        IsMultiAz "is_multi_az" BOOL | NULL,
        ExtendIncremental "incremental" BOOL | NULL,
        Progress "progress" NUMBER | NULL,
        Architecture "architecture" TEXT | NULL,
        EncryptedAlgorithm "encrypted_algorithm" TEXT | NULL,
        IsDec "is_dec" BOOL | NULL,
    }
    AppConsistency in_app_consistency {
        AppConsistencyFlag "app_consistency" TEXT | NULL,
        AppConsistencyStatus "app_consistency_status" TEXT | NULL,
        AppConsistencyErrorCode "app_consistency_error_code" TEXT | NULL,
        AppConsistencyErrorMessage "app_consistency_error_message" TEXT | NULL,
    }
}

/// How many fields the table has.
pub const FIELD_COUNT: usize = FieldId::ALL.len();

impl FieldId {
    /// The field that `key` names in an object of a record; none in a replication record, which has no fields.
    #[must_use]
    pub fn within(home: Home, key: &str) -> Option<Self> {
        match home {
            Home::Record => Self::in_record(key),
            Home::ExtendInfo => Self::in_extend_info(key),
            Home::AppConsistency => Self::in_app_consistency(key),
            Home::Replication | Home::ReplicationExtra => None,
        }
    }

    /// The position of the field in the table.
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// The dotted name of the field within the record, as the population listing heads its columns.
    #[must_use]
    pub fn dotted(self) -> String {
        let home = self.home().path().strip_prefix("backup.").unwrap_or_default();
        [home, if home.is_empty() { "" } else { "." }, self.key()].concat()
    }
}

/// A set of fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldSet(u64);

impl FieldSet {
    /// The set of these fields.
    #[must_use]
    pub const fn of(fields: &[FieldId]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < fields.len() {
            bits |= 1 << fields[at] as u8;
            at += 1;
        }
        Self(bits)
    }

    /// The members as bits, by their position in the table.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.0
    }

    /// Adds a field.
    pub fn insert(&mut self, field: FieldId) {
        self.0 |= 1 << field.index();
    }

    /// The members of both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The members that are not in the other.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether both have a member in common.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether the field is in the set.
    #[must_use]
    pub fn contains(self, field: FieldId) -> bool {
        self.0 & (1 << field.index()) != 0
    }

    /// The members, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = FieldId> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let field = FieldId::ALL.get(rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(*field)
        })
    }
}

impl FromIterator<FieldId> for FieldSet {
    fn from_iter<I: IntoIterator<Item = FieldId>>(fields: I) -> Self {
        let mut set = Self::default();
        fields.into_iter().for_each(|field| set.insert(field));
        set
    }
}

impl fmt::Display for FieldSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(FieldId::key).collect();
        f.write_str(&names.join(", "))
    }
}

/// Why something cannot be judged. The words are those of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// The record does not carry the field.
    FieldAbsent,
    /// The field is `null`.
    FieldNull,
    /// The field has a type or form that cannot be read.
    TypeMismatch,
    /// The field has a value outside the known list.
    ValueUnrecognised,
    /// This kind of answer does not show what would be needed.
    ViewOmits,
    /// Part of the input is missing or could not be read.
    InputIncomplete,
    /// The evaluation time is only a lower bound.
    ClockInferred,
    /// Copies of the record contradict each other.
    RecordConflict,
    /// The answer does not stand in backup records at all.
    NotInMetadata,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::FieldAbsent,
        Self::FieldNull,
        Self::TypeMismatch,
        Self::ValueUnrecognised,
        Self::ViewOmits,
        Self::InputIncomplete,
        Self::ClockInferred,
        Self::RecordConflict,
        Self::NotInMetadata,
    ];

    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::FieldAbsent => "field-absent",
            Self::FieldNull => "field-null",
            Self::TypeMismatch => "type-mismatch",
            Self::ValueUnrecognised => "value-unrecognised",
            Self::ViewOmits => "view-omits",
            Self::InputIncomplete => "input-incomplete",
            Self::ClockInferred => "clock-inferred",
            Self::RecordConflict => "record-conflict",
            Self::NotInMetadata => "not-in-metadata",
        }
    }

    /// What the reason means, for readers who see the word for the first time.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::FieldAbsent => "the record does not carry the field",
            Self::FieldNull => "the field is null",
            Self::TypeMismatch => "the value has a type or form that cannot be read",
            Self::ValueUnrecognised => "the value is outside the known list",
            Self::ViewOmits => "this kind of answer does not show it",
            Self::InputIncomplete => "part of the input is missing",
            Self::ClockInferred => "the as-of time is only a lower bound",
            Self::RecordConflict => "copies of the record contradict each other",
            Self::NotInMetadata => "backup records do not say",
        }
    }

    /// What would have let the rule judge.
    #[must_use]
    pub fn wanted(self) -> &'static str {
        match self {
            Self::FieldAbsent | Self::FieldNull => "a value",
            Self::TypeMismatch => "a readable value",
            Self::ValueUnrecognised => "a documented word",
            Self::ViewOmits => "an answer that shows it",
            Self::InputIncomplete => "the missing part of the input",
            Self::ClockInferred => "an exact as-of time",
            Self::RecordConflict => "the same in every copy",
            Self::NotInMetadata => "a record that says so",
        }
    }

    /// Whether the reason is a property of the whole input, so that one finding speaks for a project.
    #[must_use]
    pub fn folds(self) -> bool {
        matches!(self, Self::ClockInferred | Self::ViewOmits | Self::NotInMetadata)
    }
}

/// What a record says of one field: nothing, `null`, a value, or something that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field<T> {
    /// The key is not there.
    Absent,
    /// The key is there and `null` (or an empty string where the API means the same).
    Null,
    /// A usable value.
    Value(T),
    /// Present but unusable, with the reason.
    Unusable(Reason),
}

impl<T> Field<T> {
    /// The value, or why there is none.
    ///
    /// # Errors
    /// The reason that a rule reports when it needed the value.
    pub fn known(self) -> Result<T, Reason> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Absent => Err(Reason::FieldAbsent),
            Self::Null => Err(Reason::FieldNull),
            Self::Unusable(reason) => Err(reason),
        }
    }

    /// The value where absence and `null` mean "none"; only an unusable value is an error.
    ///
    /// # Errors
    /// The reason why the value cannot be used.
    pub fn optional(self) -> Result<Option<T>, Reason> {
        match self {
            Self::Value(value) => Ok(Some(value)),
            Self::Absent | Self::Null => Ok(None),
            Self::Unusable(reason) => Err(reason),
        }
    }

    /// The value, if there is a usable one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The field with its value changed.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Value(value) => Field::Value(change(value)),
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Unusable(reason) => Field::Unusable(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FieldId, FieldSet, Reason};
    use pretty_assertions::assert_eq;
    use std::collections::BTreeSet;

    #[test]
    fn a_set_of_fields_is_a_set() {
        let sets = [&[][..], &[FieldId::Id], &[FieldId::Status, FieldId::Id], &FieldId::ALL[3..20], FieldId::ALL];
        for one in sets {
            for other in sets {
                let [a, b] = [one, other].map(|fields| fields.iter().copied().collect::<BTreeSet<_>>());
                let [x, y] = [one, other].map(FieldSet::of);
                assert_eq!(x, one.iter().copied().collect::<FieldSet>());
                assert_eq!(x.iter().collect::<BTreeSet<_>>(), a);
                assert_eq!(x.with(y).iter().collect::<Vec<_>>(), a.union(&b).copied().collect::<Vec<_>>());
                assert_eq!(x.without(y).iter().collect::<Vec<_>>(), a.difference(&b).copied().collect::<Vec<_>>());
                assert_eq!(x.meets(y), !a.is_disjoint(&b));
                assert!(FieldId::ALL.iter().all(|&field| x.contains(field) == a.contains(&field)));
            }
        }
        assert_eq!(FieldSet::of(&[FieldId::Status, FieldId::Id]).to_string(), "id, status");
    }

    /// Each word, meaning and remedy is another, so that none can stand for the next.
    #[test]
    fn reasons_are_told_apart() {
        for told in [Reason::word, Reason::meaning] {
            let words: BTreeSet<_> = Reason::ALL.into_iter().map(told).collect();
            assert_eq!(words.len(), Reason::ALL.len(), "{words:?}");
        }
        let wanted: BTreeSet<_> = Reason::ALL.into_iter().map(Reason::wanted).collect();
        assert_eq!(wanted.len(), Reason::ALL.len() - 1, "what is absent and what is null want a value");
        assert!(wanted.iter().all(|words| words.len() > 5));
    }
}
