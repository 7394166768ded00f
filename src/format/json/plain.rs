//! Keys, texts and numbers of JSON, written byte by byte as the serializer of the document would write them.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

use super::serializer;
use crate::format::escape::is_plain_without;

/// A key with what stands between it and what comes before it, so many spaces deep.
macro_rules! key {
    ($before:literal, $spaces:literal, $key:literal) => {
        concat!($before, "\n", $spaces, "\"", $key, "\": ")
    };
    (finding $key:literal) => {
        key!(",", "   ", $key)
    };
    (first $key:literal) => {
        key!("{", "    ", $key)
    };
    (inner $key:literal) => {
        key!(",", "    ", $key)
    };
}
pub(super) use key;

/// Writes a key and a text, if there is one.
pub(super) fn optional(key: &str, value: Option<&str>, out: &mut Vec<u8>) -> Result<()> {
    value.map_or(Ok(()), |value| text(key, value, out))
}

/// Writes a key and a number, if there is one.
pub(super) fn number(key: &str, value: Option<u64>, out: &mut Vec<u8>) -> Result<()> {
    value.map_or(Ok(()), |value| Ok(write!(out, "{key}{value}")?))
}

/// Writes a key and a text. One that holds nothing to be escaped, as nearly all, is copied.
pub(super) fn text(key: &str, value: &str, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(key.as_bytes());
    if is_plain_without(value.as_bytes(), [b'"', b'\\']) {
        out.push(b'"');
        out.extend_from_slice(value.as_bytes());
        out.push(b'"');
        return Ok(());
    }
    Ok(value.serialize(&mut serializer(out, 0))?)
}
