//! The blanks of JSON. Other characters that leave no mark on a page are none, and whatever they stand beside is told of them.

/// All there are.
pub(super) const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// Whether a byte is one.
#[must_use]
pub fn is_blank(byte: u8) -> bool {
    BLANKS.contains(&char::from(byte))
}

/// Whether nothing else stands in a text.
#[must_use]
pub fn are_blanks(text: &str) -> bool {
    text.bytes().all(is_blank)
}
