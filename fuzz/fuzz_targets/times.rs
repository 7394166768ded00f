//! Texts to times: a time that is read is the moment that its text says, also once it is written anew.

#![no_main]

use cbr_audit::parse::time;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some(stamp) = time::parse(text) else { return };
    // The one text for "never" that lies beyond the calendar.
    if text.starts_with("9999-12-31") {
        return;
    }
    let again = time::parse(&stamp.time.to_string()).expect("what is written is read");
    assert_eq!(again.time, stamp.time);
    assert!(!again.zone_assumed && !again.day_only);
    if stamp.zone_assumed && !stamp.day_only {
        let zoned = time::parse(&format!("{text}Z")).expect("a zone may follow");
        assert_eq!(zoned.time, stamp.time);
    }
    if stamp.day_only {
        assert_eq!(text.len(), 10);
        let day = time::parse(&format!("{text}T00:00:00Z")).expect("a clock may follow");
        assert_eq!(day.time, stamp.time);
    }
});
