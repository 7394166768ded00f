//! Plain text in lines of at most a hundred columns. Whatever comes from a dump is made inert as it is put in.

use std::borrow::Cow;

use crate::format::escape::visible;

/// How long a line may get; a path or an id that is longer stays in one piece.
const COLUMNS: usize = 100;

/// How many characters of one value are shown.
const LONGEST: usize = 300;

/// A text that grows line by line.
#[derive(Debug, Default)]
pub(super) struct Text {
    text: String,
    steps: usize,
}

impl Text {
    /// The whole.
    pub(super) fn into_string(self) -> String {
        self.text
    }

    /// A line without indentation.
    pub(super) fn title(&mut self, line: &str) {
        self.fold(0, 2, 0, line);
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// The heading of the next step.
    pub(super) fn step(&mut self, heading: &str) {
        self.steps += 1;
        self.gap();
        let line = format!("{}. {heading}", self.steps);
        self.fold(0, 3, 0, &line);
    }

    /// A line below a step.
    pub(super) fn line(&mut self, line: &str) {
        self.fold(3, 5, 0, line);
    }

    /// A line below a line.
    pub(super) fn more(&mut self, line: &str) {
        self.fold(5, 7, 0, line);
    }

    /// A labelled value below a step.
    pub(super) fn entry(&mut self, label: &str, value: &str) {
        self.fold(3, 16, 13, &format!("{label:<12} {value}"));
    }

    /// Adds a line, and goes on in further ones where it is long. Its first letters, a label, stay together.
    fn fold(&mut self, first: usize, others: usize, label: usize, line: &str) {
        let shown = visible(line);
        let mut rest = shown.as_ref();
        let (mut indent, mut label) = (first, label);
        loop {
            let end = cut(rest, COLUMNS - indent, label);
            let (head, tail) = rest.split_at(end);
            self.text.extend(std::iter::repeat_n(' ', indent));
            self.text.push_str(head.trim_end());
            self.text.push('\n');
            rest = tail.trim_start();
            if rest.is_empty() {
                return;
            }
            (indent, label) = (others, 0);
        }
    }
}

/// Where a text is cut so that the first part fits: behind a word that does not end within the label, in bytes.
fn cut(text: &str, columns: usize, label: usize) -> usize {
    let Some((limit, letter)) = text.char_indices().nth(columns) else { return text.len() };
    let lead = text.len() - text.trim_start().len();
    let is_break = |at: &usize| *at > lead && *at >= label;
    let within = text.get(..limit + letter.len_utf8()).and_then(|head| head.rfind(' ')).filter(is_break);
    let later = || text.get(limit..).and_then(|tail| tail.find(' ')).map(|at| limit + at);
    within.or_else(later).unwrap_or(text.len())
}

/// A value of a dump: its beginning where it is very long.
pub(super) fn short(value: &str) -> Cow<'_, str> {
    match value.char_indices().nth(LONGEST) {
        None => Cow::Borrowed(value),
        Some((end, _)) => {
            let length = value.chars().count();
            Cow::Owned(format!("{}… ({length} characters)", value.get(..end).unwrap_or(value)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Text;
    use pretty_assertions::assert_eq;

    #[test]
    fn lines_end_behind_words_and_keep_what_has_no_break() {
        let mut text = Text::default();
        text.entry("observed", &"nine char ".repeat(20));
        text.line(&"x".repeat(130));
        text.line("a\nb\u{1b}[31m");
        let text = text.into_string();
        let lengths: Vec<_> = text.lines().map(|line| line.chars().count()).collect();
        assert_eq!(lengths, [100, 100, 45, 133, 20], "filled up to the hundredth column\n{text}");
        let words = text.lines().take(3).flat_map(str::split_whitespace).count();
        assert_eq!(words, 41, "the label and every word\n{text}");
        assert!(text.ends_with("   a\\u{a}b\\u{1b}[31m\n"), "{text}");
    }

    #[test]
    fn letters_of_several_bytes_break_lines_like_others() {
        for shift in 0..6 {
            let mut text = Text::default();
            let line = format!("{}{}", "x".repeat(shift), " 給与計算".repeat(40));
            text.line(&line);
            let text = text.into_string();
            assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
            let words: Vec<_> = text.split_whitespace().collect();
            assert_eq!(words, line.split_whitespace().collect::<Vec<_>>());
        }
    }
}
