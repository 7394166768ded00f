//! Files that stand in one directory, looked at and opened by their names alone: the system then need not walk the path to each of
//! them anew, which tells where they are small and many.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::time::SystemTime;

#[cfg(unix)]
use unix as system;

#[cfg(not(unix))]
use other as system;

/// For fewer files it is not worth while to open their directory.
const WORTH_IT: usize = 8;

/// The directory of some files, or no particular one: then each is found by its path.
#[derive(Debug, Default)]
pub struct Directory(system::Directory);

impl Directory {
    /// The directory in which a file and so many in all stand. Where they are few, or it cannot be opened, they are found by their paths.
    #[must_use]
    pub fn around(file: &Path, files: usize) -> Self {
        if files < WORTH_IT { Self::default() } else { Self(system::Directory::around(file)) }
    }

    /// How many bytes a file has. A link is not followed.
    ///
    /// # Errors
    /// It cannot be looked at.
    pub fn bytes_of(&self, file: &Path) -> io::Result<u64> {
        self.0.bytes_of(file)
    }

    /// Opens a file to read it, without waiting for anybody where it is a FIFO.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(&self, file: &Path) -> io::Result<File> {
        self.0.open(file)
    }
}

/// Whether standard input comes from this file, as behind `<`.
#[must_use]
pub fn is_standard_input(file: &Path) -> bool {
    system::is_standard_input(file)
}

/// Between the parts of a path; it takes one byte on every system.
const SEPARATOR: u8 = std::path::MAIN_SEPARATOR as u8;

/// What would be different of a directory if anything in it came, went, or had another name.
#[derive(Debug, PartialEq, Eq)]
pub struct Condition {
    modified: Option<SystemTime>,
    #[cfg(unix)]
    place: (u64, u64),
}

impl Condition {
    /// How a directory is now; none if there is no directory. A link to one is followed where it is the root that was given.
    #[must_use]
    pub fn of(directory: &Path, is_root: bool) -> Option<Self> {
        let metadata = if is_root { directory.metadata() } else { directory.symlink_metadata() };
        let metadata = metadata.ok().filter(Metadata::is_dir)?;
        Some(Self {
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            place: unix::place(&metadata),
        })
    }
}

/// Whether two files stand in the same directory, as far as their paths as they are written tell.
#[must_use]
pub fn stand_together(one: &Path, other: &Path) -> bool {
    parted(one).is_some_and(|(directory, _)| parted(other).is_some_and(|(beside, _)| directory == beside))
}

/// A path up to its last separator and with it, and the name behind.
fn parted(path: &Path) -> Option<(&[u8], &[u8])> {
    let bytes = path.as_os_str().as_encoded_bytes();
    let end = memchr::memrchr(SEPARATOR, bytes)? + 1;
    bytes.split_at_checked(end).filter(|(_, name)| !name.is_empty())
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::fs::{File, Metadata};
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, openat, statat};
    use rustix::io::retry_on_intr;

    use super::parted;

    pub(super) fn is_standard_input(file: &Path) -> bool {
        let place = |stat: rustix::fs::Stat| (stat.st_dev, stat.st_ino);
        let (input, file) = (rustix::fs::fstat(std::io::stdin()), rustix::fs::stat(file));
        input.is_ok_and(|input| file.is_ok_and(|file| place(input) == place(file)))
    }

    /// Which one of all files and directories it is.
    pub(super) fn place(metadata: &Metadata) -> (u64, u64) {
        (metadata.dev(), metadata.ino())
    }

    /// An open directory, and its path with the separator behind it.
    #[derive(Debug, Default)]
    pub(super) struct Directory(Option<(OwnedFd, Box<[u8]>)>);

    impl Directory {
        pub(super) fn around(file: &Path) -> Self {
            let open = |(directory, _): (&[u8], _)| {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
                let path = OsStr::from_bytes(directory);
                Some((retry_on_intr(|| openat(CWD, path, flags, Mode::empty())).ok()?, directory.into()))
            };
            Self(parted(file).and_then(open))
        }

        /// From where a file is found, and by which name.
        fn way_to<'f>(&'f self, file: &'f Path) -> (BorrowedFd<'f>, &'f Path) {
            match (&self.0, parted(file)) {
                (Some((directory, path)), Some((around, name))) if **path == *around => {
                    (directory.as_fd(), Path::new(OsStr::from_bytes(name)))
                }
                _ => (CWD, file),
            }
        }

        pub(super) fn bytes_of(&self, file: &Path) -> io::Result<u64> {
            let (directory, name) = self.way_to(file);
            let stat = retry_on_intr(|| statat(directory, name, AtFlags::SYMLINK_NOFOLLOW))?;
            Ok(u64::try_from(stat.st_size).unwrap_or_default())
        }

        pub(super) fn open(&self, file: &Path) -> io::Result<File> {
            let (directory, name) = self.way_to(file);
            let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
            Ok(File::from(retry_on_intr(|| openat(directory, name, flags, Mode::empty()))?))
        }
    }
}

#[cfg(not(unix))]
mod other {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    pub(super) fn is_standard_input(_file: &Path) -> bool {
        false
    }

    /// Files are found by their paths.
    #[derive(Debug, Default)]
    pub(super) struct Directory;

    impl Directory {
        pub(super) fn around(_file: &Path) -> Self {
            Self
        }

        pub(super) fn bytes_of(&self, file: &Path) -> io::Result<u64> {
            Ok(file.symlink_metadata()?.len())
        }

        pub(super) fn open(&self, file: &Path) -> io::Result<File> {
            File::open(file)
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "files to be looked at, not reports")]
mod tests {
    use super::{Directory, WORTH_IT, stand_together};
    use pretty_assertions::assert_eq;
    use std::io::Read;
    use std::path::Path;

    #[test]
    fn a_file_is_found_by_its_name_or_by_its_path() {
        let dump = tempfile::tempdir().unwrap();
        let place = |name: &str| dump.path().join(name);
        std::fs::create_dir(place("below")).unwrap();
        for (name, text) in [("a", "one"), ("b", "three"), ("below/c", "seven77")] {
            std::fs::write(place(name), text).unwrap();
        }
        let around = |name: &str| Directory::around(&place(name), WORTH_IT);
        for directory in [Directory::default(), around("a"), around("no/where")] {
            for (name, text) in [("a", "one"), ("b", "three"), ("below/c", "seven77")] {
                let mut read = String::new();
                directory.open(&place(name)).unwrap().read_to_string(&mut read).unwrap();
                assert_eq!((read.as_str(), directory.bytes_of(&place(name)).unwrap()), (text, text.len() as u64));
            }
            assert_eq!(directory.open(&place("d")).unwrap_err().kind(), std::io::ErrorKind::NotFound);
        }
    }

    #[cfg(unix)]
    #[test]
    fn another_file_of_that_name_is_not_opened_where_the_directory_was_replaced() {
        let dump = tempfile::tempdir().unwrap();
        let (here, there) = (dump.path().join("here"), dump.path().join("there"));
        std::fs::create_dir(&here).unwrap();
        std::fs::write(here.join("a"), "one").unwrap();
        let directory = Directory::around(&here.join("a"), WORTH_IT);
        std::fs::rename(&here, &there).unwrap();
        std::fs::create_dir(&here).unwrap();
        std::fs::write(here.join("a"), "another").unwrap();
        assert_eq!(directory.bytes_of(&here.join("a")).unwrap(), 3);
    }

    #[test]
    fn files_stand_together_where_their_paths_differ_in_the_name_alone() {
        let together = |one, other| stand_together(Path::new(one), Path::new(other));
        assert!(together("a/b/c", "a/b/d") && together("/c", "/d"));
        assert!(!together("a/b/c", "a/c") && !together("c", "d") && !together("a/b/", "a/b/c"));
    }
}
