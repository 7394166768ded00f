//! Documents at random: many records that are almost the same, some of them changed in ways that no service would think
//! of.

use super::dice::Dice;
use super::node::{Node, STYLES};
use super::values;
use serde_json::Value;

/// Records to make others of.
pub(crate) struct Templates(Vec<Node>);

impl Templates {
    /// Every backup object in the answers.
    pub(crate) fn of(answers: impl Iterator<Item = String>) -> Self {
        let mut found = vec![(&serde_json::from_str::<Value>(values::FULL).unwrap()).into()];
        for answer in answers {
            let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
            found.extend(
                answer["backups"].as_array().into_iter().flatten().filter(|record| record.is_object()).map(Node::from),
            );
            found.extend(answer.get("backup").filter(|record| record.is_object()).map(Node::from));
        }
        Self(found)
    }

    /// A document. The higher `harm`, the less of it is usual.
    pub(crate) fn document(&self, dice: &mut Dice, harm: usize) -> String {
        envelope(self.elements(dice, harm), dice).written(dice.pick(&STYLES))
    }

    /// The records of a document.
    pub(crate) fn elements(&self, dice: &mut Dice, harm: usize) -> Vec<Node> {
        let mut bases: Vec<_> = (0..=dice.roll(3)).map(|_| dice.pick(&self.0)).collect();
        bases.iter_mut().for_each(|base| (0..dice.roll(harm + 1)).for_each(|_| change(base, dice, harm)));
        let mut elements = Vec::new();
        for _ in 0..16 + dice.roll(28) {
            let mut element = dice.pick(&bases);
            vary(&mut element, dice, 0);
            if dice.one_in(6) {
                (0..=dice.roll(3)).for_each(|_| change(&mut element, dice, harm));
            }
            elements.push(element);
        }
        elements
    }
}

fn envelope(mut elements: Vec<Node>, dice: &mut Dice) -> Node {
    let count = ("count".to_owned(), Node::Raw(elements.len().to_string()));
    let list = |elements| ("backups".to_owned(), Node::Array(elements));
    match dice.roll(10) {
        0 => Node::Array(elements),
        1 => elements.swap_remove(0),
        2 => {
            let several = Node::Array(elements.split_off(1));
            elements[0].set("children", several);
            Node::Object(vec![("backup".to_owned(), elements.swap_remove(0))])
        }
        3 => Node::Object(vec![count, ("offset".to_owned(), Node::raw("0")), list(elements)]),
        _ => Node::Object(vec![list(elements), count, ("limit".to_owned(), Node::raw("1000"))]),
    }
}

/// Gives a record and its children what no two records have in common.
fn vary(record: &mut Node, dice: &mut Dice, depth: usize) {
    record.set("id", text(&dice.uuid(None)));
    for key in ["checkpoint_id", "resource_id", "vault_id"] {
        if record.member(key).is_some() {
            let id = dice.uuid(Some(3));
            record.set(key, text(&id));
        }
    }
    for (number, key) in values::TIMES.into_iter().enumerate() {
        if matches!(record.member(key), Some(Node::Raw(raw)) if raw.starts_with('"')) && !dice.one_in(9) {
            let time = values::time(dice, number);
            record.set(key, text(&time));
        }
    }
    if dice.one_in(9) {
        let key = dice.pick(&["name", "description", "resource_name", "parent_id", "resource_size"]);
        record.set(key, Node::raw(dice.pick(&["null", "\"\"", "\"x\"", "7", "\"\\u0041\\\"b\""])));
    }
    if let Some(Node::Array(children)) = record.member("children").filter(|_| depth < 4) {
        children.iter_mut().for_each(|child| vary(child, dice, depth + 1));
    }
}

pub(crate) fn text(plain: &str) -> Node {
    Node::Raw(format!("\"{plain}\""))
}

/// Changes something somewhere in a record.
fn change(record: &mut Node, dice: &mut Dice, harm: usize) {
    let copy = record.clone();
    let Some(members) = inside(record, dice) else { return };
    let at = dice.roll(members.len().max(1));
    match dice.roll(if harm > 3 { 12 } else { 9 }) {
        _ if members.is_empty() => members.push(("x".to_owned(), values::value(dice, harm))),
        0 => drop(members.remove(at)),
        1 => dice.shuffle(members),
        2 => members.insert(at, (dice.pick(&values::UNKNOWN).to_string(), values::value(dice, harm))),
        3 | 4 => members[at].1 = values::value(dice, harm),
        5 => members[at].0 = dice.pick(&values::KEYS).to_string(),
        6 => members[at].1 = Node::raw("null"),
        7 => {
            let (key, value) = dice.pick(&values::PARTS);
            let value: Value = serde_json::from_str(value).unwrap();
            Node::set(record, key, (&value).into());
        }
        8 => Node::set(record, "children", Node::Array(vec![copy])),
        9 => {
            let twin = members[at].clone();
            members.push(twin);
        }
        10 => members[at].0 = values::escaped(&members[at].0),
        _ => members.insert(at, (dice.pick(&values::KEYS).to_string(), values::value(dice, harm))),
    }
}

/// The record or one of the objects inside it.
fn inside<'n>(node: &'n mut Node, dice: &mut Dice) -> Option<&'n mut Vec<(String, Node)>> {
    let mut objects = Vec::new();
    count(node, &mut Vec::new(), &mut objects);
    let mut at = node;
    for step in dice.pick(&objects) {
        at = match at {
            Node::Array(elements) => elements.get_mut(step)?,
            Node::Object(members) => &mut members.get_mut(step)?.1,
            Node::Raw(_) => return None,
        };
    }
    at.members()
}

/// The ways to every object.
fn count(node: &Node, way: &mut Vec<usize>, objects: &mut Vec<Vec<usize>>) {
    let inner: Vec<&Node> = match node {
        Node::Raw(_) => return,
        Node::Array(elements) => elements.iter().collect(),
        Node::Object(members) => {
            objects.push(way.clone());
            members.iter().map(|(_, value)| value).collect()
        }
    };
    for (step, node) in inner.into_iter().enumerate() {
        way.push(step);
        count(node, way, objects);
        way.pop();
    }
}
