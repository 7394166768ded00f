//! NIST SP 800-53 revision 5.

use super::{Control, Framework};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "nist-800-53r5",
    name: "NIST SP 800-53 Rev. 5",
    remark: None,
    prefixes: &["nist-800-53r5"],
    boxes: false,
    controls: &[
        Control::tested(
            "nist-800-53r5:CP-6",
            "An alternate site stores backups and allows them to be retrieved.",
            "Replication to another region, and whether it succeeded.",
            "That the site is as well guarded as the first, and that agreements cover it.",
        ),
        Control::tested(
            "nist-800-53r5:CP-6(1)",
            "The alternate site is far enough away not to share the same threats.",
            "That the region of the copy is another than that of the source.",
            "The distance between the regions, and which threats they share.",
        ),
        Control::tested(
            "nist-800-53r5:CP-6(2)",
            "The alternate site allows recovery within the time and point objectives.",
            "How far the off-site copy lags behind.",
            "How long a recovery from the alternate site takes.",
        ),
        Control::untestable(
            "nist-800-53r5:CP-6(3)",
            "Problems of access to the alternate site in a wide-area disruption are known and mitigated.",
            "Access to the other region while a disruption lasts.",
        ),
        Control::tested(
            "nist-800-53r5:CP-9",
            "User, system and documentation data are backed up at a set frequency, and the backups are protected.",
            "How often good restore points come, their status, and whether server backups are whole; vaults and their locks, policies and tasks as far as their answers are in the input.",
            "That documentation is backed up, who can reach the backups, and that every system in scope is in the dump.",
        ),
        Control::tested(
            "nist-800-53r5:CP-9(1)",
            "Backups are tested for reliability and integrity at a set frequency.",
            "Backups that failed, and applications that could not be brought to a consistent state, speak against it.",
            "The tests and their results: without any failure this stays open.",
        )
        .by(&["app-consistency-failed", "backup-error"])
        .only_against(),
        Control::untestable(
            "nist-800-53r5:CP-9(2)",
            "A sample of backups is restored when the contingency plan is tested.",
            "The restores and their results.",
        ),
        Control::tested(
            "nist-800-53r5:CP-9(3)",
            "Copies of critical information are kept in a separate facility.",
            "Whether each resource has a copy in another region.",
            "Which information is critical, and what the facility is like.",
        ),
        Control::tested(
            "nist-800-53r5:CP-9(5)",
            "Backups reach the alternate site at a rate that fits the recovery objectives.",
            "The state and the lag of replication of each backup.",
            "The rate of transfer, and the objectives themselves.",
        ),
        Control::untestable(
            "nist-800-53r5:CP-9(6)",
            "A redundant second system elsewhere can take over without loss.",
            "All of it. A replica is no running second system.",
        ),
        Control::untestable(
            "nist-800-53r5:CP-9(7)",
            "Deleting backups takes the authorisation of two people.",
            "The authorisation, and who deleted what.",
        ),
        Control::tested(
            "nist-800-53r5:CP-9(8)",
            "Backups are protected by cryptography against disclosure and change.",
            "The encryption flag of each disk in a backup.",
            "The algorithm, the key, its rotation, and who can decrypt.",
        ),
        Control::tested(
            "nist-800-53r5:CP-10",
            "Systems can be recovered to a known state within a set time.",
            "Whether a good restore point exists, how old it is, and whether its disks are complete.",
            "The time that a recovery takes, and that the recovered system works.",
        ),
        Control::tested(
            "nist-800-53r5:CP-10(2)",
            "Systems that work in transactions are recovered without losing or halving any.",
            "Whether backups of servers were application-consistent, where that is recorded.",
            "Which systems work in transactions, and that their databases come up whole.",
        ),
        Control::untestable(
            "nist-800-53r5:CP-10(4)",
            "Components can be restored within a set time, from a state that is known, controlled and whole.",
            "The time that a restore takes, and that the restored state is the known one.",
        ),
        Control::tested(
            "nist-800-53r5:SC-28",
            "Information at rest is protected.",
            "The encryption flag of each disk in a backup.",
            "How the provider stores the data, and who holds the keys.",
        ),
        Control::tested(
            "nist-800-53r5:SI-12",
            "Information is kept as long as laws, policies and operation ask for.",
            "How long backups are kept against the minimum that is set.",
            "Which law or policy applies to which data, and that the minimum is the right one.",
        ),
    ],
};
