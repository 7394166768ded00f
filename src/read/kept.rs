//! A stream that can be read only once, kept packed while it is read, so that it can be read again after all.

use std::io::{self, Read, Write};

use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;

/// How hard it is packed: as fast as that goes well.
const LEVEL: i32 = 1;

/// What was read of a stream.
#[derive(Default)]
pub(super) struct Kept(Option<Encoder<'static, Vec<u8>>>);

impl Kept {
    /// The stream from its beginning: the first time it is kept, the second time what was kept comes before the rest.
    ///
    /// # Errors
    /// Whatever the packing reports.
    pub(super) fn stream<'k>(&'k mut self, rest: impl Read + 'k) -> io::Result<Box<dyn Read + 'k>> {
        match self.0.take() {
            None => Ok(Box::new(Keeping { stream: rest, packed: self.0.insert(Encoder::new(Vec::new(), LEVEL)?) })),
            Some(packed) => Ok(Box::new(Decoder::new(io::Cursor::new(packed.finish()?))?.chain(rest))),
        }
    }
}

/// A stream that is kept.
struct Keeping<'k, R> {
    stream: R,
    packed: &'k mut Encoder<'static, Vec<u8>>,
}

impl<R: Read> Read for Keeping<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(into)?;
        self.packed.write_all(into.get(..read).unwrap_or_default())?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::Kept;
    use pretty_assertions::assert_eq;
    use std::io::Read;

    #[test]
    fn what_was_read_in_part_can_be_read_again_in_whole() {
        let mut stdin: &[u8] = b"one two three";
        let mut kept = Kept::default();
        let mut first = String::new();
        kept.stream(&mut stdin).unwrap().take(5).read_to_string(&mut first).unwrap();
        let mut again = String::new();
        kept.stream(&mut stdin).unwrap().read_to_string(&mut again).unwrap();
        assert_eq!([first, again], ["one t", "one two three"]);
    }
}
