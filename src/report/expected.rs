//! The expected resources and what became of them: how many are backed up, never were, are retired, and how many are backed
//! up that nobody expects.

use serde::Serialize;

use super::wording::{counted, number};
use crate::inventory::{Inventory, ResourceIx};
use crate::restore_point::{Cover, Goodness};
use crate::rule::Rule;
use crate::run::Run;

/// What was expected and what is there. The keys are those of the JSON report.
#[derive(Clone, Debug, Serialize)]
pub struct ExpectedView {
    /// The name of the file.
    pub file: String,
    /// How many resources it names.
    pub expected: u64,
    /// How many of them are retired at the as-of time.
    pub retired: u64,
    /// How many of the others have a backup, good or not.
    pub backed_up: u64,
    /// How many of these have a good restore point.
    pub with_good_point: u64,
    /// How many of the others were never backed up.
    pub never: u64,
    /// How many of the others have no backup in the dump, which may not hold every one.
    pub open: u64,
    /// How many resources are backed up that it does not name.
    pub unexpected: u64,
    /// The same in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// The file of expected resources, as what changes the answer.
#[derive(Clone, Debug, Serialize)]
pub struct ExpectRow {
    /// Its name.
    pub file: String,
    /// Its SHA-256.
    pub sha256: String,
    /// How many resources it names.
    pub rows: u64,
}

/// The file of expected resources, if there is one.
#[must_use]
pub fn setting(run: &Run<'_>) -> Option<ExpectRow> {
    let given = run.settings.expectation.as_ref()?;
    Some(ExpectRow { file: given.file.clone(), sha256: given.sha256.clone(), rows: given.rows.len() as u64 })
}

/// What was expected and what is there, if anything was.
#[must_use]
pub fn view(run: &Run<'_>) -> Option<ExpectedView> {
    let given = run.inventory.expectation()?;
    let mut view = ExpectedView {
        file: given.file.clone(),
        expected: given.rows.len() as u64,
        retired: 0,
        backed_up: 0,
        with_good_point: 0,
        never: 0,
        open: 0,
        unexpected: run.inventory.resources().filter(|&ix| is_unexpected(run, ix)).count() as u64,
        text: String::new(),
    };
    for (row, listed) in run.inventory.expected_resources() {
        if row.is_retired_at(run.clock.time) {
            view.retired += 1;
            continue;
        }
        let mut points = run.inventory.points_of_listed(listed);
        points.retain(|backup| run.exists(backup.ix));
        let is_good = |goodness| goodness == Goodness::Good;
        match (points.is_empty(), run.points.cover(&run.inventory, &run.clock, listed)) {
            (false, _) => view.backed_up += 1,
            (true, Cover::Unknown(..)) => view.open += 1,
            (true, _) => view.never += 1,
        }
        view.with_good_point += u64::from(points.iter().any(|backup| is_good(run.points.goodness(backup.ix))));
    }
    view.text = view.in_words();
    Some(view)
}

fn is_unexpected(run: &Run<'_>, ix: ResourceIx) -> bool {
    let inventory = &run.inventory;
    let row = inventory.resource(ix);
    let is_own = !row.is_replica && !row.is_orphan;
    is_own && inventory.expected_of(ix).is_none() && inventory.points(ix).any(|backup| run.exists(backup.ix))
}

impl ExpectedView {
    fn in_words(&self) -> String {
        let open = match self.open {
            0 => String::new(),
            open => format!(", {} without any backup in a dump that may not hold every one", number(open)),
        };
        format!(
            "{}, of them {} backed up ({} with a good restore point), {} never backed up{open}, {} retired; {} in the dump \
             that nobody expects",
            counted(self.expected, "resource"),
            number(self.backed_up),
            number(self.with_good_point),
            number(self.never),
            number(self.retired),
            counted(self.unexpected, "resource"),
        )
    }
}

/// Why a rule about expected resources has nothing to judge.
#[must_use]
pub fn missing(inventory: &Inventory, rule: &Rule) -> Option<&'static str> {
    (rule.is_about_expectation() && inventory.expectation().is_none())
        .then_some("no expected resources given (--expect)")
}
