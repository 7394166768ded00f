//! Writes the answers of one project in the chosen layout, record by record.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::{
    Layout, Settings, defects, heavy,
    plan::{Kind, Project},
    point::Point,
    prng::Rng,
    render::{self, Context},
};

/// What has been written so far.
#[derive(Debug, Default)]
pub struct Totals {
    pub projects: u64,
    pub files: u64,
    pub bytes: u64,
    /// Distinct backup objects, nested disks included.
    pub objects: u64,
    pub points: u64,
    pub defects: u64,
}

impl Totals {
    pub const fn plus(&self, other: &Self) -> Self {
        Self {
            projects: self.projects + other.projects,
            files: self.files + other.files,
            bytes: self.bytes + other.bytes,
            objects: self.objects + other.objects,
            points: self.points + other.points,
            defects: self.defects + other.defects,
        }
    }
}

/// One list answer that is being written.
struct Page {
    file: BufWriter<File>,
    offset: u64,
    records: u64,
}

struct Writer<'a> {
    settings: &'a Settings,
    project: &'a Project,
    directory: PathBuf,
    totals: Totals,
    buffer: Vec<u8>,
    page: Option<Page>,
    limit: u64,
    listed: u64,
}

/// Writes all answers of the project.
pub fn project(settings: &Settings, project: &Project) -> Result<Totals> {
    let single = settings.layout == Layout::SinglePage;
    let directory = if single { settings.out.clone() } else { settings.out.join(&project.directory) };
    create(&directory)?;
    if settings.layout.has_show() {
        create(&directory.join("show"))?;
    }
    let limit = if single { project.points.max(1) } else { settings.page_size };
    let totals = Totals { projects: 1, ..Totals::default() };
    let mut writer = Writer { settings, project, directory, totals, buffer: Vec::new(), page: None, limit, listed: 0 };
    for night in 0..project.nights {
        for (index, resource) in project.resources.iter().enumerate() {
            if resource.has_point(night) {
                writer.point(index, night)?;
            }
        }
    }
    writer.end_page()?;
    Ok(writer.totals)
}

impl Writer<'_> {
    fn point(&mut self, index: usize, night: u32) -> Result<()> {
        let (settings, project) = (self.settings, self.project);
        let Some(resource) = project.resources.get(index) else {
            return Ok(());
        };
        let Some(mut point) = Point::healthy(settings, project, index, night) else {
            return Ok(());
        };
        let rng = &mut Rng::keyed(settings.seed, &[5, project.number, index as u64, u64::from(night)]);
        if settings.heavy {
            heavy::apply(settings, rng, &mut point);
            self.totals.defects += 1;
        } else if rng.chance(settings.defects) {
            defects::apply(settings, rng, &mut point);
            self.totals.defects += 1;
        }
        let layout = settings.layout;
        let context = Context { settings, project, resource, nested: layout.nests_in_list(), second: false };
        if layout.has_list() {
            self.list(context, &point)?;
        }
        if layout.has_show() && (point.kind == Kind::Server || !layout.has_list()) {
            self.show(Context { nested: true, second: layout.has_list(), ..context }, &point)?;
        }
        let children = if layout.shows_children() { point.children.len() as u64 } else { 0 };
        self.totals.points += 1;
        self.totals.objects += 1 + children;
        Ok(())
    }

    /// Appends the point to the current list answer, beginning a new one where the last is full.
    fn list(&mut self, context: Context<'_>, point: &Point) -> Result<()> {
        if self.page.as_ref().is_some_and(|page| page.records == self.limit) {
            self.end_page()?;
        }
        self.buffer.clear();
        if self.page.is_some() {
            self.buffer.extend_from_slice(b",\n");
        } else {
            self.begin_page()?;
        }
        render::point(&mut self.buffer, context, point);
        if let Some(page) = &mut self.page {
            page.file.write_all(&self.buffer).context("cannot write a list answer")?;
            page.records += 1;
        }
        self.totals.bytes += self.buffer.len() as u64;
        self.listed += 1;
        Ok(())
    }

    fn begin_page(&mut self) -> Result<()> {
        let number = self.listed / self.limit + 1;
        let path = self.directory.join(format!("backups-{number:06}.json"));
        let file = BufWriter::with_capacity(1 << 18, open(&path)?);
        self.page = Some(Page { file, offset: self.listed, records: 0 });
        self.buffer.extend_from_slice(b"{\"backups\":[\n");
        Ok(())
    }

    fn end_page(&mut self) -> Result<()> {
        if let Some(mut page) = self.page.take() {
            let tail = format!(
                "\n],\"count\":{},\"offset\":{},\"limit\":{}}}\n",
                self.project.points, page.offset, self.limit
            );
            page.file.write_all(tail.as_bytes()).context("cannot write a list answer")?;
            page.file.flush().context("cannot write a list answer")?;
            self.totals.bytes += tail.len() as u64;
            self.totals.files += 1;
        }
        Ok(())
    }

    fn show(&mut self, context: Context<'_>, point: &Point) -> Result<()> {
        self.buffer.clear();
        self.buffer.extend_from_slice(b"{\"backup\":");
        render::point(&mut self.buffer, context, point);
        self.buffer.extend_from_slice(b"}\n");
        let id = String::from_utf8_lossy(&point.id);
        let path = self.directory.join("show").join(format!("{id}.json"));
        open(&path)?.write_all(&self.buffer).with_context(|| format!("cannot write {}", path.display()))?;
        self.totals.bytes += self.buffer.len() as u64;
        self.totals.files += 1;
        Ok(())
    }
}

fn create(directory: &Path) -> Result<()> {
    fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))
}

fn open(path: &Path) -> Result<File> {
    File::create(path).with_context(|| format!("cannot create {}", path.display()))
}
