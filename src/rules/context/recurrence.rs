//! When a policy runs: its patterns (rules of RFC 2445, the part that the service takes) and the longest time between two
//! runs. All patterns of a policy work together. Moments are minutes of UTC from the Monday of a week.

use std::collections::{BTreeMap, BTreeSet};

const DAY: u32 = 24 * 60;
const WEEK: u32 = 7 * DAY;
const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// The longest interval that is read; the service takes far shorter ones.
const MAX_INTERVAL: u32 = 1000;

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    cycle: Cycle,
    /// The days of a cycle on which it runs.
    days: BTreeSet<u32>,
    /// The minutes of such a day.
    times: Vec<u32>,
}

/// When the patterns of a policy run, taken together: a pattern may name every minute of a week, and there may be many.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs(BTreeMap<Cycle, Vec<bool>>);

/// How a pattern repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cycle {
    /// Every so many weeks, in the same weeks for all patterns of a policy.
    Weeks(u32),
    /// Every so many days from a day that the pattern does not name.
    Days(u32),
}

impl Cycle {
    fn length(self) -> u32 {
        match self {
            Self::Weeks(weeks) => weeks * WEEK,
            Self::Days(days) => days * DAY,
        }
    }
}

/// The longest time between two runs, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// Exactly so long.
    Exactly(u32),
    /// So long or shorter: how the cycles of the patterns lie to each other is not said.
    AtMost(u32),
}

impl Pattern {
    /// Reads a pattern; `None` if it says anything that is not understood in full.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = BTreeMap::new();
        for part in text.split(';') {
            let (key, value) = part.split_once('=')?;
            if parts.insert(key, value).is_some() {
                return None;
            }
        }
        let frequency = parts.remove("FREQ")?;
        let interval = parts.remove("INTERVAL").map_or(Some(1), |text| number(text, 1, MAX_INTERVAL))?;
        let hours = numbers(parts.remove("BYHOUR")?, 23)?;
        let minutes = numbers(parts.remove("BYMINUTE")?, 59)?;
        let days = parts.remove("BYDAY").map(weekdays);
        let (cycle, days) = match (frequency, interval, days) {
            _ if !parts.is_empty() => return None,
            ("WEEKLY", weeks, Some(days)) => (Cycle::Weeks(weeks), days?),
            ("WEEKLY", weeks, None) => (Cycle::Days(7 * weeks), BTreeSet::from([0])),
            ("DAILY", 1, days) => (Cycle::Weeks(1), days.unwrap_or_else(|| Some((0..7).collect()))?),
            ("DAILY", days, None) => (Cycle::Days(days), BTreeSet::from([0])),
            _ => return None,
        };
        let times = hours.iter().flat_map(|hour| minutes.iter().map(move |minute| hour * 60 + minute)).collect();
        Some(Self { cycle, days, times })
    }
}

fn weekdays(text: &str) -> Option<BTreeSet<u32>> {
    let day = |word| (0..).zip(DAYS).find(|(_, day)| *day == word).map(|(number, _)| number);
    text.split(',').map(day).collect()
}

fn numbers(text: &str, most: u32) -> Option<BTreeSet<u32>> {
    text.split(',').map(|text| number(text, 0, most)).collect()
}

fn number(text: &str, least: u32, most: u32) -> Option<u32> {
    let is_plain = text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_plain && (least..=most).contains(number))
}

impl Runs {
    /// Adds those of a pattern.
    pub(super) fn add(&mut self, pattern: &Pattern) {
        let minutes =
            self.0.entry(pattern.cycle).or_insert_with(|| vec![false; pattern.cycle.length().min(WEEK) as usize]);
        for run in pattern.days.iter().flat_map(|day| pattern.times.iter().map(move |time| day * DAY + time)) {
            if let Some(minute) = minutes.get_mut(run as usize) {
                *minute = true;
            }
        }
    }

    /// The longest time between two of them; `None` without any pattern.
    pub(super) fn longest_gap(&self) -> Option<Gap> {
        let sorted = |minutes: &Vec<bool>| -> Vec<u32> {
            (0..).zip(minutes).filter(|(_, runs)| **runs).map(|(minute, _)| minute).collect()
        };
        let weekly = self.0.get(&Cycle::Weeks(1)).map(sorted).unwrap_or_default();
        let others = || self.0.iter().filter(|(cycle, _)| **cycle != Cycle::Weeks(1));
        let is_exact = match others().next() {
            None => true,
            Some((cycle, _)) => others().count() == 1 && (weekly.is_empty() || matches!(cycle, Cycle::Weeks(_))),
        };
        let every_week = gap_in(&weekly, WEEK);
        let with_others = others().filter_map(|(cycle, minutes)| match cycle {
            Cycle::Weeks(weeks) => gap_among(&sorted(minutes), &weekly, *weeks),
            Cycle::Days(_) => gap_in(&sorted(minutes), cycle.length()),
        });
        let gap = with_others.chain(every_week).min()?;
        Some(if is_exact { Gap::Exactly(gap) } else { Gap::AtMost(gap) })
    }
}

/// The longest gap between runs in one week of several and runs in each of them.
fn gap_among(runs: &[u32], weekly: &[u32], weeks: u32) -> Option<u32> {
    if weekly.is_empty() {
        return gap_in(runs, weeks * WEEK);
    }
    // From the third week on nothing new can follow.
    let weeks = weeks.min(3);
    let repeated = (0..weeks).flat_map(|week| weekly.iter().map(move |run| week * WEEK + run));
    let mut all: Vec<u32> = repeated.chain(runs.iter().copied()).collect();
    all.sort_unstable();
    gap_in(&all, weeks * WEEK)
}

/// The longest gap between runs, in order, that repeat after a length.
fn gap_in(runs: &[u32], length: u32) -> Option<u32> {
    let (first, last) = (runs.first()?, runs.last()?);
    let inside = runs.iter().zip(runs.iter().skip(1)).map(|(run, next)| next - run);
    inside.chain([first + length - last]).max()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const HOUR: u32 = 60;

    fn gap(patterns: &[&str]) -> Option<Gap> {
        let mut runs = Runs::default();
        for text in patterns {
            runs.add(&Pattern::parse(text)?);
        }
        runs.longest_gap()
    }

    fn hours(hours: u32) -> Option<Gap> {
        Some(Gap::Exactly(hours * HOUR))
    }

    #[test]
    fn one_run_on_each_day_is_a_day_apart() {
        assert_eq!(gap(&["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=14;BYMINUTE=00"]), hours(24));
        assert_eq!(gap(&["FREQ=DAILY;BYHOUR=14;BYMINUTE=0"]), hours(24));
        assert_eq!(gap(&["FREQ=DAILY;INTERVAL=1;BYHOUR=14;BYMINUTE=00"]), hours(24));
    }

    #[test]
    fn the_longest_gap_is_told_over_the_end_of_the_week() {
        assert_eq!(gap(&["FREQ=WEEKLY;BYDAY=TU,TH,SA;BYHOUR=22;BYMINUTE=00"]), hours(72));
        assert_eq!(gap(&["FREQ=WEEKLY;BYDAY=SU;BYHOUR=23;BYMINUTE=59"]), hours(7 * 24));
        assert_eq!(gap(&["FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=1;BYMINUTE=00"]), hours(72));
        assert_eq!(gap(&["FREQ=DAILY;BYHOUR=0,6,20;BYMINUTE=30"]), hours(14));
    }

    #[test]
    fn patterns_work_together() {
        let two = ["FREQ=DAILY;BYHOUR=2;BYMINUTE=00", "FREQ=DAILY;BYHOUR=14;BYMINUTE=00"];
        assert_eq!(gap(&two), hours(12));
        let days: Vec<_> = DAYS.iter().map(|day| format!("FREQ=WEEKLY;BYDAY={day};BYHOUR=3;BYMINUTE=00")).collect();
        assert_eq!(gap(&days.iter().map(String::as_str).collect::<Vec<_>>()), hours(24));
        let hourly: Vec<_> = (0..24).map(|hour| format!("FREQ=DAILY;BYHOUR={hour:02};BYMINUTE=00")).collect();
        assert_eq!(gap(&hourly.iter().map(String::as_str).collect::<Vec<_>>()), hours(1));
    }

    #[test]
    fn intervals_stretch_the_cycle() {
        assert_eq!(gap(&["FREQ=DAILY;INTERVAL=5;BYHOUR=1;BYMINUTE=00"]), hours(5 * 24));
        assert_eq!(gap(&["FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;BYHOUR=1;BYMINUTE=00"]), hours(12 * 24));
        assert_eq!(gap(&["FREQ=WEEKLY;INTERVAL=3;BYHOUR=1;BYMINUTE=00"]), hours(21 * 24));
        let same = ["FREQ=DAILY;INTERVAL=3;BYHOUR=1;BYMINUTE=00", "FREQ=DAILY;INTERVAL=3;BYHOUR=13;BYMINUTE=00"];
        assert_eq!(gap(&same), hours(60));
    }

    #[test]
    fn a_weekly_run_limits_the_gap_of_a_rarer_one() {
        let monday = "FREQ=WEEKLY;BYDAY=MO;BYHOUR=0;BYMINUTE=0";
        for weeks in [2, 3, 10] {
            let thursday = format!("FREQ=WEEKLY;INTERVAL={weeks};BYDAY=TH;BYHOUR=0;BYMINUTE=0");
            assert_eq!(gap(&[monday, &thursday]), hours(7 * 24), "{weeks}");
        }
    }

    #[test]
    fn cycles_whose_place_is_not_told_give_a_bound() {
        let every_third = "FREQ=DAILY;INTERVAL=3;BYHOUR=1;BYMINUTE=00";
        let monday = "FREQ=WEEKLY;BYDAY=MO;BYHOUR=1;BYMINUTE=00";
        assert_eq!(gap(&[every_third, monday]), Some(Gap::AtMost(72 * HOUR)));
        let others = ["FREQ=DAILY;INTERVAL=3;BYHOUR=1;BYMINUTE=00", "FREQ=DAILY;INTERVAL=2;BYHOUR=1;BYMINUTE=00"];
        assert_eq!(gap(&others), Some(Gap::AtMost(48 * HOUR)));
        let weeks = [
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;BYHOUR=1;BYMINUTE=00",
            "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU;BYHOUR=1;BYMINUTE=00",
        ];
        assert_eq!(gap(&weeks), Some(Gap::AtMost(14 * 24 * HOUR)));
    }

    #[test]
    fn what_is_not_understood_in_full_is_not_read() {
        let refused = [
            "",
            "FREQ=WEEKLY",
            "FREQ=MONTHLY;BYHOUR=1;BYMINUTE=0",
            "FREQ=DAILY;BYHOUR=24;BYMINUTE=0",
            "FREQ=DAILY;BYHOUR=1;BYMINUTE=60",
            "FREQ=DAILY;BYHOUR=;BYMINUTE=0",
            "FREQ=DAILY;BYHOUR=1",
            "FREQ=DAILY;BYMINUTE=0",
            "FREQ=DAILY;BYHOUR=+1;BYMINUTE=0",
            "FREQ=DAILY;BYHOUR=1;BYMINUTE=0;",
            "FREQ=DAILY;BYHOUR=1;BYMINUTE=0;COUNT=3",
            "FREQ=DAILY;BYHOUR=1;BYMINUTE=0;UNTIL=20260101T000000Z",
            "FREQ=DAILY;FREQ=DAILY;BYHOUR=1;BYMINUTE=0",
            "FREQ=DAILY;INTERVAL=0;BYHOUR=1;BYMINUTE=0",
            "FREQ=DAILY;INTERVAL=1001;BYHOUR=1;BYMINUTE=0",
            "FREQ=DAILY;INTERVAL=2;BYDAY=MO;BYHOUR=1;BYMINUTE=0",
            "FREQ=WEEKLY;BYDAY=1MO;BYHOUR=1;BYMINUTE=0",
            "FREQ=WEEKLY;BYDAY=XX;BYHOUR=1;BYMINUTE=0",
        ];
        for text in refused {
            assert_eq!(Pattern::parse(text), None, "{text:?}");
        }
        assert_eq!(gap(&[]), None);
    }

    /// A small generator of numbers, the same on every run.
    fn dice(state: &mut u32) -> impl FnMut(u32) -> u32 + '_ {
        move |sides| {
            *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (*state >> 16) % sides
        }
    }

    /// The longest gap by walking over the minutes of many weeks.
    fn walked(patterns: &[(u32, Vec<u32>)]) -> u32 {
        let cycle = patterns.iter().map(|(weeks, _)| weeks).product::<u32>() * WEEK;
        let runs_at = |minute: u32| {
            let runs = |(weeks, runs): &(u32, Vec<u32>)| runs.contains(&(minute % (weeks * WEEK)));
            patterns.iter().any(runs)
        };
        let runs: Vec<u32> = (0..2 * cycle).filter(|&minute| runs_at(minute)).collect();
        runs.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap()
    }

    #[test]
    fn any_patterns_have_the_gap_that_walking_finds() {
        let mut state = 7;
        let mut roll = dice(&mut state);
        for _ in 0..60 {
            let mut texts = Vec::new();
            let mut plain = Vec::new();
            let rare = 1 + roll(3);
            for weeks in [1, rare].into_iter().take(1 + roll(2) as usize) {
                let days: BTreeSet<u32> = (0..=roll(3)).map(|_| roll(7)).collect();
                let (hour, minute) = (roll(24), roll(60));
                let names: Vec<_> = days.iter().map(|day| DAYS[*day as usize]).collect();
                texts.push(format!(
                    "FREQ=WEEKLY;INTERVAL={weeks};BYDAY={};BYHOUR={hour};BYMINUTE={minute:02}",
                    names.join(",")
                ));
                plain.push((weeks, days.iter().map(|day| day * DAY + hour * 60 + minute).collect()));
            }
            let texts: Vec<_> = texts.iter().map(String::as_str).collect();
            assert_eq!(gap(&texts), Some(Gap::Exactly(walked(&plain))), "{texts:?}");
        }
    }
}
