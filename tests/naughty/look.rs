//! What a browser, a ticket system, a spreadsheet and a terminal see of an output.

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};
use scraper::{Html, Node};
use serde_json::Value;

/// Whether a reader would not see the character, or not see it where it stands.
pub(crate) fn is_unseen(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// The elements of a page with all their attributes, in order and depth.
pub(crate) fn skeleton(page: &str) -> Result<Vec<String>, String> {
    let html = Html::parse_document(page);
    if !html.errors.is_empty() {
        return Err(format!("{:?}", html.errors));
    }
    let mut elements = Vec::new();
    for node in html.tree.root().descendants() {
        match node.value() {
            Node::Element(element) => {
                let mut attributes: Vec<_> = element.attrs().collect();
                attributes.sort_unstable();
                elements.push(format!("{}{} {attributes:?}", node.ancestors().count(), element.name()));
            }
            Node::Comment(comment) => return Err(format!("a comment: {comment:?}")),
            _ => {}
        }
    }
    Ok(elements)
}

/// The nodes of a Markdown text in order and depth, without the text.
pub(crate) fn nodes(markdown: &str) -> Result<Vec<String>, String> {
    let arena = Arena::new();
    let mut options = Options::default();
    let extension = &mut options.extension;
    (extension.table, extension.autolink, extension.strikethrough, extension.tasklist) = (true, true, true, true);
    (extension.footnotes, extension.superscript, extension.math_dollars, extension.underline) =
        (true, true, true, true);
    (extension.description_lists, extension.multiline_block_quotes, extension.alerts) = (true, true, true);
    let root = parse_document(&arena, markdown, &options);
    let mut kinds = Vec::new();
    for node in root.descendants() {
        let kind = match &node.data.borrow().value {
            NodeValue::Text(_) => continue,
            NodeValue::HtmlInline(tag) if ["<code>", "</code>"].contains(&tag.as_str()) => tag.clone(),
            NodeValue::Code(code) => code.literal.clone(),
            bad @ (NodeValue::HtmlInline(_)
            | NodeValue::Link(_)
            | NodeValue::Image(_)
            | NodeValue::HtmlBlock(_)
            | NodeValue::CodeBlock(_)) => return Err(format!("{bad:?}")),
            other => format!("{other:?}"),
        };
        kinds.push(format!("{}{kind}", node.ancestors().count()));
    }
    Ok(kinds)
}

/// The widths of the rows of a table. Every cell must be one that a spreadsheet takes for text.
pub(crate) fn grid(text: &str, plain_numbers: bool) -> Result<Vec<usize>, String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut widths = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| error.to_string())?;
        widths.push(row.len());
        for cell in &row {
            let is_number = plain_numbers && cell.parse::<f64>().is_ok();
            if !is_number && cell.split(';').any(runs) {
                return Err(format!("a formula: {cell:?}"));
            }
            if cell.contains(is_unseen) {
                return Err(format!("unseen: {cell:?}"));
            }
        }
    }
    Ok(widths)
}

fn runs(cell: &str) -> bool {
    cell.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '|', '%'])
}

/// The shape of a JSON value: its keys, and the kinds of its values.
pub(crate) fn shape(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            out.push(format!("{{{}", entries.len()));
            for (key, value) in entries {
                out.push(key.clone());
                shape(value, out);
            }
        }
        Value::Array(values) => {
            out.push(format!("[{}", values.len()));
            values.iter().for_each(|value| shape(value, out));
        }
        Value::String(_) => out.push("text".to_owned()),
        other => out.push(format!("{}", other.is_null())),
    }
}

/// Every text of a JSON value.
pub(crate) fn texts<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
    match value {
        Value::Object(entries) => entries.values().for_each(|value| texts(value, out)),
        Value::Array(values) => values.iter().for_each(|value| texts(value, out)),
        Value::String(text) => out.push(text),
        _ => {}
    }
}
