//! Streams of bytes whose beginning is known, and the taking off of compressions. Nothing after the compressed data is
//! overlooked, and what is cut off or damaged is told apart from the end.

use std::cell::Cell;
use std::io::{self, BufReader, ErrorKind, Read};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::form::{self, Form, HEAD};
use super::gauge::Gauge;
use super::{Fault, fault, words};
use crate::discover::plain_io;
use crate::limits::Limits;

/// Counts, and if wanted hashes, what is read through it.
pub(super) struct Tally<R> {
    inner: R,
    count: Rc<Cell<u64>>,
    digest: Option<Sha256>,
}

impl<R: Read> Tally<R> {
    pub(super) fn new(inner: R, sha256: bool) -> Self {
        Self { inner, count: Rc::default(), digest: sha256.then(Sha256::new) }
    }

    /// How much has been read, now and later.
    pub(super) fn count(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.count)
    }

    pub(super) fn sha256(self) -> Option<String> {
        self.digest.map(|digest| hex(&digest.finalize()))
    }
}

impl<R: Read> Read for Tally<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.count.set(self.count.get() + read as u64);
        if let (Some(digest), Some(bytes)) = (&mut self.digest, into.get(..read)) {
            digest.update(bytes);
        }
        Ok(read)
    }
}

/// A stream whose first bytes are known.
pub(super) struct Stream<'r> {
    head: Vec<u8>,
    at: usize,
    rest: Box<dyn Read + 'r>,
}

impl<'r> Stream<'r> {
    pub(super) fn open(mut rest: Box<dyn Read + 'r>) -> io::Result<Self> {
        let mut head = Vec::new();
        rest.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        Ok(Self { head, at: 0, rest })
    }

    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let head = self.head.get(self.at..).unwrap_or_default();
        if head.is_empty() {
            return self.rest.read(into);
        }
        let read = (&*head).read(into)?;
        self.at += read;
        Ok(read)
    }
}

/// What comes out of a decoder, measured; a fault stays a fault.
struct Decoded<'r> {
    decoder: Box<dyn Read + 'r>,
    form: Form,
    gauge: Rc<Gauge>,
    has_begun: bool,
    failed: Option<String>,
}

impl Decoded<'_> {
    fn fault(&self, error: &io::Error) -> String {
        let name = if self.form == Form::Gzip { "gzip" } else { "zstd" };
        if error.get_ref().is_some_and(|inner| inner.is::<Fault>()) || error.raw_os_error().is_some() {
            return words(error);
        }
        let text = plain_io(error);
        let is_foreign = text.contains("invalid gzip header") || text.contains("unknown frame descriptor");
        match error.kind() {
            ErrorKind::UnexpectedEof => format!("the {name} data is cut off"),
            _ if is_foreign && self.has_begun => format!("something stands behind the {name} data that is no {name}"),
            _ if text.contains("too much memory") => format!("the {name} data needs a window of more than 128 MiB"),
            _ => format!("the {name} data is damaged: {text}"),
        }
    }
}

impl Read for Decoded<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(why) = &self.failed {
            return Err(fault(why.clone()));
        }
        let read = match self.decoder.read(into) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) => Err(self.fault(&error)),
            Ok(read) => self.gauge.add(read as u64).map(|()| read),
        };
        self.has_begun |= matches!(read, Ok(1..));
        read.map_err(|why| {
            self.failed = Some(why.clone());
            fault(why)
        })
    }
}

/// A stream without its compressions.
pub(super) struct Peeled<'r> {
    pub(super) stream: Stream<'r>,
    /// How many compressions were taken off.
    pub(super) layers: u64,
    pub(super) note: Option<String>,
}

impl<'r> Peeled<'r> {
    /// Takes off every compression, at most so many.
    pub(super) fn new(mut stream: Stream<'r>, most: u64, gauge: &Rc<Gauge>, limits: &Limits) -> Result<Self, String> {
        let mut layers = 0;
        let mut note = None;
        loop {
            let form = Form::of(stream.head());
            let (Some(Form::Gzip) | Some(Form::Zstd)) = form else { return Ok(Self { stream, layers, note }) };
            if layers == most {
                return Err(limits.nested_too_deep());
            }
            if form == Some(Form::Zstd) && !has_checksum(stream.head()) {
                note = Some("zstd without a checksum: damage inside would not show".to_owned());
            }
            stream = Stream::open(decoded(stream, form, gauge)?).map_err(|error| words(&error))?;
            layers += 1;
        }
    }
}

fn decoded<'r>(stream: Stream<'r>, form: Option<Form>, gauge: &Rc<Gauge>) -> Result<Box<dyn Read + 'r>, String> {
    const BUFFER: usize = 1 << 16;
    let packed = BufReader::with_capacity(BUFFER, stream);
    let (form, decoder): (_, Box<dyn Read + 'r>) = match form {
        Some(Form::Zstd) => {
            let decoder = zstd::stream::read::Decoder::with_buffer(packed).map_err(|error| words(&error))?;
            (Form::Zstd, Box::new(decoder))
        }
        _ => (Form::Gzip, Box::new(MultiGzDecoder::new(packed))),
    };
    Ok(Box::new(Decoded { decoder, form, gauge: Rc::clone(gauge), has_begun: false, failed: None }))
}

/// Whether the first zstd frame carries a checksum of its content.
fn has_checksum(mut head: &[u8]) -> bool {
    // Frames to be skipped stand before it where several were packed at once.
    while let [0x50..=0x5f, 0x2a, 0x4d, 0x18, length @ ..] = head {
        let Some((length, rest)) = length.split_first_chunk() else { return false };
        head = rest.get(u32::from_le_bytes(*length) as usize..).unwrap_or_default();
    }
    matches!(head, [_, _, _, _, descriptor, ..] if descriptor & 4 != 0)
}

/// What one file holds.
#[derive(Debug)]
pub enum Unpacked {
    /// A document.
    Document(Vec<u8>, Option<String>),
    /// Something else by its name and its first bytes.
    Foreign,
    /// An archive, which is to be walked through.
    Archive,
}

/// Unpacks a compressed file.
///
/// # Errors
/// The reason why it cannot be unpacked.
pub fn unpack(path: &str, packed: &mut dyn Read, limits: &Limits) -> Result<Unpacked, String> {
    let tally = Tally::new(packed, false);
    let gauge = Gauge::inside(&Gauge::whole(*limits, tally.count()), tally.count());
    let stream = Stream::open(Box::new(tally)).map_err(|error| words(&error))?;
    if Form::archive(path, stream.head()).is_some() {
        return Ok(Unpacked::Archive);
    }
    if let Some(why) = form::misnamed(path, stream.head()) {
        return Err(why);
    }
    let peeled = Peeled::new(stream, limits.nesting, &gauge, limits)?;
    match Form::of(peeled.stream.head()) {
        Some(_) => Ok(Unpacked::Archive),
        None if form::is_foreign(path, peeled.stream.head()) => Ok(Unpacked::Foreign),
        None => {
            let Peeled { mut stream, note, .. } = peeled;
            Ok(Unpacked::Document(to_end(&mut stream, None, limits)?, note))
        }
    }
}

/// A file that holds one text, compressed or not, which is read bit by bit.
pub struct Packed<R> {
    tally: Tally<R>,
}

/// The text of a file.
pub struct Text<'r> {
    /// Its bytes.
    pub stream: Box<dyn Read + 'r>,
    /// Whether the file is compressed.
    pub is_packed: bool,
    /// What is remarkable about the file.
    pub note: Option<String>,
}

impl<R: Read> Packed<R> {
    /// A file whose SHA-256 is taken, if asked for, while it is read.
    pub fn new(inner: R, sha256: bool) -> Self {
        Self { tally: Tally::new(inner, sha256) }
    }

    /// How many bytes of the file have been read, now and later.
    #[must_use]
    pub fn count(&self) -> Rc<Cell<u64>> {
        self.tally.count()
    }

    /// The text; nothing if the file is an archive, or something else by its name and its first bytes.
    ///
    /// # Errors
    /// The reason why it cannot be unpacked.
    pub fn text(&mut self, path: &str, limits: &Limits) -> Result<Option<Text<'_>>, String> {
        let gauge = Gauge::inside(&Gauge::whole(*limits, self.tally.count()), self.tally.count());
        let stream = Stream::open(Box::new(&mut self.tally)).map_err(|error| words(&error))?;
        if Form::archive(path, stream.head()).is_some() || form::misnamed(path, stream.head()).is_some() {
            return Ok(None);
        }
        let Peeled { stream, note, layers } = Peeled::new(stream, limits.nesting, &gauge, limits)?;
        let is_text = Form::of(stream.head()).is_none() && !form::is_foreign(path, stream.head());
        Ok(is_text.then(|| Text { stream: Box::new(stream), is_packed: layers > 0, note }))
    }

    /// Reads the file to its end, and returns its SHA-256 if it was asked for.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn end(mut self) -> io::Result<Option<String>> {
        io::copy(&mut self.tally, &mut io::sink())?;
        Ok(self.tally.sha256())
    }
}

/// Reads a document to its end; `expected` is how long it is said to be.
///
/// # Errors
/// It cannot be read, or is larger than the limit.
pub fn to_end(stream: &mut dyn Read, expected: Option<u64>, limits: &Limits) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    // A size that is only stated is worth no more than this.
    const TRUSTED: u64 = 1 << 20;
    if let Ok(expected) = usize::try_from(expected.unwrap_or_default().min(TRUSTED)) {
        bytes.reserve_exact(expected);
    }
    stream.take(limits.file_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| words(&error))?;
    if bytes.len() as u64 > limits.file_bytes { Err(limits.file_too_large()) } else { Ok(bytes) }
}

/// Bytes as lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    let mut text = String::with_capacity(2 * bytes.len());
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    text
}
