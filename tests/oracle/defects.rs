//! Seeds at most one defect into a backup, or into one disk of a server backup.

use crate::records::{Maker, at, blank};
use crate::time::{DAY, HOUR};
use serde_json::{Value, json};

const TRANSITIONAL: [&str; 6] =
    ["protecting", "deleting", "restoring", "waiting_protect", "waiting_delete", "waiting_restore"];

impl Maker {
    pub fn maybe_spoil(&mut self, backup: &mut Value) {
        match self.rng.between(1, 100) {
            1..=40 => self.spoil(backup),
            41..=60 => self.spoil_a_disk(backup),
            _ => {}
        }
    }

    fn spoil(&mut self, backup: &mut Value) {
        match self.rng.between(1, 22) {
            1 => blank(&mut self.rng, backup, "status"),
            2 => backup["status"] = json!(self.rng.pick(&["archived", "Available ", "AVAILABLE"])),
            3 | 4 => backup["status"] = json!("error"),
            5..=7 => self.make_transitional(backup),
            8 => self.lose_creation(backup),
            9 => backup["expired_at"] = json!("soon"),
            10 if !self.is_calm => backup["updated_at"] = at(self.now + 2 * HOUR),
            11 => blank(&mut self.rng, backup, "image_type"),
            12 => backup["image_type"] = json!("snapshot"),
            13 => blank(&mut self.rng, backup, "vault_id"),
            14 => blank(&mut self.rng, &mut backup["extend_info"], "encrypted"),
            15 => backup["extend_info"]["encrypted"] = json!(self.rng.percent(50)),
            16 => blank(&mut self.rng, &mut backup["extend_info"], "auto_trigger"),
            17 => blank(&mut self.rng, &mut backup["extend_info"], "contain_system_disk"),
            18 => backup["extend_info"]["contain_system_disk"] = json!(false),
            19 => drop(backup.as_object_mut().unwrap().remove("expired_at")),
            20 => blank(&mut self.rng, &mut backup["extend_info"], "is_multi_az"),
            21 => blank(&mut self.rng, backup, "checkpoint_id"),
            _ => {
                backup["extend_info"]["os_images_data"] = json!([{ "image_id": "image" }]);
                backup["expired_at"] = at(self.now - self.rng.pick(&[5 * DAY, -5 * DAY]));
            }
        }
    }

    fn make_transitional(&mut self, backup: &mut Value) {
        backup["status"] = json!(self.rng.pick(&TRANSITIONAL));
        let hours = self.rng.pick(&[1, 11, 13, 23, 24, 25, 40]);
        let created = backup["created_at"]["$at"].as_i64().unwrap();
        let is_touched = self.rng.percent(75);
        backup["updated_at"] = if is_touched { at((self.now - hours * HOUR).max(created)) } else { Value::Null };
    }

    /// Without a moment of protection either, the backup has no time at all.
    fn lose_creation(&mut self, backup: &mut Value) {
        backup["protected_at"] = Value::Null;
        match self.rng.percent(30) {
            true => backup["created_at"] = json!(""),
            false => blank(&mut self.rng, backup, "created_at"),
        }
    }

    fn spoil_a_disk(&mut self, server: &mut Value) {
        let disks = server["children"].as_array_mut().unwrap();
        let Some(disk) = disks.last_mut() else { return };
        match self.rng.between(1, 16) {
            1 | 2 => disk["status"] = json!(self.rng.pick(&["error", "protecting", "deleting"])),
            3 => disk["status"] = json!(self.rng.pick(&["restoring", "waiting_restore"])),
            4 => blank(&mut self.rng, disk, "status"),
            5 => disk["status"] = json!("archived"),
            6 => blank(&mut self.rng, disk, "created_at"),
            7 => disk["vault_id"] = json!("vault-elsewhere"),
            8 => disk["checkpoint_id"] = json!("chk-elsewhere"),
            9 => {
                let field = self.rng.pick(&["checkpoint_id", "vault_id", "image_type"]);
                blank(&mut self.rng, disk, field);
            }
            10 => disk["enterprise_project_id"] = json!("enterprise"),
            11 => blank(&mut self.rng, disk, "enterprise_project_id"),
            12 => disk["extend_info"]["encrypted"] = json!(false),
            13 => blank(&mut self.rng, &mut disk["extend_info"], "encrypted"),
            14 => disk["parent_id"] = json!("bak-elsewhere"),
            15 => blank(&mut self.rng, disk, "parent_id"),
            _ => disk["image_type"] = json!("replication"),
        }
    }
}
