//! SOC 2, Trust Services Criteria for availability.

use super::{Control, Framework};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "soc2",
    name: "SOC 2, Trust Services Criteria 2017 (revised 2022)",
    remark: None,
    prefixes: &["soc2"],
    boxes: false,
    controls: &[
        Control::tested(
            "soc2:A1.2",
            "Backups are made, failures are found and mended, copies are kept off-site, and threats to recovery are met.",
            "Status, age and replication of backups, and whether the exported evidence is sound.",
            "That failures were followed up, that management reviewed them, and who can delete backups.",
        ),
        Control::tested(
            "soc2:A1.3",
            "Recovery is tested, and backups are checked for integrity and completeness.",
            "Server backups without disks, with disks that are not usable, or with fewer disks than before speak against it.",
            "The tests and their results: without any such backup this stays open.",
        )
        .by(&["child-status-mismatch", "children-missing", "disk-set-changed"])
        .only_against(),
    ],
};
