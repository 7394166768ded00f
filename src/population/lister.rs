//! Writes the rows of one file as its answers are read.

use anyhow::Result;
use serde_json::value::RawValue;

use super::cells::cells;
use super::{Listed, csv_writer};
use crate::inventory::field::FieldId;
use crate::inventory::file::FileState;
use crate::limits::Limits;
use crate::parse::answer::NotJson;
use crate::parse::document::{Reader, Refused, Site, Tally};
use crate::parse::envelope::{self, Envelope, Found, Receiver};
use crate::parse::extent;
use crate::parse::neighbour::{self, Answer};
use crate::parse::replication::WireReplication;
use crate::parse::salvage::{Parts, salvage};
use crate::parse::scalar::Scalar;
use crate::parse::wire::{Element, UnknownKey, WireRecord, vouched};

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

/// What cannot be used of an answer around the backups.
struct Unusable {
    /// How many of its objects.
    what: String,
    /// Where the first stands in it, and why.
    why: String,
    is_all: bool,
}

impl Unusable {
    fn of(answer: &Answer) -> Option<Self> {
        let mut unusable = answer.unusable();
        let (ordinal, why) = unusable.next()?;
        let why = format!("{}: {why}", answer.form.pointer(ordinal));
        let (count, all) = (1 + unusable.count(), answer.objects.len());
        Some(Self { what: format!("{count} of {all} objects"), why, is_all: count == all })
    }
}

/// Writes the rows of answers.
pub(super) struct Lister<'s> {
    rows: Rows<'s>,
    /// Of the answer that was read last.
    losses: Losses,
    lost: u64,
    /// What of the answer around the backups that was read last cannot be used.
    around: Option<Unusable>,
    /// The first of what cannot be used around the backups.
    unusable: Option<String>,
    /// How many answers were kept of which something can be used.
    kept: u64,
    limits: &'s Limits,
    failed: Result<()>,
}

impl<'s> Lister<'s> {
    pub(super) fn new(file: &'s str, limits: &'s Limits) -> Self {
        let rows = Rows { file, document: String::new(), csv: csv_writer(Vec::new()), rows: 0, most: limits.records };
        let (around, unusable) = (None, None);
        Self { rows, losses: Losses::default(), lost: 0, around, unusable, kept: 0, limits, failed: Ok(()) }
    }

    pub(super) fn finish(self, tally: &Tally) -> Result<Listed> {
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
        let reasons: Vec<_> = [unread, lost, self.unusable].into_iter().flatten().collect();
        let is_used = rows > 0 || self.kept > 0 && self.lost == 0;
        let state = if is_used { FileState::PartlyRead } else { FileState::Rejected };
        let problem = (!reasons.is_empty()).then(|| (state, reasons.join("; ")));
        Ok(Listed { rows, csv: csv.into_inner()?, problem })
    }
}

impl Reader for Lister<'_> {
    fn read(&mut self, text: &str) -> Result<Found, NotJson> {
        self.losses = Losses::default();
        self.around = None;
        let mut found = envelope::read(text, &mut self.losses)?;
        if let Some(why) = extent::beyond(text, self.limits) {
            return Ok(Envelope::Refused(why).into());
        }
        if matches!(&found.envelope, Envelope::NotBackup(what) if neighbour::is_kept(what)) {
            match neighbour::read(text, self.limits) {
                Ok(answer) => self.around = answer.as_ref().and_then(Unusable::of),
                Err(why) => found.envelope = Envelope::Refused(why),
            }
        }
        Ok(found)
    }

    fn keep(&mut self, site: &Site, text: &str, envelope: Envelope) {
        self.lost += std::mem::take(&mut self.losses).lost;
        let around = self.around.take().filter(|_| !text.is_empty());
        self.kept += u64::from(!around.as_ref().is_some_and(|around| around.is_all));
        if let Some(Unusable { what, why, .. }) = around {
            let document = site.document.map_or_else(String::new, |document| format!("document {document}: "));
            self.unusable.get_or_insert_with(|| format!("{what} could not be used: {document}{}{why}", site.within));
        }
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
        let read = salvage(element);
        match if is_bare { read } else { vouched(read) } {
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
        // What is no list is lost as a whole.
        let children: Vec<&RawValue> = serde_json::from_str(list.get()).unwrap_or_default();
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
