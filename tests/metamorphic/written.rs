//! The same answers written in another way: nothing at all changes.

use super::dump::{Files, holds, said};
use super::node::{Node, STYLES};
use super::packed::{gzip, zstd};
use super::random::Dice;
use super::same_in_all;
use serde_json::{Value, json};

/// Every text of the dump written in another way: nothing at all changes.
fn written_otherwise(write: impl Fn(&Value, &mut Dice) -> Vec<u8>) {
    holds(|dump, dice| {
        let page = dump.page(0, dump.records.len());
        let mut files = vec![("list.json".to_owned(), write(&page, dice))];
        files.extend(dump.around.iter().map(|(name, answer)| (name.clone(), write(answer, dice))));
        same_in_all(&said(&dump.files()), &said(&files))
    });
}

#[test]
fn layout_does_not_matter() {
    written_otherwise(|document, dice| {
        let style = STYLES[usize::try_from(dice.roll(STYLES.len() as u64)).unwrap()];
        Node::from(document).written(style).into_bytes()
    });
}

#[test]
fn the_order_of_keys_does_not_matter() {
    written_otherwise(|document, dice| {
        let mut node = Node::from(document);
        shuffle_keys(&mut node, dice);
        node.written(STYLES[1]).into_bytes()
    });
}

fn shuffle_keys(node: &mut Node, dice: &mut Dice) {
    match node {
        Node::Raw(_) => {}
        Node::Array(elements) => elements.iter_mut().for_each(|element| shuffle_keys(element, dice)),
        Node::Object(members) => {
            for end in (1..members.len()).rev() {
                members.swap(end, usize::try_from(dice.roll(end as u64 + 1)).unwrap());
            }
            members.iter_mut().for_each(|(_, value)| shuffle_keys(value, dice));
        }
    }
}

#[test]
fn escapes_mean_what_they_stand_for() {
    written_otherwise(|document, dice| escaped(&document.to_string(), dice).into_bytes());
}

/// JSON with every fourth character of its texts written as an escape.
fn escaped(text: &str, dice: &mut Dice) -> String {
    let (mut out, mut inside, mut is_escape) = (String::new(), false, false);
    for char in text.chars() {
        if inside && !is_escape && !matches!(char, '"' | '\\') && dice.roll(4) == 0 {
            char.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
            continue;
        }
        inside ^= char == '"' && !is_escape;
        is_escape = char == '\\' && !is_escape;
        out.push(char);
    }
    out
}

#[test]
fn a_byte_order_mark_does_not_matter() {
    written_otherwise(|document, _| format!("\u{feff}{document}").into_bytes());
}

#[test]
fn utf_16_does_not_matter() {
    written_otherwise(|document, dice| {
        let bytes = if dice.roll(2) == 0 { u16::to_le_bytes } else { u16::to_be_bytes };
        let mark = if dice.roll(2) == 0 { "\u{feff}" } else { "" };
        format!("{mark}{document}").encode_utf16().flat_map(bytes).collect()
    });
}

#[test]
fn ends_of_lines_and_blanks_around_do_not_matter() {
    written_otherwise(|document, dice| {
        let end = ["\r\n", "\n", "\r"][usize::try_from(dice.roll(3)).unwrap()];
        let pretty = serde_json::to_string_pretty(document).unwrap().replace('\n', end);
        format!("{end} \t{pretty}{end}{end}").into_bytes()
    });
}

#[test]
fn compression_does_not_matter() {
    holds(|dump, dice| {
        let plain = dump.files();
        let pack = |bytes: &[u8], dice: &mut Dice| match dice.roll(4) {
            0 => gzip(bytes),
            1 => {
                let (one, other) = bytes.split_at(usize::try_from(dice.roll(bytes.len() as u64 + 1)).unwrap());
                [gzip(one), gzip(other)].concat()
            }
            2 => zstd(bytes),
            _ => gzip(&zstd(bytes)),
        };
        let packed: Files = plain.iter().map(|(name, bytes)| (name.clone(), pack(bytes, dice))).collect();
        same_in_all(&said(&plain), &said(&packed))
    });
}

/// A document as some tool saves it.
fn as_saved(document: &str, dice: &mut Dice) -> String {
    const HEAD: &str = "HTTP/2 200 \r\ncontent-type: application/json\r\n\r\n";
    let value = || serde_json::from_str::<Value>(document).unwrap();
    match dice.roll(10) {
        0 => format!("{HEAD}{document}"),
        1 => format!("HTTP/1.1 302 Found\r\nlocation: /x\r\n\r\n{HEAD}{document}\n"),
        2 => format!("SomethingResponse {document}\n"),
        3 => json!({"statusCode": 200, "headers": {"a": ["b"]}, "body": value()}).to_string(),
        4 => json!({"code": "0", "message": "success", "data": value()}).to_string(),
        5 => json!({"request": {}, "response": {"status": 200, "body": value()}}).to_string(),
        6 => json!({"status": 200, "body": document}).to_string(),
        7 => json!(document).to_string(),
        8 => json!([{"data": [value()]}]).to_string(),
        _ => format!("{HEAD}{}", json!({"data": document})),
    }
}

#[test]
fn an_answer_may_stand_in_whatever_tools_put_around_it() {
    holds(|dump, dice| {
        let plain = dump.files();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let saved = plain.iter().map(|(name, bytes)| (name.clone(), as_saved(&text(bytes), dice).into_bytes()));
        same_in_all(&said(&plain), &said(&saved.collect::<Vec<_>>()))
    });
}
