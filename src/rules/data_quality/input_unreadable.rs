//! `input-unreadable`

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files, listings and keys are those of the inventory that they are looked up in"
)]

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "input-unreadable",
    family: Family::DataQuality,
    severity: Severity::High,
    title: "A file is no usable answer",
    why: "Everything after it is built on air: backups in this file are neither counted nor judged.",
    remedy: "Export the answer again and keep the raw body; look at the status code of the request first.",
    logic: "Fails for a file that is empty, not JSON, a saved error, of no known shape, or all of whose records are unreadable. Passes for answers that were read, also in part. Other answers and skipped files are not applicable.",
    params: &[],
    controls: &["soc2:A1.2", "dora:11(8)"],
    check: Check::EachFileEver(check),
    cases: &[
        Case::new(
            "an answer, and one with a record that cannot be read",
            r#"{"$files": {"a.json": {"backup": {}}, "b.json": {"backups": [{}, 7]}}}"#,
            &["pass a.json", "pass b.json"],
        ),
        Case::new(
            "a saved error",
            r#"{"error_code": "BackupService.6300", "error_msg": "the vault does not exist"}"#,
            &["fail case.json high"],
        ),
        Case::new(
            "nothing, half an answer, a web page",
            r#"{"$files": {"a.json": "", "b.json": "{\"backup\": {\"id\"", "c.json": "<html>"}}"#,
            &["fail a.json high", "fail b.json high", "fail c.json high"],
        ),
        Case::new("the only record cannot be read", r#"{"backups": [7]}"#, &["fail case.json high"]),
        Case::new(
            "another answer, a capture note, a text beside the dump",
            r#"{"$files": {
                "a.json": {"vaults": []},
                "capture.json": {"captured_at": "-1h"},
                "notes.md": "made by hand"
            }}"#,
            &["not-applicable a.json", "not-applicable capture.json", "not-applicable notes.md"],
        ),
    ],
};

fn check(cx: &Context<'_>, file: FileIx, out: &mut Sink<'_>) {
    let subject = Subject::File(file);
    match cx.inventory.files[file.index()].state {
        FileState::Read | FileState::PartlyRead => out.pass(subject),
        FileState::NotBackup | FileState::Skipped | FileState::Unpacked => out.not_applicable(subject),
        FileState::Rejected => {
            out.fail(subject)
                .observed(Value::FileReason(file), Evidence::File(file))
                .expected(Value::Words("a CBR answer"));
        }
    }
}
