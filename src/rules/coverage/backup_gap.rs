//! `backup-gap`

use crate::rule::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "backup-gap",
    family: Family::Coverage,
    severity: Severity::High,
    title: "There is a hole between restore points",
    why: "Data written in the hole cannot be restored. One missed night is often a failed task that nobody read.",
    remedy: "Look up the failed tasks of the missed slots, spread the schedule, and have misses reported.",
    logic: "Neighbouring moments of good restore points, the later of which lies within the window, may be no further apart than the RPO times the factor. Older holes may come from thinning and are not judged; the time since the newest restore point is the business of rpo-breach. Fewer than two such moments are not applicable. Restore points that cannot be judged and could close or open a hole leave it not judged, and so does, of a disk, a server backup whose children are missing where it could open one; one of unknown moment may lie anywhere. High beyond three times the RPO, else medium.",
    params: &[RPO_HOURS, GAP_FACTOR, GAP_WINDOW_DAYS],
    controls: &["nist-800-53r5:CP-9", "cis-8.1:11.2", "c5-2020:OPS-07", "dora:12(1)(a)"],
    check: Check::EachResource(check),
    cases: &[
        Case::new("every day", r#"{"backups": [{"created_at": "-51h"}, {"created_at": "-27h"}, {}]}"#, &["pass r1"]),
        Case::new(
            "one night missed; three nights missed",
            r#"{"backups": [
                {"created_at": "-51h"},
                {},
                {"resource_id": "r2", "created_at": "-99h"},
                {"resource_id": "r2"}
            ]}"#,
            &["fail r1 medium", "fail r2 high"],
        ),
        Case::new(
            "a night that may have been missed",
            r#"{"backups": [{"created_at": "-51h"}, {"created_at": "-27h", "status": "frozen"}, {}]}"#,
            &["unknown r1 value-unrecognised"],
        ),
        Case::new(
            "holes before the window",
            r#"{"backups": [{"created_at": "-30d"}, {"created_at": "-8d"}]}"#,
            &["not-applicable r1"],
        ),
        Case::new(
            "a single restore point; a replica",
            r#"{"backups": [{}, {"resource_id": "r2", "image_type": "replication"}]}"#,
            &["not-applicable r1", "not-applicable r2"],
        ),
        Case::new(
            "a clock that is only a lower bound",
            r#"{"backups": [{"created_at": "-27h"}, {}]}"#,
            &["unknown r1 clock-inferred"],
        )
        .inferred(),
        Case::new(
            "one restore point of unknown time cannot fill a hole of five days, but one of two",
            r#"{"backups": [
                {"created_at": "-1h"}, {"created_at": "-121h"}, {"created_at": null},
                {"resource_id": "r2", "created_at": "-1h"}, {"resource_id": "r2", "created_at": "-49h"},
                {"resource_id": "r2", "created_at": null}
            ]}"#,
            &["fail r1 high", "unknown r2 field-null"],
        ),
        Case::new(
            "one of unknown time may lie before the window",
            r#"{"backups": [{"created_at": "-156h"}, {"created_at": "-400h"}, {"created_at": null}]}"#,
            &["unknown r1 field-null"],
        ),
        Case::new(
            "a disk that may be in an older or a newer server backup, whose children are missing; one that cannot",
            r#"{"$files": {
                "a.json": {"backups": [
                    {"resource_id": "d1", "resource_type": "OS::Cinder::Volume"},
                    {"resource_id": "d1", "resource_type": "OS::Cinder::Volume", "created_at": "-27h"},
                    {"resource_id": "d2", "resource_type": "OS::Cinder::Volume", "created_at": "-71h"},
                    {"resource_id": "d2", "resource_type": "OS::Cinder::Volume", "created_at": "-95h"},
                    {"resource_id": "d3", "resource_type": "OS::Cinder::Volume", "project_id": "p2"},
                    {"resource_id": "d3", "resource_type": "OS::Cinder::Volume", "project_id": "p2", "created_at": "-27h"}
                ]},
                "b.json": {"backup": {"created_at": "-5d", "children": null}},
                "c.json": {"backup": {"children": null}}
            }}"#,
            &["unknown d1 field-null", "unknown d2 field-null", "pass d3", "unknown r1 field-null"],
        ),
        Case::new(
            "a copy that another backup claims too fills no hole beside its source here",
            r#"{"$files": {
                "a.json": {"backups": [
                    {"created_at": "-4h", "replication_records": [{"destination_backup_id": "copy"}]},
                    {"created_at": "-52h"},
                    {"resource_id": "r2", "created_at": "-5d", "replication_records": [{"destination_backup_id": "copy"}]}
                ]},
                "b.json": {"backups": [{"id": "copy", "image_type": "replication"}]}
            }}"#,
            &["fail r1 medium", "not-applicable r2", "not-applicable r1"],
        ),
    ],
};

use jiff::{SignedDuration, Timestamp};

const GAP_FACTOR: Param = Param::new(
    "gap-factor",
    ParamUnit::Factor,
    1.5,
    "How many times the RPO may lie between neighbouring restore points.",
);

const GAP_WINDOW_DAYS: Param =
    Param::new("gap-window-days", ParamUnit::Days, 7.0, "How many days back holes are looked for.");

fn check(cx: &Context<'_>, resource: ResourceIx, out: &mut Sink<'_>) {
    let subject = Subject::Resource(resource);
    if cx.inventory.resource(resource).is_replica {
        return out.not_applicable(subject);
    }
    let rpo = cx.span(&RPO_HOURS);
    let limit =
        SignedDuration::try_from_secs_f64(rpo.as_secs_f64() * cx.number(&GAP_FACTOR)).unwrap_or(SignedDuration::MAX);
    let moments = Moments::new(cx, resource);
    let since = cx.now().saturating_sub(cx.span(&GAP_WINDOW_DAYS)).unwrap_or(Timestamp::MIN);
    match moments.judge(since, limit) {
        Judged::Hole(gap, later) => {
            let good = cx.good_points(resource);
            let severity = if gap > rpo.saturating_mul(3) { Severity::High } else { Severity::Medium };
            let finding = out.fail(subject).note(Note::Gap(gap)).expected(Value::AtMost(limit)).severity(severity);
            if let Some((_, point)) = good.iter().find(|(_, point)| point.time == Some(later)) {
                finding.observed_field(point.stated.0, point.stated.1);
            }
        }
        Judged::Doubt => match moments.doubt {
            Some(doubt) => cx.leave_open(out, resource, doubt),
            None => out.not_applicable(subject),
        },
        Judged::Whole => match moments.opened_by(cx, resource, since, limit) {
            Some(doubt) => cx.leave_open_for_children(out, resource, doubt),
            None => out.pass_now(cx, subject, Key::None, moments.lasting),
        },
        Judged::Nothing => out.not_applicable(subject),
    }
}

/// The moments of good restore points and of those that cannot be judged, oldest first.
struct Moments<'i> {
    good: Vec<Timestamp>,
    possible: Vec<Timestamp>,
    /// How many of the latter have no known moment.
    timeless: u32,
    doubt: Option<(Backup<'i>, Reason)>,
    lasting: bool,
}

enum Judged {
    Hole(SignedDuration, Timestamp),
    Doubt,
    Whole,
    Nothing,
}

impl<'i> Moments<'i> {
    fn new(cx: &Context<'i>, resource: ResourceIx) -> Self {
        let good = cx.good_points(resource);
        let possible = cx.possible_points(resource);
        let moments = |point: &Point<'_>| cx.possible_moments(resource, point);
        let sorted = |points: &[Point<'_>]| {
            let mut moments: Vec<_> = points.iter().filter_map(moments).flatten().collect();
            moments.sort_unstable();
            moments.dedup();
            moments
        };
        Self {
            good: sorted(&good),
            possible: sorted(&possible),
            timeless: possible.iter().map(|point| u32::from(moments(point).is_none())).sum(),
            doubt: first_doubt(&possible),
            lasting: good.iter().all(|(_, point)| point.lasts()),
        }
    }

    fn judge(&self, since: Timestamp, limit: SignedDuration) -> Judged {
        let pairs = || pairs(&self.good).filter(|pair| pair.1 > since);
        let holes = pairs().filter(|pair| pair.1.duration_since(pair.0) > limit);
        let certain = holes.clone().filter(|&pair| self.stays_open(pair, since, limit));
        let widest = certain.map(|(from, to)| (to.duration_since(from), to)).max();
        if let Some((gap, later)) = widest {
            return Judged::Hole(gap, later);
        }
        if holes.clone().next().is_some() || self.timeless > 0 || self.could_open(since, limit) {
            return Judged::Doubt;
        }
        if pairs().next().is_some() { Judged::Whole } else { Judged::Nothing }
    }

    /// Whether a hole stays one whichever of the restore points in doubt turn out good. Those of unknown moment can fill it if
    /// they reach, a limit apart, from its end to its beginning or out of the window.
    fn stays_open(&self, (from, to): (Timestamp, Timestamp), since: Timestamp, limit: SignedDuration) -> bool {
        let inside = self.possible.iter().copied().filter(|&moment| from < moment && moment < to);
        let moments: Vec<_> = std::iter::once(from).chain(inside).chain([to]).collect();
        let reach = i32::try_from(self.timeless).ok().and_then(|timeless| limit.checked_mul(timeless));
        let filled = reach.unwrap_or(SignedDuration::MAX);
        pairs(&moments).any(|(from, to)| {
            let first = to.saturating_sub(filled).unwrap_or(Timestamp::MIN);
            first > since && first.duration_since(from) > limit
        })
    }

    /// Whether a restore point in doubt before the first or after the last good one could open a hole.
    fn could_open(&self, since: Timestamp, limit: SignedDuration) -> bool {
        let (Some(&first), Some(&last)) = (self.good.first(), self.good.last()) else {
            return pairs(&self.possible).any(|(_, later)| later > since);
        };
        self.possible.iter().any(|&moment| opens(moment, (first, last), since, limit))
    }

    /// Why a disk may be in a server backup before the first or after the last restore point that is known, where it would open
    /// a hole.
    fn opened_by(
        &self,
        cx: &Context<'i>,
        resource: ResourceIx,
        since: Timestamp,
        limit: SignedDuration,
    ) -> Option<(Backup<'i>, Reason)> {
        let known = (*self.good.first()?, *self.good.last()?);
        cx.possible_bare_server(resource, |moment| opens(moment, known, since, limit))
    }
}

/// Whether a moment before the first or after the last that are known opens a hole.
fn opens(moment: Timestamp, (first, last): (Timestamp, Timestamp), since: Timestamp, limit: SignedDuration) -> bool {
    is_hole(moment, first, since, limit) || is_hole(last, moment, since, limit)
}

/// Whether two moments, with none between them, are a hole that is judged.
fn is_hole(earlier: Timestamp, later: Timestamp, since: Timestamp, limit: SignedDuration) -> bool {
    earlier < later && later > since && later.duration_since(earlier) > limit
}

/// Every moment with the one that follows it.
fn pairs(moments: &[Timestamp]) -> impl Iterator<Item = (Timestamp, Timestamp)> + Clone {
    moments.iter().copied().zip(moments.iter().copied().skip(1))
}
