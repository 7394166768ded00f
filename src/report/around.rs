//! What the dump holds beside the backups, and what rules have to do without.

use serde::Serialize;

use super::wording::counted;
use crate::inventory::Inventory;
use crate::inventory::file::Doubts;
use crate::inventory::neighbour::Kind;
use crate::rule::Check;
use crate::run::Run;

/// The objects of one kind that the answers around the backups hold.
#[derive(Clone, Debug, Serialize)]
pub struct AroundRow {
    /// The kind.
    pub kind: &'static str,
    /// How many there are.
    pub count: u64,
    /// The same in words.
    #[serde(skip)]
    pub counted: String,
    /// Whether their lists hold all that they claim; `null` where none makes a claim.
    pub complete: Option<bool>,
}

/// Every kind of which there is something, or a list that is empty.
#[must_use]
pub fn table(run: &Run<'_>) -> Vec<AroundRow> {
    let inventory = &run.inventory;
    let doubts = Doubts::of(&inventory.files);
    let row = |kind: Kind| {
        let lists = inventory.neighbour_listings(kind).iter().filter(|list| list.claim().is_some());
        let lists: Vec<_> = lists.map(|list| list.is_complete(&doubts)).collect();
        let complete = (!lists.is_empty()).then(|| lists.iter().all(|complete| *complete));
        let count = inventory.neighbours_of(kind).count() as u64;
        AroundRow { kind: kind.word(), count, counted: counted(count, kind.noun()), complete }
    };
    Kind::ALL.into_iter().map(row).filter(|row| row.count > 0 || row.complete.is_some()).collect()
}

/// Each kind with its number in words, and whether its lists are whole.
#[must_use]
pub fn in_words(rows: &[AroundRow]) -> String {
    let words = rows.iter().map(|row| match row.complete {
        Some(false) => format!("{} (list incomplete)", row.counted),
        _ => row.counted.clone(),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Why a rule has nothing to judge, where an answer is missing that it would judge by.
#[must_use]
pub fn missing(inventory: &Inventory, check: &Check) -> Option<&'static str> {
    match check {
        Check::EachNeighbour(kind, _) if inventory.neighbours_of(*kind).next().is_none() => Some(match kind {
            Kind::Vault => "no vault answer in the input",
            Kind::Policy => "no policy answer in the input",
            Kind::Task => "no task answer in the input",
            Kind::Checkpoint => "no checkpoint answer in the input",
            Kind::Protectable => "no listing of protectable resources in the input",
            Kind::Member => "no listing of sharing members in the input",
        }),
        Check::EachListed(_) if inventory.listed_resources().next().is_none() => {
            Some("no inventory in the input: neither vault answers nor a listing of protectable resources nor --expect")
        }
        _ => None,
    }
}

/// The vaults that backups name and no answer shows, where there are vault answers at all.
#[must_use]
pub fn vaults_without_answer(inventory: &Inventory) -> Option<String> {
    inventory.neighbours_of(Kind::Vault).next()?;
    let shown = |id: &str| inventory.neighbour_with_id(Kind::Vault, id).is_some();
    let vaults = inventory.vaults().filter(|&vault| !shown(inventory.text(inventory.vault_id(vault)))).count();
    (vaults > 0).then(|| {
        format!(
            "{} that backups name stand in no vault answer: what the rules say of vaults does not cover them.",
            counted(vaults as u64, "vault")
        )
    })
}
