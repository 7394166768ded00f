//! Backup objects where no answer is read: under any other key, too deep, in an answer of another kind. Nobody can tell
//! whether they are what they look like, so that they are no records; but they are told.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;

use serde_json::value::RawValue;

use super::answer::{METADATA, has_backup_keys};
use super::envelope::Envelope;
use super::nested::token;
use super::salvage::Parts;
use crate::inventory::field::{FieldId, FieldSet};

/// What is read of an answer with backups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// All of it.
    Whole,
    /// What stands under this key.
    Under(&'static str),
}

/// The places of a document that were read.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<String, Part>);

impl Places {
    /// Adds the answer at a place, as far as it is read.
    pub(super) fn add(&mut self, within: &str, envelope: &Envelope) {
        let part = match envelope {
            Envelope::List(_) => Part::Under("backups"),
            Envelope::Show => Part::Under("backup"),
            Envelope::Bare | Envelope::BareList => Part::Whole,
            // What it says of the backup is of the moment of its making.
            Envelope::NotBackup(what) if what == METADATA => Part::Under("backups"),
            _ => return,
        };
        self.0.insert(within.to_owned(), part);
    }
}

/// Backup objects that are not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unread {
    /// Where the first one stands.
    pub(super) first: String,
    /// How many there are, those in others included; nought where that cannot be told, for a value that no reader takes.
    pub(super) count: u64,
}

/// Looks through a document for backup objects, but for the places that were read and those of which a loss is told.
pub(super) fn unread(text: &str, read: &Places, told: &HashSet<&str>) -> Option<Unread> {
    let mut sweep = Sweep { read, told, path: String::new(), first: None, count: 0, stuck: None };
    sweep.value(text.trim(), 0);
    let Sweep { first, count, stuck, .. } = sweep;
    first.or(stuck).map(|first| Unread { first, count })
}

/// Whether a text may hold a backup object: without a key that each of them has, or a character that is written in another
/// way, it cannot.
pub(super) fn may_hold(text: &str) -> bool {
    ["resource_", "\\u"].iter().any(|part| holds(text, part))
}

fn holds(text: &str, part: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), part.as_bytes()).is_some()
}

/// So many brackets in a text that begin no value are tried: each may be looked at up to the end.
const BROKEN: u32 = 64;

/// So many levels are looked through.
const LEVELS: u32 = 127;

struct Sweep<'s> {
    read: &'s Places,
    told: &'s HashSet<&'s str>,
    /// The place that is looked at.
    path: String,
    first: Option<String>,
    count: u64,
    /// Where something stands that cannot be looked through.
    stuck: Option<String>,
}

impl Sweep<'_> {
    /// Looks through a value, so many levels deep. What no reader takes, such as a number that is too large, is no matter to
    /// what stands beside it.
    fn value(&mut self, raw: &str, level: u32) {
        let part = self.part();
        if part == Some(Part::Whole) || !may_hold(raw) {
            return;
        }
        let looked = match raw.as_bytes().first() {
            _ if level > LEVELS => None,
            Some(b'{') => serde_json::from_str(raw).ok().map(|Parts(parts)| self.object(&parts, part, level)),
            Some(b'[') => serde_json::from_str(raw).ok().map(|elements: Vec<&RawValue>| self.array(&elements, level)),
            Some(b'"') => serde_json::from_str(raw).ok().map(|text: String| self.text(&text, level)),
            _ => Some(()),
        };
        if looked.is_none() && holds(raw, "resource_") {
            self.stuck.get_or_insert_with(|| self.path.clone());
        }
    }

    fn object(&mut self, parts: &[(Cow<'_, str>, &RawValue)], part: Option<Part>, level: u32) {
        let before = self.first.clone();
        for (key, raw) in parts.iter().filter(|(key, _)| !matches!(part, Some(Part::Under(read)) if read == key)) {
            self.inside(format_args!("/{}", token(key)), |sweep| sweep.value(raw.get(), level + 1));
        }
        let fields: FieldSet = parts.iter().filter_map(|(key, _)| FieldId::in_record(key)).collect();
        if part.is_none() && has_backup_keys(|field| fields.contains(field)) {
            self.count += 1;
            // It begins before what is in it.
            self.first = before.or_else(|| Some(self.path.clone()));
        }
    }

    fn array(&mut self, elements: &[&RawValue], level: u32) {
        for (number, raw) in elements.iter().enumerate() {
            self.inside(format_args!("/{number}"), |sweep| sweep.value(raw.get(), level + 1));
        }
    }

    /// Looks through a text: what is JSON in it, between whatever else, such as headers, other lines, or a cut.
    fn text(&mut self, text: &str, level: u32) {
        if !may_hold(text) {
            return;
        }
        self.inside(format_args!("#"), |sweep| {
            let whole = text.trim();
            if whole.starts_with('"') && serde_json::from_str::<&RawValue>(whole).is_ok() {
                return sweep.value(whole, level + 1);
            }
            let (mut at, mut broken) = (0, 0);
            while let Some(start) = text.get(at..).and_then(|rest| rest.find(['{', '['])).map(|start| at + start) {
                if broken == BROKEN {
                    break;
                }
                let rest = text.get(start..).unwrap_or_default();
                let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
                match values.next() {
                    Some(Ok(value)) => {
                        at = start + values.byte_offset();
                        sweep.value(value.get(), level + 1);
                    }
                    _ => (at, broken) = (start + 1, broken + 1),
                }
            }
            // A record that is cut off itself may not be seen in what is whole.
            if broken > 0 && holds(text, "\"resource_") {
                sweep.stuck.get_or_insert_with(|| sweep.path.clone());
            }
        });
    }

    /// Does something one level further in.
    fn inside(&mut self, step: fmt::Arguments<'_>, work: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push_str(&step.to_string());
        work(self);
        self.path.truncate(length);
    }

    /// What is read of the value here; of what is told as a loss nothing is looked for.
    fn part(&self) -> Option<Part> {
        if self.told.contains(&*self.path) { Some(Part::Whole) } else { self.read.0.get(&self.path).copied() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Places, Unread, unread};
    use crate::parse::envelope::{Envelope, Paging};
    use pretty_assertions::assert_eq;
    use std::collections::HashSet;

    const BACKUP: &str =
        r#"{"id":"b","resource_id":"r","vault_id":"v","children":[{"id":"c","resource_type":"t","parent_id":"b"}]}"#;

    fn found(text: &str, read: &[(&str, Envelope)], told: &[&str]) -> Option<(String, u64)> {
        let mut places = Places::default();
        read.iter().for_each(|(within, envelope)| places.add(within, envelope));
        let told: HashSet<_> = told.iter().copied().collect();
        unread(&text.replace("BACKUP", BACKUP), &places, &told).map(|Unread { first, count }| (first, count))
    }

    fn at(place: &str, count: u64) -> Option<(String, u64)> {
        Some((place.to_owned(), count))
    }

    #[test]
    fn backup_objects_are_found_wherever_they_stand() {
        assert_eq!(found("BACKUP", &[], &[]), at("", 2));
        assert_eq!(found(r#"{"a/b":{"c~":[7,[BACKUP,BACKUP]]}}"#, &[], &[]), at("/a~1b/c~0/1/0", 4));
        assert_eq!(found(r#"{"x":{"children":[{}],"y":BACKUP},"z":[BACKUP]}"#, &[], &[]), at("/x/y", 4));
        let text = |text: &str| serde_json::to_string(&text.replace("BACKUP", BACKUP)).unwrap();
        for (within, place, count) in [
            (" [BACKUP]", "/x/0#/0", 2),
            ("\u{feff}BACKUP", "/x/0#", 2),
            ("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n{\"backups\":[BACKUP]}", "/x/0#/backups/0", 2),
            ("{\"id\":1}\nBACKUP\nBACKUP\n", "/x/0#", 4),
            ("{\"backups\":[BACKUP,BACKUP,{\"id\":\"b\",", "/x/0#", 4),
            ("see {BACKUP}", "/x/0#", 2),
            (&text("BACKUP"), "/x/0##", 2),
        ] {
            assert_eq!(found(&format!(r#"{{"x":[{}]}}"#, text(within)), &[], &[]), at(place, count), "{within}");
        }
        assert_eq!(
            found(&format!(r#"{{"x":{}}}"#, text(&format!("{}BACKUP", "{".repeat(100)))), &[], &[]),
            at("/x#", 0)
        );
        let cut = text(r#"{"backups":[{"id":"b","resource_id":"r","#);
        assert_eq!(found(&format!(r#"{{"x":{cut}}}"#), &[], &[]), at("/x#", 0));
        assert_eq!(found(r#"{"x":{"\u0069d":"b","r\u0065source_id":"r","v\u0061ult_id":"v"}}"#, &[], &[]), at("/x", 1));
        for other in
            ["", "7", "[", r#""resource_id""#, r#"{"resource_id":"r","vault_id":"v"}"#, r#"{"id":"r","type":"t"}"#]
        {
            assert_eq!(found(other, &[], &[]), None, "{other}");
        }
    }

    #[test]
    fn what_no_reader_takes_hides_nothing() {
        let list = || [("", Envelope::List(Paging::default()))];
        for value in ["1e400", r#""\ud800""#, &format!("{}{}", "[".repeat(200), "]".repeat(200))] {
            assert_eq!(found(&format!(r#"{{"n":{value},"x":[BACKUP]}}"#), &[], &[]), at("/x/0", 2));
            assert_eq!(found(&format!(r#"{{"backups":[BACKUP],"x":[{value},BACKUP]}}"#), &list(), &[]), at("/x/1", 2));
            assert_eq!(found(&format!(r#"{{"n":{value}}}"#), &[], &[]), None);
        }
        // Nor does what cannot be looked through.
        let deep = format!(r#"{{"x":{}BACKUP{}}}"#, "[".repeat(200), "]".repeat(200));
        assert_eq!(found(&deep, &list(), &[]), at(&format!("/x{}", "/0".repeat(127)), 0));
        assert_eq!(found(r#"{"x":{"\ud800":BACKUP}}"#, &list(), &[]), at("/x", 0));
        assert_eq!(found(r#"{"x":"\ud800{\"resource_id\":1}"}"#, &list(), &[]), at("/x", 0));
        assert_eq!(found(r#"{"x":"{ resource_id }"}"#, &[], &[]), None);
    }

    #[test]
    fn what_is_read_or_told_is_not_found() {
        let list = || Envelope::List(Paging::default());
        let text =
            r#"{"backups":[BACKUP],"pages":{"backups":[BACKUP]},"a":[{"backup":BACKUP,"x":BACKUP}],"b":[BACKUP]}"#;
        assert_eq!(found(text, &[("", list())], &[]), at("/pages/backups/0", 8));
        let read = || [("", list()), ("/pages", list()), ("/a/0", Envelope::Show), ("/b", Envelope::BareList)];
        assert_eq!(found(text, &read(), &[]), at("/a/0/x", 2));
        assert_eq!(found(text, &read(), &["/a/0/x"]), None);
        assert_eq!(found(text, &[("", list()), ("/b/0", Envelope::Bare)], &["/pages", "/a"]), None);
        assert_eq!(
            found(r#"{"body":"{\"x\":1,\"backups\":[{\"resource_id\":1}]}"}"#, &[("/body#", list())], &[]),
            None
        );
    }
}
