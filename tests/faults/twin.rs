//! Careless twins of the program: they write and read as one does without thinking of faults. A harness that finds
//! nothing wrong with them would find nothing at all.

use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What the careless writer writes.
pub(crate) fn content() -> Vec<u8> {
    (0..2000).flat_map(|line| format!("line {line} of the new report\n").into_bytes()).collect()
}

/// This test program, to be run as one of the twins.
pub(crate) fn program(role: &str, path: &Path) -> Vec<std::ffi::OsString> {
    let this = std::env::current_exe().unwrap();
    let assign = |name: &str, value: &std::ffi::OsStr| {
        let mut text = std::ffi::OsString::from(format!("{name}="));
        text.push(value);
        text
    };
    vec![
        "env".into(),
        assign("TWIN_ROLE", role.as_ref()),
        assign("TWIN_PATH", path.as_os_str()),
        this.into(),
        "twin_at_work".into(),
        "--exact".into(),
        "--ignored".into(),
        "--nocapture".into(),
    ]
}

/// Does the work of the role that the environment names, if it names one.
pub(crate) fn work() {
    let Some(path) = std::env::var_os("TWIN_PATH").map(PathBuf::from) else { return };
    match std::env::var("TWIN_ROLE").as_deref() {
        Ok("write") => {
            let Ok(file) = fs::File::create(path) else { std::process::exit(2) };
            let mut out = std::io::BufWriter::with_capacity(4096, file);
            for line in content().chunks(100) {
                if out.write_all(line).is_err() {
                    std::process::exit(2);
                }
            }
            // What is in the buffer is written when it is dropped, or not.
        }
        Ok("slow") => {
            let mut file = fs::File::create(path).unwrap();
            for line in content().chunks(1000) {
                file.write_all(line).unwrap();
                std::thread::sleep(std::time::Duration::from_micros(500));
            }
        }
        Ok("read") => {
            let files: Vec<_> = walkdir::WalkDir::new(&path)
                .sort_by_file_name()
                .into_iter()
                .filter_map(Result::ok)
                .filter(|entry| entry.file_type().is_file())
                .filter_map(|entry| Some((entry.path().to_owned(), fs::read(entry.path()).ok()?)))
                .map(|(file, bytes)| {
                    let name = file.strip_prefix(&path).unwrap().display().to_string();
                    json!({"path": name, "state": "read", "bytes": bytes.len()})
                })
                .collect();
            println!("\n@{}", json!({"inputs": {"files": files}}));
        }
        _ => {}
    }
    std::process::exit(0);
}

/// The report of the careless reader in its output.
pub(crate) fn report(out: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(out);
    serde_json::from_str(text.split_once('@')?.1.lines().next()?).ok()
}
