//! Caveats and assumptions: what a reader has to know that is no finding.

use super::around::vaults_without_answer;
use super::wording::counted;
use crate::clock::ClockSource;
use crate::inventory::backup::{Backup, Role};
use crate::inventory::capture::Contradiction;
use crate::inventory::vocabulary::Status;
use crate::run::Run;

/// What backup records can never prove, whatever they say.
pub const CANNOT_PROVE: &[&str] = &[
    "That a restore works, or how long it takes: records show that a restore point exists, not that it was tested.",
    "That the content is intact or free of malware.",
    "That every resource there is has a backup: only an inventory names resources that have none.",
    "That backups cannot be deleted: only a vault answer shows locking, and it never covers manual backups.",
    "Who holds the encryption keys, and who may restore, share or delete.",
    "Which policy and schedule applied at the time: policy and vault answers show how they stood when exported.",
    "That the export was made with rights to see everything: only what an answer claims of itself can be reconciled.",
    "Who deleted what: that needs the audit trace of the cloud.",
];

/// What has to be read before anything else.
#[must_use]
pub fn banners(run: &Run<'_>) -> Vec<String> {
    let mut banners = Vec::new();
    if run.after_as_of > 0 {
        banners.push(format!(
            "Seen from a later export: {} made after the as-of time. Restore points that existed then and were deleted \
             since are invisible.",
            were(run.after_as_of, "record"),
        ));
    }
    if !run.settings.resources.is_empty() {
        let shown = run.findings().count();
        let all = run.evaluation.findings.total();
        banners.push(format!(
            "Narrowed to the chosen resources: {shown} of {all} findings are shown. Counts and exit status are those of \
             the whole dump."
        ));
    }
    banners
}

fn were(count: u64, noun: &str) -> String {
    format!("{} {}", counted(count, noun), if count == 1 { "was" } else { "were" })
}

/// So many contradictions between notes are told.
const CONTRADICTIONS: usize = 5;

/// Caveats and assumptions.
#[must_use]
pub fn notes(run: &Run<'_>) -> Vec<String> {
    let mut notes = run.clock.notes.clone();
    let inventory = &run.inventory;
    if inventory.zones_assumed > 0 {
        let were = if inventory.zones_assumed == 1 { "was" } else { "were" };
        notes.push(format!("{} named no zone and {were} read as UTC.", counted(inventory.zones_assumed, "time")));
    }
    notes.extend(inventory.captures.contradictions.iter().take(CONTRADICTIONS).map(
        |Contradiction { directory, key }| {
            format!(
                "The capture notes in {directory} contradict each other on {key}: it counts as said by none of them."
            )
        },
    ));
    let copied = inventory.backups_with_copies() as u64;
    if copied > 0 {
        let were = if copied == 1 { "was" } else { "were" };
        notes.push(format!("{} in several answers and {were} merged by id.", stand(copied)));
    }
    let [modeless, survivors] = modeless_and_survivors(run);
    if modeless > 0 {
        let backups = counted(modeless, "backup");
        notes.push(format!(
            "{backups} of disks or shared file systems state no restore mode, as is usual: not applicable there."
        ));
    }
    if survivors > 0 {
        let backups = counted(survivors, "server backup");
        notes.push(format!(
            "{backups} in status error have disks that are all available: single disks may still be restored."
        ));
    }
    notes.extend(vaults_without_answer(inventory));
    let vanished = inventory.listings.vanished.len() as u64;
    if vanished > 0 {
        notes.push(format!(
            "{} in a newer list answer of the same project are not judged as restore points.",
            missing(vanished)
        ));
    }
    if run.clock.source == ClockSource::Inferred && !inventory.is_empty() {
        notes.push(
            "The as-of time is inferred: failures by age hold, passes that a later time could turn are not judged."
                .to_owned(),
        );
    }
    notes
}

fn stand(count: u64) -> String {
    format!("{} {}", counted(count, "record"), if count == 1 { "stands" } else { "stand" })
}

fn missing(count: u64) -> String {
    format!("{} that {} missing", counted(count, "backup"), if count == 1 { "is" } else { "are" })
}

/// How many backups lack a restore mode where that is usual, and how many are in error while their disks are usable.
fn modeless_and_survivors(run: &Run<'_>) -> [u64; 2] {
    let mut counts = [0; 2];
    for backup in run.inventory.backups().filter(|&ix| run.exists(ix)).map(|ix| run.inventory.backup(ix)) {
        counts[0] += u64::from(backup.role() == Role::Top && lacks_mode(backup));
        counts[1] += u64::from(has_usable_disks(backup));
    }
    counts
}

fn lacks_mode(backup: Backup<'_>) -> bool {
    let other = backup.resource_type().value().is_some_and(|kind| !kind.is_server());
    other && backup.restore_mode().optional() == Ok(None)
}

fn has_usable_disks(backup: Backup<'_>) -> bool {
    // Few are in error, so that the disks of few are looked at.
    backup.status().value() == Some(Status::Error)
        && backup.children().next().is_some()
        && backup.children().all(|disk| disk.status().value().is_some_and(Status::is_usable))
}
