//! The files of a dump.

use std::{
    error::Error,
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

const ALIGNMENT: usize = 64;

/// All JSON files below the directory, the largest first, so that none is left for one thread at the end.
pub fn below(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    walk(directory, &mut found).map_err(|error| format!("{}: {error}", directory.display()))?;
    found.sort_unstable_by(|left: &(u64, PathBuf), right| right.cmp(left));
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

fn walk(directory: &Path, found: &mut Vec<(u64, PathBuf)>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            walk(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push((entry.metadata()?.len(), path));
        }
    }
    Ok(())
}

/// The text of the file, read into the buffer.
///
/// The text begins at a boundary of 64 bytes: some processors copy several times slower to an address just behind the
/// start of a page, which is where large allocations begin.
pub fn read<'b>(file: &Path, buffer: &'b mut Vec<u8>) -> Result<&'b str, Box<dyn Error>> {
    let mut file = File::open(file)?;
    let length = usize::try_from(file.metadata()?.len())?;
    if buffer.len() < length + ALIGNMENT {
        *buffer = vec![0; length + ALIGNMENT];
    }
    let start = buffer.as_ptr().align_offset(ALIGNMENT);
    let text = &mut buffer[start..start + length];
    file.read_exact(text)?;
    Ok(std::str::from_utf8(text)?)
}
