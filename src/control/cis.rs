//! CIS Critical Security Controls 8.1.

use super::{Control, Framework};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "cis-8.1",
    name: "CIS Critical Security Controls 8.1",
    remark: None,
    prefixes: &["cis-8.1"],
    boxes: false,
    controls: &[
        Control::tested(
            "cis-8.1:3.4",
            "Data is kept for at least, and at most, the times that are set.",
            "How long backups are kept against the minimum that is set, and backups without an end.",
            "That the times were approved, and which data they hold for.",
        ),
        Control::tested(
            "cis-8.1:3.11",
            "Sensitive data at rest is encrypted.",
            "The encryption flag of each disk in a backup.",
            "Which data is sensitive, the algorithm, and the keys.",
        ),
        Control::untestable(
            "cis-8.1:11.1",
            "The process of data recovery is documented and kept up to date.",
            "All of it: documents are no part of backup records.",
        ),
        Control::tested(
            "cis-8.1:11.2",
            "Assets in scope are backed up automatically, weekly or more often.",
            "The age of the newest good restore point, and gaps between restore points, against the threshold in force.",
            "Which assets are in scope, and that backups start by themselves. The threshold is that of the run and need not be a week.",
        ),
        Control::tested(
            "cis-8.1:11.3",
            "Recovery data is protected as well as the original data.",
            "The encryption flag of each disk in a backup.",
            "Who can reach the backups, and how the original is protected.",
        ),
        Control::tested(
            "cis-8.1:11.4",
            "An isolated copy of recovery data exists, for example off-line or off-site.",
            "Whether each resource has a copy in another region.",
            "That the copy cannot be reached with the same credentials, and that it cannot be changed or deleted.",
        ),
        Control::untestable(
            "cis-8.1:11.5",
            "Recovery is tested quarterly on a sample of assets.",
            "The tests and their results.",
        ),
    ],
};
