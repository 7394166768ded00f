//! Times as microseconds since 1970 in UTC, and their zone-less text.

use anyhow::{Result, bail};

pub const SECOND: i64 = 1_000_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// Reads `2026-11-01T06:00:00Z`; no other form is needed here.
pub fn parse(text: &str) -> Result<i64> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if shape != "0000-00-00T00:00:00Z" {
        bail!("write the time as 2026-11-01T06:00:00Z, not {text:?}");
    }
    let part = |from: usize, to: usize| text[from..to].parse::<i64>();
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let (hour, minute, second) = (part(11, 13)?, part(14, 16)?, part(17, 19)?);
    let days = days_from_civil(year, month, day);
    let valid = civil_from_days(days) == (year, month, day) && hour < 24 && minute < 60 && second < 60;
    if !valid || !(2000..=2100).contains(&year) {
        bail!("{text:?} is no time between 2000 and 2100");
    }
    Ok(days * DAY + hour * HOUR + minute * MINUTE + second * SECOND)
}

/// Appends `2026-10-31T22:00:03.084695`, the form of the service: no zone, microseconds.
pub fn push(out: &mut Vec<u8>, time: i64) {
    let (year, month, day) = civil_from_days(time.div_euclid(DAY));
    let rest = time.rem_euclid(DAY);
    padded(out, year, 4);
    for (mark, value, width) in [
        (b'-', month, 2),
        (b'-', day, 2),
        (b'T', rest / HOUR, 2),
        (b':', rest / MINUTE % 60, 2),
        (b':', rest / SECOND % 60, 2),
        (b'.', rest % SECOND, 6),
    ] {
        out.push(mark);
        padded(out, value, width);
    }
}

/// Appends a number that is not negative, with leading zeros.
fn padded(out: &mut Vec<u8>, mut value: i64, width: usize) {
    let mut text = [b'0'; 6];
    for digit in text[..width].iter_mut().rev() {
        *digit = b'0' + u8::try_from(value.rem_euclid(10)).unwrap_or(0);
        value /= 10;
    }
    out.extend_from_slice(&text[..width]);
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date (year, month, day) of a day number.
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}
