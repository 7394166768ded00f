//! ISO/IEC 27001:2022, Annex A.

use super::{Control, Framework};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "iso27001-2022",
    name: "ISO/IEC 27001:2022, Annex A",
    remark: None,
    prefixes: &["iso27001-2022"],
    boxes: false,
    controls: &[
        Control::tested(
            "iso27001-2022:A.8.13",
            "Copies of information, software and systems are kept and regularly tested, as an agreed policy says.",
            "Good restore points of each resource, how often they come, how long they are kept, and their status; vaults, policies, tasks and sharing as far as their answers are in the input.",
            "That a policy exists and was approved, that every system in scope is in the dump, that restores were tested, and that the content can be read.",
        ),
        Control::tested(
            "iso27001-2022:A.8.10",
            "Information is deleted once it is no longer needed.",
            "Expired backups that are still listed.",
            "Which information a backup holds, whether it is still needed, legal holds, and that deleted data is gone.",
        ),
        Control::tested(
            "iso27001-2022:A.8.24",
            "Cryptography is used as defined rules say.",
            "The encryption flag of each disk in a backup.",
            "The algorithm, how keys are managed, and who can decrypt. A missing flag does not prove plain text on the provider's storage.",
        ),
        Control::tested(
            "iso27001-2022:A.5.29",
            "Information security is kept up during a disruption.",
            "Weakly: whether there are recent restore points, and copies in another region, to go on with.",
            "How security works while a disruption lasts.",
        )
        .by(&["offsite-copy-missing", "rpo-breach"]),
        Control::tested(
            "iso27001-2022:A.5.30",
            "Information technology is ready to meet the continuity objectives.",
            "The age of the newest good restore point against the objective in force, and copies in another region with their lag.",
            "Recovery times, the impact analysis behind the objectives, and exercises.",
        )
        .by(&["offsite-copy-missing", "replication-lag", "rpo-breach"]),
        Control::untestable(
            "iso27001-2022:A.5.33",
            "Records are protected from loss, destruction and falsification.",
            "Legal holds, who can delete, and whether records vanished before the export.",
        ),
        Control::tested(
            "iso27001-2022:A.8.14",
            "Facilities are redundant enough for the availability that is needed.",
            "Weakly: whether backups are stored in several availability zones, or copied to another region.",
            "Redundancy of servers and networks, and that a failover works. A replica is a copy, not a running system.",
        ),
    ],
};
