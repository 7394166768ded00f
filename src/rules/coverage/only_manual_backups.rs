//! `only-manual-backups`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "only-manual-backups",
    family: Family::Coverage,
    severity: Severity::Medium,
    title: "Every recent restore point was made by hand",
    why: "People forget. Backups made by hand are not purged by retention, and a backup lock does not protect them.",
    remedy: "Associate the vault with an enabled backup policy.",
    logic: "Looks at the good restore points of the last two RPOs. One made by policy passes; all made by hand fail. Where auto_trigger is missing, or a restore point that cannot be judged could turn the verdict, it is not judged. A replica counts as its source was made. A resource without a recent restore point is not applicable: that is the business of rpo-breach.",
    params: &[RPO_HOURS],
    controls: &["cis-8.1:11.2", "nist-800-53r5:CP-9", "c5-2020:OPS-06"],
    check: Check::EachResource(check),
    cases: &[
        Case::new(
            "one by hand, one by policy",
            r#"{"backups": [{"extend_info": {"auto_trigger": false}}, {"created_at": "-27h"}]}"#,
            &["pass r1"],
        ),
        Case::new(
            "by hand, and the last one by policy is a week old",
            r#"{"backups": [{"extend_info": {"auto_trigger": false}}, {"created_at": "-7d"}]}"#,
            &["fail r1 medium"],
        ),
        Case::new(
            "the one by policy failed",
            r#"{"backups": [{"extend_info": {"auto_trigger": false}}, {"status": "error"}]}"#,
            &["fail r1 medium"],
        ),
        Case::new(
            "a name is a hint at most",
            r#"{"backups": [{"name": "manualbk_1", "extend_info": {"auto_trigger": null}}]}"#,
            &["unknown r1 field-null"],
        ),
        Case::new(
            "one by policy in doubt; one by hand in doubt",
            r#"{"backups": [
                {"extend_info": {"auto_trigger": false}},
                {"status": "frozen"},
                {"resource_id": "r2", "status": "frozen", "extend_info": {"auto_trigger": false}}
            ]}"#,
            &["unknown r1 value-unrecognised", "unknown r2 value-unrecognised"],
        ),
        Case::new(
            "one in doubt beside one by hand, but by hand itself",
            r#"{"backups": [
                {"extend_info": {"auto_trigger": false}},
                {"status": "frozen", "extend_info": {"auto_trigger": false}}
            ]}"#,
            &["fail r1 medium"],
        ),
        Case::new(
            "nothing recent; a replica without its source",
            r#"{"backups": [{"created_at": "-3d"}, {"resource_id": "r2", "image_type": "replication"}]}"#,
            &["not-applicable r1", "not-applicable r2"],
        ),
        Case::new("a clock that is only a lower bound", r#"{"backup": {}}"#, &["unknown r1 clock-inferred"]).inferred(),
    ],
};

fn check(cx: &Context<'_>, resource: ResourceIx, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    if cx.inventory.resource(resource).is_replica {
        return out.not_applicable(subject);
    }
    let limit = cx.span(&RPO_HOURS).saturating_mul(2);
    let is_recent = |point: &Point<'_>| cx.may_be_recent(resource, point, limit);
    let good: Vec<_> = cx.good_points(resource).iter().filter(|point| is_recent(point)).copied().collect();
    if good.iter().any(|(backup, _)| by_policy(*backup) == Ok(true)) {
        return out.pass_now(cx, subject, Key::None, false);
    }
    if let Some((backup, reason)) = good.iter().find_map(|(backup, _)| Some((*backup, by_policy(*backup).err()?))) {
        let (observed, evidence) = cx.at(owner(backup), FieldId::AutoTrigger);
        out.unknown(subject, reason).observed(observed, evidence);
        return;
    }
    let counts = |point: &Point<'_>| is_recent(point) && (good.is_empty() || by_policy(point.0) != Ok(false));
    let possible: Vec<_> = cx.possible_points(resource).iter().filter(|point| counts(point)).copied().collect();
    if let Some(doubt) = first_doubt(&possible) {
        return cx.leave_open(out, resource, doubt);
    }
    let Some((newest, _)) = good.first() else { return out.not_applicable(subject) };
    let (observed, evidence) = cx.at(owner(*newest), FieldId::AutoTrigger);
    let note = Note::Count(good.len() as u64, "recent, all made by hand");
    let expected = Value::Words("a recent restore point made by policy");
    out.fail(subject).observed(observed, evidence).note(note).expected(expected);
}

/// The backup that was made first: for a replica its source.
fn owner(backup: Backup<'_>) -> Backup<'_> {
    backup.source().unwrap_or(backup)
}

/// Whether a policy made the backup.
fn by_policy(backup: Backup<'_>) -> Result<bool, Reason> {
    owner(backup).flag(FieldId::AutoTrigger).known()
}
