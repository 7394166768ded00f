//! Replication records of the usual form.

#![allow(
    clippy::indexing_slicing,
    reason = "there is one entry for every key and every object that may begin; a guess was found in the table before"
)]

use std::borrow::Cow;

use super::pattern::{Learning, Varying};
use super::{Object, Records, WORTH_LEARNING};
use crate::inventory::field::Home;
use crate::parse::envelope::Receiver;
use crate::parse::replication::{REPLICATED_KEYS, Replicated, WireReplication};
use crate::parse::scalar::{KeysMet, Scalar};
use crate::parse::scan::{Scan, Unusual};

/// A record while it is read.
struct Open<'a> {
    ordinal: usize,
    depth: u32,
    replication: WireReplication<'a>,
    learning: Option<Learning<'a>>,
}

impl<'a> Records<'a> {
    pub(super) fn replications(
        &mut self,
        object: &mut Object<'a>,
        receiver: &mut impl Receiver<'a>,
    ) -> Scan<Scalar<'a>> {
        let mut further = self.scan.opens(b']');
        object.interrupt(further);
        let mut ordinal = 0;
        while further {
            if self.scan.skip_blanks() != b'{' {
                return Err(Unusual);
            }
            let replication = match self.repeated() {
                Some(replication) => replication,
                None => self.replication(ordinal, receiver, object.depth)?,
            };
            receiver.replication(&replication);
            ordinal += 1;
            further = self.scan.further(b']')?;
        }
        Ok(Scalar::Array)
    }

    /// What the record at the position says, if it is like one that was read before.
    fn repeated(&mut self) -> Option<WireReplication<'a>> {
        if self.read < WORTH_LEARNING { None } else { self.patterns.read(&mut self.scan) }
    }

    /// Reads an element of `replication_records`.
    fn replication(
        &mut self,
        ordinal: usize,
        receiver: &mut impl Receiver<'a>,
        depth: u32,
    ) -> Scan<WireReplication<'a>> {
        let mut open = Open { ordinal, depth, replication: WireReplication::default(), learning: None };
        if self.read >= WORTH_LEARNING && self.patterns.has_room() {
            open.learning = Some(Learning::new(&self.scan));
        }
        self.replicated(Home::Replication, &mut open, receiver)?;
        if let Some(learning) = open.learning {
            self.patterns.learn(learning, &self.scan, &open.replication);
        }
        Ok(open.replication)
    }

    /// Reads an element of `replication_records`, or its `extra_info`.
    fn replicated(&mut self, home: Home, open: &mut Open<'a>, receiver: &mut impl Receiver<'a>) -> Scan<()> {
        let mut further = self.scan.opens(b'}');
        let mut before = REPLICATED_KEYS + usize::from(home == Home::ReplicationExtra);
        let mut unknown = KeysMet::default();
        let mut met = 0_u32;
        while further {
            let key = self.replicated_key(home, before)?;
            let first = self.scan.skip_blanks();
            let is_new = match key {
                Ok(known) => {
                    before = known as usize;
                    met & (1 << before) == 0
                }
                Err(key) => unknown.note(Cow::Borrowed(key)),
            };
            if !is_new {
                return Err(Unusual);
            }
            met |= key.map_or(0, |known| 1 << known as u32);
            self.replicated_value(home, key, first, open, receiver)?;
            further = self.scan.further(b'}')?;
        }
        Ok(())
    }

    /// Reads the value of a key, which begins with this byte.
    fn replicated_value(
        &mut self,
        home: Home,
        key: Result<Replicated, &'a str>,
        first: u8,
        open: &mut Open<'a>,
        receiver: &mut impl Receiver<'a>,
    ) -> Scan<()> {
        let varying = key.ok().filter(|_| first == b'"').and_then(Varying::under);
        if let (Some(varying), Some(learning)) = (varying, &mut open.learning) {
            learning.varies(varying, &self.scan);
        }
        if !(matches!(varying, Some(Varying::Idle)) && self.scan.pass_string()) {
            let value = if key == Ok(Replicated::ExtraInfo) && first == b'{' {
                self.replicated(Home::ReplicationExtra, open, receiver)?;
                Scalar::Object
            } else {
                self.scan.value(open.depth)?
            };
            let Open { ordinal, replication, learning, .. } = open;
            replication.note(home, key.map_err(Cow::Borrowed), value, *ordinal, &mut |key| {
                learning.iter_mut().for_each(Learning::spoil);
                receiver.unknown(&key);
            });
        }
        if let (Some(_), Some(learning)) = (varying, &mut open.learning) {
            learning.goes_on(&self.scan);
        }
        Ok(())
    }

    fn replicated_key(&mut self, home: Home, before: usize) -> Scan<Result<Replicated, &'a str>> {
        let guess = usize::from(self.next_replicated[before]);
        if let Some(keyed) = Replicated::KEYED.get(guess)
            && self.scan.pass_if(keyed)
        {
            return Ok(Ok(Replicated::ALL[guess]));
        }
        let key = self.scan.key()?;
        self.scan.expect(b':')?;
        let known = Replicated::within(home, key);
        if let Some(known) = known {
            self.next_replicated[before] = known as u8;
        }
        Ok(known.ok_or(key))
    }
}
