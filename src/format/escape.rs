//! Text from the dump made inert: invisible and direction-changing characters shown as escapes, Markdown punctuation
//! defused, spreadsheet formulas guarded.

use std::borrow::Cow;
use std::io::Write;

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

/// The text with every invisible character written as `\u{…}`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        if is_invisible(char) { shown.extend(char.escape_unicode()) } else { shown.push(char) }
    }
    Cow::Owned(shown)
}

/// Writes text for HTML, in elements and quoted attributes alike.
///
/// # Errors
/// Whatever the writer reports.
pub fn html(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    for char in visible(text).chars() {
        match char {
            '&' => out.write_all(b"&amp;")?,
            '<' => out.write_all(b"&lt;")?,
            '>' => out.write_all(b"&gt;")?,
            '"' => out.write_all(b"&quot;")?,
            '\'' => out.write_all(b"&#39;")?,
            '`' => out.write_all(b"&#96;")?,
            other => write!(out, "{other}")?,
        }
    }
    Ok(())
}

/// Writes text for Markdown: every punctuation mark that could begin something is written as a character reference, so
/// that tables, links, images, mentions and raw HTML cannot come about.
///
/// # Errors
/// Whatever the writer reports.
pub fn markdown(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    let shown = visible(text);
    let mut rest = shown.chars().peekable();
    let mut before = None;
    while let Some(char) = rest.next() {
        let lists = before.is_none() && matches!(char, '-' | '+' | '=');
        let links = matches!(char, ':' | '.') && rest.peek().is_some_and(|next| *next == '/' || next.is_alphabetic());
        if lists || links || matches!(char, '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '(' | ')' | '#' | '!' | '|' | '~' | '&' | '@' | '$' | '^' | '"' | '\'') {
            write!(out, "&#{};", u32::from(char))?;
        } else {
            write!(out, "{char}")?;
        }
        before = Some(char);
    }
    Ok(())
}

/// A text cell of a table that spreadsheets open: invisible characters shown, and a leading `'` before anything that a
/// spreadsheet might run as a formula. The guard is reversible, since a leading `'` of the text gets another.
#[must_use]
pub fn cell(text: &str) -> Cow<'_, str> {
    let shown = visible(text);
    let first = shown.trim_start().chars().next();
    let runs = matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\'' | '|' | '%'));
    if runs { Cow::Owned(format!("'{shown}")) } else { shown }
}
