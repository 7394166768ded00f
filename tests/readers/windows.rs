//! Texts at random in windows of any size, by themselves and in an archive: the report is that of the same text read in one
//! piece.

use super::dice::Dice;
use super::judged;
use super::node::{Node, STYLES, Style};
use super::packed::tar_of;
use super::program::Scratch;
use super::random::Templates;
use cbr_audit::limits::Limits;
use cbr_audit::read::{Reading, Windows};

/// Reads a text at random in windows and in one piece, and compares. What comes of one in an archive is kept until that ends.
pub(super) fn check(templates: &Templates, dice: &mut Dice, harm: usize, what: &str) {
    let text = text(templates, dice, harm);
    let name = dice.pick(&["page.json", "page.json", "page.jsonl", "page"]);
    let windows = Windows { from: 0, from_packed: 0, block: 512 << dice.roll(7) };
    let usual = Limits::default();
    let limits = match dice.roll(12) {
        0 => Limits { records: dice.roll(100) as u64, ..usual },
        1 => Limits { string_bytes: dice.roll(100) as u64, ..usual },
        _ => usual,
    };
    let (text, name) = if dice.one_in(3) { (tar_of(&[(name, text)]), "page.tar") } else { (text, name) };
    let scratch = Scratch::new();
    let path = scratch.write("page", &text);
    let [parts, whole] = [windows, Windows::NONE]
        .map(|windows| judged::report_of(&[(name, &path)], Reading { windows, limits, ..Reading::default() }));
    judged::assert_same(
        &parts,
        &whole,
        &format!("{what}, {name} in {windows:?} within {limits:?}: {}", path.display()),
    );
}

/// A long text, mostly of a form that is read in windows.
fn text(templates: &Templates, dice: &mut Dice, harm: usize) -> Vec<u8> {
    let style = dice.pick(&STYLES);
    let elements: Vec<_> = (0..=dice.roll(3)).flat_map(|_| templates.elements(dice, harm)).collect();
    let text = match dice.roll(9) {
        0 => list(elements, dice).written(style),
        1 => Node::Array(elements).written(style),
        2 => Node::Array(elements.into_iter().map(shown).collect()).written(style),
        3 => Node::Array(lists(elements, dice)).written(style),
        4 => wrapped(list(elements, dice), dice).written(style),
        5 => wrapped(Node::Array(elements), dice).written(style),
        6 => lines(elements),
        7 => lines(elements.into_iter().map(|element| answered(element, dice)).collect()),
        _ => lines(lists(elements, dice)),
    };
    let text = format!(
        "{}{text}{}",
        dice.pick(&["", "", "", "\u{feff}", "HTTP/2 200\n\n"]),
        dice.pick(&["", "", "\n", "]", "}"])
    );
    if dice.one_in(6) { spoiled(text.into_bytes(), dice) } else { text.into_bytes() }
}

fn member(key: &str, value: Node) -> (String, Node) {
    (key.to_owned(), value)
}

fn shown(element: Node) -> Node {
    Node::Object(vec![member("backup", element)])
}

/// A backup by itself, or now and then as an answer.
fn answered(element: Node, dice: &mut Dice) -> Node {
    match dice.roll(8) {
        0 => shown(element),
        1 => list(vec![element], dice),
        _ => element,
    }
}

/// A list answer.
fn list(elements: Vec<Node>, dice: &mut Dice) -> Node {
    let count = Node::Raw((elements.len() + dice.roll(2)).to_string());
    let mut members = vec![member("backups", Node::Array(elements)), member("count", count)];
    if dice.one_in(4) {
        let others =
            [("limit", "10"), ("offset", "1"), ("count", "0"), ("links", "[{}]"), ("vaults", "[{}]"), ("id", "\"b\"")];
        let (key, value) = dice.pick(&others);
        members.push(member(key, Node::raw(value)));
    }
    dice.shuffle(&mut members);
    Node::Object(members)
}

/// List answers, and now and then something else among them.
fn lists(mut elements: Vec<Node>, dice: &mut Dice) -> Vec<Node> {
    let mut lists = Vec::new();
    while !elements.is_empty() {
        let rest = elements.split_off(dice.roll(elements.len() + 1));
        lists.push(list(std::mem::replace(&mut elements, rest), dice));
        if dice.one_in(12) {
            lists.push(Node::raw(dice.pick(&[
                "{}",
                "[]",
                "7",
                "{\"vaults\":[]}",
                "{\"error_msg\":\"no\"}",
                "{\"body\":[]}",
            ])));
        }
    }
    if dice.one_in(3) {
        lists.push(list(Vec::new(), dice));
    }
    lists
}

fn wrapped(node: Node, dice: &mut Dice) -> Node {
    let mut members = vec![member(dice.pick(&["body", "data", "response"]), node)];
    for _ in 0..dice.roll(3) {
        let others = [
            ("status", "200"),
            ("status_code", "500"),
            ("total", "3000"),
            ("headers", "{\"x\":[1]}"),
            ("data", "null"),
            ("code", "\"x\""),
            ("message", "\"y\""),
        ];
        let (key, value) = dice.pick(&others);
        members.push(member(key, Node::raw(value)));
    }
    dice.shuffle(&mut members);
    let node = Node::Object(members);
    if dice.one_in(4) { wrapped(node, dice) } else { node }
}

fn lines(nodes: Vec<Node>) -> String {
    let compact: Style = STYLES[0];
    nodes.into_iter().map(|node| node.written(compact)).collect::<Vec<_>>().join("\n")
}

/// A text in which something is missing, doubled or changed.
fn spoiled(mut text: Vec<u8>, dice: &mut Dice) -> Vec<u8> {
    let at = dice.roll(text.len());
    match dice.roll(4) {
        0 => text.truncate(at),
        1 => drop(text.remove(at)),
        2 => text.insert(at, text[at]),
        _ => text[at] = dice.pick(b"{}[],:\"\n 0x\xff"),
    }
    text
}
