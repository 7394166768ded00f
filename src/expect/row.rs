//! What rows mean, and which of them contradict each other.

use std::collections::HashMap;

use super::{COLUMNS, Cell, Faults, Raw};
use crate::inventory::expected::{ExpectedRow, Retired};
use crate::inventory::vocabulary::ResourceType;
use crate::parse::time;
use crate::settings::nearest;

/// The rows with their meaning, where all of them have one.
pub(super) fn checked(raw: &[Raw], tiers: &[&str], faults: &mut Faults) -> Vec<ExpectedRow> {
    let mut rows: Vec<(&Raw, ExpectedRow)> = Vec::new();
    for raw in raw {
        let row = Reader { raw, tiers, faults }.row();
        rows.extend(row.map(|row| (raw, row)));
    }
    refuse_doubles(&rows, faults);
    rows.into_iter().map(|(_, row)| row).collect()
}

struct Reader<'r> {
    raw: &'r Raw,
    tiers: &'r [&'r str],
    faults: &'r mut Faults,
}

impl Reader<'_> {
    /// Every fault of the row is told, not the first alone.
    fn row(mut self) -> Option<ExpectedRow> {
        let (kind, id, tier, retired) = (self.kind(), self.id(), self.tier(), self.retired());
        let text = |name: &str| self.cell(name).map(|cell| cell.text.trim().into());
        Some(ExpectedRow {
            kind: kind?,
            id: id?,
            project: text("project"),
            name: text("name"),
            owner: text("owner"),
            tier: tier?,
            retired: retired?,
            place: self.raw.number,
        })
    }

    /// What stands in a column, if anything does.
    fn cell(&self, name: &str) -> Option<&Cell> {
        let column = COLUMNS.iter().position(|column| *column == name)?;
        self.raw.cells.get(column)?.as_ref().filter(|cell| !cell.text.trim().is_empty())
    }

    fn kind(&mut self) -> Option<ResourceType> {
        let words = || ResourceType::ALL.iter().flat_map(|kind| [kind.word(), kind.noun()]);
        let Some(cell) = self.cell("type") else {
            self.faults.add(self.raw.place, "the row has no type: write for example server or OS::Nova::Server");
            return None;
        };
        let (place, text) = (cell.place, cell.text.trim());
        let known = ResourceType::named(text);
        if known.is_none() {
            let like = nearest(text, words());
            let nouns: Vec<_> = ResourceType::ALL.iter().map(|kind| kind.noun()).collect();
            let what = format!(
                "{text:?} is no resource type{like}; write {}, or as the API does, for example OS::Nova::Server",
                nouns.join(", ")
            );
            self.faults.add(place, what);
        }
        known
    }

    fn id(&mut self) -> Option<Box<str>> {
        let id = self.cell("id").map(|cell| cell.text.trim().into());
        if id.is_none() {
            self.faults.add(self.raw.place, "the row has no id: write the resource_id of the API");
        }
        id
    }

    /// The number of the tier; the inner `None` if the row names none.
    fn tier(&mut self) -> Option<Option<usize>> {
        let Some(cell) = self.cell("tier") else { return Some(None) };
        let (place, name) = (cell.place, cell.text.trim().to_owned());
        let number = self.tiers.iter().position(|tier| *tier == name);
        if number.is_none() {
            let like = nearest(&name, self.tiers.iter().copied());
            let remedy = match self.tiers {
                [] => "the configuration has no tier".to_owned(),
                tiers => format!("the configuration has {}", tiers.join(", ")),
            };
            self.faults.add(place, format!("no tier is called {name:?}{like}; {remedy}"));
        }
        number.map(Some)
    }

    /// Since when the resource is out of use; the inner `None` if it is not.
    fn retired(&mut self) -> Option<Option<Retired>> {
        let Some(cell) = self.cell("retired") else { return Some(None) };
        let (place, text) = (cell.place, cell.text.trim());
        let read = match text.to_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(Some(Retired::Undated)),
            "false" | "no" | "0" => Ok(None),
            _ => since(text).map(Some).ok_or_else(|| {
                format!("retired is {text:?}: write true, false, a date such as 2026-10-31, or a time with its zone")
            }),
        };
        match read {
            Ok(retired) => Some(retired),
            Err(what) => {
                self.faults.add(place, what);
                None
            }
        }
    }
}

/// A day, or a moment with its zone.
fn since(text: &str) -> Option<Retired> {
    let stamp = time::parse(text).filter(|stamp| stamp.day_only || !stamp.zone_assumed)?;
    Some(if stamp.day_only { Retired::Day(stamp.time) } else { Retired::Moment(stamp.time) })
}

/// Two rows may not mean the same resource: a row without a project means that of every project.
fn refuse_doubles(rows: &[(&Raw, ExpectedRow)], faults: &mut Faults) {
    let mut by_key: HashMap<(ResourceType, &str), Vec<usize>> = HashMap::new();
    for (number, (raw, row)) in rows.iter().enumerate() {
        let others = by_key.entry((row.kind, &row.id)).or_default();
        let same = others.iter().filter_map(|&other| rows.get(other)).find(|(_, other)| may_be_same(other, row));
        if let Some((first, other)) = same {
            let alike = ExpectedRow { place: row.place, ..other.clone() } == *row;
            let what = if alike { "the same as" } else { "the same resource, but not the same row, as" };
            faults.add(raw.place, format!("{what} line {}: keep one of them", first.place.line));
        }
        // Of many equal rows the first speaks for all.
        if same.is_none() {
            others.push(number);
        }
    }
}

fn may_be_same(one: &ExpectedRow, other: &ExpectedRow) -> bool {
    let projects = one.project.as_ref().zip(other.project.as_ref());
    projects.is_none_or(|(one, other)| one == other)
}
