//! The evaluation time: given, noted beside the dump, or inferred from it; never the wall clock by itself.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files, listings and keys are those of the inventory that they are looked up in"
)]

mod latest;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, Range};

use jiff::Timestamp;
use rayon::prelude::*;

use crate::inventory::capture::{Note, SPAN};
use crate::inventory::field::FieldId;
use crate::inventory::neighbour::Neighbour;
use crate::inventory::neighbour::part::Part;
use crate::inventory::record::TIMES;
use crate::inventory::shape::Presence;
use crate::inventory::{FileIx, Inventory};
use latest::{Latest, Stated};

/// Where the evaluation time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockSource {
    /// `--as-of TIME`
    Given,
    /// `--as-of now`
    Now,
    /// The `captured_at` of a capture note.
    Capture(FileIx),
    /// The largest believable time in the dump: a lower bound.
    Inferred,
}

impl ClockSource {
    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Given => "as-of",
            Self::Now => "now",
            Self::Capture(_) => "capture",
            Self::Inferred => "inferred",
        }
    }
}

/// The evaluation time and what is to be known of it.
#[derive(Clone, Debug)]
pub struct Clock {
    /// The time.
    pub time: Timestamp,
    /// Where it comes from.
    pub source: ClockSource,
    /// What was wrong with capture notes, or left out of the inference.
    pub notes: Vec<String>,
}

/// What the user asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// Nothing: look at the dump.
    FromDump,
    /// This time.
    Given(Timestamp),
    /// The wall clock, read once by the caller.
    Now(Timestamp),
}

/// How many unusable capture notes are named one by one.
const NAMED: usize = 5;

impl Clock {
    /// Whether there was nothing to take a time from.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.source == ClockSource::Inferred && self.time == Timestamp::default()
    }

    /// Whether the time is the true one, not only a lower bound of it.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.source != ClockSource::Inferred
    }

    /// Finds the evaluation time for an inventory.
    #[must_use]
    pub fn find(as_of: AsOf, inventory: &Inventory) -> Self {
        let exact = |time, source| Self { time, source, notes: Vec::new() };
        match as_of {
            AsOf::Given(time) => exact(time, ClockSource::Given),
            AsOf::Now(time) => exact(time, ClockSource::Now),
            AsOf::FromDump => from_captures(inventory).unwrap_or_else(|notes| inferred(inventory, notes)),
        }
    }
}

/// The earliest capture note, if all are usable and agree; else what is wrong with them.
fn from_captures(inventory: &Inventory) -> Result<Clock, Vec<String>> {
    let mut problems = Vec::new();
    let mut times = Vec::new();
    let times_by_directory = times_by_directory(inventory);
    for note in &inventory.captures.notes {
        match usable(note, inventory, &times_by_directory) {
            Ok(time) => times.push((time, note.file)),
            Err(problem) => problems.push(format!("{}: {problem}", inventory.files[note.file.index()].path)),
        }
    }
    if problems.len() > NAMED {
        let more = problems.len() - NAMED;
        problems.truncate(NAMED);
        problems.push(format!("{more} more capture notes are unusable"));
    }
    let earliest = times.iter().min().copied();
    let latest = times.iter().max().copied();
    if let (Some((first, _)), Some((last, _))) = (earliest, latest)
        && last.duration_since(first) > SPAN
    {
        problems.push(format!("capture notes span more than six hours, {first} to {last}"));
    }
    let outside = earliest.and_then(|(time, _)| later_outside(time, inventory, &times_by_directory));
    problems.extend(outside);
    match earliest {
        Some((time, file)) if problems.is_empty() => {
            Ok(Clock { time, source: ClockSource::Capture(file), notes: without_zone(inventory).into_iter().collect() })
        }
        _ => Err(problems),
    }
}

/// What is told of notes whose time names no zone: where clocks show another one than UTC, it is not what it says.
fn without_zone(inventory: &Inventory) -> Option<String> {
    let mut notes = inventory.captures.notes.iter().filter(|note| note.zone_assumed);
    let path = &inventory.files[notes.next()?.file.index()].path;
    let others = match notes.count() {
        0 => String::new(),
        1 => ", as in 1 other note".to_owned(),
        more => format!(", as in {more} other notes"),
    };
    Some(format!("{path}: captured_at names no zone and was read as UTC{others}"))
}

/// The latest times of backups, and those of what is told around them.
#[derive(Default)]
struct Told {
    backups: Latest,
    around: Latest,
}

/// The latest times by the directory that they stand in.
type Times<'i> = BTreeMap<&'i str, Told>;

fn times_by_directory(inventory: &Inventory) -> Times<'_> {
    let mut times = Times::new();
    if inventory.captures.notes.is_empty() {
        return times;
    }
    for file in &inventory.files {
        let readings = file.readings.0..file.readings.1;
        let stated = readings.flat_map(|reading| stated_in(inventory, reading));
        times.entry(file.directory()).or_default().backups.extend(stated);
    }
    for neighbour in inventory.neighbours() {
        for directory in directories_of(inventory, neighbour) {
            times.entry(directory).or_default().around.extend(stated_around(inventory, neighbour));
        }
    }
    times
}

/// The latest believable time of what is told in some directories, all of which are called as this one is so far.
fn newest_in(
    inventory: &Inventory,
    times: &Times<'_>,
    from: &str,
    counts: impl Fn(&str) -> bool,
) -> Option<(Timestamp, usize)> {
    let mut told = Told::default();
    let alike = times
        .range::<str, _>((Bound::Included(from), Bound::Unbounded))
        .take_while(|(directory, _)| directory.starts_with(from));
    for (_, times) in alike.filter(|(directory, _)| counts(directory)) {
        told.backups.add(&times.backups);
        told.around.add(&times.around);
    }
    let files = || inventory.files.iter().filter(|file| counts(file.directory()));
    let readings = || files().flat_map(|file| file.readings.0..file.readings.1);
    let of_backups = || readings().flat_map(|reading| stated_in(inventory, reading));
    let stands_there = |neighbour: &Neighbour<'_>| directories_of(inventory, *neighbour).into_iter().any(&counts);
    let around = || inventory.neighbours().filter(stands_there);
    let of_around = || around().flat_map(|neighbour| stated_around(inventory, neighbour));
    told.newest(|| of_backups().collect(), || of_backups().chain(of_around()).collect())
}

impl Told {
    /// The latest believable time, and how many records have lone times later than it. What stands around the backups may
    /// move it forward, never back: it may be of long ago.
    fn newest(
        self,
        of_backups: impl FnOnce() -> Vec<Stated>,
        of_all: impl FnOnce() -> Vec<Stated>,
    ) -> Option<(Timestamp, usize)> {
        let mut all = self.backups.clone();
        all.add(&self.around);
        let (own, all) = (self.backups.believable(of_backups), all.believable(of_all));
        match (own, all) {
            (Some(own), Some(all)) => Some(if all.0 >= own.0 { all } else { own }),
            (own, all) => own.or(all),
        }
    }
}

/// Whether directories that no note speaks for hold records that are later than the time of the notes.
fn later_outside(time: Timestamp, inventory: &Inventory, times: &Times<'_>) -> Option<String> {
    let covered = |directory: &str| inventory.captures.nearest(directory, |_| Some(())).is_some();
    let (newest, _) = newest_in(inventory, times, "", |directory| !covered(directory))?;
    (newest > time).then(|| format!("no capture note speaks for records as late as {newest}; the notes say {time}"))
}

/// The time of a note, checked against the records it speaks for.
fn usable(note: &Note, inventory: &Inventory, times: &Times<'_>) -> Result<Timestamp, String> {
    let Some(time) = note.captured_at else { return Err("captured_at is no readable time with a clock".to_owned()) };
    let from = if note.directory == "." { "" } else { &note.directory };
    match newest_in(inventory, times, from, |directory| note.covers(directory)) {
        Some((newest, _)) if newest > time => {
            Err(format!("captured_at {time} is earlier than the newest record it speaks for, {newest}"))
        }
        _ => Ok(time),
    }
}

fn inferred(inventory: &Inventory, mut notes: Vec<String>) -> Clock {
    let around = || inventory.neighbours().flat_map(|neighbour| stated_around(inventory, neighbour));
    let of_backups = || inventory.readings().flat_map(|reading| stated_in(inventory, reading));
    let mut told = Told { backups: latest_of_backups(inventory), ..Told::default() };
    told.around.extend(around());
    let newest = told.newest(|| of_backups().collect(), || of_backups().chain(around()).collect());
    let (time, lone) = newest.unwrap_or_default();
    if lone > 0 {
        let records = if lone == 1 { "1 record has a time" } else { &format!("{lone} records have times") };
        notes.push(format!("{records} more than 30 days later than any other; left out of the inferred as-of time"));
    }
    Clock { time, source: ClockSource::Inferred, notes }
}

/// The latest times of all backups, looked for by all threads.
fn latest_of_backups(inventory: &Inventory) -> Latest {
    const AT_ONCE: usize = 1 << 14;
    let Range { start, end } = inventory.readings();
    let starts: Vec<_> = (start..end).step_by(AT_ONCE).collect();
    let parts = starts.into_par_iter().with_max_len(1).map(|start| {
        let readings = (start..end).take(AT_ONCE);
        let mut latest = Latest::default();
        latest.extend(readings.flat_map(|reading| stated_in(inventory, reading)));
        latest
    });
    let mut all = Latest::default();
    parts.collect::<Vec<_>>().iter().for_each(|part| all.add(part));
    all
}

/// The times that a reading states, with its backup.
fn stated_in(inventory: &Inventory, reading: u32) -> impl Iterator<Item = Stated> {
    let backup = inventory.backup_of(reading).0;
    times_of(inventory, reading).map(move |time| (time, backup))
}

/// The directories that a vault, task and so on stands in.
fn directories_of<'i>(inventory: &'i Inventory, neighbour: Neighbour<'i>) -> BTreeSet<&'i str> {
    neighbour.files().map(|file| inventory.files[file.index()].directory()).collect()
}

/// The times by which something of an answer around the backups had happened, each as of a record of its own.
fn stated_around<'i>(inventory: &Inventory, neighbour: Neighbour<'i>) -> impl Iterator<Item = Stated> + use<'i> {
    let backups = u32::try_from(inventory.len()).unwrap_or(u32::MAX);
    let number = backups.saturating_add(neighbour.ix.0);
    let times = HAPPENED.into_iter().filter_map(move |part| neighbour.time(part).value());
    times.map(move |time| (time, number))
}

/// What tells when something of an answer around the backups had happened; the start of a policy may be to come.
const HAPPENED: [Part; 4] = [Part::CreatedAt, Part::UpdatedAt, Part::StartedAt, Part::EndedAt];

/// The times of a reading that are no expiry, its replication records included.
fn times_of(inventory: &Inventory, reading: u32) -> impl Iterator<Item = Timestamp> {
    let row = inventory.reading(reading);
    let own = TIMES
        .into_iter()
        .filter(move |&field| field != FieldId::ExpiredAt && row.presence(field) == Presence::Value)
        .map(move |field| row.time(field));
    own.chain(inventory.replications_of(reading).iter().filter_map(|record| record.created_at.value()))
}
