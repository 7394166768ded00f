//! Expected verdicts on the input itself: missing pages, missing fields, and whether a project was listed completely.

use crate::facts::Facts;
use crate::load::{Dump, Group, Page, text};
use crate::verdict::{ANY_REASON, Case, Verdict, because};
use std::collections::{BTreeMap, BTreeSet};

const REQUIRED: [&str; 7] = ["id", "status", "resource_id", "resource_type", "created_at", "project_id", "vault_id"];

pub fn judge(facts: &Facts) -> Vec<Case> {
    let mut cases = pagination(facts.dump);
    cases.extend(scopes(facts));
    for id in facts.dump.records.keys().filter(|id| facts.existed(id)) {
        cases.extend(required_fields(facts, id));
    }
    cases
}

fn scopes(facts: &Facts) -> Vec<Case> {
    let copies = facts.dump.records.values().flat_map(|record| &record.copies);
    let directories: BTreeSet<&String> = copies.map(|copy| &copy.directory).collect();
    let case = |directory: &String| Case::new("scope-mixed", directory, "", vec![scope_mixed(facts, directory)]);
    directories.into_iter().map(case).collect()
}

/// A note beside the answers or above them tells when they were saved. Without one they have to look as if they were of
/// one project, one region and one moment.
fn scope_mixed(facts: &Facts, directory: &str) -> Verdict {
    let is_noted = |note: &String| note == "." || note == directory || directory.starts_with(&format!("{note}/"));
    if facts.dump.captures.iter().any(is_noted) {
        return Verdict::Pass;
    }
    let demands = facts.settings.policy.demands("scope-mixed", None);
    let (mut projects, mut regions, mut is_apart) = (BTreeSet::new(), BTreeSet::new(), false);
    for (id, record) in &facts.dump.records {
        let here: Vec<_> = record.copies.iter().filter(|copy| copy.directory == directory).collect();
        projects.extend(here.iter().map(|copy| text(&copy.body["project_id"]).unwrap()));
        let updates: Vec<_> = here.iter().filter_map(|copy| copy.updated_at()).collect();
        if let (Some(first), Some(last)) = (updates.iter().min(), updates.iter().max()) {
            is_apart |= last - first > demands.hours("mixed-hours");
        }
        if facts.is_replica(id) == Ok(false) {
            let entries = here.iter().filter_map(|copy| copy.body["replication_records"].as_array()).flatten();
            regions.extend(entries.filter_map(|entry| text(&entry["source_region"])));
        }
    }
    if projects.len() > 1 || regions.len() > 1 || is_apart { Verdict::Fail } else { Verdict::Pass }
}

fn required_fields(facts: &Facts, id: &str) -> Vec<Case> {
    let case = |key: Option<&str>, verdict| {
        Case::new("required-field-missing", id, &facts.project(id), vec![verdict]).with_key(key.map(str::to_owned))
    };
    let is_missing = |field: &&&str| match facts.record(id).field(&[**field]) {
        Err(reasons) => reasons != because(["record-conflict"]),
        Ok(_) => false,
    };
    let missing: Vec<_> = REQUIRED.iter().filter(is_missing).collect();
    if missing.is_empty() {
        return vec![case(None, Verdict::Pass)];
    }
    missing.into_iter().map(|field| case(Some(field), Verdict::Fail)).collect()
}

fn pagination(dump: &Dump) -> Vec<Case> {
    // A query for the disks of one server backup is told apart by it.
    let case = |(directory, project, parent): &Group, verdict| {
        let asked = parent.as_ref().map(|parent| format!(" parent_id={parent}")).unwrap_or_default();
        let key = Some(format!("{directory}{asked}"));
        Case::new("pagination-incomplete", project, project, vec![verdict]).with_key(key)
    };
    let judged = groups(dump).into_iter().map(|(group, pages)| case(&group, listing(&pages)));
    let nobody = |page: &&Page| (page.directory.clone(), String::new(), None);
    judged.chain(lone_empty_pages(dump).iter().map(|page| case(&nobody(page), listing(&[page])))).collect()
}

/// The list answers of each group; an empty answer joins the group of its directory that claims the same count.
fn groups(dump: &Dump) -> BTreeMap<Group, Vec<&Page>> {
    let mut groups: BTreeMap<Group, Vec<&Page>> = BTreeMap::new();
    for page in &dump.pages {
        if let Some(group) = &page.group {
            groups.entry(group.clone()).or_default().push(page);
        }
    }
    for page in dump.pages.iter().filter(|page| page.group.is_none()) {
        let home = groups.values_mut().find(|pages| pages.iter().any(|other| is_same_list(page, other)));
        if let Some(pages) = home {
            pages.push(page);
        }
    }
    groups
}

fn lone_empty_pages(dump: &Dump) -> Vec<&Page> {
    let is_alone = |page: &&Page| !dump.pages.iter().any(|other| other.group.is_some() && is_same_list(page, other));
    dump.pages.iter().filter(|page| page.group.is_none()).filter(is_alone).collect()
}

fn is_same_list(left: &Page, right: &Page) -> bool {
    left.directory == right.directory && left.count == right.count
}

fn listing(pages: &[&Page]) -> Verdict {
    let seen: BTreeSet<_> = pages.iter().flat_map(|page| &page.ids).collect();
    let counts: BTreeSet<_> = pages.iter().map(|page| page.count).collect();
    let claim = match counts.iter().collect::<Vec<_>>()[..] {
        [Some(count)] => usize::try_from(*count).unwrap(),
        _ => return Verdict::Unknown(ANY_REASON.into()),
    };
    if seen.len() < claim || !offsets_fit(pages) {
        Verdict::Fail
    } else if seen.len() > claim {
        Verdict::Unknown(ANY_REASON.into())
    } else {
        Verdict::Pass
    }
}

/// Equal offsets say nothing: paging by marker repeats 0.
fn offsets_fit(pages: &[&Page]) -> bool {
    let mut spans: Vec<_> = pages.iter().map(|page| (page.offset.unwrap_or(0), page.ids.len())).collect();
    spans.sort_unstable();
    let all_equal = spans.windows(2).all(|pair| pair[0].0 == pair[1].0);
    all_equal || spans.windows(2).all(|pair| pair[0].0 + i64::try_from(pair[0].1).unwrap() == pair[1].0)
}

/// Whether an answer lists backups of a project, and not the disks of one server backup alone.
pub fn is_listed(facts: &Facts, project: &str) -> bool {
    groups(facts.dump).keys().any(|(_, of, parent)| of == project && parent.is_none())
}

/// Whether the top-level backups of a project were provably all listed.
pub fn is_complete(facts: &Facts, project: &str) -> bool {
    let own: Vec<_> = groups(facts.dump).into_iter().filter(|(group, _)| group.1 == project).collect();
    let lists_top_level = own.iter().any(|(_, pages)| pages.iter().any(|page| page.has_top_level));
    let all_pass = own.iter().all(|(_, pages)| listing(pages) == Verdict::Pass);
    let none_rejected = own.iter().all(|(group, _)| !facts.dump.directories_with_rejects.contains(&group.0));
    lists_top_level && all_pass && none_rejected
}
