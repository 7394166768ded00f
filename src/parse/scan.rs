//! A scanner for JSON as programs write it. It knows when it meets something else (an odd number, a key with escapes,
//! deep nesting, anything that is no JSON) and then leaves the document to the strict reader, which has the last word.

#![allow(
    clippy::indexing_slicing,
    reason = "the position lies within the text, a sign is one byte and digits are counted in it"
)]

use std::borrow::Cow;

use serde::de::DeserializeSeed;
use wide::u8x16;

use super::scalar::{KeysMet, Scalar, Shape, Shaped};

/// Something that the scanner leaves to the strict reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unusual;

/// What was scanned, if it was nothing unusual.
pub(super) type Scan<T> = Result<T, Unusual>;

/// Nesting beyond this is left to the strict reader, which refuses some of it.
const DEEPEST: u32 = 100;

/// A text and a position in it.
#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    /// The position.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The byte at the position; nought at the end, where no byte of JSON is nought.
    #[inline]
    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or_default()
    }

    /// Skips blanks and returns the byte behind them.
    #[inline]
    pub(super) fn skip_blanks(&mut self) -> u8 {
        let byte = self.byte();
        if byte > b' ' { byte } else { self.skip_some() }
    }

    fn skip_some(&mut self) -> u8 {
        const SPACES: u64 = u64::from_le_bytes([b' '; 8]);
        loop {
            match self.byte() {
                b' ' | b'\n' | b'\t' | b'\r' => self.at += 1,
                other => return other,
            }
            // Indentation comes in whole words of spaces.
            while word(self.text.as_bytes(), self.at) == Some(SPACES) {
                self.at += 8;
            }
        }
    }

    /// Whether everything is scanned but blanks.
    pub(super) fn is_done(&mut self) -> bool {
        self.skip_blanks();
        self.at == self.text.len()
    }

    /// The bytes from the position on.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// The bytes from an earlier position to this one.
    pub(super) fn since(&self, at: usize) -> &'a [u8] {
        self.text.as_bytes().get(at..self.at).unwrap_or_default()
    }

    /// Moves past bytes that the caller has understood.
    pub(super) fn pass_over(&mut self, length: usize) {
        self.at += length;
    }

    /// Moves past a string without escapes; false if it has some.
    pub(super) fn pass_string(&mut self) -> bool {
        let end = plain_end(self.text.as_bytes(), self.at + 1);
        let is_plain = self.text.as_bytes().get(end) == Some(&b'"');
        if is_plain {
            self.at = end + 1;
        }
        is_plain
    }

    /// Whether the list that begins here has no element.
    pub(super) fn is_empty_list(&self) -> bool {
        let mut inside = self.clone();
        inside.pass();
        inside.skip_blanks() == b']'
    }

    /// Moves past a byte that the caller has seen.
    #[inline]
    pub(super) fn pass(&mut self) {
        self.at += 1;
    }

    /// Moves past these bytes if they come next.
    #[inline]
    pub(super) fn pass_if(&mut self, bytes: &str) -> bool {
        let next = self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(bytes.as_bytes()));
        if next {
            self.at += bytes.len();
        }
        next
    }

    /// The same for bytes that were read before.
    #[inline]
    pub(super) fn pass_text(&mut self, text: &[u8]) -> bool {
        let next = self.rest().starts_with(text);
        if next {
            self.at += text.len();
        }
        next
    }

    /// Whether a string begins at the position.
    #[inline]
    pub(super) fn is_at_string(&self) -> bool {
        self.byte() == b'"'
    }

    /// Moves past blanks, this byte and the blanks behind it.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8) -> Scan<u8> {
        if self.skip_blanks() != byte {
            return Err(Unusual);
        }
        self.pass();
        Ok(self.skip_blanks())
    }

    /// Moves past the comma between two members, or past the end of their object or array.
    ///
    /// Returns whether there is a further member.
    #[inline]
    pub(super) fn further(&mut self, end: u8) -> Scan<bool> {
        match self.skip_blanks() {
            b',' => {
                self.pass();
                self.skip_blanks();
                Ok(true)
            }
            byte if byte == end => {
                self.pass();
                Ok(false)
            }
            _ => Err(Unusual),
        }
    }

    /// Moves past the beginning of an object or array; whether it has a member.
    #[inline]
    pub(super) fn opens(&mut self, end: u8) -> bool {
        self.pass();
        let has_member = self.skip_blanks() != end;
        if !has_member {
            self.pass();
        }
        has_member
    }

    /// Enters a show answer, up to its backup; whether it is one. If not, the position stays.
    pub(super) fn enters_show(&mut self) -> Scan<bool> {
        let start = self.at;
        if self.skip_blanks() != b'{' {
            return Err(Unusual);
        }
        self.pass();
        self.skip_blanks();
        if self.pass_if("\"backup\"") {
            self.expect(b':')?;
            return Ok(true);
        }
        self.at = start;
        Ok(false)
    }

    /// Moves past the end of a line that holds nothing further.
    pub(super) fn end_of_line(&mut self) -> Scan<()> {
        while matches!(self.byte(), b' ' | b'\t' | b'\r') {
            self.at += 1;
        }
        match self.byte() {
            b'\n' => self.at += 1,
            _ if self.at == self.text.len() => {}
            _ => return Err(Unusual),
        }
        Ok(())
    }

    /// A key without escapes.
    pub(super) fn key(&mut self) -> Scan<&'a str> {
        match self.string()? {
            Cow::Borrowed(key) => Ok(key),
            Cow::Owned(_) => Err(Unusual),
        }
    }

    fn string(&mut self) -> Scan<Cow<'a, str>> {
        if self.byte() != b'"' {
            return Err(Unusual);
        }
        let start = self.at + 1;
        let end = plain_end(self.text.as_bytes(), start);
        match self.text.as_bytes().get(end) {
            Some(b'"') => {
                self.at = end + 1;
                self.text.get(start..end).map(Cow::Borrowed).ok_or(Unusual)
            }
            Some(b'\\') => self.escaped(end),
            _ => Err(Unusual),
        }
    }

    /// A string with escapes, the first of which stands at `end`; it is decoded by the library.
    fn escaped(&mut self, mut end: usize) -> Scan<Cow<'a, str>> {
        let bytes = self.text.as_bytes();
        while bytes.get(end) == Some(&b'\\') {
            end = plain_end(bytes, end + 2);
        }
        let quoted = self.text.get(self.at..=end).ok_or(Unusual)?;
        self.at = end + 1;
        serde_json::from_str(quoted).map(Cow::Owned).map_err(|_| Unusual)
    }

    /// A whole number of usual length; what has a fraction, an exponent or many digits is read by the library.
    fn number(&mut self) -> Scan<Scalar<'a>> {
        let bytes = &self.text.as_bytes()[self.at..];
        let sign = usize::from(bytes.first() == Some(&b'-'));
        let digits = bytes[sign..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let length = sign + digits;
        let is_odd = matches!(bytes.get(length), Some(b'.' | b'e' | b'E'));
        let leads_with_nought = bytes.get(sign) == Some(&b'0');
        if is_odd || digits == 0 || digits > 18 || leads_with_nought && length > 1 {
            return self.odd_number();
        }
        let value = bytes[sign..length].iter().fold(0_i64, |value, digit| value * 10 + i64::from(digit - b'0'));
        self.at += length;
        Ok(Scalar::Int(if sign == 1 { -value } else { value }))
    }

    fn odd_number(&mut self) -> Scan<Scalar<'a>> {
        let rest = &self.text[self.at..];
        let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
        let number = &rest[..rest.bytes().take_while(is_part).count()];
        let mut deserializer = serde_json::Deserializer::from_str(number);
        let scalar = Shaped(&mut Nothing).deserialize(&mut deserializer).map_err(|_| Unusual)?;
        deserializer.end().map_err(|_| Unusual)?;
        self.at += number.len();
        Ok(scalar)
    }

    /// Any value, of which the structure does not matter. What is skipped is checked: no key twice, nothing odd.
    pub(super) fn value(&mut self, depth: u32) -> Scan<Scalar<'a>> {
        match self.byte() {
            b'"' => self.string().map(Scalar::Text),
            b'n' if self.pass_if("null") => Ok(Scalar::Null),
            b't' if self.pass_if("true") => Ok(Scalar::Bool(true)),
            b'f' if self.pass_if("false") => Ok(Scalar::Bool(false)),
            b'-' | b'0'..=b'9' => self.number(),
            b'{' => self.skip_object(depth + 1),
            b'[' => self.skip_array(depth + 1),
            _ => Err(Unusual),
        }
    }

    fn skip_object(&mut self, depth: u32) -> Scan<Scalar<'a>> {
        let mut further = self.opens(b'}');
        let mut met = KeysMet::default();
        while further {
            if depth > DEEPEST || !met.note(Cow::Borrowed(self.key()?)) {
                return Err(Unusual);
            }
            self.expect(b':')?;
            self.value(depth)?;
            further = self.further(b'}')?;
        }
        Ok(Scalar::Object)
    }

    fn skip_array(&mut self, depth: u32) -> Scan<Scalar<'a>> {
        let mut further = self.opens(b']');
        while further {
            if depth > DEEPEST {
                return Err(Unusual);
            }
            self.value(depth)?;
            further = self.further(b']')?;
        }
        Ok(Scalar::Array)
    }
}

/// A shape that takes nothing.
struct Nothing;

impl Shape<'_> for Nothing {
    fn duplicate(&mut self, _key: &str) {}
}

/// The string with which a value begins, if it has no escapes.
#[inline]
pub(crate) fn quoted(text: &[u8]) -> Option<&[u8]> {
    let end = plain_end(text.strip_prefix(b"\"")?, 0);
    text.get(1..=end).filter(|_| text.get(end + 1) == Some(&b'"'))
}

/// The whole number with which a value begins, and how many digits it has, if there are few and nothing but the end of
/// the value follows.
#[inline]
pub(crate) fn short_number(text: &[u8]) -> Option<(u32, usize)> {
    let length = text.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
    let is_usual = length == 1 || matches!(length, 2..=9) && text.first() != Some(&b'0');
    let has_end = matches!(text.get(length), Some(b',' | b'}' | b' ' | b'\n' | b'\r' | b'\t'));
    let digits = text.get(..length).filter(|_| is_usual && has_end)?;
    Some((digits.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0')), length))
}

/// Eight bytes from a position on, the first one lowest.
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The position of the first quote, backslash or control character from `at` on; the length if there is none.
pub(super) fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    let [quote, backslash, last_control] = [b'"', b'\\', 0x1f].map(u8x16::splat);
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<16>()) {
        let block = u8x16::new(*block);
        let is_control = block.min(last_control).cmp_eq(block);
        let found = (block.cmp_eq(quote) | block.cmp_eq(backslash) | is_control).move_mask();
        if found != 0 {
            return at + found.trailing_zeros() as usize;
        }
        at += 16;
    }
    let ends = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
    let rest = bytes.get(at..).unwrap_or_default();
    at.min(bytes.len()) + rest.iter().position(ends).unwrap_or(rest.len())
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
