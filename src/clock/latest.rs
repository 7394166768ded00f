//! The latest times of many, and the latest of them that can be believed. Only as many are kept as are likely to matter;
//! where that is too few, the caller is asked for all.

use jiff::{SignedDuration, Timestamp};

/// A time counts as believable if another record has one within this distance.
const BELIEVABLE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How many times are kept.
const KEPT: usize = 1024;

/// A time, and the backup that states it.
pub(super) type Stated = (Timestamp, u32);

/// The latest of some times.
#[derive(Clone, Debug, Default)]
pub(super) struct Latest {
    kept: Vec<Stated>,
    /// No time that was left out is later than this.
    floor: Option<Timestamp>,
}

impl Extend<Stated> for Latest {
    fn extend<I: IntoIterator<Item = Stated>>(&mut self, times: I) {
        for time in times {
            if Some(time.0) <= self.floor {
                continue;
            }
            self.kept.push(time);
            if self.kept.len() == 2 * KEPT {
                let (_, (least, _), _) = self.kept.select_nth_unstable_by(KEPT - 1, |a, b| b.cmp(a));
                self.floor = self.floor.max(Some(*least));
                self.kept.truncate(KEPT);
            }
        }
    }
}

impl Latest {
    fn sort(&mut self) {
        self.kept.sort_unstable_by(|a, b| b.cmp(a));
    }

    /// Adds the times of another.
    pub(super) fn add(&mut self, other: &Self) {
        self.floor = self.floor.max(other.floor);
        self.extend(other.kept.iter().copied());
    }

    /// The largest time that another record's time lies within 30 days of, and how many records have lone times later than
    /// it. With one record, its largest time. `all` yields every time, should those that are kept not tell.
    pub(super) fn believable(mut self, all: impl FnOnce() -> Vec<Stated>) -> Option<(Timestamp, usize)> {
        self.sort();
        let found = believed(&self.kept).filter(|&position| self.is_certain(position));
        match (found, self.floor) {
            (Some(position), _) => with_lone(&self.kept, position),
            (None, None) => {
                let (newest, only) = *self.kept.first()?;
                let several = self.kept.iter().any(|&(_, backup)| backup != only);
                if several { with_lone(&self.kept, self.kept.len() - 1) } else { Some((newest, 0)) }
            }
            (None, Some(_)) => Self { kept: all(), floor: None }.believable(Vec::new),
        }
    }

    /// Whether no time that was left out could change that the one at this position is the first to be believed.
    fn is_certain(&self, position: usize) -> bool {
        let Some(floor) = self.floor else { return true };
        let time = |position: usize| self.kept.get(position).map(|(time, _)| *time);
        let above = position.checked_sub(1).and_then(time);
        time(position) >= Some(floor) && above.is_none_or(|above| above.duration_since(floor) > BELIEVABLE)
    }
}

/// The first time, of some in falling order, that a time of another backup lies close to.
fn believed(times: &[Stated]) -> Option<usize> {
    let others = next_of_others(times);
    let is_close = |(&(time, _), other): (&Stated, &Option<Timestamp>)| {
        other.is_some_and(|other| time.duration_since(other) <= BELIEVABLE)
    };
    times.iter().zip(&others).position(is_close)
}

/// The time at a position, and how many backups have later ones.
fn with_lone(times: &[Stated], position: usize) -> Option<(Timestamp, usize)> {
    let (time, _) = times.get(position)?;
    let mut lone: Vec<u32> = times.iter().take(position).map(|&(_, backup)| backup).collect();
    lone.sort_unstable();
    lone.dedup();
    Some((*time, lone.len()))
}

/// For every time the next one that another backup states.
fn next_of_others(times: &[Stated]) -> Vec<Option<Timestamp>> {
    let mut others = Vec::with_capacity(times.len());
    let mut next: Option<(Stated, Option<Timestamp>)> = None;
    for &(time, backup) in times.iter().rev() {
        let other = next.and_then(|((later, of), other)| if of == backup { other } else { Some(later) });
        others.push(other);
        next = Some(((time, backup), other));
    }
    others.reverse();
    others
}

#[cfg(test)]
mod tests {
    use super::{KEPT, Latest, Stated};
    use jiff::Timestamp;
    use pretty_assertions::assert_eq;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + day * 86_400).expect("a time")
    }

    fn believable(times: &[Stated]) -> Option<(Timestamp, usize)> {
        let mut latest = Latest::default();
        latest.extend(times.iter().copied());
        latest.believable(|| times.to_vec())
    }

    #[test]
    fn a_lone_time_is_not_believed() {
        assert_eq!(believable(&[(at(0), 1), (at(10), 2), (at(400), 3)]), Some((at(10), 1)));
        assert_eq!(believable(&[(at(0), 1), (at(400), 1)]), Some((at(400), 0)), "one record");
        assert_eq!(believable(&[]), None);
    }

    #[test]
    fn many_times_of_one_record_do_not_hide_another() {
        let hidden: i64 = 3 * KEPT as i64;
        let mut times: Vec<_> = (0..hidden).map(|step| (at(1000 + step), 7)).collect();
        times.extend([(at(0), 1), (at(1), 2)]);
        assert_eq!(believable(&times), Some((at(1), 1)));
        times.push((at(999 + hidden - 20), 3));
        assert_eq!(believable(&times), Some((at(999 + hidden), 0)), "close to the latest");
    }

    #[test]
    fn with_more_times_than_are_kept_the_latest_is_found() {
        let times: Vec<_> = (0..10_000).map(|number| (at(i64::from(number * 7919 % 10_000)), number)).collect();
        assert_eq!(believable(&times), Some((at(9999), 0)));
    }
}
