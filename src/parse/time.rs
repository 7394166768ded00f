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
    let bytes = text.as_bytes();
    if !bytes.is_ascii() || !is_date(bytes.get(..10)?) {
        return None;
    }
    if bytes.len() == 10 {
        let date: Date = text.parse().ok()?;
        let time = date.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp();
        return Some(Stamp { time, day_only: true, zone_assumed: true });
    }
    if !matches!(bytes[10], b'T' | b't' | b' ') || !is_clock(bytes.get(11..19)?) {
        return None;
    }
    let zone = &text[19 + fraction_len(&bytes[19..])?..];
    let time = match zone {
        // The last day of the calendar is what some write for "never"; it lies beyond the largest moment.
        "" | "Z" | "z" if text.starts_with("9999-12-31") && text[..19].parse::<DateTime>().is_ok() => Timestamp::MAX,
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
        && rest[..2] < b"24"[..]
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
    let digits = bytes[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    (1..=9).contains(&digits).then_some(digits + 1)
}

#[cfg(test)]
mod tests {
    use super::parse;
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
        ] {
            assert_eq!(utc(text), None, "{text}");
        }
    }
}
