//! Bytes to text: UTF-8 with or without byte-order mark and UTF-16 (what a PowerShell redirect writes), strictly.
//! Nothing is replaced: text that cannot be decoded is refused with its place.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use super::message;

/// Signatures of containers that have to be unpacked first, with their names.
const CONTAINERS: &[(&[u8], &str)] = &[
    (b"\x1f\x8b", "a gzip file"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\0", "an xz file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x04\x22\x4d\x18", "an LZ4 file"),
    (b"LZIP\x01", "an lzip file"),
    (b"\x1f\x9d", "a file of compress"),
];

/// The name of the container that the bytes begin like.
#[must_use]
pub fn container(bytes: &[u8]) -> Option<&'static str> {
    // An archive begins with the name of its first file, a document with a bracket: letters further in are just a value.
    let begins = matches!(bytes.first(), Some(b'{' | b'[' | b' ' | b'\t' | b'\r' | b'\n'));
    let is_document = begins || has_byte_order_mark(bytes) || has_headers(bytes);
    let tar = !is_document && bytes.get(257..262) == Some(b"ustar");
    CONTAINERS
        .iter()
        .find(|(signature, _)| bytes.starts_with(signature))
        .map(|(_, name)| *name)
        .or(tar.then_some("a tar archive"))
}

/// The text of a file that should hold a JSON document.
///
/// # Errors
/// The reason, if the file is empty, has to be unpacked first, or is no valid text.
pub fn document(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    if bytes.is_empty() {
        return Err("the file is empty (zero bytes)".to_owned());
    }
    unpack_first(bytes).map_or_else(|| text(bytes), Err)
}

/// The reason to refuse bytes that begin like a container, where it is not unpacked.
#[must_use]
pub fn unpack_first(bytes: &[u8]) -> Option<String> {
    container(bytes).map(|container| format!("{container}: unpack it first"))
}

/// Whether the bytes begin with a byte-order mark.
#[must_use]
pub fn has_byte_order_mark(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xef\xbb\xbf") || bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")
}

/// Whether the bytes begin with headers of HTTP, behind which a body may stand.
#[must_use]
pub fn has_headers(bytes: &[u8]) -> bool {
    message::is_headed(bytes)
}

fn text(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    if let Some((encoding, start)) = utf16(bytes) {
        let body = bytes.get(start..).unwrap_or_default();
        return encoding
            .decode_without_bom_handling_and_without_replacement(body)
            .map(|text| Cow::Owned(text.into_owned()))
            .ok_or_else(|| format!("not valid {} at byte {}", encoding.name(), start + valid_up_to(encoding, body)));
    }
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    simdutf8::compat::from_utf8(body).map(Cow::Borrowed).map_err(|error| {
        let valid =
            body.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok()).unwrap_or_default();
        let at = bytes.len() - body.len() + valid.len();
        message::packed(valid).unwrap_or_else(|| format!("not valid UTF-8 at byte {at}"))
    })
}

/// How many bytes of UTF-16 are valid.
fn valid_up_to(encoding: &'static Encoding, bytes: &[u8]) -> usize {
    let unit = |pair: [u8; 2]| if encoding == UTF_16LE { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) };
    let units = bytes.chunks_exact(2).filter_map(|pair| pair.first_chunk().copied()).map(unit);
    let valid = char::decode_utf16(units).map_while(Result::ok);
    valid.map(|char| 2 * char.len_utf16()).sum()
}

/// The UTF-16 flavour, by byte-order mark or by the NUL beside the first bracket, and where the text starts.
fn utf16(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    match *bytes {
        [0xff, 0xfe, ..] => Some((UTF_16LE, 2)),
        [0xfe, 0xff, ..] => Some((UTF_16BE, 2)),
        [b'{' | b'[', 0, ..] => Some((UTF_16LE, 0)),
        [0, b'{' | b'[', ..] => Some((UTF_16BE, 0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{container, document, has_byte_order_mark};
    use pretty_assertions::assert_eq;

    /// Bytes that begin so, with the signature of tar where its headers have it.
    fn with_signature(start: &[u8]) -> Vec<u8> {
        let mut bytes = [start, &[b'x'; 600]].concat();
        bytes[257..262].copy_from_slice(b"ustar");
        bytes
    }

    #[test]
    fn letters_inside_a_document_make_no_archive() {
        assert_eq!(container(&with_signature(b"name.json")), Some("a tar archive"));
        let documents: [&[u8]; 8] =
            [b"{", b"[", b" ", b"\n", b"\xef\xbb\xbf{", b"\xff\xfe{\0", b"\xfe\xff\0{", b"HTTP/1.1 200 OK\n\n{"];
        for start in documents {
            assert_eq!(container(&with_signature(start)), None, "{start:?}");
        }
        assert_eq!(container(&with_signature(b"HTTP/x")), Some("a tar archive"));
        assert_eq!(container(&with_signature(b"\x1f\x8b")), Some("a gzip file"));
        assert_eq!(container(&with_signature(b"PK\x03\x04")), Some("a zip archive"));
        assert_eq!(container(b"{}"), None);
    }

    #[test]
    fn three_marks_tell_the_order_of_bytes() {
        for mark in [&b"\xef\xbb\xbf"[..], b"\xff\xfe", b"\xfe\xff"] {
            assert!(has_byte_order_mark(&[mark, b"{}"].concat()));
            assert!(!has_byte_order_mark(&[b"{}", mark].concat()));
        }
        assert!(!has_byte_order_mark(b"\xff{"));
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        let units = |text: &str| text.encode_utf16().collect::<Vec<_>>();
        let lone = [units("{\"ü😀"), vec![0xd800], units("\"}")].concat();
        let little: Vec<u8> = lone.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = lone.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        let why = |bytes: &[u8]| document(bytes).expect_err("no text");
        assert_eq!(why(&little), "not valid UTF-16LE at byte 10");
        assert_eq!(why(&big), "not valid UTF-16BE at byte 10");
        assert_eq!(why(&[b"\xff\xfe", &little[..]].concat()), "not valid UTF-16LE at byte 12");
        assert_eq!(why(b"{\"\xc3\xbc\xff\"}"), "not valid UTF-8 at byte 4");
        assert_eq!(why(b"\xef\xbb\xbf{\"\xff\"}"), "not valid UTF-8 at byte 5");
        assert_eq!(why(b""), "the file is empty (zero bytes)");
        let whole: Vec<u8> = units("{\"ü😀\"}").iter().flat_map(|unit| unit.to_le_bytes()).collect();
        assert_eq!(document(&whole).as_deref(), Ok("{\"ü😀\"}"));
    }
}
