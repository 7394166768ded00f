//! Documents that follow each other in a text: objects and arrays one on each line, or objects anyhow. What is broken costs a
//! line, or all that follows, and never what stands before.

use serde_json::value::RawValue;

use super::answer::NotJson;
use super::blank::{BLANKS, are_blanks};
use super::document::{Reader, Row, Site};
use super::envelope::{Envelope, Found};
use super::nested;
use super::tally::Tally;

/// Reads the documents of a text that is not one; none if it does not hold several.
pub(super) fn several(text: &str, named: bool, reader: &mut impl Reader) -> Option<Tally> {
    let read = each(Documents::new(text), 0, reader);
    read.are_several(named).then_some(read.tally)
}

/// The same of a text before which there are so many documents already; where there are not several in it, the reader keeps
/// nothing of it.
pub(super) fn several_behind(text: &str, named: bool, before: u32, reader: &mut impl Reader) -> Option<Tally> {
    let is_one = !each(Documents::new(text), before, &mut Grammar).are_several(named);
    if is_one { None } else { Some(each(Documents::new(text), before, reader).tally) }
}

/// A reader that only asks whether something is JSON.
struct Grammar;

impl Reader for Grammar {
    fn read(&mut self, text: &str) -> Result<Found, NotJson> {
        let read = serde_json::from_str::<&RawValue>(text).map_err(|error| NotJson::new(text, &error));
        read.map(|_| Envelope::NotBackup(String::new()).into())
    }

    fn keep(&mut self, _site: &Site, _text: &str, _envelope: Envelope) {}

    fn clear(&mut self) {}
}

/// What documents that follow each other came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sequence {
    /// What they came to together.
    pub tally: Tally,
    /// How many could be read as JSON.
    pub whole: u64,
    /// How many lines are no document.
    pub broken: u64,
    /// Where the first of these begins.
    pub first_broken: Option<usize>,
}

impl Sequence {
    /// Whether so many whole documents beside so many broken lines are several, and not the pieces of one. In the beginning
    /// of a single document at least every second line is no document by itself, since commas have to stand somewhere.
    #[must_use]
    pub fn are_several(&self, named: bool) -> bool {
        if named { self.whole >= self.broken.max(1) } else { self.whole >= 2 && self.whole > self.broken }
    }

    /// Adds the counts of the next part of the text.
    pub fn count(&mut self, later: &Self) {
        self.whole += later.whole;
        self.broken += later.broken;
    }
}

/// Reads whole lines of a text that holds a document on each, none of which goes on in the next.
pub fn lines(text: &str, reader: &mut impl Reader) -> Sequence {
    each(Documents { is_hurt: true, ..Documents::new(text) }, 0, reader)
}

/// Whether a line is a JSON object or array, by the grammar, and nothing else.
#[must_use]
pub fn is_one(line: &str) -> bool {
    first_value(line).is_ok_and(|value| line.get(value.len()..).is_some_and(are_blanks))
}

/// Whether the line with which a text begins, which is no document by itself, begins one that goes on in the next lines;
/// unknown where the text is cut off before that shows.
#[must_use]
pub fn goes_on(text: &str, is_cut: bool) -> Option<bool> {
    let own = text.split('\n').next().unwrap_or(text);
    match first_value(text) {
        Ok(value) => Some(ends_in_a_later_line(text, value, own)),
        Err(Some(error)) if error.is_eof() && is_cut => None,
        Err(_) => Some(false),
    }
}

/// Whether a value with which a text begins ends with another line than its first.
fn ends_in_a_later_line(text: &str, value: &str, first: &str) -> bool {
    let behind = text.get(value.len()..).unwrap_or_default().split('\n').next().unwrap_or_default();
    value.len() > first.len() && are_blanks(behind)
}

/// Reads documents before which there are so many already.
fn each(mut documents: Documents<'_>, before: u32, reader: &mut impl Reader) -> Sequence {
    let mut read = Sequence::default();
    let tally = &mut read.tally;
    loop {
        if let Some(rest) = documents.at_line() {
            let row = reader.row(rest, before.saturating_add(tally.documents));
            read.whole += u64::from(row.documents);
            tally.documents = tally.documents.saturating_add(row.documents);
            documents.pass(row);
        }
        let Some(Piece { line, at, text }) = documents.next() else { break };
        let document = Some(before.saturating_add(tally.documents));
        tally.documents = tally.documents.saturating_add(1);
        match text.and_then(|text| Ok((text, reader.read(text)?))) {
            Ok((text, found)) => {
                read.whole += 1;
                tally.lose(line, nested::settle(found, text, document, reader));
            }
            Err(why) => {
                read.broken += 1;
                read.first_broken.get_or_insert(at);
                tally.refuse(line, why);
            }
        }
    }
    tally.lines = documents.line - 1;
    read
}

/// A document, or why there is none.
struct Piece<'t> {
    line: u64,
    /// Where it begins.
    at: usize,
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
        // A byte-order mark stands before each of several files that were put one behind the other.
        let blank = rest.len() - rest.trim_start_matches(|char| char == '\u{feff}' || BLANKS.contains(&char)).len();
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
        let (line, at) = (self.line, self.at);
        let text = match self.order {
            Order::Anyhow => self.anyhow(rest),
            Order::Open | Order::Lines => self.on_a_line(rest),
        };
        Some(Piece { line, at, text })
    }

    /// The document of a line, or the lines that make one.
    fn on_a_line(&mut self, rest: &'t str) -> Result<&'t str, NotJson> {
        let own = rest.split('\n').next().unwrap_or(rest);
        let place = self.place();
        let found = first_value(own);
        if let Ok(value) = found
            && own.get(value.len()..).is_some_and(are_blanks)
        {
            self.order = Order::Lines;
            self.skip(own.len());
            return Ok(value);
        }
        let longer = if self.is_hurt { None } else { first_value(rest).ok() };
        match longer {
            Some(value) if self.order == Order::Open => {
                self.order = Order::Anyhow;
                self.skip(value.len());
                return Ok(value);
            }
            Some(value) if ends_in_a_later_line(rest, value, own) => {
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
        let is_odd = rest.starts_with('[') && !are_blanks(before);
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
pub(super) fn first_value(text: &str) -> Result<&str, Option<serde_json::Error>> {
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

#[cfg(test)]
mod tests {
    use super::{Sequence, goes_on, is_one, lines};
    use crate::parse::answer::NotJson;
    use crate::parse::document::{Reader, Row, Site};
    use crate::parse::envelope::{Envelope, Found};
    use pretty_assertions::assert_eq;
    use serde_json::value::RawValue;

    /// Notes what it is handed; of rows, up to the first line that is too long.
    #[derive(Default)]
    struct Notes {
        rows: Vec<(String, u32)>,
        kept: Vec<(Option<u32>, String)>,
        longest_in_row: usize,
    }

    impl Reader for Notes {
        fn read(&mut self, text: &str) -> Result<Found, NotJson> {
            let read = serde_json::from_str::<&RawValue>(text).map_err(|error| NotJson::new(text, &error));
            read.map(|_| Envelope::NotBackup(String::new()).into())
        }
        fn keep(&mut self, site: &Site, text: &str, _: Envelope) {
            self.kept.push((site.document, text.to_owned()));
        }
        fn row(&mut self, text: &str, document: u32) -> Row {
            let mut row = Row::default();
            for line in text.split_inclusive('\n').take_while(|line| line.len() <= self.longest_in_row) {
                row.bytes += line.len();
                row.documents += u32::from(!line.trim().is_empty());
            }
            if row.documents > 0 {
                self.rows.push((text[..row.bytes].to_owned(), document));
            }
            row
        }
        fn clear(&mut self) {}
    }

    #[test]
    fn a_line_is_one_object_or_array_and_nothing_else() {
        for line in ["{}", "[]", "{\"a\": [1]}", "{} ", "[]\r", "{}\t \r"] {
            assert!(is_one(line), "{line:?}");
        }
        for line in ["", " {}", "7", "\"a\"", "null", "{", "{} {}", "{},", "[] x", "{}]"] {
            assert!(!is_one(line), "{line:?}");
        }
    }

    #[test]
    fn a_line_goes_on_if_its_document_ends_with_a_later_one() {
        for (text, is_cut, expected) in [
            ("{\n}\n", false, Some(true)),
            ("{\n}", false, Some(true)),
            ("{\n\"a\": 1\n} \n{}\n", false, Some(true)),
            ("{}\n{}\n", false, Some(false)),
            ("{\n} x\n", false, Some(false)),
            ("{\n", true, None),
            ("{\n", false, Some(false)),
            ("x\n", true, Some(false)),
            ("{x\n", true, Some(false)),
        ] {
            assert_eq!(goes_on(text, is_cut), expected, "{text:?}");
        }
    }

    #[test]
    fn each_line_is_a_document_or_broken_by_itself() {
        let text = "{\"a\":1}\n{} {}\n\n{\n}\n[7]\n{";
        let mut notes = Notes::default();
        let read = lines(text, &mut notes);
        assert_eq!((read.whole, read.broken, read.first_broken), (2, 4, Some(8)));
        assert_eq!(notes.kept, [(Some(0), "{\"a\":1}".to_owned()), (Some(4), "[7]".to_owned())]);
        assert_eq!((read.tally.documents, read.tally.lines), (6, 6));
        assert!(notes.rows.is_empty());
    }

    #[test]
    fn lines_that_are_read_together_are_passed_over() {
        let text = "{}\n{}\n{\"longer\":1}\n{}\n{}\n";
        let mut notes = Notes { longest_in_row: 3, ..Notes::default() };
        let read = lines(text, &mut notes);
        assert_eq!((read.whole, read.broken), (5, 0));
        assert_eq!(notes.rows, [("{}\n{}\n".to_owned(), 0), ("\n{}\n{}\n".to_owned(), 3)]);
        assert_eq!(notes.kept, [(Some(2), "{\"longer\":1}".to_owned())]);
    }

    #[test]
    fn several_documents_outnumber_the_lines_that_are_none() {
        let counted = |whole, broken| Sequence { whole, broken, ..Sequence::default() };
        for (whole, broken, plain, named) in [
            (0, 0, false, false),
            (1, 0, false, true),
            (2, 0, true, true),
            (2, 1, true, true),
            (2, 2, false, true),
            (3, 4, false, false),
            (1, 1, false, true),
        ] {
            let read = counted(whole, broken);
            assert_eq!([read.are_several(false), read.are_several(true)], [plain, named], "{whole} {broken}");
        }
        let mut sum = counted(2, 1);
        sum.count(&counted(3, 5));
        assert_eq!((sum.whole, sum.broken), (5, 6));
    }
}
