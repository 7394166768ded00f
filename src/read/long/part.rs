//! What the parts of a window came to: handed on one by one, or joined where they are kept for a while.

use crate::inventory::build::Builder;
use crate::inventory::documents::Documents;
use crate::inventory::fragment::Fragment;
use crate::parse::document::Site;
use crate::parse::envelope::Envelope;
use crate::read::allowance::Met;

/// What a part of a window came to.
pub(super) enum Part {
    /// Elements of a list.
    Elements(Box<Fragment>),
    /// The end of a list among several: where it stands, and which answer it is.
    Answer(Site, Envelope),
    /// Lines with a document each.
    Lines(Documents),
}

impl Part {
    /// What is in it.
    pub(super) fn met(&self) -> Met {
        match self {
            Self::Elements(fragment) => Met { records: fragment.rows.len() as u64, around: 0 },
            Self::Answer(..) => Met::default(),
            Self::Lines(documents) => Met { records: documents.records, around: documents.around },
        }
    }

    /// Adds the next part, so that what both hold is kept once.
    ///
    /// # Errors
    /// The next part, where it is none of the same.
    pub(super) fn join(&mut self, next: Self) -> Result<(), Self> {
        match (self, next) {
            (Self::Elements(elements), Self::Elements(next)) => {
                let before = elements.elements;
                elements.join(*next, before);
                Ok(())
            }
            (Self::Lines(lines), Self::Lines(next)) => lines.join(next).map_err(Self::Lines),
            (_, next) => Err(next),
        }
    }

    /// Gives back what only reading needs.
    pub(super) fn settle(&mut self) {
        match self {
            Self::Elements(fragment) => fragment.settle(),
            Self::Answer(..) => {}
            Self::Lines(documents) => documents.settle(),
        }
    }

    pub(super) fn hand_to(self, builder: &mut Builder) {
        match self {
            Self::Elements(fragment) => builder.part(*fragment),
            Self::Answer(site, envelope) => builder.end_list(site, envelope),
            Self::Lines(documents) => builder.documents(documents),
        }
    }
}
