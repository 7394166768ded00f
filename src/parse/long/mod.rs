//! A long list, read in parts that know nothing of each other: where its elements begin, the elements from one place on,
//! and what stands around them. A part may begin at a guess; whoever joins the parts sees whether the guess was right,
//! since the part before must end exactly there.

mod guess;

use super::envelope::Receiver;
use super::message;
use super::nested;
use super::quick::Records;
use super::scan::Scanner;
pub use guess::guess;

/// What stands before the elements of a list.
#[derive(Debug)]
pub struct Opening {
    form: Form,
    /// What stands before an array of answers, with its bracket.
    before: String,
    /// What stands before the elements, in such an array in the answer that was met last.
    head: String,
}

/// What the elements of a list stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A list answer, which vouches for them: whatever they hold, they are backups.
    Answer,
    /// An array: each has to look like a backup, or to be a show answer.
    Array,
    /// List answers, one behind the other in an array.
    Answers,
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

/// What stands behind the list of an answer in an array.
#[derive(Debug, PartialEq, Eq)]
pub enum Seam {
    /// Another answer.
    Answer {
        /// The end of the answer, from behind its list.
        tail: String,
        /// The beginning of the next one, up to its first element.
        head: String,
        /// Where that element begins, or what stands behind its list if there is none.
        at: usize,
        /// Whether there is none.
        is_empty: bool,
    },
    /// No other one.
    Last,
}

/// Where the first element begins of what may be one long list: an answer or an array, by itself or in a wrapper, or answers
/// in an array, behind whatever programs save in front of a good answer. `None` if there is none.
#[must_use]
pub fn open(text: &str) -> Option<(Opening, usize)> {
    let mut scan = Scanner::new(text, message::before_body(text)?);
    let mut is_wrapped = false;
    let (form, start) = loop {
        match scan.skip_blanks() {
            b'[' if is_wrapped => break scan.opens(b']').then_some((Form::Array, 0))?,
            b'[' => break inside_array(&mut scan)?,
            b'{' => match enter(&mut scan)? {
                Inside::List => break (Form::Answer, 0),
                Inside::EmptyList(_) => return None,
                Inside::Wrapped => is_wrapped = true,
            },
            _ => return None,
        }
    };
    let (before, head) = text.get(..scan.at())?.split_at(start);
    Some((Opening { form, before: before.to_owned(), head: head.to_owned() }, scan.at()))
}

/// Enters the array at the position, up to the first element of a list. Returns where the answer with that list begins, if
/// it stands in one.
fn inside_array(scan: &mut Scanner<'_>) -> Option<(Form, usize)> {
    if !scan.opens(b']') {
        return None;
    }
    let (start, mut inside) = (scan.at(), scan.clone());
    if inside.skip_blanks() == b'{' && matches!(enter(&mut inside), Some(Inside::List)) {
        *scan = inside;
        return Some((Form::Answers, start));
    }
    Some((Form::Array, 0))
}

/// What an object was entered for.
enum Inside {
    /// Its list of backups, up to the first element.
    List,
    /// Its list of backups, which has none, up to what stands behind it; this is where it begins, behind its bracket.
    EmptyList(usize),
    /// What it wraps.
    Wrapped,
}

/// Enters the object at the position.
fn enter(scan: &mut Scanner<'_>) -> Option<Inside> {
    let mut further = scan.opens(b'}');
    while further {
        let key = scan.key().ok()?;
        match (key, scan.expect(b':').ok()?) {
            ("backups", b'[') => {
                let begins = scan.at() + 1;
                return Some(if scan.opens(b']') { Inside::List } else { Inside::EmptyList(begins) });
            }
            (key, b'{' | b'[') if nested::is_wrapper(key) => return Some(Inside::Wrapped),
            _ => scan.value(1).ok()?,
        };
        further = scan.further(b'}').ok()?;
    }
    None
}

/// What stands behind a list that ends at a place of the text, in an array of answers. `None` if it is anything else.
#[must_use]
pub fn seam(text: &str, ends: usize) -> Option<Seam> {
    let mut scan = Scanner::new(text, ends);
    while scan.further(b'}').ok()? {
        scan.key().ok()?;
        scan.expect(b':').ok()?;
        scan.value(1).ok()?;
    }
    let tail = text.get(ends..scan.at())?.to_owned();
    if !scan.further(b']').ok()? {
        return Some(Seam::Last);
    }
    let start = scan.at();
    if scan.skip_blanks() != b'{' {
        return None;
    }
    let (begins, is_empty) = match enter(&mut scan)? {
        // Where the text ends there, its list may have no elements.
        Inside::List if scan.at() < text.len() => (scan.at(), false),
        Inside::EmptyList(begins) => (begins, true),
        Inside::List | Inside::Wrapped => return None,
    };
    Some(Seam::Answer { tail, head: text.get(start..begins)?.to_owned(), at: scan.at(), is_empty })
}

impl Opening {
    /// What the elements stand in.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// The text with a single backup instead of all elements, and a single answer instead of several: what is around them is
    /// told by it, whatever they are. Behind them stands `rest`.
    #[must_use]
    pub fn around_one(&self, rest: &str) -> String {
        [&self.before, &self.head, BACKUP, "]", rest].concat()
    }

    /// The answer in an array that ends so, with a single backup, before another one that begins so.
    #[must_use]
    pub fn followed_by(&mut self, tail: &str, head: String) -> String {
        let before = std::mem::replace(&mut self.head, head);
        [&before, BACKUP, "]", tail].concat()
    }
}

/// Any backup.
const BACKUP: &str = r#"{"id":"","resource_id":"","vault_id":""}"#;

/// Reads elements from the beginning of the text on, until one begins at or after `until`. Where that is not possible, what
/// the receiver has taken is of no use.
pub fn read<'a>(text: &'a str, until: usize, form: Form, receiver: &mut impl Receiver<'a>) -> End {
    let mut records = Records::new(Scanner::new(text, 0));
    let mut ordinal = 0;
    while records.scan.at() < until {
        if records.listed(ordinal, form, receiver).is_err() {
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

#[cfg(test)]
mod tests {
    use super::{Form, Seam, open, seam};
    use pretty_assertions::assert_eq;

    #[test]
    fn a_long_list_begins_in_an_answer_or_an_array_wrapped_or_not() {
        for (before, form) in [
            ("{\"backups\":[", Form::Answer),
            ("{\"count\": 7, \"links\": [{}], \"backups\": [ ", Form::Answer),
            ("{\"backups\": {}, \"backups\":[", Form::Answer),
            ("[", Form::Array),
            (" [ ", Form::Array),
            ("{\"status\": 200, \"body\": {\"count\": 1, \"backups\":[", Form::Answer),
            ("{\"response\":{\"data\":[", Form::Array),
            ("{\"data\":\"\",\"data\":[", Form::Array),
            ("[ {\"count\": 7, \"backups\":[ ", Form::Answers),
            ("{\"body\":[", Form::Array),
            ("HTTP/1.1 200 OK\r\nDate: now\r\n\r\n{\"backups\":[", Form::Answer),
            ("ListBackupsResponse {\"backups\":[", Form::Answer),
        ] {
            let text = format!("{before}{{}}], \"count\": 1}}");
            let (opening, at) = open(&text).unwrap();
            assert_eq!((opening.form(), at), (form, before.len()), "{before}");
            assert_eq!(opening.before + &opening.head, before);
        }
    }

    #[test]
    fn between_the_lists_of_an_array_stand_an_end_and_a_beginning() {
        let between = |text: &str| seam(&format!("]{text}"), 1);
        let next = between(", \"count\": 1} , {\"offset\": 1, \"backups\": [ {}").unwrap();
        let [tail, head] = [", \"count\": 1}", "{\"offset\": 1, \"backups\": [ "].map(str::to_owned);
        assert_eq!(next, Seam::Answer { at: 1 + tail.len() + 3 + head.len(), tail, head, is_empty: false });
        let next = between("},{\"count\": 1, \"backups\": [ ] }]").unwrap();
        let [tail, head] = ["}", "{\"count\": 1, \"backups\": ["].map(str::to_owned);
        assert_eq!(next, Seam::Answer { at: 3 + head.len() + 2, tail, head, is_empty: true });
        assert_eq!(between("}]"), Some(Seam::Last));
        for other in ["", "}", "},", "},{}", "},{\"backups\":[", "},[", "},{\"body\":{\"backups\":[{}", "]", ",\"x\":"]
        {
            assert_eq!(between(other), None, "{other}");
        }
    }

    #[test]
    fn other_texts_begin_no_long_list() {
        for text in [
            "",
            "7",
            "{}",
            "[]",
            "{\"backups\": []}",
            "{\"backups\": {}}",
            "{\"body\": {}, \"backups\": [{}]}",
            "{\"other\": {\"backups\": [{}]}}",
            "{\"\\u0062ackups\":[{}]}",
            "HTTP/1.1 500 No\r\n\r\n{\"backups\":[{}]}",
        ] {
            assert!(open(text).is_none(), "{text}");
        }
    }
}
