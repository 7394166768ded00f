//! Compares the expected cases with the program's JSON report, unit by unit and count by count.

use crate::facts::Settings;
use crate::resources::Resource;
use crate::verdict::{Case, FOLDED, Reasons, Verdict};
use serde_json::Value;
use std::collections::BTreeMap;

/// Rule, id, key, and for a resource its project: replicas may stand for one of the same id in another.
type Unit = (String, String, Option<String>, Option<String>);

struct Finding {
    verdict: String,
    reason: String,
    /// What the waiver says that accepts it.
    waived_for: Option<String>,
}

#[derive(Default)]
struct Tally {
    fail: u64,
    waived: u64,
    unknown: u64,
    pass: u64,
    /// Units for which both pass and not-applicable are allowed.
    pass_or_none: u64,
}

/// Units whose findings are folded into one per rule, reason and project.
#[derive(Default)]
struct Folds {
    certain: Vec<Reasons>,
    possible: Vec<Reasons>,
    got: BTreeMap<String, u64>,
}

struct Comparison<'a> {
    settings: &'a Settings,
    /// How many failures each waiver is about.
    accepted: Vec<u64>,
    singles: BTreeMap<Unit, Finding>,
    folds: BTreeMap<(String, String), Folds>,
    tallies: BTreeMap<&'static str, Tally>,
    complaints: Vec<String>,
}

/// One line per disagreement; none means that the report is as expected.
pub fn compare(cases: &[Case], settings: &Settings, report: &Value) -> Vec<String> {
    let mut comparison = Comparison::of(report, settings, cases);
    for case in cases {
        comparison.judge(case);
    }
    comparison.check_folds();
    comparison.check_counts(report);
    comparison.check_waivers(report);
    let unexpected = comparison.singles.iter().map(|((rule, id, key, _), finding)| {
        format!("{rule} {id} {}: expected nothing, got {}", show(key), finding.show())
    });
    comparison.complaints.iter().cloned().chain(unexpected).collect()
}

/// One line per resource that the report puts into another tier, or does not know.
pub fn compare_tiers(resources: &[Resource], settings: &Settings, report: &Value) -> Vec<String> {
    let rows = report["resources"].as_array().unwrap();
    let row = |resource: &Resource| {
        rows.iter().find(|row| {
            row["id"] == *resource.id && row["project_id"] == *resource.project && row["type"] == *resource.kind
        })
    };
    let complaint = |resource: &Resource| {
        let expected = resource.tier.map(|nth| settings.policy.tiers[nth].name.as_str());
        let got = row(resource).map(|row| row["tier"].as_str());
        (got != Some(expected)).then(|| format!("{}: expected in tier {expected:?}, got {got:?}", resource.id))
    };
    let mut complaints: Vec<_> = resources.iter().filter_map(complaint).collect();
    let is_open = resources.iter().any(|resource| resource.tier_is_open);
    let causes = report["incomplete"].as_array().unwrap();
    let is_told = causes.iter().any(|cause| cause["cause"].as_str().unwrap().contains("goes by tags of vaults"));
    if is_open != is_told {
        complaints.push(format!("a tier may apply for tags that are not told: expected {is_open}, got {is_told}"));
    }
    complaints
}

impl<'a> Comparison<'a> {
    fn of(report: &Value, settings: &'a Settings, cases: &[Case]) -> Self {
        let mut tallies = BTreeMap::new();
        for case in cases {
            tallies.entry(case.rule).or_insert_with(Tally::default);
        }
        let mut this = Self {
            settings,
            accepted: vec![0; settings.policy.waivers.len()],
            singles: BTreeMap::new(),
            folds: BTreeMap::new(),
            tallies,
            complaints: Vec::new(),
        };
        for finding in report["findings"].as_array().unwrap() {
            let rule = text(&finding["rule"]);
            if this.tallies.contains_key(rule.as_str()) {
                this.take(rule, finding);
            }
        }
        this
    }

    fn take(&mut self, rule: String, finding: &Value) {
        let subject = &finding["subject"];
        let (id, reason) = (text(&subject["id"]), text(&finding["reason"]));
        if subject["kind"] == "project" {
            let fold = self.folds.entry((rule, id)).or_default();
            *fold.got.entry(reason).or_default() += finding["count"].as_u64().unwrap_or(0);
            return;
        }
        let project = &finding["resource"]["project_id"];
        let project = project.as_str().filter(|_| subject["kind"] == "resource").map(str::to_owned);
        let unit = (rule, id, subject["key"].as_str().map(str::to_owned), project);
        let waived_for = finding["waiver"]["reason"].as_str().map(str::to_owned);
        let found = Finding { verdict: text(&finding["verdict"]), reason, waived_for };
        let shown = format!("{} {} {}: found twice", unit.0, unit.1, show(&unit.2));
        if self.singles.insert(unit, found).is_some() {
            self.complaints.push(shown);
        }
    }

    fn judge(&mut self, case: &Case) {
        let unit = |project| (case.rule.to_owned(), case.id.clone(), case.key.clone(), project);
        let of_resource = self.singles.remove(&unit(Some(case.project.clone())));
        match of_resource.or_else(|| self.singles.remove(&unit(None))) {
            Some(finding) => self.judge_found(case, &finding),
            None => self.judge_silent(case),
        }
    }

    fn judge_found(&mut self, case: &Case, finding: &Finding) {
        let tally = self.tallies.get_mut(case.rule).unwrap();
        match finding.verdict.as_str() {
            "fail" => tally.fail += 1,
            "waived" => tally.waived += 1,
            _ => tally.unknown += 1,
        }
        if !case.options.iter().any(|option| finding.agrees_with(option)) {
            self.complain(case, &finding.show());
        }
        if finding.verdict != "unknown" {
            self.judge_failure(case, finding);
        }
    }

    /// A failure is waived if a waiver is about it and holds.
    fn judge_failure(&mut self, case: &Case, finding: &Finding) {
        let mut reasons = Vec::new();
        for (waiver, accepted) in self.settings.policy.waivers.iter().zip(&mut self.accepted) {
            if waiver.is_about(case.rule, &case.project, &case.names) {
                *accepted += 1;
                reasons.extend(waiver.holds(self.settings.now).then(|| waiver.reason.clone()));
            }
        }
        let is_right = match &finding.waived_for {
            Some(reason) => finding.verdict == "waived" && reasons.contains(reason),
            None => finding.verdict == "fail" && reasons.is_empty(),
        };
        if !is_right {
            self.complain(case, &format!("{}, where these waivers hold: {reasons:?}", finding.show()));
        }
    }

    fn check_waivers(&mut self, report: &Value) {
        for (nth, (waiver, accepted)) in self.settings.policy.waivers.iter().zip(&self.accepted).enumerate() {
            let got = &report["waivers"][nth];
            let state = match accepted {
                _ if !waiver.holds(self.settings.now) => "expired",
                0 => "unused",
                _ => "holds",
            };
            if self.tallies.contains_key(waiver.rule) && (got["findings"] != *accepted || got["state"] != state) {
                self.complaints
                    .push(format!("waiver {nth} of {}: expected {state} {accepted}, got {got}", waiver.rule));
            }
        }
    }

    fn judge_silent(&mut self, case: &Case) {
        let passes = case.options.contains(&Verdict::Pass);
        let is_exempt = case.options.contains(&Verdict::NotApplicable);
        let foldable: Reasons = case.options.iter().flat_map(foldable_reasons).collect();
        if !foldable.is_empty() {
            let fold = self.folds.entry((case.rule.to_owned(), case.project.clone())).or_default();
            let list = if passes || is_exempt { &mut fold.possible } else { &mut fold.certain };
            list.push(foldable);
        } else if !passes && !is_exempt {
            self.complain(case, "nothing");
        }
        let tally = self.tallies.get_mut(case.rule).unwrap();
        match (passes, is_exempt || (passes && !case.options.iter().all(|option| *option == Verdict::Pass))) {
            (true, false) => tally.pass += 1,
            (true, true) => tally.pass_or_none += 1,
            (false, _) => {}
        }
    }

    fn check_folds(&mut self) {
        for ((rule, project), fold) in &self.folds {
            let total: u64 = fold.got.values().sum();
            let (least, most) = (count(&fold.certain), count(&fold.certain) + count(&fold.possible));
            let mut complain = |what: &str, least, most, got| {
                if got < least || got > most {
                    let expected = format!("expected {least} to {most} not judged ({what})");
                    self.complaints.push(format!("{rule} project {project}: {expected}, got {got}"));
                }
            };
            complain("in all", least, most, total);
            for reason in FOLDED {
                let allows = |reasons: &&Reasons| reasons.contains(reason);
                let only = |reasons: &&Reasons| reasons.len() == 1 && reasons.contains(reason);
                let least = fold.certain.iter().filter(only).count() as u64;
                let most = fold.certain.iter().chain(&fold.possible).filter(allows).count() as u64;
                complain(reason, least, most, fold.got.get(reason).copied().unwrap_or(0));
            }
            self.tallies.get_mut(rule.as_str()).unwrap().unknown += total;
        }
    }

    fn check_counts(&mut self, report: &Value) {
        for (rule, tally) in &self.tallies {
            let rules = report["rules"].as_array().unwrap();
            let Some(got) = rules.iter().find(|entry| entry["id"] == *rule) else {
                self.complaints.push(format!("{rule}: not in the report"));
                continue;
            };
            let number = |field: &str| got[field].as_u64().unwrap();
            let (pass, fail, unknown) = (number("pass"), number("fail"), number("unknown"));
            let waived = number("waived");
            let most = tally.pass + tally.pass_or_none;
            if fail != tally.fail
                || waived != tally.waived
                || unknown != tally.unknown
                || pass < tally.pass
                || pass > most
            {
                let expected = format!(
                    "{}..{most} pass, {} fail, {} unknown, {} waived",
                    tally.pass, tally.fail, tally.unknown, tally.waived
                );
                self.complaints.push(format!("{rule}: expected {expected}; got {pass}, {fail}, {unknown}, {waived}"));
            }
            if number("evaluated") != pass + fail + unknown + waived {
                self.complaints.push(format!("{rule}: evaluated {} is not the sum", number("evaluated")));
            }
        }
    }

    fn complain(&mut self, case: &Case, got: &str) {
        let expected = &case.options;
        self.complaints.push(format!(
            "{} {} {}: expected {expected:?}, got {got}",
            case.rule,
            case.id,
            show(&case.key)
        ));
    }
}

impl Finding {
    fn agrees_with(&self, option: &Verdict) -> bool {
        match option {
            Verdict::Fail => ["fail", "waived"].contains(&self.verdict.as_str()),
            Verdict::Unknown(reasons) => {
                let reason = self.reason.as_str();
                self.verdict == "unknown" && reasons.contains(reason) && !FOLDED.contains(&reason)
            }
            Verdict::Pass | Verdict::NotApplicable => false,
        }
    }

    fn show(&self) -> String {
        format!("{} {}", self.verdict, self.reason)
    }
}

fn foldable_reasons(option: &Verdict) -> Reasons {
    match option {
        Verdict::Unknown(reasons) => reasons.iter().copied().filter(|reason| FOLDED.contains(reason)).collect(),
        _ => Reasons::new(),
    }
}

fn count(list: &[Reasons]) -> u64 {
    list.len() as u64
}

fn show(key: &Option<String>) -> &str {
    key.as_deref().unwrap_or("-")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
