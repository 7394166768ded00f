//! Files that hold a single backup each, packed together: they share one fragment, and what was learnt of one serves those
//! behind it. Made inside the worker that reads them.

use super::fragment::Fragment;
use crate::limits::Limits;
use crate::parse::document;
use crate::parse::envelope::Envelope;
use crate::parse::extent;

/// Files with one backup each.
#[derive(Debug)]
pub struct Singles {
    /// The backups of all, with their children.
    pub(super) fragment: Box<Fragment>,
    /// For every file which answer it is, and how many readings the fragment has up to its end.
    pub(super) files: Vec<(Envelope, u32)>,
}

impl Singles {
    /// Reads the texts of files up to the first that is no single backup in the usual form, or goes beyond a limit.
    #[must_use]
    pub fn read(texts: &[&str], limits: &Limits, hasher: &ahash::RandomState) -> Self {
        let singles = Self::up_to(texts, limits, hasher);
        match singles.len() {
            all if all == texts.len() => singles,
            // What was taken of the text behind is of no use: only those before are read again.
            usual => Self::up_to(texts.get(..usual).unwrap_or_default(), limits, hasher),
        }
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The same; if it does not get to the end, the fragment holds something of the text behind too.
    fn up_to(texts: &[&str], limits: &Limits, hasher: &ahash::RandomState) -> Self {
        let mut fragment = Fragment::empty(hasher);
        let mut files = Vec::with_capacity(texts.len());
        let mut singles = document::Singles::new();
        let mut packer = fragment.packer();
        let mut before = 0;
        for text in texts {
            if extent::beyond(text, limits).is_some() {
                break;
            }
            let Some(envelope) = singles.read(text, &mut packer) else { break };
            let end = packer.readings();
            if u64::from(end - before) > limits.records {
                break;
            }
            files.push((envelope, end));
            before = end;
        }
        drop(packer);
        Self { fragment: Box::new(fragment), files }
    }
}
