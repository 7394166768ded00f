//! What a configuration may say, as a JSON Schema for editors and checks. Made of the tables that the reader uses.

use serde_json::{Map, Value, json};

use super::keys::{CRITERIA, DEMANDS, Entry, Form, OF_RULE, OF_WAIVER, TOP};
use crate::accepted::WORD_LISTS;
use crate::finding::Severity;
use crate::inventory::vocabulary::ResourceType;
use crate::limits::{LIMITS, Limit, Limits};
use crate::param::{MOST, Param, ParamUnit};
use crate::rule::Rule;
use crate::rules::RULES;

/// The schema, as text.
#[must_use]
pub fn schema() -> String {
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cbr-audit.toml",
        "description": "What an organisation expects of its backups, once and for all runs.",
    });
    let mut top = table(TOP, Map::new());
    // Where expected resources may name tiers, a tier needs no criterion.
    let one_of: Vec<_> = CRITERIA.iter().map(|entry| json!({"required": [entry.name]})).collect();
    top.insert("if".to_owned(), json!({"not": {"required": ["expect"]}}));
    let tiers = json!({"properties": {"tiers": {"additionalProperties": {"anyOf": one_of}}}});
    top.insert("then".to_owned(), tiers);
    schema.as_object_mut().into_iter().for_each(|schema| schema.extend(top.clone()));
    format!("{schema:#}\n")
}

/// A table with these keys, and those that were described already.
fn table(entries: &[Entry], mut properties: Map<String, Value>) -> Map<String, Value> {
    properties.extend(entries.iter().map(|entry| (entry.name.to_owned(), described(form(entry.form), entry.about))));
    let mut table = Map::from_iter([
        ("type".to_owned(), json!("object")),
        ("properties".to_owned(), Value::Object(properties)),
        ("additionalProperties".to_owned(), json!(false)),
    ]);
    let needed: Vec<_> = entries.iter().filter(|entry| entry.needed).map(|entry| entry.name).collect();
    if !needed.is_empty() {
        table.insert("required".to_owned(), json!(needed));
    }
    table
}

fn described(mut schema: Value, about: &str) -> Value {
    if let Value::Object(entries) = &mut schema {
        entries.insert("description".to_owned(), json!(about));
    }
    schema
}

fn form(form: Form) -> Value {
    match form {
        Form::Text => text(),
        Form::Pattern => described(text(), "* stands for any letters, ? for one."),
        Form::Switch => json!({"type": "boolean"}),
        Form::Count => json!({"type": "integer", "minimum": 0}),
        Form::Severity => json!({"enum": Severity::ALL.map(Severity::word)}),
        Form::FailOn => {
            json!({"enum": Severity::ALL.iter().map(|severity| severity.word()).chain(["none"]).collect::<Vec<_>>()})
        }
        Form::Rule => json!({"enum": RULES.iter().map(|rule| rule.id).collect::<Vec<_>>()}),
        Form::Until => json!({"type": "string", "pattern": r"^\s*\d{4}-\d{2}-\d{2}"}),
        Form::Patterns | Form::Words => several(&text()),
        Form::Types => several(
            &json!({"enum": ResourceType::ALL.iter().flat_map(|kind| [kind.word(), kind.noun()]).collect::<Vec<_>>()}),
        ),
        Form::Parameters => Value::Object(table(&[], parameters(RULES.iter().copied()))),
        Form::Rules => {
            Value::Object(table(&[], RULES.iter().map(|rule| (rule.id.to_owned(), of_rule(rule))).collect()))
        }
        Form::KnownValues => {
            Value::Object(table(&[], WORD_LISTS.iter().map(|list| (list.key.to_owned(), several(&text()))).collect()))
        }
        Form::Limits => {
            Value::Object(table(&[], LIMITS.iter().map(|limit| (limit.key.to_owned(), of_limit(limit))).collect()))
        }
        Form::Tiers => {
            json!({"type": "object", "maxProperties": super::read::MOST_TIERS, "additionalProperties": of_tier()})
        }
        Form::Waivers => json!({"type": "array", "items": table(OF_WAIVER, Map::new())}),
    }
}

/// A limit: a number, or a size with its unit.
fn of_limit(limit: &Limit) -> Value {
    let usual = Limits::default();
    let (least, most) = limit.range;
    let mut number = json!({"type": "integer", "minimum": least});
    if let (Value::Object(entries), true) = (&mut number, most < u64::MAX) {
        entries.insert("maximum".to_owned(), json!(most));
    }
    let schema = match limit.is_size {
        true => {
            json!({"anyOf": [number, {"type": "string", "pattern": r"^\s*\d+\s*([KMG]iB)?\s*$"}], "default": limit.text(&usual)})
        }
        false => {
            number
                .as_object_mut()
                .into_iter()
                .for_each(|entries| drop(entries.insert("default".to_owned(), json!(limit.of(&usual)))));
            number
        }
    };
    described(schema, limit.about)
}

/// A text that says something.
fn text() -> Value {
    json!({"type": "string", "pattern": r"\S"})
}

fn several(of: &Value) -> Value {
    json!({"type": "array", "minItems": 1, "items": of})
}

/// A rule; a reason goes with one that is off, and only with it.
fn of_rule(rule: &'static Rule) -> Value {
    let mut schema = table(OF_RULE, parameters(std::iter::once(rule)));
    schema.insert("description".to_owned(), json!(format!("{}.", rule.title)));
    schema.insert("if".to_owned(), json!({"properties": {"enabled": {"const": false}}, "required": ["enabled"]}));
    schema.insert("then".to_owned(), json!({"required": ["reason"]}));
    schema.insert("else".to_owned(), json!({"not": {"required": ["reason"]}}));
    Value::Object(schema)
}

fn of_tier() -> Value {
    let of_table = table(
        CRITERIA,
        table(DEMANDS, parameters(RULES.iter().copied())).remove("properties").and_then(into_map).unwrap_or_default(),
    );
    Value::Object(of_table)
}

fn into_map(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

/// The parameters of some rules, each once.
fn parameters(rules: impl Iterator<Item = &'static Rule>) -> Map<String, Value> {
    rules.flat_map(|rule| rule.params).map(|param| (param.key.to_owned(), parameter(param))).collect()
}

fn parameter(param: &Param) -> Value {
    let number = |kind: &str| json!({"type": kind, "minimum": 0, "maximum": MOST, "default": param.default});
    let (schema, unit) = match param.unit {
        ParamUnit::Hours => (number("number"), " In hours."),
        ParamUnit::Days => (number("number"), " In days of 24 hours."),
        ParamUnit::Minutes => (number("number"), " In minutes."),
        ParamUnit::Factor => (number("number"), " A factor."),
        ParamUnit::Count => (number("integer"), ""),
        ParamUnit::Switch => (json!({"type": "boolean", "default": param.default > 0.5}), ""),
        ParamUnit::Choice(words) => (json!({"enum": words, "default": param.unit.text(param.default)}), ""),
    };
    described(schema, &format!("{}{unit}", param.about))
}
