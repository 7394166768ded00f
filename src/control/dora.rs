//! Regulation (EU) 2022/2554, digital operational resilience.

use super::{Control, Framework};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "dora",
    name: "DORA, Regulation (EU) 2022/2554",
    remark: Some("Article 12 itself does not ask for encryption, so no rule on encryption speaks to it here."),
    prefixes: &["dora"],
    boxes: false,
    controls: &[
        Control::untestable(
            "dora:11(6)",
            "Continuity, response and recovery plans are tested at least yearly.",
            "The tests and their results.",
        ),
        Control::tested(
            "dora:11(8)",
            "Records of what was done before and during a disruption are kept and at hand.",
            "That the exported files can be read in whole. A dated report with its evidence is such a record.",
            "That records were kept at other times, and what was done in a disruption.",
        ),
        Control::tested(
            "dora:12(1)(a)",
            "A policy sets what is backed up, and at least how often, by how critical it is.",
            "How often good restore points come, against the thresholds in force.",
            "The policy itself, and how critical each resource is.",
        ),
        Control::tested(
            "dora:12(2)",
            "Backup systems can be put into operation, are guarded, and are tested.",
            "Backups that failed, and restore points that cannot be restored in place.",
            "The tests, and that restoring leaves networks and data safe.",
        ),
        Control::untestable(
            "dora:12(3)",
            "Data is restored on systems that are kept apart from the source.",
            "Where restores take place, and that the systems are segregated.",
        ),
        Control::tested(
            "dora:12(6)",
            "Time and point objectives of recovery are set for each function and met.",
            "The age of the newest good restore point, and how far the off-site copy lags behind.",
            "The objectives of each function, and the time that a recovery takes.",
        ),
        Control::tested(
            "dora:12(7)",
            "After a recovery, checks and reconciliations show that the data is whole.",
            "Whether backups of servers were application-consistent, where that is recorded.",
            "The checks and reconciliations.",
        ),
    ],
};
