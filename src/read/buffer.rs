//! The memory that files are read into: one piece for every thread, used again for every file. Fresh memory costs about as
//! much as the reading, and the copy out of the system's cache is several times as fast into an aligned place.

#![allow(clippy::indexing_slicing, reason = "`start`, `last` and `end` lie within `memory`, in this order")]

use std::cell::RefCell;
use std::io::{self, Read};
use std::ops::Range;

/// Bytes in memory that is used again, of one file or of several one behind the other.
#[derive(Debug, Default)]
pub struct Buffer {
    memory: Vec<u8>,
    start: usize,
    /// Where the bytes of the last file begin.
    last: usize,
    end: usize,
}

/// Where the bytes begin in memory: at a multiple of this.
const ALIGNMENT: usize = 64;

/// A piece of memory larger than this is given back.
const KEPT: usize = 32 << 20;

/// How much is read at a time where the size is not known.
const STEP: usize = 1 << 16;

thread_local! {
    static BUFFER: RefCell<Buffer> = RefCell::default();
}

impl Buffer {
    /// Calls `work` with the buffer of this thread, emptied.
    pub fn with<T>(work: impl FnOnce(&mut Self) -> T) -> T {
        BUFFER.with(|buffer| match buffer.try_borrow_mut() {
            Ok(mut buffer) => {
                (buffer.last, buffer.end) = (buffer.start, buffer.start);
                let done = work(&mut buffer);
                if buffer.memory.len() > KEPT {
                    *buffer = Self::default();
                }
                done
            }
            // Work inside work has a buffer of its own.
            Err(_) => work(&mut Self::default()),
        })
    }

    /// The bytes of the last file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.memory[self.last..self.end]
    }

    /// Begins another file behind those that are held.
    pub fn begin(&mut self) {
        let length = (self.end - self.start).next_multiple_of(ALIGNMENT);
        self.reserve(length - (self.end - self.start));
        self.end = self.start + length;
        self.last = self.end;
    }

    /// Where the last file stands among all bytes.
    #[must_use]
    pub fn place(&self) -> Range<usize> {
        self.last - self.start..self.end - self.start
    }

    /// The bytes of all files.
    #[must_use]
    pub fn all(&self) -> &[u8] {
        &self.memory[self.start..self.end]
    }

    /// Appends what a reader yields, at most so many bytes; `expected` tells how many are likely.
    ///
    /// # Errors
    /// Whatever the reader reports.
    pub fn fill(&mut self, reader: &mut impl Read, expected: usize, most: u64) -> io::Result<u64> {
        let mut reader = reader.take(most);
        // One byte more, so that the end is seen without growing.
        self.reserve(expected.min(usize::try_from(most).unwrap_or(usize::MAX)) + 1);
        let mut filled = 0;
        loop {
            if self.end == self.memory.len() {
                self.reserve(STEP.max(self.end - self.start));
            }
            match reader.read(&mut self.memory[self.end..]) {
                Ok(0) => return Ok(filled),
                Ok(read) => {
                    self.end += read;
                    filled += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Makes room for further bytes.
    fn reserve(&mut self, further: usize) {
        if self.memory.len() - self.end >= further {
            return;
        }
        let Range { start: last, end } = self.place();
        let mut memory = vec![0; end + further + ALIGNMENT];
        let start = memory.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
        memory[start..start + end].copy_from_slice(self.all());
        *self = Self { memory, start, last: start + last, end: start + end };
    }
}
