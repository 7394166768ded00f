//! `inventory.csv`: the population, one row per backup object as it stands in the files. Streamed file by file, without
//! the packed tables: what is written is what was read.

use std::borrow::Cow;
use std::io::Write;

use anyhow::Result;
use rayon::prelude::*;
use serde_json::value::RawValue;

use crate::discover::Source;
use crate::format::escape::{cell, is_invisible, runs_behind};
use crate::inventory::build::Held;
use crate::inventory::field::{FieldId, Home};
use crate::inventory::file::{FAULT, FileState};
use crate::limits::Limits;
use crate::parse::answer::NotJson;
use crate::parse::decode;
use crate::parse::document::{self, Reader, Refused, Site, Tally};
use crate::parse::envelope::{self, Envelope, Found, Receiver};
use crate::parse::extent;
use crate::parse::replication::WireReplication;
use crate::parse::salvage::{Parts, salvage};
use crate::parse::scalar::Scalar;
use crate::parse::wire::{Element, UnknownKey, WireRecord};
use crate::read::buffer::Buffer;
use crate::read::{Loaded, Reading, contained, load_source, members};
use crate::unpack::{Content, Entry, form};

/// What became of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Population {
    /// How many rows were written.
    pub rows: u64,
    /// Files that were not read in whole, with the reason.
    pub unread: Vec<(String, FileState, String)>,
}

impl Population {
    /// Whether a fault of the program itself showed.
    #[must_use]
    pub fn has_fault(&self) -> bool {
        self.unread.iter().any(|(_, _, reason)| reason == FAULT)
    }
}

/// The columns: where the object stands, every field, and what no field table knows.
#[must_use]
pub fn columns() -> Vec<String> {
    let place = ["file", "document", "pointer"].map(str::to_owned);
    place.into_iter().chain(FieldId::ALL.iter().map(|field| field.dotted())).chain(["other_keys".to_owned()]).collect()
}

/// Writes the population of all sources.
///
/// # Errors
/// Whatever the writer reports.
pub fn write(sources: &[Source], reading: Reading<'_>, out: &mut dyn Write) -> Result<Population> {
    const AT_ONCE: usize = 64;
    let mut header = csv_writer(Vec::new());
    header.write_record(columns())?;
    out.write_all(&header.into_inner()?)?;
    let mut population = Population::default();
    for batch in sources.chunks(AT_ONCE) {
        let listed: Vec<_> = batch.par_iter().map(|source| list(source, reading)).collect::<Result<_>>()?;
        for (source, listed) in batch.iter().zip(listed) {
            match listed {
                Some(listed) => population.add(&source.path, listed, out)?,
                None => population.add_archive(source, reading, out)?,
            }
        }
    }
    Ok(population)
}

impl Population {
    fn add(&mut self, path: &str, listed: Listed, out: &mut dyn Write) -> Result<()> {
        out.write_all(&listed.csv)?;
        self.rows += listed.rows;
        self.unread.extend(listed.problem.map(|(state, reason)| (path.to_owned(), state, reason)));
        Ok(())
    }

    /// Adds every file in a source, in the order of the archive, so that none of their rows have to be kept.
    fn add_archive(&mut self, source: &Source, reading: Reading<'_>, out: &mut dyn Write) -> Result<()> {
        let mut added = Ok(());
        members(
            source,
            reading,
            |entry| list_entry(entry, &reading.limits),
            |batch| {
                for (path, listed) in batch {
                    if added.is_ok() {
                        added = listed.and_then(|listed| self.add(&path, listed, out));
                    }
                }
            },
        );
        added
    }
}

#[derive(Default)]
struct Listed {
    csv: Vec<u8>,
    rows: u64,
    problem: Option<(FileState, String)>,
}

impl Listed {
    fn rejected(reason: String) -> Self {
        Self { problem: Some((FileState::Rejected, reason)), ..Self::default() }
    }
}

fn csv_writer<W: Write>(out: W) -> csv::Writer<W> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out)
}

/// The rows of a source; none if it may hold many files, which are still to be read.
fn list(source: &Source, reading: Reading<'_>) -> Result<Option<Listed>> {
    contained(|| list_contained(source, reading)).unwrap_or_else(|reason| Ok(Some(Listed::rejected(reason))))
}

fn list_contained(source: &Source, reading: Reading<'_>) -> Result<Option<Listed>> {
    Buffer::with(|buffer| match load_source(source, reading, buffer) {
        None | Some(Ok(Loaded::Foreign(_))) => Ok(Some(Listed::default())),
        Some(Err(reason)) => Ok(Some(Listed::rejected(reason))),
        Some(Ok(Loaded::Archive)) => Ok(None),
        Some(Ok(Loaded::Whole(bytes))) => list_bytes(&source.path, bytes, &reading.limits).map(Some),
        Some(Ok(Loaded::Unpacked(packed))) => list_bytes(&source.path, &packed.bytes, &reading.limits).map(Some),
    })
}

fn list_entry(entry: Entry, limits: &Limits) -> (String, Result<Listed>) {
    let listed = match entry.content {
        Content::Document(bytes) => {
            contained(|| list_bytes(&entry.path, &bytes, limits)).unwrap_or_else(|reason| Ok(Listed::rejected(reason)))
        }
        Content::Foreign | Content::Skipped(_) => Ok(Listed::default()),
        // Only whole texts are asked for.
        Content::Taken(_) => Ok(Listed::rejected(FAULT.to_owned())),
        Content::Refused(reason) => Ok(Listed::rejected(reason)),
        Content::Archive(contents) => {
            let Held { state, reason, .. } = Held::new(&contents);
            let problem = state.is_incomplete().then_some((state, reason));
            Ok(Listed { problem, ..Listed::default() })
        }
    };
    (entry.path, listed)
}

fn list_bytes(path: &str, bytes: &[u8], limits: &Limits) -> Result<Listed> {
    match decode::document(bytes) {
        Ok(text) => list_text(path, &text, limits),
        Err(reason) => Ok(Listed::rejected(reason)),
    }
}

fn list_text(path: &str, text: &str, limits: &Limits) -> Result<Listed> {
    let mut lister = Lister::new(path, limits);
    let tally = document::read(text, form::named_as_lines(path), &mut lister);
    lister.finish(&tally)
}

/// Counts what could not be read.
#[derive(Default)]
struct Losses {
    lost: u64,
    read: u64,
}

impl<'a> Receiver<'a> for Losses {
    fn element(&mut self, _ordinal: u32, element: &Element<'a>) {
        match element {
            Ok(record) => self.count(record),
            Err(lost) => self.lost += u64::from(lost.inside) + 1,
        }
    }

    fn begin(&mut self, _ordinal: u32) {
        self.read += 1;
    }

    fn glimpse(&mut self, _field: FieldId, _text: &'a [u8]) -> usize {
        0
    }

    fn value(&mut self, _field: FieldId, _value: &Scalar<'a>) {}

    fn unknown(&mut self, _key: &UnknownKey<'a>) {}

    fn image(&mut self) {}

    fn replication(&mut self, _replication: &WireReplication<'a>) {}

    fn end(&mut self) {}

    fn reset(&mut self) {
        *self = Self::default();
    }
}

impl Losses {
    fn count(&mut self, record: &WireRecord<'_>) {
        self.read += 1;
        for child in &record.children {
            match child {
                Ok(child) => self.count(child),
                Err(lost) => self.lost += u64::from(lost.inside) + 1,
            }
        }
    }
}

/// Writes the rows of answers.
struct Lister<'s> {
    rows: Rows<'s>,
    /// Of the answer that was read last.
    losses: Losses,
    lost: u64,
    /// How many answers were kept.
    kept: u64,
    limits: &'s Limits,
    failed: Result<()>,
}

impl<'s> Lister<'s> {
    fn new(file: &'s str, limits: &'s Limits) -> Self {
        let rows = Rows { file, document: String::new(), csv: csv_writer(Vec::new()), rows: 0, most: limits.records };
        Self { rows, losses: Losses::default(), lost: 0, kept: 0, limits, failed: Ok(()) }
    }

    fn finish(self, tally: &Tally) -> Result<Listed> {
        self.failed?;
        let Rows { csv, rows, .. } = self.rows;
        if rows > self.limits.records {
            return Ok(Listed::rejected(self.limits.too_many_records()));
        }
        let one = |refused: &Refused| if tally.documents > 1 { refused.among_others() } else { refused.alone() };
        let unread = tally.refused.first().map(one).map(|first| match tally.refused_in_all {
            1 => first,
            all => format!("{first}, and {} more", all - 1),
        });
        let lost = (self.lost > 0).then(|| format!("{} backup objects could not be read", self.lost));
        let reasons: Vec<_> = [unread, lost].into_iter().flatten().collect();
        let is_used = rows > 0 || self.kept > 0 && self.lost == 0;
        let state = if is_used { FileState::PartlyRead } else { FileState::Rejected };
        let problem = (!reasons.is_empty()).then(|| (state, reasons.join("; ")));
        Ok(Listed { rows, csv: csv.into_inner()?, problem })
    }
}

impl Reader for Lister<'_> {
    fn read(&mut self, text: &str) -> Result<Found, NotJson> {
        self.losses = Losses::default();
        let found = envelope::read(text, &mut self.losses)?;
        Ok(extent::beyond(text, self.limits).map_or(found, |why| Envelope::Refused(why).into()))
    }

    fn keep(&mut self, site: &Site, text: &str, envelope: Envelope) {
        self.lost += std::mem::take(&mut self.losses).lost;
        self.kept += 1;
        self.rows.document = site.document.map(|document| document.to_string()).unwrap_or_default();
        if self.failed.is_ok() && envelope.holds_backups() {
            self.failed = self.rows.document(text, &envelope, &site.within);
        }
    }

    fn clear(&mut self) {
        *self = Self::new(self.rows.file, self.limits);
    }
}

struct Rows<'s> {
    file: &'s str,
    /// The document, in a file that holds several.
    document: String,
    csv: csv::Writer<Vec<u8>>,
    rows: u64,
    /// More rows are counted, but not written.
    most: u64,
}

impl Rows<'_> {
    /// Writes the objects of an answer that stands at a place of its document.
    fn document(&mut self, text: &str, envelope: &Envelope, within: &str) -> Result<()> {
        match envelope {
            Envelope::Bare => self.element(serde_json::from_str(text)?, within, false),
            Envelope::BareList => self.list(serde_json::from_str(text)?, within, true),
            Envelope::Show => match part(text, "backup") {
                Some(backup) => self.element(backup, &format!("{within}/backup"), false),
                None => Ok(()),
            },
            _ => match part(text, "backups") {
                Some(backups) => self.list(backups, &format!("{within}/backups"), false),
                None => Ok(()),
            },
        }
    }

    fn list(&mut self, list: &RawValue, pointer: &str, is_bare: bool) -> Result<()> {
        let elements: Vec<&RawValue> = serde_json::from_str(list.get())?;
        for (ordinal, element) in elements.into_iter().enumerate() {
            let place = format!("{pointer}/{ordinal}");
            match envelope::show_alone(element).filter(|_| is_bare) {
                Some(backup) => self.element(backup, &format!("{place}/backup"), false)?,
                None => self.element(element, &place, is_bare)?,
            }
        }
        Ok(())
    }

    /// Writes an element of an answer, if the reader takes it for a backup object.
    fn element(&mut self, element: &RawValue, pointer: &str, is_bare: bool) -> Result<()> {
        match salvage(element) {
            Ok(record) if !is_bare || record.looks_like_backup() => self.object(element, &record, pointer),
            _ => Ok(()),
        }
    }

    /// Writes an object and then its children; what the reader lost has no row.
    fn object(&mut self, object: &RawValue, record: &WireRecord<'_>, pointer: &str) -> Result<()> {
        self.rows += 1;
        if self.rows > self.most {
            return Ok(());
        }
        let Parts(parts) = serde_json::from_str(object.get())?;
        let cells = cells([self.file, &self.document, pointer], &parts);
        self.csv.write_record(cells.iter().map(|text| text.as_bytes()))?;
        if record.children.is_empty() {
            return Ok(());
        }
        let Some((_, list)) = parts.iter().find(|(key, _)| key == "children") else { return Ok(()) };
        let children: Vec<&RawValue> = serde_json::from_str(list.get())?;
        for (ordinal, (child, read)) in children.into_iter().zip(&record.children).enumerate() {
            if let Ok(read) = read {
                self.object(child, read, &format!("{pointer}/children/{ordinal}"))?;
            }
        }
        Ok(())
    }
}

/// The value under a key of the document.
fn part<'t>(text: &'t str, key: &str) -> Option<&'t RawValue> {
    let Parts(parts) = serde_json::from_str::<Parts<'t>>(text).ok()?;
    parts.into_iter().find(|(met, _)| met == key).map(|(_, value)| value)
}

fn cells([file, document, pointer]: [&str; 3], parts: &[(Cow<'_, str>, &RawValue)]) -> Vec<String> {
    let extend_info = inside(parts, "extend_info");
    let app_consistency = inside(&extend_info, "app_consistency");
    let values = FieldId::ALL.iter().map(|field| {
        let home = match field.home() {
            Home::ExtendInfo => &extend_info,
            Home::AppConsistency => &app_consistency,
            _ => parts,
        };
        home.iter().find(|(key, _)| key == field.key()).map_or_else(String::new, |(_, value)| value_cell(value))
    });
    let place = [cell(file).into_owned(), document.to_owned(), pointer.to_owned()];
    place.into_iter().chain(values).chain([other_keys(parts, &extend_info, &app_consistency)]).collect()
}

/// The keys and values of an object that stands under a key; none if it is no object.
fn inside<'t>(parts: &[(Cow<'_, str>, &'t RawValue)], key: &str) -> Vec<(Cow<'t, str>, &'t RawValue)> {
    let value = parts.iter().find(|(met, _)| met == key).map(|(_, value)| *value);
    value
        .and_then(|value| serde_json::from_str::<Parts<'t>>(value.get()).ok())
        .map(|Parts(parts)| parts)
        .unwrap_or_default()
}

/// A value as a cell: strings decoded, arrays and objects as JSON in one line, everything else as it stands.
fn value_cell(value: &RawValue) -> String {
    let raw = value.get();
    match raw.as_bytes().first() {
        Some(b'"') => {
            serde_json::from_str::<String>(raw).map_or_else(|_| raw.to_owned(), |text| cell(&text).into_owned())
        }
        Some(b'[' | b'{') => compact(raw),
        _ => raw.to_owned(),
    }
}

type Object<'t> = [(Cow<'t, str>, &'t RawValue)];

/// The keys that the field table does not know, as one JSON object of dotted names.
fn other_keys(record: &Object<'_>, extend_info: &Object<'_>, app_consistency: &Object<'_>) -> String {
    let unknown = |object: &Object<'_>, prefix: &str, known: fn(&str) -> Option<FieldId>| {
        let others = object.iter().filter(|(key, _)| known(key).is_none());
        others
            .map(|(key, value)| {
                format!(
                    "{}:{}",
                    compact(&serde_json::json!(format!("{prefix}{key}")).to_string()),
                    compact(value.get())
                )
            })
            .collect::<Vec<_>>()
    };
    let mut pairs = unknown(record, "", FieldId::in_record);
    pairs.extend(unknown(extend_info, "extend_info.", FieldId::in_extend_info));
    pairs.extend(unknown(app_consistency, "extend_info.app_consistency.", FieldId::in_app_consistency));
    if pairs.is_empty() { String::new() } else { format!("{{{}}}", pairs.join(",")) }
}

/// JSON without the blanks between its tokens. Numbers and strings stay as written, but for invisible characters and for
/// a `;` that could begin a formula in the next cell, which become escapes.
fn compact(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let (mut in_string, mut escaped) = (false, false);
    for (at, char) in raw.char_indices() {
        if in_string {
            in_string = escaped || char != '"';
            escaped = char == '\\' && !escaped;
        } else {
            in_string = char == '"';
        }
        let separates = char == ';' && runs_behind(&raw[at + 1..]);
        if in_string && (is_invisible(char) || separates) {
            char.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}")));
        } else if in_string || !char.is_ascii_whitespace() {
            text.push(char);
        }
    }
    text
}
