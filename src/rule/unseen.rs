//! Server backups in which a disk may be although no answer shows it there.

use jiff::{SignedDuration, Timestamp};

use super::*;

impl<'i> Context<'i> {
    /// A good server backup that is no older than the limit, whose disks the answers do not show, and in which a disk may
    /// therefore be; nothing for other resources.
    #[must_use]
    pub fn recent_unseen_server(&self, resource: ResourceIx, limit: SignedDuration) -> Option<Backup<'i>> {
        let (time, server) = self.points.newest_unseen_server(self.project_of_disk(resource)?)?;
        (self.age(time) <= limit).then(|| self.inventory.backup(server))
    }

    /// The project of a disk, any server backup of which may contain it; nothing for other resources.
    fn project_of_disk(&self, resource: ResourceIx) -> Option<Symbol> {
        let row = self.inventory.resource(resource);
        (row.kind == ResourceType::Volume).then_some(row.project)
    }

    /// Why a disk may be in a server backup of the project at such a time, which should show its disks and carries no usable
    /// children; nothing for other resources.
    #[must_use]
    pub fn bare_server(
        &self,
        resource: ResourceIx,
        at: impl FnOnce(Timestamp) -> bool,
    ) -> Option<(Backup<'i>, Reason)> {
        let project = self.project_of_disk(resource)?;
        self.bare(self.points.newest_bare_server(project)?, at)
    }

    /// The same where only server backups count that may be good; the oldest and the newest of them are looked at.
    #[must_use]
    pub fn possible_bare_server(
        &self,
        resource: ResourceIx,
        at: impl Fn(Timestamp) -> bool,
    ) -> Option<(Backup<'i>, Reason)> {
        let project = self.project_of_disk(resource)?;
        self.points.possible_bare_servers(project).find_map(|server| self.bare(server, &at))
    }

    fn bare(
        &self,
        (time, server): (Timestamp, BackupIx),
        at: impl FnOnce(Timestamp) -> bool,
    ) -> Option<(Backup<'i>, Reason)> {
        let server = self.inventory.backup(server);
        match server.disks() {
            Disks::Missing(reason, _) if at(time) => Some((server, reason)),
            _ => None,
        }
    }

    /// Leaves a disk not judged because it may be in such a server backup.
    pub fn leave_open_for_children(
        &self,
        out: &mut Sink<'_>,
        resource: ResourceIx,
        (server, reason): (Backup<'_>, Reason),
    ) {
        let (observed, evidence) = self.at(server, FieldId::Children);
        out.unknown(Subject::Resource(resource), reason).observed(observed, evidence);
    }
}
