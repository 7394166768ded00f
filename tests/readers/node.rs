//! JSON as text that a test has in its hand: keys in any order and as often as wanted, values written in any way.

use serde_json::Value;

/// A value, written in one style throughout but for what stands as raw text.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// Text as it is to stand.
    Raw(String),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// How a document is laid out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// What begins a line; none where everything stands on one.
    pub(crate) line: Option<&'static str>,
    pub(crate) indent: &'static str,
    pub(crate) comma: &'static str,
    pub(crate) colon: &'static str,
    /// What stands in an empty object or list.
    pub(crate) nothing: &'static str,
}

const fn style(line: Option<&'static str>, indent: &'static str, comma: &'static str, colon: &'static str) -> Style {
    Style { line, indent, comma, colon, nothing: "" }
}

/// Layouts that programs and people write.
pub(crate) const STYLES: [Style; 10] = [
    style(None, "", ",", ":"),
    style(None, "", ", ", ": "),
    style(Some("\n"), " ", ",", ": "),
    style(Some("\n"), "  ", ",", ": "),
    style(Some("\n"), "    ", ",", ": "),
    style(Some("\n"), "\t", ",", ":"),
    style(Some("\r\n"), "  ", ",", ": "),
    style(None, "", " ,", " :"),
    style(None, "", "\t,\n ", "  :\r\n\t"),
    Style { nothing: " \n", ..style(Some("\n"), "   ", ",", " : ") },
];

impl From<&Value> for Node {
    fn from(value: &Value) -> Self {
        match value {
            Value::Array(elements) => Self::Array(elements.iter().map(Self::from).collect()),
            Value::Object(object) => {
                Self::Object(object.iter().map(|(key, value)| (key.clone(), value.into())).collect())
            }
            other => Self::Raw(other.to_string()),
        }
    }
}

impl Node {
    pub(crate) fn raw(text: &str) -> Self {
        Self::Raw(text.to_owned())
    }

    pub(crate) fn members(&mut self) -> Option<&mut Vec<(String, Self)>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    pub(crate) fn member(&mut self, key: &str) -> Option<&mut Self> {
        self.members()?.iter_mut().find(|(met, _)| met == key).map(|(_, value)| value)
    }

    /// Gives a key a value, at its place if it is there.
    pub(crate) fn set(&mut self, key: &str, value: Self) {
        match self.member(key) {
            Some(there) => *there = value,
            None => self.members().into_iter().for_each(|members| members.push((key.to_owned(), value.clone()))),
        }
    }

    /// The text in a style.
    pub(crate) fn written(&self, style: Style) -> String {
        let mut text = String::new();
        self.write(style, 0, &mut text);
        text
    }

    fn write(&self, style: Style, depth: usize, out: &mut String) {
        match self {
            Self::Raw(text) => out.push_str(text),
            Self::Array(elements) => {
                let items = elements.iter().map(|element| (None, element)).collect();
                write_items(style, depth, ["[", "]"], items, out);
            }
            Self::Object(members) => {
                let items = members.iter().map(|(key, value)| (Some(key.as_str()), value)).collect();
                write_items(style, depth, ["{", "}"], items, out);
            }
        }
    }
}

type Item<'n> = (Option<&'n str>, &'n Node);

fn write_items(style: Style, depth: usize, [open, close]: [&str; 2], items: Vec<Item<'_>>, out: &mut String) {
    let new_line = |depth: usize, out: &mut String| {
        if let Some(line) = style.line {
            out.push_str(line);
            (0..depth).for_each(|_| out.push_str(style.indent));
        }
    };
    out.push_str(open);
    if items.is_empty() {
        out.push_str(style.nothing);
        out.push_str(close);
        return;
    }
    for (number, (key, value)) in items.into_iter().enumerate() {
        out.push_str(if number == 0 { "" } else { style.comma });
        new_line(depth + 1, out);
        if let Some(key) = key {
            out.push_str(&format!("\"{key}\"{}", style.colon));
        }
        value.write(style, depth + 1, out);
    }
    new_line(depth, out);
    out.push_str(close);
}
