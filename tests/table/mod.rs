//! The table that the OpenStack client makes of backups.

/// Its columns beside `id`.
pub(crate) const COLUMNS: [&str; 18] = [
    "name",
    "checkpoint_id",
    "created_at",
    "description",
    "expired_at",
    "image_type",
    "parent_id",
    "project_id",
    "protected_at",
    "resource_az",
    "resource_id",
    "resource_name",
    "resource_size",
    "resource_type",
    "status",
    "updated_at",
    "vault_id",
    "provider_id",
];
