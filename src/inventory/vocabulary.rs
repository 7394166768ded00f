//! The closed lists of the API: statuses, types and modes, each with the word the API uses.

/// Declares an enumeration whose members are words of the API.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident { $( $(#[$vmeta:meta])* $variant:ident $word:literal, )* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name { $($(#[$vmeta])* $variant,)* }

        impl $name {
            /// Every member, in the order of the API page.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word of the API.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The member that `word` names, exactly as the API writes it.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }

            /// The member with this number.
            #[must_use]
            pub fn from_code(code: u8) -> Option<Self> {
                Self::ALL.get(usize::from(code)).copied()
            }

            /// The known word that a foreign one resembles: same letters in other case or with blanks.
            #[must_use]
            pub fn resembling(word: &str) -> Option<&'static str> {
                let plain = word.trim().to_lowercase();
                Self::ALL.iter().map(|member| member.word()).find(|known| known.to_lowercase() == plain)
            }
        }
    };
}

vocabulary! {
    /// `status` of a backup.
    Status {
        /// Usable.
        Available "available",
        /// Being made.
        Protecting "protecting",
        /// Being deleted.
        Deleting "deleting",
        /// Being restored from.
        Restoring "restoring",
        /// Failed; cannot be restored.
        Error "error",
        /// Waiting to be made.
        WaitingProtect "waiting_protect",
        /// Waiting to be deleted.
        WaitingDelete "waiting_delete",
        /// Waiting to be restored from.
        WaitingRestore "waiting_restore",
    }
}

vocabulary! {
    /// `image_type`: an ordinary backup, or a copy that replication made.
    ImageType {
        /// An ordinary backup.
        Backup "backup",
        /// A copy made by replication from another region.
        Replication "replication",
    }
}

vocabulary! {
    /// `resource_type`: what was backed up.
    ResourceType {
        /// A cloud server.
        Server "OS::Nova::Server",
        /// A cloud disk.
        Volume "OS::Cinder::Volume",
        /// A bare-metal server.
        BareMetal "OS::Ironic::BareMetalServer",
        /// An on-premises server.
        Native "OS::Native::Server",
        /// A shared file system.
        SfsTurbo "OS::Sfs::Turbo",
        /// A cloud desktop.
        Desktop "OS::Workspace::DesktopV2",
    }
}

vocabulary! {
    /// `extend_info.supported_restore_mode`.
    RestoreMode {
        /// No restore in place.
        Na "na",
        /// Restore in place from the backup.
        Backup "backup",
        /// Restore from the snapshot.
        Snapshot "snapshot",
    }
}

vocabulary! {
    /// `replication_records[].status`.
    ReplicationStatus {
        /// Running.
        Replicating "replicating",
        /// Done.
        Success "success",
        /// Failed.
        Fail "fail",
        /// Not done on purpose.
        Skip "skip",
        /// Waiting to run.
        WaitingReplicate "waiting_replicate",
    }
}

vocabulary! {
    /// `billing.protect_type` of a vault: what it is for.
    ProtectType {
        /// Backups made here.
        Backup "backup",
        /// Replicas from another region.
        Replication "replication",
        /// Backups of on-premises servers.
        Hybrid "hybrid",
    }
}

vocabulary! {
    /// `billing.object_type` of a vault: what it protects.
    ObjectType {
        /// Servers.
        Server "server",
        /// Disks.
        Disk "disk",
        /// Shared file systems.
        Turbo "turbo",
        /// Cloud desktops.
        Workspace "workspace",
        /// On-premises virtual machines.
        Vmware "vmware",
        /// Databases.
        Rds "rds",
        /// Files.
        File "file",
    }
}

vocabulary! {
    /// `billing.status` of a vault.
    VaultStatus {
        /// Usable.
        Available "available",
        /// Locked by the provider.
        Lock "lock",
        /// Frozen.
        Frozen "frozen",
        /// Being deleted.
        Deleting "deleting",
        /// Failed.
        Error "error",
    }
}

vocabulary! {
    /// `resources[].protect_status` of a vault: how the protection of a resource stands.
    ProtectStatus {
        /// In order.
        Available "available",
        /// Failed.
        Error "error",
        /// A backup is being made.
        Protecting "protecting",
        /// A backup is being restored.
        Restoring "restoring",
        /// Being taken out of the vault.
        Removing "removing",
        /// The resource is gone and still stands in the vault; recorded, not documented.
        Deleted "deleted",
    }
}

vocabulary! {
    /// `operation_type` of a policy.
    PolicyOperation {
        /// Makes backups.
        Backup "backup",
        /// Replicates backups to another region.
        Replication "replication",
    }
}

vocabulary! {
    /// `status` of a task.
    TaskStatus {
        /// Done.
        Success "success",
        /// Not done on purpose.
        Skipped "skipped",
        /// Failed.
        Failed "failed",
        /// Running.
        Running "running",
        /// Given up after too long.
        Timeout "timeout",
        /// Waiting to run.
        Waiting "waiting",
    }
}

vocabulary! {
    /// `operation_type` of a task.
    TaskOperation {
        /// A backup.
        Backup "backup",
        /// A copy.
        Copy "copy",
        /// A replication to another region.
        Replication "replication",
        /// A restore.
        Restore "restore",
        /// A deletion of a backup.
        Delete "delete",
        /// A synchronisation.
        Sync "sync",
        /// A deletion of a vault.
        VaultDelete "vault_delete",
        /// A resource taken out of its vault.
        RemoveResource "remove_resource",
    }
}

vocabulary! {
    /// `status` of a sharing member.
    MemberStatus {
        /// Offered.
        Pending "pending",
        /// Accepted.
        Accepted "accepted",
        /// Refused.
        Rejected "rejected",
    }
}

impl ResourceType {
    /// Whether backups of this type are composed of disk backups.
    #[must_use]
    pub fn is_server(self) -> bool {
        matches!(self, Self::Server | Self::BareMetal)
    }

    /// Whether backups of this type can be replicated to another region at all.
    #[must_use]
    pub fn replicates(self) -> bool {
        matches!(self, Self::Server | Self::SfsTurbo)
    }

    /// The type that somebody means by a word of the API or a plain word.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == text || kind.noun() == text)
    }

    /// The plain word for the type.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Volume => "disk",
            Self::BareMetal => "bare-metal server",
            Self::Native => "on-premises server",
            Self::SfsTurbo => "SFS Turbo",
            Self::Desktop => "desktop",
        }
    }
}

impl ObjectType {
    /// Whether backups in such a vault can be replicated to another region at all.
    #[must_use]
    pub fn replicates(self) -> bool {
        matches!(self, Self::Server | Self::Turbo)
    }
}

impl Status {
    /// Whether a backup in this status can be restored from, now or as soon as the running restore ends.
    #[must_use]
    pub fn is_usable(self) -> bool {
        matches!(self, Self::Available | Self::Restoring | Self::WaitingRestore)
    }
}
