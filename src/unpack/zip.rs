//! Zip archives by their directory: every entry in it, also those that share a name, and every byte before it that
//! belongs to none. Libraries keep one entry of each name and pass over what stands around.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::{fault, words};
use crate::limits::Limits;

/// What can be read from any place.
pub(super) trait Source: Read + Seek {}
impl<T: Read + Seek> Source for T {}

/// One entry of the directory.
#[derive(Debug, Default)]
pub(super) struct Member {
    pub(super) name: Vec<u8>,
    /// Its size as the directory states it.
    pub(super) size: u64,
    pub(super) packed: u64,
    flags: u16,
    method: u16,
    crc: u32,
    mode: u32,
    /// Where its own header stands, and where its data begin.
    offset: u64,
    data: u64,
    /// Why its data cannot be read.
    pub(super) problem: Option<String>,
}

impl Member {
    /// Whether it is a directory, in which nothing stands: some programs deflate that nothing to two bytes.
    pub(super) fn is_directory(&self) -> bool {
        self.size == 0 && self.packed <= 2 && self.name.ends_with(b"/")
    }

    /// Why it holds no data of its own; what it holds nevertheless is read, whatever its kind is said to be.
    pub(super) fn special(&self) -> Option<&'static str> {
        const KIND: u32 = 0o170_000;
        const LONGEST_PATH: u64 = 4095;
        match self.mode & KIND {
            0o120_000 => Some("a symbolic link").filter(|_| self.size <= LONGEST_PATH && self.packed <= LONGEST_PATH),
            0 | 0o100_000 | 0o040_000 => None,
            _ => Some("a device, a FIFO or a socket").filter(|_| self.size == 0 && self.packed <= 2),
        }
    }

    fn is_encrypted(&self) -> bool {
        self.flags & 0x2041 != 0
    }

    /// Where its data end.
    fn end(&self) -> u64 {
        self.data.saturating_add(self.packed)
    }

    /// Its data, unpacked and checked.
    pub(super) fn open<'s>(&self, source: &'s mut dyn Source) -> io::Result<Checked<'s>> {
        source.seek(SeekFrom::Start(self.data))?;
        let packed = BufReader::with_capacity(1 << 16, (source as &mut dyn Read).take(self.packed));
        let data = if self.method == 0 { Data::Stored(packed) } else { Data::Deflated(DeflateDecoder::new(packed)) };
        Ok(Checked { data, left: self.size, size: self.size, packed: self.packed, crc: self.crc, seen: Crc::new() })
    }
}

/// The directory of an archive.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) members: Vec<Member>,
    pub(super) faults: Vec<String>,
}

/// The record at the end of an archive, which leads to the directory.
struct End {
    entries: u64,
    size: u64,
    /// Where the directory ends.
    at: u64,
    /// Where the directory begins, counted from where the archive begins.
    offset: u64,
    /// How many bytes stand behind the record.
    behind: u64,
}

impl Directory {
    /// Reads the directory of an archive of this size.
    ///
    /// # Errors
    /// The reason why nothing of the archive can be read.
    pub(super) fn read(source: &mut dyn Source, size: u64, limits: &Limits) -> Result<Self, String> {
        let end = End::find(source, size)?;
        if end.entries > limits.members {
            return Err(limits.too_many_members());
        }
        let start = end.at.checked_sub(end.size).ok_or("its directory is damaged: larger than the archive")?;
        let before = start.checked_sub(end.offset).ok_or("it is cut off: its beginning is missing")?;
        let mut members = entries(source, start, end.size, limits)?;
        let mut faults = Vec::new();
        if members.len() as u64 != end.entries {
            faults.push(format!("its directory has {} entries and states {}", members.len(), end.entries));
        }
        if end.behind > 0 {
            faults.push(format!("{} bytes stand behind its end", end.behind));
        }
        for member in &mut members {
            member.offset = member.offset.saturating_add(before);
            member.problem = member.locate(source, start).err();
        }
        let stray = tell_overlaps(&mut members, start);
        if stray > 0 {
            faults.push(format!(
                "{stray} bytes in it belong to none of its members: another archive, or members that were taken out"
            ));
        }
        Ok(Self { members, faults })
    }
}

/// Marks the members that share bytes, and returns how many bytes before `end` belong to none.
#[allow(clippy::indexing_slicing, reason = "`order` holds positions of `members`, and `last` one of them")]
fn tell_overlaps(members: &mut [Member], end: u64) -> u64 {
    let mut order: Vec<usize> = (0..members.len()).filter(|&at| members[at].data > 0).collect();
    order.sort_by_key(|&at| (members[at].offset, members[at].end()));
    let (mut stray, mut covered, mut last) = (0, 0, None::<usize>);
    for at in order {
        let offset = members[at].offset;
        if let Some(last) = last.filter(|_| offset < covered) {
            for at in [last, at] {
                members[at].problem.get_or_insert("it shares bytes of the archive with another member".to_owned());
            }
        }
        stray += gap(offset, covered, last.map(|last| &members[last]));
        if members[at].end() >= covered {
            (covered, last) = (members[at].end(), Some(at));
        }
    }
    stray + gap(end, covered, last.map(|last| &members[last]))
}

/// How many bytes lie between what is covered and a place, but for sizes that are stated behind the data.
fn gap(at: u64, covered: u64, before: Option<&Member>) -> u64 {
    const DESCRIPTORS: [u64; 4] = [12, 16, 20, 24];
    let gap = at.saturating_sub(covered);
    let is_descriptor = before.is_some_and(|before| before.flags & 8 != 0) && DESCRIPTORS.contains(&gap);
    if is_descriptor { 0 } else { gap }
}

impl Member {
    /// Finds the data by the member's own header, which has to agree with the directory.
    fn locate(&mut self, source: &mut dyn Source, directory: u64) -> Result<(), String> {
        let outside = || "its data lie outside the archive".to_owned();
        let header: [u8; 30] = bytes_at(source, self.offset)?;
        if header[..4] != *b"PK\x03\x04" {
            return Err("no header stands where the directory says".to_owned());
        }
        let [name, extra] = [26, 28].map(|at| u64::from(short(&header, at)));
        let mut own = vec![0; usize::from(short(&header, 26))];
        source.read_exact(&mut own).map_err(|_| outside())?;
        self.data = self.offset + 30 + name + extra;
        if self.end() > directory {
            return Err(outside());
        }
        if own != self.name {
            return Err("its own header and the directory give two names".to_owned());
        }
        if self.is_encrypted() {
            return Err("it is encrypted".to_owned());
        }
        if ![0, 8].contains(&self.method) {
            return Err(format!("packed by a method that is not known ({})", self.method));
        }
        let [packed, size] = [18, 22].map(|at| long(&header, at));
        let states_sizes = self.flags & 8 == 0 && size != u32::MAX && packed != u32::MAX;
        if states_sizes && (u64::from(size), u64::from(packed)) != (self.size, self.packed) {
            return Err("its own header and the directory give two sizes".to_owned());
        }
        Ok(())
    }
}

impl End {
    const SIZE: usize = 22;

    fn find(source: &mut dyn Source, size: u64) -> Result<Self, String> {
        const LONGEST: u64 = (End::SIZE + 0xffff) as u64;
        let start = size.saturating_sub(LONGEST);
        let tail = bytes_from(source, start, size - start)?;
        let ends = |at: &usize| tail.get(*at..).is_some_and(|end| end.starts_with(b"PK\x05\x06"));
        let length = |at: usize| Self::SIZE + usize::from(short(&tail, at + 20));
        let mut candidates: Vec<usize> = (0..tail.len().saturating_sub(Self::SIZE - 1)).rev().filter(ends).collect();
        candidates.retain(|at| at + length(*at) <= tail.len());
        // One that ends where the file ends is the better one.
        let exact = candidates.iter().find(|at| *at + length(**at) == tail.len());
        let Some(&at) = exact.or(candidates.first()) else {
            return Err("it is cut off or no zip archive: the directory at its end is missing".to_owned());
        };
        let record = tail.get(at..).unwrap_or_default();
        let end = Self {
            entries: short(record, 10).into(),
            size: long(record, 12).into(),
            at: start + at as u64,
            offset: long(record, 16).into(),
            behind: (tail.len() - at - length(at)) as u64,
        };
        let is_spanned = [4, 6].iter().any(|at| ![0, 0xffff].contains(&short(record, *at)));
        if is_spanned || short(record, 8) != short(record, 10) {
            return Err("a part of an archive that spans several files".to_owned());
        }
        end.large(source)
    }

    /// The record of a large archive, if one stands before this one.
    fn large(self, source: &mut dyn Source) -> Result<Self, String> {
        let Some(locator) = self.at.checked_sub(20) else { return Ok(self) };
        let locator: [u8; 20] = bytes_at(source, locator)?;
        if locator[..4] != *b"PK\x06\x07" {
            return Ok(self);
        }
        // It stands directly before the locator, whatever stands before the archive.
        let Some(at) = self.at.checked_sub(20 + 56) else { return Ok(self) };
        let record: [u8; 56] = bytes_at(source, at)?;
        if record[..4] != *b"PK\x06\x06" {
            return Err("its directory is damaged: the record of its size is missing".to_owned());
        }
        let [entries, size, offset] = [32, 40, 48].map(|at| wide(&record, at));
        Ok(Self { entries, size, at, offset, ..self })
    }
}

/// The entries of the directory.
fn entries(source: &mut dyn Source, start: u64, size: u64, limits: &Limits) -> Result<Vec<Member>, String> {
    source.seek(SeekFrom::Start(start)).map_err(|error| words(&error))?;
    let mut directory = BufReader::with_capacity(1 << 16, (source as &mut dyn Read).take(size));
    let damaged = |_| "its directory is damaged".to_owned();
    let mut members = Vec::new();
    loop {
        let mut fixed = [0; 46];
        match directory.read(&mut fixed[..1]) {
            Ok(0) => return Ok(members),
            Ok(_) => directory.read_exact(&mut fixed[1..]).map_err(damaged)?,
            Err(error) => return Err(words(&error)),
        }
        if fixed[..4] != *b"PK\x01\x02" || members.len() as u64 >= limits.members {
            return Err("its directory is damaged".to_owned());
        }
        let mut field = |at: usize| {
            let mut bytes = vec![0; usize::from(short(&fixed, at))];
            directory.read_exact(&mut bytes).map(|()| bytes).map_err(damaged)
        };
        let (name, extra, _comment) = (field(28)?, field(30)?, field(32)?);
        let mut member = Member {
            name,
            flags: short(&fixed, 8),
            method: short(&fixed, 10),
            crc: long(&fixed, 16),
            packed: long(&fixed, 20).into(),
            size: long(&fixed, 24).into(),
            // Only Unix and macOS keep the kind of a file there.
            mode: if matches!(fixed[5], 3 | 19) { long(&fixed, 38) >> 16 } else { 0 },
            offset: long(&fixed, 42).into(),
            ..Member::default()
        };
        member.widen(&extra);
        members.push(member);
    }
}

impl Member {
    /// Takes sizes that do not fit from the field for large ones.
    fn widen(&mut self, mut extra: &[u8]) {
        while let [a, b, c, d, rest @ ..] = extra {
            let length = usize::from(u16::from_le_bytes([*c, *d]));
            let (field, behind) = rest.split_at(length.min(rest.len()));
            extra = behind;
            if u16::from_le_bytes([*a, *b]) != 1 {
                continue;
            }
            let mut wide =
                field.chunks_exact(8).filter_map(|chunk| chunk.first_chunk().copied()).map(u64::from_le_bytes);
            for value in [&mut self.size, &mut self.packed, &mut self.offset] {
                if *value == u64::from(u32::MAX) {
                    *value = wide.next().unwrap_or(*value);
                }
            }
        }
    }
}

enum Data<'s> {
    Stored(BufReader<io::Take<&'s mut dyn Read>>),
    Deflated(DeflateDecoder<BufReader<io::Take<&'s mut dyn Read>>>),
}

/// Data of a member, whose sizes and checksum have to be what the directory states.
pub(super) struct Checked<'s> {
    data: Data<'s>,
    left: u64,
    size: u64,
    packed: u64,
    crc: u32,
    seen: Crc,
}

impl Checked<'_> {
    /// Checks what was read in all.
    fn finish(&mut self) -> io::Result<()> {
        let used = match &self.data {
            Data::Stored(_) => self.packed,
            Data::Deflated(decoder) => decoder.total_in(),
        };
        match () {
            () if self.left > 0 => {
                Err(fault(format!("it holds {} bytes and states {}", self.size - self.left, self.size)))
            }
            () if used != self.packed => Err(fault("something stands behind its packed data")),
            () if self.seen.sum() != self.crc => Err(fault("it is damaged: its checksum is another")),
            () => Ok(()),
        }
    }
}

impl Read for Checked<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        let read = match &mut self.data {
            Data::Stored(data) => data.read(into)?,
            Data::Deflated(data) => data.read(into).map_err(|error| match error.raw_os_error() {
                Some(_) => error,
                None => fault("its packed data are damaged"),
            })?,
        };
        if read == 0 {
            return self.finish().map(|()| 0);
        }
        let Some(left) = self.left.checked_sub(read as u64) else {
            return Err(fault(format!("it holds more than the {} bytes that it states", self.size)));
        };
        self.left = left;
        self.seen.update(into.get(..read).unwrap_or_default());
        Ok(read)
    }
}

fn bytes_at<const N: usize>(source: &mut dyn Source, at: u64) -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    source
        .seek(SeekFrom::Start(at))
        .and_then(|_| source.read_exact(&mut bytes))
        .map(|()| bytes)
        .map_err(|_| "its data lie outside the archive".to_owned())
}

fn bytes_from(source: &mut dyn Source, start: u64, length: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    source
        .seek(SeekFrom::Start(start))
        .and_then(|_| (source as &mut dyn Read).take(length).read_to_end(&mut bytes))
        .map(|_| bytes)
        .map_err(|error| words(&error))
}

/// Little-endian numbers; zero where there are no bytes.
fn short(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|bytes| bytes.first_chunk().copied()).map_or(0, u16::from_le_bytes)
}

fn long(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|bytes| bytes.first_chunk().copied()).map_or(0, u32::from_le_bytes)
}

fn wide(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|bytes| bytes.first_chunk().copied()).map_or(0, u64::from_le_bytes)
}
