//! Large texts in archives, which are read in windows: the report is that of the same archive read as a whole.

use super::lines::{check, gzip, page, spoiled, usual, zstd};
use super::packed::{tar_of, zip_of};

/// Archives of every kind that hold these files, with their names.
pub(super) fn archives(members: &[(&str, Vec<u8>)]) -> Vec<(&'static str, Vec<u8>)> {
    let (tar, zip) = (tar_of(members), zip_of(members));
    vec![
        ("dump.tar.gz", gzip(&tar)),
        ("dump.tar.zst", zstd(&tar)),
        ("outer.tar", tar_of(&[("dump.zip", zip.clone()), ("a.json.gz", gzip(&members[0].1))])),
        ("dump.tar", tar),
        ("dump.zip", zip),
    ]
}

fn check_all(members: &[(&str, Vec<u8>)]) {
    archives(members).iter().for_each(|(name, bytes)| drop(check(name, bytes)));
}

#[test]
fn large_members_read_the_same_in_windows() {
    // The order of the archive is not that of the paths, and some members are small, or the same.
    check_all(&[
        ("z/list.json", page(0..400).into_bytes()),
        ("m/note.json", br#"{"captured_at":"2026-02-01T00:00:00Z"}"#.to_vec()),
        ("a/lines.jsonl", usual()[..500].join("\n").into_bytes()),
        ("b/lines.json", usual()[100..500].join("\n").into_bytes()),
        ("a/other.json", page(990..993).into_bytes()),
        ("a/again.json", page(0..400).into_bytes()),
    ]);
}

#[test]
fn members_that_hold_something_unusual_read_the_same() {
    let fault = r#"{"id":"x","id":"y","resource_id":"r","vault_id":"v"}"#;
    let list = page(0..400);
    check_all(&[
        ("z.json", list.replacen("\"name\":", "\"n\\u0061me\":", 380).into_bytes()),
        ("y.json", list.replacen("],\"count\"", &format!(",{fault}],\"count\""), 1).into_bytes()),
        ("x.jsonl", spoiled(380, "{\"id\":")[..500].join("\n").into_bytes()),
        ("w.json", list.as_bytes()[..list.len() - 20].to_vec()),
        ("v.json", format!("HTTP/1.1 200 OK\r\n\r\n{list}").into_bytes()),
        ("u.json", format!(r#"{{"body":{list}}}"#).into_bytes()),
        ("t.bin", list.into_bytes()),
    ]);
}

#[test]
fn archives_that_are_cut_off_in_a_large_member_read_the_same() {
    let members = [("z.json", page(0..400).into_bytes()), ("a.jsonl", usual()[..500].join("\n").into_bytes())];
    for (name, bytes) in archives(&members) {
        for length in [bytes.len() / 2, bytes.len() * 9 / 10] {
            check(name, &bytes[..length]);
        }
        let mut damaged = bytes;
        let middle = damaged.len() / 3;
        damaged[middle] ^= 0x10;
        check(name, &damaged);
    }
}
