//! Appends JSON objects to a buffer, key by key, without building them in memory first.

use crate::{point::Damage, time};

/// Builds one JSON object, key by key, with the damage of its point applied.
pub struct Object<'a> {
    pub out: &'a mut Vec<u8>,
    pub damage: Option<(&'static str, Damage)>,
}

impl Object<'_> {
    /// Writes the key; no answer if a damage settles the value, else whether to write it as text.
    fn key(&mut self, key: &'static str) -> Option<bool> {
        let damage = self.damage.filter(|(damaged, _)| *damaged == key).map(|(_, damage)| damage);
        if damage == Some(Damage::Dropped) {
            return None;
        }
        if !self.out.ends_with(b"{") {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        if damage == Some(Damage::Null) {
            self.out.extend_from_slice(b"null");
            return None;
        }
        Some(damage == Some(Damage::Text))
    }

    /// A value that is JSON already.
    pub fn raw(&mut self, key: &'static str, value: &str) {
        if let Some(as_text) = self.key(key) {
            let quote: &[u8] = if as_text { b"\"" } else { b"" };
            self.out.extend_from_slice(quote);
            self.out.extend_from_slice(value.as_bytes());
            self.out.extend_from_slice(quote);
        }
    }

    /// A text that needs no escapes.
    pub fn text(&mut self, key: &'static str, value: &[u8]) {
        if self.key(key).is_some() {
            self.out.push(b'"');
            self.out.extend_from_slice(value);
            self.out.push(b'"');
        }
    }

    pub fn optional(&mut self, key: &'static str, value: Option<&str>) {
        match value {
            Some(value) => self.text(key, value.as_bytes()),
            None => self.raw(key, "null"),
        }
    }

    pub fn flag(&mut self, key: &'static str, value: Option<bool>) {
        self.raw(key, value.map_or("null", |value| if value { "true" } else { "false" }));
    }

    pub fn time(&mut self, key: &'static str, value: Option<i64>) {
        match value {
            None => self.raw(key, "null"),
            Some(value) => {
                if self.key(key).is_some() {
                    self.out.push(b'"');
                    time::push(self.out, value);
                    self.out.push(b'"');
                }
            }
        }
    }

    pub fn open(&mut self, key: &'static str, bracket: u8) -> bool {
        let open = self.key(key).is_some();
        if open {
            self.out.push(bracket);
        }
        open
    }
}
