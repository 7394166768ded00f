//! The saved answers as typed structs that borrow their texts from the file.

use std::{borrow::Cow, fmt, sync::OnceLock};

use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};

use crate::Counts;

/// The moment at which a backup is expired or not, to the second and without a zone.
pub static AS_OF: OnceLock<String> = OnceLock::new();

/// A list answer, a show answer, or neither: then it holds no backup.
#[derive(Deserialize)]
pub struct Answer<'a> {
    backups: Option<Listed>,
    #[serde(borrow)]
    backup: Option<Backup<'a>>,
}

/// The backups of a list answer, each counted and dropped as soon as it is parsed.
struct Listed(Counts);

/// The fields that the rules of an audit read. Most are parsed for the sake of the measurement only.
#[derive(Deserialize)]
#[expect(dead_code, reason = "an audit needs these fields, the four counts do not")]
struct Backup<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    status: Option<Text<'a>>,
    #[serde(borrow)]
    resource_id: Option<Text<'a>>,
    #[serde(borrow)]
    project_id: Option<Text<'a>>,
    #[serde(borrow)]
    vault_id: Option<Text<'a>>,
    #[serde(borrow)]
    created_at: Option<Text<'a>>,
    #[serde(borrow)]
    updated_at: Option<Text<'a>>,
    #[serde(borrow)]
    expired_at: Option<Text<'a>>,
    #[serde(borrow)]
    parent_id: Option<Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    image_type: Option<Text<'a>>,
    #[serde(borrow)]
    resource_type: Option<Text<'a>>,
    #[serde(borrow)]
    children: Option<Vec<Backup<'a>>>,
    #[serde(borrow)]
    extend_info: Option<ExtendInfo<'a>>,
    #[serde(borrow)]
    replication_records: Option<Vec<Replication<'a>>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "an audit needs these fields, the four counts do not")]
struct ExtendInfo<'a> {
    encrypted: Option<Flag>,
    auto_trigger: Option<Flag>,
    #[serde(borrow)]
    supported_restore_mode: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "an audit needs these fields, the four counts do not")]
struct Replication<'a> {
    #[serde(borrow)]
    status: Option<Text<'a>>,
    #[serde(borrow)]
    destination_region: Option<Text<'a>>,
}

/// A text. The wrapper matters: the `Cow` in a bare `Option<Cow<str>>` would never borrow.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A value that should be a boolean; what is none, is neither true nor false.
struct Flag(Option<bool>);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FlagVisitor)
    }
}

struct FlagVisitor;

impl<'de> Visitor<'de> for FlagVisitor {
    type Value = Flag;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Flag, E> {
        Ok(Flag(Some(value)))
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Flag, E> {
        Ok(Flag(None))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Flag, E> {
        Ok(Flag(None))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Flag, E> {
        Ok(Flag(None))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Flag, E> {
        Ok(Flag(None))
    }
}

impl<'de> Deserialize<'de> for Listed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListedVisitor)
    }
}

struct ListedVisitor;

impl<'de> Visitor<'de> for ListedVisitor {
    type Value = Listed;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of backups")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Listed, A::Error> {
        let mut counts = Counts::default();
        while let Some(backup) = list.next_element::<Backup<'de>>()? {
            counts = counts + backup.count();
        }
        Ok(Listed(counts))
    }
}

impl Answer<'_> {
    /// The four counts over all backups of the answer.
    pub fn count(&self) -> Counts {
        let listed = self.backups.as_ref().map_or_else(Counts::default, |listed| listed.0);
        listed + self.backup.as_ref().map_or_else(Counts::default, Backup::count)
    }
}

impl Backup<'_> {
    fn count(&self) -> Counts {
        let (objects, unencrypted) = self.count_nested();
        let as_of = AS_OF.get().map_or("", String::as_str);
        let expired = self.expired_at.as_ref().is_some_and(|time| to_second(&time.0) <= as_of);
        let mut copies = self.replication_records.iter().flatten();
        let replicated = copies.any(|copy| copy.status.as_ref().is_some_and(|status| status.0 == "success"));
        Counts { objects, expired: expired.into(), unencrypted, unreplicated: (!replicated).into() }
    }

    /// This object and all below it: how many there are, and how many say that they are not encrypted.
    fn count_nested(&self) -> (u64, u64) {
        let encrypted = self.extend_info.as_ref().and_then(|info| info.encrypted.as_ref()?.0);
        self.children
            .iter()
            .flatten()
            .map(Backup::count_nested)
            .fold((1, u64::from(encrypted == Some(false))), |left, right| (left.0 + right.0, left.1 + right.1))
    }
}

/// `2026-10-31T22:00:03` of a time that goes on with microseconds. All times are UTC, so they compare as texts.
fn to_second(time: &str) -> &str {
    time.get(..19).unwrap_or(time)
}
