//! What stands in a capture, as far as it is needed to tell whether another one is a later capture of the same scope.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use super::super::completeness::Completeness;
use super::super::field::FieldId;
use super::super::intern::Symbol;
use super::super::listing::Listing;
use super::super::record::TIMES;
use super::super::shape::Presence;
use super::super::{AnswerIx, BackupIx, FileIx, Inventory};
use super::root::{Root, around};
use super::{Captured, Moment};

/// The list answers of one directory, or of those that one note speaks for.
pub(super) struct Leaf {
    pub(super) root: Root,
    /// What they list, in order and each once.
    pub(super) holds: Vec<BackupIx>,
    pub(super) moment: Option<Timestamp>,
}

/// A backup in the list answers of a capture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed {
    pub(super) backup: BackupIx,
    pub(super) created: Option<Timestamp>,
    pub(super) updated: Option<Timestamp>,
    pub(super) resource: Resource,
}

/// Project and resource of a backup.
pub(super) type Resource = [Option<Symbol>; 2];

/// Project, resource and vault of a backup.
pub(super) type Place = [Option<Symbol>; 3];

/// What stands in a capture.
#[derive(Debug, Default)]
pub(super) struct Unit {
    /// What its list answers hold, in order and each once.
    pub(super) listed: Vec<Listed>,
    /// When what they hold was created, in order.
    pub(super) created: Vec<Timestamp>,
    /// Where that belongs.
    pub(super) places: HashSet<Place>,
    /// The projects of all that it holds; none for what names no project.
    pub(super) projects: BTreeSet<Option<Symbol>>,
    /// The projects that the answers around the backups name.
    around: BTreeSet<String>,
    /// The projects whose backups are listed.
    listed_projects: BTreeSet<String>,
    /// All backups that it holds, in order and each once.
    pub(super) backups: Vec<BackupIx>,
    pub(super) moment: Option<Moment>,
    files: u64,
    /// All its lists hold what they claim, and all its files could be read.
    pub(super) is_complete: bool,
    /// One of its lists is known to miss backups.
    pub(super) is_short: bool,
}

impl Unit {
    /// What is told of it.
    pub(super) fn captured(&self, root: &Root) -> Captured {
        Captured {
            directory: root.directory().to_owned(),
            moment: self.moment.unwrap_or(Moment { time: Timestamp::UNIX_EPOCH, noted: false }),
            files: self.files,
            backups: self.backups.len() as u64,
        }
    }

    /// Whether its lists are of every project whose backups another holds, and it names those that the other names besides.
    pub(super) fn covers_scope_of(&self, other: &Self) -> bool {
        let listed: BTreeSet<_> = self.places.iter().map(|[project, ..]| *project).collect();
        let names = |project: &String| self.around.contains(project) || self.listed_projects.contains(project);
        !other.projects.contains(&None) && other.projects.is_subset(&listed) && other.around.iter().all(names)
    }

    /// What its list answers say of a backup.
    pub(super) fn find(&self, backup: BackupIx) -> Option<&Listed> {
        self.listed.binary_search_by_key(&backup, |listed| listed.backup).ok().map(|at| &self.listed[at])
    }

    /// How many resources its list answers name and those of another do not.
    pub(super) fn resources_beside(&self, other: &Self) -> u64 {
        let resources = |unit: &Self| -> BTreeSet<Resource> {
            unit.places.iter().map(|[project, resource, _]| [*project, *resource]).collect()
        };
        resources(self).difference(&resources(other)).count() as u64
    }

    fn finish(&mut self) {
        self.listed.sort_unstable_by_key(|listed| (listed.backup, std::cmp::Reverse(listed.updated)));
        self.listed.dedup_by_key(|listed| listed.backup);
        self.created = self.listed.iter().filter_map(|listed| listed.created).collect();
        self.created.sort_unstable();
        self.backups.sort_unstable();
        self.backups.dedup();
    }
}

/// How many members of two ordered lists only the first one has, and how many only the second.
pub(super) fn differences(one: &[BackupIx], other: &[BackupIx]) -> (u64, u64) {
    let beside = |of: &[BackupIx], without: &[BackupIx]| {
        of.iter().filter(|backup| without.binary_search(backup).is_err()).count() as u64
    };
    (beside(one, other), beside(other, one))
}

/// The leaves of all projects that stand in several of them. A list without a project cannot be compared.
pub(super) fn leaves(inventory: &Inventory, rows: &[Listing]) -> Vec<Leaf> {
    let mut by_root: BTreeMap<Root, Vec<&Listing>> = BTreeMap::new();
    let mut by_project: HashMap<Symbol, BTreeSet<Root>> = HashMap::new();
    let mut roots: HashMap<&str, Root> = HashMap::new();
    for row in rows.iter().filter(|row| row.parent.is_none()) {
        let Some(project) = row.project else { continue };
        let root = roots.entry(&row.directory).or_insert_with(|| Root::of(&inventory.captures, &row.directory));
        by_project.entry(project).or_default().insert(root.clone());
        by_root.entry(root.clone()).or_default().push(row);
    }
    let is_alone = |row: &&Listing| row.project.is_none_or(|project| by_project[&project].len() < 2);
    by_root.retain(|_, rows| !rows.iter().all(is_alone));
    by_root.into_iter().map(|(root, rows)| inventory.leaf(root, &rows)).collect()
}

impl Inventory {
    fn leaf(&self, root: Root, rows: &[&Listing]) -> Leaf {
        let answers: Vec<_> = rows.iter().flat_map(|row| row.answers.iter().copied()).collect();
        let moment = self.moment_of(&root, &answers).map(|moment| moment.time);
        Leaf { holds: self.held_by(&answers), root, moment }
    }

    /// When a capture was made: what its note says, or else the newest time in its lists.
    fn moment_of(&self, root: &Root, lists: &[AnswerIx]) -> Option<Moment> {
        if root.is_noted() {
            let time = self.captures.nearest(root.directory(), |note| note.captured_at)?;
            return Some(Moment { time, noted: true });
        }
        let elements = lists.iter().flat_map(|&answer| self.elements(answer));
        elements.filter_map(|number| self.newest_time(number)).max().map(|time| Moment { time, noted: false })
    }

    /// The largest time in a reading that is no expiry.
    pub(in super::super) fn newest_time(&self, number: u32) -> Option<Timestamp> {
        let row = self.reading(number);
        let times = TIMES.into_iter().filter(|&field| field != FieldId::ExpiredAt);
        times.filter(|&field| row.presence(field) == Presence::Value).map(|field| row.time(field)).max()
    }

    /// What stands in these captures.
    pub(super) fn units(&self, roots: BTreeSet<Root>, rows: &[Listing]) -> BTreeMap<Root, Unit> {
        let mut files: BTreeMap<Root, Vec<FileIx>> = roots.into_iter().map(|root| (root, Vec::new())).collect();
        let mut last: (&str, Vec<Root>) = ("", Vec::new());
        for (file, entry) in FileIx::all(self.files.len()).zip(&self.files) {
            if file.0 == 0 || last.0 != entry.directory() {
                last = (entry.directory(), around(&self.captures, entry.directory()));
            }
            last.1.iter().for_each(|root| files.get_mut(root).into_iter().for_each(|files| files.push(file)));
        }
        let mut listing_of: HashMap<AnswerIx, &Listing> = HashMap::new();
        rows.iter().for_each(|row| listing_of.extend(row.answers.iter().map(|&answer| (answer, row))));
        let unit = |(root, files): (Root, Vec<FileIx>)| {
            let unit = self.unit(&root, &files, &listing_of);
            (root, unit)
        };
        files.into_iter().map(unit).collect()
    }

    fn unit(&self, root: &Root, files: &[FileIx], listing_of: &HashMap<AnswerIx, &Listing>) -> Unit {
        let answers: Vec<AnswerIx> = files.iter().flat_map(|&file| self.answers_in(file)).collect();
        let tops = |answer: &AnswerIx| listing_of.get(answer).filter(|row| row.parent.is_none());
        let lists: Vec<AnswerIx> = answers.iter().copied().filter(|answer| tops(answer).is_some()).collect();
        let of_lists = || answers.iter().filter_map(|answer| listing_of.get(answer));
        let mut unit = Unit {
            moment: self.moment_of(root, &lists),
            files: files.len() as u64,
            is_complete: of_lists().all(|row| row.completeness == Completeness::Complete)
                && files.iter().all(|file| !self.files[file.index()].state.is_incomplete()),
            is_short: of_lists().any(|row| row.is_short() || row.completeness == Completeness::Broken),
            ..Unit::default()
        };
        for &file in files {
            let (start, end) = self.files[file.index()].readings;
            unit.backups.extend((start..end).map(|number| self.backup_of(number)));
            unit.projects.extend((start..end).map(|number| self.reading(number).label(FieldId::ProjectId)));
        }
        unit.around = self.neighbours.projects_in(&answers).map(str::to_owned).collect();
        for number in lists.iter().flat_map(|&answer| self.elements(answer)) {
            unit.listed.push(self.listed_in(number));
            let row = self.reading(number);
            unit.places
                .insert([FieldId::ProjectId, FieldId::ResourceId, FieldId::VaultId].map(|field| row.label(field)));
        }
        let projects = unit.places.iter().filter_map(|[project, ..]| *project);
        unit.listed_projects = projects.map(|project| self.text(project).to_owned()).collect();
        unit.finish();
        unit
    }

    fn listed_in(&self, number: u32) -> Listed {
        let row = self.reading(number);
        let time = |field| (row.presence(field) == Presence::Value).then(|| row.time(field));
        Listed {
            backup: self.backup_of(number),
            created: time(FieldId::CreatedAt),
            updated: time(FieldId::UpdatedAt),
            resource: [FieldId::ProjectId, FieldId::ResourceId].map(|field| row.label(field)),
        }
    }
}
