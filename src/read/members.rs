//! What stands in a source that holds many files, or may hold anything: read side by side, and taken over in path order.

use std::borrow::Cow;
use std::collections::HashMap;

use rayon::prelude::*;

use super::allowance::Allowance;
use super::kept::Kept;
use super::long::{Long, Manner, Windows};
use super::{Read, Reading, Step, Text, Tools, Watcher, archive, contained, content, foreign};
use crate::discover::{Access, Source};
use crate::inventory::build::Builder;
use crate::inventory::documents::Documents;
use crate::inventory::handled::{Handled, Held};
use crate::limits::Limits;
use crate::unpack::{Content, Entry, form};

/// Reads every file in a source and takes them over in path order.
pub(super) fn read_archive(source: &Source, tools: Tools<'_>, builder: &mut Builder, watcher: Watcher<'_>) {
    let mut kept = Kept::default();
    let mut done = read_members(source, tools, &mut kept, builder);
    if done.iter().any(|read| matches!(read.text, Text::Windows(None))) {
        let reading = Reading { windows: Windows::NONE, ..tools.reading };
        done = read_members(source, Tools { reading, ..tools }, &mut kept, builder);
    }
    // Of an archive that changed meanwhile nothing is used.
    if done.iter().any(|read| read.is_changed(source)) {
        done.retain(|read| read.is_changed(source));
    }
    // It stands in no other.
    let own = done.iter_mut().filter(|read| read.source.path == source.path);
    own.for_each(|read| read.source.to_mut().access.clone_from(&source.access));
    done.sort_by(|a, b| a.source.path.as_bytes().cmp(b.source.path.as_bytes()));
    done.into_iter().for_each(|read| read.hand_to(builder));
    if let Some(tell) = watcher {
        tell(Step::Read { files: 1, bytes: source.bytes() });
    }
}

/// Reads every file in a source. Where it is no archive but one large text, that is taken over at once.
fn read_members(
    source: &Source,
    Tools { reading, hasher, twins }: Tools<'_>,
    kept: &mut Kept,
    builder: &mut Builder,
) -> Vec<Read<'static>> {
    let mark = builder.mark();
    let mut allowance = Allowance::of(source, reading.limits);
    let mut done: Vec<Read<'_>> = Vec::new();
    let mut texts: HashMap<String, Long> = HashMap::new();
    archive::each(source, reading, hasher, Some(kept), |part| match part {
        archive::Part::Text(path, feed) => {
            let manner = Manner::new(&path, &reading, hasher);
            let long = if path == source.path {
                Long::read_into(builder, &feed, manner, &mut allowance)
            } else {
                Long::read(&feed, manner, &mut allowance)
            };
            texts.extend(long.map(|long| (path, long)));
        }
        archive::Part::Entries(batch, consumed) => {
            allowance.read(consumed);
            done.extend(read_entries(batch, &mut allowance, hasher));
        }
    });
    for read in &mut done {
        twins.met(read.handled.content);
        if let Text::Windows(long) = &mut read.text {
            *long = texts.remove(&read.source.path);
        }
    }
    let is_taken = |read: &Read<'_>| read.source.path == source.path && matches!(read.text, Text::Windows(Some(_)));
    if !done.iter().any(is_taken) {
        builder.back_to(mark);
    }
    done
}

/// Reads files in an archive side by side, as many at a time as can hold no more together than the archive may.
fn read_entries(
    batch: Vec<Entry>,
    allowance: &mut Allowance,
    hasher: &ahash::RandomState,
) -> impl Iterator<Item = Read<'static>> {
    let length = |entries: &[Entry]| entries.iter().map(|entry| entry.text().len()).sum::<usize>();
    let mut text = length(&batch);
    let mut rest = batch.into_iter();
    std::iter::from_fn(move || {
        let limits = allowance.limits();
        // A value takes two bytes of text at least, and nearly always that little is little enough.
        let is_little = text as u64 / 2 * Limits::ELEMENT_BYTES <= limits.around_bytes;
        let (mut records, mut around) = (0_u64, 0_u64);
        let together = rest.as_slice().iter().take_while(|entry| {
            records += entry.braces();
            around += if is_little { 0 } else { entry.values() * Limits::ELEMENT_BYTES };
            records <= limits.records && around <= limits.around_bytes
        });
        let together = together.count().max(1);
        let next: Vec<_> = rest.by_ref().take(together).collect();
        text -= length(&next);
        let read: Vec<_> =
            next.into_par_iter().with_max_len(1).map(|entry| read_entry(entry, &limits, hasher)).collect();
        allowance.met(read.iter().map(Read::met).sum());
        (!read.is_empty()).then_some(read)
    })
    .flatten()
}

fn read_entry(entry: Entry, limits: &Limits, hasher: &ahash::RandomState) -> Read<'static> {
    let path = entry.path.clone();
    contained(|| entry_contained(entry, limits, hasher))
        .unwrap_or_else(|why| Read::lost(Cow::Owned(Source { path, access: Access::Member }), why))
}

fn entry_contained(entry: Entry, limits: &Limits, hasher: &ahash::RandomState) -> Read<'static> {
    let Entry { path, bytes, sha256, note, content } = entry;
    let mut handled = Handled { sha256, bytes, note, ..Handled::default() };
    let text = match content {
        Content::Document(document) => {
            handled.content = content::of(&document, hasher);
            let mut documents = Documents::read(&document, form::named_as_lines(&path), limits, hasher);
            documents.settle();
            Text::Whole(documents)
        }
        Content::Taken(content) => {
            handled.content = content;
            Text::Windows(None)
        }
        Content::Foreign => Text::Whole(foreign()),
        Content::Refused(why) => Text::Whole(Documents::refused(why)),
        Content::Skipped(why) => {
            handled.skipped = Some(why);
            Text::Whole(Documents::other(""))
        }
        Content::Archive(contents) => {
            let held = Held::new(&contents);
            handled.held = Some(held);
            Text::Whole(Documents::other(contents.kind))
        }
    };
    let source = Cow::Owned(Source { path, access: Access::Member });
    Read { source, handled, text }
}
