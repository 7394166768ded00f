//! `input-unreadable`

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
    check: Check::EachFile(check),
    cases: &[],
};

fn check(cx: &Context<'_>, file: FileIx, out: &mut Sink<'_>) {
    use crate::inventory::file::FileState;
    let subject = Subject::File(file);
    match cx.inventory.files[file.index()].state {
        FileState::Read | FileState::PartlyRead => out.pass(subject),
        FileState::NotBackup | FileState::Skipped => out.not_applicable(subject),
        FileState::Rejected => {
            out.fail(subject)
                .observed(Value::FileReason(file), Evidence::File(file))
                .expected(Value::Words("a CBR answer"));
        }
    }
}
