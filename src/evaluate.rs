//! Rules over the inventory, in parallel, and one total order of what they found. Which rules run and with which
//! parameters is decided here, once.

#![allow(
    clippy::indexing_slicing,
    reason = "the first set of values is for all and one follows for every tier; numbers of rules and waivers are those of their lists"
)]

use rayon::prelude::*;

use crate::accepted::resolved;
use crate::clock::{Clock, ClockSource};
use crate::finding::Subject;
use crate::findings::Findings;
use crate::inventory::backup::{Backup, Role};
use crate::inventory::neighbour::NeighbourIx;
use crate::inventory::neighbour::listed::ListedIx;
use crate::inventory::{BackupIx, FileIx, Inventory, ListingIx, ResourceIx, VaultIx};
use crate::restore_point::RestorePoints;
use crate::rule::{Check, Context, ResourcePoints, Rule, Values};
use crate::rules::RULES;
use crate::settings::Settings;
use crate::sink::{Finished, Sink, Tally, Traced, Watch};
use crate::tier::{Tier, Tiers};
use crate::waiver::Policy;

/// What the rules found.
#[derive(Debug)]
pub struct Evaluation {
    /// The counts of every rule that ran, by its position in the catalogue.
    pub tallies: Vec<(u16, Tally)>,
    /// The findings, in their final order.
    pub findings: Findings,
    /// How many failures each waiver is about, whether it holds or not.
    pub waived: Vec<u64>,
    /// Every verdict on what is watched.
    pub trace: Vec<(u16, Traced)>,
}

/// What is evaluated.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'i> {
    /// The inventory.
    pub inventory: &'i Inventory,
    /// The as-of time.
    pub clock: &'i Clock,
    /// The restore points at that time.
    pub points: &'i RestorePoints,
    /// Which tier applies to which resource.
    pub tiers: &'i Tiers,
}

type CheckResource = fn(&Context<'_>, ResourceIx, &mut Sink<'_>);

/// Runs the chosen rules. Where subjects are watched, every single verdict on them is kept, findings on others are not, and
/// nothing is folded; the counts are those of all.
#[must_use]
pub fn evaluate(evidence: Evidence<'_>, settings: &Settings, watch: Watch<'_>) -> Evaluation {
    let Evidence { inventory, clock, points, tiers } = evidence;
    let Settings { rules: choice, params, decisions, .. } = settings;
    let chosen = (0_u16..).zip(RULES.iter().copied()).filter(|(_, rule)| choice.runs(rule));
    let allowed = |tier: Option<&Tier>| resolved(inventory, decisions.allowed_regions(tier));
    let values = |rule: &Rule| {
        let every = rule.params.iter().map(|param| params.in_force(rule, param).value).collect();
        let tier = |tier| {
            let own = rule.params.iter().map(|param| params.in_tier(rule, param, tier).value).collect();
            Values::new(rule, own).allowing(allowed(Some(tier)))
        };
        let every = Values::new(rule, every).allowing(allowed(None));
        std::iter::once(every).chain(decisions.tiers.iter().map(tier)).collect::<Vec<_>>()
    };
    let chosen: Vec<_> =
        chosen.map(|(number, rule)| (number, rule, values(rule), decisions.of(rule, clock.time))).collect();
    let judges: Vec<_> = chosen
        .iter()
        .map(|(number, rule, values, policy)| Judge {
            cx: Context {
                inventory,
                clock,
                points,
                values: &values[0],
                known_values: &decisions.accepted.values,
                rule,
                at_hand: None,
            },
            in_tier: &values[1..],
            tiers,
            number: *number,
            policy,
            watch,
        })
        .collect();
    let mut sinks: Vec<_> = judges.iter().map(Judge::sink).collect();
    for units in Units::ALL {
        let (of_units, into): (Vec<_>, Vec<_>) =
            judges.iter().zip(&mut sinks).filter(|(judge, _)| Units::of(&judge.cx.rule.check) == units).unzip();
        judge_all(&of_units, into, units, evidence);
    }
    let mut evaluation = Evaluation {
        tallies: Vec::new(),
        findings: Findings::default(),
        waived: vec![0; decisions.waivers.len()],
        trace: Vec::new(),
    };
    let mut lists = Vec::new();
    for (judge, sink) in judges.iter().zip(sinks) {
        let Finished { tally, findings, trace, met } = sink.finish();
        evaluation.tallies.push((judge.number, tally));
        evaluation.trace.extend(trace.into_iter().map(|traced| (judge.number, traced)));
        for ((number, _), met) in judge.policy.waivers.iter().zip(met) {
            evaluation.waived[usize::from(*number)] = met;
        }
        lists.push(findings);
    }
    evaluation.findings = Findings::new(lists);
    evaluation
}

/// What rules run over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Units {
    Backups,
    Resources,
    Vaults,
    Neighbours,
    Listed,
    Files,
    Listings,
    Whole,
}

impl Units {
    /// In the order in which they are judged: what looks at everything together takes memory for a while, and is done
    /// before there are findings to keep.
    const ALL: [Self; 8] = [
        Self::Whole,
        Self::Backups,
        Self::Resources,
        Self::Vaults,
        Self::Neighbours,
        Self::Listed,
        Self::Files,
        Self::Listings,
    ];

    fn of(check: &Check) -> Self {
        match check {
            Check::EachRecord(_) | Check::EachBackup(_) | Check::EachChild(_) => Self::Backups,
            Check::EachResource(_) => Self::Resources,
            Check::EachVault(_) => Self::Vaults,
            Check::EachNeighbour(..) => Self::Neighbours,
            Check::EachListed(_) => Self::Listed,
            Check::EachFile(_) | Check::EachFileEver(_) => Self::Files,
            Check::EachListing(_) => Self::Listings,
            Check::Whole(..) => Self::Whole,
        }
    }

    fn len(self, inventory: &Inventory) -> usize {
        match self {
            Self::Backups => inventory.len(),
            Self::Resources => inventory.resources().count(),
            Self::Vaults => inventory.vaults().count(),
            Self::Neighbours => inventory.neighbours().count(),
            Self::Listed => inventory.listed_resources().count(),
            Self::Files => inventory.files.len(),
            Self::Listings => inventory.listings.rows.len(),
            Self::Whole => 1,
        }
    }

    /// How many units a thread judges before it looks for others: few where one of them may be much work.
    fn at_once(self) -> usize {
        match self {
            Self::Backups => 1024,
            Self::Files => 4096,
            Self::Resources => 32,
            // There are few, and large ones.
            Self::Vaults => 1,
            _ => 128,
        }
    }
}

/// A rule with all that it judges with.
struct Judge<'i> {
    cx: Context<'i>,
    number: u16,
    policy: &'i Policy<'i>,
    /// The parameters of every tier.
    in_tier: &'i [Values],
    tiers: &'i Tiers,
    watch: Watch<'i>,
}

impl<'i> Judge<'i> {
    fn sink(&self) -> Sink<'i> {
        Sink::new(self.cx.inventory, self.number, self.cx.rule.severity, self.policy, self.watch)
    }

    /// The context of a resource, or of a backup of one: with the parameters of its tier.
    fn in_tier_of(&self, resource: Option<ResourceIx>) -> Context<'i> {
        let tier = resource.and_then(|resource| self.tiers.of(resource));
        Context { values: tier.map_or(self.cx.values, |tier| &self.in_tier[tier]), ..self.cx }
    }

    fn judge_piece(&self, piece: &Piece<'i>) -> Sink<'i> {
        let mut out = self.sink();
        let (backups, check) = match self.cx.rule.check {
            Check::EachRecord(check) => (&piece.records, check),
            Check::EachBackup(check) => (&piece.restore_points, check),
            Check::EachChild(check) => (&piece.parts, check),
            Check::EachResource(check) => {
                piece.resources.iter().for_each(|points| self.judge_resource(check, points, &mut out));
                return out;
            }
            _ => {
                piece.units.clone().for_each(|unit| self.judge(unit, &mut out));
                return out;
            }
        };
        for &backup in backups {
            if self.tiers.is_empty() {
                check(&self.cx, backup, &mut out);
            } else {
                check(&self.in_tier_of(backup.resource_concerned()), backup, &mut out);
            }
        }
        out
    }

    fn judge_resource(&self, check: CheckResource, points: &ResourcePoints<'i>, out: &mut Sink<'i>) {
        let (resource, inventory) = (points.resource, self.cx.inventory);
        let cx = &Context { at_hand: Some(points), ..self.in_tier_of(Some(resource)) };
        let expected = inventory.expected_of(resource);
        over_group(cx, inventory.points(resource), out, |out| {
            if !cx.spares_retired(Subject::Resource(resource), expected, out) {
                check(cx, resource, out);
            }
        });
    }

    fn judge(&self, unit: u32, out: &mut Sink<'i>) {
        let (cx, inventory) = (&self.cx, self.cx.inventory);
        match cx.rule.check {
            Check::EachRecord(_) | Check::EachBackup(_) | Check::EachChild(_) | Check::EachResource(_) => {}
            Check::EachVault(check) => {
                let vault = VaultIx(unit);
                over_group(cx, inventory.in_vault(vault), out, |out| check(cx, vault, out));
            }
            Check::EachNeighbour(kind, check) => {
                let neighbour = inventory.neighbour(NeighbourIx(unit));
                if neighbour.kind() == kind {
                    check(cx, neighbour, out);
                }
            }
            Check::EachListed(check) => {
                let listed = ListedIx(unit);
                let expected = inventory.listed(listed).expected().and_then(|row| inventory.expected(row));
                if !cx.spares_retired(cx.subject_of_listed(listed), expected, out) {
                    check(cx, listed, out);
                }
            }
            Check::EachFile(check) => {
                let file = FileIx(unit);
                if inventory.files[file.index()].older.is_none() {
                    check(cx, file, out);
                }
            }
            Check::EachFileEver(check) => check(cx, FileIx(unit), out),
            Check::EachListing(check) => check(cx, ListingIx(unit), out),
            Check::Whole(_, check) => check(cx, out),
        }
    }
}

/// Units that all rules judge before the next ones, so that their records are fetched from memory once. Which of the
/// backups among them count as what is found out once too.
struct Piece<'i> {
    units: std::ops::Range<u32>,
    records: Vec<Backup<'i>>,
    restore_points: Vec<Backup<'i>>,
    parts: Vec<Backup<'i>>,
    /// Those that existed at the as-of time.
    resources: Vec<ResourcePoints<'i>>,
}

impl<'i> Piece<'i> {
    fn new(units: Units, range: std::ops::Range<usize>, seen: Evidence<'i>) -> Self {
        let number = |unit| u32::try_from(unit).unwrap_or(u32::MAX);
        let range = number(range.start)..number(range.end);
        let of = |kind| if units == kind { range.clone() } else { 0..0 };
        let records = of(Units::Backups).map(|unit| seen.inventory.backup(BackupIx(unit)));
        let records: Vec<_> = records.filter(|&backup| is_record(seen, backup)).collect();
        let among = |counts: fn(Evidence<'_>, Backup<'_>) -> bool| {
            records.iter().copied().filter(|&backup| counts(seen, backup)).collect()
        };
        let resources = of(Units::Resources).map(ResourceIx).filter(|&resource| is_resource(seen, resource));
        let resources = resources.map(|resource| ResourcePoints::new(seen.inventory, seen.points, resource)).collect();
        Self { units: range, restore_points: among(is_restore_point), parts: among(is_part), resources, records }
    }
}

/// Judges every unit by every rule, in pieces of fixed size so that the result cannot depend on the number of threads.
fn judge_all<'i>(judges: &[&Judge<'i>], mut into: Vec<&mut Sink<'i>>, units: Units, seen: Evidence<'i>) {
    const PIECES: usize = 256;
    let (len, at_once) = (units.len(seen.inventory), units.at_once());
    let starts: Vec<usize> = (0..len).step_by(at_once).collect();
    for starts in starts.chunks(PIECES) {
        let judged = starts.par_iter().with_max_len(1).map(|&start| {
            let piece = Piece::new(units, start..(start + at_once).min(len), seen);
            match units {
                // There is but one piece.
                Units::Whole => {
                    judges.par_iter().with_max_len(1).map(|judge| judge.judge_piece(&piece)).collect::<Vec<_>>()
                }
                _ => judges.iter().map(|judge| judge.judge_piece(&piece)).collect(),
            }
        });
        for piece in judged.collect::<Vec<_>>() {
            into.iter_mut().zip(piece).for_each(|(all, later)| all.append(later));
        }
    }
}

fn is_record(seen: Evidence<'_>, backup: Backup<'_>) -> bool {
    seen.clock.source == ClockSource::Now || seen.points.existed(backup.ix)
}

fn is_restore_point(seen: Evidence<'_>, backup: Backup<'_>) -> bool {
    backup.stands_for_itself() && seen.points.existed(backup.ix)
}

fn is_part(seen: Evidence<'_>, backup: Backup<'_>) -> bool {
    backup.role() != Role::Top && !backup.in_cycle() && seen.points.existed(backup.ix)
}

fn is_resource(seen: Evidence<'_>, resource: ResourceIx) -> bool {
    seen.inventory.own_points(resource).any(|backup| seen.points.existed(backup.ix))
}

/// How many units a rule with this check looks at; `None` where it finds its units by itself.
#[must_use]
pub fn population(seen: Evidence<'_>, check: &Check) -> Option<u64> {
    let inventory = seen.inventory;
    let backups = |counts: fn(Evidence<'_>, Backup<'_>) -> bool| {
        inventory.backups().filter(|&ix| counts(seen, inventory.backup(ix))).count()
    };
    let existed = |backup: Backup<'_>| seen.points.existed(backup.ix);
    let count = match check {
        Check::EachRecord(_) => backups(is_record),
        Check::EachBackup(_) => backups(is_restore_point),
        Check::EachChild(_) => backups(is_part),
        Check::EachResource(_) => inventory.resources().filter(|&ix| is_resource(seen, ix)).count(),
        Check::EachVault(_) => inventory.vaults().filter(|&ix| inventory.in_vault(ix).any(existed)).count(),
        Check::EachNeighbour(kind, _) => inventory.neighbours_of(*kind).count(),
        Check::EachListed(_) => inventory.listed_resources().count(),
        Check::EachFile(_) => inventory.files.iter().filter(|file| file.older.is_none()).count(),
        Check::EachFileEver(_) => inventory.files.len(),
        Check::EachListing(_) => inventory.listings.rows.len(),
        Check::Whole(..) => return None,
    };
    Some(count as u64)
}

/// Judges a resource or vault, unless all its backups were made after the as-of time: then it did not exist. Where that
/// time is inferred and some of them lie after it, a later clock would count them, so only failures hold.
fn over_group<'s, 'i>(
    cx: &Context<'_>,
    mut backups: impl Iterator<Item = Backup<'i>> + Clone,
    out: &mut Sink<'s>,
    judge: impl FnOnce(&mut Sink<'s>),
) {
    if backups.clone().any(|backup| cx.exists(backup)) {
        out.clock_may_turn(!cx.clock.is_exact() && backups.any(|backup| !cx.exists(backup)));
        judge(out);
        out.clock_may_turn(false);
    }
}

/// The rule at a position of the catalogue.
#[must_use]
pub fn rule_at(number: u16) -> &'static Rule {
    RULES[usize::from(number)]
}
