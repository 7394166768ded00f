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
    use crate::inventory::fragment::Fragment;
    use crate::parse::envelope;
    use pretty_assertions::assert_eq;

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
