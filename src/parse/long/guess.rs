//! Where the elements of a list go on, in a text that begins anywhere. It is told by brackets alone, so that looking costs
//! little beside reading; what the elements are worth as JSON is for their reader to say.

use crate::parse::blank::is_blank;
use crate::parse::scan::plain_end;

/// How many objects in a row make a list of backups rather than the disks of one.
const CHAIN: usize = 32;

/// How many places are tried.
const TRIES: usize = 1000;

/// How many times the length of the text is looked at in all.
const WORK: usize = 3;

/// What an object has that is no disk.
const DISKS: &[u8] = b"children";

/// Where the first element of the list might begin: an object behind a comma that begins a long row of objects, a row
/// with a server backup in it, or one over half of the text.
#[must_use]
pub fn guess(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut budget = WORK * text.len();
    for _ in 0..TRIES {
        at += text.get(at..)?.iter().position(|byte| *byte == b'{')?;
        let before = text.get(..at)?.iter().rfind(|byte| !is_blank(**byte));
        if before != Some(&b',') {
            at += 1;
            continue;
        }
        let mut row = Row { text, at };
        let end = row.end();
        let length = row.at - at;
        budget = budget.checked_sub(length)?;
        match end {
            End::None if row.at >= text.len() && length > text.len() / 2 => return Some(at),
            End::Far => return Some(at),
            End::Near => at = row.at.max(at + 1),
            End::None => at += 1,
        }
    }
    None
}

/// Where a row of objects ends.
enum End {
    /// So far away that the row is a list of backups.
    Far,
    /// Too early for one.
    Near,
    /// It is no row.
    None,
}

/// An object inside a row.
enum Object {
    /// It shows disks.
    Server,
    Other,
}

/// A row of objects that may begin at a position.
struct Row<'t> {
    text: &'t [u8],
    at: usize,
}

impl Row<'_> {
    fn end(&mut self) -> End {
        for _ in 0..CHAIN {
            match self.object() {
                Some(Object::Server) => return End::Far,
                Some(Object::Other) => {}
                None => return End::None,
            }
            match self.next() {
                Some(b',') => {}
                Some(b']') => return End::Near,
                _ => return End::None,
            }
        }
        End::Far
    }

    /// The byte behind blanks; the position is behind it.
    fn next(&mut self) -> Option<u8> {
        let rest = self.text.get(self.at..)?;
        let blanks = rest.iter().take_while(|byte| is_blank(**byte)).count();
        self.at += blanks + 1;
        rest.get(blanks).copied()
    }

    /// Moves past an object, or to the disks in it.
    fn object(&mut self) -> Option<Object> {
        if self.next() != Some(b'{') {
            return None;
        }
        let mut depth = 1_usize;
        while depth > 0 {
            let inside = self.text.get(self.at..)?;
            let is_sign = |byte: &u8| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']');
            let before = inside.iter().position(is_sign).unwrap_or(inside.len());
            self.at += before + 1;
            match inside.get(before)? {
                b'{' | b'[' => depth += 1,
                b'"' => {
                    let is_key_of_disks = self.string()? == DISKS;
                    if is_key_of_disks && self.is_before_object_in_list() {
                        return Some(Object::Server);
                    }
                }
                _ => depth -= 1,
            }
        }
        Some(Object::Other)
    }

    /// Moves past a string, from behind its first quote.
    fn string(&mut self) -> Option<&[u8]> {
        let (start, mut end) = (self.at, plain_end(self.text, self.at));
        while self.text.get(end) == Some(&b'\\') {
            end = plain_end(self.text, end + 2);
        }
        self.at = end + 1;
        self.text.get(start..end).filter(|_| self.text.get(end) == Some(&b'"'))
    }

    fn is_before_object_in_list(&self) -> bool {
        let mut ahead = Row { ..*self };
        b":[{".iter().all(|sign| ahead.next() == Some(*sign))
    }
}

#[cfg(test)]
mod tests {
    use super::guess;
    use pretty_assertions::assert_eq;

    fn row(length: usize) -> String {
        vec!["{\"a\": {\"b\": \"}\\\"{\"}}"; length].join(", ")
    }

    #[test]
    fn a_part_begins_behind_a_comma_with_a_long_row_of_objects() {
        let before = "\"x\": {\"y\": 1}, \"z\": \"{\"}, ";
        let place = |text: String| guess(text.as_bytes());
        assert_eq!(place(format!("{before}{}]", row(40))), Some(before.len()));
        assert_eq!(place(format!("{before}{},", row(32))), Some(before.len()));
        assert_eq!(place(format!("{before}{}]", row(32))), None, "that is all of a list");
        // Disks of one backup are a shorter row.
        let disks = format!("1, {}]}}, {},", row(20), row(40));
        assert_eq!(place(disks.clone()), Some(disks.find("]}, ").unwrap() + 4));
        // An object behind which something else comes begins nothing, and what comes may.
        let broken = format!("0, {{\"y\": 1}}, 2, {},", row(40));
        assert_eq!(place(broken.clone()), Some(broken.find("2, ").unwrap() + 3));
        assert_eq!(guess(b""), None);
        assert_eq!(place(format!("[{}]", vec!["7"; 100].join(", "))), None);
    }

    #[test]
    fn a_row_over_half_of_the_text_need_not_be_long() {
        let text = format!("\"x\": {{}}, {{\"y\": 1}}], {}, {{\"z\": [1", row(20));
        let begins = text.find("{\"a\"").unwrap();
        assert_eq!(guess(text.as_bytes()), Some(begins));
        for until in begins + text.len() / 2 + 20..text.len() {
            assert_eq!(guess(&text.as_bytes()[..until]), Some(begins), "{until}");
        }
        assert_eq!(guess(&text.as_bytes()[..2 * begins - 2]), None);
    }

    #[test]
    fn a_server_backup_tells_that_its_row_is_the_list() {
        let server = "{\"id\": \"s\", \"children\" : [ {\"id\": \"d\", \"children\": []}, {\"id\": \"e\"}]}";
        let text =
            format!("\"f\", \"children\": []}}, {{\"id\": \"g\"}}]}}, {{\"id\": \"v\"}}, {server}, {{\"id\": \"");
        assert_eq!(guess(text.as_bytes()), Some(text.find("{\"id\": \"v\"").unwrap()));
        let named = format!("{}, {}", "7".repeat(text.len()), text.replace("[ {", "[7, {"));
        assert_eq!(guess(named.as_bytes()), None, "a short row that breaks off, and none of servers");
    }
}
