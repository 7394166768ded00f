//! Sources to an inventory: files are read and packed in parallel, in batches bounded by bytes, and taken over in path
//! order while the next batch is read. The bytes of a file are freed where it was read.

mod allowance;
mod archive;
pub mod buffer;
mod content;
mod kept;
mod load;
mod long;
mod members;
mod steady;
mod together;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use globset::GlobSet;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::directory::Directory;
use crate::discover::{Access, Source};
use crate::inventory::Inventory;
use crate::inventory::build::Builder;
use crate::inventory::documents::Documents;
use crate::inventory::file::FAULT;
use crate::inventory::handled::Handled;
use crate::inventory::singles::Singles;
use crate::limits::Limits;
use crate::unpack::form;
pub use crate::unpack::hex;
use allowance::Met;
pub use archive::members;
use buffer::Buffer;
use content::Twins;
pub use load::{Contained, Loaded, load_source};
use long::Long;
pub use long::Windows;
use members::read_archive;
use steady::CHANGED;
pub use together::FILES as TOGETHER;

/// What is to be known while reading.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading<'r> {
    /// Take the SHA-256 of every file.
    pub sha256: bool,
    /// The user's word that all lists were made with `show_replication=true`.
    pub replication_shown: bool,
    /// How much is read before something is refused.
    pub limits: Limits,
    /// Members of archives that are left out; files are left out before.
    pub exclude: Option<&'r GlobSet>,
    /// Which files are read in windows, and how large these are.
    pub windows: Windows,
    /// How many small files of a directory are read together at most.
    pub together: usize,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So much is to be read.
    Found {
        /// Files.
        files: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// So much more has been read.
    Read {
        /// Files.
        files: u64,
        /// Bytes.
        bytes: u64,
    },
    /// The rules are run.
    Judging,
    /// The reports are written.
    Writing,
}

/// Whoever wants to know how far a run has come.
pub type Watcher<'w> = Option<&'w (dyn Fn(Step) + Sync)>;

/// Files of one batch together hold about this much.
const BATCH_BYTES: u64 = 64 << 20;
/// And there are at most so many of them.
const BATCH_FILES: usize = 4096;

/// What every file is read with.
#[derive(Clone, Copy)]
struct Tools<'r> {
    reading: Reading<'r>,
    hasher: &'r ahash::RandomState,
    twins: &'r Twins,
}

/// What became of one source, or of some.
#[allow(clippy::large_enum_variant, reason = "nearly all of them are files")]
enum Done<'s> {
    /// It is one file.
    File(Read<'s>),
    /// They are files with a single backup each.
    Singles(Singles, Vec<(&'s Source, Handled)>),
    /// It may hold many, which are still to be read.
    Archive(&'s Source),
}

/// What became of one file.
struct Read<'s> {
    source: Cow<'s, Source>,
    handled: Handled,
    text: Text,
}

/// What the text of a file came to.
enum Text {
    /// It was read as a whole.
    Whole(Documents),
    /// It was read in windows; nothing if it holds something that only the reader of whole files understands.
    Windows(Option<Long>),
}

/// Sources that are read together.
enum Batch<'s> {
    /// Files, each of them at once.
    Files(Vec<&'s Source>),
    /// One large file.
    Large(&'s Source),
}

/// Reads every source and builds the inventory.
#[must_use]
pub fn read(sources: &[Source], reading: Reading<'_>) -> Inventory {
    read_watched(sources, reading, None)
}

/// The same, with a word to the watcher after every file and every part of a large one.
#[must_use]
pub fn read_watched(sources: &[Source], reading: Reading<'_>, watcher: Watcher<'_>) -> Inventory {
    let (hasher, twins) = (ahash::RandomState::new(), Twins::among(sources));
    let tools = Tools { reading, hasher: &hasher, twins: &twins };
    let mut builder = Builder::new(&hasher);
    let mut done: Vec<Done<'_>> = Vec::new();
    let take = |builder: &mut Builder, done: &mut Vec<Done<'_>>| {
        done.drain(..).for_each(|done| match done {
            Done::File(read) => read.hand_to(builder),
            Done::Singles(singles, files) => builder.singles(singles, files),
            Done::Archive(source) => read_archive(source, tools, builder, watcher),
        });
    };
    if let Some(tell) = watcher {
        tell(Step::Found { files: sources.len() as u64, bytes: sources.iter().map(Source::bytes).sum() });
    }
    for batch in batches(sources, reading.windows) {
        match batch {
            Batch::Files(files) => {
                let ((), next) = rayon::join(|| take(&mut builder, &mut done), || read_files(files, tools, watcher));
                done = next;
            }
            Batch::Large(source) => {
                take(&mut builder, &mut done);
                if !long::read(source, tools, &mut builder, watcher) {
                    done.push(read_source(source, tools));
                }
            }
        }
    }
    take(&mut builder, &mut done);
    for source in sources.iter().filter(|source| twins.missed(source)) {
        content::of_file(source, &hasher).into_iter().for_each(|content| builder.tell_content(&source.path, content));
    }
    let mut inventory = builder.freeze(reading.replication_shown);
    inventory.sources = Some(sources.len() as u64);
    inventory
}

fn read_files<'s>(files: Vec<&'s Source>, tools: Tools<'_>, watcher: Watcher<'_>) -> Vec<Done<'s>> {
    let read = |group: &[&'s Source]| {
        let done = together::read(group, tools);
        if let Some(tell) = watcher {
            done.iter().filter_map(Done::read).for_each(tell);
        }
        done
    };
    let groups = together::groups(&files, tools.reading.together);
    groups.into_par_iter().with_max_len(1).flat_map_iter(read).collect()
}

/// Cuts the sources into batches of bounded size.
fn batches(sources: &[Source], windows: Windows) -> impl Iterator<Item = Batch<'_>> {
    let mut rest = sources.iter().map(|source| (source, source.bytes())).peekable();
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let mut files = Vec::new();
        while let Some(&(source, size)) = rest.peek() {
            let is_large = windows.are_worth_it(source);
            if is_large && files.is_empty() {
                rest.next();
                return Some(Batch::Large(source));
            }
            bytes += size;
            let is_full = bytes > BATCH_BYTES || files.len() >= BATCH_FILES || is_large;
            if !files.is_empty() && is_full {
                break;
            }
            files.push(source);
            rest.next();
        }
        (!files.is_empty()).then_some(Batch::Files(files))
    })
}

/// Does work on one file; if it panics, the file is lost to a fault of the program, and no other.
///
/// # Errors
/// It panicked.
pub fn contained<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| FAULT.to_owned())
}

fn read_source<'s>(source: &'s Source, tools: Tools<'_>) -> Done<'s> {
    contained(|| read_contained(source, tools)).unwrap_or_else(|why| Done::File(Read::lost(Cow::Borrowed(source), why)))
}

fn read_contained<'s>(source: &'s Source, tools: Tools<'_>) -> Done<'s> {
    Buffer::with(|buffer| loaded(source, load_source(source, &Directory::default(), tools.reading, buffer), tools))
}

/// What a source comes to of which this was loaded.
fn loaded<'s>(source: &'s Source, loaded: Option<Result<Loaded<'_>, String>>, tools: Tools<'_>) -> Done<'s> {
    if let Access::Skip(why) = &source.access {
        let handled = Handled { skipped: Some(why.clone()), ..Handled::default() };
        return Done::file(source, handled, Documents::other(""));
    }
    match loaded.unwrap_or_else(|| Err("cannot be read".to_owned())) {
        Err(why) => {
            let handled = Handled { bytes: source.bytes(), ..Handled::default() };
            Done::file(source, handled, Documents::refused(why))
        }
        Ok(Loaded::Foreign(bytes)) => Done::file(source, Handled { bytes, ..Handled::default() }, foreign()),
        Ok(Loaded::Archive) => Done::Archive(source),
        Ok(Loaded::Whole(bytes)) => plain(source, bytes, whole(bytes, tools), tools),
        Ok(Loaded::Unpacked(Contained { bytes, size, sha256, note })) => {
            let content = content::of(&bytes, tools.hasher);
            tools.twins.met(content);
            plain(source, &bytes, Handled { sha256, bytes: size, note, content, ..Handled::default() }, tools)
        }
    }
}

/// What is to be known of the bytes of a file beside its documents.
fn whole(bytes: &[u8], Tools { reading, hasher, twins }: Tools<'_>) -> Handled {
    let sha256 = reading.sha256.then(|| hex(&Sha256::digest(bytes)));
    let size = bytes.len() as u64;
    let content = if twins.may_have(size) { content::of(bytes, hasher) } else { None };
    Handled { sha256, bytes: size, content, ..Handled::default() }
}

/// What a source with this text comes to.
fn plain<'s>(source: &'s Source, text: &[u8], handled: Handled, Tools { reading, hasher, .. }: Tools<'_>) -> Done<'s> {
    let limits = reading.limits.within(handled.bytes, 0);
    let documents = Documents::read(text, form::named_as_lines(&source.path), &limits, hasher);
    Done::file(source, handled, documents)
}

fn foreign() -> Documents {
    Documents::other("not JSON by name or content")
}

impl<'s> Done<'s> {
    fn file(source: &'s Source, handled: Handled, documents: Documents) -> Self {
        Self::File(Read { source: Cow::Borrowed(source), handled, text: Text::Whole(documents) })
    }

    /// How much has been read with it, of an archive nothing yet.
    fn read(&self) -> Option<Step> {
        match self {
            Self::File(read) => Some(Step::Read { files: 1, bytes: read.handled.bytes }),
            Self::Singles(_, files) => {
                let bytes = files.iter().map(|(_, handled)| handled.bytes).sum();
                Some(Step::Read { files: files.len() as u64, bytes })
            }
            Self::Archive(_) => None,
        }
    }
}

impl<'s> Read<'s> {
    fn lost(source: Cow<'s, Source>, why: String) -> Self {
        Self { source, handled: Handled::default(), text: Text::Whole(Documents::refused(why)) }
    }

    /// What it holds, as far as that is not taken over yet.
    fn met(&self) -> Met {
        match &self.text {
            Text::Whole(documents) => Met { records: documents.records, around: documents.around },
            Text::Windows(_) => Met::default(),
        }
    }

    /// Whether the source itself changed while it was read.
    fn is_changed(&self, source: &Source) -> bool {
        let is_refused = |documents: &Documents| documents.is_refused_for(CHANGED);
        self.source.path == source.path && matches!(&self.text, Text::Whole(documents) if is_refused(documents))
    }

    fn hand_to(self, builder: &mut Builder) {
        match self.text {
            Text::Whole(documents) => builder.documents(documents),
            Text::Windows(long) => long.into_iter().for_each(|long| long.hand_to(builder)),
        }
        builder.close(&self.source, self.handled);
    }
}
