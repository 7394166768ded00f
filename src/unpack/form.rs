//! What a file is by its first bytes: a container, something that may be an answer, or neither.

use super::tar::is_header;
use crate::parse::decode;

/// A container that is unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One compressed file.
    Gzip,
    /// One compressed file.
    Zstd,
    /// An archive.
    Tar,
    /// An archive.
    Zip,
}

/// How many bytes tell it.
pub const HEAD: usize = 512;

impl Form {
    /// The form of bytes that begin like this.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, b'P', b'K', ..] => Some(Self::Zip),
            _ if decode::container(head) == Some("a tar archive") || is_header(head) => Some(Self::Tar),
            _ => None,
        }
    }

    /// The form that a name promises.
    #[must_use]
    pub fn by_name(path: &str) -> Option<Self> {
        let forms: [(&[&str], Self); 4] = [
            (&["gz", "tgz", "taz"], Self::Gzip),
            (&["zst", "tzst", "zstd"], Self::Zstd),
            (&["tar"], Self::Tar),
            (&["zip"], Self::Zip),
        ];
        let ending = ending(path);
        forms.into_iter().find(|(endings, _)| is_among(ending, endings)).map(|(_, form)| form)
    }

    /// The form of an archive: by its content, else by its name, as what stands further in can tell.
    #[must_use]
    pub fn archive(path: &str, head: &[u8]) -> Option<Self> {
        let is_archive = |form: &Self| matches!(form, Self::Tar | Self::Zip);
        match Self::of(head) {
            Some(form) => Some(form).filter(is_archive),
            None if head.is_empty() || starts_as_answer(head) => None,
            None => Self::by_name(path).filter(is_archive),
        }
    }

    /// What it is called.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Gzip => "gzip file",
            Self::Zstd => "zstd file",
            Self::Tar => "tar archive",
            Self::Zip => "zip archive",
        }
    }
}

/// What stands behind the last dot of a name.
fn ending(path: &str) -> &str {
    // Byte by byte from the end, where it is near: there are many files.
    let last = path.bytes().rposition(|byte| matches!(byte, b'.' | b'/'));
    last.and_then(|last| path.get(last..)?.strip_prefix('.')).unwrap_or_default()
}

/// Whether an ending is one of these, in whatever case.
fn is_among(ending: &str, endings: &[&str]) -> bool {
    endings.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// Whether a name has one of these endings, in whatever case.
fn ends_in(path: &str, endings: &[&str]) -> bool {
    is_among(ending(path), endings)
}

/// Whether a file name is one under which answers are saved.
#[must_use]
pub fn named_as_answer(path: &str) -> bool {
    ends_in(path, &["", "json", "jsonl", "ndjson", "txt"])
}

/// Whether a file name promises a document on each line, also behind the endings of compressions.
#[must_use]
pub fn named_as_lines(path: &str) -> bool {
    ends_in(uncompressed(path), &["jsonl", "ndjson"])
}

/// A name without the endings of compressions.
#[must_use]
pub fn uncompressed(path: &str) -> &str {
    let mut bare = path;
    while matches!(Form::by_name(bare), Some(Form::Gzip | Form::Zstd)) {
        bare = bare.rsplit_once('.').map_or("", |(before, _)| before);
    }
    bare
}

/// Whether bytes begin like a document, or like a container that would hold one.
#[must_use]
pub fn starts_as_answer(head: &[u8]) -> bool {
    let is_text = match head.iter().copied().find(|byte| !byte.is_ascii_whitespace() && *byte != 0) {
        Some(b'{' | b'[') => true,
        Some(b'"') if head.trim_ascii_start().get(1).is_some_and(|next| matches!(next, b'{' | b'[')) => true,
        Some(_) => decode::has_headers(head) || decode::has_byte_order_mark(head) || has_key_of_backups(head),
        // Behind so many blanks anything may stand; what begins with nothing but NUL is an image of a disk.
        None => head.len() >= HEAD && !head.contains(&0),
    };
    is_text || decode::container(head).is_some()
}

/// Whether a key that tells backups stands in bytes as JSON writes it, by itself or within a text: whatever is before it.
fn has_key_of_backups(head: &[u8]) -> bool {
    const KEYS: [&str; 4] = ["backups", "backup", "resource_id", "vault_id"];
    let is_end = |rest: &[u8]| {
        let rest = rest.strip_prefix(b"\\").unwrap_or(rest).strip_prefix(b"\"");
        rest.is_some_and(|rest| rest.trim_ascii_start().first() == Some(&b':'))
    };
    let texts = memchr::memchr_iter(b'"', head).filter_map(|quote| head.get(quote + 1..));
    texts.flat_map(|text| KEYS.iter().filter_map(|key| text.strip_prefix(key.as_bytes()))).any(is_end)
}

/// Whether a file is none that could hold an answer, by its name without the endings of compressions, and its first bytes.
#[must_use]
pub fn is_foreign(path: &str, head: &[u8]) -> bool {
    let bare = uncompressed(path);
    is_apple_double(bare, head) || (!named_as_answer(bare) && !starts_as_answer(head))
}

/// Whether a file is what macOS puts beside each file into archives.
#[must_use]
pub fn is_apple_double(path: &str, head: &[u8]) -> bool {
    head.starts_with(&[0, 5, 0x16, 7]) && path.rsplit('/').next().is_some_and(|name| name.starts_with("._"))
}

/// The reason to refuse a file that is no container though its name says so, or one that nothing but its name can tell.
#[must_use]
pub fn misnamed(path: &str, head: &[u8]) -> Option<String> {
    if Form::of(head).is_some() || Form::archive(path, head).is_some() || starts_as_answer(head) {
        return None;
    }
    match Form::by_name(path) {
        Some(form) => Some(format!("named like a {} but does not begin like one", form.word())),
        None => {
            let (bare, ending) = path.rsplit_once('.')?;
            let is_packed = is_among(ending, &["br", "lzma"]) && (named_as_answer(bare) || ends_in(bare, &["tar"]));
            is_packed.then(|| format!("named like a .{ending} file: unpack it first"))
        }
    }
}
