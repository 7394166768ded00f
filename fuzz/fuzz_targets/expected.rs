//! Bytes to expected resources: what is not understood is an error that names the file.

#![no_main]

use cbr_audit::expect;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match expect::parse("dir/e.csv", "e.csv", bytes, &["gold"]) {
        Ok(expectation) => assert!(!expectation.rows.is_empty()),
        Err(error) => assert!(format!("{error:#}").contains("dir/e.csv"), "{error:#}"),
    }
});
