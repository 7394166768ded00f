//! A receiver that takes no more backup objects than a limit allows, so that a text with too many costs no more memory.

use crate::inventory::field::{FieldId, FieldSet};
use crate::parse::envelope::Receiver;
use crate::parse::replication::WireReplication;
use crate::parse::scalar::Scalar;
use crate::parse::wire::{Element, UnknownKey};

/// Hands objects on until there are too many; what comes behind them is only counted.
pub(super) struct Capped<R> {
    inner: R,
    most: u64,
    met: u64,
}

impl<R> Capped<R> {
    pub(super) fn new(inner: R, most: u64) -> Self {
        Self { inner, most, met: 0 }
    }

    /// How many objects came.
    pub(super) fn met(&self) -> u64 {
        self.met
    }

    fn is_over(&self) -> bool {
        self.met > self.most
    }
}

impl<'a, R: Receiver<'a>> Receiver<'a> for Capped<R> {
    fn view(&mut self, is_show: bool) {
        self.inner.view(is_show);
    }

    fn element(&mut self, ordinal: u32, element: &Element<'a>) {
        self.met += element.as_ref().map_or(0, |record| record.objects());
        if !self.is_over() {
            self.inner.element(ordinal, element);
        }
    }

    fn begin(&mut self, ordinal: u32) {
        self.met += 1;
        if !self.is_over() {
            self.inner.begin(ordinal);
        }
    }

    fn glimpse(&mut self, field: FieldId, text: &'a [u8]) -> usize {
        if self.is_over() { 0 } else { self.inner.glimpse(field, text) }
    }

    fn value(&mut self, field: FieldId, value: &Scalar<'a>) {
        if !self.is_over() {
            self.inner.value(field, value);
        }
    }

    fn watch(&mut self) {
        if !self.is_over() {
            self.inner.watch();
        }
    }

    fn learn(&mut self, fields: FieldSet) -> Option<u32> {
        if self.is_over() { None } else { self.inner.learn(fields) }
    }

    fn apply(&mut self, effect: u32) {
        if !self.is_over() {
            self.inner.apply(effect);
        }
    }

    fn unknown(&mut self, key: &UnknownKey<'a>) {
        if !self.is_over() {
            self.inner.unknown(key);
        }
    }

    fn image(&mut self) {
        if !self.is_over() {
            self.inner.image();
        }
    }

    fn replication(&mut self, replication: &WireReplication<'a>) {
        if !self.is_over() {
            self.inner.replication(replication);
        }
    }

    fn end(&mut self) {
        if !self.is_over() {
            self.inner.end();
        }
    }

    fn reset(&mut self) {
        self.met = 0;
        self.inner.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::Capped;
    use crate::inventory::field::{FieldId, FieldSet};
    use crate::inventory::fragment::Fragment;
    use crate::parse::envelope::{self, Receiver};
    use crate::parse::replication::WireReplication;
    use crate::parse::scalar::Scalar;
    use crate::parse::wire::{Element, UnknownKey};
    use pretty_assertions::assert_eq;

    /// Hands everything on, and notes it with what came back.
    struct Noted<R> {
        inner: R,
        calls: Vec<String>,
    }

    impl<R> Noted<R> {
        fn note<T: std::fmt::Debug>(&mut self, call: std::fmt::Arguments<'_>, did: impl FnOnce(&mut R) -> T) -> T {
            let came = did(&mut self.inner);
            self.calls.push(format!("{call}: {came:?}"));
            came
        }
    }

    impl<'a, R: Receiver<'a>> Receiver<'a> for Noted<R> {
        fn view(&mut self, is_show: bool) {
            self.note(format_args!("view {is_show}"), |inner| inner.view(is_show));
        }
        fn element(&mut self, ordinal: u32, element: &Element<'a>) {
            self.note(format_args!("element {ordinal}"), |inner| inner.element(ordinal, element));
        }
        fn begin(&mut self, ordinal: u32) {
            self.note(format_args!("begin {ordinal}"), |inner| inner.begin(ordinal));
        }
        fn glimpse(&mut self, field: FieldId, text: &'a [u8]) -> usize {
            self.note(format_args!("glimpse {field:?}"), |inner| inner.glimpse(field, text))
        }
        fn value(&mut self, field: FieldId, value: &Scalar<'a>) {
            self.note(format_args!("value {field:?} {value:?}"), |inner| inner.value(field, value));
        }
        fn watch(&mut self) {
            self.note(format_args!("watch"), R::watch);
        }
        fn learn(&mut self, fields: FieldSet) -> Option<u32> {
            self.note(format_args!("learn {fields:?}"), |inner| inner.learn(fields))
        }
        fn apply(&mut self, effect: u32) {
            self.note(format_args!("apply {effect}"), |inner| inner.apply(effect));
        }
        fn unknown(&mut self, key: &UnknownKey<'a>) {
            self.note(format_args!("unknown {key:?}"), |inner| inner.unknown(key));
        }
        fn image(&mut self) {
            self.note(format_args!("image"), R::image);
        }
        fn replication(&mut self, replication: &WireReplication<'a>) {
            self.note(format_args!("replication {replication:?}"), |inner| inner.replication(replication));
        }
        fn end(&mut self) {
            self.note(format_args!("end"), R::end);
        }
        fn reset(&mut self) {
            self.note(format_args!("reset"), R::reset);
        }
    }

    /// What is handed on of a text, with a limit or without.
    fn handed_on(text: &str, most: Option<u64>) -> Vec<String> {
        let mut fragment = Fragment::empty(&ahash::RandomState::new());
        let mut noted = Noted { inner: fragment.packer(), calls: Vec::new() };
        let Some(most) = most else {
            envelope::read(text, &mut noted).unwrap();
            return noted.calls;
        };
        let mut capped = Capped::new(noted, most);
        envelope::read(text, &mut capped).unwrap();
        capped.inner.calls
    }

    /// Up to the limit the quick reader finds what it is given without one, runs that it has learnt included.
    #[test]
    fn all_is_handed_on_up_to_the_limit_and_nothing_behind_it() {
        let copy = r#"{"status":"success","destination_region":"eu-nl"}"#;
        let images = r#"{"bootable":false,"os_images_data":[{"image_id":"i"}]}"#;
        let backup = |number: usize| {
            let extend = if number.is_multiple_of(2) { images } else { r#"{"bootable":true,"os_images_data":[]}"# };
            format!(
                r#"{{"id":"b{number}","resource_id":"r","status":"available","vault_id":"v","odd":"{number}","children":[{{"id":"c{number}"}}],"replication_records":[{copy}],"extend_info":{extend}}}"#
            )
        };
        let backups = |joint: &str| (0..20).map(backup).collect::<Vec<_>>().join(joint);
        let list = format!(r#"{{"backups":[{}]}}"#, backups(","));
        let show = format!(r#"{{"backup":{}}}"#, backup(0));
        let strict = list.replace("\"backups\"", "\"b\\u0061ckups\"");
        for (text, objects) in [(&list, 40), (&show, 2), (&strict, 40)] {
            let all = handed_on(text, None);
            assert_eq!(handed_on(text, Some(objects)), all);
            for most in 0..objects {
                let some = handed_on(text, Some(most));
                let begun = some.iter().filter(|call| call.starts_with("begin")).count() as u64;
                assert!(all.starts_with(&some) || text == &strict, "of {most}");
                assert!(begun <= most && (begun == most || text == &strict), "{begun} of {most}");
            }
        }
        let learnt = handed_on(&list, None);
        for call in ["glimpse", "value", "watch", "learn", "apply", "unknown", "image", "replication", "end"] {
            assert!(learnt.iter().any(|noted| noted.starts_with(call)), "nothing of {call} in {learnt:?}");
        }
    }

    /// How many objects of a text are kept with this limit, and how many are counted.
    fn kept_and_met(text: &str, most: u64) -> (usize, u64) {
        let mut fragment = Fragment::empty(&ahash::RandomState::new());
        let mut capped = Capped::new(fragment.packer(), most);
        envelope::read(text, &mut capped).unwrap();
        let met = capped.met();
        drop(capped);
        (fragment.rows.len(), met)
    }

    #[test]
    fn no_more_is_kept_than_the_limit_allows() {
        let backup = r#"{"id":"b","resource_id":"r","vault_id":"v","children":[{"id":"c"},{"id":"d"}]}"#;
        let usual = format!(r#"{{"backups":[{}]}}"#, [backup; 40].join(","));
        let strict = usual.replace("\"backups\"", "\"b\\u0061ckups\"");
        for text in [usual, strict] {
            for most in [0, 1, 2, 3, 59, 119, 120, 121] {
                let (kept, met) = kept_and_met(&text, most);
                assert!(kept as u64 <= most, "{kept} of {most}");
                assert_eq!((met, kept == 120), (120, most >= 120), "of {most}");
            }
        }
    }
}
