//! One finished run: everything that the reports are made of, and what follows for the exit status.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files, listings and keys are those of the inventory that they are looked up in"
)]

use std::sync::OnceLock;

use crate::clock::{Clock, ClockSource};
use crate::evaluate::{Evaluation, rule_at};
use crate::finding::{Finding, Severity, Subject, Verdict};
use crate::inventory::completeness::Completeness;
use crate::inventory::file::{FAULT, FileState};
use crate::inventory::{BackupIx, Inventory, ResourceIx};
use crate::report::Common;
use crate::report::row::resource_of;
use crate::report::tier::tie_at;
use crate::report::wording::{counted, number, span};
use crate::restore_point::RestorePoints;
use crate::settings::Settings;
use crate::tier::{Tiers, Untold};

/// A run whose evaluation is done.
#[derive(Debug)]
pub struct Run<'s> {
    /// What was asked for.
    pub settings: &'s Settings,
    /// What the files say.
    pub inventory: Inventory,
    /// The as-of time.
    pub clock: Clock,
    /// The restore points at that time.
    pub points: RestorePoints,
    /// Which tier applies to which resource.
    pub tiers: Tiers,
    /// What the rules found.
    pub evaluation: Evaluation,
    /// How many records were made after the as-of time.
    pub after_as_of: u64,
    /// What all pages say alike, once it was asked for.
    common: OnceLock<Common>,
}

/// The exit status where a fault of the program itself showed.
pub const OWN_FAULT: u8 = 70;

/// Why the answer is incomplete, and what would complete it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Incomplete {
    /// The cause.
    pub cause: String,
    /// The flag or the export that removes it.
    pub remedy: String,
}

/// A path as a shell takes it for one word.
fn quoted(path: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "._-/".contains(char);
    if path.chars().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

impl<'s> Run<'s> {
    /// A run that has come to this.
    #[must_use]
    pub fn new(
        settings: &'s Settings,
        inventory: Inventory,
        clock: Clock,
        points: RestorePoints,
        tiers: Tiers,
        evaluation: Evaluation,
    ) -> Self {
        let after_as_of = points.made_later();
        Self { settings, inventory, clock, points, tiers, evaluation, after_as_of, common: OnceLock::new() }
    }

    /// What all pages of the run say alike.
    pub fn common(&self) -> &Common {
        self.common.get_or_init(|| Common::new(self))
    }

    /// Whether a backup existed at the as-of time.
    #[must_use]
    pub fn exists(&self, ix: BackupIx) -> bool {
        self.points.existed(ix)
    }

    /// Whether a resource is shown: it was asked for by name or id, or none was.
    #[must_use]
    pub fn shows(&self, ix: ResourceIx) -> bool {
        let row = self.inventory.resource(ix);
        self.asks_for(self.inventory.text(row.id), row.name.map(|name| self.inventory.text(name)))
    }

    /// Whether a resource of this id and name was asked for, or none was.
    fn asks_for(&self, id: &str, name: Option<&str>) -> bool {
        let wanted = &self.settings.resources;
        wanted.is_empty() || wanted.iter().any(|wanted| wanted == id || Some(wanted.as_str()) == name)
    }

    /// The findings that are shown, in their order.
    pub fn findings(&self) -> impl Iterator<Item = Finding> {
        let shown = self.shown();
        self.evaluation.findings.iter().filter(move |finding| shown(finding))
    }

    /// Those of them with this verdict.
    pub fn findings_with(&self, verdict: Verdict) -> impl Iterator<Item = Finding> {
        let shown = self.shown();
        self.evaluation.findings.with(verdict).filter(move |finding| shown(finding))
    }

    /// Whether a finding is shown.
    pub fn shown(&self) -> impl Fn(&Finding) -> bool + Sync {
        let all = self.settings.resources.is_empty();
        let projects: Vec<_> =
            self.resources().filter(|_| !all).map(|ix| self.inventory.resource(ix).project).collect();
        move |finding| match finding.subject {
            _ if all => true,
            Subject::Project(project) => project.is_some_and(|project| projects.contains(&project)),
            Subject::Listed(listed) => {
                let row = self.inventory.listed(listed);
                self.asks_for(&row.id, row.name.as_deref())
            }
            subject => resource_of(&self.inventory, subject).is_some_and(|resource| self.shows(resource)),
        }
    }

    /// The resources that are shown and existed at the as-of time.
    pub fn resources(&self) -> impl Iterator<Item = ResourceIx> {
        let exists = |ix: &ResourceIx| self.inventory.own_points(*ix).any(|backup| self.exists(backup.ix));
        self.inventory.resources().filter(move |ix| self.shows(*ix) && exists(ix))
    }

    /// How many failures there are at or above a severity.
    #[must_use]
    pub fn failures_from(&self, severity: Severity) -> usize {
        let failures = self.evaluation.findings.stretches(Verdict::Fail);
        failures.filter(|failures| failures.severity() >= severity).map(|failures| failures.count()).sum()
    }

    /// Why the answer is incomplete; empty if it is not.
    #[must_use]
    pub fn incomplete(&self) -> Vec<Incomplete> {
        let parts = [
            self.unread(),
            self.missing_pages(),
            self.captures(),
            self.shrunk_captures(),
            self.unclear_time(),
            self.early_time(),
            self.old_dump(),
            self.tied_tiers(),
        ];
        let open_tiers = Untold::ALL.into_iter().filter_map(|untold| self.open_tiers(untold));
        parts.into_iter().flatten().chain(open_tiers).chain(self.stray_configuration()).collect()
    }

    fn unread(&self) -> Option<Incomplete> {
        let unread = self.inventory.files_in(FileState::Rejected) + self.inventory.files_in(FileState::PartlyRead);
        (unread > 0).then(|| Incomplete {
            cause: format!("{} could not be read in whole", counted(unread as u64, "file")),
            remedy: "export them again, or leave them out with --exclude".to_owned(),
        })
    }

    fn missing_pages(&self) -> Option<Incomplete> {
        let rows = &self.inventory.listings.rows;
        let short: Vec<_> = rows.iter().filter(|row| row.may_be_short()).collect();
        let broken = rows.iter().filter(|row| row.completeness == Completeness::Broken).count() as u64;
        let seen: u64 = short.iter().map(|row| row.seen).sum();
        let claimed: i64 = short.iter().filter_map(|row| row.claimed).fold(0, i64::saturating_add);
        let cause = match (short.len() as u64, broken) {
            (0, 0) => return None,
            (0, broken) => format!("the pages of {} do not follow each other", counted(broken, "listing")),
            (1, _) => format!("1 listing holds {seen} of {claimed} backups"),
            (several, _) => format!("{} hold {seen} of {claimed} backups", counted(several, "listing")),
        };
        let hole = rows.iter().find_map(|row| row.missing_in_words().map(|words| (&row.directory, words)));
        let cause = hole.map_or(cause.clone(), |(directory, words)| format!("{cause}: in {directory} {words}"));
        Some(Incomplete { cause, remedy: "fetch the missing pages".to_owned() })
    }

    fn captures(&self) -> Option<Incomplete> {
        let listings = &self.inventory.listings;
        let (_, newer) = listings.superseded.first_key_value()?;
        let directory = &listings.rows[newer.index()].directory;
        Some(Incomplete {
            cause: "the dump holds list answers of one project from different times".to_owned(),
            remedy: format!("judge one capture at a time: cbr-audit report {}", quoted(&format!("PATH/{directory}"))),
        })
    }

    /// A capture that holds much less than the one before it may be a filtered one, and must not stand for all in silence.
    fn shrunk_captures(&self) -> Option<Incomplete> {
        let larger = self.inventory.older.iter().find(|capture| capture.is_much_larger())?;
        let (older, newer) = (&larger.of, &larger.newer);
        Some(Incomplete {
            cause: format!(
                "{} holds {}, and the older capture {} {}, with {} of {} that only it lists: the newer may be filtered",
                newer.directory,
                counted(newer.backups, "backup"),
                older.directory,
                number(older.backups),
                number(larger.resources_gone),
                counted(larger.resources, "resource"),
            ),
            remedy: format!(
                "export it without filters, or judge the older: cbr-audit report {}",
                quoted(&format!("PATH/{}", older.directory))
            ),
        })
    }

    fn unclear_time(&self) -> Option<Incomplete> {
        (self.clock.source == ClockSource::Inferred && !self.inventory.is_empty()).then(|| Incomplete {
            cause: "the as-of time is inferred from the dump, a lower bound".to_owned(),
            remedy: "give --as-of TIME, or a capture.json beside the dump".to_owned(),
        })
    }

    /// A clock before every record, such as a mistyped year, leaves nothing to judge, and must not pass for a good answer.
    fn early_time(&self) -> Option<Incomplete> {
        let records = self.inventory.len() as u64;
        (records > 0 && self.after_as_of == records).then(|| Incomplete {
            cause: format!("every record was made after the as-of time ({})", counted(records, "record")),
            remedy: "give the time of the export with --as-of, or correct capture.json".to_owned(),
        })
    }

    fn old_dump(&self) -> Option<Incomplete> {
        let (limit, now) = self.settings.max_age?;
        let lag = now.duration_since(self.clock.time);
        (lag > limit).then(|| Incomplete {
            cause: format!("the as-of time lags the clock by {}, more than --max-age {}", span(lag), span(limit)),
            remedy: "export again".to_owned(),
        })
    }

    fn tied_tiers(&self) -> Option<Incomplete> {
        let tie = self.tiers.ties.first()?;
        let count = self.tiers.ties.iter().map(|tie| tie.count).sum();
        let name = |number: usize| self.settings.decisions.tier_name(number);
        Some(Incomplete {
            cause: format!(
                "two tiers are equally specific for {}: {} and {}, of which the first is applied",
                counted(count, "resource"),
                name(tie.applied),
                name(tie.other)
            ),
            remedy: format!("narrow one of them in {}", tie_at(self, tie)),
        })
    }

    fn open_tiers(&self, untold: Untold) -> Option<Incomplete> {
        let (tier, _, count) = *self.tiers.open.iter().find(|open| open.1 == untold)?;
        let name = self.settings.decisions.tier_name(tier);
        let (what, remedy) = match untold {
            Untold::Name => ("names of resources", "export again with a tool that keeps every key, or go by ids"),
            Untold::Vaults => ("vaults", "export again with a tool that keeps every key, or go by ids"),
            Untold::EnterpriseProjects => (
                "enterprise projects",
                "save the answers of Querying the Vault List beside the backups, or go by vaults or names",
            ),
            Untold::Tags => ("tags of vaults", "save the answers of Querying the Vault List beside the backups"),
        };
        Some(Incomplete {
            cause: format!(
                "the tier {name} goes by {what}, which the dump does not tell for {}",
                counted(count, "resource")
            ),
            remedy: remedy.to_owned(),
        })
    }

    /// Whoever made a dump must not decide how it is judged: what nobody named may have come with it.
    fn stray_configuration(&self) -> Option<Incomplete> {
        let file = self.settings.decisions.file.as_ref().filter(|_| self.settings.decisions.came_along)?;
        Some(Incomplete {
            cause: format!("the configuration {file} stands in the input, and may have come with it"),
            remedy: format!("name it with --config {}, or leave it out with --no-config", quoted(file)),
        })
    }

    /// Whether there is a failure at or above `--fail-on`. What is wrong with the input itself is told by bit 4.
    fn has_failed(&self) -> bool {
        let fails = |severity| {
            let mut failures = self.evaluation.findings.stretches(Verdict::Fail);
            failures.any(|failures| failures.severity() >= severity && !rule_at(failures.rule()).is_about_input())
        };
        self.settings.fail_on.is_some_and(fails)
    }

    /// The exit status.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        if self.inventory.files.iter().any(|file| file.reason.as_deref() == Some(FAULT)) {
            return OWN_FAULT;
        }
        if self.inventory.is_empty() {
            return 3;
        }
        u8::from(self.has_failed()) + if self.incomplete().is_empty() { 0 } else { 4 }
    }
}
