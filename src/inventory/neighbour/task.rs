//! Tasks by what they worked on: whether a failure was made good later, and which failure belongs to a backup.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::part::Part;
use super::{Neighbour, NeighbourIx};
use crate::inventory::backup::Backup;
use crate::inventory::field::{Field, FieldId, Reason};
use crate::inventory::vocabulary::{TaskOperation, TaskStatus};
use crate::inventory::{Inventory, ResourceIx};
use crate::parse::neighbour::Kind;

/// What a task worked on and what it did, as far as it says so.
type Key = (Option<Box<str>>, Option<TaskOperation>);

/// Failed tasks by the id of a backup or resource.
type Failed = HashMap<Box<str>, Vec<NeighbourIx>>;

/// The tasks of a dump, by what they worked on.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    successes: HashMap<Key, Successes>,
    /// The same whatever they worked on, if a failure does not say on what it did.
    of_any: HashMap<Option<TaskOperation>, Successes>,
    /// Failed backups, by the backup that they were to make.
    of_backup: Failed,
    /// Failed backups that name no backup, by resource.
    of_resource: Failed,
    /// Failed replications, by the backup that they were to copy.
    of_source: Failed,
    resources: HashMap<Box<str>, ResourceIx>,
}

/// Tasks of one kind that succeeded or may have, by their beginning; unknown beginnings last.
#[derive(Debug, Default)]
struct Successes {
    /// Beginning, end, and the earliest end of this one and those after it.
    ended: Vec<(Timestamp, Timestamp, Timestamp)>,
    /// Beginning, and what leaves open whether it is a success of this kind.
    doubtful: Vec<(Timestamp, Doubt)>,
}

/// The value of a task that does not say what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doubt {
    /// The task.
    pub task: NeighbourIx,
    /// Where the value stands.
    pub part: Part,
    /// What is wrong with it.
    pub reason: Reason,
}

/// Whether a failed task was followed by a success of the same operation on the same resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeGood {
    /// It was.
    Yes,
    /// It was not, as far as the dump shows.
    No,
    /// It may have been, for all that is known.
    Perhaps(Doubt),
}

/// How far the times of a task and of the backup it made may lie apart.
const APART: SignedDuration = SignedDuration::from_mins(5);

impl<'i> Neighbour<'i> {
    /// When the task began.
    #[must_use]
    pub fn began(self) -> Option<Timestamp> {
        self.time(Part::StartedAt).value().or_else(|| self.time(Part::CreatedAt).value())
    }

    /// When the task ended, as far as it says so; else when it began.
    #[must_use]
    pub fn ended(self) -> Option<Timestamp> {
        self.end().or_else(|| self.began())
    }

    /// When the task ended, if it says so.
    fn end(self) -> Option<Timestamp> {
        [Part::EndedAt, Part::UpdatedAt].into_iter().find_map(|part| self.time(part).value())
    }

    fn operation(self) -> Field<TaskOperation> {
        self.word(Part::OperationType, TaskOperation::from_word)
    }

    /// Where the task says on what it worked: the vault that was deleted, else a resource.
    fn place_of_object(self) -> Part {
        match self.operation().value() {
            Some(TaskOperation::VaultDelete) => Part::VaultId,
            _ => Part::TaskResourceId,
        }
    }

    fn object(self) -> Field<&'i str> {
        self.text(self.place_of_object())
    }

    fn doubt(self, part: Part, reason: Option<Reason>) -> Option<Doubt> {
        reason.map(|reason| Doubt { task: self.ix, part, reason })
    }

    /// The first value that does not say whether, when, on what and to what end the task succeeded.
    fn untold(self) -> Option<Doubt> {
        let began = self.time(Part::StartedAt).known().err().filter(|_| self.began().is_none());
        let ended = self.time(Part::EndedAt).known().err().filter(|_| self.end().is_none());
        self.doubt(Part::Status, self.word(Part::Status, TaskStatus::from_word).known().err())
            .or_else(|| self.doubt(Part::OperationType, self.operation().known().err()))
            .or_else(|| self.doubt(self.place_of_object(), self.object().known().err()))
            .or_else(|| self.doubt(Part::StartedAt, began))
            .or_else(|| self.doubt(Part::EndedAt, ended))
    }

    /// Whether the task failed or was given up.
    #[must_use]
    pub fn has_failed(self) -> bool {
        let status = self.word(Part::Status, TaskStatus::from_word).value();
        matches!(status, Some(TaskStatus::Failed | TaskStatus::Timeout))
    }
}

impl Successes {
    fn add(&mut self, task: Neighbour<'_>) {
        let status = task.word(Part::Status, TaskStatus::from_word).value();
        if status.is_some_and(|status| status != TaskStatus::Success) {
            return;
        }
        match (task.untold(), task.began(), task.end()) {
            (None, Some(began), Some(ended)) => self.ended.push((began, ended, ended)),
            (None, ..) => {}
            (Some(doubt), began, _) => {
                let began = began.unwrap_or(Timestamp::MAX);
                self.doubtful.push((began, doubt));
                if doubt.part == Part::EndedAt {
                    // It ended by the time of the dump, but perhaps after the as-of time.
                    self.ended.push((began, Timestamp::MAX, Timestamp::MAX));
                }
            }
        }
    }

    fn sort(&mut self) {
        self.ended.sort_unstable();
        self.doubtful.sort_unstable();
        let mut earliest = Timestamp::MAX;
        for (_, ended, least) in self.ended.iter_mut().rev() {
            earliest = earliest.min(*ended);
            *least = earliest;
        }
    }

    fn after(&self, failed: Timestamp, until: Option<Timestamp>) -> MadeGood {
        let is_over = |time: Timestamp| until.is_none_or(|until| time <= until);
        let later = self.ended.partition_point(|(began, ..)| *began <= failed);
        if self.ended.get(later).is_some_and(|(_, _, earliest)| is_over(*earliest)) {
            return MadeGood::Yes;
        }
        let later = self.doubtful.partition_point(|(began, _)| *began <= failed);
        let next = self.doubtful.get(later).filter(|(began, _)| is_over(*began));
        let timeless = self.doubtful.last().filter(|(began, _)| *began == Timestamp::MAX);
        next.or(timeless).map_or(MadeGood::No, |(_, doubt)| MadeGood::Perhaps(*doubt))
    }
}

impl Inventory {
    pub(super) fn index_tasks(&self) -> Tasks {
        let mut tasks = Tasks::default();
        for task in self.neighbours_of(Kind::Task) {
            if task.has_failed() {
                tasks.add_failure(task);
            } else {
                let object = task.object().value().map(Box::from);
                tasks.successes.entry((object, task.operation().value())).or_default().add(task);
            }
        }
        if self.neighbours_of(Kind::Task).any(|task| task.has_failed() && task.object().value().is_none()) {
            for task in self.neighbours_of(Kind::Task).filter(|task| !task.has_failed()) {
                tasks.of_any.entry(task.operation().value()).or_default().add(task);
            }
        }
        #[allow(clippy::iter_over_hash_type, reason = "each is put in order by itself")]
        tasks.successes.values_mut().chain(tasks.of_any.values_mut()).for_each(Successes::sort);
        let is_wanted = !tasks.is_empty();
        for ix in self.resources().filter(|&ix| is_wanted && !self.resource(ix).is_replica) {
            tasks.resources.entry(self.text(self.resource(ix).id).into()).or_insert(ix);
        }
        tasks
    }

    /// Whether a failed task was followed by a success of the same operation on the same resource that ended in time.
    #[must_use]
    pub fn was_made_good(&self, task: Neighbour<'_>, operation: TaskOperation, until: Option<Timestamp>) -> MadeGood {
        let tasks = &self.neighbours.tasks;
        let operations = [Some(operation), None];
        let object = task.object().known();
        // Those that say what they did and on what come first: they alone can have made it good for certain.
        let kinds = match object {
            Ok(object) => [Some(Box::from(object)), None]
                .into_iter()
                .flat_map(|object| operations.map(|operation| (object.clone(), operation)))
                .filter_map(|kind| tasks.successes.get(&kind))
                .collect::<Vec<_>>(),
            Err(_) => operations.into_iter().filter_map(|operation| tasks.of_any.get(&operation)).collect(),
        };
        let Some(began) = task.began() else {
            let doubt = task.doubt(Part::StartedAt, task.time(Part::StartedAt).known().err());
            return doubt.filter(|_| !kinds.is_empty()).map_or(MadeGood::No, MadeGood::Perhaps);
        };
        let mut followed = kinds.into_iter().map(|successes| successes.after(began, until));
        match (followed.find(|followed| *followed != MadeGood::No), object) {
            (None, _) => MadeGood::No,
            (Some(followed), Ok(_)) => followed,
            (Some(_), Err(reason)) => MadeGood::Perhaps(Doubt { task: task.ix, part: task.place_of_object(), reason }),
        }
    }

    /// The resource that a task worked on, if there are backups of it.
    #[must_use]
    pub fn resource_of_task(&self, task: Neighbour<'_>) -> Option<ResourceIx> {
        self.neighbours.tasks.resources.get(task.text(Part::TaskResourceId).value()?).copied()
    }

    /// The failed task that was to make a backup: the one that names it, else one that worked on its resource at the time.
    #[must_use]
    pub fn failed_task_of(&self, backup: Backup<'_>) -> Option<Neighbour<'_>> {
        let tasks = &self.neighbours.tasks;
        let named = tasks.of_backup.get(&*backup.text(FieldId::Id));
        named.and_then(|tasks| self.latest(tasks)).or_else(|| {
            let created = backup.time(FieldId::CreatedAt).value()?;
            let mut at_work = tasks.of_resource.get(&*backup.text(FieldId::ResourceId))?.iter().filter(|&&ix| {
                let (began, ended) = (self.neighbour(ix).began(), self.neighbour(ix).ended());
                began.is_some_and(|began| created.duration_since(began) >= -APART)
                    && ended.is_some_and(|ended| created.duration_since(ended) <= APART)
            });
            // Two tasks at work at once leave open whose backup it is.
            let only = at_work.next().filter(|_| at_work.next().is_none());
            only.map(|&ix| self.neighbour(ix))
        })
    }

    /// The latest failed task that was to copy a backup to another region.
    #[must_use]
    pub fn failed_replication_of(&self, backup: Backup<'_>) -> Option<Neighbour<'_>> {
        let tasks = self.neighbours.tasks.of_source.get(&*backup.text(FieldId::Id));
        tasks.and_then(|tasks| self.latest(tasks))
    }

    fn latest(&self, tasks: &[NeighbourIx]) -> Option<Neighbour<'_>> {
        tasks.iter().map(|&ix| self.neighbour(ix)).max_by_key(|task| (task.ended(), task.ix))
    }
}

impl Tasks {
    fn is_empty(&self) -> bool {
        let failed = [&self.of_backup, &self.of_resource, &self.of_source];
        self.successes.is_empty() && failed.into_iter().all(HashMap::is_empty)
    }

    fn add_failure(&mut self, task: Neighbour<'_>) {
        let text = |part| task.text(part).value();
        let named = (text(Part::TaskBackupId), text(Part::TaskSourceBackupId), text(Part::TaskResourceId));
        let (failed, id) = match (task.word(Part::OperationType, TaskOperation::from_word).value(), named) {
            (Some(TaskOperation::Backup), (Some(backup), ..)) => (&mut self.of_backup, backup),
            (Some(TaskOperation::Backup), (None, _, Some(resource))) => (&mut self.of_resource, resource),
            (Some(TaskOperation::Replication), (_, Some(source), _) | (Some(source), None, _)) => {
                (&mut self.of_source, source)
            }
            _ => return,
        };
        failed.entry(id.into()).or_default().push(task.ix);
    }
}
