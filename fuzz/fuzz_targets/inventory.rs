//! JSON to judged records: the bytes choose keys and values of answers, so that what is made is always JSON and mostly a
//! dump; all rules run over it.

#![no_main]

use cbr_audit::judge;
use cbr_audit_fuzz::{SETTINGS, check_run, inventory_of};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

const WORDS: [&str; 32] = [
    "id",
    "name",
    "status",
    "image_type",
    "resource_type",
    "resource_id",
    "resource_name",
    "resource_size",
    "created_at",
    "updated_at",
    "protected_at",
    "expired_at",
    "parent_id",
    "children",
    "checkpoint_id",
    "vault_id",
    "project_id",
    "extend_info",
    "replication_records",
    "incremental",
    "auto_trigger",
    "encrypted",
    "supported_restore_mode",
    "os_images_data",
    "app_consistency",
    "app_consistency_status",
    "is_multi_az",
    "destination_region",
    "extra_info",
    "resources",
    "billing",
    "unheard",
];

const TEXTS: [&str; 24] = [
    "b1",
    "b2",
    "r1",
    "v1",
    "p1",
    "available",
    "error",
    "protecting",
    "deleting",
    "backup",
    "replication",
    "success",
    "OS::Nova::Server",
    "OS::Cinder::Volume",
    "2026-11-01T05:00:00.000000",
    "2026-10-01T05:00:00",
    "2026-12-01 05:00:00",
    "2026-11-01",
    "9999-12-31T23:59:59Z",
    "true",
    "40",
    "",
    "soon",
    "\u{202e}<b>|",
];

/// Choices, byte by byte; nought when they are used up.
struct Choices<'b>(&'b [u8]);

impl Choices<'_> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::from(self.next()) % of.len()]
    }

    fn value(&mut self, depth: u32) -> Value {
        match self.next() % 16 {
            0 => Value::Null,
            1 => json!(self.next() & 1 == 0),
            2 => json!(self.next()),
            3 => json!(i64::from_le_bytes([self.next(); 8])),
            4 => json!(f64::from(self.next()) / 3.0),
            5..=7 if depth > 0 => (0..self.next() % 4).map(|_| self.value(depth - 1)).collect(),
            8..=11 if depth > 0 => Value::Object(self.object(depth - 1)),
            _ => json!(self.pick(&TEXTS)),
        }
    }

    fn object(&mut self, depth: u32) -> Map<String, Value> {
        let mut object = Map::new();
        for _ in 0..self.next() % 24 {
            object.insert(self.pick(&WORDS).to_owned(), self.value(depth));
        }
        object
    }

    fn answer(&mut self) -> Value {
        let list: Value = (0..self.next() % 5).map(|_| Value::Object(self.object(3))).collect();
        match self.next() % 8 {
            0 => json!({"backup": self.object(3)}),
            1 => json!({"vaults": list, "count": self.value(0)}),
            2 => json!({"policies": list}),
            3 => json!({"operation_logs": list, "offset": self.value(0)}),
            4 => json!({"captured_at": self.pick(&TEXTS), "region": self.value(0)}),
            5 => list,
            _ => json!({"backups": list, "count": self.value(0), "offset": self.value(0)}),
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices(bytes);
    let answers: Vec<_> = (0..1 + choices.next() % 4).map(|_| choices.answer().to_string()).collect();
    let names = ["a.json", "b.json", "c/capture.json", "c/d.json"];
    let files = names.into_iter().zip(&answers).map(|(name, answer)| (name, answer.as_bytes()));
    check_run(&judge(&SETTINGS, inventory_of(files), false));
});
