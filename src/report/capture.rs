//! Captures of one scope at different times: which is judged, and how the older ones differ from it.

use serde::Serialize;

use super::ledger::{ListingRow, past_row};
use super::wording::{counted, number};
use crate::inventory::older::{Captured, OlderCapture};
use crate::run::Run;

/// A capture of a scope of which there are several.
#[derive(Clone, Debug, Serialize)]
pub struct CaptureRow {
    /// Where it stands.
    pub directory: String,
    /// When it was made.
    pub time: String,
    /// What says so: `capture.json`, or `newest record`, which it was made after.
    pub source: &'static str,
    /// Whether it is judged; else it is an older one.
    pub judged: bool,
    /// How many files of the ledger belong to it.
    pub files: u64,
    /// How many different backups they hold, disks included.
    pub backups: u64,
    /// How an older one differs from the one that is judged.
    #[serde(flatten)]
    pub older: Option<Difference>,
}

/// How an older capture differs from the one that is judged in its place.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// Where that one stands.
    pub newer: String,
    /// How many backup objects the files of the older one hold.
    pub records: u64,
    /// How many backups of the older one the newer one lacks.
    pub gone: u64,
    /// How many backups the newer one holds beside those.
    pub added: u64,
    /// How many resources only the older one lists.
    pub resources_gone: u64,
    /// The lists of the older one.
    pub listings: Vec<ListingRow>,
}

/// Every capture of the scopes that have several: those that are judged, then the older ones; empty if there are none.
#[must_use]
pub fn table(run: &Run<'_>) -> Vec<CaptureRow> {
    let older = &run.inventory.older;
    let mut judged: Vec<_> = older.iter().map(|capture| row(&capture.newer, None)).collect();
    judged.sort_by(|a, b| a.directory.cmp(&b.directory));
    judged.dedup_by(|a, b| a.directory == b.directory);
    judged.extend(older.iter().map(|capture| row(&capture.of, Some(difference(capture)))));
    judged
}

fn row(capture: &Captured, older: Option<Difference>) -> CaptureRow {
    CaptureRow {
        directory: capture.directory.clone(),
        time: capture.moment.time.to_string(),
        source: if capture.moment.noted { "capture.json" } else { "newest record" },
        judged: older.is_none(),
        files: capture.files,
        backups: capture.backups,
        older,
    }
}

fn difference(capture: &OlderCapture) -> Difference {
    Difference {
        newer: capture.newer.directory.clone(),
        records: capture.records,
        gone: capture.gone,
        added: capture.added,
        resources_gone: capture.resources_gone,
        listings: capture.listings.iter().map(past_row).collect(),
    }
}

/// How many older captures a sentence names.
const NAMED: usize = 3;

/// What has to be known of older captures before anything else, a sentence for each of the first; empty without any.
#[must_use]
pub fn sentences(run: &Run<'_>) -> Vec<String> {
    let older = &run.inventory.older;
    let mut sentences: Vec<_> = older.iter().take(NAMED).map(sentence).collect();
    if older.len() > NAMED {
        let more = counted((older.len() - NAMED) as u64, "more older capture");
        sentences.push(format!("{more} not judged: the input ledger names them."));
    }
    sentences
}

fn sentence(capture: &OlderCapture) -> String {
    let OlderCapture { of, newer, gone, added, resources_gone, .. } = capture;
    let resources = match resources_gone {
        0 => String::new(),
        1 => " 1 resource is listed in the older one alone.".to_owned(),
        several => format!(" {} resources are listed in the older one alone.", number(*several)),
    };
    format!(
        "An older capture of the same scope is not judged but kept for comparison: {}. Judged is {}. Of {} in the older one \
         {} not in the newer one, which holds {} others.{resources}",
        described(of),
        described(newer),
        counted(of.backups, "backup"),
        if *gone == 1 { "1 is".to_owned() } else { format!("{} are", number(*gone)) },
        number(*added),
    )
}

fn described(capture: &Captured) -> String {
    let Captured { directory, moment, .. } = capture;
    let said = if moment.noted { "by its capture.json" } else { "or later, by its newest record" };
    format!("{directory}, made {} {said}", moment.time)
}
