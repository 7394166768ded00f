//! Bytes that may be anything packed: every member has a line of its own, the limits hold, and the archive comes last.

#![no_main]

use std::collections::HashSet;

use cbr_audit::limits::Limits;
use cbr_audit::unpack::{Content, Walk};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 6] = ["d.tar", "d.zip", "d.json.gz", "d.json.zst", "d.json", "d.tgz"];

fuzz_target!(|input: &[u8]| {
    let Some((&first, bytes)) = input.split_first() else { return };
    let name = NAMES[usize::from(first) % NAMES.len()];
    let limits = Limits { file_bytes: 1 << 20, unpacked_bytes: 4 << 20, members: 100, ..Limits::default() };
    let mut paths = HashSet::new();
    let mut last = String::new();
    let (mut unpacked, mut told) = (0, None);
    let mut emit = |entry: cbr_audit::unpack::Entry| {
        assert!(paths.insert(entry.path.clone()), "{} twice", entry.path);
        match &entry.content {
            Content::Document(document) => {
                assert!(document.len() as u64 <= limits.file_bytes);
                unpacked += document.len() as u64;
            }
            Content::Refused(why) | Content::Skipped(why) => assert!(!why.is_empty()),
            Content::Archive(contents) => told = Some(contents.members),
            Content::Taken(_) => unreachable!("whole texts are asked for"),
            Content::Foreign => {}
        }
        last = entry.path;
    };
    Walk { limits, sha256: first & 64 != 0, exclude: None, taker: &mut emit }.stream(name, &mut &*bytes);
    assert_eq!(last, name);
    let is_member = |path: &&String| path.starts_with(&format!("{name}!/"));
    let members = paths.iter().filter(is_member).count() as u64;
    assert!(told.is_none_or(|told| told <= members), "{told:?} members, {members} lines");
    // A file that is not packed counts against no ratio.
    assert!(unpacked <= limits.unpacked_bytes + bytes.len() as u64, "{unpacked} bytes");
});
