//! Times of the API in their dialects: written by the generator, read back by the judge. Microseconds since 1970, UTC.

use crate::prng::Prng;

pub type Instant = i64;

pub const MILLISECOND: Instant = 1_000;
pub const SECOND: Instant = 1_000_000;
pub const MINUTE: Instant = 60 * SECOND;
pub const HOUR: Instant = 60 * MINUTE;
pub const DAY: Instant = 24 * HOUR;

/// A time as read; a bare date carries no time of day.
#[derive(Clone, Copy, PartialEq)]
pub struct Reading {
    pub at: Instant,
    pub has_time_of_day: bool,
}

#[derive(Clone, Copy)]
pub enum Dialect {
    ZonelessMicros,
    ZonelessBlank,
    OffsetMillis,
    OffsetMicros,
    Zulu,
    EastOfGreenwich,
}

impl Dialect {
    pub fn any(rng: &mut Prng) -> Self {
        use Dialect::*;
        rng.pick(&[ZonelessMicros, ZonelessBlank, OffsetMillis, OffsetMicros, Zulu, EastOfGreenwich])
    }
}

/// Every instant made here is a whole number of milliseconds, so no dialect loses precision.
pub fn write(at: Instant, dialect: Dialect) -> String {
    let micros = at.rem_euclid(SECOND);
    let millis = micros / MILLISECOND;
    match dialect {
        Dialect::ZonelessMicros if micros == 0 => seconds(at, 'T'),
        Dialect::ZonelessMicros => format!("{}.{micros:06}", seconds(at, 'T')),
        Dialect::ZonelessBlank => format!("{}.{millis:03}", seconds(at, ' ')),
        Dialect::OffsetMillis => format!("{}.{millis:03}+00:00", seconds(at, 'T')),
        Dialect::OffsetMicros => format!("{}.{micros:06}+00:00", seconds(at, 'T')),
        Dialect::Zulu if micros == 0 => format!("{}Z", seconds(at, 'T')),
        Dialect::Zulu => format!("{}.{millis:03}Z", seconds(at, 'T')),
        Dialect::EastOfGreenwich => format!("{}.{millis:03}+02:00", seconds(at + 2 * HOUR, 'T')),
    }
}

pub fn write_day(at: Instant) -> String {
    let (year, month, day) = civil(at.div_euclid(DAY));
    format!("{year:04}-{month:02}-{day:02}")
}

fn seconds(at: Instant, separator: char) -> String {
    let of_day = at.rem_euclid(DAY);
    let (hour, minute, second) = (of_day / HOUR, of_day % HOUR / MINUTE, of_day % MINUTE / SECOND);
    format!("{}{separator}{hour:02}:{minute:02}:{second:02}", write_day(at))
}

pub fn read(text: &str) -> Option<Reading> {
    let day = DAY * days(number(text, 0..4)?, number(text, 5..7)?, number(text, 8..10)?);
    if text.len() == 10 {
        return Some(Reading { at: day, has_time_of_day: false });
    }
    let clock = number(text, 11..13)? * HOUR + number(text, 14..16)? * MINUTE + number(text, 17..19)? * SECOND;
    let rest = text.get(19..)?;
    let digits: String = rest.strip_prefix('.').unwrap_or("").chars().take_while(char::is_ascii_digit).collect();
    let fraction: i64 = format!("{digits:0<6}")[..6].parse().ok()?;
    let zone = &rest[if digits.is_empty() { 0 } else { digits.len() + 1 }..];
    Some(Reading { at: day + clock + fraction - offset(zone)?, has_time_of_day: true })
}

/// No zone means UTC.
fn offset(zone: &str) -> Option<Instant> {
    let sign = match zone.get(..1) {
        None | Some("Z") => return Some(0),
        Some("+") => 1,
        Some("-") => -1,
        Some(_) => return None,
    };
    Some(sign * (number(zone, 1..3)? * HOUR + number(zone, 4..6)? * MINUTE))
}

fn number(text: &str, range: std::ops::Range<usize>) -> Option<i64> {
    text.get(range)?.parse().ok()
}

/// Days since 1970-01-01 of a date in the Gregorian calendar, by counting.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let years: i64 = (1970..year).map(|y| if is_leap(y) { 366 } else { 365 }).sum();
    years + (1..month).map(|m| month_length(year, m)).sum::<i64>() + day - 1
}

fn civil(mut days: i64) -> (i64, i64, i64) {
    let mut year = 1970;
    while days >= if is_leap(year) { 366 } else { 365 } {
        days -= if is_leap(year) { 366 } else { 365 };
        year += 1;
    }
    let mut month = 1;
    while days >= month_length(year, month) {
        days -= month_length(year, month);
        month += 1;
    }
    (year, month, days + 1)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
