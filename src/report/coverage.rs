//! The true coverage: how many of the resources that an inventory names have a good restore point, and which inventory
//! that is. Backups alone cannot say it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::wording::{counted, number};
use crate::inventory::Inventory;
use crate::inventory::file::Doubts;
use crate::inventory::neighbour::Kind;
use crate::inventory::vocabulary::ResourceType;
use crate::restore_point::Cover;
use crate::run::Run;

/// The kind of an inventory that an organisation keeps itself.
const EXPECTED: &str = "expected";

/// The true coverage of the whole dump.
#[derive(Clone, Debug, Serialize)]
pub struct CoverageView {
    /// Whether the dump holds an inventory at all.
    pub known: bool,
    /// The coverage in words.
    pub text: String,
    /// The same by type, and what it rests on; may be empty.
    pub detail: String,
    /// What it rests on.
    pub basis: Vec<Basis>,
    /// All types together.
    #[serde(flatten)]
    pub total: Count,
    /// By type of resource.
    pub by_type: Vec<TypeCount>,
}

/// An inventory: lists that name resources.
#[derive(Clone, Debug, Serialize)]
pub struct Basis {
    /// `protectable`, `vault` or `expected`.
    pub kind: &'static str,
    /// How many objects it holds.
    pub count: u64,
    /// Whether its lists hold all that they claim.
    pub complete: bool,
}

/// How many resources an inventory names, and how they stand.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Count {
    /// All of them.
    pub listed: u64,
    /// With a good restore point.
    pub covered: u64,
    /// Without.
    pub uncovered: u64,
    /// Not judged.
    pub not_judged: u64,
    /// The covered ones in percent of all, rounded down to a tenth; `None` without any.
    pub percent: Option<f64>,
}

/// The same for one type.
#[derive(Clone, Debug, Serialize)]
pub struct TypeCount {
    /// `resource_type`; `unknown` where it is none of the API.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// How many.
    #[serde(flatten)]
    pub count: Count,
}

impl Count {
    fn add(&mut self, cover: Cover) {
        match cover {
            Cover::Covered(_) => self.covered += 1,
            Cover::Uncovered => self.uncovered += 1,
            Cover::Unknown(..) => self.not_judged += 1,
            Cover::Outside => return,
        }
        self.listed += 1;
        #[allow(clippy::cast_precision_loss, reason = "a thousand at most")]
        let tenths = (self.covered * 1000 / self.listed) as f64;
        self.percent = Some(tenths / 10.0);
    }
}

/// The true coverage.
#[must_use]
pub fn coverage(run: &Run<'_>) -> CoverageView {
    let inventory = &run.inventory;
    let doubts = Doubts::of(&inventory.files);
    let lists = [Kind::Protectable, Kind::Vault].into_iter().filter_map(|kind| basis(inventory, &doubts, kind));
    let basis: Vec<_> = lists.chain(expected(run)).collect();
    let mut total = Count::default();
    let mut by_type: BTreeMap<Option<ResourceType>, Count> = BTreeMap::new();
    for ix in inventory.listed_resources() {
        let cover = run.points.cover(inventory, &run.clock, ix);
        total.add(cover);
        by_type.entry(ResourceType::from_word(&inventory.listed(ix).kind)).or_default().add(cover);
    }
    let by_type: Vec<_> = by_type.into_iter().filter(|(_, count)| count.listed > 0).collect();
    let known = !basis.is_empty();
    let detail = detail(&by_type, &basis);
    let of_type = |(kind, count): (Option<ResourceType>, Count)| TypeCount {
        kind: kind.map_or("unknown", ResourceType::word),
        count,
    };
    let by_type = by_type.into_iter().map(of_type).collect();
    CoverageView { known, text: text(known, total), detail, basis, total, by_type }
}

/// The lists of a kind, if there are any; objects that stand in no list are no complete inventory.
fn basis(inventory: &Inventory, doubts: &Doubts<'_>, kind: Kind) -> Option<Basis> {
    let count = inventory.neighbours_of(kind).count() as u64;
    let listings = inventory.neighbour_listings(kind);
    let complete = !listings.is_empty() && listings.iter().all(|listing| listing.is_complete(doubts));
    let is_there = count > 0 || !listings.is_empty();
    is_there.then_some(Basis { kind: kind.word(), count, complete })
}

/// The file of expected resources, which claims to be whole.
fn expected(run: &Run<'_>) -> Option<Basis> {
    let rows = &run.inventory.expectation()?.rows;
    Some(Basis { kind: EXPECTED, count: rows.len() as u64, complete: true })
}

fn text(known: bool, total: Count) -> String {
    match total.percent {
        _ if !known => "not known: the dump holds no inventory".to_owned(),
        None => "not known: the inventory names no resource".to_owned(),
        Some(percent) => {
            let not_judged = match total.not_judged {
                0 => String::new(),
                count => format!(", {} not judged", number(count)),
            };
            let (covered, listed) = (number(total.covered), counted(total.listed, "listed resource"));
            format!(
                "{percent:.1} %: {covered} of {listed} with a good restore point, {} without{not_judged}",
                number(total.uncovered)
            )
        }
    }
}

fn detail(by_type: &[(Option<ResourceType>, Count)], basis: &[Basis]) -> String {
    let of_type = |(kind, count): &(Option<ResourceType>, Count)| {
        let noun = kind.map_or("unknown type", ResourceType::noun);
        format!("{noun} {} of {}", number(count.covered), number(count.listed))
    };
    let lists = |basis: &Basis| {
        let noun = match basis.kind {
            EXPECTED => return counted(basis.count, "expected resource"),
            kind if kind == Kind::Vault.word() => "vault",
            _ => "protectable resource",
        };
        let complete = if basis.complete { "complete" } else { "not known to be complete" };
        format!("{}, {complete}", counted(basis.count, noun))
    };
    let types = by_type.iter().map(of_type).collect::<Vec<_>>().join(", ");
    let lists = basis.iter().map(lists).collect::<Vec<_>>().join("; ");
    match (types.is_empty(), lists.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!("by {lists}"),
        _ => format!("{types}; by {lists}"),
    }
}
