//! Values to words: the only place that spells out what a finding holds.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files, listings and keys are those of the inventory that they are looked up in"
)]

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use super::place::Place;
use super::row::backup_id;
use crate::finding::{Key, Note, ReplicationKey, Value};
use crate::inventory::Inventory;
use crate::inventory::build::drift_path;
use crate::inventory::field::{Field, FieldId, a_kind, kind_name};
use crate::inventory::neighbour::part::Part;
use crate::inventory::neighbour::{Spot, Tree};
use crate::inventory::record::Aside;
use crate::inventory::shape::{Presence, Slot};
use crate::inventory::vocabulary::{ImageType, ResourceType, RestoreMode, Status};

/// A length of time in its two largest units: `3 d 4 h`, `25 min`, `8 s`.
#[must_use]
pub fn span(span: SignedDuration) -> String {
    let seconds = span.as_secs().unsigned_abs();
    let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60);
    let sign = if span.is_negative() { "−" } else { "" };
    let words = match (days, hours, minutes) {
        (0, 0, 0) => format!("{} s", seconds % 60),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    };
    format!("{sign}{words}")
}

/// A number for people: from five digits on with thin spaces between thousands.
#[must_use]
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if digits.len() > 4 && position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun, in the singular where there is one: `1 backup`, `40 backups`.
#[must_use]
pub fn counted(count: u64, noun: &str) -> String {
    format!("{} {}", number(count), plural(count, noun))
}

/// The same with plain digits, as values are stated.
fn stated_count(count: u64, noun: &str) -> String {
    format!("{count} {}", plural(count, noun))
}

fn plural(count: u64, noun: &str) -> String {
    match noun {
        _ if count == 1 => noun.to_owned(),
        _ if noun.ends_with('y') && !noun.ends_with("ey") => format!("{}ies", &noun[..noun.len() - 1]),
        _ => format!("{noun}s"),
    }
}

/// A size in bytes for people.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let size = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", size / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", size / 1e6),
        _ => format!("{:.1} GB", size / 1e9),
    }
}

/// The words of a value; empty if there are none.
#[must_use]
pub fn value(inventory: &Inventory, value: Value) -> Cow<'_, str> {
    let words = match value {
        Value::Words(words) => return words.into(),
        Value::Field(reading, field) => return field_text(inventory, reading, field),
        Value::FileReason(file) => return inventory.files[file.index()].reason.as_deref().unwrap_or_default().into(),
        Value::Replication(reading, ordinal, key) => replication_text(inventory, reading, ordinal, key),
        Value::AtMost(limit) => format!("at most {}", span(limit)),
        Value::AtLeast(limit) => format!("at least {}", span(limit)),
        Value::AtLeastCount(count, what) => format!("at least {}", stated_count(count, what)),
        Value::After(time) => format!("after {time}"),
        Value::NotAfter(time) => format!("no backup after {time}"),
        Value::NotFrom(time) => format!("no backup from {time} on"),
        Value::Count(count, what) => stated_count(count, what),
        Value::CountOf(count, of, what) => format!("{count} of {of} {what}"),
        Value::Kind(kind) => a_kind(kind),
        Value::Neighbour(spot) => tree_text(inventory.tree_at(spot)),
        Value::At(time) => time.to_string(),
        Value::Percent(percent) => format!("less than {percent} %"),
    };
    words.into()
}

/// The words of a note; empty if there are none.
#[must_use]
pub fn note(inventory: &Inventory, note: Note) -> Cow<'_, str> {
    let text = |symbol| inventory.text(symbol);
    let words = match note {
        Note::None => return Cow::Borrowed(""),
        Note::Words(words) => return words.into(),
        Note::Age(age) => format!("{} before the as-of time", span(age)),
        Note::VaultGoesOn(age, reading, field) => vault_goes_on(inventory, age, reading, field),
        Note::NewestGood(age) => format!("the newest good restore point is {} old", span(age)),
        Note::Lifetime(life) => format!("{} after its creation", span(life)),
        Note::Gap(gap) => format!("{} after the restore point before", span(gap)),
        Note::Between(gap) => format!("up to {} between two runs", span(gap)),
        Note::Apart(apart) => format!("{} from another copy of the backup", span(apart)),
        Note::Dwell(dwell) => format!("for {}", span(dwell)),
        Note::Disks(disks, of) => format!("{disks} of {}", counted(u64::from(of), "disk")),
        Note::Undated(policy, hand, unsaid) => undated(policy, hand, unsaid),
        Note::Resembles(word) => format!("the documented word is {word}"),
        Note::Elsewhere(reading, field) => elsewhere(inventory, reading, field),
        Note::Fields(fields) => format!("differing: {fields}"),
        Note::Failure(code, reason) => [code, reason].into_iter().flatten().map(text).collect::<Vec<_>>().join(": "),
        Note::Progress(Some(percent), age) => format!("{percent} % after {}", span(age)),
        Note::Progress(None, age) => format!("for {}", span(age)),
        Note::Count(count, what) => format!("{} {what}", number(count)),
        Note::Neighbour(words, spot) => format!("{words} {}", tree_text(inventory.tree_at(spot))),
        Note::Parts(spot, parts) => parts_text(inventory, spot, parts),
    };
    words.into()
}

fn parts_text(inventory: &Inventory, spot: Spot, parts: &[(&str, Part)]) -> String {
    let part = |&(words, part): &(&str, Part)| match inventory.tree_at(spot.with(part)) {
        None | Some(Tree::Null) => None,
        Some(Tree::Text(text)) if text.is_empty() => None,
        tree if words.is_empty() => Some(tree_text(tree)),
        tree => Some(format!("{words} {}", tree_text(tree))),
    };
    parts.iter().filter_map(part).collect::<Vec<_>>().join("; ")
}

/// A value of an answer around the backups as it stands there.
fn tree_text(tree: Option<&Tree>) -> String {
    match tree {
        None => "absent".to_owned(),
        Some(Tree::Null) => "null".to_owned(),
        Some(Tree::Bool(flag)) => flag.to_string(),
        Some(Tree::Int(number)) => number.to_string(),
        Some(Tree::Float(number)) => number.to_string(),
        Some(Tree::Text(text)) if text.is_empty() => "empty".to_owned(),
        Some(Tree::Text(text)) => text.to_string(),
        Some(Tree::List(elements)) => counted(elements.len() as u64, "entry"),
        Some(Tree::Object(_)) => "present".to_owned(),
    }
}

fn undated(policy: u32, hand: u32, unsaid: u32) -> String {
    let parts = [(policy, "made by policy"), (hand, "made by hand"), (unsaid, "made it is not said how")];
    let parts: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, how)| format!("{count} {how}")).collect();
    format!("{} without an end date: {}", counted(u64::from(policy + hand + unsaid), "restore point"), parts.join(", "))
}

fn vault_goes_on(inventory: &Inventory, age: SignedDuration, reading: u32, field: FieldId) -> String {
    format!(
        "{} before the as-of time; its vault goes on: {} of {}",
        span(age),
        backup_id(inventory, inventory.backup_of(reading)),
        field_text(inventory, reading, field),
    )
}

fn elsewhere(inventory: &Inventory, reading: u32, field: FieldId) -> String {
    let place = Place::of(inventory, inventory.place_of(reading));
    format!("{} here; {} in {}", field.key(), field_text(inventory, reading, field), place.in_full())
}

/// A field of a reading as it stands there, times in UTC.
#[must_use]
pub fn field_text(inventory: &Inventory, reading: u32, field: FieldId) -> Cow<'_, str> {
    let row = inventory.reading(reading);
    match row.presence(field) {
        Presence::Absent => "absent".into(),
        Presence::Null => "null".into(),
        Presence::Aside => match inventory.aside(reading, field) {
            Some(Aside::FarTime(_, text) | Aside::Unusable(_, text)) => Cow::Borrowed(&**text),
            Some(Aside::FarNumber(number)) => number.to_string().into(),
            None => Cow::Borrowed(""),
        },
        Presence::Value => match field.slot() {
            Slot::Id(_) | Slot::Label(_) => inventory.text_in(reading, field).unwrap_or_default(),
            Slot::Time(_) => row.time(field).to_string().into(),
            Slot::Word(_) => word(field, row.word(field)).into(),
            Slot::Flag(_) => (if row.flag(field) { "true" } else { "false" }).into(),
            Slot::Hash(_) | Slot::SharedHash(_) => "differs".into(),
            Slot::Size => row.size().to_string().into(),
            Slot::Presence => composite(inventory, reading, field).into(),
        },
    }
}

fn composite(inventory: &Inventory, reading: u32, field: FieldId) -> String {
    match field {
        FieldId::ReplicationRecords => counted(inventory.replications_of(reading).len() as u64, "replication record"),
        FieldId::Children => match inventory.nested_in(reading) {
            0 => "no disks listed".to_owned(),
            disks => counted(disks as u64, "disk"),
        },
        _ => "present".to_owned(),
    }
}

fn word(field: FieldId, code: u8) -> &'static str {
    match field {
        FieldId::Status => Status::from_code(code).map_or("", Status::word),
        FieldId::ImageType => ImageType::from_code(code).map_or("", ImageType::word),
        FieldId::ResourceType => ResourceType::from_code(code).map_or("", ResourceType::word),
        FieldId::SupportedRestoreMode => RestoreMode::from_code(code).map_or("", RestoreMode::word),
        _ => ["0", "1"].get(usize::from(code)).copied().unwrap_or_default(),
    }
}

fn replication_text(inventory: &Inventory, reading: u32, ordinal: u32, key: ReplicationKey) -> String {
    let Some(record) = inventory.replications_of(reading).get(ordinal) else { return String::new() };
    match key {
        ReplicationKey::Status => match record.foreign_status {
            Some(foreign) => inventory.text(foreign).to_owned(),
            None => stated(record.status, |status| status.word().to_owned()),
        },
        ReplicationKey::CreatedAt => stated(record.created_at, |time: Timestamp| time.to_string()),
        ReplicationKey::DestinationRegion => stated(record.destination_region, |text| inventory.text(text).to_owned()),
        ReplicationKey::DestinationProject => {
            stated(record.destination_project, |text| inventory.text(text).to_owned())
        }
        ReplicationKey::DestinationBackup => {
            stated(record.destination_backup_id, |id| inventory.id_text(id).to_string())
        }
    }
}

fn stated<T>(field: Field<T>, text: impl FnOnce(T) -> String) -> String {
    match field {
        Field::Absent => "absent".to_owned(),
        Field::Null => "null".to_owned(),
        Field::Value(value) => text(value),
        Field::Unusable(reason) => reason.meaning().to_owned(),
    }
}

/// The words of a key; `None` if there is none.
#[must_use]
pub fn key(inventory: &Inventory, key: Key) -> Option<Cow<'_, str>> {
    Some(match key {
        Key::None => return None,
        Key::Field(field) => field.key().into(),
        Key::Region(region) => inventory.text(region).into(),
        Key::ReplicationStatus => "replication_records.status".into(),
        Key::ReplicationTime => "replication_records.created_at".into(),
        Key::Directory(listing) => inventory.listings.rows[listing.index()].place(inventory).into(),
        Key::Kind(kind) => kind_name(kind).into(),
        Key::Reason(reason) => reason.word().into(),
    })
}

/// The dotted path of a drifted key.
#[must_use]
pub fn schema_path(inventory: &Inventory, drift: u32) -> String {
    drift_path(&inventory.drift[drift as usize].0)
}
