//! A way through a container: every member, and those of archives inside it, each with its state, in the order in which
//! they stand there.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::rc::Rc;

use globset::GlobSet;

use super::form::{self, Form, HEAD};
use super::gauge::Gauge;
use super::stream::{Peeled, Stream, Tally, to_end};
use super::{Content, Contents, Entry, Taker, tar, words, zip};
use crate::discover::{directory_of, printable_bytes};
use crate::limits::Limits;

/// A way through containers.
pub struct Walk<'w> {
    /// How far it may go.
    pub limits: Limits,
    /// Take the SHA-256 of every file.
    pub sha256: bool,
    /// Members that are left out.
    pub exclude: Option<&'w GlobSet>,
    /// Who takes the entries.
    pub taker: &'w mut dyn Taker,
}

/// One file on the way.
struct Place<'p> {
    path: &'p str,
    /// Its size, if it is known beforehand.
    size: Option<u64>,
    /// How many containers stand around it.
    level: u64,
    /// The gauge of the outermost one.
    whole: Option<&'p Rc<Gauge>>,
}

impl Walk<'_> {
    /// Walks through a file that is a container, or holds one; what it is comes last.
    pub fn file(&mut self, path: &str, file: &mut File, size: u64) {
        let place = Place { path, size: Some(size), level: 0, whole: None };
        match self.zip_on_disk(&place, file) {
            Ok(true) => {}
            Ok(false) => self.item(&place, file),
            Err(error) => self.tell(&place, size, None, Content::Refused(words(&error))),
        }
    }

    /// Walks through a stream that may be anything.
    pub fn stream(&mut self, path: &str, stream: &mut dyn Read) {
        self.item(&Place { path, size: None, level: 0, whole: None }, stream);
    }

    fn tell(&mut self, place: &Place<'_>, bytes: u64, sha256: Option<String>, content: Content) {
        self.taker.entry(Entry { path: place.path.to_owned(), bytes, sha256, note: None, content });
    }

    /// A zip archive on disk is read where it lies.
    fn zip_on_disk(&mut self, place: &Place<'_>, file: &mut File) -> io::Result<bool> {
        let mut head = Vec::new();
        file.take(HEAD as u64).read_to_end(&mut head)?;
        file.rewind()?;
        if Form::archive(place.path, &head) != Some(Form::Zip) {
            return Ok(false);
        }
        let mut tally = Tally::new(&mut *file, self.sha256);
        if self.sha256 {
            io::copy(&mut tally, &mut io::sink())?;
        }
        let sha256 = tally.sha256();
        let size = place.size.unwrap_or_default();
        let whole = Gauge::whole(self.limits, Rc::new(Cell::new(size)));
        let content = self.zip(place, file, size, 1, &whole);
        self.tell(place, size, sha256, content);
        Ok(true)
    }

    /// One file, whatever it is.
    fn item(&mut self, place: &Place<'_>, raw: &mut dyn Read) {
        let mut tally = Tally::new(raw, self.sha256);
        let count = tally.count();
        let whole = place.whole.cloned().unwrap_or_else(|| Gauge::whole(self.limits, tally.count()));
        let (mut content, note) = match self.content(place, &mut tally, &whole) {
            Ok(content) => content,
            Err(why) => (Content::Refused(why), None),
        };
        let mut sha256 = None;
        if !matches!(content, Content::Refused(_)) {
            // What nobody looked at still has to be there.
            match (io::copy(&mut tally, &mut io::sink()), &mut content) {
                (Ok(_), _) => sha256 = tally.sha256(),
                (Err(error), Content::Archive(contents)) => contents.faults.push(words(&error)),
                (Err(error), content) => *content = Content::Refused(words(&error)),
            }
        }
        let bytes = place.size.unwrap_or_else(|| count.get());
        self.taker.entry(Entry { path: place.path.to_owned(), bytes, sha256, note, content });
    }

    /// What a file is and holds.
    fn content(
        &mut self,
        place: &Place<'_>,
        tally: &mut Tally<&mut dyn Read>,
        whole: &Rc<Gauge>,
    ) -> Result<(Content, Option<String>), String> {
        let gauge = Gauge::inside(whole, tally.count());
        let stream = Stream::open(Box::new(tally)).map_err(|error| words(&error))?;
        if let Some(why) = form::misnamed(place.path, stream.head()) {
            return Err(why);
        }
        let most = self.limits.nesting.saturating_sub(place.level);
        let Peeled { mut stream, layers, note } = Peeled::new(stream, most, &gauge, &self.limits)?;
        let is_archive = Form::archive(if layers == 0 { place.path } else { "" }, stream.head());
        // A tar archive that is compressed counts once.
        let own = u64::from(is_archive.is_some() && !(is_archive == Some(Form::Tar) && layers > 0));
        let level = place.level + layers + own;
        if level > self.limits.nesting {
            return Err(self.limits.nested_too_deep());
        }
        let content = match is_archive {
            Some(Form::Tar) => self.tar(place, &mut stream, level, whole),
            Some(_) => {
                let bytes = to_end(&mut stream, place.size.filter(|_| layers == 0), &self.limits)?;
                let size = bytes.len() as u64;
                self.zip(place, &mut Cursor::new(bytes), size, level, whole)
            }
            None if form::is_foreign(place.path, stream.head()) => Content::Foreign,
            None => {
                let size = place.size.filter(|_| layers == 0);
                if size.is_some_and(|size| size > self.limits.file_bytes) {
                    return Err(self.limits.file_too_large());
                }
                self.taker.text(place.path, &mut stream, size, &self.limits)?
            }
        };
        Ok((content, note))
    }

    fn tar(&mut self, place: &Place<'_>, stream: &mut dyn Read, level: u64, whole: &Rc<Gauge>) -> Content {
        let mut contents = Contents { kind: Form::Tar.word(), ..Contents::default() };
        let mut names = Names::default();
        let mut archive = tar::Archive::new(stream);
        loop {
            let member = match archive.next() {
                Ok(Some(member)) => member,
                Ok(None) => break,
                Err(why) => {
                    contents.faults.push(why);
                    break;
                }
            };
            if contents.members == self.limits.members {
                contents.faults.push(self.limits.too_many_members());
                break;
            }
            contents.members += 1;
            let name = names.label(&member.name);
            let path = format!("{}!/{name}", place.path);
            if let Some(doubt) = member.doubt {
                contents.faults.push(format!("{name}: {doubt}"));
            }
            let size = member.size;
            let inside = Place { path: &path, size: Some(size), level, whole: Some(whole) };
            match self.closed(&path, &name, member, &mut names) {
                Some(content) => self.tell(&inside, size, None, content),
                None => self.item(&inside, &mut archive.data()),
            }
        }
        contents.notes.extend(names.note());
        Content::Archive(contents)
    }

    fn zip(
        &mut self,
        place: &Place<'_>,
        source: &mut dyn zip::Source,
        size: u64,
        level: u64,
        whole: &Rc<Gauge>,
    ) -> Content {
        let directory = match zip::Directory::read(source, size, &self.limits) {
            Ok(directory) => directory,
            Err(why) => return Content::Refused(format!("{}: {why}", Form::Zip.word())),
        };
        let mut contents = Contents { kind: Form::Zip.word(), faults: directory.faults, ..Contents::default() };
        let mut names = Names::default();
        for mut member in directory.members {
            if member.is_directory() {
                continue;
            }
            contents.members += 1;
            let name = names
                .label(&member.name.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect::<Vec<_>>());
            let path = format!("{}!/{name}", place.path);
            let inside = Place { path: &path, size: Some(member.size), level, whole: Some(whole) };
            let refused = member.problem.take().or_else(|| self.allows(&member, whole));
            let content = match (self.left_out(&path, &name, member.special()), refused) {
                (Some(why), _) => Content::Skipped(why),
                (None, Some(why)) => Content::Refused(why),
                (None, None) => match member.open(source) {
                    Ok(mut data) => {
                        self.item(&inside, &mut data);
                        continue;
                    }
                    Err(error) => Content::Refused(words(&error)),
                },
            };
            self.tell(&inside, member.size, None, content);
        }
        contents.notes.extend(names.note());
        Content::Archive(contents)
    }

    /// Why the limits refuse a member before it is unpacked.
    fn allows(&self, member: &zip::Member, whole: &Rc<Gauge>) -> Option<String> {
        let own = Gauge::inside(whole, Rc::new(Cell::new(member.packed)));
        let well = member.packed.max(1);
        own.allows(member.size, well).and_then(|()| whole.add(member.size)).err()
    }

    /// What a member of a tar archive comes to whose data are not read: left alone, or lost.
    fn closed(&self, path: &str, name: &str, member: tar::Member, names: &mut Names) -> Option<Content> {
        let lost = member.link.and_then(|link| names.why_lost(&link, name)).or(member.problem.map(str::to_owned));
        let special = member.special.filter(|_| lost.is_none());
        let left_out = self.left_out(path, name, special);
        // A hard link to a member that is read stands for its data.
        if special.is_none() && (left_out.is_some() || lost.is_some()) {
            names.lose(name);
        }
        left_out.map(Content::Skipped).or(lost.map(Content::Refused))
    }

    /// Why a member is left alone.
    fn left_out(&self, path: &str, name: &str, special: Option<&str>) -> Option<String> {
        let is_excluded = || self.exclude.is_some_and(|globs| globs.is_match(name) || globs.is_match(path));
        match special {
            Some(kind) => Some(format!("not a regular file but {kind}")),
            None => is_excluded().then(|| "excluded by --exclude".to_owned()),
        }
    }
}

/// The name of a member as a label.
fn plain(name: &[u8]) -> String {
    let name = printable_bytes(name);
    let name = name.trim_start_matches("./");
    if name.is_empty() { "(without a name)".to_owned() } else { name.to_owned() }
}

/// The names of one archive's members.
#[derive(Default)]
struct Names {
    /// Every label, and up to which number its name has been given out.
    used: HashMap<String, u64>,
    twins: u64,
    /// Those of members whose data are not read.
    lost: HashSet<String>,
}

impl Names {
    /// A label for a member: its name, told apart from the same name before.
    fn label(&mut self, name: &[u8]) -> String {
        let name = &*plain(name);
        let Some(mut number) = self.used.get(name).copied() else {
            self.used.insert(name.to_owned(), 1);
            return name.to_owned();
        };
        let label = loop {
            number += 1;
            let label = format!("{name} ({number})");
            if !self.used.contains_key(&label) {
                break label;
            }
        };
        self.twins += 1;
        self.used.insert(name.to_owned(), number);
        self.used.insert(label.clone(), 1);
        label
    }

    /// Takes note that the data of a member are not read.
    fn lose(&mut self, label: &str) {
        self.lost.insert(label.to_owned());
    }

    /// Why the data of a hard link with this label are not read with the member that it names: that is not read itself, or
    /// stands in another directory, which may be of another capture.
    fn why_lost(&self, link: &[u8], label: &str) -> Option<String> {
        let name = plain(link);
        if name == label || !self.used.contains_key(&name) || self.lost.contains(&name) {
            return Some(format!("a hard link to {name}, which is not read: the data stand there alone"));
        }
        let is_beside = directory_of(&name) == directory_of(label);
        (!is_beside)
            .then(|| format!("a hard link to {name} in another directory: pack it again with --hard-dereference"))
    }

    fn note(&self) -> Option<String> {
        match self.twins {
            0 => None,
            1 => Some("1 member has the name of another, and is read beside it".to_owned()),
            several => Some(format!("{several} members have the name of another, and are read beside it")),
        }
    }
}
