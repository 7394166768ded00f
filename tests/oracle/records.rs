//! Makes single backup records. Times stand as `{"$at": microseconds}` until a copy is written in some dialect.

use crate::facts::{DISK, SERVER, TURBO};
use crate::prng::Prng;
use crate::time::{DAY, HOUR, Instant, MILLISECOND, MINUTE, SECOND};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What is backed up: a server with its disks, a disk or a file system.
#[derive(Clone)]
pub struct Protected {
    pub kind: &'static str,
    pub id: String,
    pub project: String,
    pub disks: Vec<Protected>,
    pub encrypted: bool,
    pub life: Life,
    pub name: String,
    pub vault: String,
    pub enterprise_project: &'static str,
    /// Whether its backups lie in several zones; not always said.
    pub zones: Option<bool>,
}

#[derive(Clone, Copy)]
pub enum Life {
    Manual,
    Automatic,
    Days(i64),
    /// Every point expires at its own moment near the evaluation time.
    Scattered,
    /// The points of all resources expire on one day.
    Clustered,
}

pub struct Maker {
    pub rng: Prng,
    pub now: Instant,
    /// Without oddities around the evaluation time, for dumps whose clock is inferred.
    pub is_calm: bool,
    serial: u64,
    seed: u64,
    cluster: Instant,
    /// Of every vault and half day, the checkpoint that its backups share.
    checkpoints: BTreeMap<(String, Instant), String>,
    /// Copies that two backups name.
    pub claimed: BTreeSet<String>,
}

pub fn at(instant: Instant) -> Value {
    json!({ "$at": instant })
}

impl Maker {
    pub fn new(seed: u64, now: Instant, is_calm: bool) -> Self {
        let mut rng = Prng::new(seed);
        let cluster = now + rng.pick(&[-20, 50, 400, 9500]) * HOUR;
        Self { rng, now, is_calm, serial: 0, seed, cluster, checkpoints: BTreeMap::new(), claimed: BTreeSet::new() }
    }

    pub fn id(&mut self, prefix: &str) -> String {
        self.serial += 1;
        format!("{prefix}-{:04x}-4000-8000-{:08x}", self.seed, self.serial)
    }

    pub fn protected(&mut self, kind: &'static str, project: &str) -> Protected {
        let life = match self.rng.between(1, 10) {
            1 | 2 => Life::Manual,
            3 => Life::Automatic,
            4..=6 => Life::Days(self.rng.pick(&[7, 14, 30, 30, 90])),
            7 | 8 => Life::Clustered,
            _ => Life::Scattered,
        };
        let encrypted = self.rng.percent(70);
        let name = self.rng.pick(&["db-01", "db-02", "db-1", "web-01", "web-1", "build-7", "erp", "erp"]).to_owned();
        let second = if self.rng.percent(25) { "-b" } else { "" };
        Protected {
            kind,
            id: self.id("res"),
            project: project.to_owned(),
            disks: Vec::new(),
            encrypted,
            life,
            name,
            vault: format!("vault-{project}{second}"),
            enterprise_project: self.rng.pick(&["0", "0", "ep-1"]),
            zones: self.rng.pick(&[Some(true), Some(false), Some(false), None]),
        }
    }

    /// The moments at which a resource was backed up, newest first.
    pub fn schedule(&mut self) -> Vec<Instant> {
        let newest = self.rng.pick(&[2, 9, 18, 22, 22, 25, 31, 45, 80, 150, 290]);
        let step = self.rng.pick(&[12, 24, 24, 24, 33, 48]);
        let count = self.rng.between(1, 6);
        let mut ages: Vec<_> = (0..count).map(|nth| (newest + nth * step) * HOUR).collect();
        if count > 3 && self.rng.percent(40) {
            ages.remove(1);
        }
        ages.into_iter().map(|age| self.now - age - self.rng.between(0, 40 * 60_000) * MILLISECOND).collect()
    }

    /// A vault mostly backs its resources up together.
    fn checkpoint(&mut self, vault: &str, created: Instant) -> String {
        let own = self.id("chk");
        if self.rng.percent(30) {
            return own;
        }
        self.checkpoints.entry((vault.to_owned(), created.div_euclid(12 * HOUR))).or_insert(own).clone()
    }

    pub fn backup(&mut self, of: &Protected, created: Instant) -> Value {
        let updated = self.rng.pick(&[at(created + 6 * MINUTE), at(created + 6 * MINUTE), Value::Null]);
        let mut body = json!({
            "id": self.id("bak"), "name": "autobk", "description": "", "status": "available", "image_type": "backup",
            "resource_type": of.kind, "resource_id": of.id, "resource_name": of.name, "resource_size": 40,
            "resource_az": "az-01", "created_at": at(created), "updated_at": updated,
            "protected_at": self.protected_at(of, created), "expired_at": self.expiry(of, created),
            "parent_id": null, "checkpoint_id": self.checkpoint(&of.vault, created), "vault_id": of.vault,
            "project_id": of.project, "provider_id": "0daac4c5-6707-4851-97ba-169e36266b66",
            "enterprise_project_id": of.enterprise_project, "children": [], "replication_records": [],
            "extend_info": {
                "auto_trigger": !matches!(of.life, Life::Manual), "bootable": true, "encrypted": of.encrypted,
                "contain_system_disk": of.kind == SERVER, "supported_restore_mode": "backup", "os_images_data": null,
            },
        });
        if of.kind == TURBO && self.rng.percent(40) {
            body["extend_info"]["contain_system_disk"] = json!(true);
        }
        self.add_newer_fields(of, &mut body);
        self.add_disks(of, &mut body, created);
        body
    }

    /// A server seldom carries a flag of its own.
    fn add_disks(&mut self, of: &Protected, server: &mut Value, created: Instant) {
        if of.kind == DISK || of.kind == TURBO {
            return;
        }
        match self.rng.between(1, 4) {
            1 => server["extend_info"]["encrypted"] = json!(of.disks.iter().all(|disk| disk.encrypted)),
            2 => server["extend_info"]["encrypted"] = Value::Null,
            _ => drop(server["extend_info"].as_object_mut().unwrap().remove("encrypted")),
        }
        let mut disks: Vec<Value> = of.disks.iter().map(|disk| self.child(disk, server, created)).collect();
        if let Some(first) = disks.first_mut() {
            self.mark_system_disk(first);
        }
        if let (Some(last), true) = (disks.last_mut(), self.rng.percent(10)) {
            self.end_early(last, server, created);
        }
        server["children"] = json!(disks);
    }

    fn child(&mut self, disk: &Protected, server: &Value, created: Instant) -> Value {
        json!({
            "id": self.id("kid"), "name": "autobk", "status": "available", "image_type": server["image_type"],
            "resource_type": disk.kind, "resource_id": disk.id, "resource_name": disk.name, "resource_size": 40,
            "created_at": at(created + 47 * SECOND), "updated_at": at(created + 5 * MINUTE), "protected_at": null,
            "expired_at": null, "parent_id": server["id"], "checkpoint_id": server["checkpoint_id"],
            "vault_id": server["vault_id"], "project_id": server["project_id"], "children": [],
            "provider_id": server["provider_id"], "enterprise_project_id": server["enterprise_project_id"],
            "replication_records": [], "extend_info": { "encrypted": disk.encrypted, "bootable": false, "system_disk": false },
        })
    }

    /// What the interface has told since it grew up.
    fn add_newer_fields(&mut self, of: &Protected, body: &mut Value) {
        if let Some(zones) = of.zones {
            body["extend_info"]["is_multi_az"] = json!(zones);
        }
        match self.rng.between(1, 12) {
            1..=5 => body["incremental"] = json!(true),
            6 | 7 => body["incremental"] = json!(false),
            8 | 9 => body["extend_info"]["incremental"] = json!(self.rng.percent(70)),
            10 => {
                body["incremental"] = json!(true);
                body["extend_info"]["incremental"] = json!(self.rng.percent(70));
            }
            11 => body["incremental"] = Value::Null,
            _ => {}
        }
        let said = |status: &str, code: &str, message: &str| {
            json!({
                "app_consistency": status, "app_consistency_status": status, "app_consistency_error_code": code,
                "app_consistency_error_message": message,
            })
        };
        let mut consistency = match self.rng.between(1, 12) {
            1..=3 => said("0", "0", ""),
            4..=6 => said("1", "0", ""),
            7 => said("0", "5", "freeze timed out"),
            8 => said("0", "0", "freeze timed out"),
            9 => said("0", "5", ""),
            10 => said("1", "", ""),
            11 => Value::Null,
            _ => return,
        };
        if !consistency.is_null() && self.rng.percent(15) {
            let field = self.rng.pick(&["status", "error_code", "error_message"]);
            blank(&mut self.rng, &mut consistency, &format!("app_consistency_{field}"));
        }
        body["extend_info"]["app_consistency"] = consistency;
    }

    fn mark_system_disk(&mut self, disk: &mut Value) {
        let (bootable, system_disk) =
            self.rng.pick(&[(true, true), (true, true), (true, true), (true, false), (false, false)]);
        disk["extend_info"]["bootable"] = json!(bootable);
        disk["extend_info"]["system_disk"] = json!(system_disk);
        if self.rng.percent(15) {
            let field = self.rng.pick(&["bootable", "system_disk"]);
            blank(&mut self.rng, &mut disk["extend_info"], field);
        }
    }

    /// Gives a disk an end of its own, some time before that of its server backup.
    fn end_early(&mut self, disk: &mut Value, server: &Value, created: Instant) {
        let earlier = self.rng.pick(&[0, 30 * MINUTE, 2 * HOUR, 3 * DAY]);
        disk["expired_at"] = match server["expired_at"]["$at"].as_i64() {
            _ if self.rng.percent(15) => json!("soon"),
            Some(end) => at((end - earlier).max(created + HOUR)),
            None => at(created + 7 * DAY),
        };
    }

    fn protected_at(&mut self, of: &Protected, created: Instant) -> Value {
        match self.rng.between(1, 10) {
            1..=4 if of.kind != DISK => at(created + 25 * SECOND),
            5 if !self.is_calm => json!({ "$day": created }),
            _ => Value::Null,
        }
    }

    /// The service computes the expiry some milliseconds before it stamps the creation.
    fn expiry(&mut self, of: &Protected, created: Instant) -> Value {
        let moment = match of.life {
            Life::Manual | Life::Automatic => return Value::Null,
            Life::Days(days) => {
                let slack = self.rng.pick(&[4 * MILLISECOND, 4 * MILLISECOND, HOUR, HOUR + SECOND, 0]);
                created + days * DAY - slack
            }
            Life::Clustered => self.cluster + self.rng.between(0, 20 * 60) * MINUTE,
            Life::Scattered => {
                let hours = self.rng.pick(&[-200, -80, -72, -30, 0, 30, 100, 168, 169, 500, 900]);
                (self.now + hours * HOUR).max(created + HOUR)
            }
        };
        at(moment)
    }

    /// The attempts to copy a server backup to other regions, with the ids of the copies that were made.
    pub fn replication(&mut self, backup: &Value, created: Instant) -> (Vec<Value>, Vec<String>) {
        let (mut records, mut copies) = (Vec::new(), Vec::new());
        let regions: &[&str] = self.rng.pick(&[&["eu-nl"][..], &["eu-nl", "eu-ch2"], &["eu-ch2"], &["eu-de"]]);
        let oddity = if self.rng.percent(25) { self.rng.between(1, 10) } else { 0 };
        for region in regions {
            let mut started = created + 20 * MINUTE;
            for last in [false, true] {
                if !last && self.rng.percent(70) {
                    continue;
                }
                let status = self.replication_status(last, oddity);
                let copy = self.id("bak");
                if status == "success" && *region != "eu-de" {
                    copies.push(copy.clone());
                }
                records.push(json!({
                    "id": self.id("rep"), "status": status, "created_at": at(started), "source_region": "eu-de",
                    "source_project_id": backup["project_id"], "source_backup_id": backup["id"],
                    "destination_region": region, "destination_project_id": "p-away",
                    "destination_backup_id": if status == "success" { json!(copy) } else { Value::Null },
                    "destination_vault_id": "vault-p-away", "vault_id": backup["vault_id"],
                    "extra_info": { "progress": 100, "fail_code": "", "auto_trigger": true },
                }));
                started += 15 * MINUTE;
            }
        }
        self.spoil_replication(records.last_mut().unwrap(), oddity);
        if self.rng.percent(30) {
            records.reverse();
        }
        (records, copies)
    }

    fn replication_status(&mut self, is_last: bool, oddity: i64) -> &'static str {
        match (is_last, oddity) {
            (_, 1..=3) | (false, _) => self.rng.pick(&["fail", "skip", "fail"]),
            (true, 4 | 7) => "replicating",
            (true, _) => {
                self.rng.pick(&["success", "success", "success", "fail", "skip", "replicating", "waiting_replicate"])
            }
        }
    }

    fn spoil_replication(&mut self, record: &mut Value, oddity: i64) {
        let field = match oddity {
            1 => "status",
            2 => "created_at",
            3 => "destination_region",
            4 => return record["status"] = json!("archived"),
            5 | 6 => "source_region",
            7 if !self.is_calm => return record["created_at"] = at(self.now + 3 * HOUR),
            8 => "destination_backup_id",
            9 => "destination_project_id",
            10 => return record["source_region"] = json!("eu-xx"),
            _ => return,
        };
        blank(&mut self.rng, record, field);
    }
}

/// Takes a field away, or makes it null.
pub fn blank(rng: &mut Prng, record: &mut Value, field: &str) {
    if rng.percent(50) {
        record[field] = Value::Null;
    } else {
        record.as_object_mut().unwrap().remove(field);
    }
}
