//! Which directories belong to a capture: those that its note speaks for, or, without a note, what lies below the directory
//! where its path parts from that of the other capture.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::super::capture::Captures;

/// The directory of a capture.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Root {
    /// All directories for which the note in this one is the nearest that states a time.
    Noted(String),
    /// This directory and all below, where no note states a time.
    Below(String),
    /// This directory alone, where no note states a time.
    Only(String),
}

impl Root {
    /// The capture that a list answer in a directory belongs to, before it is compared with another.
    pub(super) fn of(captures: &Captures, directory: &str) -> Self {
        match captures.noted_above(directory) {
            Some(noted) => Self::Noted(noted.to_owned()),
            None => Self::Only(directory.to_owned()),
        }
    }

    /// The directory.
    pub(super) fn directory(&self) -> &str {
        match self {
            Self::Noted(directory) | Self::Below(directory) | Self::Only(directory) => directory,
        }
    }

    /// Whether a note states its time.
    pub(super) fn is_noted(&self) -> bool {
        matches!(self, Self::Noted(_))
    }
}

/// The roots that a directory may belong to, the nearest first.
pub(super) fn around(captures: &Captures, directory: &str) -> Vec<Root> {
    if let Some(noted) = captures.noted_above(directory) {
        return vec![Root::Noted(noted.to_owned())];
    }
    let ends = directory.match_indices('/').map(|(end, _)| end).rev();
    let above = ends.map(|end| Root::Below(directory[..end].to_owned()));
    [Root::Only(directory.to_owned()), Root::Below(directory.to_owned())].into_iter().chain(above).collect()
}

/// The nearest of some roots that a directory belongs to, by its number.
pub(super) fn owner(captures: &Captures, directory: &str, numbers: &BTreeMap<&Root, u32>) -> Option<u32> {
    around(captures, directory).iter().find_map(|root| numbers.get(root).copied())
}

/// For every superseded capture the one that is judged in its place: the newer one, or what supersedes that in turn.
pub(super) fn judged_instead(superseded: &BTreeMap<Root, Root>) -> BTreeMap<&Root, &Root> {
    let mut judged: BTreeMap<&Root, &Root> = BTreeMap::new();
    for root in superseded.keys() {
        let mut path = Vec::new();
        let mut at = root;
        // Every step leads to a later capture, so the way ends.
        while let Some(older) = at.superseded_with(superseded).filter(|_| path.len() <= superseded.len()) {
            path.push(older);
            match judged.get(older) {
                Some(known) => {
                    at = known;
                    break;
                }
                None => at = &superseded[older],
            }
        }
        judged.extend(path.into_iter().map(|older| (older, at)));
    }
    judged
}

impl Root {
    /// The superseded capture that this one is, or stands in.
    fn superseded_with<'s>(&self, superseded: &'s BTreeMap<Root, Root>) -> Option<&'s Root> {
        let find = |root: &Self| superseded.get_key_value(root).map(|(root, _)| root);
        match self {
            Self::Noted(_) => find(self),
            Self::Below(directory) | Self::Only(directory) => {
                let ends = directory.match_indices('/').map(|(end, _)| end).chain([directory.len()]).rev();
                ends.into_iter().find_map(|end| find(&Self::Below(directory[..end].to_owned())))
            }
        }
    }
}

/// Two directories, parted: how many names they have in common, and their names.
pub(super) struct Parting<'d> {
    common: usize,
    one: Vec<&'d str>,
    other: Vec<&'d str>,
}

impl<'d> Parting<'d> {
    pub(super) fn new(one: &'d str, other: &'d str) -> Self {
        let names = |directory: &'d str| match directory {
            "." => Vec::new(),
            _ => directory.split('/').collect::<Vec<_>>(),
        };
        let (one, other) = (names(one), names(other));
        let common = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
        Self { common, one, other }
    }

    /// Where the first one parts from the other; none if it is the same, or lies around it.
    pub(super) fn first(&self) -> Option<Root> {
        (self.one.len() > self.common).then(|| Root::Below(self.one[..=self.common].join("/")))
    }

    /// Where the other one parts from the first; if it lies around it, that directory alone.
    pub(super) fn second(&self) -> Root {
        if self.other.len() > self.common {
            return Root::Below(self.other[..=self.common].join("/"));
        }
        let directory = self.other.join("/");
        Root::Only(if directory.is_empty() { ".".to_owned() } else { directory })
    }

    /// How the date of the first stands to that of the other, where both part in a name that is a date.
    pub(super) fn dates(&self) -> Option<Ordering> {
        let date = |names: &[&str]| names.get(self.common).copied().and_then(date_in);
        let (one, other) = (date(&self.one)?, date(&self.other)?);
        (one.len() == other.len()).then(|| one.cmp(&other))
    }
}

/// The digits of a name that begins its digits with a date of this century; a time of day may follow.
fn date_in(name: &str) -> Option<String> {
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    let part = |at: std::ops::Range<usize>| digits.get(at)?.parse::<u32>().ok();
    let is_date = digits.starts_with("20")
        && part(4..6).is_some_and(|month| (1..=12).contains(&month))
        && part(6..8).is_some_and(|day| (1..=31).contains(&day))
        && digits.len() <= 14;
    is_date.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::{Parting, Root, date_in};
    use pretty_assertions::assert_eq;

    #[test]
    fn captures_part_where_their_paths_part() {
        let parts = |one, other| {
            let parting = Parting::new(one, other);
            (parting.first(), parting.second())
        };
        let below = |directory: &str| Root::Below(directory.to_owned());
        let only = |directory: &str| Root::Only(directory.to_owned());
        assert_eq!(parts("a/p/lists", "b/p/lists"), (Some(below("a")), below("b")));
        assert_eq!(parts("d/a", "d/b/c"), (Some(below("d/a")), below("d/b")));
        assert_eq!(parts("old", "."), (Some(below("old")), only(".")));
        assert_eq!(parts("a/old", "a"), (Some(below("a/old")), only("a")));
        assert_eq!(parts("a", "a/new"), (None, below("a/new")));
        assert_eq!(parts("/x/a", "/x/b"), (Some(below("/x/a")), below("/x/b")));
    }

    #[test]
    fn names_are_dates_only_where_they_look_like_some() {
        for (name, date) in [
            ("2026-11-01", Some("20261101")),
            ("dump_20261101T0600Z", Some("202611010600")),
            ("2026-13-01", None),
            ("page-20", None),
            ("project-2026", None),
        ] {
            assert_eq!(date_in(name).as_deref(), date, "{name}");
        }
    }
}
