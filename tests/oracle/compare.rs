//! Compares the expected cases with the program's JSON report, unit by unit and count by count.

use crate::verdict::{Case, FOLDED, Reasons, Verdict};
use serde_json::Value;
use std::collections::BTreeMap;

type Unit = (String, String, Option<String>);

struct Finding {
    verdict: String,
    reason: String,
}

#[derive(Default)]
struct Tally {
    fail: u64,
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

struct Comparison {
    singles: BTreeMap<Unit, Finding>,
    folds: BTreeMap<(String, String), Folds>,
    tallies: BTreeMap<&'static str, Tally>,
    complaints: Vec<String>,
}

/// One line per disagreement; none means that the report is as expected.
pub fn compare(cases: &[Case], report: &Value) -> Vec<String> {
    let mut comparison = Comparison::of(report, cases);
    for case in cases {
        comparison.judge(case);
    }
    comparison.check_folds();
    comparison.check_counts(report);
    let unexpected = comparison.singles.iter().map(|((rule, id, key), finding)| {
        format!("{rule} {id} {}: expected nothing, got {}", show(key), finding.show())
    });
    comparison.complaints.iter().cloned().chain(unexpected).collect()
}

impl Comparison {
    fn of(report: &Value, cases: &[Case]) -> Self {
        let mut tallies = BTreeMap::new();
        for case in cases {
            tallies.entry(case.rule).or_insert_with(Tally::default);
        }
        let mut this = Self { singles: BTreeMap::new(), folds: BTreeMap::new(), tallies, complaints: Vec::new() };
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
        let unit = (rule, id, subject["key"].as_str().map(str::to_owned));
        let found = Finding { verdict: text(&finding["verdict"]), reason };
        let shown = format!("{} {} {}: found twice", unit.0, unit.1, show(&unit.2));
        if self.singles.insert(unit, found).is_some() {
            self.complaints.push(shown);
        }
    }

    fn judge(&mut self, case: &Case) {
        let unit = (case.rule.to_owned(), case.id.clone(), case.key.clone());
        match self.singles.remove(&unit) {
            Some(finding) => self.judge_found(case, &finding),
            None => self.judge_silent(case),
        }
    }

    fn judge_found(&mut self, case: &Case, finding: &Finding) {
        let tally = self.tallies.get_mut(case.rule).unwrap();
        match finding.verdict.as_str() {
            "fail" => tally.fail += 1,
            _ => tally.unknown += 1,
        }
        if !case.options.iter().any(|option| finding.agrees_with(option)) {
            self.complain(case, &finding.show());
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
            let most = tally.pass + tally.pass_or_none;
            if fail != tally.fail || unknown != tally.unknown || pass < tally.pass || pass > most {
                let expected = format!("{}..{most} pass, {} fail, {} unknown", tally.pass, tally.fail, tally.unknown);
                self.complaints.push(format!("{rule}: expected {expected}; got {pass}, {fail}, {unknown}"));
            }
            if number("evaluated") != pass + fail + unknown {
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
            Verdict::Fail => self.verdict == "fail",
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
