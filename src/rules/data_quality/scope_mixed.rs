//! `scope-mixed`

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files, listings and keys are those of the inventory that they are looked up in"
)]

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "scope-mixed",
    family: Family::DataQuality,
    severity: Severity::Low,
    title: "A directory mixes answers that do not belong together",
    why: "Answers of several projects, regions or days in one heap cannot be told apart later: what is missing from one of them goes unnoticed.",
    remedy: "Export each project of each region into a directory of its own, with a capture.json that says when and where.",
    logic: "Per directory with backups. Passes where a capture.json beside it or above says when the export was made. Without one it fails where the records name more than one project, where the replication records of ordinary backups name more than one source region, or where copies of one backup were updated further apart than the limit, so that the answers are of different moments; it passes where none of that shows. A record without a readable project leaves it not judged. A directory without backups is not judged at all.",
    params: &[MIXED_HOURS],
    controls: &["soc2:A1.2", "dora:11(8)"],
    check: Check::Whole("directory", check),
    cases: &[
        Case::new("one project", r#"{"backups": [{}, {"replication_records": [{}]}]}"#, &["pass ."]),
        Case::new(
            "two projects in one directory; one in each of two",
            r#"{"$files": {
                "a/1.json": {"backups": [{}]}, "a/2.json": {"backups": [{"project_id": "p2"}]},
                "b/1.json": {"backups": [{}]}, "c/1.json": {"backups": [{"project_id": "p2"}]}
            }}"#,
            &["fail a low", "pass b", "pass c"],
        ),
        Case::new(
            "two projects, and a note that says when",
            r#"{"$files": {
                "capture.json": {"captured_at": "-1h"},
                "a/1.json": {"backups": [{}, {"project_id": "p2"}]}
            }}"#,
            &["pass a"],
        ),
        Case::new(
            "backups from two regions, of which one is a replica",
            r#"{"$files": {
                "a/1.json": {"backups": [
                    {"replication_records": [{}]}, {"replication_records": [{"source_region": "eu-nl"}]}
                ]},
                "b/1.json": {"backups": [
                    {"replication_records": [{}]},
                    {"image_type": "replication", "replication_records": [{"source_region": "eu-nl"}]}
                ]}
            }}"#,
            &["fail a low", "pass b"],
        ),
        Case::new(
            "one backup as it was two days apart, and two hours apart",
            r#"{"$files": {
                "a/1.json": {"backup": {"id": "x", "created_at": "-4d", "updated_at": "-3d"}},
                "a/2.json": {"backup": {"id": "x", "created_at": "-4d", "updated_at": "-1d"}},
                "b/1.json": {"backup": {"id": "y", "created_at": "-4d", "updated_at": "-3h"}},
                "b/2.json": {"backup": {"id": "y", "created_at": "-4d", "updated_at": "-1h"}}
            }}"#,
            &["fail a low", "pass b"],
        ),
        Case::new("no project", r#"{"backups": [{}, {"project_id": "$absent"}]}"#, &["unknown . field-absent"]),
    ],
};

const MIXED_HOURS: Param = Param::new(
    "mixed-hours",
    ParamUnit::Hours,
    24.0,
    "How far apart the updates of copies of one backup may lie within one directory.",
);

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let mut directories: BTreeMap<&str, Vec<FileIx>> = BTreeMap::new();
    for (file, entry) in FileIx::all(cx.inventory.files.len()).zip(&cx.inventory.files) {
        if entry.records > 0 && entry.older.is_none() {
            directories.entry(entry.directory()).or_default().push(file);
        }
    }
    for (directory, files) in directories {
        let Some(&first) = files.first() else { continue };
        let subject = Subject::Directory(first);
        if cx.inventory.captures.nearest(directory, |note| note.captured_at).is_some() {
            out.pass(subject);
            continue;
        }
        let mut scope = Scope::default();
        files.iter().for_each(|&file| scope.add(cx, directory, file));
        judge(cx, subject, &scope, out);
    }
}

/// What the records of a directory say of where and when they are from.
#[derive(Default)]
struct Scope {
    projects: BTreeSet<Symbol>,
    regions: BTreeSet<Symbol>,
    /// A reading that names no project, and why.
    nameless: Option<(u32, Reason)>,
    /// A reading of a backup whose copies were updated furthest apart, and how far.
    apart: Option<(SignedDuration, u32)>,
}

impl Scope {
    fn add(&mut self, cx: &Context<'_>, directory: &str, file: FileIx) {
        let (start, end) = cx.inventory.files[file.index()].readings;
        let mut last = None;
        for reading in start..end {
            let backup = cx.inventory.backup(cx.inventory.backup_of(reading));
            match cx.inventory.reading(reading).label(FieldId::ProjectId) {
                // Neighbours are mostly of one project.
                Some(project) if last == Some(project) => {}
                Some(project) => {
                    last = Some(project);
                    self.projects.insert(project);
                }
                None => {
                    let reason = backup.presence(FieldId::ProjectId).known().err().unwrap_or(Reason::FieldAbsent);
                    self.nameless = self.nameless.or(Some((reading, reason)));
                }
            }
            if backup.image_type().value() == Some(ImageType::Backup) {
                let regions = cx.inventory.replications_of(reading).iter();
                self.regions.extend(regions.filter_map(|record| record.source_region.value()));
            }
            if backup.copies() > 1 && backup.first_reading() == reading {
                self.apart = self.apart.max(spread(cx, backup, directory).map(|apart| (apart, reading)));
            }
        }
    }
}

/// How far apart the copies of a backup in one directory were updated.
fn spread(cx: &Context<'_>, backup: Backup<'_>, directory: &str) -> Option<SignedDuration> {
    let is_here = |reading: &u32| cx.inventory.files[cx.inventory.file_of(*reading).index()].directory() == directory;
    let times =
        backup.readings().filter(is_here).filter_map(|reading| cx.inventory.time_in(reading, FieldId::UpdatedAt));
    let times: Vec<Timestamp> = times.collect();
    Some(times.iter().max()?.duration_since(*times.iter().min()?))
}

fn judge(cx: &Context<'_>, subject: Subject, scope: &Scope, out: &mut Sink<'_>) {
    let limit = cx.span(&MIXED_HOURS);
    let evidence = cx.inventory.evidence_of(subject);
    let expected = Value::Words("one project, one region and one moment, or a capture.json");
    let (projects, regions) = (scope.projects.len() as u64, scope.regions.len() as u64);
    if projects > 1 {
        out.fail(subject).observed(Value::Count(projects, "project"), evidence).expected(expected);
    } else if regions > 1 {
        out.fail(subject).observed(Value::Count(regions, "source region"), evidence).expected(expected);
    } else if let Some((apart, reading)) = scope.apart.filter(|(apart, _)| *apart > limit) {
        let finding = out.fail(subject).observed_field(reading, FieldId::UpdatedAt);
        finding.note(Note::Apart(apart)).expected(expected);
    } else if let Some((reading, reason)) = scope.nameless {
        let field = FieldId::ProjectId;
        out.unknown(subject, reason).observed(Value::Field(reading, field), Evidence::Field(reading, field));
    } else {
        out.pass(subject);
    }
}
