//! The places within neighbouring objects that rules read: one table, from which the reader knows what to keep and
//! reports where a value stands.

macro_rules! parts {
    ($( $(#[$meta:meta])* $variant:ident $path:literal, )*) => {
        /// A place within a vault, policy, task, checkpoint, protectable resource or member.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Part { $(
            $(#[$meta])*
            #[doc = concat!("`", $path, "`")]
            $variant,
        )* }

        impl Part {
            /// Every place.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The keys that lead there, by slashes; a star stands for the element of a list.
            #[must_use]
            pub fn path(self) -> &'static str {
                match self { $(Self::$variant => $path,)* }
            }

            /// The same keys as reports name fields: with dots, and without a word for elements of lists.
            #[must_use]
            pub fn dotted(self) -> String {
                self.path().replace("/*", "").replace('/', ".")
            }
        }
    };
}

parts! {
    // The object itself: an empty path.
    Whole "",
    Id "id",
    Name "name",
    Type "type",
    Status "status",
    ProjectId "project_id",
    CreatedAt "created_at",
    UpdatedAt "updated_at",
    // Vaults.
    Locked "locked",
    Frozen "frozen",
    Threshold "threshold",
    AutoExpand "auto_expand",
    AutoBind "auto_bind",
    SmnNotify "smn_notify",
    EnterpriseProjectId "enterprise_project_id",
    Tags "tags",
    TagKey "tags/*/key",
    TagValue "tags/*/value",
    VaultStatus "billing/status",
    FrozenScene "billing/frozen_scene",
    ProtectType "billing/protect_type",
    ObjectType "billing/object_type",
    Size "billing/size",
    Used "billing/used",
    Resources "resources",
    ResourceId "resources/*/id",
    ResourceType "resources/*/type",
    ResourceName "resources/*/name",
    ProtectStatus "resources/*/protect_status",
    BackupCount "resources/*/backup_count",
    ExcludedVolumes "resources/*/extra_info/exclude_volumes",
    IncludedVolumes "resources/*/extra_info/include_volumes",
    // Policies.
    Enabled "enabled",
    PolicyType "policy_type",
    OperationType "operation_type",
    RetentionDays "operation_definition/retention_duration_days",
    MaxBackups "operation_definition/max_backups",
    DayBackups "operation_definition/day_backups",
    WeekBackups "operation_definition/week_backups",
    MonthBackups "operation_definition/month_backups",
    YearBackups "operation_definition/year_backups",
    FullBackupInterval "operation_definition/full_backup_interval",
    DestinationRegion "operation_definition/destination_region",
    Patterns "trigger/properties/pattern",
    Pattern "trigger/properties/pattern/*",
    AssociatedVaults "associated_vaults",
    AssociatedVaultId "associated_vaults/*/vault_id",
    DestinationVaultId "associated_vaults/*/destination_vault_id",
    // Tasks.
    StartedAt "started_at",
    EndedAt "ended_at",
    CheckpointId "checkpoint_id",
    PolicyId "policy_id",
    VaultId "vault_id",
    ErrorCode "error_info/code",
    ErrorMessage "error_info/message",
    TaskResourceId "extra_info/resource/id",
    TaskResourceType "extra_info/resource/type",
    TaskResourceName "extra_info/resource/name",
    TaskBackupId "extra_info/backup/backup_id",
    TaskSourceBackupId "extra_info/replication/source_backup_id",
    // Checkpoints.
    CheckpointVaultId "vault/id",
    Skipped "vault/skipped_resources",
    SkippedId "vault/skipped_resources/*/id",
    SkippedType "vault/skipped_resources/*/type",
    SkippedName "vault/skipped_resources/*/name",
    SkippedCode "vault/skipped_resources/*/code",
    SkippedReason "vault/skipped_resources/*/reason",
    // Protectable resources.
    ProtectableResult "protectable/result",
    ProtectableReason "protectable/reason",
    ProtectableVault "protectable/vault",
    ProtectableVaultId "protectable/vault/id",
    ProtectableVaultStatus "protectable/vault/billing/status",
    AttachedDisks "children",
    AttachedDiskId "children/*/id",
    TenantId "detail/tenant_id",
    // Members.
    BackupId "backup_id",
    DestProjectId "dest_project_id",
}
