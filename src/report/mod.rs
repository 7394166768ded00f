//! The bounded, worded view that pages render. Counts, orders and cuts are decided here; a format only writes down.

pub mod around;
mod bounded;
pub mod capture;
pub mod contradiction;
pub mod coverage;
mod exception;
pub mod expected;
pub mod framework;
pub mod ledger;
pub mod notes;
pub mod overview;
pub mod place;
pub mod question;
pub mod resource;
pub mod row;
pub mod section;
pub mod settings;
pub mod tier;
pub mod unjudged;
pub mod waiver;
pub mod wording;

use serde::Serialize;

use crate::run::{Incomplete, Run};

/// How much a page holds.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Findings per rule.
    pub per_rule: usize,
    /// Resources.
    pub resources: usize,
    /// Exceptions per control of a framework.
    pub per_control: usize,
    /// Entries of the ledger.
    pub files: usize,
}

/// Everything a page shows.
#[derive(Clone, Debug, Serialize)]
pub struct Page<'r> {
    /// What all pages of a run say alike.
    #[serde(flatten)]
    pub common: &'r Common,
    /// The input.
    pub ledger: ledger::Ledger,
    /// Findings by rule, the first ones of each.
    pub sections: Vec<section::Section<'r>>,
    /// The controls of the frameworks that were asked for.
    pub frameworks: Vec<framework::FrameworkView<'r>>,
    /// The resources with their newest good restore point.
    pub resources: resource::ResourceTable,
}

/// What all pages of a run say alike, however much they hold: it is found out once, by [`Run::common`].
#[derive(Clone, Debug, Serialize)]
pub struct Common {
    /// The tool's version.
    pub version: &'static str,
    /// The result in words.
    pub verdict: overview::Headline,
    /// Why the answer is incomplete.
    pub incomplete: Vec<Incomplete>,
    /// The as-of time.
    pub as_of: overview::AsOfView,
    /// What has to be known before anything else.
    pub banners: Vec<String>,
    /// What has to be known of older captures.
    pub captures: Vec<String>,
    /// The four questions.
    pub questions: Vec<question::Question>,
    /// How many of the resources that an inventory names have a good restore point.
    pub coverage: coverage::CoverageView,
    /// Findings by severity.
    pub severities: Vec<overview::SeverityCount>,
    /// The resources with the worst findings.
    pub worst: Vec<overview::Worst>,
    /// What could not be judged, by reason.
    pub unjudged: Vec<unjudged::Unjudged>,
    /// What would turn unknowns into verdicts.
    pub unlocks: Vec<overview::Unlock>,
    /// What the ledger says of all backups.
    #[serde(skip)]
    pub census: ledger::Census,
    /// What there is beside the backups.
    pub around: String,
    /// What was expected and what is there.
    pub expected: Option<expected::ExpectedView>,
    /// Every rule with its counts.
    pub rules: Vec<section::RuleRow>,
    /// With a choice of resources: their restore points.
    pub restore_points: Vec<resource::RestorePointTable>,
    /// What was asked for.
    pub settings: settings::SettingsView,
    /// What is wrong with waivers, tiers and demands, in words.
    pub configuration_problems: Vec<String>,
    /// The waivers and what they came to.
    pub waivers: Vec<waiver::WaiverRow>,
    /// Caveats and assumptions.
    pub notes: Vec<String>,
    /// What backup records can never prove.
    pub cannot_prove: &'static [&'static str],
}

impl<'r> Page<'r> {
    /// Assembles the page of a run.
    #[must_use]
    pub fn new(run: &'r Run<'_>, limits: Limits) -> Self {
        Self {
            common: run.common(),
            ledger: ledger::ledger(run, limits.files),
            sections: section::sections(run, limits.per_rule),
            frameworks: framework::frameworks(run, limits.per_control),
            resources: resource::table(run, limits.resources),
        }
    }
}

impl Common {
    /// Finds out what all pages of a run say alike. It must not wait for work of other threads: a thread that waits may be
    /// given another page to write, which would wait for this.
    #[must_use]
    pub fn new(run: &Run<'_>) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            verdict: overview::headline(run),
            incomplete: run.incomplete(),
            as_of: overview::as_of(run),
            banners: notes::banners(run),
            captures: capture::sentences(run),
            questions: question::questions(run),
            coverage: coverage::coverage(run),
            severities: overview::severities(run),
            worst: overview::worst(run),
            unjudged: unjudged::table(run),
            unlocks: overview::unlocks(run),
            census: ledger::Census::new(&run.inventory),
            around: around::in_words(&around::table(run)),
            expected: expected::view(run),
            rules: section::rules(run),
            restore_points: resource::restore_points(run),
            settings: settings::view(run),
            configuration_problems: configuration_problems(run),
            waivers: waiver::table(run),
            notes: notes::notes(run),
            cannot_prove: notes::CANNOT_PROVE,
        }
    }
}

/// What is wrong with the waivers, the tiers and the demands, in words.
#[must_use]
fn configuration_problems(run: &Run<'_>) -> Vec<String> {
    let tiers = tier::problems(run).into_iter().chain(contradiction::problems(run));
    waiver::problems(run).into_iter().chain(tiers).collect()
}
