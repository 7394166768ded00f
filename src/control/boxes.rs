//! The 3-2-1-1-0 rule of thumb: five boxes, and never a score.

use super::{Control, Framework};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "3-2-1-1-0",
    name: "3-2-1-1-0: three copies, two media, one off-site, one immutable, no errors",
    remark: Some(
        "The data in production counts as the first copy and is taken to exist. A box holds for all resources together.",
    ),
    prefixes: &["3-2-1-1-0"],
    boxes: true,
    controls: &[
        Control::tested(
            "3-2-1-1-0:3-copies",
            "There are three copies, the data in production included.",
            "Whether each resource has a good restore point with a copy in another region: with production, three.",
            "That the data in production still exists, and copies that are kept outside the backup service.",
        )
        .by(&["offsite-copy-missing"]),
        Control::untestable(
            "3-2-1-1-0:2-media",
            "The copies are on two kinds of media or services.",
            "The media that copies are on, and copies in other services.",
        ),
        Control::tested(
            "3-2-1-1-0:1-offsite",
            "One copy is off-site.",
            "Whether each resource has a copy in another region.",
            "The distance, and that the other region cannot be reached with the same credentials.",
        )
        .by(&["offsite-copy-missing"]),
        Control::tested(
            "3-2-1-1-0:1-immutable",
            "One copy is immutable or off-line.",
            "With vault answers in the input: whether each resource has a good restore point made by policy in a locked vault.",
            "Copies that are kept off-line, and whether a vault was locked before or after the export.",
        )
        .by(&["immutable-copy-missing"]),
        Control::tested(
            "3-2-1-1-0:0-errors",
            "Recovery was verified without errors.",
            "Backups, disks in them and replications that failed speak against it.",
            "That recovery was verified: without any failure this box stays open.",
        )
        .by(&["app-consistency-failed", "backup-error", "child-status-mismatch", "replication-failed"])
        .only_against(),
    ],
};
