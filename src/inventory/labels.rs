//! The numbers of labels, so that nothing depends on the order in which a text states them.

#![allow(clippy::indexing_slicing, reason = "labels and facts are renumbered by tables made of all of them")]

use super::Inventory;
use super::intern::{Interner, Symbol};

impl Inventory {
    /// Numbers the labels by first appearance: reading by reading, and within one in a fixed order of its fields, so that
    /// nothing depends on the order in which a text states them. Returns the new numbers of the old ones, and the texts.
    pub(super) fn order_of_labels(&self) -> (Vec<Symbol>, Interner) {
        let mut order =
            LabelOrder { new: vec![None; self.labels.len()], texts: Interner::default(), labels: &self.labels };
        let mut seen_forms = vec![false; self.replications.forms()];
        let mut seen_facts = vec![false; self.facts.values.len()];
        for (number, row) in self.rows.iter().enumerate() {
            let end = self.rows.get(number + 1).map_or(self.replications.len(), |next| next.replications);
            for form in row.replications..end {
                self.replications.labels_once(form, &mut seen_forms, |label| order.next(label));
            }
            if !std::mem::replace(&mut seen_facts[row.facts as usize], true) {
                self.facts.values[row.facts as usize].labels_in_order().for_each(|label| order.next(label));
            }
        }
        let LabelOrder { new, texts, .. } = order;
        (new.into_iter().map(Option::unwrap_or_default).collect(), texts)
    }

    /// Gives the labels these numbers.
    pub(super) fn number_labels(&mut self, (new, texts): (Vec<Symbol>, Interner)) {
        self.facts.values.iter_mut().for_each(|facts| *facts = facts.renumbered(&new));
        self.replications.renumber(&new);
        self.labels = texts;
    }
}

/// Labels that are numbered anew.
struct LabelOrder<'l> {
    new: Vec<Option<Symbol>>,
    texts: Interner,
    labels: &'l Interner,
}

impl LabelOrder<'_> {
    fn next(&mut self, label: Symbol) {
        let new = &mut self.new[label.index()];
        if new.is_none() {
            *new = Some(self.texts.intern(self.labels.text(label)));
        }
    }
}
