//! A file of the ledger in the JSON report, of which there may be as many as there are backups.

use anyhow::Result;

use super::plain::{key, number, optional, text};
use crate::inventory::file::File;
use crate::report::ledger;
use crate::run::Run;

/// Writes a file behind a comma, three levels deep.
pub(super) fn write(run: &Run<'_>, file: &File, out: &mut Vec<u8>) -> Result<()> {
    let older = file.older.and_then(|older| run.inventory.older.get(older as usize));
    out.extend_from_slice(b",\n   ");
    text(key!(first "path"), &file.path, out)?;
    number(key!(inner "bytes"), Some(file.bytes), out)?;
    text(key!(inner "kind"), &file.kind, out)?;
    text(key!(inner "state"), file.state.word(), out)?;
    number(key!(inner "records"), Some(file.records), out)?;
    optional(key!(inner "reason"), file.reason.as_deref(), out)?;
    optional(key!(inner "sha256"), file.sha256.as_deref(), out)?;
    optional(key!(inner "older_capture"), older.map(|capture| capture.of.directory.as_str()), out)?;
    optional(key!(inner "same_as"), ledger::twin(&run.inventory, file), out)?;
    out.extend_from_slice(b"\n   }");
    Ok(())
}
