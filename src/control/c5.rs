//! BSI C5:2020, operations.

use super::{Control, Framework};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "c5-2020",
    name: "BSI C5:2020",
    remark: Some(
        "C5 binds the provider of a cloud service. For its customer these rows are an analogy, or evidence for a complementary user control.",
    ),
    prefixes: &["c5-2020"],
    boxes: false,
    controls: &[
        Control::tested(
            "c5-2020:OPS-06",
            "Extent, frequency and retention of backups fit the contract; backups are encrypted, guarded and tested.",
            "The age of restore points, how long they are kept, and their encryption flags.",
            "What the contract says, who has access, recovery times, and tests.",
        ),
        Control::tested(
            "c5-2020:OPS-07",
            "Backups are monitored, and qualified staff mend failures promptly.",
            "Backups that failed or stopped, and gaps between restore points.",
            "That somebody watched and acted, and how long older failures stood.",
        ),
        Control::untestable(
            "c5-2020:OPS-08",
            "Restores are tested at least yearly against the recovery objectives.",
            "The tests and their results.",
        ),
        Control::tested(
            "c5-2020:OPS-09",
            "Backups are kept at a remote place at a sensible distance, and travel there encrypted.",
            "Whether each resource has a copy in another region, and the state of replication.",
            "Encryption on the way, the distance, and how the place is guarded.",
        ),
    ],
};
