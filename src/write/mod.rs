//! Reports to disk: every file is written beside its target, flushed, and renamed when all are complete. A reader finds
//! the old report or the new one, never half of one; a failed or interrupted run leaves nothing behind. Only a kill that
//! cannot be caught may leave a `.cbr-audit-*.partial`, which no run reads as a report and anyone may delete.

mod early;

use std::collections::BTreeSet;
use std::fs::{File, Metadata};
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, bail};
use tempfile::NamedTempFile;

use crate::discover::{plain_io, printable};
use crate::format::Target;
use early::Early;

/// The temporary files that are not renamed yet: what an interrupted run has to remove. Who renames holds the lock, so
/// an interrupt comes before the first rename or behind the last.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes what is written so far. Until the guard is dropped, nothing can be opened or renamed.
#[must_use]
pub fn abandon() -> impl Sized {
    let mut unfinished = unfinished();
    while let Some(path) = unfinished.pop_first() {
        let _ = std::fs::remove_file(path);
    }
    unfinished
}

/// A file that is being written and not yet visible.
#[derive(Debug)]
pub struct Pending {
    target: Target,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// For standard output: a file without a name, which ends with the process.
    Nameless(File),
    Beside(Beside),
}

/// A temporary file beside its target, removed when it is dropped.
#[derive(Debug)]
struct Beside(Option<NamedTempFile>);

impl Drop for Beside {
    fn drop(&mut self) {
        if let Some(file) = self.0.take() {
            let mut unfinished = unfinished();
            unfinished.remove(file.path());
            drop(file);
        }
    }
}

impl Pending {
    /// Opens a temporary file beside the target.
    ///
    /// # Errors
    /// The directory does not exist or cannot be written to, or the target is no regular file.
    pub fn open(target: &Target) -> Result<Self> {
        let content = match target {
            Target::Stdout => Content::Nameless(tempfile::tempfile().context("cannot make a temporary file")?),
            Target::File(path) => Content::Beside(beside(path)?),
        };
        Ok(Self { target: target.clone(), content })
    }

    /// Fills the file.
    ///
    /// # Errors
    /// Whatever the content or the disk reports.
    pub fn fill(&mut self, content: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>) -> Result<()> {
        let mut filling = self.begin()?;
        let filled = content(filling.out());
        filling.end(filled)
    }

    /// Begins to fill the file.
    ///
    /// # Errors
    /// It is written already.
    pub fn begin(&mut self) -> Result<Filling<'_>> {
        let name = name(&self.target);
        let file = match &mut self.content {
            Content::Nameless(file) => file,
            Content::Beside(Beside(Some(file))) => file.as_file_mut(),
            Content::Beside(Beside(None)) => bail!("{name} is written already"),
        };
        Ok(Filling { name, buffered: BufWriter::with_capacity(1 << 16, Early::new(file)) })
    }

    /// Copies to standard output, if it is bound for it, and hands back what is bound for a file.
    fn print(self) -> Result<Option<(PathBuf, Beside)>> {
        match (self.target, self.content) {
            (Target::File(path), Content::Beside(beside)) => Ok(Some((path, beside))),
            (_, Content::Nameless(mut content)) => {
                content.rewind()?;
                copy_to_stdout(&mut content)?;
                Ok(None)
            }
            (Target::Stdout, Content::Beside(_)) => Ok(None),
        }
    }
}

/// A file that is being filled. What of it is not ended with success is worth nothing.
#[derive(Debug)]
pub struct Filling<'f> {
    name: String,
    buffered: BufWriter<Early<'f>>,
}

impl Filling<'_> {
    /// Where the content goes.
    pub fn out(&mut self) -> &mut (dyn Write + Send) {
        &mut self.buffered
    }

    /// Ends the filling, given what it came to: all of it is on the disk.
    ///
    /// # Errors
    /// Whatever the content or the disk reports.
    pub fn end(mut self, filled: Result<()>) -> Result<()> {
        let filled = filled.and_then(|()| Ok(self.buffered.flush()?));
        // What is left in the buffer of a failed one is not written.
        let (file, _) = self.buffered.into_parts();
        filled.and_then(|()| Ok(file.end()?)).with_context(|| format!("cannot write {}", self.name))
    }
}

/// Makes files visible under their names, all of them or, but for a failing rename, none: standard output comes first,
/// since nothing of it can be checked beforehand and a report on disk must not stay where the run failed.
///
/// # Errors
/// A rename or the copy to standard output failed. The error names what is visible nevertheless.
pub fn publish(pending: Vec<Pending>) -> Result<()> {
    let files = pending.into_iter().map(Pending::print).collect::<Result<Vec<_>>>()?;
    let mut done: Vec<PathBuf> = Vec::new();
    {
        let mut unfinished = unfinished();
        let mut files = files.into_iter().flatten();
        while let Some((path, mut beside)) = files.next() {
            let Some(temporary) = beside.0.take() else { continue };
            let was = temporary.path().to_owned();
            let renamed = temporary.persist(&path).map_err(|error| error.error);
            unfinished.remove(&was);
            if let Err(error) = renamed {
                // The others take the lock when they go.
                drop(unfinished);
                drop(files);
                return Err(error).with_context(|| format!("cannot write {}{}", printable(&path), visible(&done)));
            }
            done.push(path);
        }
    }
    done.dedup_by_key(|path| directory(path));
    let unsure = done.iter().find_map(|path| sync_directory(path).err().map(|error| (path, error)));
    match unsure {
        None => Ok(()),
        Some((path, error)) => Err(error).with_context(|| {
            format!("{} is written, but the disk does not confirm that it will stay", printable(path))
        }),
    }
}

/// Writes a file that is not there yet.
///
/// # Errors
/// It is there, or cannot be written.
pub fn create(path: &Path, content: &str) -> io::Result<()> {
    let mut unfinished = unfinished();
    let mut temporary = builder(None).tempfile_in(directory(path))?;
    unfinished.insert(temporary.path().to_owned());
    temporary.write_all(content.as_bytes())?;
    temporary.as_file().sync_all()?;
    let was = temporary.path().to_owned();
    let renamed = temporary.persist_noclobber(path).map_err(|error| error.error);
    unfinished.remove(&was);
    renamed?;
    // It is there, whatever the disk says now.
    let _ = sync_directory(path);
    Ok(())
}

fn name(target: &Target) -> String {
    match target {
        Target::Stdout => "standard output".to_owned(),
        Target::File(path) => printable(path),
    }
}

/// What a run that fails has made visible, as the end of its message.
fn visible(done: &[PathBuf]) -> String {
    if done.is_empty() {
        return String::new();
    }
    let done: Vec<_> = done.iter().map(|path| printable(path)).collect();
    format!(" (already written: {})", done.join(", "))
}

/// Copies to standard output. A reader that has seen enough is no error.
fn copy_to_stdout(content: &mut File) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match io::copy(content, &mut stdout).and_then(|_| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot write standard output"),
        _ => Ok(()),
    }
}

/// Opens a temporary file beside a target that is a regular file or not there. A symbolic link is refused: the rename
/// would replace the link, and to follow it could write anywhere.
fn beside(path: &Path) -> Result<Beside> {
    let there = path.symlink_metadata().ok();
    let why = match &there {
        Some(there) if there.is_symlink() => "it is a symbolic link, which is not followed: name the file itself",
        Some(there) if !there.is_file() => "it is no regular file",
        _ => "",
    };
    if !why.is_empty() {
        bail!("cannot write {}: {why}; for standard output write FORMAT=-", printable(path));
    }
    let directory = directory(path);
    let mut unfinished = unfinished();
    let file = builder(there.as_ref()).tempfile_in(&directory).map_err(|error| {
        anyhow::anyhow!("cannot write {}: {} in {}", printable(path), plain_io(&error), printable(&directory))
    })?;
    unfinished.insert(file.path().to_owned());
    Ok(Beside(Some(file)))
}

/// How temporary files are made: as private as what they replace, else as the user's mask says.
fn builder(replaced: Option<&Metadata>) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cbr-audit-").suffix(".partial");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = replaced.map_or(0o666, |replaced| replaced.permissions().mode() & 0o666);
        builder.permissions(std::fs::Permissions::from_mode(mode));
    }
    builder
}

fn directory(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Makes the rename durable, where the system can. The report is complete either way.
fn sync_directory(path: &Path) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, Unsupported};
    // A directory that may be written to and not read, or a system that cannot open directories.
    let Ok(directory) = File::open(directory(path)) else { return Ok(()) };
    directory.sync_all().or_else(|error| match error.kind() {
        InvalidInput | Unsupported => Ok(()),
        _ => Err(error),
    })
}
