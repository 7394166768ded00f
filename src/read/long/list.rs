//! A long list, or those of the answers in an array, parsed in parts: a part begins in the middle of something, so it is read from where the first element seems
//! to begin. The parts are joined in order, and one that does not begin exactly where the one before ended is read again from
//! there; so no guess can change an answer.

#![allow(clippy::indexing_slicing, reason = "places were found in the bytes that they are looked up in")]

use super::blocks::{each, sizes};
use super::lines::without_mark;
use super::{Manner, Parsed, Part, Text};
use crate::inventory::documents::Documents;
use crate::inventory::fragment::Fragment;
use crate::inventory::room::Room;
use crate::limits::Limits;
use crate::parse::document::Site;
use crate::parse::envelope::Envelope;
use crate::parse::extent;
use crate::parse::long::{self, End, Form, Opening, Seam};
use crate::read::contained;

/// What stands before the list is looked for in so many bytes.
const OPENING: usize = 64 << 10;

/// The list, as far as it was parsed.
pub(super) struct List<'h> {
    manner: Manner<'h>,
    opening: Opening,
    at: Where,
    /// How many answers have ended of an array of them.
    answers: usize,
}

/// Where the next window begins.
enum Where {
    /// Before the list, whose first element begins so far behind.
    Before(usize),
    /// At an element.
    Element,
    /// Behind the list.
    Behind,
    /// At the end of the text; this stands behind the list.
    Ended(Vec<u8>),
}

/// Elements that follow each other.
#[derive(Default)]
struct Elements {
    stretches: Vec<Stretch>,
    begins: usize,
    /// Where the first element behind them begins, or where the list has ended.
    ends: usize,
    is_last: bool,
}

/// Those of one list among them.
struct Stretch {
    fragment: Fragment,
    /// In an array of answers, the end of this one and the beginning of the next.
    seam: Option<(String, String)>,
}

/// Why there are no elements.
enum Without {
    /// One may end further behind.
    End,
    /// There are more than there may be.
    Room,
}

impl<'h> List<'h> {
    /// A text that begins as a list does.
    pub(super) fn open(text: Text<'_>, manner: Manner<'h>) -> Option<Self> {
        let bytes = without_mark(text.bytes);
        let mark = text.bytes.len() - bytes.len();
        let (opening, at) = long::open(valid_prefix(&bytes[..bytes.len().min(OPENING)]))?;
        Some(Self { manner, opening, at: Where::Before(mark + at), answers: 0 })
    }

    /// Parses the elements of a window that end in it; nothing if one of them is unusual.
    pub(super) fn parse(&mut self, text: Text<'_>) -> Option<Parsed> {
        let first = match self.at {
            Where::Before(first) => first,
            Where::Element => 0,
            Where::Behind | Where::Ended(_) => return Some(self.behind(text, 0, Vec::new())),
        };
        self.at = Where::Element;
        let bytes = text.bytes;
        // The last element of a window mostly ends in the next one.
        let end = if text.is_last { bytes.len() } else { bytes.len().saturating_sub(self.manner.windows.margin()) };
        let read = |&(start, until): &(usize, usize)| {
            contained(|| if start == first { self.from(text, start, until) } else { self.guessed(text, start, until) })
                .ok()
                .flatten()
        };
        let blocks = blocks(first, end, self.manner.windows.block);
        let parsed = each(&blocks, read);
        let mut parts = Vec::new();
        let mut at = first;
        for (&(_, until), parsed) in blocks.iter().zip(parsed) {
            if at >= until {
                continue;
            }
            let fitting = parsed.filter(|elements| elements.begins == at);
            let Some(elements) = fitting.or_else(|| self.from(text, at, until)) else {
                // It may end in the next window.
                let is_open = !text.is_last && bytes.len() - at <= self.manner.windows.longest_rest();
                return is_open.then_some(Parsed { parts, used: at });
            };
            at = elements.ends;
            for Stretch { fragment, seam } in elements.stretches {
                parts.push(Part::Elements(Box::new(fragment)));
                if let Some((tail, head)) = seam {
                    parts.push(self.another(&tail, head, text.limits)?);
                }
            }
            if elements.is_last {
                return Some(self.behind(text, at, parts));
            }
        }
        // A list that never ends is none.
        (!text.is_last).then_some(Parsed { parts, used: at })
    }

    /// The list has ended at a place of a window, or before it.
    fn behind(&mut self, text: Text<'_>, at: usize, parts: Vec<Part>) -> Parsed {
        let is_ended = text.is_last;
        self.at = if is_ended { Where::Ended(text.bytes[at..].to_vec()) } else { Where::Behind };
        Parsed { parts, used: at }
    }

    /// Ends the answer in an array behind which another one begins; nothing if it is anything but a list answer.
    fn another(&mut self, tail: &str, head: String, limits: &Limits) -> Option<Part> {
        let text = self.opening.followed_by(tail, head);
        let (site, envelope) = self.told(&text, limits)?;
        let is_whole = site.within.is_empty() && matches!(envelope, Envelope::List(_));
        let place = self.place();
        self.answers += 1;
        is_whole.then_some(Part::Answer(place, envelope))
    }

    /// Ends the text. Returns which answer it was, and where it stands; nothing if something else stands around the list.
    pub(super) fn end(self, limits: &Limits) -> Option<(Site, Envelope)> {
        let Where::Ended(rest) = &self.at else { return None };
        let text = self.opening.around_one(std::str::from_utf8(rest).ok()?);
        let (site, envelope) = self.told(&text, limits)?;
        match self.opening.form() {
            Form::Answer | Form::Array => Some((site, envelope)),
            // Its text held the last one alone.
            Form::Answers => (site.within == "/0").then(|| (self.place(), envelope)),
        }
    }

    /// Where the present answer of an array stands.
    fn place(&self) -> Site {
        Site { document: None, within: format!("/{}", self.answers) }
    }

    /// The list that a text holds with a single backup in it, if it holds nothing else.
    fn told(&self, text: &str, limits: &Limits) -> Option<(Site, Envelope)> {
        let limits = Limits { records: 1, ..*limits };
        let read = Documents::read(text.as_bytes(), self.manner.named, &limits, self.manner.hasher);
        read.only().filter(|(_, envelope)| matches!(envelope, Envelope::List(_) | Envelope::BareList))
    }

    /// The elements from where one seems to begin.
    fn guessed(&self, text: Text<'_>, start: usize, until: usize) -> Option<Elements> {
        let block = &text.bytes[start..text.bytes.len().min(until + self.manner.windows.margin())];
        let at = start + long::guess(block)?;
        // What begins behind the block is for the next part.
        if at >= until { None } else { self.from(text, at, until) }
    }

    /// The elements from one that begins at a place to the last one that begins before another.
    fn from(&self, Text { bytes, limits, .. }: Text<'_>, at: usize, until: usize) -> Option<Elements> {
        // An element that ends further behind its block is left to the next window, or to the reader of whole files.
        let largest = 2 * self.manner.windows.block;
        let mut margin = self.manner.windows.margin();
        loop {
            let end = bytes.len().min(until + margin);
            let text = valid_prefix(&bytes[at..end]);
            // The reader of whole files says what is beyond a limit.
            if extent::beyond(text, limits).is_some() {
                return None;
            }
            match self.stretches(text, until - at, limits) {
                Ok(elements) => return Some(Elements { begins: at, ends: at + elements.ends, ..elements }),
                Err(Without::End) if end < bytes.len() && margin < largest => margin *= 4,
                Err(_) => return None,
            }
        }
    }

    /// The elements from the beginning of a text to the last one that begins before a place.
    fn stretches(&self, text: &str, until: usize, limits: &Limits) -> Result<Elements, Without> {
        let (mut elements, mut left) = (Elements::default(), limits.records);
        // A list without elements has ended where it begins.
        let mut is_empty = false;
        while (elements.ends < until || is_empty) && !elements.is_last {
            let (begins, mut seam) = (elements.ends, None);
            let mut room = Room::new(left, self.manner.hasher);
            let end = match is_empty {
                true => End::List(0),
                false => room.elements(&text[begins..], until - begins, self.opening.form()),
            };
            is_empty = false;
            if room.is_over() {
                return Err(Without::Room);
            }
            (elements.ends, elements.is_last) = match end {
                End::Element(ends) => (begins + ends, false),
                End::List(ends) => match self.seam(text, begins + ends)? {
                    Seam::Answer { tail, head, at, is_empty: has_none } => {
                        (seam, is_empty) = (Some((tail, head)), has_none);
                        (at, false)
                    }
                    Seam::Last => (begins + ends, true),
                },
                End::Stuck => return Err(Without::End),
            };
            let (fragment, met) = room.end();
            left -= met;
            elements.stretches.push(Stretch { fragment, seam });
        }
        Ok(elements)
    }

    /// What stands behind a list that ends at a place.
    fn seam(&self, text: &str, ends: usize) -> Result<Seam, Without> {
        match self.opening.form() {
            Form::Answers => long::seam(text, ends).ok_or(Without::End),
            Form::Answer | Form::Array => Ok(Seam::Last),
        }
    }
}

/// Cuts the bytes between two places into blocks.
fn blocks(first: usize, end: usize, usual: usize) -> Vec<(usize, usize)> {
    let mut start = first;
    let block = |size| {
        start += size;
        (start - size, start)
    };
    sizes(end.saturating_sub(first), usual, rayon::current_num_threads()).map(block).collect()
}

/// The text at the beginning of bytes that may end within a character.
fn valid_prefix(bytes: &[u8]) -> &str {
    match simdutf8::compat::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}
