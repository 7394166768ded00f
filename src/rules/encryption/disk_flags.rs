//! What the disks of a server backup say of their encryption.

use crate::rule::*;

/// How many disks say what.
#[derive(Default)]
pub(super) struct DiskFlags<'i> {
    /// How many there are.
    pub(super) disks: u32,
    /// How many say that they are encrypted.
    pub(super) encrypted: u32,
    /// How many say that they are not.
    pub(super) plain: u32,
    /// The first of these.
    pub(super) first_plain: Option<Backup<'i>>,
    /// The first that does not say, and why.
    pub(super) unsaid: Option<(Backup<'i>, Reason)>,
}

impl<'i> DiskFlags<'i> {
    /// Those of a backup, as far as they are known.
    pub(super) fn of(backup: Backup<'i>) -> Self {
        let mut flags = Self::default();
        for disk in backup.children() {
            flags.disks += 1;
            match disk.flag(FieldId::Encrypted).known() {
                Ok(true) => flags.encrypted += 1,
                Ok(false) => {
                    flags.plain += 1;
                    flags.first_plain = flags.first_plain.or(Some(disk));
                }
                Err(reason) => flags.unsaid = flags.unsaid.or(Some((disk, reason))),
            }
        }
        flags
    }
}
