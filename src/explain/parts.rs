//! What was found on the way to a verdict, by the kind of thing that is judged.

#![allow(
    clippy::indexing_slicing,
    reason = "numbers of files, listings and keys are those of the inventory that they are looked up in"
)]

use super::ground::place_of;
use super::points::restore_points;
use super::record;
use super::subject::{Given, is_beside};
use super::text::{Text, short};
use super::{POINTED, Scene};
use crate::finding::{Evidence, Subject, Value};
use crate::inventory::backup::{Backup, Role};
use crate::inventory::field::{FieldId, kind_name};
use crate::inventory::neighbour::Spot;
use crate::inventory::neighbour::listed::ListedIx;
use crate::inventory::{FileIx, ListingIx};
use crate::report::ledger::listing_row;
use crate::report::place::Place;
use crate::report::resource::restore_point_row;
use crate::report::row::backup_id;
use crate::report::wording;
use crate::rule::Family;
use crate::run::Run;

/// Shows what a verdict was made of.
pub(super) fn found(scene: &Scene<'_>, subject: Subject, given: &[&Given], text: &mut Text) {
    let Scene { run, limit, .. } = *scene;
    text.step(match subject {
        Subject::Resource(_) => "Its restore points, newest first",
        Subject::Vault(_) | Subject::Checkpoint(_) => "Its backups, newest first",
        _ => "What was read",
    });
    match subject {
        Subject::Backup(ix) => record::read(scene, run.inventory.backup(ix), given, text),
        Subject::Resource(ix) => restore_points(scene, ix, text),
        Subject::Vault(ix) => backups(scene, run.inventory.in_vault(ix).collect(), text),
        Subject::Checkpoint(ix) => {
            let tops = run.inventory.backups().filter(|&other| is_beside(&run.inventory, other, ix));
            let tops = tops.map(|ix| run.inventory.backup(ix)).filter(|backup| backup.role() == Role::Top);
            backups(scene, tops.collect(), text);
        }
        Subject::File(ix) => file(run, ix, text),
        Subject::Directory(ix) => directory(run, ix, limit, text),
        Subject::Listing(ix) => listing(run, ix, limit, text),
        Subject::SchemaKey(drift) => schema_key(run, drift, text),
        Subject::Neighbour(ix) => {
            run.inventory.neighbour(ix).values().for_each(|spot| value(run, spot, text));
        }
        Subject::Listed(ix) => {
            run.inventory.naming(ix).into_iter().for_each(|spot| value(run, spot, text));
            if scene.cx.rule.family == Family::Coverage {
                never_backed_up(run, ix, text);
            }
        }
        Subject::Schema(_) | Subject::Project(_) => text.line("The keys and values of all records of the dump."),
    }
}

/// A value of an answer around the backups, and where it stands.
fn value(run: &Run<'_>, spot: Spot, text: &mut Text) {
    let words = wording::value(&run.inventory, Value::Neighbour(spot));
    text.line(&format!("{}: {}", spot.part().path(), short(&words)));
    text.more(&place_of(run, Evidence::Neighbour(spot)));
}

/// What the dump holds of a resource without backups of its own, and whether it could hold more.
fn never_backed_up(run: &Run<'_>, ix: ListedIx, text: &mut Text) {
    let row = run.inventory.listed(ix);
    let servers = row.in_servers.len() as u64;
    text.line(&format!("Backups of it in the dump: none; in {} of servers.", wording::counted(servers, "backup")));
    let listings = &run.inventory.listings;
    text.line(&match row.project {
        None => "Who names it does not say in which project it is: its backups may be listed elsewhere.".to_owned(),
        Some(project) => {
            let is_whole = listings.complete_projects.contains(&project);
            let whole = if is_whole { "listed in whole" } else { "not listed in whole, as far as the dump shows" };
            format!("The backups of its project {} are {whole}.", short(run.inventory.text(project)))
        }
    });
}

fn backups(scene: &Scene<'_>, mut backups: Vec<Backup<'_>>, text: &mut Text) {
    let run = scene.run;
    backups.retain(|backup| run.exists(backup.ix));
    backups.sort_by_key(|backup| (std::cmp::Reverse(backup.time(FieldId::CreatedAt).value()), backup.ix));
    text.line(&format!("{} that existed at the as-of time.", wording::counted(backups.len() as u64, "backup")));
    let shown = scene.shown(&backups);
    for (_, backup) in &shown {
        let state = restore_point_row(run, *backup).state;
        let value = |field| wording::value(&run.inventory, Value::Field(backup.reading_of(field), field));
        let id = backup_id(&run.inventory, backup.ix);
        text.line(&format!("{state:<11} {:<27} {}", short(&value(FieldId::CreatedAt)), short(&id)));
        let read = [FieldId::Status, FieldId::ImageType, FieldId::ExpiredAt, FieldId::AutoTrigger];
        text.more(&read.map(|field| format!("{} {}", field.key(), short(&value(field)))).join(", "));
        text.more(&place_of(run, Evidence::Record(backup.first_reading())));
        if scene.points_at(*backup) {
            text.more(POINTED);
        }
    }
    scene.rest(backups.len(), shown.len(), text);
}

fn file(run: &Run<'_>, ix: FileIx, text: &mut Text) {
    let file = &run.inventory.files[ix.index()];
    text.entry("kind", &short(&file.kind));
    text.entry("state", file.state.word());
    text.entry("records", &file.records.to_string());
    text.entry("lost", &wording::counted(file.elements_lost, "element"));
    if let Some(reason) = &file.reason {
        text.entry("reason", &short(reason));
    }
}

fn directory(run: &Run<'_>, ix: FileIx, limit: usize, text: &mut Text) {
    let place = run.inventory.files[ix.index()].directory();
    let files: Vec<_> = run.inventory.files.iter().filter(|file| file.directory() == place).collect();
    text.line(&format!("{} in it.", wording::counted(files.len() as u64, "file")));
    for file in files.iter().take(limit) {
        text.more(&format!("{}: {}, {}", file.path, file.state.word(), wording::counted(file.records, "record")));
    }
    if files.len() > limit {
        text.more(&format!("… and {} more: --all shows them.", files.len() - limit));
    }
}

fn listing(run: &Run<'_>, ix: ListingIx, limit: usize, text: &mut Text) {
    let listing = &run.inventory.listings.rows[ix.index()];
    let row = listing_row(run, listing);
    text.entry("seen", &wording::counted(row.seen, "backup"));
    text.entry("claimed", &row.claimed.map_or_else(|| "not stated".to_owned(), |count| count.to_string()));
    text.entry("state", row.state);
    text.line("Its answers:");
    for &ix in listing.answers.iter().take(limit) {
        let answer = run.inventory.answer(ix);
        let paging = answer.paging();
        let count =
            paging.and_then(|paging| paging.count).map_or_else(|| "absent".to_owned(), |count| count.to_string());
        let offset = paging.and_then(|paging| paging.offset).map(|offset| format!(", offset {offset}"));
        text.more(&format!(
            "{}: {} read, {} lost, count {count}{}",
            Place::of(&run.inventory, run.inventory.standing_of(ix)),
            wording::counted(u64::from(answer.readings.1 - answer.readings.0), "record"),
            answer.elements_lost,
            offset.unwrap_or_default()
        ));
    }
    if listing.answers.len() > limit {
        text.more(&format!("… and {} more: --all shows them.", listing.answers.len() - limit));
    }
}

fn schema_key(run: &Run<'_>, drift: u32, text: &mut Text) {
    let (key, seen) = &run.inventory.drift[drift as usize];
    text.entry("key", &short(&wording::schema_path(&run.inventory, drift)));
    text.entry("JSON type", kind_name(key.kind));
    text.entry(
        "met",
        &format!("{}, first in {}", wording::counted(seen.count, "time"), place_of(run, Evidence::Drift(drift))),
    );
}
