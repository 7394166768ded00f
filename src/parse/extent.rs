//! How long the texts of a document are and how deep it goes, against the limits. Looked at when the document has been read,
//! and only where it can matter: a text is not longer than its document.

use crate::limits::Limits;

/// Why a document that was read goes beyond the limits.
#[must_use]
pub fn beyond(text: &str, limits: &Limits) -> Option<String> {
    if let Some(at) = long_text(text, limits.string_bytes) {
        return Some(limits.text_too_long(at));
    }
    let is_usual = limits.depth >= Limits::DEEPEST;
    if is_usual { None } else { too_deep(text, limits.depth).map(|at| limits.too_deep(at)) }
}

/// Where the first text begins that is longer than the limit.
#[must_use]
pub fn long_text(text: &str, most: u64) -> Option<usize> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if text.len() <= most || !may_hold(text.as_bytes(), most) {
        return None;
    }
    strings(text).find(|(start, end)| end - start > most).map(|(start, _)| start)
}

/// Whether a text may stand in the bytes that is longer than the limit. It would cover a whole stretch of half of it, without
/// a quote of its own.
fn may_hold(bytes: &[u8], most: usize) -> bool {
    let has_end = |stretch: &[u8]| {
        let is_quote = |at: usize| {
            stretch.get(at) == Some(&b'"') && at.checked_sub(1).and_then(|at| stretch.get(at)) != Some(&b'\\')
        };
        // The first byte may stand behind a backslash.
        (1..stretch.len()).any(is_quote)
    };
    let stretch = most / 2;
    stretch < 16 || !bytes.chunks_exact(stretch).all(has_end)
}

/// Where every string of a document begins and ends, without its quotes.
fn strings(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes.get(at..)?.iter().position(|byte| *byte == b'"')? + 1;
        let end = start + length(bytes.get(start..)?);
        at = end + 1;
        Some((start, end))
    })
}

/// How far the end of a string is away.
fn length(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Where the first object or array begins that stands deeper than the limit.
fn too_deep(text: &str, most: u64) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_u64);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at += 1 + length(bytes.get(at + 1..)?),
            b'{' | b'[' => {
                depth += 1;
                if depth > most {
                    return Some(at);
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}
