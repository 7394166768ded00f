//! Directive (EU) 2022/2555, and Implementing Regulation (EU) 2024/2690.

use super::{Control, Framework};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "nis2",
    name: "NIS 2, Directive (EU) 2022/2555, with Implementing Regulation (EU) 2024/2690",
    remark: None,
    prefixes: &["nis2", "impl-reg-2024-2690"],
    boxes: false,
    controls: &[
        Control::tested(
            "nis2:21(2)(c)",
            "Business continuity is managed, backups and recovery from disasters among it.",
            "The age of the newest good restore point of each resource.",
            "Plans, crisis management, and that a recovery works.",
        ),
        Control::tested(
            "impl-reg-2024-2690:4.2.1",
            "Copies of data are kept, with places, systems and staff enough to do without what is lost.",
            "Whether each resource, and each that an inventory names, has a good restore point that is recent.",
            "The places, systems and staff, and that every system in scope is in the dump.",
        )
        .by(&["inventory-uncovered", "rpo-breach"]),
        Control::untestable(
            "impl-reg-2024-2690:4.2.2(a)",
            "Backup plans state recovery times.",
            "All of it: plans and recovery times are no part of backup records.",
        ),
        Control::tested(
            "impl-reg-2024-2690:4.2.2(b)",
            "Copies are complete and correct, data in cloud services included.",
            "Server backups whose disks are missing, disks without their server backup, and answers that are not whole.",
            "That the content is correct, and that every system in scope is in the dump.",
        ),
        Control::tested(
            "impl-reg-2024-2690:4.2.2(c)",
            "Copies are kept at a safe place, off the network of the original and far enough away.",
            "Whether each resource has a copy in another region.",
            "The distance, that the networks are separate, and how the place is guarded.",
        ),
        Control::untestable("impl-reg-2024-2690:4.2.2(d)", "Access to copies is controlled.", "Who has access."),
        Control::untestable(
            "impl-reg-2024-2690:4.2.2(e)",
            "There are procedures for restoring data from copies.",
            "All of it: procedures are no part of backup records.",
        ),
        Control::tested(
            "impl-reg-2024-2690:4.2.2(f)",
            "Copies are kept as long as business and law ask for.",
            "How long backups are kept against the minimum that is set.",
            "Which duties apply, and that the minimum is the right one.",
        ),
        Control::untestable(
            "impl-reg-2024-2690:4.2.3",
            "The integrity of copies is checked regularly.",
            "The checks and their results.",
        ),
        Control::untestable(
            "impl-reg-2024-2690:4.2.4",
            "Systems, facilities, staff and ways of communication are redundant, at least in part.",
            "All of it: a copy of data is no second system.",
        ),
        Control::untestable(
            "impl-reg-2024-2690:4.2.5",
            "What backups and redundancy need is known where resources are watched and adjusted.",
            "All of it: how resources are planned is no part of backup records.",
        ),
        Control::untestable(
            "impl-reg-2024-2690:4.2.6",
            "Recovery from copies, and what is redundant, is tested regularly.",
            "The tests and their results.",
        ),
    ],
};
