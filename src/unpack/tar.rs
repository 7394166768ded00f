//! Tar archives, header by header. An archive that ends without saying so, data behind its end, and two statements about
//! one size are faults that are told; libraries that pass over them would lose members without a word.

use std::io::{self, Read};

use super::{fault, words};

const BLOCK: usize = 512;

/// A header of names and further statements may be this long.
const LONGEST_EXTENSION: u64 = 1 << 20;

/// What is said of a file with holes.
const SPARSE: &str = "a sparse file, of which only parts are stored: pack it again without --sparse";

/// One member.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: Vec<u8>,
    pub(super) size: u64,
    /// Why it holds no data of its own; none for a regular file.
    pub(super) special: Option<&'static str>,
    /// The member whose data it shares, for a hard link.
    pub(super) link: Option<Vec<u8>>,
    /// Why the data that it holds cannot be read.
    pub(super) problem: Option<&'static str>,
    /// What is doubtful about it.
    pub(super) doubt: Option<&'static str>,
}

/// An archive that is being read.
pub(super) struct Archive<'r> {
    stream: &'r mut dyn Read,
    /// How much of the present member's data, and of what fills its last block, is still to be read.
    left: u64,
    padding: u64,
    size: u64,
}

/// What headers before that of a member say of it.
#[derive(Default, PartialEq)]
struct Extension {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    is_sparse: bool,
}

impl<'r> Archive<'r> {
    pub(super) fn new(stream: &'r mut dyn Read) -> Self {
        Self { stream, left: 0, padding: 0, size: 0 }
    }

    /// The next member; none at the end of the archive. Directories are passed over.
    ///
    /// # Errors
    /// What is wrong with the archive; nothing behind it can be read.
    pub(super) fn next(&mut self) -> Result<Option<Member>, String> {
        let mut extension = Extension::default();
        loop {
            self.skip()?;
            let Some(block) = self.block()? else {
                return Err("it ends without the blocks that mark its end: members may be missing".to_owned());
            };
            if block.iter().all(|byte| *byte == 0) {
                let is_awaited = extension != Extension::default();
                let missing = "it ends behind a header that speaks of one more member: members are missing";
                return if is_awaited { Err(missing.to_owned()) } else { self.end().map(|()| None) };
            }
            let header = Header::parse(&block)?;
            self.open(header.size);
            match header.kind {
                b'L' => extension.name = Some(until_nul(&self.extension()?).to_vec()),
                b'K' => extension.link = Some(until_nul(&self.extension()?).to_vec()),
                b'x' => extension.read(&self.extension()?)?,
                b'g' => drop(self.extension()?),
                _ => {
                    if let Some(member) = self.member(&block, header, std::mem::take(&mut extension))? {
                        return Ok(Some(member));
                    }
                }
            }
        }
    }

    fn member(&mut self, block: &[u8; BLOCK], header: Header, extension: Extension) -> Result<Option<Member>, String> {
        let size = extension.size.unwrap_or(header.size);
        self.open(size);
        if header.kind == b'S' {
            self.skip_sparse_map(block)?;
        }
        let doubt = (header.size != size && header.size != 0).then_some("its headers state two sizes");
        let name = extension.name.unwrap_or(header.name);
        let is_directory = size == 0 && (header.kind == b'5' || (header.kind == 0 && name.ends_with(b"/")));
        let special = match header.kind {
            b'1'..=b'6' if size > 0 => None,
            b'1' => Some("a hard link"),
            b'2' => Some("a symbolic link"),
            b'3' | b'4' => Some("a device"),
            b'6' => Some("a FIFO"),
            b'V' => Some("the label of a volume"),
            0 | b'0' | b'7' => None,
            _ => (size == 0).then_some("of a kind that is not known"),
        };
        let problem = match header.kind {
            b'S' => Some(SPARSE),
            _ if extension.is_sparse => Some(SPARSE),
            b'1'..=b'6' => Some("of a kind that holds no data, and yet it holds some"),
            b'M' => Some("the end of a file that began in another volume: join the volumes first"),
            0 if name.ends_with(b"/") => Some("named like a directory, but it holds data"),
            0 | b'0' | b'7' => None,
            _ => Some("of a kind that is not known"),
        };
        let link = (header.kind == b'1').then(|| extension.link.unwrap_or(header.link));
        let member = Member { name, size, special, link, problem: problem.filter(|_| special.is_none()), doubt };
        Ok((!is_directory).then_some(member))
    }

    /// The data of the present member.
    pub(super) fn data(&mut self) -> Data<'_, 'r> {
        Data(self)
    }

    fn open(&mut self, size: u64) {
        self.left = size;
        self.size = size;
        self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
    }

    /// A whole block; none at the end of the stream.
    fn block(&mut self) -> Result<Option<[u8; BLOCK]>, String> {
        let mut block = Vec::with_capacity(BLOCK);
        (&mut *self.stream).take(BLOCK as u64).read_to_end(&mut block).map_err(|error| words(&error))?;
        match (block.len(), <[u8; BLOCK]>::try_from(block)) {
            (0, _) => Ok(None),
            (_, Ok(block)) => Ok(Some(block)),
            (read, Err(_)) => Err(format!("it is cut off: its last block has {read} of 512 bytes")),
        }
    }

    /// The data of a header that speaks of the next member.
    fn extension(&mut self) -> Result<Vec<u8>, String> {
        if self.size > LONGEST_EXTENSION {
            return Err(format!("a header of {} bytes, more than the limit of 1 MiB for one", self.size));
        }
        let mut bytes = Vec::new();
        self.data().read_to_end(&mut bytes).map_err(|error| words(&error))?;
        Ok(bytes)
    }

    /// Passes over what is left of the present member.
    pub(super) fn skip(&mut self) -> Result<(), String> {
        io::copy(&mut self.data(), &mut io::sink()).map_err(|error| words(&error))?;
        self.left = std::mem::take(&mut self.padding);
        self.size = self.left;
        io::copy(&mut self.data(), &mut io::sink()).map(drop).map_err(|error| words(&error))
    }

    /// Passes over the blocks that tell where the parts of a sparse file belong.
    fn skip_sparse_map(&mut self, block: &[u8; BLOCK]) -> Result<(), String> {
        let is_set = |block: &[u8; BLOCK], at: usize| block.get(at).is_some_and(|byte| *byte != 0);
        let mut goes_on = is_set(block, 482);
        while goes_on {
            goes_on = self.block()?.is_some_and(|block| is_set(&block, 504));
        }
        Ok(())
    }

    /// Reads what stands behind the first block of zeros: a second one, and nothing else.
    fn end(&mut self) -> Result<(), String> {
        match self.block()? {
            Some(block) if block.iter().all(|byte| *byte == 0) => {}
            Some(_) => return Err("a block of zeros inside it: members may stand behind it".to_owned()),
            None => return Err("the second of the blocks that mark its end is missing".to_owned()),
        }
        let mut behind = 0;
        let mut bytes = vec![0; 1 << 16];
        let mut is_empty = true;
        loop {
            match self.stream.read(&mut bytes) {
                Ok(0) if is_empty => return Ok(()),
                Ok(0) => return Err(format!("{behind} bytes stand behind its end, perhaps a second archive")),
                Ok(read) => {
                    is_empty &= bytes.iter().take(read).all(|byte| *byte == 0);
                    behind += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(words(&error)),
            }
        }
    }
}

/// The data of one member; an end before its size is an error.
pub(super) struct Data<'a, 'r>(&'a mut Archive<'r>);

impl Read for Data<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let archive = &mut *self.0;
        let most = usize::try_from(archive.left).unwrap_or(usize::MAX).min(into.len());
        let Some(into) = into.get_mut(..most).filter(|into| !into.is_empty()) else { return Ok(0) };
        let read = archive.stream.read(into)?;
        if read == 0 {
            let there = archive.size - archive.left;
            return Err(fault(format!("cut off: the archive ends after {there} of {} bytes of it", archive.size)));
        }
        archive.left -= read as u64;
        Ok(read)
    }
}

struct Header {
    name: Vec<u8>,
    link: Vec<u8>,
    size: u64,
    kind: u8,
}

impl Header {
    #[allow(clippy::indexing_slicing, reason = "a block has 512 bytes, and no range of a header ends behind them")]
    fn parse(block: &[u8; BLOCK]) -> Result<Self, String> {
        if !has_checksum(block) {
            return Err("a damaged header: nothing behind it can be read".to_owned());
        }
        let is_ustar = block[257..263] == *b"ustar\0";
        let (name, prefix) = (until_nul(&block[..100]), until_nul(&block[345..500]));
        let name = if is_ustar && !prefix.is_empty() { [prefix, b"/", name].concat() } else { name.to_vec() };
        let size = number(&block[124..136]).ok_or("a header without a readable size: nothing behind it can be read")?;
        // Links and directories state sizes that no data follow.
        let size = if matches!(block[156], b'1'..=b'6') { 0 } else { size };
        Ok(Self { name, link: until_nul(&block[157..257]).to_vec(), size, kind: block[156] })
    }
}

impl Extension {
    /// Reads lines of the form `LENGTH KEY=VALUE`.
    fn read(&mut self, mut bytes: &[u8]) -> Result<(), String> {
        let wrong = "a damaged extended header: nothing behind it can be read";
        while !until_nul(bytes).is_empty() {
            let space = bytes.iter().position(|byte| *byte == b' ').ok_or(wrong)?;
            let length = bytes.get(..space).and_then(text);
            let length: usize = length.and_then(|text| text.parse().ok()).ok_or(wrong)?;
            let line = bytes.get(space + 1..length).ok_or(wrong)?;
            let line = line.strip_suffix(b"\n").ok_or(wrong)?;
            let equals = line.iter().position(|byte| *byte == b'=').ok_or(wrong)?;
            let (key, value) = line.split_at_checked(equals).ok_or(wrong)?;
            let value = value.get(1..).unwrap_or_default();
            match key {
                b"path" => self.name = Some(value.to_vec()),
                b"linkpath" => self.link = Some(value.to_vec()),
                b"size" => self.size = Some(text(value).and_then(|text| text.parse().ok()).ok_or(wrong)?),
                b"GNU.sparse.name" => (self.name, self.is_sparse) = (Some(value.to_vec()), true),
                _ => self.is_sparse |= key.starts_with(b"GNU.sparse."),
            }
            bytes = bytes.get(length..).ok_or(wrong)?;
        }
        Ok(())
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A number of a header: octal digits, or binary where the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if let [first, rest @ ..] = field
        && first & 0x80 != 0
    {
        let first = u64::from(first & 0x7f);
        return rest
            .iter()
            .try_fold(first, |number, byte| number.checked_mul(256).map(|number| number | u64::from(*byte)));
    }
    let digits = text(until_nul(field))?.trim_matches(' ');
    if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, 8).ok() }
}

/// Whether the checksum in a header is that of the header; old programs summed signed bytes.
#[allow(clippy::indexing_slicing, reason = "a block has 512 bytes, and no range of a header ends behind them")]
fn has_checksum(block: &[u8; BLOCK]) -> bool {
    let Some(stated) = number(&block[148..156]) else { return false };
    let bytes = || block[..148].iter().chain(b"        ").chain(&block[156..]);
    let unsigned = bytes().map(|byte| u64::from(*byte)).sum::<u64>();
    let signed = bytes().map(|byte| i64::from(byte.cast_signed())).sum::<i64>();
    stated == unsigned || i64::try_from(stated) == Ok(signed)
}

/// Whether bytes begin with the header of a member. A text is none: it holds no byte that is zero.
pub(super) fn is_header(head: &[u8]) -> bool {
    let Some(block) = head.first_chunk::<BLOCK>() else { return false };
    let has_name = block.first().is_some_and(|first| *first != 0);
    has_name && block.iter().skip(99).take(9).any(|byte| *byte == 0) && has_checksum(block)
}
