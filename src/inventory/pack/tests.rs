//! What is recognised at once is packed as what is read, and so is what was met before.

use std::borrow::Cow;

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use super::super::capped::Capped;
use super::super::field::{BOOL, FIELD_COUNT, FieldId, TEXT};
use super::super::fragment::Fragment;
use super::super::id::Ids;
use super::super::record::{Reading, TIMES};
use super::super::shape::Slot;
use super::super::tables::TakesIds;
use crate::parse::envelope::{self, Receiver};
use crate::parse::scalar::Scalar;

/// Values as they stand in JSON.
const TEXTS: [&str; 24] = [
    r#""2c79b8f8-1ed1-4b6e-9b1c-0d1a2f3e4d5c""#,
    r#""2c79b8f8-1ed1-4b6e-9b1c-0d1a2f3e4d5d""#,
    r#""2C79B8F8-1ED1-4B6E-9B1C-0D1A2F3E4D5C""#,
    r#""b1""#,
    r#""2026-02-01T01:00:00.123456""#,
    r#""2026-02-01T01:00:00""#,
    r#""2026-02-01T01:00:00.5Z""#,
    r#""2026-02-01""#,
    r#""9999-12-31T23:59:59Z""#,
    r#""available""#,
    r#""error""#,
    r#""backup""#,
    r#""OS::Nova::Server""#,
    r#""0""#,
    r#""1""#,
    r#""""#,
    "true",
    "false",
    "null",
    "0",
    "40",
    "999999999",
    "4294967296",
    "-1",
];

/// Those of them that the beginning of a field shows at once to be usual; some once they stood there before.
fn usual(field: FieldId) -> &'static [&'static str] {
    match field.slot() {
        Slot::Id(_) => &TEXTS[..2],
        Slot::Time(_) => &TEXTS[4..6],
        Slot::Word(_) => match field {
            FieldId::Status => &TEXTS[9..11],
            FieldId::ImageType | FieldId::SupportedRestoreMode => &TEXTS[11..12],
            FieldId::ResourceType => &TEXTS[12..13],
            _ => &TEXTS[13..15],
        },
        Slot::Label(_) => &TEXTS[..15],
        Slot::Hash(_) | Slot::SharedHash(_) if field.kinds() & TEXT != 0 => &TEXTS[..16],
        Slot::Flag(_) if field.kinds() & BOOL != 0 => &TEXTS[16..18],
        Slot::Size => &TEXTS[19..22],
        _ => &[],
    }
}

fn scalar(text: &'static str) -> Scalar<'static> {
    match serde_json::from_str(text).expect("JSON") {
        Value::Null => Scalar::Null,
        Value::Bool(value) => Scalar::Bool(value),
        Value::Number(number) => Scalar::Int(number.as_i64().expect("small")),
        _ => Scalar::Text(Cow::Borrowed(&text[1..text.len() - 1])),
    }
}

/// Packs two records with these values; how many bytes of the second were recognised at once, and what both come to.
fn packed(field: FieldId, texts: [&'static str; 2], glimpses: bool, hasher: &ahash::RandomState) -> (usize, String) {
    let mut fragment = Fragment::empty(hasher);
    let mut packer = fragment.packer();
    packer.begin(0);
    packer.value(field, &scalar(texts[0]));
    packer.end();
    packer.begin(1);
    // The end of a number shows by what stands behind it.
    let behind: &'static str = Box::leak(format!("{},", texts[1]).into_boxed_str());
    let length = if glimpses { packer.glimpse(field, behind.as_bytes()) } else { 0 };
    if length == 0 {
        packer.value(field, &scalar(texts[1]));
    }
    packer.end();
    drop(packer);
    (length, told(fragment))
}

/// Everything that a fragment says, with the texts of its ids and labels.
fn told(fragment: Fragment) -> String {
    let mut lines = Vec::new();
    let mut ids = Ids::default();
    let renumbered = ids.take(fragment.ids);
    for (number, row) in (0..).zip(&fragment.rows) {
        let shape = fragment.shapes.values[row.shape as usize];
        let facts = fragment.facts.values[row.facts as usize];
        let reading = Reading { number, row, shape: &shape, facts: &facts, beside: &fragment.beside };
        lines.push(format!("{:?} {shape:?}", row.place(number, &fragment.beside)));
        let texts =
            FieldId::ALL.iter().filter_map(|&field| Some(ids.text(renumbered.of(reading.id(field)?)).to_string()));
        lines.push(format!("{:?}", texts.collect::<Vec<_>>()));
        lines.push(format!("{:?}", TIMES.map(|field| reading.time(field))));
        let labels: Vec<_> = facts.labels_in_order().map(|label| fragment.labels.text(label)).collect();
        lines.push(format!("{labels:?} {:?} {} {}", facts.hashes, facts.size, row.replications));
        lines.push(format!("{:?}", fragment.beside.hashes[number as usize]));
    }
    let mut asides: Vec<_> = fragment.asides.iter().map(|aside| format!("{aside:?}")).collect();
    asides.sort();
    let mut drift: Vec<_> = fragment.drift.iter().map(|drift| format!("{drift:?}")).collect();
    drift.sort();
    lines.push(format!("{asides:?} {drift:?} {:?} {:?}", fragment.known_keys, fragment.zones_assumed));
    lines.push(format!("{:?} {} {}", fragment.lost, fragment.elements, fragment.replications.len()));
    lines.join("\n")
}

#[test]
fn a_value_that_is_recognised_at_once_is_packed_as_one_that_is_read() {
    let hasher = ahash::RandomState::new();
    assert_eq!(FieldId::ALL.len(), FIELD_COUNT);
    for &field in FieldId::ALL {
        for text in TEXTS {
            for before in [text, TEXTS[0], TEXTS[3], "true", "40", "null"] {
                let (length, at_once) = packed(field, [before, text], true, &hasher);
                assert!(length == 0 || length == text.len(), "{field:?} {before} {text}");
                assert_eq!(at_once, packed(field, [before, text], false, &hasher).1, "{field:?} {before} {text}");
                let needs_another = matches!(field.slot(), Slot::SharedHash(_) | Slot::Word(_));
                let is_usual = usual(field).contains(&text) && (before == text || !needs_another);
                assert_eq!(length > 0, is_usual, "{field:?} {before} {text}");
            }
        }
    }
}

/// A list in which some records differ from the usual one in some of its values.
fn page() -> Value {
    let record = |number: usize| {
        let words = [json!("available"), json!("error"), json!(null), json!("odd"), json!(7)];
        let labels = [json!("p1"), json!(""), json!(null), json!("p2"), json!(7)];
        let flags = [json!(true), json!(false), json!(null), json!("true"), json!("x")];
        let at = |seed: usize| if number.is_multiple_of(seed) { number / seed % 5 } else { 0 };
        json!({"id": format!("b{number}"), "resource_id": "r1", "created_at": format!("2026-02-01T01:00:{number:02}"),
            "project_id": labels[at(11)], "provider_id": labels[at(5)], "status": words[at(7)], "image_type": "backup",
            "enterprise_project_id": labels[at(3)], "resource_size": number, "description": labels[at(13)],
            "extend_info": {"encrypted": flags[at(4)], "bootable": flags[at(9)], "system_disk": flags[at(6)],
                "app_consistency": {"app_consistency": words[at(10)], "app_consistency_error_code": labels[at(8)]}},
            "os_images_data": [], "children": [], "replication_records": [], "vault_id": "v1"})
    };
    json!({"backups": (0..60).map(record).collect::<Vec<_>>()})
}

#[test]
fn what_was_met_before_is_packed_as_what_is_read() {
    let hasher = ahash::RandomState::new();
    let text = page().to_string();
    // The quick reader leaves a document to the strict one in which a key has an escape.
    let strict = text.replacen("\"backups\"", "\"\\u0062ackups\"", 1);
    let [quick, strict] = [&text, &strict].map(|text| {
        let mut fragment = Fragment::empty(&hasher);
        envelope::read(text, &mut fragment.packer()).expect("JSON");
        told(fragment)
    });
    assert_eq!(quick, strict);
    // So is what a cap that is not met lets through.
    let mut fragment = Fragment::empty(&hasher);
    envelope::read(&text, &mut Capped::new(fragment.packer(), 60)).expect("JSON");
    assert_eq!(quick, told(fragment));
}
