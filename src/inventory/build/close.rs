//! Enters what a source came to into the ledger, once all its documents are taken over.

#![allow(clippy::indexing_slicing, reason = "answers and files are those of this builder")]

use super::Builder;
use crate::discover::{Access, Source};
use crate::inventory::file::{File, FileState};
use crate::inventory::fragment::LostRecord;
use crate::inventory::handled::Handled;
use crate::inventory::open::Open;
use crate::inventory::{AnswerIx, FileIx};

impl Builder {
    /// Enters the source whose documents were taken over into the ledger.
    pub fn close(&mut self, source: &Source, handled: Handled) {
        self.close_at(self.number(), source, handled);
    }

    /// The same for a source whose readings end before this one.
    pub(super) fn close_at(&mut self, end: u32, source: &Source, handled: Handled) {
        let first = self.open.first;
        let mut open = std::mem::replace(&mut self.open, Open::new(end));
        self.seen.add(source.directory(), std::mem::take(&mut open.seen), self.inventory.files.len());
        let around = self.take_neighbours(source, &mut open);
        let (ix, members) = (self.file(), handled.held.as_ref().map(|held| held.members));
        let first_of_content = handled.content.map(|content| *self.contents.entry(content).or_insert(ix));
        let (state, reason) = match (handled.skipped, handled.held) {
            (Some(why), _) => (FileState::Skipped, Some(why)),
            (_, Some(held)) => (held.state, Some(held.reason)),
            _ => {
                let objects = open.lost_objects(|answer, lost| self.place_of_lost(&open, answer, lost));
                (open.state(), [open.refused(), objects, around].into_iter().reduce(joined).flatten())
            }
        };
        self.inventory.files_in[state as usize] += 1;
        self.inventory.files.push(File {
            path: source.path.clone(),
            bytes: handled.bytes,
            state,
            kind: if state == FileState::Skipped { "skipped".into() } else { open.kind() },
            reason: joined(reason, handled.note),
            records: u64::from(end - first),
            sha256: handled.sha256,
            documents: open.tally.documents,
            readings: (first, end),
            elements_lost: open.elements_lost,
            older: None,
            objects_lost: open.objects_lost,
            members,
            is_member: matches!(source.access, Access::Member),
            same_as: first_of_content.filter(|&first| first != ix),
        });
    }

    /// Tells the content of a file that was taken over before.
    pub fn tell_content(&mut self, path: &str, content: (u64, u64)) {
        let files = &mut self.inventory.files;
        let at = files.iter().position(|file| file.path == path && !file.is_member);
        let Some(ix) = at.and_then(|at| u32::try_from(at).ok()).map(FileIx) else { return };
        let Some(first) = self.contents.get(&content).copied() else { return };
        if first < ix {
            files[ix.index()].same_as = Some(first);
            return;
        }
        let later = files.iter_mut().filter(|file| file.same_as == Some(first));
        later.for_each(|file| file.same_as = Some(ix));
        files[first.index()].same_as = Some(ix);
        self.contents.insert(content, ix);
    }

    /// Takes over the answers around the backups of a file. Returns what could not be used.
    fn take_neighbours(&mut self, source: &Source, open: &mut Open) -> Option<String> {
        let mut reasons = None;
        for (ix, answer) in std::mem::take(&mut open.neighbours) {
            let (form, objects) = (answer.form, answer.objects.len());
            let lost = self.inventory.neighbours.take(ix, source.directory(), answer);
            let Some((ordinal, why)) = lost.first() else { continue };
            let within = &self.inventory.answers[ix.index()].within;
            let place = form.pointer(*ordinal);
            let place = open.among_documents(self.inventory.answers[ix.index()].document, format!("{within}{place}"));
            let reason = format!("{} of {objects} objects could not be used: {place}: {why}", lost.len());
            reasons = joined(reasons, Some(reason));
            open.correct(if lost.len() < objects { FileState::PartlyRead } else { FileState::Rejected });
        }
        reasons
    }

    /// Where an object stands that could not be read.
    fn place_of_lost(&self, open: &Open, ix: AnswerIx, lost: &LostRecord) -> String {
        let answer = &self.inventory.answers[ix.index()];
        let (ordinal, pointer) = match lost.enclosing {
            Some(enclosing) => {
                let (ordinal, pointer) = self.inventory.place_in(answer, enclosing);
                (ordinal, format!("{pointer}/children/{}", lost.ordinal))
            }
            None => (lost.ordinal, answer.element_pointer(lost.ordinal, lost.view)),
        };
        let pointer = if pointer.is_empty() { "the document".to_owned() } else { pointer };
        open.among_documents(answer.document_of(ordinal), pointer)
    }
}

/// Two remarks as one.
fn joined(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("{one}; {other}")),
        (one, other) => one.or(other),
    }
}
