//! Text from the dump made inert: invisible and direction-changing characters shown as escapes, Markdown punctuation
//! defused, spreadsheet formulas guarded.

use std::borrow::Cow;
use std::io::Write;

use wide::u8x16;

/// Whether a character is a control, changes direction, takes no space or is otherwise not seen for what it is.
#[must_use]
pub fn is_invisible(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
            | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{fdd0}'..='\u{fdef}')
}

/// Whether a text holds nothing but printable characters of ASCII: nearly all do, and most of them are long.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    is_plain_without(text.as_bytes(), [0; 2])
}

/// Whether a text holds nothing but printable characters of ASCII, and none of these.
#[must_use]
pub fn is_plain_without(text: &[u8], these: [u8; 2]) -> bool {
    let is_plain = |byte: &u8| (b' '..=b'~').contains(byte) && !these.contains(byte);
    let Some(last) = text.last_chunk::<16>() else { return text.iter().all(is_plain) };
    let [blank, tilde, one, other] = [b' ', b'~', these[0], these[1]].map(u8x16::splat);
    let are_plain = |block: &[u8; 16]| {
        let block = u8x16::new(*block);
        let is_printable = block.max(blank).min(tilde).cmp_eq(block);
        (is_printable & !(block.cmp_eq(one) | block.cmp_eq(other))).move_mask() == 0xffff
    };
    text.as_chunks::<16>().0.iter().all(are_plain) && are_plain(last)
}

/// The text with every invisible character written as `\u{…}`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        if is_invisible(char) { shown.extend(char.escape_unicode()) } else { shown.push(char) }
    }
    Cow::Owned(shown)
}

/// How many characters of one text of a dump a page shows. What the program says of its rules is never longer.
const LONGEST: usize = 1000;

/// The text as a page shows it: its beginning where it is very long, with every invisible character written out.
fn shown(text: &str) -> Cow<'_, str> {
    let longer = if text.len() > LONGEST { text.char_indices().nth(LONGEST) } else { None };
    match longer {
        None => visible(text),
        Some((end, _)) => {
            let length = text.chars().count();
            Cow::Owned(format!(
                "{}… ({length} characters, in whole in the JSON report)",
                visible(text.get(..end).unwrap_or(text))
            ))
        }
    }
}

/// Writes text for HTML, in elements and quoted attributes alike.
///
/// # Errors
/// Whatever the writer reports.
pub fn html(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    let shown = shown(text);
    for piece in shown.split_inclusive(['&', '<', '>', '"', '\'', '`']) {
        let Some((last, before)) = piece.as_bytes().split_last() else { continue };
        let reference: &[u8] = match last {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&quot;",
            b'\'' => b"&#39;",
            b'`' => b"&#96;",
            // The last piece ends in no such character.
            _ => {
                out.write_all(piece.as_bytes())?;
                continue;
            }
        };
        out.write_all(before)?;
        out.write_all(reference)?;
    }
    Ok(())
}

/// Writes text for Markdown: every punctuation mark that could begin something is written as a character reference, so
/// that tables, links, images and raw HTML cannot come about. A word joiner after `@` keeps platforms, which look for
/// names to notify in the finished text, from finding one.
///
/// # Errors
/// Whatever the writer reports.
pub fn markdown(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    let shown = shown(text);
    let mut rest = &*shown;
    let mut chars = shown.char_indices();
    while let Some((at, char)) = chars.next() {
        let (before, after) = shown.split_at(at);
        if char != '@' && !starts_markup(char, before, chars.as_str()) {
            continue;
        }
        let plain = rest.len() - after.len();
        out.write_all(rest.as_bytes().get(..plain).unwrap_or_default())?;
        match char {
            '@' => out.write_all(b"&#64;&#8288;")?,
            _ => write!(out, "&#{};", u32::from(char))?,
        }
        rest = chars.as_str();
    }
    out.write_all(rest.as_bytes())
}

/// Whether a character could begin or end a piece of Markdown where it stands.
fn starts_markup(char: char, before: &str, after: &str) -> bool {
    match char {
        '\\' | '`' | '*' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '!' | '|' | '~' | '&' | '$' | '^' => true,
        '_' => !(before.ends_with(char::is_alphanumeric) && after.starts_with(char::is_alphanumeric)),
        '-' | '+' | '=' => before.trim_start().is_empty(),
        ')' | '.' if !before.is_empty() && before.trim_start().bytes().all(|byte| byte.is_ascii_digit()) => {
            after.is_empty() || after.starts_with(' ')
        }
        '.' => before.ends_with(['w', 'W']),
        ':' => after.starts_with('/'),
        _ => false,
    }
}

/// A text cell of a table that spreadsheets open: invisible characters shown, and a `'` before anything that a
/// spreadsheet might run as a formula, at the start and after every `;`, at which some locales separate cells. At the
/// start the guard is reversible, since a leading `'` of the text gets another.
#[must_use]
pub fn cell(text: &str) -> Cow<'_, str> {
    if begins_harmless(text) && is_plain_without(text.as_bytes(), [b';'; 2]) {
        return Cow::Borrowed(text);
    }
    let shown = visible(text);
    if !shown.contains(';') && !runs(&shown) {
        return shown;
    }
    let is_guarded = |(number, part): (usize, &str)| if number == 0 { runs(part) } else { runs_behind(part) };
    if !shown.split(';').enumerate().any(is_guarded) {
        return shown;
    }
    let parts = shown.split(';').enumerate();
    let parts = parts.map(|part| if is_guarded(part) { format!("'{}", part.1) } else { part.1.to_owned() });
    Cow::Owned(parts.collect::<Vec<_>>().join(";"))
}

/// Whether it is plain that no spreadsheet takes a cell for a formula by its beginning: a letter, a digit or a `/`, as of
/// nearly all. One in which there is nothing but printable ASCII, and no `;`, needs no guard then.
#[must_use]
pub fn begins_harmless(text: &str) -> bool {
    text.as_bytes().first().is_none_or(|first| first.is_ascii_alphanumeric() || *first == b'/')
}

/// Whether a spreadsheet that separates cells by `;` might run what stands behind one.
#[must_use]
pub fn runs_behind(separator: &str) -> bool {
    runs(separator.trim_start_matches(|char: char| char.is_whitespace() || char == '"'))
}

/// Whether a spreadsheet might run a cell that begins so.
fn runs(cell: &str) -> bool {
    let first = cell.trim_start().chars().next();
    matches!(
        first,
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫' | '−' | '\'' | '|' | '%')
    )
}

#[cfg(test)]
mod tests {
    use super::is_plain_without;
    use pretty_assertions::assert_eq;

    #[test]
    fn what_is_plain_is_told_whatever_stands_where() {
        for length in 0..40 {
            for (at, byte) in (0..length).flat_map(|at| (0..=u8::MAX).map(move |byte| (at, byte))) {
                let mut text = vec![b'a'; length];
                text[at] = byte;
                let is_plain = (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b';';
                assert_eq!(is_plain_without(&text, [b'"', b';']), is_plain, "{byte} at {at} of {length}");
            }
        }
        assert!(is_plain_without(b"", [0; 2]));
    }
}
