//! Expected verdicts of the rules on single backups: state, expiry and encryption.

use crate::facts::{DISK, Facts};
use crate::time::{DAY, HOUR};
use crate::verdict::{Case, Known, Reasons, Verdict, because, union, unknown};
use crate::views::Children;
use serde_json::Value;

pub fn judge(facts: &Facts) -> Vec<Case> {
    let mut cases = Vec::new();
    for id in facts.backups() {
        let mut add = |rule, options| {
            cases.push(Case { rule, id: id.clone(), key: None, project: facts.project(&id), options });
        };
        add("backup-error", vec![backup_error(facts, &id)]);
        add("backup-stuck", backup_stuck(facts, &id));
        add("retention-too-short", vec![retention_too_short(facts, &id)]);
        add("expired-still-listed", expired_still_listed(facts, &id));
        add("backup-unencrypted", vec![backup_unencrypted(facts, &id)]);
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

fn backup_stuck(facts: &Facts, id: &str) -> Vec<Verdict> {
    let status = match facts.status(id) {
        Err(reasons) => return vec![Verdict::Unknown(reasons)],
        Ok(status) => status,
    };
    let (limit, starts_at_birth) = match status.as_str() {
        "available" | "error" => return vec![Verdict::NotApplicable],
        "protecting" => (24 * HOUR, true),
        "waiting_protect" => (12 * HOUR, true),
        "restoring" | "waiting_restore" => (12 * HOUR, false),
        _ => (24 * HOUR, false),
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

fn retention_too_short(facts: &Facts, id: &str) -> Verdict {
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
        (Ok(Some(expiry)), Ok(created)) if expiry - created + HOUR < 30 * DAY => Verdict::Fail,
        _ => Verdict::Pass,
    }
}

/// Whether a point that keeps an image passes or is exempt before its expiry makes no difference to anyone: both count.
fn expired_still_listed(facts: &Facts, id: &str) -> Vec<Verdict> {
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
    match (facts.settings.now > expiry + 72 * HOUR, holds_image) {
        (true, false) => vec![Verdict::Fail],
        (true, true) => vec![Verdict::NotApplicable],
        (false, true) => vec![Verdict::Pass, Verdict::NotApplicable],
        (false, false) => vec![Verdict::Pass],
    }
}

fn backup_unencrypted(facts: &Facts, id: &str) -> Verdict {
    let own = facts.flag(id, "encrypted");
    if facts.kind(id) == DISK || !facts.is_server(id) {
        return match own {
            Ok(true) => Verdict::Pass,
            Ok(false) => Verdict::Fail,
            Err(reasons) => Verdict::Unknown(reasons),
        };
    }
    match (facts.children(id), own) {
        (Children::Seen(disks), own) => all_encrypted(facts, &disks, &own),
        (_, Ok(false)) => Verdict::Fail,
        (_, Ok(true)) => unknown(["view-omits"]),
        (Children::ProvenNone, Err(reasons)) => Verdict::Unknown(union([&reasons, &because(["field-absent"])])),
        (Children::NotShown, Err(reasons)) if reasons.contains("field-null") => unknown(["view-omits", "field-null"]),
        (Children::NotShown, Err(_)) => unknown(["view-omits"]),
        (Children::Blank { reasons: blank, .. }, Err(own)) => {
            Verdict::Unknown(union([&own, &blank, &because(["view-omits"])]))
        }
    }
}

fn all_encrypted(facts: &Facts, disks: &[String], own: &Known<bool>) -> Verdict {
    let flags: Vec<_> = disks.iter().map(|disk| facts.flag(disk, "encrypted")).collect();
    if flags.contains(&Ok(false)) {
        return Verdict::Fail;
    }
    let doubts: Reasons = flags.into_iter().filter_map(Result::err).flatten().collect();
    match (doubts.is_empty(), own) {
        (true, Ok(false)) => unknown(["record-conflict"]),
        (true, _) => Verdict::Pass,
        (false, _) => Verdict::Unknown(doubts),
    }
}
