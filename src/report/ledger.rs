//! The ledger of the input, as pages show it.

use jiff::Timestamp;
use serde::Serialize;

use super::capture::CaptureRow;
use super::wording;
use crate::inventory::backup::Role;
use crate::inventory::completeness::Completeness;
use crate::inventory::field::FieldId;
use crate::inventory::file::{File, FileState};
use crate::inventory::listing::Listing;
use crate::inventory::older::PastListing;
use crate::inventory::{Inventory, Objects};
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
    /// How many files have the content of another.
    pub twins: u64,
    /// What became of the backup objects in the files.
    pub objects: Objects,
    /// The earliest and the latest creation of a backup; none without any that tells.
    pub span: Option<(String, String)>,
    /// How many listings there are, and how many of them are complete.
    pub listings_total: usize,
    /// The same of those that are complete.
    pub listings_complete: usize,
    /// How many list answers they are made of.
    pub pages: u64,
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
    /// Which positions no page covers, if the pages tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
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
        missing: None,
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
    let inventory = &run.inventory;
    let is_named = |file: &&File| file.state != FileState::Read || file.same_as.is_some();
    let mut named: Vec<_> = inventory.files.iter().filter(is_named).collect();
    // What was read whole comes last, though it is the first of the states.
    named.sort_by_key(|file| (!file.state.is_incomplete(), file.state == FileState::Read, file.state));
    let census = &run.common().census;
    let (rows, listings) = (&inventory.listings.rows, listings(run));
    let captures = super::capture::table(run);
    Ledger {
        files_total: inventory.files.len(),
        states: FileState::ALL.into_iter().map(|state| state_count(run, state)).collect(),
        bytes: wording::bytes(inventory.files.iter().map(|file| file.bytes).sum()),
        twins: inventory.files.iter().filter(|file| file.same_as.is_some()).count() as u64,
        objects: census.objects,
        span: census.span.clone(),
        listings_total: listings.len(),
        listings_complete: rows.iter().filter(|row| row.completeness == Completeness::Complete).count(),
        pages: rows.iter().map(|row| row.answers.len() as u64).sum(),
        records: inventory.len() as u64,
        top_level: inventory.len() as u64 - census.disks,
        disks: census.disks,
        after_as_of: run.after_as_of,
        omitted: named.len().saturating_sub(limit),
        files: named.into_iter().take(limit).map(|file| file_row(inventory, file)).collect(),
        listings_omitted: listings.len().saturating_sub(limit),
        listings: listings.into_iter().take(limit).collect(),
        captures_omitted: captures.len().saturating_sub(limit),
        captures: captures.into_iter().take(limit).collect(),
    }
}

fn state_count(run: &Run<'_>, state: FileState) -> StateCount {
    StateCount { state: state.word(), count: run.inventory.files_in(state), incomplete: state.is_incomplete() }
}

/// What is found out of all backups, once for every page.
#[derive(Clone, Debug)]
pub struct Census {
    /// How many backups are parts of others.
    disks: u64,
    /// What became of the backup objects.
    objects: Objects,
    /// The earliest and the latest creation of a backup.
    span: Option<(String, String)>,
}

impl Census {
    /// Looks at every backup.
    #[must_use]
    pub fn new(inventory: &Inventory) -> Self {
        let mut disks = 0;
        let mut bounds: Option<(Timestamp, Timestamp)> = None;
        for backup in inventory.backups().map(|ix| inventory.backup(ix)) {
            disks += u64::from(backup.role() == Role::Child);
            if let Some(time) = backup.time(FieldId::CreatedAt).value() {
                bounds = Some(bounds.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
            }
        }
        let span = bounds.map(|(first, last)| (first.to_string(), last.to_string()));
        Self { disks, objects: inventory.objects(), span }
    }
}

/// What a file is, or why it was not read, and of which other it is a copy.
#[must_use]
pub fn reason(inventory: &Inventory, file: &File) -> String {
    let reason = file.reason.as_deref().unwrap_or(&file.kind);
    let older = if file.older.is_some() { " (in an older capture)" } else { "" };
    match twin(inventory, file) {
        Some(path) => format!("{reason}{older}; same as {path}"),
        None => format!("{reason}{older}"),
    }
}

/// The first file with the same content.
#[must_use]
pub fn twin<'i>(inventory: &'i Inventory, file: &File) -> Option<&'i str> {
    file.same_as.and_then(|ix| inventory.files.get(ix.index())).map(|first| first.path.as_str())
}

fn file_row(inventory: &Inventory, file: &File) -> FileRow {
    FileRow { path: file.path.clone(), state: file.state.word(), reason: reason(inventory, file) }
}

/// Every listing, those that are not complete first.
#[must_use]
pub fn listings(run: &Run<'_>) -> Vec<ListingRow> {
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
        missing: row.missing_in_words(),
    }
}
