//! Arguments to settings: what the user means by them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};

use super::value::{parse_as_of, parse_duration, refuse_twins, wall_clock};
use super::{ExplainArgs, FailOn, InventoryArgs, JudgingArgs, LimitArgs, ReportArgs, Talk};
use crate::clock::AsOf;
use crate::config::Config;
use crate::expect;
use crate::explain::Topic;
use crate::finding::Severity;
use crate::format::Output;
use crate::limits::{LIMITS, Limits};
use crate::settings::{Decisions, Exclude, Params, RuleChoice, Settings, require_frameworks};

impl ReportArgs {
    /// The settings that the arguments mean.
    ///
    /// # Errors
    /// An argument that cannot be meant.
    pub fn settings(&self) -> Result<Settings> {
        let outputs = self.outputs.iter().map(|output| Output::parse(output)).collect::<Result<Vec<_>>>()?;
        refuse_twins(&outputs)?;
        let judged = self.judging.settings(&self.paths, self.only.clone(), self.skip.clone())?;
        Ok(Settings {
            outputs,
            fail_on: self.fail_on.map_or_else(|| judged.fail_on, FailOn::severity),
            max_age: self.max_age.as_deref().map(parse_duration).transpose()?.map(|limit| (limit, wall_clock())),
            resources: self.resource.clone(),
            frameworks: require_frameworks(&self.framework)?,
            sha256: self.sha256,
            ..judged
        })
    }

    /// How many threads were asked for.
    #[must_use]
    pub fn threads(&self) -> Option<u16> {
        self.judging.threads
    }

    /// How talkative the run is.
    #[must_use]
    pub fn talk(&self) -> Talk {
        match (self.quiet, self.verbose) {
            (true, _) => Talk::Quiet,
            (_, true) => Talk::Verbose,
            _ => Talk::Summary,
        }
    }
}

impl InventoryArgs {
    /// The limits that the arguments and the configuration mean, and where that configuration is.
    ///
    /// # Errors
    /// A value that is none, or whatever in the configuration is not understood.
    pub fn limits(&self) -> Result<(Limits, Option<PathBuf>)> {
        let config = found(self.config.as_deref(), self.no_config)?;
        let came_along =
            config.path.as_deref().is_some_and(|file| came_along(file, self.config.as_deref(), &self.paths));
        Ok((self.limits.over(allowed(config.limits, came_along))?, config.path))
    }
}

/// The configuration that is meant.
fn found(given: Option<&Path>, none: bool) -> Result<Config> {
    if none { Ok(Config::default()) } else { Config::find(given) }
}

/// Whether a configuration may have come with the dump at some paths: it stands in it, and is not the one that is given.
fn came_along(file: &Path, given: Option<&Path>, paths: &[PathBuf]) -> bool {
    given.is_none() && stands_in(file, paths)
}

/// The limits of a configuration. What came along with a dump does not decide how much of that is read.
fn allowed(limits: Limits, came_along: bool) -> Limits {
    if came_along { limits.at_most_default() } else { limits }
}

/// Whether a file stands below one of some paths, or is one of them.
fn stands_in(file: &Path, paths: &[PathBuf]) -> bool {
    let Ok(place) = file.canonicalize() else { return false };
    paths.iter().any(|path| path.canonicalize().is_ok_and(|above| place.starts_with(above)))
}

impl JudgingArgs {
    /// The settings that the arguments mean, for these paths and rules.
    fn settings(&self, paths: &[PathBuf], only: Vec<String>, skip: Vec<String>) -> Result<Settings> {
        let mut config = found(self.config.as_deref(), self.no_config)?;
        if let Some(file) = &self.expect {
            (config.expect, config.expect_place) = (Some(file.clone()), None);
        }
        let mut configured = configured(config)?;
        if !self.allowed_region.is_empty() {
            configured.decisions.accepted.regions.clone_from(&self.allowed_region);
            configured.decisions.accepted.regions_are_typed = true;
        }
        let found = configured.decisions.path.as_deref();
        let came_along = found.is_some_and(|file| came_along(file, self.config.as_deref(), paths));
        configured.decisions.came_along = came_along;
        Ok(Settings {
            paths: paths.to_vec(),
            as_of: self.as_of.as_deref().map_or(Ok(AsOf::FromDump), parse_as_of)?,
            region: self.region.clone().or(configured.region),
            replication_shown: self.replication_shown || configured.replication_shown,
            rules: RuleChoice::new(only, skip, configured.rules.off)?,
            params: Params::new(&self.set)?.after(configured.params),
            exclude: Exclude::new(self.exclude.clone())?,
            limits: self.limits.over(allowed(configured.limits, came_along))?,
            ..configured
        })
    }
}

impl LimitArgs {
    /// The limits that the arguments mean, where others are in force without them.
    ///
    /// # Errors
    /// A value that is none.
    pub fn over(&self, mut limits: Limits) -> Result<Limits> {
        for limit in LIMITS {
            if let Some(text) = self.given(limit.key) {
                limit.set(&mut limits, &text).map_err(|wanted| anyhow!("--{} {text}: {wanted}", limit.key))?;
            }
        }
        Ok(limits)
    }

    /// What was typed for a limit.
    fn given(&self, key: &str) -> Option<String> {
        let number = |given: Option<u64>| given.map(|number| number.to_string());
        match key {
            "max-file-size" => self.max_file_size.clone(),
            "max-unpacked" => self.max_unpacked.clone(),
            "max-ratio" => number(self.max_ratio),
            "max-members" => number(self.max_members),
            "max-nesting" => number(self.max_nesting),
            "max-records" => number(self.max_records),
            "max-string" => self.max_string.clone(),
            _ => number(self.max_depth),
        }
    }
}

impl ExplainArgs {
    /// What is to be explained.
    ///
    /// # Errors
    /// An id that nothing has.
    pub fn topic(&self) -> Result<Topic> {
        Topic::find(&self.topic)
    }

    /// The settings that the arguments mean: the rules of the topic alone run.
    ///
    /// # Errors
    /// An argument that cannot be meant, or a subject without the dump that it is in.
    pub fn settings(&self, topic: Topic) -> Result<Settings> {
        let (id, subject) = (&self.topic, self.subject.as_deref().unwrap_or_default());
        match self.paths.is_empty() {
            true if Path::new(subject).exists() => {
                bail!("name the subject before the dump: cbr-audit explain {id} SUBJECT {subject}")
            }
            true => bail!("name the dump that {subject} is in: cbr-audit explain {id} {subject} PATH"),
            false => {}
        }
        let rules: Vec<_> = topic.rules().iter().map(|rule| rule.id.to_owned()).collect();
        if rules.is_empty() {
            bail!("no rule speaks to {id}, so there is no verdict on {subject} to explain");
        }
        self.judging.settings(&self.paths, rules, Vec::new())
    }
}

/// What is in force with a configuration alone.
///
/// # Errors
/// Whatever in it is not understood, or cannot be meant together.
pub fn configured(config: Config) -> Result<Settings> {
    let settings = Settings::at(AsOf::FromDump);
    let tiers: Vec<_> = config.tiers.iter().map(|tier| tier.name.as_str()).collect();
    let expectation = config.expect.as_ref().map(|file| expect::read(file, config.expect_place.is_none(), &tiers));
    let expectation = expectation.transpose();
    let expectation = expectation.map_err(|error| match &config.expect_place {
        Some(place) if error.is::<expect::Unreadable>() => anyhow!("{place}: {error}"),
        _ => error,
    })?;
    Ok(Settings {
        region: config.region,
        replication_shown: config.replication_shown,
        fail_on: config.fail_on.unwrap_or(Some(Severity::High)),
        rules: RuleChoice::new(Vec::new(), Vec::new(), config.off)?,
        params: Params::of(config.params),
        decisions: Decisions {
            file: config.file,
            path: config.path,
            came_along: false,
            severities: config.severities,
            waivers: config.waivers,
            waiver_limit: config.waiver_limit.unwrap_or(settings.decisions.waiver_limit),
            tiers: config.tiers,
            accepted: config.accepted,
        },
        limits: config.limits,
        expectation: expectation.map(Arc::new),
        ..settings
    })
}

impl FailOn {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::None => None,
            Self::Info => Some(Severity::Info),
            Self::Low => Some(Severity::Low),
            Self::Medium => Some(Severity::Medium),
            Self::High => Some(Severity::High),
            Self::Critical => Some(Severity::Critical),
        }
    }
}
