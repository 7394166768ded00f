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
    pub nesting: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 8 << 30, unpacked_bytes: 256 << 30, ratio: 100, members: 1_000_000, nesting: 2 }
    }
}

impl Limits {
    /// What one member unpacks to is compared with its size from here on: small files may be packed as well as they like.
    pub const RATIO_FROM: u64 = 64 << 20;
    /// The same for everything that stands in one archive.
    pub const RATIO_FROM_IN_ALL: u64 = 4 * Self::RATIO_FROM;

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
}

/// A number of bytes in the largest unit that divides it.
fn size(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.into_iter().find(|(shift, _)| bytes > 0 && bytes.is_multiple_of(1 << shift));
    unit.map_or_else(|| format!("{bytes} bytes"), |(shift, name)| format!("{} {name}", bytes >> shift))
}
