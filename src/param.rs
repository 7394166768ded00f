//! Parameters of rules: key, unit, default, one sentence.

/// What the number of a parameter means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamUnit {
    /// Hours; fractions allowed.
    Hours,
    /// Days of 24 hours; fractions allowed.
    Days,
    /// Minutes; fractions allowed.
    Minutes,
    /// A whole number.
    Count,
    /// A factor; fractions allowed.
    Factor,
    /// `true` or `false`.
    Switch,
    /// One of these words.
    Choice(&'static [&'static str]),
}

impl ParamUnit {
    /// How many seconds one of the unit lasts; nought for units that are no time.
    #[must_use]
    pub fn seconds(self) -> f64 {
        match self {
            Self::Hours => 3600.0,
            Self::Days => 86400.0,
            Self::Minutes => 60.0,
            _ => 0.0,
        }
    }

    /// The number that a text means in this unit.
    ///
    /// # Errors
    /// What would have been accepted.
    pub fn parse(self, text: &str) -> Result<f64, String> {
        let number =
            || text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0 && *number <= 1e9);
        match self {
            Self::Hours | Self::Days | Self::Minutes | Self::Factor => {
                number().ok_or_else(|| "a number that is not negative".to_owned())
            }
            Self::Count => number().filter(|number| number.fract() == 0.0).ok_or_else(|| "a whole number".to_owned()),
            Self::Switch => match text {
                "true" => Ok(1.0),
                "false" => Ok(0.0),
                _ => Err("true or false".to_owned()),
            },
            Self::Choice(words) => match (0_u32..).zip(words).find(|(_, word)| **word == text) {
                Some((index, _)) => Ok(f64::from(index)),
                None => Err(format!("one of {}", words.join(", "))),
            },
        }
    }

    /// The text that means a number in this unit.
    #[must_use]
    pub fn text(self, value: f64) -> String {
        match self {
            Self::Switch => (value > 0.5).to_string(),
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index below four")]
            Self::Choice(words) => words.get(value as usize).copied().unwrap_or_default().to_owned(),
            _ => value.to_string(),
        }
    }
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name, as `--set` takes it. Rules that share a name share the value.
    pub key: &'static str,
    /// What its number means.
    pub unit: ParamUnit,
    /// The value where nothing is set.
    pub default: f64,
    /// What it is for.
    pub about: &'static str,
}

impl Param {
    /// A parameter.
    #[must_use]
    pub const fn new(key: &'static str, unit: ParamUnit, default: f64, about: &'static str) -> Self {
        Self { key, unit, default, about }
    }
}

/// The recovery point objective.
pub const RPO_HOURS: Param = Param::new(
    "rpo-hours",
    ParamUnit::Hours,
    24.0,
    "Recovery point objective: how old the newest good restore point may be.",
);

/// The tolerance on top of the RPO.
pub const RPO_TOLERANCE_HOURS: Param = Param::new(
    "rpo-tolerance-hours",
    ParamUnit::Hours,
    2.0,
    "How much later than the RPO is still accepted, since schedules drift and a slow run skips a slot.",
);

/// Whether backups have to be encrypted.
pub const REQUIRE_ENCRYPTION: Param =
    Param::new("require-encryption", ParamUnit::Switch, 1.0, "Whether backups have to be encrypted; tiers may differ.");

/// Whether resources need a copy elsewhere.
pub const REQUIRE_OFFSITE: Param = Param::new(
    "require-offsite",
    ParamUnit::Switch,
    1.0,
    "Whether resources need a copy in another region; tiers may differ.",
);

/// How far ahead expiry is watched.
pub const WARN_DAYS: Param =
    Param::new("warn-days", ParamUnit::Days, 7.0, "How many days ahead the expiry of restore points is watched.");

/// How many restore points a resource should have.
pub const MIN_POINTS: Param = Param::new(
    "min-points",
    ParamUnit::Count,
    2.0,
    "How many good restore points of different moments a resource should have.",
);

/// How long backups must live.
pub const RETENTION_MIN_DAYS: Param =
    Param::new("retention-min-days", ParamUnit::Days, 30.0, "How many days a backup must live at least.");
