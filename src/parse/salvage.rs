//! Reading on after a fault: objects part by part from their raw text, so that only what carries the fault is lost.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::replication::ReplicationsOf;
use super::scalar::{Key, KeysMet, Scalar, Shaped};
use super::wire::{ChildrenOf, Element, Inside, Lost, PartOf, WireRecord, objects, read_element, vouched};
use crate::inventory::field::{FieldId, Home};
use crate::limits::Limits;

/// Reads a backup object that the strict reader refused, part by part, so that only the objects that carry the fault
/// are lost: a number out of range in one disk costs that disk.
pub fn salvage<'a>(raw: &'a RawValue) -> Element<'a> {
    salvage_to(raw, MAX_SALVAGE_DEPTH)
}

/// Children of children do not occur; a salvage that deep is not worth the stack.
const MAX_SALVAGE_DEPTH: u32 = 8;

fn salvage_to<'a>(raw: &'a RawValue, depth: u32) -> Element<'a> {
    let lost = |error: serde_json::Error| Lost { reason: plain(&error), inside: 0 };
    let error = match read_element(raw.get()) {
        Ok(element) => return element,
        Err(error) => error,
    };
    let Ok(Parts(parts)) = serde_json::from_str::<Parts<'_>>(raw.get()) else { return Err(lost(error)) };
    let mut record = WireRecord::empty();
    let mut unknown = KeysMet::default();
    let mut fault = None;
    for (key, part) in parts {
        if key == "children"
            && depth > 0
            && let Ok(children) = serde_json::from_str::<Vec<&'a RawValue>>(part.get())
        {
            record.take(FieldId::Children, Scalar::Array);
            record.children = children.into_iter().map(|child| vouched(salvage_to(child, depth - 1))).collect();
            continue;
        }
        if let Err(error) = read_part(&mut record, key, part, &mut unknown) {
            fault.get_or_insert(plain(&error));
        }
    }
    if let Some(reason) = fault {
        return Err(Lost { reason, inside: objects(&record.children) });
    }
    record.finish()
}

fn read_part<'a>(
    record: &mut WireRecord<'a>,
    key: Cow<'a, str>,
    part: &'a RawValue,
    unknown: &mut KeysMet<'a>,
) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(part.get());
    let value = match FieldId::in_record(&key) {
        Some(FieldId::Children) => Shaped(&mut ChildrenOf(record)).deserialize(&mut deserializer)?,
        Some(FieldId::ReplicationRecords) => Shaped(&mut ReplicationsOf(record)).deserialize(&mut deserializer)?,
        Some(FieldId::ExtendInfo) => Shaped(&mut PartOf(record, Home::ExtendInfo)).deserialize(&mut deserializer)?,
        _ => Shaped(&mut Inside(record)).deserialize(&mut deserializer)?,
    };
    record.note(Home::Record, key, value, unknown);
    Ok(())
}

/// The text of a JSON error without its line and column, which would be those inside the record.
pub(super) fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or(&text);
    if reason == "recursion limit exceeded" {
        return format!("nested deeper than {} levels, the most that --max-depth allows", Limits::DEEPEST);
    }
    reason.to_owned()
}

/// The keys and raw values of an object, in order.
pub struct Parts<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Parts<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PartsVisitor;
        impl<'de> Visitor<'de> for PartsVisitor {
            type Value = Parts<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut parts = Vec::new();
                while let Some(Key(key)) = map.next_key()? {
                    parts.push((key, map.next_value()?));
                }
                Ok(Parts(parts))
            }
        }
        deserializer.deserialize_map(PartsVisitor)
    }
}
