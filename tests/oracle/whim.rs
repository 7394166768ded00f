//! Makes random policies that have to do with a dump: its names and ids are what tiers and waivers speak of.

use crate::expected::{Retired, Row, Since};
use crate::facts::{DISK, TURBO};
use crate::load::{Dump, Record, text};
use crate::policy::{Policy, Set, Tier, Waiver};
use crate::prng::Prng;
use crate::time::{self, DAY, Dialect, HOUR, Instant, SECOND};
use std::collections::{BTreeMap, BTreeSet};

/// What a parameter may be set to, and a rule that has it.
const CHOICES: [(&str, &str, &[&str]); 35] = [
    ("rpo-hours", "rpo-breach", &["4", "12", "30", "48", "168"]),
    ("rpo-hours", "backup-gap", &["12", "20", "30", "48"]),
    ("rpo-hours", "only-manual-backups", &["8", "12", "48", "96"]),
    ("rpo-tolerance-hours", "last-good-copy-expiring", &["0", "6", "20"]),
    ("min-points", "too-few-restore-points", &["1", "2", "3", "5"]),
    ("min-points", "expiring-soon", &["1", "3", "4"]),
    ("warn-days", "expiring-soon", &["1", "3", "20"]),
    ("gap-factor", "backup-gap", &["1", "1.2", "2"]),
    ("gap-window-days", "backup-gap", &["2", "3", "14"]),
    ("retention-min-days", "retention-too-short", &["7", "14", "60"]),
    ("retention-tolerance-hours", "retention-too-short", &["0", "2", "200"]),
    ("retention-max-days", "retention-too-long", &["3", "10", "20", "60"]),
    ("retention-max-days", "retention-too-long", &["1", "4", "30"]),
    ("purge-grace-hours", "expired-still-listed", &["0", "24", "100"]),
    ("child-expiry-tolerance-hours", "child-expires-early", &["0", "30", "200"]),
    ("cluster-min", "expiry-clustered", &["3", "4"]),
    ("require-encryption", "backup-unencrypted", &["true", "false"]),
    ("require-app-consistent", "app-consistency-failed", &["true", "true", "false"]),
    ("require-offsite", "offsite-copy-missing", &["true", "false"]),
    ("min-evidence", "offsite-copy-missing", &["confirmed", "confirmed", "claimed"]),
    ("repl-stuck-hours", "replication-stuck", &["12", "72"]),
    ("repl-waiting-hours", "replication-stuck", &["6", "48"]),
    ("replication-lag-hours", "replication-lag", &["6", "48", "100"]),
    ("protecting-hours", "backup-stuck", &["6", "30"]),
    ("deleting-hours", "backup-stuck", &["12", "30"]),
    ("consecutive-failures-min", "consecutive-failures", &["1", "2", "2"]),
    ("window-days", "restore-window-too-short", &["1", "2", "4", "6"]),
    ("window-days", "restore-window-too-short", &["1", "2", "3", "4"]),
    ("window-days", "restore-window-too-short", &["2", "3"]),
    ("full-backup-days", "full-backup-overdue", &["2", "3", "5"]),
    ("stopped-factor", "protection-stopped", &["1", "1.5", "2", "5"]),
    ("rpo-hours", "protection-stopped", &["4", "8", "12", "48"]),
    ("rpo-tolerance-hours", "protection-stopped", &["0", "20", "48"]),
    ("rpo-hours", "retired-still-backed-up", &["4", "48", "168"]),
    ("mixed-hours", "scope-mixed", &["0", "1", "29", "48"]),
];

/// Rules whose findings waivers may accept: some of every kind of subject.
const WAIVED: [&str; 28] = [
    "rpo-breach",
    "rpo-breach",
    "backup-gap",
    "too-few-restore-points",
    "offsite-copy-missing",
    "offsite-copy-missing",
    "backup-unencrypted",
    "backup-unencrypted",
    "retention-too-short",
    "retention-too-short",
    "last-good-copy-expiring",
    "expiring-soon",
    "replication-failed",
    "replication-stuck",
    "expired-still-listed",
    "backup-error",
    "deletion-pending",
    "expiry-clustered",
    "child-context-mismatch",
    "child-orphaned",
    "pagination-incomplete",
    "required-field-missing",
    "full-backup-overdue",
    "destination-not-allowed",
    "replica-unmatched",
    "protection-stopped",
    "resource-unexpected",
    "retired-still-backed-up",
];

pub fn policy(rng: &mut Prng, dump: &Dump, now: Instant) -> Policy {
    let things = Things::of(dump);
    let mut policy = Policy::default();
    for _ in 0..rng.between(0, 8) {
        let set = any_set(rng);
        add(&mut policy.configured, set);
    }
    for _ in 0..rng.between(0, 2) {
        let set = any_set(rng);
        add(&mut policy.typed, set);
    }
    let names = rng.pick(&[["gold", "base", "odd"], ["c", "b", "a"]]);
    for name in names.iter().take(rng.pick(&[0, 1, 2, 3, 3])) {
        policy.tiers.push(tier(rng, &things, name));
    }
    for nth in 0..rng.between(0, 6) {
        policy.waivers.push(waiver(rng, &things, now, nth));
    }
    policy.allowed = regions(rng, 40);
    policy.allowed_typed = regions(rng, 25);
    if rng.percent(60) {
        policy.expected = Some(expected(rng, dump, &policy.tiers, now)).filter(|rows| !rows.is_empty());
    }
    policy
}

/// Some regions, or none.
fn regions(rng: &mut Prng, chance: i64) -> Vec<String> {
    let some: &[&str] = rng.pick(&[&["eu-nl"][..], &["eu-ch2"], &["eu-nl", "eu-de"], &["eu-ch2", "us-east"]]);
    if rng.percent(chance) { some.iter().map(|&region| region.to_owned()).collect() } else { Vec::new() }
}

/// Most resources of the dump, some of them with another project or type, and some that are not there.
fn expected(rng: &mut Prng, dump: &Dump, tiers: &[Tier], now: Instant) -> Vec<Row> {
    let mut keys = BTreeSet::from([("nowhere".to_owned(), (DISK.to_owned(), "project".to_owned()))]);
    for copy in dump.records.values().flat_map(|record| &record.copies) {
        let field = |name: &str| text(&copy.body[name]).unwrap();
        keys.insert((field("resource_id"), (field("resource_type"), field("project_id"))));
    }
    // Of one id, one row: two may not mean the same resource.
    let keys: BTreeMap<_, _> = keys.into_iter().collect();
    let mut rows = Vec::new();
    for (id, (kind, project)) in keys {
        if rng.percent(30) {
            continue;
        }
        let kind = if rng.percent(5) { TURBO.to_owned() } else { kind };
        let project = if rng.percent(5) { "elsewhere".to_owned() } else { project };
        rows.push(Row {
            project: rng.percent(50).then_some(project),
            kind,
            id,
            tier: tiers.first().filter(|_| rng.percent(15)).map(|tier| tier.name.clone()),
            retired: rng.percent(35).then(|| retired(rng, now)),
        });
    }
    rows
}

fn retired(rng: &mut Prng, now: Instant) -> Retired {
    let day = (now - rng.pick(&[-2, 0, 1, 2, 3, 5, 9]) * DAY).div_euclid(DAY) * DAY;
    let moment = (now - rng.pick(&[-3, 0, 1, 10, 26, 50, 90, 200]) * HOUR).div_euclid(SECOND) * SECOND;
    match rng.between(1, 4) {
        1 => Retired { text: rng.pick(&["true", "yes", "1"]).to_owned(), since: Since::Always },
        2 => Retired { text: time::write(moment, Dialect::EastOfGreenwich), since: Since::Moment(moment) },
        _ => Retired { text: time::write_day(day), since: Since::Day(day) },
    }
}

fn any_set(rng: &mut Prng) -> Set {
    let (key, rule, values) = rng.pick(&CHOICES);
    Set { rule: rng.percent(40).then_some(rule), key, value: rng.pick(values) }
}

/// A name may be set once only.
fn add(sets: &mut Vec<Set>, new: Set) {
    if !sets.iter().any(|set| set.rule == new.rule && set.key == new.key) {
        sets.push(new);
    }
}

/// What a dump speaks of.
struct Things {
    names: Vec<String>,
    resources: Vec<String>,
    backups: Vec<String>,
    vaults: Vec<String>,
    enterprise_projects: Vec<String>,
    types: Vec<String>,
    projects: Vec<String>,
}

impl Things {
    fn of(dump: &Dump) -> Self {
        let all = |field: &str| {
            let values = dump.records.values().flat_map(|record: &Record| &record.copies);
            let values: BTreeSet<_> = values.filter_map(|copy| text(&copy.body[field])).collect();
            values.into_iter().collect()
        };
        Self {
            names: all("resource_name"),
            resources: all("resource_id"),
            backups: all("id"),
            vaults: all("vault_id"),
            enterprise_projects: all("enterprise_project_id"),
            types: all("resource_type"),
            projects: all("project_id"),
        }
    }
}

fn tier(rng: &mut Prng, things: &Things, name: &str) -> Tier {
    let mut tier = Tier { name: name.to_owned(), ..Tier::default() };
    while tier.criteria().iter().all(|(_, list)| list.is_empty()) {
        if rng.percent(45) {
            tier.resources = (0..rng.between(1, 3)).map(|_| resource_pattern(rng, things)).collect();
        }
        if rng.percent(20) {
            tier.vaults = vec![pattern(rng, &things.vaults)];
        }
        if rng.percent(25) {
            let tag =
                |rng: &mut Prng| rng.pick(&["env=prod", "env=test", "env", "team", "team=r*", "*=prod", "e?v=", "x"]);
            tier.vault_tags = (0..rng.between(1, 2)).map(|_| tag(rng).to_owned()).collect();
        }
        if rng.percent(25) {
            tier.enterprise_projects = vec![pattern(rng, &things.enterprise_projects)];
        }
        if rng.percent(30) {
            tier.types = (0..rng.between(1, 2)).map(|_| rng.pick(&things.types)).collect();
        }
        if rng.percent(25) {
            tier.projects = vec![pattern(rng, &things.projects)];
        }
    }
    for _ in 0..rng.between(1, 6) {
        let (key, _, values) = rng.pick(&CHOICES);
        add(&mut tier.sets, Set { rule: None, key, value: rng.pick(values) });
    }
    tier.allowed = regions(rng, 20);
    tier
}

fn resource_pattern(rng: &mut Prng, things: &Things) -> String {
    match rng.between(1, 5) {
        1 | 2 => rng.pick(&["db-*", "web-*", "*-1", "db-??", "*b-0*", "build-*"]).to_owned(),
        3 => pattern(rng, &things.resources),
        _ => pattern(rng, &things.names),
    }
}

/// A text of the dump as it is, or with a hole in it.
fn pattern(rng: &mut Prng, texts: &[String]) -> String {
    let text = rng.pick(texts);
    let cut = text.len() - 1;
    match rng.between(1, 10) {
        1 => "*".to_owned(),
        2 => format!("{}*", &text[..text.len() / 2]),
        3 => format!("*{}", &text[text.len() / 2..]),
        4 => format!("{}?", &text[..cut]),
        5 => format!("{text}?"),
        _ => text,
    }
}

fn waiver(rng: &mut Prng, things: &Things, now: Instant, nth: i64) -> Waiver {
    let subject = match rng.between(1, 10) {
        1 | 2 => "*".to_owned(),
        3 | 4 => resource_pattern(rng, things),
        5 | 6 => pattern(rng, &things.names),
        7 => pattern(rng, &things.backups),
        8 => pattern(rng, &things.vaults),
        9 => pattern(rng, &things.projects),
        _ => pattern(rng, &things.resources),
    };
    let project = rng.percent(25).then(|| pattern(rng, &things.projects));
    let (until, ends) = end(rng, now);
    Waiver { rule: rng.pick(&WAIVED), subject, project, reason: format!("reason {nth}"), until, ends }
}

/// A date holds to its end, a moment up to it.
fn end(rng: &mut Prng, now: Instant) -> (String, Instant) {
    if rng.percent(50) {
        let day = (now + rng.pick(&[-30, -1, -1, 0, 0, 0, 1, 200]) * DAY).div_euclid(DAY) * DAY;
        let text = time::write_day(day);
        let text = if rng.percent(50) { format!("{text:?}") } else { text };
        return (text, day + DAY);
    }
    let whole = now.div_euclid(SECOND) * SECOND;
    let ends = whole + rng.pick(&[-HOUR, -SECOND, 0, SECOND, SECOND, HOUR, 900 * HOUR]);
    let dialect = rng.pick(&[Dialect::Zulu, Dialect::EastOfGreenwich]);
    (format!("{:?}", time::write(ends, dialect)), ends)
}
