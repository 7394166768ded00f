//! The ledger of the input, as pages show it.

use serde::Serialize;

use super::capture::CaptureRow;
use super::wording;
use crate::inventory::file::{File, FileState};
use crate::inventory::listing::{Completeness, Listing};
use crate::inventory::older::PastListing;
use crate::run::Run;

/// The input in numbers, and the files that were not read in whole.
#[derive(Clone, Debug, Serialize)]
pub struct Ledger {
    /// How many files there are.
    pub files_total: usize,
    /// How many are in each state.
    pub states: Vec<StateCount>,
    /// How many bytes were read.
    pub bytes: String,
    /// How many distinct records there are, disks included.
    pub records: u64,
    /// How many of them stand by themselves.
    pub top_level: u64,
    /// How many of them are parts of others.
    pub disks: u64,
    /// How many records were made after the as-of time.
    pub after_as_of: u64,
    /// Files that are not `read`, the first ones.
    pub files: Vec<FileRow>,
    /// How many further ones there are.
    pub omitted: usize,
    /// The listings and whether they are complete, the first ones.
    pub listings: Vec<ListingRow>,
    /// How many further ones there are.
    pub listings_omitted: usize,
    /// The captures of scopes that have several, the first ones.
    pub captures: Vec<CaptureRow>,
    /// How many further ones there are.
    pub captures_omitted: usize,
}

/// How many files are in a state.
#[derive(Clone, Debug, Serialize)]
pub struct StateCount {
    /// The state.
    pub state: &'static str,
    /// How many.
    pub count: usize,
    /// Whether such files leave the answer incomplete.
    pub incomplete: bool,
}

/// A file that is not `read`.
#[derive(Clone, Debug, Serialize)]
pub struct FileRow {
    /// The path.
    pub path: String,
    /// The state.
    pub state: &'static str,
    /// What it is, or why it is not read.
    pub reason: String,
}

/// A listing.
#[derive(Clone, Debug, Serialize)]
pub struct ListingRow {
    /// The project.
    pub project: String,
    /// The directory.
    pub directory: String,
    /// How many backups were seen.
    pub seen: u64,
    /// How many are claimed.
    pub claimed: Option<i64>,
    /// In words.
    pub state: &'static str,
}

/// A listing of an older capture in words.
#[must_use]
pub fn past_row(listing: &PastListing) -> ListingRow {
    ListingRow {
        project: listing.project.clone(),
        directory: listing.directory.clone(),
        seen: listing.seen,
        claimed: listing.claimed,
        state: state(listing.completeness),
    }
}

fn state(completeness: Completeness) -> &'static str {
    match completeness {
        Completeness::Complete => "complete",
        Completeness::Short => "backups missing",
        Completeness::Broken => "pages do not follow each other",
        Completeness::Unknown(_, why) => why,
    }
}

/// The ledger of a run, with at most so many files named.
#[must_use]
pub fn ledger(run: &Run<'_>, limit: usize) -> Ledger {
    use crate::inventory::backup::Role;
    let inventory = &run.inventory;
    let mut named: Vec<_> = inventory.files.iter().filter(|file| file.state != FileState::Read).collect();
    named.sort_by_key(|file| (!file.state.is_incomplete(), file.state));
    let children = inventory.backups().filter(|&ix| inventory.backup(ix).role() == Role::Child).count() as u64;
    let listings: Vec<_> = listings(run);
    let captures = super::capture::table(run);
    Ledger {
        files_total: inventory.files.len(),
        states: FileState::ALL.into_iter().map(|state| state_count(run, state)).collect(),
        bytes: wording::bytes(inventory.files.iter().map(|file| file.bytes).sum()),
        records: inventory.len() as u64,
        top_level: inventory.len() as u64 - children,
        disks: children,
        after_as_of: run.after_as_of,
        omitted: named.len().saturating_sub(limit),
        files: named.into_iter().take(limit).map(file_row).collect(),
        listings_omitted: listings.len().saturating_sub(limit),
        listings: listings.into_iter().take(limit).collect(),
        captures_omitted: captures.len().saturating_sub(limit),
        captures: captures.into_iter().take(limit).collect(),
    }
}

fn state_count(run: &Run<'_>, state: FileState) -> StateCount {
    StateCount { state: state.word(), count: run.inventory.files_in(state), incomplete: state.is_incomplete() }
}

fn file_row(file: &File) -> FileRow {
    FileRow { path: file.path.clone(), state: file.state.word(), reason: reason(file) }
}

/// What a file is, or why it was not read.
#[must_use]
pub fn reason(file: &File) -> String {
    let reason = file.reason.as_deref().unwrap_or(&file.kind);
    if file.older.is_some() { format!("{reason} (in an older capture)") } else { reason.to_owned() }
}

fn listings(run: &Run<'_>) -> Vec<ListingRow> {
    let mut rows: Vec<_> = run.inventory.listings.rows.iter().collect();
    rows.sort_by_key(|row| row.completeness == Completeness::Complete);
    rows.iter().map(|row| listing_row(run, row)).collect()
}

/// A listing in words.
#[must_use]
pub fn listing_row(run: &Run<'_>, row: &Listing) -> ListingRow {
    ListingRow {
        project: row.project.map(|project| run.inventory.text(project).to_owned()).unwrap_or_default(),
        directory: row.directory.clone(),
        seen: row.seen,
        claimed: row.claimed,
        state: state(row.completeness),
    }
}
