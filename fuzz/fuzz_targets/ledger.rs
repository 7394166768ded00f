//! Bytes to the ledger: whatever a file holds, it ends in one state with a reason, and its records are counted.

#![no_main]

use cbr_audit_fuzz::{check_inventory, inventory_of};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    check_inventory(&inventory_of([("a.json", bytes)]));
});
