//! Expected verdicts of the rules on single backups: state, expiry and encryption.

use crate::disks;
use crate::facts::{DISK, Facts};
use crate::health;
use crate::policy::Demands;
use crate::resources::Resource;
use crate::verdict::{Case, Known, Reasons, Verdict, because, union};
use crate::views::Children;
use serde_json::Value;

pub fn judge(facts: &Facts, resources: &[Resource]) -> Vec<Case> {
    let mut cases = Vec::new();
    for id in facts.backups() {
        let tier = resources.iter().find(|resource| resource.own.contains(&id)).and_then(|resource| resource.tier);
        let mut add = |rule, judge: &dyn Fn(&Demands, &str) -> Vec<Verdict>| {
            let options = judge(&facts.settings.policy.demands(rule, tier), &id);
            cases.push(Case::new(rule, &id, &facts.project(&id), options));
        };
        add("backup-error", &|_, id| vec![backup_error(facts, id)]);
        add("backup-stuck", &|demands, id| backup_stuck(facts, demands, id));
        add("app-consistency-failed", &|demands, id| vec![health::app_consistency_failed(facts, demands, id)]);
        add("system-disk-missing", &|_, id| vec![health::system_disk_missing(facts, id)]);
        add("restore-in-progress", &|_, id| vec![health::restore_in_progress(facts, id)]);
        add("retention-too-short", &|demands, id| vec![retention_too_short(facts, demands, id)]);
        add("retention-too-long", &|demands, id| vec![retention_too_long(facts, demands, id)]);
        add("expired-still-listed", &|demands, id| expired_still_listed(facts, demands, id));
        add("child-expires-early", &|demands, id| vec![disks::child_expires_early(facts, demands, id)]);
        add("backup-unencrypted", &|demands, id| vec![backup_unencrypted(facts, demands, id)]);
        add("encryption-mixed-in-server", &|_, id| vec![disks::encryption_mixed(facts, id)]);
    }
    cases
}

fn backup_error(facts: &Facts, id: &str) -> Verdict {
    match facts.status(id) {
        Err(reasons) => Verdict::Unknown(reasons),
        Ok(status) if status == "error" => Verdict::Fail,
        Ok(_) => Verdict::Pass,
    }
}

fn backup_stuck(facts: &Facts, demands: &Demands, id: &str) -> Vec<Verdict> {
    let status = match facts.status(id) {
        Err(reasons) => return vec![Verdict::Unknown(reasons)],
        Ok(status) => status,
    };
    let (limit, starts_at_birth) = match status.as_str() {
        "available" | "error" => return vec![Verdict::NotApplicable],
        "protecting" => (demands.hours("protecting-hours"), true),
        "waiting_protect" => (demands.hours("waiting-protect-hours"), true),
        "restoring" => (demands.hours("restoring-hours"), false),
        "waiting_restore" => (demands.hours("waiting-restore-hours"), false),
        "deleting" => (demands.hours("deleting-hours"), false),
        _ => (demands.hours("waiting-delete-hours"), false),
    };
    let (created, updated) = (facts.created(id), facts.instant(id, "updated_at"));
    let since = match (&created, &updated) {
        (Ok(created), Ok(updated)) => *created.max(updated),
        (Err(_), Ok(updated)) => *updated,
        (Ok(created), Err(_)) if starts_at_birth => *created,
        (_, Err(reasons)) => return vec![Verdict::Unknown(reasons.clone())],
    };
    let verdict = if facts.settings.now - since > limit { Verdict::Fail } else { Verdict::Pass };
    match created {
        Ok(_) => vec![verdict],
        Err(reasons) => vec![verdict, Verdict::Unknown(reasons)],
    }
}

/// What keeps a retention rule from applying: proven, possible, or nothing.
fn exemption(facts: &Facts, id: &str, exempt: impl Fn(&str) -> bool) -> Known<bool> {
    let status = facts.status(id).map(|status| exempt(&status));
    let replica = facts.is_replica(id);
    if facts.is_orphan(id) || status == Ok(true) || replica == Ok(true) {
        return Ok(true);
    }
    let doubts = union([&status.err().unwrap_or_default(), &replica.err().unwrap_or_default()]);
    if doubts.is_empty() { Ok(false) } else { Err(doubts) }
}

fn retention_too_short(facts: &Facts, demands: &Demands, id: &str) -> Verdict {
    let exemption = exemption(facts, id, |status| status == "error");
    let expiry = facts.expiry(id);
    let automatic = facts.flag(id, "auto_trigger");
    let undated_manual = expiry == Ok(None) && automatic == Ok(false);
    if exemption == Ok(true) || undated_manual {
        return Verdict::NotApplicable;
    }
    let mut doubts = exemption.err().unwrap_or_default();
    doubts.extend(expiry.clone().err().unwrap_or_default());
    if expiry == Ok(None) {
        doubts.extend(automatic.err().unwrap_or(because(["not-in-metadata"])));
    } else {
        doubts.extend(facts.created(id).err().unwrap_or_default());
    }
    match (expiry, facts.created(id)) {
        _ if !doubts.is_empty() => Verdict::Unknown(doubts),
        (Ok(Some(expiry)), Ok(created))
            if expiry - created + demands.hours("retention-tolerance-hours") < demands.days("retention-min-days") =>
        {
            Verdict::Fail
        }
        _ => Verdict::Pass,
    }
}

/// No maximum is no demand.
fn retention_too_long(facts: &Facts, demands: &Demands, id: &str) -> Verdict {
    let most = demands.days("retention-max-days");
    let exemption = exemption(facts, id, |status| status == "error");
    if most == 0 || exemption == Ok(true) {
        return Verdict::NotApplicable;
    }
    let (created, end) = (facts.created(id), facts.stated_expiry(id));
    let mut doubts = union([&exemption.err().unwrap_or_default(), &created.clone().err().unwrap_or_default()]);
    let Some(created) = created.ok().filter(|_| doubts.is_empty()) else { return Verdict::Unknown(doubts) };
    let is_too_old = facts.settings.now - created > most;
    match end {
        Ok(Some(end)) if end - created > most => Verdict::Fail,
        Ok(None) | Err(_) if is_too_old => Verdict::Fail,
        Ok(_) => Verdict::Pass,
        Err(reasons) => {
            doubts.extend(reasons);
            Verdict::Unknown(doubts)
        }
    }
}

/// Whether a point that keeps an image passes or is exempt before its expiry makes no difference to anyone: both count.
fn expired_still_listed(facts: &Facts, demands: &Demands, id: &str) -> Vec<Verdict> {
    let exemption = exemption(facts, id, |status| status != "available");
    let images = facts.record(id).field(&["extend_info", "os_images_data"]);
    let holds_image = images.is_ok_and(|images| images.as_array().is_some_and(|list: &Vec<Value>| !list.is_empty()));
    let expiry = match (exemption, facts.expiry(id)) {
        (Ok(true), _) | (_, Ok(None)) => return vec![Verdict::NotApplicable],
        (exemption, Err(reasons)) => {
            let doubts = Verdict::Unknown(union([&reasons, &exemption.err().unwrap_or_default()]));
            return if holds_image { vec![Verdict::NotApplicable, doubts] } else { vec![doubts] };
        }
        (Err(reasons), Ok(Some(_))) => {
            let doubts = Verdict::Unknown(reasons);
            return if holds_image { vec![Verdict::NotApplicable, doubts] } else { vec![doubts] };
        }
        (Ok(false), Ok(Some(expiry))) => expiry,
    };
    match (facts.settings.now > expiry + demands.hours("purge-grace-hours"), holds_image) {
        (true, false) => vec![Verdict::Fail],
        (true, true) => vec![Verdict::NotApplicable],
        (false, true) => vec![Verdict::Pass, Verdict::NotApplicable],
        (false, false) => vec![Verdict::Pass],
    }
}

fn backup_unencrypted(facts: &Facts, demands: &Demands, id: &str) -> Verdict {
    match is_encrypted(facts, id) {
        _ if !demands.requires("require-encryption") => Verdict::NotApplicable,
        Ok(true) => Verdict::Pass,
        Ok(false) => Verdict::Fail,
        Err(reasons) => Verdict::Unknown(reasons),
    }
}

pub fn is_encrypted(facts: &Facts, id: &str) -> Known<bool> {
    let own = facts.flag(id, "encrypted");
    if facts.kind(id) == DISK || !facts.is_server(id) {
        return own;
    }
    match (facts.children(id), own) {
        (Children::Seen(disks), own) => all_encrypted(facts, &disks, &own),
        (_, Ok(false)) => Ok(false),
        (_, Ok(true)) => Err(because(["view-omits"])),
        (Children::ProvenNone, Err(reasons)) => Err(union([&reasons, &because(["field-absent"])])),
        (Children::NotShown, Err(reasons)) if reasons.contains("field-null") => {
            Err(because(["view-omits", "field-null"]))
        }
        (Children::NotShown, Err(_)) => Err(because(["view-omits"])),
        (Children::Blank { reasons: blank, .. }, Err(own)) => Err(union([&own, &blank, &because(["view-omits"])])),
    }
}

fn all_encrypted(facts: &Facts, disks: &[String], own: &Known<bool>) -> Known<bool> {
    let flags: Vec<_> = disks.iter().map(|disk| facts.flag(disk, "encrypted")).collect();
    if flags.contains(&Ok(false)) {
        return Ok(false);
    }
    let doubts: Reasons = flags.into_iter().filter_map(Result::err).flatten().collect();
    match (doubts.is_empty(), own) {
        (true, Ok(false)) => Err(because(["record-conflict"])),
        (true, _) => Ok(true),
        (false, Ok(false)) => Err(union([&doubts, &because(["record-conflict"])])),
        (false, _) => Err(doubts),
    }
}
