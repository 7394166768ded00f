//! PCI DSS 4.0.1.

use super::{Control, Framework};

pub(super) const FRAMEWORK: Framework = Framework {
    id: "pci-4.0.1",
    name: "PCI DSS 4.0.1",
    remark: Some("No record says which resources hold account data: every resource of the dump is counted."),
    prefixes: &["pci-4.0.1"],
    boxes: false,
    controls: &[
        Control::tested(
            "pci-4.0.1:3.2.1",
            "Little account data is kept, for a set time, and its removal is checked quarterly.",
            "Backups without an end, and expired backups that are still listed.",
            "Which resources hold cardholder data, and that the quarterly checks take place.",
        ),
        Control::tested(
            "pci-4.0.1:3.5.1",
            "Account numbers cannot be read wherever they are stored.",
            "Backups of disks that are not encrypted speak against it. Encryption of disks alone is not enough by the standard.",
            "That the numbers themselves are protected within the disk: with every disk encrypted this stays open.",
        )
        .only_against(),
        Control::untestable(
            "pci-4.0.1:3.5.1.2",
            "Encryption of whole disks counts only on removable media, or beside another protection.",
            "Any protection below the level of the disk.",
        ),
        Control::untestable(
            "pci-4.0.1:3.5.1.3",
            "Where disks are encrypted, access and keys are managed apart from the operating system.",
            "How access and keys are managed.",
        ),
        Control::untestable(
            "pci-4.0.1:9.4.1.1",
            "Off-line backup media with cardholder data are stored in a secure place.",
            "All of it: copies in a cloud are no off-line media.",
        ),
        Control::untestable(
            "pci-4.0.1:9.4.1.2",
            "The security of the place of off-line backup media is reviewed every year.",
            "All of it: copies in a cloud are no off-line media.",
        ),
        Control::untestable(
            "pci-4.0.1:10.3.3",
            "Audit logs are copied promptly to a place where they are hard to change.",
            "The content of any backup, logs included.",
        ),
        Control::untestable(
            "pci-4.0.1:10.5.1",
            "Audit logs are kept for a year, three months of them at hand.",
            "The content of any backup, logs included.",
        ),
        Control::tested(
            "pci-4.0.1:12.5.2",
            "The scope is documented and confirmed, with all places where account data is stored, backups included.",
            "Disks whose project or vault is another than that of their server backup speak against it: a place is unclear.",
            "The decision what is in scope, and that the list of places is complete: without such a disk this stays open.",
        )
        .only_against(),
        Control::untestable(
            "pci-4.0.1:12.10.1",
            "The plan for incidents names how backups are made and used.",
            "All of it: documents are no part of backup records.",
        ),
    ],
};
