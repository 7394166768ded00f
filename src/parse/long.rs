//! A long list, read in parts that know nothing of each other: where its elements begin, the elements from one place on,
//! and what stands behind them. A part may begin at a guess; whoever joins the parts sees whether the guess was right,
//! since the part before must end exactly there.

use std::borrow::Cow;

use super::answer::Top;
use super::blank::BLANKS;
use super::envelope::{Envelope, Receiver};
use super::message;
use super::quick::Records;
use super::scalar::{KeysMet, Scalar};
use super::scan::{Scan, Scanner};

/// What stands before the elements of a list answer.
#[derive(Debug)]
pub struct Opening {
    keys: Vec<(String, Scalar<'static>)>,
}

/// Where a part of a list ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Here begins the first element that is not in it.
    Element(usize),
    /// Here the list has ended.
    List(usize),
    /// Somewhere an element is unfinished or unusual.
    Stuck,
}

/// The beginning of a list answer with at least one element, and where that stands; `None` for any other document. What
/// programs save in front of a good answer is passed over.
#[must_use]
pub fn open(text: &str) -> Option<(Opening, usize)> {
    let mut scan = Scanner::new(text, message::before_body(text)?);
    if scan.skip_blanks() != b'{' || !scan.opens(b'}') {
        return None;
    }
    let mut keys = Vec::new();
    loop {
        let key = scan.key().ok()?;
        let first = scan.expect(b':').ok()?;
        if key == "backups" {
            let has_elements = first == b'[' && scan.opens(b']');
            return has_elements.then_some((Opening { keys }, scan.at()));
        }
        keys.push((key.to_owned(), owned(scan.value(1).ok()?)));
        scan.further(b'}').ok().filter(|further| *further)?;
    }
}

fn owned(scalar: Scalar<'_>) -> Scalar<'static> {
    match scalar {
        Scalar::Text(text) => Scalar::Text(Cow::Owned(text.into_owned())),
        Scalar::Bool(bool) => Scalar::Bool(bool),
        Scalar::Int(int) => Scalar::Int(int),
        Scalar::Float(float) => Scalar::Float(float),
        Scalar::Null => Scalar::Null,
        Scalar::Array => Scalar::Array,
        Scalar::Object => Scalar::Object,
        Scalar::Absent => Scalar::Absent,
    }
}

/// Reads elements from the beginning of the text on, until one begins at or after `until`. Where that is not possible, what
/// the receiver has taken is of no use.
pub fn elements<'a>(text: &'a str, until: usize, receiver: &mut impl Receiver<'a>) -> End {
    let mut records = Records::new(Scanner::new(text, 0));
    let mut ordinal = 0;
    while records.scan.at() < until {
        if records.element(ordinal, receiver).is_err() {
            return End::Stuck;
        }
        ordinal += 1;
        match records.scan.further(b']') {
            Ok(true) => {}
            Ok(false) => return End::List(records.scan.at()),
            Err(_) => return End::Stuck,
        }
    }
    End::Element(records.scan.at())
}

/// Which answer a list was, by what stands before and behind its elements; `None` if that is unusual.
#[must_use]
pub fn close(opening: Opening, text: &str) -> Option<Envelope> {
    let mut top = Top::default();
    let mut met = KeysMet::default();
    let before = opening.keys.into_iter().map(|(key, value)| (Cow::Owned(key), value));
    top.keys = before.chain([(Cow::Borrowed("backups"), Scalar::Array)]).collect();
    top.keys.extend(rest(text).ok()?);
    let unique = top.keys.iter().all(|(key, _)| met.note(key.clone()));
    let plain = unique && !top.looks_like_backup() && !top.keys.iter().any(|(key, _)| key == "backup");
    let envelope = plain.then(|| top.envelope(&Scalar::Object))?;
    let is_alone = matches!(envelope, Envelope::List(_)) && !top.wraps(&Scalar::Object, &envelope);
    is_alone.then_some(envelope)
}

/// The members behind the elements, up to the end of the text.
fn rest(text: &str) -> Scan<Vec<(Cow<'_, str>, Scalar<'_>)>> {
    let mut scan = Scanner::new(text, 0);
    let mut keys = Vec::new();
    while scan.further(b'}')? {
        let key = scan.key()?;
        scan.expect(b':')?;
        keys.push((Cow::Borrowed(key), scan.value(1)?));
    }
    if scan.is_done() { Ok(keys) } else { Err(super::scan::Unusual) }
}

/// How many objects in a row make a list of backups rather than the disks of one.
const CHAIN: usize = 32;

/// How many places are tried.
const TRIES: usize = 1000;

/// How many times the length of the text is looked at in all.
const WORK: usize = 3;

/// Where, from the beginning of a text that may start anywhere, the first element of the list might begin: an object
/// behind a comma that begins a long row of objects.
#[must_use]
pub fn guess(text: &str) -> Option<usize> {
    let mut at = 0;
    let mut budget = WORK * text.len();
    for _ in 0..TRIES {
        at += text.get(at..)?.find('{')?;
        if !text[..at].trim_end_matches(BLANKS).ends_with(',') {
            at += 1;
            continue;
        }
        let mut scan = Scanner::new(text, at);
        let end = chain(&mut scan);
        budget = budget.checked_sub(scan.at().saturating_sub(at))?;
        match end {
            Chain::Long => return Some(at),
            Chain::Ended => at = scan.at().max(at + 1),
            Chain::Broken => at += 1,
        }
    }
    None
}

/// What begins where a list of backups may go on.
enum Chain {
    /// A long row of objects.
    Long,
    /// A row of objects that ends too early.
    Ended,
    /// Something else.
    Broken,
}

fn chain(scan: &mut Scanner<'_>) -> Chain {
    for _ in 0..CHAIN {
        if scan.skip_blanks() != b'{' || scan.value(1).is_err() {
            return Chain::Broken;
        }
        match scan.further(b']') {
            Ok(true) => {}
            Ok(false) => return Chain::Ended,
            Err(_) => return Chain::Broken,
        }
    }
    Chain::Long
}

#[cfg(test)]
mod tests {
    use super::{Envelope, close, guess, open};
    use crate::parse::envelope::Paging;
    use pretty_assertions::assert_eq;

    /// What a list of these two halves is told to be, and where its elements begin.
    fn told(before: &str, behind: &str) -> Option<(Envelope, usize)> {
        let (opening, at) = open(&format!("{before}{{}}]{behind}"))?;
        Some((close(opening, behind)?, at))
    }

    #[test]
    fn a_long_list_is_told_by_what_stands_around_its_elements() {
        let list = |count, offset| Envelope::List(Paging { count, offset });
        for (before, behind, expected) in [
            ("{\"backups\":[", "}", list(None, None)),
            ("{\"count\": 7, \"backups\": [ ", ", \"offset\": 2}\n", list(Some(7), Some(2))),
            ("{\"links\": [{}], \"backups\": [", ", \"count\": 1, \"x\": null}", list(Some(1), None)),
            ("HTTP/1.1 200 OK\r\nDate: now\r\n\r\n{\"backups\":[", ", \"count\":3}", list(Some(3), None)),
            ("ListBackupsResponse {\"backups\":[", "}", list(None, None)),
        ] {
            if before.contains("links") {
                assert_eq!(told(before, behind), None, "an answer may stand under another key");
                continue;
            }
            assert_eq!(told(before, behind), Some((expected, before.len())), "{before} {behind}");
        }
    }

    #[test]
    fn what_is_unusual_around_a_long_list_is_left_to_the_reader_of_the_whole() {
        for (before, behind) in [
            ("[", ""),
            ("{\"backup\": {}, \"backups\":[", "}"),
            ("{\"backups\":[", ", \"backup\": 1}"),
            ("{\"count\": 1, \"backups\":[", ", \"count\": 1}"),
            ("{\"backups\":[", ", \"backups\": []}"),
            ("{\"backups\":[", "} x"),
            ("{\"backups\":[", ""),
            ("{\"backups\":[", ", \"data\": {}}"),
            ("{\"backups\":[", ", \"id\": \"a\", \"resource_id\": \"r\", \"vault_id\": \"v\"}"),
            ("{\"\\u0062ackups\":[", "}"),
            ("HTTP/1.1 500 No\r\n\r\n{\"backups\":[", "}"),
        ] {
            assert_eq!(told(before, behind), None, "{before} {behind}");
        }
        assert!(open("{\"backups\": []}").is_none());
        assert!(open("{\"backups\": {}}").is_none());
        assert!(open("{}").is_none());
    }

    #[test]
    fn a_part_begins_behind_a_comma_with_a_long_row_of_objects() {
        let row = |length: usize| vec!["{\"a\": {\"b\": 1}}"; length].join(", ");
        let before = "\"x\": {\"y\": 1}, \"z\": \"{\"}, ";
        assert_eq!(guess(&format!("{before}{}]", row(40))), Some(before.len()));
        assert_eq!(guess(&format!("{before}{},", row(32))), Some(before.len()));
        assert_eq!(guess(&format!("{before}{}]", row(32))), None, "that is all of a list");
        // Disks of one backup are a shorter row.
        let disks = format!("1, {}]}}, {},", row(20), row(40));
        assert_eq!(guess(&disks), Some(disks.find("]}, ").unwrap() + 4));
        // An object behind which something else comes begins nothing, and what comes may.
        let broken = format!("0, {{\"y\": 1}}, 2, {},", row(40));
        assert_eq!(guess(&broken), Some(broken.find("2, ").unwrap() + 3));
        assert_eq!(guess(""), None);
        assert_eq!(guess(&format!("[{}]", vec!["7"; 100].join(", "))), None);
    }
}
