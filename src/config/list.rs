//! A file with a name in each line, which a tier refers to.

use std::path::Path;

use crate::discover::{found, plain_io};
use crate::tier::NameList;

/// A list has at most so many bytes.
const LARGEST: u64 = 256 << 20;

/// Reads a list beside the configuration: an id or name in each line, as it stands. Blank lines and lines that begin with
/// `#` say nothing.
///
/// # Errors
/// Why there is no list.
pub(super) fn read(configuration: &str, file: &str) -> Result<NameList, String> {
    let place = Path::new(configuration).parent().unwrap_or(Path::new("")).join(file);
    let bytes =
        found(&place, LARGEST).map_err(|error| format!("cannot read {}: {}", place.display(), plain_io(&error)))?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| format!("{}: byte {} is no UTF-8 text", place.display(), error.valid_up_to()))?;
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let names = lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect();
    let list = NameList { file: file.to_owned(), place, names };
    if list.names.is_empty() { Err(format!("{} names nothing", list.place.display())) } else { Ok(list) }
}
