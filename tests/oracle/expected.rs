//! Resources that are expected to be backed up: the file that names them, and the expected verdicts of the rules on it.

use crate::disks::doubted;
use crate::facts::Facts;
use crate::policy::Demands;
use crate::resources::Resource;
use crate::time::{DAY, Instant};
use crate::verdict::{Reasons, Verdict, because};

/// A row of the file.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub project: Option<String>,
    pub kind: String,
    pub id: String,
    pub tier: Option<String>,
    pub retired: Option<Retired>,
}

#[derive(Clone, Debug)]
pub struct Retired {
    /// As written.
    pub text: String,
    pub since: Since,
}

#[derive(Clone, Copy, Debug)]
pub enum Since {
    Always,
    /// The first moment of a day.
    Day(Instant),
    Moment(Instant),
}

impl Row {
    pub fn means(&self, resource: &Resource) -> bool {
        let in_project = self.project.as_ref().is_none_or(|project| *project == resource.project);
        self.kind == resource.kind && self.id == resource.id && in_project
    }

    /// Whether the resource is out of use at a moment.
    pub fn is_retired(&self, now: Instant) -> bool {
        match self.retired.as_ref().map(|retired| retired.since) {
            None => false,
            Some(Since::Always) => true,
            Some(Since::Day(start) | Since::Moment(start)) => start <= now,
        }
    }

    fn retires(&self, now: Instant) -> bool {
        self.retired.is_some() && !self.is_retired(now)
    }
}

/// The file, as CSV or as JSON.
pub fn written(rows: &[Row], as_json: bool) -> String {
    let cells = |row: &Row| {
        let retired = row.retired.as_ref().map(|retired| retired.text.clone());
        let cells = [row.project.clone(), Some(row.kind.clone()), Some(row.id.clone()), row.tier.clone(), retired];
        cells.map(Option::unwrap_or_default)
    };
    let names = ["project", "type", "id", "tier", "retired"];
    if as_json {
        let object = |row: &Row| -> serde_json::Value {
            let pairs = names.into_iter().zip(cells(row)).filter(|(_, text)| !text.is_empty());
            pairs.map(|(name, text)| (name.to_owned(), text.into())).collect::<serde_json::Map<_, _>>().into()
        };
        return serde_json::Value::from(rows.iter().map(object).collect::<Vec<_>>()).to_string();
    }
    let lines = std::iter::once(names.join(",")).chain(rows.iter().map(|row| cells(row).join(",")));
    lines.map(|line| line + "\n").collect()
}

pub fn row_of<'a>(facts: &Facts<'a>, resource: &Resource) -> Option<&'a Row> {
    facts.settings.policy.expected.as_ref()?.iter().find(|row| row.means(resource))
}

/// What nobody owes backups of, the coverage rules do not judge.
pub fn spared(facts: &Facts, resource: &Resource) -> Option<Verdict> {
    let (row, now) = (row_of(facts, resource)?, facts.settings.now);
    match (row.is_retired(now), row.retires(now) && facts.settings.clock_is_inferred) {
        (true, _) => Some(Verdict::NotApplicable),
        (_, true) => Some(Verdict::Unknown(because(["clock-inferred"]))),
        _ => None,
    }
}

pub fn resource_unexpected(facts: &Facts, resource: &Resource) -> Verdict {
    let is_orphan =
        || resource.points.iter().filter(|point| resource.own.contains(&point.backup)).all(|point| point.is_orphan);
    match row_of(facts, resource) {
        _ if facts.settings.policy.expected.is_none() || resource.has_only_strays => Verdict::NotApplicable,
        Some(_) => Verdict::Pass,
        None if is_orphan() => Verdict::Unknown(because(["input-incomplete"])),
        None => Verdict::Fail,
    }
}

/// A vague time is the latest possible one.
pub fn retired_still_backed_up(facts: &Facts, demands: &Demands, resource: &Resource) -> Vec<Verdict> {
    let now = facts.settings.now;
    let Some(row) = row_of(facts, resource).filter(|row| row.is_retired(now) && !resource.has_only_strays) else {
        return vec![Verdict::NotApplicable];
    };
    let is_late = |at: Instant| match row.retired.as_ref().unwrap().since {
        Since::Always => now - at <= demands.rpo_limit(),
        Since::Day(start) => at >= start + DAY,
        Since::Moment(start) => at > start,
    };
    let late: Vec<_> = resource.points.iter().filter(|point| point.time.is_some_and(is_late)).collect();
    let mut untimed: Reasons = resource
        .points
        .iter()
        .filter(|point| point.time.is_none())
        .flat_map(|point| facts.time(&point.backup).unwrap_err())
        .collect();
    match (late.is_empty(), late.iter().all(|point| point.time_is_vague)) {
        (true, _) if untimed.is_empty() => doubted(facts, resource, Verdict::Pass, is_late),
        (true, _) => vec![Verdict::Unknown(untimed)],
        (false, false) => vec![Verdict::Fail],
        (false, true) => {
            untimed.extend(["field-absent", "field-null"]);
            vec![Verdict::Fail, Verdict::Unknown(untimed)]
        }
    }
}
