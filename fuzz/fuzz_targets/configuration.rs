//! Texts to configurations: what is not understood is an error that names the file.

#![no_main]

use cbr_audit::config::Config;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(error) = Config::parse("dir/c.toml", "c.toml", text) {
        assert!(format!("{error:#}").contains("dir/c.toml"), "{error:#}");
    }
});
