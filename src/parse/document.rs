//! The documents of a text. Mostly it is one, else a sequence of them. A text that begins with headers holds a document
//! behind each block of them.

use super::answer::NotJson;
use super::blank::are_blanks;
use super::envelope::{Envelope, Found, Receiver};
use super::message::{Head, Message, messages};
use super::nested;
use super::quick;
pub use super::quick::Singles;
use super::sequence::{several, several_behind};
pub use super::tally::{Refused, Tally};

/// Where an answer stands in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// The document, counted from nought, where there are several; lines that could not be read count too.
    pub document: Option<u32>,
    /// The JSON pointer of the value around it in the document; empty where it is the document. Where JSON stands in a text,
    /// a `#` follows the pointer of that text, and behind it comes the pointer within that JSON.
    pub within: String,
}

/// Whoever reads answers, wherever they stand.
pub trait Reader {
    /// Reads a text as one answer.
    ///
    /// # Errors
    /// Why it is not one JSON document.
    fn read(&mut self, text: &str) -> Result<Found, NotJson>;

    /// Keeps the text that was read last as the answer that stands here; or, if that was kept before or not worth keeping, or
    /// the text is empty and was never read, an answer without anything in it.
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

/// Reads whole lines that hold a backup each in the usual form, up to a position. Returns what was read, and whether
/// something else ended it: then what the receiver has taken is of no use.
pub fn row<'a>(text: &'a str, document: u32, until: usize, receiver: &mut impl Receiver<'a>) -> (Row, bool) {
    quick::row(text, document, until, receiver)
}

/// Reads every document of a text; `named` tells that its name promises a document on each line.
pub fn read(text: &str, named: bool, reader: &mut impl Reader) -> Tally {
    let messages = messages(text);
    match &messages[..] {
        [] => body(text, named, reader),
        [Message { head, body: text, place }] => {
            behind(head, text, None, reader, |reader| body(text, named, reader)).from(*place)
        }
        several => {
            let mut tally = Tally::default();
            for Message { head, body: text, place } in several {
                let document = Some(tally.documents);
                let read = |reader: &mut _| {
                    one(text, document, reader).unwrap_or_else(|why| {
                        several_behind(text, named, tally.documents, reader).unwrap_or_else(|| Tally::refused(why))
                    })
                };
                tally.append(behind(head, text, document, reader, read), *place);
            }
            tally
        }
    }
}

/// Reads a body behind what stands in front of it.
fn behind<R: Reader>(
    head: &Head<'_>,
    body: &str,
    document: Option<u32>,
    reader: &mut R,
    read: impl FnOnce(&mut R) -> Tally,
) -> Tally {
    if let Some(why) = head.is_unreadable(body) {
        return Tally::refused(why);
    }
    match (head.status, are_blanks(body)) {
        (Some(204 | 205), true) => {
            let site = Site { document, within: String::new() };
            reader.keep(&site, "", Envelope::NotBackup("headers, and rightly no body".to_owned()));
            Tally { documents: 1, ..Tally::default() }
        }
        (Some(status), true) => Tally::refused(format!("headers without a body (HTTP status {status})")),
        (Some(status), false) if status >= 400 => read(reader).with_error_status(status),
        _ => read(reader),
    }
}

/// Reads every document of a text without anything in front of it.
fn body(text: &str, named: bool, reader: &mut impl Reader) -> Tally {
    one(text, None, reader).unwrap_or_else(|why| {
        several(text, named, reader).unwrap_or_else(|| {
            reader.clear();
            Tally::refused(why)
        })
    })
}

/// Reads a text that is one document.
fn one(text: &str, document: Option<u32>, reader: &mut impl Reader) -> Result<Tally, NotJson> {
    let found = reader.read(text)?;
    let mut tally = Tally { documents: 1, ..Tally::default() };
    tally.lose(1, nested::settle(found, text, document, reader));
    Ok(tally)
}
