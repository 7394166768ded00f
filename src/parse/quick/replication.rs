//! Replication records of the usual form.

#![allow(
    clippy::indexing_slicing,
    reason = "there is one entry for every key and every object that may begin; a guess was found in the table before"
)]

use std::borrow::Cow;

use super::{Object, Records};
use crate::inventory::field::Home;
use crate::parse::envelope::Receiver;
use crate::parse::replication::{REPLICATED_KEYS, Replicated, WireReplication};
use crate::parse::scalar::{KeysMet, Scalar};
use crate::parse::scan::{Scan, Unusual};

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
            let mut replication = WireReplication::default();
            self.replication(Home::Replication, ordinal, receiver, &mut replication, object.depth)?;
            receiver.replication(&replication);
            ordinal += 1;
            further = self.scan.further(b']')?;
        }
        Ok(Scalar::Array)
    }

    /// Reads an element of `replication_records`, or its `extra_info`.
    fn replication(
        &mut self,
        home: Home,
        ordinal: usize,
        receiver: &mut impl Receiver<'a>,
        replication: &mut WireReplication<'a>,
        depth: u32,
    ) -> Scan<()> {
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
            let is_idle = key.is_ok_and(Replicated::is_idle);
            if !(is_idle && first == b'"' && self.scan.pass_string()) {
                let value = if key == Ok(Replicated::ExtraInfo) && first == b'{' {
                    self.replication(Home::ReplicationExtra, ordinal, receiver, replication, depth)?;
                    Scalar::Object
                } else {
                    self.scan.value(depth)?
                };
                replication.note(home, key.map_err(Cow::Borrowed), value, ordinal, &mut |key| receiver.unknown(&key));
            }
            further = self.scan.further(b'}')?;
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
