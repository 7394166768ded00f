//! A restore point in eight bytes: what was judged, and where its times stand in the inventory.

use jiff::Timestamp;

use super::{Goodness, Offsite, RestorePoint};
use crate::inventory::Inventory;
use crate::inventory::backup::Backup;
use crate::inventory::field::FieldId;

/// What a backup is worth as a restore point, packed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packed {
    /// The reading that states its moment.
    reading: u32,
    pub(super) goodness: Goodness,
    pub(super) offsite: Offsite,
    /// Its caveats in the low byte, the flags below in the high one.
    bits: u16,
}

const _: () = assert!(size_of::<Packed>() == 8, "there is one for every backup");

const HAS_TIME: u16 = 1 << 8;
const BY_PROTECTION: u16 = 1 << 9;
const ENCRYPTED: u16 = 1 << 10;
const ENCRYPTION_KNOWN: u16 = 1 << 11;
const OFFSITE_LASTS: u16 = 1 << 12;
const EXISTED: u16 = 1 << 13;

/// What is judged of a backup by itself.
pub(super) struct Judged {
    pub(super) goodness: Goodness,
    /// Where the moment of its data stands.
    pub(super) stated: Option<(u32, FieldId)>,
    pub(super) first_reading: u32,
    pub(super) encrypted: Option<bool>,
    pub(super) caveats: u16,
    pub(super) existed: bool,
}

impl Packed {
    pub(super) fn new(judged: &Judged) -> Self {
        let flag = |holds: bool, bit: u16| if holds { bit } else { 0 };
        let (reading, field) = judged.stated.unwrap_or((judged.first_reading, FieldId::CreatedAt));
        Self {
            reading,
            goodness: judged.goodness,
            offsite: Offsite::None,
            bits: judged.caveats
                | flag(judged.stated.is_some(), HAS_TIME)
                | flag(field == FieldId::ProtectedAt, BY_PROTECTION)
                | flag(judged.encrypted == Some(true), ENCRYPTED)
                | flag(judged.encrypted.is_some(), ENCRYPTION_KNOWN)
                | flag(judged.existed, EXISTED)
                | OFFSITE_LASTS,
        }
    }

    pub(super) fn set_offsite(&mut self, offsite: Offsite, lasts: bool) {
        self.offsite = offsite;
        self.bits = self.bits & !OFFSITE_LASTS | if lasts { OFFSITE_LASTS } else { 0 };
    }

    fn has(self, bit: u16) -> bool {
        self.bits & bit != 0
    }

    pub(super) fn existed(self) -> bool {
        self.has(EXISTED)
    }

    fn stated(self) -> (u32, FieldId) {
        (self.reading, if self.has(BY_PROTECTION) { FieldId::ProtectedAt } else { FieldId::CreatedAt })
    }

    /// The moment its data are of.
    pub(super) fn time(self, inventory: &Inventory) -> Option<Timestamp> {
        let (reading, field) = self.stated();
        if self.has(HAS_TIME) { inventory.time_in(reading, field) } else { None }
    }

    pub(super) fn unpack(self, backup: Backup<'_>, inventory: &Inventory) -> RestorePoint {
        RestorePoint {
            goodness: self.goodness,
            time: self.time(inventory),
            stated: self.stated(),
            expires: backup.time(FieldId::ExpiredAt).value(),
            offsite: self.offsite,
            offsite_lasts: self.has(OFFSITE_LASTS),
            encrypted: self.has(ENCRYPTION_KNOWN).then_some(self.has(ENCRYPTED)),
            caveats: self.bits & 0xff,
        }
    }
}
