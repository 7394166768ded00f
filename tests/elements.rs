//! Lists in which something else stands than backup objects.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod program;
mod saved;

use answers::{backup, list};
use pretty_assertions::assert_eq;
use program::{Scratch, run};
use saved::assert_read;
use serde_json::json;

/// What `jq -s '{backups: .}'` makes of show answers: each would be a record without anything in it.
#[test]
fn an_answer_among_backup_objects_is_none_of_them() {
    let show = json!({"backup": backup("b2")});
    let reason = "an answer where a backup object was expected: save it by itself";
    for (document, records) in [
        (json!({"backups": [show], "count": 1}), 0),
        (json!({"backups": [backup("b1"), show], "count": 2}), 1),
        (json!({"backups": [backup("b1"), list(&["b2"])], "count": 2}), 1),
        (json!({"backups": [backup("b1"), show, {"id": "b3", "resource_size": 1e300}], "count": 2}), 2),
        (json!({"backup": {"id": "b1", "children": [show]}}), 1),
        (json!([{"backup": show}, backup("b1"), {"backup": {"id": "b3"}}]), 2),
    ] {
        let state = if records == 0 { "rejected" } else { "partly-read" };
        assert_read(document.to_string(), state, records, reason);
        // The reader that goes on behind a fault tells the same, but for the record that carries the fault.
        let faulty = document.to_string().replace("1e+300", "1e999");
        let fewer = u64::from(faulty.contains("1e999"));
        assert_read(faulty, state, records - fewer, reason);
        let scratch = Scratch::new();
        let path = scratch.write("a.json", document.to_string());
        let listed = run(["inventory", path.to_str().unwrap(), "--no-config"]);
        assert_eq!((listed.out.lines().count() as u64, listed.status), (records + 1, if records == 0 { 3 } else { 4 }));
    }
    // Bare arrays may hold answers, and an object with an id is a backup, whatever stands beside it.
    assert_read(json!([show, {"backup": backup("b3")}]).to_string(), "read", 2, "");
    assert_read(json!({"backups": [{"id": "b1", "backup": {}}], "count": 1}).to_string(), "read", 1, "");
}
