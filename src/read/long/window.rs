//! The memory that a part of a file is read into, used again for the next ones.

#![allow(clippy::indexing_slicing, reason = "`start` and `end` lie within `memory`, in this order")]

use std::io::{self, Read};

/// Where the bytes of a file begin in memory: at a multiple of this, where the system copies several times as fast.
const ALIGNMENT: usize = 64;

/// Room for what is left of the window before.
const ROOM: usize = 1 << 20;

/// A part of a file, behind what is left of the one before.
#[derive(Debug)]
pub(super) struct Window {
    memory: Vec<u8>,
    /// Where the bytes of the file begin.
    fresh: usize,
    start: usize,
    end: usize,
    /// Whether the file ends with it.
    pub(super) is_last: bool,
    /// How many bytes of the file it took; of a compressed one fewer than it holds.
    pub(super) consumed: u64,
}

impl Window {
    /// A window for so many bytes.
    pub(super) fn new(size: usize) -> Self {
        let memory = vec![0; ROOM + ALIGNMENT + size];
        let fresh = ROOM + memory[ROOM..].as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
        Self { memory, fresh, start: fresh, end: fresh, is_last: false, consumed: 0 }
    }

    /// What it holds.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.memory[self.start..self.end]
    }

    /// Fills it with the next bytes of a reader.
    ///
    /// # Errors
    /// Whatever the reader reports.
    pub(super) fn fill(&mut self, reader: &mut dyn Read) -> io::Result<()> {
        (self.start, self.end, self.is_last) = (self.fresh, self.fresh, false);
        while self.end < self.memory.len() && !self.is_last {
            match reader.read(&mut self.memory[self.end..]) {
                Ok(0) => self.is_last = true,
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Puts what is left of the window before in front of it.
    pub(super) fn put_before(&mut self, rest: &[u8]) {
        if rest.len() > self.start {
            let further = (rest.len() - self.start).next_multiple_of(ALIGNMENT);
            self.memory.splice(0..0, std::iter::repeat_n(0, further));
            (self.fresh, self.start, self.end) = (self.fresh + further, self.start + further, self.end + further);
        }
        self.start -= rest.len();
        self.memory[self.start..self.start + rest.len()].copy_from_slice(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::{ROOM, Window};
    use pretty_assertions::assert_eq;

    #[test]
    fn what_is_left_stands_before_what_is_read_next() {
        let mut file: &[u8] = b"0123456789";
        let mut window = Window::new(4);
        let mut all = Vec::new();
        let mut rest = Vec::new();
        while !window.is_last {
            window.fill(&mut file).unwrap();
            window.put_before(&rest);
            let used = window.bytes().len() / 2;
            all.extend_from_slice(&window.bytes()[..used]);
            rest = window.bytes()[used..].to_vec();
        }
        all.extend(rest);
        assert_eq!(String::from_utf8(all).unwrap(), "0123456789");
    }

    #[test]
    fn a_rest_of_any_length_finds_room() {
        let mut window = Window::new(4);
        let rest = vec![b'x'; 3 * ROOM];
        window.fill(&mut &b"12"[..]).unwrap();
        window.put_before(&rest);
        assert_eq!(window.bytes().len(), rest.len() + 2);
        assert!(window.bytes().ends_with(b"xx12"));
        window.fill(&mut &b"34"[..]).unwrap();
        assert_eq!(window.bytes(), b"34");
    }
}
