//! How much of anything is read before it is refused. A large tenant meets none of the defaults; each can be set, and each
//! message names the option that raises it.

/// How much is read before something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A single file, or member of an archive, may hold this many bytes once it is unpacked.
    pub file_bytes: u64,
    /// What one compressed file or archive holds may come to this many bytes.
    pub unpacked_bytes: u64,
    /// It may unpack to this many times its size, once that is more than [`Limits::RATIO_FROM`].
    pub ratio: u64,
    /// One archive may hold this many members.
    pub members: u64,
    /// So many compressed files or archives may stand inside each other; a compressed tar archive counts once.
    pub nesting: u64,
    /// One file may hold this many backup objects.
    pub records: u64,
    /// A text of JSON may be this many bytes long, as it is written.
    pub string_bytes: u64,
    /// Objects and arrays of JSON may stand so many levels deep.
    pub depth: u64,
    /// That there may not be more backup objects follows from the ratio and the size of what is read.
    pub records_for: Option<RecordsFor>,
    /// What is kept around the backups may count as so many bytes, which follows from the same.
    pub around_bytes: u64,
}

/// How many backup objects may stand in something of a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordsFor {
    /// A file, or an archive with all that is in it, of so many bytes.
    pub bytes: u64,
    /// So many.
    pub records: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 8 << 30,
            unpacked_bytes: 256 << 30,
            ratio: 100,
            members: 1_000_000,
            nesting: 2,
            records: 100_000_000,
            string_bytes: 64 << 20,
            depth: Self::DEEPEST,
            records_for: None,
            around_bytes: u64::MAX,
        }
    }
}

/// A limit that can be set, on the command line and in the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Its option, without the dashes, which is its key in the configuration too.
    pub key: &'static str,
    /// Whether it is a number of bytes.
    pub is_size: bool,
    /// From what to what it may be set.
    pub range: (u64, u64),
    /// What is refused.
    pub about: &'static str,
    /// Where it is kept.
    place: fn(&mut Limits) -> &mut u64,
}

/// Every limit.
pub const LIMITS: [Limit; 8] = [
    Limit {
        key: "max-file-size",
        is_size: true,
        range: (0, u64::MAX),
        about: "A file, or member of an archive, that is larger when unpacked is refused.",
        place: |limits| &mut limits.file_bytes,
    },
    Limit {
        key: "max-unpacked",
        is_size: true,
        range: (0, u64::MAX),
        about: "A compressed file or archive that unpacks to more in all is refused.",
        place: |limits| &mut limits.unpacked_bytes,
    },
    Limit {
        key: "max-ratio",
        is_size: false,
        range: (1, u64::MAX),
        about: "What unpacks to more than so many times its size is refused, once that is more than 64 MiB; a backup object counts as 1 KiB at least, a value around them as 64 bytes.",
        place: |limits| &mut limits.ratio,
    },
    Limit {
        key: "max-members",
        is_size: false,
        range: (0, u64::MAX),
        about: "No more members of one archive are read.",
        place: |limits| &mut limits.members,
    },
    Limit {
        key: "max-nesting",
        is_size: false,
        range: (0, 16),
        about: "No more archives or compressed files inside each other are unpacked; a compressed tar counts once.",
        place: |limits| &mut limits.nesting,
    },
    Limit {
        key: "max-records",
        is_size: false,
        range: (0, u64::MAX),
        about: "A file that holds more backup objects is refused.",
        place: |limits| &mut limits.records,
    },
    Limit {
        key: "max-string",
        is_size: true,
        range: (0, u64::MAX),
        about: "A document with a longer text in it is refused.",
        place: |limits| &mut limits.string_bytes,
    },
    Limit {
        key: "max-depth",
        is_size: false,
        range: (1, Limits::DEEPEST),
        about: "A document with more objects and arrays inside each other is refused.",
        place: |limits| &mut limits.depth,
    },
];

impl Limits {
    /// The same, but none of them larger than by default.
    #[must_use]
    pub fn at_most_default(mut self) -> Self {
        for limit in LIMITS {
            let most = limit.of(&Self::default());
            let place = (limit.place)(&mut self);
            *place = most.min(*place);
        }
        self
    }
}

impl Limit {
    /// The value in force.
    #[must_use]
    pub fn of(&self, limits: &Limits) -> u64 {
        *(self.place)(&mut limits.clone())
    }

    /// The value in force in words: the largest unit that divides a number of bytes, without a blank.
    #[must_use]
    pub fn text(&self, limits: &Limits) -> String {
        let value = self.of(limits);
        if self.is_size { size(value).replace(" bytes", "").replace(' ', "") } else { value.to_string() }
    }

    /// Sets the limit to what a text says.
    ///
    /// # Errors
    /// What should have been written.
    pub fn set(&self, limits: &mut Limits, text: &str) -> Result<(), String> {
        let number = if self.is_size { bytes(text) } else { text.trim().parse().ok() };
        let (least, most) = self.range;
        match number.filter(|number| (least..=most).contains(number)) {
            Some(number) => {
                *(self.place)(limits) = number;
                Ok(())
            }
            None => Err(self.wanted()),
        }
    }

    /// What a value may be.
    fn wanted(&self) -> String {
        match (self.is_size, self.range) {
            (true, _) => "write a number of bytes, or one with KiB, MiB or GiB, for example 512MiB".to_owned(),
            (false, (least, u64::MAX)) => format!("write a whole number from {least} on"),
            (false, (least, most)) => format!("write a whole number from {least} to {most}"),
        }
    }
}

impl Limits {
    /// What one member unpacks to is compared with its size from here on: small files may be packed as well as they like.
    pub const RATIO_FROM: u64 = 64 << 20;
    /// The same for everything that stands in one archive.
    pub const RATIO_FROM_IN_ALL: u64 = 4 * Self::RATIO_FROM;
    /// A backup object counts as so many bytes at least, however few it takes: the rules say as much of it as of any other.
    pub const RECORD_BYTES: u64 = 1 << 10;
    /// A value that is kept around the backups counts as so many bytes at least: about as much as it takes in memory.
    pub const VALUE_BYTES: u64 = 64;
    /// The same for an element of a list.
    pub const ELEMENT_BYTES: u64 = 5 * Self::VALUE_BYTES;
    /// JSON that stands deeper is not read, whatever is set: a limit of the stack.
    pub const DEEPEST: u64 = 127;

    /// The limits for what is read of a file, or of an archive, of so many bytes, of which what was met before counts as so many.
    #[must_use]
    pub fn within(self, bytes: u64, met: u64) -> Self {
        let all = bytes.saturating_mul(self.ratio).max(Self::RATIO_FROM);
        let around_bytes = all.saturating_sub(met);
        let left = around_bytes / Self::RECORD_BYTES;
        if left >= self.records {
            return Self { around_bytes, ..self };
        }
        let records_for = Some(RecordsFor { bytes, records: all / Self::RECORD_BYTES });
        Self { records: left, records_for, around_bytes, ..self }
    }

    /// A file is too large.
    #[must_use]
    pub fn file_too_large(&self) -> String {
        format!("larger than the limit of {} for one file (--max-file-size)", size(self.file_bytes))
    }

    /// Something unpacks to too much.
    #[must_use]
    pub fn unpacks_too_far(&self) -> String {
        format!("unpacks to more than the limit of {} (--max-unpacked)", size(self.unpacked_bytes))
    }

    /// Something unpacks to too much for its size.
    #[must_use]
    pub fn packed_too_well(&self) -> String {
        format!("unpacks to more than {} times its size, the limit for large ones (--max-ratio)", self.ratio)
    }

    /// An archive has too many members.
    #[must_use]
    pub fn too_many_members(&self) -> String {
        format!("more than the limit of {} members (--max-members)", self.members)
    }

    /// Containers stand too deep inside each other.
    #[must_use]
    pub fn nested_too_deep(&self) -> String {
        format!("packed more than {} times inside each other, the limit (--max-nesting)", self.nesting)
    }

    /// A file holds too many backup objects.
    #[must_use]
    pub fn too_many_records(&self) -> String {
        match self.records_for {
            None => format!("more than the limit of {} backup objects in one file (--max-records)", self.records),
            Some(RecordsFor { bytes, records }) => format!(
                "more than {records} backup objects, the limit for {bytes} bytes: each counts as 1 KiB at least (--max-ratio)"
            ),
        }
    }

    /// What stands around the backups is too much.
    #[must_use]
    pub fn too_much_around(&self) -> String {
        format!(
            "more around the backups than {} times its size, the limit for large ones: a value counts as {} bytes, in a list as {} (--max-ratio)",
            self.ratio,
            Self::VALUE_BYTES,
            Self::ELEMENT_BYTES
        )
    }

    /// A text at this byte of a document is too long.
    #[must_use]
    pub fn text_too_long(&self, at: usize) -> String {
        format!(
            "a text at byte {at} of its document is longer than the limit of {} (--max-string)",
            size(self.string_bytes)
        )
    }

    /// Something at this byte of a document stands too deep in it.
    #[must_use]
    pub fn too_deep(&self, at: usize) -> String {
        format!("nested deeper than {} levels at byte {at} of its document, the limit (--max-depth)", self.depth)
    }
}

/// A number of bytes in the largest unit that divides it.
fn size(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.into_iter().find(|(shift, _)| bytes > 0 && bytes.is_multiple_of(1 << shift));
    unit.map_or_else(|| format!("{bytes} bytes"), |(shift, name)| format!("{} {name}", bytes >> shift))
}

/// Reads a size such as `8GiB`, `512MiB`, `64KiB` or a number of bytes.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30)];
    let unit = units.into_iter().find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, shift)));
    let (number, shift) = unit.unwrap_or((text, 0));
    number.trim().parse::<u64>().ok()?.checked_mul(1 << shift)
}
