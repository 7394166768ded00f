//! The time dialects of the API: zone-less, `Z` or offset, `T` or blank, nought to nine fraction digits, date only.
//! Zone-less means UTC: both SDKs and the documentation's own rewrites of the same example read it so.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// A moment as a record states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The moment; for a bare date, its first instant in UTC.
    pub time: Timestamp,
    /// The text was a bare date: the moment is known to the day only.
    pub day_only: bool,
    /// The text named no zone and was read as UTC.
    pub zone_assumed: bool,
}

/// Reads a time in any of the dialects of the API; `None` if it is none of them.
#[must_use]
pub fn parse(text: &str) -> Option<Stamp> {
    let Some((nanoseconds, zone_assumed)) = usual(text.as_bytes()) else { return any(text) };
    let (seconds, rest) = (nanoseconds.div_euclid(1_000_000_000), nanoseconds.rem_euclid(1_000_000_000));
    let time = Timestamp::new(seconds, i32::try_from(rest).ok()?).ok()?;
    Some(Stamp { time, day_only: false, zone_assumed })
}

/// Reads a string of the usual form with which a JSON text begins. Returns nanoseconds since 1970, whether UTC was
/// assumed, and the length of the string.
pub(crate) fn usual_at(json: &[u8]) -> Option<(i64, bool, usize)> {
    let text = json.strip_prefix(b"\"")?;
    // Six digits are most usual, then none.
    let end = [26, 19, 20, 27].into_iter().find(|&end| text.get(end) == Some(&b'"'))?;
    let (nanoseconds, zone_assumed) = usual(text.get(..end)?)?;
    Some((nanoseconds, zone_assumed, end + 2))
}

/// Reads the form that the services write: `2026-11-01T01:46:50.197752`, with or without fraction and `Z`. Doing it by
/// hand takes a fraction of the time; whatever is not of this form, or not surely valid, is left to the library.
fn usual(bytes: &[u8]) -> Option<(i64, bool)> {
    let (head, tail) = bytes.split_first_chunk::<19>()?;
    let &[y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T' | b' ', h1, h2, b':', mi1, mi2, b':', s1, s2] = head
    else {
        return None;
    };
    let (zone_assumed, fraction) = match tail {
        [rest @ .., b'Z'] => (false, rest),
        rest => (true, rest),
    };
    let hundredths_of_microseconds = match *fraction {
        [] => 0,
        [b'.', f1, f2, f3] => digits([f1, f2, f3, b'0', b'0', b'0', b'0', b'0'])?,
        [b'.', f1, f2, f3, f4, f5, f6] => digits([f1, f2, f3, f4, f5, f6, b'0', b'0'])?,
        _ => return None,
    };
    let date = digits([y1, y2, y3, y4, mo1, mo2, d1, d2])?;
    let clock = digits([b'0', b'0', h1, h2, mi1, mi2, s1, s2])?;
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    let (hour, minute, second) = (clock / 10_000, clock / 100 % 100, clock % 100);
    let is_date = (1900..=2200).contains(&year) && (1..=12).contains(&month) && (1..=28).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Some((seconds * 1_000_000_000 + hundredths_of_microseconds * 10, zone_assumed))
}

/// The number that eight decimal digits make, worked out for all of them at once: neighbours to pairs, pairs to fours.
fn digits(bytes: [u8; 8]) -> Option<i64> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let digits = u64::from_le_bytes(bytes).wrapping_sub(ONES * b'0' as u64);
    if (digits | digits.wrapping_add(ONES * (0x80 - 10))) & (ONES << 7) != 0 {
        return None;
    }
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let (odd, even) = (pairs & 0x0000_00ff_0000_00ff, pairs >> 16 & 0x0000_00ff_0000_00ff);
    let fours = odd.wrapping_mul(0x000f_4240_0000_0064).wrapping_add(even.wrapping_mul(0x0000_2710_0000_0001));
    i64::try_from(fours >> 32).ok()
}

/// Days since 1970 in the Gregorian calendar, for years after 1900. Years begin in March here, so that leap days are
/// last in theirs.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let in_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + in_year - 719_468
}

/// Reads a time in any of the dialects, by the library.
fn any(text: &str) -> Option<Stamp> {
    let bytes = text.as_bytes();
    if !bytes.is_ascii() || !is_date(bytes.get(..10)?) {
        return None;
    }
    if bytes.len() == 10 {
        let date: Date = text.parse().ok()?;
        let time = date.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp();
        return Some(Stamp { time, day_only: true, zone_assumed: true });
    }
    if !matches!(bytes.get(10), Some(b'T' | b't' | b' ')) || !is_clock(bytes.get(11..19)?) {
        return None;
    }
    let zone = text.get(19 + fraction_len(bytes.get(19..)?)?..)?;
    let time = match zone {
        // The last day of the calendar is what some write for "never"; it lies beyond the largest moment.
        "" | "Z" | "z" if text.starts_with("9999-12-31") && text.get(..19)?.parse::<DateTime>().is_ok() => {
            Timestamp::MAX
        }
        "" => text.parse::<DateTime>().ok()?.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp(),
        "Z" | "z" => text.parse().ok()?,
        _ if is_offset(zone.as_bytes()) => text.parse().ok()?,
        _ => return None,
    };
    Some(Stamp { time, day_only: false, zone_assumed: zone.is_empty() })
}

fn is_date(bytes: &[u8]) -> bool {
    matches_shape(bytes, b"0000-00-00")
}

fn is_clock(bytes: &[u8]) -> bool {
    matches_shape(bytes, b"00:00:00")
}

/// `+hh:mm` or `+hhmm`, hours to 23.
fn is_offset(bytes: &[u8]) -> bool {
    let Some((sign, rest)) = bytes.split_first() else { return false };
    matches!(sign, b'+' | b'-')
        && (matches_shape(rest, b"00:00") || matches_shape(rest, b"0000"))
        && rest < b"24".as_slice()
}

fn matches_shape(bytes: &[u8], shape: &[u8]) -> bool {
    bytes.len() == shape.len()
        && bytes.iter().zip(shape).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => byte == form,
        })
}

/// The length of a fraction of one to nine digits with its point; nought if there is none.
fn fraction_len(bytes: &[u8]) -> Option<usize> {
    if bytes.first() != Some(&b'.') {
        return Some(0);
    }
    let digits = bytes.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
    (1..=9).contains(&digits).then_some(digits + 1)
}

#[cfg(test)]
mod tests {
    use super::{parse, usual, usual_at};
    use pretty_assertions::assert_eq;

    fn utc(text: &str) -> Option<String> {
        parse(text).map(|stamp| stamp.time.to_string())
    }

    #[test]
    fn every_dialect_of_the_api_reads_as_the_same_moment() {
        for text in [
            "2020-02-21T07:07:25",
            "2020-02-21 07:07:25",
            "2020-02-21T07:07:25Z",
            "2020-02-21T07:07:25.000000",
            "2020-02-21T07:07:25.000+00:00",
            "2020-02-21T15:07:25.000000000+08:00",
            "2020-02-21T02:37:25-0430",
            "2020-02-21T07:07:25.0Z",
        ] {
            assert_eq!(utc(text).as_deref(), Some("2020-02-21T07:07:25Z"), "{text}");
        }
    }

    #[test]
    fn a_date_is_known_to_the_day_only() {
        let stamp = parse("2025-03-22").expect("a date");
        assert!(stamp.day_only);
        assert_eq!(stamp.time.to_string(), "2025-03-22T00:00:00Z");
    }

    #[test]
    fn precision_is_kept() {
        assert_eq!(utc("2020-02-21T07:07:25.123456789").as_deref(), Some("2020-02-21T07:07:25.123456789Z"));
    }

    #[test]
    fn the_usual_form_reads_as_the_library_reads_it() {
        for day in 0..=120_000 {
            let seconds = -2_208_988_800 + day * 86_400 + day * 7919 % 86_400;
            let time = jiff::Timestamp::new(seconds, (day * 7_654_321 % 1_000_000) as i32 * 1000).unwrap();
            let text = time.strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string();
            assert_eq!(parse(&text), super::any(&text), "{text}");
            assert_eq!(parse(&text).map(|stamp| stamp.time), Some(time), "{text}");
        }
    }

    /// The form that the services write is read by hand, with the length of its string.
    #[test]
    fn the_usual_form_is_recognised_at_once() {
        let nanoseconds = 1_582_268_845_000_000_000;
        for (text, beyond, zone_assumed) in [
            ("2020-02-21T07:07:25", 0, true),
            ("2020-02-21 07:07:25Z", 0, false),
            ("2020-02-21T07:07:25.123456", 123_456_000, true),
            ("2020-02-21T07:07:25.000001Z", 1000, false),
            ("2020-02-21T07:07:25.123", 123_000_000, true),
            ("2020-02-21T07:07:25.999Z", 999_000_000, false),
        ] {
            assert_eq!(usual(text.as_bytes()), Some((nanoseconds + beyond, zone_assumed)), "{text}");
            // Milliseconds are too rare to be looked for.
            let is_found = text.len() != 23 && text.len() != 24;
            let found = is_found.then_some((nanoseconds + beyond, zone_assumed, text.len() + 2));
            assert_eq!(usual_at(format!("\"{text}\", \"another\": 1").as_bytes()), found, "{text}");
        }
        for bounds in [
            ["1900-01-01T00:00:00", "1899-12-31T23:59:59"],
            ["2200-12-28T23:59:59", "2201-01-01T00:00:00"],
            ["2020-02-28T00:00:00", "2020-02-29T00:00:00"],
            ["2020-12-01T00:00:00", "2020-13-01T00:00:00"],
            ["2020-01-01T23:00:00", "2020-01-01T24:00:00"],
            ["2020-01-01T00:59:00", "2020-01-01T00:60:00"],
            ["2020-01-01T00:00:59", "2020-01-01T00:00:60"],
            ["2020-01-01T00:00:00", "2020-00-01T00:00:00"],
            ["2020-01-01T00:00:00", "2020-01-00T00:00:00"],
            ["2020-01-01T00:00:00.000", "2020-01-01T00:00:00.00x"],
            ["2020-01-01T00:00:00.000000", "2020-01-01T00:00:00.00000:"],
            ["2020-01-01T00:00:00.000", "2020-01-01T00:00:00.00"],
            ["2020-01-01T00:00:00", "2020/01-01T00:00:00"],
        ] {
            let [last, beyond] = bounds.map(|text| usual(text.as_bytes()));
            assert_eq!((last.is_some(), beyond), (true, None), "{bounds:?}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "now",
            "2020-02-30",
            "2020-13-01T00:00:00",
            "2020-02-21T25:00:00",
            "2020-02-21T07:07",
            "2020-02-21T07:07:25.1234567890",
            "2020-02-21T07:07:25+25:00",
            "2020-02-21T07:07:25 UTC",
            "2020-02-21T07:07:25.Z",
            "20200221T070725",
            "1582268845",
            "２０２０-02-21",
            "2020-02-21T07:07:25Z[UTC]",
            "2020-02-21T070725.5",
            "2020-02-21T07:07:25+08",
            "2020-02-21T07:07:25+08:00:30",
            "2020-02-21T07:07:25+24:00",
            "2020-02-21T07:07:25x08:00",
            "2020-02-21T07:07:2508:00",
        ] {
            assert_eq!(utc(text), None, "{text}");
        }
    }
}
