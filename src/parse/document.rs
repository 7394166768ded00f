//! The documents of a text. Mostly it is one. Else it holds several if objects and arrays stand in it one on each line, or
//! objects follow each other anyhow: then what is broken costs a line, or all that follows, and never what stands before.

use serde_json::value::RawValue;

use super::answer::NotJson;
use super::envelope::{Envelope, Receiver};
use super::quick;

/// Where an answer stands in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// The document, counted from nought, where there are several; lines that could not be read count too.
    pub document: Option<u32>,
    /// The JSON pointer of the value around it in the document; empty where it is the document.
    pub within: String,
}

/// An answer, or what should have been one, that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The line in which its document begins, counted from one.
    line: u64,
    why: NotJson,
}

impl Refused {
    /// Why, where it is the only one of its file.
    #[must_use]
    pub fn alone(&self) -> String {
        self.why.to_string()
    }

    /// Why, and where among others.
    #[must_use]
    pub fn among_others(&self) -> String {
        if self.why.has_place() { self.why.to_string() } else { format!("line {}: {}", self.line, self.why) }
    }
}

/// What the documents of a text came to, beside what their reader kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many documents there are, lines that could not be read included.
    pub documents: u32,
    /// How many lines were passed.
    pub lines: u64,
    /// What could not be used, the first ones.
    pub refused: Vec<Refused>,
    /// How many could not be used in all.
    pub refused_in_all: u64,
}

/// So much of what could not be used is named one by one.
const NAMED: usize = 20;

/// Whoever reads answers, wherever they stand.
pub trait Reader {
    /// Reads a text as one answer.
    ///
    /// # Errors
    /// Why it is not one JSON document.
    fn read(&mut self, text: &str) -> Result<Envelope, NotJson>;

    /// Keeps the text that was read last as the answer that stands here.
    fn keep(&mut self, site: &Site, text: &str, envelope: Envelope);

    /// Reads and keeps as many whole lines as hold a backup each in the usual form, from the document with this number on.
    /// Returns how many bytes and documents these are; nothing if the first line is anything else.
    fn row(&mut self, _text: &str, _document: u32) -> Row {
        Row::default()
    }

    /// Forgets everything that was kept.
    fn clear(&mut self);
}

/// Lines that were read together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// How many bytes they are.
    pub bytes: usize,
    /// How many documents; the other lines are blank.
    pub documents: u32,
}

impl Tally {
    /// A text that is no document and of which nothing can be used.
    #[must_use]
    pub fn refused(why: impl Into<NotJson>) -> Self {
        Self { documents: 1, lines: 0, refused: vec![Refused { line: 1, why: why.into() }], refused_in_all: 1 }
    }

    fn refuse(&mut self, line: u64, why: NotJson) {
        self.refused_in_all += 1;
        if self.refused.len() < NAMED {
            self.refused.push(Refused { line, why });
        }
    }

    /// Adds what the next part of the text came to.
    pub fn add(&mut self, later: Self) {
        let room = NAMED.saturating_sub(self.refused.len());
        let lines = self.lines;
        let refused = later.refused.into_iter().take(room);
        self.refused
            .extend(refused.map(|Refused { line, why }| Refused { line: line + lines, why: why.from((lines + 1, 1)) }));
        self.refused_in_all += later.refused_in_all;
        self.documents = self.documents.saturating_add(later.documents);
        self.lines += later.lines;
    }
}

/// Reads whole lines that hold a backup each in the usual form, up to a position. Returns what was read, and whether
/// something else ended it: then what the receiver has taken is of no use.
pub fn row<'a>(text: &'a str, document: u32, until: usize, receiver: &mut impl Receiver<'a>) -> (Row, bool) {
    quick::row(text, document, until, receiver)
}

/// Reads every document of a text; `named` tells that its name promises a document on each line.
pub fn read(text: &str, named: bool, reader: &mut impl Reader) -> Tally {
    let why = match reader.read(text) {
        Ok(envelope) => {
            let mut tally = Tally { documents: 1, ..Tally::default() };
            match envelope {
                Envelope::Refused(why) => tally.refuse(1, why.into()),
                envelope => reader.keep(&Site::default(), text, envelope),
            }
            return tally;
        }
        Err(why) => why,
    };
    several(text, named, reader).unwrap_or_else(|| {
        reader.clear();
        Tally::refused(why)
    })
}

/// Reads the documents of a text that is not one; none if it does not hold several.
fn several(text: &str, named: bool, reader: &mut impl Reader) -> Option<Tally> {
    let mut documents = Documents::new(text);
    let mut tally = Tally::default();
    let (mut whole, mut broken) = (0_u64, 0_u64);
    loop {
        if let Some(rest) = documents.at_line() {
            let row = reader.row(rest, tally.documents);
            whole += u64::from(row.documents);
            tally.documents = tally.documents.saturating_add(row.documents);
            documents.pass(row);
        }
        let Some(Piece { line, text }) = documents.next() else { break };
        let site = Site { document: Some(tally.documents), within: String::new() };
        tally.documents = tally.documents.saturating_add(1);
        match text.and_then(|text| Ok((text, reader.read(text)?))) {
            Ok((_, Envelope::Refused(why))) => {
                whole += 1;
                tally.refuse(line, why.into());
            }
            Ok((text, envelope)) => {
                whole += 1;
                reader.keep(&site, text, envelope);
            }
            Err(why) => {
                broken += 1;
                tally.refuse(line, why);
            }
        }
    }
    tally.lines = documents.line - 1;
    holds_several(whole, broken, named).then_some(tally)
}

/// Whether so many whole documents beside so many broken lines are several, and not the pieces of one. In the beginning
/// of a single document at least every second line is no document by itself, since commas have to stand somewhere.
fn holds_several(whole: u64, broken: u64, named: bool) -> bool {
    if named { whole >= broken.max(1) } else { whole >= 2 && whole > broken }
}

/// A document, or why there is none.
struct Piece<'t> {
    line: u64,
    text: Result<&'t str, NotJson>,
}

/// How documents follow each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// The first one will tell.
    Open,
    /// One on each line.
    Lines,
    /// Anyhow.
    Anyhow,
}

/// The way through the documents of a text.
struct Documents<'t> {
    text: &'t str,
    at: usize,
    /// The line of the position, counted from one.
    line: u64,
    /// Where that line begins.
    line_start: usize,
    order: Order,
    /// A line could not be read.
    is_hurt: bool,
    is_at_end: bool,
}

impl<'t> Documents<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0, line: 1, line_start: 0, order: Order::Open, is_hurt: false, is_at_end: false }
    }

    /// The rest of the text, if lines stand in it that may be documents.
    fn at_line(&self) -> Option<&'t str> {
        (self.order != Order::Anyhow).then(|| self.text.get(self.at..).unwrap_or_default())
    }

    /// Moves past lines that were read.
    fn pass(&mut self, row: Row) {
        self.skip(row.bytes);
        if row.documents > 0 {
            self.order = Order::Lines;
        }
    }

    fn skip_blanks(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        self.skip(blank);
    }

    fn skip(&mut self, bytes: usize) {
        let passed = self.text.get(self.at..self.at + bytes).unwrap_or_default();
        self.line += passed.bytes().filter(|byte| *byte == b'\n').count() as u64;
        if let Some(newline) = passed.rfind('\n') {
            self.line_start = self.at + newline + 1;
        }
        self.at += bytes;
    }

    fn next(&mut self) -> Option<Piece<'t>> {
        self.skip_blanks();
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.is_empty() || self.is_at_end {
            return None;
        }
        let line = self.line;
        let text = match self.order {
            Order::Anyhow => self.anyhow(rest),
            Order::Open | Order::Lines => self.on_a_line(rest),
        };
        Some(Piece { line, text })
    }

    /// The document of a line, or the lines that make one.
    fn on_a_line(&mut self, rest: &'t str) -> Result<&'t str, NotJson> {
        let own = rest.split('\n').next().unwrap_or(rest);
        let place = self.place();
        let found = first_value(own);
        if let Ok(value) = found
            && own.get(value.len()..).is_some_and(|behind| behind.trim().is_empty())
        {
            self.order = Order::Lines;
            self.skip(own.len());
            return Ok(value);
        }
        let longer = if self.is_hurt { None } else { first_value(rest).ok() };
        let behind = |value: &str| rest.get(value.len()..).unwrap_or_default().split('\n').next().unwrap_or_default();
        match longer {
            Some(value) if self.order == Order::Open => {
                self.order = Order::Anyhow;
                self.skip(value.len());
                return Ok(value);
            }
            Some(value) if value.len() > own.len() && behind(value).trim().is_empty() => {
                self.skip(value.len());
                return Ok(value);
            }
            _ => {}
        }
        self.is_hurt = true;
        self.order = Order::Lines;
        self.skip(own.len());
        Err(match found {
            Ok(value) => NotJson::at("text behind the document", (place.0, place.1 + value.len())),
            Err(error) => why_broken(own, error, place),
        })
    }

    /// The document that begins here.
    fn anyhow(&mut self, rest: &'t str) -> Result<&'t str, NotJson> {
        let before = self.text.get(self.line_start..self.at).unwrap_or_default();
        // Arrays that follow each other in one line are not told from damage.
        let is_odd = rest.starts_with('[') && !before.trim().is_empty();
        let found = if is_odd { Err(None) } else { first_value(rest) };
        let place = self.place();
        match found {
            Ok(value) => {
                self.skip(value.len());
                Ok(value)
            }
            Err(error) => {
                self.is_at_end = true;
                Err(why_broken(rest, error, place).and("; nothing behind it was read"))
            }
        }
    }

    /// The line and column of the position, both counted from one.
    fn place(&self) -> (u64, usize) {
        (self.line, self.at - self.line_start + 1)
    }
}

/// The object or array with which a text begins; where it begins with something else there is no error to tell.
fn first_value(text: &str) -> Result<&str, Option<serde_json::Error>> {
    if !text.starts_with(['{', '[']) {
        return Err(None);
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    match values.next() {
        Some(Ok(raw)) => Ok(raw.get()),
        Some(Err(error)) => Err(Some(error)),
        None => Err(None),
    }
}

/// Why no document begins at a place.
fn why_broken(text: &str, error: Option<serde_json::Error>, place: (u64, usize)) -> NotJson {
    match error {
        Some(error) => NotJson::new(text, &error).from(place),
        None => NotJson::at("no JSON object or array", place),
    }
}
