//! Reports to disk: every file is written beside its target, flushed, and renamed when all are complete. A reader finds
//! the old report or the new one, never half of one; a failed run leaves nothing behind.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::NamedTempFile;

use crate::discover::{plain_io, printable};
use crate::format::Target;

/// A file that is being written and not yet visible.
#[derive(Debug)]
pub struct Pending {
    target: Target,
    temporary: NamedTempFile,
}

impl Pending {
    /// Opens a temporary file beside the target.
    ///
    /// # Errors
    /// The directory does not exist or cannot be written to, or the target is no regular file.
    pub fn open(target: &Target) -> Result<Self> {
        let temporary = match target {
            Target::Stdout => tempfile::Builder::new().tempfile().context("cannot make a temporary file")?,
            Target::File(path) => beside(path)?,
        };
        Ok(Self { target: target.clone(), temporary })
    }

    /// Fills the file.
    ///
    /// # Errors
    /// Whatever the content or the disk reports.
    pub fn fill(&mut self, content: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
        let name = self.name();
        let file = self.temporary.as_file_mut();
        let mut buffered = BufWriter::with_capacity(1 << 16, &mut *file);
        let filled = content(&mut buffered).and_then(|()| Ok(buffered.flush()?));
        drop(buffered);
        filled.and_then(|()| Ok(file.sync_all()?)).with_context(|| format!("cannot write {name}"))
    }

    /// Whether it is bound for standard output.
    #[must_use]
    pub fn is_stdout(&self) -> bool {
        self.target == Target::Stdout
    }

    /// Makes the file visible under its name, or copies it to standard output.
    ///
    /// # Errors
    /// The rename or the copy failed.
    pub fn publish(self) -> Result<()> {
        let name = self.name();
        match self.target {
            Target::Stdout => {
                let mut content = self.temporary.reopen()?;
                copy_to_stdout(&mut content)
            }
            Target::File(path) => {
                self.temporary
                    .persist(&path)
                    .map_err(|error| error.error)
                    .with_context(|| format!("cannot write {name}"))?;
                sync_directory(&path);
                Ok(())
            }
        }
    }

    fn name(&self) -> String {
        match &self.target {
            Target::Stdout => "standard output".to_owned(),
            Target::File(path) => printable(path),
        }
    }
}

/// Copies to standard output. A reader that has seen enough is no error.
fn copy_to_stdout(content: &mut File) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match io::copy(content, &mut stdout).and_then(|_| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot write standard output"),
        _ => Ok(()),
    }
}

fn beside(path: &Path) -> Result<NamedTempFile> {
    if let Ok(metadata) = path.metadata()
        && !metadata.is_file()
    {
        bail!("cannot write {}: it is no regular file; for standard output write FORMAT=-", printable(path));
    }
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cbr-audit-").suffix(".partial");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(&directory).map_err(|error| {
        anyhow::anyhow!("cannot write {}: {} in {}", printable(path), plain_io(&error), printable(&directory))
    })
}

/// Makes the rename durable, where the system can. The report is complete either way.
fn sync_directory(path: &Path) {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(directory) = File::open(directory) {
        let _ = directory.sync_all();
    }
}
