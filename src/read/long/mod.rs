//! Large texts, read in windows: bounded memory, and every thread at work. A window is read, or unpacked, while the one
//! before is parsed in parts, and what the one before that came to is taken over. This serves long lists of the usual form,
//! answers and arrays, wrapped or not, and texts with a document on each line, in files, in archives and on standard input; what turns out to be anything
//! else is read again as a whole.

mod blocks;
mod feed;
mod lines;
mod list;
mod part;
mod window;

use super::allowance::{Allowance, Met};
use super::content::Hashing;
use super::{Reading, Step, Tools, Watcher};
use crate::discover::{Access, Source};
use crate::inventory::build::Builder;
use crate::limits::Limits;
use crate::parse::document::Site;
use crate::parse::envelope::Envelope;
use crate::unpack::form::{Form, named_as_answer, named_as_lines, uncompressed};
pub(super) use feed::{Feed, pair};
use lines::Lines;
use list::List;
use part::Part;

/// Which files are read in windows, and how large these are. Whatever they are, a file comes to the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Files from this size on, in bytes.
    pub from: u64,
    /// Compressed files from this size on, in bytes: they hold many times as much. One is unpacked by one thread, so smaller
    /// ones are better unpacked side by side.
    pub from_packed: u64,
    /// How many bytes of a window one thread usually parses at a time.
    pub block: usize,
}

impl Default for Windows {
    fn default() -> Self {
        Self { from: 16 << 20, from_packed: 4 << 20, block: 1 << 20 }
    }
}

impl Windows {
    /// Every file is read as a whole, however large it is.
    pub const NONE: Self = Self { from: u64::MAX, from_packed: u64::MAX, block: 0 };

    /// Whether a file of this name and size is read in windows.
    pub(super) fn are_worth_it(self, source: &Source) -> bool {
        let is_packed = matches!(Form::by_name(&source.path), Some(Form::Gzip | Form::Zstd));
        source.bytes() >= if is_packed { self.from_packed } else { self.from }
    }

    /// So many bytes of a text tell whether it may be read in windows.
    pub(super) fn beginning(self) -> u64 {
        const ENOUGH: usize = 64 << 10;
        self.block.min(ENOUGH) as u64
    }

    /// How large a window is for so many threads: some blocks for each, within reason.
    pub(super) fn size(self, threads: usize) -> usize {
        const BLOCKS: usize = 4;
        const MOST: usize = 64;
        self.block * (BLOCKS * threads).min(MOST)
    }

    /// How much is looked at behind a block at first, for the element that begins in it and ends behind it.
    fn margin(self) -> usize {
        self.block / 16
    }

    /// What is left of a window goes before the next one, at most so much: what is longer is nothing usual.
    fn longest_rest(self) -> usize {
        self.block * 32
    }
}

/// Whether what is called so may be read in windows.
pub(super) fn may_read(path: &str, reading: &Reading<'_>) -> bool {
    // A part does not tell how deep it stands.
    named_as_answer(uncompressed(path)) && reading.limits.depth >= Limits::DEEPEST
}

/// Whether a text that begins so, and goes on, may be read in windows.
pub(super) fn may_begin(bytes: &[u8], manner: Manner<'_>, limits: &Limits) -> bool {
    Reader::of(Text { bytes, is_last: false, limits }, manner).is_some()
}

/// Reads a file in windows, if it is of a form that allows it. Else the builder is left as it was.
pub(super) fn read(source: &Source, tools: Tools<'_>, builder: &mut Builder, watcher: Watcher<'_>) -> bool {
    let Tools { reading, hasher, twins } = tools;
    let Access::File { path, bytes } = &source.access else { return false };
    if !may_read(&source.path, &reading) {
        return false;
    }
    let mark = builder.mark();
    let window = reading.windows.size(rayon::current_num_threads());
    let file = feed::Packed { path, label: &source.path, size: *bytes, may_be_twin: twins.may_have(*bytes) };
    let hashing = Hashing::new(hasher);
    let manner = Manner::new(&source.path, &reading, hasher);
    let mut allowance = Allowance::of(source, reading.limits);
    let mut take = |part: Part| part.hand_to(builder);
    match feed::with(file, window, reading, hashing, |feed| take_all(feed, manner, &mut allowance, &mut take, watcher))
    {
        Some((end, handled)) => {
            end.hand_to(builder);
            twins.met(handled.content);
            builder.close(source, handled);
            tell(watcher, Step::Read { files: 1, bytes: 0 });
            true
        }
        None => {
            builder.back_to(mark);
            false
        }
    }
}

/// A text that was read in windows.
pub(super) struct Long {
    /// What is still to be taken over of it.
    parts: Vec<Part>,
    end: Option<Ended>,
}

impl Long {
    /// Reads a text; nothing if it is of no form that allows it.
    pub(super) fn read(feed: &Feed, manner: Manner<'_>, allowance: &mut Allowance) -> Option<Self> {
        let mut parts = Vec::new();
        let mut keep = |part: Part| {
            let Some(last) = parts.last_mut() else { return parts.push(part) };
            if let Err(part) = last.join(part) {
                last.settle();
                parts.push(part);
            }
        };
        let end = take_all(feed, manner, allowance, &mut keep, None)?;
        Some(Self { parts, end: Some(end) })
    }

    /// The same of a text that may be taken over at once; of one that cannot be read a part may have been.
    pub(super) fn read_into(
        builder: &mut Builder,
        feed: &Feed,
        manner: Manner<'_>,
        allowance: &mut Allowance,
    ) -> Option<Self> {
        let end = take_all(feed, manner, allowance, &mut |part: Part| part.hand_to(builder), None)?;
        end.hand_to(builder);
        Some(Self { parts: Vec::new(), end: None })
    }

    pub(super) fn hand_to(self, builder: &mut Builder) {
        self.parts.into_iter().for_each(|part| part.hand_to(builder));
        self.end.into_iter().for_each(|end| end.hand_to(builder));
    }
}

fn tell(watcher: Watcher<'_>, step: Step) {
    watcher.into_iter().for_each(|tell| tell(step));
}

/// How a text is to be read.
#[derive(Clone, Copy)]
pub(super) struct Manner<'h> {
    /// The name of the file promises a document on each line.
    named: bool,
    windows: Windows,
    hasher: &'h ahash::RandomState,
}

impl<'h> Manner<'h> {
    /// How a text of this name is to be read.
    pub(super) fn new(path: &str, reading: &Reading<'_>, hasher: &'h ahash::RandomState) -> Self {
        Self { named: named_as_lines(path), windows: reading.windows, hasher }
    }
}

/// The text of a file as far as it is in a window.
#[derive(Clone, Copy)]
struct Text<'w> {
    bytes: &'w [u8],
    /// Whether the file ends with it.
    is_last: bool,
    /// What the file may still hold.
    limits: &'w Limits,
}

/// What a window came to.
struct Parsed {
    parts: Vec<Part>,
    /// How many of its bytes are done with.
    used: usize,
}

/// What a text turned out to be, all of which was taken over.
enum Ended {
    /// A list, or the last of several: where it stands, and which answer it is.
    List(Site, Envelope),
    /// Several documents.
    Lines,
}

impl Ended {
    fn hand_to(self, builder: &mut Builder) {
        match self {
            Self::List(site, envelope) => {
                builder.end_list(site, envelope);
                builder.end_document();
            }
            Self::Lines => {}
        }
    }
}

/// What a text is read as.
enum Reader<'h> {
    List(List<'h>),
    Lines(Lines<'h>),
}

impl<'h> Reader<'h> {
    /// What a text that begins so may be.
    fn of(text: Text<'_>, manner: Manner<'h>) -> Option<Self> {
        if lines::begin(text) {
            return Some(Self::Lines(Lines::new(manner)));
        }
        List::open(text, manner).map(Self::List)
    }

    /// Parses what can be parsed of a window; nothing if the text is none of this form.
    fn parse(&mut self, text: Text<'_>) -> Option<Parsed> {
        match self {
            Self::List(list) => list.parse(text),
            Self::Lines(lines) => lines.parse(text),
        }
    }

    /// Ends the text, all of which was taken over; nothing if it was none of this form.
    fn end(self, limits: &Limits) -> Option<Ended> {
        match self {
            Self::List(list) => list.end(limits).map(|(site, envelope)| Ended::List(site, envelope)),
            Self::Lines(lines) => lines.end().map(|()| Ended::Lines),
        }
    }
}

/// Parses a text window by window and has it taken over; nothing if it is of no form that allows it, or holds too much.
fn take_all(
    feed: &Feed,
    manner: Manner<'_>,
    allowance: &mut Allowance,
    take: &mut (impl FnMut(Part) + Send),
    watcher: Watcher<'_>,
) -> Option<Ended> {
    let mut form = None;
    let mut before: Vec<Part> = Vec::new();
    let mut rest = Vec::new();
    let mut records = 0;
    loop {
        let mut window = feed.next()?;
        allowance.read(window.consumed);
        window.put_before(&rest);
        let limits = allowance.limits_behind(records);
        let text = Text { bytes: window.bytes(), is_last: window.is_last, limits: &limits };
        let form = match &mut form {
            Some(form) => form,
            None => form.insert(Reader::of(text, manner)?),
        };
        let taking = || before.drain(..).for_each(&mut *take);
        let ((), parsed) = rayon::join(taking, || form.parse(text));
        let Parsed { parts, used } = parsed?;
        before = parts;
        let met = before.iter().map(Part::met).sum::<Met>();
        // The reader of whole files says that there are too many.
        if met.records > limits.records || met.around > limits.around_bytes {
            return None;
        }
        records += met.records;
        allowance.met(met);
        rest.clear();
        rest.extend_from_slice(text.bytes.get(used..).unwrap_or_default());
        tell(watcher, Step::Read { files: 0, bytes: window.consumed });
        if text.is_last {
            break;
        }
        if rest.len() > manner.windows.longest_rest() {
            return None;
        }
        feed.give_back(window);
    }
    before.into_iter().for_each(take);
    form?.end(&allowance.limits())
}
