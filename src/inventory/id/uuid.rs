//! UUIDs as the services write them (RFC 9562, section 4): lower case, with hyphens.

#![allow(clippy::indexing_slicing, reason = "texts have 36 bytes, and places lie within them")]

/// Where the hyphens of a UUID stand (RFC 9562, section 4).
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The value of a UUID in its usual form: lower case, with hyphens. Any other form is another text.
pub fn parse_uuid(bytes: &[u8; 36]) -> Option<u128> {
    if HYPHENS.iter().any(|&at| bytes[at] != b'-') {
        return None;
    }
    let two = |first: usize, second: usize| -> Option<u64> {
        let four = |at: usize| Some(u64::from(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?)));
        Some(four(first)? << 32 | four(second)?)
    };
    let parts = [two(0, 4)?, two(9, 14)?, two(19, 24)?, two(28, 32)?];
    parts.into_iter().try_fold(0, |value, digits| Some(value << 32 | u128::from(hexadecimal(digits)?)))
}

/// The value of eight lower-case hexadecimal digits, the first one highest, worked out for all of them at once.
fn hexadecimal(digits: u64) -> Option<u32> {
    const ONES: u64 = u64::from_be_bytes([1; 8]);
    let letters = digits >> 6 & ONES;
    let values = (digits & (ONES * 15)) + letters * 9;
    let written = values + ONES * u64::from(b'0') + letters * u64::from(b'a' - b'0' - 10);
    let above_nine = (values + ONES * 6) >> 4 & ONES;
    if written != digits || above_nine != letters || values & (ONES << 4) != 0 {
        return None;
    }
    let pairs = (values | values >> 4) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    u32::try_from((fours | fours >> 16) & 0xffff_ffff).ok()
}

/// The text of a UUID.
pub(super) fn format(uuid: u128) -> [u8; 36] {
    let mut text = [b'-'; 36];
    let places = (0..36).filter(|place| !HYPHENS.contains(place));
    for (digit, place) in places.enumerate() {
        #[allow(clippy::cast_possible_truncation, reason = "masked to four bits")]
        let value = (uuid >> (124 - 4 * digit)) as usize & 15;
        text[place] = b"0123456789abcdef"[value];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::parse_uuid;
    use pretty_assertions::assert_eq;

    const UUID: [u8; 36] = *b"01234567-89ab-cdef-fedc-ba9876543210";

    #[test]
    fn a_uuid_is_its_digits_in_lower_case_with_hyphens_between_them() {
        assert_eq!(parse_uuid(&UUID), Some(0x0123_4567_89ab_cdef_fedc_ba98_7654_3210));
        for at in 0..36 {
            for byte in 0..=255 {
                let mut text = UUID;
                text[at] = byte;
                let is_hyphen = matches!(at, 8 | 13 | 18 | 23);
                let is_right = if is_hyphen { byte == b'-' } else { matches!(byte, b'0'..=b'9' | b'a'..=b'f') };
                let digits = std::str::from_utf8(&text).ok().filter(|_| is_right).map(|text| text.replace('-', ""));
                let value = digits.map(|digits| u128::from_str_radix(&digits, 16).expect("digits"));
                assert_eq!(parse_uuid(&text), value, "{at} {byte}");
            }
        }
    }
}
